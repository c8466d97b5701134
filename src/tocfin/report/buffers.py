"""Buffers for a reader: what is used up, now and by the plan, with the throughput at stake; planned load of drums."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tocfin.dataset.text import instant
from tocfin.report.amounts import shown, worded
from tocfin.report.forms import Page
from tocfin.report.grid import Grid

NAMES = (
    "kind", "scope", "job", "buffer", "unit", "remains", "used_percent", "projected", "projected_used_percent",
    "colour", "throughput",
)  # fmt: skip
#: Lines that a table shows; the other forms hold all.
SHOWN = 40


def page(card: Any, lines: Sequence[Any], loads: Sequence[Any], held: float | None) -> Page:
    """``lines``, ``loads`` and ``held`` are what `tocfin.forecast.buffers` found, ``card`` the plan's scorecard."""
    document = {
        "schema": 1,
        "dataset": card.dataset,
        "policy": card.policy.name,
        "currency": card.currency,
        "buffers": [_record(line) for line in lines],
        "planned_load": [_load(load) for load in loads],
        "throughput_dollar_days": card.figures["throughput_dollar_days"].value,
        "inventory_dollar_days": held,
    }
    return Page(
        lambda: document,
        lambda: [_record(line) for line in lines],
        NAMES,
        lambda: [_lines(lines, card.currency), _loads(loads), _days(card, held)],
    )


def _record(line: Any) -> dict[str, Any]:
    return {
        "kind": line.kind,
        "scope": line.scope,
        "job": line.job,
        "buffer": line.size,
        "unit": line.unit,
        "remains": line.remains,
        "used_percent": line.current_percent,
        "projected": line.projected,
        "projected_used_percent": line.projected_percent,
        "colour": line.colour,
        "throughput": line.throughput,
    }


def _load(load: Any) -> dict[str, Any]:
    times = {name: getattr(load, name) for name in ("free", "safe", "release")}
    return {"resource": load.resource, "hours": load.hours} | {
        name: None if at is None else instant(at) for name, at in times.items()
    }


def _lines(lines: Sequence[Any], currency: str) -> Grid:
    rows = tuple(
        (
            line.job or line.scope, line.kind, line.scope, f"{shown(line.size, 'h')} {line.unit}",
            worded(line.current_percent, "%", "unknown"), worded(line.projected_percent, "%", "unknown"),
            line.colour, worded(line.throughput, currency, "none"),
        )
        for line in lines[:SHOWN]
    )  # fmt: skip
    count = {name: sum(line.colour == name for line in lines) for name in ("late", "red", "yellow", "green", "unknown")}
    notes = [", ".join(f"{n:,} {name}" for name, n in count.items() if n)]
    notes += [f"{len(lines) - SHOWN:,} more in --format csv"] if len(lines) > SHOWN else []
    heads = ("what", "buffer", "protects", "size", "used now", "used by the plan", "zone", "throughput")
    return Grid("Buffers, the most endangered first", heads, rows, frozenset({3, 4, 5, 7}), tuple(notes))


def _loads(loads: Sequence[Any]) -> Grid:
    rows = tuple(
        (load.resource, shown(load.hours, "h"), *(_when(at) for at in (load.free, load.safe, load.release)))
        for load in loads
    )
    heads = ("bottleneck", "planned load, h", "free from", "earliest date to promise", "release then")
    return Grid("Planned load of the bottlenecks", heads, rows, frozenset({1}))


def _when(at: int | None) -> str:
    return "not known" if at is None else instant(at)


def _days(card: Any, held: float | None) -> Grid:
    unit = f"{card.currency}*d"
    late = card.figures["throughput_dollar_days"]
    rows = (
        ("throughput dollar days of late jobs", worded(late.value, unit, late.status, late.reason)),
        ("inventory dollar days of jobs in process", worded(held, unit, "not_supplied")),
    )
    return Grid("Dollar days", ("measure", "value"), rows, frozenset({1}))
