"""Simulate: blocks of futures of several scenarios, spread over threads, added up the same way whatever their order.

A block holds the same replications of every scenario. Draws are named by element and replication, so that scenarios
with the same seed meet the same luck.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tocfin.errors import UsageError
from tocfin.kernels.block import sum_terms
from tocfin.kernels.draw import GROUP
from tocfin.kpi import Policy
from tocfin.model.columns import NEVER
from tocfin.scenarios.futures import Sums, future, lane_enterprise, lane_schedule
from tocfin.scenarios.together import block_sums
from tocfin.scenarios.world import World
from tocfin.scorecard import Figure, figures
from tocfin.workers import spread

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]
#: Keys of activity, operation, job and resource; planned (start, end); simulated ones, None where it does not happen.
Timed = tuple[str, str, str, str, tuple[int, int], tuple[int, int] | None]
#: Sums that keep their last axis when blocks are joined: of each replication, or of each 64 of them.
ONE_BY_ONE = frozenset({"terms", "stuck", "job_penalty", "job_penalty_square", "job_earned"})
#: Replications of one block unless told otherwise: 64 lanes keep an activity's times in one page.
BLOCK = GROUP


@dataclass(frozen=True)
class Ensemble:
    """Replications ``first`` to ``first + n`` of every scenario, in memory. The last period is *outside* all.

    Counts and seconds are sums over the replications. ``stuck`` names by row the first activity whose calendar ended
    before its work did; -1 where all work could be done.
    """

    worlds: tuple[World, ...]
    seed: int
    first: int
    terms: Floats  # (scenarios, terms, plants, periods + 1, replications)
    stuck: NDArray[np.int32]  # (scenarios, replications)
    job_present: tuple[Counts, ...]  # by scenario: (jobs)
    job_on_time: tuple[Counts, ...]
    job_ended: tuple[Counts, ...]  # (jobs, periods + 1)
    job_late: tuple[Counts, ...]  # [s]
    resource_busy: tuple[Counts, ...]  # [s]
    resource_constraint: tuple[Counts, ...]
    resource_available: tuple[Counts, ...]  # [s]
    resource_waiting: tuple[Counts, ...]  # this and the next three: empty unless the worlds ask for queues
    resource_waiting_work: tuple[Counts, ...]
    resource_waited: tuple[Counts, ...]
    resource_starts: tuple[Counts, ...]
    job_end: tuple[Counts, ...]  # [s]
    job_inside: tuple[Counts, ...]
    job_penalty: tuple[Floats, ...]  # (jobs, groups of 64 replications) [money]
    job_penalty_square: tuple[Floats, ...]
    job_earned: tuple[Floats, ...]  # (jobs, groups of 64 replications) [money]

    @property
    def replications(self) -> int:
        """How many there are."""
        return int(self.terms.shape[-1])

    def figures(self, scenario: int, rules: Policy, currency: str) -> Iterator[dict[str, Figure]]:
        """Every KPI of each replication of a scenario, over all plants."""
        totals = self.terms[scenario].sum(axis=(1, 2))
        return (figures(row, rules, currency) for row in totals.T)


@dataclass(frozen=True)
class Replay:
    """One future as a full schedule: times of every activity (NEVER where its job does not take place), its terms."""

    world: World
    replication: int
    start: Counts
    end: Counts
    terms: Floats  # (terms, plants, periods + 1)
    stuck: int

    def figures(self, rules: Policy, currency: str) -> dict[str, Figure]:
        """Every KPI of this future, over all plants."""
        return figures(self.terms.sum(axis=(1, 2)), rules, currency)

    def planned_figures(self, rules: Policy, currency: str) -> dict[str, Figure]:
        """Every KPI of the plan, over all plants."""
        model = self.world.model
        terms = sum_terms(model.enterprise, model.schedule, model.horizon, self.world.groups)
        return figures(terms.sum(axis=(0, 1)), rules, currency)

    def activities(self) -> Iterator[Timed]:
        """Activities by planned start: keys (activity, operation, job, resource), planned and simulated times."""
        schedule, keys = self.world.model.schedule, self.world.model.keys
        names = {name: keys[name].to_list() for name in ("activity", "operation", "job", "resource")}
        rows = (self.world.activity_operation, self.world.activity_job, schedule.activity_resource)
        for a in np.lexsort((schedule.activity_end, schedule.activity_start)).tolist():
            owners = (names[name][row[a]] for name, row in zip(("operation", "job", "resource"), rows, strict=True))
            planned = (int(schedule.activity_start[a]), int(schedule.activity_end[a]))
            time = None if self.start[a] == NEVER else (int(self.start[a]), int(self.end[a]))
            operation, job, resource = owners
            yield names["activity"][a], operation, job, resource, planned, time


def blocks_of(replications: int, block: int, chosen: tuple[int, int] | None = None) -> list[int]:
    """Numbers of the blocks that hold ``replications``, of the range ``chosen`` only; raises UsageError outside it."""
    if block < GROUP or block % GROUP:
        raise UsageError(f"a block of {block} replications is no multiple of {GROUP}")
    if replications < 1:
        raise UsageError(f"{replications} replications are none; ask for at least 1")
    n = -(-replications // block)
    first, end = chosen or (0, n)
    if not 0 <= first < end <= n:
        raise UsageError(f"block range {first}:{end} is not within 0:{n} ({n} blocks of {block} replications)")
    return list(range(first, end))


def joined_sums(worlds: Sequence[World], seed: int, first: int, count: int) -> list[Sums]:
    """Sums of replications ``first`` to ``first + count`` for every scenario: a pure function of its arguments.

    ``first`` is a multiple of 64. Futures are made 64 at a time, so that memory does not grow with ``count``.
    """
    parts = [block_sums(worlds, seed, first + s, min(GROUP, count - s)) for s in range(0, count, GROUP)]
    return [added(found) for found in zip(*parts, strict=True)]


def added(parts: Sequence[Sums]) -> Sums:
    """Blocks that follow each other as one."""
    if len(parts) == 1:
        return parts[0]
    whole: dict[str, Any] = {}
    for name in Sums._fields:
        columns = [getattr(part, name) for part in parts]
        whole[name] = np.concatenate(columns, axis=-1) if name in ONE_BY_ONE else sum(columns)
    return Sums(**whole)


def simulate(
    worlds: Sequence[World],
    seed: int,
    replications: int,
    *,
    threads: int | None = None,
    block: int = BLOCK,
    block_range: tuple[int, int] | None = None,
    told: Callable[[int], None] = lambda block: None,
) -> Ensemble:
    """Simulate ``replications`` futures of every scenario, or those of a range of blocks.

    The bits do not depend on ``threads`` nor on ``block``. ``told`` is called after each block, from any thread. Raises
    UsageError for scenarios whose plants, periods or terms differ, because they could not be compared.
    """
    require_alike(worlds)
    numbers = blocks_of(replications, block, block_range)

    def work(number: int) -> list[Sums]:
        first = number * block
        found = joined_sums(worlds, seed, first, min(block, replications - first))
        told(number)
        return found

    return joined(worlds, seed, numbers[0] * block, spread(threads)(work, numbers))


def joined(worlds: Sequence[World], seed: int, first: int, parts: Sequence[Sequence[Sums]]) -> Ensemble:
    """Blocks that follow each other as one ensemble."""
    whole = [added(found) for found in zip(*parts, strict=True)]
    sums: dict[str, Any] = {name: tuple(getattr(one, name) for one in whole) for name in Sums._fields}
    several = len(whole) > 1  # of one alone, no copy is made
    for name in ("terms", "stuck"):
        sums[name] = np.stack(sums[name]) if several else sums[name][0][None]
    return Ensemble(worlds=tuple(worlds), seed=seed, first=first, **sums)


def require_alike(worlds: Sequence[World]) -> None:
    """Raise UsageError unless the scenarios have the same names, plants and periods."""
    if not worlds:
        raise UsageError("there is no scenario to simulate")
    names = [world.name for world in worlds]
    if len(set(names)) < len(names):
        raise UsageError(f"two scenarios are called '{max(names, key=names.count)}'; give each its own name")
    for world in worlds[1:]:
        for what in ("plant", "period"):
            ours, theirs = (one.model.keys[what].to_list() for one in (worlds[0], world))
            if ours != theirs:
                raise UsageError(
                    f"scenario '{world.name}' has other {what}s than '{worlds[0].name}' ({', '.join(theirs[:5])}; "
                    f"{', '.join(ours[:5])}); simulate it on its own"
                )


def replay(world: World, seed: int, replication: int) -> Replay:
    """The future number ``replication`` of a scenario, as it is in every ensemble with this seed."""
    if replication < 0:
        raise UsageError(f"there is no replication {replication}; they are counted from 0")
    first = replication // GROUP * GROUP
    block, s = future(world, seed, first, GROUP), replication - first
    timed = lane_schedule(world, block, s)
    found = sum_terms(lane_enterprise(world, block, s), timed, world.model.horizon, world.groups)
    start, end = timed.activity_start.copy(), timed.activity_end.copy()
    if block.absent.size:
        gone = block.absent[world.activity_job, s] > 0
        start[gone], end[gone] = NEVER, NEVER
    return Replay(world, replication, start, end, found.transpose(2, 1, 0), int(block.stuck[s]))
