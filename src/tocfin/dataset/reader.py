"""From a source to a Dataset: every fault is a finding, and none stops the others from being found."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl

from tocfin.catalogue import BY_NAME, TABLES
from tocfin.dataset import plan as plans
from tocfin.dataset.calendars import expand
from tocfin.dataset.checked import Checked, checked
from tocfin.dataset.checks import check
from tocfin.dataset.columnar import read_frame
from tocfin.dataset.controls import compared, disagreeing
from tocfin.dataset.covered import uncovered
from tocfin.dataset.findings import capped, nearest, quoted
from tocfin.dataset.folder import read_folder
from tocfin.dataset.keys import duplicates, references
from tocfin.dataset.listing import Tables
from tocfin.dataset.localtimes import resolve
from tocfin.dataset.page import reason
from tocfin.dataset.periods import periods
from tocfin.dataset.sources import Source
from tocfin.dataset.stock import doubts as stock_doubts
from tocfin.dataset.tables import Dataset, Raw, empty_frame, unread
from tocfin.dataset.workbook import read_workbook
from tocfin.errors import Finding


def read(
    source: str | Path | Mapping[str, Any], *, also: Callable[[Tables], Iterable[Finding]] | None = None
) -> Dataset:
    """Read and check a data set: a folder, an ``.xlsx`` workbook, or data frames by table name.

    A mapping holds one data frame (of any library that narwhals knows) per table, and the content of plan.toml
    under ``plan``. Bad content never raises: all that is wrong is in ``findings``, and `Dataset.require` raises
    it. Rows are numbered as in the file; times are UTC seconds (schema.md, rulings R1 to R3 and R13 to R22).
    ``also`` is a further check of the tables, for who knows more than the catalogue does.
    """
    found = _of_frames(source) if isinstance(source, Mapping) else _of_path(Path(source))
    plan, faults = (None, []) if found.plan is None else plans.build(found.plan, found.plan_file, found.name)
    findings = [*found.findings, *faults]
    raws = {table.name: found.raws.get(table.name) or _absent(found, table.name) for table in TABLES}
    tables = _tables(raws)
    if plan is not None and tables["periods"].height:
        plan = replace(plan, periods=periods(tables["periods"]))
    whole = {name: raw.whole for name, raw in raws.items()}
    for table in TABLES:
        raw = raws[table.name]
        findings.extend(raw.findings)
        if not table.may_be_empty and raw.whole and not tables[table.name].height:
            findings.append(
                Finding("error", "empty-table", table.name, None, None, "has no rows; it needs at least one plant")
            )
        findings.extend(duplicates(table, tables[table.name]))
        findings.extend(references(tables, table, whole))
    if found.readable:
        findings.extend(check(tables, plan, findings))
    if plan is not None and found.readable:
        timelines, overlaps = expand(tables, plan)
        findings.extend(overlaps)
        findings.extend(uncovered(tables, timelines, plan))
    if also is not None:
        findings.extend(also(tables))
    aside = found.aside.beside(tables) if found.aside is not None else None
    controls = () if plan is None else compared(plan, tables, aside.tables if aside else {})
    if not any(finding.grade == "error" for finding in findings):
        findings.extend(disagreeing(controls))
        findings.extend(stock_doubts(tables, plan) if plan is not None else ())
    if aside is not None:
        findings.append(aside.finding)
    placed = [_placed(finding, raws, found) for finding in capped(findings)]
    return Dataset(found.name, found.path, plan, tables, tuple(placed), controls, aside)


def _of_path(path: Path) -> Source:
    """The folder or workbook at ``path``; where there is neither, a finding says so."""
    whole = Path(os.path.abspath(path))  # pathlib's own way raises for a loop of links
    source = Source(whole.stem if whole.suffix.lower() == ".xlsx" else whole.name, path)
    try:
        mode = 0 if "\0" in str(path) else path.stat().st_mode
        if stat.S_ISDIR(mode):
            read_folder(source, whole)
            return source
        if stat.S_ISREG(mode) and path.suffix.lower() == ".xlsx":
            read_workbook(source, whole)
            return source
        message = "is neither a folder of tables nor an .xlsx workbook"
    except OSError as error:
        message = f"cannot be read: {reason(error)}"
    source.readable = False
    source.fault("unreadable", quoted(path)[1:-1], message)
    return source


def _of_frames(given: Mapping[str, Any]) -> Source:
    """Tables by name, each any data frame that narwhals knows, and the content of plan.toml under ``plan``."""
    source = Source("frames", None, missing="{}", plan_file="plan")
    for name, frame in given.items():
        if name == "plan":
            if isinstance(frame, Mapping):
                source.plan = frame
            else:
                source.fault("wrong-type", "plan", "is not a mapping with the content of plan.toml", "plan")
        elif name in BY_NAME:
            source.raws[name] = read_frame(BY_NAME[name], frame)
        else:
            source.fault(
                "unknown-table", str(name), f"is not a table of a data set{nearest(str(name), tuple(BY_NAME))}"
            )
    if "plan" not in given:
        source.fault("missing-table", "plan", "is missing; give the content of plan.toml", "plan")
    return source


def _absent(source: Source, name: str) -> Raw:
    table = BY_NAME[name]
    raw = unread(table, source.missing.format(name))
    raw.whole = not table.required
    if table.required and source.readable:
        raw.fault("missing-table", "is missing; a data set needs this table (a header is enough where it has no rows)")
    return raw


def _tables(raws: Mapping[str, Raw]) -> dict[str, pl.DataFrame]:
    """Checked tables; local times are resolved when every table that says whose time it is has been read."""
    nothing = {name: Checked(empty_frame(raw.table), {}) for name, raw in raws.items() if raw.frame.width == 1}
    found = nothing | {name: checked(raw) for name, raw in raws.items() if name not in nothing}
    tables = {
        name: found[name].frame if found[name].frame.height else empty_frame(raw.table) for name, raw in raws.items()
    }
    for name, part in found.items():
        if part.local:
            tables[name] = resolve(raws[name], part, tables)
    return tables


def _placed(finding: Finding, raws: Mapping[str, Raw], source: Source) -> Finding:
    """``finding`` with the name of its file, and in a workbook with its cell."""
    if finding.table in raws:
        raw = raws[finding.table]
        letter = raw.letters.get(finding.column or "")
        cell = f"{letter}{finding.row}" if letter and finding.row is not None else None
        return replace(finding, file=finding.file or raw.file, cell=finding.cell or cell)
    if finding.table == "plan":
        row = source.plan_rows.get(finding.column or "")
        cell = finding.cell or (f"B{row}" if row else None)
        return replace(finding, file=finding.file or source.plan_file, cell=cell)
    return finding
