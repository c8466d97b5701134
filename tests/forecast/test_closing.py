"""A period to its close, on small plants whose truth is known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from tables import frame
from tocfin.catalogue import BY_NAME
from tocfin.dataset import Dataset, Plan
from tocfin.dataset.page import Page
from tocfin.dataset.plan import Progress
from tocfin.dataset.text import instant
from tocfin.errors import UsageError
from tocfin.examples.halfway import month_plant, revealed
from tocfin.forecast.closing import Forecast, forecast
from tocfin.forecast.known import known
from tocfin.forecast.lines import Line
from tocfin.forecast.scopes import WHOLE
from tocfin.kpi import KPIS
from tocfin.measure import measure
from tocfin.model.groups import Scope
from tocfin.scenarios.resolve import resolve
from tocfin.scenarios.run import Replay, replay
from tocfin.scenarios.uncertainty import read_uncertainty
from tocfin.scenarios.world import prepared

DAY = 86_400
NOISE = """
[[uncertainty.duration]]
all = true
distribution = "lognormal"
cv = 0.3
"""


@pytest.fixture(scope="module")
def noise(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("noise") / "noise.toml"
    file.write_text(NOISE, "utf-8")
    return file


@lru_cache
def plant() -> Dataset:
    return month_plant(3, jobs=18)


def plan_of(dataset: Dataset) -> Plan:
    assert dataset.plan is not None
    return dataset.plan


def clock() -> int:
    return plan_of(plant()).clock


def end() -> int:
    return plan_of(plant()).horizon_end


@lru_cache
def truth() -> Replay:
    content = {"uncertainty": {"duration": [{"all": True, "distribution": "lognormal", "cv": 0.3}]}}
    resolved, _ = resolve(read_uncertainty(Page("noise"), content, Path()), plant())
    return replay(prepared("truth", plant(), resolved), 11, 5)


def at(day: int, **rows: Sequence[Mapping[str, Any]]) -> Dataset:
    """The plant as its truth is known at the end of a day, with rows of other tables."""
    found = revealed(plant(), truth(), clock() + day * DAY)
    more = {name: frame(BY_NAME[name], some) for name, some in rows.items()}
    return replace(found, tables={**found.tables, **more})


def said(dataset: Dataset, day: int, noise: Path | None, **asked: Any) -> Forecast:
    return forecast(dataset, as_of=clock() + day * DAY, uncertainty=noise, **({"replications": 128} | asked))


def of(found: Forecast, kpi: str = "throughput", scope: Scope = WHOLE) -> Line:
    return next(line for line in found.lines if (line.kpi, line.scope) == (kpi, scope))


def target(**cells: Any) -> dict[str, Any]:
    return {"kpi": "throughput", "period_start": clock(), "period_end": end(), "target": 1.0} | cells


def test_once_the_period_is_over_the_forecast_is_what_happened(noise: Path) -> None:
    found = said(at(40), 40, noise)
    really = at(40).tables["activities"].with_columns(start="actual_start", end="actual_end")
    card = measure(replace(plant(), tables={**plant().tables, "activities": really}))
    for kpi in ("throughput", "net_profit", "productivity", "drum_utilization", "throughput_per_drum_hour"):
        value = card.figures[kpi].value
        line = of(found, kpi)
        assert line.actual == pytest.approx(value, rel=1e-12), kpi
        assert line.values.tolist() == pytest.approx([value], rel=1e-12)


def test_what_has_happened_and_what_is_projected_sum_to_the_period(noise: Path) -> None:
    found = said(at(14), 14, noise)
    halves = [
        target(period_end=clock() + 14 * DAY), target(period_start=clock() + 14 * DAY), target(kpi="operating_expense"),
    ]  # fmt: skip
    split = said(at(14, targets=halves), 14, noise)
    whole = of(split)
    parts = [line for line in split.lines if line.kpi == "throughput" and line.window != whole.window]
    np.testing.assert_allclose(sum(np.broadcast_to(part.values, (128,)) for part in parts), whole.values, rtol=1e-12)
    np.testing.assert_array_equal(whole.values, of(found).values)  # a target changes nothing
    assert parts[0].values.size == 1  # what has happened is the same in every future
    assert parts[0].values[0] == of(found).actual
    assert np.ptp(parts[1].values) > 0


def test_a_forecast_knows_the_past_and_is_surer_the_later_it_is_made(noise: Path) -> None:
    widths = []
    for day in (1, 14, 24):
        line = of(said(at(day), day, noise))
        widths.append(float(np.quantile(line.values, 0.9) - np.quantile(line.values, 0.1)))
        assert line.values.min() <= of(said(at(40), 40, noise)).values[0] <= line.values.max()
    assert widths[0] > widths[1] > widths[2] > 0


def test_a_forecast_before_the_period_has_no_actual_and_no_run_rate(noise: Path) -> None:
    line = of(said(at(0), -3, noise))
    assert line.actual is None
    assert line.run_rate is None
    assert line.plan == measure(plant()).figures["throughput"].value


def test_without_uncertainty_the_plan_goes_on_and_it_is_said() -> None:
    found = said(at(0), 0, None)
    assert [finding.rule for finding in found.findings] == ["no-uncertainty"]
    for kpi in ("throughput", "operating_expense", "net_profit"):
        line = of(found, kpi)
        assert line.values.tolist() == pytest.approx([line.plan])
        assert line.plan == measure(plant()).figures[kpi].value


def test_the_run_rate_carries_a_flow_on_and_leaves_a_ratio_as_it_is(noise: Path) -> None:
    found = said(at(7), 7, noise)
    flow, ratio = of(found), of(found, "productivity")
    assert flow.actual is not None
    assert flow.run_rate == pytest.approx(flow.actual * 4)
    assert ratio.run_rate == ratio.actual


def test_a_ratio_is_made_of_the_sums_of_the_period(noise: Path) -> None:
    found = said(at(10), 10, noise)
    t, oe, ratio = (of(found, kpi).values for kpi in ("throughput", "operating_expense", "productivity"))
    np.testing.assert_allclose(ratio, t / oe, rtol=1e-12)


def test_stock_at_the_close_is_not_made_up(noise: Path) -> None:
    line = of(said(at(10), 10, noise), "inventory_cost")
    assert np.isnan(line.values).all()
    assert line.reason is not None
    assert "not projected" in line.reason


@pytest.mark.parametrize(
    ("share", "status"), [(-1, "on_track"), (0.4, "at_risk"), (0.7, "missed"), (2, "certain_miss")]
)
def test_the_status_of_a_target_follows_its_chance(noise: Path, share: float, status: str) -> None:
    values = of(said(at(10), 10, noise)).values
    goal = values.min() - 1 if share < 0 else values.max() + 1 if share > 1 else float(np.quantile(values, share))
    found = said(at(10, targets=[target(target=goal, owner="Ada")]), 10, noise)
    (one,) = of(found).goals
    assert (one.status, one.owner) == (status, "Ada")
    assert one.p_miss is not None
    assert one.p_miss.count == int((values < goal).sum())
    assert one.variance == pytest.approx(values.mean() - goal)
    assert found.missed == (status in ("missed", "certain_miss"))


def test_a_tolerance_is_no_miss_and_only_the_budget_can_fail(noise: Path) -> None:
    value = float(of(said(at(40), 40, noise)).values[0])
    rows = [
        target(target=value + 5, tolerance=10.0), target(target=value + 50, version="prior_year", tolerance=10.0),
        target(kpi="operating_expense", target=1.0, version="last_forecast"),
    ]  # fmt: skip
    found = said(at(40, targets=rows), 40, noise)
    assert [goal.status for goal in of(found).goals] == ["within_tolerance", "missed"]
    assert [goal.status for goal in of(found, "operating_expense").goals] == ["missed"]
    assert not found.missed
    assert all(goal.p_miss is None for goal in of(found).goals)  # it is over: nothing is a matter of chance


def test_targets_of_products_resources_and_terms_are_forecast_in_their_own_scope(noise: Path) -> None:
    rows = [
        target(product="FG"), target(resource="saw", kpi="resource_online_cost"), target(plant="P"),
        target(kpi="jobs_ended"),
    ]  # fmt: skip
    found = said(at(9, targets=rows), 9, noise)
    np.testing.assert_allclose(of(found, scope=Scope(product="FG")).values, of(found).values, rtol=1e-12)
    np.testing.assert_array_equal(of(found, scope=Scope(plant="P")).values, of(found).values)
    saw, everything = of(found, "resource_online_cost", Scope(resource="saw")), of(found, "resource_online_cost")
    np.testing.assert_allclose(4 * saw.values, everything.values)  # four machines with the same hours and rate
    assert of(found, "jobs_ended").unit == "1"
    assert 0 < of(found, "jobs_ended").values.max() <= 18


def test_children_of_a_target_sum_to_it_or_the_gap_is_shown(noise: Path) -> None:
    rows = [
        target(target=100.0), target(target=70.0, plant="P", parent="throughput"),
        target(target=20.0, product="FG", parent="throughput"),
    ]  # fmt: skip
    (gap,) = said(at(9, targets=rows), 9, noise, replications=2).gaps
    assert (gap.children, gap.total, gap.gap) == (2, 90.0, 10.0)


def test_faulty_targets_are_told_and_none_is_guessed(noise: Path) -> None:
    rows = [
        target(department="Nowhere", kpi="resource_online_cost"), target(product="RM"),
        target(period_end=end() + DAY), target(period_start=clock() + DAY, period_end=end() + 2 * DAY),
    ]  # fmt: skip
    found = said(at(9, targets=rows), 9, noise, replications=2)
    rules = sorted(finding.rule for finding in found.findings)
    assert rules == ["overlapping-targets", "part-period", "unknown-scope", "unknown-scope"]


def test_corrections_stand_beside_the_forecast_and_in_none_of_its_figures(noise: Path) -> None:
    cells = {"period": "horizon", "kpi": "throughput", "amount": -500.0, "reason": "rebate", "author": "Ada"}
    rows = [cells | {"at": clock() + 5 * DAY}, cells | {"at": clock() + 20 * DAY}, cells | {"period": "x", "at": 0}]
    found = said(at(9, adjustments=rows), 9, noise)
    assert [(one.amount, one.author, one.at) for one in found.adjustments] == [(-500.0, "Ada", clock() + 5 * DAY)]
    np.testing.assert_array_equal(of(found).values, of(said(at(9), 9, noise)).values)


def test_what_is_completed_shipped_and_invoiced_adds_up(noise: Path) -> None:
    dataset = at(14)
    done = {job for (job,) in _ended(dataset).filter(pl.col("until").is_not_null()).select("job").rows()}
    jobs = dataset.tables["jobs"].with_columns(
        shipped_at=pl.when(pl.col("job").is_in(sorted(done)[:4])).then(clock() + 13 * DAY),
        invoiced_at=pl.when(pl.col("job").is_in(sorted(done)[1:3])).then(clock() + 13 * DAY),
    )
    bridge = said(replace(dataset, tables={**dataset.tables, "jobs": jobs}), 14, noise, replications=2).bridge
    sides = bridge._asdict()
    assert (bridge.completed.jobs, sides["shipped"].jobs, sides["invoiced"].jobs) == (len(done), 4, 2)
    for before, less, more, after in (
        ("completed", "completed_not_shipped", "shipped_earlier_completed", "shipped"),
        ("shipped", "shipped_not_invoiced", "invoiced_earlier_shipped", "invoiced"),
    ):
        for what in ("jobs", "revenue"):
            found = [getattr(sides[name], what) for name in (before, less, more, after)]
            assert found[0] - found[1] + found[2] == pytest.approx(found[3])
    assert said(dataset, 14, noise, replications=2).bridge.shipped is None  # nobody says when: that is not 0


def test_jobs_near_the_close_are_listed_with_what_is_missing(noise: Path) -> None:
    found = said(at(20), 20, noise)
    assert found.cut_off
    for job in found.cut_off:
        assert abs(job.expected_end - end()) <= 48 * 3_600
        assert job.missing
    left = at(20).tables["activities"].filter(pl.col("actual_end").is_null())["operation"].to_list()
    assert {step.split(" on ")[0] for job in found.cut_off for step in job.missing} <= set(left)


def test_threads_and_repetition_change_no_bit(noise: Path) -> None:
    one, two = (said(at(9), 9, noise, threads=threads) for threads in (1, 3))
    for first, second in zip(one.lines, two.lines, strict=True):
        np.testing.assert_array_equal(first.values, second.values)


def test_only_what_was_recorded_by_the_instant_is_known() -> None:
    later, then = at(30), clock() + 12 * DAY
    seen = known(later, then)
    done = seen.dataset.tables["activities"].drop_nulls("actual_end")
    assert done.height == at(12).tables["activities"].drop_nulls("actual_end").height
    assert int(done["actual_end"].max()) <= then  # type: ignore[arg-type]
    assert not seen.hindsight
    nobody = later.tables["activities"].with_columns(recorded_at=pl.lit(None, pl.Int64))
    assert known(replace(later, tables={**later.tables, "activities": nobody}), then).hindsight


def test_what_nothing_of_the_plan_is_about_is_insufficient_data_and_leaves_the_rest_as_it_is(noise: Path) -> None:
    plain = said(at(10), 10, noise)
    rows = [target(product="RM"), target(resource="saw", kpi="schedule_adherence"), target(kpi="schedule_adherence")]
    found = said(at(10, targets=rows), 10, noise)
    line = of(found, scope=Scope(product="RM"))
    assert np.isnan(line.values).all()
    assert line.reason == "insufficient data: nothing of the plan is about product RM"
    assert (line.goals[0].status, line.goals[0].p_miss) == ("no_value", None)
    np.testing.assert_array_equal(of(found).values, of(plain).values)
    whole = said(at(10, targets=[target(kpi="schedule_adherence")]), 10, noise)
    np.testing.assert_array_equal(of(found, "schedule_adherence").values, of(whole, "schedule_adherence").values)


def test_quantities_that_were_told_later_are_forgotten() -> None:
    """J000 left in two parts on days 4 and 9, which the table of jobs has summed up."""
    rows = [
        {"event_id": f"E{day}", "type": "shipment", "job": "J000", "qty": 5.0, "plant": "P",
         "occurred_at": clock() + day * DAY, "recorded_at": clock() + day * DAY}
        for day in (4, 9)
    ]  # fmt: skip
    told = at(30, events=rows)
    jobs = told.tables["jobs"].with_columns(
        delivered_qty=pl.when(pl.col("job") == "J000").then(10.0), shipped_at=pl.lit(clock() + 9 * DAY)
    )
    told = replace(told, tables={**told.tables, "jobs": jobs})
    first = {day: known(told, clock() + day * DAY).dataset.tables["jobs"].row(0, named=True) for day in (2, 6, 12)}
    assert [first[day]["delivered_qty"] for day in (2, 6, 12)] == [None, 5.0, 10.0]
    assert first[2]["shipped_at"] is None
    assert first[12]["shipped_at"] == clock() + 9 * DAY


def test_the_period_and_the_instant_are_those_of_the_work_where_none_is_named() -> None:
    weeks = [
        {"period": f"W{k}", "start": clock() + 7 * k * DAY, "end": clock() + 7 * (k + 1) * DAY} for k in range(4)
    ]  # fmt: skip
    found = at(10, periods=weeks)
    plan = replace(plan_of(found), progress=Progress(as_of=clock() + 10 * DAY))
    made = forecast(replace(found, plan=plan), uncertainty=None)
    assert (made.period.name, made.as_of) == ("W1", clock() + 10 * DAY)
    assert forecast(found, uncertainty=None).period.name == "W0"
    assert forecast(found, as_of=clock() + 15 * DAY, uncertainty=None).period.name == "W2"


def test_actuals_after_the_instant_are_told_and_left_out() -> None:
    rows = [{"kpi": "throughput", "at": clock() + day * DAY, "value": value} for day, value in ((3, -5.0), (9, 7.0))]
    seen = known(at(5, actuals=rows), clock() + 5 * DAY)
    assert seen.dataset.tables["actuals"]["value"].to_list() == [-5.0]
    assert [finding.rule for finding in seen.findings] == ["after-as-of", "negative-actual"]
    assert instant(clock() + 5 * DAY) in seen.findings[0].message


def test_a_period_in_which_nothing_is_planned_is_refused(noise: Path) -> None:
    with pytest.raises(UsageError, match="insufficient data: in period '2031-01' no work is planned"):
        forecast(plant(), period="2031-01", uncertainty=noise)


def test_every_contract_kpi_has_a_line() -> None:
    listed = {line.kpi for line in said(at(3), 3, None).lines}
    assert {name for name, kpi in KPIS.items() if kpi.contract} <= listed


def _ended(dataset: Dataset) -> pl.DataFrame:
    steps = dataset.tables["activities"].join(dataset.tables["operations"].drop("row"), on="operation")
    steps = steps.join(
        dataset.tables["manufacturing_orders"].select("manufacturing_order", "job"), on="manufacturing_order"
    )
    return steps.group_by("job").agg(
        until=pl.when(pl.col("actual_end").is_null().any()).then(None).otherwise(pl.col("actual_end").max())
    )
