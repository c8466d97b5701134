"""A report in the form that its file name asks for, written whole or not at all."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tocfin.dataset.atomic import appearing
from tocfin.errors import UsageError
from tocfin.report.booklet import Booklet, Cell, Chart
from tocfin.report.records import json_text
from tocfin.report.sections import booklet

FORMS = (".html", ".xlsx", ".json")


def bound(found: Any, out: Path, *, force: bool = False) -> None:
    """Write the dossier ``found`` to ``out``: .html, .xlsx, .json, or without an ending a folder of Parquet tables.

    Raises UsageError for another ending.
    """
    form = out.suffix.lower()
    if form and form not in FORMS:
        raise UsageError(f"'{out.name}' is no form of a report; end it in {', '.join(FORMS)}, or name a folder")
    book = booklet(found)
    with appearing(out, force=force) as draft:
        if form == ".html":
            from tocfin.report.hypertext import page

            draft.write_text(page(book), encoding="utf-8", newline="\n")
        elif form == ".xlsx":
            from tocfin.report.workbook import write

            write(book, draft)
        elif form == ".json":
            draft.write_text(f"{json_text(document(book))}\n", encoding="utf-8", newline="\n")
        else:
            from tocfin.report.star import write as tables

            tables(book, draft)


def document(book: Booklet) -> dict[str, Any]:
    """The booklet as JSON: every table with its cells as they are shown and as numbers rounded alike."""
    return {
        "schema": 1,
        "title": book.title,
        "subtitle": book.subtitle,
        "currency": book.currency,
        "leads": list(book.leads),
        "tables": [
            {
                "name": table.name,
                "title": table.title,
                "headings": list(table.headings),
                "rows": [[_cell(cell) for cell in row] for row in table.rows],
                "notes": list(table.notes),
            }
            for table in book.tables
        ],
        "charts": {
            one.name: {"title": one.title, "words": one.words}
            for section in book.sections
            for one in section.contents
            if isinstance(one, Chart)
        },
    }


def _cell(cell: Cell) -> dict[str, Any]:
    return {"text": cell.text, "value": cell.value}
