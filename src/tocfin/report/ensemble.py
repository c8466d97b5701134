"""Stored runs for a reader: KPIs, jobs and resources with their sampling errors, and alternatives against a base."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from tocfin.kpi import KPIS
from tocfin.report.amounts import shown
from tocfin.report.forms import Page
from tocfin.report.grid import Grid
from tocfin.scenarios.ensemble import Comparison, JobLine, KpiLine, ResourceLine
from tocfin.scenarios.estimates import Estimate, Probability

SHOWN_QUANTILES = (0.1, 0.5, 0.9)
TAIL = 0.05
MOST_JOBS = 40  # of a table for a reader; every job is in the other forms

KPI_NAMES = ("scenario", "kpi", "unit", "statistic", "value", "low", "high", "n", "missing")
JOB_NAMES = ("scenario", "job", "on_time", "on_time_low", "on_time_high", "inside", "late_days", "n")
RESOURCE_NAMES = ("scenario", "resource", "hours", "constraint", "constraint_low", "constraint_high", "n")
DIFFERENCE_NAMES = ("scenario", "kpi", "unit", "mean", "low", "high", "better", "ties", "saving", "rank", "n")


def kpi_page(lines: Sequence[KpiLine], title: str, notes: Sequence[str]) -> Page:
    """KPIs of a run: mean, quantiles, the worst 5 % and P(target met), with 95 % intervals."""
    return Page(
        lambda: _kpi_records(lines), lambda: _kpi_records(lines), KPI_NAMES, lambda: _kpi_grids(lines, title, notes)
    )


def job_page(lines: Sequence[JobLine], title: str) -> Page:
    """Jobs of a run, the least punctual first."""
    records = [
        {
            "scenario": line.scenario, "job": line.job, "on_time": _number(line.on_time.value),
            "on_time_low": _number(line.on_time.low), "on_time_high": _number(line.on_time.high),
            "inside": _number(line.inside.value), "late_days": line.late_days, "n": line.on_time.n,
        }
        for line in lines
    ]  # fmt: skip
    rows = [
        (line.scenario, line.job, *_chance(line.on_time), str(line.inside), shown(line.late_days, "d"))
        for line in lines[:MOST_JOBS]
    ]
    headings = ("scenario", "job", "P(on time)", "95 % interval", "P(in horizon)", "expected days late")
    more = (f"{len(lines) - MOST_JOBS:,} more: --format csv",) if len(lines) > MOST_JOBS else ()
    grid = Grid(f"{title}: jobs", headings, tuple(rows), frozenset({2, 4, 5}), more)
    return Page(lambda: records, lambda: records, JOB_NAMES, lambda: [grid])


def resource_page(lines: Sequence[ResourceLine], title: str) -> Page:
    """Resources of a run, the most frequent constraint first."""
    records = [
        {
            "scenario": line.scenario, "resource": line.resource, "hours": line.hours,
            "constraint": _number(line.constraint.value), "constraint_low": _number(line.constraint.low),
            "constraint_high": _number(line.constraint.high), "n": line.constraint.n,
        }
        for line in lines
    ]  # fmt: skip
    rows = [(line.scenario, line.resource, shown(line.hours, "h"), *_chance(line.constraint)) for line in lines]
    headings = ("scenario", "resource", "expected hours", "P(loaded most)", "95 % interval")
    grid = Grid(f"{title}: resources", headings, tuple(rows), frozenset({2, 3}))
    return Page(lambda: records, lambda: records, RESOURCE_NAMES, lambda: [grid])


def comparison_page(comparisons: Sequence[Comparison], base: str, title: str) -> Page:
    """Alternatives minus their base under the same luck, best mean first."""
    records = [
        {
            "scenario": place.name, "kpi": one.kpi, "unit": one.unit, "mean": _number(found.mean.value),
            "low": _number(found.mean.low), "high": _number(found.mean.high), "better": _number(found.better.value),
            "ties": found.ties, "saving": _number(found.saving), "rank": place.rank, "n": found.mean.n,
        }
        for one in comparisons
        for place in one.places
        if (found := one.differences.get(place.name))
    ]  # fmt: skip
    return Page(
        lambda: records, lambda: records, DIFFERENCE_NAMES, lambda: [_paired(one, base, title) for one in comparisons]
    )


def _paired(one: Comparison, base: str, title: str) -> Grid:
    rows = []
    for place in one.places:
        found = one.differences.get(place.name)
        about = (str(place.rank), place.name, shown(place.mean.value, one.unit), shown(place.cvar.value, one.unit))
        paired = (
            ("base", "", "")
            if found is None
            else (shown(found.mean.value, one.unit), _interval(found.mean, one.unit), str(found.better))
        )
        rows.append((*about, *paired, str(place.best), ", ".join(place.dominated_by)))
    headings = (
        "rank", "scenario", f"mean [{one.unit}]", "worst 5 %", f"minus {base}", "95 % interval", "P(better)", "P(best)",
        "dominated by",
    )  # fmt: skip
    return Grid(f"{title}: {KPIS[one.kpi].title}", headings, tuple(rows), frozenset({0, 2, 3, 4, 6, 7}))


def _kpi_grids(lines: Sequence[KpiLine], title: str, notes: Sequence[str]) -> list[Grid]:
    headings = ("KPI", "unit", "mean", "± 95 %", "P10", "P50", "P90", "worst 5 %", "P(target)")
    grids = []
    for scenario in dict.fromkeys(line.scenario for line in lines):
        rows = [_kpi_row(line) for line in lines if line.scenario == scenario]
        grids.append(Grid(f"{title}: {scenario}", headings, tuple(rows), frozenset(range(2, 9)), tuple(notes)))
    return grids


def _kpi_row(line: KpiLine) -> tuple[str, ...]:
    found = line.summary
    name = KPIS[line.kpi].title
    if not found.mean.n:
        return (name, line.unit, "no value", *[""] * 6)
    middle = [shown(found.quantiles[share].value, line.unit) for share in SHOWN_QUANTILES]
    return (
        name,
        line.unit,
        shown(found.mean.value, line.unit),
        "" if found.mean.refused else shown(found.mean.half_width, line.unit),
        *middle,
        shown(found.cvar[TAIL].value, line.unit),
        "" if found.met is None else str(found.met),
    )


def _kpi_records(lines: Sequence[KpiLine]) -> list[dict[str, Any]]:
    records = []
    for line in lines:
        found = line.summary
        named = {
            "mean": found.mean,
            **{f"P{round(100 * share)}": one for share, one in found.quantiles.items()},
            **{f"CVaR{round(100 * share)}": one for share, one in found.cvar.items()},
            **({} if found.met is None else {"P(target)": found.met}),
        }
        same = {"scenario": line.scenario, "kpi": line.kpi, "unit": line.unit}
        records += [same | {"statistic": name} | _estimate(one) for name, one in named.items()]
    return records


def _estimate(one: Estimate) -> dict[str, Any]:
    ends = {"value": _number(one.value), "low": _number(one.low), "high": _number(one.high)}
    return ends | {"n": one.n, "missing": one.missing}


def _number(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _interval(one: Estimate, unit: str) -> str:
    return "too few" if one.refused else f"{shown(one.low, unit)} to {shown(one.high, unit)}"


def _chance(one: Probability) -> tuple[str, str]:
    return str(one), f"{100 * one.low:.1f} to {100 * one.high:.1f} %"
