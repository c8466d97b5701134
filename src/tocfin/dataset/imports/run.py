"""One import: source tables, mapping, finance file, window, checks and control totals, in this order."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import polars as pl

from tocfin.catalogue import TABLES
from tocfin.dataset.findings import more
from tocfin.dataset.imports import erpnext, frepple
from tocfin.dataset.imports.derive import derived, registered
from tocfin.dataset.imports.finance import Finance, apply, read_finance
from tocfin.dataset.imports.profiles import load
from tocfin.dataset.imports.settle import (
    Window,
    availability,
    controls,
    fallbacks,
    planned,
    storable,
    windowed,
    without_cost,
)
from tocfin.dataset.imports.shapes import SHAPE, measured, shaped
from tocfin.dataset.imports.sources import Sources, read_sources
from tocfin.dataset.imports.verbs import ProfileError
from tocfin.dataset.listing import LIMITS
from tocfin.dataset.reader import read
from tocfin.dataset.tables import empty_frame
from tocfin.errors import DatasetError, Finding, Grade

#: What a mapping cannot say, by the name that a profile asks for it.
ADAPTERS: Mapping[str, Callable[[dict[str, pl.DataFrame], str], list[Finding]]] = {
    "erpnext": erpnext.prepare,
    "frepple": frepple.prepare,
}


_Made = TypeVar("_Made")


class Total(NamedTuple):
    """One control total: what the source holds and what the data set holds (None: no table carries it)."""

    name: str
    source: float | None
    imported: float | None
    unit: str


@dataclass(frozen=True)
class Imported:
    """An import that is ready to be written: tables as in a `Dataset`, and the content of its plan.toml.

    ``findings`` are those about the source, the finance file and the tables; with an error among them nothing
    may be written. ``totals`` compare the source (the rows of the jobs in the window) with what was imported.
    """

    profile: str
    tables: Mapping[str, pl.DataFrame]
    plan: Mapping[str, Any]
    totals: tuple[Total, ...]
    findings: tuple[Finding, ...]

    @property
    def ok(self) -> bool:
        """True when no finding is an error."""
        return not any(finding.grade == "error" for finding in self.findings)

    def require(self) -> Imported:
        """Itself; raises DatasetError with every finding when there is an error."""
        if not self.ok:
            raise DatasetError(self.findings)
        return self


def import_dataset(
    profile: str | Path,
    source: Path,
    *,
    finance: Path | None = None,
    start: int | None = None,
    end: int | None = None,
) -> Imported:
    """Import ``source`` with a shipped profile or the profile file at that path.

    ``start`` and ``end`` (seconds UTC) keep the jobs that are on hand at some time in [start, end): a job lasts
    from its release or first activity to its due date or last activity (planned or actual), whichever is wider;
    one without activities and release date stays open. They also become clock and horizon_end. Raises UsageError
    for an unknown profile or a path that is not there; everything else that is wrong is a finding.
    """
    content = load(profile, ADAPTERS)
    head = content.get("profile", {})
    given = read_finance(finance)
    zone = given.zone(str(head.get("timezone", "UTC")))
    sources = read_sources(content, Path(source), zone)
    run = _Run(Path(profile).stem, content, given, zone, sources, sources.frames, sources.findings)
    if run.failed:
        return run.result({}, {}, ())
    if (adapter := head.get("adapter")) is not None:
        run.findings += run.attempt(f"adapter {adapter}", partial(ADAPTERS[adapter], run.frames, zone)) or []
    if not run.failed:
        run.derive()
    tables = {} if run.failed else run.map()
    if run.failed:
        return run.result({}, {}, ())
    return run.finish(tables, (start, end))


def _worded(message: str, row: Mapping[str, Any]) -> str:
    return re.sub(r"{(\w+)}", lambda field: str(row.get(field[1], field[0])), message)


@dataclass
class _Run:
    profile: str
    content: Mapping[str, Any]
    finance: Finance
    zone: str
    sources: Sources
    frames: dict[str, pl.DataFrame]
    findings: list[Finding]

    @property
    def failed(self) -> bool:
        return any(finding.grade == "error" for finding in [*self.findings, *self.finance.findings])

    def result(
        self, tables: Mapping[str, pl.DataFrame], plan: Mapping[str, Any], totals: tuple[Total, ...]
    ) -> Imported:
        findings = [*self.findings, *self.finance.findings]
        errors_first = sorted(findings, key=lambda finding: finding.grade != "error")
        every = {table.name: tables.get(table.name, empty_frame(table)) for table in TABLES}
        return Imported(self.profile, every, plan, totals, tuple(errors_first))

    def derive(self) -> None:
        for name, spec in self.content.get("derived", {}).items():
            if (frame := self.shape(spec, f"derived.{name}")) is not None:
                self.frames[name] = frame

    def map(self) -> dict[str, pl.DataFrame]:
        tables = {}
        for name, spec in self.content.get("tables", {}).items():
            hidden = {f"~{key}": value["value"] for key, value in spec.get("fallback", {}).items()}
            hidden |= {"~weekly_hours": spec["weekly_hours"]} if "weekly_hours" in spec else {}
            shape = {key: value for key, value in spec.items() if key in SHAPE}
            shape["columns"] = {**spec.get("columns", {}), **hidden}
            if (frame := self.shape(shape, f"tables.{name}")) is not None:
                tables[name] = frame
        return tables

    def shape(self, spec: Mapping[str, Any], place: str) -> pl.DataFrame | None:
        return self.attempt(place, partial(shaped, spec, self.frames, place))

    def finish(self, tables: dict[str, pl.DataFrame], window: Window) -> Imported:
        apply(self.finance, tables, self.zone)
        plan = self.attempt("tables", partial(self.settle, tables, window)) or {}
        if self.failed:
            return self.result({}, plan, ())
        plan["control_totals"] = controls(tables)
        every = {table.name: empty_frame(table) for table in TABLES if table.required} | tables
        dataset = read({"plan": plan} | {name: storable(name, frame) for name, frame in every.items()})
        named = {f"@{name}": frame for name, frame in dataset.tables.items()}
        totals = self.totals({**self.frames, **named})
        self.findings += [*self.told({**self.frames, **named}), *dataset.findings]
        return self.result(dataset.tables, plan, totals)

    def settle(self, tables: dict[str, pl.DataFrame], window: Window) -> dict[str, Any]:
        self.findings += availability(self.finance, tables)
        assumed = fallbacks(self.content.get("tables", {}), tables)
        for finding in assumed:
            self.finance.assume(finding.table, str(finding.column), "*", finding.message, "derived")
        self.findings += assumed
        self.findings += without_cost(tables)
        self.findings += derived(self.finance, tables)
        registered(self.finance, tables)
        plan = planned(self.content.get("plan", {}), self.finance, self.frames, tables, window, self.zone)
        if window != (None, None) and "jobs" in tables:
            self.findings += windowed(tables, window)
            self.narrow(tables["jobs"]["job"])
        return plan

    def narrow(self, jobs: pl.Series) -> None:
        """Leaves in the source only the rows of imported jobs, so that control totals tie out for a window too."""
        column = self.content.get("profile", {}).get("job")
        for name, frame in self.frames.items():
            if column in frame.columns:
                self.frames[name] = frame.filter(pl.col(column).is_in(jobs.implode()))

    def totals(self, frames: Mapping[str, pl.DataFrame]) -> tuple[Total, ...]:
        return tuple(
            Total(
                str(spec["name"]),
                self.amount(spec.get("source"), frames, "totals"),
                self.amount(spec.get("imported"), frames, "totals"),
                str(spec.get("unit", "")),
            )
            for spec in self.content.get("totals", ())
        )

    def told(self, frames: Mapping[str, pl.DataFrame]) -> list[Finding]:
        """What the profile finds worth telling: with the number of rows it is true of, when there are any."""
        findings = []
        for spec in self.content.get("findings", ()):
            about = {key: value for key, value in spec.items() if key in SHAPE}
            if spec.get("rows"):
                findings += self.attempt("findings", partial(self.by_row, spec, about, frames)) or []
                continue
            count = self.amount(about, frames, "findings") if about else 1.0
            if not count:
                continue
            amount = self.amount({k: v for k, v in spec.items() if k in SHAPE or k == "sum"}, frames, "findings")
            message = (
                str(spec["message"]).replace("{count}", f"{count:,.0f}").replace("{amount}", f"{amount or 0:,.2f}")
            )
            grade: Grade = "error" if spec.get("grade") == "error" else "warning"
            rule, table = str(spec.get("rule", "import-note")), str(spec.get("table", ""))
            findings.append(Finding(grade, rule, table, None, spec.get("column"), message, file=table or self.profile))
        return findings

    def by_row(
        self, spec: Mapping[str, Any], about: Mapping[str, Any], frames: Mapping[str, pl.DataFrame]
    ) -> list[Finding]:
        """A finding for every row of the source of which the profile finds something, with its place in the file."""
        source, column, grade = str(spec["table"]), str(spec["column"]), spec.get("grade", "warning")
        frame = shaped(about, frames, "findings")
        file, title = self.sources.place(source, column)
        found = [
            Finding(grade, str(spec["rule"]), source, row["row"], title, _worded(str(spec["message"]), row), file=file)
            for row in frame.head(LIMITS[grade]).iter_rows(named=True)
        ]
        return [*found, *more(found[-1], frame.height - len(found))] if found else []

    def amount(self, spec: Mapping[str, Any] | None, frames: Mapping[str, pl.DataFrame], place: str) -> float | None:
        return None if not spec else self.attempt(place, partial(measured, spec, frames, place))

    def attempt(self, place: str, step: Callable[[], _Made]) -> _Made | None:
        """What ``step`` makes; a profile is written by hand, so whatever cannot be done with it is a finding."""
        try:
            return step()
        except ProfileError as fault:
            message = str(fault)
        except (pl.exceptions.PolarsError, KeyError, TypeError, AttributeError, ValueError) as fault:
            message = f"{place}: cannot be carried out: {next(iter(str(fault).splitlines()), '')}"
        file = f"{self.profile}.toml"
        self.findings.append(Finding("error", "profile-fault", "profile", None, None, message, file=file))
        return None
