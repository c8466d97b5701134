"""The sheets of an export that is an .xlsx workbook: typed cells, with those that would be lost marked."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from python_calamine import CalamineError

from tocfin.dataset.archive import SheetScan, UnsafeArchiveError, scan
from tocfin.dataset.imports.exports import Line
from tocfin.dataset.workbook import column_letter, visible_sheets


class Lost:
    """A cell that looks empty and is not: an Excel error, or a formula without a stored value."""

    def __str__(self) -> str:
        return "an Excel error or a formula without a value"


def lines_of(path: Path) -> Mapping[str, list[Line]] | str:
    """Numbered lines of every visible sheet by its name, or why the workbook cannot be read."""
    try:
        scans = scan(path)
        return {name: _lines(cells, scans[name]) for name, cells in visible_sheets(path, scans).items()}
    except UnsafeArchiveError as error:
        return str(error)
    except (CalamineError, OSError, ValueError) as error:
        return f"is not a readable .xlsx workbook: {error}"


def _lines(cells: list[list[Any]], lost: SheetScan) -> list[Line]:
    missing = lost.errors | lost.formulas
    found = []
    for number, row in enumerate(cells, 1):
        line = [None if cell == "" else cell for cell in row]
        if missing:
            line = [
                Lost() if cell is None and f"{column_letter(at)}{number}" in missing else cell
                for at, cell in enumerate(line)
            ]
        found.append((number, line))
    return found
