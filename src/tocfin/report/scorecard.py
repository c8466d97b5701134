"""A scorecard in every form: the JSON of the command contract, records for CSV, grids for a reader."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

from tocfin.dataset.text import instant
from tocfin.kpi import KPIS
from tocfin.report import controls
from tocfin.report.amounts import shown, worded
from tocfin.report.findings import as_records
from tocfin.report.forms import Page
from tocfin.report.grid import Grid
from tocfin.report.targets import target_grid, target_records
from tocfin.scorecard import Figure, Group, Scorecard

CSV_NAMES = ("by", "key", "kpi", "value", "unit", "status", "reason", "policy", "dataset")
LONG_REASONS = {"not_supplied", "not_projected"}  # told in the remark, not in the cell
MAIN = ("throughput", "operating_expense", "net_profit", "throughput_per_drum_hour", "drum_utilization")


def page(card: Scorecard) -> Page:
    """The scorecard in every form."""
    return Page(lambda: as_document(card), lambda: as_csv_records(card), CSV_NAMES, lambda: as_grids(card))


def as_document(card: Scorecard) -> dict[str, Any]:
    """The JSON object of the command contract (rulings R28)."""
    start, end = card.horizon
    document: dict[str, Any] = {
        "schema": 1,
        "dataset": card.dataset,
        "policy": card.policy.name,
        "currency": card.currency,
        "horizon": {"start": instant(start), "end": instant(end)},
        "kpis": _kpis(card.figures),
        "terms": _finite(card.terms),
        "findings": as_records(card.findings),
    }
    if card.controls:
        document["control_totals"] = controls.records(card.controls)
    if card.lines:
        document["lines"] = [
            {"line": line.name, "title": line.title, "value": line.amount, "unit": card.currency, "count": line.count}
            for line in card.lines
        ]
    if card.targets:
        document["targets"] = target_records(card.targets)
    if card.by is not None:
        document["groups"] = [
            {card.by: group.key, "kpis": _kpis(group.figures), "terms": _finite(group.terms)} for group in card.groups
        ]
    return document


def _kpis(figures: Mapping[str, Figure]) -> list[dict[str, Any]]:
    return [_figure(figure) for figure in figures.values()]


def _figure(figure: Figure) -> dict[str, Any]:
    record = {"kpi": figure.kpi, "value": figure.value, "unit": figure.unit, "status": figure.status}
    return record | {"reason": figure.reason} if figure.reason else record


def _finite(terms: Mapping[str, float]) -> dict[str, float | None]:
    return {name: value if math.isfinite(value) else None for name, value in terms.items()}


def as_csv_records(card: Scorecard) -> list[dict[str, Any]]:
    """One record per KPI, the totals first, then every group; values in full."""
    same = {"policy": card.policy.name, "dataset": card.dataset}
    records = [_figure(figure) | same for figure in card.figures.values()]
    for group in card.groups:
        records += [_figure(figure) | same | {"by": card.by, "key": group.key} for figure in group.figures.values()]
    return records


def as_grids(card: Scorecard) -> list[Grid]:
    """The scorecard for a reader: KPIs beside the other policy, then targets and groups where there are any."""
    grids = [_kpi_grid(card)]
    if card.lines:
        grids.append(_line_grid(card))
    if card.targets:
        grids.append(target_grid(card.targets))
    if card.groups:
        grids.append(_group_grid(card, card.groups))
    return grids


def _kpi_grid(card: Scorecard) -> Grid:
    start, end = card.horizon
    other = card.other.figures if card.other else card.figures
    rows = [(KPIS[name].title, _worded(figure), *_beside(figure, other[name])) for name, figure in card.figures.items()]
    title = f"{card.dataset}, policy {card.policy.name}, {instant(start)} to {instant(end)}"
    totals = [controls.summary(card.controls)] if card.controls else []
    notes = (*totals, *(finding.message for finding in card.findings if finding.rule == "set-aside"))
    return Grid(title, ("KPI", "value", card.policy.other, "remark"), tuple(rows), frozenset({1, 2}), notes)


def _line_grid(card: Scorecard) -> Grid:
    rows = tuple(
        (line.title, worded(line.amount, card.currency, "not_supplied"), f"{line.count:,}") for line in card.lines
    )
    note = "Lines above Throughput add up to it, all others to the throughput of what is delivered."
    return Grid("Who earns it", ("line", "amount", "jobs or lines"), rows, frozenset({1, 2}), (note,))


def _beside(figure: Figure, other: Figure) -> tuple[str, str]:
    """What the other policy says, where the two differ; and why they do, or why there is no value."""
    lacking = figure.reason or "" if figure.status in LONG_REASONS else ""
    if (figure.value, figure.status) == (other.value, other.status):
        return "", lacking
    return _worded(other), lacking or KPIS[figure.kpi].why


def _worded(figure: Figure) -> str:
    reason = None if figure.status in LONG_REASONS else figure.reason
    return worded(figure.value, figure.unit, figure.status, reason)


def _group_grid(card: Scorecard, groups: Iterable[Group]) -> Grid:
    names = [name for name in MAIN if name in card.figures]
    headings = (str(card.by), *(f"{KPIS[name].title.partition(':')[0]}\n[{card.figures[name].unit}]" for name in names))
    rows = [(group.key or "(none)", *(_bare(group.figures.get(name)) for name in names)) for group in groups]
    rows.append(("total", *(_bare(card.figures[name]) for name in names)))
    note = "Ratios are recomputed from each line's own sums. All KPIs of every line: --format csv or json."
    return Grid(f"By {card.by}", headings, tuple(rows), frozenset(range(1, len(headings))), (note,))


def _bare(figure: Figure | None) -> str:
    if figure is None:
        return ""
    return shown(figure.value, figure.unit) if figure.status == "ok" else worded(None, figure.unit, figure.status)
