"""From a table as it came to checked columns: every cell read by its kind, every fault a finding."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

import polars as pl

from tocfin.catalogue import Column
from tocfin.dataset.cells import Check, read_as, reading
from tocfin.dataset.findings import more, nearest, quoted
from tocfin.dataset.listing import LIMITS
from tocfin.dataset.supplied import not_supplied
from tocfin.dataset.tables import Raw, stored
from tocfin.errors import Finding

#: An empty drum flag is false, which is told once for the plan when no drum is left (R17).
_FALSE_WHEN_EMPTY = ("resources", "drum")
_TEXTS = pl.col(pl.String)


class Checked(NamedTuple):
    """Checked columns, and per time column which of its values still are local times of their row's plant."""

    frame: pl.DataFrame
    local: dict[str, pl.Series]


class _Queries(NamedTuple):
    """What polars is asked of one column: its value, whether a check is broken anywhere, and what is local."""

    value: pl.Expr
    checks: Sequence[Check]
    broken: Sequence[pl.Expr]
    local: Sequence[pl.Expr]


def checked(raw: Raw) -> Checked:
    """Cells of ``raw`` as values of the catalogue's types; faults are noted in ``raw.findings``."""
    schema = raw.frame.schema
    known: dict[str, _Queries] = {}
    for column in raw.table.columns:
        if (dtype := schema.get(column.name)) is None:
            continue
        if (queries := _queries(raw.table.name, column, dtype)) is None:
            raw.fault("wrong-type", f"holds {dtype}; {column.kind} is expected", row=1, column=column.name)
        else:
            known[column.name] = queries
    cells = raw.frame.with_columns(pl.when(_TEXTS != "").then(_TEXTS))
    cells = cells.with_columns(queries.value for queries in known.values())
    frame = cells.select("row", *(_value(column, known) for column in raw.table.columns))
    local = cells.select(expr for queries in known.values() for expr in queries.local)
    for name in _faulty(cells, known):
        checks = known[name].checks
        fault = _untold(raw, cells.select(_fault(checks).alias(name)).to_series())
        _tell(raw, raw.table.column(name), checks, fault)
        frame = frame.with_columns(_sound(frame[name], checks, fault))
    return Checked(frame, {name: local[name] for name in local.columns if local[name].any()})


@lru_cache(maxsize=4_096)
def _queries(table: str, column: Column, dtype: pl.DataType) -> _Queries | None:
    """How cells of ``dtype`` are read and checked; None when the column cannot hold them."""
    if (found := reading(column, dtype)) is None:
        return None
    name, checks = column.name, [*_emptiness(table, column), *found.checks]
    return _Queries(
        found.value.cast(stored(column.kind)).alias(read_as(name)),
        checks,
        [check.broken.any().alias(f"{name} {number}") for number, check in enumerate(checks)],
        [] if found.local is None else [found.local.fill_null(False).alias(name)],
    )


def _faulty(cells: pl.DataFrame, known: Mapping[str, _Queries]) -> list[str]:
    """Columns in which a cell breaks a rule."""
    broken = [(name, expr) for name, queries in known.items() for expr in queries.broken]
    found = cells.select(expr for _, expr in broken).row(0) if broken else ()
    return list(dict.fromkeys(name for (name, _), hit in zip(broken, found, strict=True) if hit))


def _emptiness(table: str, column: Column) -> list[Check]:
    empty = pl.col(column.name).is_null()
    if column.need == "always":
        return [Check("empty-cell", empty, "is empty; the table needs a value here")]
    if column.need == "column" and (table, column.name) != _FALSE_WHEN_EMPTY:
        return [Check("not-supplied", empty, not_supplied(table, column.name), "warning")]
    return []


def _fault(checks: Sequence[Check]) -> pl.Expr:
    """Number (from 1) of the first check that a cell breaks, 0 for none."""
    number = pl.lit(0, pl.UInt8)
    for index in range(len(checks), 0, -1):
        number = pl.when(checks[index - 1].broken.fill_null(False)).then(pl.lit(index, pl.UInt8)).otherwise(number)
    return number


def _value(column: Column, known: Mapping[str, _Queries]) -> pl.Expr:
    """The column as it was read; all null where it was not."""
    value = pl.col(read_as(column.name)) if column.name in known else pl.lit(None, stored(column.kind))
    return value.alias(column.name)


def _untold(raw: Raw, fault: pl.Series) -> pl.Series:
    """``fault`` without the cells that are empty because a finding has already been made of them."""
    told = raw.told.get(fault.name)
    return fault.set(raw.frame["row"].is_in(told) & (fault == 1), 0) if told else fault


def _sound(value: pl.Series, checks: Sequence[Check], fault: pl.Series) -> pl.Series:
    """``value`` with the cells that break a rule of grade error emptied."""
    wrong = [index for index, check in enumerate(checks, 1) if check.grade == "error"]
    return value.set(fault.is_in(wrong), None)


def _tell(raw: Raw, column: Column, checks: Sequence[Check], fault: pl.Series) -> None:
    for index, check in enumerate(checks, 1):
        at = (fault == index).arg_true()
        shown = at.head(LIMITS[check.grade])
        for row, value in zip(raw.frame["row"].gather(shown), raw.frame[column.name].gather(shown), strict=True):
            raw.findings.append(_finding(raw, column, check, row, value))
        if len(shown):
            raw.findings.extend(more(raw.findings[-1], len(at) - len(shown)))


def _finding(raw: Raw, column: Column, check: Check, row: int, value: object) -> Finding:
    message = check.message.replace("{}", quoted(value), 1)
    if check.rule == "unknown-word":
        message += nearest(str(value), column.choices)
    shown = None if value is None else quoted(value)[1:-1]
    return Finding(check.grade, check.rule, raw.table.name, row, column.name, message, file=raw.file, value=shown)
