"""Datasets as (plan, tables of text cells): what the contract KPIs read, how a time is written, a folder of files."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

Cells = dict[str, str | None]
Dataset = tuple[dict[str, Any], dict[str, list[Cells]]]

COLUMNS: dict[str, tuple[str, ...]] = {
    "plants": (
        "plant", "timezone", "currency", "daily_operating_expense", "invested_capital",
        "invested_capital_includes_inventory", "day_start",
    ),
    "resources": (
        "resource", "plant", "resource_type", "drum", "active", "standard_hourly_cost", "overtime_hourly_cost",
        "calendar", "units",
    ),
    "capacity_intervals": ("resource", "start", "end", "interval_type"),
    "calendars": (
        "calendar", "days", "start_time", "end_time", "interval_type", "valid_from", "valid_to", "priority",
    ),
    "items": ("item", "item_type", "cost", "truly_variable_cost"),
    "warehouses": ("warehouse", "plant", "owned"),
    "inventories": ("warehouse", "item", "on_hand_qty"),
    "jobs": (
        "job", "plant", "product", "revenue", "shipping_cost", "late_penalty_per_day", "need_date", "cancelled",
        "material_cost", "subcontract_cost",
    ),
    "manufacturing_orders": ("manufacturing_order", "job", "product", "need_date"),
    "operations": ("operation", "manufacturing_order", "sequence", "carrying_cost_per_day"),
    "activities": ("activity", "operation", "resource", "start", "end", "batch", "actual_start", "work_hours"),
    "material_requirements": (
        "operation", "item", "requirement_type", "required_qty", "issued_qty", "total_cost",
    ),
}  # fmt: skip


def written(instant: int, zone: str, style: int) -> str:
    """A time cell: in UTC, with the zone's offset, or local where the local time exists exactly once."""
    moment = datetime.fromtimestamp(instant, ZoneInfo(zone))
    if style == 0:
        return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    local = moment.replace(tzinfo=None)
    offsets = {local.replace(tzinfo=ZoneInfo(zone), fold=fold).utcoffset() for fold in (0, 1)}
    if style == 1 or len(offsets) > 1:
        return moment.isoformat()
    return local.isoformat(sep=" ", timespec="minutes" if local.second == 0 else "seconds")


def write(folder: Path, plan: Mapping[str, Any], tables: Mapping[str, Sequence[Mapping[str, str | None]]]) -> Path:
    """The dataset as a folder: plan.toml and one CSV file per table."""
    folder.mkdir(parents=True, exist_ok=True)
    lines = []
    for section, content in plan.items():
        lines += [f"[{section}]", *(f"{key} = {_toml(value)}" for key, value in content.items())]
    (folder / "plan.toml").write_text("\n".join(lines) + "\n", encoding="utf-8")
    for name, rows in tables.items():
        columns = list(dict.fromkeys([*COLUMNS.get(name, ()), *(column for row in rows for column in row)]))
        with (folder / f"{name}.csv").open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, columns, restval="")
            writer.writeheader()
            writer.writerows([{key: value for key, value in row.items() if value is not None} for row in rows])
    return folder


def _toml(value: Any) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, list):
        return f"[{', '.join(map(_toml, value))}]"
    return f'"{value}"' if isinstance(value, str) else str(value)
