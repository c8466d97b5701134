"""Arithmetic on one timeline: disjoint, sorted segments of paid time. All instants and lengths in seconds."""

from __future__ import annotations

from typing import Any

import numpy as np

from tocfin.kernels.compile import inlined

ONLINE, OVERTIME, POTENTIAL, CLEANOUT = range(4)


@inlined
def rows(first: Any, i: int) -> Any:
    """Rows ``first[i] : first[i + 1]``, unsigned: an index that cannot be negative need not be tested for it."""
    return np.uint64(first[i]), np.uint64(first[i + np.uint64(1)])


@inlined
def segment_after(segment_end: Any, low: int, high: int, instant: int) -> int:
    """First segment of ``low : high`` that ends after ``instant``; ``high`` when there is none."""
    while low < high:
        middle = (low + high) >> 1
        if segment_end[np.uint64(middle)] > instant:
            high = middle
        else:
            low = middle + 1
    return low


@inlined
def paid_seconds(s: int, last: int, segment_start: Any, segment_end: Any, kind: Any, start: int, end: int) -> Any:
    """Seconds of ``[start, end)`` that are Online, and that are overtime of either kind.

    ``s`` is the first segment that ends after ``start``, ``last`` the end of its timeline.
    """
    online = 0
    overtime = 0
    while s < last and segment_start[s] < end:
        seconds = min(end, segment_end[s]) - max(start, segment_start[s])
        if kind[s] == ONLINE:
            online += seconds
        elif kind[s] != CLEANOUT:
            overtime += seconds
        s += 1
    return online, overtime


@inlined
def touches(words: Any, r: Any, first: Any, last: Any) -> Any:
    """True when resource ``r`` has a bit set from bucket ``first`` to ``last``; ``words`` (resources, words).

    Nearly every activity stays inside one word, so that one mask answers without a branch that cannot be foreseen.
    """
    if first >= 0 and (first >> 6) == (last >> 6) and (last >> 6) < words.shape[1]:
        mask = (np.uint64(2) << np.uint64(last - first)) - np.uint64(1)
        return (words[r, first >> 6] >> np.uint64(first & 63)) & mask != np.uint64(0)
    first = max(0, first)
    last = min(words.shape[1] * 64 - 1, last)
    while first <= last:
        if (words[r, first >> 6] >> np.uint64(first & 63)) & np.uint64(1):
            return True
        first += 1
    return False


@inlined
def interval_of(bounds: Any, instant: int, i: int) -> int:
    """Interval of ``bounds`` that holds ``instant``, looked for from ``i``; the outer bounds hold every instant."""
    while instant >= bounds[i + 1]:
        i += 1
    while instant < bounds[i]:
        i -= 1
    return i


@inlined
def period_of(bounds: Any, instant: int) -> int:
    """Period that holds ``instant``; 0, *outside*, when none does."""
    i = interval_of(bounds, instant, 0)
    return i if i < bounds.size - 2 else 0


@inlined
def spread(out: Any, g: int, slot: int, rate: float, start: int, end: int, bounds: Any, i: int) -> int:
    """Add ``rate`` x seconds of ``[start, end)`` to the period that each second lies in.

    ``out`` (periods + 1, groups, terms); period 0 takes what lies in none. ``i`` is the interval to look from, the
    answer the last one met: work that follows in time is found at once.
    """
    if start >= end:
        return i
    i = interval_of(bounds, start, i)
    while end > bounds[i + 1]:
        out[i if i < bounds.size - 2 else 0, g, slot] += rate * (bounds[i + 1] - start)
        start = bounds[i + 1]
        i += 1
    out[i if i < bounds.size - 2 else 0, g, slot] += rate * (end - start)
    return i
