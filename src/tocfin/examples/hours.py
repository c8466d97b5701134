"""When a resource is available: shifts, holidays and own intervals on one UTC line."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from tocfin.examples.shopfloor import GROUPS, Group, calendar_rows, epoch_day, own_interval_rows, utc

DAY = 86_400
FIRST_DAY = date(2026, 5, 18)  # calendars are expanded from here, a week before the first activity
LAST_DAY = date(2026, 8, 9)  # work released in the last week runs on after the horizon
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
CLOSED = ("Holiday", "Maintenance", "Cleanout", "Offline")


@dataclass(frozen=True, slots=True)
class Timeline:
    """Disjoint spans of available time, in order."""

    starts: list[int]
    ends: list[int]

    def slot(self, ready: int, work: int) -> tuple[int, int]:
        """First start and end of ``work`` seconds that pauses outside the spans and is over within 24 hours.

        Nobody clamps on before the weekend what cannot be finished before it.
        """
        first = bisect_right(self.ends, ready)
        while True:
            start = max(ready, self.starts[first])
            end = self.finish(start, work)
            if end - start <= DAY:
                return start, end
            first += 1

    def finish(self, start: int, work: int) -> int:
        """When ``work`` seconds are done that begin at ``start``."""
        span = bisect_right(self.ends, start)
        left = work
        while self.ends[span] - max(start, self.starts[span]) < left:
            left -= self.ends[span] - max(start, self.starts[span])
            span += 1
        return max(start, self.starts[span]) + left

    def meets(self, start: int, end: int) -> bool:
        """Is any span touched by [start, end)?"""
        span = bisect_right(self.ends, start)
        return span < len(self.ends) and self.starts[span] < end


def available(key: str, kinds: Sequence[str]) -> Timeline:
    """Spans of the resource that are of ``kinds`` and not closed by a holiday, maintenance or a cleanout."""
    group = next(group for group in GROUPS if key in group.members)
    spans = list(_shifts(group))
    spans += [(row["start"], row["end"], row["interval_type"]) for row in own_interval_rows() if row["resource"] == key]
    opened = _union((start, end) for start, end, kind in spans if kind in kinds)
    shut = _union((start, end) for start, end, kind in spans if kind in CLOSED)
    for begin, finish in shut:
        opened = [
            part
            for start, end in opened
            for part in ((start, min(end, begin)), (max(start, finish), end))
            if part[0] < part[1]
        ]
    return Timeline([start for start, _ in opened], [end for _, end in opened])


def common(one: Timeline, other: Timeline) -> Timeline:
    """Spans in which both are available."""
    pairs = [
        (max(start, one.starts[span]), min(end, one.ends[span]))
        for start, end in zip(other.starts, other.ends, strict=True)
        for span in range(bisect_right(one.ends, start), len(one.ends))
        if one.starts[span] < end
    ]
    return Timeline([start for start, _ in pairs], [end for _, end in pairs])


def _shifts(group: Group) -> Iterable[tuple[int, int, str]]:
    rows = [row for row in calendar_rows() if row["calendar"] == group.calendar]
    for number in range((LAST_DAY - FIRST_DAY).days):
        day = FIRST_DAY + timedelta(days=number)
        for row in rows:
            first, last = row.get("valid_from", -1), row.get("valid_to", 10**6)
            if _is_on(day, row["days"]) and first <= epoch_day(day.isoformat()) <= last:
                midnight = datetime.combine(day, time())
                length = row["end_time"] + (0 if row["end_time"] > row["start_time"] else DAY)
                yield (
                    utc(midnight + timedelta(seconds=row["start_time"]), group.plant),
                    utc(midnight + timedelta(seconds=length), group.plant),
                    row["interval_type"],
                )


def _is_on(day: date, days: str) -> bool:
    first, _, last = days.partition("-")
    return WEEKDAYS.index(first) <= day.weekday() <= WEEKDAYS.index(last or first)


def _union(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged
