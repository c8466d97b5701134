"""One timed schedule becomes terms: sums per period, group and slot (``tocfin.kernels.slots``).

``out`` is (periods + 1, groups, terms) float64 everywhere; period 0 is *outside*. A value that was not
supplied is NaN and makes NaN of the terms it would be multiplied into, unless by 0 (rulings R17).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tocfin.kernels.compile import inlined, kernel
from tocfin.kernels.slots import (
    ADHERED,
    BACKLOG,
    CAPACITY_ALL,
    CAPACITY_COUNTED,
    CAPITAL_REQUIRED,
    CARRY_MO_END,
    CARRY_MO_END_CLIPPED,
    CARRY_OP_END,
    CARRY_OP_END_CLIPPED,
    COUNTED,
    DRUM,
    DRUM_BUSY,
    DUE,
    ELAPSED_ALL,
    ELAPSED_COUNTED,
    FG_CARRY,
    FG_CARRY_CLAMPED,
    JOBS_ENDED,
    JOBS_ON_TIME,
    LATE,
    LATE_DAYS,
    N_PART,
    PAST_DUE_REVENUE,
    PHYSICAL_COUNTED,
    REQUIRED,
    SUBCONTRACT_ALL,
)
from tocfin.kernels.worktime import CLEANOUT, interval_of, paid_seconds, period_of, rows, segment_after, spread, touches

HOUR = 3600.0
DAY = 86_400.0
IS_DRUM, IS_SUBCONTRACTOR = 1, 2
NEVER = np.iinfo(np.int64).min
FOREVER = np.iinfo(np.int64).max


@inlined
def _drum_hours(out: Any, g: int, k: int, counted: bool, elapsed: float, hours: float) -> None:
    """Hours of one activity on a drum, batch members each."""
    out[k, g, ELAPSED_ALL] += elapsed
    out[k, g, CAPACITY_ALL] += hours
    if counted:
        out[k, g, ELAPSED_COUNTED] += elapsed
        out[k, g, CAPACITY_COUNTED] += hours


@inlined
def busy(
    out: Any, g: int, s: int, last: int, segment_start: Any, segment_end: Any, kind: Any, times: Any, bounds: Any
) -> None:
    """Available hours of ``times`` = (start, end, clock, horizon end): inside the horizon, and all from the clock on.

    ``s`` is the first segment that ends after the start, ``last`` the end of its timeline.
    """
    start, end, clock, horizon_end = times
    i = 0
    while s < last and segment_start[s] < end:
        if kind[s] != CLEANOUT:
            from_ = max(start, segment_start[s], clock)
            to = min(end, segment_end[s])
            i = spread(out, g, DRUM_BUSY, 1.0 / HOUR, from_, min(to, horizon_end), bounds, i)
            spread(out, g, BACKLOG, 1.0 / HOUR, from_, to, bounds, i)
        s += 1


@inlined
def _noted(
    first: Any,
    last: Any,
    start: Any,
    end: Any,
    resource: Any,
    role: Any,
    words: Any,
    bucket: Any,
    clock: int,
    special: Any,
    touched: Any,
    n_touched: int,
) -> Any:
    """Look through activities ``first : last`` without a branch: (n special, n touched, n due before the clock).

    A row is written in any case and kept by counting on: what cannot be foreseen is not guessed at.
    """
    origin, shift = bucket[0], bucket[1]
    n_special = 0
    n_due = 0
    for a in range(first, last):
        r = np.uint64(resource[a])
        special[n_special] = a
        n_special += role[r] & (IS_DRUM | IS_SUBCONTRACTOR) != 0
        touched[n_touched] = a
        n_touched += touches(words, r, (start[a] - origin) >> shift, (end[a] - 1 - origin) >> shift)
        n_due += end[a] < clock
    return n_special, n_touched, n_due


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


@inlined
def _throughput(out: Any, g: int, k: int, parts: Any, counted: bool, on_drum: bool, late: int) -> None:
    """Parts of a scheduled job's throughput, in each set of jobs that it belongs to."""
    if counted:
        out[k, g, JOBS_ENDED] += 1.0
        for p in range(N_PART):
            out[k, g, COUNTED + p] += parts[p]
        if on_drum:
            for p in range(N_PART):
                out[k, g, DRUM + p] += parts[p]
        if late <= 0:
            out[k, g, JOBS_ON_TIME] += 1.0
    if late > 0:
        days = late / DAY
        for p in range(N_PART):
            out[k, g, LATE + p] += parts[p]
            out[k, g, LATE_DAYS + p] += parts[p] * days


@kernel
def sum_jobs(enterprise: Any, schedule: Any, horizon: Any, grouping: Any, jobs: Any, scratch: Any, out: Any) -> int:
    """Sum jobs ``jobs[0] : jobs[1]`` into ``out``; the number of activities noted in ``scratch.touched``.

    ============================  ===========================  ======================================================
    scratch.special               (most activities of a job)   activities of one job on drums and subcontractors
    scratch.operation_start       (most operations, an order)  start of each operation of one order [s]
    scratch.operation_end         (most operations, an order)  end of each operation of one order [s]
    scratch.touched               (activities of the block)    out: activities that may touch potential overtime
    scratch.job_period            (jobs)                       out: period of the job's end, -1 where not counted
    ============================  ===========================  ======================================================
    """
    # Columns are taken out of their tuples once: each look into a tuple counts a reference, atomically.
    clock, horizon_end, bounds = horizon.clock, horizon.end, horizon.bounds
    job_group, resource_group = grouping.job_group, grouping.resource_group
    hours_by_job = grouping.drum_hours_by_job
    special, operation_start, operation_end = scratch.special, scratch.operation_start, scratch.operation_end
    touched, job_period = scratch.touched, scratch.job_period
    activity_start, activity_end = schedule.activity_start, schedule.activity_end
    activity_resource, activity_batch = schedule.activity_resource, schedule.activity_batch
    actual_start, actual_end = schedule.activity_actual_start, schedule.activity_actual_end
    work_hours, first_activity = schedule.activity_work_hours, schedule.operation_first_activity
    role_of, timeline_of = enterprise.resource_role, enterprise.resource_timeline
    standard_cost, overtime_cost = enterprise.resource_standard_cost, enterprise.resource_overtime_cost
    first_segment, kind = enterprise.timeline_first, enterprise.segment_kind
    segment_start, segment_end = enterprise.segment_start, enterprise.segment_end
    words, bucket = enterprise.resource_potential, enterprise.bucket_origin
    special_row, segment_at = enterprise.resource_special, enterprise.special_segment
    span = (clock, horizon_end)
    first_order, first_operation = enterprise.job_first_order, enterprise.order_first_operation
    order_need, carrying_cost = enterprise.order_need, enterprise.operation_carrying
    cancelled, need, job_plant = enterprise.job_cancelled, enterprise.job_need, enterprise.job_plant
    revenue, shipping, penalty = enterprise.job_revenue, enterprise.job_shipping, enterprise.job_penalty
    own_subcontract, material, floor = enterprise.job_subcontract, enterprise.job_material, enterprise.job_floor
    capital_has_stock = enterprise.plant_capital_has_stock
    has_actual_start, has_work_hours, has_batches = actual_start.size > 0, work_hours.size > 0, activity_batch.size > 0
    parts = np.empty(N_PART, np.float64)
    n_touched = 0
    for j in range(np.uint64(jobs[0]), np.uint64(jobs[1])):
        job_period[j] = -1
        if cancelled[j]:
            continue
        g = job_group[j]
        job_end = NEVER
        scheduled = True
        lowest_order, highest_order = rows(first_order, j)
        lowest, highest = np.uint64(first_operation[lowest_order]), np.uint64(first_operation[highest_order])
        lowest_activity, highest_activity = np.uint64(first_activity[lowest]), np.uint64(first_activity[highest])
        n_special, n_touched, n_due = _noted(
            lowest_activity,
            highest_activity,
            activity_start,
            activity_end,
            activity_resource,
            role_of,
            words,
            bucket,
            clock,
            special,
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
        if lowest == highest:
            scheduled = False
        counted = scheduled and clock <= job_end < horizon_end
        k = period_of(bounds, job_end)
        if counted:
            job_period[j] = k
        subcontract = 0.0
        on_drum = False
        for n in range(n_special):
            a = np.uint64(special[n])
            r = activity_resource[a]
            start = activity_start[a]
            end = activity_end[a]
            last = first_segment[timeline_of[r] + 1]
            at = (start - bucket[0]) >> bucket[1]
            if 0 <= at < segment_at.shape[1]:
                s = segment_at[special_row[r], at]
                while s < last and segment_end[s] <= start:
                    s += 1
            else:
                s = segment_after(segment_end, first_segment[timeline_of[r]], last, start)
            online, overtime = paid_seconds(s, last, segment_start, segment_end, kind, start, end)
            if role_of[r] & IS_SUBCONTRACTOR:  # an empty rate x 0 hours is 0
                if online:
                    subcontract += standard_cost[r] * (online / HOUR)
                if overtime:
                    subcontract += overtime_cost[r] * (overtime / HOUR)
            if role_of[r] & IS_DRUM:
                on_drum = True
                physical = (online + overtime) / HOUR
                hours = work_hours[a] if has_work_hours and not np.isnan(work_hours[a]) else physical
                group = resource_group[r]
                _drum_hours(out, g if hours_by_job else group, k, counted, (end - start) / HOUR, hours)
                if not has_batches or activity_batch[a] < 0:  # ``sum_batches`` adds what members share
                    if counted:
                        out[k, group, PHYSICAL_COUNTED] += physical
                    i = interval_of(bounds, start, 0)
                    if start >= clock and end <= min(bounds[i + 1], horizon_end):
                        i = i if i < bounds.size - 2 else 0
                        out[i, group, DRUM_BUSY] += physical
                        out[i, group, BACKLOG] += physical
                    else:
                        times = (start, end, clock, horizon_end)
                        busy(out, group, s, last, segment_start, segment_end, kind, times, bounds)
        if not np.isnan(own_subcontract[j]):
            subcontract = own_subcontract[j]
        if job_end != NEVER:
            out[k, g, SUBCONTRACT_ALL] += subcontract
        if scheduled:
            late = job_end - need[j]
            parts[0] = revenue[j]
            parts[1], parts[2], parts[3], parts[4] = material[j, 0], material[j, 1], material[j, 2], material[j, 3]
            parts[5] = subcontract
            parts[6] = shipping[j]
            parts[7] = penalty[j] * (late / DAY) if late > 0 else 0.0
            _throughput(out, g, k, parts, counted, on_drum, late)
        unfinished = not (scheduled and job_end < clock)
        for v in range(4):
            if scheduled if v < 2 else unfinished:  # what scheduled work requires; what was issued to unfinished work
                out[k, g, REQUIRED + v] += floor[j, v]
                if capital_has_stock[job_plant[j]]:
                    out[k, g, CAPITAL_REQUIRED + v] += floor[j, v]
        if unfinished and need[j] < clock:
            out[k, g, PAST_DUE_REVENUE] += revenue[j]
    return n_touched
