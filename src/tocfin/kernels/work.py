"""Work on drums and subcontractors; the second of three passes over a block of jobs.

Only these activities need the hours of a calendar, so they have an index of their own. ``out`` is as in
``tocfin.kernels.orders``.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tocfin.kernels.compile import inlined, inner
from tocfin.kernels.slots import (
    BACKLOG,
    CAPACITY_ALL,
    CAPACITY_COUNTED,
    DRUM_BUSY,
    ELAPSED_ALL,
    ELAPSED_COUNTED,
    PHYSICAL_COUNTED,
)
from tocfin.kernels.worktime import CLEANOUT, interval_of, paid_before, rows, segment_after, spread

HOUR = 3600.0
ONE = np.uint64(1)


@inlined
def _segment(first_bucket: Any, segment_at: Any, bucket: Any, segment_end: Any, low: Any, last: Any, at: int) -> Any:
    """First segment of the timeline ``low : last`` that ends after the instant ``at``: from its bucket's on."""
    origin, shift, n_bucket = bucket
    b = np.uint64(at - origin) >> shift
    if b >= n_bucket:  # also before the first
        return np.uint64(segment_after(segment_end, np.int64(low), np.int64(last), at))
    s = np.uint64(segment_at[np.uint64(first_bucket) + b])
    while s < last and segment_end[s] <= at:
        s += ONE
    return s


@inlined
def busy(
    out: Any, g: Any, first: Any, last: Any, segment_start: Any, segment_end: Any, kind: Any, times: Any, bounds: Any
) -> None:
    """Available hours of ``times`` = (start, end, clock, horizon end): inside the horizon, and all from the clock on.

    ``first`` is the first segment that ends after the start, ``last`` the end of its timeline.
    """
    start, end, clock, horizon_end = times
    i = np.uint64(0)
    s = np.uint64(first)
    while s < np.uint64(last) and segment_start[s] < end:
        if kind[s] != CLEANOUT:
            from_ = max(start, segment_start[s], clock)
            to = min(end, segment_end[s])
            i = spread(out, g, DRUM_BUSY, 1.0 / HOUR, from_, min(to, horizon_end), bounds, i)
            spread(out, g, BACKLOG, 1.0 / HOUR, from_, to, bounds, i)
        s += ONE


@inlined
def _drum_hours(out: Any, g: Any, k: Any, counted: bool, elapsed: float, hours: float) -> None:
    """Hours of one activity on a drum, batch members each."""
    out[k, g, ELAPSED_ALL] += elapsed
    out[k, g, CAPACITY_ALL] += hours
    if counted:
        out[k, g, ELAPSED_COUNTED] += elapsed
        out[k, g, CAPACITY_COUNTED] += hours


@inner
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
    span = enterprise.bucket_span
    bucket = (span[0], np.uint64(span[1]), np.uint64(span[2]))
    for i in range(np.uint64(first), np.uint64(last)):
        a = np.uint64(activity[i])
        r = np.uint64(resource[a])
        low, high = rows(first_segment, np.uint64(timeline[r]))
        s = _segment(first_bucket[r], segment_at, bucket, segment_end, low, high, start[a])
        n = _segment(first_bucket[r], segment_at, bucket, segment_end, low, high, end[a])
        online, overtime = paid_before(n, high, segment_start, kind, online_before, overtime_before, end[a])
        before = paid_before(s, high, segment_start, kind, online_before, overtime_before, start[a])
        online -= before[0]
        overtime -= before[1]
        if online:
            out_cost[np.uint64(job[i] - first_job)] += standard[r] * (online / HOUR)
        if overtime:
            out_cost[np.uint64(job[i] - first_job)] += overtime_cost[r] * (overtime / HOUR)


@inner
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
    batched, work_hours = schedule.drum_batched, schedule.activity_work_hours
    first_segment, timeline, kind = enterprise.timeline_first, enterprise.resource_timeline, enterprise.segment_kind
    segment_start, segment_end = enterprise.segment_start, enterprise.segment_end
    online_before, overtime_before = enterprise.segment_online, enterprise.segment_overtime
    first_bucket, segment_at = enterprise.resource_first_bucket, enterprise.bucket_segment
    span = enterprise.bucket_span
    bucket = (span[0], np.uint64(span[1]), np.uint64(span[2]))
    job_group, resource_group, hours_by_job = grouping.job_group, grouping.resource_group, grouping.drum_hours_by_job
    job_end, job_period, on_drum = scratch.job_end, scratch.job_period, scratch.job_on_drum
    has_work_hours = work_hours.size > 0
    near, outside = np.uint64(0), np.uint64(bounds.size - 2)
    for i in range(np.uint64(first), np.uint64(last)):
        a = np.uint64(activity[i])
        j = np.uint64(job[i])
        of_chunk = j - np.uint64(first_job)
        r = np.uint64(resource[a])
        g = np.uint64(resource_group[r])
        on_drum[of_chunk] = 1
        counted = job_period[j] >= 0
        near = interval_of(bounds, job_end[of_chunk], near)
        k = near if near < outside else np.uint64(0)
        from_ = start[a]
        to = end[a]
        low, high = rows(first_segment, np.uint64(timeline[r]))
        s = _segment(first_bucket[r], segment_at, bucket, segment_end, low, high, from_)
        n = _segment(first_bucket[r], segment_at, bucket, segment_end, low, high, to)
        online, overtime = paid_before(n, high, segment_start, kind, online_before, overtime_before, to)
        before = paid_before(s, high, segment_start, kind, online_before, overtime_before, from_)
        physical = (online + overtime - before[0] - before[1]) / HOUR
        hours = work_hours[a] if has_work_hours and not np.isnan(work_hours[a]) else physical
        _drum_hours(out, np.uint64(job_group[j]) if hours_by_job else g, k, counted, (to - from_) / HOUR, hours)
        if batched[i]:
            continue  # ``sum_batches`` adds what members share
        if counted:
            out[k, g, PHYSICAL_COUNTED] += physical
        inside = interval_of(bounds, from_, near)
        if from_ >= clock and to <= min(bounds[inside + np.uint64(1)], horizon_end):
            inside = inside if inside < outside else np.uint64(0)
            out[inside, g, DRUM_BUSY] += physical
            out[inside, g, BACKLOG] += physical
        else:
            times = (from_, to, clock, horizon_end)
            busy(out, g, s, high, segment_start, segment_end, kind, times, bounds)
