"""The portfolio of rules: what a planner would do by hand, in milliseconds; a search starts from the best of them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tocfin.kernels.search_loads import Decision
from tocfin.kernels.search_rules import ATC, DRUM_THROUGHPUT, DUE, FIFO, PRESENT, SHORTEST, SLACK, dispatched
from tocfin.model.columns import IS_DRUM
from tocfin.reschedule.clock import Clock
from tocfin.reschedule.decisions import blank, copied, present_times, waiting
from tocfin.reschedule.problem import Problem

#: Name -> (number, look-ahead): ATC is apparent tardiness cost (Vepsalainen and Morton 1987) over a grid of k.
RULES: dict[str, tuple[int, float]] = {
    "first come": (FIFO, 0.0),
    "earliest need date": (DUE, 0.0),
    "least slack": (SLACK, 0.0),
    "shortest first": (SHORTEST, 0.0),
    "throughput per drum hour": (DRUM_THROUGHPUT, 0.0),
    "present sequence": (PRESENT, 0.0),
    **{f"apparent tardiness cost, k = {k:g}": (ATC, k) for k in (0.5, 1.0, 2.0, 4.0, 8.0)},
}


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


def traits(problem: Problem) -> Traits:
    """Traits of every load; a load of several jobs takes those of its first member."""
    loads, worth = problem.loads, problem.worth
    job = problem.load_job
    length = np.maximum.reduceat(loads.member_seconds, loads.first_member[:-1])
    n_job = worth.job_need.size
    order = np.lexsort((-problem.rank, job))
    done = np.cumsum(length[order])
    begins = np.searchsorted(job[order], np.arange(n_job))
    ahead = np.concatenate([[0], done])[begins][job[order]]
    left = np.empty(length.size, np.int64)
    left[order] = done - ahead
    weight = np.where(worth.job_penalty > 0, worth.job_penalty, 1e-3 * np.maximum(worth.job_value, 0.0) + 1e-9)
    rate = worth.job_value / np.maximum(drum_hours(problem), 1e-3)
    return Traits(
        worth.job_need[job], left, length, weight[job], rate[job], worth.load_start, float(max(length.mean(), 1.0))
    )


def portfolio(problem: Problem, clock: Clock) -> dict[str, Decision]:
    """A decision for each rule, once without and once with all of the potential overtime; those that fit only.

    Half of the time is the most that it takes.
    """
    part = clock.part(0.5)
    seen, links = traits(problem), tuple(waiting(problem))
    found: dict[str, Decision] = {}
    potential = bool(problem.loads.segment_potential.any())
    for bought in (False, True) if potential else (False,):
        for name, rule in RULES.items():
            if part.left <= 0:
                return found
            decision = copied(blank(problem, bought=bought))
            if dispatched(problem.loads, decision, problem.unit_free, present_times(problem), seen, rule, links) == 0:
                found[f"{name}, potential overtime" if bought else name] = decision
    return found
