"""A booklet as Parquet tables in a folder, for Power BI, DuckDB and data frames: a fact table, and each table.

``facts.parquet`` has a line per number: table, row, column, value. Every table is also a file of its own, its numbers
as numbers. Values are the rounded ones that all other forms show.
"""

from __future__ import annotations

from pathlib import Path

import polars as pl

from tocfin.report.booklet import Booklet, Table


def write(book: Booklet, folder: Path) -> None:
    """Write ``book`` into ``folder``, which must not exist yet."""
    folder.mkdir()
    facts = [
        (table.name, number, row[0].text, heading, float(cell.value))
        for table in book.tables
        for number, row in enumerate(table.rows, 1)
        for heading, cell in zip(table.headings, row, strict=True)
        if isinstance(cell.value, int | float)
    ]
    schema = {"table": pl.String, "row": pl.Int64, "key": pl.String, "column": pl.String, "value": pl.Float64}
    pl.DataFrame(facts, schema=schema, orient="row").write_parquet(folder / "facts.parquet")
    for table in book.tables:
        _frame(table).write_parquet(folder / f"{table.name}.parquet")


def _frame(table: Table) -> pl.DataFrame:
    columns = {}
    for at, heading in enumerate(table.headings):
        cells = [row[at] for row in table.rows]
        values = [cell.value if isinstance(cell.value, int | float) else None for cell in cells]
        if at in table.numeric and any(value is not None for value in values):
            columns[heading] = pl.Series(heading, values, dtype=pl.Float64, strict=False)
        else:
            columns[heading] = pl.Series(heading, [cell.text for cell in cells], dtype=pl.String)
    return pl.DataFrame(columns)
