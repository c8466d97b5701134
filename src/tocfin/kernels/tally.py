"""What jobs come to over the replications of a block: counts, seconds, and money by 64 lanes."""

from __future__ import annotations

from typing import Any

import numpy as np

from tocfin.kernels.compile import inlined, kernel
from tocfin.kernels.lane_add import LANES
from tocfin.kernels.vector import WIDE, chosen, count_of, lesser, load, over, store, total_of

DAY = 86_400.0
#: Scratch: ends, which are not a number where a lane does not count; what is added to an end to make it so, of all jobs
#: and of one; and what is summed.
STOP, PAST, GONE, AT, LATE, CHARGE, SQUARE = (LANES * n for n in range(7))


@inlined
def total(x: Any, at: Any) -> Any:
    """Sum of the lanes ``x[at + s]``."""
    a, b, c, d = load(x, at), load(x, at + WIDE), load(x, at + 2 * WIDE), load(x, at + 3 * WIDE)
    return total_of(a, b, c, d)


@kernel
def tally(
    booked: Any,
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
    """Sums over the first ``count`` of 64 lanes for some jobs; rows of other jobs are not written.

    ============  ==========================  ===================================================================
    booked        jobs (jobs that are summed) rows in ``end``, ``job_need`` and ``job_columns``
    ..            own (jobs)                  row of each in all others
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
    jobs, own = booked
    last = out_ended.shape[1] - 1
    x = np.zeros(7 * LANES)
    x[PAST + count : PAST + LANES] = np.nan
    for j in jobs:
        if cancelled[j]:
            continue
        row = own[j]
        needed, rate, free, most, worth = need[j], penalty[j], grace[j], cap[j], revenue[j]
        gone = PAST
        if here.size:
            gone = GONE
            for s in range(LANES):
                x[GONE + s] = np.nan if here[row, s] else x[PAST + s]
        on_time, inside = np.int64(0), np.int64(0)
        for s in range(0, LANES, WIDE):
            stop = load(end[j], s) + load(x, gone + s)  # no comparison holds for what is not a number
            behind, counts = stop - needed, (stop >= 0.0) & (stop < horizon_end)
            late, worths = chosen(behind > 0.0, behind, 0.0), chosen(counts, worth, 0.0)
            on_time += count_of(stop <= needed)
            inside += count_of(stop < horizon_end) - count_of(stop < 0.0)
            store(x, STOP + s, stop)
            store(x, AT + s, chosen(stop == stop, stop, 0.0))
            store(x, LATE + s, late)
            store(x, CHARGE + s, worths * load(price[row], s) if price.size else worths)
        out_money[2, row] = total(x, CHARGE)
        if rate != 0.0:
            for s in range(0, LANES, WIDE):
                days = over(load(x, LATE + s), DAY) - free
                due = rate * days
                due = chosen(days > 0.0, lesser(due, most), 0.0)
                store(x, CHARGE + s, due)
                store(x, SQUARE + s, due * due)
            out_money[0, row], out_money[1, row] = total(x, CHARGE), total(x, SQUARE)
        rest = _below(x, np.inf)
        out_counts[0, row], out_counts[1, row], out_counts[2, row] = rest, on_time, inside
        out_counts[3, row], out_counts[4, row] = np.int64(total(x, LATE)), np.int64(total(x, AT))
        before = _below(x, bounds[1])
        for k in range(last):
            by = _below(x, bounds[k + 2])
            out_ended[row, k] = by - before
            rest -= by - before
            before = by
        out_ended[row, last] = rest


@inlined
def _below(x: Any, bound: float) -> Any:
    """In how many lanes the job takes place and ends before ``bound``."""
    found: Any = np.int64(0)
    for s in range(0, LANES, WIDE):
        found += count_of(load(x, STOP + s) < bound)
    return found
