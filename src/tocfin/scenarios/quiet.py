"""A world with some of its luck taken away, everything else drawn as before: what a swing is measured with.

A draw is named by its element, so that what is left of the luck is the same in every replication.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tocfin.scenarios.luck import Drawn, Luck
from tocfin.scenarios.uncertainty import QUANTITIES
from tocfin.scenarios.world import World

#: Hours between failures of what never fails; a sum of many stays finite.
NEVER_FAILS = 1e300
#: Quantities whose noise is the column of the luck with their name.
_COLUMNS = tuple(name for name in QUANTITIES if name not in ("breakdowns", "demand"))
_DRAWN = (*_COLUMNS, "repair")


def uncertain(world: World) -> list[str]:
    """Quantities of which something is drawn in a world."""
    luck = world.luck
    found = [name for name in _COLUMNS if getattr(luck, name).target.size]
    found += ["breakdowns"] * bool(luck.repair.target.size and (luck.failing.between < NEVER_FAILS).any())
    found += ["demand"] * bool(luck.demand.job.size)
    return [name for name in QUANTITIES if name in found]


def without_quantity(world: World, name: str) -> World:
    """One quantity as planned: no noise of its own nor of the factors."""
    luck = world.luck
    if name == "breakdowns":
        return _with(world, _never_failing(luck, np.ones(luck.repair.target.size, np.bool_)))
    if name == "demand":
        none = np.zeros(luck.demand.job.size)
        return _with(world, luck._replace(demand=luck.demand._replace(cancelled=none, present=none + 1.0)))
    column = getattr(luck, name)
    nothing: dict[str, Any] = {name: kept(column, np.zeros(column.target.size, np.bool_))}
    return _with(world, luck._replace(**nothing))


def without_resource(world: World, resource: int) -> World:
    """Work on one resource takes what was planned: no noise of durations, no failures, no absence there.

    Scrap, material and releases belong to operations and jobs, and stay.
    """
    luck = world.luck
    at = world.model.schedule.activity_resource
    luck = _never_failing(luck, luck.repair.target == resource)
    return _with(
        world,
        luck._replace(
            duration=kept(luck.duration, at[luck.duration.target] != resource),
            absence=kept(luck.absence, at[luck.piece_row[luck.absence.target]] != resource),
        ),
    )


def without_factor(world: World, factor: int) -> World:
    """One declared factor at its middle (z = 0) in every span and replication; own noise stays as it was."""
    luck = world.luck
    off = luck.factor_declared == factor
    changed: dict[str, Any] = {}
    for name in _DRAWN:
        drawn = getattr(luck, name)
        changed[name] = drawn._replace(loading=np.where(off[drawn.factor], 0.0, drawn.loading))
    return _with(world, luck._replace(**changed))


def noisy_resources(world: World) -> list[int]:
    """Resources whose work is uncertain."""
    luck, at = world.luck, world.model.schedule.activity_resource
    failing = luck.repair.target[luck.failing.between < NEVER_FAILS]
    rows = (at[luck.duration.target], at[luck.piece_row[luck.absence.target]], failing)
    return [int(r) for r in np.unique(np.concatenate(rows))]


def factor_weights(world: World, factor: int) -> NDArray[np.float64]:
    """How much each row of the factors' draws weighs in a declared factor: the loadings that refer to it."""
    luck = world.luck
    weights = np.zeros(luck.factor_uid.size)
    for name in _DRAWN:
        drawn = getattr(luck, name)
        np.add.at(weights, drawn.factor, drawn.loading)
    return np.where(luck.factor_declared == factor, weights, 0.0)


def kept(drawn: Drawn, keep: NDArray[np.bool_]) -> Drawn:
    """The elements of ``drawn`` to ``keep``, with their loadings."""
    count = np.diff(drawn.first)
    loadings = np.repeat(keep, count)
    first = np.concatenate([[0], np.cumsum(count[keep])]).astype(np.int64)
    return Drawn(
        drawn.target[keep], drawn.distribution[keep], drawn.own[keep], drawn.uid[keep], first,
        drawn.factor[loadings], drawn.loading[loadings],
    )  # fmt: skip


def _never_failing(luck: Luck, which: NDArray[np.bool_]) -> Luck:
    return luck._replace(failing=luck.failing._replace(between=np.where(which, NEVER_FAILS, luck.failing.between)))


def _with(world: World, luck: Luck) -> World:
    return replace(world, luck=luck, queues=False)
