"""A shop floor with known luck: plans and what became of them, drawn by NumPy and by nothing of the product."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

HOUR, DAY = 3_600, 86_400
MONDAY = int(datetime(2024, 1, 1, tzinfo=UTC).timestamp())
SHIFT = 16 * HOUR  # 06:00 to 22:00, Monday to Friday
PIECES = 1_000


@dataclass(frozen=True)
class Planted:
    """Parameters: log-duration noise is own + loadings on a factor per resource and week and one per day."""

    operations: int = 5_000
    resources: int = 8
    hours: tuple[float, float] = (7.0, 11.0)
    mean: float = 1.08
    cv: float = 0.3
    machine: float = 0.45
    everyone: float = 0.4
    mtbf: float = 0.0  # [h]; 0: nothing fails
    mttr: float = 0.5
    repair_cv: float = 0.7
    scrap: float = 0.0  # 0: nothing is counted
    scrap_cv: float = 0.5
    means: Mapping[str, float] = field(default_factory=dict)  # by product, instead of ``mean``
    products: int = 3
    step: int = 1  # grid of recorded times [s]


def wall(work: NDArray[np.int64]) -> NDArray[np.int64]:
    """The instant at which a resource has worked so many seconds of its calendar."""
    day, second = np.divmod(work, SHIFT)
    return MONDAY + (day // 5 * 7 + day % 5) * DAY + 6 * HOUR + second


def week(start: NDArray[np.int64]) -> NDArray[np.int64]:
    return (start - MONDAY) // (7 * DAY)


def lognormal(z: NDArray[np.float64], mean: Any, cv: float) -> NDArray[np.float64]:
    variance = np.log1p(cv * cv)
    drawn: NDArray[np.float64] = mean * np.exp(np.sqrt(variance) * z - variance / 2)
    return drawn


def frames(planted: Planted, seed: int) -> dict[str, Any]:
    """The data set as frames that `tocfin.read` takes."""
    draw = np.random.default_rng(seed)
    each = planted.operations // planted.resources
    everyone = draw.standard_normal(20 * each)
    parts = [_resource(planted, r, each, everyone, draw) for r in range(planted.resources)]
    activities = pl.concat([part[0] for part in parts])
    events = pl.concat([part[1] for part in parts])
    n = activities.height
    jobs = [f"J{i}" for i in range(n)]
    operations: dict[str, Any] = {
        "operation": activities["operation"], "manufacturing_order": jobs, "sequence": 10, "carrying_cost_per_day": 0.0
    }  # fmt: skip
    if planted.scrap:
        bad = activities["bad"]
        operations |= {"quantity": PIECES, "good_qty": PIECES, "scrap_qty": bad}
    product = [f"P{i % planted.products}" for i in range(n)]
    names = [f"R{r}" for r in range(planted.resources)]
    end = int(activities["end"].max()) + DAY  # type: ignore[arg-type]
    shift = {"calendar": ["two shifts"], "days": ["Mon-Fri"], "start_time": ["06:00"], "end_time": ["22:00"]}
    return {
        "plan": {"plan": {
            "name": "planted", "clock": datetime.fromtimestamp(MONDAY, UTC),
            "horizon_end": datetime.fromtimestamp(end, UTC), "currency": "EUR",
        }},
        "plants": pl.DataFrame({"plant": ["P"], "daily_operating_expense": [1.0], "invested_capital": [1.0]}),
        "resources": pl.DataFrame({
            "resource": names, "plant": "P", "resource_type": "Machine", "drum": "true", "standard_hourly_cost": 1.0,
            "overtime_hourly_cost": 1.0, "calendar": "two shifts",
        }),
        "calendars": pl.DataFrame({**shift, "interval_type": ["Online"]}),
        "capacity_intervals": _empty("resource", "start", "end", "interval_type"),
        "items": pl.DataFrame({
            "item": sorted(set(product)), "item_type": "FinishedGood", "cost": 1.0,
        }),
        "warehouses": _empty("warehouse", "plant"),
        "inventories": _empty("warehouse", "item", "on_hand_qty"),
        "jobs": pl.DataFrame({
            "job": jobs, "plant": "P", "product": product, "revenue": 1.0, "shipping_cost": 0.0,
            "late_penalty_per_day": 0.0, "need_date": _time(np.full(n, end)),
        }),
        "manufacturing_orders": pl.DataFrame({"manufacturing_order": jobs, "job": jobs}),
        "operations": pl.DataFrame(operations),
        "activities": activities.select(
            "operation", pl.col("operation").alias("activity"), "resource",
            *(pl.Series(name, _time(activities[name].to_numpy())) for name in
              ("start", "end", "actual_start", "actual_end")),
        ),
        "material_requirements": _empty("operation", "item", "requirement_type", "required_qty"),
        "events": events,
    }  # fmt: skip


def _resource(
    planted: Planted, r: int, n: int, everyone: NDArray[np.float64], draw: np.random.Generator
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Plan and history of one resource."""
    work = np.rint(draw.uniform(*planted.hours, n) * HOUR).astype(np.int64)
    begins = np.concatenate([[0], np.cumsum(work)[:-1]])
    start = wall(begins)
    machine = draw.standard_normal(1_000)
    own = np.sqrt(1.0 - planted.machine**2 - planted.everyone**2)
    z = own * draw.standard_normal(n) + planted.machine * machine[week(start)]
    z += planted.everyone * everyone[(start - MONDAY) // DAY]
    row = r * n + np.arange(n)
    mean = np.array([planted.means.get(f"P{i % planted.products}", planted.mean) for i in row.tolist()])
    share = np.zeros(n)
    if planted.scrap:
        share = np.rint(lognormal(draw.standard_normal(n), planted.scrap, planted.scrap_cv) * PIECES) / PIECES
    done = np.rint(work * lognormal(z, mean, planted.cv) * (1.0 + share)).astype(np.int64)
    repairs, events = _failures(planted, r, done, begins, draw)
    lasts = done + repairs
    real = np.zeros(n, np.int64)
    for i in range(n):
        real[i] = max(begins[i], real[i - 1] + lasts[i - 1]) if i else 0
    if planted.mtbf:
        at = wall(np.array([real[i] + into for i, into, _ in events], np.int64))
        failed = pl.DataFrame({
            "event_id": [f"E{r}-{k}" for k in range(len(events))], "type": "downtime", "occurred_at": _time(at),
            "recorded_at": _time(at), "plant": "P", "resource": f"R{r}",
            "hours": [lasts / HOUR for *_, lasts in events],
        })  # fmt: skip
    else:
        failed = _empty("event_id", "type", "occurred_at", "recorded_at", "plant", "resource", "hours")
    step = planted.step
    return pl.DataFrame({
        "operation": [f"O{i}" for i in row], "resource": f"R{r}", "start": start, "end": wall(begins + work),
        "actual_start": (wall(real) + step // 2) // step * step,
        "actual_end": (wall(real + lasts) + step // 2) // step * step,
        "bad": np.rint(share * PIECES),
    }), failed  # fmt: skip


def _failures(
    planted: Planted, r: int, done: NDArray[np.int64], begins: NDArray[np.int64], draw: np.random.Generator
) -> tuple[NDArray[np.int64], list[tuple[int, int, int]]]:
    """Seconds of repair in each piece of work, and (row, seconds into it, seconds of repair) of each failure."""
    repairs, events = np.zeros(done.size, np.int64), []
    reached = np.cumsum(done)
    at = draw.exponential(planted.mtbf * HOUR) if planted.mtbf else np.inf
    while at < reached[-1]:
        i = int(np.searchsorted(reached, at, side="right"))
        lasts = max(1, round(float(lognormal(draw.standard_normal(1), planted.mttr, planted.repair_cv)[0]) * HOUR))
        events.append((i, int(at - (reached[i] - done[i]) + repairs[i]), lasts))
        repairs[i] += lasts
        at += draw.exponential(planted.mtbf * HOUR)
    return repairs, events


def _time(seconds: NDArray[np.int64]) -> pl.Series:
    return pl.from_epoch(pl.Series(seconds, dtype=pl.Int64), time_unit="s").dt.strftime("%Y-%m-%dT%H:%M:%SZ")


def _empty(*columns: str) -> pl.DataFrame:
    return pl.DataFrame(schema=dict.fromkeys(columns, pl.String))
