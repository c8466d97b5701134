"""Can a new table of activities be carried out? Written from the rules alone, over the columns of the tables.

It knows neither kernels nor search: calendars come from the tables, work from the plan as it was read. What stays as
it was is history or the planner's own will and is not blamed for what it breaks; what moved is, against all of it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, pairwise
from typing import Any, cast

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tocfin.dataset import Dataset, Plan
from tocfin.dataset.calendars import CLEANOUT, POTENTIAL, expand
from tocfin.model.build import arranged
from tocfin.model.pegging import holds
from tocfin.reschedule.stays import Zones, staying, worked

HOUR = 3_600
Row = dict[str, Any]
FIXED = {"stays": pl.String, "row": pl.Int64}
TIMES = ("start", "end", "resource")
#: Further from 1970 than any time [s]: resource and time in one number.
AGES = 2**40


def breaches(dataset: Dataset, activities: pl.DataFrame, zones: Zones | None = None) -> Iterator[str]:
    """A sentence for each rule that the plan breaks, the rule's name first; ``zones`` say what must stay as it is.

    Rules: rows, history, frozen, pinned, only-resources, cancelled, clock, release, alternative, precedence, material,
    together, work, calendar, overlap, setup.
    """
    old = dataset.tables["activities"]
    gone = old.join(activities, on="row", how="anti", maintain_order="left")
    more = activities.height - (old.height - gone.height)
    if gone.height:
        yield f"rows: activity '{gone['activity'][0]}' is missing ({gone.height:,} are)"
    if more:
        yield f"rows: {more:,} activities are not in the data set, or are there twice"
    if gone.height or more:
        return
    world = World(dataset, activities, zones or Zones())
    yield from world.stays()
    yield from world.resources()
    yield from world.before()
    yield from world.material()
    yield from world.together()
    yield from world.work()
    yield from world.overlaps()
    yield from world.setups()


@dataclass(frozen=True)
class Hours:
    """Available time of all resources, one behind the other; spans are disjoint and sorted."""

    first: NDArray[np.int64]  # (resources + 1)
    start: NDArray[np.int64]  # (spans) [s]
    end: NDArray[np.int64]  # (spans) [s]

    @cached_property
    def begins(self) -> NDArray[np.int64]:
        """(spans + 1) ``start``; 0 behind the last one."""
        return np.append(self.start, 0)

    @cached_property
    def _owner(self) -> NDArray[np.int64]:
        """(spans) Resource of each, as the part of resource and time in one number."""
        return 2 * AGES * np.repeat(np.arange(self.first.size - 1), np.diff(self.first))

    @cached_property
    def _ends(self) -> NDArray[np.int64]:
        return self._owner + self.end

    @cached_property
    def _total(self) -> NDArray[np.int64]:
        """(spans + 1) Available seconds before each."""
        return np.append(0, np.cumsum(self.end - self.start))

    def behind(self, r: Any, at: Any) -> Any:
        """The first span of resource ``r`` that ends after ``at``; that of the next resource where there is none."""
        return np.searchsorted(self._ends, 2 * AGES * r + at, side="right")

    def between(self, r: Any, start: Any, end: Any) -> Any:
        """Available seconds of resource ``r`` from ``start`` to ``end``."""
        return self._until(r, end) - self._until(r, start)

    def _until(self, r: Any, at: Any) -> Any:
        """Available seconds of all resources before ``r``, and of it until ``at``."""
        span = self.behind(r, at)
        return self._total[span] + np.where(span < self.first[r + 1], np.maximum(at - self.begins[span], 0), 0)

    def last(self, r: Any, until: Any) -> Any:
        """When the last available second of resource ``r`` before ``until`` is over, where there is one."""
        span = np.searchsorted(self._owner + self.start, 2 * AGES * r + until) - 1
        return np.minimum(np.append(self.end, 0)[span], until)


class World:
    """Tables side by side: each activity of the new plan with the old one (``_was``), its operation, order and job."""

    def __init__(self, dataset: Dataset, activities: pl.DataFrame, zones: Zones) -> None:
        self.tables, self.plan = dataset.tables, cast(Plan, dataset.plan)
        self.columns = [name for name in activities.columns if name != "row"]
        self.steps = _steps(self.tables)
        rules = staying(dataset, zones)
        fixed = pl.DataFrame({"row": list(rules), "stays": list(rules.values())}, schema_overrides=FIXED)
        own = self.tables["resources"].with_columns(
            code=pl.int_range(pl.len()), on=pl.col("active").fill_null(True)
        ).select("resource", "code", "on")  # fmt: skip
        alternatives = self.tables["alternatives"].select(
            "operation", "resource",
            offered=HOUR * (pl.col("setup_hours").fill_null(0) + pl.col("run_hours").fill_null(0)),
        ).unique(["operation", "resource"], keep="last")  # fmt: skip
        self.new = (
            activities.join(self.tables["activities"], on="row", suffix="_was", maintain_order="left")
            .join(self.steps, on="operation", how="left", maintain_order="left")
            .join(fixed.cast({"row": activities.schema["row"]}), on="row", how="left", maintain_order="left")
            .join(own, on="resource", how="left", maintain_order="left")
            .join(own, left_on="resource_was", right_on="resource", how="left", suffix="_was", maintain_order="left")
            .join(alternatives, on=["operation", "resource"], how="left", maintain_order="left")
        )
        self.live = self.new.filter(~pl.col("cancelled"))
        self.beyond = max(cast(int, activities["end"].max()) - self.plan.horizon_end, 0) + 86_400
        self.hours = _hours(self.tables, self.plan, self.beyond, (CLEANOUT,))

    def stays(self) -> Iterator[str]:
        """What is history, frozen or pinned is as it was; what is free starts after the clock and its release."""
        changed = {name: pl.col(name).ne_missing(pl.col(f"{name}_was")) for name in self.columns}
        others = pl.any_horizontal(pl.lit(False), *(changed[name] for name in self.columns if name not in TIMES))
        for name in self.new.filter(others)["activity"]:
            yield f"rows: activity '{name}' has changed in more than its times and its resource"
        must = pl.coalesce("stays", pl.when("cancelled").then(pl.lit("cancelled")))
        moved = self.new.filter(pl.any_horizontal(*(changed[name] for name in TIMES)) & must.is_not_null())
        for rule, name in moved.select(must, "activity").iter_rows():
            yield f"{rule}: activity '{name}' must stay as it was"
        free = self.live.filter(pl.col("stays").is_null())
        for name in free.filter(pl.col("start") < self.plan.clock)["activity"]:
            yield f"clock: activity '{name}' starts before the clock"
        for name in free.filter(pl.col("start") < pl.col("release_date"))["activity"]:
            yield f"release: activity '{name}' starts before its job is released"

    def resources(self) -> Iterator[str]:
        """Another resource only where the table of alternatives offers it and it is active."""
        elsewhere = self.live.filter(pl.col("resource") != pl.col("resource_was"))
        wrong = elsewhere.filter(pl.col("offered").is_null() | ~pl.col("on"))
        for name, resource in wrong["activity", "resource"].iter_rows():
            yield f"alternative: activity '{name}' cannot run on '{resource}'"

    def _operations(self) -> pl.DataFrame:
        """When each operation starts and ends, now and as it was read, and whether it is free to move."""
        return self.live.group_by("operation", maintain_order=True).agg(
            pl.col("start").min(), pl.col("end").max(), free=pl.col("stays").is_null().any(),
            start_was=pl.col("start_was").min(), end_was=pl.col("end_was").max(),
        )  # fmt: skip

    def before(self) -> Iterator[str]:
        """Operations in the sequence of their order and behind their predecessors."""
        planned = self._operations()
        order = planned.select("operation").join(self.steps, on="operation", maintain_order="left")
        order = order.select("operation", "manufacturing_order", "sequence")
        following = order.select("manufacturing_order", "sequence").unique().sort("manufacturing_order", "sequence")
        following = following.with_columns(after=pl.col("sequence").shift(-1).over("manufacturing_order"))
        steps = order.join(following, on=["manufacturing_order", "sequence"], maintain_order="left").join(
            order, left_on=["manufacturing_order", "after"], right_on=["manufacturing_order", "sequence"],
            suffix="_after", maintain_order="left",
        )  # fmt: skip
        links = self.tables["precedences"].select(
            pl.col("predecessor").alias("operation"), pl.col("successor").alias("operation_after"), lag="lag_hours"
        )
        pairs = pl.concat([steps.select("operation", "operation_after", lag=pl.lit(0.0)), links])
        pairs = pairs.join(planned, on="operation", maintain_order="left").join(
            planned, left_on="operation_after", right_on="operation", suffix="_after", maintain_order="left"
        )
        lag = (HOUR * pl.col("lag").fill_null(0.0)).round(mode="half_to_even").cast(pl.Int64)
        kept = pl.col("start_was_after") >= pl.col("end_was") + lag
        broken = pl.col("start_after") < pl.col("end") + lag
        may = pl.col("free_after") | (pl.col("free") & kept)
        for one, other in pairs.filter(broken & may)["operation", "operation_after"].iter_rows():
            yield f"precedence: operation '{other}' starts before '{one}' has ended"

    def material(self) -> Iterator[str]:
        """Work that waited for a supply, or for the order that makes its material, still does."""
        frames = arranged(self.tables, self.plan)
        held = holds(frames, self.plan.clock)
        key = frames["operations"].select("operation")
        planned = key.join(self._operations(), on="operation", how="left", maintain_order="left")
        late = planned.with_columns(floor=pl.Series(held.operation_floor))
        for name in late.filter(pl.col("free") & (pl.col("start") < pl.col("floor")))["operation"]:
            yield f"material: operation '{name}' starts before its supply has come"
        one, other = planned[held.before], planned[held.after]
        broken = (one["free"] | other["free"]) & (other["start"] < one["end"])
        for before, after in zip(one.filter(broken)["operation"], other.filter(broken)["operation"], strict=True):
            yield f"material: operation '{after}' starts before '{before}' has made its material"

    def together(self) -> Iterator[str]:
        """Rows of one activity, and members of one batch, keep their distance from each other."""
        shift = pl.col("start") - pl.col("start_was")
        parts = ("activity", self.live, ["operation", "activity"]), (
            "batch", self.live.filter(pl.col("batch").is_not_null()), ["resource_was", "batch"],
        )  # fmt: skip
        for what, rows, key in parts:
            for name in rows.filter(shift != shift.first().over(key))[what]:
                yield f"together: {what} '{name}' does not start together"

    def work(self) -> Iterator[str]:
        """As much available time as the work needs, from an available second to the end of the last one."""
        rows = self.live.filter(pl.col("stays").is_null())
        r, was = (rows[name].to_numpy().astype(np.int64) for name in ("code", "code_was"))
        start, end, began, ended = (rows[name].to_numpy() for name in ("start", "end", "start_was", "end_was"))
        seconds = np.where(rows["on_was"], self.hours.between(was, began, ended), 0)
        elapsed = seconds <= 0  # it was planned where nothing is known to be available
        whole = np.where(elapsed, ended - began, seconds)
        needed = np.minimum(whole, rows.select(worked().fill_null(AGES)).to_series().to_numpy())
        tail = np.where(~elapsed & (needed == seconds), ended - self.hours.last(was, ended), 0)
        offered = rows.select(pl.col("offered").round(mode="half_to_even").fill_null(-1)).to_series().to_numpy()
        other = (r != was) & (offered >= 0)
        needed = np.where(other, offered.astype(np.int64), needed)
        untimed = (elapsed & ~other) | (self.hours.first[r] == self.hours.first[r + 1])
        done, span = self.hours.between(r, start, end), self.hours.behind(r, start)
        short = (done != needed) & (self.hours.between(r, start, end - tail) != needed)
        inside = (span < self.hours.first[r + 1]) & (self.hours.begins[span] <= start)
        long = untimed & (end - start != needed)
        names, on = rows["activity"].to_list(), rows["resource"].to_list()
        for i in np.flatnonzero(long | (~untimed & (short | ((needed != 0) & ~inside)))).tolist():
            if long[i]:
                yield f"work: activity '{names[i]}' does not take as long as planned"
                continue
            if short[i]:
                yield f"work: activity '{names[i]}' has {done[i]} s of available time, its work needs {needed[i]}"
            if needed[i] and not inside[i]:
                yield f"calendar: activity '{names[i]}' starts when '{on[i]}' is not available"

    def _holding(self) -> pl.DataFrame:
        """Live work that holds its resource: not what stays and takes fewer hours than it spans."""
        beside = pl.col("stays").is_not_null() & (worked() < pl.col("end") - pl.col("start"))
        return self.live.filter(~beside.fill_null(False))

    def overlaps(self) -> Iterator[str]:
        """No more at once on a finite resource than it has units; a batch counts once, by what moved."""
        own = self.tables["resources"].filter(pl.col("finite").fill_null(True))
        own = own.select("resource", most=pl.col("units").fill_null(1).replace(0, 1))
        alone = pl.when(pl.col("batch").is_null()).then("row")
        blocks = self._holding().group_by("resource", "batch", alone.alias("alone"), maintain_order=True).agg(
            pl.col("start").min(), pl.col("end").max(), free=pl.col("stays").is_null().any()
        )  # fmt: skip
        blocks = blocks.filter(pl.col("end") > pl.col("start")).join(own, on="resource", maintain_order="left")
        changes = [
            blocks.select("resource", "most", "free", at=pl.col(name), change=pl.lit(change, pl.Int64))
            for name, change in (("end", -1), ("start", 1))
        ]
        events = pl.concat(changes).sort("resource", "at", "change", maintain_order=True)
        free = pl.when("free").then("change").otherwise(0)
        events = events.with_columns(
            busy=pl.col("change").cum_sum().over("resource"), free=free.cum_sum().over("resource")
        )
        full = (pl.col("busy") > pl.col("most")) & (pl.col("free") != 0) & (pl.col("change") > 0)
        for row in events.filter(full).unique("resource", keep="first", maintain_order=True).iter_rows(named=True):
            resource, busy, at, most = (row[name] for name in ("resource", "busy", "at", "most"))
            yield f"overlap: '{resource}' does {busy} things at once at {at}, it can do {most}"

    def setups(self) -> Iterator[str]:
        """Between two blocks of a machine as much available time, potential overtime left out, as its setup takes."""
        change = _changes(self.tables)
        machines = self.tables["resources"].filter(
            pl.col("resource").is_in(list(change)), pl.col("finite").fill_null(True), pl.col("units").fill_null(1) <= 1
        )
        if not machines.height:
            return
        family = dict(self.tables["items"]["item", "family"].iter_rows())
        free = _hours(self.tables, self.plan, self.beyond, (CLEANOUT, POTENTIAL))
        own = self._holding().filter(pl.col("resource").is_in(machines["resource"].implode()))
        blocks: dict[str, dict[Any, list[Row]]] = defaultdict(lambda: defaultdict(list))
        for row in own.iter_rows(named=True):
            blocks[row["resource"]][row["row"] if row["batch"] is None else ("batch", row["batch"])].append(row)
        for resource, named in blocks.items():
            order = sorted(named.values(), key=lambda rows: min((row["start"], row["end"]) for row in rows))
            for one, other in pairwise(order):
                yield from self._set_up(change[resource], free, one, other, family)

    def _set_up(
        self,
        hours: Mapping[tuple[str, str], float],
        free: Hours,
        one: list[Row],
        other: list[Row],
        families: Mapping[str, str | None],
    ) -> Iterator[str]:
        was, to = (families.get(_lead(rows)["product"]) for rows in (one, other))
        if was is None or to is None or all(row["stays"] for row in chain(one, other)):
            return
        between = hours.get((was, to), 0.0 if was == to else None)
        name, resource, r = other[0]["activity"], other[0]["resource"], other[0]["code"]
        if between is None:
            yield f"setup: '{resource}' has no hours from '{was}' to '{to}', before activity '{name}'"
            return
        end, start = max(row["end"] for row in one), min(row["start"] for row in other)
        timed = self.hours.first[r] < self.hours.first[r + 1]
        room = int(free.between(r, end, start)) if timed else max(start - end, 0)
        if room < round(HOUR * between):
            yield f"setup: activity '{name}' has {room} s on '{resource}' to be set up from '{was}' to '{to}'"


def _lead(rows: list[Row]) -> Row:
    """The row that comes first by job, order, sequence, operation, activity."""
    return min(
        rows, key=lambda row: [row[k] for k in ("job", "manufacturing_order", "sequence", "operation", "activity")]
    )


def _steps(tables: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """Operations with their order, its product, and their job."""
    jobs = tables["jobs"].select("job", "release_date", pl.col("cancelled").fill_null(False), of_job="product")
    orders = tables["manufacturing_orders"].select("manufacturing_order", "job", "product").join(jobs, on="job")
    orders = orders.with_columns(pl.coalesce("product", "of_job")).drop("of_job")
    return tables["operations"].select("operation", "manufacturing_order", "sequence").join(
        orders, on="manufacturing_order", maintain_order="left"
    )  # fmt: skip


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


def _hours(tables: Mapping[str, pl.DataFrame], plan: Plan, beyond: int, without: tuple[int, ...]) -> Hours:
    """Available time of each resource, ``without`` some kinds of it."""
    lines, _ = expand(tables, plan, beyond=beyond)
    spans, first = [np.zeros(0, np.int64)], [0]
    for t in lines.resource_timeline.tolist():
        own = np.arange(lines.timeline_first[t], lines.timeline_first[t + 1]) if t >= 0 else np.zeros(0, np.int64)
        spans.append(own[~np.isin(lines.segment_kind[own], without)])
        first.append(first[-1] + spans[-1].size)
    some = np.concatenate(spans)
    return Hours(np.array(first), lines.segment_start[some], lines.segment_end[some])
