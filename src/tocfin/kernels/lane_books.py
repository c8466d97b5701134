"""All that hangs on jobs, in 64 replications at once: orders, drums, subcontractors and money, job after job.

What ``tocfin.kernels.block`` sums for one schedule in three passes; only paid hours, potential overtime, operating
days and stock are left to ``tocfin.kernels.lane_capacity``. Instants are int32 seconds after the clock.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tocfin.kernels.block import DAY
from tocfin.kernels.compile import inlined, lean
from tocfin.kernels.lane_add import (
    ENDED,
    HERE,
    JOB_END,
    LANES,
    ONE,
    ORDER_END,
    SUBCONTRACT,
    fill,
    interval_from,
    intervals,
    only_here,
)
from tocfin.kernels.lane_drums import sum_drum, sum_paid
from tocfin.kernels.lane_money import standing, sum_job
from tocfin.kernels.lane_orders import ASKED, ask, due, order_span, sum_order
from tocfin.kernels.lane_some import some_order
from tocfin.kernels.vector import WIDE, greater, load, store


@inlined
def _takes_place(j: Any, absent: Any, x: Any, y: Any) -> Any:
    """HERE, and whether the job takes place in every lane; no end yet, nothing subcontracted."""
    gone: Any = 0
    fill(x, JOB_END, -np.inf)
    fill(x, SUBCONTRACT, 0.0)
    fill(y, HERE, ONE)
    if absent.size:
        for s in range(LANES):
            y[HERE + s] = 1 - np.int32(absent[j, s])
            gone += np.int64(absent[j, s])
    return gone == 0


@inlined
def _ended(bounds: Any, low: Any, high: Any, all_here: bool, x: Any, y: Any) -> Any:
    """Intervals of the job's end: of each lane, and the least and the greatest."""
    i0 = interval_from(bounds, np.float64(low), 0)
    i1 = interval_from(bounds, np.float64(high), i0)
    intervals(bounds, x, JOB_END, i0, i1, y, ENDED)
    if not all_here:
        only_here(y, ENDED)
    return i0, i1


@lean
def sum_lanes(
    enterprise: Any,
    schedule: Any,
    grouping: Any,
    spans: Any,
    jobs: Any,
    chained: Any,
    noise: Any,
    timed: Any,
    scratch: Any,
    out_end: Any,
    out: Any,
) -> None:
    """Sum ``jobs`` (rows, which rise) of a block of 64 replications into ``out``.

    ==========  =============================  ==============================================================
    spans                                      columns of ``tocfin.scenarios.ordinary.Spans``
    chained     (orders)                       1 where each activity waits for the one before it
    noise                                      absent (jobs, lanes), price (jobs, lanes), material (jobs, 8,
                                               lanes) as in ``tocfin.scenarios.futures.Future``; 0 for none
    timed       times (activities, 2, lanes)   [s] int32, start and end after the clock
    ..          span (activities, 2)           [s] the least and the greatest end
    scratch                                    (N_X x lanes) float64 and (N_Y x lanes) int32
    out_end     (jobs, lanes)                  [s] latest end, -inf for a job without work; cancelled jobs are
                                               not written
    out                                        ``in_line`` of what is added to
    ==========  =============================  ==============================================================
    """
    absent, price, material = noise
    times, span = timed
    bounds, horizon_end, clock = spans.bounds, spans.horizon_end, spans.clock
    segments = (spans.segment_start, spans.segment_end, enterprise.segment_kind)
    timeline, first_segment = enterprise.resource_timeline, enterprise.timeline_first
    standard, premium = enterprise.resource_standard_cost, enterprise.resource_overtime_cost
    job_group, resource_group, hours_by_job = grouping.job_group, grouping.resource_group, grouping.drum_hours_by_job
    first_order, first_operation = enterprise.job_first_order, enterprise.order_first_operation
    first_activity, plain, resource = (
        schedule.operation_first_activity,
        schedule.order_plain,
        schedule.activity_resource,
    )
    actual_start, actual_end = schedule.activity_actual_start, schedule.activity_actual_end
    order_need, job_need, rate = spans.order_need, spans.job_need, enterprise.operation_carrying
    cancelled, plant, has_stock = enterprise.job_cancelled, enterprise.job_plant, enterprise.plant_capital_has_stock
    own_subcontract = enterprise.job_subcontract
    money = (
        enterprise.job_revenue,
        enterprise.job_material,
        enterprise.job_shipping,
        enterprise.job_penalty,
        enterprise.job_floor,
    )
    drum_activity, drum_job = schedule.drum_activity, schedule.drum_job
    paid_activity, paid_job = schedule.subcontract_activity, schedule.subcontract_job
    x, y = scratch
    drum, paid = 0, 0
    for i in range(jobs.size):
        j = jobs[i]
        if cancelled[j]:
            continue
        while drum < drum_job.size and drum_job[drum] < j:
            drum += 1
        while paid < paid_job.size and paid_job[paid] < j:
            paid += 1
        coming, behind = 0, 0
        if i + 1 < jobs.size:
            coming = first_activity[first_operation[first_order[jobs[i + 1]]]]
            behind = first_activity[first_operation[first_order[jobs[i + 1] + 1]]]
        g = job_group[j]
        all_here = _takes_place(j, absent, x, y)
        scheduled, has_work = True, False
        low, high = -(2**62), -(2**62)
        for m in range(first_order[j], first_order[j + 1]):
            first, last = first_operation[m], first_operation[m + 1]
            a, b = first_activity[first], first_activity[last]
            if a == b:
                scheduled = scheduled and first == last
                continue
            in_turn = chained[m] > 0 and all_here
            least, most, lowest, highest = order_span(times, a, b, in_turn, (coming, behind), x)
            coming += ASKED
            if least < 0:
                due(times, a, b, actual_end, clock, bounds, g, x, y, out)
            order = (a, last - first, first, least, most, lowest, highest)
            if plain[m]:
                clipped = (bounds, horizon_end, all_here)
                sum_order(order, rate, order_need[m], g, (times, span, in_turn), (coming, behind), clipped, x, y, out)
                coming += ASKED
            else:
                within = (first_activity, actual_start, clock)
                complete = some_order(order, within, rate, order_need[m], g, times, (bounds, horizon_end), x, y, out)
                scheduled = scheduled and complete
            for s in range(0, LANES, WIDE):
                store(x, JOB_END + s, greater(load(x, JOB_END + s), load(x, ORDER_END + s)))
            has_work = True
            low, high = max(low, lowest), max(high, highest)
        for s in range(0, LANES, WIDE):
            ask(times, (coming, behind), s)
        scheduled = scheduled and has_work
        for s in range(0, LANES, WIDE):
            store(out_end[j], s, load(x, JOB_END + s))
        ended = _ended(bounds, low, high, all_here, x, y)
        stands = standing(job_need[j], scheduled, horizon_end, x, y)
        subcontracted = False
        while paid < paid_job.size and paid_job[paid] == j:
            subcontracted = True
            a = paid_activity[paid]
            r, start, end = resource[a], times[a, 0], times[a, 1]
            sum_paid(timeline[r], standard[r], premium[r], first_segment, segments, start, end, x, y)
            paid += 1
        on_drum = False
        while drum < drum_job.size and drum_job[drum] == j:
            a = drum_activity[drum]
            r, start, end = resource[a], times[a, 0], times[a, 1]
            to = g if hours_by_job else resource_group[r]
            sum_drum(
                r,
                (timeline, first_segment),
                segments,
                start,
                end,
                to,
                resource_group[r],
                ended,
                bounds,
                horizon_end,
                x,
                y,
                out,
            )
            on_drum = True
            drum += 1
        past, late = job_need[j] < 0.0, np.float64(high) > job_need[j]
        job = (has_work, scheduled, on_drum, has_stock[plant[j]] > 0, past, subcontracted, late)
        sum_job(j, own_subcontract[j], job, money, price, material, g, ended, bounds, stands, x, y, out)


@lean
def close_books(sums: Any, constant: Any, carrying: Any, out: Any) -> None:
    """What is summed of all groups but the last, with what no replication changes, the *outside* behind all periods.

    ==========  =====================================  =====================================================
    sums        (periods + 1, groups, terms, lanes)    as in ``sum_lanes``
    constant    (periods + 1, groups, terms)
    carrying                                           first and last + 1 term that is summed in money per
                                                       day times seconds
    out         (terms, groups - 1, periods + 1, lanes)
    ==========  =====================================  =====================================================
    """
    last = constant.shape[0] - 1
    for v in range(out.shape[0]):
        by_day = carrying[0] <= v < carrying[1]
        for g in range(out.shape[1]):
            for k in range(out.shape[2]):
                at, to, more = sums[k, g, v], out[v, g, k - 1 if k else last], constant[k, g, v]
                for s in range(0, LANES, WIDE):
                    found = load(at, s)
                    store(to, s, (found / DAY if by_day else found) + more)
