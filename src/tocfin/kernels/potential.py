"""Which activities touch potential overtime: noted for ``tocfin.kernels.capacity``, some jobs at a time."""

from __future__ import annotations

from typing import Any

import numpy as np

from tocfin.kernels.compile import inlined, inner
from tocfin.kernels.worktime import rows


@inlined
def _note_buckets(start: Any, end: Any, bucket: Any, out_first: Any, out_last: Any) -> None:
    """First and last bucket that each activity touches; -1 before the horizon, the number of buckets behind it.

    Apart from all else, because these are vector instructions.
    """
    origin, shift, n_bucket = bucket
    for i in range(start.size):
        out_first[i] = min(max((start[i] - origin) >> shift, 0), n_bucket)
        out_last[i] = min(max((end[i] - 1 - origin) >> shift, -1), n_bucket)


@inner
def note_touched(enterprise: Any, schedule: Any, jobs: Any, scratch: Any) -> int:
    """Rows of activities of jobs ``jobs[0] : jobs[1]`` that may touch potential overtime; how many there are.

    A row is written in any case and kept by counting on: what cannot be foreseen is not guessed at.

    ====================  ======================  ==========================================================
    scratch.touched       (these activities + 1)  out: rows of the schedule; cancelled jobs have none
    scratch.first_bucket  (these activities)      first bucket that each touches
    scratch.last_bucket   (these activities)      last bucket that each touches; -1 for a cancelled job's
    ====================  ======================  ==========================================================
    """
    first_activity = schedule.operation_first_activity
    first_order, first_operation = enterprise.job_first_order, enterprise.order_first_operation
    cancelled, touched = enterprise.job_cancelled, scratch.touched
    first = first_activity[first_operation[first_order[jobs[0]]]]
    last = first_activity[first_operation[first_order[jobs[1]]]]
    begins, ends = scratch.first_bucket, scratch.last_bucket
    bucket = (enterprise.bucket_span[0], enterprise.bucket_span[1], enterprise.bucket_span[2])
    _note_buckets(schedule.activity_start[first:last], schedule.activity_end[first:last], bucket, begins, ends)
    for j in range(jobs[0], jobs[1]):
        if cancelled[j]:
            low = first_activity[first_operation[first_order[j]]]
            high = first_activity[first_operation[first_order[j + 1]]]
            ends[low - first : high - first] = -1
    resource, potential = schedule.activity_resource[first:last], enterprise.bucket_potential
    of_resource = enterprise.resource_first_bucket
    n: Any = np.uint64(0)
    for i in range(np.uint64(resource.size)):
        touched[n] = first + i
        at = of_resource[np.uint64(resource[i])] + begins[i]
        n += np.uint64(potential[np.uint64(at)] <= ends[i])
    return int(n)


@inner
def note_used(enterprise: Any, schedule: Any, span: Any, n_touched: int, scratch: Any, n: Any) -> Any:
    """Mark the segments of potential overtime that the first ``n_touched`` rows of ``scratch.touched`` cover whole.

    Rows that cover one in part are packed behind the ``n`` packed already; returns how many are packed now. Blocks on
    several threads mark the same array, which is safe because they write nothing but ones.

    =======================  =======================  ==============================================================
    scratch.used             (segments of resources)  out: 1 where covered, from ``scratch.first_used[r]`` on for ``r``
    scratch.packed           (rows)                   out: times as ``sum_capacity`` reads them
    scratch.packed_resource  (rows)                   out: their resources
    scratch.resource_packed  (resources)              out: how many each resource has
    =======================  =======================  ==============================================================
    """
    start, end, resource = schedule.activity_start, schedule.activity_end, schedule.activity_resource
    segment_start, segment_end = enterprise.segment_start, enterprise.segment_end
    segment_at, following = enterprise.bucket_segment, enterprise.segment_next_potential
    clock, horizon_end = span.clock, span.end
    origin, shift, n_bucket = enterprise.bucket_span[0], enterprise.bucket_span[1], enterprise.bucket_span[2]
    for i in range(np.uint64(n_touched)):
        a = np.uint64(scratch.touched[i])
        r = np.uint64(resource[a])
        from_ = max(start[a], clock)
        to = min(end[a], horizon_end)
        low, last = rows(enterprise.timeline_first, np.uint64(enterprise.resource_timeline[r]))
        bucket = enterprise.resource_first_bucket[r] + min(max((from_ - origin) >> shift, 0), n_bucket)
        s = np.uint64(following[np.uint64(segment_at[np.uint64(bucket)])])
        in_part = False
        while s < last and segment_start[s] < to:
            if from_ <= max(segment_start[s], clock) and to >= min(segment_end[s], horizon_end):
                scratch.used[np.uint64(scratch.first_used[r]) + s - low] = 1
            elif from_ < min(segment_end[s], to):
                in_part = True
            s = np.uint64(following[s + np.uint64(1)])
        if in_part:
            scratch.packed[n] = ((from_ - clock) << 32) | (to - clock)
            scratch.packed_resource[n] = r
            scratch.resource_packed[r] += 1
            n += 1
    return n
