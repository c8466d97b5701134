"""From completed to shipped to invoiced by the close: lags that are declared, fitted, or nobody's."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from functools import lru_cache
from typing import Any, cast

import numpy as np
import polars as pl
import pytest

from tables import frame
from tocfin.catalogue import BY_NAME
from tocfin.dataset import Dataset, Plan
from tocfin.dataset.plan import build
from tocfin.dataset.write import plan_toml
from tocfin.examples.halfway import month_plant, revealed
from tocfin.forecast.closing import Forecast, forecast
from tocfin.forecast.recognised import Lag, later
from tocfin.scenarios.resolve import resolve
from tocfin.scenarios.run import replay
from tocfin.scenarios.uncertainty import Uncertainty
from tocfin.scenarios.world import prepared

HOUR, DAY = 3_600, 86_400


@lru_cache
def half_way() -> Dataset:
    plant = month_plant(3, jobs=18)
    world = prepared("truth", plant, resolve(Uncertainty(), plant)[0])
    return revealed(plant, replay(world, 1, 0), clock() + 20 * DAY)


def clock() -> int:
    return cast(Plan, month_plant(3, jobs=18).plan).clock


def with_lags(**hours: float) -> Dataset:
    plan = cast(Plan, half_way().plan)
    return replace(half_way(), plan=replace(plan, recognition=hours))


def shipped(lags: list[int], bills: int | None = None) -> Dataset:
    """The first jobs that are done left so many hours later, and were invoiced ``bills`` hours after that."""
    steps = half_way().tables["activities"].with_columns(job=pl.col("operation").str.head(4))
    ended = steps.group_by("job").agg(
        done=pl.when(pl.col("actual_end").is_null().any()).then(None).otherwise(pl.col("actual_end").max())
    )
    some = ended.drop_nulls().sort("done").head(len(lags)).with_columns(lag=pl.Series(lags) * HOUR)
    jobs = half_way().tables["jobs"].join(some, on="job", how="left", maintain_order="left")
    jobs = jobs.with_columns(shipped_at=pl.col("done") + pl.col("lag"))
    if bills is not None:
        jobs = jobs.with_columns(invoiced_at=pl.col("shipped_at") + bills * HOUR)
    return replace(half_way(), tables={**half_way().tables, "jobs": jobs.drop("done", "lag")})


def said(dataset: Dataset, **asked: Any) -> Forecast:
    return forecast(dataset, period="horizon", as_of=clock() + 20 * DAY, uncertainty=None, **asked)


def test_steps_add_up_in_every_future() -> None:
    sides = said(with_lags(shipment_lag_hours=30.0, invoice_lag_hours=24.0)).recognition.sides
    for before, out, more, after in (
        ("completed", "completed_not_shipped", "shipped_earlier_completed", "shipped"),
        ("shipped", "shipped_not_invoiced", "invoiced_earlier_shipped", "invoiced"),
    ):
        for k in (0, 1):
            np.testing.assert_allclose(sides[before][k] - sides[out][k] + sides[more][k], sides[after][k])
    assert sides["completed_not_shipped"][0] > 0


def test_a_declared_lag_moves_jobs_over_the_close_and_targets_count_at_their_event() -> None:
    rows = [
        {"kpi": kpi, "period_start": clock(), "period_end": cast(Plan, half_way().plan).horizon_end, "target": 1.0,
         "recognition": event, "plant": plant}
        for kpi, event, plant in (("throughput", "shipment", None), ("revenue", "shipment", None),
                                  ("throughput", None, None), ("productivity", "shipment", None))
    ]  # fmt: skip
    dataset = with_lags(shipment_lag_hours=36.0)
    dataset = replace(dataset, tables={**dataset.tables, "targets": frame(BY_NAME["targets"], rows)})
    found = said(dataset)
    sides = found.recognition.sides
    late = sides["completed_not_shipped"][1]
    assert late > 0
    assert "invoiced" not in sides
    lines = {(line.kpi, line.recognition): line for line in found.lines}
    revenue = lines["revenue", "shipment"].values
    assert revenue == pytest.approx(sides["shipped"][1])
    at_shipment, at_completion = (lines["throughput", event].values for event in ("shipment", "completion"))
    assert at_shipment[0] < at_completion[0]
    assert lines["throughput", "completion"].goals[0].recognition == "completion"
    reason = lines["productivity", "shipment"].reason
    assert reason is not None
    assert "insufficient data" in reason


def test_lags_are_fitted_from_jobs_that_left_and_too_few_say_nothing() -> None:
    lags = [2, 4, 6, 8, 10, 12, 14, 16]
    found = said(shipped(lags, bills=24)).recognition.lags
    assert found["shipment"] is not None
    assert found["shipment"].hours.tolist() == lags
    assert found["shipment"].median == 9
    few = said(shipped(lags[:5]))
    assert few.recognition.lags == {"shipment": None, "invoice": None}
    assert few.recognition.sides == {}


def test_a_target_at_an_event_that_nobody_can_date_has_no_value() -> None:
    rows = [{"kpi": "throughput", "period_start": clock(), "period_end": cast(Plan, half_way().plan).horizon_end,
             "target": 1.0, "recognition": "invoice"}]  # fmt: skip
    dataset = with_lags(shipment_lag_hours=36.0)
    found = said(replace(dataset, tables={**dataset.tables, "targets": frame(BY_NAME["targets"], rows)}))
    line = next(one for one in found.lines if one.recognition == "invoice")
    assert line.goals[0].status == "no_value"
    assert line.reason == "not supplied: how long invoice takes; say [recognition] invoice_lag_hours in plan.toml"
    assert not found.missed


def test_what_should_have_left_by_now_leaves_later_as_past_jobs_did_that_took_as_long() -> None:
    lag = Lag(np.array([1.0, 2.0, 10.0, 20.0]), 4)
    as_of = 100 * HOUR
    since = np.array([[95 * HOUR], [50 * HOUR], [100 * HOUR]])
    first, last = (later(lag, since, as_of, np.full((3, 1), chance)) for chance in (0.0, 0.999))
    assert (first[:, 0] // HOUR).tolist() == [105, 100, 101]
    assert (last[:, 0] // HOUR).tolist() == [115, 100, 120]


def test_the_plan_keeps_its_lags_when_it_is_written() -> None:
    content = tomllib.loads(plan_toml(cast(Plan, with_lags(shipment_lag_hours=36.0).plan)))
    again, findings = build(content, "plan.toml", "x")
    assert not findings
    assert again is not None
    assert again.recognition == {"shipment_lag_hours": 36.0}
    content["recognition"] = {"shipment_lag_hours": -1, "payment_lag_hours": 3}
    _, findings = build(content, "plan.toml", "x")
    assert [finding.column for finding in findings] == [
        "recognition.payment_lag_hours",
        "recognition.shipment_lag_hours",
    ]
