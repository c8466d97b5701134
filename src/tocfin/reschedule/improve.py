"""`improve` for data sets: rules, then all engines in money, under one clock; candidates beside the present plan."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from itertools import chain, islice
from time import monotonic

import numpy as np
import polars as pl

from tocfin.errors import UsageError
from tocfin.kernels.search_loads import Decision, Loads, placed
from tocfin.kernels.search_worth import Worth, worth
from tocfin.reschedule.climbing import climbed
from tocfin.reschedule.clock import Clock
from tocfin.reschedule.decisions import Searched, activities, blank, present_times
from tocfin.reschedule.money import OBJECTIVES, Price, price
from tocfin.reschedule.plan_check import breaches
from tocfin.reschedule.priorities import prioritised
from tocfin.reschedule.problem import Problem
from tocfin.reschedule.promises import broken, promised
from tocfin.reschedule.refine import refined, sequenced
from tocfin.reschedule.rules import drum_hours, portfolio
from tocfin.reschedule.values import weighed
from tocfin.workers import spread

PRESENT, RIGHT_SHIFT, SEARCH = "present plan", "right-shift", "search"
SOONER, SOONER_POTENTIAL = "present plan, started sooner", "present plan, started sooner, potential overtime"
#: What a thread runs one after another, each from the best so far, and its share of the clock: ranks of jobs to
#: dispatch by, CP-SAT at the drum, local search, CP-SAT in windows of what that has found.
ENGINES = ((prioritised, 0.4), (sequenced, 0.05), (climbed, 0.5), (refined, 0.05))
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
    present, sooner = problem.dataset.tables["activities"], blank(problem, bought=True)
    shifted, moves = activities(problem, sooner, loads=_not_sooner(problem))
    problem, names = promised(problem, present if shifted is None else shifted)
    judge = _Judge(problem, objective, names)
    candidates = [judge.priced(PRESENT, present, 0.0)]
    begun = monotonic()
    if shifted is not None:
        candidates.append(judge.priced(RIGHT_SHIFT, shifted, moves))
    clock.keep(PRICED_LATE * SLOWER * (monotonic() - begun))
    known = {SOONER: blank(problem, bought=False), SOONER_POTENTIAL: sooner} | portfolio(problem, clock)
    value = weighed(problem.worth, objective, drum_hours(problem), candidates[0].price.objective)
    steps, found = _searched(problem, known, clock, value, seed, threads, told)
    for name, decision in found.items():
        table, moves = activities(problem, decision)
        if table is not None:
            candidates.append(judge.priced(name, table, moves))
    candidates.sort(key=lambda one: (bool(one.breaches), -one.price.objective))
    if candidates[0].breaches:
        message = "no plan fits: the calendars have too little room for the work, or fixed work stands in its way"
        raise UsageError(f"{message}; extend the calendars, free resources or unpin jobs")
    return Improved(tuple(candidates), objective, clock.elapsed, steps)


def _searched(
    problem: Problem,
    known: dict[str, Decision],
    clock: Clock,
    value: Worth,
    seed: int,
    threads: int,
    told: Callable[[float, float], None],
) -> tuple[int, dict[str, Decision]]:
    """Steps made, and the best decisions by name: what the threads found from the best starts, and the best start."""
    weights = {name: _weighed(problem, decision, value) for name, decision in known.items()}
    ranked = sorted((name for name in known if np.isfinite(weights[name])), key=lambda name: -weights[name])
    if not ranked:
        return 0, {}
    best, lock = [-np.inf], threading.Lock()

    def tell(money: float) -> None:
        with lock:
            if money > best[0]:
                best[0] = money
                told(clock.elapsed, money)

    def search(number: int) -> Searched:
        name, luck = ranked[min(number, len(ranked) - 1)], seed * 1_000 + number
        found, steps, left = Searched(weights[name], known[name], 0), 0, 1.0
        for engine, share in ENGINES:
            other = engine(problem, found.decision, value, luck, clock.part(share, left=left), tell)
            found, steps, left = max(found, other, key=lambda one: one.money), steps + other.steps, left - share
        return found._replace(steps=steps)

    with clock.interruptible():
        results = spread(threads)(search, range(threads))
    found = max(results, key=lambda one: one.money).decision
    return sum(one.steps for one in results), {SEARCH: found, ranked[0]: known[ranked[0]]}


class _Judge:
    """Prices and checks tables of activities, all in the same way."""

    def __init__(self, problem: Problem, objective: str, names: frozenset[str]) -> None:
        self.problem, self.objective, self.names = problem, objective, names

    def priced(self, name: str, table: pl.DataFrame, moves: float) -> Candidate:
        """The candidate that ``table`` is; ``moves`` is what its moves cost."""
        problem = self.problem
        faults = breaches(problem.dataset, table, problem.zones)
        told = tuple(islice(chain(faults, broken(problem, table, self.names)), MOST_BREACHES))
        return Candidate(name, table, price(problem.dataset, table, self.objective, moves), told)


def _weighed(problem: Problem, decision: Decision, value: Worth) -> float:
    times = present_times(problem)
    if placed(problem.loads, decision, problem.unit_free, times):
        return float("-inf")
    return float(worth(problem.loads, decision, problem.unit_free, value, times))


def _not_sooner(problem: Problem) -> Loads:
    """Loads that do not start before they are planned to: what cannot be done moves to the right."""
    return problem.loads._replace(release=np.maximum(problem.loads.release, problem.worth.load_start))
