"""Mapped tables on their way to a data set: gaps closed as declared, the window cut out, the plan written."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import numpy as np
import polars as pl

from tocfin.catalogue import BY_NAME
from tocfin.dataset.calendars import weekdays
from tocfin.dataset.cells import CLOCK, WEEKDAYS
from tocfin.dataset.imports.finance import Finance
from tocfin.dataset.imports.shapes import measured
from tocfin.dataset.tables import stored
from tocfin.dataset.text import spelled
from tocfin.errors import Finding
from tocfin.zones import to_local, to_utc

DAY = 86_400
Window = tuple[int | None, int | None]
Tables = dict[str, pl.DataFrame]

#: Which table's rows go when rows of another go: child -> (its column, parent table).
_CHILDREN = {
    "manufacturing_orders": ("job", "jobs"),
    "demands": ("job", "jobs"),
    "operations": ("manufacturing_order", "manufacturing_orders"),
    "activities": ("operation", "operations"),
    "material_requirements": ("operation", "operations"),
    "alternatives": ("operation", "operations"),
}
#: Sums of these are written to plan.toml, so that every later reading is tied to the import.
_CONTROLLED = {
    "jobs": ("quantity", "revenue", "material_cost"),
    "activities": ("work_hours",),
    "inventories": ("on_hand_qty",),
}


def availability(finance: Finance, tables: Tables) -> list[Finding]:
    """Calendars from the hours a week that the source states, where the finance file says on which days."""
    asked = finance.content.get("availability")
    resources = tables.get("resources")
    if resources is None or "~weekly_hours" not in resources.columns:
        if asked:
            finance.note("selects-nothing", "availability", "the source states no hours a week")
        return []
    tables["resources"] = resources.drop("~weekly_hours")
    if not asked:
        return []
    days, start = str(asked.get("days", "Mon-Fri")), str(asked.get("start_time", "00:00"))
    if not re.match(WEEKDAYS, days) or not re.match(CLOCK, start):
        finance.note("wrong-type", "availability", 'write e.g. days = "Mon-Fri" and start_time = "06:00"')
        return []
    resources = resources.with_columns(pl.col("resource").cast(pl.String))
    minutes = (pl.col("~weekly_hours") / len(weekdays(days)) * 60).round().cast(pl.Int64)
    fits = minutes.is_between(1, 1440).fill_null(False)
    ends = (int(start[:2]) * 60 + int(start[3:]) + minutes) % 1440
    clock = pl.concat_str(
        (ends // 60).cast(pl.String).str.zfill(2), pl.lit(":"), (ends % 60).cast(pl.String).str.zfill(2)
    )
    name = pl.concat_str(pl.lit("available "), "resource")
    rows = resources.filter(fits).select(
        name.alias("calendar"),
        pl.lit(days).alias("days"),
        pl.lit(start).alias("start_time"),
        clock.alias("end_time"),
        pl.lit("Online").alias("interval_type"),
    )
    own = pl.col("calendar") if "calendar" in resources.columns else pl.lit(None, pl.String)
    chosen = pl.coalesce(own, pl.when(fits).then(name)).alias("calendar")
    tables["resources"] = resources.with_columns(chosen).drop("~weekly_hours")
    tables["calendars"] = pl.concat([tables.get("calendars", rows.clear()), rows], how="diagonal_relaxed")
    message = f"its hours a week do not fit {days}; it has no calendar"
    return [
        Finding("warning", "no-availability", "resources", None, key, message, file=finance.file)
        for key in resources.filter(~fits)["resource"]
    ]


def fallbacks(specs: Mapping[str, Any], tables: Tables) -> list[Finding]:
    """Fills what neither source nor finance file said with what the profile takes instead, and says so."""
    findings = []
    for name, frame in tables.items():
        for column, fallback in specs.get(name, {}).get("fallback", {}).items():
            empty = frame[column].is_null() if column in frame.columns else pl.repeat(True, frame.height, eager=True)
            old = pl.col(column) if column in frame.columns else pl.lit(None)
            frame = frame.with_columns(pl.coalesce(old, f"~{column}").alias(column))
            if count := int(empty.sum()):
                message = f"{count:,} row(s) have none in the source or the finance file: {fallback['message']}"
                findings.append(Finding("warning", "assumed", name, None, column, message, file=name, count=count))
        tables[name] = frame
    return findings


def without_cost(tables: Tables) -> list[Finding]:
    """Leaves out items whose cost nobody knows: a data set needs a cost, and an invented 0 would be counted."""
    items = tables.get("items")
    if items is None:
        return []
    known = items.filter(pl.col("cost").is_not_null()) if "cost" in items.columns else items.clear()
    lost = items.height - known.height
    if not lost:
        return []
    tables["items"] = known
    for name in ("jobs", "manufacturing_orders"):
        if name in tables and "product" in tables[name].columns:
            is_known = pl.col("product").is_in(known["item"].implode())
            tables[name] = tables[name].with_columns(pl.when(is_known).then(pl.col("product")).alias("product"))
    message = f'{lost:,} item(s) are left out: neither source nor finance file states their cost ([items."*"] cost)'
    return [Finding("warning", "not-supplied", "items", None, "cost", message, file="items", count=lost)]


def planned(
    profile: Mapping[str, Any], finance: Finance, frames: Tables, tables: Tables, window: Window, zone: str
) -> dict[str, Any]:
    """The content of [plan]: the window asked for, else the finance file, else the profile, else all there is."""
    first, last = _extent(tables)
    found: dict[str, Any] = {"name": "import", "policy": "reconciled"}
    if first is not None and last is not None:
        found |= {"clock": _midnight(first, zone), "horizon_end": _midnight(last, zone, later=1)}
    for key, value in profile.items():
        amount = measured(value, frames, f"plan.{key}") if isinstance(value, Mapping) else None
        if amount is not None or not isinstance(value, Mapping):
            found[key] = value if amount is None else _moment(int(amount))
    found |= finance.content.get("plan", {})
    for key, asked in zip(("clock", "horizon_end"), window, strict=True):
        if asked is not None:
            found[key] = _moment(asked)
    return {"plan": found} | ({"basis": dict(finance.content["basis"])} if "basis" in finance.content else {})


def windowed(tables: Tables, window: Window) -> list[Finding]:
    """Keeps the jobs on hand in [start, end) and what belongs to them; says how many are left out."""
    start, end = window
    jobs, spans = tables["jobs"], _spans(tables)
    begins = pl.min_horizontal(*(pl.col(name) for name in spans.columns if name.startswith("from_")))
    ends = pl.max_horizontal(*(pl.col(name) for name in spans.columns if name.startswith("to_")))
    kept = pl.lit(True)
    if end is not None:
        kept &= begins.is_null() | (begins < end)
    if start is not None:
        open_still = pl.lit(True) if "from_release" not in spans.columns else pl.col("from_release").is_null()
        if "from_start" in spans.columns:
            open_still &= pl.col("from_start").is_null()
        kept &= ends.is_null() | (ends >= start) | open_still
    tables["jobs"] = jobs.join(spans.filter(kept).select("job"), on="job", how="semi", maintain_order="left")
    for name, (column, parent) in _CHILDREN.items():
        if name in tables and parent in tables:
            key = BY_NAME[parent].key[0]
            left = tables[name].join(tables[parent], left_on=column, right_on=key, how="semi", maintain_order="left")
            tables[name] = (
                left if name != "demands" else pl.concat([left, tables[name].filter(pl.col(column).is_null())])
            )
    if not (lost := jobs.height - tables["jobs"].height):
        return []
    message = f"{lost:,} job(s) are left out, with their orders and activities: they are not on hand in the window"
    return [Finding("warning", "outside-window", "jobs", None, None, message, file="jobs", count=lost)]


def controls(tables: Mapping[str, pl.DataFrame]) -> dict[str, dict[str, float]]:
    """Control totals for plan.toml: rows of every table, and the sums a controller asks for first."""
    found: dict[str, dict[str, float]] = {}
    for name, frame in tables.items():
        if frame.height:
            found[name] = {"rows": frame.height}
            sums = {
                column: frame[column].cast(pl.Float64).sum()
                for column in _CONTROLLED.get(name, ())
                if column in frame.columns
            }
            found[name] |= {column: float(value) for column, value in sums.items() if value}
    return found


def storable(name: str, frame: pl.DataFrame) -> pl.DataFrame:
    """A mapped table as the reader takes data frames: catalogue columns only, instants as UTC date-times."""
    made = []
    for column in BY_NAME[name].columns:
        if column.name not in frame.columns:
            if column.need != "optional":
                made.append(pl.lit(None, stored(column.kind)).alias(column.name))
            continue
        cell, dtype = pl.col(column.name), frame.schema[column.name]
        if column.kind == "time":
            cell = (cell.cast(pl.Int64) * 1000).cast(pl.Datetime("ms", "UTC"))
        elif column.kind in ("date", "clock") and dtype.is_integer():
            cell = spelled(cell, column.kind)
        elif column.kind == "number":
            cell = cell.cast(pl.Float64)
        elif column.kind in ("text", "choice", "weekdays"):
            cell = cell.cast(pl.String)
        made.append(cell.alias(column.name))
    return frame.select(made)


def _spans(tables: Tables) -> pl.DataFrame:
    jobs = tables["jobs"]
    spans = jobs.select("job", pl.col("need_date").alias("to_need"))
    if "release_date" in jobs.columns:
        spans = spans.with_columns(jobs["release_date"].alias("from_release"))
    if not {"activities", "operations", "manufacturing_orders"} <= tables.keys():
        return spans
    owner = (
        tables["operations"]
        .select("operation", "manufacturing_order")
        .join(tables["manufacturing_orders"].select("manufacturing_order", "job"), on="manufacturing_order")
    )
    activities = tables["activities"].join(owner.select("operation", "job"), on="operation")
    begins = [name for name in ("start", "actual_start") if name in activities.columns]
    ends = [name for name in ("end", "actual_end") if name in activities.columns]
    found = activities.group_by("job").agg(
        *(pl.col(name).min().alias(f"from_{name}") for name in begins),
        *(pl.col(name).max().alias(f"to_{name}") for name in ends),
    )
    return spans.join(found, on="job", how="left", maintain_order="left")


def _extent(tables: Tables) -> tuple[int | None, int | None]:
    """From the first planned start to the last planned end; where nothing is planned, from due date to due date."""
    activities, jobs = tables.get("activities"), tables.get("jobs")
    if activities is not None and activities.height:
        return _whole(activities["start"].min()), _whole(activities["end"].max())
    if jobs is not None and jobs.height:
        return _whole(jobs["need_date"].min()), _whole(jobs["need_date"].max())
    return None, None


def _whole(value: object) -> int | None:
    return value if isinstance(value, int) else None


def _midnight(seconds: int, zone: str, later: int = 0) -> datetime:
    """The local midnight at or before an instant, or as many days after that."""
    local = to_local(np.array([seconds], np.int64), zone)
    return _moment(int(to_utc((local // DAY + later) * DAY, zone)[0][0]))


def _moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
