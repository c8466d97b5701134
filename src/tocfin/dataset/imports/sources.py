"""The files of a source as typed tables: columns fetched by name, every cell read as strictly as a data set's.

A source is a folder of Parquet or CSV files, one such file, or a JSON list of ``{"model": .., "fields": {..}}``
records. Columns that the profile does not name are left alone. Times are taken to UTC on the way in.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from tocfin.catalogue import Column
from tocfin.dataset.checked import checked
from tocfin.dataset.delimited import LONGEST_HEADER, read_delimited
from tocfin.dataset.findings import more, nearest, quoted
from tocfin.dataset.imports.books import lines_of
from tocfin.dataset.imports.exports import Line, decoded, sheet, split
from tocfin.dataset.imports.formats import Field, Format, field_of, format_of, table_of
from tocfin.dataset.imports.grammar import Cells, as_declared
from tocfin.dataset.imports.records import of_records, read_records
from tocfin.dataset.imports.sums import disagreeing
from tocfin.dataset.listing import LIMITS
from tocfin.dataset.tables import Raw, empty_frame, unread
from tocfin.errors import Finding, UsageError
from tocfin.zones import DOUBLE, OK, to_utc

DAY = 86_400


@dataclass
class Sources:
    """The source tables by name, where each was read from, and what is wrong with them."""

    frames: dict[str, pl.DataFrame] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    places: dict[str, tuple[str, dict[str, str]]] = field(default_factory=dict)

    def place(self, source: str, column: str) -> tuple[str, str]:
        """The file of a source, and what a column of it is called there."""
        file, titles = self.places.get(source, (source, {}))
        return file, titles.get(column, column)


def read_sources(content: Mapping[str, Any], source: Path, zone: str) -> Sources:
    """Every source table of a profile by name, and what is wrong with them; UsageError when there is no source."""
    if not source.exists():
        raise UsageError(f"{source}: there is no such file or folder")
    found = Sources()
    records: dict[str, list[dict[str, Any]]] | None = None
    for name, spec in content["sources"].items():
        fields = fields_of(content, name)
        if "model" in spec:
            if records is None:
                records, told = read_records(source)
                found.findings += told
            raw = of_records(name, fields, source.name, records.get(spec["model"], []))
        else:
            raw = _of_file(name, fields, source, spec, format_of(content, spec, f"sources.{name}"))
        frame = _typed(raw, zone) if raw.whole else empty_frame(raw.table)
        found.frames[name] = _renamed(frame, fields)
        found.places[name] = raw.file, {one.name: one.title(frame.columns) or one.name for one in fields}
        found.findings += raw.findings
    return found


def fields_of(content: Mapping[str, Any], name: str) -> list[Field]:
    """The columns of one source of a profile."""
    titles = content.get("columns", {})
    return [
        field_of(key, words, titles, f"sources.{name}") for key, words in content["sources"][name]["columns"].items()
    ]


def _renamed(frame: pl.DataFrame, fields: Sequence[Field]) -> pl.DataFrame:
    """Columns by their name in the profile; one that the file lacks is empty."""
    return frame.select("row", *(pl.col(one.title(frame.columns) or one.titles[0]).alias(one.name) for one in fields))


def _of_file(name: str, fields: Sequence[Field], source: Path, spec: Mapping[str, Any], form: Format | None) -> Raw:
    pattern = str(spec.get("file", name))
    raw = unread(table_of(name, fields, ()), pattern)
    optional = bool(spec.get("optional"))
    path: Path | None = source
    if source.is_dir():
        path = _located(raw, source, pattern, optional=optional)
    elif optional and source.suffix.lower() != ".xlsx":
        path = None  # one file is the source that is needed
    if path is None:
        return raw
    raw.file = path.name
    if path.suffix.lower() == ".xlsx":
        return read_book(raw, path, fields, form or Format(), pattern, optional=optional)
    if form is not None and path.suffix.lower() != ".parquet":
        return read_export(raw, path, fields, form)
    header = _header(path)
    if header is None:
        raw.fault("unreadable", "cannot be read; it is damaged, or neither CSV nor Parquet")
        return raw
    return _of_plain(raw, path, fields, header)


def _of_plain(raw: Raw, path: Path, fields: Sequence[Field], header: list[str]) -> Raw:
    """A file that is written as those of a data set are."""
    for one in fields:
        if one.need != "?" and one.title(header) is None:
            hint = nearest(one.titles[0], header)
            raw.fault("missing-column", f"is missing; the profile needs this column{hint}", row=1, column=one.titles[0])
    if raw.findings:
        return raw
    raw.table = table_of(raw.table.name, fields, header)
    names = [name for name in raw.table.names if name in header]
    if path.suffix == ".parquet":
        return _of_parquet(raw, path, names)
    extra = tuple(Column(name, "text", "optional", "") for name in header if name not in raw.table.names)
    table = raw.table
    raw = read_delimited(replace(table, columns=(*table.columns, *extra)), path.name, path.read_bytes())
    raw.table = table
    raw.frame = raw.frame.select("row", *names) if raw.whole else raw.frame
    return raw


def read_export(raw: Raw, path: Path, fields: Sequence[Field], form: Format) -> Raw:
    """A text file written as ``form`` says."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raw.fault("unreadable", f"cannot be read: {error.strerror}")
        return raw
    text = decoded(raw, data, form.encoding)
    return raw if text is None else _under_header(raw, split(raw, text, form), fields, form)


def read_book(raw: Raw, path: Path, fields: Sequence[Field], form: Format, pattern: str, *, optional: bool) -> Raw:
    """A sheet of a workbook: the one that ``form`` names, else that of the source's name, else the only one."""
    sheets = lines_of(path)
    if isinstance(sheets, str):
        raw.fault("unreadable", sheets)
        return raw
    wanted = form.sheet or pattern
    found = [name for name in sheets if fnmatch(name.lower(), wanted.lower())]
    if not found and not form.sheet and not optional and len(sheets) == 1:
        found = list(sheets)
    if len(found) == 1:
        raw.file = found[0]
        return _under_header(raw, sheets[found[0]], fields, form)
    if found or not optional:
        told = f"has {len(found) or 'no'} visible sheets called {quoted(wanted)}{nearest(wanted, tuple(sheets))}"
        raw.fault("missing-sheet", f"{told}; name one with sheet = in [sources.{raw.table.name}.format]")
    return raw


def _under_header(raw: Raw, lines: Sequence[Line], fields: Sequence[Field], form: Format) -> Raw:
    found = sheet(raw, lines, form, fields) if not raw.findings else None
    if found is None:
        return raw
    places = {title: at for at, title in enumerate(found.header)}
    for one in fields:
        wanted = [one.titles] if one.need != "?" else []
        wanted += [(beside,) for beside in (one.unit_from, one.clock) if beside and one.title(found.header)]
        for titles in wanted:
            if not any(title in places for title in titles):
                hint = nearest(titles[0], found.header)
                raw.fault("missing-column", f"is missing; the profile needs this column{hint}", column=titles[0])
    if any(finding.grade == "error" for finding in raw.findings):
        return raw
    raw.table = table_of(raw.table.name, fields, found.header)
    numbers = [number for number, _ in found.rows]
    columns = [pl.Series("row", numbers, dtype=pl.Int64)]
    for one in fields:
        if (title := one.title(found.header)) is not None:
            cut = {key: [row[at] for _, row in found.rows] for key in (title, one.unit_from, one.clock)
                   if (at := places.get(key)) is not None}  # fmt: skip
            cells = Cells(cut[title], cut.get(one.unit_from), cut.get(one.clock))
            columns.append(as_declared(raw, numbers, cells, one, form, title))
    raw.frame = pl.DataFrame(columns)
    raw.whole = True
    for one in fields:
        if (title := one.title(found.header)) is not None:
            disagreeing(raw, found, one, form, title)
    return raw


def _located(raw: Raw, folder: Path, pattern: str, *, optional: bool) -> Path | None:
    wanted = [pattern] if "." in pattern else [f"{pattern}.{end}" for end in _ENDINGS]
    found = [
        path
        for path in sorted(folder.iterdir())
        if any(fnmatch(path.name.lower(), one.lower()) for one in wanted) and path.is_file()
    ]
    if len(found) == 1:
        return found[0]
    if found:
        raw.fault("ambiguous-file", f"keep one of {', '.join(path.name for path in found)}")
    elif not optional:
        raw.fault("missing-file", f"is not in the folder; the profile reads {' or '.join(wanted)}")
    return None


_ENDINGS = ("parquet", "csv", "txt", "xlsx")


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
