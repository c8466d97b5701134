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
    last = out_ended.shape[1] - 1
    x = np.empty(5 * LANES)
    stop, at, late = x[:LANES], x[LANES : 2 * LANES], x[2 * LANES : 3 * LANES]
    charge, square = x[3 * LANES : 4 * LANES], x[4 * LANES :]
    for i in range(job.size):
        j = job[i]
        if cancelled[j]:
            continue
        needed, rate, free, most, worth = need[j], penalty[j], grace[j], cap[j], revenue[j]
        _stops(end[j], here, j, count, stop)
        for s in range(stop.size):
            at[s] = stop[s] if stop[s] == stop[s] else 0.0
            behind = stop[s] - needed
            late[s] = behind if behind > 0.0 else 0.0
        out_counts[0, j] = _below(stop, np.inf)
        out_counts[1, j] = _to(stop, needed)
        out_counts[2, j] = _below(stop, horizon_end) - _below(stop, 0.0)
        rest = out_counts[0, j]
        before = _below(stop, bounds[1])
        for k in range(last):
            by = _below(stop, bounds[k + 2])
            out_ended[j, k] = by - before
            rest -= by - before
            before = by
        out_ended[j, last] = rest
        out_counts[4, j] = np.int64(total(x, LANES))
        if rate != 0.0:
            for s in range(stop.size):
                days = late[s] / DAY - free
                due = rate * days
                due = most if due > most else due
                charge[s] = due if days > 0.0 else 0.0
                square[s] = charge[s] * charge[s]
            out_money[0, j], out_money[1, j] = total(x, 3 * LANES), total(x, 4 * LANES)
        out_counts[3, j] = np.int64(total(x, 2 * LANES))
        for s in range(stop.size):
            inside = (stop[s] >= 0.0) & (stop[s] < horizon_end)
            charge[s] = worth if inside else 0.0
        if price.size:
            for s in range(stop.size):
                charge[s] *= price[j, s]
        out_money[2, j] = total(x, 3 * LANES)


@inlined
def _stops(end: Any, here: Any, j: Any, count: Any, out_stop: Any) -> None:
    """Ends of a job's lanes, not a number where it does not take place: no comparison holds there."""
    for s in range(end.size):
        out_stop[s] = end[s]
    if here.size:
        for s in range(end.size):
            out_stop[s] = np.nan if here[j, s] else out_stop[s]
    for s in range(count, end.size):
        out_stop[s] = np.nan


@inlined
def _below(stop: Any, bound: float) -> Any:
    """In how many lanes the job takes place and ends before ``bound``."""
    found: Any = np.int64(0)
    for s in range(stop.size):
        found += np.int64(stop[s] < bound)
    return found


@inlined
def _to(stop: Any, bound: float) -> Any:
    """In how many lanes it ends before ``bound`` or then."""
    found: Any = np.int64(0)
    for s in range(stop.size):
        found += np.int64(stop[s] <= bound)
    return found
