"""What each KPI means: formula, unit, polarity, and where the policies part."""

from __future__ import annotations

from typing import Any

from tocfin.catalogue import POLICIES
from tocfin.kpi import KPIS, Kpi, Policy, Sum, chosen, policies_differ, policy
from tocfin.report.forms import Page
from tocfin.report.grid import Grid

BETTER = {1: "up", -1: "down"}
NAMES = ("kpi", "title", "symbol", "unit", "better", "kind", "formula", *POLICIES, "policies_differ", "why", "source")


def page() -> Page:
    """The definitions in every form."""
    return Page(lambda: {"schema": 1, "kpis": as_records()}, as_records, NAMES, as_grids)


def as_records() -> list[dict[str, Any]]:
    """One record per KPI, in the order of the scorecard; ``published`` and ``reconciled`` spell out the terms."""
    return [
        {
            "kpi": kpi.name,
            "title": kpi.title,
            "symbol": kpi.symbol,
            "unit": kpi.unit,
            "better": BETTER[kpi.polarity],
            "kind": kpi.kind,
            "formula": kpi.words,
            **{name: spelled(kpi, policy(name)) for name in POLICIES},
            "policies_differ": policies_differ(kpi),
            "why": kpi.why if policies_differ(kpi) else "",
            "source": kpi.source,
        }
        for kpi in KPIS.values()
    ]


def as_grids() -> list[Grid]:
    """The definitions for a reader."""
    headings = ("KPI", "name", "formula", "unit", "better", "kind", "where the policies differ")
    names = ("title", "kpi", "formula", "unit", "better", "kind", "why")
    return [Grid("KPIs", headings, tuple(tuple(record[name] for name in names) for record in as_records()))]


def spelled(kpi: Kpi, rules: Policy) -> str:
    """The formula over terms under a policy, e.g. ``100 × (drum_busy_hours) ÷ (drum_available_hours)``."""
    above = _sum(kpi.numerator, rules)
    if not kpi.denominator:
        return above
    scale = f"{kpi.scale:g} × " if kpi.scale != 1 else ""
    return f"{scale}({above}) ÷ ({_sum(kpi.denominator, rules)})"


def _sum(formula: Sum, rules: Policy) -> str:
    signed = " ".join(f"{'+' if sign > 0 else '−'} {term}" for sign, term in chosen(formula, rules))
    return signed.removeprefix("+ ") or "0"
