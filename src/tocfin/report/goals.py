"""Chances of targets beside a scorecard: the one future of the plan, and many."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tocfin.dataset.text import instant
from tocfin.glossary import CHANCE_MEET
from tocfin.report.amounts import shown, worded
from tocfin.report.forms import Page
from tocfin.report.grid import Grid
from tocfin.report.labels import named
from tocfin.report.targets import target_records
from tocfin.scenarios.goals import Goal


def with_goals(page: Page, goals: Sequence[Goal], scenario: str, replications: int) -> Page:
    """``page`` with P(target met) below it; CSV holds one table and stays as it is."""
    futures = {"scenario": scenario, "replications": replications, "targets": [_record(one) for one in goals]}
    return Page(
        lambda: page.document() | {"futures": futures},
        page.records,
        page.names,
        lambda: [*page.grids(), _grid(goals, scenario, replications)],
    )


def _record(one: Goal) -> dict[str, Any]:
    (line,) = target_records([one.line])
    kept = {name: line[name] for name in ("kpi", "scope", "period", "unit", "target", "owner")} | {
        "plan": line["value"]
    }
    if one.met is None or one.expected is None or not one.met.n:
        return kept | {"mean": None, "met": None, "met_low": None, "met_high": None}
    return kept | {
        "mean": one.expected.value, "met": one.met.value, "met_low": one.met.low, "met_high": one.met.high,
    }  # fmt: skip


def _grid(goals: Sequence[Goal], scenario: str, replications: int) -> Grid:
    headings = ("KPI", "scope", "period", "target", "plan", "mean of futures", CHANCE_MEET, "95 % interval")
    title = f"The same targets in {replications:,} futures of scenario {scenario}"
    notes = ("a plan is one future, and an optimistic one; tocfin simulate makes such futures of your own data",)
    return Grid(title, headings, tuple(_row(one) for one in goals), frozenset({3, 4, 5, 6}), notes)


def _row(one: Goal) -> tuple[str, ...]:
    line, met = one.line, one.met
    scope = ", ".join(f"{name} {key}" for name, key in line.scope.items()) or "all"
    period = f"{instant(line.period[0])[:10]} to {instant(line.period[1])[:10]}"
    planned = (worded(line.target, line.unit), "" if line.value is None else shown(line.value, line.unit))
    if met is None or one.expected is None or not met.n:
        return (named(line.kpi), scope, period, *planned, "", "not told by periods", "")
    mean = shown(one.expected.value, line.unit)
    return (named(line.kpi), scope, period, *planned, mean, str(met), f"{100 * met.low:.1f} to {100 * met.high:.1f} %")
