"""The state of the work as of an instant, for a reader: how much is done, begun, to come, and what is not confirmed."""

from __future__ import annotations

from typing import Any

from tocfin.dataset.text import instant
from tocfin.model.progress import Line, Progress
from tocfin.report.amounts import shown, worded
from tocfin.report.forms import Page
from tocfin.report.grid import Grid
from tocfin.unconfirmed import Doubt

NAMES = ("state", "activities", "hours", "hours_left")


def page(found: Progress, doubt: Doubt) -> Page:
    """The state of the work in every form."""
    lines = found.lines()
    records = [line._asdict() for line in lines]
    return Page(lambda: _document(found, doubt, records), lambda: records, NAMES, lambda: _grids(found, doubt, lines))


def _document(found: Progress, doubt: Doubt, records: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "schema": 1,
        "dataset": found.dataset.name,
        "as_of": instant(doubt.as_of),
        "unconfirmed": doubt.rule,
        "work": records,
        "not_confirmed": {
            "activities": doubt.count,
            "oldest": None if doubt.oldest is None else instant(doubt.oldest),
            "rows": list(doubt.rows),
            "recorded_later": doubt.unused,
            "money": [
                {"unconfirmed": rule, "kpi": figure.kpi, "value": figure.value, "unit": figure.unit}
                | {"status": figure.status}
                for rule, figures in doubt.money.items()
                for figure in figures.values()
            ],
        },
    }


def _grids(found: Progress, doubt: Doubt, lines: list[Line]) -> list[Grid]:
    rows = tuple(
        (line.state, f"{line.activities:,}", shown(line.hours, "h"), shown(line.hours_left, "h")) for line in lines
    )
    title = f"{found.dataset.name}, the work as of {instant(doubt.as_of)}"
    notes = [f"{n:,} {kind} link(s) do not hold in the plan itself" for kind, n in sorted(found.dropped.items())]
    if doubt.unused:
        notes.append(f"{doubt.unused:,} confirmations were recorded later and are not used")
    if not doubt.count:
        notes.append("Everything that should have begun or ended by then is confirmed.")
    heads = ("state", "activities", "planned\n[h]", "left\n[h]")
    grids = [Grid(title, heads, rows, frozenset({1, 2, 3}), tuple(notes))]
    if doubt.oldest is not None:
        grids.append(_unconfirmed(doubt, doubt.oldest))
    return grids


def _unconfirmed(doubt: Doubt, oldest: int) -> Grid:
    kpis = list(next(iter(doubt.money.values())))
    rows = tuple(
        (rule + (" (used)" if rule == doubt.rule else ""), *(_worded(figures[kpi]) for kpi in kpis))
        for rule, figures in doubt.money.items()
    )
    note = f"{doubt.count:,} activities should have begun or ended and are not confirmed, the oldest since"
    heads = ("unconfirmed", *(kpi.replace("_", " ") for kpi in kpis))
    return Grid(
        "Work that is not confirmed", heads, rows, frozenset(range(1, len(heads))), (f"{note} {instant(oldest)}",)
    )


def _worded(figure: Any) -> str:
    return worded(figure.value, figure.unit, figure.status)
