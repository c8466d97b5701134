"""Can a new table of activities be carried out? Written from the rules alone, in plain Python over the tables.

It knows neither kernels nor search: calendars come from the tables, work from the plan as it was read. What stays as
it was is history or the planner's own will and is not blamed for what it breaks; what moved is, against all of it.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any, cast

import polars as pl

from tocfin.dataset import Dataset, Plan
from tocfin.dataset.calendars import CLEANOUT, POTENTIAL, expand
from tocfin.model.build import arranged
from tocfin.model.pegging import holds
from tocfin.reschedule.stays import Zones, attended, staying

HOUR = 3_600
Row = dict[str, Any]


def breaches(dataset: Dataset, activities: pl.DataFrame, zones: Zones | None = None) -> Iterator[str]:
    """A sentence for each rule that the plan breaks, the rule's name first; ``zones`` say what must stay as it is.

    Rules: rows, history, frozen, pinned, only-resources, cancelled, clock, release, alternative, precedence, together,
    work, calendar, overlap, setup.
    """
    world = World(dataset, activities, zones or Zones())
    gone, more = sorted(set(world.old) - set(world.new)), len(activities) - len(set(world.old) & set(world.new))
    if gone:
        yield f"rows: activity '{world.old[gone[0]]['activity']}' is missing ({len(gone):,} are)"
    if more:
        yield f"rows: {more:,} activities are not in the data set, or are there twice"
    if gone or more:
        return
    yield from world.stays()
    yield from world.resources()
    yield from world.before()
    yield from world.material()
    yield from world.together()
    yield from world.work()
    yield from world.overlaps()
    yield from world.setups()


class World:
    """Tables as dictionaries; rows of activities by their row in the source."""

    def __init__(self, dataset: Dataset, activities: pl.DataFrame, zones: Zones) -> None:
        tables, self.plan = dataset.tables, cast(Plan, dataset.plan)
        self.fixed, self.tables = staying(dataset, zones), tables
        self.old = {row["row"]: row for row in tables["activities"].iter_rows(named=True)}
        self.new = {row["row"]: row for row in activities.iter_rows(named=True)}
        self.resource = {row["resource"]: row for row in tables["resources"].iter_rows(named=True)}
        self.operation = {row["operation"]: row for row in tables["operations"].iter_rows(named=True)}
        self.order = {row["manufacturing_order"]: row for row in tables["manufacturing_orders"].iter_rows(named=True)}
        self.job = {row["job"]: row for row in tables["jobs"].iter_rows(named=True)}
        self.alternative = {
            (row["operation"], row["resource"]): round(HOUR * ((row["setup_hours"] or 0) + (row["run_hours"] or 0)))
            for row in tables["alternatives"].iter_rows(named=True)
        }
        self.links = tables["precedences"].select("predecessor", "successor", "lag_hours").rows()
        ends = [int(self.plan.horizon_end), *(row["end"] for row in self.new.values())]
        beyond = max(ends) - self.plan.horizon_end + 86_400
        self.hours = _hours(tables, self.plan, beyond, (CLEANOUT,))
        self.family = {row["item"]: row["family"] for row in tables["items"].iter_rows(named=True)}
        self.change = _changes(tables)
        self.free_hours = _hours(tables, self.plan, beyond, (CLEANOUT, POTENTIAL)) if self.change else {}
        self.live = [row for row in self.new if not self._job(row)["cancelled"]]

    def _job(self, row: int) -> Row:
        operation = self.operation[self.new[row]["operation"]]
        return self.job[self.order[operation["manufacturing_order"]]["job"]]

    def stays(self) -> Iterator[str]:
        """What is history, frozen or pinned is as it was; what is free starts after the clock and its release."""
        for row, now in self.new.items():
            was = self.old[row]
            same = all(now[name] == was[name] for name in now if name not in ("start", "end", "resource"))
            if not same:
                yield f"rows: activity '{now['activity']}' has changed in more than its times and its resource"
            times = all(now[name] == was[name] for name in ("start", "end", "resource"))
            if not times and (row in self.fixed or self._job(row)["cancelled"]):
                yield f"{self.fixed.get(row, 'cancelled')}: activity '{now['activity']}' must stay as it was"
        for row in self.live:
            if row not in self.fixed:
                release = self._job(row)["release_date"]
                if self.new[row]["start"] < self.plan.clock:
                    yield f"clock: activity '{self.new[row]['activity']}' starts before the clock"
                if release is not None and self.new[row]["start"] < release:
                    yield f"release: activity '{self.new[row]['activity']}' starts before its job is released"

    def resources(self) -> Iterator[str]:
        """Another resource only where the table of alternatives offers it and it is active."""
        for row in self.live:
            now, was = self.new[row], self.old[row]
            if now["resource"] != was["resource"]:
                offered = (now["operation"], now["resource"]) in self.alternative
                if not offered or self.resource[now["resource"]]["active"] is False:
                    yield f"alternative: activity '{now['activity']}' cannot run on '{now['resource']}'"

    def _operations(self) -> tuple[dict[str, int], dict[str, int], set[str]]:
        """When each operation starts and ends, and those that are free to move."""
        start: dict[str, int] = {}
        end: dict[str, int] = {}
        free: set[str] = set()
        for row in self.live:
            now = self.new[row]
            key = now["operation"]
            start[key] = min(start.get(key, now["start"]), now["start"])
            end[key] = max(end.get(key, now["end"]), now["end"])
            if row not in self.fixed:
                free.add(key)
        return start, end, free

    def before(self) -> Iterator[str]:
        """Operations in the sequence of their order and behind their predecessors."""
        start, end, free = self._operations()
        steps: dict[str, dict[int, list[str]]] = defaultdict(lambda: defaultdict(list))
        for key in start:
            steps[self.operation[key]["manufacturing_order"]][self.operation[key]["sequence"]].append(key)
        pairs = [
            (one, other, 0.0)
            for sequence in steps.values()
            for number, after in pairwise(sorted(sequence))
            for one in sequence[number]
            for other in sequence[after]
        ]
        for one, other, lag in [*pairs, *self.links]:
            if one not in start or other not in start or not {one, other} & free:
                continue
            needed = round(HOUR * (lag or 0.0))
            broken = start[other] < end[one] + needed
            if broken and (other in free or self._kept(one, other, needed)):
                yield f"precedence: operation '{other}' starts before '{one}' has ended"

    def material(self) -> Iterator[str]:
        """Work that waited for a supply, or for the order that makes its material, still does."""
        frames = arranged(self.tables, self.plan)
        held = holds(frames, self.plan.clock)
        names = frames["operations"]["operation"].to_list()
        start, end, free = self._operations()
        for key, floor in zip(names, held.operation_floor.tolist(), strict=True):
            if key in free and start[key] < floor:
                yield f"material: operation '{key}' starts before its supply has come"
        for before, after in zip(held.before.tolist(), held.after.tolist(), strict=True):
            one, other = names[before], names[after]
            if {one, other} & free and start[other] < end[one]:
                yield f"material: operation '{other}' starts before '{one}' has made its material"

    def _kept(self, one: str, other: str, lag: int) -> bool:
        """True when the plan that was read kept this precedence."""
        ends = [row["end"] for row in self.old.values() if row["operation"] == one]
        starts = [row["start"] for row in self.old.values() if row["operation"] == other]
        return bool(min(starts) >= max(ends) + lag)

    def together(self) -> Iterator[str]:
        """Rows of one activity, and members of one batch, keep their distance from each other."""
        first: dict[tuple[str, str, str], int] = {}
        for row in self.live:
            now = self.new[row]
            shift = now["start"] - self.old[row]["start"]
            keys = [("activity", now["operation"], now["activity"])]
            if now["batch"] is not None:
                keys.append(("batch", self.old[row]["resource"], now["batch"]))
            for key in keys:
                if first.setdefault(key, shift) != shift:
                    yield f"together: {key[0]} '{key[2]}' does not start together"

    def work(self) -> Iterator[str]:
        """As much available time as the work needs, from an available second to the end of the last one."""
        for row in self.live:
            now, was = self.new[row], self.old[row]
            if row in self.fixed:
                continue
            needed, tail = self._needed(was)
            if now["resource"] != was["resource"] and (now["operation"], now["resource"]) in self.alternative:
                needed = self.alternative[now["operation"], now["resource"]]
            hours = self.hours[now["resource"]]
            if needed is None or not hours:
                needed = attended(was, was["end"] - was["start"]) if needed is None else needed
                if now["end"] - now["start"] != needed:
                    yield f"work: activity '{now['activity']}' does not take as long as planned"
                continue
            done = _available(hours, now["start"], now["end"])
            if done != needed and _available(hours, now["start"], now["end"] - tail) != needed:
                yield f"work: activity '{now['activity']}' has {done} s of available time, its work needs {needed}"
            at = _first(hours, now["start"])
            if needed and not (at < len(hours) and hours[at][0] <= now["start"]):
                yield f"calendar: activity '{now['activity']}' starts when '{now['resource']}' is not available"

    def _needed(self, was: Row) -> tuple[int | None, int]:
        """Available seconds of the plan as it was read and what follows the last; None where there are none."""
        if self.resource[was["resource"]]["active"] is False:
            return None, 0
        hours = self.hours[was["resource"]]
        seconds = _available(hours, was["start"], was["end"])
        if not seconds:
            return None, 0
        inside = (span for span in hours[_first(hours, was["start"]) :] if span[0] < was["end"])
        last = max(min(finish, was["end"]) for _, finish in inside)
        needed = attended(was, seconds)
        return needed, was["end"] - last if needed == seconds else 0

    def overlaps(self) -> Iterator[str]:
        """No more at once on a finite resource than it has units; a batch counts once, by what moved."""
        blocks: dict[str, dict[Any, list[tuple[int, int, bool]]]] = defaultdict(lambda: defaultdict(list))
        for row in self.live:
            now = self.new[row]
            if self.resource[now["resource"]]["finite"] is not False and not self._beside(row):
                name = ("batch", now["batch"]) if now["batch"] is not None else row
                blocks[now["resource"]][name].append((now["start"], now["end"], row in self.fixed))
        for resource, named in blocks.items():
            units = self.resource[resource]["units"] or 1
            events = []
            for times in named.values():
                begin, finish = min(t[0] for t in times), max(t[1] for t in times)
                stays = all(t[2] for t in times)
                if finish > begin:
                    events += [(begin, 1, stays), (finish, -1, stays)]
            events.sort(key=lambda event: event[:2])
            busy = free = 0
            for at, change, stays in events:
                busy += change
                free += 0 if stays else change
                if busy > units and free and change > 0:
                    yield f"overlap: '{resource}' does {busy} things at once at {at}, it can do {units}"
                    break

    def _beside(self, row: int) -> bool:
        """Work that stays and takes fewer hours than it spans: it does not hold its resource."""
        span = self.new[row]["end"] - self.new[row]["start"]
        return row in self.fixed and attended(self.new[row], span) < span

    def setups(self) -> Iterator[str]:
        """Between two blocks of a machine as much available time, potential overtime left out, as its setup takes."""
        for resource, hours in self.change.items():
            machine = self.resource[resource]
            blocks: dict[Any, list[int]] = defaultdict(list)
            for row in self.live:
                if self.new[row]["resource"] == resource and not self._beside(row):
                    batch = self.new[row]["batch"]
                    blocks[row if batch is None else ("batch", batch)].append(row)
            if machine["finite"] is False or (machine["units"] or 1) > 1:
                continue
            order = sorted(blocks.values(), key=lambda rows: min(self._span(row) for row in rows))
            for one, other in pairwise(order):
                yield from self._set_up(resource, hours, one, other)

    def _span(self, row: int) -> tuple[int, int]:
        return self.new[row]["start"], self.new[row]["end"]

    def _set_up(
        self, resource: str, hours: Mapping[tuple[str, str], float], one: list[int], other: list[int]
    ) -> Iterator[str]:
        was, to = self._family(one), self._family(other)
        if was is None or to is None or not {*one, *other} - set(self.fixed):
            return
        between = hours.get((was, to), 0.0 if was == to else None)
        name = self.new[other[0]]["activity"]
        if between is None:
            yield f"setup: '{resource}' has no hours from '{was}' to '{to}', before activity '{name}'"
            return
        end, start = max(self._span(row)[1] for row in one), min(self._span(row)[0] for row in other)
        room = _available(self.free_hours[resource], end, start) if self.hours[resource] else max(start - end, 0)
        if room < round(HOUR * between):
            yield f"setup: activity '{name}' has {room} s on '{resource}' to be set up from '{was}' to '{to}'"

    def _family(self, rows: list[int]) -> str | None:
        """Family of the row that comes first by job, order, sequence, operation, activity."""
        keys = []
        for row in rows:
            operation = self.operation[self.new[row]["operation"]]
            order = self.order[operation["manufacturing_order"]]
            product = order["product"] or self.job[order["job"]]["product"]
            place = (order["job"], order["manufacturing_order"], operation["sequence"], operation["operation"])
            keys.append((place, self.new[row]["activity"], self.family.get(product)))
        return min(keys, key=lambda key: key[:2])[2]


def _changes(tables: Mapping[str, pl.DataFrame]) -> dict[str, dict[tuple[str, str], float]]:
    """Hours between families on each resource that has setups: its own rows, else those of its department."""
    own: dict[str, dict[tuple[str, str], float]] = defaultdict(dict)
    shared: dict[str, dict[tuple[str, str], float]] = defaultdict(dict)
    for row in tables["setups"].iter_rows(named=True):
        place = shared[row["department"]] if row["resource"] is None else own[row["resource"]]
        place[row["from_family"], row["to_family"]] = row["hours"]
    found = {}
    for row in tables["resources"].iter_rows(named=True):
        hours = own.get(row["resource"]) or shared.get(row["department"] or "")
        if hours:
            found[row["resource"]] = hours
    return found


def _hours(
    tables: Mapping[str, pl.DataFrame], plan: Plan, beyond: int, without: tuple[int, ...]
) -> dict[str, list[tuple[int, int]]]:
    """Available time of each resource, what touches joined; ``without`` some kinds of it."""
    lines, _ = expand(tables, plan, beyond=beyond)
    found: dict[str, list[tuple[int, int]]] = {}
    for r, key in enumerate(tables["resources"]["resource"].to_list()):
        t = int(lines.resource_timeline[r])
        spans: list[tuple[int, int]] = []
        for s in range(int(lines.timeline_first[t]), int(lines.timeline_first[t + 1])) if t >= 0 else ():
            if lines.segment_kind[s] not in without:
                spans.append((int(lines.segment_start[s]), int(lines.segment_end[s])))
        found[key] = spans
    return found


def _available(hours: list[tuple[int, int]], start: int, end: int) -> int:
    total = 0
    for begin, finish in hours[_first(hours, start) :]:
        if begin >= end:
            break
        total += min(finish, end) - max(begin, start)
    return total


def _first(hours: list[tuple[int, int]], start: int) -> int:
    """The first interval that ends after ``start``; they are disjoint and sorted."""
    return bisect_right(hours, start, key=lambda span: span[1])
