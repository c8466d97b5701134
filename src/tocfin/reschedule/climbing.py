"""One thread of local search in money, from a decision until the clock or its budget of steps is used up."""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic

import numpy as np
from numpy.typing import NDArray

from tocfin.kernels.search_bill import Bill
from tocfin.kernels.search_chain import Chains
from tocfin.kernels.search_loads import Decision, Loads, Times
from tocfin.kernels.search_money import BEST, MEMORY, STEP, Walk, begin, best, climb
from tocfin.kernels.search_worth import Worth
from tocfin.model.arrange import first_rows
from tocfin.reschedule.clock import Clock
from tocfin.reschedule.decisions import Searched, copied, present_times, waiting
from tocfin.reschedule.problem import Problem

#: Seconds between two looks at the clock.
LOOK = 0.05
#: Steps between two of them with a budget of work.
STEPS = 1_000


def climbed(
    problem: Problem, start: Decision, value: Worth, seed: int, clock: Clock, tell: Callable[[float], None]
) -> Searched:
    """One thread of local search from ``start``."""
    decision = copied(start)
    plan = prepared(problem, decision, value, seed)
    walk = plan[-1]
    if not decision.order.size or not np.isfinite(begin(*plan)):
        return Searched(float(walk.money[BEST]), decision, 0)
    pace = 8
    while clock.left > 0:
        left = None if clock.work is None else clock.work - int(walk.tally[STEP])
        if left is not None and left <= 0:
            break
        was = monotonic()
        climb(*plan, pace if left is None else min(STEPS, left))
        if left is None:
            pace = int(min(max(pace * LOOK / max(monotonic() - was, 1e-6), 1), 2 * pace, 100_000))
        tell(float(walk.money[BEST]))
    best(decision, walk)
    return Searched(float(walk.money[BEST]), decision, int(walk.tally[STEP]))


def prepared(
    problem: Problem, decision: Decision, value: Worth, seed: int
) -> tuple[Loads, Decision, NDArray[np.int64], Worth, Times, Chains, Bill, Walk]:
    """What the kernels of the search take, for ``decision``, which they change."""
    chains, bill, walk = _chains(problem, decision), _bill(problem, value), _walk(problem, decision, seed)
    return problem.loads, decision, problem.unit_free, value, present_times(problem), chains, bill, walk


def _chains(problem: Problem, decision: Decision) -> Chains:
    """Empty chains: a node for each resource of each load that may move, where it or another choice has units."""
    loads, n = problem.loads, problem.load_fixed.size
    units = np.diff(loads.unit_first)
    member_load = np.repeat(np.arange(n, dtype=np.int32), np.diff(loads.first_member))
    _, lead = np.unique(member_load.astype(np.int64) * units.size + loads.member_resource, return_index=True)
    choices = np.diff(loads.choice_first) > 0
    most = units[loads.member_resource]
    if choices.any():
        offered = np.maximum.reduceat(units[loads.choice_resource], loads.choice_first[:-1][choices])
        most[choices[member_load]] = offered
    lead = lead[(most[lead] > 0) & ~problem.load_fixed[member_load[lead]]]
    node_load = member_load[lead]
    states = np.concatenate([[0], np.cumsum(most[lead])]).astype(np.int32)
    after = waiting(problem)
    n_node, n_member = lead.size, member_load.size
    return Chains(
        node_first=first_rows(node_load, n),
        node_load=node_load,
        node_member=lead.astype(np.int32),
        member_load=member_load,
        node_resource=np.full(n_node, -1, np.int32),
        node_before=np.full(n_node, -1, np.int32),
        node_after=np.full(n_node, -1, np.int32),
        first=np.full(units.size, -1, np.int32),
        state_first=states,
        state=np.zeros((2, int(states[-1])), np.int64),
        label=np.zeros(n, np.int64),
        after_first=after.after_first,
        after_load=after.after_load,
        is_free=np.zeros(n, np.uint8),
        heap=np.zeros(n, np.int32),
        queued=np.zeros(n, np.uint8),
        touched=np.zeros(n, np.int32),
        is_touched=np.zeros(n, np.uint8),
        seeds=np.zeros(2 * n + 2 * n_node + n_member, np.int32),
        noted=np.zeros((4, n), np.int64),
        links=np.zeros(n_node, np.int32),
        tally=np.zeros(6, np.int64),
        kept_load=np.zeros((2, n), np.int64),
        kept_member=np.zeros((3, n_member), np.int64),
        kept_state=np.zeros((2, int(states[-1])), np.int64),
    )


def _bill(problem: Problem, value: Worth) -> Bill:
    loads, n = problem.loads, problem.load_fixed.size
    free = np.flatnonzero(~np.repeat(problem.load_fixed, np.diff(loads.first_member))).astype(np.int32)
    by_job, by_order = (free[np.argsort(of[free], kind="stable")] for of in (value.member_job, value.member_order))
    n_job, n_order, n_resource = value.job_need.size, value.order_need.size, loads.resource_matrix.size
    return Bill(
        job_first=first_rows(value.member_job[by_job], n_job),
        job_member=by_job,
        order_first=first_rows(value.member_order[by_order], n_order),
        order_member=by_order,
        load_cost=np.zeros(n),
        job_money=np.zeros(n_job),
        order_cost=np.zeros(n_order),
        setup_cost=np.zeros(n_resource),
        day_uses=np.zeros(loads.day_expense.size, np.int32),
        kept_load=np.zeros(n),
        kept_job=np.zeros(n_job),
        kept_end=np.zeros(n_job, np.int64),
        kept_order=np.zeros(n_order),
        kept_setup=np.zeros(n_resource),
        marked=np.zeros(n_job + n_order + n_resource, np.uint8),
        jobs=np.zeros(n_job, np.int32),
        orders=np.zeros(n_order, np.int32),
        resources=np.zeros(n_resource, np.int32),
        tally=np.zeros(3, np.int64),
    )


def _walk(problem: Problem, decision: Decision, seed: int) -> Walk:
    free, n = decision.order, problem.load_fixed.size
    by_job = free[np.lexsort((problem.rank[free], problem.load_job[free]))]
    return Walk(
        seed=np.array([(seed * 2_654_435_769 + 88_172_645_463_325_252) % 2**64], np.uint64),
        tally=np.zeros(7, np.int64),
        money=np.zeros(3 + MEMORY),
        stale=np.zeros(n, np.int32),
        is_stale=np.zeros(n, np.uint8),
        best_label=np.zeros(n, np.int64),
        best_choice=decision.choice.copy(),
        best_bought=decision.bought.copy(),
        best_floor=decision.floor.copy(),
        job_first=first_rows(problem.load_job[by_job], problem.worth.job_need.size),
        job_load=by_job,
    )
