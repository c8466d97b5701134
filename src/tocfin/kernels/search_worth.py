"""What a placed plan is worth to a search: a quick stand-in for the terms of the KPIs, which price its result."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from tocfin.kernels.compile import inlined, inner, kernel
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
    job_value: Floats  # (jobs) [money] throughput without penalty, and without what its free work pays to others
    job_penalty: Floats  # (jobs) [money/day]
    job_grace: Longs  # (jobs) [s] lateness that costs nothing
    job_cap: Floats  # (jobs) [money] the most that lateness costs
    job_need: Longs  # (jobs) [s]
    job_pays: Bytes  # (jobs) 1: pays subcontractors by the hour; 0: a price of its own is in its value
    member_job: Ints  # (members)
    member_order: Ints  # (members)
    member_carry: Floats  # (members) [money/day] of its operation
    order_carry: Floats  # (orders) [money/day] of all its operations; 0 where some have no activity
    order_fixed_carry: Floats  # (orders) [money/day] of those that stay
    order_fixed_end: Longs  # (orders) [s] latest end of what is fixed; clock - 1 for none
    order_need: Longs  # (orders) [s]
    load_move: Floats  # (loads) [money] when it does not start as planned
    load_move_hour: Floats  # (loads) [money/h] that it starts sooner or later
    change_cost: float  # [money] per load on another resource
    end_cost: float  # [money/s] of the last end: makespan as an objective
    load_start: Longs  # (loads) [s] in the present plan
    setup_weight: float  # 1 where setups count
    just_in_time: bool  # whether anything is carried, so that starting later may pay


@inlined
def _first_segment(loads: Any, r: int, begin: int) -> Any:
    """First segment of resource ``r`` that ends after ``begin``."""
    low, high = loads.segment_first[r], loads.segment_first[r + 1]
    while low < high:
        middle = (low + high) >> 1
        if loads.segment_end[middle] > begin:
            high = middle
        else:
            low = middle + 1
    return low


@inlined
def overtime_paid(loads: Any, times: Any, m: int) -> Any:
    """Cost of the potential overtime that member ``m`` works in."""
    cost, r = 0.0, times.resource[m]
    if loads.resource_pays[r] and loads.member_timed[m]:
        begin, end = times.start[m], times.end[m]
        s = _first_segment(loads, r, begin)
        while s < loads.segment_first[r + 1] and loads.segment_start[s] < end:
            if loads.segment_potential[s]:
                inside = min(end, loads.segment_end[s]) - max(begin, loads.segment_start[s])
                cost += loads.segment_rate[s] * inside
            s += 1
    return cost


@inlined
def subcontract_paid(loads: Any, times: Any, m: int) -> Any:
    """What the work of member ``m`` pays to a subcontractor."""
    cost, r = 0.0, times.resource[m]
    if loads.resource_pays[r] and loads.member_timed[m]:
        begin, end = times.start[m], times.end[m]
        s = _first_segment(loads, r, begin)
        while s < loads.segment_first[r + 1] and loads.segment_start[s] < end:
            cost += loads.segment_pay[s] * (min(end, loads.segment_end[s]) - max(begin, loads.segment_start[s]))
            s += 1
    return cost


@inlined
def used_days(loads: Any, r: Any, begin: Any, end: Any, uses: Any, sign: int) -> Any:
    """Count with ``sign`` the operating days that work on ``r`` opens by potential overtime; what they cost more."""
    cost = 0.0
    if loads.resource_pays[r]:
        s = _first_segment(loads, r, begin)
        while s < loads.segment_first[r + 1] and loads.segment_start[s] < end:
            day = loads.segment_day[s]
            if loads.segment_potential[s] and day >= 0:
                before = uses[day] > 0
                uses[day] += sign
                if (uses[day] > 0) != before:
                    cost += sign * loads.day_expense[day]
            s += 1
    return cost


@inlined
def last_end(value: Any, job_end: Any) -> Any:
    """The last end of all jobs, the clock at least."""
    last = np.int64(value.clock)
    for j in range(job_end.size):
        last = max(last, job_end[j])
    return last


@inlined
def changeover(loads: Any, value: Any, last: Any, r: int, start: int, family: int) -> Any:
    """Cost of the setup for ``family`` before work that starts at ``start``, inside both periods."""
    before = last[0, r]
    last[0, r] = family
    if before < 0 or family < 0 or not value.clock <= start < value.end:
        return 0.0
    return loads.setup_cost[loads.resource_matrix[r], before, family]


@inner
def setups_paid(loads: Any, decision: Any, unit_free: Any, value: Any, times: Any) -> Any:
    """What the setups between loads, fixed ones included, cost.

    Loads of a resource are in the sequence of its order; blocks of fixed work come between them by their start.
    """
    total = 0.0
    for r in range(loads.resource_matrix.size):
        if loads.resource_matrix[r] >= 0:
            times.last[0, r] = unit_free[1, loads.unit_first[r]]
            times.last[1, r] = loads.block_first[r]
    for x in decision.order:
        for m in range(loads.first_member[x], loads.first_member[x + 1]):
            r = times.resource[m]
            if loads.resource_matrix[r] < 0:
                continue
            b = times.last[1, r]
            while b < loads.block_first[r + 1] and loads.block_start[b] < times.start[m]:
                total += changeover(loads, value, times.last, r, loads.block_start[b], loads.block_family[b])
                b += 1
            times.last[1, r] = b
            again = m > loads.first_member[x] and times.resource[m - 1] == r
            if not again:
                total += changeover(loads, value, times.last, r, times.start[m], loads.member_family[m])
    for r in range(loads.resource_matrix.size):
        if loads.resource_matrix[r] >= 0:
            for b in range(times.last[1, r], loads.block_first[r + 1]):
                total += changeover(loads, value, times.last, r, loads.block_start[b], loads.block_family[b])
    return total


@inlined
def _carried(loads: Any, decision: Any, value: Any, times: Any) -> Any:
    """Carrying cost: of each operation from its start to its order's end, of whole orders from there to their need."""
    total = 0.0
    for x in decision.order:
        for m in range(loads.first_member[x], loads.first_member[x + 1]):
            if value.member_carry[m]:
                until = min(times.order_end[value.member_order[m]], value.end)
                total += value.member_carry[m] * max(until - max(times.start[m], value.clock), 0)
    for i in range(times.order_end.size):
        ended = times.order_end[i]
        total += value.order_fixed_carry[i] * max(min(ended, value.end) - value.clock, 0)
        if value.order_carry[i] and value.clock <= ended < value.end:
            total += value.order_carry[i] * max(value.order_need[i] - ended, 0)
    return total / DAY


@kernel
def worth(loads: Any, decision: Any, unit_free: Any, value: Any, times: Any) -> Any:
    """Money of a placed plan: throughput of jobs that end before the next period does, less what it costs.

    Less late penalty, what subcontractors are paid, potential overtime and the operating days that it opens, carrying
    cost, setups and moves; without limit where a job that must end in this period does not. What no decision changes
    is left out, so that only differences mean anything.
    """
    total = 0.0
    times.day_uses[:] = 0
    times.job_pay[:] = 0.0
    times.job_end[:] = value.job_fixed_end
    times.order_end[:] = value.order_fixed_end
    for x in decision.order:
        moved = times.load_start[x] - value.load_start[x]
        if moved:
            total -= value.load_move[x] + value.load_move_hour[x] * abs(moved) / 3600.0
        if decision.choice[x]:
            total -= value.change_cost
        for m in range(loads.first_member[x], loads.first_member[x + 1]):
            j = value.member_job[m]
            times.job_end[j] = max(times.job_end[j], times.end[m])
            i = value.member_order[m]
            times.order_end[i] = max(times.order_end[i], times.end[m])
            total -= overtime_paid(loads, times, m)
            if loads.member_timed[m]:
                total -= used_days(loads, times.resource[m], times.start[m], times.end[m], times.day_uses, 1)
            if value.job_pays[j]:
                times.job_pay[j] += subcontract_paid(loads, times, m)
    if value.setup_weight:
        total -= value.setup_weight * setups_paid(loads, decision, unit_free, value, times)
    total -= _carried(loads, decision, value, times)
    for j in range(times.job_end.size):
        ended = times.job_end[j]
        if value.job_kept[j] and ended >= value.this_end:
            return -np.inf
        if value.job_scheduled[j] and value.clock <= ended < value.end:
            late = max(ended - value.job_need[j] - value.job_grace[j], 0) / DAY
            total += value.job_value[j] - times.job_pay[j] - min(value.job_penalty[j] * late, value.job_cap[j])
    return total - value.end_cost * (last_end(value, times.job_end) - value.clock)
