"""Faulty rows, and all that depends on them, moved into reject files; and repaired ones put back where they stood.

A job is set aside whole: with an operation, an activity or a need missing its money and hours would be wrong.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import polars as pl

from tocfin.catalogue import BY_NAME, TABLES
from tocfin.dataset.aside import ASIDE, Entry, Reject, append_log, read_rejects, write_rejects
from tocfin.dataset.atomic import revised
from tocfin.dataset.imports.exports import split
from tocfin.dataset.imports.formats import Format
from tocfin.dataset.listing import Tables, told_in_full
from tocfin.dataset.tables import Dataset, unread
from tocfin.errors import DatasetError, Finding, UsageError

#: Parts without which what they belong to would be wrong: child -> (its column, whole).
_PART_OF = {
    "activities": ("operation", "operations"),
    "material_requirements": ("operation", "operations"),
    "operations": ("manufacturing_order", "manufacturing_orders"),
    "manufacturing_orders": ("job", "jobs"),
}
Read = Callable[[Path], Dataset]
Rows = dict[str, dict[int, str]]  # per table: the rows to move, and why


class _File(NamedTuple):
    header: list[str]
    lines: list[tuple[int, list[str]]]


def set_aside(folder: Path, reason: str, who: str, read: Read, *, rejoin: bool = False) -> Dataset:
    """Moves every faulty row of the data set at ``folder`` and what depends on it; returns what is left.

    With ``rejoin`` the rows that were set aside are put back first. Raises UsageError for what is no folder,
    DatasetError, and changes nothing, where a fault is not one of rows (a missing column, plan.toml).
    """
    with _candidate(folder) as work:
        if rejoin:
            _put_back(work)
        moved: dict[str, int] = {}
        with told_in_full():
            found = read(work)
            while not found.ok:
                rows = _dependent(found.tables, _faulty(found))
                for table, whys in rows.items():
                    _move(work, table, whys, who)
                    moved[table] = moved.get(table, 0) + len(whys)
                found = read(work)
        _log(work, reason, who, "set aside", moved)
    return read(folder)


def rejoin(folder: Path, who: str, read: Read) -> Dataset:
    """Puts all rows that were set aside back where they stood; returns the whole data set.

    Raises DatasetError, and changes nothing, when a row is still faulty: the findings name its reject file.
    """
    with _candidate(folder) as work:
        back = _put_back(work)
        found = read(work)
        if not found.ok:
            raise DatasetError([_renamed(finding, back) for finding in found.findings])
        _log(work, "", who, "put back", {table: len(lines) for table, lines in back.items()})
    return read(folder)


def _candidate(folder: Path) -> AbstractContextManager[Path]:
    if not folder.is_dir():
        raise UsageError(f"{folder}: rows are set aside in a folder of CSV files; save the tables so first")
    return revised(folder)


def _faulty(found: Dataset) -> Rows:
    """Rows with an error; DatasetError where an error is not one of a row."""
    rows: Rows = {}
    for finding in found.findings:
        if finding.grade == "error":
            if finding.row is None or finding.row < 2 or finding.table not in BY_NAME:
                raise DatasetError(found.findings)
            rows.setdefault(finding.table, {}).setdefault(finding.row, f"{finding.column or 'row'}: {finding.message}")
    return rows


def _dependent(tables: Tables, rows: Rows) -> Rows:
    """``rows`` and all that cannot stand without them: what refers to them, and the whole that they are part of."""
    found: Rows = {table: dict(whys) for table, whys in rows.items()}
    news = list(found)
    while news:
        table = news.pop()
        for other, row, why in (*_referring(tables, table, found[table]), *_wholes(tables, table, found[table])):
            if row not in found.setdefault(other, {}):
                found[other][row] = why
                if other not in news:
                    news.append(other)
    return {table: whys for table, whys in found.items() if whys}


def _referring(tables: Tables, name: str, whys: dict[int, str]) -> Iterator[tuple[str, int, str]]:
    key = BY_NAME[name].key
    if len(key) != 1:
        return
    gone = tables[name].filter(pl.col("row").is_in(list(whys)))[key[0]].drop_nulls()
    if not gone.len():
        return
    same = tables[name].filter(pl.col(key[0]).is_in(gone.implode()))
    yield from (
        (name, row, f"has the key of a row that is faulty: {value}") for row, value in same["row", key[0]].rows()
    )
    for table in TABLES:
        for column in table.columns:
            if column.refers == name:
                hit = tables[table.name].filter(pl.col(column.name).is_in(gone.implode()))["row", column.name]
                yield from ((table.name, row, f"depends on {name}: {value}") for row, value in hit.rows())


def _wholes(tables: Tables, name: str, whys: dict[int, str]) -> Iterator[tuple[str, int, str]]:
    if name not in _PART_OF:
        return
    column, whole = _PART_OF[name]
    of = tables[name].filter(pl.col("row").is_in(list(whys)))[column].drop_nulls()
    key = BY_NAME[whole].key[0]
    hit = tables[whole].filter(pl.col(key).is_in(of.implode()))["row", key]
    yield from ((whole, row, f"a part of it is set aside ({name})") for row, _ in hit.rows())


def _move(work: Path, table: str, whys: dict[int, str], who: str) -> None:
    path = work / f"{table}.csv"
    if not path.is_file():
        raise UsageError(f"{table}: its rows can only be set aside where it is a CSV file; save it as {path.name}")
    file = _read(path)
    place = work / ASIDE / f"{table}.csv"
    place.parent.mkdir(exist_ok=True)
    before = read_rejects(place)[1] if place.is_file() else []
    taken = {reject.row for reject in before}
    free = (row for row in range(2, len(file.lines) + len(before) + 2) if row not in taken)
    stood = [(next(free), line, cells) for line, cells in file.lines]
    moved = [Reject(row, who, whys[line], cells) for row, line, cells in stood if line in whys]
    _write(path, file.header, [cells for _, line, cells in stood if line not in whys])
    write_rejects(place, file.header, [*before, *moved])


def _put_back(work: Path) -> dict[str, dict[int, int]]:
    """Merges the reject files into their tables; per table, where each row stood in its reject file."""
    back: dict[str, dict[int, int]] = {}
    for place in sorted((work / ASIDE).glob("*.csv")):
        header, rejects = read_rejects(place)
        path = work / f"{place.stem}.csv"
        file = _read(path)
        if header != file.header:
            raise UsageError(
                f"{ASIDE}/{place.name}: its columns are not those of {path.name}; leave the header as it is"
            )
        stood = {reject.row: (at, reject.cells) for at, reject in enumerate(rejects, 2)}
        left = iter([cells for _, cells in file.lines])
        merged, back[place.stem] = [], {}
        for row in range(2, len(file.lines) + len(stood) + 2):
            if row in stood:
                back[place.stem][row] = stood[row][0]
            merged.append(stood[row][1] if row in stood else next(left))
        _write(path, header, merged)
        place.unlink()
    return back


def _renamed(finding: Finding, back: dict[str, dict[int, int]]) -> Finding:
    """``finding`` at its place in the reject file, where its row is still there."""
    line = back.get(finding.table, {}).get(finding.row or 0)
    return finding if line is None else replace(finding, row=line, file=f"{ASIDE}/{finding.file}")


def _log(work: Path, reason: str, who: str, action: str, rows: dict[str, int]) -> None:
    if rows:
        (work / ASIDE).mkdir(exist_ok=True)
        append_log(work / ASIDE, Entry(datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"), who, reason, action, rows))


def _read(path: Path) -> _File:
    lines = split(unread(BY_NAME[path.stem], path.name), path.read_bytes().decode("utf-8-sig"), Format())
    return _File(lines[0][1], lines[1:]) if lines else _File([], [])


def _write(path: Path, header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([header, *rows])
    path.write_text(text.getvalue(), "utf-8", newline="")
