"""The shifts and days of a resource: the pieces of its calendar that absence takes its share of."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tocfin.model.columns import Instants

DAY = 86_400

Pieces = tuple[Instants, Instants, Instants]


def shifts(opens: Instants, closes: Instants) -> Pieces:
    """Openings as (start, end, available seconds); one of more than a day is cut at midnight UTC."""
    start, end = cut(opens, closes, np.flatnonzero(closes - opens > DAY))
    return start, end, end - start


def days(opens: Instants, closes: Instants) -> Pieces:
    """Days (UTC) with available time, as (start, end, available seconds)."""
    start, end = cut(opens, closes, np.arange(opens.size))
    day, first = np.unique(start // DAY, return_index=True)
    seconds = np.add.reduceat(end - start, first) if first.size else np.zeros(0, np.int64)
    return day * DAY, (day + 1) * DAY, seconds


def cut(opens: Instants, closes: Instants, rows: NDArray[np.intp]) -> tuple[Instants, Instants]:
    """Openings of which those in ``rows`` are cut at every midnight inside."""
    cuts = [np.arange(opens[i] // DAY + 1, -(-closes[i] // DAY)) * DAY for i in rows.tolist()]
    inner = np.concatenate([np.zeros(0, np.int64), *cuts])
    return np.sort(np.concatenate([opens, inner])), np.sort(np.concatenate([closes, inner]))


#: By the word that a rule says in ``per``.
PIECES = {"shift": shifts, "day": days}
