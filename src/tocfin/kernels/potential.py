"""Which activities touch potential overtime: noted and packed for ``tocfin.kernels.capacity``, job by job."""

from __future__ import annotations

from typing import Any

import numpy as np

from tocfin.kernels.compile import lean


@lean
def note_touched(enterprise: Any, schedule: Any, jobs: Any, out_touched: Any) -> int:
    """Rows of activities of jobs ``jobs[0] : jobs[1]`` that may touch potential overtime; how many there are.

    A row is written in any case and kept by counting on: what cannot be foreseen is not guessed at. A loop of its own:
    inside that over orders it had not enough registers, which took 5 ns more.

    ===========  ======================  ==============================================
    out_touched  (activities of these + 1)  rows of the schedule; cancelled jobs have none
    ===========  ======================  ==============================================
    """
    start, end, resource = schedule.activity_start, schedule.activity_end, schedule.activity_resource
    first_bucket, potential = enterprise.resource_first_bucket, enterprise.bucket_potential
    origin, shift, n_bucket = enterprise.bucket_span[0], enterprise.bucket_span[1], enterprise.bucket_span[2]
    cancelled = enterprise.job_cancelled
    first_order, first_operation = enterprise.job_first_order, enterprise.order_first_operation
    first_activity = schedule.operation_first_activity
    n: Any = np.uint64(0)
    j = jobs[0]
    while j < jobs[1]:
        first = first_activity[first_operation[first_order[j]]]
        while j < jobs[1] and not cancelled[j]:
            j += 1
        last = first_activity[first_operation[first_order[j]]]
        for a in range(np.uint64(first), np.uint64(last)):
            out_touched[n] = a
            at = first_bucket[np.uint64(resource[a])] + min(max((start[a] - origin) >> shift, 0), n_bucket)
            n += np.uint64(potential[np.uint64(at)] <= (end[a] - 1 - origin) >> shift)
        j += 1  # a cancelled one, or the last
    return int(n)


@lean
def pack(schedule: Any, span: Any, n_touched: int, scratch: Any, n: int) -> int:
    """Pack the times of the first ``n_touched`` rows of ``scratch.touched`` behind the ``n`` packed already.

    ``scratch.packed`` holds them as ``sum_capacity`` reads them, ``scratch.packed_resource`` their resources and
    ``scratch.resource_packed`` how many each resource has. Returns how many are packed now.
    """
    start, end, resource = schedule.activity_start, schedule.activity_end, schedule.activity_resource
    touched, packed, owner, count = scratch.touched, scratch.packed, scratch.packed_resource, scratch.resource_packed
    clock, horizon_end = span.clock, span.end
    for i in range(n_touched):
        a = np.uint64(touched[i])
        r = np.uint64(resource[a])
        packed[n + i] = ((max(start[a], clock) - clock) << 32) | (min(end[a], horizon_end) - clock)
        owner[n + i] = r
        count[r] += 1
    return n + n_touched
