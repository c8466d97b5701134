"""A plant in which every text column of every table holds thirty texts, plain ones or such as harm what shows them."""

from __future__ import annotations

from typing import Any

import polars as pl

from tables import PLAN, tables
from tocfin.catalogue import TABLES, Column, Table

HOUR, DAY = 3_600, 86_400
HOSTILE = (
    "<script>alert(1)</script>", "</script><script>alert(1)</script>", "<img src=x onerror=alert(1)>", "=1+1",
    "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\"><svg onload=alert(1)>", "'; DROP TABLE jobs;--", "{{ 7*7 }}",
    "{% raw %}", "javascript:alert(1)", "&lt;b&gt;", "<!--", "]]>", "\u202eevil", "a\tb", "http://example.test/?a=1&b=2",
    "＝1+1", "<b>bold</b>", "' onmouseover='x", "`${1}`", "%3Cscript%3E", "<iframe src=x>",
    "<style>*{display:none}</style>", "<a href=x>y</a>", "\\u003cscript\\u003e", "NULL", "<math><mi//xlink:href=x>",
    "<details open ontoggle=x>",
)  # fmt: skip
PLAIN = tuple(f"text {at}" for at in range(len(HOSTILE)))
#: Text columns whose words are not free: anything else is refused when it is read. What they hold here.
WORDS: dict[str, str | None] = {
    "plants.timezone": "UTC", "plants.currency": "USD", "jobs.currency": "USD", "demands.currency": "USD",
    "exchange_rates.currency": "EUR", "targets.kpi": "throughput", "targets.parent": None, "actuals.kpi": "throughput",
    "adjustments.kpi": "throughput", "assumptions.table_name": "plants",
    "assumptions.column_name": "daily_operating_expense", "assumptions.value": "1000",
}  # fmt: skip


def hostile_plant(words: tuple[str, ...]) -> dict[str, pl.DataFrame]:
    """Thirty rows of every table; keys are the words, and whatever refers to a key finds it."""
    return tables(**{
        table.name: [_row(table, words, at) for at in range(len(words) * (2 if table.name == "setups" else 1))]
        for table in TABLES
        if table.name != "exchange_rates"
    })  # fmt: skip


def _row(table: Table, words: tuple[str, ...], at: int) -> dict[str, Any]:
    row = {column.name: _cell(table, column, words, at) for column in table.columns}
    return row | OWN.get(table.name, lambda words, at: {})(words, at)


def _cell(table: Table, column: Column, words: tuple[str, ...], at: int) -> Any:
    name = f"{table.name}.{column.name}"
    if column.kind == "text":
        return WORDS.get(name, words[at % len(words)])
    if column.need == "optional" and not (column.kind == "choice" and column.name in table.key):
        return None
    plain = {"number": 1.0, "integer": 1, "boolean": False, "time": PLAN.clock + at * HOUR, "date": "2026-06-01"}
    return column.choices[0] if column.kind == "choice" else plain.get(column.kind)


#: Cells that have to fit each other.
OWN: dict[str, Any] = {
    "calendars": lambda words, at: {"days": "Mon-Sun", "start_time": "00:00", "end_time": "12:00"}
    | {"interval_type": "Online"},
    "capacity_intervals": lambda words, at: {"start": PLAN.clock + 12 * HOUR, "end": PLAN.clock + 14 * HOUR},
    "setups": lambda words, at: {("department", "resource")[at // len(words)]: None},
    "items": lambda words, at: {"item_type": "FinishedGood"},
    "jobs": lambda words, at: {"parent_job": words[at - 1] if at else None, "quantity": 1.0, "revenue": 100.0 + at},
    "precedences": lambda words, at: {"predecessor": words[at], "successor": words[(at + 1) % len(words)]}
    if at + 1 < len(words)
    else {"predecessor": words[0], "successor": words[2]},
    "activities": lambda words, at: {"start": PLAN.clock + at % 12 * HOUR, "end": PLAN.clock + (at % 12 + 1) * HOUR},
    "targets": lambda words, at: {"period_start": PLAN.clock, "period_end": PLAN.horizon_end, "target": 1.0},
    "periods": lambda words, at: {
        "start": PLAN.clock + at * DAY, "end": PLAN.clock + (at + 1) * DAY
    },
    "buffers": lambda words, at: {"kind": "shipping", "scope": words[at], "hours": 8.0},
    "events": lambda words, at: {"reverses": words[at - 1]},
}  # fmt: skip
