"""The rows that a line of the register of assumptions is about, and those rows with another value."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

import polars as pl

from tocfin.catalogue import BY_NAME
from tocfin.dataset.listing import Tables

#: Columns by which a selector names a row, beside the key.
NAMED_BY: Mapping[str, tuple[str, ...]] = {
    "resources": ("name",), "plants": ("name",), "items": ("name",), "jobs": ("product",),
}  # fmt: skip


class Entry(NamedTuple):
    """One line of the register, and the places (from 0) of the rows whose value it decides."""

    table: str
    column: str
    selector: str
    value: str
    source: str
    who: str | None
    at: int | None
    rows: frozenset[int]


def matches(column: pl.Expr, selector: str) -> pl.Expr:
    """Where a column is what a selector names, ``*`` and ``?`` standing for anything."""
    if selector == "*":
        return pl.lit(True)
    pattern = re.escape(selector).replace(r"\*", ".*").replace(r"\?", ".")
    return column.cast(pl.String).str.contains(f"^(?s:{pattern})$").fill_null(False)


def entries(tables: Tables) -> tuple[Entry, ...]:
    """The register, in the order in which it was written; a row belongs to the last line that names it.

    Lines about a table or column that there is not are left out.
    """
    found: list[Entry] = []
    names = ("table_name", "column_name", "selector", "value", "source", "who", "at")
    for table, column, selector, value, source, who, at in tables["assumptions"].select(names).rows():
        if table not in BY_NAME or column not in BY_NAME[table].names:
            continue
        frame = tables[table]
        keys = (*BY_NAME[table].key, *NAMED_BY.get(table, ()))
        hit = frame.select(pl.any_horizontal(matches(pl.col(key), selector) for key in keys)).to_series()
        hit = hit if hit.len() == frame.height else pl.repeat(True, frame.height, eager=True)
        rows = frozenset((hit & frame[column].is_not_null()).arg_true().to_list())
        if source != "derived":
            found = [_without(old, table, column, rows) for old in found]
        else:
            taken = [old.rows for old in found if (old.table, old.column) == (table, column)]
            rows = rows.difference(*taken)  # only empty cells were derived
        found.append(Entry(table, column, selector, value, source, who, at, rows))
    return tuple(found)


def _without(entry: Entry, table: str, column: str, rows: frozenset[int]) -> Entry:
    return entry._replace(rows=entry.rows - rows) if (entry.table, entry.column) == (table, column) else entry


def scaled(tables: Tables, entry: Entry, factor: float) -> dict[str, pl.DataFrame]:
    """``tables`` with the values of one assumption times ``factor``."""
    chosen = pl.int_range(pl.len()).is_in(sorted(entry.rows))
    value = pl.when(chosen).then(pl.col(entry.column) * factor).otherwise(pl.col(entry.column))
    return dict(tables) | {entry.table: tables[entry.table].with_columns(value.alias(entry.column))}
