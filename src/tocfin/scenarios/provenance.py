"""Whose fault a finding is: the base's own, or that of the override that touched the row it is about."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

import polars as pl

from tocfin.catalogue import BY_NAME
from tocfin.errors import Finding

#: Column of a changed table: which step touched the row last, -1 for none.
BY = "~by"
_FIRST_ROW = 2  # of a data frame, as the reader numbers it


class Step(NamedTuple):
    """One override or addition that was carried out: where it stands, and the tables it changed."""

    place: str
    verb: str
    columns: frozenset[str]
    tables: frozenset[str]


def told(
    found: Iterable[Finding],
    known: Iterable[Finding],
    changed: Mapping[str, pl.DataFrame],
    rows: Mapping[str, pl.Series],
    steps: Sequence[Step],
    file: str,
) -> list[Finding]:
    """Findings of the changed tables: those of the base as they were, new ones at the step that made them.

    ``changed`` holds the changed tables with `BY`; ``rows`` the source rows of every table, in its order. Many
    findings of one step and rule become one with their number.
    """
    before = {_key(finding, finding.row): finding for finding in known}
    told: dict[tuple[str, str, str], Finding] = {}
    kept: list[Finding] = []
    for finding in found:
        at = None if finding.row is None or finding.table not in rows else finding.row - _FIRST_ROW
        row = None if at is None or not 0 <= at < rows[finding.table].len() else int(rows[finding.table][at])
        if (old := before.get(_key(finding, row))) is not None:
            kept.append(replace(old, message=finding.message, count=finding.count) if row is None else old)
            continue
        step = -1 if row is None or at is None or finding.table not in changed else int(changed[finding.table][BY][at])
        place = _place(finding, steps[step]) if step >= 0 else _together(finding, steps)
        group = (finding.rule, place, finding.table)
        if group in told:
            told[group] = replace(told[group], count=told[group].count + finding.count)
        else:
            cell = ":".join(str(part) for part in (finding.table, row) if part is not None)
            about = ": ".join(part for part in (cell, finding.column) if part)
            told[group] = replace(
                finding, table="scenario", row=None, cell=None, column=place, file=file,
                message=f"after this change {about}: {finding.message}",
            )  # fmt: skip
    return kept + [_counted(finding) for finding in told.values()]


def _key(finding: Finding, row: int | None) -> tuple[str, str, int | None, str | None]:
    return finding.rule, finding.table, row, finding.column


def _place(finding: Finding, step: Step) -> str:
    """The cell of the step that the finding is about, where it has one."""
    named = finding.column in step.columns
    return f"{step.place}.{step.verb}.{finding.column}" if named else step.place


def _together(finding: Finding, steps: Sequence[Step]) -> str:
    """The steps that changed a table the finding is about, for a row that no step touched."""
    tables = {finding.table}
    if finding.rule == "dangling-key":
        tables = {column.refers for column in BY_NAME[finding.table].columns if column.name == finding.column}
        steps = [step for step in steps if step.verb in ("set", "remove")]
    places = [step.place for step in steps if step.tables & tables] or [step.place for step in steps]
    return ", ".join(places[:5]) or "horizon"


def _counted(finding: Finding) -> Finding:
    more = finding.count - 1
    return finding if not more else replace(finding, message=f"{finding.message} (and {more:,} more like it)")
