"""A booklet as one workbook: a sheet per section, native tables, number formats, a chart; no text becomes a formula."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tocfin.report.amounts import printable
from tocfin.report.booklet import Booklet, Cell, Section, Table

#: A sheet holds at most so many rows of one table; the Parquet form holds them all.
MOST_ROWS = 20_000
WIDEST = 60  # characters of a column


def write(book: Booklet, path: Path) -> None:
    """Write ``book`` to ``path``; numbers are the rounded ones that the other forms show."""
    from xlsxwriter import Workbook

    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False, "in_memory": True}
    with Workbook(str(path), options) as made:
        _front(made, book)
        for section in book.sections:
            tables = [one for one in section.contents if isinstance(one, Table)]
            if tables:
                _sheet(made, section, tables)


def _front(made: Any, book: Booklet) -> None:
    sheet = made.add_worksheet("Summary")
    bold, wrapped = (
        made.add_format({"bold": True, "font_size": 14}),
        made.add_format({"text_wrap": True, "valign": "top"}),
    )
    sheet.set_column(0, 0, 110)
    sheet.write_string(0, 0, printable(book.title), bold)
    sheet.write_string(1, 0, printable(book.subtitle))
    for row, lead in enumerate(book.leads, 3):
        sheet.write_string(row, 0, printable(lead), wrapped)


def _sheet(made: Any, section: Section, tables: list[Table]) -> None:
    sheet = made.add_worksheet(section.title[:31])
    title, soft = made.add_format({"bold": True, "font_size": 12}), made.add_format({"font_color": "#595959"})
    formats: dict[tuple[int, str], Any] = {}
    row = 0
    widths: dict[int, int] = {}
    for table in tables:
        sheet.write_string(row, 0, printable(table.title), title)
        rows = table.rows[:MOST_ROWS]
        _native(made, sheet, table, rows, row + 1, formats, widths)
        row += len(rows) + 2
        for note in (*table.notes, *(("more rows are in the Parquet form",) if len(table.rows) > MOST_ROWS else ())):
            sheet.write_string(row, 0, printable(note), soft)
            row += 1
        row += 1
    for column, width in widths.items():
        sheet.set_column(column, column, min(width + 2, WIDEST))
    sheet.freeze_panes(2, 1)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)


def _native(
    made: Any, sheet: Any, table: Table, rows: tuple[tuple[Cell, ...], ...], top: int,
    formats: dict[tuple[int, str], Any], widths: dict[int, int],
) -> None:  # fmt: skip
    """One table as a native one: its cells first, so that numbers and texts are written as what they are."""
    headings = _unlike(table.headings)
    for at, heading in enumerate(headings):
        widths[at] = max(widths.get(at, 8), min(len(heading), 24))
    for number, row in enumerate(rows, top + 1):
        for at, cell in enumerate(row):
            widths[at] = max(widths[at], min(len(cell.text), WIDEST))
            if isinstance(cell.value, int | float):
                key = (cell.decimals, cell.tone)
                formats.setdefault(key, made.add_format(_look(*key)))
                sheet.write_number(number, at, cell.value, formats[key])
            else:
                sheet.write_string(number, at, printable(cell.text))
    bottom = top + max(len(rows), 1)
    columns = [{"header": heading} for heading in headings]
    name = "t_" + "".join(char if char.isascii() and char.isalnum() else "_" for char in table.name)
    sheet.add_table(
        top, 0, bottom, len(headings) - 1, {"columns": columns, "name": name, "style": "Table Style Light 1"}
    )


def _look(decimals: int, tone: str) -> dict[str, Any]:
    colour = {"good": "#00694c", "bad": "#a83c00", "fair": "#7a5600"}.get(tone)
    look = {"num_format": "#,##0" + ("." + "0" * decimals if decimals else "")}
    return look | ({"font_color": colour} if colour else {})


def _unlike(headings: tuple[str, ...]) -> list[str]:
    """Headings that differ, as native tables need them."""
    found: list[str] = []
    for heading in headings:
        name = printable(heading) or "value"
        while name.lower() in (one.lower() for one in found):
            name += " "
        found.append(name)
    return found
