"""One block of futures of several scenarios, each in the quickest way that it allows; the bits are those of any way."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tocfin.kernels.draw import GROUP
from tocfin.kernels.march_odd import LIMIT
from tocfin.kernels.noise import factor_normals
from tocfin.kernels.tally import tally
from tocfin.scenarios.charges import Charged
from tocfin.scenarios.futures import Draws, Sums, future, loads, no_queues, summed
from tocfin.scenarios.ordinary import Ordinary, Timed, booked, drawn_work, timed
from tocfin.scenarios.world import World

Floats = NDArray[np.float64]
NOTHING, NO_TIMES, NO_BYTES = np.zeros((0, 0)), np.zeros((0, 0), np.int32), np.zeros((0, 0), np.uint8)


def block_sums(worlds: Sequence[World], seed: int, first: int, count: int) -> list[Sums]:
    """Sums of the first ``count`` of 64 replications from ``first`` on for every scenario.

    What several scenarios draw alike is drawn once, and what they time alike is timed once.
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
    return [
        summed(world, future(world, seed, first, GROUP), count) if sums is None else sums
        for world, sums in zip(worlds, found, strict=True)
    ]


def only_durations(world: World) -> bool:
    """Whether times hang on the noise of durations alone."""
    luck = world.luck
    others = (luck.scrap, luck.release, luck.material, luck.repair, luck.absence)
    return not luck.demand.job.size and not any(drawn.target.size for drawn in others)


def _alike(
    some: Sequence[Sequence[tuple[int, World, Ordinary]]], seed: int, first: int, count: int
) -> list[tuple[int, Sums | None]]:
    """Worlds that draw the same durations; those of one list have the same times too."""
    _, one, plan = some[0][0]
    factor_z = np.empty((one.luck.factor_uid.size, GROUP), np.float32)
    factor_normals(np.uint64(seed), first, one.luck.factor_uid, factor_z)
    value = drawn_work(one, plan, seed, first, factor_z) if len(some) > 1 else NOTHING
    found: list[tuple[int, Sums | None]] = []
    for same in some:
        _, one, plan = same[0]
        times = timed(one, plan, seed, first, factor_z, (value, 0), (NO_TIMES, NO_BYTES))
        for at, world, its in same:
            sums = None
            if times is not None:
                sums = _sums(world, its, times, Draws(world, seed, first, GROUP), NO_BYTES, NOTHING, count)
            found.append((at, sums))
    return found


def _uncertain(world: World, plan: Ordinary, seed: int, first: int, count: int) -> Sums | None:
    """A world in which more is uncertain than durations."""
    luck = Draws(world, seed, first, GROUP)
    absent, bad = luck.absent(), luck.bad()
    work = luck.work(luck.factors(bad), absent).astype(np.float64)
    late = luck.not_before()
    clock = world.model.horizon.clock
    after = np.clip(np.maximum(late, clock - LIMIT) - clock, -LIMIT, LIMIT).astype(np.int32) if late.size else NO_TIMES
    whole = plan._replace(route=plan.route._replace(member_work=np.ones_like(plan.route.member_work)))
    times = timed(world, whole, seed, first, luck.factor_z, (work, -1), (after, absent))
    return None if times is None else _sums(world, plan, times, luck, absent, bad, count)


def _sums(world: World, plan: Ordinary, times: Timed, luck: Draws, absent: Any, bad: Floats, count: int) -> Sums | None:
    """Sums of timed activities; None where the quick kernels cannot tell them."""
    price = luck.price()
    found = booked(world, plan, times, (absent, price, luck.material(bad)))
    if found is None:
        return None
    terms, ends = found
    job_sums, money = _tallied(world, plan, ends, absent, price, count)
    columns: tuple[Any, ...] = (*job_sums[:4], *loads(world, times.busy[:, :count]), *no_queues())
    charged = Charged(job_sums[4], job_sums[5], *money)
    return Sums(np.ascontiguousarray(terms[..., :count]), times.stuck[:count], *columns, **charged._asdict())


def _tallied(world: World, plan: Ordinary, ends: Floats, absent: Any, price: Floats, count: int) -> tuple[Any, Any]:
    """Sums of jobs as ``tocfin.scenarios.futures`` and ``charges`` have them."""
    enterprise, n = world.model.enterprise, world.job_scheduled.size
    counts, ended = np.zeros((5, n), np.int64), np.zeros((n, max(world.model.horizon.edges.size, 1)), np.int64)
    money = np.zeros((3, n))
    columns = (
        enterprise.job_cancelled,
        enterprise.job_revenue,
        enterprise.job_penalty,
        world.job_grace,
        world.job_cap,
    )
    spans = (plan.spans.bounds, plan.spans.horizon_end, plan.spans.job_need)
    jobs = np.flatnonzero(world.job_scheduled)
    tally(jobs, ends, absent, count, spans, columns, price, counts, ended, money)
    present, on_time, inside, late, end = counts
    return (present, on_time, ended, late, end, inside), [row[:, None] for row in money]
