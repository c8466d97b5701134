"""One thread of local search on a shop: tabu search from a few plans, then from blends of the best of them."""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic
from typing import NamedTuple

import numpy as np

from tocfin.kernels.search_plan import Graph, Routes, empty_graph, load
from tocfin.kernels.search_start import dispatched
from tocfin.kernels.search_tabu import BEST, FAR, STALL, STEP, Trail, begin, fresh_trail, walk
from tocfin.reschedule.clock import Clock
from tocfin.reschedule.shop import Ints, Lengths, Shop

#: Plans that are kept to be blended; blends are refused that are the same as one of them.
ELITE = 8
#: Moves without a better plan, by operations of the shop, before another start is taken.
PATIENCE = 60
LEAST_PATIENCE = 6_000
#: Seconds between two looks at the clock.
LOOK = 0.04


class Found(NamedTuple):
    """A plan as the search keeps it."""

    makespan: int
    order: Ints  # (operations) everything after what it waits for
    machine: Ints  # (operations)


def routes_of(shop: Shop) -> Routes:
    """A shop's columns as the kernels of the search read them."""
    n = shop.n_operation
    before = np.arange(-1, n, dtype=np.int32)
    after = np.arange(1, n + 2, dtype=np.int32)
    full = np.flatnonzero(np.diff(shop.job_first))
    before[shop.job_first[full]] = n
    last = (shop.job_first[full + 1] - 1).astype(np.int32)
    after[last] = n
    before[n] = after[n] = n
    first = np.append(shop.choice_first, shop.choice_first[-1:])
    return Routes(before, after, last, first, shop.choice_machine, shop.choice_length)


def work_left(shop: Shop) -> Lengths:
    """The shortest work of the job from each operation on."""
    shortest = np.minimum.reduceat(shop.choice_length, shop.choice_first[:-1])
    done = np.concatenate([[0], np.cumsum(shortest)])
    left: Lengths = done[np.repeat(shop.job_first[1:], np.diff(shop.job_first))] - done[:-1]
    return left


class Descent:
    """Local search of one thread; ``run`` until the clock, the goal, or the budget of moves is reached."""

    def __init__(self, shop: Shop, seed: int, goal: int, clock: Clock, tell: Callable[[Found], None]) -> None:
        self.routes: Routes = routes_of(shop)
        self.graph: Graph = empty_graph(shop.n_operation, shop.n_machine)
        self.trail: Trail = fresh_trail(shop.n_operation, seed)
        self.luck = np.random.default_rng(seed)
        self.work = work_left(shop)
        self.goal, self.clock, self.tell = goal, clock, tell
        self.patience = max(LEAST_PATIENCE, PATIENCE * shop.n_operation)
        self.elite: list[Found] = []
        self.best = Found(FAR, *self._start(0.0))
        self.steps, self.pace = 0, 256

    def run(self) -> Found:
        """The best plan; at least one, whatever the clock says."""
        self._walk(self.best.order, self.best.machine)
        while self._may_go_on():
            self._walk(*(self._start(0.5) if len(self.elite) < ELITE else self._blend()))
        return self.best

    def _may_go_on(self) -> bool:
        used = self.clock.work is not None and self.steps >= self.clock.work
        return self.best.makespan > self.goal and not used and self.clock.left > 0

    def _start(self, noise: float) -> tuple[Ints, Ints]:
        order, machine = (np.empty(self.work.size, np.int32) for _ in range(2))
        dispatched(self.routes, self.work, noise, self.trail.seed, order, machine)
        return order, machine

    def _blend(self) -> tuple[Ints, Ints]:
        """A plan between two of the elite: what both do in the same sequence, or on the same machine, stays so.

        The mean of two orders keeps every sequence that is in both, and so those of the jobs.
        """
        i, j = self.luck.choice(len(self.elite), 2, replace=False)
        share = self.luck.uniform(0.3, 0.7)
        one, other = self.elite[i], self.elite[j]
        rank = np.empty((2, self.work.size))
        rank[0, one.order] = rank[1, other.order] = np.arange(self.work.size)
        order = np.argsort((1.0 - share) * rank[0] + share * rank[1], kind="stable").astype(np.int32)
        return order, np.where(self.luck.random(self.work.size) < share, other.machine, one.machine)

    def _walk(self, order: Ints, machine: Ints) -> None:
        """Search from one plan until it brings nothing any more."""
        tally = self.trail.tally
        begin(self.routes, self.graph, self.trail, load(self.routes, self.graph, order, machine))
        self._note()
        while self._may_go_on() and tally[STALL] < self.patience:
            steps = self.pace if self.clock.work is None else min(self.pace, self.clock.work - self.steps)
            at, was = int(tally[STEP]), monotonic()
            walk(self.routes, self.graph, self.trail, steps, self.goal, self.patience)
            self.steps += int(tally[STEP]) - at
            took = max(monotonic() - was, 1e-6)
            if self.clock.work is None:
                self.pace = int(min(max(steps * LOOK / took, 16), 2 * self.pace, 100_000))
            self._note()
        self._admit(Found(int(tally[BEST]), self.trail.best_order.copy(), self.trail.best_machine.copy()))

    def _note(self) -> None:
        makespan = int(self.trail.tally[BEST])
        if makespan < self.best.makespan:
            self.best = Found(makespan, self.trail.best_order.copy(), self.trail.best_machine.copy())
            self.tell(self.best)

    def _admit(self, found: Found) -> None:
        """Keep a plan among the elite when there is room or it is better than the worst, and unlike the others."""
        if any(found.makespan == other.makespan and _alike(found, other) for other in self.elite):
            return
        self.elite.append(found)
        if len(self.elite) > ELITE:
            self.elite.remove(max(self.elite, key=lambda kept: kept.makespan))


def _alike(found: Found, other: Found) -> bool:
    return bool(np.array_equal(found.machine, other.machine) and np.array_equal(found.order, other.order))
