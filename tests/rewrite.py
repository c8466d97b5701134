"""The same dataset said differently, or a lawful change of it: what the invariants compare."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from cells import Cells, Dataset
from reference.world import instant

#: Time columns, and where a row's plant is found.
TIMES = {
    "capacity_intervals": ("start", "end"),
    "activities": ("start", "end", "actual_start"),
    "jobs": ("need_date",),
    "manufacturing_orders": ("need_date",),
}
MONEY = {
    "plants": ("daily_operating_expense", "invested_capital"),
    "resources": ("standard_hourly_cost", "overtime_hourly_cost"),
    "items": ("cost", "truly_variable_cost"),
    "jobs": ("revenue", "shipping_cost", "late_penalty_per_day", "material_cost", "subcontract_cost"),
    "operations": ("carrying_cost_per_day",),
    "material_requirements": ("total_cost",),
}
ONLINE_TYPES = ("Online", "Overtime", "PotentialOvertime")


def changed(
    tables: dict[str, list[Cells]], name: str, change: Callable[[Cells], list[Cells]]
) -> dict[str, list[Cells]]:
    """A copy with every row of one table replaced by the rows that ``change`` makes of it."""
    return tables | {name: [new for row in tables[name] for new in change(dict(row))]}


def cells_changed(
    tables: dict[str, list[Cells]], columns: Mapping[str, Sequence[str]], change: Callable[[Cells, str], str]
) -> dict[str, list[Cells]]:
    """A copy with every filled cell of the named columns changed."""
    copies = {name: [dict(row) for row in rows] for name, rows in tables.items()}
    for name, keys in columns.items():
        for row, copy in zip(tables[name], copies[name], strict=True):
            copy.update({key: change(row, key) for key in keys if row.get(key)})
    return copies


def with_flags(plan: dict[str, Any], **flags: str) -> dict[str, Any]:
    return plan | {"policy": plan.get("policy", {}) | flags}


def zulu(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def in_utc(tables: dict[str, list[Cells]]) -> dict[str, list[Cells]]:
    """Every time cell with an offset: local times belong to the resource's or the job's plant (R2)."""
    zones = {row["plant"]: ZoneInfo(row["timezone"] or "UTC") for row in tables["plants"]}
    only = tables["plants"][0]["plant"]
    home = {"resource": {row["resource"]: row["plant"] for row in tables["resources"]}}
    home["job"] = {row["job"]: row["plant"] or only for row in tables["jobs"]}

    def written(row: Cells, column: str) -> str:
        owner = "resource" if "resource" in row else "job"
        return zulu(instant(row[column] or "", zones[home[owner][row[owner]]]))

    return cells_changed(tables, TIMES, written)


def everywhere_utc(dataset: Dataset) -> Dataset:
    """Another, still legal dataset without daylight saving: shifts get distinct priorities, and a resource with a
    calendar keeps only the closings of its own intervals.
    """
    plan, tables = dataset
    tables = in_utc(tables)
    calendars = {row["resource"]: row["calendar"] for row in tables["resources"]}
    kept = [
        row
        for row in tables["capacity_intervals"]
        if not calendars[row["resource"]] or row["interval_type"] not in ONLINE_TYPES
    ]
    shifts = [row | {"priority": str(k)} for k, row in enumerate(tables["calendars"])]
    tables = tables | {"capacity_intervals": kept, "calendars": shifts}
    return plan, changed(tables, "plants", lambda row: [row | {"timezone": None}])


def moved(dataset: Dataset, days: int) -> Dataset:
    """Everything later by whole days; its times are in UTC."""
    plan, tables = dataset
    step = timedelta(days=days)
    head = {key: plan["plan"][key] + step for key in ("clock", "horizon_end")}
    periods = {"boundaries": [edge + step for edge in plan.get("periods", {}).get("boundaries", [])]}
    plan = plan | {"plan": plan["plan"] | head} | ({"periods": periods} if periods["boundaries"] else {})
    tables = cells_changed(
        tables, TIMES, lambda row, key: zulu(int((datetime.fromisoformat(row[key] or "") + step).timestamp()))
    )
    valid = {"calendars": ("valid_from", "valid_to")}
    return plan, cells_changed(tables, valid, lambda row, key: (date.fromisoformat(row[key] or "") + step).isoformat())


def shuffled(tables: dict[str, list[Cells]], seed: int) -> dict[str, list[Cells]]:
    chance = random.Random(seed)
    return {name: chance.sample(rows, len(rows)) for name, rows in tables.items()}


def scaled(tables: dict[str, list[Cells]], factor: int) -> dict[str, list[Cells]]:
    return cells_changed(tables, MONEY, lambda row, key: str(Decimal(row[key] or "") * factor))


def halves(row: Cells) -> list[tuple[str, str]]:
    start, end = (int(datetime.fromisoformat(row[key] or "").timestamp()) for key in ("start", "end"))
    middle = (start + end) // 2
    return [(zulu(start), zulu(middle)), (zulu(middle), zulu(end))]


def intervals_split(tables: dict[str, list[Cells]]) -> dict[str, list[Cells]]:
    """Every own interval in two, at an interior point."""
    return changed(
        in_utc(tables),
        "capacity_intervals",
        lambda row: [row | {"start": start, "end": end} for start, end in halves(row)],
    )


def activities_split(tables: dict[str, list[Cells]]) -> dict[str, list[Cells]]:
    """Every activity in two: both started when the whole did, the first has its hours."""

    def split(row: Cells) -> list[Cells]:
        (start, middle), (_, end) = halves(row)
        first = row | {"end": middle, "start": start}
        rest = {"activity": f"{row['activity']}+", "start": middle, "end": end}
        return [first, row | rest | {"work_hours": "0" if row["work_hours"] else None}]

    return changed(in_utc(tables), "activities", split)


def started_when_ended(tables: dict[str, list[Cells]]) -> dict[str, list[Cells]]:
    """Every operation carried from its end on."""
    tables = in_utc(tables)
    ends: dict[str | None, str] = {}
    for row in tables["activities"]:
        ends[row["operation"]] = max(ends.get(row["operation"], ""), row["end"] or "")
    return changed(tables, "activities", lambda row: [row | {"actual_start": ends[row["operation"]]}])
