"""Local time and UTC for whole columns, from the one time zone database that zoneinfo uses.

Instants are int64 seconds since 1970-01-01T00:00:00Z; local times are the same count on the plant's wall clock.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np
from numpy.typing import NDArray

Seconds = NDArray[np.int64]

DAY = 86_400
OK, MISSING, DOUBLE = 0, 1, 2
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
#: zoneinfo speaks of the years 1 to 9999; two days are kept free for the largest offsets.
_FIRST_DAY, _LAST_DAY = -719_160, 2_932_894


def is_zone(name: str) -> bool:
    """True when ``name`` is a time zone of the IANA database."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def to_local(utc: Seconds, zone: str) -> Seconds:
    """Wall clock of ``zone`` at each instant."""
    return utc + _offset(utc, zone)


def to_utc(local: Seconds, zone: str) -> tuple[Seconds, NDArray[np.uint8]]:
    """Instants of wall clock times, and per time whether it exists once (0), never (1) or twice (2).

    For a time that does not exist, or exists twice, the instant uses the offset before the change
    (RFC 5545 3.3.5): the caller decides whether that is an answer or a finding.
    """
    before = _offset(local - DAY, zone)
    after = _offset(local + DAY, zone)
    early, late = local - before, local - after
    early_holds = _offset(early, zone) == before
    late_holds = _offset(late, zone) == after
    status = np.where(
        before == after, OK, np.where(early_holds & late_holds, DOUBLE, np.where(early_holds | late_holds, OK, MISSING))
    ).astype(np.uint8)
    return np.where((before != after) & ~early_holds & late_holds, late, early), status


def _offset(utc: Seconds, zone: str) -> Seconds:
    """Seconds that ``zone`` is ahead of UTC at each instant; looked up once per distinct day."""
    if zone == "UTC" or not utc.size:
        return np.zeros_like(utc)
    days = utc // DAY
    low = int(days.min())
    if int(days.max()) - low < 100_000:  # a plan spans weeks: marking its days is much cheaper than sorting them
        place = days - low
        distinct = np.flatnonzero(np.bincount(place)) + low
        table = np.zeros((int(distinct[-1]) - low + 1, 3), np.int64)
        table[distinct - low] = [_day_offsets(int(day), zone) for day in distinct]
    else:
        distinct, place = np.unique(days, return_inverse=True)
        table = np.array([_day_offsets(int(day), zone) for day in distinct], dtype=np.int64)
    first, change, second = table[place].T
    offset: Seconds = np.where(utc >= change, second, first)
    return offset


@lru_cache(maxsize=200_000)
def _day_offsets(day: int, zone: str) -> tuple[int, int, int]:
    """Offset at the start of a UTC day, the instant it changes (or the day's end), and the offset after it."""
    day = min(max(day, _FIRST_DAY), _LAST_DAY)
    low, high = day * DAY, day * DAY + DAY
    first, second = _probe(low, zone), _probe(high, zone)
    if first == second:
        return first, high, first
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if _probe(middle, zone) == first else (low, middle)
    return first, high, second


def _probe(instant: int, zone: str) -> int:
    moment = (_EPOCH + timedelta(seconds=instant)).astimezone(ZoneInfo(zone))
    offset = moment.utcoffset()
    return int(offset.total_seconds()) if offset is not None else 0
