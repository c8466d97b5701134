"""Times of jobs and the carrying cost of their orders; the first of three passes over a block of jobs.

``out`` is (periods + 1, groups, terms) float64 everywhere; period 0 is *outside*. Carrying cost is summed here in money
per day times seconds, and divided once it is complete (``CARRYING`` of ``tocfin.kernels.block``). A value that was not
supplied is NaN and makes NaN of the terms it would be multiplied into, unless by 0 (rulings R17).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tocfin.kernels.compile import inlined, lean
from tocfin.kernels.slots import (
    ADHERED,
    CARRY_MO_END,
    CARRY_MO_END_CLIPPED,
    CARRY_OP_END,
    CARRY_OP_END_CLIPPED,
    DUE,
    FG_CARRY,
    FG_CARRY_CLAMPED,
)
from tocfin.kernels.worktime import interval_of, period_of, rows, spread

NEVER = np.iinfo(np.int64).min
FOREVER = np.iinfo(np.int64).max


@inlined
def _due(first: Any, last: Any, planned: Any, actual: Any, clock: int, g: int, bounds: Any, out: Any) -> None:
    """Activities planned to end before the clock, and those that really ended by then (NaN: nobody said)."""
    for a in range(first, last):
        if planned[a] < clock:
            k = period_of(bounds, planned[a])
            out[k, g, DUE] += 1.0
            if not actual.size:
                out[k, g, ADHERED] += np.nan
            elif actual[a] != NEVER and actual[a] <= planned[a]:
                out[k, g, ADHERED] += 1.0


@inlined
def _cost(
    row: Any, n: Any, rate: Any, start: Any, end: Any, begin: int, order_end: int, cut: int
) -> tuple[float, float, float, float, float]:
    """Rates of the ``n`` operations of a plain order, and what they cost [x s], cut in two at an instant.

    Until their own ends and until that of the order, before the cut; the same after it. ``row`` is the first activity
    and the first operation. What is summed is split at the cut, so that no small cost is the difference of large ones.
    """
    a, o = row
    length, until_cut = np.float64(order_end - begin), np.float64(min(cut, order_end) - begin)
    carrying, starts_before, starts_after, end_before, end_after = 0.0, 0.0, 0.0, 0.0, 0.0
    for i in range(n):
        cost = rate[o + i]
        from_ = np.float64(start[a + i] - begin)
        to = np.float64(end[a + i] - begin)
        cut_from = min(from_, until_cut)
        before = min(to, until_cut) - cut_from
        carrying += cost
        starts_before += cost * cut_from
        starts_after += cost * (from_ - cut_from)
        end_before += cost * before
        end_after += cost * (to - from_ - before)
    order_before = carrying * until_cut - starts_before
    order_after = carrying * (length - until_cut) - starts_after
    return carrying, end_before, order_before, end_after, order_after


@inlined
def _carrying(
    row: Any, n: Any, rate: Any, start: Any, end: Any, order: Any, g: int, span: Any, bounds: Any, out: Any
) -> tuple[float, int]:
    """WIP carrying cost of a plain order, in all four ways; (sum of its rates, period of its end).

    Every operation has one activity, without an actual start, and a rate. ``order`` is its start and end. Nearly every
    order lies in one period or in two: then both are added to, without a branch that cannot be foreseen.
    """
    begin, order_end = order
    clock, horizon_end = span
    i = interval_of(bounds, begin, 0)
    cut = bounds[i + 1]
    far = bounds[min(i + 2, bounds.size - 1)]
    carrying, end_before, order_before, end_after, order_after = _cost(row, n, rate, start, end, begin, order_end, cut)
    if order_end < far and (begin >= clock or cut == clock) and (order_end <= horizon_end or cut == horizon_end):
        k = i if i < bounds.size - 2 else 0
        out[k, g, CARRY_OP_END_CLIPPED] += end_before if clock < cut else 0.0
        out[k, g, CARRY_MO_END_CLIPPED] += order_before if clock < cut else 0.0
        following = i + 1 if i + 1 < bounds.size - 2 else 0
        out[following, g, CARRY_OP_END_CLIPPED] += end_after if cut < horizon_end else 0.0
        out[following, g, CARRY_MO_END_CLIPPED] += order_after if cut < horizon_end else 0.0
        k = following if order_end >= cut else k
    else:
        k = period_of(bounds, order_end)
        for c in range(n):
            cost = rate[row[1] + c]
            from_ = max(start[row[0] + c], clock)
            spread(out, g, CARRY_OP_END_CLIPPED, cost, from_, min(end[row[0] + c], horizon_end), bounds, i)
            spread(out, g, CARRY_MO_END_CLIPPED, cost, from_, min(order_end, horizon_end), bounds, i)
    out[k, g, CARRY_OP_END] += end_before + end_after
    out[k, g, CARRY_MO_END] += order_before + order_after
    return carrying, k


@inlined
def _times(
    first: Any, last: Any, first_activity: Any, planned: Any, actual: Any, end: Any, out_start: Any, out_end: Any
) -> Any:
    """Times of the operations ``first : last`` of one order; True when each of them has an activity."""
    complete = last > first
    for o in range(first, last):
        start = FOREVER
        to = NEVER
        lowest, highest = rows(first_activity, o)
        for a in range(lowest, highest):
            from_ = planned[a]
            if actual.size and actual[a] != NEVER:
                from_ = actual[a]
            start = min(start, from_)
            to = max(to, end[a])
        out_start[o - first] = start
        out_end[o - first] = to
        complete = complete and to != NEVER
    return complete


@inlined
def _carrying_of_some(
    first: Any, last: Any, rate: Any, start: Any, end: Any, order_end: int, g: int, span: Any, bounds: Any, out: Any
) -> None:
    """WIP carrying cost of an order that is not plain: operations lack an activity or a rate, or have several."""
    k = period_of(bounds, order_end)
    clock, horizon_end = span
    for o in range(first, last):
        from_ = start[o - first]
        to = end[o - first]
        if to == NEVER:
            continue
        cost = rate[o]
        if from_ != to:
            out[k, g, CARRY_OP_END] += cost * (to - from_)
        if from_ != order_end:
            out[k, g, CARRY_MO_END] += cost * (order_end - from_)
        from_ = max(from_, clock)
        spread(out, g, CARRY_OP_END_CLIPPED, cost, from_, min(to, horizon_end), bounds, 0)
        spread(out, g, CARRY_MO_END_CLIPPED, cost, from_, min(order_end, horizon_end), bounds, 0)


@lean
def sum_orders(enterprise: Any, schedule: Any, horizon: Any, grouping: Any, jobs: Any, scratch: Any, out: Any) -> None:
    """Time jobs ``jobs[0] : jobs[1]`` and sum what hangs on their orders.

    ============================  ===========================  ======================================================
    scratch.operation_start       (most operations, an order)  start of each operation of one order [s]
    scratch.operation_end         (most operations, an order)  end of each operation of one order [s]
    scratch.job_end               (these jobs)                 out: [s]; NEVER for a job without activity or cancelled
    scratch.job_scheduled         (these jobs)                 out: all its operations have activities
    scratch.job_subcontract       (these jobs)                 out: 0
    scratch.job_on_drum           (these jobs)                 out: 0
    scratch.job_period            (jobs)                       out: period of the end where counted in throughput, or -1
    ============================  ===========================  ======================================================
    """
    # Columns are taken out of their tuples once: each look into a tuple counts a reference, atomically.
    clock, horizon_end, bounds = horizon.clock, horizon.end, horizon.bounds
    job_group = grouping.job_group
    operation_start, operation_end = scratch.operation_start, scratch.operation_end
    job_period = scratch.job_period
    out_end, out_scheduled = scratch.job_end, scratch.job_scheduled
    subcontract, on_drum = scratch.job_subcontract, scratch.job_on_drum
    start, end = schedule.activity_start, schedule.activity_end
    actual_start, actual_end = schedule.activity_actual_start, schedule.activity_actual_end
    first_activity, order_plain = schedule.operation_first_activity, schedule.order_plain
    span = (clock, horizon_end)
    first_order, first_operation = enterprise.job_first_order, enterprise.order_first_operation
    order_need, rate, cancelled = enterprise.order_need, enterprise.operation_carrying, enterprise.job_cancelled
    for j in range(np.uint64(jobs[0]), np.uint64(jobs[1])):
        i = j - np.uint64(jobs[0])
        job_period[j] = -1
        out_end[i] = NEVER
        out_scheduled[i] = 0
        subcontract[i] = 0.0
        on_drum[i] = 0
        if cancelled[j]:
            continue
        g = job_group[j]
        job_end = NEVER
        scheduled = True
        lowest_order, highest_order = rows(first_order, j)
        for m in range(lowest_order, highest_order):
            first, last = rows(first_operation, m)
            lowest, highest = np.uint64(first_activity[first]), np.uint64(first_activity[last])
            begin = FOREVER
            order_end = NEVER
            for a in range(lowest, highest):
                begin = min(begin, start[a])
                order_end = max(order_end, end[a])
            if begin < clock:
                _due(lowest, highest, end, actual_end, clock, g, bounds, out)
            complete = True
            if order_plain[m]:
                row, order = (lowest, first), (begin, order_end)
                carrying, k = _carrying(row, last - first, rate, start, end, order, g, span, bounds, out)
            else:
                complete = _times(first, last, first_activity, start, actual_start, end, operation_start, operation_end)
                scheduled = scheduled and (complete or last == first)
                if order_end == NEVER:
                    continue
                _carrying_of_some(first, last, rate, operation_start, operation_end, order_end, g, span, bounds, out)
                carrying = 0.0
                for o in range(first, last):
                    carrying += rate[o]
                k = period_of(bounds, order_end)
            job_end = max(job_end, order_end)
            early = order_need[m] - order_end
            if complete and (order_plain[m] or early != 0):
                out[k, g, FG_CARRY] += carrying * early
                out[k, g, FG_CARRY_CLAMPED] += carrying * early if early > 0 else 0.0
        out_end[i] = job_end
        out_scheduled[i] = scheduled and job_end != NEVER
        if out_scheduled[i] and clock <= job_end < horizon_end:
            job_period[j] = period_of(bounds, job_end)
