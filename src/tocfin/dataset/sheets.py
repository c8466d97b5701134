"""A data set as one workbook that a planner can fill in: native tables, drop-downs, notes, a dictionary.

Excel knows no time zones, so instants are written as text in UTC (``2026-06-01T08:00:00Z``), which reads back
exactly; who types ``2026-06-01 08:00`` gets a date cell, which is local to the plant of its row.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import xlsxwriter
from xlsxwriter.worksheet import Worksheet

from tocfin.catalogue import BY_NAME, TABLES, Column, Kind
from tocfin.dataset.listing import Tables
from tocfin.dataset.text import instant
from tocfin.errors import UsageError

#: Rows of a sheet below its header, and the longest text of a cell: limits of Excel.
MOST_ROWS, LONGEST_TEXT = 1_048_575, 32_767
#: Rows below the data that have drop-downs and formats too, for what is added by hand.
_SPARE_ROWS = 500
_WIDTHS = (8, 40)
_STYLE = "Table Style Light 9"
_FORMATS: dict[Kind, str] = {
    "time": "yyyy-mm-dd hh:mm",
    "date": "yyyy-mm-dd",
    "clock": "hh:mm",
    "number": "#,##0.######",
    "integer": "0",
    "text": "@",
}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
OPTIONS = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
_NEEDS = {"always": "required", "column": "column required, a cell may be empty (not supplied)", "optional": "optional"}
_DICTIONARY = ("table", "column", "meaning", "kind", "unit", "needed", "key", "refers to", "words", "when empty")
README = (
    "One sheet is one table; its first row names the columns. The sheet 'dictionary' explains every column.",
    "The sheet 'plan' holds the horizon, the currency and the policy as key and value.",
    "Times: 2026-06-01T08:00:00Z is UTC, 2026-06-01T10:00+02:00 has its offset; 2026-06-01 10:00 is local to the"
    " plant of the row.",
    "An empty cell is a missing value, never 0. Keys are text: 0012 stays 0012.",
    "More columns and tables of the dictionary may be added; other visible sheets are refused. The sheets 'readme',"
    " 'dictionary' and 'findings' are not read.",
)


class _Exact(float):
    """A number that is written with all the digits it needs, where xlsxwriter would write 16."""

    def __format__(self, spec: str) -> str:
        return repr(float(self))


def write_workbook(path: Path, tables: Tables, plan: Sequence[tuple[str, str | float]]) -> None:
    """Write ``tables`` (stored columns, already chosen) and the plan's (key, value) lines to ``path``.

    Raises UsageError when a table has more rows, or a text more characters, than Excel can hold.
    """
    for name, frame in tables.items():
        if frame.height > MOST_ROWS:
            raise UsageError(
                f"{name} has {frame.height:,} rows and a sheet holds {MOST_ROWS:,};"
                " write a folder of CSV or Parquet files"
            )
    with path.open("wb") as file, xlsxwriter.Workbook(file, OPTIONS) as book:
        book.set_properties({"created": datetime(2000, 1, 1)})
        formats = {kind: book.add_format({"num_format": code}) for kind, code in _FORMATS.items()}
        _write_lines(book.add_worksheet("readme"), README)
        _write_grid(book.add_worksheet("plan"), ("key", "value"), plan)
        for name in tables:
            book.add_worksheet(name)
        for name, frame in tables.items():
            _write_table(book.get_worksheet_by_name(name), name, frame, tables, formats)
        _write_grid(book.add_worksheet("dictionary"), _DICTIONARY, dictionary())


def dictionary() -> list[tuple[str, ...]]:
    """Every column of the catalogue in words, one line each, as on the sheet ``dictionary``."""
    return [
        (
            table.name,
            column.name,
            column.doc,
            column.kind,
            column.unit,
            _NEEDS[column.need],
            "key" if column.name in table.key else "",
            column.refers,
            ", ".join(column.choices),
            column.default,
        )
        for table in TABLES
        for column in table.columns
    ]


def write_text(sheet: Worksheet, row: int, column: int, text: str, style: Any = None) -> None:
    """Write ``text`` as text, whatever it looks like; UsageError when Excel cannot hold all of it."""
    if len(text) > LONGEST_TEXT:
        raise UsageError(
            f"a text of {len(text):,} characters does not fit into a cell ({LONGEST_TEXT:,}): {text[:40]!r}…"
        )
    sheet.write_string(row, column, text, style)


def write_value(sheet: Worksheet, row: int, column: int, kind: Kind, value: Any, style: Any = None) -> None:
    """Write one stored value (not null) as Excel holds it: instants as text, dates and clocks as such."""
    if kind == "time":
        write_text(sheet, row, column, instant(value), style)
    elif kind == "date" and value >= _FIRST_DAY:
        sheet.write_datetime(row, column, date(1970, 1, 1) + timedelta(days=value), style)
    elif kind == "date":
        write_text(sheet, row, column, instant(value * 86_400)[:10], style)
    elif kind == "clock":
        sheet.write_datetime(row, column, time(value // 3600, value // 60 % 60), style)
    elif kind in ("number", "integer"):
        sheet.write_number(row, column, _Exact(value), style)
    elif kind == "boolean":
        sheet.write_boolean(row, column, value, style)
    else:
        write_text(sheet, row, column, value, style)


#: Before March 1900 Excel counts a day that never was.
_FIRST_DAY = (date(1900, 3, 1) - date(1970, 1, 1)).days


def _write_table(sheet: Worksheet, name: str, frame: pl.DataFrame, tables: Tables, formats: Mapping[Kind, Any]) -> None:
    table, last = BY_NAME[name], max(frame.height, 1)
    options = {"name": name, "columns": [{"header": column} for column in frame.columns], "style": _STYLE}
    sheet.add_table(0, 0, last, frame.width - 1, options)
    sheet.freeze_panes(1, 0)
    for place, values in enumerate(frame.iter_columns()):
        column = table.column(values.name)
        style = formats.get(column.kind)
        sheet.set_column(place, place, _width(column, values), style)
        sheet.write_comment(0, place, _note(column), {"x_scale": 2})
        _offer(sheet, place, min(last + _SPARE_ROWS, MOST_ROWS), column, tables)
        for row, value in enumerate(values, 1):
            if value is not None:
                write_value(sheet, row, place, column.kind, value, style)


def _note(column: Column) -> str:
    parts = [column.doc, f"{column.kind}, {_NEEDS[column.need]}"]
    parts += [f"unit: {column.unit}"] if column.unit else []
    parts += [f"a key of {column.refers}"] if column.refers else []
    parts += [f"when empty: {column.default}"] if column.default else []
    parts += ["without Z or an offset it is local to the plant"] if column.kind == "time" else []
    return "\n".join(parts)


def _offer(sheet: Worksheet, place: int, last: int, column: Column, tables: Tables) -> None:
    """A drop-down where the words are known; keys of another sheet may be typed before they are there."""
    if column.choices or column.kind == "boolean":
        words = list(column.choices) or ["true", "false"]
        message = f"one of: {', '.join(words)}"[:255]
        rule = {"validate": "list", "source": words, "error_title": column.name[:32], "error_message": message}
    elif column.refers in tables:
        known = min(tables[column.refers].height + _SPARE_ROWS, MOST_ROWS)
        # The key is the first column of every table that others refer to.
        source = f"={column.refers}!$A$2:$A${known + 1}"
        message = f"not yet in the sheet {column.refers}"
        rule = {"validate": "list", "source": source, "error_type": "warning", "error_message": message}
    else:
        return
    sheet.data_validation(1, place, last, place, rule)


def _width(column: Column, values: pl.Series) -> int:
    longest = values.head(200).cast(pl.String).str.len_chars().max() if column.kind != "time" else 20
    least, most = _WIDTHS
    return min(max(len(column.name) + 4, longest + 2 if isinstance(longest, int) else 0, least), most)


def _write_lines(sheet: Worksheet, lines: Sequence[str]) -> None:
    sheet.set_column(0, 0, 120)
    for row, line in enumerate(lines):
        write_text(sheet, row, 0, line)


def _write_grid(sheet: Worksheet, header: Sequence[str], lines: Sequence[Sequence[str | float]]) -> None:
    options = {"columns": [{"header": name} for name in header], "style": _STYLE}
    sheet.add_table(0, 0, max(len(lines), 1), len(header) - 1, options)
    sheet.freeze_panes(1, 0)
    for place in range(len(header)):
        sheet.set_column(place, place, min(max((len(str(line[place])) for line in lines), default=8) + 3, 60))
    for row, line in enumerate(lines, 1):
        for place, value in enumerate(line):
            if isinstance(value, str):
                write_text(sheet, row, place, value)
            else:
                sheet.write_number(row, place, _Exact(value))
