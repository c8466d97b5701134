"""The portfolio of rules: what a planner would do by hand, in milliseconds; a search starts from the best of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tocfin.kernels.search_loads import Decision
from tocfin.kernels.search_rules import Rule, dispatched
from tocfin.model.columns import IS_DRUM
from tocfin.reschedule.clock import Clock
from tocfin.reschedule.decisions import blank, copied, present_times, waiting
from tocfin.reschedule.problem import Problem

#: Look-aheads of apparent tardiness cost (Vepsalainen and Morton 1987), in mean lengths of work.
LOOK_AHEAD = (0.5, 1.0, 2.0, 4.0, 8.0)
#: The same where the index is by all of the job's work that is left.
LONG_LOOK_AHEAD = (8.0, 32.0, 128.0)


class Traits(NamedTuple):
    """What rules look at, per load."""

    need: NDArray[np.int64]  # [s] of its job
    left: NDArray[np.int64]  # [s] work of its job that is not placed by the load itself or before it
    length: NDArray[np.int64]  # [s]
    weight: NDArray[np.float64]  # [money/day] late penalty of its job, else a little of its throughput
    drum_rate: NDArray[np.float64]  # [money/h] throughput of its job per hour on drums
    present: NDArray[np.int64]  # [s] start in the present plan
    mean_length: float  # [s]


def drum_hours(problem: Problem) -> NDArray[np.float64]:
    """(jobs) hours of work on drums, where it is planned now."""
    role = problem.model.enterprise.resource_role[problem.loads.member_resource]
    seconds = np.where(role & IS_DRUM, problem.loads.member_seconds, 0)
    hours: NDArray[np.float64] = np.bincount(problem.worth.member_job, seconds, problem.worth.job_need.size) / 3_600
    return hours


def work_left(problem: Problem, work: NDArray[Any]) -> NDArray[Any]:
    """Of a job's ``work`` (loads) what is not placed by a load itself or before it."""
    job = problem.load_job
    order = np.lexsort((-problem.rank, job))
    done = np.concatenate([[0], np.cumsum(work[order])])
    left = np.empty_like(done[1:])
    left[order] = done[1:] - done[np.searchsorted(job[order], np.arange(problem.worth.job_need.size))][job[order]]
    return left


def traits(problem: Problem) -> Traits:
    """Traits of every load; a load of several jobs takes those of its first member."""
    loads, worth = problem.loads, problem.worth
    job = problem.load_job
    length = np.maximum.reduceat(loads.member_seconds, loads.first_member[:-1])
    weight = np.where(worth.job_penalty > 0, worth.job_penalty, 1e-3 * np.maximum(worth.job_value, 0.0) + 1e-9)
    rate = worth.job_value / np.maximum(drum_hours(problem), 1e-3)
    return Traits(
        need=worth.job_need[job],
        left=work_left(problem, length),
        length=length,
        weight=weight[job],
        drum_rate=rate[job],
        present=worth.load_start,
        mean_length=float(max(length.mean(), 1.0)),
    )


def rules(seen: Traits) -> Iterator[tuple[str, Rule]]:
    """What each rule goes by, by name."""
    always = np.full(seen.length.size, -np.inf)

    def by(rank: NDArray[Any], *, by_arrival: bool = False) -> Rule:
        return Rule(np.asarray(rank, np.float64), always, 1.0, by_arrival)

    yield "first come", by(always, by_arrival=True)
    yield "earliest need date", by(-seen.need)
    yield "least slack", by(seen.left - seen.need)
    yield "shortest first", by(-seen.length)
    yield "throughput per drum hour", by(seen.drum_rate)
    yield "present sequence", by(-seen.present)
    turn = (seen.need - seen.left).astype(np.float64)
    own, left = (np.log(seen.weight / np.maximum(work, 1)) for work in (seen.length, seen.left))
    for k in LOOK_AHEAD:
        yield f"apparent tardiness cost, k = {k:g}", Rule(own, turn, k * seen.mean_length, False)
    yield "penalty by work left", by(left)
    for k in LONG_LOOK_AHEAD:
        yield f"apparent tardiness cost by work left, k = {k:g}", Rule(left, turn, k * seen.mean_length, False)


def portfolio(problem: Problem, clock: Clock) -> dict[str, Decision]:
    """A decision for each rule, once without and once with all of the potential overtime; those that fit only.

    Half of the time is the most that it takes.
    """
    part = clock.part(0.5)
    seen, links = traits(problem), tuple(waiting(problem))
    found: dict[str, Decision] = {}
    potential = bool(problem.loads.segment_potential.any())
    times = present_times(problem)
    for bought in (False, True) if potential else (False,):
        empty = blank(problem, bought=bought)
        for name, rule in rules(seen):
            if part.left <= 0:
                return found
            decision = copied(empty)
            if dispatched(problem.loads, decision, problem.unit_free, times, rule, links) == 0:
                found[f"{name}, potential overtime" if bought else name] = decision
    return found
