"""One row of every table that is right, made from the catalogue: together they are a data set without an error."""

from __future__ import annotations

from tocfin.catalogue import BY_NAME, Column, Kind, Table

#: A cell of each kind; keys are named after their column.
_BY_KIND: dict[Kind, str] = {
    "number": "10", "integer": "10", "boolean": "true", "time": "2026-06-01T06:00:00Z", "date": "2026-06-01",
    "clock": "06:00", "weekdays": "Mon-Fri",
}  # fmt: skip
#: By unit, where that says more.
_BY_UNIT = {"money": "1250", "money/h": "48", "money/unit": "25", "h": "2", "1": "0.05", "1/yr": "0.08"}
#: What a column needs to agree with the others.
_BY_NAME = {
    "plants.timezone": "Europe/Berlin", "calendars.end_time": "14:00", "calendars.priority": "1",
    "capacity_intervals.start": "2026-06-06T06:00:00Z", "capacity_intervals.end": "2026-06-06T14:00:00Z",
    "activities.end": "2026-06-01T08:00:00Z",
    "activities.actual_end": "2026-06-01T08:00:00Z", "jobs.need_date": "2026-06-05T12:00:00Z",
    "targets.period_end": "2026-06-08T00:00:00Z", "targets.period_start": "2026-06-01T00:00:00Z",
    "periods.start": "2026-06-01T00:00:00Z", "periods.end": "2026-06-08T00:00:00Z",
    "periods.cut_off": "2026-06-09T00:00:00Z", "supplies.due": "2026-06-02T06:00:00Z",
    "supplies.promised": "2026-06-02T06:00:00Z", "demands.due": "2026-06-05T12:00:00Z",
    "precedences.successor": "operation-2", "items.item_type": "FinishedGood", "resources.drum": "true",
    "setups.to_family": "family-2", "events.recorded_at": "2026-06-01T06:05:00Z", "buffers.kind": "shipping",
    "assumptions.table_name": "resources", "assumptions.column_name": "overtime_hourly_cost",
    "assumptions.selector": "all", "assumptions.value": "66", "assumptions.source": "assumption",
    "targets.version": "budget", "targets.parent": "", "jobs.parent_job": "", "events.reverses": "",
    "setups.department": "", "buffers.scope": "all", "resources.units": "1",
}  # fmt: skip
#: Optional columns without which a row would not be right.
_ALSO = {"material_requirements": ("item",), "setups": ("resource",), "buffers": ("hours",), "events": ("operation",)}
_BY_WORD = {"currency": "EUR", "kpi": "throughput", "from_family": "family-1", "family": "family-1"}


def cell(table: Table, column: Column) -> str:
    """A cell of ``column`` that is right."""
    named = f"{table.name}.{column.name}"
    if named in _BY_NAME:
        return _BY_NAME[named]
    if column.refers:
        return f"{BY_NAME[column.refers].key[0] if BY_NAME[column.refers].key else 'calendar'}-1"
    if column.choices:
        return column.choices[0]
    if column.kind == "number" and column.unit in _BY_UNIT:
        return _BY_UNIT[column.unit]
    return _BY_KIND.get(column.kind, _BY_WORD.get(column.name, f"{column.name}-1"))


def row(table: Table, also: str | None = None) -> dict[str, str]:
    """A row of ``table`` with every column that must be there, and the one called ``also``."""
    named = (also, *_ALSO.get(table.name, ()))
    wanted = [column for column in table.columns if column.need != "optional" or column.name in named]
    return {column.name: cell(table, column) for column in wanted}


def lines(table: Table, also: str | None = None) -> tuple[str, str]:
    """The header and the row as lines of a CSV file."""
    made = row(table, also)
    return ",".join(made), ",".join(f'"{value}"' if "," in value else value for value in made.values())
