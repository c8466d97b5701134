"""Times of jobs and the carrying cost of their orders; the first of three passes over a block of jobs.

``out`` is (periods + 1, groups, terms) float64 everywhere; period 0 is *outside*. Carrying cost is summed here in money
per day times seconds, and divided once it is complete (``CARRYING`` of ``tocfin.kernels.block``). A value that was not
supplied is NaN and makes NaN of the terms it would be multiplied into, unless by 0 (rulings R17).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tocfin.kernels.compile import inlined, inner
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
ZERO, ONE = np.uint64(0), np.uint64(1)


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
def _carrying_of_two(
    row: Any, n: Any, rate: Any, start: Any, end: Any, order: Any, g: int, span: Any, bounds: Any, out: Any
) -> Any:
    """WIP carrying cost of a plain order, in all four ways; (sum of its rates, period of its end).

    Every operation has one activity, without an actual start, and a rate. ``order`` is its start, its end and the
    interval of its start. Nearly every order lies in one period or in two: then both are added to, without a branch
    that cannot be foreseen.
    """
    begin, order_end, i = order
    clock, horizon_end = span
    outside = np.uint64(bounds.size - 2)
    cut = bounds[i + ONE]
    far = bounds[min(i + ONE, outside) + ONE]
    carrying, end_before, order_before, end_after, order_after = _cost(row, n, rate, start, end, begin, order_end, cut)
    if order_end < far and (begin >= clock or cut == clock) and (order_end <= horizon_end or cut == horizon_end):
        k = i if i < outside else ZERO
        out[k, g, CARRY_OP_END_CLIPPED] += end_before if clock < cut else 0.0
        out[k, g, CARRY_MO_END_CLIPPED] += order_before if clock < cut else 0.0
        following = i + ONE if i + ONE < outside else ZERO
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
def _within(row: Any, n: Any, rate: Any, start: Any, end: Any, begin: int, order_end: int) -> Any:
    """``_cost`` of an order that ends before the cut: (sum of rates, until their own ends, until that of the order)."""
    a, o = row
    carrying, starts, own_end = 0.0, 0.0, 0.0
    for i in range(n):
        cost = rate[o + i]
        carrying += cost
        starts += cost * np.float64(start[a + i] - begin)
        own_end += cost * np.float64(end[a + i] - start[a + i])
    return carrying, own_end, carrying * np.float64(order_end - begin) - starts


@inlined
def _plain(row: Any, n: Any, rate: Any, start: Any, end: Any, g: Any, horizon: Any, near: Any, out: Any) -> Any:
    """WIP carrying cost of a plain order, in all four ways: every operation has one activity, without an actual start,
    and a rate; ``row`` is the first activity and the first operation, ``near`` the interval to look from.

    Returns the order's start and end, the sum of its rates, the interval of its start, the period of its end.
    """
    bounds = horizon.bounds
    begin, order_end = start[row[0]], end[row[0]]
    for x in range(n):
        begin = min(begin, start[row[0] + x])
        order_end = max(order_end, end[row[0] + x])
    i = interval_of(bounds, begin, near)
    if order_end < bounds[i + ONE] and begin >= horizon.clock and order_end <= horizon.end:
        carrying, own_end, waiting = _within(row, n, rate, start, end, begin, order_end)
        k = i if i < np.uint64(bounds.size - 2) else ZERO
        out[k, g, CARRY_OP_END_CLIPPED] += own_end
        out[k, g, CARRY_MO_END_CLIPPED] += waiting
        out[k, g, CARRY_OP_END] += own_end
        out[k, g, CARRY_MO_END] += waiting
    else:
        order, span = (begin, order_end, i), (horizon.clock, horizon.end)
        carrying, k = _carrying_of_two(row, n, rate, start, end, order, g, span, bounds, out)
    return begin, order_end, carrying, i, k


@inlined
def _times(first: Any, last: Any, schedule: Any, out_start: Any, out_end: Any) -> Any:
    """Times of the operations ``first : last`` of one order; True when each of them has an activity."""
    planned, actual, end = schedule.activity_start, schedule.activity_actual_start, schedule.activity_end
    complete = last > first
    for o in range(first, last):
        start = FOREVER
        to = NEVER
        lowest, highest = rows(schedule.operation_first_activity, o)
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


@inlined
def _odd(m: Any, enterprise: Any, schedule: Any, horizon: Any, g: Any, scratch: Any, out: Any) -> Any:
    """WIP carrying cost of an order that is not plain: (its end, NEVER without an activity; the sum of its rates;
    whether each operation has an activity)."""
    first, last = rows(enterprise.order_first_operation, m)
    start, end, rate = scratch.operation_start, scratch.operation_end, enterprise.operation_carrying
    complete = _times(first, last, schedule, start, end)
    order_end = NEVER
    carrying = 0.0
    for o in range(first, last):
        order_end = max(order_end, end[o - first])
        carrying += rate[o]
    if order_end != NEVER:
        span = (horizon.clock, horizon.end)
        _carrying_of_some(first, last, rate, start, end, order_end, g, span, horizon.bounds, out)
    return order_end, carrying, complete


@inlined
def _finished_goods(early: int, carrying: float, k: Any, g: Any, out: Any) -> None:
    """Carrying cost of the goods of an order that ends ``early`` [s] before they are needed."""
    out[k, g, FG_CARRY] += carrying * early
    out[k, g, FG_CARRY_CLAMPED] += carrying * early if early > 0 else 0.0


@inlined
def _orders(j: Any, enterprise: Any, schedule: Any, horizon: Any, g: Any, near: Any, scratch: Any, out: Any) -> Any:
    """Carrying cost of the orders of one job: (its end, whether all operations have activities, interval to go on)."""
    start, end, actual_end = schedule.activity_start, schedule.activity_end, schedule.activity_actual_end
    rate, bounds = enterprise.operation_carrying, horizon.bounds
    job_end = NEVER
    scheduled = True
    lowest, highest = rows(enterprise.job_first_order, j)
    for m in range(lowest, highest):
        first, last = rows(enterprise.order_first_operation, m)
        a, behind = np.uint64(schedule.operation_first_activity[first]), schedule.operation_first_activity[last]
        if schedule.order_plain[m]:
            begin, order_end, carrying, near, k = _plain(
                (a, first), last - first, rate, start, end, g, horizon, near, out
            )
            _finished_goods(enterprise.order_need[m] - order_end, carrying, k, g, out)
            if begin < horizon.clock:
                _due(a, np.uint64(behind), end, actual_end, horizon.clock, g, bounds, out)
        else:
            _due(a, np.uint64(behind), end, actual_end, horizon.clock, g, bounds, out)
            order_end, carrying, complete = _odd(m, enterprise, schedule, horizon, g, scratch, out)
            scheduled = scheduled and (complete or last == first)
            if complete and order_end != enterprise.order_need[m]:
                early = enterprise.order_need[m] - order_end
                _finished_goods(early, carrying, period_of(bounds, order_end), g, out)
        job_end = max(job_end, order_end)
    return job_end, scheduled, near


@inner
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
    near = ZERO
    for j in range(np.uint64(jobs[0]), np.uint64(jobs[1])):
        i = j - np.uint64(jobs[0])
        scratch.job_period[j] = -1
        scratch.job_end[i] = NEVER
        scratch.job_scheduled[i] = 0
        scratch.job_subcontract[i] = 0.0
        scratch.job_on_drum[i] = 0
        if enterprise.job_cancelled[j]:
            continue
        g = np.uint64(grouping.job_group[j])
        end, scheduled, near = _orders(j, enterprise, schedule, horizon, g, near, scratch, out)
        scratch.job_end[i] = end
        scratch.job_scheduled[i] = scheduled and end != NEVER
        if scheduled and horizon.clock <= end < horizon.end:
            scratch.job_period[j] = period_of(horizon.bounds, end)
