"""From a table as it came to checked columns: every cell read by its kind, every fault a finding."""

from __future__ import annotations

from typing import NamedTuple

import polars as pl

from tocfin.catalogue import Column
from tocfin.dataset.cells import Check, Reading, reading
from tocfin.dataset.findings import more, nearest, quoted
from tocfin.dataset.listing import LIMITS
from tocfin.dataset.supplied import not_supplied
from tocfin.dataset.tables import Raw, stored
from tocfin.errors import Finding

#: An empty drum flag is false, which is told once for the plan when no drum is left (R17).
_FALSE_WHEN_EMPTY = ("resources", "drum")


class Checked(NamedTuple):
    """Checked columns, and per time column which of its values still are local times of their row's plant."""

    frame: pl.DataFrame
    local: dict[str, pl.Series]


def checked(raw: Raw) -> Checked:
    """Cells of ``raw`` as values of the catalogue's types; faults are noted in ``raw.findings``."""
    readings: dict[str, Reading] = {}
    checks: dict[str, list[Check]] = {}
    for column in raw.table.columns:
        if column.name not in raw.frame.columns:
            continue
        dtype = raw.frame.schema[column.name]
        if (found := reading(column, dtype)) is None:
            raw.fault("wrong-type", f"holds {dtype}; {column.kind} is expected", row=1, column=column.name)
            continue
        readings[column.name] = found
        checks[column.name] = [*_emptiness(raw, column, found.value), *found.checks]
    faults = raw.frame.select(_fault(name, found) for name, found in checks.items() if found)
    for name in faults.columns:
        _tell(raw, raw.table.column(name), checks[name], faults[name])
    values = raw.frame.select("row", *(found.value.alias(name) for name, found in readings.items()))
    local = raw.frame.select(
        found.local.fill_null(False).alias(name) for name, found in readings.items() if found.local is not None
    )
    columns = [values["row"]]
    for column in raw.table.columns:
        if column.name in readings:
            value = values[column.name].cast(stored(column.kind))
            columns.append(_sound(value, checks[column.name], faults))
        else:
            columns.append(pl.Series(column.name, [None], stored(column.kind)).new_from_index(0, values.height))
    return Checked(pl.DataFrame(columns), {name: local[name] for name in local.columns if local[name].any()})


def _emptiness(raw: Raw, column: Column, value: pl.Expr) -> list[Check]:
    cell = pl.col(column.name)
    empty = cell.is_null()
    if raw.frame.schema[column.name] == pl.String:
        empty = empty | (cell == "")
    if told := raw.told.get(column.name):
        empty = empty & ~pl.col("row").is_in(told)
    if column.need == "always":
        return [Check("empty-cell", empty, "is empty; the table needs a value here")]
    if column.need == "column" and (raw.table.name, column.name) != _FALSE_WHEN_EMPTY:
        return [Check("not-supplied", empty, not_supplied(raw.table.name, column.name), "warning")]
    return []


def _fault(name: str, checks: list[Check]) -> pl.Expr:
    """Number (from 1) of the first check that a cell breaks, 0 for none."""
    number = pl.lit(0, pl.UInt8)
    for index in range(len(checks), 0, -1):
        number = pl.when(checks[index - 1].broken.fill_null(False)).then(pl.lit(index, pl.UInt8)).otherwise(number)
    return number.alias(name)


def _sound(value: pl.Series, checks: list[Check], faults: pl.DataFrame) -> pl.Series:
    """``value`` with the cells that break a rule of grade error emptied."""
    wrong = [index for index, check in enumerate(checks, 1) if check.grade == "error"]
    if value.name not in faults.columns or not faults[value.name].is_in(wrong).any():
        return value
    return value.set(faults[value.name].is_in(wrong), None)


def _tell(raw: Raw, column: Column, checks: list[Check], fault: pl.Series) -> None:
    if not fault.max():
        return
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
