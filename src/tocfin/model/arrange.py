"""Derived index columns: first rows and what they own, batches, operating days, plain orders, what finds a segment."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from tocfin.dataset.calendars import POTENTIAL, Timelines
from tocfin.model.columns import NEVER, Bytes, Floats, Instants, Ints
from tocfin.zones import DAY, to_local, to_utc

#: Shortest bucket of potential overtime, as a power of two [s]: an hour and eight minutes.
SHORTEST_BUCKET = 12
#: Buckets of one timeline: two kilobytes, so that the timelines of a plant stay in a processor's cache.
MOST_BUCKETS = 1024
#: Behind every bucket that there can be, also where work ends long after the horizon.
NO_BUCKET = np.iinfo(np.int16).max


Scalar = TypeVar("Scalar", bound=np.generic)


def frozen(array: NDArray[Scalar]) -> NDArray[Scalar]:
    """``array`` contiguous and read-only."""
    array = np.ascontiguousarray(array)
    array.flags.writeable = False
    return array


def first_rows(owner: Ints, n: int) -> Ints:
    """First row of each of ``n`` owners in the sorted column ``owner``, and the end behind the last: (n + 1)."""
    return np.searchsorted(owner, np.arange(n + 1, dtype=owner.dtype)).astype(np.int32)


def owned(first: NDArray[Any], owner: NDArray[Any]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Rows that belong to each of ``owner``, one owner after the other; the first of each, and the end of the last.

    ``first`` (owners + 1) is of ``first_rows``.
    """
    count = np.diff(first)[owner]
    found = np.concatenate([[0], np.cumsum(count, dtype=np.int64)])
    return np.repeat(first[owner] - found[:-1], count) + np.arange(found[-1]), found


def reordered(table: Any, rows: Mapping[str, NDArray[Any]]) -> Any:
    """``table`` with the columns of the entities that ``rows`` names in that order of their rows."""
    found: dict[str, Any] = {}
    for name, column in table._asdict().items():
        of = rows.get(name.partition("_")[0])
        if of is None or not isinstance(column, np.ndarray) or not column.size:
            continue
        found[name] = frozen(owned(column, of)[1].astype(column.dtype) if "_first_" in name else column[of])
    return table._replace(**found)


def on(role: Bytes, bit: int, resource: Ints, job: Ints, taken: NDArray[np.bool_]) -> tuple[Ints, Ints]:
    """Activities that are ``taken`` on resources with ``bit`` of their role, and their jobs."""
    rows = np.flatnonzero(taken & ((role & bit) > 0)[resource]).astype(np.int32)
    return rows, job[rows]


def batches(resource: Ints, batch: Ints, job: Ints, taken: NDArray[np.bool_]) -> tuple[Ints, Ints, Ints, Ints]:
    """Number (resource, batch) pairs of the activities that are ``taken`` and have one (``batch`` >= 0).

    Returns ``activity_batch`` (activities), ``batch_first``, ``batch_activity`` and ``batch_job``; the first is
    empty where there is no batch at all.
    """
    member = np.flatnonzero(taken & (batch >= 0)).astype(np.int32)
    if not member.size:
        nothing = np.zeros(0, np.int32)
        return nothing, np.zeros(1, np.int32), nothing, nothing
    pair = resource[member].astype(np.int64) * (int(batch.max()) + 1) + batch[member]
    distinct, number = np.unique(pair, return_inverse=True)
    numbered = np.full(batch.size, -1, np.int32)
    numbered[member] = number
    order = np.argsort(number, kind="stable")
    first = first_rows(number[order].astype(np.int32), distinct.size)
    return numbered, first, member[order], job[member[order]]


def in_batch(batch: Ints, activity: Ints) -> Bytes:
    """Which of some activities are members of a batch; ``batch`` (activities) or (0), -1 for none."""
    return (batch[activity] >= 0).astype(np.uint8) if batch.size else np.zeros(activity.size, np.uint8)


def bucketed(timelines: Timelines, clock: int, end: int) -> tuple[NDArray[np.int16], Ints, Instants]:
    """What spares kernels the search for an instant: the horizon in at most ``MOST_BUCKETS`` equal buckets.

    Returns for each timeline and bucket (timelines, buckets + 1: the last one is what is behind the horizon) the next
    bucket, or this one, that potential overtime touches (``NO_BUCKET`` for none), and the first segment that ends
    after the bucket begins; and the first instant of bucket 0, the log2 of a bucket's length, and the buckets.
    """
    shift = SHORTEST_BUCKET
    while (end - clock) >> shift >= MOST_BUCKETS:
        shift += 1
    n_bucket = ((end - 1 - clock) >> shift) + 1
    begin = clock + (np.arange(n_bucket + 1, dtype=np.int64) << shift)
    shape = (timelines.timeline_first.size - 1, n_bucket + 1)
    potential, segment = np.full(shape, NO_BUCKET, np.int16), np.empty(shape, np.int32)
    for t, (low, high) in enumerate(itertools.pairwise(timelines.timeline_first.tolist())):
        segment[t] = low + np.searchsorted(timelines.segment_end[low:high], begin, side="right")
        for s in low + np.flatnonzero(timelines.segment_kind[low:high] == POTENTIAL):
            first, last = max(timelines.segment_start[s], clock), min(timelines.segment_end[s], end)
            if first < last:
                touched = np.arange((first - clock) >> shift, ((last - 1 - clock) >> shift) + 1)
                potential[t, touched] = touched
    following = np.minimum.accumulate(potential[:, ::-1], axis=1)[:, ::-1]
    return following, segment, np.array([clock, shift, n_bucket], np.int64)


def next_potential(timelines: Timelines) -> Ints:
    """Row of the next segment, or this one, of potential overtime, the number of segments for none: (segments + 1)."""
    n = timelines.segment_kind.size
    row = np.append(np.where(timelines.segment_kind == POTENTIAL, np.arange(n), n), n)
    return np.minimum.accumulate(row[::-1])[::-1].astype(np.int32)


def seconds_before(timelines: Timelines, *kinds: int) -> Instants:
    """Seconds of segments of some kinds before each segment, and before the end: (segments + 1)."""
    seconds = timelines.segment_end - timelines.segment_start
    of_kind = np.isin(timelines.segment_kind, kinds)
    return np.concatenate([[0], np.cumsum(np.where(of_kind, seconds, 0))]).astype(np.int64)


def plain(first_operation: Ints, first_activity: Ints, rate: Floats, actual_start: Instants) -> Bytes:
    """Orders of which each operation has a rate and exactly one activity, whose actual start is not known."""
    single = (np.diff(first_activity) == 1) & ~np.isnan(rate)
    if actual_start.size:
        known = np.append(actual_start != NEVER, False)
        single &= ~known[np.minimum(first_activity[:-1], known.size - 1)]
    odd = np.concatenate([[0], np.cumsum(~single)])
    low, high = first_operation[:-1], first_operation[1:]
    return np.asarray((low < high) & (odd[low] == odd[high]), np.uint8)


def operating_days(zones: list[str], starts: list[int], clock: int, end: int) -> tuple[Ints, Instants]:
    """Boundaries of every plant's operating days that touch ``[clock, end)``, and the first of each plant.

    A day runs from ``starts`` (seconds after local midnight) to the same wall time of the next date (R24); a wall
    time that daylight saving skips or doubles is taken at the offset before the change (R14).
    """
    first = [0]
    parts = [np.zeros(0, np.int64)]
    for zone, start in zip(zones, starts, strict=True):
        local = to_local(np.array([clock, end], np.int64), zone)
        dates = np.arange((local[0] - start) // DAY - 1, (local[1] - start) // DAY + 3)
        parts.append(np.maximum.accumulate(to_utc(dates * DAY + start, zone)[0]))
        first.append(first[-1] + dates.size)
    return np.array(first, np.int32), np.concatenate(parts)
