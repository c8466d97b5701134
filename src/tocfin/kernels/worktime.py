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
def paid_before(
    s: int, last: int, segment_start: Any, kind: Any, online: Any, overtime: Any, instant: int
) -> tuple[int, int]:
    """Seconds before ``instant`` that are Online, and that are overtime of either kind; only differences mean a thing.

    ``s`` is the first segment that ends after the instant, ``last`` the end of its timeline; ``online`` and
    ``overtime`` are the seconds before each segment.
    """
    on, over = online[s], overtime[s]
    if s < last:
        inside = max(instant - segment_start[s], 0)
        on += inside if kind[s] == ONLINE else 0
        over += inside if kind[s] == OVERTIME or kind[s] == POTENTIAL else 0
    return on, over


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
