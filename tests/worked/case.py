"""How a hand-worked case is written down: blocks of text for tables, exact numbers for answers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from fractions import Fraction
from typing import Any

from cells import COLUMNS, Cells

#: A number, or the status that stands in its place.
Answer = int | Fraction | str
Answers = Mapping[str, Answer]

BOTH = ("published", "reconciled")

#: What a cell holds when a block does not name its column; a column that a block names may be left empty.
DEFAULTS: dict[str, dict[str, str]] = {
    "plants": {"daily_operating_expense": "0", "invested_capital": "0"},
    "resources": {
        "plant": "P",
        "resource_type": "Machine",
        "drum": "false",
        "standard_hourly_cost": "0",
        "overtime_hourly_cost": "0",
    },
    "items": {"item_type": "RawMaterial", "cost": "10"},
    "warehouses": {"plant": "P"},
    "jobs": {
        "plant": "P",
        "revenue": "0",
        "shipping_cost": "0",
        "late_penalty_per_day": "0",
        "need_date": "2026-12-31T00:00:00Z",
    },
    "operations": {"sequence": "10", "carrying_cost_per_day": "0"},
    "material_requirements": {"requirement_type": "FromStock"},
}


@dataclass(frozen=True)
class Case:
    """``totals`` by policy; ``groups`` by (policy, dimension); an answer may also be a status."""

    name: str
    plan: dict[str, Any]
    tables: dict[str, list[Cells]]
    totals: Mapping[str, Answers] = field(default_factory=dict)
    groups: Mapping[tuple[str, str], Mapping[str | None, Answers]] = field(default_factory=dict)


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def plan(clock: str = "2026-06-01T00:00:00Z", horizon_end: str = "2026-06-08T00:00:00Z", **more: Any) -> dict[str, Any]:
    """plan.toml of the first week of June 2026 (the 1st is a Monday) unless told otherwise."""
    head = {"name": "worked", "clock": moment(clock), "horizon_end": moment(horizon_end), "currency": "USD"}
    return {"plan": head, **more}


def tables(**blocks: str) -> dict[str, list[Cells]]:
    """Tables from comma-separated blocks with a header; ``@3T08`` and ``@3T08:30`` are times of June 2026 in UTC.

    A data set without a word on plants has one, P.
    """
    blocks = {"plants": "plant\nP"} | blocks
    found: dict[str, list[Cells]] = {name: [] for name in COLUMNS}
    for name, block in blocks.items():
        header, *lines = [line for line in block.strip().splitlines() if line.strip()]
        columns = [column.strip() for column in header.split(",")]
        for line in lines:
            cells = [_time(cell.strip()) or None for cell in line.split(",")]
            row = dict(zip(columns, cells, strict=True))
            found[name].append(dict.fromkeys(COLUMNS[name]) | DEFAULTS.get(name, {}) | row)
    return found


def _time(cell: str) -> str:
    return re.sub(r"^@(\d+)T(\d\d)(:\d\d)?$", _instant, cell)


def _instant(match: re.Match[str]) -> str:
    day, hour, minute = match.groups(default=":00")
    return f"2026-06-{int(day):02}T{hour}{minute}:00Z"


def work(**activities: str) -> dict[str, str]:
    """One order, operation and activity per job: J1="R @1T08 @1T12 B1" makes J1-M, J1-O and J1-A in batch B1."""
    rows = [(job, *text.split()) for job, text in activities.items()]
    return {
        "manufacturing_orders": "\n".join(["manufacturing_order,job", *(f"{job}-M,{job}" for job, *_ in rows)]),
        "operations": "\n".join(["operation,manufacturing_order", *(f"{job}-O,{job}-M" for job, *_ in rows)]),
        "activities": "\n".join(
            [
                "activity,operation,resource,start,end,batch",
                *(f"{row[0]}-A,{row[0]}-O,{row[1]},{row[2]},{row[3]},{(*row, '')[4]}" for row in rows),
            ]
        ),
    }
