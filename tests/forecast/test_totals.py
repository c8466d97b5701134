"""Actual totals of a ledger against its budget, by department group; and beside what the shop floor says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from click.testing import CliRunner

from shared_data import shared_data
from tables import PLAN, frame, tables
from tocfin.catalogue import BY_NAME
from tocfin.cli import main
from tocfin.dataset import Dataset
from tocfin.dataset.write import write
from tocfin.examples.halfway import month_plant
from tocfin.forecast.closing import Forecast, forecast
from tocfin.forecast.lines import Line
from tocfin.forecast.told import document
from tocfin.model.groups import Scope
from tocfin.report.forecast import page

DAY = 86_400
OWNERS = {
    "Corporate": "Gail Erickson", "Executive General and Administration": "Ken Sánchez",
    "Inventory Management": "Peter Krebs", "Manufacturing": "James Hamilton", "Quality Assurance": "Hazem Abolrous",
    "Research and Development": "Terri Duffy", "Sales and Marketing": "Brian Welcker",
}  # fmt: skip
KPI = {"Expenditures": "operating_expense", "Revenue": "revenue"}


def seconds(key: int, days: int = 0) -> int:
    day = date(key // 10_000, key // 100 % 100, key % 100) + timedelta(days=days)
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())


@pytest.fixture(scope="module")
def ledger() -> pl.DataFrame:
    """Amounts of revenue and expenditures by scenario, posting date, department group and account type."""
    folder = shared_data("adventureworks_dw_finance")
    names = pl.read_parquet(folder / "DimDepartmentGroup.parquet").select("DepartmentGroupKey", "DepartmentGroupName")
    accounts = pl.read_parquet(folder / "DimAccount.parquet").select("AccountKey", "AccountType")
    return (
        pl.read_parquet(folder / "FactFinance.parquet")
        .join(names, on="DepartmentGroupKey")
        .join(accounts, on="AccountKey")
        .filter(pl.col("AccountType").is_in(list(KPI)))
        .group_by("ScenarioKey", "DateKey", "DepartmentGroupName", "AccountType")
        .agg(pl.col("Amount").sum())
        .sort("DateKey", "AccountType", "DepartmentGroupName")
    )


def books(ledger: pl.DataFrame) -> Dataset:
    """Actuals of all months, and the budget of those that have one, as targets with owners."""
    budget, actual = (ledger.filter(pl.col("ScenarioKey") == key) for key in (2, 1))
    dates = budget["DateKey"].unique().sort().to_list()
    starts = [seconds(dates[0], -30), *(seconds(key, 1) for key in dates[:-1])]
    frames = list(zip(starts, [seconds(key, 1) for key in dates], strict=True))
    month = dict(zip(dates, frames, strict=True))
    rows = [
        {
            "kpi": KPI[kind],
            "department": name,
            "period_start": month[key][0],
            "period_end": month[key][1],
            "target": amount,
            "owner": OWNERS[name],
        }
        for _, key, name, kind, amount in budget.rows()
    ]
    year = budget.group_by("DepartmentGroupName", "AccountType").agg(pl.col("Amount").sum()).sort("DepartmentGroupName")
    rows += [
        {"kpi": KPI[kind], "department": name, "period_start": frames[0][0], "period_end": frames[-1][1],
         "target": amount, "owner": OWNERS[name]}
        for name, kind, amount in year.rows()
    ]  # fmt: skip
    given: dict[str, Sequence[Mapping[str, Any]]] = {
        "plants": [{"plant": "AdventureWorks"}],
        "actuals": [
            {"kpi": KPI[kind], "department": name, "at": seconds(key), "value": amount}
            for _, key, name, kind, amount in actual.rows()
        ],
        "targets": rows,
        "periods": [
            {"period": str(key), "start": start, "end": stop, "status": "closed"}
            for key, (start, stop) in month.items()
        ],
    }
    plan = replace(PLAN, clock=frames[0][0], horizon_end=frames[-1][1])
    return Dataset("ledger", None, plan, tables(**given), ())


def test_the_ledger_is_reproduced_against_its_budget_by_department_group(ledger: pl.DataFrame) -> None:
    dataset = books(ledger)
    assert dataset.plan is not None
    found = forecast(dataset, period="horizon", as_of=dataset.plan.horizon_end)
    window = (dataset.plan.clock, dataset.plan.horizon_end)
    common = ledger.filter(pl.col("ScenarioKey") == 2)["DateKey"].unique()
    sums = ledger.filter(pl.col("DateKey").is_in(common.implode())).group_by(
        "ScenarioKey", "DepartmentGroupName", "AccountType"
    ).agg(pl.col("Amount").sum())  # fmt: skip
    expected = {(key, name, KPI[kind]): amount for key, name, kind, amount in sums.rows()}
    years = {(line.scope.department, line.kpi): line for line in found.lines if line.window == window and line.goals}
    assert len(years) == 8  # seven groups of expenditures, and revenue where it has a budget
    for (name, kpi), line in years.items():
        (goal,) = line.goals
        assert line.actual == pytest.approx(expected[1, name, kpi], abs=0.005)
        assert goal.target == pytest.approx(expected[2, name, kpi], abs=0.005)
        assert goal.variance == pytest.approx(expected[1, name, kpi] - expected[2, name, kpi], abs=0.005)
        worse = goal.variance > 0 if kpi == "operating_expense" else goal.variance < 0
        assert goal.status == ("missed" if worse else "met")
        assert goal.owner == OWNERS[str(name)]
    total = sum(line.actual or 0 for (_, kpi), line in years.items() if kpi == "operating_expense")
    assert total == pytest.approx(sum(v for (key, _, kpi), v in expected.items() if key == 1 and kpi != "revenue"))
    months = [line for line in found.lines if line.window != window]
    assert len(months) == 12 * 8
    shown = page(document(found)).text("md")
    assert "| operating\\_expense" in shown or "operating_expense" in shown
    assert "Terri Duffy" in shown


def test_a_month_without_a_total_is_insufficient_data_and_not_0(ledger: pl.DataFrame) -> None:
    dataset = books(ledger)
    rows = dataset.tables["actuals"]
    gone = rows.filter(~((pl.col("at") == rows["at"][0]) & (pl.col("department") == "Manufacturing")))
    assert dataset.plan is not None
    short = replace(dataset, tables={**dataset.tables, "actuals": gone})
    found = forecast(short, period="horizon", as_of=dataset.plan.horizon_end)
    year = of(
        found, "operating_expense", Scope(department="Manufacturing"), (dataset.plan.clock, dataset.plan.horizon_end)
    )
    assert year.actual is None
    assert year.goals[0].status == "no_value"
    assert year.reason == "insufficient data: no actual total of 20101229"


def of(found: Forecast, kpi: str, scope: Scope, window: tuple[int, int]) -> Line:
    return next(line for line in found.lines if (line.kpi, line.scope, line.window) == (kpi, scope, window))


def test_an_open_period_of_totals_alone_has_an_actual_and_a_run_rate_but_no_forecast(ledger: pl.DataFrame) -> None:
    dataset = books(ledger)
    start, end = (int(value) for value in dataset.tables["periods"].select("start", "end").row(3))
    as_of = start + (end - start) // 2
    early = dataset.tables["actuals"].with_columns(
        at=pl.when(pl.col("at").is_between(start, end)).then(pl.lit(as_of - DAY)).otherwise("at")
    )
    found = forecast(replace(dataset, tables={**dataset.tables, "actuals": early}), period="20110331", as_of=as_of)
    line = of(found, "operating_expense", Scope(department="Manufacturing"), (start, end))
    assert line.actual is not None
    assert line.run_rate == pytest.approx(line.actual * (end - start) / (as_of - start))
    assert np.isnan(line.values).all()
    assert line.goals[0].status == "no_value"


def test_a_total_takes_the_place_of_what_the_shop_floor_says_until_then(tmp_path: Path) -> None:
    plant = month_plant(3, jobs=12)
    assert plant.plan is not None
    clock = plant.plan.clock
    file = tmp_path / "noise.toml"
    file.write_text('[[uncertainty.duration]]\nall = true\ndistribution = "lognormal"\ncv = 0.3\n', "utf-8")
    asked: dict[str, Any] = {"as_of": clock + 9 * DAY, "uncertainty": file, "replications": 32}
    without = forecast(plant, **asked)
    said = [{"kpi": "operating_expense", "at": clock + 7 * DAY, "value": value} for value in (1.0, 12_345.0)]
    rows = {"actuals": frame(BY_NAME["actuals"], said)}
    found = forecast(replace(plant, tables={**plant.tables, **rows}), **asked)
    window, everything = (clock, plant.plan.horizon_end), Scope()
    before, after = (of(one, "operating_expense", everything, window) for one in (without, found))
    assert before.actual is not None
    assert after.actual is not None
    daily = before.actual / 9  # the same hours every day
    assert after.actual == pytest.approx(12_345.0 + 2 * daily)
    np.testing.assert_allclose(after.values - before.values, after.actual - before.actual)
    np.testing.assert_array_equal(
        of(found, "throughput", everything, window).values, of(without, "throughput", everything, window).values
    )


def test_the_command_shows_a_ledger_as_a_scorecard(ledger: pl.DataFrame, tmp_path: Path) -> None:
    dataset = books(ledger)
    assert dataset.plan is not None
    write(dataset.tables, dataset.plan, tmp_path / "books")
    words = ["forecast", str(tmp_path / "books"), "--period", "horizon", "--as-of", "2011-11-30", "--format", "md"]
    shown = CliRunner().invoke(main, words)
    assert shown.exit_code == 0, shown.output
    assert "no throughput" in shown.stderr
    (row,) = [
        line
        for line in shown.stdout.splitlines()
        if "operating_expense" in line and "Research and Development" in line and " to " not in line
    ]
    assert "12,548,830" in row
    assert "Terri Duffy" in row
