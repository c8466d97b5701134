"""Where there is room: time that each resource can be worked in, and what of it fixed work has taken already."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tocfin.dataset.calendars import CLEANOUT, ONLINE, POTENTIAL
from tocfin.model.build import Model
from tocfin.model.columns import IS_ACTIVE, IS_SUBCONTRACTOR, Ints
from tocfin.model.edges import HOUR


def segments(model: Model) -> dict[str, Any]:
    """Columns ``segment_*``, ``resource_pays`` and ``day_expense`` of `tocfin.kernels.search_loads.Loads`."""
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
    standard, overtime = (np.nan_to_num(c) / HOUR for c in (world.resource_standard_cost, world.resource_overtime_cost))
    outside = (world.resource_role & IS_SUBCONTRACTOR) > 0
    own_staff = potential & ~outside[owners]
    rate = np.where(own_staff, (world.resource_units * overtime)[owners], 0.0)
    pay = np.where(outside[owners], np.where(kinds == ONLINE, standard[owners], overtime[owners]), 0.0)
    day, expense = _days(model, starts, owners, potential)
    return {
        "segment_first": np.array(first, np.int32),
        "segment_start": starts,
        "segment_end": np.concatenate(end),
        "segment_rate": rate,
        "segment_pay": pay,
        "resource_pays": (np.bincount(owners, potential | (pay > 0), outside.size) > 0).astype(np.uint8),
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


class Rooms(NamedTuple):
    """Units of each resource, and the fixed work on resources of one unit."""

    unit_first: Ints  # (resources + 1); a resource that is not finite has no units and never delays
    unit_free: NDArray[np.int64]  # (2, units) [s] when fixed work leaves it, and the family it is set up for
    block_first: Ints  # (resources + 1)
    block_start: NDArray[np.int64]  # (blocks) [s]
    block_end: NDArray[np.int64]  # (blocks) [s]
    block_family: Ints  # (blocks)


def rooms(
    model: Model, frames: Mapping[str, pl.DataFrame], member_row: Ints, fixed: NDArray[np.bool_], family: Ints
) -> Rooms:
    """The room that fixed members leave. Of several units each takes fixed work in turn, the one that is free the
    longest first, and is free for good only behind it.
    """
    resources = frames["resources"]
    finite = resources["finite"].fill_null(True).to_numpy()
    count = np.where(finite, resources["units"].fill_null(1).to_numpy(), 0)
    unit_first = np.concatenate([[0], np.cumsum(count)]).astype(np.int32)
    free = np.full((2, int(unit_first[-1])), -1, np.int64)
    free[0] = np.iinfo(np.int64).min // 4
    schedule, rows, family = model.schedule, member_row[fixed], family[fixed]
    if schedule.activity_work_hours.size:  # work that takes fewer hours than it spans does not hold its resource
        span = schedule.activity_end[rows] - schedule.activity_start[rows]
        holds = ~(np.rint(HOUR * schedule.activity_work_hours[rows]) < span)
        rows, family = rows[holds], family[holds]
    resource, start, end = schedule.activity_resource[rows], schedule.activity_start[rows], schedule.activity_end[rows]
    order = np.lexsort((end, start, resource))
    resource, start, end, family = resource[order], start[order], end[order], family[order]
    single = (count[resource] == 1) & (end > model.horizon.clock)
    for i, (r, until) in enumerate(zip(resource.tolist(), end.tolist(), strict=True)):
        if count[r] and not single[i]:
            unit = unit_first[r] + int(np.argmin(free[0, unit_first[r] : unit_first[r + 1]]))
            free[:, unit] = max(free[0, unit], until), family[i]
    first = np.searchsorted(resource[single], np.arange(count.size + 1)).astype(np.int32)
    return Rooms(unit_first, free, first, start[single].copy(), end[single].copy(), family[single].copy())
