"""One block of a world's futures: drawn, re-timed and summed. A pure function of world, seed and block.

Every quantity has its own array over the lanes of the block, and none of it where nothing of it is uncertain, so that
a plan without noise comes out to the bit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, MutableMapping
from dataclasses import fields
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tocfin.kernels.block import frame_of, one_after_another, sum_terms
from tocfin.kernels.draw import ABSENCE, DURATION, MATERIAL, MATERIAL_COST, PRICE, RELEASE, SCRAP
from tocfin.kernels.noise import busy_seconds, draw, factor_normals, falls_away, repair, stretch
from tocfin.kernels.retime import LONG_AGO, retime
from tocfin.kernels.slots import ADHERED, DUE, N_TERM
from tocfin.kernels.turn import turn
from tocfin.kernels.waiting import queue
from tocfin.model.arrange import frozen
from tocfin.model.columns import NEVER, Bytes, Enterprise, Floats, Ints, Schedule
from tocfin.scenarios.charges import Ends, charged, ends
from tocfin.scenarios.luck import HOUR, Drawn
from tocfin.scenarios.world import World

Times = NDArray[np.int64]
#: What has been made in one block -> by name and by the identity of what it hangs on.
Kept = MutableMapping[tuple[Any, ...], Any]
#: Columns of the luck that draws are made of; worlds of one `family` may differ in them.
DRAWN = (
    "duration", "scrap", "release", "material", "repair", "failing", "absence", "price", "material_cost", "demand",
)  # fmt: skip


class Future(NamedTuple):
    """Times of one block of futures, and what else is not as planned in them; empty arrays where nothing is."""

    start: Times  # (activities, lanes) [s]
    end: Times  # (activities, lanes) [s]
    work: Times  # (activities, lanes) [s] of capacity, with repairs and what absence takes
    not_before: Times  # (activities, lanes) or 0 [s] what late release and late material allow
    factor: Floats  # (activities, lanes) relative to the planned work
    absent: Bytes  # (jobs, lanes)
    stuck: Ints  # (lanes) first activity whose calendar ended before its work did, else -1
    price: Floats  # (jobs, lanes) relative to the planned revenue
    material: Floats  # (jobs, 8, lanes) columns of job_material, then of job_floor


class Sums(NamedTuple):
    """What one block of replications comes to; counts and seconds are added up over its replications."""

    terms: Floats  # (terms, groups of the world: plants unless told otherwise, periods + 1, lanes)
    stuck: Ints  # (lanes) as in Future
    job_present: Times  # (jobs) replications in which the job takes place
    job_on_time: Times  # (jobs) of these, on time
    job_ended: Times  # (jobs, periods + 1) of these, ended in the period
    job_late: Times  # (jobs) [s] lateness
    resource_busy: Times  # (resources) [s] available seconds worked inside the horizon
    resource_constraint: Times  # (resources) replications in which its load is the highest
    resource_available: Times  # (resources) [s] inside the horizon
    resource_waiting: Times  # (resources) or 0: the rows of ``tocfin.kernels.waiting``, where they are asked for
    resource_waiting_work: Times
    resource_waited: Times
    resource_starts: Times
    job_end: Times  # (jobs) as in ``tocfin.scenarios.charges.Charged``, this and what follows
    job_inside: Times
    job_penalty: Floats  # (jobs, groups of 64 lanes)
    job_penalty_square: Floats
    job_earned: Floats


def future(world: World, seed: int, first: int, lanes: int, kept: Kept | None = None) -> Future:
    """Replications ``first`` to ``first + lanes``, both multiples of 64.

    What is ``kept`` of another world of its `family` is taken where it hangs on the same columns; else it is made, and
    kept.
    """
    draws, luck = Draws(world, seed, first, lanes), world.luck
    known: Kept = {} if kept is None else kept

    def once(name: str, make: Callable[..., Any], *given: Any, hangs_on: tuple[Any, ...] = ()) -> Any:
        key = (name, *map(id, given), *map(id, hangs_on))
        if key not in known:
            known[key] = make(*given)
        return known[key]

    absent = once("absent", draws.absent, hangs_on=(luck.demand,))
    bad = once("bad", draws.bad, hangs_on=(luck.scrap,))
    factor = once("factor", draws.factors, bad, hangs_on=(luck.duration,))
    work = once("work", draws.work, factor, absent, hangs_on=(luck.repair, luck.failing, luck.absence))
    not_before = once("not before", draws.not_before, hangs_on=(luck.release, luck.material))
    start, end, stuck = once("times", draws.times, work, not_before, absent)
    price = once("price", draws.price, hangs_on=(luck.price,))
    material = once("material", draws.material_by_lane, bad, hangs_on=(luck.material_cost,))
    return Future(start, end, work, not_before, factor, absent, stuck, price, material)


def family(world: World) -> tuple[Any, ...]:
    """Alike for worlds that differ in the drawn columns of their luck alone: they may have one ``Kept``."""
    same = [getattr(world, field.name) for field in fields(world) if field.name not in ("name", "luck")]
    same += [column for name, column in world.luck._asdict().items() if name not in DRAWN]
    return tuple(map(id, same))


class Draws:
    """The draws of one block, and what follows from them."""

    def __init__(self, world: World, seed: int, first: int, lanes: int) -> None:
        self.world, self.luck = world, world.luck
        self.seed, self.first, self.lanes = np.uint64(seed), first, lanes

    @cached_property
    def factor_z(self) -> NDArray[np.float32]:
        """Standard normal numbers of common factors: (factors, lanes)."""
        out = np.empty((self.luck.factor_uid.size, self.lanes), np.float32)
        factor_normals(self.seed, self.first, self.luck.factor_uid, out)
        return out

    def values(self, drawn: Drawn, variate: int, n: int, certain: float) -> Floats:
        """Values of one quantity for ``n`` targets, ``certain`` where none is drawn; empty where nothing can be."""
        if not drawn.target.size:
            return np.zeros((0, 0))
        out = np.empty((n, self.lanes))
        if drawn.target.size < n:  # no target is drawn twice
            out[:] = certain
        draw(self.luck.distributions, drawn, self.seed, self.first, variate, self.factor_z, out)
        return out

    def absent(self) -> Bytes:
        """1 where a job does not take place: (jobs, lanes) or empty."""
        demand = self.luck.demand
        if not demand.job.size:
            return np.zeros((0, 0), np.uint8)
        out = np.zeros((self.world.job_scheduled.size, self.lanes), np.uint8)
        falls_away(demand, self.seed, self.first, out)
        return out

    def bad(self) -> Floats:
        """Share of each operation that is bad: (operations, lanes) or empty."""
        n = self.luck.rework.work.size
        return np.minimum(self.values(self.luck.scrap, SCRAP, n, 0.0), 1.0)

    def factors(self, bad: Floats) -> Floats:
        """Work of every activity relative to the plan, what is bad done once more."""
        n = self.world.activity_work.size
        factor = np.ones((n, self.lanes))
        if self.luck.duration.target.size:
            factor = self.values(self.luck.duration, DURATION, n, 1.0)
        if (self.world.activity_work != 1.0).any():
            factor *= self.world.activity_work[:, None]
        if bad.size:
            factor *= (1.0 + bad * self.luck.rework.work[:, None])[self.world.activity_operation]
        return factor

    def work(self, factor: Floats, absent: Bytes) -> Times:
        """Seconds of capacity: planned work times its factor, then what repairs and absence take."""
        net = self.world.network
        work = np.zeros(factor.shape, np.int64)
        stretch(net.member_row, net.member_work, factor, work)
        if absent.size:
            work[net.member_row] *= 1 - absent[net.member_job].astype(np.int64)
        luck = self.luck
        if luck.repair.target.size:
            repair(luck.distributions, luck.repair, luck.failing, self.seed, self.first, self.factor_z, work)
        lost = self.values(luck.absence, ABSENCE, luck.piece_row.size, 0.0)
        if lost.size:
            seconds = np.rint(np.minimum(lost, 1.0) * luck.piece_seconds[:, None]).astype(np.int64)
            np.add.at(work, luck.piece_row, seconds)
        return work

    def not_before(self) -> Times:
        """When late releases and late material let each activity start: (activities, lanes) or empty."""
        world, luck = self.world, self.luck
        release = self.values(luck.release, RELEASE, world.job_release.size, 0.0)
        material = self.values(luck.material, MATERIAL, world.requirement_operation.size, 0.0)
        if not release.size and not material.size:
            return np.zeros((0, 0), np.int64)
        out = np.full((world.activity_work.size, self.lanes), LONG_AGO)
        if release.size:
            out = _later(world.job_release, release)[world.activity_job]
        if material.size:
            late = np.full((world.operation_start.size, self.lanes), LONG_AGO)
            np.maximum.at(late, world.requirement_operation, _later(world.requirement_due, material))
            out = np.maximum(out, late[world.activity_operation])
        return out

    def times(self, work: Times, not_before: Times, absent: Bytes) -> tuple[Times, Times, Ints]:
        """Start and end of every activity, and what is stuck."""
        world = self.world
        start, end = (np.empty(work.shape, np.int64) for _ in range(2))
        start[world.apart], end[world.apart] = world.apart_start[:, None], world.apart_end[:, None]
        stuck = np.full(self.lanes, -1, np.int32)
        retime(world.network, world.anchor, work, not_before, absent, start, end, stuck)
        start[world.begun] = world.begun_start[:, None]
        return start, end, stuck

    def price(self) -> Floats:
        """Of each job's revenue, relative to the plan: (jobs, lanes) or empty."""
        world = self.world
        prices = self.values(self.luck.price, PRICE, world.n_price, 1.0)
        return prices[self.luck.job_price] if prices.size else prices

    def more(self, bad: Floats) -> Floats:
        """What each requirement costs relative to the plan: (requirements, lanes) or empty."""
        world, luck = self.world, self.luck
        prices = self.values(luck.material_cost, MATERIAL_COST, world.n_price, 1.0)
        if not prices.size and not (bad.size and luck.rework.material.any()):
            return np.zeros((0, 0))
        more = np.ones((world.requirement_job.size, self.lanes))
        if prices.size:
            more *= prices[luck.requirement_price]
        if bad.size:
            more *= (1.0 + bad * luck.rework.material[:, None])[world.requirement_operation]
        return more

    def material(self, bad: Floats) -> Floats:
        """Material of jobs at the prices drawn, with what bad work takes once more: (jobs, 8, lanes) or empty."""
        world, more = self.world, self.more(bad)
        if not more.size:
            return np.zeros((0, 0, 0))
        planned = np.concatenate([world.model.enterprise.job_material, world.model.enterprise.job_floor], axis=1)
        out = np.repeat(planned[:, :, None], self.lanes, axis=2)
        extra, job = np.zeros_like(out), world.requirement_job
        for rows in _one_of_each(job):
            extra[job[rows]] += world.requirement_value[rows, :, None] * (more[rows, None, :] - 1.0)
        rolled = world.job_rolled_material[:, None]
        share = np.divide(extra[:, 0], rolled, out=np.zeros_like(extra[:, 0]), where=rolled != 0)
        given = world.job_material_given
        extra[given, :4] = planned[given, :4, None] * share[given, None]
        out += extra
        return out

    def material_by_lane(self, bad: Floats) -> Floats:
        """`material`, with what one lane has of all jobs lying together: it is read lane by lane."""
        return np.asfortranarray(self.material(bad))


def _one_of_each(owner: Ints) -> Iterator[NDArray[np.int64]]:
    """Rows that have different owners: the first one of each, then the second one of each, and so on."""
    order = np.argsort(owner, kind="stable")
    rank = np.arange(owner.size) - np.searchsorted(owner[order], owner[order])
    for k in range(int(rank.max(initial=-1)) + 1):
        yield order[rank == k]


def _later(due: Times, hours: Floats) -> Times:
    """``due`` plus what it is late; long ago where it is not late, because the plan holds then."""
    seconds = np.rint(hours * HOUR).astype(np.int64)
    return np.where((seconds > 0) & (due != NEVER)[:, None], due[:, None] + seconds, LONG_AGO)


def summed(world: World, block: Future, count: int) -> Sums:
    """Terms and sums of the first ``count`` replications of a block."""
    n_period = max(world.model.horizon.edges.size, 1)
    terms = np.empty((N_TERM, world.groups.n - 1, n_period, count))
    starts, stops = (_by_lane(times, count) for times in (block.start, block.end))
    hours = world.model.schedule.activity_work_hours
    worked = _by_lane(hours[:, None] * _of_whole(world, block.factor), count) if hours.size else None
    frame = frame_of(world.model.enterprise, world.model.schedule, world.model.horizon, world.groups)
    for s in range(count):
        timed = world.model.schedule._replace(activity_start=starts[s], activity_end=stops[s])
        if worked is not None:
            timed = timed._replace(activity_work_hours=worked[s])
        plant, horizon = lane_enterprise(world, block, s), world.model.horizon
        found = sum_terms(plant, timed, horizon, world.groups, one_after_another, frame)
        terms[..., s] = found.transpose(2, 1, 0)
    if world.standing is not None:  # whether the plan was kept to is known, and no future changes it
        terms[[DUE, ADHERED]] = world.adherence[..., None]
    jobs = ends(world, block, count)
    counts = (*_job_sums(world, jobs), *loads(world, _busy(world, block, count)), *_queues(world, block, count))
    return Sums(terms, block.stuck[:count], *counts, **charged(world, block, jobs)._asdict())


def _by_lane(values: NDArray[Any], count: int) -> NDArray[Any]:
    """The first ``count`` lanes of (rows, lanes) as (lanes, rows)."""
    out = np.empty((count, values.shape[0]), values.dtype)
    turn(values, out)
    return frozen(out)


def _of_whole(world: World, factor: Floats) -> Floats:
    """``factor`` of what is still to be done, as one of the whole work."""
    return factor if world.standing is None else 1.0 + (factor - 1.0) * world.activity_share[:, None]


def lane_schedule(world: World, block: Future, s: int) -> Schedule:
    """The schedule of one replication of a block."""
    hours = world.model.schedule.activity_work_hours
    timed = world.model.schedule._replace(
        activity_start=frozen(block.start[:, s].copy()), activity_end=frozen(block.end[:, s].copy())
    )
    factor = _of_whole(world, block.factor)[:, s]
    return timed._replace(activity_work_hours=frozen(hours * factor)) if hours.size else timed


def lane_enterprise(world: World, block: Future, s: int) -> Enterprise:
    """The enterprise of one replication of a block: its prices, its material, its jobs."""
    enterprise = world.model.enterprise
    if block.absent.size:
        gone = np.maximum(enterprise.job_cancelled, block.absent[:, s])
        enterprise = enterprise._replace(job_cancelled=frozen(gone))
    if block.price.size:
        enterprise = enterprise._replace(job_revenue=frozen(enterprise.job_revenue * block.price[:, s]))
    if block.material.size:
        enterprise = enterprise._replace(
            job_material=frozen(block.material[:, :4, s]), job_floor=frozen(block.material[:, 4:, s])
        )
    return enterprise


def _job_sums(world: World, found: Ends) -> tuple[Times, Times, Times, Times]:
    """Over replications: job takes place, is on time, ended per period (last: outside all), and its lateness [s]."""
    model, jobs, here = world.model, found.job, found.here
    n_period = max(model.horizon.edges.size, 1)
    present, on_time, late = (np.zeros(world.job_scheduled.size, np.int64) for _ in range(3))
    ended = np.zeros((world.job_scheduled.size, n_period), np.int64)
    behind = found.end - model.enterprise.job_need[jobs, None]
    present[jobs] = here.sum(axis=1)
    on_time[jobs] = (here & (behind <= 0)).sum(axis=1)
    late[jobs] = np.where(here, np.maximum(behind, 0), 0).sum(axis=1)
    period = np.searchsorted(model.horizon.edges, found.end, side="right") - 1
    period = np.where((period < 0) | (period >= n_period - 1), n_period - 1, period)
    for k in range(n_period):
        ended[jobs, k] = (here & (period == k)).sum(axis=1)
    return present, on_time, ended, late


def _busy(world: World, block: Future, count: int) -> Times:
    """Available seconds that each resource works inside the horizon: (resources, lanes)."""
    model = world.model
    busy = np.zeros((model.enterprise.resource_role.size, count), np.int64)
    horizon = model.horizon
    start, end = np.ascontiguousarray(block.start[:, :count]), np.ascontiguousarray(block.end[:, :count])
    busy_seconds(world.load, world.network, horizon.clock, horizon.end, start, end, busy)
    return busy


def loads(world: World, busy: Times) -> tuple[Times, Times, Times]:
    """Seconds that each resource works, in how many replications it is loaded most, and seconds it could work."""
    highest = np.zeros(busy.shape[0], np.int64)
    if busy.shape[0]:
        load = busy / np.maximum(world.resource_capacity, 1)[:, None]
        by_replication = np.ascontiguousarray(load.T)
        np.add.at(highest, by_replication.argmax(axis=1)[by_replication.max(axis=1) > 0], 1)
    return busy.sum(axis=1), highest, world.resource_capacity * busy.shape[1]


def no_queues() -> tuple[Times, Times, Times, Times]:
    """What nobody asked for."""
    none = np.zeros(0, np.int64)
    return none, none, none, none


def _queues(world: World, block: Future, count: int) -> tuple[Times, Times, Times, Times]:
    """What waits for each resource, as ``tocfin.kernels.waiting`` has it; empty where nobody asked."""
    if not world.queues:
        return no_queues()
    model = world.model
    out = np.zeros((4, model.enterprise.resource_role.size), np.int64)
    span = np.array([model.horizon.clock, model.horizon.end])
    start, end, not_before, absent = (
        np.ascontiguousarray(column[:, :count]) for column in (block.start, block.end, block.not_before, block.absent)
    )
    queue(world.network, model.schedule.activity_resource, span, not_before, absent, start, end, out)
    return out[0], out[1], out[2], out[3]
