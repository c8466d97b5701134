"""Typed frames of the catalogue from short dicts: ``tables(jobs=[{"job": "J1", "revenue": 100.0}])``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

import polars as pl

from tocfin.catalogue import BY_NAME, TABLES, Column, Kind, Table
from tocfin.dataset.plan import Plan
from tocfin.dataset.tables import empty_frame

#: Cells of a column that a dict does not name. What is not here either is null.
DEFAULTS: dict[str, dict[str, Any]] = {
    "plants": {"plant": "P1", "daily_operating_expense": 1000.0, "invested_capital": 200_000.0},
    "resources": {
        "resource": "R1",
        "plant": "P1",
        "resource_type": "Machine",
        "drum": True,
        "standard_hourly_cost": 40.0,
        "overtime_hourly_cost": 60.0,
    },
    "capacity_intervals": {"resource": "R1", "interval_type": "Online"},
    "calendars": {"days": "Mon-Fri", "start_time": "08:00", "end_time": "16:00", "interval_type": "Online"},
    "items": {"item": "I1", "item_type": "RawMaterial", "cost": 10.0},
    "warehouses": {"warehouse": "W1", "plant": "P1"},
    "inventories": {"warehouse": "W1", "item": "I1", "on_hand_qty": 1.0},
    "jobs": {
        "job": "J1",
        "revenue": 1000.0,
        "shipping_cost": 0.0,
        "late_penalty_per_day": 0.0,
        "need_date": "2026-06-05T12:00Z",
    },
    "manufacturing_orders": {"manufacturing_order": "M1", "job": "J1"},
    "operations": {"manufacturing_order": "M1", "sequence": 10, "carrying_cost_per_day": 0.0},
    "alternatives": {"setup_hours": 0.0, "run_hours": 1.0},
    "activities": {"resource": "R1", "start": "2026-06-01T08:00Z", "end": "2026-06-01T10:00Z"},
    "material_requirements": {"requirement_type": "FromStock", "required_qty": 1.0},
    "targets": {
        "kpi": "throughput",
        "period_start": "2026-06-01T00:00Z",
        "period_end": "2026-06-08T00:00Z",
        "target": 1.0,
    },
    "demands": {"item": "I1", "qty": 1.0, "unit_price": 1.0, "due": "2026-06-05T12:00Z"},
    "exchange_rates": {"rate_type": "budget", "valid_from": "2026-01-01", "rate": 1.0},
}

PLAN = Plan(
    name="week",
    clock=1_780_272_000,  # 2026-06-01T00:00:00Z
    horizon_end=1_780_876_800,  # 2026-06-08T00:00:00Z
    currency="USD",
    exchange_rates={"USD": 1.0},
)


def tables(**rows: Sequence[Mapping[str, Any]]) -> dict[str, pl.DataFrame]:
    """Every table of the catalogue; those not named have no rows, except that there is one plant P1.

    Instants may be ISO text with an offset or seconds, dates ISO text or days, clocks HH:MM or seconds.
    ``row`` counts from 2 as in a file, unless a dict says otherwise.
    """
    given = {"plants": [{}], **rows}
    unknown = set(given) - set(BY_NAME)
    if unknown:
        raise KeyError(f"no such table: {sorted(unknown)}")
    return {table.name: frame(table, given.get(table.name, ())) for table in TABLES}


def frame(table: Table, rows: Sequence[Mapping[str, Any]]) -> pl.DataFrame:
    """One table as a typed frame."""
    known = {"row", *table.names}
    full = [{"row": number} | DEFAULTS.get(table.name, {}) | dict(row) for number, row in enumerate(rows, 2)]
    for row in full:
        if unknown := set(row) - known:
            raise KeyError(f"{table.name} has no column {sorted(unknown)}")
    data = {"row": [row["row"] for row in full]} | {
        column.name: [_stored(column, row.get(column.name)) for row in full] for column in table.columns
    }
    return pl.DataFrame(data, schema=empty_frame(table).schema, strict=True)


def seconds(text: str) -> int:
    """ISO text with an offset as seconds UTC."""
    instant = datetime.fromisoformat(text)
    if instant.tzinfo is None:
        raise ValueError(f"{text} has no offset")
    return int((instant - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds())


def _stored(column: Column, value: Any) -> Any:
    kind: Kind = column.kind
    if kind == "number" and value is not None:
        return float(value)
    if not isinstance(value, str):
        return value
    if kind == "time":
        return seconds(value)
    if kind == "date":
        return date.fromisoformat(value).toordinal() - date(1970, 1, 1).toordinal()
    if kind == "clock":
        hours, minutes = value.split(":")
        return int(hours) * 3600 + int(minutes) * 60
    return value
