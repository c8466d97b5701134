"""What a change of a plan is worth: only jobs, orders, resources and days that it touches are billed again.

The amounts are those of `tocfin.kernels.search_worth.worth`, kept apart so that one of them can be exchanged.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from tocfin.kernels.compile import inlined, inner, kernel
from tocfin.kernels.search_chain import TOUCHED
from tocfin.kernels.search_loads import Bytes, Floats, Ints, Longs
from tocfin.kernels.search_worth import DAY, changeover, last_end, overtime_paid, subcontract_paid, used_days

#: Of `Bill.tally`: jobs, orders and resources that are billed again.
JOBS, ORDERS, RESOURCES = range(3)


class Bill(NamedTuple):
    """Amounts by what they belong to, and those of the plan accepted last."""

    job_first: Ints  # (jobs + 1) into job_member
    job_member: Ints  # members of free loads
    order_first: Ints  # (orders + 1) into order_member
    order_member: Ints
    load_cost: Floats  # (loads) [money] potential overtime and moves
    job_money: Floats  # (jobs)
    order_cost: Floats  # (orders) [money] carrying
    setup_cost: Floats  # (resources)
    day_uses: Ints  # (days) members that work in the potential overtime that opens it
    kept_load: Floats
    kept_job: Floats
    kept_end: Longs  # (jobs) [s]
    kept_order: Floats
    kept_setup: Floats
    marked: Bytes  # (jobs + orders + resources)
    jobs: Ints  # (jobs) those billed again
    orders: Ints  # (orders)
    resources: Ints  # (resources)
    tally: Longs  # (3)


@kernel
def billed_all(loads: Any, decision: Any, unit_free: Any, value: Any, times: Any, chains: Any, bill: Any) -> None:
    """Bill a whole plan, so that `billed` can go on from it; every promise is kept in it."""
    bill.tally[:] = 0
    bill.marked[:] = 0
    bill.day_uses[:] = 0
    for x in decision.order:
        bill.load_cost[x] = _load_cost(loads, decision, value, times, x)
        for m in range(loads.first_member[x], loads.first_member[x + 1]):
            if loads.member_timed[m]:
                used_days(loads, times.resource[m], times.start[m], times.end[m], bill.day_uses, 1)
    for j in range(bill.job_money.size):
        bill.job_money[j] = _job_money(loads, value, times, bill, j)
    for i in range(bill.order_cost.size):
        bill.order_cost[i] = _order_cost(value, times, bill, i)
    for r in range(bill.setup_cost.size):
        bill.setup_cost[r] = _setups(loads, chains, unit_free, value, times, r)
    bill.kept_load[:], bill.kept_job[:], bill.kept_end[:] = bill.load_cost, bill.job_money, times.job_end
    bill.kept_order[:], bill.kept_setup[:] = bill.order_cost, bill.setup_cost


@inlined
def _load_cost(loads: Any, decision: Any, value: Any, times: Any, x: Any) -> Any:
    cost = value.change_cost if decision.choice[x] else 0.0
    moved = times.load_start[x] - value.load_start[x]
    if moved:
        cost += value.load_move[x] + value.load_move_hour[x] * abs(moved) / 3600.0
    for m in range(loads.first_member[x], loads.first_member[x + 1]):
        cost += overtime_paid(loads, times, m)
    return cost


@inlined
def _job_money(loads: Any, value: Any, times: Any, bill: Any, j: int) -> Any:
    """Throughput of job ``j`` less late penalty and what its subcontractors are paid; its end is noted."""
    ended, paid = value.job_fixed_end[j], 0.0
    for i in range(bill.job_first[j], bill.job_first[j + 1]):
        m = bill.job_member[i]
        ended = max(ended, times.end[m])
        if value.job_pays[j]:
            paid += subcontract_paid(loads, times, m)
    times.job_end[j] = ended
    if not value.job_scheduled[j] or not value.clock <= ended < value.end:
        return 0.0
    late = max(ended - value.job_need[j] - value.job_grace[j], 0) / DAY
    return value.job_value[j] - paid - min(value.job_penalty[j] * late, value.job_cap[j])


@inlined
def _order_cost(value: Any, times: Any, bill: Any, i: int) -> Any:
    """Carrying cost of order ``i``: of each operation from its start to the order's end, of all from there to need."""
    ended, cost = value.order_fixed_end[i], 0.0
    low, high = bill.order_first[i], bill.order_first[i + 1]
    for k in range(low, high):
        ended = max(ended, times.end[bill.order_member[k]])
    until = min(ended, value.end)
    for k in range(low, high):
        m = bill.order_member[k]
        cost += value.member_carry[m] * max(until - max(times.start[m], value.clock), 0)
    cost += value.order_fixed_carry[i] * max(until - value.clock, 0)
    if value.order_carry[i] and value.clock <= ended < value.end:
        cost += value.order_carry[i] * max(value.order_need[i] - ended, 0)
    return cost / DAY


@inlined
def _setups(loads: Any, chains: Any, unit_free: Any, value: Any, times: Any, r: Any) -> Any:
    """What the setups on resource ``r`` cost; blocks of fixed work come between loads by their start."""
    total = 0.0
    if loads.resource_matrix[r] < 0:
        return total
    times.last[0, r] = unit_free[1, loads.unit_first[r]]
    b, last = loads.block_first[r], loads.block_first[r + 1]
    node = chains.first[r]
    while node >= 0:
        m = chains.node_member[node]
        while b < last and loads.block_start[b] < times.start[m]:
            total += changeover(loads, value, times.last, r, loads.block_start[b], loads.block_family[b])
            b += 1
        total += changeover(loads, value, times.last, r, times.start[m], loads.member_family[m])
        node = chains.node_after[node]
    while b < last:
        total += changeover(loads, value, times.last, r, loads.block_start[b], loads.block_family[b])
        b += 1
    return total


@inlined
def _mark(bill: Any, at: Any, some: Any, kind: int, one: Any) -> None:
    if not bill.marked[at]:
        bill.marked[at] = 1
        some[bill.tally[kind]] = one
        bill.tally[kind] += 1


@inner
def billed(loads: Any, decision: Any, unit_free: Any, value: Any, times: Any, chains: Any, bill: Any) -> Any:
    """What a change adds to the money of the plan accepted last; without limit less where it breaks a promise.

    `settled` must follow, whether the change is kept or not.
    """
    n_job, n_order = bill.job_money.size, bill.order_cost.size
    more, days = 0.0, loads.day_expense.size
    for i in range(chains.tally[TOUCHED]):
        x = chains.touched[i]
        bill.load_cost[x] = _load_cost(loads, decision, value, times, x)
        more += bill.kept_load[x] - bill.load_cost[x]
        for m in range(loads.first_member[x], loads.first_member[x + 1]):
            _mark(bill, value.member_job[m], bill.jobs, JOBS, value.member_job[m])
            if value.just_in_time:
                _mark(bill, n_job + value.member_order[m], bill.orders, ORDERS, value.member_order[m])
            if value.setup_weight:
                for r in (np.int64(times.resource[m]), chains.kept_member[2, m]):
                    _mark(bill, n_job + n_order + r, bill.resources, RESOURCES, r)
    if days:
        more += _days_more(loads, times, chains, bill, True)
    late = False
    for i in range(bill.tally[JOBS]):
        j = bill.jobs[i]
        bill.job_money[j] = _job_money(loads, value, times, bill, j)
        late |= value.job_kept[j] and times.job_end[j] >= value.this_end
        more += bill.job_money[j] - bill.kept_job[j]
    for i in range(bill.tally[ORDERS]):
        k = bill.orders[i]
        bill.order_cost[k] = _order_cost(value, times, bill, k)
        more += bill.kept_order[k] - bill.order_cost[k]
    for i in range(bill.tally[RESOURCES]):
        r = bill.resources[i]
        bill.setup_cost[r] = _setups(loads, chains, unit_free, value, times, r)
        more += value.setup_weight * (bill.kept_setup[r] - bill.setup_cost[r])
    if value.end_cost:
        more -= value.end_cost * (last_end(value, times.job_end) - last_end(value, bill.kept_end))
    return -np.inf if late else more


@inlined
def _days_more(loads: Any, times: Any, chains: Any, bill: Any, forth: bool) -> Any:
    """Count the operating days that touched work opens, or take that back; what this saves."""
    saved = 0.0
    for sign in (1, -1):
        for i in range(chains.tally[TOUCHED]):
            x = chains.touched[i]
            for m in range(loads.first_member[x], loads.first_member[x + 1]):
                if not loads.member_timed[m]:
                    continue
                if (sign > 0) == forth:
                    r, begin, end = np.int64(times.resource[m]), times.start[m], times.end[m]
                else:
                    r, begin, end = chains.kept_member[2, m], chains.kept_member[0, m], chains.kept_member[1, m]
                saved -= used_days(loads, r, begin, end, bill.day_uses, sign)
    return saved


@inner
def settled(loads: Any, times: Any, chains: Any, bill: Any, keep: bool) -> None:
    """Keep what was billed last, or forget it; before the plan is `accepted` or `undone`."""
    if not keep and loads.day_expense.size:
        _days_more(loads, times, chains, bill, False)
    for i in range(chains.tally[TOUCHED]):
        x = chains.touched[i]
        _kept(bill.kept_load, bill.load_cost, x, keep)
    for i in range(bill.tally[JOBS]):
        j = bill.jobs[i]
        bill.marked[j] = 0
        _kept(bill.kept_job, bill.job_money, j, keep)
        _kept(bill.kept_end, times.job_end, j, keep)
    for i in range(bill.tally[ORDERS]):
        bill.marked[bill.job_money.size + bill.orders[i]] = 0
        _kept(bill.kept_order, bill.order_cost, bill.orders[i], keep)
    for i in range(bill.tally[RESOURCES]):
        bill.marked[bill.job_money.size + bill.order_cost.size + bill.resources[i]] = 0
        _kept(bill.kept_setup, bill.setup_cost, bill.resources[i], keep)
    bill.tally[:] = 0


@inlined
def _kept(kept: Any, now: Any, i: int, keep: bool) -> None:
    if keep:
        kept[i] = now[i]
    else:
        now[i] = kept[i]
