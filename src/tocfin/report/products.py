"""Products for a reader: what a drum hour of each earns, what its variability and its place in the queue cost."""

from __future__ import annotations

from typing import Any

from tocfin.report.amounts import adding, shown, spread, worded
from tocfin.report.forms import Page
from tocfin.report.grid import Grid

PLAN = (
    "jobs", "quantity", "revenue", "throughput", "drum_hours", "setup_hours", "throughput_per_drum_hour",
    "accounting_ratio", "bad_percent_cost", "average_costing_margin", "price_for_rate",
)  # fmt: skip
FUTURES = ("expected_throughput", "variability_cost", "disruption")
NAMES = ("product", *PLAN, *(f"{name}{part}" for name in FUTURES for part in ("", "_low", "_high")))


def page(found: Any, currency: str, rate: float | None) -> Page:
    """``found`` is what `tocfin.forecast.products.products` returned; ``rate`` what a drum hour is asked to earn."""
    records = [_record(found, line, rate) for line in (*found.lines, found.plant)]
    document = {
        "schema": 1,
        "currency": currency,
        "replications": found.replications,
        "seed": found.seed,
        "drum_hour_cost": found.cost_per_hour,
        "asked_rate": rate,
        "products": records[:-1],
        "plant": records[-1],
    }
    return Page(
        lambda: document, lambda: records, NAMES, lambda: [_plan(found, currency, rate), _futures(found, currency)]
    )


def _record(found: Any, line: Any, rate: float | None) -> dict[str, Any]:
    planned = (
        line.jobs, line.quantity, line.revenue, line.throughput, line.drum_hours, line.setup_hours, line.rate,
        found.accounting_ratio(line), line.rework, line.averaged, None if rate is None else line.price(rate),
    )  # fmt: skip
    record: dict[str, Any] = {"product": line.product, **dict(zip(PLAN, planned, strict=True))}
    for name, estimate in zip(FUTURES, (line.expected, line.variability, line.disruption), strict=True):
        for part, field in (("", "value"), ("_low", "low"), ("_high", "high")):
            value = None if estimate is None else getattr(estimate, field)
            record[f"{name}{part}"] = None if value is None or value != value else value
    return record


def _plan(found: Any, currency: str, rate: float | None) -> Grid:
    lines = [line for line in (*found.lines, found.plant) if line.jobs or line.product]
    made, hours, setup, margin = (
        [
            *adding([getattr(line, name) for line in lines[:-1]], getattr(lines[-1], name), unit),
            getattr(lines[-1], name),
        ]
        for name, unit in (("throughput", ""), ("drum_hours", "h"), ("setup_hours", "h"), ("averaged", ""))
    )
    rows = tuple(
        (
            line.product or "no product", f"{line.jobs:,}", _money(made[at]), _hours(hours[at]), _hours(setup[at]),
            _rate(line), _number(found.accounting_ratio(line)), _money(line.rework), _money(margin[at]),
            *(() if rate is None else (_money(line.price(rate)),)),
        )
        for at, line in enumerate(lines)
    )  # fmt: skip
    heads = ["product", "jobs", "throughput", "bottleneck h", "of it setup", "per bottleneck h", "T-acc. ratio",
             "1 % more bad", "average costing"]  # fmt: skip
    heads += [] if rate is None else [f"price for {rate:,.2f}/h"]
    cost = worded(found.cost_per_hour, f"{currency}/h", "not_supplied")
    notes = (
        f"money in {currency}; an hour of the drums costs {cost}: a ratio above 1 earns more than that",
        "average costing spreads operating expense over hours; it is shown to be compared, not to decide",
    )
    return Grid(
        "Products by throughput per bottleneck hour", tuple(heads), rows, frozenset(range(1, len(heads))), notes
    )


def _futures(found: Any, currency: str) -> Grid:
    rows = tuple(
        (
            line.product or "no product", spread(line.expected), spread(line.variability),
            "" if line.disruption is None else spread(line.disruption),
        )
        for line in (*found.lines, found.plant)
        if line.jobs or line.product
    )  # fmt: skip
    heads = ("product", "expected T", "lost to variability", "others would gain without it")
    notes = (f"{found.replications:,} futures, seed {found.seed}; ± is the 95 % interval of the mean",)
    return Grid(f"The same over futures, {currency}", heads, rows, frozenset({1, 2, 3}), notes)


def _money(value: float | None) -> str:
    return "not supplied" if value is None else shown(value, "")


def _hours(value: float | None) -> str:
    return "not supplied" if value is None else shown(value, "h")


def _rate(line: Any) -> str:
    return "no drum" if line.rate is None else shown(line.rate, "")


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.2f}"
