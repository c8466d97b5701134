"""Assumptions and what came of them, in every form."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tocfin.dataset.text import instant
from tocfin.forecast.drift import Drift
from tocfin.report.amounts import shown
from tocfin.report.forms import Page
from tocfin.report.grid import Grid

NAMES = (
    "assumption", "of", "verdict", "unit", "points", "assumed", "tolerance", "level", "since", "told_at", "per_day",
    "money_per_day", "by_the_close", "note",
)  # fmt: skip


def page(found: Sequence[Drift], dataset: str, currency: str) -> Page:
    """The assumptions of a data set in every form."""
    records = [_record(one) for one in found]
    document = {"schema": 1, "dataset": dataset, "currency": currency, "assumptions": records}
    return Page(lambda: document, lambda: records, NAMES, lambda: [_grid(found, dataset, currency)])


def _record(one: Drift) -> dict[str, Any]:
    times = {name: None if (at := getattr(one, name)) is None else instant(at) for name in ("since", "told_at")}
    return {name: getattr(one, name) for name in NAMES} | times


def _grid(found: Sequence[Drift], dataset: str, currency: str) -> Grid:
    headings = (
        "assumption", "of", "verdict", "assumed", "tolerance", "now", "since", "per day", f"{currency}/day",
        f"{currency} by the close", "points", "note",
    )  # fmt: skip
    notes = (
        "two-sided CUSUM, k = 0.5, h = 5; tolerance: one standard deviation of a single observation",
        "money: net profit with the corrected assumption, less that of the plan",
    )
    rows = tuple(
        (
            one.assumption, one.of, one.verdict, _value(one.assumed, one.unit), _value(one.tolerance, one.unit),
            _value(one.level, one.unit), "" if one.since is None else instant(one.since)[:10],
            "" if one.per_day is None else f"{one.per_day:+.3g}", shown(one.money_per_day, currency),
            shown(one.by_the_close, currency), f"{one.points:,}" if one.points else "", one.note,
        )
        for one in found
    )  # fmt: skip
    return Grid(f"Assumptions of {dataset}", headings, rows, frozenset({3, 4, 5, 7, 8, 9, 10}), notes)


def _value(value: float | None, unit: str) -> str:
    return "" if value is None else f"{value:.3f} {unit}".removesuffix(" 1")
