"""Investments: the planted constraint comes first, purchases are worked on paper, prices are read or refused."""

from __future__ import annotations

from pathlib import Path
from typing import cast

import polars as pl
import pytest

from forecast.planted_constraint import planted, question
from forecast.two_jobs import two_jobs
from tocfin.dataset import Plan
from tocfin.errors import DatasetError, UsageError
from tocfin.examples.halfway import month_plant, revealed
from tocfin.forecast.invest import SHARE, without_heroics, worth_of_hours
from tocfin.forecast.purchases import Purchase, all_for, purchases, worth_of
from tocfin.forecast.variants import asked_of
from tocfin.model.progress import at_work
from tocfin.scenarios.resolve import resolve
from tocfin.scenarios.run import replay
from tocfin.scenarios.uncertainty import Uncertainty
from tocfin.scenarios.world import prepared


@pytest.mark.parametrize("seed", range(6))
def test_the_planted_constraint_is_worth_most(seed: int) -> None:
    dataset, constraint, _ = planted(seed)
    found = worth_of_hours(question(dataset, seed), replications=64)
    assert found.lines[0].resource == constraint
    assert found.next != constraint


@pytest.mark.parametrize("seed", range(3))
def test_overtime_does_not_hide_it(seed: int) -> None:
    dataset, constraint, _ = planted(seed, hidden=True)
    asked = question(dataset, seed)
    loads = {line.resource: line.load for line in worth_of_hours(asked, replications=64).lines}
    assert max(loads, key=lambda name: loads[name]) != constraint
    assert worth_of_hours(without_heroics(asked), replications=64).lines[0].resource == constraint


def test_an_hour_is_worth_what_paper_says() -> None:
    """B ends one hour late and pays 10 an hour; its way leads through A's step at the saw or the mill, then its own."""
    found = worth_of_hours(asked_of(two_jobs(), policy="reconciled"), replications=16)
    worth = {line.resource: line.hour.value for line in found.lines}
    # relief of 0.2 h, of which one half is on the way to B's end
    assert worth == pytest.approx({"saw": 5.0, "mill": 5.0})
    assert found.lines[0].hours == SHARE * 4


def test_purchases_pay_back_out_of_their_profit() -> None:
    asked = asked_of(two_jobs(), policy="reconciled")
    (line,) = worth_of(asked, [Purchase("mill", "setup", capital=700.0, expense=1.0)], replications=16)
    # half of the half hour of setup: B ends a quarter of an hour sooner and pays 2.50 less
    assert line.effect.throughput.value == 2.5
    assert line.effect.net_profit.value == 2.5 - 7.0
    assert line.effect.investment.value == 700.0
    assert line.roi == pytest.approx(365 * -4.5 / 7 / 700.0)
    assert line.payback is None  # a week of it costs 7 and brings less
    (free,) = worth_of(asked, [Purchase("mill", "setup", capital=700.0)], replications=16)
    assert free.payback == pytest.approx(700.0 / (2.5 / 7))


def test_what_changes_nothing_is_not_offered_and_refused() -> None:
    asked = asked_of(two_jobs(), policy="reconciled")
    assert {one.kind for one in all_for(asked, ["mill"])} == {"unit", "setup"}
    with pytest.raises(UsageError, match="downtime of 'mill' changes nothing"):
        worth_of(asked, [Purchase("mill", "downtime")])
    with pytest.raises(UsageError, match="'lathe' is not in the data set"):
        worth_of(asked, [Purchase("lathe", "unit")])


def test_every_fault_of_a_price_list_is_told(tmp_path: Path) -> None:
    file = tmp_path / "options.toml"
    file.write_text('[[option]]\nresource = "mill"\nkind = "robot"\ncapital = -1\n', encoding="utf-8")
    with pytest.raises(DatasetError) as told:
        purchases(file)
    assert sorted(finding.rule for finding in told.value.findings) == ["out-of-range", "unknown-word"]


def test_of_a_plan_that_is_being_worked_on_only_hours_that_are_left_count() -> None:
    plant = month_plant(3, jobs=12)
    plan = cast(Plan, plant.plan)
    as_of = plan.clock + 10 * 86_400
    world = prepared("truth", plant, resolve(Uncertainty(), plant)[0])
    told = at_work(revealed(plant, replay(world, 1, 0), as_of), as_of)
    found = {line.resource: line for line in worth_of_hours(asked_of(told), replications=16).lines}
    mill = plant.tables["activities"].filter(pl.col("resource") == "mill")
    left = mill.select((pl.col("end") - pl.max_horizontal("start", pl.lit(as_of))).clip(lower_bound=0).sum()).item()
    whole = mill.select((pl.col("end") - pl.col("start")).sum()).item()
    assert found["mill"].hours == pytest.approx(SHARE * left / 3_600, rel=0.05)
    assert left < 0.75 * whole
    assert found["mill"].load == pytest.approx(left / (plan.horizon_end - as_of), rel=0.05)
