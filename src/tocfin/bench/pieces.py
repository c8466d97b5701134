"""Paid time by calendar, cut where a period ends, and how much of it lies inside activities: what peers pay by.

All calendars stand in one table, so that one search finds where many activities begin in it, whatever their calendar.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
FAR = 2.0**40  # [s] between calendars: more than any instant


class Pieces(NamedTuple):
    """Pieces of time, calendar behind calendar; behind the last of each stands one that never begins."""

    start: Floats  # (pieces) [s after the clock]
    end: Floats
    period: Ints  # -1 outside
    key: Floats  # the end, and ``FAR`` for each calendar before: it rises


def pieces(calendars: Iterable[tuple[NDArray[Any], NDArray[Any]]], edges: NDArray[Any]) -> Pieces:
    """Disjoint times (starts, ends) in order, of each calendar, cut at the edges of periods."""
    bounds = np.concatenate([[-np.inf], edges, [np.inf]])
    of_bounds = np.concatenate([[-1], np.arange(edges.size - 1), [-1]])
    parts = []
    for c, (start, end) in enumerate(calendars):
        low, high = np.maximum.outer(start, bounds[:-1]), np.minimum.outer(end, bounds[1:])
        some = low < high
        period = np.broadcast_to(of_bounds, low.shape)[some]
        ends = np.append(high[some], np.inf)
        key = c * FAR + np.minimum(ends, FAR / 2)
        parts.append((np.append(low[some], np.inf), ends, np.append(period, -1), key))
    return Pieces(*(np.concatenate(columns) for columns in zip(*parts, strict=True)))


class Rows(NamedTuple):
    """Activities, in the numbers of ``Told``."""

    row: Ints
    calendar: Ints
    start: NDArray[Any]  # (activities, replications) [s]
    end: NDArray[Any]
    first: NDArray[Any]  # (activities) [s] the least start
    last: NDArray[Any]  # (activities) [s] the greatest end

    def of(self, some: Ints) -> Rows:
        """Some of them."""
        return Rows(*(column[some] for column in self))


def inside(table: Pieces, rows: Rows) -> Iterator[tuple[Ints, Ints, NDArray[Any]]]:
    """Seconds of activities inside the pieces of their calendars, all first pieces first.

    Each time: which activities, the piece of each, and (activities, replications) the seconds. Activities that touch a
    piece in no replication are left out.
    """
    at = np.searchsorted(table.key, rows.first + rows.calendar * FAR, side="right")
    some = np.arange(at.size)
    while True:
        touches = table.start[at] < rows.last[some]
        some, at = some[touches], at[touches]
        if not some.size:
            return
        opens, closes = (column[at, None].astype(rows.end.dtype) for column in (table.start, table.end))
        seconds = np.minimum(rows.end[some], closes)
        seconds -= np.maximum(rows.start[some], opens)
        yield some, at, np.maximum(seconds, 0, out=seconds)
        at = at + 1
