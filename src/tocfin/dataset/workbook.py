"""One .xlsx workbook: a sheet per table, typed cells, nothing taken for what it is not.

Cells become the text that a CSV file would hold, so that one grammar decides for both; a cell of a type that its
column cannot hold is a finding. Hidden sheets and rows without any content are passed over.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from pathlib import Path
from string import ascii_letters
from typing import Any

import polars as pl
from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from tocfin.catalogue import BY_NAME, LARGEST, Column, Kind
from tocfin.dataset.archive import SheetScan, UnsafeArchiveError, scan
from tocfin.dataset.findings import more, nearest, quoted
from tocfin.dataset.header import places
from tocfin.dataset.listing import LIMITS
from tocfin.dataset.page import not_a_file
from tocfin.dataset.plan import from_pairs
from tocfin.dataset.sources import PLAN_FILE, Source, read_plan_file
from tocfin.dataset.tables import Raw, unread
from tocfin.errors import Finding

_PLAN_SHEET = "plan"
#: Sheets that tocfin itself writes beside the tables.
_NOT_READ = ("readme", "dictionary", "findings")
Cells = list[list[Any]]


def read_workbook(source: Source, path: Path) -> None:
    """Fill ``source`` from the workbook at ``path``; a sheet named ``plan`` or a TOML file beside it is the plan."""
    source.missing = "{}"
    shown = quoted(path.name)[1:-1]
    if (problem := not_a_file(path)) is not None:
        source.readable = False
        source.fault("unreadable", shown, problem)
        return
    try:
        scans = scan(path)
        sheets = visible_sheets(path, scans)
    except UnsafeArchiveError as error:
        source.readable = False
        source.fault("unreadable", shown, str(error))
        return
    except (CalamineError, OSError, ValueError) as error:
        source.readable = False
        source.fault("unreadable", shown, f"is not a readable .xlsx workbook: {error}")
        return
    for name, cells in sheets.items():
        lost = scans[name]
        if name == _PLAN_SHEET:
            _read_plan(source, cells)
        elif name in BY_NAME:
            source.raws[name] = _read_sheet(name, cells, lost)
        elif name not in _NOT_READ:
            hint = nearest(name, (*BY_NAME, _PLAN_SHEET)) or "; hide the sheet or remove it"
            source.fault("unknown-table", quoted(name)[1:-1], f"is not a table of a data set{hint}")
    if _PLAN_SHEET not in sheets:
        own = path.with_suffix(".toml")
        read_plan_file(source, own if own.exists() else path.with_name(PLAN_FILE))


def visible_sheets(path: Path, scans: Mapping[str, SheetScan]) -> dict[str, Cells]:
    """The typed cells of every worksheet that is not hidden, by its name."""
    with CalamineWorkbook.from_path(str(path)) as book:
        visible = [
            sheet.name
            for sheet in book.sheets_metadata
            if sheet.typ == SheetTypeEnum.WorkSheet and sheet.visible == SheetVisibleEnum.Visible
        ]
        if any(name not in scans for name in visible):
            raise UnsafeArchiveError("names a sheet that is not in the file")
        return {name: book.get_sheet_by_name(name).to_python(skip_empty_area=False) for name in visible}


def _read_sheet(name: str, cells: Cells, lost: SheetScan) -> Raw:
    raw = unread(BY_NAME[name], name)
    header = _header(cells)
    if not header:
        raw.fault("unreadable", "has no header in row 1")
        return raw
    place = places(raw, header)
    raw.letters = {column: column_letter(index) for column, index in place.items()}
    told = _rows_lost(lost)
    kept = [n for n, row in enumerate(cells[1:], 2) if any(cell != "" for cell in row) or str(n) in told]
    columns = [pl.Series("row", kept, dtype=pl.Int64)]
    for column, index in place.items():
        values = [cells[number - 1][index] for number in kept]
        columns.append(_column(raw, raw.table.column(column), values, kept, lost))
    _stray(raw, cells, header, kept)
    raw.frame = pl.DataFrame(columns)
    raw.whole = bool(place)
    return raw


def _header(cells: Cells) -> list[str]:
    """Column names in row 1, up to the last that is not empty."""
    names = [cell if isinstance(cell, str) else str(cell) for cell in cells[0]] if cells else []
    while names and not names[-1]:
        names.pop()
    return names


def _rows_lost(lost: SheetScan) -> set[str]:
    """Row numbers of cells that look empty and are not."""
    return {cell.lstrip(ascii_letters) for cell in lost.errors | lost.formulas}


def _stray(raw: Raw, cells: Cells, header: Sequence[str], kept: Sequence[int]) -> None:
    for number in kept:
        for index, cell in enumerate(cells[number - 1][len(header) :], len(header)):
            if cell != "":
                place = f"{column_letter(index)}{number}"
                message = f"row 1 has no column name for this cell ({quoted(cell)})"
                raw.findings.append(
                    Finding("error", "ragged-row", raw.table.name, number, None, message, raw.file, str(cell), place)
                )
                break


def column_letter(index: int) -> str:
    """What Excel calls the column at ``index`` (from 0): A, B, ..., Z, AA."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def _column(raw: Raw, column: Column, values: list[Any], rows: Sequence[int], lost: SheetScan) -> pl.Series:
    """The cells of one column as text; a cell of a type that the column cannot hold is told and left empty."""
    spell = SPELLERS[column.kind]
    letter = raw.letters[column.name]
    text: list[str | None] = []
    wrong: list[Finding] = []
    for row, value in zip(rows, values, strict=True):
        spelled, rule, message = None, "wrong-type", ""
        if value == "" and f"{letter}{row}" in lost.errors:
            rule, message = "excel-error", "holds an Excel error such as #N/A or #DIV/0!; mend the formula"
        elif value == "" and f"{letter}{row}" in lost.formulas:
            rule, message = "no-value", "holds a formula without a stored value; open and save the workbook in Excel"
        elif isinstance(value, str):
            spelled = value
        elif (spelled := spell(value)) is None:
            message = f"{quoted(value)} is {_type_name(value)}; {_WANTED[column.kind]}"
        text.append(spelled or None)
        if message:
            shown = None if value == "" else str(value)
            wrong.append(Finding("error", rule, raw.table.name, row, column.name, message, raw.file, shown))
    if wrong:
        raw.told[column.name] = [finding.row for finding in wrong if finding.row is not None]
        limit = LIMITS["error"]
        raw.findings.extend([*wrong[:limit], *more(wrong[0], len(wrong) - limit)])
    return pl.Series(column.name, text, dtype=pl.String)


def _type_name(value: Any) -> str:
    names = ((bool, "a logical value"), (int | float, "a number"), (datetime | date, "a date"), (time, "a time of day"))
    return next((name for kind, name in names if isinstance(value, kind)), "a duration")


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _text(value: Any) -> str | None:
    """A number in a text column as Excel shows it: 12 stays ``12``; beyond 15 digits Excel has lost some."""
    if not _is_number(value) or not abs(value) < LARGEST:
        return None
    return str(int(value)) if value == int(value) else repr(value)


def _number(value: Any) -> str | None:
    return repr(value) if _is_number(value) else None


def _integer(value: Any) -> str | None:
    if not _is_number(value) or abs(value) > LARGEST:
        return None
    return str(int(value)) if value == int(value) else repr(value)


def _boolean(value: Any) -> str | None:
    return str(value).lower() if isinstance(value, bool) else None


def _time(value: Any) -> str | None:
    """A native date and time; Excel stores days as floats, so what is within 1 ms of a second is that second."""
    if isinstance(value, datetime):
        whole = (value + timedelta(microseconds=1_000)).replace(microsecond=0)
        return whole.isoformat() if abs(value - whole) <= timedelta(microseconds=1_000) else value.isoformat()
    return f"{value.isoformat()}T00:00" if isinstance(value, date) else None


def _date(value: Any) -> str | None:
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else None
    return value.isoformat() if isinstance(value, date) else None


def _clock(value: Any) -> str | None:
    if not isinstance(value, time) or value.second or value.microsecond:
        return None
    return value.isoformat("minutes")


def _never(_: Any) -> str | None:
    return None


#: A typed cell as the text of a CSV file, None where the kind of column cannot hold its type.
SPELLERS: dict[Kind, Callable[[Any], str | None]] = {
    "text": _text,
    "choice": _never,
    "weekdays": _never,
    "number": _number,
    "integer": _integer,
    "boolean": _boolean,
    "time": _time,
    "date": _date,
    "clock": _clock,
}
_WANTED: dict[Kind, str] = {
    "text": "write it as text",
    "choice": "write the word as text",
    "weekdays": "write weekdays as text, e.g. Mon-Fri",
    "number": "write a number",
    "integer": "write a whole number",
    "boolean": "write TRUE or FALSE",
    "time": "format the cell as date and time, or write 2026-06-01T08:00 as text",
    "date": "format the cell as a date, or write 2026-06-01 as text",
    "clock": "format the cell as hh:mm, or write 08:00 as text",
}


def _read_plan(source: Source, cells: Cells) -> None:
    source.plan_file = _PLAN_SHEET
    if _header(cells)[:2] != ["key", "value"]:
        source.fault("missing-column", _PLAN_SHEET, "needs two columns, key and value, named so in row 1", "plan")
        return
    pairs = [
        (number, str(row[0]), int(row[1]) if isinstance(row[1], float) and row[1].is_integer() else row[1])
        for number, row in enumerate(cells[1:], 2)
        if row[0] != "" and row[1] != ""
    ]
    source.plan, source.plan_rows, repeated = from_pairs(pairs)
    for row, key in repeated:
        message = "is there twice; remove one"
        source.findings.append(
            Finding("error", "duplicate-key", "plan", row, key, message, file=_PLAN_SHEET, cell=f"A{row}")
        )
