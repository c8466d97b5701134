"""Why a plan is as it is: what it changes, what its overtime returns, where an hour is worth most, what stays late.

All amounts are on paper: the plan's sequence is kept and timed again under one change, so that the value of an hour or
of an interval is a lower bound of what a new search would make of it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, cast

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tocfin.dataset import Plan
from tocfin.dataset.text import instant
from tocfin.kernels.search_loads import Decision, placed
from tocfin.kernels.search_worth import worth
from tocfin.model.columns import Ints
from tocfin.reschedule.candidates import decision_of
from tocfin.reschedule.clock import Clock
from tocfin.reschedule.decisions import present_times
from tocfin.reschedule.impact import jobs
from tocfin.reschedule.problem import Problem
from tocfin.reschedule.prove import Proof

HOUR = 3_600
DAY = 86_400
#: The most resources whose hours are weighed, days on which an hour is tried, and jobs that are explained.
MOST_RESOURCES, MOST_DAYS, MOST_JOBS = 10, 10, 20
#: Money that a change must make to be told.
LEAST = 0.005


@dataclass(frozen=True)
class Overtime:
    """Potential overtime of one resource that the plan works in, and what the plan is worth beyond one without it.

    ``gain`` is after ``cost``; None where the plan finds no room without it, or where it was not ``looked`` for.
    """

    resource: str
    intervals: int
    hours: float
    cost: float
    gain: float | None
    looked: bool = True


@dataclass(frozen=True)
class Binding:
    """A resource: ``load`` is the share of its available time in this period that the plan works in.

    ``value`` is what one more hour is worth on its best day, ``day``, before the hour is paid; 0 where the plan cannot
    use one, None where it works around the clock, or where there was no time to have ``looked``.
    """

    resource: str
    load: float
    value: float | None
    day: str | None
    overtime_rate: float | None
    looked: bool = True


@dataclass(frozen=True)
class Stuck:
    """A job that is late, or ends after this period, in the proposed plan; ``alone`` is when it could end at best."""

    job: str
    end: str
    need_date: str
    at_stake: float
    alone: str | None
    because: str


@dataclass(frozen=True)
class Why:
    """Explanations of the plan that is proposed, each list with the most money first; fewer when ``interrupted``."""

    jobs: list[dict[str, Any]]
    nervousness: dict[str, float]
    overtime: list[Overtime]
    binding: list[Binding]
    stuck: list[Stuck]
    interrupted: bool = False

    def document(self) -> dict[str, Any]:
        """As JSON has it."""
        rest = {name: [one.__dict__ for one in getattr(self, name)] for name in ("overtime", "binding", "stuck")}
        return {"interrupted": self.interrupted, "jobs": self.jobs, "nervousness": self.nervousness} | rest


def told(problem: Problem, proof: Proof, clock: Clock | None = None) -> Why:
    """Explanations of the first plan of ``proof`` against its reference.

    When ``clock`` is over or interrupted the value of an hour is looked for on fewer days, or not at all, and what
    overtime returns is left out.
    """
    table = proof.best.candidate.activities
    before = proof.named(proof.reference).candidate.activities
    look = _Look(problem, decision_of(problem, table), clock)
    unrest = nervousness(before, table)
    touched, stopped = jobs(problem.dataset, before, table), clock is not None and clock.interrupted
    return Why(touched, unrest, look.overtime(), look.binding(), look.stuck(), stopped)


def nervousness(before: pl.DataFrame, after: pl.DataFrame) -> dict[str, float]:
    """How much a plan disturbs: activities that start at another time, by how many hours, or on another resource."""
    both = after.join(before.select("row", "start", "resource"), on="row", suffix="_before")
    shift = (both["start"] - both["start_before"]).abs() / HOUR
    return {
        "activities": float(both.height),
        "other_start": float((shift > 0).sum()),
        "other_resource": float((both["resource"] != both["resource_before"]).sum()),
        "mean_hours": float(cast(float, shift.filter(shift > 0).mean() or 0.0)),
    }


class _Look:
    """One plan, and what becomes of it under one change at a time."""

    def __init__(self, problem: Problem, decision: Decision, clock: Clock | None) -> None:
        self.problem, self.decision, self.clock = problem, decision, clock
        self.keys = problem.model.keys
        self.times = present_times(problem)
        self.money = self._money(problem, decision, self.times)

    @property
    def _over(self) -> bool:
        return self.clock is not None and self.clock.left <= 0

    def _money(self, problem: Problem, decision: Decision, times: Any = None) -> float:
        """What the plan is worth to the search; minus infinite where something finds no room."""
        times = present_times(problem) if times is None else times
        if placed(problem.loads, decision, problem.unit_free, times):
            return float("-inf")
        return float(worth(problem.loads, decision, problem.unit_free, problem.worth, times))

    def overtime(self) -> list[Overtime]:
        """Potential overtime that is worked in, by resource."""
        loads, found = self.problem.loads, []
        bought = np.flatnonzero((self.decision.bought > 0) & (loads.segment_potential > 0))
        owner = np.searchsorted(loads.segment_first, bought, side="right") - 1
        for r in np.unique(owner).tolist():
            some = bought[owner == r]
            used = np.array([self._worked(r, int(s)) for s in some])
            if not used.any():
                continue
            cost, hours = float((used * loads.segment_rate[some]).sum()), float(used.sum()) / HOUR
            name, intervals = self.keys["resource"][r], int((used > 0).sum())
            if self._over:
                found.append(Overtime(name, intervals, hours, cost, None, looked=False))
                continue
            without = self.decision._replace(bought=self.decision.bought.copy())
            without.bought[some] = 0
            lost = self.money - self._money(self.problem, without)
            found.append(Overtime(name, intervals, hours, cost, None if np.isinf(lost) else lost))
        return sorted(found, key=lambda one: -(one.gain or 0.0))

    def _worked(self, r: int, s: int) -> int:
        """Seconds of a segment that the plan works in; what overlaps counts once."""
        loads, times = self.problem.loads, self.times
        begin, end = int(loads.segment_start[s]), int(loads.segment_end[s])
        here = (times.resource == r) & (times.start < end) & (times.end > begin)
        total, until = 0, begin
        for start, finish in sorted(zip(times.start[here].tolist(), times.end[here].tolist(), strict=True)):
            start, finish = max(start, until), min(finish, end)
            total += max(finish - start, 0)
            until = max(until, finish)
        return total

    def binding(self) -> list[Binding]:
        """The resources with the highest load, and what one more hour on each is worth."""
        problem, plan = self.problem, cast(Plan, self.problem.dataset.plan)
        load = self._loads(plan)
        rates = problem.model.enterprise.resource_overtime_cost
        found = []
        for r in sorted(np.flatnonzero(load > 0).tolist(), key=lambda r: -load[r])[:MOST_RESOURCES]:
            looked = not self._over
            value, day = self._hour(r, plan) if looked else (None, None)
            rate = None if np.isnan(rates[r]) else float(rates[r])
            found.append(Binding(self.keys["resource"][r], float(load[r]), value, day, rate, looked))
        return sorted(found, key=lambda one: (-(one.value or 0.0), -one.load))

    def _loads(self, plan: Plan) -> NDArray[np.float64]:
        """Share of each resource's available time in this period that its work touches."""
        loads, times = self.problem.loads, self.times
        n = loads.segment_first.size - 1
        owner = np.repeat(np.arange(n), np.diff(loads.segment_first))
        inside = np.clip(loads.segment_end, plan.clock, plan.horizon_end)
        room = np.bincount(owner, inside - np.clip(loads.segment_start, plan.clock, plan.horizon_end), n)
        ends = np.minimum(times.end, plan.horizon_end)
        share = np.clip((ends - plan.clock) / np.maximum(times.end - np.maximum(times.start, plan.clock), 1), 0, 1)
        share = np.where(times.start >= plan.horizon_end, 0.0, np.where(times.end <= plan.horizon_end, 1.0, share))
        work = self._seconds() * share * (times.end > plan.clock) * self._counted()
        units = np.diff(loads.unit_first)
        timed = (np.bincount(loads.member_resource, loads.member_timed, n) > 0) & (room > 0) & (units > 0)
        return np.where(timed, np.bincount(times.resource, work, n) / np.maximum(room * units, 1), 0.0)

    def _seconds(self) -> NDArray[np.float64]:
        """Work of each member; of what stays its ``work_hours`` where these are fewer than it spans."""
        seconds = self.problem.loads.member_seconds.astype(np.float64)
        hours = self.problem.model.schedule.activity_work_hours
        return np.fmin(seconds, HOUR * hours[self.problem.member_row]) if hours.size else seconds

    def _counted(self) -> NDArray[np.bool_]:
        """Members but for those that share a unit with one before them: a batch is work once."""
        load = np.repeat(np.arange(self.problem.load_fixed.size), np.diff(self.problem.loads.first_member))
        _, first = np.unique(np.stack([load, self.times.resource]), axis=1, return_index=True)
        counted = np.zeros(load.size, np.bool_)
        counted[first] = True
        return counted

    def _hour(self, r: int, plan: Plan) -> tuple[float | None, str | None]:
        """What an hour after one of the resource's shifts is worth, where it is worth most."""
        loads = self.problem.loads
        low, high = int(loads.segment_first[r]), int(loads.segment_first[r + 1])
        some = [
            s
            for s in range(low, high)
            if plan.clock < loads.segment_end[s] < plan.horizon_end
            and not loads.segment_potential[s]
            and (s + 1 >= high or loads.segment_start[s + 1] >= loads.segment_end[s] + HOUR)
        ]
        if not some:
            return None, None
        best, day = 0.0, None
        for s in some[:: -(-len(some) // MOST_DAYS)]:
            if self._over:
                break
            longer = loads.segment_end.copy()
            longer[s] += HOUR
            gain = self._money(replace(self.problem, loads=loads._replace(segment_end=longer)), self.decision)
            if gain - self.money > max(best, LEAST):
                best, day = gain - self.money, instant(int(loads.segment_end[s]))[:10]
        return best, day

    def stuck(self) -> list[Stuck]:
        """Jobs that are late or end after this period, and why they do not end sooner."""
        value, plan = self.problem.worth, cast(Plan, self.problem.dataset.plan)
        ends = self.times.job_end
        late = np.maximum(ends - value.job_need, 0) / DAY * value.job_penalty
        out = np.where(ends >= plan.horizon_end, np.maximum(value.job_value, 0.0), 0.0)
        stake = np.where(value.job_scheduled > 0, np.maximum(late, out), 0.0)
        found = []
        for j in np.argsort(-stake, kind="stable")[:MOST_JOBS].tolist():
            if stake[j] <= LEAST:
                break
            alone, because = self._reason(j, int(ends[j]))
            found.append(
                Stuck(
                    self.keys["job"][j], instant(int(ends[j])), instant(int(value.job_need[j])), float(stake[j]),
                    None if alone is None else instant(alone), because,
                )
            )  # fmt: skip
        return found

    def _reason(self, j: int, end: int) -> tuple[int | None, str]:
        """When the job could end if nothing else that may move were there, and what keeps it from that."""
        problem, order = self.problem, self.decision.order
        own = order[problem.load_job[order] == j]
        if not own.size:
            return end, "all of its work is history, frozen or pinned"
        alone = self._alone(own.astype(np.int32), j)
        need = int(problem.worth.job_need[j])
        if alone is None:
            return None, "its own work finds no room without the work that it waits for"
        if alone > need:
            release = problem.frames["jobs"]["release_date"][j]
            first = max(release or 0, cast(Plan, problem.dataset.plan).clock)
            return alone, f"even alone in the plant, from {instant(first)} on, it would be late"
        resource, hours = self._waits(own)
        if resource is None:
            return alone, "waits for other jobs of its network"
        return alone, f"waits {hours:,.1f} h for {resource}, whose other work is worth more or would be later"

    def _alone(self, own: Ints, j: int) -> int | None:
        problem = self.problem
        times = present_times(problem)
        everything = np.ones_like(self.decision.bought)
        if placed(problem.loads, self.decision._replace(order=own, bought=everything), problem.unit_free, times):
            return None
        of_job = problem.worth.member_job == j
        return int(times.end[of_job].max())

    def _waits(self, own: Ints) -> tuple[str | None, float]:
        """The resource that the loads of a job wait for longest, and for how many hours."""
        loads, times = self.problem.loads, self.times
        waited: dict[int, float] = {}
        for x in own.tolist():
            before = slice(loads.before_first[x], loads.before_first[x + 1])
            ready = max(
                [int(loads.release[x]), *(times.load_end[loads.before_load[before]] + loads.before_lag[before])]
            )
            r = int(times.resource[loads.first_member[x]])
            waited[r] = waited.get(r, 0.0) + max(int(times.load_start[x]) - int(ready), 0) / HOUR
        r = max(waited, key=lambda one: waited[one])
        return (self.keys["resource"][r], waited[r]) if waited[r] > 0 else (None, 0.0)
