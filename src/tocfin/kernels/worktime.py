"""Arithmetic on one timeline: disjoint, sorted segments of paid time. All instants and lengths in seconds."""

from __future__ import annotations

from typing import Any

from tocfin.kernels.compile import inlined

ONLINE, OVERTIME, POTENTIAL, CLEANOUT = range(4)


@inlined
def segment_after(segment_end: Any, low: int, high: int, instant: int) -> int:
    """First segment of ``low : high`` that ends after ``instant``; ``high`` when there is none."""
    while low < high:
        middle = (low + high) >> 1
        if segment_end[middle] > instant:
            high = middle
        else:
            low = middle + 1
    return low


@inlined
def paid_seconds(enterprise: Any, r: int, start: int, end: int) -> tuple[int, int]:
    """Seconds of ``[start, end)`` that are Online, and that are overtime of either kind, on resource ``r``."""
    timeline = enterprise.resource_timeline[r]
    last = enterprise.timeline_first[timeline + 1]
    segment = segment_after(enterprise.segment_end, enterprise.timeline_first[timeline], last, start)
    online = 0
    overtime = 0
    while segment < last and enterprise.segment_start[segment] < end:
        kind = enterprise.segment_kind[segment]
        seconds = min(end, enterprise.segment_end[segment]) - max(start, enterprise.segment_start[segment])
        if kind == ONLINE:
            online += seconds
        elif kind != CLEANOUT:
            overtime += seconds
        segment += 1
    return online, overtime


@inlined
def touches_potential(enterprise: Any, r: int, start: int, end: int) -> bool:
    """False only when ``[start, end)`` overlaps no potential overtime of ``r`` in the horizon: a quick look at bits."""
    origin = enterprise.bucket_origin[0]
    shift = enterprise.bucket_origin[1]
    words = enterprise.timeline_potential[enterprise.resource_timeline[r]]
    first = max(0, (start - origin) >> shift)
    last = min(words.size * 64 - 1, (end - 1 - origin) >> shift)
    while first <= last:
        if (words[first >> 6] >> (first & 63)) & 1:
            return True
        first += 1
    return False


@inlined
def period_of(edges: Any, instant: int) -> int:
    """Period that holds ``instant``; the number of periods when none does."""
    n = edges.size - 1
    if n < 1 or instant < edges[0] or instant >= edges[n]:
        return max(n, 0)
    k = 0
    while instant >= edges[k + 1]:
        k += 1
    return k


@inlined
def spread(row: Any, g: int, slot: int, rate: float, start: int, end: int, edges: Any) -> None:
    """Add ``rate`` x seconds of ``[start, end)`` to the period that each second lies in.

    ``row``: (periods + 1, groups, terms); the last period takes what lies in none.
    """
    if start >= end:
        return
    n = max(edges.size - 1, 0)
    rest = end - start
    for k in range(n):
        if edges[k] >= end:
            break
        seconds = min(end, edges[k + 1]) - max(start, edges[k])
        if seconds > 0:
            row[k, g, slot] += rate * seconds
            rest -= seconds
    if rest > 0:
        row[n, g, slot] += rate * rest
