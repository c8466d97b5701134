"""Parquet files and data frames: columns that carry their type are taken by it, text is read like CSV text."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import narwhals as nw
import polars as pl

from tocfin.catalogue import Table
from tocfin.dataset.header import places
from tocfin.dataset.tables import Raw, unread


def read_parquet(table: Table, file: str, path: Path) -> Raw:
    """One Parquet file that `probe.sound` has found sound; only columns of the catalogue are read."""
    raw = unread(table, file)
    place = places(raw, list(pl.scan_parquet(path, glob=False, hive_partitioning=False).collect_schema()))
    if place:
        _take(raw, pl.read_parquet(path, columns=list(place), glob=False, hive_partitioning=False))
    return raw


def read_frame(table: Table, given: Any) -> Raw:
    """One data frame of any library that narwhals knows."""
    raw = unread(table, table.name)
    try:
        frame = nw.from_native(given)
        frame = frame.collect() if isinstance(frame, nw.LazyFrame) else frame
    except TypeError:
        raw.fault("wrong-type", f"is not a data frame but {type(given).__name__}")
        return raw
    place = places(raw, frame.columns)
    if place:
        native = nw.to_native(frame)
        polars = native if isinstance(native, pl.DataFrame) else _polars(frame, list(place))
        _take(raw, polars.select(list(place)))
    return raw


def _take(raw: Raw, frame: pl.DataFrame) -> None:
    raw.frame = frame.select(pl.int_range(2, pl.len() + 2, dtype=pl.Int64).alias("row"), pl.all())
    raw.whole = True


def _polars(frame: Any, names: list[str]) -> pl.DataFrame:
    """The named columns as polars holds them; what the library calls missing (pandas: NaN) is null."""
    columns = []
    for name in names:
        series = frame[name]
        missing = series.is_null().to_list()
        values = [None if absent else value for value, absent in zip(series.to_list(), missing, strict=True)]
        try:
            columns.append(pl.Series(name, values, strict=True))
        except (TypeError, pl.exceptions.PolarsError):
            columns.append(pl.Series(name, values, dtype=pl.Object))
    return pl.DataFrame(columns)
