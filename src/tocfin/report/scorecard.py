"""A scorecard in every form: the JSON of the command contract, records for CSV, grids for a reader."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from tocfin.dataset.text import instant
from tocfin.earned import TOTALS
from tocfin.kpi import KPIS
from tocfin.report import controls
from tocfin.report.amounts import adding, shown, tied, worded
from tocfin.report.findings import as_records
from tocfin.report.forms import Page
from tocfin.report.grid import Grid
from tocfin.report.labels import named
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
    return [*grids, *_appendix(card)]


def _kpi_grid(card: Scorecard) -> Grid:
    start, end = card.horizon
    mine = as_shown(card.figures)
    rows = [(KPIS[name].title, _worded(figure), _lacking(figure)) for name, figure in mine.items()]
    title = f"{card.dataset}, policy {card.policy.name}, {instant(start)} to {instant(end)}"
    totals = [controls.summary(card.controls)] if card.controls else []
    notes = (*totals, *(finding.message for finding in card.findings if finding.rule == "set-aside"))
    if not any(remark for _, _, remark in rows):
        return Grid(title, ("KPI", "value"), tuple(row[:2] for row in rows), frozenset({1}), notes)
    return Grid(title, ("KPI", "value", "remark"), tuple(rows), frozenset({1}), notes)


def _appendix(card: Scorecard) -> list[Grid]:
    """What the other policy says, where the two differ, and why; nothing where they do not."""
    if card.other is None:
        return []
    mine, theirs = as_shown(card.figures), as_shown(card.other.figures)
    rows = tuple(
        (KPIS[name].title, _worded(mine[name]), _worded(theirs[name]), KPIS[name].why)
        for name, figure in card.figures.items()
        if (figure.value, figure.status) != (card.other.figures[name].value, card.other.figures[name].status)
    )
    headings = ("KPI", card.policy.name, card.policy.other, "why they differ")
    return [Grid(f"Appendix: policy {card.policy.other}", headings, rows, frozenset({1, 2}))] if rows else []


def _line_grid(card: Scorecard) -> Grid:
    amounts = _earned(card)
    rows = tuple(
        (line.title, worded(amounts[line.name], card.currency, "not_supplied"), f"{line.count:,}")
        for line in card.lines
    )
    note = "Lines above Throughput add up to it, all others to the throughput of what is delivered."
    return Grid("Who earns it", ("line", "amount", "jobs or lines"), rows, frozenset({1, 2}), (note,))


def as_shown(figures: Mapping[str, Figure]) -> dict[str, Figure]:
    """Figures with throughput, operating expense and net profit rounded so that they add up as they are shown."""
    values = tied({name: figure.value for name, figure in figures.items()})
    return {name: replace(figure, value=values[name]) for name, figure in figures.items()}


def _earned(card: Scorecard) -> dict[str, float | None]:
    """Amounts of the lines as they are shown: those above throughput add up to it, all to what is delivered."""
    amounts: dict[str, float | None] = {line.name: line.amount for line in card.lines}
    names = list(amounts)
    at = names.index(TOTALS[0])
    above, below = names[:at], [name for name in names[at:] if name not in TOTALS]
    made = as_shown(card.figures)["throughput"].value
    if made is None or abs((amounts[TOTALS[0]] or 0.0) - made) > 1:
        made = amounts[TOTALS[0]]
    whole = amounts[TOTALS[1]]
    amounts[TOTALS[0]] = made
    amounts |= dict(zip(above, adding([amounts[name] for name in above], made), strict=True))
    rest = None if whole is None or made is None else round(whole, 2) - round(made, 2)
    return amounts | dict(zip(below, adding([amounts[name] for name in below], rest), strict=True))


def _lacking(figure: Figure) -> str:
    """Why there is no value, where that is too long for its cell."""
    return figure.reason or "" if figure.status in LONG_REASONS else ""


def _worded(figure: Figure) -> str:
    reason = None if figure.status in LONG_REASONS else figure.reason
    return worded(figure.value, figure.unit, figure.status, reason)


def _group_grid(card: Scorecard, groups: Iterable[Group]) -> Grid:
    names = [name for name in MAIN if name in card.figures]
    headings = (str(card.by), *(f"{named(name)}\n[{card.figures[name].unit}]" for name in names))
    whole, shares = as_shown(card.figures), _shares(card, list(groups))
    rows = [(key, *(_bare(figures.get(name)) for name in names)) for key, figures in shares]
    rows.append(("total", *(_bare(whole[name]) for name in names)))
    note = "Ratios are recomputed from each line's own sums. All KPIs of every line: --format csv or json."
    return Grid(f"By {card.by}", headings, tuple(rows), frozenset(range(1, len(headings))), (note,))


def _shares(card: Scorecard, groups: Sequence[Group]) -> list[tuple[str, dict[str, Figure]]]:
    """Figures of groups as they are shown: throughput and operating expense add up to the whole, and in each group to
    its net profit.
    """
    whole = as_shown(card.figures)
    columns = {
        name: adding([group.figures[name].value for group in groups], whole[name].value)
        for name in ("throughput", "operating_expense")
    }
    found = []
    for at, group in enumerate(groups):
        made, spent = (column[at] for column in columns.values())
        own = dict(group.figures)
        own |= {name: replace(own[name], value=column[at]) for name, column in columns.items()}
        if made is not None and spent is not None:
            own["net_profit"] = replace(own["net_profit"], value=made - spent)
        found.append((group.key or "(none)", own))
    return found


def _bare(figure: Figure | None) -> str:
    if figure is None:
        return ""
    return shown(figure.value, figure.unit) if figure.status == "ok" else worded(None, figure.unit, figure.status)
