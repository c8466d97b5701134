"""Control totals of an import: what the source holds beside what the data set holds."""

from __future__ import annotations

from typing import Any

from tocfin.dataset.imports import Imported
from tocfin.dataset.imports.run import Total
from tocfin.report.amounts import shown
from tocfin.report.findings import as_records as findings_records
from tocfin.report.forms import Page
from tocfin.report.grid import Grid

NAMES = ("total", "source", "imported", "difference", "unit")


def page(imported: Imported) -> Page:
    """Control totals, rows per table and findings in every form."""
    return Page(lambda: _document(imported), lambda: _records(imported), NAMES, lambda: _grids(imported))


def _document(imported: Imported) -> dict[str, Any]:
    return {
        "schema": 1,
        "profile": imported.profile,
        "totals": _records(imported),
        "rows": _rows(imported),
        "findings": findings_records(imported.findings),
    }


def _rows(imported: Imported) -> dict[str, int]:
    return {name: table.height for name, table in imported.tables.items() if table.height}


def _records(imported: Imported) -> list[dict[str, Any]]:
    return [
        {
            "total": total.name,
            "source": total.source,
            "imported": total.imported,
            "difference": _difference(total),
            "unit": total.unit,
        }
        for total in imported.totals
    ]


def _difference(total: Total) -> float | None:
    return None if total.source is None or total.imported is None else total.imported - total.source


def _grids(imported: Imported) -> list[Grid]:
    rows = tuple(
        (str(record["total"]), *(shown(record[name], "") for name in NAMES[1:4]), str(record["unit"]))
        for record in _records(imported)
    )
    tables = tuple((name, f"{count:,}") for name, count in _rows(imported).items())
    return [
        Grid("Control totals", NAMES, rows, frozenset({1, 2, 3})),
        Grid("Imported", ("table", "rows"), tables, frozenset({1})),
    ]
