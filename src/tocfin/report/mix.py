"""The best product mix beside the ranking by throughput per hour of the constraint."""

from __future__ import annotations

import math
from typing import Any

from tocfin.report.forms import Page
from tocfin.report.grid import Grid

NAMES = ("product", "demand", "throughput_per_unit", "throughput_per_constraint_hour", "optimum", "greedy")


def page(found: Any, currency: str) -> Page:
    """``found`` is what `tocfin.reschedule.mix.mixes` returned."""
    ranked = sorted(found.products, key=lambda product: -found.rate(product))
    records = [_record(found, product) for product in ranked]
    document = {
        "schema": 1,
        "currency": currency,
        "constraint": found.constraint,
        "load": {resource: share if math.isfinite(share) else None for resource, share in found.load.items()},
        "operating_expense": _number(found.operating_expense),
        "optimum": _mix(found.optimum) | {"proven": found.proven},
        "greedy": _mix(found.greedy),
        "products": records,
    }
    return Page(lambda: document, lambda: records, NAMES, lambda: [_products(records, found), _mixes(found, currency)])


def _record(found: Any, product: Any) -> dict[str, Any]:
    return {
        "product": product.name,
        "demand": product.demand,
        "throughput_per_unit": product.throughput,
        "throughput_per_constraint_hour": _number(found.rate(product)),
        "optimum": found.optimum.units[product.name],
        "greedy": found.greedy.units[product.name],
    }


def _mix(mix: Any) -> dict[str, Any]:
    return {"units": dict(mix.units), "throughput": mix.throughput, "net_profit": _number(mix.net_profit)}


def _number(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _products(records: list[dict[str, Any]], found: Any) -> Grid:
    headings = ("product", "demand", "T per unit", f"T per hour of {found.constraint}", "best mix", "by ranking")
    rows = tuple(tuple(_shown(record[name]) for name in NAMES) for record in records)
    worst = f"{found.constraint} would be loaded to {100 * found.load[found.constraint]:,.0f} % by all demand"
    return Grid("Product mix", headings, rows, frozenset(range(1, 6)), (worst,))


def _mixes(found: Any, currency: str) -> Grid:
    proof = "proven" if found.proven else "best found"
    rows = tuple(
        (name, _shown(mix.throughput), _shown(found.operating_expense), _shown(mix.net_profit))
        for name, mix in ((f"best mix ({proof})", found.optimum), ("by ranking", found.greedy))
    )
    headings = ("mix", "throughput", "operating expense", "net profit")
    return Grid(f"What they come to, {currency}", headings, rows, frozenset({1, 2, 3}))


def _shown(value: Any) -> str:
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return "–"
    return f"{value:,.2f}" if isinstance(value, float) else f"{value:,}" if isinstance(value, int) else str(value)
