"""Whose figures are forecast: everything, each plant, and what targets are about; in as few groups as they need."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import polars as pl

from tocfin.model.arrange import frozen
from tocfin.model.build import Model
from tocfin.model.columns import Grouping
from tocfin.model.groups import Scope, within
from tocfin.targets import SCOPES

WHOLE = Scope()


class Cut(NamedTuple):
    """A grouping in which every scope is a union of groups, and the groups of each."""

    grouping: Grouping
    groups: Mapping[Scope, tuple[int, ...]]


def scopes_of(targets: pl.DataFrame, plants: Sequence[str]) -> list[Scope]:
    """Everything, each plant where there are several, then what else the targets are about."""
    named = targets.select(SCOPES).unique(maintain_order=True).rows() if targets.height else []
    several = [Scope(plant=plant) for plant in plants] if len(plants) > 1 else []
    return list(dict.fromkeys([WHOLE, *several, *(Scope(*row) for row in named)]))


def cuts(model: Model, resources: pl.DataFrame, scopes: Sequence[Scope]) -> list[Cut]:
    """Groupings for ``scopes``: one, and another for products, because their drum hours are those of jobs."""
    ours = [scope for scope in scopes if scope.product is None]
    products = [scope for scope in scopes if scope.product is not None]
    return [_cut(model, resources, some) for some in (ours, products) if some]


def _cut(model: Model, resources: pl.DataFrame, scopes: Sequence[Scope]) -> Cut:
    """Rows that are inside the same scopes are one group."""
    found = [within(model, scope, resources) for scope in scopes]
    columns = ("job_group", "resource_group", "plant_group", "stock_group")
    inside = [np.stack([getattr(one, name) == 0 for one in found], axis=1) for name in columns]
    kinds, code = np.unique(np.concatenate(inside), axis=0, return_inverse=True)
    nothing = ~kinds.any(axis=1)
    # what is in no scope is thrown away: it takes the last number, and the others keep their order
    number = np.where(nothing, np.count_nonzero(~nothing), np.cumsum(~nothing) - 1).astype(np.int32)
    parts = np.split(number[code.ravel()], np.cumsum([len(one) for one in inside])[:-1])
    kinds = kinds[~nothing]
    job, resource, plant, stock = (frozen(part) for part in parts)
    grouping = Grouping(job, resource, plant, stock, len(kinds) + 1, found[0].drum_hours_by_job)
    groups = {scope: tuple(np.flatnonzero(kinds[:, at]).tolist()) for at, scope in enumerate(scopes)}
    return Cut(grouping, groups)


def shown(scope: Scope) -> str:
    """``all``, or ``plant ESS, product AP-45``."""
    return ", ".join(f"{name} {key}" for name, key in zip(SCOPES, scope, strict=True) if key is not None) or "all"
