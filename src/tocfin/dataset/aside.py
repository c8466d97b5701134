"""Rows that were set aside: the reject files of a data set, what they hold, and who moved them there and why.

``set_aside/`` in the folder of a data set has one CSV file per table, its first columns saying where a row stood and
what was wrong with it, and ``log.jsonl`` with one line per time that somebody set rows aside or put them back.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import NamedTuple

import polars as pl

from tocfin.catalogue import BY_NAME
from tocfin.dataset.checked import Checked, checked
from tocfin.dataset.controls import sums
from tocfin.dataset.findings import quoted
from tocfin.dataset.listing import Tables
from tocfin.dataset.localtimes import resolve
from tocfin.dataset.tables import Raw
from tocfin.errors import Finding

ASIDE = "set_aside"
LOG = "log.jsonl"
#: The first columns of a reject file: the line in the table as it was before anything was set aside, who, why.
LEAD = ("set_aside_row", "set_aside_by", "set_aside_why")


class Entry(NamedTuple):
    """One line of the log: at this time somebody set rows of these tables aside, or put them back."""

    at: str
    who: str
    reason: str
    action: str
    rows: Mapping[str, int]


class Reject(NamedTuple):
    """One row of a reject file; ``cells`` are as the table had them."""

    row: int
    who: str
    why: str
    cells: list[str]


@dataclass(frozen=True)
class Aside:
    """The rows of a data set that are set aside, typed as far as they can be read (a faulty cell is null)."""

    tables: Mapping[str, pl.DataFrame]
    entries: Sequence[Entry]
    who: Sequence[str]
    parts: Mapping[str, tuple[Raw, Checked]] = field(default_factory=dict, repr=False)

    def beside(self, tables: Tables) -> Aside:
        """Itself with local times as UTC, now that it is known whose they are (what is set aside included)."""
        whole = {name: pl.concat([frame, self.tables.get(name, frame.clear())]) for name, frame in tables.items()}
        return replace(self, tables={name: _in_utc(raw, part, whole) for name, (raw, part) in self.parts.items()})

    @property
    def finding(self) -> Finding:
        """What every output says of them: how many, their revenue and hours, and who set them aside."""
        total = sums(self.tables)
        jobs = self.tables.get("jobs")
        unread = 0 if jobs is None else jobs["revenue"].null_count()
        unread += int(total["timeless"])
        lost = f" (the revenue or hours of {unread:,} rows cannot be read)" if unread else ""
        last = next((entry for entry in reversed(self.entries) if entry.action == "set aside"), None)
        why = f" on {last.at}: {quoted(last.reason)}" if last else ""
        by = ", ".join(self.who)
        message = (
            f"{total['jobs']:,.0f} job(s) and {total['rows'] - total['jobs']:,.0f} other row(s) with"
            f" {total['revenue']:,.2f} of revenue and {total['hours']:,.2f} h{lost} are set aside by {by}{why};"
            f" mend them in {ASIDE}/ and run `tocfin check DATASET --rejoin`"
        )
        return Finding("warning", "set-aside", "", None, None, message, file=ASIDE)


def read_aside(folder: Path) -> Aside | None:
    """What is set aside in the data set at ``folder``; None when nothing is. ValueError when it cannot be read."""
    place = folder / ASIDE
    if not place.is_dir():
        return None
    parts, who = {}, set()
    for path in sorted(place.glob("*.csv")):
        if path.stem not in BY_NAME:
            raise ValueError(f"{path.name} is not a table of a data set")
        header, rejects = read_rejects(path)
        who |= {reject.who for reject in rejects}
        if rejects:
            parts[path.stem] = _typed(path, header, rejects)
    tables = {name: part.frame for name, (_, part) in parts.items()}
    return Aside(tables, read_log(place), sorted(who), parts) if tables else None


def read_rejects(path: Path) -> tuple[list[str], list[Reject]]:
    """Header (of the table) and rows of one reject file."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            header, *lines = [line for line in csv.reader(file, strict=True) if line]
            if tuple(header[: len(LEAD)]) != LEAD:
                raise ValueError(f"its first columns are not {', '.join(LEAD)}")
            rejects = [Reject(int(line[0]), line[1], line[2], line[len(LEAD) :]) for line in lines]
    except (OSError, ValueError, IndexError, csv.Error) as fault:
        raise ValueError(f"{path.name} cannot be read: {fault}") from fault
    return header[len(LEAD) :], rejects


def write_rejects(path: Path, header: Sequence[str], rejects: Sequence[Reject]) -> None:
    """One reject file, its rows in the order of the table."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow([*LEAD, *header])
        writer.writerows([reject.row, reject.who, reject.why, *reject.cells] for reject in sorted(rejects))


def read_log(place: Path) -> list[Entry]:
    """The log of a folder of reject files, oldest first; ValueError when it cannot be read."""
    path = place / LOG
    try:
        lines = path.read_text("utf-8").splitlines() if path.exists() else []
        return [Entry(**json.loads(line)) for line in lines if line]
    except (OSError, TypeError, ValueError) as fault:
        raise ValueError(f"{LOG} cannot be read: {fault}") from fault


def append_log(place: Path, entry: Entry) -> None:
    """Adds one line to the log."""
    with (place / LOG).open("a", encoding="utf-8", newline="\n") as file:
        file.write(json.dumps(entry._asdict(), ensure_ascii=False) + "\n")


def _typed(path: Path, header: Sequence[str], rejects: Sequence[Reject]) -> tuple[Raw, Checked]:
    table = BY_NAME[path.stem]
    place = {name: at for at, name in enumerate(header)}
    known = [name for name in table.names if name in place]
    cells = {name: [_cell(reject.cells, place[name]) for reject in rejects] for name in known}
    rows = pl.Series("row", [reject.row for reject in rejects], dtype=pl.Int64)
    frame = pl.DataFrame([rows, *(pl.Series(name, column, dtype=pl.String) for name, column in cells.items())])
    raw = Raw(table, path.name, frame)
    return raw, checked(raw)


def _in_utc(raw: Raw, part: Checked, tables: Tables) -> pl.DataFrame:
    """The rows with their times in UTC; a span whose place is not known keeps its length, and is not placed."""
    frame = resolve(raw, part, tables)
    if not {"start", "end"} <= part.local.keys():
        return frame
    lost = (frame["start"].is_null() | frame["end"].is_null()) & part.local["start"] & part.local["end"]
    return frame.with_columns(
        pl.when(lost).then(part.frame[name]).otherwise(frame[name]).alias(name) for name in ("start", "end")
    )


def _cell(cells: Sequence[str], at: int) -> str | None:
    return cells[at] if at < len(cells) else None
