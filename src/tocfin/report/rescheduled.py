"""Candidates of a new plan beside the present one, term by term, and the jobs that the best one touches."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from tocfin.report.forms import Page
from tocfin.report.grid import Grid

NAMES = ("plan", "objective", "net_profit_this", "net_profit_next", "net_profit", "gain", "feasible")
SHOWN_JOBS = 15
#: Changes of a term that are smaller than this are not shown in the table.
SMALLEST = 0.005


def page(found: Any, present: str, jobs: Sequence[Mapping[str, Any]], currency: str) -> Page:
    """``found`` is what `tocfin.reschedule.improve.improve` returned; ``present`` names the present plan in it."""
    base = found.named(present)
    records = [_record(one, base) for one in found.candidates]
    document = {
        "schema": 1,
        "objective": found.objective,
        "currency": currency,
        "seconds": round(found.seconds, 3),
        "best": found.best.name,
        "candidates": [
            record | {"missing": list(one.price.missing), "breaches": list(one.breaches), "bridge": _bridge(one, base)}
            for record, one in zip(records, found.candidates, strict=True)
        ],
        "jobs": list(jobs),
    }
    return Page(lambda: document, lambda: records, NAMES, lambda: _grids(found, base, records, jobs, currency))


def _record(one: Any, base: Any) -> dict[str, Any]:
    this, later = one.price.net_profit
    return {
        "plan": one.name,
        "objective": _number(one.price.objective),
        "net_profit_this": _number(this),
        "net_profit_next": _number(later),
        "net_profit": _number(this + later),
        "gain": _number(one.price.objective - base.price.objective),
        "feasible": not one.breaches,
    }


def _bridge(one: Any, base: Any) -> dict[str, dict[str, float | None]]:
    """What each term adds against the present plan: this period, the next, both."""
    found = {}
    for name, (this, later) in one.price.parts.items():
        before = base.price.parts[name]
        change = (this - before[0], later - before[1])
        found[name] = {"this": _number(change[0]), "next": _number(change[1]), "both": _number(sum(change))}
    return found


def _number(value: float) -> float | None:
    return value + 0.0 if math.isfinite(value) else None


def _grids(
    found: Any, base: Any, records: Sequence[Mapping[str, Any]], jobs: Sequence[Mapping[str, Any]], currency: str
) -> list[Grid]:
    headings = ("plan", "objective", "net profit, this period", "the next", "both", "gain", "can be carried out")
    rows = tuple(tuple(_shown(record[name]) for name in NAMES) for record in records)
    notes = [f"{found.objective} in {currency}; gain is against the {base.name}"]
    notes += [f"{one.name}: {breach}" for one in found.candidates for breach in one.breaches[:1]]
    bridge = _bridge(found.best, base)
    lines = tuple(
        (name, *(_shown(part[when]) for when in ("this", "next", "both")))
        for name, part in bridge.items()
        if any(abs(change or 0.0) >= SMALLEST for change in part.values())
    )
    listed = tuple(
        (row["job"], row["what"], f"{row['moved']:,}", row["end_before"] or "", row["end_after"] or "",
         _shown(row["throughput_this"]), _shown(row["throughput_next"]))
        for row in jobs[:SHOWN_JOBS]
    )  # fmt: skip
    more = (f"{len(jobs):,} jobs are touched",)
    return [
        Grid("Candidates", headings, rows, frozenset(range(1, 6)), tuple(notes)),
        Grid(
            f"What changes with the {found.best.name}",
            ("term", "this period", "the next", "both"),
            lines,
            frozenset({1, 2, 3}),
        ),
        Grid(
            "Jobs with the most money",
            ("job", "what", "moved", "ended", "ends", "throughput, this", "next"),
            listed,
            frozenset({2, 5, 6}),
            more,
        ),
    ]


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if value is None:
        return "not supplied"
    return f"{round(value, 2) + 0.0:,.2f}" if isinstance(value, float) else str(value)
