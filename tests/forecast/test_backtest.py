"""History walked period by period: on the real manufacturer, and on a shop small enough to check by hand."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path

import polars as pl
import pytest
from click.testing import CliRunner

from shared_data import shared_data
from tables import PLAN, frame, tables
from tocfin.catalogue import BY_NAME
from tocfin.cli import main
from tocfin.dataset import Dataset
from tocfin.dataset.imports import import_dataset
from tocfin.dataset.plan import build
from tocfin.dataset.write import write
from tocfin.errors import UsageError
from tocfin.forecast.backtest import backtest
from tocfin.forecast.orders import work_of
from tocfin.forecast.spans import before, last_closed, period_called
from tocfin.measure import rules_of

DAY = 86_400
FINANCE = """
[plan]
policy = "reconciled"
[plants."*"]
daily_operating_expense = 42_000
invested_capital = 18_500_000
[resources."*"]
overtime_hourly_cost = 30
[availability]
days = "Mon-Fri"
start_time = "00:00"
[jobs]
shipping_cost = 0
late_penalty_per_day = 0
[operations]
carrying_cost_per_day = 0
"""


@pytest.fixture(scope="module")
def adventureworks(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    folder = tmp_path_factory.mktemp("aw")
    (folder / "finance.toml").write_text(FINANCE, "utf-8")
    found = import_dataset("adventureworks", shared_data("adventureworks"), finance=folder / "finance.toml").require()
    plan, _ = build(found.plan, "plan.toml", "AdventureWorks")
    return Dataset("AdventureWorks", None, plan, found.tables, ())


def small_shop(**columns: object) -> Dataset:
    """A job worth 90 on every day of three years, done in two days."""
    days = range(3 * 365)
    first = 1_672_531_200  # 2023-01-01
    rows = tables(
        resources=[{}],
        jobs=[
            {"job": f"J{d:04}", "revenue": 100.0, "need_date": first + (d + 9) * DAY, "material_cost": 10.0,
             "release_date": first + d * DAY} | columns
            for d in days
        ],
        manufacturing_orders=[{"manufacturing_order": f"M{d:04}", "job": f"J{d:04}"} for d in days],
        operations=[{"operation": f"O{d:04}", "manufacturing_order": f"M{d:04}"} for d in days],
        activities=[
            {"activity": f"A{d:04}", "operation": f"O{d:04}", "start": first + d * DAY, "end": first + (d + 2) * DAY,
             "actual_start": first + d * DAY, "actual_end": first + (d + 2) * DAY, "work_hours": 3.0}
            for d in days
        ],
    )  # fmt: skip
    plan = replace(PLAN, clock=first + 3 * 365 * DAY, horizon_end=first + 3 * 366 * DAY)
    return Dataset("shop", None, plan, rows, ())


def test_adventureworks_is_forecast_better_than_naively_and_its_band_holds(adventureworks: Dataset) -> None:
    found = backtest(adventureworks, period_called(adventureworks, "2014-05"), days=(10, 20), replications=500)
    assert found.hindsight
    assert not found.insufficient
    assert [(line.series, line.day, line.score.n) for line in found.lines] == [
        ("throughput", 10, 24), ("throughput", 20, 24), ("resource_hours", 10, 24), ("resource_hours", 20, 24),
    ]  # fmt: skip
    for line in found.lines:
        assert set(line.score.baselines) == {"last period", "mean of 12", "spread of 12", "run rate"}
        assert line.score.beaten, line
        assert line.score.honest, line.score.coverage


def test_work_of_a_data_set_is_what_its_jobs_and_steps_were_worth() -> None:
    shop = small_shop()
    rules = rules_of(PLAN, None)
    jobs, steps = (work_of(shop, name, rules) for name in ("throughput", "resource_hours"))
    assert set(jobs.value.tolist()) == set(jobs.planned.tolist()) == {90.0}
    assert set(steps.value.tolist()) == {3.0}
    assert set(((jobs.end - jobs.start) // DAY).tolist()) == {2}


def test_a_late_penalty_counts_once_it_is_known_and_scrap_when_the_work_has_ended() -> None:
    first = 1_672_531_200
    late = small_shop(need_date=first, late_penalty_per_day=1.0, quantity=10.0, delivered_qty=8.0)
    jobs = work_of(late, "throughput", rules_of(PLAN, None))
    assert jobs.value[:3].tolist() == [88.0, 87.0, 86.0]  # two, three, four days late
    assert jobs.planned[:3].tolist() == [125.0 - 10.0] * 3  # 10 were ordered, 8 delivered for 100


def test_a_shop_without_luck_is_forecast_exactly() -> None:
    shop = small_shop()
    found = backtest(shop, period_called(shop, "2025-11"), periods=3, days=(10, 40), replications=50)
    throughput = next(line for line in found.lines if line.series == "throughput")
    assert [one.truth for one in throughput.raw] == [30 * 90.0, 31 * 90.0, 30 * 90.0]
    assert throughput.score.crps == pytest.approx(0.0, abs=1e-9)
    assert ("throughput", "2025-09", 40, "the period is over by then") in found.insufficient


def test_targets_of_past_periods_are_scored_by_their_chance_of_a_miss() -> None:
    """September came to 2,700, October to 2,790: one is missed, one within its tolerance, November has no target."""
    shop = small_shop()
    months = {name: period_called(shop, name) for name in ("2025-09", "2025-10")}
    rows = [
        {"kpi": "throughput", "period_start": month.start, "period_end": month.end, "target": target, "tolerance": 20.0}
        for month, target in zip(months.values(), (2_800.0, 2_800.0), strict=True)
    ]  # fmt: skip
    shop = replace(shop, tables={**shop.tables, "targets": frame(BY_NAME["targets"], rows)})
    found = backtest(shop, period_called(shop, "2025-11"), periods=3, days=(10,), series=("throughput",))
    assert [(one.p_miss, one.missed) for one in found.lines[0].raw] == [(1.0, True), (0.0, False), (None, None)]


def test_what_history_is_too_thin_for_is_listed_and_not_guessed() -> None:
    shop = small_shop()
    found = backtest(shop, period_called(shop, "2023-02"), periods=2, days=(10,), series=("throughput",))
    assert [one[1] for one in found.insufficient] == ["2023-01", "2023-02"]
    assert found.lines[0].score.n == 0
    nameless = small_shop(shipping_cost=None)
    found = backtest(nameless, period_called(nameless, "2025-11"), periods=1, days=(10,), series=("throughput",))
    assert "not supplied" in found.insufficient[0][3]


def test_periods_are_those_of_the_table_else_months_where_the_plants_are() -> None:
    shop = small_shop()
    assert last_closed(shop).name == "2025-12"
    tables_of = dict(shop.tables)
    tables_of["plants"] = tables_of["plants"].with_columns(timezone=pl.lit("Europe/Berlin"))
    berlin = replace(shop, tables=tables_of)
    march = period_called(berlin, "2025-03")
    assert (march.end - march.start) // 3_600 == 31 * 24 - 1  # the clocks went forward
    assert [one.name for one in before(berlin, march, 3)] == ["2025-02", "2025-01", "2024-12"]
    for name in ("2025-13", "soon", "25-01"):
        with pytest.raises(UsageError, match="neither in periods, nor a month"):
            period_called(shop, name)


def test_the_command_prints_scores_and_refuses_what_it_does_not_know(tmp_path: Path) -> None:
    shop = small_shop()
    assert shop.plan is not None
    write(shop.tables, shop.plan, tmp_path / "shop")
    run = partial(CliRunner().invoke, main)
    fine = run(["backtest", str(tmp_path / "shop"), "--periods", "2", "--days", "10", "-q"])
    assert fine.exit_code == 0, fine.output
    assert "2 of 2" in fine.stdout
    assert "hindsight possible" in fine.stdout
    for words in (["--days", "x"], ["--series", "profit"], ["--plant", "P9"], ["--until", "x"]):
        assert run(["backtest", str(tmp_path / "shop"), *words]).exit_code == 2
