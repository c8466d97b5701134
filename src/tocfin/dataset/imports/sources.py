"""The files of a source as typed tables: columns fetched by name, every cell read as strictly as a data set's.

A source is a folder of Parquet or CSV files, one such file, or a JSON list of ``{"model": .., "fields": {..}}``
records. Columns that the profile does not name are left alone. Times are taken to UTC on the way in.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from tocfin.catalogue import Column, Table
from tocfin.dataset.checked import checked
from tocfin.dataset.delimited import LONGEST_HEADER, read_delimited
from tocfin.dataset.findings import more, nearest, quoted
from tocfin.dataset.imports.profiles import kind_of
from tocfin.dataset.listing import LIMITS
from tocfin.dataset.tables import Raw, empty_frame, unread
from tocfin.errors import Finding, UsageError
from tocfin.zones import DOUBLE, OK, to_utc

DAY = 86_400


def read_sources(content: Mapping[str, Any], source: Path, zone: str) -> tuple[dict[str, pl.DataFrame], list[Finding]]:
    """Every source table of a profile by name, and what is wrong with them; UsageError when there is no source."""
    if not source.exists():
        raise UsageError(f"{source}: there is no such file or folder")
    frames: dict[str, pl.DataFrame] = {}
    findings: list[Finding] = []
    records: dict[str, list[dict[str, Any]]] | None = None
    titles = content.get("columns", {})
    for name, spec in content["sources"].items():
        table = _table(name, spec, titles)
        if "model" in spec:
            if records is None:
                records, told = _records(source)
                findings += told
            raw = _of_records(table, source.name, records.get(spec["model"], []), _needed(spec, titles))
        else:
            raw = _of_file(table, source, str(spec.get("file", name)), _needed(spec, titles))
        frame = _typed(raw, zone) if raw.whole else empty_frame(table)
        frames[name] = frame.rename({titles.get(key, key): key for key in spec["columns"]})
        findings += raw.findings
    return frames, findings


def _table(name: str, spec: Mapping[str, Any], titles: Mapping[str, str]) -> Table:
    columns = []
    for key, words in spec["columns"].items():
        kind, mark = kind_of(words, name)
        columns.append(Column(titles.get(key, key), kind, "always" if mark == "!" else "optional", "", low=None))
    return Table(name, "", tuple(columns))


def _needed(spec: Mapping[str, Any], titles: Mapping[str, str]) -> list[str]:
    return [titles.get(key, key) for key, words in spec["columns"].items() if not words.endswith("?")]


def _of_file(table: Table, source: Path, pattern: str, needed: list[str]) -> Raw:
    raw = unread(table, pattern)
    path = _located(raw, source, pattern) if source.is_dir() else source
    if path is None:
        return raw
    raw.file = path.name
    header = _header(path)
    if header is None:
        raw.fault("unreadable", "cannot be read; it is damaged, or neither CSV nor Parquet")
        return raw
    for name in needed:
        if name not in header:
            told = f"is missing; the profile needs this column{nearest(name, header)}"
            raw.fault("missing-column", told, row=1, column=name)
    if raw.findings:
        return raw
    names = [name for name in table.names if name in header]
    if path.suffix == ".parquet":
        return _of_parquet(raw, path, names)
    extra = tuple(Column(name, "text", "optional", "") for name in header if name not in table.names)
    raw = read_delimited(replace(table, columns=(*table.columns, *extra)), path.name, path.read_bytes())
    raw.table = table
    raw.frame = raw.frame.select("row", *names) if raw.whole else raw.frame
    return raw


def _located(raw: Raw, folder: Path, pattern: str) -> Path | None:
    wanted = [pattern] if "*" in pattern else [f"{pattern}.parquet", f"{pattern}.csv"]
    found = sorted(path for one in wanted for path in folder.glob(one) if path.is_file())
    if len(found) == 1:
        return found[0]
    if found:
        raw.fault("ambiguous-file", f"keep one of {', '.join(path.name for path in found)}")
    else:
        raw.fault("missing-file", f"is not in the folder; the profile reads {' or '.join(wanted)}")
    return None


def _header(path: Path) -> list[str] | None:
    try:
        if path.suffix == ".parquet":
            return list(pl.read_parquet_schema(path))
        with path.open("rb") as file:
            first = file.readline(LONGEST_HEADER).decode("utf-8-sig")
        return next(csv.reader([first.rstrip("\r\n")], strict=True), [])
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError, ValueError, csv.Error):
        return None


def _of_parquet(raw: Raw, path: Path, names: list[str]) -> Raw:
    try:
        frame = pl.read_parquet(path, columns=names, glob=False, hive_partitioning=False)
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError, ValueError, MemoryError):
        raw.fault("unreadable", "is not a readable Parquet file; it is damaged or of another format")
        return raw
    raw.frame = frame.select(pl.int_range(2, pl.len() + 2, dtype=pl.Int64).alias("row"), pl.all())
    raw.whole = True
    return raw


def _records(source: Path) -> tuple[dict[str, list[dict[str, Any]]], list[Finding]]:
    """Records of a JSON file by model, each with the row (place in the list) it came from."""
    try:
        listed = json.loads(source.read_bytes(), object_pairs_hook=_object, parse_constant=_no_constant)
    except (OSError, RecursionError, ValueError) as error:
        message = (
            f"cannot be read as JSON: {error if isinstance(error, ValueError) else 'unreadable or nested too deeply'}"
        )
        return {}, [Finding("error", "unreadable", "source", None, None, message, file=source.name)]
    models: dict[str, list[dict[str, Any]]] = {}
    findings: list[Finding] = []
    for row, record in enumerate(listed if isinstance(listed, list) else [listed], 1):
        if isinstance(record, dict) and isinstance(record.get("fields"), dict) and isinstance(record.get("model"), str):
            models.setdefault(record["model"], []).append(record["fields"] | {"row": row})
        else:
            message = 'is not a record with "model" and "fields"'
            findings.append(Finding("error", "wrong-type", "source", row, None, message, file=source.name))
    return models, findings[: LIMITS["error"]]


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise ValueError(f"a name is there twice in one object: {quoted(sorted(key for key, _ in pairs))}")
    return made


def _no_constant(word: str) -> Any:
    raise ValueError(f"{word} is not a number of JSON")


def _of_records(table: Table, file: str, records: list[dict[str, Any]], needed: list[str]) -> Raw:
    """Fields as cells of text, so that numbers written as text read like numbers (the export mixes both)."""
    columns = {name: [_cell(record.get(name)) for record in records] for name in table.names}
    rows = pl.Series("row", [record["row"] for record in records], dtype=pl.Int64)
    frame = pl.DataFrame([rows, *(pl.Series(name, cells, dtype=pl.String) for name, cells in columns.items())])
    raw = Raw(table, file, frame)
    for name in needed:
        if records and not any(name in record for record in records):
            raw.fault("missing-column", f"no record of {table.name} has this field", column=name)
    return raw


def _cell(value: Any) -> str | None:
    return value if value is None or isinstance(value, str) else json.dumps(value)


def _typed(raw: Raw, zone: str) -> pl.DataFrame:
    """Checked cells; days become midnights, whole numbers in a text column become text, local times UTC."""
    for column in raw.table.columns:
        if column.name not in raw.frame.columns:
            continue
        cell, dtype = pl.col(column.name), raw.frame.schema[column.name]
        if column.kind == "time" and dtype == pl.Date:
            raw.frame = raw.frame.with_columns(cell.cast(pl.Datetime("ms")))
        elif column.kind == "time" and dtype == pl.String:
            day = cell.str.len_chars() == 10
            raw.frame = raw.frame.with_columns(pl.when(day).then(cell + "T00:00").otherwise(cell).alias(column.name))
        elif column.kind == "text" and dtype.is_integer():
            raw.frame = raw.frame.with_columns(cell.cast(pl.String))
    found = checked(raw)
    frame = found.frame
    for name, local in found.local.items():
        frame = frame.with_columns(_instants(raw, frame, name, local, zone))
    return frame


def _instants(raw: Raw, frame: pl.DataFrame, name: str, local: pl.Series, zone: str) -> pl.Series:
    seconds = frame[name].fill_null(0).to_numpy()
    utc, status = to_utc(seconds, zone)
    # A whole day is not a time that somebody read from a clock: its midnight is where the day begins.
    wrong = (status != OK) & local.to_numpy() & frame[name].is_not_null().to_numpy() & (seconds % DAY != 0)
    at = np.flatnonzero(wrong)
    for index in at[: LIMITS["error"]]:
        why = "exists twice" if status[index] == DOUBLE else "does not exist"
        message = f"this time {why} in {zone} (daylight saving)"
        raw.fault("daylight-saving", message, row=int(frame["row"][int(index)]), column=name)
    if at.size:
        raw.findings.extend(more(raw.findings[-1], at.size - LIMITS["error"]))
    return (
        pl.select(pl.when(local).then(pl.Series(utc)).otherwise(frame[name]).alias(name))
        .to_series()
        .set(frame[name].is_null(), None)
    )
