"""What a peer is told of a world: plain columns in an order in which nothing comes before what it waits for.

A peer computes when every activity begins and ends in every replication, and from that all terms by plant and period,
as tocfin does. Terms that no replication changes (paid hours, capacity of drums, stock) are told, not computed. It does
not compute sums by job and resource, which tocfin has besides.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tocfin.bench.pieces import FAR, Floats, Ints, Pieces, pieces
from tocfin.bench.worlds import CV, LOADING
from tocfin.kernels.lane_capacity import FOREVER, USED, USED_CLEANOUT
from tocfin.kernels.slots import DAY_COST, DAYS
from tocfin.kernels.worktime import CLEANOUT, ONLINE, POTENTIAL
from tocfin.model.columns import IS_ACTIVE, IS_DRUM, IS_SUBCONTRACTOR, NEVER, Enterprise
from tocfin.scenarios.ordinary import Ordinary
from tocfin.scenarios.world import World

DAY, HOUR = 86_400, 3_600
Hours = list[tuple[NDArray[Any], NDArray[Any]]]  # of each calendar: starts and ends


class Calendar(NamedTuple):
    """Available time: openings, and the work that could be done before each of them. None of them: always."""

    start: Ints  # (openings) [s after the clock]
    end: Ints
    done: Ints  # (openings + 1) [s]


class Days(NamedTuple):
    """Operating days that nothing but potential overtime opens, where it is used."""

    plant: Ints
    period: Ints
    expense: Floats  # [money]


class Told(NamedTuple):
    """One plant with its fixed sequences; instants in seconds after the clock, which is 0."""

    edges: Ints  # (periods + 1) [s]
    calendars: tuple[Calendar, ...]
    row: Ints  # (activities) row of the schedule
    job: Ints  # (activities)
    resource: Ints  # (activities)
    calendar: Ints  # (activities) of the resource
    before: Ints  # (activities) the step of the job before it; -1 for none
    step: Ints  # (activities) which one of its job, from 0
    floor: Ints  # (activities) [s] it does not begin sooner
    work: Ints  # (activities) [s]
    n_resource: int
    n_plant: int
    plant: Ints  # (jobs)
    need: Ints  # (jobs) [s]
    penalty: Floats  # (jobs) [money/day]
    parts: Floats  # (parts, jobs) of throughput as in JOB_PARTS; 0 for what hangs on the replication
    floor_value: Floats  # (4, jobs) material in inventory
    on_drum: NDArray[np.bool_]  # (jobs)
    steps: Ints  # (activities) by job, in the order of its steps
    first_step: Ints  # (jobs + 1)
    carrying: Floats  # (activities) [money/s]
    role: NDArray[np.uint8]  # (activities) of the resource, as in ``Enterprise``
    paid: NDArray[np.bool_]  # (activities) on a drum or a subcontractor: what counts there is work
    hours_of: Floats  # (resources) hours of a second of work; 0 where no hours are told
    standard: Floats  # (resources) [money/s]; 0 where no hours are told
    premium: Floats  # (resources) [money/s] of overtime
    used: Floats  # (3, resources) what a second of used overtime adds: own cost, a subcontractor's, hours of drums
    hours: Pieces  # available time
    overtime: Pieces
    potential: Pieces
    days: Days
    day_of: Ints  # (plants, potential) the row of ``days`` that the piece opens; -1 for none
    capital_has_stock: NDArray[np.bool_]  # (plants)
    constant: Floats  # (terms, plants, periods) what no replication changes

    @property
    def n_step(self) -> Ints:
        """(jobs) how many steps."""
        return np.diff(self.first_step)

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

    terms: Floats  # (terms, plants, periods, replications)
    last_end: Floats  # (replications) [s after the clock] when all work is done


def told(world: World) -> Told:
    """A world of ``tocfin.bench.worlds``; raises ValueError for one that peers could not do."""
    net, model, plan = world.network, world.model, world.ordinary
    enterprise, clock = model.enterprise, model.horizon.clock
    job, resource = net.member_job.astype(np.int64), model.schedule.activity_resource[net.member_row].astype(np.int64)
    if world.dropped or net.group_first.size != net.member_row.size + 1 or (net.edge_lag != 0).any():
        raise ValueError("peers know sequences of single activities that keep to the plan, and nothing else")
    if (net.member_tail != 0).any() or (world.activity_work != 1).any():
        raise ValueError("peers know work as it is planned, and nothing else")
    if plan is None or _unusual(world, job, resource):
        raise ValueError("peers know jobs of one order within one plant, with all amounts, and nothing else")
    by_job = np.lexsort((np.arange(job.size), job))
    opens = np.diff(job[by_job], prepend=-1) != 0
    before = np.full(job.size, -1, np.int64)
    before[by_job[1:]] = np.where(opens[1:], -1, by_job[:-1])
    first_step = np.append(np.flatnonzero(opens), job.size)
    step = np.empty_like(job)
    step[by_job] = np.arange(job.size) - np.repeat(first_step[:-1], np.diff(first_step))
    role, edges = enterprise.resource_role, model.horizon.edges - clock
    kind, hours = enterprise.segment_kind, _openings(world)
    potential = pieces(_segments(enterprise, plan, kind == POTENTIAL), edges)
    days, day_of, constant = _days(enterprise, plan, potential, edges)
    amounts = (enterprise.job_revenue, *enterprise.job_material.T, enterprise.job_shipping)
    premium = enterprise.resource_units * enterprise.resource_overtime_cost / HOUR
    paid = (role & IS_SUBCONTRACTOR) > 0
    told_hours = enterprise.resource_timeline > 0
    drum_hours = np.where(role & IS_DRUM, enterprise.resource_units / HOUR, 0.0)
    operation = np.searchsorted(model.schedule.operation_first_activity, net.member_row, side="right") - 1
    return Told(
        edges=edges,
        calendars=tuple(Calendar(s, e, np.concatenate([[0], np.cumsum(e - s)])) for s, e in hours),
        row=net.member_row.astype(np.int64),
        job=job,
        resource=resource,
        calendar=net.member_timeline.astype(np.int64),
        before=before,
        step=step,
        floor=np.where(net.member_floor == NEVER, clock, net.member_floor) - clock,
        work=net.member_work.astype(np.int64),
        n_resource=enterprise.resource_plant.size,
        n_plant=enterprise.plant_expense.size,
        plant=enterprise.job_plant.astype(np.int64),
        need=enterprise.job_need - clock,
        penalty=enterprise.job_penalty,
        parts=np.stack([*amounts[:5], 0 * amounts[0], amounts[5], 0 * amounts[0]]),
        floor_value=enterprise.job_floor.T.copy(),
        on_drum=np.bincount(job, role[resource] & IS_DRUM) > 0,
        steps=by_job,
        first_step=first_step,
        carrying=enterprise.operation_carrying[operation] / DAY,
        role=role[resource],
        paid=role[resource] & (IS_DRUM | IS_SUBCONTRACTOR) > 0,
        hours_of=told_hours / HOUR,
        standard=told_hours * enterprise.resource_standard_cost / HOUR,
        premium=enterprise.resource_overtime_cost / HOUR,
        used=np.stack([np.where(paid, 0.0, premium), np.where(paid, premium, 0.0), drum_hours]),
        hours=pieces(hours, edges),
        overtime=pieces(_segments(enterprise, plan, (kind != ONLINE) & (kind != CLEANOUT)), edges),
        potential=potential,
        days=days,
        day_of=day_of,
        capital_has_stock=enterprise.plant_capital_has_stock > 0,
        constant=constant,
    )


def _unusual(world: World, job: Ints, resource: Ints) -> bool:
    model = world.model
    enterprise, horizon = model.enterprise, model.horizon
    amounts = (enterprise.job_revenue, enterprise.job_material, enterprise.job_shipping, enterprise.job_penalty)
    elsewhere = enterprise.resource_plant[resource] != enterprise.job_plant[job]
    return bool(
        elsewhere.any()
        or not all(np.isfinite(amount).all() for amount in (*amounts, enterprise.job_floor))
        or not np.isnan(enterprise.job_subcontract).all()
        or not (model.schedule.order_plain.all() and (np.diff(enterprise.job_first_order) == 1).all())
        or (enterprise.order_need != enterprise.job_need).any()
        or (enterprise.resource_role & IS_ACTIVE == 0).any()
        or enterprise.job_cancelled.any()
        or horizon.edges[[0, -1]].tolist() != [horizon.clock, horizon.end]
    )


def _openings(world: World) -> Hours:
    """Available time of every calendar [s after the clock]."""
    net, clock = world.network, world.model.horizon.clock
    start, end = net.opening_start - clock, net.opening_end - clock
    return [(start[low:high], end[low:high]) for low, high in pairwise(net.opening_first.tolist())]


def _segments(enterprise: Enterprise, plan: Ordinary, some: NDArray[np.bool_]) -> Hours:
    """Segments of some kinds of every calendar [s after the clock]."""
    start, end = plan.spans.segment_start, plan.spans.segment_end
    parts = [slice(*at) for at in pairwise(enterprise.timeline_first.tolist())]
    return [(start[at][some[at]], end[at][some[at]]) for at in parts]


def _days(enterprise: Enterprise, plan: Ordinary, potential: Pieces, edges: Ints) -> tuple[Days, Ints, Floats]:
    """Days that hang on potential overtime, the one that each piece opens in each plant, and what nothing changes.

    Raises ValueError where it matters when on a day, or in which piece of it, overtime is used.
    """
    constant = plan.constant[1:, :-1].transpose(2, 1, 0).copy()
    calendar = np.searchsorted(potential.key, (np.arange(enterprise.timeline_first.size) - 0.5) * FAR, side="right")
    day_of = np.full((enterprise.plant_expense.size, potential.start.size), -1)
    found: list[tuple[int, int, float]] = []
    for p, expense in enumerate(enterprise.plant_expense.tolist()):
        own = np.zeros(potential.start.size, np.bool_)
        for t in np.unique(enterprise.resource_timeline[enterprise.resource_plant == p]).tolist():
            own[calendar[t] : calendar[t + 1]] = True
        own &= potential.period >= 0
        for d in range(enterprise.plant_first_day[p], enterprise.plant_first_day[p + 1] - 1):
            planned = plan.days[:, d]
            period = np.searchsorted(edges, planned, side="right") - 1
            for v in np.flatnonzero(planned != FOREVER).tolist():
                constant[[DAYS + v, DAY_COST + v], p, period[v]] += (1.0, expense)
            opens, closes = plan.spans.day_start[d : d + 2]
            on_it = np.flatnonzero(own & (potential.start < min(closes, planned[USED])) & (potential.end > opens))
            periods = np.unique(potential.period[on_it])
            if planned[USED] != FOREVER:
                clear = periods.size == 0 or [*periods, period[USED]] == 2 * [period[USED_CLEANOUT]]
            else:
                clear = planned[USED_CLEANOUT] == FOREVER and periods.size <= 1 and (day_of[p, on_it] < 0).all()
                if periods.size:
                    day_of[p, on_it] = len(found)
                    found.append((p, int(periods[0]), expense))
            if not clear:
                raise ValueError("peers know days on which it does not matter when overtime is used, and no others")
    plant, of_period, cost = zip(*found, strict=True) if found else ((), (), ())
    return Days(np.array(plant, np.int64), np.array(of_period, np.int64), np.array(cost)), day_of, constant
