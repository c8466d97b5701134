"""Pairs of plants in which it is known what changed: planted causes among nuisances that all change at once.

Every driver has one knob, calibrated to net profit. Nuisances turn theirs by normal amounts whose sum has a standard
deviation of one *noise sigma*; a planted cause turns its own by 1 to 3 of these, up or down.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cache

import numpy as np
import polars as pl
from small_business import small_business

from tocfin.bridge import Terms
from tocfin.forecast.explain import explain
from tocfin.forecast.sides import Side
from tocfin.kpi import KPIS, evaluate, policy
from tocfin.measure import plant_terms
from tocfin.model.build import build

KNOBS = (
    "price", "orders", "late penalty", "material price", "material usage", "labour rate", "labour efficiency", "speed",
    "currency", "assumptions",
)  # fmt: skip
STEP = 0.02  # a turn that every knob takes without leaving the ground on which it was calibrated
NOISE = 10.0  # money: one noise sigma; small beside what a STEP does, so that knobs stay nearly linear
JOBS = 7


def plant(turns: Mapping[str, float]) -> Side:
    """The plant with every knob turned by so much (0: as it was)."""
    side = small_business(
        mill=1 + turns.get("speed", 0), hands=1 + turns.get("labour efficiency", 0), jobs=JOBS, late=True
    )
    tables = dict(side.dataset.tables)
    for driver, table, column in (
        ("price", "jobs", "revenue"), ("late penalty", "jobs", "late_penalty_per_day"),
        ("material price", "items", "cost"), ("material usage", "material_requirements", "required_qty"),
        ("labour rate", "resources", "standard_hourly_cost"), ("assumptions", "plants", "daily_operating_expense"),
    ):  # fmt: skip
        tables[table] = tables[table].with_columns(pl.col(column) * (1 + turns.get(driver, 0)))
    last = pl.col("job") == f"J{JOBS - 1}"  # a job that B alone has: it earns what the knob says
    revenue = pl.when(last).then(pl.lit(1_000.0 * (1 + 10 * turns.get("orders", 0)))).otherwise(pl.col("revenue"))
    missing = pl.when(last).then("orders" not in turns).otherwise(pl.col("cancelled"))
    tables["jobs"] = tables["jobs"].with_columns(revenue.alias("revenue"), missing.alias("cancelled"))
    tables["plants"] = tables["plants"].with_columns(currency=pl.lit("EUR"))
    plan = replace(side.dataset.plan, exchange_rates={"USD": 1.0, "EUR": 1.1 * (1 + turns.get("currency", 0))})  # type: ignore[type-var]
    return Side("b", replace(side.dataset, plan=plan, tables=tables))


def net_profit(side: Side) -> float:
    terms: Terms = plant_terms(build(side.dataset), 1).sum(axis=(0, 1))
    return float(evaluate(KPIS["net_profit"], terms, policy("reconciled")).value)


@cache
def slopes() -> dict[str, tuple[float, float]]:
    """Net profit that each knob moves when it is turned to 0, and per unit of its turn."""
    still = net_profit(plant({}))
    found = {}
    for driver in KNOBS:
        at = net_profit(plant({driver: 0.0})) - still
        found[driver] = (at, (net_profit(plant({driver: STEP})) - still - at) / STEP)
    return found


def case(seed: int, causes: int) -> tuple[set[str], list[str]]:
    """The drivers that were planted, and all drivers from the largest amount in net profit to the least."""
    rng = np.random.Generator(np.random.PCG64(seed))
    planted = set(rng.choice(KNOBS, causes, replace=False).tolist())
    each = NOISE / np.sqrt(len(KNOBS) - causes)
    effect = {
        name: float(rng.choice([-1, 1]) * rng.uniform(1, 3) * NOISE if name in planted else rng.normal(0, each))
        for name in KNOBS
    }
    turns = {name: (effect[name] - slopes()[name][0]) / slopes()[name][1] for name in KNOBS}
    a, b = replace_name(plant({}), "a"), plant(turns)
    (found,) = explain(a, b, ["net_profit"], by=["driver"], policy="reconciled", threads=1).kpis
    parts = sorted((p for p in found.views["driver"] if p.amount), key=lambda p: -abs(float(p.amount or 0)))
    return planted, [part.name for part in parts]


def replace_name(side: Side, name: str) -> Side:
    return Side(name, side.dataset)
