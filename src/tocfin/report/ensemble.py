"""Stored runs for a reader: KPIs, jobs and resources with their sampling errors, and alternatives against a base."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from tocfin.dataset.text import instant
from tocfin.glossary import (
    CHANCE_BEST,
    CHANCE_BETTER,
    CHANCE_BOTTLENECK,
    CHANCE_INSIDE,
    CHANCE_MEET,
    CHANCE_ON_TIME,
    WORST_20,
)
from tocfin.kpi import KPIS
from tocfin.report.amounts import shown, worded
from tocfin.report.forms import Page
from tocfin.report.grid import Grid
from tocfin.scenarios.ensemble import Comparison, JobLine, KpiLine, ResourceLine
from tocfin.scenarios.estimates import Estimate, Probability
from tocfin.scenarios.paired import Place

SHOWN_QUANTILES = (0.1, 0.5, 0.9)
TAIL = 0.05
MOST_JOBS = 40  # of a table for a reader; every job is in the other forms

KPI_NAMES = ("scenario", "kpi", "unit", "statistic", "value", "low", "high", "n", "missing")
JOB_NAMES = (
    "scenario", "job", "on_time", "on_time_low", "on_time_high", "inside", "inside_low", "inside_high", "late_days",
    "penalty", "penalty_low", "penalty_high", "n",
)  # fmt: skip
RESOURCE_NAMES = (
    "scenario", "resource", "hours", "load", "constraint", "constraint_low", "constraint_high", "waiting",
    "waiting_hours", "wait_hours", "n",
)  # fmt: skip
DIFFERENCE_NAMES = (
    "scenario",
    "kpi",
    "unit",
    "mean",
    "low",
    "high",
    "better",
    "ties",
    "saving",
    "rank",
    "n",
    "dominated_by",
)


def kpi_page(lines: Sequence[KpiLine], title: str, notes: Sequence[str]) -> Page:
    """KPIs of a run: mean, quantiles, the worst 5 % and P(target met), with 95 % intervals."""
    return Page(
        lambda: _kpi_records(lines), lambda: _kpi_records(lines), KPI_NAMES, lambda: _kpi_grids(lines, title, notes)
    )


def job_page(lines: Sequence[JobLine], title: str, currency: str, periods: Sequence[tuple[int, int]] = ()) -> Page:
    """Jobs of a run, the least punctual first; with several ``periods``, P(ends in each) in the JSON document."""
    records = [
        {
            "scenario": line.scenario, "job": line.job, **_ends("on_time", line.on_time),
            **_ends("inside", line.inside), "late_days": line.late_days, **_ends("penalty", line.penalty),
            "n": line.on_time.n,
        }
        for line in lines
    ]  # fmt: skip
    rows = [
        (
            line.scenario, line.job, *_chance(line.on_time), *_chance(line.inside), shown(line.late_days, "d"),
            *("not stored" if line.penalty is None else _with_error(line.penalty, currency),),
        )
        for line in lines[:MOST_JOBS]
    ]  # fmt: skip
    headings = (
        "scenario", "job", CHANCE_ON_TIME, "95 % interval", CHANCE_INSIDE, "95 % interval", "days late",
        f"late penalty [{currency}]",
    )  # fmt: skip
    more = [f"{len(lines) - MOST_JOBS:,} more: --format csv"] if len(lines) > MOST_JOBS else []
    more.append("days late and late penalty are expected; the penalty with its cap and days of grace, ± 95 %")
    grid = Grid(f"{title}: jobs", headings, tuple(rows), frozenset({2, 4, 6, 7}), tuple(more))

    def document() -> list[dict[str, Any]]:
        if len(periods) < 2:
            return records
        spans = [{"start": instant(start), "end": instant(end)} for start, end in periods]
        return [
            record | {"periods": [span | _ends("p", one) for span, one in zip(spans, line.periods, strict=True)]}
            for record, line in zip(records, lines, strict=True)
        ]

    return Page(document, lambda: records, JOB_NAMES, lambda: [grid])


def resource_page(lines: Sequence[ResourceLine], title: str) -> Page:
    """Resources of a run, the most frequent constraint first."""
    records = [
        {
            "scenario": line.scenario, "resource": line.resource, "hours": line.hours, "load": line.load,
            **_ends("constraint", line.constraint),
            "waiting": None if line.queue is None else line.queue.activities,
            "waiting_hours": None if line.queue is None else line.queue.hours,
            "wait_hours": None if line.queue is None else line.queue.wait, "n": line.constraint.n,
        }
        for line in lines
    ]  # fmt: skip
    queued = any(line.queue is not None for line in lines)
    rows = [
        (
            line.scenario, line.resource, shown(line.hours, "h"),
            "" if line.load is None else f"{100 * line.load:.1f} %", *_chance(line.constraint),
            *(_queue(line) if queued else ()),
        )
        for line in lines
    ]  # fmt: skip
    waits = ("waiting", "hours waiting", "wait [h]") if queued else ()
    headings = ("scenario", "resource", "hours", "load", CHANCE_BOTTLENECK, "95 % interval", *waits)
    notes = ["hours and load (share of the available hours) are expected, inside the horizon"]
    notes.append(
        "waiting: activities, and their planned hours, that are ready and wait for the resource, on average; wait: "
        "hours that an activity waits"
        if queued
        else "how much work waits for each: simulate with --queues"
    )
    grid = Grid(f"{title}: resources", headings, tuple(rows), frozenset({2, 3, 4, 6, 7, 8}), tuple(notes))
    return Page(lambda: records, lambda: records, RESOURCE_NAMES, lambda: [grid])


def _queue(line: ResourceLine) -> tuple[str, str, str]:
    found = line.queue
    if found is None:
        return "", "", ""
    return shown(found.activities, "h"), shown(found.hours, "h"), shown(found.wait, "h")


def comparison_page(comparisons: Sequence[Comparison], base: str, title: str) -> Page:
    """Alternatives minus their base under the same luck, best mean first."""
    records = [
        {
            "scenario": place.name, "kpi": one.kpi, "unit": one.unit, "mean": _number(found.mean.value),
            "low": _number(found.mean.low), "high": _number(found.mean.high), "better": _number(found.better.value),
            "ties": found.ties, "saving": _number(found.saving), "rank": place.rank, "n": found.mean.n,
            "dominated_by": _dominators(place),
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
        about = (place.name, str(place.rank), shown(place.mean.value, one.unit), shown(place.cvar.value, one.unit))
        paired = (
            ("base", "", "")
            if found is None
            else (shown(found.mean.value, one.unit), _interval(found.mean, one.unit), str(found.better))
        )
        rows.append((*about, *paired, str(place.best), _dominators(place)))
    headings = (
        "scenario", "rank", f"mean [{one.unit}]", WORST_20, f"minus {base}", "95 % interval", CHANCE_BETTER,
        CHANCE_BEST, "dominated by",
    )  # fmt: skip
    return Grid(f"{title}: {KPIS[one.kpi].title}", headings, tuple(rows), frozenset({1, 2, 3, 4, 6, 7}))


def _dominators(place: Place) -> str:
    return "; ".join(f"{name} ({how})" for name, how in place.dominated_by.items())


def _kpi_grids(lines: Sequence[KpiLine], title: str, notes: Sequence[str]) -> list[Grid]:
    headings = ("KPI", "unit", "mean", "± 95 %", "P10", "P50", "P90", WORST_20, CHANCE_MEET)
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


def _ends(name: str, one: Estimate | None) -> dict[str, Any]:
    """A figure and its interval as three fields; null where there is none."""
    if one is None:
        return dict.fromkeys((name, f"{name}_low", f"{name}_high"))
    return {name: _number(one.value), f"{name}_low": _number(one.low), f"{name}_high": _number(one.high)}


def _with_error(one: Estimate, unit: str) -> str:
    if not one.n:
        return worded(None, unit, "not_supplied")
    return shown(one.value, unit) + (f" ± {shown(one.half_width, unit)}" if one.half_width > 0 else "")


def _estimate(one: Estimate) -> dict[str, Any]:
    ends = {"value": _number(one.value), "low": _number(one.low), "high": _number(one.high)}
    return ends | {"n": one.n, "missing": one.missing}


def _number(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _interval(one: Estimate, unit: str) -> str:
    return "too few" if one.refused else f"{shown(one.low, unit)} to {shown(one.high, unit)}"


def _chance(one: Probability) -> tuple[str, str]:
    return str(one), f"{100 * one.low:.1f} to {100 * one.high:.1f} %"
