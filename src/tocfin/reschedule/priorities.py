"""Dispatching by ranks that are searched for: whole plans in milliseconds, where single moves shift half of a plan.

A load's rank is its job's penalty by the work left, as in the rule of the portfolio, but work counts by how short its
resource is; how short, how far to look ahead and a bonus for each job are what is searched for. On plants whose
bottlenecks are full this finds which jobs to let wait, which no sequence of small moves does.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tocfin.kernels.search_loads import Decision
from tocfin.kernels.search_rules import Rule, dispatched
from tocfin.kernels.search_worth import Worth, worth
from tocfin.reschedule.clock import Clock
from tocfin.reschedule.decisions import Searched, copied, present_times, waiting
from tocfin.reschedule.problem import Problem
from tocfin.reschedule.rules import LONG_LOOK_AHEAD, traits, work_left

#: To begin with work counts by this power of its resource's load, against the greatest; least load; mean lengths ahead.
POWER, LEAST, AHEAD = 4.0, 0.02, 30.0
#: Late acceptance looks back so many plans.
MEMORY = 50
#: Plans without a better one after which bonuses of jobs are changed rather than what counts for all.
COARSE = 150
#: Sizes of a change, in logarithms.
SIZES = (0.1, 0.3, 1.0)
#: From so many loads on there is time for few plans, too few to make up for a start below the best rule.
MANY = 10_000
#: Loads that may move of which so many make dispatching worth one step of a budget of work.
LOADS_OF_STEP = 50


class _Ranks(NamedTuple):
    """What is searched for, in logarithms."""

    common: NDArray[np.float64]  # weight of each resource's work; look-ahead; how much longer work takes than planned
    bonus: NDArray[np.float64]  # (jobs)


def prioritised(
    problem: Problem, start: Decision, value: Worth, seed: int, clock: Clock, tell: Callable[[float], None]
) -> Searched:
    """The best plan that dispatching makes, with the resources and the overtime of ``start``, until the clock ends."""
    trial = _Trial(problem, start, value)
    luck, each = np.random.default_rng(seed), max(int(start.order.size) // LOADS_OF_STEP, 1)
    ranks = trial.begin()
    best = Searched(trial.money(ranks), copied(trial.decision), each)
    now, past, stall, made = best.money, np.full(MEMORY, best.money), 0, 1
    while clock.left > 0 and np.isfinite(now) and (clock.work is None or each * (made + 1) <= clock.work):
        other = _changed(ranks, trial.short, luck, coarse=stall < COARSE)
        money = trial.money(other)
        stall += 1
        if money >= min(now, past[made % MEMORY]):
            ranks, now = other, money
        if money > best.money:
            best, stall = Searched(money, copied(trial.decision), 0), (0 if stall < COARSE else stall)
            tell(money)
        past[made % MEMORY] = now
        made += 1
    return best._replace(steps=each * made)


def _changed(ranks: _Ranks, short: NDArray[np.int64], luck: np.random.Generator, *, coarse: bool) -> _Ranks:
    """Other ranks: some of what counts for all, or of what counts for single jobs, a little more or less."""
    size = luck.choice(SIZES)
    if coarse:
        common, n = ranks.common.copy(), int(luck.integers(1, 4))
        some = luck.choice(short, n) if luck.random() < 0.7 else common.size - luck.integers(1, 3, 1)
        common[some] += size * luck.standard_normal(some.size)
        return ranks._replace(common=common)
    bonus, n = ranks.bonus.copy(), int(luck.integers(1, 6))
    bonus[luck.integers(0, bonus.size, n)] += size * luck.standard_normal(n)
    return ranks._replace(bonus=bonus)


class _Trial:
    """What ranks are worth: a decision is dispatched, placed and weighed."""

    def __init__(self, problem: Problem, start: Decision, value: Worth) -> None:
        self.problem, self.value = problem, value
        self.decision, self.times = copied(start), present_times(problem)
        self.decision.floor[:] = 0
        self.seen, self.links = traits(problem), tuple(waiting(problem))
        loads = problem.loads
        self.member_load = np.repeat(np.arange(problem.load_fixed.size), np.diff(loads.first_member))
        units = np.diff(loads.unit_first)
        seconds = np.where(problem.load_fixed[self.member_load], 0, loads.member_seconds)
        load = np.bincount(loads.member_resource, seconds, units.size) / np.maximum(units, 1) * (units > 0)
        self.load = np.maximum(load / max(float(load.max()), 1.0), LEAST)
        self.short = np.flatnonzero(self.load == self.load.max() if load.max() == 0 else self.load > LEAST)

    def begin(self) -> _Ranks:
        """The ranks to begin with; of many loads those of the best rule by work left, where its plan is worth more."""
        bonus, load = np.zeros(self.value.job_need.size), np.log(self.load)
        many = self.decision.order.size >= MANY
        starts = [(POWER, AHEAD), *((0.0, ahead) for ahead in LONG_LOOK_AHEAD if many)]
        ranks = [_Ranks(np.concatenate([power * load, [np.log(ahead), 0.0]]), bonus) for power, ahead in starts]
        return max(ranks, key=self.money) if many else ranks[0]

    def money(self, ranks: _Ranks) -> float:
        """Weighed money of the plan that ``ranks`` make; without limit less where a load finds no room."""
        problem, seen, loads = self.problem, self.seen, self.problem.loads
        counts = np.exp(ranks.common[:-2])[loads.member_resource] * loads.member_seconds
        left = work_left(problem, np.bincount(self.member_load, counts, problem.load_fixed.size))
        least = float(np.exp(ranks.common[:-2].min()))
        ahead, longer = np.exp(ranks.common[-2:])
        rule = Rule(
            np.log(seen.weight / np.maximum(left, least)) + ranks.bonus[problem.load_job],
            seen.need - longer * seen.left,
            float(ahead * seen.mean_length),
            False,
        )
        if dispatched(loads, self.decision, problem.unit_free, self.times, rule, self.links):
            return float("-inf")
        return float(worth(loads, self.decision, problem.unit_free, self.value, self.times))
