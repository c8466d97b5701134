"""One timed schedule becomes terms: sums per period, group and slot (``tocfin.kernels.slots``).

``out`` is (periods + 1, groups, terms) float64 everywhere; the last period is *outside*. A value that was not
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
from tocfin.kernels.worktime import paid_seconds, period_of, spread, touches_potential

HOUR = 3600.0
DAY = 86_400.0
IS_DRUM, IS_SUBCONTRACTOR, HAS_POTENTIAL = 1, 2, 4
NEVER = np.iinfo(np.int64).min
FOREVER = np.iinfo(np.int64).max


@inlined
def _paid(enterprise: Any, r: int, start: int, end: int) -> float:
    """Cost of the paid time of a subcontractor inside ``[start, end)`` [money]; an empty rate x 0 hours is 0."""
    online, overtime = paid_seconds(enterprise, r, start, end)
    cost = 0.0
    if online:
        cost += enterprise.resource_standard_cost[r] * (online / HOUR)
    if overtime:
        cost += enterprise.resource_overtime_cost[r] * (overtime / HOUR)
    return cost


@inlined
def _clipped(out: Any, g: int, slot: int, rate: float, start: int, end: int, horizon: Any) -> None:
    """Carrying cost of ``[start, end)`` inside the horizon, in the period it falls in."""
    spread(out, g, slot, rate / DAY, max(start, horizon.clock), min(end, horizon.end), horizon.edges)


@inlined
def _adherence(schedule: Any, horizon: Any, a: int, g: int, out: Any) -> None:
    """Activities that were due before the clock, and those of them that really ended by their planned end."""
    k = period_of(horizon.edges, schedule.activity_end[a])
    out[k, g, DUE] += 1.0
    if not schedule.activity_actual_end.size:
        out[k, g, ADHERED] += np.nan
    elif schedule.activity_actual_end[a] != NEVER and schedule.activity_actual_end[a] <= schedule.activity_end[a]:
        out[k, g, ADHERED] += 1.0


@inlined
def _drum_work(
    enterprise: Any, schedule: Any, horizon: Any, grouping: Any, drum: Any, k: int, counted: bool, out: Any
) -> None:
    """Hours of one job on drums; batch members each, their shared time is summed by ``sum_batches``."""
    for a in drum:
        r = schedule.activity_resource[a]
        g = grouping.resource_group[r]
        start = schedule.activity_start[a]
        end = schedule.activity_end[a]
        online, overtime = paid_seconds(enterprise, r, start, end)
        physical = (online + overtime) / HOUR
        hours = physical
        if schedule.activity_work_hours.size and not np.isnan(schedule.activity_work_hours[a]):
            hours = schedule.activity_work_hours[a]
        out[k, g, ELAPSED_ALL] += (end - start) / HOUR
        out[k, g, CAPACITY_ALL] += hours
        if counted:
            out[k, g, ELAPSED_COUNTED] += (end - start) / HOUR
            out[k, g, CAPACITY_COUNTED] += hours
        if not schedule.activity_batch.size or schedule.activity_batch[a] < 0:
            busy(enterprise, horizon, r, start, end, g, out)
            if counted:
                out[k, g, PHYSICAL_COUNTED] += physical


@inlined
def busy(enterprise: Any, horizon: Any, r: int, start: int, end: int, g: int, out: Any) -> None:
    """Available hours of ``[start, end)`` on drum ``r``: inside the horizon, and all from the clock on."""
    timeline = enterprise.resource_timeline[r]
    for segment in range(enterprise.timeline_first[timeline], enterprise.timeline_first[timeline + 1]):
        if enterprise.segment_end[segment] <= start:
            continue
        if enterprise.segment_start[segment] >= end:
            break
        if enterprise.segment_kind[segment] == 3:
            continue
        from_ = max(start, enterprise.segment_start[segment], horizon.clock)
        to = min(end, enterprise.segment_end[segment])
        spread(out, g, DRUM_BUSY, 1.0 / HOUR, from_, min(to, horizon.end), horizon.edges)
        spread(out, g, BACKLOG, 1.0 / HOUR, from_, to, horizon.edges)


@inlined
def _job_money(
    enterprise: Any,
    horizon: Any,
    j: int,
    job_end: int,
    scheduled: bool,
    counted: bool,
    on_drum: bool,
    subcontract: float,
    g: int,
    k: int,
    parts: Any,
    out: Any,
) -> None:
    """Money of one job: throughput parts per set of jobs, material on the floor, and what is past due."""
    late = job_end - enterprise.job_need[j] if scheduled else 0
    if scheduled:
        parts[0] = enterprise.job_revenue[j]
        for v in range(4):
            parts[1 + v] = enterprise.job_material[j, v]
        parts[5] = subcontract
        parts[6] = enterprise.job_shipping[j]
        parts[7] = enterprise.job_penalty[j] * (late / DAY) if late > 0 else 0.0
        for p in range(N_PART):
            if counted:
                out[k, g, COUNTED + p] += parts[p]
                if on_drum:
                    out[k, g, DRUM + p] += parts[p]
            if late > 0:
                out[k, g, LATE + p] += parts[p]
                out[k, g, LATE_DAYS + p] += parts[p] * (late / DAY)
    if counted:
        out[k, g, JOBS_ENDED] += 1.0
        if late <= 0:
            out[k, g, JOBS_ON_TIME] += 1.0
    finished = scheduled and job_end < horizon.clock
    in_capital = enterprise.plant_capital_has_stock[enterprise.job_plant[j]]
    for v in range(4):
        if scheduled if v < 2 else not finished:  # what is required of scheduled work; what is issued to unfinished
            out[k, g, REQUIRED + v] += enterprise.job_floor[j, v]
            if in_capital:
                out[k, g, CAPITAL_REQUIRED + v] += enterprise.job_floor[j, v]
    if not finished and enterprise.job_need[j] < horizon.clock:
        out[k, g, PAST_DUE_REVENUE] += enterprise.job_revenue[j]


@kernel
def sum_jobs(enterprise: Any, schedule: Any, horizon: Any, grouping: Any, jobs: Any, scratch: Any, out: Any) -> int:
    """Sum jobs ``jobs[0] : jobs[1]`` into ``out``; the number of activities noted in ``scratch.touched``.

    ============================  ===========================  ======================================================
    scratch.drum                  (most activities of a job)   rows of the activities of one job on drums
    scratch.operation_start       (most operations, an order)  start of each operation of one order [s]
    scratch.touched               (activities of the block)    out: activities that may touch potential overtime
    scratch.job_period            (jobs)                       out: period of the job's end, -1 where not counted
    ============================  ===========================  ======================================================
    """
    parts = np.empty(N_PART, np.float64)
    n_touched = 0
    for j in range(jobs[0], jobs[1]):
        scratch.job_period[j] = -1
        if enterprise.job_cancelled[j]:
            continue
        g = grouping.job_group[j]
        job_end = NEVER
        scheduled = True
        n_operation = 0
        n_drum = 0
        subcontract = 0.0
        for m in range(enterprise.job_first_order[j], enterprise.job_first_order[j + 1]):
            first = enterprise.order_first_operation[m]
            last = enterprise.order_first_operation[m + 1]
            n_operation += last - first
            order_end = NEVER
            complete = last > first
            carrying = 0.0
            until_end = 0.0
            for o in range(first, last):
                start = FOREVER
                end = NEVER
                for a in range(schedule.operation_first_activity[o], schedule.operation_first_activity[o + 1]):
                    from_ = schedule.activity_start[a]
                    to = schedule.activity_end[a]
                    r = schedule.activity_resource[a]
                    role = enterprise.resource_role[r] & 7
                    if role:
                        if role & IS_DRUM:
                            scratch.drum[n_drum] = a
                            n_drum += 1
                        if role & IS_SUBCONTRACTOR:
                            subcontract += _paid(enterprise, r, from_, to)
                        if role & HAS_POTENTIAL and touches_potential(enterprise, r, from_, to):
                            scratch.touched[n_touched] = a
                            n_touched += 1
                    end = max(end, to)
                    if schedule.activity_actual_start.size and schedule.activity_actual_start[a] != NEVER:
                        from_ = schedule.activity_actual_start[a]
                    start = min(start, from_)
                    if to < horizon.clock:
                        _adherence(schedule, horizon, a, g, out)
                scratch.operation_start[o - first] = start
                if end == NEVER:
                    complete = False
                    scheduled = False
                    continue
                rate = enterprise.operation_carrying[o]
                carrying += rate
                if end != start:
                    until_end += rate * (end - start)
                    _clipped(out, g, CARRY_OP_END_CLIPPED, rate, start, end, horizon)
                order_end = max(order_end, end)
            if order_end == NEVER:
                continue
            k = period_of(horizon.edges, order_end)
            out[k, g, CARRY_OP_END] += until_end / DAY
            until_order = 0.0
            for o in range(first, last):
                start = scratch.operation_start[o - first]
                if start != FOREVER and start != order_end:
                    rate = enterprise.operation_carrying[o]
                    until_order += rate * (order_end - start)
                    _clipped(out, g, CARRY_MO_END_CLIPPED, rate, start, order_end, horizon)
            out[k, g, CARRY_MO_END] += until_order / DAY
            early = enterprise.order_need[m] - order_end
            if complete and early != 0:
                out[k, g, FG_CARRY] += carrying * (early / DAY)
                if early > 0:
                    out[k, g, FG_CARRY_CLAMPED] += carrying * (early / DAY)
            job_end = max(job_end, order_end)
        scheduled = scheduled and n_operation > 0
        counted = scheduled and horizon.clock <= job_end < horizon.end
        if not np.isnan(enterprise.job_subcontract[j]):
            subcontract = enterprise.job_subcontract[j]
        k = period_of(horizon.edges, job_end)
        if counted:
            scratch.job_period[j] = k
        if job_end != NEVER:
            out[k, g, SUBCONTRACT_ALL] += subcontract
            _drum_work(enterprise, schedule, horizon, grouping, scratch.drum[:n_drum], k, counted, out)
        _job_money(enterprise, horizon, j, job_end, scheduled, counted, n_drum > 0, subcontract, g, k, parts, out)
    return n_touched
