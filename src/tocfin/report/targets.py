"""Targets beside what is planned: difference, status, and whose it is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tocfin.dataset.text import instant
from tocfin.report.amounts import worded
from tocfin.report.grid import Grid
from tocfin.report.labels import named
from tocfin.scorecard import TargetLine

HEADINGS = ("KPI", "scope", "period", "value", "target", "difference", "%", "status", "owner")


def target_records(targets: Sequence[TargetLine]) -> list[dict[str, Any]]:
    """The JSON form of target lines."""
    return [
        {
            "kpi": line.kpi,
            "scope": dict(line.scope),
            "period": {"start": instant(line.period[0]), "end": instant(line.period[1])},
            "version": line.version,
            "value": line.value,
            "unit": line.unit,
            "target": line.target,
            "difference": line.difference,
            "percent": line.percent,
            "status": line.status,
            "owner": line.owner,
        }
        | ({} if line.part is None else {"part": _part(line)})
        for line in targets
    ]


def _part(line: TargetLine) -> dict[str, Any]:
    """The part of the period that the horizon covers, and what of the target falls on it."""
    start, end = line.part or line.period
    return {"start": instant(start), "end": instant(end), "target": line.phased}


def target_grid(targets: Sequence[TargetLine]) -> Grid:
    """Targets as a table for a reader."""
    rows = tuple(_row(line) for line in targets)
    return Grid("Targets", HEADINGS, rows, frozenset({3, 4, 5, 6}))


def _row(line: TargetLine) -> tuple[str, ...]:
    scope = ", ".join(f"{name} {key}" for name, key in line.scope.items()) or "all"
    period = f"{instant(line.period[0])[:10]} to {instant(line.period[1])[:10]}"
    percent = "" if line.percent is None else f"{line.percent:+z.1f} %"
    amounts = (
        worded(line.value, line.unit),
        worded(line.target, line.unit),
        f"{line.difference:+z,.2f}" if line.difference is not None else "",
        percent,
    )
    name = named(line.kpi) if line.version == "budget" else f"{named(line.kpi)} ({line.version})"
    status = line.status.replace("_", " ")
    if line.phased is not None:
        status += f": {worded(line.phased, line.unit)} fall on it"
    return (name, scope, period, *amounts, status, line.owner or "")
