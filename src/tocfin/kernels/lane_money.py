"""Money of a job in 64 replications at once: ``tocfin.kernels.terms`` with lanes.

``out``, ``bounds``, ``x`` and ``y`` are as in ``tocfin.kernels.lane_orders``.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tocfin.kernels.compile import inlined
from tocfin.kernels.lane_add import (
    COUNTS,
    ENDED,
    IS_LATE,
    JOB_END,
    LANES,
    LATE,
    NOWHERE,
    PARTS,
    SUBCONTRACT,
    UNFINISHED,
    add,
    add_same,
    add_seven,
    add_seven_times,
    add_times,
    add_to,
    lanes_at,
    period_in,
)
from tocfin.kernels.slots import (
    CAPITAL_REQUIRED,
    COUNTED,
    DRUM,
    JOBS_ENDED,
    JOBS_ON_TIME,
    LATE_DAYS,
    N_PART,
    PAST_DUE_REVENUE,
    REQUIRED,
    SUBCONTRACT_ALL,
)
from tocfin.kernels.slots import LATE as LATE_SET
from tocfin.kernels.vector import WIDE, any_of, chosen, load, over, store

DAY = 86_400.0
MATERIAL, SUBCONTRACTED, SHIPPING, FINE = (PARTS + LANES * n for n in (1, 5, 6, 7))


@inlined
def standing(need: float, scheduled: bool, horizon_end: float, x: Any, y: Any) -> tuple[bool, bool]:
    """Where the job counts, is late, is unfinished; whether any lane counts, whether any is late."""
    any_counts, any_late = False, False
    from_, after = (0.0, 0.0) if scheduled else (np.inf, np.inf)
    for s in range(0, LANES, WIDE):
        end, at = load(x, JOB_END + s), load(y, ENDED + s)
        behind = end - need
        counts, late = (end >= from_) & (end < horizon_end), behind > after
        store(x, LATE + s, over(behind, DAY))
        store(y, COUNTS + s, chosen(counts, at, NOWHERE))
        store(y, IS_LATE + s, chosen(late, at, NOWHERE))
        store(y, UNFINISHED + s, chosen(end < 0.0, NOWHERE, at) if scheduled else at)
        any_counts = any_counts or any_of(counts & (at >= np.int32(0)))
        any_late = any_late or any_of(late & (at >= np.int32(0)))
    return any_counts, any_late


@inlined
def same_parts(j: Any, own_subcontract: float, money: Any, price: Any, material: Any) -> Any:
    """The parts of a job's throughput but for the fine, 0 for those that ``parts_of`` tells lane by lane."""
    revenue, needed, shipping, _, _ = money
    of_price = 0.0 if price.size else revenue[j]
    paid = 0.0 if np.isnan(own_subcontract) else own_subcontract
    if material.size:
        return of_price, 0.0, 0.0, 0.0, 0.0, paid, shipping[j]
    return of_price, needed[j, 0], needed[j, 1], needed[j, 2], needed[j, 3], paid, shipping[j]


@inlined
def parts_of(
    j: Any, own_subcontract: float, paid: bool, late: bool, money: Any, price: Any, material: Any, x: Any
) -> Any:
    """The parts of a job's throughput that differ from lane to lane in PARTS, and which ones they are, a bit for each.

    ``paid``: whether an activity of it is subcontracted; ``late``: whether it is late in any lane.
    """
    revenue, _, _, penalty, _ = money
    some = 0
    if price.size:
        some |= 1
        for s in range(0, LANES, WIDE):
            store(x, PARTS + s, revenue[j] * load(price[j], s))
    if material.size:
        some |= 30
        for v in range(4):
            for s in range(0, LANES, WIDE):
                store(x, MATERIAL + LANES * v + s, load(material[j, v], s))
    if np.isnan(own_subcontract) and paid:
        some |= 32
        for s in range(0, LANES, WIDE):
            store(x, SUBCONTRACTED + s, load(x, SUBCONTRACT + s))
    if late and penalty[j] != 0.0:
        some |= 128
        rate = penalty[j]
        for s in range(0, LANES, WIDE):
            days = load(x, LATE + s)
            store(x, FINE + s, chosen(days > 0.0, rate * days, 0.0))
    return some


@inlined
def add_parts(out: Any, k: Any, g: Any, slot: Any, which: Any, i: Any, some: Any, x: Any, y: Any) -> None:
    """Add the parts of a job's throughput that differ from lane to lane to one set of jobs."""
    for part in range(N_PART):
        if some >> part & 1:
            add(out, k, g, slot + part, y, which, i, x, PARTS + LANES * part)


@inlined
def add_floor(
    out: Any, k: Any, g: Any, slot: Any, i: Any, scheduled: bool, j: Any, material: Any, x: Any, y: Any
) -> None:
    """Add material that stands in inventory, lane by lane: what scheduled work requires, what unfinished work got."""
    for v in range(4):
        if v >= 2 or scheduled:
            for s in range(0, LANES, WIDE):
                store(x, MATERIAL + s, load(material[j, 4 + v], s))
            add(out, k, g, slot + v, y, ENDED if v < 2 else UNFINISHED, i, x, MATERIAL)


@inlined
def add_same_floor(out: Any, k: Any, g: Any, slot: Any, i: Any, values: Any, y: Any) -> None:
    """Add material that stands in inventory, the same in every lane."""
    sums, first, wanted = out[0], lanes_at(out, k, g, slot), np.int32(i)
    a, b, c, d = values
    for s in range(0, LANES, WIDE):
        ends, goes_on, at = load(y, ENDED + s) == wanted, load(y, UNFINISHED + s) == wanted, first + s
        add_to(sums, at, ends, a)
        add_to(sums, at + LANES, ends, b)
        if c != 0.0 or d != 0.0:  # what was issued before: nothing, mostly
            add_to(sums, at + 2 * LANES, goes_on, c)
            add_to(sums, at + 3 * LANES, goes_on, d)


@inlined
def sum_job(
    j: Any,
    own_subcontract: float,
    job: Any,
    money: Any,
    price: Any,
    material: Any,
    g: Any,
    ended: Any,
    bounds: Any,
    stands: Any,
    x: Any,
    y: Any,
    out: Any,
) -> None:
    """Sum the money of job ``j``, whose end lies in intervals ``ended``.

    ``job``: whether it has an activity, is scheduled, has work on a drum, whether its plant's capital includes stock,
    whether it was needed before the clock, whether an activity is subcontracted, whether it is late in any lane.
    """
    has_work, scheduled, on_drum, in_capital, past, paid, late = job
    any_counts, any_late = stands
    some = parts_of(j, own_subcontract, paid, late, money, price, material, x)
    same = same_parts(j, own_subcontract, money, price, material)
    floor = money[4]
    required = (floor[j, 0], floor[j, 1]) if scheduled else (0.0, 0.0)
    values = (required[0], required[1], floor[j, 2], floor[j, 3])
    for i in range(ended[0], ended[1] + 1):
        k = period_in(bounds, i)
        if has_work:
            if some & 32:
                add(out, k, g, SUBCONTRACT_ALL, y, ENDED, i, x, SUBCONTRACTED)
            elif same[5] != 0.0:
                add_same(out, k, g, SUBCONTRACT_ALL, y, ENDED, i, same[5])
        if any_counts:
            _count(out, k, g, i, x, y)
            add_seven(out, k, g, COUNTED, y, COUNTS, i, same)
            add_parts(out, k, g, COUNTED, COUNTS, i, some, x, y)
            if on_drum:
                add_seven(out, k, g, DRUM, y, COUNTS, i, same)
                add_parts(out, k, g, DRUM, COUNTS, i, some, x, y)
        if any_late:
            add_seven(out, k, g, LATE_SET, y, IS_LATE, i, same)
            add_parts(out, k, g, LATE_SET, IS_LATE, i, some, x, y)
            add_seven_times(out, k, g, LATE_DAYS, y, IS_LATE, i, same, x, LATE)
            for part in range(N_PART):
                if some >> part & 1:
                    add_times(out, k, g, LATE_DAYS + part, y, IS_LATE, i, x, PARTS + LANES * part, LATE)
        if past:
            if some & 1:
                add(out, k, g, PAST_DUE_REVENUE, y, UNFINISHED, i, x, PARTS)
            else:
                add_same(out, k, g, PAST_DUE_REVENUE, y, UNFINISHED, i, same[0])
    for i in range(ended[0], ended[1] + 1):
        k = period_in(bounds, i)
        if material.size:
            add_floor(out, k, g, REQUIRED, i, scheduled, j, material, x, y)
            if in_capital:
                add_floor(out, k, g, CAPITAL_REQUIRED, i, scheduled, j, material, x, y)
        else:
            add_same_floor(out, k, g, REQUIRED, i, values, y)
            if in_capital:
                add_same_floor(out, k, g, CAPITAL_REQUIRED, i, values, y)


@inlined
def _count(out: Any, k: Any, g: Any, i: Any, x: Any, y: Any) -> None:
    """Jobs that ended, and those on time."""
    wanted = np.int32(i)
    for s in range(0, LANES, WIDE):
        counts = load(y, COUNTS + s) == wanted
        add_to(out[0], lanes_at(out, k, g, JOBS_ENDED) + s, counts, 1.0)
        add_to(out[0], lanes_at(out, k, g, JOBS_ON_TIME) + s, counts & (load(x, LATE + s) <= 0.0), 1.0)
