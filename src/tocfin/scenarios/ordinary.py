"""Ordinary plans, 64 replications at once: drawn, timed and summed a few activities at a time.

The same bits as ``tocfin.scenarios.futures`` and ``tocfin.kernels.block``, a multiple of times faster. Durations are
drawn once for all scenarios that draw them alike, and times are the same for all that differ in money alone.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import blake2b
from itertools import pairwise
from math import prod
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tocfin.kernels.advance import AT_ONCE, advance, draw_members
from tocfin.kernels.block import CARRYING, JOBS_PER_BLOCK, segments_of, span_of
from tocfin.kernels.capacity import sum_capacity, sum_stock
from tocfin.kernels.draw import GROUP
from tocfin.kernels.fetch import LINE
from tocfin.kernels.lane_add import N_X, N_Y, in_line
from tocfin.kernels.lane_books import close_books, sum_lanes
from tocfin.kernels.lane_capacity import FOREVER, planned_days, some_touched, sum_days, sum_used
from tocfin.kernels.march import BUSY, FOLLOWS, N_SCRATCH, march
from tocfin.kernels.march_odd import LIMIT
from tocfin.kernels.noise import MIXED_AT_ONCE
from tocfin.kernels.slots import CAPITAL, DAYS, N_DAY_RULE, N_TERM
from tocfin.model.arrange import frozen
from tocfin.model.columns import HAS_POTENTIAL, Floats, Ints
from tocfin.scenarios.booking import Booking, booking
from tocfin.scenarios.luck import Drawn, picked
from tocfin.scenarios.parts import Parts, Some, parts
from tocfin.scenarios.route import Hours, Route, route

if TYPE_CHECKING:
    from tocfin.scenarios.world import World

Singles = NDArray[np.float32]


class Spans(NamedTuple):
    """Instants that the kernels of terms read, in seconds after the clock."""

    clock: int  # [s] itself
    horizon_end: float
    bounds: Floats  # (periods + 2) the edges of periods between infinite ones
    order_need: Floats
    job_need: Floats
    segment_start: Ints
    segment_end: Ints
    day_start: Ints


class Ordinary(NamedTuple):
    """What is the same in every block of an ordinary world."""

    route: Route
    hours: Hours
    spans: Spans
    drawn: Drawn  # durations in the order of the route; targets are members
    books: Booking  # rows of times are those of its activities
    sequence: Ints  # rows of times on resources with potential overtime, resource by resource
    sequence_first: NDArray[np.int64]  # (resources + 1)
    chain: NDArray[np.uint8]  # (resources) 1 where no two activities can be done at once
    chained: NDArray[np.uint8]  # (orders of the books) 1 where each activity waits for the end of the one before it
    constant: Floats  # (periods + 1, groups, terms) what no replication changes
    days: Ints  # (rules, days) [s] as in ``planned_days``
    parts: Parts
    draws: bytes  # alike for worlds that draw the same durations
    times: bytes  # alike for worlds that have the same times
    narrowed: dict[bytes, Some]  # what is left of it in some of its parts, kept from block to block


def ordinary(world: World) -> Ordinary | None:
    """None for a world that needs the general kernels.

    Activities move together, have hours of their own or begin from the state of the work; queues are asked for.
    """
    model = world.model
    schedule = model.schedule
    if world.queues or world.standing is not None or schedule.activity_work_hours.size:
        return None
    spans = _spans(world)
    if spans is None:
        return None
    books = booking(model, world.groups, spans)
    plant = model.enterprise.job_plant[world.activity_job]
    found = route(model, world.network, world.luck.demand.job, plant, books.place)
    if found is None:
        return None
    way, hours = found
    drawn = _in_order(world.luck.duration, way.member_row, schedule.activity_start.size)
    role = model.enterprise.resource_role[way.member_resource]
    own = np.flatnonzero(role & HAS_POTENTIAL)
    order = own[np.argsort(way.member_resource[own], kind="stable")]
    count = np.bincount(way.member_resource[own], minlength=model.enterprise.resource_role.size)
    begins = np.bincount(way.member_resource[way.member_kind & FOLLOWS == 0], minlength=count.size)
    days = np.full((N_DAY_RULE, model.enterprise.day_start.size), FOREVER, np.int32)
    planned_days(model.enterprise, spans, days)
    draws = _digest(*world.luck.distributions, world.luck.factor_uid, *drawn)
    times = _digest(draws, *way, *hours, world.activity_work, schedule.activity_start[world.apart])
    constant = _constant(world)
    return Ordinary(
        way,
        hours,
        spans,
        drawn,
        books,
        frozen(way.member_place[order]),
        np.concatenate([[0], np.cumsum(count)]),
        frozen((begins < 2).astype(np.uint8)),
        frozen(_chained(books, way)),
        constant,
        days,
        parts(world, way, hours, spans, constant),
        draws,
        times,
        {},
    )


def _spans(world: World) -> Spans | None:
    model, clock = world.model, world.model.horizon.clock
    enterprise = model.enterprise
    instants = (enterprise.segment_start, enterprise.segment_end, enterprise.day_start)
    relative = [column - clock for column in instants]
    if any(column.size and np.abs(column).max() >= LIMIT for column in relative):
        return None
    edges = (model.horizon.edges - clock).astype(np.float64)
    return Spans(
        clock,
        float(model.horizon.end - clock),
        np.concatenate([[-np.inf], edges, [np.inf]]),
        (enterprise.order_need - clock).astype(np.float64),
        (enterprise.job_need - clock).astype(np.float64),
        *(column.astype(np.int32) for column in relative),
    )


def _in_order(drawn: Drawn, row: Ints, n: int) -> Drawn:
    """Elements in the order of members, their targets the members."""
    place = np.full(n, -1)
    place[row] = np.arange(row.size)
    order = np.argsort(place[drawn.target], kind="stable")
    order = order[place[drawn.target[order]] >= 0]
    return picked(drawn, order, place[drawn.target[order]])


def _chained(books: Booking, way: Route) -> NDArray[np.uint8]:
    """1 for each order of which every activity waits until the one before it has ended."""
    place = np.repeat(way.member_place, np.diff(way.member_first_edge))
    alone = np.ones(books.place.size + 1, np.bool_)
    alone[place[(way.edge_place == place - 1) & (way.edge_lag >= 0)]] = False
    first = books.schedule.operation_first_activity[books.enterprise.order_first_operation]
    alone[first] = False
    before = np.concatenate([[0], np.cumsum(alone)])
    return np.asarray(before[first[1:]] == before[first[:-1]], np.uint8)


def _digest(*columns: Any) -> bytes:
    found = blake2b(digest_size=16)
    for column in columns:
        data = np.ascontiguousarray(column)
        found.update(f"{data.dtype}{data.shape}".encode())
        found.update(data.tobytes())
    return found.digest()


def _constant(world: World) -> Floats:
    """Terms that no replication changes; those of operating days are left to each."""
    model = world.model
    horizon = model.horizon
    span = span_of(horizon)
    out = np.zeros((max(horizon.edges.size, 1), world.groups.n, N_TERM))
    nothing = np.zeros(model.enterprise.resource_role.size + 1, np.int64)
    first, used = segments_of(model.enterprise)
    sum_capacity(model.enterprise, span, world.groups, np.zeros(0, np.int64), nothing, used, first, out)
    sum_stock(model.enterprise, world.groups, out)
    out[:, :, DAYS:CAPITAL] = 0.0
    return out


def lined(shape: tuple[int, ...], dtype: Any, value: Any = None) -> NDArray[Any]:
    """An array that begins with a line of memory, else every other vector of eight lies in two; empty or of a value."""
    size = prod(shape) * np.dtype(dtype).itemsize
    raw = np.empty(size + LINE, np.uint8)
    at = -raw.ctypes.data % LINE
    found: NDArray[Any] = raw[at : at + size].view(dtype).reshape(shape)
    if value is not None:
        found[...] = value
    return found


class Room(threading.local):
    """Memory of one block, lent to the next one of any thread: to get it anew takes as long as to use it."""

    def __init__(self) -> None:
        self.kept: dict[str, NDArray[Any]] = {}

    def of(self, name: str, shape: tuple[int, ...], dtype: Any) -> NDArray[Any]:
        """An array of that shape, with whatever is in it."""
        found = self.kept.get(name)
        if found is None or found.shape != shape:
            found = self.kept[name] = lined(shape, dtype)
        return found


ROOM = Room()
_FREE: deque[dict[str, NDArray[Any]]] = deque()


@contextmanager
def lent() -> Iterator[None]:
    """Have what an earlier block left in ``ROOM``; threads come and go, what they used is not given back with them."""
    try:
        ROOM.kept = _FREE.pop()
    except IndexError:
        ROOM.kept = {}
    try:
        yield
    finally:
        _FREE.append(ROOM.kept)
        ROOM.kept = {}


class Timed(NamedTuple):
    """Times of a block; in memory that the next block overwrites."""

    times: Ints  # (places, 2, lanes) [s after the clock] start and end
    span: Ints  # (places, 2) [s after the clock] the least and the greatest end
    touched: NDArray[np.uint8]
    busy: NDArray[np.int64]  # (resources, lanes) [s] of work inside the horizon
    stuck: Ints


def drawn_work(world: World, plan: Ordinary, seed: int, first: int, factor_z: Singles) -> Floats:
    """Work of every member relative to the plan, for all worlds that draw alike: (members, lanes)."""
    value = ROOM.of("value", (plan.route.member_row.size, GROUP), np.float64)
    draw_members(world.luck.distributions, plan.drawn, np.uint64(seed), first, factor_z, _scratch(), value)
    return value


def _scratch() -> tuple[NDArray[np.uint32], NDArray[np.float32]]:
    n = MIXED_AT_ONCE * GROUP
    return lined((n,), np.uint32), lined((n,), np.float32)


def timed(
    world: World,
    plan: Ordinary,
    seed: int,
    first: int,
    factor_z: Singles,
    work: tuple[Floats, int],
    noise: Any,
    some: Some | None = None,
) -> Timed | None:
    """Times of 64 replications, of ``some`` of the plan where that is told; None where they leave 32 bits.

    ``work`` is what every activity takes, and -1 for rows of the schedule or 0 for members; where it is empty,
    durations are drawn as they are needed. ``noise`` is (late, absent) as in ``march``.
    """
    model = world.model
    n, n_resource = world.activity_work.size, model.enterprise.resource_role.size
    times = Timed(
        ROOM.of("times", (n, 2, GROUP), np.int32),
        ROOM.of("span", (n, 2), np.int32),
        ROOM.of("touched", (n,), np.uint8),
        lined((n_resource, GROUP), np.int64, 0),
        np.full(GROUP, world.network.member_row.size, np.int32),
    )
    own = lined((n_resource, 2, GROUP), np.int32, 0)
    state = (
        times.times,
        times.span,
        times.touched,
        own,
        np.zeros(n_resource, np.int64),
        times.busy,
        ROOM.of("own span", (n_resource, 2), np.int32),
        times.stuck,
        lined((N_SCRATCH * GROUP,), np.int32),
    )
    enterprise, value = model.enterprise, work[0]
    potential = (enterprise.bucket_potential, enterprise.resource_first_bucket, enterprise.bucket_span)
    more = world.activity_work if (world.activity_work != 1.0).any() and work[1] >= 0 else np.zeros(0)
    way, drawn = (plan.route, plan.drawn) if some is None else (some.route, some.drawn)
    if value.size:
        rows = (0, way.member_row.size, work[1])
        fits = march(way, plan.hours, potential, rows, (value, more, *noise), state)
    else:
        chunk = ROOM.of("chunk", (AT_ONCE, GROUP), np.float64)
        draws = (world.luck.distributions, drawn, np.uint64(seed), first, factor_z, _scratch())
        fits = advance(*draws, way, plan.hours, potential, (chunk, more, *noise), state)
    times.busy[:] += own[:, BUSY]
    late = np.flatnonzero(times.stuck < world.network.member_row.size)
    first_late = world.network.member_row[times.stuck[late]]
    times.stuck[:] = -1
    times.stuck[late] = first_late
    return times if fits else None


def booked(
    world: World, plan: Ordinary, times: Timed, noise: Any, some: Some | None = None
) -> tuple[Floats, Floats] | None:
    """Terms (terms, plants, periods + 1, lanes) and ends (jobs of the books, lanes); None where a resource overlaps.

    Where only ``some`` of the plan is told, the rows of all else mean nothing.
    """
    model, groups = world.model, world.groups
    n_job = model.enterprise.job_plant.size
    shape = (*plan.constant.shape, GROUP)
    out = ROOM.of("out", shape, np.float64)
    ends = ROOM.of("ends", (n_job, GROUP), np.float64)
    out.view(np.uint8)[:] = 0  # bytes are filled five times as fast as numbers
    scratch = (lined((N_X * GROUP,), np.float64), lined((N_Y * GROUP,), np.int32))
    books, jobs = plan.books, np.arange(n_job) if some is None else some.booked
    cuts = np.searchsorted(jobs, np.arange(0, n_job + JOBS_PER_BLOCK, JOBS_PER_BLOCK))
    of_jobs = [column[books.job] if column.size else column for column in noise]
    for low, high in pairwise(cuts):
        part = out if n_job <= JOBS_PER_BLOCK else np.zeros(shape)
        sum_lanes(
            books.enterprise,
            books.schedule,
            books.groups,
            books.spans,
            jobs[low:high],
            plan.chained,
            tuple(of_jobs),
            (times.times, times.span),
            scratch,
            ends,
            in_line(part),
        )
        if part is not out:
            out += part
    touched, first = _touched(plan if some is None else some, times.touched)
    used = lined((model.enterprise.day_start.size, GROUP), np.int32, FOREVER)
    room = lined((GROUP,), np.int32)
    given = (model.enterprise, plan.spans, groups, touched, first, plan.chain, times.times, plan.days)
    if not sum_used(*given, room, used, in_line(out)):
        return None
    plants = np.arange(model.enterprise.plant_expense.size) if some is None else some.plants
    sum_days(model.enterprise, plan.spans, groups, plants, plan.days, used, out)
    n_period, n_group, n_term, _ = shape
    found = np.empty((n_term, n_group - 1, n_period, GROUP))
    close_books(out, plan.constant, (CARRYING.start, CARRYING.stop), found)
    return found, ends


def _touched(plan: Ordinary | Some, touched: NDArray[np.uint8]) -> tuple[Ints, NDArray[np.int64]]:
    """Rows of the sequences that may touch potential overtime; in memory that the next block overwrites."""
    rows = ROOM.of("touched rows", (plan.sequence.size + 1,), plan.sequence.dtype)
    first = np.empty(plan.sequence_first.size, np.int64)
    some_touched(touched, plan.sequence, plan.sequence_first, rows, first)
    return rows[: first[-1]], first
