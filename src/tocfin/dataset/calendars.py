"""When each resource is available: recurring calendars and own intervals, resolved to one disjoint timeline.

Rules: kpi.md 1.3k (Cleanout over Offline over the online types), rulings R12 to R14 (expansion, priority,
daylight saving). A calendar is expanded once per distinct (calendar, time zone).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tocfin.catalogue import INTERVAL_TYPES
from tocfin.dataset.plan import Plan
from tocfin.errors import Finding
from tocfin.zones import DAY, Seconds, to_utc

ONLINE, OVERTIME, POTENTIAL, CLEANOUT, OFFLINE = range(5)
_CLASS = dict(zip(INTERVAL_TYPES, (ONLINE, OVERTIME, POTENTIAL, CLEANOUT, OFFLINE, OFFLINE, OFFLINE), strict=True))
_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_LAST = 2**62  # priority of a row that names none
_OWN = -(2**62)  # level of a resource's own intervals, which no calendar row displaces
#: Days that calendars are expanded over at most: beyond this a date is a typing error, not a plan. Kernels pack the
#: seconds of a horizon into 32 bits, which hold some more than these 65 years.
MOST_DAYS = 24_000


class Timelines(NamedTuple):
    """Disjoint, sorted segments of the kinds Online, Overtime, PotentialOvertime and Cleanout.

    ``resource_timeline`` has one entry per row of ``resources`` (-1: none); the segments of timeline ``t``
    are ``timeline_first[t] : timeline_first[t + 1]``. Offline time has no segment. Instants in seconds UTC.
    """

    resource_timeline: NDArray[np.int32]
    timeline_first: NDArray[np.int64]
    segment_start: Seconds
    segment_end: Seconds
    segment_kind: NDArray[np.uint8]


class _Rows(NamedTuple):
    """Raw intervals of one owner: where they come from and how strong they are."""

    start: Seconds
    end: Seconds
    kind: NDArray[np.int64]
    level: NDArray[np.int64]  # calendar priority, or _OWN
    row: NDArray[np.int64]
    own: NDArray[np.bool_]

    def joined(self, other: _Rows) -> _Rows:
        return _Rows(*(np.concatenate(pair) for pair in zip(self, other, strict=True)))


def expand(tables: Mapping[str, pl.DataFrame], plan: Plan, *, beyond: int = 0) -> tuple[Timelines, list[Finding]]:
    """Timelines of all resources, and a finding for every two online-type intervals that overlap.

    Calendars reach ``beyond`` seconds further than the plan, unless that is too far. Rows with an empty cell where
    one is needed (a fault that the reader reports) are passed over.
    """
    findings: list[Finding] = []
    days = _touched_days(tables, plan, beyond, findings)
    shifts = _calendar_rows(tables["calendars"])
    own = dict(_own_rows(tables["capacity_intervals"]))
    zones = _plant_zones(tables["plants"])
    shared: dict[tuple[str, str], int] = {}
    expanded: dict[tuple[str, str], _Rows] = {}
    parts: list[tuple[Seconds, Seconds, NDArray[np.uint8]]] = []
    timeline = np.full(tables["resources"].height, -1, np.int32)
    for r, (resource, plant, calendar) in enumerate(tables["resources"]["resource", "plant", "calendar"].iter_rows()):
        name = (calendar, zones.get(plant, "UTC")) if calendar in shifts else None
        if name is not None and name not in expanded:
            expanded[name] = _expanded(shifts[name[0]], days, name[1])
        if resource in own:
            rows = own[resource] if name is None else own[resource].joined(expanded[name])
        elif name is None:
            continue
        elif name in shared:
            timeline[r] = shared[name]
            continue
        else:
            rows = expanded[name]
            shared[name] = len(parts)
        timeline[r] = len(parts)
        parts.append(_resolved(rows, calendar if resource not in own else resource, findings))
    first = np.concatenate([[0], np.cumsum([part[0].size for part in parts], dtype=np.int64)]).astype(np.int64)
    empty = (np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0, np.uint8))
    start, end, kind = (np.concatenate(column) for column in zip(empty, *parts, strict=True))
    return distinct(Timelines(timeline, first, start, end, kind)), findings


def distinct(timelines: Timelines) -> Timelines:
    """Those with the same segments as one: fewer stay in a processor's cache."""
    segments = timelines[2:]
    known: dict[tuple[bytes, ...], int] = {}
    bounds = list(pairwise(timelines.timeline_first.tolist()))
    number = [
        known.setdefault(tuple(column[low:high].tobytes() for column in segments), len(known)) for low, high in bounds
    ]
    kept = np.unique(np.array(number, np.int64), return_index=True)[1].tolist()
    rows = np.concatenate([np.zeros(0, np.int64), *(np.arange(*bounds[t]) for t in kept)]).astype(np.int64)
    first = np.concatenate([[0], np.cumsum([bounds[t][1] - bounds[t][0] for t in kept], dtype=np.int64)])
    renumbered = np.append(np.array(number, np.int32), np.int32(-1))[timelines.resource_timeline]
    start, end, kind = timelines.segment_start[rows], timelines.segment_end[rows], timelines.segment_kind[rows]
    return Timelines(renumbered, first.astype(np.int64), start, end, kind)


def _plant_zones(plants: pl.DataFrame) -> dict[str, str]:
    return {plant: zone or "UTC" for plant, zone in plants["plant", "timezone"].iter_rows()}


def _touched_days(
    tables: Mapping[str, pl.DataFrame], plan: Plan, beyond: int, findings: list[Finding]
) -> NDArray[np.int64]:
    """Days (since 1970) that horizon or activities touch in any time zone, with the eve whose night shift reaches in.

    A day too many changes no number: costs are clipped to the horizon, work to its own times.
    """
    work = tables["activities"].filter(pl.col("start").is_not_null() & (pl.col("end") >= pl.col("start")))
    low = np.append(work["start"].to_numpy(), plan.clock) // DAY - 2
    high = np.append(work["end"].to_numpy(), plan.horizon_end) // DAY + 2
    spans = _joined(low, high + beyond // DAY)
    if beyond and sum(last - day for day, last in spans) > MOST_DAYS:
        spans = _joined(low, high)
    if sum(last - day for day, last in spans) > MOST_DAYS:
        longest = work.sort(pl.col("end") - pl.col("start"), descending=True).head(1)
        message = f"the plan spans more than {MOST_DAYS // 365} years of working days; correct the date"
        lasts = (longest["end"] - longest["start"]).to_list()
        blamed = bool(lasts) and lasts[0] > plan.horizon_end - plan.clock
        table, column = ("activities", "end") if blamed else ("plan", "horizon_end")
        row = int(longest["row"][0]) if blamed else None
        findings.append(Finding("error", "span-too-long", table, row, column, message))
        return np.zeros(0, np.int64)
    return np.concatenate([np.arange(day, last, dtype=np.int64) for day, last in spans])


def _joined(low: NDArray[np.int64], high: NDArray[np.int64]) -> list[tuple[int, int]]:
    """Ranges of days without overlap, in order."""
    order = np.argsort(low, kind="stable")
    low, high = low[order], np.maximum.accumulate(high[order])
    opens = np.concatenate([[True], low[1:] > high[:-1]])
    closes = np.concatenate([opens[1:], [True]])
    return list(zip(low[opens].tolist(), high[closes].tolist(), strict=True))


class _Shift(NamedTuple):
    row: int
    weekdays: frozenset[int]
    start: int
    end: int
    kind: int
    first: int
    last: int
    level: int


def _calendar_rows(calendars: pl.DataFrame) -> dict[str, list[_Shift]]:
    needed = ["calendar", "days", "start_time", "end_time", "interval_type"]
    shifts: dict[str, list[_Shift]] = {}
    for shift in calendars.drop_nulls(needed).iter_rows(named=True):
        start, end = shift["start_time"], shift["end_time"]
        shifts.setdefault(shift["calendar"], []).append(
            _Shift(
                row=shift["row"],
                weekdays=weekdays(shift["days"]),
                start=start,
                end=end if end > start else end + DAY,
                kind=_CLASS[shift["interval_type"]],
                first=-(2**40) if shift["valid_from"] is None else shift["valid_from"],
                last=2**40 if shift["valid_to"] is None else shift["valid_to"],
                level=_LAST if shift["priority"] is None else shift["priority"],
            )
        )
    return shifts


def weekdays(text: str) -> frozenset[int]:
    """Weekdays (Monday is 0) of ``Mon-Fri``, ``Sat`` or ``Fri-Mon,Wed``; ranges may wrap (R13)."""
    chosen: set[int] = set()
    for part in text.split(","):
        first, _, last = (end.strip() for end in part.partition("-"))
        day, stop = _WEEKDAYS.index(first), _WEEKDAYS.index(last or first)
        chosen.update((day + step) % 7 for step in range((stop - day) % 7 + 1))
    return frozenset(chosen)


def _own_rows(intervals: pl.DataFrame) -> Iterator[tuple[str, _Rows]]:
    usable = intervals.drop_nulls(["resource", "start", "end", "interval_type"]).filter(pl.col("end") > pl.col("start"))
    usable = usable.with_columns(pl.col("interval_type").replace_strict(_CLASS, return_dtype=pl.Int64).alias("kind"))
    for (resource,), part in usable.partition_by("resource", as_dict=True, maintain_order=True).items():
        start, end, kind, row = (part[column].to_numpy() for column in ("start", "end", "kind", "row"))
        yield resource, _Rows(start, end, kind, np.full(start.size, _OWN), row, np.ones(start.size, np.bool_))


def _expanded(shifts: list[_Shift], days: NDArray[np.int64], zone: str) -> _Rows:
    """Every occurrence of a calendar's shifts on the given local days."""
    columns: list[tuple[NDArray[np.int64], ...]] = [tuple(np.zeros(0, np.int64) for _ in range(5))]
    for shift in shifts:
        weekday = (days + 3) % 7  # 1970-01-01 was a Thursday
        chosen = days[np.isin(weekday, list(shift.weekdays)) & (days >= shift.first) & (days <= shift.last)]
        start, end = (to_utc(chosen * DAY + clock, zone)[0] for clock in (shift.start, shift.end))
        lasts = start < end  # a shift inside the hour that daylight saving skips
        start, end = start[lasts], end[lasts]
        columns.append((start, end, *(np.full(start.size, word) for word in (shift.kind, shift.level, shift.row))))
    start, end, kind, level, row = (np.concatenate(column) for column in zip(*columns, strict=True))
    return _Rows(start, end, kind, level, row, np.zeros(start.size, np.bool_))


def _resolved(rows: _Rows, owner: str, findings: list[Finding]) -> tuple[Seconds, Seconds, NDArray[np.uint8]]:
    """One disjoint timeline: priority first, then Cleanout over Offline over the one online type."""
    edges = np.unique(np.concatenate([rows.start, rows.end]))
    cover = np.zeros((5, edges.size), np.int64)
    taken = np.zeros(edges.size, np.bool_)
    for level in np.unique(rows.level):
        at = rows.level == level
        here = _cover(edges, rows.start[at], rows.end[at], rows.kind[at])
        if level != _OWN:
            here[:, taken] = 0
            taken |= here.any(axis=0)
        cover += here
    crowded = cover[ONLINE] + cover[OVERTIME] + cover[POTENTIAL] > 1
    if crowded.any():
        _report_overlaps(rows, edges[crowded], owner, findings)
    kind = np.where(cover[CLEANOUT] > 0, CLEANOUT, np.where(cover[OFFLINE] > 0, OFFLINE, cover.argmax(axis=0)))
    kept = np.flatnonzero(cover.any(axis=0) & (kind != OFFLINE))
    start, end, kind = edges[kept], edges[np.minimum(kept + 1, edges.size - 1)], kind[kept]
    joins = (start[1:] == end[:-1]) & (kind[1:] == kind[:-1])
    opens = np.concatenate([[True], ~joins])[: start.size]
    closes = np.concatenate([~joins, [True]])[: start.size]
    return start[opens], end[closes], kind[opens].astype(np.uint8)


def _cover(edges: Seconds, start: Seconds, end: Seconds, kind: NDArray[np.int64]) -> NDArray[np.int64]:
    """How many intervals of each kind cover the segment that begins at each edge."""
    change = np.zeros((5, edges.size), np.int64)
    np.add.at(change, (kind, np.searchsorted(edges, start)), 1)
    np.add.at(change, (kind, np.searchsorted(edges, end)), -1)
    return np.cumsum(change, axis=1)


def _report_overlaps(rows: _Rows, crowded: Seconds, owner: str, findings: list[Finding]) -> None:
    """One finding per pair of source rows that overlap, named at the later row."""
    seen: set[tuple[str, int, int]] = set()
    for instant in crowded.tolist():
        covering = np.flatnonzero((rows.start <= instant) & (rows.end > instant) & (rows.kind <= POTENTIAL))
        below = rows.level[covering]
        calendar = below[below != _OWN]
        covering = covering[(below == _OWN) | (below == calendar.min(initial=_LAST))]
        *_, other, later = sorted(covering.tolist(), key=lambda i: (bool(rows.own[i]), int(rows.row[i])))
        table = "capacity_intervals" if rows.own[later] else "calendars"
        beside = "" if rows.own[later] == rows.own[other] else " of its calendar"
        pair = (table, int(rows.row[later]), int(rows.row[other]))
        if pair not in seen:
            seen.add(pair)
            message = (
                f"'{owner}' is online twice at {np.datetime64(instant, 's')}Z: this interval overlaps row "
                f"{pair[2]}{beside}; shorten or remove one of them"
            )
            findings.append(Finding("error", "overlapping-intervals", table, pair[1], "start", message))
