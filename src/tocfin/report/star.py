"""A booklet as a star of Parquet tables in a folder, for Power BI, DuckDB and data frames, and every table as a file.

``fact_figure.parquet`` has a line per number: which table, line and column it is of, and its value. Around it stand
``dim_table`` (title, section), ``dim_line`` (what a line is about: its name, and KPI, scenario, job, resource, plant,
product and owner where it has one) and ``dim_column`` (heading; plan, actual or forecast). ``dim_run`` is the run card.
Beside them each table is a file of its own, its numbers as numbers. Values are the rounded ones of all other forms.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl

from tocfin.report.booklet import Booklet, Row, Table

#: Headings that say what a line is about, and the dimension that they belong to.
ABOUT = {
    "KPI": "kpi", "scenario": "scenario", "job": "job", "resource": "resource", "bottleneck": "resource",
    "plant": "plant", "product": "product", "owner": "owner", "period": "period", "scope": "scope", "step": "step",
}  # fmt: skip


def write(book: Booklet, folder: Path) -> None:
    """Write ``book`` into ``folder``, which must not exist yet."""
    folder.mkdir()
    for name, frame in star(book).items():
        frame.write_parquet(folder / f"{name}.parquet")
    for table in book.tables:
        _frame(table).write_parquet(folder / f"{table.name}.parquet")


def star(book: Booklet) -> dict[str, pl.DataFrame]:
    """The fact table and its dimensions, joined by ``table``, ``line`` and ``column``."""
    lines, facts = [], []
    for table, number, row in _lines(book):
        about = {
            ABOUT[heading]: cell.text for heading, cell in zip(table.headings, row, strict=True) if heading in ABOUT
        }
        lines.append({"table": table.name, "line": number, "name": row[0].text, "total": row is table.total} | about)
        facts += [
            {"table": table.name, "line": number, "column": at, "value": float(cell.value)}
            for at, cell in enumerate(row)
            if isinstance(cell.value, int | float)
        ]
    columns = [
        {"table": table.name, "column": at, "heading": heading, "kind": table.kinds.get(at)}
        for table in book.tables
        for at, heading in enumerate(table.headings)
    ]
    tables = [
        {"table": one.name, "title": one.title, "section": section.title}
        for section in book.sections
        for one in section.contents
        if isinstance(one, Table)
    ]
    card = next((table for table in book.tables if table.name == "run-card"), None)
    run = [] if card is None else [{"what": row[0].text, "value": row[1].text} for row in card.rows]
    named = {"table": pl.String, "line": pl.Int64, "name": pl.String, "total": pl.Boolean}
    return {
        "fact_figure": _typed(
            facts, {"table": pl.String, "line": pl.Int64, "column": pl.Int64, "value": pl.Float64}
        ),
        "dim_table": _typed(tables, {"table": pl.String, "title": pl.String, "section": pl.String}),
        "dim_line": _typed(lines, named | dict.fromkeys(ABOUT.values(), pl.String)),
        "dim_column": _typed(
            columns, {"table": pl.String, "column": pl.Int64, "heading": pl.String, "kind": pl.String}
        ),
        "dim_run": _typed(run, {"what": pl.String, "value": pl.String}),
    }  # fmt: skip


def _lines(book: Booklet) -> Iterator[tuple[Table, int, Row]]:
    for table in book.tables:
        for number, row in enumerate((*table.rows, *((table.total,) if table.total else ())), 1):
            yield table, number, row


def _typed(rows: list[dict[str, Any]], schema: dict[str, Any]) -> pl.DataFrame:
    return pl.DataFrame([{name: row.get(name) for name in schema} for row in rows], schema=schema)


def _frame(table: Table) -> pl.DataFrame:
    """The rows of a table, without its total."""
    columns = {}
    for at, heading in enumerate(table.headings):
        cells = [row[at] for row in table.rows]
        values = [cell.value if isinstance(cell.value, int | float) else None for cell in cells]
        if at in table.numeric and any(value is not None for value in values):
            columns[heading] = pl.Series(heading, values, dtype=pl.Float64, strict=False)
        else:
            columns[heading] = pl.Series(heading, [cell.text for cell in cells], dtype=pl.String)
    return pl.DataFrame(columns)
