"""Keys name one row each, and references name a row that exists."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import compress

import polars as pl

from tocfin.catalogue import Column, Table
from tocfin.dataset.findings import more, nearest, quoted
from tocfin.dataset.listing import LIMITS
from tocfin.errors import Finding, Grade

#: Tables of more keys than this get no suggestion for a misspelt reference: looking is quadratic.
_MOST_SUGGESTED_FROM = 5_000


def duplicates(table: Table, frame: pl.DataFrame) -> Iterator[Finding]:
    """Rows whose key an earlier row has (in a journal: with other content); each mentions the first."""
    if not table.key or not frame.height:
        return
    cells = [_key_cell(table.column(name)) for name in table.key]
    key: pl.Expr = cells[0] if len(cells) == 1 else pl.struct(cells)
    if frame.select(key.n_unique()).item() == frame.height:
        return
    if table.journal:  # a row that arrives again unchanged is not a fault
        frame = frame.unique(subset=list(table.names), keep="first", maintain_order=True)
    required = [name for name in table.key if table.column(name).need == "always"]
    known = frame.drop_nulls(required).select("row", *cells)
    later = known.filter(~key.is_first_distinct())
    first = known.filter(key.is_first_distinct()).rename({"row": "first"})
    named = later.head(LIMITS["error"]).join(
        first, on=list(table.key), how="left", nulls_equal=True, maintain_order="left"
    )
    finding = None
    for row in named.iter_rows(named=True):
        value = ", ".join(str(row[name]) for name in table.key if row[name] is not None)
        message = f"{', '.join(table.key)} {quoted(value)} is already the key of row {row['first']}"
        finding = Finding("error", "duplicate-key", table.name, row["row"], table.key[0], message, value=value)
        yield finding
    if finding:
        yield from more(finding, later.height - named.height)


def _key_cell(column: Column) -> pl.Expr:
    """A cell of a key; an empty one means the default where there is one."""
    return pl.col(column.name).fill_null(column.default) if column.default else pl.col(column.name)


def references(tables: Mapping[str, pl.DataFrame], table: Table, whole: Mapping[str, bool]) -> Iterator[Finding]:
    """Dangling references of ``table``; none into a table that could not be read in full."""
    frame = tables[table.name]
    columns = [column for column in table.columns if column.refers and whole[column.refers] and frame.height]
    if columns:
        lost = [_lost(column, tables[column.refers]) for column in columns]
        found = frame.select(nameless.any().alias(c.name) for c, nameless in zip(columns, lost, strict=True)).row(0)
        for column, nameless in compress(zip(columns, lost, strict=True), found):
            yield from _dangling(table, column, frame.filter(nameless), tables[column.refers])


def _lost(column: Column, parent: pl.DataFrame) -> pl.Expr:
    """Where ``column`` names no row of ``parent``."""
    return ~pl.col(column.name).is_in(pl.lit(parent[parent.columns[1]]).implode())


def _dangling(table: Table, column: Column, lost: pl.DataFrame, parent: pl.DataFrame) -> Iterator[Finding]:
    keys = parent[parent.columns[1]].drop_nulls()
    known = keys.to_list() if keys.len() <= _MOST_SUGGESTED_FROM else []
    hints: dict[str, str] = {}
    finding = None
    for row, value in lost.head(LIMITS["error"]).select("row", column.name).iter_rows():
        if value not in hints:
            hints[value] = nearest(value, known) if len(hints) < LIMITS["warning"] else ""
        message = f"{quoted(value)} is not in {column.refers}{hints[value]}"
        spared = table.journal and column.need == "optional"  # an orphan, which `tocfin events` lists
        grade: Grade = "warning" if spared else "error"
        finding = Finding(grade, "dangling-key", table.name, row, column.name, message, value=value)
        yield finding
    if finding:
        yield from more(finding, lost.height - LIMITS["error"])
