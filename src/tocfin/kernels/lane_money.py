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
def standing(need: float, scheduled: bool, horizon_end: float, x: Any, y: Any) -> tuple[bool, bool]:
    """Where the job counts, is late, is unfinished; whether any lane counts, and whether any is late."""
    any_counts: Any = 0
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
        any_late |= np.int64(y[IS_LATE + s] >= 0)
    return any_counts > 0, any_late > 0


@inlined
def parts_of(j: Any, money: Any, price: Any, material: Any, x: Any) -> None:
    """The eight parts of a job's throughput, but for its subcontract, in PARTS."""
    revenue, job_material, shipping, penalty, _ = money
    for s in range(LANES):
        x[PARTS + s] = revenue[j]
        x[SHIPPING + s] = shipping[j]
        x[FINE + s] = penalty[j] * x[LATE + s] if x[LATE + s] > 0.0 else 0.0
    if price.size:
        for s in range(LANES):
            x[PARTS + s] = revenue[j] * price[j, s]
    for v in range(4):
        for s in range(LANES):
            x[MATERIAL + LANES * v + s] = material[j, v, s] if material.size else job_material[j, v]


@inlined
def add_parts(out: Any, k: Any, g: Any, slot: Any, which: Any, i: Any, x: Any, y: Any) -> None:
    """Add the parts of a job's throughput to one set of jobs."""
    for part in range(N_PART):
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
    whether it was needed before the clock.
    """
    has_work, scheduled, on_drum, in_capital, past = job
    any_counts, any_late = stands
    for s in range(LANES):
        x[SUBCONTRACTED + s] = x[SUBCONTRACT + s] if np.isnan(own_subcontract) else own_subcontract
    for i in range(ended[0], ended[1] + 1):
        k = period_in(bounds, i)
        if has_work:
            add(out, k, g, SUBCONTRACT_ALL, y, ENDED, i, x, SUBCONTRACTED)
        if any_counts:
            _count(out, k, g, i, x, y)
            add_parts(out, k, g, COUNTED, COUNTS, i, x, y)
            if on_drum:
                add_parts(out, k, g, DRUM, COUNTS, i, x, y)
        if any_late:
            add_parts(out, k, g, LATE_SET, IS_LATE, i, x, y)
            for part in range(N_PART):
                add_times(out, k, g, LATE_DAYS + part, y, IS_LATE, i, x, PARTS + LANES * part, LATE)
        if past:
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
