"""A report in the form that its file name asks for, written whole or not at all; or as a page for a terminal."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tocfin.dataset.atomic import appearing
from tocfin.errors import UsageError
from tocfin.report.booklet import Booklet, Cell, Chart, Table
from tocfin.report.forms import Page
from tocfin.report.grid import Grid
from tocfin.report.sections import booklet

#: Endings of files -> forms; a name without an ending is a folder of Parquet tables.
FORMS = {".html": "html", ".xlsx": "xlsx", ".json": "json", ".csv": "csv", ".md": "md", ".txt": "table"}
NAMES = ("table", "line", "column", "text", "value")


def bound(found: Any, out: Path, *, force: bool = False) -> None:
    """Write the dossier ``found`` to ``out``: one of FORMS, or without an ending a folder of Parquet tables.

    Raises UsageError for another ending.
    """
    ending = out.suffix.lower()
    if ending and ending not in FORMS:
        raise UsageError(f"'{out.name}' is no form of a report; end it in {', '.join(FORMS)}, or name a folder")
    book = booklet(found)
    with appearing(out, force=force) as draft:
        if ending == ".html":
            from tocfin.report.hypertext import page as html

            draft.write_text(html(book), encoding="utf-8", newline="\n")
        elif ending == ".xlsx":
            from tocfin.report.workbook import write

            write(book, draft)
        elif ending:
            draft.write_text(f"{page(book).text(FORMS[ending])}\n", encoding="utf-8", newline="\n")
        else:
            from tocfin.report.star import write as tables

            tables(book, draft)


def page(book: Booklet) -> Page:
    """The booklet for a terminal, as JSON, CSV and Markdown."""
    return Page(lambda: document(book), lambda: records(book), NAMES, lambda: grids(book))


def grids(book: Booklet) -> list[Grid]:
    """What page 1 says, then every table as pages show it; of pictures, what they say."""
    found = [Grid(book.title, (book.subtitle,), tuple((lead,) for lead in book.leads))]
    for section in book.sections:
        for one in section.contents:
            if isinstance(one, Chart):
                found.append(Grid(one.title, ("",), ((one.words,),)))
            elif not one.folded:
                short = one.shortened()
                rows = (*short.rows, *((short.total,) if short.total else ()))
                cells = tuple(tuple(cell.text for cell in row) for row in rows)
                found.append(Grid(one.title, one.headings, cells, one.numeric, short.notes))
    return found


def records(book: Booklet) -> list[Mapping[str, Any]]:
    """A record per cell that says something: its table, line, column, text and, of a number, the value."""
    return [
        {"table": table.name, "line": row[0].text, "column": heading, "text": cell.text}
        | {"value": cell.value if isinstance(cell.value, int | float) else None}
        for table in book.tables
        for row in (*table.rows, *((table.total,) if table.total else ()))
        for heading, cell in zip(table.headings[1:], row[1:], strict=True)
        if cell.text
    ]


def document(book: Booklet) -> dict[str, Any]:
    """The booklet as JSON: every table with its cells as they are shown and as numbers rounded alike."""
    return {
        "schema": 1,
        "title": book.title,
        "subtitle": book.subtitle,
        "currency": book.currency,
        "leads": list(book.leads),
        "tables": [_table(table) for table in book.tables],
        "charts": {
            one.name: {"title": one.title, "words": one.words}
            for section in book.sections
            for one in section.contents
            if isinstance(one, Chart)
        },
    }


def _table(table: Table) -> dict[str, Any]:
    said: dict[str, Any] = {
        "name": table.name,
        "title": table.title,
        "headings": list(table.headings),
        "rows": [[_cell(cell) for cell in row] for row in table.rows],
        "notes": list(table.notes),
    }
    if table.total:
        said |= {"total": [_cell(cell) for cell in table.total], "sums": sorted(table.sums)}
    return said


def _cell(cell: Cell) -> dict[str, Any]:
    said: dict[str, Any] = {"text": cell.text, "value": cell.value}
    return said | {"note": cell.note} if cell.note else said
