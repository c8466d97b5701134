"""What a peer is told of a world: plain columns in an order in which nothing comes before what it waits for.

A peer computes when every activity ends in every replication, and from that the money of jobs: by plant and period
how many end, their revenue and their late penalties. It does not compute the other terms that tocfin sums at the same
time (overtime used, drum hours, carrying cost, material, adherence), nor sums by job and resource.
"""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tocfin.bench.worlds import CV, LOADING
from tocfin.kernels.slots import TERM_NAMES
from tocfin.model.columns import NEVER
from tocfin.scenarios.world import World

DAY = 86_400
Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
#: The terms that peers compute.
TERMS = ("jobs_ended", "revenue", "late_penalty")
TERM_ROWS = tuple(TERM_NAMES.index(name) for name in TERMS)


class Calendar(NamedTuple):
    """Available time: openings, and the work that could be done before each of them. None of them: always."""

    start: Ints  # (openings) [s after the clock]
    end: Ints
    done: Ints  # (openings + 1) [s]


class Told(NamedTuple):
    """One plant with its fixed sequences; instants in seconds after the clock, which is 0."""

    edges: Ints  # (periods + 1) [s]
    calendars: tuple[Calendar, ...]
    row: Ints  # (activities) row of the schedule
    job: Ints  # (activities)
    resource: Ints  # (activities)
    calendar: Ints  # (activities) of the resource
    before: Ints  # (activities) the step of the job before it; -1 for none
    last: NDArray[np.bool_]  # (activities) its job ends with it
    floor: Ints  # (activities) [s] it does not begin sooner
    work: Ints  # (activities) [s]
    n_resource: int
    n_plant: int
    plant: Ints  # (jobs)
    need: Ints  # (jobs) [s]
    revenue: Floats  # (jobs)
    penalty: Floats  # (jobs) [money/day]

    @property
    def sigma(self) -> float:
        """Standard deviation of the logarithm of a duration."""
        return float(np.sqrt(np.log1p(CV * CV)))

    @property
    def own(self) -> float:
        """Loading of a duration on its own noise; that on its resource's is ``LOADING``."""
        return float(np.sqrt(1 - LOADING * LOADING))


class Answer(NamedTuple):
    """What a peer found, by replication."""

    terms: Floats  # (TERMS, plants, periods, replications)
    last_end: Floats  # (replications) [s after the clock] when all work is done


def told(world: World) -> Told:
    """A world of ``tocfin.bench.worlds``; raises ValueError for one that peers could not do."""
    net, model = world.network, world.model
    enterprise, clock = model.enterprise, model.horizon.clock
    job, resource = net.member_job.astype(np.int64), model.schedule.activity_resource[net.member_row].astype(np.int64)
    if world.dropped or net.group_first.size != net.member_row.size + 1 or (net.edge_lag != 0).any():
        raise ValueError("peers know sequences of single activities that keep to the plan, and nothing else")
    if (net.member_tail != 0).any() or (world.activity_work != 1).any():
        raise ValueError("peers know work as it is planned, and nothing else")
    steps = np.lexsort((np.arange(job.size), job))
    opens = np.diff(job[steps], prepend=-1) != 0
    before = np.full(job.size, -1, np.int64)
    before[steps[1:]] = np.where(opens[1:], -1, steps[:-1])
    last = np.zeros(job.size, np.bool_)
    last[steps] = np.append(opens[1:], True)
    return Told(
        edges=model.horizon.edges - clock,
        calendars=tuple(_calendar(world, at) for at in pairwise(net.opening_first.tolist())),
        row=net.member_row.astype(np.int64),
        job=job,
        resource=resource,
        calendar=net.member_timeline.astype(np.int64),
        before=before,
        last=last,
        floor=np.where(net.member_floor == NEVER, clock, net.member_floor) - clock,
        work=net.member_work.astype(np.int64),
        n_resource=enterprise.resource_plant.size,
        n_plant=enterprise.plant_expense.size,
        plant=enterprise.job_plant.astype(np.int64),
        need=enterprise.job_need - clock,
        revenue=enterprise.job_revenue,
        penalty=enterprise.job_penalty,
    )


def _calendar(world: World, at: tuple[int, int]) -> Calendar:
    start, end = (column[slice(*at)] for column in (world.network.opening_start, world.network.opening_end))
    clock = world.model.horizon.clock
    return Calendar(start - clock, end - clock, np.concatenate([[0], np.cumsum(end - start)]))
