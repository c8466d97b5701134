"""Cells that no column of their kind can hold, each told by its place and value."""

from __future__ import annotations

from malformed.base import TABLES, place, put, records, spelled
from malformed.case import Case, Fault, of_cell, of_cells
from tocfin.catalogue import BY_NAME

NUMBERS = (
    of_cells(
        "jobs", "revenue", "not-a-number",
        "1_000", "12,5", "1,234.50", "0x10", "0b1", "0o7", "１２", "٣", "²", "½", "−5", "--1", "+-1", "1e", "e5",
        "1e5.5", ".", "1..2", "1 000", " 1", "1 ", "inf", "-Infinity", "nan", "NaN", "None", "NULL", "n/a", "-",
        "12 USD", "$12", "50%", "(5)", "1f", "1L", "#DIV/0!", "=1+1",
    ),
    of_cell("jobs", 2, "revenue", "\t1", "not-a-number", "'\\t1'"),
    of_cell("jobs", 2, "revenue", "1\n", "not-a-number", "'1\\n'"),
    of_cell("jobs", 2, "revenue", "1e400", "not-finite"),
    of_cell("jobs", 2, "revenue", "-1" + "0" * 400, "not-finite", "-1000"),
    of_cell("jobs", 2, "revenue", "1e16", "out-of-range", "1e15"),
    of_cell("plants", 2, "invested_capital", "-1000000000000001", "out-of-range", "1e15"),
    of_cell("operations", 3, "scrap_rate", "1.01", "out-of-range", "above 1"),
    of_cell("operations", 3, "scrap_rate", "-0.1", "out-of-range", "below 0"),
    of_cell("exchange_rates", 2, "rate", "0", "out-of-range", "not above 0"),
    of_cell("exchange_rates", 2, "rate", "-1", "out-of-range", "not above 0"),
    *(
        of_cell(table, 2, column, "-1", "out-of-range", "below 0")
        for table, column in (
            ("plants", "daily_operating_expense"), ("resources", "standard_hourly_cost"),
            ("resources", "overtime_hourly_cost"), ("items", "cost"), ("items", "truly_variable_cost"),
            ("jobs", "shipping_cost"), ("jobs", "late_penalty_per_day"), ("jobs", "material_cost"),
            ("jobs", "subcontract_cost"), ("operations", "carrying_cost_per_day"), ("activities", "work_hours"),
            ("material_requirements", "required_qty"), ("material_requirements", "issued_qty"),
            ("material_requirements", "total_cost"), ("alternatives", "run_hours"),
        )
    ),
    of_cells("operations", "sequence", "not-an-integer", "1.5", "10.0", "1e1", "ten", "1_0"),
    of_cell("operations", 2, "sequence", "9" * 18, "out-of-range", "1e15"),
    of_cell("operations", 2, "sequence", "9" * 40, "out-of-range", "1e15"),
    of_cell("resources", 2, "units", "0", "out-of-range", "below 1"),
)  # fmt: skip

TIMES = (
    of_cells(
        "activities", "end", "not-a-time",
        "2026-02-30T10:00Z", "2026-06-31T10:00Z", "2025-02-29T10:00Z", "2026-13-01T10:00Z", "2026-06-00T10:00Z",
        "0000-06-03T10:00Z", "2026-06-03T24:00Z", "2026-06-03T10:60Z", "2026-06-03T23:59:60Z",
        "2026-06-03T18:00:00.5Z", "2026-06-03T18:00:00,5Z", "2026-06-03T18:00+25:00", "2026-06-03T18:00+02:60",
        "2026-06-03T18:00+02", "2026-06-03T18:00+0200", "2026-06-03T18:00z", "2026-06-03t18:00Z",
        "2026-06-03T18:00 Z", "2026-06-03", "2026-06-03T18", "18:00", "03.06.2026 18:00", "06/03/2026 18:00",
        "2026-6-3T18:00Z", "20260603T180000Z", "2026-W23-3T18:00Z", "1780509600", "46176.75", "now",
        "２０２６-06-03T18:00Z", "2026-06-03T18:00[Europe/Berlin]", "+12026-06-03T18:00Z", " 2026-06-03T18:00Z",
    ),
    of_cell("jobs", 2, "need_date", "2026-03-29T02:30", "no-such-time", "does not exist"),
    of_cell("jobs", 2, "need_date", "2026-10-25 02:30:00", "double-time", "twice"),
    of_cell("jobs", 3, "need_date", "2026-03-08T02:00", "no-such-time", "put forward"),
    of_cell("jobs", 3, "need_date", "2026-11-01T01:59", "double-time", "put back"),
    of_cell("manufacturing_orders", 2, "need_date", "2026-03-29T02:30", "no-such-time"),
    of_cell("capacity_intervals", 3, "start", "2026-03-29T02:30", "no-such-time"),
    of_cell("activities", 2, "actual_start", "2026-03-29T02:30", "no-such-time"),
    of_cell("targets", 2, "period_start", "2026-03-29T02:30", "no-such-time"),
    of_cell("supplies", 2, "due", "2026-10-25T02:30", "double-time"),
    of_cell("demands", 2, "due", "2026-10-25T02:30", "double-time"),
    of_cell("events", 2, "occurred_at", "2026-10-25T02:30", "double-time"),
    of_cells(
        "calendars", "valid_to", "not-a-date",
        "2026-02-30", "2026-6-30", "30.06.2026", "2026-06-30T00:00",
    ),
    of_cells("plants", "day_start", "not-a-clock", "24:00", "6:00", "06:00:00", "06", "6am"),
    of_cells("calendars", "start_time", "not-a-clock", "8:00", "25:00", "08:60", "08.00"),
)  # fmt: skip

WORDS = (
    of_cells("resources", "drum", "not-a-boolean", "yes", "no", "1", "0", "x", "wahr", "tru"),
    of_cell("jobs", 2, "cancelled", "cancelled", "not-a-boolean"),
    of_cell("warehouses", 2, "owned", "T", "not-a-boolean"),
    of_cell("resources", 2, "resource_type", "machine", "unknown-word", "did you mean 'Machine'"),
    of_cell("resources", 2, "resource_type", "Subcontracting", "unknown-word", "'Subcontracting'"),
    of_cell("capacity_intervals", 2, "interval_type", "Potential Overtime", "unknown-word", "'PotentialOvertime'"),
    of_cell("calendars", 2, "interval_type", "online", "unknown-word"),
    of_cell("items", 2, "item_type", "Raw Material", "unknown-word"),
    of_cell("activities", 2, "status", "Done", "unknown-word"),
    of_cell("material_requirements", 2, "requirement_type", "From Stock", "unknown-word"),
    of_cell("jobs", 2, "commitment", "firm", "unknown-word"),
    of_cell("jobs", 2, "purpose", "Sales", "unknown-word"),
    of_cell("exchange_rates", 2, "rate_type", "spot", "unknown-word"),
    of_cell("buffers", 2, "kind", "Drum", "unknown-word"),
    of_cell("events", 2, "type", "completed", "unknown-word"),
    of_cell("periods", 2, "status", "OPEN", "unknown-word"),
    of_cells(
        "calendars", "days", "not-weekdays",
        "Mo-Fr", "mon-fri", "Mon - Fri", "Mon,", "Mon--Fri", "Mon-Tue-Wed", "Mon;Tue", "1-5", "daily", " Mon",
    ),
    of_cells(
        "plants", "timezone", "unknown-zone",
        "Berlin", "CET+1", "europe/berlin", "+02:00", "../../etc/passwd", "Europe/Berlin ",
    ),
    of_cell("jobs", 2, "customer", "x" * 140_000, "text-too-long", "131,072"),
    of_cells("targets", "kpi", "unknown-kpi", "profit", "Throughput", "net profit"),
    of_cell("actuals", 2, "kpi", "troughput", "unknown-kpi", "'throughput'"),
    of_cell("adjustments", 2, "kpi", "?", "unknown-kpi"),
)  # fmt: skip


def _last(table: str, column: str) -> int:
    """The last row of a table, which has a word in that column."""
    lines = records(table)
    index = lines[0].index(column)
    return max(row for row, line in enumerate(lines, 1) if line[index])


def _emptied(table: str) -> Case:
    """Every cell that must not be empty is, in the last row that has words there."""
    needed = [column.name for column in BY_NAME[table].columns if column.need == "always"]
    lines = records(table)
    for name in needed:
        lines[_last(table, name) - 1][lines[0].index(name)] = ""
    faults = tuple(Fault(place(table, _last(table, name), name), "empty-cell", "is empty") for name in needed)
    return Case(f"needed cells of {table} are empty", put(f"{table}.csv", spelled(lines)), faults, others=True)


EMPTY = tuple(_emptied(table) for table in TABLES)

CASES: tuple[Case, ...] = (*NUMBERS, *TIMES, *WORDS, *EMPTY)
#: Those that mean the same in a workbook.
IN_SHEETS: tuple[Case, ...] = tuple(
    case
    for case in (*NUMBERS, *TIMES, *WORDS)
    if case.faults[0].rule != "text-too-long"  # nor would it fit
)
