"""Rows or columns of generated values become frames typed as the catalogue says."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import polars as pl

from tocfin.catalogue import BY_NAME, STORED_AS, TABLES

FIRST_ROW = 2  # the header is row 1


def typed(table: str, columns: Mapping[str, Any]) -> pl.DataFrame:
    """The frame of ``table`` with ``row`` first and every catalogue column, all-null where none is given."""
    unknown = set(columns) - set(BY_NAME[table].names)
    if unknown:
        raise KeyError(f"{table} has no column {', '.join(sorted(unknown))}")
    height = len(next(iter(columns.values()))) if columns else 0
    series = [pl.int_range(FIRST_ROW, FIRST_ROW + height, dtype=pl.Int64, eager=True).alias("row")]
    for column in BY_NAME[table].columns:
        dtype = getattr(pl, STORED_AS[column.kind])
        given = columns.get(column.name)
        if given is None:
            series.append(pl.repeat(None, height, dtype=dtype, eager=True).alias(column.name))
        else:
            series.append(pl.Series(column.name, given, strict=False).cast(dtype))
    return pl.DataFrame(series)


def from_rows(table: str, rows: Iterable[Mapping[str, Any]]) -> pl.DataFrame:
    """The frame of ``table`` made of one mapping a row; what a mapping leaves out is missing."""
    listed = list(rows)
    names = [name for name in BY_NAME[table].names if any(name in row for row in listed)]
    return typed(table, {name: [row.get(name) for row in listed] for name in names})


def complete(tables: Mapping[str, pl.DataFrame]) -> dict[str, pl.DataFrame]:
    """All tables in catalogue order; those not given are empty."""
    return {table.name: tables[table.name] if table.name in tables else typed(table.name, {}) for table in TABLES}
