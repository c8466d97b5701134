"""Who waits for whom in a plan: the order of operations, explicit precedences, and the sequence on each resource."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from heapq import heapify, heappop, heappush
from typing import Any, NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tocfin.model.build import Model
from tocfin.model.columns import NEVER, Floats, Instants, Ints, Schedule
from tocfin.model.openings import available, openings
from tocfin.model.pegging import Holds
from tocfin.model.setups import HOLE, setups

#: A SETUP edge is a RESOURCE edge whose lag is worked: available time of the resource that waits.
SEQUENCE, PRECEDENCE, RESOURCE, SETUP = range(4)
KINDS = ("sequence", "precedence", "resource", "setup")
HOUR = 3_600

#: (edges, 4) int64: row of the schedule that must end first, row that waits, lag [s], kind.
Edges = NDArray[np.int64]
Rows = NDArray[Any]


def operation_edges(model: Model, frames: Mapping[str, pl.DataFrame], dropped: Counter[str]) -> Edges:
    """Edges between operations: an operation ends with its last row and starts with its first."""
    first = model.schedule.operation_first_activity
    gone = frames["operations"]["cancelled"].to_numpy()
    planned = np.flatnonzero((np.diff(first) > 0) & ~gone)
    start, end = (np.full(first.size - 1, NEVER) for _ in range(2))
    present = np.flatnonzero(np.diff(first) > 0)
    if present.size:
        start[present] = np.minimum.reduceat(model.schedule.activity_start, first[present])
        end[present] = np.maximum.reduceat(model.schedule.activity_end, first[present])
    parts = []
    for kind, (before, after, lag) in enumerate((steps(frames, planned), links(frames, planned))):
        holds = start[after] >= end[before] + lag
        dropped[KINDS[kind]] += int(np.count_nonzero(~holds))
        before, after, lag = before[holds], after[holds], lag[holds]
        pair, ahead, behind = products(first[before], first[before + 1], first[after], first[after + 1])
        parts.append(_stacked(ahead, behind, lag[pair], kind))
    return np.concatenate(parts)


def material_edges(model: Model, frames: Mapping[str, pl.DataFrame], material: Holds) -> Edges:
    """Edges from the orders that make material to the operations that take it, where no other edge says so already."""
    first = model.schedule.operation_first_activity
    pairs = apart(frames, material)
    before, after = pairs[:, 0], pairs[:, 1]
    pair, ahead, behind = products(first[before], first[before + 1], first[after], first[after + 1])
    return _stacked(ahead, behind, np.zeros(pair.size, np.int64), PRECEDENCE)


def apart(frames: Mapping[str, pl.DataFrame], material: Holds) -> NDArray[np.int64]:
    """(pairs, 2) operations of ``material`` that neither the sequence nor ``precedences`` has in that order."""
    pairs = np.stack([material.before, material.after], axis=1).astype(np.int64)
    if not len(pairs):
        return pairs
    planned = np.unique(pairs)
    known = {
        (before, after)
        for said in (steps(frames, planned), links(frames, planned))
        for before, after, lag in zip(*(column.tolist() for column in said), strict=True)
        if lag >= 0
    }
    return np.array([pair for pair in pairs.tolist() if tuple(pair) not in known], np.int64).reshape(-1, 2)


def overtaken(edges: Edges, past: NDArray[np.bool_], done: NDArray[np.bool_]) -> Edges:
    """Edges by which what follows ``past`` work also waits for what that work should have waited for, and did not.

    Where a step began although the one before it is not ``done`` (activities), the steps after it wait for both.
    """
    edges = edges[np.argsort(edges[:, 0], kind="stable")]
    first = np.searchsorted(edges[:, 0], np.arange(past.size + 1))
    ahead = edges[past[edges[:, 1]] & ~done[edges[:, 0]]]
    found = [edges[:0]]
    while ahead.size:
        ones = np.arange(len(ahead))
        _, a, b = products(ones, ones + 1, first[ahead[:, 1]], first[ahead[:, 1] + 1])
        lag = np.minimum(ahead[a, 2] + edges[b, 2], 0)
        passed = np.unique(np.stack([ahead[a, 0], edges[b, 1], lag, edges[b, 3]], axis=1), axis=0)
        found.append(passed[~past[passed[:, 1]]])
        ahead = passed[past[passed[:, 1]]]
    return np.concatenate(found)


class Sequences(NamedTuple):
    """Blocks (a row, or a batch) of finite resources, resource by resource in planned (start, end, row) order."""

    row: Ints  # rows of the schedule, block by block
    first: Rows  # (blocks + 1) into row
    follows: Rows  # (blocks) the block before on the same unit; -1 for the first there


class Changeovers(NamedTuple):
    """Setups between blocks that follow each other."""

    seconds: Instants  # (blocks) [s] before each block; `tocfin.model.setups.HOLE` where no row of setups gives it
    cost: Floats  # (blocks) [money]; NaN where it was not supplied
    room: Instants  # (blocks) [s] between the block before and this one in which it could be done


def sequences(
    model: Model, frames: Mapping[str, pl.DataFrame], rows: Ints, begun: NDArray[np.bool_], times: Schedule
) -> Sequences:
    """The sequence on each finite resource.

    Where a resource has several units, each block follows the last one on the unit that is free the longest (R33).
    What has ``begun`` (activities) comes before what has not, in the order in which it really began; ``times`` are
    those that are known (``tocfin.model.standing.known``), planned ones where nothing is.
    """
    schedule = model.schedule
    resource = schedule.activity_resource[rows]
    finite = frames["resources"]["finite"].fill_null(True).to_numpy()[resource]
    rows, resource = rows[finite], resource[finite]
    order = np.lexsort((rows, times.activity_end[rows], times.activity_start[rows], ~begun[rows], resource))
    rows, resource = rows[order], resource[order]
    if not rows.size:
        return Sequences(rows, np.zeros(1, np.int64), np.zeros(0, np.int64))
    name = rows.astype(np.int64)
    if schedule.activity_batch.size:
        batch = schedule.activity_batch[rows].astype(np.int64)
        name = np.where(batch < 0, name, schedule.activity_start.size + 2 * batch + begun[rows])
    _, first, block = np.unique(name, return_index=True, return_inverse=True)
    by_block = np.lexsort((np.arange(rows.size), first[block]))
    rows, leads = rows[by_block], np.flatnonzero(np.diff(first[block][by_block], prepend=-1))
    owner = schedule.activity_resource[rows[leads]]
    return Sequences(rows, np.append(leads, rows.size), _followed(times, frames, rows, leads, owner))


def changeovers(
    model: Model, frames: Mapping[str, pl.DataFrame], found: Sequences, begun: NDArray[np.bool_], times: Schedule
) -> Changeovers:
    """The setup before each block of ``found`` that has not ``begun``; that of a batch is the one of its first row.

    A setup is done in online hours and overtime, not in potential overtime; in elapsed time where a resource has no
    intervals.
    """
    n, known = found.follows.size, setups(frames)
    seconds, cost, room = np.zeros(n, np.int64), np.zeros(n), np.zeros(n, np.int64)
    after = np.flatnonzero(found.follows >= 0)
    if known.seconds.size and after.size:
        first, operations = found.first[:-1], np.diff(model.schedule.operation_first_activity)
        row = np.minimum.reduceat(found.row, first)
        after = after[~begun[row[after]]]
        owner = np.repeat(np.arange(operations.size), operations)
        family, ahead = known.operation_family[owner[row]], found.follows[after]
        resource = model.schedule.activity_resource[row[after]]
        seconds[after], cost[after] = known.between(resource, family[ahead], family[after])
        ends = np.maximum.reduceat(times.activity_end[found.row], first)[ahead]
        starts = np.minimum.reduceat(times.activity_start[found.row], first)[after]
        timeline = model.enterprise.resource_timeline[resource]
        room[after] = available(openings(model.enterprise, potential=False), timeline, ends, starts)
    return Changeovers(seconds, cost, room)


def resource_edges(
    model: Model,
    frames: Mapping[str, pl.DataFrame],
    rows: Ints,
    dropped: Counter[str],
    begun: NDArray[np.bool_],
    times: Schedule,
) -> Edges:
    """Edges along each finite resource (`sequences`), from each block to the next; with a setup where one is needed.

    A setup for which the plan has no room, or which no row of ``setups`` gives, is not enforced.
    """
    schedule, found = model.schedule, sequences(model, frames, rows, begun, times)
    setup = changeovers(model, frames, found, begun, times)
    fits = (setup.seconds != HOLE) & (setup.seconds <= setup.room)
    dropped[KINDS[SETUP]] += int(np.count_nonzero(~fits & (setup.seconds != 0)))
    after = np.flatnonzero(found.follows >= 0)
    ahead, first, last = found.follows[after], found.first[:-1], found.first[1:]
    pair, before, behind = products(first[ahead], last[ahead], first[after], last[after])
    before, behind, lag = found.row[before], found.row[behind], np.where(fits, setup.seconds, 0)[after[pair]]
    holds = schedule.activity_start[behind] >= schedule.activity_end[before]
    holds |= begun[before] & (schedule.activity_start[before] >= schedule.activity_end[behind])
    dropped[KINDS[RESOURCE]] += int(np.count_nonzero(~holds))
    edges = _stacked(before[holds], behind[holds], lag[holds], RESOURCE)
    edges[edges[:, 2] > 0, 3] = SETUP
    return edges


def products(first_a: Rows, last_a: Rows, first_b: Rows, last_b: Rows) -> tuple[Rows, Rows, Rows]:
    """All pairs of each range ``first_a : last_a`` with the range ``first_b : last_b`` beside it: (range, a, b)."""
    n_b = (last_b - first_b).astype(np.int64)
    count = (last_a - first_a) * n_b
    pair = np.repeat(np.arange(count.size), count)
    i = np.arange(pair.size) - np.repeat(np.cumsum(count) - count, count)
    return pair, first_a[pair] + i // n_b[pair], first_b[pair] + i % n_b[pair]


def _stacked(before: Rows, after: Rows, lag: Rows, kind: int) -> Edges:
    return np.stack([before, after, lag, np.full(before.size, kind)], axis=1).astype(np.int64)


def steps(frames: Mapping[str, pl.DataFrame], planned: Rows) -> tuple[Rows, Rows, Instants]:
    """Each operation that is planned after all of the previous sequence number in its order that has any."""
    order = frames["operations"]["order_row"].to_numpy()[planned]
    number = frames["operations"]["sequence"].to_numpy()[planned]
    opens = np.flatnonzero((np.diff(order, prepend=-1) != 0) | (np.diff(number, prepend=0) != 0))
    bounds = np.append(opens, planned.size)
    later = np.flatnonzero(np.diff(order[opens], prepend=-1) == 0)
    _, before, after = products(bounds[later - 1], bounds[later], bounds[later], bounds[later + 1])
    return planned[before], planned[after], np.zeros(before.size, np.int64)


def links(frames: Mapping[str, pl.DataFrame], planned: Rows) -> tuple[Rows, Rows, Instants]:
    """Rows of ``precedences`` between operations that are planned."""
    row = frames["operations"].select("operation", "operation_row")
    links = frames["precedences"].select("predecessor", "successor", pl.col("lag_hours").fill_null(0.0))
    for side in ("predecessor", "successor"):
        links = links.join(row.rename({"operation": side, "operation_row": f"{side}_row"}), on=side, how="inner")
    before, after = (links[f"{side}_row"].to_numpy().astype(np.int64) for side in ("predecessor", "successor"))
    lag = np.rint(links["lag_hours"].to_numpy() * HOUR).astype(np.int64)
    known = np.isin(before, planned) & np.isin(after, planned)
    return before[known], after[known], lag[known]


def _followed(
    times: Schedule, frames: Mapping[str, pl.DataFrame], rows: Ints, leads: Rows, owner: Ints
) -> NDArray[np.int64]:
    """The block that each block of a resource follows; -1 for the first on its unit."""
    follows = np.arange(leads.size, dtype=np.int64) - 1
    follows[np.flatnonzero(np.diff(owner, prepend=-1))] = -1
    units = frames["resources"]["units"].fill_null(1).to_numpy()
    start = times.activity_start[rows[leads]]
    end = np.maximum.reduceat(times.activity_end[rows], leads)
    for r in np.flatnonzero(units > 1):
        free = [(NEVER, unit, -1) for unit in range(units[r])]
        heapify(free)
        for block in np.flatnonzero(owner == r).tolist():
            _, unit, follows[block] = heappop(free)
            heappush(free, (max(int(start[block]), int(end[block])), unit, block))
    return follows
