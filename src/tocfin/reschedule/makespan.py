"""`improve` for shops: local search and CP-SAT side by side under one clock, and what they found, checked."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from tocfin.errors import TocfinError
from tocfin.kernels.search_plan import empty_graph, load
from tocfin.reschedule.bounds import lower_bound
from tocfin.reschedule.clock import Clock
from tocfin.reschedule.descent import Descent, Found, routes_of
from tocfin.reschedule.exact import Outcome, solve
from tocfin.reschedule.feasible import breaches
from tocfin.reschedule.shop import Shop, ShopPlan
from tocfin.workers import spread

#: Shops up to this size give one of their threads to CP-SAT: it proves, and finds what local search misses.
SMALL = 320
#: Share of its time that the thread of CP-SAT first spends on local search, so that it has a good plan to begin with.
HEAD_START = 0.5


class Result(NamedTuple):
    """The best plan, what no plan can beat, and whether they are the same."""

    name: str
    plan: ShopPlan
    makespan: int
    lower_bound: int
    status: str  # optimal or feasible
    seconds: float
    feasible: bool


class Incumbent:
    """The best makespan and bound that any thread knows; the clock stops when they meet."""

    def __init__(self, bound: int, clock: Clock, told: Callable[[float, int], None]) -> None:
        self.bound, self.clock, self.told = bound, clock, told
        self.makespan: int | None = None
        self._lock = threading.Lock()

    def hear(self, bound: int, makespan: int) -> None:
        """A better bound, a better makespan (-1: none)."""
        with self._lock:
            self.bound = max(self.bound, bound)
            if makespan >= 0 and (self.makespan is None or makespan < self.makespan):
                self.makespan = makespan
                self.told(self.clock.elapsed, makespan)
            if self.makespan is not None and self.makespan <= self.bound:
                self.clock.finish()


def improve(
    shop: Shop,
    clock: Clock,
    *,
    seed: int = 1,
    threads: int = 2,
    told: Callable[[float, int], None] = lambda seconds, makespan: None,
) -> Result:
    """The shortest plan found before ``clock``; ``told`` hears of every better one (seconds, makespan).

    With a budget of work equal arguments give equal plans. Raises TocfinError when a plan fails the check.
    """
    bound = lower_bound(shop)
    heard = Incumbent(bound, clock, told)

    def search(number: int) -> tuple[ShopPlan, int]:
        exact = number == 1 and shop.n_operation <= SMALL
        part = clock.part(HEAD_START) if exact else clock
        found = Descent(shop, seed * 1_000 + number, bound, part, lambda best: heard.hear(0, best.makespan)).run()
        plan = timed_plan(shop, found)
        if not exact or found.makespan <= bound or clock.left <= 0:
            return plan, bound
        outcome: Outcome = solve(shop, plan, bound, seed, clock, heard.hear)
        best = outcome.plan or plan
        heard.hear(outcome.bound, best.makespan)
        return best, outcome.bound

    with clock.interruptible():
        results = spread(threads)(search, range(threads))
    plan = min((plan for plan, _ in results), key=lambda plan: plan.makespan)
    bound = min(max(bound for _, bound in results), plan.makespan)
    if faults := list(breaches(shop, plan)):
        raise TocfinError(f"the search made a plan that is not possible: {faults[0]}")
    status = "optimal" if plan.makespan <= bound else "feasible"
    return Result(shop.name, plan, plan.makespan, bound, status, clock.elapsed, feasible=True)


def timed_plan(shop: Shop, found: Found) -> ShopPlan:
    """The plan that starts everything as soon as its sequence allows."""
    graph = empty_graph(shop.n_operation, shop.n_machine)
    load(routes_of(shop), graph, found.order, found.machine)
    end = graph.end[:-1]
    return ShopPlan(np.array(found.machine), end - graph.length[:-1], end.copy())
