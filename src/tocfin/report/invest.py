"""Where another euro pays, for a reader: hours by what they are worth, with and without heroics, and purchases."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tocfin.glossary import CHANCE_BOTTLENECK
from tocfin.report.amounts import shown, spread
from tocfin.report.forms import Page
from tocfin.report.grid import Grid

EFFECTS = ("throughput", "operating_expense", "investment", "net_profit")
NAMES = (
    "what", "resource", "kind", "constraint_probability", "load", "net_profit_per_hour", "net_profit_per_hour_low",
    "net_profit_per_hour_high", "replications",
    *(f"{name}{part}" for name in EFFECTS for part in ("", "_low", "_high")), "roi_per_year", "payback_days",
)  # fmt: skip
#: Resources that a table lists; the other forms hold all.
SHOWN = 10


def page(hours: Any, plain: Any, bought: Sequence[Any], currency: str) -> Page:
    """``hours`` and ``plain`` (without heroics, or None) are of `tocfin.forecast.invest`, ``bought`` of `purchases`."""
    document = {
        "schema": 1,
        "currency": currency,
        "replications": hours.replications,
        "seed": hours.seed,
        "hours": [_hour("hour", line) for line in hours.lines],
        "next_constraint": hours.next,
        "without_heroics": None if plain is None else [_hour("hour without heroics", line) for line in plain.lines],
        "next_constraint_without_heroics": None if plain is None else plain.next,
        "unstable": list(hours.unstable),
        "purchases": [_purchase(line) for line in bought],
    }

    def records() -> list[dict[str, Any]]:
        return [*document["hours"], *(document["without_heroics"] or []), *document["purchases"]]

    def grids() -> list[Grid]:
        found = [_hours(hours, "What one more hour is worth", currency)]
        found += [] if plain is None else [_hours(plain, "The same without overtime", currency)]
        return [*found, _purchases(bought, currency)] if bought else found

    return Page(lambda: document, records, NAMES, grids)


def _hour(what: str, line: Any) -> dict[str, Any]:
    return {
        "what": what,
        "resource": line.resource,
        "constraint_probability": line.constraint.value,
        "load": line.load,
        "net_profit_per_hour": _number(line.hour.value),
        "net_profit_per_hour_low": _number(line.hour.low),
        "net_profit_per_hour_high": _number(line.hour.high),
        "replications": line.hour.n,
    }


def _purchase(line: Any) -> dict[str, Any]:
    record = {"what": "purchase", "resource": line.purchase.resource, "kind": line.purchase.kind}
    for name in EFFECTS:
        for part, field in (("", "value"), ("_low", "low"), ("_high", "high")):
            record[f"{name}{part}"] = _number(getattr(getattr(line.effect, name), field))
    return record | {"roi_per_year": line.roi, "payback_days": line.payback}


def _number(value: float) -> float | None:
    return None if value != value else value


def _hours(found: Any, title: str, currency: str) -> Grid:
    rows = tuple(
        (line.resource, str(line.constraint), shown(100 * line.load, "%"), spread(line.hour), f"{line.hour.n:,}")
        for line in found.lines[:SHOWN]
    )
    heads = ("resource", CHANCE_BOTTLENECK, "load, %", f"net profit per hour, {currency}", "futures")
    notes = [_moves(found.lines[0].resource, found.next)] if found.next else []
    notes += [f"{len(found.lines) - SHOWN:,} more in --format csv"] if len(found.lines) > SHOWN else []
    notes += [f"too unsteady to be ranked: {', '.join(found.unstable)}"] if found.unstable else []
    return Grid(title, heads, rows, frozenset({1, 2, 3, 4}), tuple(notes))


def _moves(first: str, then: str) -> str:
    """Where the constraint moves."""
    if then == first:
        return f"{first} is loaded most even when half of its work is gone"
    return f"{then} is loaded most once {first} has room"


def _purchases(bought: Sequence[Any], currency: str) -> Grid:
    rows = tuple(
        (
            line.purchase.resource, line.purchase.kind, *(spread(getattr(line.effect, name)) for name in EFFECTS),
            "capital not supplied" if line.roi is None else f"{100 * line.roi:,.0f} %",
            "" if line.roi is None else "never" if line.payback is None else f"{line.payback:,.0f} days",
        )
        for line in bought
    )  # fmt: skip
    heads = ("resource", "what", "T", "OE", "I", "net profit", "return a year", "payback")
    note = f"over the horizon, {currency}; ± is the 95 % interval of the mean of paired differences"
    return Grid("What could be bought", heads, rows, frozenset({2, 3, 4, 5, 6, 7}), (note,))
