"""The table of ``tocfin bench`` for a reader."""

from __future__ import annotations

from collections.abc import Sequence

from tocfin.bench.table import Row
from tocfin.report.forms import Page
from tocfin.report.grid import Grid

_NOTES = (
    "ns of a processor (on two threads: of the clock) per activity, replication and scenario",
    "peers compute starts, ends and all terms by plant and period; draws are our own durations and nothing else",
)


def page(rows: Sequence[Row]) -> Page:
    """What an activity costs in a replication; against the first row in the forms for readers."""
    records = [row._asdict() for row in rows]
    return Page(lambda: {"rows": records}, lambda: records, Row._fields, lambda: [grid(rows)])


def grid(rows: Sequence[Row]) -> Grid:
    """The rows with their ratio to the first one."""
    first = rows[0].ns
    lines = [
        (row.name, str(row.threads), str(row.scenarios), f"{row.activities:,}", f"{row.replications:,}",
         f"{row.ns:,.1f}", f"{row.ns / first:,.2f}")
        for row in rows
    ]  # fmt: skip
    headings = ("what", "threads", "scenarios", "activities", "replications", "ns", f"times {rows[0].name}")
    return Grid("Cost of an activity in one future", headings, tuple(lines), frozenset(range(1, 7)), _NOTES)
