"""A copy of the faulty tables as a workbook in which every fault is marked in its cell."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

import polars as pl
import xlsxwriter
from xlsxwriter.utility import xl_rowcol_to_cell
from xlsxwriter.worksheet import Worksheet

from tocfin.catalogue import BY_NAME
from tocfin.dataset.atomic import appearing
from tocfin.dataset.sheets import LONGEST_TEXT, OPTIONS, write_text, write_value
from tocfin.dataset.tables import Dataset
from tocfin.errors import Finding, UsageError

#: A sheet with more rows than this is slow to write and to open; of a larger table only faulty rows are shown.
MOST_ROWS = 20_000
_COLOURS = {"error": "#FFC7CE", "warning": "#FFEB9C"}
_LIST = ("cell", "grade", "place", "found", "what is wrong, and what to do", "rule", "count")
_WIDTHS = (24, 10, 34, 24, 100, 26, 8)

Marks = dict[tuple[int, int], list[Finding]]


class _Grid(NamedTuple):
    """A table as its sheet shows it: ``row`` and the columns that have content or findings."""

    frame: pl.DataFrame
    marks: Marks
    cells: Mapping[Finding, str]


def write_annotated(dataset: Dataset, target: str | Path, *, force: bool = False) -> Path:
    """Write ``target`` (.xlsx): a list of all findings, and each faulty table with its faults marked.

    A marked cell holds what was found there, and a comment with the rule and what to do. The first column of
    a sheet is the row in the source. Raises UsageError when ``target`` exists without ``force``.
    """
    place = Path(target)
    if place.suffix.lower() != ".xlsx":
        raise UsageError(f"{place}: marked tables are a workbook; let the name end in .xlsx")
    grids = dict(_grids(dataset))
    with appearing(place, force=force) as part, part.open("wb") as file, xlsxwriter.Workbook(file, OPTIONS) as book:
        book.set_properties({"created": datetime(2000, 1, 1)})
        colours = {grade: book.add_format({"bg_color": colour, "border": 1}) for grade, colour in _COLOURS.items()}
        bold = book.add_format({"bold": True, "bottom": 1})
        cells = {finding: cell for grid in grids.values() for finding, cell in grid.cells.items()}
        _write_list(book.add_worksheet("findings"), dataset.findings, cells, colours, bold)
        for name, grid in grids.items():
            _write_grid(book.add_worksheet(name), name, grid, colours, bold)
    return place


def _grids(dataset: Dataset) -> Iterable[tuple[str, _Grid]]:
    by_table: dict[str, list[Finding]] = defaultdict(list)
    for finding in dataset.findings:
        by_table[finding.table].append(finding)
    for name, findings in by_table.items():
        if name in BY_NAME and any(finding.row is not None for finding in findings):
            yield name, _grid(name, dataset.tables[name], findings)


def _grid(name: str, frame: pl.DataFrame, findings: Sequence[Finding]) -> _Grid:
    faulty = {finding.row for finding in findings if finding.row is not None}
    named = {finding.column for finding in findings}
    shown = frame if frame.height <= MOST_ROWS else frame.filter(pl.col("row").is_in(faulty)).head(MOST_ROWS)
    shown = shown.select(
        "row",
        *(column for column in BY_NAME[name].names if column in named or frame[column].null_count() < frame.height),
    )
    line = {row: number for number, row in enumerate(shown["row"], 1)} | {1: 0}
    place = {column: number for number, column in enumerate(shown.columns)} | {None: 0}
    marks: Marks = defaultdict(list)
    cells: dict[Finding, str] = {}
    for finding in findings:
        if finding.row in line and finding.column in place:
            at = line[finding.row], place[finding.column]
            marks[at].append(finding)
            cells[finding] = f"{name}!{xl_rowcol_to_cell(*at)}"
    return _Grid(shown, marks, cells)


def _write_grid(sheet: Worksheet, name: str, grid: _Grid, colours: Mapping[str, Any], bold: Any) -> None:
    sheet.freeze_panes(1, 1)
    sheet.set_column(0, 0, 8)
    sheet.set_column(1, grid.frame.width, 18)
    for place, values in enumerate(grid.frame.iter_columns()):
        write_text(sheet, 0, place, values.name, bold)
        kind = "integer" if values.name == "row" else BY_NAME[name].column(values.name).kind
        for row, value in enumerate(values, 1):
            if value is not None:
                write_value(sheet, row, place, kind, value)
    for (row, place), findings in grid.marks.items():
        _mark(sheet, row, place, grid, findings, colours)


def _mark(
    sheet: Worksheet, row: int, place: int, grid: _Grid, findings: Sequence[Finding], colours: Mapping[str, Any]
) -> None:
    worst = "error" if any(finding.grade == "error" for finding in findings) else "warning"
    column = grid.frame.columns[place]
    value = grid.frame[column][row - 1] if row else column
    found = next((finding.value for finding in findings if finding.value is not None), None)
    if row == 0 or (value is None and found is not None):
        write_text(sheet, row, place, column if row == 0 else _short(str(found)), colours[worst])
    elif value is None:
        sheet.write_blank(row, place, None, colours[worst])
    else:
        kind = "integer" if column == "row" else BY_NAME[findings[0].table].column(column).kind
        write_value(sheet, row, place, kind, value, colours[worst])
    sheet.write_comment(row, place, _short("\n\n".join(map(_comment, findings))), {"x_scale": 2.5, "y_scale": 1.5})


def _comment(finding: Finding) -> str:
    found = f"found: {finding.value}\n" if finding.value is not None else ""
    return f"{finding.grade} ({finding.rule})\n{found}{finding.message}"


def _short(text: str) -> str:
    return text if len(text) <= LONGEST_TEXT else f"{text[: LONGEST_TEXT - 1]}…"


def _write_list(
    sheet: Worksheet,
    findings: Sequence[Finding],
    cells: Mapping[Finding, str],
    colours: Mapping[str, Any],
    bold: Any,
) -> None:
    sheet.freeze_panes(1, 0)
    for place, (header, width) in enumerate(zip(_LIST, _WIDTHS, strict=True)):
        sheet.set_column(place, place, width)
        write_text(sheet, 0, place, header, bold)
    for row, finding in enumerate(sorted(findings, key=lambda finding: finding.grade), 1):
        texts = (finding.grade, finding.place, finding.value or "", finding.message, finding.rule)
        if finding in cells:
            sheet.write_url(row, 0, f"internal:{cells[finding]}", string=cells[finding])
        for place, text in enumerate(texts, 1):
            if text:
                write_text(sheet, row, place, _short(text), colours[finding.grade] if place == 1 else None)
        sheet.write_number(row, len(texts) + 1, finding.count)
    sheet.autofilter(0, 0, max(len(findings), 1), len(_LIST) - 1)
