"""What a placed plan is worth to a search: a quick stand-in for the terms of the KPIs, which price its result."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from tocfin.kernels.compile import inlined, kernel
from tocfin.kernels.search_loads import Bytes, Floats, Ints, Longs

DAY = 86_400.0


class Worth(NamedTuple):
    """What a job is worth and when; NaN is not allowed here: what was not supplied weighs nothing in a search."""

    clock: int
    this_end: int  # of this period [s]
    end: int  # of the next period [s]
    job_fixed_end: Longs  # (jobs) [s] latest end of what is fixed; clock - 1 for none
    job_scheduled: Bytes  # (jobs) 1: ends count
    job_kept: Bytes  # (jobs) 1: must end in this period
    job_value: Floats  # (jobs) [money] throughput without penalty
    job_penalty: Floats  # (jobs) [money/day]
    job_need: Longs  # (jobs) [s]
    member_job: Ints  # (members)
    member_carry: Floats  # (members) [money/day] of its operation from its start to its order's end, then to its need
    move_cost: float  # [money] per load that does not start as planned
    move_cost_per_hour: float
    change_cost: float  # [money] per load on another resource
    end_cost: float  # [money/s] of the last end: makespan as an objective
    load_start: Longs  # (loads) [s] in the present plan


@inlined
def _overtime(loads: Any, times: Any, m: int) -> Any:
    """Cost of the potential overtime that member ``m`` works in; the operating days that it opens are noted."""
    r = times.resource[m]
    cost = 0.0
    if not loads.member_timed[m]:
        return cost
    begin, end = times.start[m], times.end[m]
    low, high = loads.segment_first[r], loads.segment_first[r + 1]
    last = high
    while low < high:
        middle = (low + high) >> 1
        if loads.segment_end[middle] > begin:
            high = middle
        else:
            low = middle + 1
    while low < last and loads.segment_start[low] < end:
        if loads.segment_potential[low]:
            cost += loads.segment_rate[low] * (min(end, loads.segment_end[low]) - max(begin, loads.segment_start[low]))
            if loads.segment_day[low] >= 0:
                times.day_used[loads.segment_day[low]] = 1
        low += 1
    return cost


@kernel
def worth(loads: Any, decision: Any, value: Any, times: Any) -> Any:
    """Money of a placed plan: throughput of jobs that end before the next period does, less what it costs.

    Less late penalty, potential overtime and the operating days that it opens, carrying cost, and moves; without limit
    where a job that must end in this period does not. What no decision changes is left out, so that only differences
    mean anything.
    """
    total = 0.0
    times.day_used[:] = 0
    times.job_end[:] = value.job_fixed_end
    for x in decision.order:
        moved = times.load_start[x] - value.load_start[x]
        if moved:
            total -= value.move_cost + value.move_cost_per_hour * abs(moved) / 3600.0
        if decision.choice[x]:
            total -= value.change_cost
        for m in range(loads.first_member[x], loads.first_member[x + 1]):
            j = value.member_job[m]
            times.job_end[j] = max(times.job_end[j], times.end[m])
            total -= _overtime(loads, times, m)
    for x in decision.order:
        for m in range(loads.first_member[x], loads.first_member[x + 1]):
            j = value.member_job[m]
            held = max(times.job_end[j], value.job_need[j]) - times.start[m]
            total -= value.member_carry[m] * held / DAY
    for d in range(loads.day_expense.size):
        if times.day_used[d]:
            total -= loads.day_expense[d]
    last = value.clock
    for j in range(times.job_end.size):
        ended = times.job_end[j]
        if value.job_kept[j] and ended >= value.this_end:
            return -np.inf
        last = max(last, ended)
        if value.job_scheduled[j] and value.clock <= ended < value.end:
            late = max(ended - value.job_need[j], 0) / DAY
            total += value.job_value[j] - value.job_penalty[j] * late
    return total - value.end_cost * (last - value.clock)
