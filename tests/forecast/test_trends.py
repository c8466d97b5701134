"""Kinds of change on series with a known answer, and what is said of a data set's own series."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from labelled_series import CLASSES, balanced, steady
from small_business import HOUR, small_business

from tables import PLAN, frame
from tocfin.catalogue import BY_NAME
from tocfin.forecast.lasting import KINDS, change_points, kind_of
from tocfin.forecast.trends import silent, trends


def test_kinds_are_told_apart_on_series_with_a_known_answer() -> None:
    """benchmarks/lasting.py judges 1,000 and 1,000 of noise; these are the first of them."""
    series = balanced(1, 60)
    told = [kind_of(one.values).label for one in series]
    right = {
        label: [t == one.label for t, one in zip(told, series, strict=True) if one.label == label] for label in CLASSES
    }
    assert np.mean([np.mean(hits) for hits in right.values()]) >= 0.8
    assert all(right["insufficient data"])
    noise = [kind_of(one.values) for one in steady(1, 30)]
    assert np.mean([kind.label == "structural" for kind in noise]) <= 0.1
    assert {kind.label for kind in noise} <= set(KINDS)


def wave(*levels: tuple[int, float]) -> np.ndarray:
    rng = np.random.Generator(np.random.PCG64(2))
    mean = np.concatenate([np.full(count, level) for count, level in levels])
    return mean + rng.normal(0, 0.2, mean.size)


def test_plain_cases_are_clear_and_dated() -> None:
    step = kind_of(wave((20, 1.0), (20, 2.0)))
    assert (step.label, step.clear, step.changes) == ("structural", True, (20,))
    spell = kind_of(wave((20, 1.0), (8, 2.0), (20, 1.0)))
    assert (spell.label, spell.clear, spell.changes) == ("temporary", True, (20, 28))
    week = kind_of(wave(*[(5, 1.0), (2, 2.0)] * 6))
    assert (week.label, week.clear, week.cycle) == ("seasonal", True, 7)
    again = kind_of(wave((9, 1.0), (4, 2.0), (5, 1.0), (6, 2.0), (11, 1.0), (3, 2.0), (6, 1.0)))
    assert (again.label, again.clear) == ("recurring", True)
    assert again.changes == (9, 13, 18, 24, 35, 38)


def test_scale_and_level_change_nothing_and_few_points_are_insufficient() -> None:
    values = wave((20, 1.0), (20, 2.0))
    assert kind_of(1e6 + 1e3 * values).label == "structural"
    assert kind_of(values[:11]).label == "insufficient data"
    assert kind_of(np.full(30, 7.0)).label == "steady"
    assert change_points(values, 1) == (20,)


def test_a_machine_that_became_slow_has_a_date_money_and_an_expected_level() -> None:
    """40 jobs; from the 25th on the mill takes half as long again."""
    side = small_business(jobs=60)
    clock = PLAN.clock + 130 * HOUR
    number = pl.col("activity").str.extract(r"A(\d+)\d").cast(pl.Int64)
    rng = np.random.Generator(np.random.PCG64(3))
    noise = pl.Series(1 + rng.normal(0, 0.05, side.dataset.tables["activities"].height))
    longer = pl.when((pl.col("resource") == "mill") & (number >= 25)).then(1.5).otherwise(1.0) * noise
    lasted = ((pl.col("end") - pl.col("start")) * longer).round().cast(pl.Int64)
    over = pl.col("start") + lasted <= clock
    activities = side.dataset.tables["activities"].with_columns(
        actual_start=pl.when(over).then("start"), actual_end=pl.when(over).then(pl.col("start") + lasted),
        status=pl.when(over).then(pl.lit("Finished")).otherwise(pl.lit("Planned")),
    )  # fmt: skip
    plan = replace(PLAN, clock=clock, horizon_end=PLAN.clock + 240 * HOUR)
    dataset = replace(
        side.dataset, path=Path("plant"), plan=plan, tables={**side.dataset.tables, "activities": activities}
    )
    found = {(one.series, one.of): one for one in trends(dataset)}
    mill = found["run hours", "mill"]
    assert (mill.kind.label, mill.kind.clear) == ("structural", True)
    assert (mill.before, mill.after) == (pytest.approx(1.0, abs=0.03), pytest.approx(1.5, abs=0.05))
    assert mill.expected == mill.after
    assert mill.low < 1.5 < mill.high  # type: ignore[operator]
    assert mill.money_per_day is not None
    assert mill.money_per_day < 0
    assert found["run hours", "saw"].kind.label == "steady"
    assert found["run hours", "saw"].money_per_day is None
    assert "yield" in silent(list(found.values()))


def test_totals_of_a_ledger_are_series_by_period_that_end_with_what_is_known() -> None:
    """21 months of payroll; from the 13th on it is a fifth higher. The open month and what came later are left out."""
    plan = replace(PLAN, clock=1_772_323_200, horizon_end=1_775_001_600, currency="EUR")  # 2026-03-01 to 2026-04-01
    ends = [1_718_409_600 + month * 2_629_800 for month in range(24)]  # in the middle of each month from June 2024
    rng = np.random.Generator(np.random.PCG64(5))
    rows = [
        {"kpi": "operating_expense", "department": dept, "at": at,
         "value": 30_000.0 * (1.2 if month >= 12 else 1.0) + rng.normal(0, 300)}
        for month, at in enumerate(ends) for dept in ("mill", "office")
    ]  # fmt: skip
    dataset = small_business(jobs=6).dataset
    dataset = replace(
        dataset, path=Path("plant"), plan=plan, tables={**dataset.tables, "actuals": frame(BY_NAME["actuals"], rows)}
    )
    found = {one.of: one for one in trends(dataset) if one.series == "operating_expense"}
    assert set(found) == {"department mill", "department office"}
    mill = found["department mill"]
    assert mill.points == sum(at < plan.clock for at in ends)
    assert mill.unit == "EUR/d"
    assert mill.kind.label == "structural"
    assert mill.before == pytest.approx(1_000, rel=0.05)
    assert mill.after == pytest.approx(1_200, rel=0.05)
    earlier = {one.of: one for one in trends(dataset, as_of=ends[10]) if one.series == "operating_expense"}
    assert earlier["department mill"].points == 10
    assert earlier["department mill"].kind.label == "insufficient data"
