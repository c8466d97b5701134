"""What jobs come to over the replications of a block: counts, seconds, and money by 64 lanes."""

from __future__ import annotations

from typing import Any

import numpy as np

from tocfin.kernels.compile import inlined, kernel
from tocfin.kernels.lane_add import LANES

DAY = 86_400.0
#: Lanes are added up eight side by side, then these eight by halves: so the sum is quick, and always the same.
WIDTH = 8


@inlined
def total(x: Any, at: Any) -> Any:
    """Sum of the lanes ``x[at + s]``."""
    for first in range(WIDTH, LANES, WIDTH):
        for s in range(WIDTH):
            x[at + s] += x[at + first + s]
    a, b = x[at] + x[at + 1], x[at + 2] + x[at + 3]
    c, d = x[at + 4] + x[at + 5], x[at + 6] + x[at + 7]
    return (a + b) + (c + d)


@kernel
def tally(
    job: Any,
    end: Any,
    here: Any,
    count: Any,
    spans: Any,
    job_columns: Any,
    price: Any,
    out_counts: Any,
    out_ended: Any,
    out_money: Any,
) -> None:
    """Sums over the first ``count`` of 64 lanes for every job of ``job``; rows of other jobs are not written.

    ============  ==========================  ===================================================================
    job           (ends)                      rows of the jobs
    end           (jobs, lanes)               [s] float64, after the clock
    here          (jobs, lanes) or 0          0 where a job takes place
    spans                                     bounds, end of the horizon and job_need of ``Spans``
    job_columns                               job_cancelled, job_revenue, job_penalty, grace, cap
    price         (jobs, lanes) or 0          relative to the planned revenue
    out_counts    (5, jobs)                   takes place; of these on time; ended inside the horizon; [s] lateness,
                                              and end after the clock
    out_ended     (jobs, periods + 1)         of these, ended in the period
    out_money     (3, jobs)                   [money] late penalty, its square, revenue where it ended inside
    ============  ==========================  ===================================================================
    """
    bounds, horizon_end, need = spans
    cancelled, revenue, penalty, grace, cap = job_columns
    x = np.empty(3 * LANES)
    for i in range(job.size):
        j = job[i]
        if cancelled[j]:
            continue
        here_count, on_time, inside = 0, 0, 0
        late: Any = 0
        at: Any = 0
        for s in range(LANES):
            takes = s < count and not (here.size and here[j, s])
            stop = end[j, s] if takes else 0.0
            behind: Any = np.int64(stop - need[j]) if takes else 0
            ended = takes and 0.0 <= stop < horizon_end
            here_count += takes
            on_time += takes and behind <= 0
            inside += ended
            late += max(behind, 0)
            at += np.int64(stop)
            earned = revenue[j] * price[j, s] if price.size else revenue[j]
            x[2 * LANES + s] = earned if ended else 0.0
            days = np.float64(max(behind, 0)) / DAY - grace[j]
            charge = penalty[j] * (days if days > 0 else 0.0)
            charge = cap[j] if charge > cap[j] else charge
            x[s] = charge if days > 0 else 0.0
            x[LANES + s] = x[s] * x[s]
        out_counts[0, j], out_counts[1, j], out_counts[2, j] = here_count, on_time, inside
        out_counts[3, j], out_counts[4, j] = late, at
        if penalty[j] != 0.0:
            out_money[0, j], out_money[1, j] = total(x, 0), total(x, LANES)
        out_money[2, j] = total(x, 2 * LANES)
        for k in range(out_ended.shape[1]):
            out_ended[j, k] = _ended_in(end, j, here, count, bounds, k, out_ended.shape[1])


@inlined
def _ended_in(end: Any, j: Any, here: Any, count: Any, bounds: Any, k: Any, n: Any) -> Any:
    """Replications in which a job ends in period ``k``; ``n`` - 1 is outside all."""
    found = 0
    last = bounds.size - 2
    for s in range(LANES):
        takes = s < count and not (here.size and here[j, s])
        if k < n - 1:
            within = bounds[k + 1] <= end[j, s] < bounds[k + 2]
        else:
            within = last == 0 or end[j, s] < bounds[1] or end[j, s] >= bounds[last]
        found += takes and within
    return found
