"""From rows that break a rule to findings: one by one up to a limit, then one line for all the rest."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import polars as pl

from tocfin.catalogue import BY_NAME
from tocfin.dataset.text import day, instant
from tocfin.errors import Finding, Grade

Tables = Mapping[str, pl.DataFrame]
Row = dict[str, Any]

#: How many findings of one rule, table and column are told one by one.
LIMITS: dict[Grade, int] = {"error": 100, "warning": 20}


@contextmanager
def told_in_full() -> Iterator[None]:
    """Inside the block every fault is told one by one: for who moves faulty rows, not for who reads of them."""
    before = dict(LIMITS)
    LIMITS.update(dict.fromkeys(LIMITS, 10_000_000))
    try:
        yield
    finally:
        LIMITS.update(before)


@dataclass(frozen=True, slots=True)
class Faults:
    """Rows of one table that break one rule.

    ``rows`` holds ``row`` and whatever ``say`` needs to word the message of one of them; ``say`` is called
    only for the rows that are told one by one.
    """

    grade: Grade
    rule: str
    table: str
    column: str | None
    rows: pl.DataFrame
    say: Callable[[Row], str]


def listed(faults: Faults) -> list[Finding]:
    """The findings of ``faults`` in file order; the last one counts those beyond the limit."""
    limit = LIMITS[faults.grade]
    rows = faults.rows.sort("row", maintain_order=True) if faults.rows.height else faults.rows
    place = (faults.grade, faults.rule, faults.table)
    found = [
        Finding(*place, row["row"], faults.column, faults.say(row), value=_shown(faults, row))
        for row in rows.head(limit).iter_rows(named=True)
    ]
    more = rows.height - limit
    if more > 0:
        found.append(Finding(*place, None, faults.column, f"and {more:,} more like it", count=more))
    return found


def unknown_to(known: Iterable[Finding], faults: Faults) -> Faults:
    """``faults`` without the cells in which an error was found before: such a cell is null, but not empty.

    Where an earlier error speaks of the whole column (header fault, summary line) nothing more is said of it.
    """
    rows = [
        finding.row
        for finding in known
        if finding.grade == "error" and (finding.table, finding.column) == (faults.table, faults.column)
    ]
    if not rows:
        return faults
    whole = None in rows or 1 in rows
    kept = faults.rows.clear() if whole else faults.rows.filter(~pl.col("row").is_in(rows))
    return Faults(faults.grade, faults.rule, faults.table, faults.column, kept, faults.say)


def _shown(faults: Faults, row: Row) -> str | None:
    value = row.get(faults.column) if faults.column else None
    if value is None or faults.column is None:
        return None
    kind = BY_NAME[faults.table].column(faults.column).kind
    if kind == "time":
        return instant(value)
    if kind == "date":
        return day(value)
    return str(value).lower() if kind == "boolean" else str(value)
