"""Where there is room: time that each resource can be worked in, and what of it fixed work has taken already."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tocfin.dataset.calendars import CLEANOUT, POTENTIAL
from tocfin.model.build import Model
from tocfin.model.columns import IS_ACTIVE, Ints
from tocfin.model.edges import HOUR


def segments(model: Model) -> dict[str, Any]:
    """Columns ``segment_*`` and ``day_expense`` of `tocfin.kernels.search_loads.Loads`."""
    world = model.enterprise
    first, start, end, kind, owner = [0], [], [], [], []
    for r in range(world.resource_timeline.size):
        t = world.resource_timeline[r] if world.resource_role[r] & IS_ACTIVE else 0
        some = np.arange(world.timeline_first[t], world.timeline_first[t + 1])
        some = some[world.segment_kind[some] != CLEANOUT]
        start.append(world.segment_start[some])
        end.append(world.segment_end[some])
        kind.append(world.segment_kind[some])
        owner.append(np.full(some.size, r))
        first.append(first[-1] + some.size)
    starts, kinds, owners = np.concatenate(start), np.concatenate(kind), np.concatenate(owner)
    potential = kinds == POTENTIAL
    overtime = world.resource_units * np.nan_to_num(world.resource_overtime_cost)
    rate = np.where(potential, overtime[owners] / HOUR, 0.0)
    day, expense = _days(model, starts, owners, potential)
    return {
        "segment_first": np.array(first, np.int32),
        "segment_start": starts,
        "segment_end": np.concatenate(end),
        "segment_rate": rate,
        "segment_potential": potential.astype(np.uint8),
        "segment_day": day,
        "day_expense": expense,
    }


def _days(
    model: Model, start: NDArray[np.int64], owner: NDArray[np.int64], potential: NDArray[np.bool_]
) -> tuple[Ints, NDArray[np.float64]]:
    """The operating day that each potential segment alone would open, and what such days cost.

    A day is looked for by the segment's start; a search may be a little wrong, the price of its result is not.
    """
    world = model.enterprise
    day = np.full(start.size, -1, np.int64)
    plant = world.resource_plant[owner]
    for p in range(world.plant_expense.size):
        bounds = world.day_start[world.plant_first_day[p] : world.plant_first_day[p + 1]]
        inside = (plant == p) & (start >= bounds[0]) & (start < bounds[-1]) if bounds.size > 1 else plant < 0
        day[inside] = world.plant_first_day[p] + np.searchsorted(bounds, start[inside], side="right") - 1
    open_anyway = np.unique(day[~potential])
    day[~potential | np.isin(day, open_anyway)] = -1
    names, number = np.unique(day, return_inverse=True)
    owner_of = np.searchsorted(world.plant_first_day, names, side="right") - 1
    expense = np.nan_to_num(world.plant_expense)[np.clip(owner_of, 0, world.plant_expense.size - 1)]
    keep = int(names.size > 0 and names[0] == -1)
    return (number - keep).astype(np.int32), expense[keep:]


def rooms(
    model: Model, frames: Mapping[str, pl.DataFrame], member_row: Ints, first: Ints, fixed: NDArray[np.bool_]
) -> tuple[Ints, NDArray[np.int64], tuple[Ints, NDArray[np.int64], NDArray[np.int64]]]:
    """Units of each resource, when fixed work leaves them, and the fixed work on resources of one unit.

    A resource that is not finite has no units and never delays. Of several units each takes fixed work in turn, the
    one that is free the longest first, and is free for good only behind it.
    """
    resources = frames["resources"]
    finite = resources["finite"].fill_null(True).to_numpy()
    count = np.where(finite, resources["units"].fill_null(1).to_numpy(), 0)
    unit_first = np.concatenate([[0], np.cumsum(count)]).astype(np.int32)
    free = np.full(int(unit_first[-1]), np.iinfo(np.int64).min // 4, np.int64)
    rows = member_row[np.repeat(fixed, np.diff(first))]
    resource, start, end = (column[rows] for column in _times(model))
    order = np.lexsort((end, start, resource))
    resource, start, end = resource[order], start[order], end[order]
    single = (count[resource] == 1) & (end > model.horizon.clock)
    blocks = resource[single], start[single], end[single]
    for r, until in zip(resource.tolist(), end.tolist(), strict=True):
        if count[r] > 1:
            unit = unit_first[r] + int(np.argmin(free[unit_first[r] : unit_first[r + 1]]))
            free[unit] = max(free[unit], until)
    block_first = np.searchsorted(blocks[0], np.arange(count.size + 1)).astype(np.int32)
    return unit_first, free, (block_first, blocks[1].copy(), blocks[2].copy())


def _times(model: Model) -> tuple[Ints, NDArray[np.int64], NDArray[np.int64]]:
    return model.schedule.activity_resource, model.schedule.activity_start, model.schedule.activity_end
