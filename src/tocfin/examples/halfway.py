"""A plant whose truth is known: one of its futures comes true, and is told as far as an instant.

For demos, and for checks of forecasts: the future is drawn from the same uncertainty that the forecast is told of.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, cast

import numpy as np
import polars as pl

from tocfin.dataset import Dataset, Plan
from tocfin.examples.frames import complete, dataset, from_rows
from tocfin.model.columns import NEVER
from tocfin.model.progress import numbered
from tocfin.scenarios.run import Replay

HOUR, DAY = 3_600, 86_400
DAYS = 28
_EPOCH = 1_780_272_000  # 2026-06-01, a Monday


def revealed(plan: Dataset, truth: Replay, as_of: int, *, error: float = 0.0, seed: int = 0) -> Dataset:
    """``plan`` with actual times, statuses and remaining hours of ``truth`` as far as they are known at ``as_of``.

    What has begun says what is left of it: its planned hours by the share of its time that is still to come; with an
    ``error`` what is really left, judged right on average but with that coefficient of variation (lognormal, drawn from
    ``seed``).
    """
    rows = numbered(plan.tables, cast(Plan, plan.plan))["activities"].select("place", "job_row").with_columns(
        began=pl.Series(truth.start), ended=pl.Series(truth.end)
    ).sort("place")  # fmt: skip
    table = plan.tables["activities"].with_columns(rows["began"], rows["ended"])
    there = pl.col("began") != NEVER
    begun = there & (pl.col("began") < as_of)
    done = there & (pl.col("ended") <= as_of)
    really = (pl.col("ended") - as_of) / HOUR
    left = (pl.col("end") - pl.col("start")) / (pl.col("ended") - pl.col("began")) * really
    if error:
        sigma = float(np.sqrt(np.log1p(error**2)))
        luck = np.random.Generator(np.random.PCG64([seed, abs(as_of)])).normal(-(sigma**2) / 2, sigma, table.height)
        left = really * pl.lit(pl.Series(np.exp(luck)))
    told = table.with_columns(
        status=pl.when(done).then(pl.lit("Finished")).when(begun).then(pl.lit("Started")).otherwise(pl.lit("Planned")),
        actual_start=pl.when(begun).then("began"),
        actual_end=pl.when(done).then("ended"),
        remaining_hours=pl.when(begun & ~done).then(left),
        recorded_at=pl.when(done).then("ended").when(begun).then(as_of),
    )
    return replace(plan, tables={**plan.tables, "activities": told.select(plan.tables["activities"].columns)})


def month_plant(seed: int, jobs: int = 36) -> Dataset:
    """A small plant for four weeks: four machines, one of them the drum, jobs of three steps, penalties when late.

    The plan is feasible and a little too full for its last days, so that luck decides what ends inside. The same seed
    gives the same tables.
    """
    rng = np.random.Generator(np.random.PCG64(seed))
    free = dict.fromkeys(("saw", "mill", "grind", "test"), 0.0)
    listed: dict[str, list[dict[str, Any]]] = {
        "plants": [{"plant": "P", "daily_operating_expense": 900.0, "invested_capital": 500_000.0}],
        "resources": [
            {"resource": name, "plant": "P", "resource_type": "Machine", "drum": name == "mill",
             "standard_hourly_cost": 40.0, "overtime_hourly_cost": 60.0, "calendar": "always"}
            for name in free
        ],
        "calendars": [{"calendar": "always", "days": "Mon-Sun", "start_time": 0, "end_time": 0,
                       "interval_type": "Online"}],
        "items": [{"item": "RM", "item_type": "RawMaterial", "cost": 10.0},
                  {"item": "FG", "item_type": "FinishedGood", "cost": 60.0}],
        "warehouses": [{"warehouse": "W", "plant": "P"}],
        "inventories": [{"warehouse": "W", "item": "RM", "on_hand_qty": 100.0}],
        "jobs": [], "manufacturing_orders": [], "operations": [], "activities": [], "material_requirements": [],
    }  # fmt: skip
    for j in range(jobs):
        ready, steps = 0.0, []
        for number, name in enumerate(("saw", "mill", rng.choice(["grind", "test"])), 1):
            hours = {"mill": 18.5}.get(str(name), 12.0) * float(rng.uniform(0.7, 1.3)) * 36 / jobs
            start = max(ready, free[str(name)])
            free[str(name)] = ready = start + hours
            steps.append((number, str(name), start, ready))
        _job(listed, rng, j, steps)
    plan = {
        "plan": {"name": f"month {seed}", "clock": _at(0), "horizon_end": _at(DAYS * 24), "currency": "EUR",
                 "policy": "reconciled"},
    }  # fmt: skip
    return dataset(plan, complete({name: from_rows(name, rows) for name, rows in listed.items()}))


def _job(listed: dict[str, list[dict[str, Any]]], rng: np.random.Generator, j: int, steps: list[Any]) -> None:
    name, end = f"J{j:03}", steps[-1][3]
    listed["jobs"].append(
        {"job": name, "plant": "P", "product": "FG", "quantity": 10.0,
         "revenue": round(float(rng.uniform(2e3, 9e3)), 2), "shipping_cost": 50.0,
         "late_penalty_per_day": round(float(rng.uniform(100, 400)), 2),
         "need_date": _seconds(end + float(rng.uniform(-12, 60)))}
    )  # fmt: skip
    listed["manufacturing_orders"].append({"manufacturing_order": f"M{j:03}", "job": name})
    for number, resource, begin, stop in steps:
        key = f"{name}-{number}"
        listed["operations"].append(
            {"operation": key, "manufacturing_order": f"M{j:03}", "sequence": number, "carrying_cost_per_day": 1.0}
        )
        listed["activities"].append(
            {"activity": key, "operation": key, "resource": resource, "start": _seconds(begin), "end": _seconds(stop)}
        )
    listed["material_requirements"].append(
        {"operation": f"{name}-1", "item": "RM", "requirement_type": "FromStock",
         "required_qty": float(rng.integers(20, 60))}
    )  # fmt: skip


def _seconds(hours: float) -> int:
    return _EPOCH + round(hours * HOUR)


def _at(hours: float) -> datetime:
    return datetime.fromtimestamp(_seconds(hours), tz=UTC)
