"""Refining a plan with CP-SAT: the drum's own sequence and overtime first, then windows around what costs most.

An answer is a sequence and what is bought. The kernels place and weigh it as any other decision, and it is taken where
it is worth more: no mistake of a model is in a plan.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import product
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tocfin.kernels.search_loads import Decision, placed
from tocfin.kernels.search_rules import Rule, dispatched
from tocfin.kernels.search_worth import Worth, worth
from tocfin.model.columns import IS_DRUM
from tocfin.reschedule.clock import Clock
from tocfin.reschedule.decisions import Searched, copied, present_times, sound, waiting
from tocfin.reschedule.problem import Problem
from tocfin.reschedule.window_times import Longs, Window
from tocfin.reschedule.windows import Answer, Effort, movable, solved

#: Loads of a window to begin with, at least, at most; of a drum's sequence at most.
SIZE, LEAST, MOST, MOST_AT_DRUM = 16, 6, 40, 60
#: How much a window grows when its best answer is proven, and shrinks when it is not.
GROWS, SHRINKS = 1.2, 0.8
#: CP-SAT's deterministic seconds for a window, and for a drum.
EFFORT, EFFORT_AT_DRUM = 0.05, 0.5
#: Steps of a budget of work that a window counts for, and a drum.
STEPS, STEPS_AT_DRUM = 100, 500
#: Less time than this [s] is left to the other engines: setting up a model takes a part of it.
WORTH_WHILE = 1.0
#: A plan is better by more than this [money].
TINY = 1e-6
#: Windows without a better plan after which nothing more is expected.
PATIENCE = 30
#: A window may end later than now by this share of its span.
SLACK = 0.25


def sequenced(
    problem: Problem, start: Decision, value: Worth, seed: int, clock: Clock, tell: Callable[[float], None]
) -> Searched:
    """``start``, or what the best sequence and overtime of each drum makes of it, other work going with the drum's."""
    if clock.left < WORTH_WHILE:
        return Searched(-np.inf, start, 0)
    now, made = _Now(problem, value, start), 0
    for window in _drums(problem, now):
        if clock.left <= 0 or (clock.work is not None and made + STEPS_AT_DRUM > clock.work):
            break
        made += STEPS_AT_DRUM
        if now.solve(window, Effort(seed, EFFORT_AT_DRUM, clock.left)).better:
            tell(now.money)
    return Searched(now.money, now.decision, made)


def refined(
    problem: Problem, start: Decision, value: Worth, seed: int, clock: Clock, tell: Callable[[float], None]
) -> Searched:
    """``start``, or the best plan that windows make of it until the clock ends or nothing has come of many."""
    if clock.left < WORTH_WHILE:
        return Searched(-np.inf, start, 0)
    now = _Now(problem, value, start)
    luck, made, stall, size = np.random.default_rng(seed), 0, 0, float(SIZE)
    while clock.left > 0 and stall < PATIENCE and (clock.work is None or made + STEPS <= clock.work):
        window = _window(problem, now, luck, int(size))
        made, stall = made + STEPS, stall + 1
        if window is None:
            continue
        came = now.solve(window, Effort(int(luck.integers(2**31)), EFFORT, clock.left))
        size = min(max(size * (GROWS if came.proven else SHRINKS), LEAST), MOST)
        if came.better:
            stall = 0
            tell(now.money)
    return Searched(now.money, now.decision, made)


class _Came(NamedTuple):
    """What came of a window."""

    better: bool
    proven: bool


class _Now:
    """The best decision, placed and weighed."""

    def __init__(self, problem: Problem, value: Worth, start: Decision) -> None:
        self.problem, self.value = problem, value
        self.money, self.decision, self.times = -np.inf, start, present_times(problem)
        self.some = movable(problem) if self.take(copied(start)) else np.zeros(problem.load_fixed.size, np.bool_)

    def solve(self, window: Window, effort: Effort) -> _Came:
        """Take what CP-SAT makes of a window, where it is worth more."""
        answer = solved(self.problem, self.decision, self.times, self.value, window, effort)
        if answer is None:
            return _Came(better=False, proven=False)
        better = any(self.take(other) for other in _decisions(self.problem, self, window, answer))
        return _Came(better, answer.proven)

    def take(self, decision: Decision) -> bool:
        """Whether ``decision`` is worth more, and is what there is from now on."""
        times = present_times(self.problem)
        if placed(self.problem.loads, decision, self.problem.unit_free, times):
            return False
        money = float(worth(self.problem.loads, decision, self.problem.unit_free, self.value, times))
        if not money > self.money + TINY:
            return False
        self.money, self.decision, self.times = money, decision, times
        return True

    def resource(self) -> NDArray[np.int32]:
        """(loads) where the first member is worked on."""
        return self.times.resource[self.problem.loads.first_member[:-1]]

    def waits(self) -> NDArray[np.bool_]:
        """(loads) of jobs that have been put off to a later period."""
        return self.decision.floor >= self.value.this_end


def _decisions(problem: Problem, now: _Now, window: Window, answer: Answer) -> Iterator[Decision]:
    """What an answer may mean: its sequence; everything not before it says; a drum's for all work to go by."""
    label = now.times.load_start.astype(np.float64)
    if window.tail.any():  # the rest of a job goes with its work on the drum
        moved = np.zeros(problem.worth.job_need.size)
        moved[problem.load_job[window.load]] = answer.start - now.times.load_start[window.load]
        label += moved[problem.load_job]
    label[window.load] = answer.start
    order = now.decision.order[np.argsort(label[now.decision.order], kind="stable")]
    floor = now.decision.floor.copy()
    floor[window.load] = 0
    soon = Decision(sound(problem, order), now.decision.choice.copy(), answer.bought, floor)
    yield soon
    late = floor.copy()
    late[window.load] = answer.start
    yield soon._replace(floor=late)
    if window.tail.any():
        by_drum, always = copied(soon), np.full(label.size, -np.inf)
        links, times = tuple(waiting(problem)), present_times(problem)
        if not dispatched(problem.loads, by_drum, problem.unit_free, times, Rule(-label, always, 1.0, False), links):
            yield by_drum


def _drums(problem: Problem, now: _Now) -> Iterator[Window]:
    """Windows for each drum, all of its work: behind what comes before it now, then behind what has to come before."""
    drums = np.flatnonzero((problem.model.enterprise.resource_role & IS_DRUM) > 0).tolist()
    heads = _heads(problem) if drums else np.zeros(0, np.int64)
    for r, free in product(drums, (False, True)):
        on = np.flatnonzero(now.some & (now.resource() == r) & ~now.waits())
        if on.size > 1:
            on = on[np.argsort(now.times.load_start[on], kind="stable")][:MOST_AT_DRUM]
            yield _at_drum(problem, now, on, heads[on] if free else _bounds(problem, now, on)[0])


def _at_drum(problem: Problem, now: _Now, on: Longs, earliest: Longs) -> Window:
    """A window of work at one drum: what follows in its job goes with it, as long behind it as now."""
    loads, times = problem.loads, now.times
    end, begin = times.load_end[on], times.load_start[on]
    tail = times.job_end[problem.load_job[on]] - end
    latest = np.maximum(np.minimum(loads.deadline[on], _last(now, on)), end)
    return Window(on, np.minimum(earliest, begin), latest, tail, now.value.job_fixed_end, carries=False)


def _last(now: _Now, on: Longs) -> int:
    """When all loads ``on`` must have ended: a little later than now [s]."""
    end, begin = now.times.load_end[on].max(), now.times.load_start[on].min()
    return int(end + SLACK * (end - begin))


def _heads(problem: Problem) -> Longs:
    """(loads) when each could start if no work stood in the way of another, calendars aside."""
    loads, times = problem.loads, present_times(problem)
    length = np.maximum.reduceat(loads.member_seconds, loads.first_member[:-1])
    head = np.where(problem.load_fixed, times.load_start, loads.release)
    for x in np.argsort(problem.rank).tolist():
        if not problem.load_fixed[x]:
            for e in range(int(loads.before_first[x]), int(loads.before_first[x + 1])):
                p = loads.before_load[e]
                done = times.load_end[p] if problem.load_fixed[p] else head[p] + length[p]
                head[x] = max(head[x], done + loads.before_lag[e])
    return head


def _window(problem: Problem, now: _Now, luck: np.random.Generator, size: int) -> Window | None:
    """The loads next to one of a costly job: on its resource, or wherever they are; None where there are no two."""
    some = np.flatnonzero(now.some & ~now.waits())
    value = now.value
    late = np.maximum(now.times.job_end - value.job_need - value.job_grace, 0) * value.job_penalty
    cost = np.where(np.isfinite(late), late, 0.0) + 1e-3 * max(float(late.max()), 1.0)
    if some.size < 2:
        return None
    weight = cost[problem.load_job[some]]
    x = int(luck.choice(some, p=weight / weight.sum()))
    at = now.times.load_start
    if luck.random() < 0.5:
        some = some[now.resource()[some] == now.resource()[x]]
    if some.size < 2:
        return None
    return _around(problem, now, some[np.argsort(np.abs(at[some] - at[x]), kind="stable")[:size]])


def _around(problem: Problem, now: _Now, on: Longs) -> Window:
    """A window between what stays."""
    times = now.times
    earliest, latest = _bounds(problem, now, on)
    rest = ~np.repeat(_inside(problem, on), np.diff(problem.loads.first_member))
    job_end = now.value.job_fixed_end.copy()
    np.maximum.at(job_end, now.value.member_job[rest], times.end[rest])
    earliest, latest = np.minimum(earliest, times.load_start[on]), np.minimum(latest, _last(now, on))
    return Window(on, earliest, latest, np.zeros(on.size, np.int64), job_end, carries=True)


def _inside(problem: Problem, on: Longs) -> NDArray[np.bool_]:
    """(loads) True for those of ``on``."""
    inside = np.zeros(problem.load_fixed.size, np.bool_)
    inside[on] = True
    return inside


def _bounds(problem: Problem, now: _Now, on: Longs) -> tuple[Longs, Longs]:
    """Between when loads ``on`` may move while all others stay: (earliest start, latest end) [s]."""
    loads, times, inside = problem.loads, now.times, _inside(problem, on)
    waits = np.repeat(np.arange(inside.size), np.diff(loads.before_first))
    earliest, latest = loads.release.copy(), loads.deadline.copy()
    ahead = inside[waits] & ~inside[loads.before_load]
    np.maximum.at(earliest, waits[ahead], (times.load_end[loads.before_load] + loads.before_lag)[ahead])
    behind = ~inside[waits] & inside[loads.before_load]
    np.minimum.at(latest, loads.before_load[behind], (times.load_start[waits] - loads.before_lag)[behind])
    return earliest[on], latest[on]
