"""Whose share of a change it is: terms of both sides by plant, product, resource or owner, with the same keys."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from tocfin.forecast.sides import Side
from tocfin.measure import sums
from tocfin.model.build import Model
from tocfin.model.groups import GROUPS, Rows, grouping, selected

NOBODY = "(none)"
Terms = NDArray[np.float64]
Shares = tuple[list[str], Terms, Terms]


def groups_of(
    view: str, kpi: str, sides: Sequence[Side], models: Sequence[Model], plants: Sequence[str], threads: int | None
) -> Shares:
    """Keys, and terms (keys, terms) of both sides; what belongs to no key is the last row."""
    by = "plant" if view == "owner" else view
    found = [_by(by, model, selected(model, plants), threads) for model in models]
    if view == "owner":
        found = [_by_owner(part, owners(side, kpi)) for part, side in zip(found, sides, strict=True)]
    keys = [*sorted({key for part in found for key in part} - {NOBODY}), NOBODY]
    zero = np.zeros_like(next(iter(found[0].values())))
    before, after = (np.stack([part.get(key, zero) for key in keys]) for part in found)
    return keys, before, after


def _by(by: str, model: Model, shown: Rows, threads: int | None) -> dict[str, Terms]:
    horizon = model.horizon._replace(edges=model.horizon.edges[:0])
    terms = sums(model, grouping(model, by, shown), horizon, threads)[0]
    keys = [*GROUPS[by](model), NOBODY]
    if by == "plant":
        return {keys[int(p)]: terms[int(p)] for p in shown}
    return dict(zip(keys, terms, strict=True))


def owners(side: Side, kpi: str) -> dict[str | None, str]:
    """Who answers for each plant: the owner of its target for the KPI, else of one for all plants, else of any."""
    targets = side.dataset.tables["targets"].drop_nulls("owner").select("kpi", "plant", "owner").rows()
    found: dict[str | None, str] = {}
    for about in (False, True):
        for name, plant, owner in targets:
            if (name == kpi) == about:
                found[plant] = owner
    return found


def _by_owner(by_plant: dict[str, Terms], of: dict[str | None, str]) -> dict[str, Terms]:
    found: dict[str, Terms] = {}
    for plant, terms in by_plant.items():
        owner = of.get(plant) or of.get(None) or NOBODY
        found[owner] = found.get(owner, np.zeros_like(terms)) + terms
    return found
