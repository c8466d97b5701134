"""How much of a target belongs to a part of its period: its share of the working days (rulings R36)."""

from __future__ import annotations

import numpy as np

from tocfin.zones import DAY, to_local

Window = tuple[int, int]
#: Monday to Friday; 1970-01-01 was a Thursday.
_WORKING = np.array([True, True, False, False, True, True, True])


def share(period: Window, part: Window, zone: str) -> float | None:
    """Working time in ``part`` by that in ``period`` (instants [s]), both cut to it; None without a working day.

    Working days are the local dates from Monday to Friday, and a day that is cut counts in proportion, so that the
    shares of the parts of a period sum to 1. Holidays are not known here.
    """
    whole = _worked(period, zone)
    inside = (max(period[0], part[0]), min(period[1], part[1]))
    if not whole:
        return None
    return _worked(inside, zone) / whole if inside[0] < inside[1] else 0.0


def _worked(window: Window, zone: str) -> int:
    """Seconds of working days in a window of local time."""
    start, end = to_local(np.array(window, np.int64), zone).tolist()
    days = np.arange(start // DAY, -(-end // DAY))
    length = np.minimum(end, (days + 1) * DAY) - np.maximum(start, days * DAY)
    return int(length[_WORKING[days % 7]].sum())
