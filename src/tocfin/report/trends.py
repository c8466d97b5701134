"""Series with their kind of change, in every form."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tocfin.dataset.text import instant
from tocfin.forecast.lasting import INSUFFICIENT
from tocfin.forecast.trends import Trend, silent
from tocfin.report.amounts import shown
from tocfin.report.forms import Page
from tocfin.report.grid import Grid

NAMES = (
    "series", "of", "kind", "chance", "clear", "since", "cycle", "before", "after", "money_per_day", "expected", "low",
    "high", "unit", "points",
)  # fmt: skip


def page(found: Sequence[Trend], dataset: str, currency: str) -> Page:
    """The series of a data set in every form."""
    records = [_record(one) for one in found]
    document = {
        "schema": 1, "dataset": dataset, "currency": currency, "series": records, "not_observed": silent(found),
    }  # fmt: skip
    rows = [record | {"since": " ".join(record["since"])} for record in records]
    return Page(lambda: document, lambda: rows, NAMES, lambda: [_grid(found, dataset, currency)])


def _record(one: Trend) -> dict[str, Any]:
    values: tuple[Any, ...] = (
        one.series, one.of, one.kind.label, one.kind.chance, one.kind.clear, [instant(at) for at in one.since],
        one.kind.cycle or None, one.before, one.after, one.money_per_day, one.expected, one.low, one.high, one.unit,
        one.points,
    )  # fmt: skip
    return dict(zip(NAMES, values, strict=True))


def _grid(found: Sequence[Trend], dataset: str, currency: str) -> Grid:
    headings = (
        "series", "of", "kind of change", "chance", "since", "before", "after", f"{currency}/day", "next", "80 % band",
        "points",
    )  # fmt: skip
    rows = tuple(
        (
            one.series, one.of, _kind(one), _chance(one), _since(one), _number(one.before), _number(one.after),
            shown(one.money_per_day, currency), _number(one.expected),
            "" if one.low is None else f"{_number(one.low)} to {_number(one.high)}", f"{one.points:,}",
        )
        for one in found
    )  # fmt: skip
    notes = ["chance: of this kind, were all kinds as likely before; no clear pattern: below 50 %"]
    if names := silent(found):
        notes.append(f"not observed: {', '.join(names)}")
    return Grid(f"Series of {dataset}", headings, rows, frozenset({3, 5, 6, 7, 8, 10}), tuple(notes))


def _kind(one: Trend) -> str:
    if one.kind.label in (INSUFFICIENT, "steady") or one.kind.clear:
        return f"seasonal, every {one.kind.cycle}" if one.kind.cycle else one.kind.label
    return f"no clear pattern ({one.kind.label}?)"


def _chance(one: Trend) -> str:
    return "" if one.kind.label == INSUFFICIENT else f"{100 * one.kind.chance:.0f} %"


def _since(one: Trend) -> str:
    return ", ".join(instant(at)[:10] for at in one.since[:4]) + (", …" if len(one.since) > 4 else "")


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:,.4g}"
