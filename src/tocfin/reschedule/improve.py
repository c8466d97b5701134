"""`improve` for data sets: rules, then local search in money, under one clock; candidates beside the present plan."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice
from time import monotonic

import numpy as np
import polars as pl

from tocfin.errors import UsageError
from tocfin.kernels.search_loads import Decision, Loads, Worth, placed, worth
from tocfin.kernels.search_money import MEMORY, STEP, Walk, begin, climb
from tocfin.reschedule.clock import Clock
from tocfin.reschedule.decisions import activities, blank, copied, present_times, waiting
from tocfin.reschedule.money import OBJECTIVES, Price, price, weighed
from tocfin.reschedule.plan_check import breaches
from tocfin.reschedule.problem import Problem
from tocfin.reschedule.rules import portfolio
from tocfin.workers import spread

PRESENT, RIGHT_SHIFT, SEARCH = "present plan", "right-shift", "search"
#: Seconds between two looks at the clock.
LOOK = 0.05
#: Breaches of one plan that are told.
MOST_BREACHES = 20
#: Candidates that are priced when the search has ended, and how much slower that may be than at the beginning.
PRICED_LATE, SLOWER = 3, 1.5


@dataclass(frozen=True)
class Candidate:
    """One plan: its table of activities, its price, and the rules that it breaks (the present plan may)."""

    name: str
    activities: pl.DataFrame
    price: Price
    breaches: tuple[str, ...]


@dataclass(frozen=True)
class Improved:
    """Candidates, the best of those that can be carried out first; the present plan and right-shift are among them."""

    candidates: tuple[Candidate, ...]
    objective: str
    seconds: float
    steps: int

    @property
    def best(self) -> Candidate:
        """The first that breaks no rule."""
        return next(one for one in self.candidates if not one.breaches)

    def named(self, name: str) -> Candidate:
        """The candidate called ``name``."""
        return next(one for one in self.candidates if one.name == name)


def improve(
    problem: Problem,
    clock: Clock,
    *,
    objective: str = "net-profit",
    seed: int = 1,
    threads: int = 2,
    told: Callable[[float, float], None] = lambda seconds, money: None,
) -> Improved:
    """Plans for ``problem``, priced and checked; ``told`` hears of every better one (seconds, weighed money).

    With a budget of work equal arguments give equal plans. Raises UsageError for an unknown objective, or when no
    plan fits into the calendars.
    """
    if objective not in OBJECTIVES:
        raise UsageError(f"objective '{objective}' is not one of {', '.join(OBJECTIVES)}")
    value = weighed(problem.worth, objective)
    begun = monotonic()
    present = _priced(problem, PRESENT, problem.dataset.tables["activities"], objective, 0.0)
    clock.keep(PRICED_LATE * SLOWER * (monotonic() - begun))
    rules = portfolio(problem, clock)
    first = blank(problem, bought=False), blank(problem, bought=True)
    known = {"present plan, started sooner": first[0]} | rules
    ranked = sorted(known, key=lambda name: -_weighed(problem, known[name], value))
    if not np.isfinite(_weighed(problem, known[ranked[0]], value)):
        raise UsageError("no plan fits: the calendars have too little room for the work; extend them or free resources")
    best, lock = [-np.inf], threading.Lock()

    def tell(money: float) -> None:
        with lock:
            if money > best[0]:
                best[0] = money
                told(clock.elapsed, money)

    def search(number: int) -> tuple[float, Decision, int]:
        start = known[ranked[min(number, len(ranked) - 1)]]
        return climbed(problem, start, value, seed * 1_000 + number, clock, tell)

    with clock.interruptible():
        results = spread(threads)(search, range(threads))
    found = max(results, key=lambda result: result[0])[1]
    listed = {SEARCH: found, ranked[0]: known[ranked[0]]}
    candidates = [_candidate(problem, name, decision, objective) for name, decision in listed.items()]
    shifted, moves = activities(problem, first[1], loads=_not_sooner(problem))
    if shifted is not None:
        candidates.append(_priced(problem, RIGHT_SHIFT, shifted, objective, moves))
    candidates.append(present)
    candidates.sort(key=lambda one: (bool(one.breaches), -one.price.objective))
    return Improved(tuple(candidates), objective, clock.elapsed, sum(result[2] for result in results))


def _weighed(problem: Problem, decision: Decision, value: Worth) -> float:
    times = present_times(problem)
    if placed(problem.loads, decision, problem.unit_free, times):
        return float("-inf")
    return float(worth(problem.loads, decision, value, times))


def _not_sooner(problem: Problem) -> Loads:
    """Loads that do not start before they are planned to: what cannot be done moves to the right."""
    return problem.loads._replace(release=np.maximum(problem.loads.release, problem.worth.load_start))


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
        tell(float(walk.money[1]))
    return float(walk.money[1]), Decision(walk.best_order, walk.best_choice, walk.best_bought), int(walk.tally[STEP])


def _walk(problem: Problem, decision: Decision, seed: int) -> Walk:
    after = waiting(problem)
    free = decision.order
    by_job = free[np.lexsort((problem.rank[free], problem.load_job[free]))]
    n_job = problem.worth.job_need.size
    return Walk(
        seed=np.array([(seed * 2_654_435_769 + 88_172_645_463_325_252) % 2**64], np.uint64),
        tally=np.zeros(2, np.int64),
        money=np.zeros(2 + MEMORY),
        place=np.full(problem.load_fixed.size, -1, np.int32),
        order=free.copy(),
        choice=decision.choice.copy(),
        bought=decision.bought.copy(),
        best_order=free.copy(),
        best_choice=decision.choice.copy(),
        best_bought=decision.bought.copy(),
        job_first=np.searchsorted(problem.load_job[by_job], np.arange(n_job + 1)).astype(np.int32),
        job_load=by_job,
        after_first=after.after_first,
        after_load=after.after_load,
        shots=present_times(problem).shots,
        kept=np.zeros((2, problem.load_fixed.size), np.int64),
        kept_member=np.zeros((3, problem.member_row.size), np.int64),
        touched=np.zeros(1, np.int64),
    )


def _candidate(problem: Problem, name: str, decision: Decision, objective: str) -> Candidate:
    table, moves = activities(problem, decision)
    assert table is not None  # noqa: S101 - only decisions that fit come here
    return _priced(problem, name, table, objective, moves)


def _priced(problem: Problem, name: str, table: pl.DataFrame, objective: str, moves: float) -> Candidate:
    faults = tuple(islice(breaches(problem.dataset, table, problem.fixed_rows()), MOST_BREACHES))
    return Candidate(name, table, price(problem.dataset, table, objective, moves), faults)
