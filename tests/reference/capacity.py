"""When a resource is available and how it is paid: calendars expanded, overlaps resolved (R12-R14, kpi.md 1.3k)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from itertools import pairwise
from zoneinfo import ZoneInfo

from reference.entities import Activity, IllegalError, Resource, Row, World
from reference.spans import Span, intersect, length, subtract, union
from reference.world import required, seconds_of_day, wall_time

ONLINE_TYPES = ("Online", "Overtime", "PotentialOvertime")
OFFLINE_TYPES = ("Offline", "Maintenance", "Holiday")
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def weekdays(text: str) -> set[int]:
    chosen: set[int] = set()
    for part in text.split(","):
        first, _, last = part.strip().partition("-")
        start = WEEKDAYS.index(first)
        stop = WEEKDAYS.index(last or first)
        chosen |= {(start + step) % 7 for step in range((stop - start) % 7 + 1)}
    return chosen


def shifts(row: Row, zone: ZoneInfo, first: date, last: date) -> list[Span]:
    """One calendar row on every local date from ``first`` to ``last``, from wall time to wall time."""
    start_time, end_time = seconds_of_day(required(row, "start_time")), seconds_of_day(required(row, "end_time"))
    chosen = weekdays(required(row, "days"))
    valid_from, valid_to = row.get("valid_from"), row.get("valid_to")
    low = max(first, date.fromisoformat(valid_from)) if valid_from else first
    high = min(last, date.fromisoformat(valid_to)) if valid_to else last
    found = []
    for step in range((high - low).days + 1):
        day = low + timedelta(days=step)
        if day.weekday() in chosen:
            end_day = day + timedelta(days=end_time <= start_time)
            found.append((wall_time(day, start_time, zone), wall_time(end_day, end_time, zone)))
    return found


def expand(rows: Sequence[Row], zone: ZoneInfo, first: date, last: date) -> list[tuple[int, int, str]]:
    """A calendar's pieces: where its rows overlap, the lower priority takes the time whatever its type (R13)."""
    by_priority: dict[float, list[tuple[int, int, str]]] = {}
    for row in rows:
        cell = row.get("priority")
        pieces = by_priority.setdefault(int(cell) if cell else float("inf"), [])
        pieces += [(start, end, required(row, "interval_type")) for start, end in shifts(row, zone, first, last)]
    kept: list[tuple[int, int, str]] = []
    taken: list[Span] = []
    for priority in sorted(by_priority):
        for start, end, interval_type in by_priority[priority]:
            kept += [(low, high, interval_type) for low, high in subtract(union([(start, end)]), taken)]
        taken = union([*taken, *((start, end) for start, end, _ in by_priority[priority])])
    return kept


def resolve(pieces: list[tuple[int, int, str]]) -> dict[str, list[Span]]:
    """Disjoint timeline: Cleanout before Offline, Maintenance and Holiday, these before the online types."""
    online = sorted((start, end) for start, end, kind in pieces if kind in ONLINE_TYPES and start < end)
    if any(left[1] > right[0] for left, right in pairwise(online)):
        raise IllegalError("two online-type intervals of one resource overlap")
    cleanout = union((start, end) for start, end, kind in pieces if kind == "Cleanout")
    closed = union([*cleanout, *((start, end) for start, end, kind in pieces if kind in OFFLINE_TYPES)])
    timeline = {
        name: subtract(union((start, end) for start, end, kind in pieces if kind == name), closed)
        for name in ONLINE_TYPES
    }
    return timeline | {"Cleanout": cleanout}


class Capacity:
    """Resolved timelines of all active resources; an inactive one has none (R8)."""

    def __init__(self, world: World) -> None:
        instants = [world.clock, world.horizon_end]
        instants += [instant for activity in world.activities for instant in (activity.start, activity.end)]
        own = [span for resource in world.resources.values() for span in resource.intervals]
        instants += [instant for start, end, _ in own for instant in (start, end)]
        # Two days of margin: a shift of the eve reaches into the first day, and no local date is further than that.
        first = datetime.fromtimestamp(min(instants), UTC).date() - timedelta(days=2)
        last = datetime.fromtimestamp(max(instants), UTC).date() + timedelta(days=2)
        expanded: dict[tuple[str, str], list[tuple[int, int, str]]] = {}
        self.timelines: dict[str, dict[str, list[Span]]] = {}
        self.used_overtime: dict[str, list[Span]] = {}
        busy: dict[str, list[Span]] = {}
        for activity in world.activities:
            if not activity.job.cancelled:
                busy.setdefault(activity.resource.key, []).append((activity.start, activity.end))
        for key, resource in world.resources.items():
            name, zone = resource.calendar, resource.plant.zone
            if name and (name, zone.key) not in expanded:
                expanded[name, zone.key] = expand(world.calendars[name], zone, first, last)
            recurring = expanded[name, zone.key] if name else []
            timeline = resolve([*recurring, *resource.intervals])
            self.timelines[key] = timeline if resource.active else {name: [] for name in timeline}
            potential = self.timelines[key]["PotentialOvertime"]
            self.used_overtime[key] = intersect(potential, union(busy.get(key, ())))

    def available(self, resource: Resource) -> list[Span]:
        timeline = self.timelines[resource.key]
        return union(span for name in ONLINE_TYPES for span in timeline[name])

    def paid(self, resource: Resource, potential_overtime: str) -> tuple[list[Span], list[Span]]:
        """Online and Cleanout time, Overtime and (all or used) PotentialOvertime."""
        timeline = self.timelines[resource.key]
        return (
            union([*timeline["Online"], *timeline["Cleanout"]]),
            union([*timeline["Overtime"], *self.potential(resource, potential_overtime)]),
        )

    def potential(self, resource: Resource, potential_overtime: str) -> list[Span]:
        if potential_overtime == "used":
            return self.used_overtime[resource.key]
        return self.timelines[resource.key]["PotentialOvertime"]

    def hours(self, activity: Activity) -> Fraction:
        """Capacity hours of one activity, not clipped to the horizon."""
        spans = intersect(union([(activity.start, activity.end)]), self.available(activity.resource))
        return Fraction(length(spans), 3600)

    def subcontract(self, activity: Activity) -> tuple[Fraction, Fraction]:
        """Online hours, overtime and potential overtime hours of one activity on a subcontractor (R9)."""
        timeline, own = self.timelines[activity.resource.key], union([(activity.start, activity.end)])
        online = length(intersect(own, timeline["Online"]))
        overtime = sum(length(intersect(own, timeline[name])) for name in ("Overtime", "PotentialOvertime"))
        return Fraction(online, 3600), Fraction(overtime, 3600)
