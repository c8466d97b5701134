"""One block of futures of several scenarios, each in the quickest way that it allows; the bits are those of any way."""

from __future__ import annotations

from collections import ChainMap, defaultdict
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tocfin.kernels.draw import GROUP
from tocfin.kernels.march_odd import LIMIT
from tocfin.kernels.noise import factor_normals
from tocfin.kernels.tally import tally
from tocfin.model.columns import Ints
from tocfin.scenarios.charges import Charged
from tocfin.scenarios.futures import Draws, Sums, family, future, loads, no_queues, summed
from tocfin.scenarios.ordinary import Ordinary, Timed, booked, drawn_work, lent, lined, timed
from tocfin.scenarios.parts import Some, differing, some_of
from tocfin.scenarios.world import World

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]
NOTHING, NO_TIMES, NO_BYTES = np.zeros((0, 0)), np.zeros((0, 0), np.int32), np.zeros((0, 0), np.uint8)


@lent()
def block_sums(worlds: Sequence[World], seed: int, first: int, count: int) -> list[Sums]:
    """Sums of the first ``count`` of 64 replications from ``first`` on for every scenario.

    What several scenarios draw alike is drawn once, and what they time alike is timed once; of those that need the
    general kernels, where they differ from the first one in their luck alone.
    """
    found: list[Sums | None] = [None] * len(worlds)
    alike: dict[bytes, dict[bytes, list[tuple[int, World, Ordinary]]]] = defaultdict(lambda: defaultdict(list))
    for at, world in enumerate(worlds):
        plan = world.ordinary
        if plan is not None and only_durations(world):
            alike[plan.draws][plan.times].append((at, world, plan))
        elif plan is not None:
            found[at] = _uncertain(world, plan, seed, first, count)
    for by_times in alike.values():
        for at, sums in _alike(list(by_times.values()), seed, first, count):
            found[at] = sums
    rest: dict[tuple[Any, ...], list[int]] = defaultdict(list)
    for at, sums in enumerate(found):
        if sums is None:
            rest[family(worlds[at])].append(at)
    for members in rest.values():
        kept: dict[tuple[Any, ...], Any] = {}  # of the first one; what another makes for itself does not stay
        for at in members:
            known = kept if at == members[0] else ChainMap({}, kept)
            found[at] = summed(worlds[at], future(worlds[at], seed, first, GROUP, known), count)
    return [sums for sums in found if sums is not None]


def only_durations(world: World) -> bool:
    """Whether times hang on the noise of durations alone."""
    luck = world.luck
    others = (luck.scrap, luck.release, luck.material, luck.repair, luck.absence)
    return not luck.demand.job.size and not any(drawn.target.size for drawn in others)


class Booked(NamedTuple):
    """What the first replications of a block come to in one world, 64 lanes of everything."""

    terms: Floats  # (terms, plants, periods + 1, lanes)
    counts: Counts  # (5, jobs) as in ``tally``
    ended: Counts  # (jobs, periods + 1)
    money: Floats  # (3, jobs)
    busy: Counts  # (resources, lanes)
    stuck: Ints  # (lanes)


def _alike(
    some: Sequence[Sequence[tuple[int, World, Ordinary]]], seed: int, first: int, count: int
) -> list[tuple[int, Sums | None]]:
    """Worlds that draw the same durations; those of one list have the same times too.

    The first is done in whole, of another one only the parts that differ from it.
    """
    _, base, its = some[0][0]
    factor_z = lined((base.luck.factor_uid.size, GROUP), np.float32)
    factor_normals(np.uint64(seed), first, base.luck.factor_uid, factor_z)
    differ = [[_differing(world, plan, base, its) for _, world, plan in same] for same in some]
    in_whole = any(one is None for theirs in differ[1:] for one in theirs)
    value = drawn_work(base, its, seed, first, factor_z) if in_whole else NOTHING
    found: list[tuple[int, Sums | None]] = []
    whole: Booked | None = None
    for same, theirs in zip(some, differ, strict=True):
        _, one, plan = same[0]
        few = None  # parts to be timed: where a lane is stuck, no part can tell who was first
        known = [parts for parts in theirs if parts is not None]
        if whole is not None and not (whole.stuck >= 0).any() and len(known) == len(same):
            few = _narrowed(plan, np.unique(np.concatenate(known)))
        drawn = NOTHING if few else value
        times = timed(one, plan, seed, first, factor_z, (drawn, 0), (NO_TIMES, NO_BYTES), few)
        as_base = same is some[0]
        for (at, world, own), parts in zip(same, theirs, strict=True):
            made = None
            if times is not None:
                partly = whole is not None and parts is not None and (few is not None or as_base)
                mine = _narrowed(own, parts) if partly and parts is not None else None
                luck = Draws(world, seed, first, GROUP)
                made = _booked(world, own, times, luck, NO_BYTES, NOTHING, count, mine, whole)
            if world is base:
                whole = made
            found.append((at, None if made is None else _sums(world, made, count)))
    return found


def _differing(world: World, plan: Ordinary, base: World, its: Ordinary) -> NDArray[np.int64] | None:
    """Parts of a world that are not those of another one; None where it has to be done in whole."""
    if any(luck.price.target.size or luck.material_cost.target.size for luck in (world.luck, base.luck)):
        return None
    found = differing(plan.parts, its.parts)
    return None if found is None or found.size == len(its.parts.content) else found


def _narrowed(plan: Ordinary, wanted: NDArray[np.int64]) -> Some:
    """``some_of``, once for each choice of parts."""
    found = plan.narrowed.get(wanted.tobytes())
    if found is None:
        found = plan.narrowed[wanted.tobytes()] = some_of(plan, wanted)
    return found


def _uncertain(world: World, plan: Ordinary, seed: int, first: int, count: int) -> Sums | None:
    """A world in which more is uncertain than durations."""
    luck = Draws(world, seed, first, GROUP)
    absent, bad = luck.absent(), luck.bad()
    work = luck.work(luck.factors(bad), absent).astype(np.float64)
    late = luck.not_before()
    clock = world.model.horizon.clock
    after = np.clip(np.maximum(late, clock - LIMIT) - clock, -LIMIT, LIMIT).astype(np.int32) if late.size else NO_TIMES
    times = timed(world, plan, seed, first, luck.factor_z, (work, -1), (after, absent))
    found = None if times is None else _booked(world, plan, times, luck, absent, bad, count)
    return None if found is None else _sums(world, found, count)


def _booked(
    world: World,
    plan: Ordinary,
    times: Timed,
    luck: Draws,
    absent: Any,
    bad: Floats,
    count: int,
    some: Some | None = None,
    whole: Booked | None = None,
) -> Booked | None:
    """Sums of timed activities, of ``some`` of the plan in the place of those in ``whole``.

    None where the quick kernels cannot tell them.
    """
    price = luck.price()
    found = booked(world, plan, times, (absent, price, luck.material(bad)), some)
    if found is None:
        return None
    terms, ends = found
    n, n_period = world.job_scheduled.size, max(world.model.horizon.edges.size, 1)
    if some is None or whole is None:
        counts, ended = np.zeros((5, n), np.int64), np.zeros((n, n_period), np.int64)
        made = Booked(terms, counts, ended, np.zeros((3, n)), times.busy, times.stuck)
        jobs = np.flatnonzero(world.job_scheduled[plan.books.job])
    else:
        columns: Any = [column.copy() for column in whole]
        made = Booked._make(columns)
        made.terms[:, some.plants] = terms[:, some.plants]
        made.busy[some.resources] = times.busy[some.resources]
        made.stuck[:] = times.stuck
        jobs = some.booked[world.job_scheduled[plan.books.job[some.booked]]]
        for column in (made.counts, made.money):
            column[:, some.jobs] = 0
        made.ended[some.jobs] = 0
    _tally(world, plan, jobs, ends, absent, price, count, made)
    return made


def _tally(
    world: World, plan: Ordinary, jobs: Any, ends: Floats, absent: Any, price: Floats, count: int, out: Booked
) -> None:
    """Sums of ``jobs``, rows of the books, as ``tocfin.scenarios.futures`` and ``charges`` have them."""
    books = plan.books
    enterprise = books.enterprise
    columns = (
        enterprise.job_cancelled,
        enterprise.job_revenue,
        enterprise.job_penalty,
        world.job_grace[books.job],
        world.job_cap[books.job],
    )
    spans = (books.spans.bounds, books.spans.horizon_end, books.spans.job_need)
    tally((jobs, books.job), ends, absent, count, spans, columns, price, out.counts, out.ended, out.money)


def _sums(world: World, found: Booked, count: int) -> Sums:
    present, on_time, inside, late, end = found.counts
    jobs = (present, on_time, found.ended, late)
    columns: tuple[Any, ...] = (*jobs, *loads(world, found.busy[:, :count]), *no_queues())
    charged = Charged(end, inside, *(row[:, None] for row in found.money))
    return Sums(np.ascontiguousarray(found.terms[..., :count]), found.stuck[:count], *columns, **charged._asdict())
