"""Plants that a scenario leaves alone are not computed again, and every figure is the one that is computed alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from tocfin.bench.plant import shop
from tocfin.bench.worlds import UNCERTAINTY, world, worlds
from tocfin.dataset import Dataset
from tocfin.scenarios import together
from tocfin.scenarios.distributions import Distribution
from tocfin.scenarios.futures import Sums
from tocfin.scenarios.parts import Some, differing, some_of
from tocfin.scenarios.resolve import resolve
from tocfin.scenarios.uncertainty import Rule
from tocfin.scenarios.world import World, prepared

SEED, FIRST, COUNT, SIZE = 9, 64, 50, 1_200


def same(found: Sums, alone: Sums) -> None:
    for name in Sums._fields:
        np.testing.assert_array_equal(getattr(found, name), getattr(alone, name), err_msg=name)


def parts_apart(one: World, base: World) -> list[int] | None:
    assert one.ordinary is not None
    assert base.ordinary is not None
    found = differing(one.ordinary.parts, base.ordinary.parts)
    return None if found is None else found.tolist()


@pytest.fixture(scope="module")
def dataset() -> Dataset:
    return shop(SIZE)


@pytest.mark.parametrize("calendars", [True, False], ids=["calendars", "no calendars"])
def test_scenarios_together_have_the_bits_of_each_alone(calendars: bool) -> None:
    some = worlds(shop(SIZE, calendars=calendars))
    for one, found in zip(some, together.block_sums(some, SEED, FIRST, COUNT), strict=True):
        same(found, together.block_sums([one], SEED, FIRST, COUNT)[0])


def test_only_the_plant_that_a_scenario_touches_is_done_again(
    dataset: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    some, done = worlds(dataset, 4), []

    def booked(*arguments: object) -> object:
        few = arguments[4]
        done.append(None if few is None else few.plants.tolist() if isinstance(few, Some) else few)
        return original(*arguments)  # type: ignore[arg-type]

    original = together.booked
    monkeypatch.setattr(together, "booked", booked)
    together.block_sums(some, SEED, FIRST, COUNT)
    assert [parts_apart(one, some[0]) for one in some] == [[], [0], [0], [0]]
    assert sorted(map(str, done)) == ["None", "[0]", "[0]", "[0]"]


def changed(table: str, column: str, how: Callable[[pl.Expr], pl.Expr]) -> Callable[[Dataset, str], Dataset]:
    """Another value in one column of one plant."""

    def change(dataset: Dataset, plant: str) -> Dataset:
        frame = dataset.tables[table]
        here = pl.col("plant") == plant
        if "plant" not in frame.columns:
            jobs = dataset.tables["jobs"].filter(pl.col("plant") == plant)["job"]
            orders = dataset.tables["manufacturing_orders"].filter(pl.col("job").is_in(jobs.implode()))
            key = {"manufacturing_orders": "job"}.get(table, "manufacturing_order")
            names = jobs if key == "job" else orders["manufacturing_order"]
            if table == "activities":
                at = dataset.tables["operations"].filter(pl.col("manufacturing_order").is_in(names.implode()))
                key, names = "operation", at["operation"]
            here = pl.col(key).is_in(names.implode())
        new = pl.when(here).then(how(pl.col(column))).otherwise(pl.col(column)).cast(frame.schema[column])
        return replace(dataset, tables={**dataset.tables, table: frame.with_columns(new.alias(column))})

    return change


def times(factor: float) -> Callable[[pl.Expr], pl.Expr]:
    return lambda column: column * factor


def later(days: int) -> Callable[[pl.Expr], pl.Expr]:
    return lambda column: column + days * 86_400


CHANGES = {
    "revenue": changed("jobs", "revenue", times(1.5)),
    "shipping": changed("jobs", "shipping_cost", times(2.0)),
    "penalty": changed("jobs", "late_penalty_per_day", times(3.0)),
    "need": changed("jobs", "need_date", later(-2)),
    "cancelled": changed("jobs", "cancelled", lambda column: column | (pl.col("job").hash(1) % 5 == 0)),
    "grace": changed("jobs", "late_penalty_grace_days", lambda column: pl.lit(0.5)),
    "cap": changed("jobs", "late_penalty_cap", lambda column: pl.lit(0.5)),
    "material": changed("jobs", "material_cost", lambda column: pl.lit(70.0)),
    "subcontract": changed("jobs", "subcontract_cost", lambda column: pl.lit(9.0)),
    "order need": changed("manufacturing_orders", "need_date", lambda column: pl.lit(1_800_000_000)),
    "carrying": changed("operations", "carrying_cost_per_day", times(1.1)),
    "premium": changed("resources", "overtime_hourly_cost", times(1.4)),
    "standard": changed("resources", "standard_hourly_cost", times(1.4)),
    "drum": changed("resources", "drum", lambda column: ~column),
    "expense": changed("plants", "daily_operating_expense", times(1.2)),
    "capital": changed("plants", "invested_capital", times(1.2)),
    "started": changed("activities", "actual_start", lambda column: pl.col("start") - 60),
}


@pytest.mark.parametrize("name", CHANGES)
def test_whatever_is_changed_in_one_plant_is_seen(name: str, dataset: Dataset) -> None:
    plant = dataset.tables["plants"]["plant"].to_list()[1]
    base, other = world(dataset), world(CHANGES[name](dataset, plant), name)
    found = together.block_sums([base, other], SEED, FIRST, COUNT)
    same(found[1], together.block_sums([other], SEED, FIRST, COUNT)[0])
    anywhere = name == "started"  # nobody said when work really began before
    assert parts_apart(other, base) in ([0, 1, 2, 3] if anywhere else [1], None)
    differs = [not np.array_equal(getattr(found[0], field), getattr(found[1], field)) for field in Sums._fields]
    assert any(differs), "the change moves something"


def test_a_job_that_works_in_another_plant_joins_the_two(dataset: Dataset) -> None:
    plants = dataset.tables["plants"]["plant"].to_list()
    jobs = dataset.tables["jobs"]
    first = jobs.filter(pl.col("plant") == plants[0])["job"][0]
    moved = jobs.with_columns(
        plant=pl.when(pl.col("job") == first).then(pl.lit(plants[2])).otherwise("plant").cast(jobs.schema["plant"])
    )
    one = world(replace(dataset, tables={**dataset.tables, "jobs": moved}))
    assert one.ordinary is not None
    part = one.ordinary.parts.plant.tolist()
    assert part[0] == part[2]
    assert len(set(part)) == len(plants) - 1


def test_some_of_a_plan_keeps_its_members_in_order(dataset: Dataset) -> None:
    plan = world(dataset).ordinary
    assert plan is not None
    few = some_of(plan, np.array([1, 3]))
    mine = np.isin(plan.parts.member, [1, 3])
    np.testing.assert_array_equal(few.route.member_row, plan.route.member_row[mine])
    assert few.route.member_first_edge[-1] == few.route.edge_before.size
    assert few.sequence_first[-1] == few.sequence.size
    assert few.drawn.target.max() < few.route.member_row.size


def test_prices_that_vary_in_one_scenario_only_stay_there(dataset: Dataset) -> None:
    """Even where they vary exactly as durations do, so that both scenarios draw from the same distributions."""
    varies = Distribution("lognormal", (1.0, 0.25))
    noise = Rule("price", "p", "price", {}, varies, {})
    prices = replace(UNCERTAINTY, rules=(*UNCERTAINTY.rules, noise))
    both, _ = resolve(prices, dataset)
    some = [prepared("prices", dataset, both), world(dataset)]
    for order in (some, some[::-1]):
        for one, found in zip(order, together.block_sums(order, SEED, FIRST, COUNT), strict=True):
            same(found, together.block_sums([one], SEED, FIRST, COUNT)[0])
