"""finance.toml: what the source does not know (rates, operating expense, capital, the drum, penalties, calendars).

``[resources."Machine *"]`` names rows by key or name, ``*`` and ``?`` standing for anything; values that stand
straight under ``[jobs]`` are for every job. Where two selectors hit a row, the later one in the file wins. What
is not said stays empty: not supplied, never 0.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from tocfin.catalogue import BASIS, BY_NAME, Column, Table
from tocfin.dataset.checked import checked
from tocfin.dataset.findings import nearest, quoted
from tocfin.dataset.page import parsed
from tocfin.dataset.register import NAMED_BY, matches
from tocfin.dataset.tables import Raw, stored
from tocfin.dataset.text import spelled
from tocfin.errors import Finding, Grade, UsageError
from tocfin.zones import is_zone, to_utc

PLAN = ("name", "clock", "horizon_end", "currency", "policy")
AVAILABILITY = ("days", "start_time")
_SELECTING = ("plants", "resources", "items", "jobs", "operations")
_SECTIONS = ("plan", "source", "availability", "calendars", "derive", "basis", *_SELECTING)
_KEYS = {
    "plan": PLAN,
    "source": ("timezone", "who", "date"),
    "availability": AVAILABILITY,
    "derive": ("overtime_premium", "carrying_cost_rate", "drum"),
    "basis": tuple(BASIS),
}


@dataclass
class Finance:
    """A finance file: its sections, and what was found wrong with it so far."""

    file: str
    content: Mapping[str, Any]
    findings: list[Finding] = field(default_factory=list)
    register: list[dict[str, str]] = field(default_factory=list)

    def assume(self, table: str, column: str, selector: str, value: str, source: str = "") -> None:
        """Enter what was supplied or derived into the register of assumptions."""
        about = self.content.get("source", {})
        entry = {"table_name": table, "column_name": column, "selector": selector, "value": value}
        entry["source"] = source or self.file
        self.register.append(entry | {"who": str(about.get("who", "")), "at": str(about.get("date", ""))})

    def note(self, rule: str, place: str, message: str, grade: Grade = "error", count: int = 1) -> None:
        """Note a finding at a key of the file."""
        self.findings.append(Finding(grade, rule, "finance", None, place, message, file=self.file, count=count))

    def zone(self, default: str) -> str:
        """The time zone in which the source's local times are read."""
        zones = [self.content.get("source", {}).get("timezone")]
        zones += [values.get("timezone") for _, values in _selectors(self.content.get("plants", {}))]
        given = list(dict.fromkeys(str(zone) for zone in zones if zone is not None))
        for zone in given:
            if not is_zone(zone):
                self.note("unknown-zone", "timezone", f"{quoted(zone)} is not an IANA time zone, e.g. Europe/Berlin")
                return default
        if zones[0] is None and len(given) > 1:
            message = f"the plants have {len(given)} zones; say [source] timezone, in which the source writes its times"
            self.note("missing-key", "source.timezone", message)
            return default
        return given[0] if given else default


def read_finance(path: Path | None) -> Finance:
    """The finance file at ``path`` with its unknown keys noted; an empty one for None."""
    if path is None:
        return Finance("finance.toml", {})
    try:
        content, findings = parsed(path.read_bytes(), path.name)
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror}") from error
    sections = {key: value for key, value in (content or {}).items() if key in _SECTIONS}
    finance = Finance(path.name, sections, list(findings))
    for key in content or {}:
        if key not in _SECTIONS:
            finance.note("unknown-key", key, f"is not a section of a finance file{nearest(key, _SECTIONS)}")
    for section in list(sections):
        wanted, example = (list, f"[[{section}]]") if section == "calendars" else (dict, f"[{section}]")
        if not isinstance(sections[section], wanted):
            finance.note("wrong-type", section, f"is not what it should be: {example}")
            sections.pop(section)
    for section, known in _KEYS.items():
        for key in sections.get(section, ()):
            if key not in known:
                finance.note("unknown-key", f"{section}.{key}", f"is not a key of [{section}]{nearest(key, known)}")
    return finance


def apply(finance: Finance, tables: dict[str, pl.DataFrame], zone: str) -> None:
    """Writes what the finance file says into the tables; what it says of nothing in them is noted."""
    for section in _SELECTING:
        if section in tables:
            source = tables[section]
            for selector, values in _selectors(finance.content.get(section, {})):
                tables[section] = _applied(finance, source, section, tables[section], selector, values, zone)
        elif finance.content.get(section):
            finance.note("selects-nothing", section, f"the source has no {section}")
    rows = finance.content.get("calendars", [])
    if rows:
        made = [_values(finance, BY_NAME["calendars"], "calendars", row, zone) for row in rows]
        schema = {column.name: stored(column.kind) for column in BY_NAME["calendars"].columns}
        given = pl.DataFrame([row for row in made if row], schema=schema).with_columns(
            spelled(pl.col(column.name), column.kind) for column in BY_NAME["calendars"].columns
        )
        tables["calendars"] = pl.concat([tables.get("calendars", given.clear()), given], how="diagonal_relaxed")


def _selectors(section: Any) -> Iterator[tuple[str, Mapping[str, Any]]]:
    if not isinstance(section, Mapping):
        return
    if everywhere := {key: value for key, value in section.items() if not isinstance(value, Mapping)}:
        yield "*", everywhere
    yield from ((key, value) for key, value in section.items() if isinstance(value, Mapping))


def _applied(
    finance: Finance,
    source: pl.DataFrame,
    section: str,
    frame: pl.DataFrame,
    selector: str,
    values: Mapping[str, Any],
    zone: str,
) -> pl.DataFrame:
    table = BY_NAME[section]
    place = f"{section}.{quoted(selector)}"
    keys = [name for name in (*table.key, *NAMED_BY.get(section, ())) if name in frame.columns]
    hit = frame.select(pl.any_horizontal(matches(pl.col(name), selector) for name in keys)).to_series()
    if not hit.any():
        known = frame.select(pl.concat_list(keys).explode().drop_nulls().unique()).to_series().head(10_000).to_list()
        finance.note("selects-nothing", place, f"matches no row of {section}{nearest(selector, known)}")
        return frame
    for name, value in _values(finance, table, place, values, zone).items():
        finance.assume(section, name, selector, _spelled(values[name]))
        old = frame[name] if name in frame.columns else pl.repeat(None, frame.height, eager=True)
        kind = stored(table.column(name).kind)
        if name in source.columns and (replaced := int((hit & source[name].is_not_null()).sum())):
            message = f"replaces what the source says in {replaced:,} row(s)"
            finance.note("replaces-source", f"{place}.{name}", message, "warning", replaced)
        frame = frame.with_columns(pl.when(hit).then(pl.lit(value, kind)).otherwise(old.cast(kind)).alias(name))
    return frame


def _values(finance: Finance, table: Table, place: str, given: Any, zone: str) -> dict[str, Any]:
    """The values of one selector by column, checked like a row of the table."""
    if not isinstance(given, Mapping):
        finance.note("wrong-type", place, f"{quoted(given)} should be a table of columns and values")
        return {}
    whole = table.name == "calendars"
    allowed = tuple(
        c.name for c in table.columns if whole or (c.name not in table.key and c.refers in ("", "calendars"))
    )
    columns, cells = [], {}
    for name, value in given.items():
        if name not in allowed:
            finance.note("unknown-key", f"{place}.{name}", f"is not said of {table.name} here{nearest(name, allowed)}")
            continue
        column = table.column(name)
        columns.append(
            Column(name, column.kind, "optional", "", choices=column.choices, low=column.low, high=column.high)
        )
        cells[name] = [_spelled(value)]
    raw = Raw(Table(table.name, "", tuple(columns)), finance.file, pl.DataFrame({"row": [1], **cells}))
    found = checked(raw)
    for fault in raw.findings:
        finance.note(fault.rule, f"{place}.{fault.column}", fault.message, fault.grade)
    row = found.frame.drop("row").row(0, named=True)
    for name, local in found.local.items():
        if local[0] and row[name] is not None:
            row[name] = int(to_utc(np.array([row[name]], np.int64), zone)[0][0])
    return {name: value for name, value in row.items() if value is not None}


def _spelled(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, time):
        return value.isoformat("minutes")
    if isinstance(value, date):
        return value.isoformat()
    return str(value)
