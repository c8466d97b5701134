"""The register of assumptions for a reader: value, source, who, date, and what a tenth of it does to net profit."""

from __future__ import annotations

from typing import Any

from tocfin.assumptions import Register
from tocfin.dataset.text import day
from tocfin.report.amounts import shown, worded
from tocfin.report.findings import as_records
from tocfin.report.forms import Page
from tocfin.report.grid import Grid

NAMES = ("table", "column", "selector", "value", "source", "who", "date", "rows", "lower", "higher")


def page(found: Register) -> Page:
    """The register in every form."""
    return Page(lambda: _document(found), lambda: _records(found), NAMES, lambda: [_grid(found)])


def _document(found: Register) -> dict[str, Any]:
    return {
        "schema": 1,
        "dataset": found.dataset,
        "currency": found.currency,
        "net_profit": found.net_profit,
        "assumptions": _records(found),
        "findings": as_records(found.findings),
    }


def _records(found: Register) -> list[dict[str, Any]]:
    return [
        {
            "table": line.entry.table,
            "column": line.entry.column,
            "selector": line.entry.selector,
            "value": line.entry.value,
            "source": line.entry.source,
            "who": line.entry.who,
            "date": None if line.entry.at is None else day(line.entry.at),
            "rows": line.rows,
            "lower": line.lower,
            "higher": line.higher,
        }
        for line in found.lines
    ]


def _grid(found: Register) -> Grid:
    rows = tuple(
        (f"{line['table']}.{line['column']} [{line['selector']}]", line["value"], line["source"], line["who"] or "",
         line["date"] or "", f"{line['rows']:,}", shown(line["lower"], ""), shown(line["higher"], ""))
        for line in _records(found)
    )  # fmt: skip
    heads = ("assumption", "value", "source", "who", "date", "rows", "NP at -10 %", "NP at +10 %")
    profit = worded(found.net_profit, found.currency, "not_supplied")
    notes = (f"Net profit (T − OE, not ledger profit): {profit}", *(str(finding) for finding in found.findings))
    return Grid(f"Assumptions of {found.dataset}", heads, rows, frozenset({5, 6, 7}), notes)
