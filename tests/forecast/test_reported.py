"""Plan against actual: what reports tell of is a driver, what they do not tell of is said and never 0."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
from small_business import HOUR, small_business

from tables import PLAN, tables
from tocfin.dataset import Dataset
from tocfin.dataset.write import write
from tocfin.forecast.explain import Part, explain
from tocfin.forecast.reported import as_planned, as_reported
from tocfin.forecast.sides import Side, opened


def month() -> Dataset:
    """Six jobs, all finished: each step on the mill took an hour longer, and pushed what followed."""
    planned = small_business(jobs=6).dataset
    real = small_business(jobs=6, mill=4 / 3).dataset.tables["activities"]
    rows = real.select("operation", "activity", "resource", actual_start="start", actual_end="end")
    activities = planned.tables["activities"].drop("actual_start", "actual_end")
    activities = activities.join(rows, on=["operation", "activity", "resource"], maintain_order="left")
    activities = activities.select(planned.tables["activities"].columns).with_columns(status=pl.lit("Finished"))
    common = {"plant": "P1", "recorded_at": PLAN.clock, "occurred_at": PLAN.clock}
    events = tables(
        events=[
            {"event_id": "E1", "type": "invoice", "job": "J0", "amount": 900.0, **common},
            {"event_id": "E2", "type": "receipt", "item": "I1", "qty": 10.0, "amount": 120.0, **common},
        ]
    )["events"]
    plan = replace(PLAN, horizon_end=PLAN.clock + 48 * HOUR)
    return replace(planned, plan=plan, tables={**planned.tables, "activities": activities, "events": events})


def parts(kpi: str, dataset: Dataset) -> dict[str, Part]:
    a = Side("plan", as_planned(dataset))
    (found,) = explain(a, Side("actual", *as_reported(dataset)), [kpi], by=["driver"]).kpis
    assert found.residual("driver") == 0
    return {part.name: part for part in found.views["driver"]}


def test_what_is_reported_is_a_driver_with_its_amount() -> None:
    """J0 was invoiced at 900 instead of 1,000; item I1 (3 + … + 7 and 2 needed, 27 in all) cost 12 instead of 10."""
    found = parts("throughput", month())
    assert found["price"].amount == -100
    assert found["material price"].amount == -54


def test_hours_that_hold_downtime_and_scrap_are_not_separable_from_speed() -> None:
    found = parts("throughput_dollar_days", month())
    whole = found["not separable"]
    assert whole.amount is not None
    assert whole.amount > 0
    assert whole.note == "speed, downtime, scrap: actual hours hold all of them"
    assert (found["speed"].status, found["speed"].amount) == ("not separable", None)
    assert not found["sequence"].amount


def test_what_nothing_tells_of_is_not_observed_and_never_0() -> None:
    found = parts("throughput", month())
    silent = {name for name, part in found.items() if part.status == "not observed"}
    assert silent >= {"downtime", "scrap", "overtime", "labour rate", "material usage"}
    assert all(found[name].amount is None for name in silent)


def test_the_states_of_a_data_set_are_opened_by_name(tmp_path: Path) -> None:
    dataset = month()
    write(dict(dataset.tables), dataset.plan, tmp_path / "plant")  # type: ignore[arg-type]
    names = [opened(f"{tmp_path / 'plant'}{state}").name for state in ("", "@plan", "@actual")]
    assert names == ["plant", "plant, plan", "plant, actual"]
    with pytest.raises(Exception, match="neither in periods"):
        opened(f"{tmp_path / 'plant'}@future")
