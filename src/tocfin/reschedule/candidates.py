"""Candidates that differ: the best plan on paper, and plans that are better under noise, found by simulating.

A search on paper packs plans until nothing is left for what goes wrong, and drifts where paper is indifferent and luck
is not. So after it short bursts of search start from the plan that is best in simulated futures, in worlds that ask for
more than the real one (longer work, all due sooner), and what they find is kept where it is better in these futures.
The futures are others than those that candidates are ranked in.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain, islice
from time import monotonic
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tocfin.kernels.search_loads import Decision, placed
from tocfin.reschedule.climbing import climbed
from tocfin.reschedule.clock import Clock
from tocfin.reschedule.decisions import activities, blank, present_times, sound
from tocfin.reschedule.futures import Lab
from tocfin.reschedule.improve import MOST_BREACHES, PRESENT, RIGHT_SHIFT, Candidate, Improved, improve
from tocfin.reschedule.money import price
from tocfin.reschedule.plan_check import breaches
from tocfin.reschedule.problem import Problem
from tocfin.reschedule.promises import broken, promised
from tocfin.reschedule.rules import drum_hours
from tocfin.reschedule.values import weighed
from tocfin.scenarios.estimates import Values, mean
from tocfin.workers import spread

DAY = 86_400
#: Share of the search that looks for the best plan on paper; the rest is for bursts.
ON_PAPER = 0.4
#: Short searches of one round.
PROPOSALS = 2
#: A burst makes one move for so many loads that may move, within limits.
LOADS_OF_MOVE, FEWEST_MOVES, MOST_MOVES = 50, 12, 120
#: A budget of work has one round for so many of its moves.
MOVES_OF_ROUND = 100
#: Plans that were best in the futures of the search at some time and are candidates: the last so many that differ.
KEPT = 3
UNDER_LUCK = "search under luck"


@dataclass(frozen=True)
class Variant:
    """A world that asks for more than the real one: work is ``longer`` times the plan's, all is due ``sooner`` [s]."""

    longer: float = 1.0
    sooner: int = 0
    move_cost: float = 0.0

    def of(self, problem: Problem) -> Problem:
        """``problem`` in that world."""
        loads, worth = problem.loads, problem.worth
        free = np.repeat(~problem.load_fixed, np.diff(loads.first_member))
        loads = loads._replace(
            member_seconds=np.where(free, self._stretched(loads.member_seconds), loads.member_seconds),
            choice_seconds=self._stretched(loads.choice_seconds),
        )
        worth = worth._replace(
            job_need=worth.job_need - self.sooner,
            end=worth.end - self.sooner,
            load_move=worth.load_move + self.move_cost,
        )
        return replace(problem, loads=loads, worth=worth)

    def _stretched(self, seconds: NDArray[Any]) -> NDArray[np.int64]:
        return np.rint(self.longer * seconds).astype(np.int64)


#: Worlds that bursts search in, in turn.
VARIANTS = (
    Variant(longer=1.1),
    Variant(),
    Variant(longer=1.05, sooner=DAY // 2),
    Variant(move_cost=1.0),
    Variant(longer=1.2),
    Variant(sooner=DAY),
)


def pool(
    problem: Problem,
    lab: Lab,
    clock: Clock,
    *,
    objective: str = "net-profit",
    seed: int = 1,
    threads: int = 2,
    told: Callable[[float, float], None] = lambda seconds, money: None,
    reserve: Callable[[int], None] = lambda plans: None,
) -> Improved:
    """As `improve`, with plans that are better in the futures of ``lab`` beside what it finds.

    Each is timed with the real work, checked and priced like all others; of equal plans one is kept. ``reserve`` hears
    how many plans there are to prove, so that the clock has time for them and no more.
    """
    found = improve(problem, clock.part(ON_PAPER), objective=objective, seed=seed, threads=threads, told=told)
    names = [one.name for one in found.candidates]
    kept = found.named(RIGHT_SHIFT if RIGHT_SHIFT in names else PRESENT)
    rate = found.named(PRESENT).price.objective
    bursts = _Bursts(*promised(problem, kept.activities), lab, objective, rate, seed, threads)
    different = _different(found.candidates)
    begun = [one for one in different if not one.breaches]
    with clock.interruptible():
        hardened = bursts.run(begun, clock, lambda kept: reserve(len(different) + kept))
    return Improved(
        tuple(_different([*found.candidates, *hardened])), objective, clock.elapsed, found.steps + bursts.steps
    )


class _Bursts:
    """Rounds of short searches from the plan that is best in the futures of the lab."""

    def __init__(
        self, problem: Problem, promises: frozenset[str], lab: Lab, objective: str, rate: float, seed: int, threads: int
    ) -> None:
        self.problem, self.promises, self.lab = problem, promises, lab
        self.objective, self.seed, self.threads = objective, seed, threads
        self.steps, self.rate, self.drum_hours = 0, rate, drum_hours(problem)

    def run(self, begun: Sequence[Candidate], clock: Clock, reserve: Callable[[int], None]) -> list[Candidate]:
        """The last plans that were best, until the clock or its budget is used up; ``reserve`` hears how many."""
        reserve(1)
        if clock.left <= 0:
            return []
        moves = min(max(int(np.count_nonzero(~self.problem.load_fixed)) // LOADS_OF_MOVE, FEWEST_MOVES), MOST_MOVES)
        rounds = None if clock.work is None else max(clock.work // MOVES_OF_ROUND, 1)
        begun_at = monotonic()
        best, worth = self._best_of(begun, None)
        took = PROPOSALS * (monotonic() - begun_at) / max(len(begun), 1)
        last = worth
        kept: list[Candidate] = []
        number = 0
        while clock.left > took and (rounds is None or number < rounds):
            number, begun_at = number + 1, monotonic()
            burst = partial(self._burst, decision_of(self.problem, best.activities), moves, number)
            proposals = spread(self.threads)(burst, range(PROPOSALS))
            better, values = self._best_of([one for one in proposals if one is not None], (best, worth))
            if better is not best and not (better := self._checked(better)).breaches:
                gap = mean(values - last)
                if kept and gap.value < gap.half_width:  # hardly another plan than the one kept last
                    kept.pop()
                else:
                    last = values
                best, worth = better, values
                kept = [*kept, best][-KEPT:]
                reserve(min(len(kept) + 1, KEPT))
            took = max(took, monotonic() - begun_at)
        return kept

    def _best_of(
        self, some: Sequence[Candidate], incumbent: tuple[Candidate, Values] | None
    ) -> tuple[Candidate, Values]:
        """The plan with the greatest mean, an incumbent unless one is better by more than a standard error."""
        found = list(zip(some, self.lab.values(some), strict=True))
        if incumbent is None:
            return max(found, key=lambda pair: float(np.mean(pair[1])))
        best = incumbent
        for one, values in found:
            gap = mean(values - best[1])
            if gap.value > max(gap.half_width / 2, 0.0):
                best = one, values
        return best

    def _burst(self, start: Decision, moves: int, number: int, k: int) -> Candidate | None:
        """What a burst finds from ``start``, not checked yet; None for the same plan, or one that finds no room."""
        variant = VARIANTS[(number * PROPOSALS + k) % len(VARIANTS)]
        seed = self.seed * 1_000_003 + number * PROPOSALS + k
        problem = _kept(variant.of(self.problem), start)
        value = weighed(problem.worth, self.objective, self.drum_hours, self.rate)
        decision, steps = climbed(problem, start, value, seed, Clock(0, work=moves), lambda money: None)[1:]
        self.steps += steps
        same = np.array_equal(decision.order, start.order) and np.array_equal(decision.choice, start.choice)
        if same and all(np.array_equal(getattr(decision, k), getattr(start, k)) for k in ("bought", "floor")):
            return None
        table, cost = activities(self.problem, decision)
        if table is None:
            return None
        paper = price(self.problem.dataset, table, self.objective, cost)
        return Candidate(f"{UNDER_LUCK}, round {number}.{k + 1}", table, paper, ())

    def _checked(self, one: Candidate) -> Candidate:
        problem, table = self.problem, one.activities
        faults = chain(breaches(problem.dataset, table, problem.zones), broken(problem, table, self.promises))
        return replace(one, breaches=tuple(islice(faults, MOST_BREACHES)))


def decision_of(problem: Problem, table: pl.DataFrame) -> Decision:
    """The sequence, the resources, the waits and the potential overtime of a table of activities."""
    loads, rows = problem.loads, problem.frames["activities"]["row"].gather(problem.member_row)
    times = pl.DataFrame({"row": rows}).join(table.select("row", "resource", "start", "end"), on="row", how="left")
    code = {key: r for r, key in enumerate(problem.model.keys["resource"].to_list())}
    start, end = times["start"].to_numpy(), times["end"].to_numpy()
    resource = np.array([code[key] for key in times["resource"].to_list()], np.int32)
    decision = blank(problem, bought=False)
    begins = np.minimum.reduceat(start, loads.first_member[:-1])
    free = np.flatnonzero(~problem.load_fixed)
    choice = decision.choice
    for x in np.flatnonzero(np.diff(loads.choice_first)).tolist():
        offered = loads.choice_resource[loads.choice_first[x] : loads.choice_first[x + 1]]
        choice[x] = max(int(np.argmax(offered == resource[loads.first_member[x]])), 0)
    for s in np.flatnonzero(loads.segment_potential).tolist():
        r = int(np.searchsorted(loads.segment_first, s, side="right")) - 1
        touched = (resource == r) & (start < loads.segment_end[s]) & (end > loads.segment_start[s])
        decision.bought[s] = bool(touched.any())
    order = sound(problem, free[np.lexsort((problem.rank[free], begins[free]))])
    decision, placed_at = decision._replace(order=order), present_times(problem)
    if not placed(problem.loads, decision, problem.unit_free, placed_at):
        waits = free[placed_at.load_start[free] < begins[free]]
        decision.floor[waits] = begins[waits]
    return decision


def _kept(problem: Problem, start: Decision) -> Problem:
    """``problem`` without the promises that its world cannot keep with ``start``."""
    times = present_times(problem)
    if placed(problem.loads, start, problem.unit_free, times):
        return problem
    ends = np.full(problem.worth.job_kept.size, problem.worth.clock - 1)
    np.maximum.at(ends, problem.worth.member_job, times.end)
    kept = problem.worth.job_kept * (ends < problem.worth.this_end)
    return replace(problem, worth=problem.worth._replace(job_kept=kept.astype(np.uint8)))


def _different(candidates: Sequence[Candidate]) -> list[Candidate]:
    """The first of each set of equal plans; the present plan and right-shift are kept whatever they equal."""
    kept: list[Candidate] = []
    columns = ["row", "resource", "start", "end"]
    for one in candidates:
        same = any(one.activities[columns].equals(other.activities[columns]) for other in kept)
        if not same or one.name in (PRESENT, RIGHT_SHIFT):
            kept.append(one)
    return kept
