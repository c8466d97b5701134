"""Findings for the owner of the spreadsheet: errors first, how many of each, and what to do next."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from tocfin.dataset import Dataset
from tocfin.errors import Finding
from tocfin.report import controls
from tocfin.report.amounts import printable
from tocfin.report.forms import Page
from tocfin.report.grid import Grid

NAMES = ("grade", "place", "message", "rule", "table", "row", "column", "value", "count")
GRADES = ("error", "warning")
NEXT = (
    "No number was computed. Mend the places above and run the command again; "
    "`tocfin check DATASET --annotate check.xlsx` marks them in a copy of the tables; --explain says what rules mean."
)


def in_order(findings: Iterable[Finding]) -> list[Finding]:
    """Errors before warnings, otherwise as they were found."""
    return sorted(findings, key=lambda finding: GRADES.index(finding.grade))


def listing(findings: Sequence[Finding]) -> str:
    """One line per finding, then counts per rule and, where a number was refused, what to do."""
    lines = [printable(_line(finding)).replace("\n", " ") for finding in in_order(findings)]
    lines.append(summary(findings))
    if any(finding.grade == "error" for finding in findings):
        lines.append(NEXT)
    return "\n".join(lines)


def _line(finding: Finding) -> str:
    return str(finding) if finding.grade == "error" else f"{finding} (warning)"


def summary(findings: Iterable[Finding]) -> str:
    """``3 errors (2 dangling-key, 1 not-a-number), 1 warning (1 negative-stock)``; ``no findings``."""
    per_rule: Counter[tuple[str, str]] = Counter()
    for finding in findings:
        per_rule[finding.grade, finding.rule] += finding.count
    parts = []
    for grade in GRADES:
        rules = [(rule, count) for (of, rule), count in per_rule.most_common() if of == grade]
        total = sum(count for _, count in rules)
        if total:
            named = ", ".join(f"{count} {rule}" for rule, count in rules)
            parts.append(f"{total} {grade}{'s' if total > 1 else ''} ({named})")
    return ", ".join(parts) or "no findings"


def as_records(findings: Iterable[Finding]) -> list[dict[str, Any]]:
    """The JSON form of findings, errors first."""
    return [finding.as_dict() for finding in in_order(findings)]


def page(found: Dataset) -> Page:
    """What a check found, in every form: rows per table, control totals, findings."""
    rows = {name: table.height for name, table in found.tables.items()}
    document = {
        "schema": 1,
        "dataset": found.name,
        "ok": found.ok,
        "rows": rows,
        "control_totals": controls.records(found.controls),
        "findings": as_records(found.findings),
    }
    return Page(lambda: document, lambda: as_records(found.findings), NAMES, lambda: _grids(found, rows))


def _grids(found: Dataset, rows: Mapping[str, int]) -> list[Grid]:
    findings, notes = found.findings, (summary(found.findings),)
    totals = [controls.grid(found.controls)] if found.controls else []
    if not found.ok:
        faults = tuple((one.grade, one.place, one.message, one.rule) for one in in_order(findings))
        return [Grid(found.name, ("grade", "place", "what is wrong", "rule"), faults, notes=notes), *totals]
    tables = tuple((table, f"{count:,}") for table, count in rows.items() if count)
    return [Grid(found.name, ("table", "rows"), tables, frozenset({1}), notes=notes), *totals]
