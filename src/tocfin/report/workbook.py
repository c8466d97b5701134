"""A booklet as one workbook: a sheet per section, native tables, number formats, drop-downs, charts, formulas as notes.

No text becomes a formula or a link.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tocfin.report.amounts import printable
from tocfin.report.booklet import Booklet, Cell, Row, Section, Table

#: A sheet holds at most so many rows of one table; the Parquet form holds them all.
MOST_ROWS = 20_000
WIDEST = 45  # characters of a column
LEAD = 100  # characters of a line of the summary
COLOURS = {"good": "#00694c", "bad": "#a83c00", "fair": "#7a5600"}
#: Plan grey, actual dark, forecast hatched in blue.
PATTERNS: dict[str, dict[str, Any]] = {
    "plan": {"border": {"color": "#888888"}, "fill": {"none": True}},
    "actual": {"fill": {"color": "#404040"}},
    "forecast": {"pattern": {"pattern": "wide_upward_diagonal", "fg_color": "#0072b2", "bg_color": "#ffffff"}},
}
CHART_ROWS = 18


@dataclass
class _Pen:
    """What a sheet is written with: its formats by look, the widths that its columns need, its next free row."""

    made: Any
    sheet: Any
    row: int = 0
    formats: dict[tuple[int, str, bool], Any] = field(default_factory=dict)
    widths: dict[int, int] = field(default_factory=dict)

    def look(self, cell: Cell, bold: bool) -> Any:
        """The format of a number."""
        key = (cell.decimals, cell.tone, bold)
        if key not in self.formats:
            look: dict[str, Any] = {"num_format": "#,##0" + ("." + "0" * cell.decimals if cell.decimals else "")}
            look |= {"font_color": COLOURS[cell.tone]} if cell.tone in COLOURS else {}
            self.formats[key] = self.made.add_format(look | ({"bold": True, "top": 1} if bold else {}))
        return self.formats[key]


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
    bold = made.add_format({"bold": True, "font_size": 14})
    wrapped = made.add_format({"text_wrap": True, "valign": "top"})
    sheet.set_column(0, 0, LEAD)
    sheet.write_string(0, 0, printable(book.title), bold)
    sheet.write_string(1, 0, printable(book.subtitle), wrapped)
    for row, lead in enumerate(book.leads, 3):
        sheet.set_row(row, 15 * (1 + len(lead) // (LEAD - 5)))
        sheet.write_string(row, 0, printable(lead), wrapped)
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)


def _sheet(made: Any, section: Section, tables: list[Table]) -> None:
    pen = _Pen(made, made.add_worksheet(section.title[:31]))
    title, soft = made.add_format({"bold": True, "font_size": 12}), made.add_format({"font_color": "#595959"})
    for table in tables:
        pen.sheet.write_string(pen.row, 0, printable(table.title), title)
        top, rows = pen.row + 1, table.rows[:MOST_ROWS]
        _native(pen, table, rows, top)
        pen.row = top + 1 + max(len(rows), 1)
        if table.total:
            _line(pen, table.total, pen.row, bold=True)
            pen.row += 1
        more = len(table.rows) - len(rows)
        for note in (*table.notes, *((f"{more:,} more rows are in the Parquet form",) if more else ())):
            pen.sheet.write_string(pen.row, 0, printable(note), soft)
            pen.row += 1
        if table.drawn is not None and rows:
            _chart(pen, table, top, len(rows))
        pen.row += 1
    for column, width in pen.widths.items():
        pen.sheet.set_column(column, column, min(width + 2, WIDEST))
    pen.sheet.freeze_panes(2, 1)
    pen.sheet.set_landscape()
    pen.sheet.set_paper(9)
    pen.sheet.fit_to_pages(1, 0)


def _native(pen: _Pen, table: Table, rows: tuple[Row, ...], top: int) -> None:
    """One table as a native one: its cells first, so that numbers and texts are written as what they are."""
    headings = _unlike(table.headings)
    for at, heading in enumerate(headings):
        pen.widths[at] = max(pen.widths.get(at, 8), min(len(heading) + 2, 26))
    for number, row in enumerate(rows, top + 1):
        _line(pen, row, number)
    bottom = top + max(len(rows), 1)
    columns = [{"header": heading} for heading in headings]
    name = "t_" + "".join(char if char.isascii() and char.isalnum() else "_" for char in table.name)
    pen.sheet.add_table(
        top, 0, bottom, len(headings) - 1, {"columns": columns, "name": name, "style": "Table Style Light 1"}
    )
    for at, words in table.choices.items():
        _offer(pen.sheet, top + 1, bottom, at, words)


def _line(pen: _Pen, row: Row, number: int, *, bold: bool = False) -> None:
    for at, cell in enumerate(row):
        pen.widths[at] = max(pen.widths.get(at, 8), min(len(cell.text), WIDEST))
        if isinstance(cell.value, int | float):
            pen.sheet.write_number(number, at, cell.value, pen.look(cell, bold))
        else:
            pen.sheet.write_string(number, at, printable(cell.text), pen.look(Cell(""), True) if bold else None)
        if cell.note:
            pen.sheet.write_comment(number, at, printable(cell.note), {"x_scale": 3, "y_scale": 1.5})


def _offer(sheet: Any, first: int, last: int, column: int, words: tuple[str, ...]) -> None:
    """A drop-down that may be overruled; none where the words are more than Excel takes, or hold its separator."""
    if len(",".join(words)) <= 255 and not any("," in word for word in words):
        rule = {"validate": "list", "source": list(words), "error_type": "warning"}
        sheet.data_validation(first, column, last, column, rule)


def _chart(pen: _Pen, table: Table, top: int, rows: int) -> None:
    """What a table says, drawn below it by the office program from the table's own cells."""
    drawn, name = table.drawn, pen.sheet.get_name()
    assert drawn is not None  # noqa: S101  # the caller looked
    chart = pen.made.add_chart({"type": drawn.kind})
    for column in drawn.values:
        look = PATTERNS.get(table.kinds.get(column, ""), {}) if drawn.kind != "line" else {}
        chart.add_series({
            "name": [name, top, column],
            "categories": [name, top + 1, drawn.names, top + rows, drawn.names],
            "values": [name, top + 1, column, top + rows, column],
            **look,
        })  # fmt: skip
    chart.set_title({"name": printable(table.title), "name_font": {"size": 11}})
    chart.set_legend({"position": "bottom"} if len(drawn.values) > 1 else {"none": True})
    if drawn.kind == "bar":
        chart.set_y_axis({"reverse": True, "label_position": "low"})
    chart.set_size({"width": 760, "height": 20 * (CHART_ROWS - 1)})
    pen.sheet.insert_chart(pen.row, 0, chart)
    pen.row += CHART_ROWS


def _unlike(headings: tuple[str, ...]) -> list[str]:
    """Headings that differ, as native tables need them."""
    found: list[str] = []
    for heading in headings:
        name = printable(heading) or "value"
        while name.lower() in (one.lower() for one in found):
            name += " "
        found.append(name)
    return found
