"""Derived index columns: first rows, batches, operating days, and the bits that find potential overtime quickly."""

from __future__ import annotations

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from tocfin.dataset.calendars import POTENTIAL, Timelines
from tocfin.model.columns import Bytes, Instants, Ints
from tocfin.zones import DAY, to_local, to_utc

#: Shortest bucket of potential overtime, as a power of two [s]: an hour and eight minutes.
SHORTEST_BUCKET = 12
#: Buckets of one timeline: 8 words of 64 bits, so that a thousand timelines stay in a processor's cache.
MOST_BUCKETS = 512


Scalar = TypeVar("Scalar", bound=np.generic)


def frozen(array: NDArray[Scalar]) -> NDArray[Scalar]:
    """``array`` contiguous and read-only."""
    array = np.ascontiguousarray(array)
    array.flags.writeable = False
    return array


def first_rows(owner: Ints, n: int) -> Ints:
    """First row of each of ``n`` owners in the sorted column ``owner``, and the end behind the last: (n + 1)."""
    return np.searchsorted(owner, np.arange(n + 1, dtype=owner.dtype)).astype(np.int32)


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


def potential_bits(timelines: Timelines, clock: int, end: int) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
    """One bit per timeline and bucket of the horizon that potential overtime touches; (origin, log2 of a bucket)."""
    shift = SHORTEST_BUCKET
    while (end - clock) >> shift >= MOST_BUCKETS:
        shift += 1
    n_word = (((end - 1 - clock) >> shift) >> 6) + 1
    bits = np.zeros((timelines.timeline_first.size - 1, n_word), np.uint64)
    owner = np.repeat(np.arange(bits.shape[0]), np.diff(timelines.timeline_first))
    start, stop = np.maximum(timelines.segment_start, clock), np.minimum(timelines.segment_end, end)
    for s in np.flatnonzero((timelines.segment_kind == POTENTIAL) & (start < stop)):
        bucket = np.arange((start[s] - clock) >> shift, ((stop[s] - 1 - clock) >> shift) + 1)
        np.bitwise_or.at(bits[owner[s]], bucket >> 6, np.uint64(1) << (bucket & 63).astype(np.uint64))
    return bits, np.array([clock, shift], np.int64)


def special_segments(
    timelines: Timelines, timeline: Ints, special: NDArray[np.bool_], n_bucket: int, origin: Instants
) -> tuple[Ints, Ints]:
    """Where to look for an instant on the timelines of ``special`` resources: the first segment that ends after each
    bucket begins.

    ``timeline`` (resources) points into ``timelines``. Returns a row per resource (-1 for the others) and the
    segments (specials, buckets).
    """
    row = np.full(timeline.size, -1, np.int32)
    row[special] = np.arange(int(special.sum()), dtype=np.int32)
    begin = origin[0] + (np.arange(n_bucket, dtype=np.int64) << origin[1])
    segments = np.empty((int(special.sum()), n_bucket), np.int32)
    for r in np.flatnonzero(special):
        low, high = timelines.timeline_first[timeline[r]], timelines.timeline_first[timeline[r] + 1]
        segments[row[r]] = low + np.searchsorted(timelines.segment_end[low:high], begin, side="right")
    return row, segments


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
