"""Arithmetic on one timeline: disjoint, sorted segments of paid time. All instants and lengths in seconds."""

from __future__ import annotations

from typing import Any

import numpy as np

from tocfin.kernels.compile import inlined

ONLINE, OVERTIME, POTENTIAL, CLEANOUT = range(4)


@inlined
def rows(first: Any, i: Any) -> Any:
    """Rows ``first[i] : first[i + 1]``, unsigned: an index that cannot be negative need not be tested for it."""
    return np.uint64(first[i]), np.uint64(first[i + np.uint64(1)])


@inlined
def segment_after(segment_end: Any, low: Any, high: Any, instant: int) -> int:
    """First segment of ``low : high`` that ends after ``instant``; ``high`` when there is none."""
    while low < high:
        middle = (low + high) >> 1
        if segment_end[np.uint64(middle)] > instant:
            high = middle
        else:
            low = middle + 1
    return int(low)


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
def interval_of(bounds: Any, instant: int, near: Any) -> Any:
    """Interval of ``bounds`` that holds ``instant``, looked for from ``near``; the outer bounds hold every instant."""
    i = np.uint64(near)
    while instant >= bounds[i + np.uint64(1)]:
        i += np.uint64(1)
    while instant < bounds[i]:
        i -= np.uint64(1)
    return i


@inlined
def period_of(bounds: Any, instant: int) -> Any:
    """Period that holds ``instant``; 0, *outside*, when none does."""
    i = interval_of(bounds, instant, 0)
    return i if i < np.uint64(bounds.size - 2) else np.uint64(0)


@inlined
def spread(out: Any, g: Any, slot: int, rate: float, start: int, end: int, bounds: Any, near: Any) -> Any:
    """Add ``rate`` x seconds of ``[start, end)`` to the period that each second lies in.

    ``out`` (periods + 1, groups, terms); period 0 takes what lies in none. ``near`` is the interval to look from, the
    answer the last one met: work that follows in time is found at once.
    """
    i = np.uint64(near)
    if start >= end:
        return i
    one, zero, outside = np.uint64(1), np.uint64(0), np.uint64(bounds.size - 2)
    i = interval_of(bounds, start, i)
    while end > bounds[i + one]:
        out[i if i < outside else zero, g, slot] += rate * (bounds[i + one] - start)
        start = bounds[i + one]
        i += one
    out[i if i < outside else zero, g, slot] += rate * (end - start)
    return i
