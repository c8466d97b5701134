"""Times of jobs and the carrying cost of their orders; the first of three passes over a block of jobs.

``out`` is (periods + 1, groups, terms) float64 everywhere; period 0 is *outside*. A value that was not supplied is NaN
and makes NaN of the terms it would be multiplied into, unless by 0 (rulings R17).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tocfin.kernels.compile import inlined, kernel
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
from tocfin.kernels.worktime import interval_of, period_of, rows, spread, touches

DAY = 86_400.0
NEVER = np.iinfo(np.int64).min
FOREVER = np.iinfo(np.int64).max


@inlined
def _noted(
    first: Any,
    last: Any,
    start: Any,
    end: Any,
    resource: Any,
    words: Any,
    bucket: Any,
    clock: int,
    touched: Any,
    n_touched: int,
) -> Any:
    """Look through activities ``first : last`` without a branch: (n touched, n due before the clock).

    A row is written in any case and kept by counting on: what cannot be foreseen is not guessed at.
    """
    origin, shift = bucket[0], bucket[1]
    n_due = 0
    for a in range(first, last):
        touched[n_touched] = a
        from_ = (start[a] - origin) >> shift
        n_touched += touches(words, np.uint64(resource[a]), from_, (end[a] - 1 - origin) >> shift)
        n_due += end[a] < clock
    return n_touched, n_due


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
def _carrying(
    first: Any, last: Any, rate: Any, start: Any, end: Any, order_end: int, g: int, span: Any, bounds: Any, out: Any
) -> None:
    """WIP carrying cost of the operations ``first : last`` of one order, in all four ways.

    ``start``, ``end`` hold the operations of this order, each of them with a rate, and none ends before it starts.
    """
    k = period_of(bounds, order_end)
    until_end = 0.0
    until_order = 0.0
    begin = FOREVER
    for o in range(first, last):
        until_end += rate[o] * (end[o - first] - start[o - first])
        until_order += rate[o] * (order_end - start[o - first])
        begin = min(begin, start[o - first])
    out[k, g, CARRY_OP_END] += until_end / DAY
    out[k, g, CARRY_MO_END] += until_order / DAY
    clock, horizon_end = span
    i = interval_of(bounds, begin, 0)
    if begin >= clock and order_end <= min(bounds[i + 1], horizon_end):
        k = i if i < bounds.size - 2 else 0
        out[k, g, CARRY_OP_END_CLIPPED] += until_end / DAY
        out[k, g, CARRY_MO_END_CLIPPED] += until_order / DAY
        i = bounds.size - 1  # one period holds it all, so nothing is left to be cut
    while bounds[i] < order_end:
        low = max(bounds[i], clock)
        high = min(bounds[i + 1], horizon_end)
        if low < high:
            until_end = 0.0
            until_order = 0.0
            for o in range(first, last):
                from_ = max(start[o - first], low)
                until_end += rate[o] * max(min(end[o - first], high) - from_, 0)
                until_order += rate[o] * max(min(order_end, high) - from_, 0)
            k = i if i < bounds.size - 2 else 0
            out[k, g, CARRY_OP_END_CLIPPED] += until_end / DAY
            out[k, g, CARRY_MO_END_CLIPPED] += until_order / DAY
        i += 1


@inlined
def _carrying_of_some(
    first: Any, last: Any, rate: Any, start: Any, end: Any, order_end: int, g: int, span: Any, bounds: Any, out: Any
) -> None:
    """As ``_carrying``, where operations lack an activity or a rate, or began after their end: each is looked at."""
    k = period_of(bounds, order_end)
    clock, horizon_end = span
    for o in range(first, last):
        from_ = start[o - first]
        to = end[o - first]
        if to == NEVER:
            continue
        cost = rate[o] / DAY
        if from_ != to:
            out[k, g, CARRY_OP_END] += cost * (to - from_)
        if from_ != order_end:
            out[k, g, CARRY_MO_END] += cost * (order_end - from_)
        from_ = max(from_, clock)
        spread(out, g, CARRY_OP_END_CLIPPED, cost, from_, min(to, horizon_end), bounds, 0)
        spread(out, g, CARRY_MO_END_CLIPPED, cost, from_, min(order_end, horizon_end), bounds, 0)


@kernel
def sum_orders(
    enterprise: Any, schedule: Any, horizon: Any, grouping: Any, jobs: Any, scratch: Any, n_touched: int, out: Any
) -> int:
    """Time jobs ``jobs[0] : jobs[1]`` and sum what hangs on their orders; the number of rows in ``scratch.touched``,
    of which there are ``n_touched`` already.

    ============================  ===========================  ======================================================
    scratch.operation_start       (most operations, an order)  start of each operation of one order [s]
    scratch.operation_end         (most operations, an order)  end of each operation of one order [s]
    scratch.touched               (activities of the block)    out: activities that may touch potential overtime
    scratch.job_end               (jobs)                       out: [s]; NEVER for a job without activity or cancelled
    scratch.job_scheduled         (jobs)                       out: all its operations have activities
    scratch.job_period            (jobs)                       out: period of the end where counted in throughput, or -1
    ============================  ===========================  ======================================================
    """
    # Columns are taken out of their tuples once: each look into a tuple counts a reference, atomically.
    clock, horizon_end, bounds = horizon.clock, horizon.end, horizon.bounds
    job_group = grouping.job_group
    operation_start, operation_end = scratch.operation_start, scratch.operation_end
    touched, job_period = scratch.touched, scratch.job_period
    out_end, out_scheduled = scratch.job_end, scratch.job_scheduled
    activity_start, activity_end = schedule.activity_start, schedule.activity_end
    activity_resource, first_activity = schedule.activity_resource, schedule.operation_first_activity
    actual_start, actual_end = schedule.activity_actual_start, schedule.activity_actual_end
    words, bucket = enterprise.resource_potential, enterprise.bucket_origin
    span = (clock, horizon_end)
    first_order, first_operation = enterprise.job_first_order, enterprise.order_first_operation
    order_need, carrying_cost, cancelled = (
        enterprise.order_need,
        enterprise.operation_carrying,
        enterprise.job_cancelled,
    )
    has_actual_start = actual_start.size > 0
    for j in range(np.uint64(jobs[0]), np.uint64(jobs[1])):
        job_period[j] = -1
        out_end[j] = NEVER
        out_scheduled[j] = 0
        if cancelled[j]:
            continue
        g = job_group[j]
        job_end = NEVER
        scheduled = True
        lowest_order, highest_order = rows(first_order, j)
        lowest, highest = np.uint64(first_operation[lowest_order]), np.uint64(first_operation[highest_order])
        lowest_activity, highest_activity = np.uint64(first_activity[lowest]), np.uint64(first_activity[highest])
        n_touched, n_due = _noted(
            lowest_activity,
            highest_activity,
            activity_start,
            activity_end,
            activity_resource,
            words,
            bucket,
            clock,
            touched,
            n_touched,
        )
        if n_due:
            _due(lowest_activity, highest_activity, activity_end, actual_end, clock, g, bounds, out)
        for m in range(lowest_order, highest_order):
            first, last = rows(first_operation, m)
            order_end = NEVER
            complete = last > first
            forward = True
            carrying = 0.0
            for o in range(first, last):
                start = FOREVER
                end = NEVER
                lowest_activity, highest_activity = rows(first_activity, o)
                for a in range(lowest_activity, highest_activity):
                    from_ = activity_start[a]
                    if has_actual_start and actual_start[a] != NEVER:
                        from_ = actual_start[a]
                    start = min(start, from_)
                    end = max(end, activity_end[a])
                operation_start[o - first] = start
                operation_end[o - first] = end
                complete = complete and end != NEVER
                forward = forward and start <= end
                carrying += carrying_cost[o]
                order_end = max(order_end, end)
            scheduled = scheduled and (complete or last == first)
            if order_end == NEVER:
                continue
            job_end = max(job_end, order_end)
            if forward and carrying == carrying:
                _carrying(first, last, carrying_cost, operation_start, operation_end, order_end, g, span, bounds, out)
            else:
                _carrying_of_some(
                    first, last, carrying_cost, operation_start, operation_end, order_end, g, span, bounds, out
                )
            early = order_need[m] - order_end
            if complete and early != 0:
                k = period_of(bounds, order_end)
                out[k, g, FG_CARRY] += carrying * (early / DAY)
                if early > 0:
                    out[k, g, FG_CARRY_CLAMPED] += carrying * (early / DAY)
        out_end[j] = job_end
        out_scheduled[j] = scheduled and lowest < highest
        if out_scheduled[j] and clock <= job_end < horizon_end:
            job_period[j] = period_of(bounds, job_end)
    return n_touched
