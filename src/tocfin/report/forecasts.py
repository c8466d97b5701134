"""Many forecasts on one page: what each plant will end with, and its targets at stake."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tocfin.forecast.batch import Result
from tocfin.forecast.scopes import WHOLE
from tocfin.forecast.told import records, whole
from tocfin.report.amounts import shown
from tocfin.report.forecast import NAMES
from tocfin.report.forms import Page
from tocfin.report.grid import Grid


def page(results: Sequence[Result]) -> Page:
    """Results of a batch; JSON and CSV hold every line of every plant."""
    made = [one.document for one in results if one.document is not None]
    faults = [{"dataset": one.name, "fault": one.fault} for one in results if one.fault is not None]
    return Page(
        lambda: {"schema": 1, "forecasts": made, "faults": faults},
        lambda: [record for said in made for record in records(said)],
        NAMES,
        lambda: [_grid(results)],
    )


def line(result: Result) -> str:
    """One line of progress: throughput, targets at stake, how long it took."""
    if result.document is None:
        return f"{result.name}: {result.fault}"
    one, unit = _headline(result.document), result.document["currency"]
    took = "in the record already" if result.reused else f"{result.seconds:.1f} s"
    ends = f"T {shown(one['P10'], unit)} to {shown(one['P90'], unit)} {unit}" if one else "no throughput"
    return f"{result.name}: {ends}, {_stakes(result)}, {took}"


def _grid(results: Sequence[Result]) -> Grid:
    rows = []
    for result in results:
        said = result.document
        if said is None:
            rows.append((result.name, *[""] * 7, result.fault or ""))
            continue
        one = _headline(said)
        figures = [shown(one.get(name), said["currency"]) for name in ("plan", "actual", "P10", "P50", "P90")]
        rows.append((result.name, said["period"]["period"], said["as_of"], *figures, _stakes(result)))
    headings = ("data set", "period", "as of", "plan", "actual to date", "P10", "P50", "P90", "targets")
    return Grid("Forecasts of throughput", headings, tuple(rows), frozenset(range(3, 8)))


def _headline(said: dict[str, Any]) -> dict[str, Any]:
    """Throughput of everything over the whole period; empty where nothing tells it."""
    return next((line for line in whole(said, WHOLE) if line["kpi"] == "throughput"), {})


def _stakes(result: Result) -> str:
    said: dict[str, Any] = result.document or {"lines": []}
    goals = [goal for one in said["lines"] for goal in one["targets"] if goal["version"] == "budget"]
    missed = sum(goal["status"] in ("missed", "certain_miss") for goal in goals)
    risk = sum(goal["status"] == "at_risk" for goal in goals)
    return f"{missed} of {len(goals)} targets missed, {risk} at risk" if goals else "no targets"
