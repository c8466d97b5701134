"""Throughput to the close, day by day: the plan's line, what has happened, and the band of its futures around them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tocfin.kernels.slots import ADHERED, DUE
from tocfin.kpi import KPIS, Policy, evaluate
from tocfin.measure import plant_terms
from tocfin.model.arrange import frozen
from tocfin.model.columns import Floats
from tocfin.model.progress import expected
from tocfin.scenarios.world import World

DAY = 86_400
#: Quantiles of the band, from its lower edge to its upper.
SHARES = (0.05, 0.25, 0.5, 0.75, 0.95)
#: A horizon is cut into at most so many steps.
MOST = 120


@dataclass(frozen=True)
class Fan:
    """Cumulative throughput at the end of each step: ``at`` (steps) [s], ``plan`` and ``actual`` (steps), ``band``
    (steps, SHARES).

    NaN where a cell that it needs was not supplied; ``actual`` is NaN after the instant until which it is known.
    """

    at: NDArray[np.int64]
    plan: Floats
    actual: Floats
    band: Floats


def stepped(world: World) -> World:
    """The world with its horizon cut into steps too: days from the clock on, longer where there are more than MOST.

    The edges of its own periods stay, and the instant until which the state of its work is known becomes one.
    """
    horizon = world.model.horizon
    step = DAY * max(1, -(-(horizon.end - horizon.clock) // (DAY * MOST)))
    known = [] if world.standing is None else [world.standing.as_of]
    inner = [at for at in known if horizon.clock < at < horizon.end]
    return cut(
        world, np.unique([*horizon.edges.tolist(), *range(horizon.clock, horizon.end, step), *inner, horizon.end])
    )


def cut(world: World, edges: NDArray[Any]) -> World:
    """The world with its horizon cut into periods at other ``edges``; where there are none, all is one."""
    model = world.model._replace(horizon=world.model.horizon._replace(edges=frozen(edges.astype(np.int64))))
    if world.standing is None:
        return replace(world, model=model)
    return replace(world, model=model, adherence=plant_terms(model, 1).T[[DUE, ADHERED]])


def fan(world: World, terms: Floats, rules: Policy) -> Fan:
    """The fan of a `stepped` world from the ``terms`` (terms, plants, periods + 1, replications) of its futures."""
    horizon = world.model.horizon
    inside = np.flatnonzero((horizon.edges[:-1] >= horizon.clock) & (horizon.edges[1:] <= horizon.end))
    at = horizon.edges[inside + 1]
    made = _grown(terms[:, :, inside].sum(axis=1), rules)
    actual = np.full(at.size, np.nan)
    if world.standing is not None:
        grown = _grown(happened(world)[:, :, inside].sum(axis=1)[..., None], rules)[:, 0]
        actual = np.where(at <= world.standing.as_of, grown, np.nan)
    planned = plant_terms(world.model).T[:, :, inside].sum(axis=1)[..., None]
    return Fan(at, _grown(planned, rules)[:, 0], actual, np.quantile(made, SHARES, axis=1).T)


def happened(world: World) -> Floats:
    """Terms (terms, plants, periods + 1) of a world whose state is known: what was reported, the rest as expected."""
    assert world.standing is not None  # noqa: S101  # callers look first
    now = expected(world.model, world.network, world.standing)
    return plant_terms(world.model._replace(schedule=now)).T


def known(world: World, rules: Policy, names: tuple[str, ...]) -> dict[str, float]:
    """KPIs of what had happened by the instant until which the state of a `stepped` world is known; NaN for none."""
    if world.standing is None:
        return {}
    horizon = world.model.horizon
    past = (horizon.edges[:-1] >= horizon.clock) & (horizon.edges[1:] <= world.standing.as_of)
    terms = happened(world)[:, :, :-1][:, :, past].sum(axis=(1, 2))
    return {name: float(evaluate(KPIS[name], terms, rules).value) for name in names}


def _grown(by_step: Floats, rules: Policy) -> Floats:
    """Cumulative throughput (steps, replications) of terms (terms, steps, replications)."""
    grown: Floats = np.cumsum(evaluate(KPIS["throughput"], np.moveaxis(by_step, 0, -1), rules).value, axis=0)
    return grown
