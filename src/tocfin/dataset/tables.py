"""What a reader hands over: a data set of checked tables, and a table as it came from its source."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from tocfin.catalogue import STORED_AS, Column, Kind, Table
from tocfin.dataset.plan import Plan
from tocfin.errors import DatasetError, Finding

if TYPE_CHECKING:
    from tocfin.dataset.aside import Aside
    from tocfin.dataset.controls import Control


@dataclass(frozen=True)
class Dataset:
    """Checked tables, the plan, and everything that is wrong with them.

    ``tables`` holds every table of the catalogue (a missing one has no rows): ``row``, the row in the source,
    then the catalogue's columns in its order. Times are seconds since 1970 in UTC, dates days since 1970, clocks
    seconds since midnight; an empty or faulty cell is null. ``plan`` is None when plan.toml is unusable.
    ``controls`` compares the control totals of the plan, ``aside`` are the rows that were set aside (None: none).
    """

    name: str
    path: Path | None
    plan: Plan | None
    tables: Mapping[str, pl.DataFrame]
    findings: tuple[Finding, ...]
    controls: tuple[Control, ...] = ()
    aside: Aside | None = None

    @property
    def ok(self) -> bool:
        """True when no finding is an error: numbers may be computed."""
        return not any(finding.grade == "error" for finding in self.findings)

    def require(self) -> Dataset:
        """Itself; raises DatasetError with every finding when there is an error."""
        if not self.ok:
            raise DatasetError(self.findings)
        return self


@dataclass
class Raw:
    """One table as it came: ``frame`` holds ``row`` and the known columns, as text or as the source typed them.

    ``told`` has, per column, the rows whose cell is empty because a finding has already been made of it.
    ``letters`` are the sheet's column letters by column name (a workbook only). ``whole`` is False when rows
    were left out, so that nothing may be concluded from what the table lacks.
    """

    table: Table
    file: str
    frame: pl.DataFrame
    findings: list[Finding] = field(default_factory=list)
    told: dict[str, list[int]] = field(default_factory=dict)
    letters: dict[str, str] = field(default_factory=dict)
    whole: bool = True

    def fault(self, rule: str, message: str, *, row: int | None = None, column: str | None = None) -> None:
        """Note one error of this table."""
        self.findings.append(Finding("error", rule, self.table.name, row, column, message, file=self.file))

    def note(self, rule: str, message: str, count: int = 1, *, column: str | None = None) -> None:
        """Note what the reader of the figures should know of the whole table."""
        self.findings.append(
            Finding("warning", rule, self.table.name, None, column, message, file=self.file, count=count)
        )


def unread(table: Table, file: str) -> Raw:
    """A table of which nothing could be read (yet)."""
    return Raw(table, file, _NO_ROWS.clone(), whole=False)


def empty_frame(table: Table) -> pl.DataFrame:
    """The frame of ``table`` without rows."""
    return _empty(table.columns).clone()


@lru_cache
def _empty(columns: tuple[Column, ...]) -> pl.DataFrame:
    return pl.DataFrame(schema={"row": pl.Int64} | {column.name: stored(column.kind) for column in columns})


def stored(kind: Kind) -> type[pl.DataType]:
    """The polars type that holds checked cells of ``kind``."""
    return _TYPES[STORED_AS[kind]]


_NO_ROWS = pl.DataFrame(schema={"row": pl.Int64})
_TYPES: dict[str, type[pl.DataType]] = {
    "String": pl.String,
    "Float64": pl.Float64,
    "Int64": pl.Int64,
    "Boolean": pl.Boolean,
}
