"""One thread of local search in money, from a decision until the clock or its budget of steps is used up."""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic

import numpy as np

from tocfin.kernels.search_loads import Decision
from tocfin.kernels.search_money import BEST, MEMORY, STEP, Walk, begin, climb
from tocfin.kernels.search_worth import Worth
from tocfin.reschedule.clock import Clock
from tocfin.reschedule.decisions import copied, present_times, waiting
from tocfin.reschedule.problem import Problem

#: Seconds between two looks at the clock.
LOOK = 0.05


def climbed(
    problem: Problem, start: Decision, value: Worth, seed: int, clock: Clock, tell: Callable[[float], None]
) -> tuple[float, Decision, int]:
    """One thread of local search: (weighed money, decision, steps)."""
    decision, times = copied(start), present_times(problem)
    walk = _walk(problem, decision, seed)
    loads, free = problem.loads, problem.unit_free
    begin(loads, decision, free, value, times, walk)
    pace = 8
    while clock.left > 0 and decision.order.size:
        left = None if clock.work is None else clock.work - int(walk.tally[STEP])
        if left is not None and left <= 0:
            break
        was = monotonic()
        climb(loads, decision, free, value, times, walk, pace if left is None else min(pace, left))
        if left is None:
            pace = int(min(max(pace * LOOK / max(monotonic() - was, 1e-6), 1), 2 * pace, 100_000))
        tell(float(walk.money[BEST]))
    best = Decision(walk.best_order, walk.best_choice, walk.best_bought, walk.best_floor)
    return float(walk.money[BEST]), best, int(walk.tally[STEP])


def _walk(problem: Problem, decision: Decision, seed: int) -> Walk:
    after = waiting(problem)
    free = decision.order
    by_job = free[np.lexsort((problem.rank[free], problem.load_job[free]))]
    n_job = problem.worth.job_need.size
    return Walk(
        seed=np.array([(seed * 2_654_435_769 + 88_172_645_463_325_252) % 2**64], np.uint64),
        tally=np.zeros(3, np.int64),
        money=np.zeros(3 + MEMORY),
        place=np.full(problem.load_fixed.size, -1, np.int32),
        order=free.copy(),
        choice=decision.choice.copy(),
        bought=decision.bought.copy(),
        floor=decision.floor.copy(),
        best_order=free.copy(),
        best_choice=decision.choice.copy(),
        best_bought=decision.bought.copy(),
        best_floor=decision.floor.copy(),
        job_first=np.searchsorted(problem.load_job[by_job], np.arange(n_job + 1)).astype(np.int32),
        job_load=by_job,
        after_first=after.after_first,
        after_load=after.after_load,
        shots=present_times(problem).shots,
        kept=np.zeros((2, problem.load_fixed.size), np.int64),
        kept_member=np.zeros((3, problem.member_row.size), np.int64),
        touched=np.zeros(2, np.int64),
    )
