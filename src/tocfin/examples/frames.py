"""Rows or columns of generated values become frames typed as the catalogue says."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any

import polars as pl

from tocfin.catalogue import BY_NAME, TABLES
from tocfin.dataset import Dataset, read
from tocfin.dataset.tables import empty_frame, stored

FIRST_ROW = 2  # the header is row 1

#: Kinds that are stored as plain integers: how a reader is told what they are.
_TELLING: dict[str, Callable[[pl.Expr], pl.Expr]] = {
    "time": lambda seconds: (seconds * 1_000).cast(pl.Datetime("ms", "UTC")),
    "date": lambda days: days.cast(pl.Int32).cast(pl.Date),
    "clock": lambda seconds: (seconds * 1_000_000_000).cast(pl.Time).dt.to_string("%H:%M"),
}


def typed(table: str, columns: Mapping[str, Any]) -> pl.DataFrame:
    """The frame of ``table`` with ``row`` first and every catalogue column, all-null where none is given."""
    unknown = set(columns) - set(BY_NAME[table].names)
    if unknown:
        raise KeyError(f"{table} has no column {', '.join(sorted(unknown))}")
    height = len(next(iter(columns.values()))) if columns else 0
    series = [pl.int_range(FIRST_ROW, FIRST_ROW + height, dtype=pl.Int64, eager=True).alias("row")]
    for column in BY_NAME[table].columns:
        dtype = stored(column.kind)
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
    return {table.name: tables[table.name] if table.name in tables else empty_frame(table) for table in TABLES}


def dataset(plan: Mapping[str, Any], tables: Mapping[str, pl.DataFrame]) -> Dataset:
    """``plan`` and typed ``tables`` as a checked data set, as if they had been read from a folder."""
    given = {name: frame.select(_said(name, frame)) for name, frame in tables.items() if _matters(name, frame)}
    return replace(read({"plan": plan} | given), name=plan["plan"]["name"])


def _matters(name: str, frame: pl.DataFrame) -> bool:
    return BY_NAME[name].required or frame.height > 0


def _said(name: str, frame: pl.DataFrame) -> list[pl.Expr]:
    """The columns that hold something, with times that say what they are."""
    return [
        _TELLING[column.kind](pl.col(column.name)) if column.kind in _TELLING else pl.col(column.name)
        for column in BY_NAME[name].columns
        if column.need != "optional" or frame[column.name].null_count() < frame.height
    ]
