"""Work on drums and subcontractors; the second of three passes over a block of jobs.

Only these activities need the hours of a calendar, so they have an index of their own. ``out`` is as in
``tocfin.kernels.orders``.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tocfin.kernels.compile import inlined, lean
from tocfin.kernels.slots import (
    BACKLOG,
    CAPACITY_ALL,
    CAPACITY_COUNTED,
    DRUM_BUSY,
    ELAPSED_ALL,
    ELAPSED_COUNTED,
    PHYSICAL_COUNTED,
)
from tocfin.kernels.worktime import CLEANOUT, interval_of, paid_before, period_of, segment_after, spread

HOUR = 3600.0


@inlined
def _segment(first_bucket: int, segment_at: Any, bucket: Any, segment_end: Any, low: int, last: int, at: int) -> Any:
    """First segment of the timeline ``low : last`` that ends after the instant ``at``: from its bucket's on."""
    b = (at - bucket[0]) >> bucket[1]
    if b < 0 or b >= bucket[2]:
        return segment_after(segment_end, low, last, at)
    s = segment_at[first_bucket + b]
    while s < last and segment_end[s] <= at:
        s += 1
    return s


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
def _drum_hours(out: Any, g: int, k: int, counted: bool, elapsed: float, hours: float) -> None:
    """Hours of one activity on a drum, batch members each."""
    out[k, g, ELAPSED_ALL] += elapsed
    out[k, g, CAPACITY_ALL] += hours
    if counted:
        out[k, g, ELAPSED_COUNTED] += elapsed
        out[k, g, CAPACITY_COUNTED] += hours


@lean
def sum_subcontract(enterprise: Any, schedule: Any, first: int, last: int, first_job: int, out_cost: Any) -> None:
    """Paid time of work on subcontractors, rows ``first : last`` of their index, added to ``out_cost`` (jobs from
    ``first_job`` on) [money].

    An empty rate x 0 hours is 0 (rulings R9, R17).
    """
    activity, job = schedule.subcontract_activity, schedule.subcontract_job
    start, end, resource = schedule.activity_start, schedule.activity_end, schedule.activity_resource
    standard, overtime_cost = enterprise.resource_standard_cost, enterprise.resource_overtime_cost
    first_segment, timeline, kind = enterprise.timeline_first, enterprise.resource_timeline, enterprise.segment_kind
    segment_start, segment_end = enterprise.segment_start, enterprise.segment_end
    online_before, overtime_before = enterprise.segment_online, enterprise.segment_overtime
    first_bucket, segment_at = enterprise.resource_first_bucket, enterprise.bucket_segment
    bucket = (enterprise.bucket_span[0], enterprise.bucket_span[1], enterprise.bucket_span[2])
    for i in range(first, last):
        a = activity[i]
        r = resource[a]
        low, high = first_segment[timeline[r]], first_segment[timeline[r] + 1]
        s = _segment(first_bucket[r], segment_at, bucket, segment_end, low, high, start[a])
        n = _segment(first_bucket[r], segment_at, bucket, segment_end, low, high, end[a])
        online, overtime = paid_before(n, high, segment_start, kind, online_before, overtime_before, end[a])
        before = paid_before(s, high, segment_start, kind, online_before, overtime_before, start[a])
        online -= before[0]
        overtime -= before[1]
        if online:
            out_cost[job[i] - first_job] += standard[r] * (online / HOUR)
        if overtime:
            out_cost[job[i] - first_job] += overtime_cost[r] * (overtime / HOUR)


@lean
def sum_drums(
    enterprise: Any,
    schedule: Any,
    horizon: Any,
    grouping: Any,
    first: int,
    last: int,
    first_job: int,
    scratch: Any,
    out: Any,
) -> None:
    """Hours of work on drums, rows ``first : last`` of their index; batch members each.

    ``scratch`` holds what ``sum_orders`` found of the jobs from ``first_job`` on; ``scratch.job_on_drum`` is set.
    """
    clock, horizon_end, bounds = horizon.clock, horizon.end, horizon.bounds
    activity, job = schedule.drum_activity, schedule.drum_job
    start, end, resource = schedule.activity_start, schedule.activity_end, schedule.activity_resource
    batch, work_hours = schedule.activity_batch, schedule.activity_work_hours
    first_segment, timeline, kind = enterprise.timeline_first, enterprise.resource_timeline, enterprise.segment_kind
    segment_start, segment_end = enterprise.segment_start, enterprise.segment_end
    online_before, overtime_before = enterprise.segment_online, enterprise.segment_overtime
    first_bucket, segment_at = enterprise.resource_first_bucket, enterprise.bucket_segment
    bucket = (enterprise.bucket_span[0], enterprise.bucket_span[1], enterprise.bucket_span[2])
    job_group, resource_group, hours_by_job = grouping.job_group, grouping.resource_group, grouping.drum_hours_by_job
    job_end, job_period, on_drum = scratch.job_end, scratch.job_period, scratch.job_on_drum
    has_work_hours, has_batches = work_hours.size > 0, batch.size > 0
    for i in range(first, last):
        a = activity[i]
        j = job[i]
        r = resource[a]
        g = resource_group[r]
        on_drum[j - first_job] = 1
        counted = job_period[j] >= 0
        k = period_of(bounds, job_end[j - first_job])
        from_ = start[a]
        to = end[a]
        low, high = first_segment[timeline[r]], first_segment[timeline[r] + 1]
        s = _segment(first_bucket[r], segment_at, bucket, segment_end, low, high, from_)
        n = _segment(first_bucket[r], segment_at, bucket, segment_end, low, high, to)
        online, overtime = paid_before(n, high, segment_start, kind, online_before, overtime_before, to)
        before = paid_before(s, high, segment_start, kind, online_before, overtime_before, from_)
        physical = (online + overtime - before[0] - before[1]) / HOUR
        hours = work_hours[a] if has_work_hours and not np.isnan(work_hours[a]) else physical
        _drum_hours(out, job_group[j] if hours_by_job else g, k, counted, (to - from_) / HOUR, hours)
        if has_batches and batch[a] >= 0:
            continue  # ``sum_batches`` adds what members share
        if counted:
            out[k, g, PHYSICAL_COUNTED] += physical
        inside = interval_of(bounds, from_, 0)
        if from_ >= clock and to <= min(bounds[inside + 1], horizon_end):
            inside = inside if inside < bounds.size - 2 else 0
            out[inside, g, DRUM_BUSY] += physical
            out[inside, g, BACKLOG] += physical
        else:
            times = (from_, to, clock, horizon_end)
            busy(out, g, s, high, segment_start, segment_end, kind, times, bounds)
