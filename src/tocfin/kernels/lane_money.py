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
    PARTS,
    SUBCONTRACT,
    UNFINISHED,
    add,
    add_all,
    add_same,
    add_times,
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

DAY = 86_400.0
MATERIAL, SUBCONTRACTED, SHIPPING, FINE = (PARTS + LANES * n for n in (1, 5, 6, 7))


@inlined
def standing(need: float, scheduled: bool, horizon_end: float, x: Any, y: Any) -> tuple[bool, bool, bool]:
    """Where the job counts, is late, is unfinished; whether any lane counts, whether all do, whether any is late."""
    any_counts: Any = 0
    all_count: Any = 1
    any_late: Any = 0
    for s in range(LANES):
        end, at = x[JOB_END + s], y[ENDED + s]
        behind = end - need
        counts = scheduled and end >= 0.0 and end < horizon_end
        x[LATE + s] = behind / DAY
        y[COUNTS + s] = at if counts else -1
        y[IS_LATE + s] = at if scheduled and behind > 0.0 else -1
        y[UNFINISHED + s] = at if not (scheduled and end < 0.0) else -1
    for s in range(LANES):
        any_counts |= np.int64(y[COUNTS + s] >= 0)
        all_count &= np.int64(y[COUNTS + s] >= 0)
        any_late |= np.int64(y[IS_LATE + s] >= 0)
    return any_counts > 0, all_count > 0, any_late > 0


@inlined
def parts_of(
    j: Any, own_subcontract: float, paid: bool, late: bool, money: Any, price: Any, material: Any, x: Any
) -> Any:
    """The parts of a job's throughput in PARTS, and which of them are not nothing in every lane, a bit for each.

    ``paid``: whether an activity of it is subcontracted; ``late``: whether it is late in any lane.
    """
    revenue, job_material, shipping, penalty, _ = money
    some = 0
    if revenue[j] != 0.0:
        some |= 1
        for s in range(LANES):
            x[PARTS + s] = revenue[j]
        if price.size:
            for s in range(LANES):
                x[PARTS + s] = revenue[j] * price[j, s]
    for v in range(4):
        if material.size or job_material[j, v] != 0.0:
            some |= 2 << v
            for s in range(LANES):
                x[MATERIAL + LANES * v + s] = material[j, v, s] if material.size else job_material[j, v]
    if np.isnan(own_subcontract):
        if paid:
            some |= 32
            for s in range(LANES):
                x[SUBCONTRACTED + s] = x[SUBCONTRACT + s]
    elif own_subcontract != 0.0:
        some |= 32
        for s in range(LANES):
            x[SUBCONTRACTED + s] = own_subcontract
    if shipping[j] != 0.0:
        some |= 64
        for s in range(LANES):
            x[SHIPPING + s] = shipping[j]
    if late and penalty[j] != 0.0:
        some |= 128
        for s in range(LANES):
            x[FINE + s] = penalty[j] * x[LATE + s] if x[LATE + s] > 0.0 else 0.0
    return some


@inlined
def add_parts(out: Any, k: Any, g: Any, slot: Any, which: Any, i: Any, some: Any, whole: bool, x: Any, y: Any) -> None:
    """Add the parts of a job's throughput to one set of jobs; ``whole`` where every lane is of it, in this interval."""
    for part in range(N_PART):
        if some >> part & 1 == 0:
            continue
        if whole:
            add_all(out, k, g, slot + part, x, PARTS + LANES * part)
        else:
            add(out, k, g, slot + part, y, which, i, x, PARTS + LANES * part)


@inlined
def add_floor(
    out: Any,
    k: Any,
    g: Any,
    v: Any,
    which: Any,
    i: Any,
    in_capital: bool,
    j: Any,
    floor: Any,
    material: Any,
    x: Any,
    y: Any,
) -> None:
    """Add material that stands in inventory."""
    if material.size:
        for s in range(LANES):
            x[MATERIAL + s] = material[j, 4 + v, s]
        add(out, k, g, REQUIRED + v, y, which, i, x, MATERIAL)
        if in_capital:
            add(out, k, g, CAPITAL_REQUIRED + v, y, which, i, x, MATERIAL)
    elif floor[j, v] != 0.0:
        add_same(out, k, g, REQUIRED + v, y, which, i, floor[j, v])
        if in_capital:
            add_same(out, k, g, CAPITAL_REQUIRED + v, y, which, i, floor[j, v])


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
    any_counts, all_counts, any_late = stands
    some = parts_of(j, own_subcontract, paid, late, money, price, material, x)
    whole = all_counts and ended[0] == ended[1]
    for i in range(ended[0], ended[1] + 1):
        k = period_in(bounds, i)
        if has_work and some & 32:
            add(out, k, g, SUBCONTRACT_ALL, y, ENDED, i, x, SUBCONTRACTED)
        if any_counts:
            _count(out, k, g, i, x, y)
            add_parts(out, k, g, COUNTED, COUNTS, i, some, whole, x, y)
            if on_drum:
                add_parts(out, k, g, DRUM, COUNTS, i, some, whole, x, y)
        if any_late:
            add_parts(out, k, g, LATE_SET, IS_LATE, i, some, False, x, y)
            for part in range(N_PART):
                if some >> part & 1:
                    add_times(out, k, g, LATE_DAYS + part, y, IS_LATE, i, x, PARTS + LANES * part, LATE)
        if past and some & 1:
            add(out, k, g, PAST_DUE_REVENUE, y, UNFINISHED, i, x, PARTS)
    for v in range(4):  # what scheduled work requires; what was issued to unfinished work
        if v >= 2 or scheduled:
            which = ENDED if v < 2 else UNFINISHED
            for i in range(ended[0], ended[1] + 1):
                add_floor(out, period_in(bounds, i), g, v, which, i, in_capital, j, money[4], material, x, y)


@inlined
def _count(out: Any, k: Any, g: Any, i: Any, x: Any, y: Any) -> None:
    """Jobs that ended, and those on time."""
    for s in range(LANES):
        counts = y[COUNTS + s] == i
        out[k, g, JOBS_ENDED, s] += 1.0 if counts else 0.0
        out[k, g, JOBS_ON_TIME, s] += 1.0 if counts and x[LATE + s] <= 0.0 else 0.0
