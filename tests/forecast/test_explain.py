"""Bridges between two data sets: they tie out, whatever differs, and blame what was planted."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise, permutations
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from small_business import small_business

import product
from cells import Dataset as Cells
from strategies import datasets
from tocfin.errors import DatasetError, UsageError
from tocfin.forecast.drivers import DRIVERS, NAMES
from tocfin.forecast.explain import SPLITS, explain
from tocfin.forecast.game import Game
from tocfin.forecast.mixing import Pair
from tocfin.forecast.played import grouped_drivers
from tocfin.forecast.shapley import attributed, coalitions
from tocfin.forecast.sides import Side
from tocfin.kpi import KPIS
from tocfin.measure import plant_terms
from tocfin.model.build import build

#: Examples are not shrunk: each takes a good part of a second.
AS_DRAWN: Any = {"deadline": None, "phases": [Phase.generate], "suppress_health_check": [HealthCheck.too_slow]}


def sides(one: Cells, other: Cells) -> tuple[Side, Side]:
    """Two drawn plants over the same horizon, under the same rules; all else may differ between them."""
    (plan, tables), (_, others) = one, other
    theirs = plan | {"exchange_rates": plan["exchange_rates"] | {"EUR": 1.2}}
    found = product.dataset(plan, tables), product.dataset(theirs, others)
    return Side("a", replace(found[0], name="a")), Side("b", replace(found[1], name="b"))


@settings(max_examples=10, **AS_DRAWN)
@given(one=datasets(), other=datasets())
def test_no_driver_gives_a_and_all_of_them_give_b(one: Cells, other: Cells) -> None:
    a, b = sides(one, other)
    if not (a.dataset.ok and b.dataset.ok):
        return
    game = Game(Pair(a.dataset, b.dataset))
    found = game.terms([frozenset(), frozenset(game.changed)], threads=1)
    for terms, side in zip(found, (a, b), strict=True):
        true = plant_terms(build(side.dataset)).sum(axis=(0, 1))
        np.testing.assert_allclose(terms, true, rtol=1e-9, atol=1e-6)


@settings(max_examples=5, **AS_DRAWN)
@given(one=datasets(), other=datasets(), drivers=st.sets(st.sampled_from(NAMES), max_size=3))
def test_every_view_of_every_kpi_leaves_nothing_over(one: Cells, other: Cells, drivers: set[str]) -> None:
    a, b = sides(one, other)
    if not (a.dataset.ok and b.dataset.ok):
        return
    some = Pair(a.dataset, b.dataset).mixed(drivers - {"currency"})
    found = explain(a, Side("b", some), list(KPIS), by=SPLITS, threads=1)
    for one in found.kpis:
        assert one.reason is not None or set(one.views) == set(SPLITS)
        assert all(one.residual(view) == 0 for view in one.views)


def test_drivers_share_what_they_do_together_and_owe_what_they_do_alone() -> None:
    """Efficiency, symmetry and null player on games with any values; groups too, against all orders of switching."""
    rng = np.random.Generator(np.random.PCG64(5))
    for groups in ([[0], [1], [2], [3]], [[0, 2], [1, 3, 4]], [[0, 1, 2], [3], [4]]):
        n = sum(map(len, groups))
        masks = coalitions(groups)
        values = rng.normal(size=2**n)
        values = np.where(np.arange(2**n) >> (n - 1) & 1, values[np.arange(2**n) & ~(1 << (n - 1))], values)  # null
        amounts = attributed(groups, masks, values[masks])
        assert amounts.sum() == pytest.approx(values[-1] - values[0])
        assert amounts[n - 1] == 0
        of = {i: k for k, group in enumerate(groups) for i in group}
        orders = [o for o in permutations(range(n)) if sum(of[i] != of[j] for i, j in pairwise(o)) == len(groups) - 1]
        expected = np.zeros(n)
        for order in orders:
            mask = 0
            for i in order:
                expected[i] += (values[mask | 1 << i] - values[mask]) / len(orders)
                mask |= 1 << i
        assert amounts == pytest.approx(expected)
    twins = np.array([0.0, 5.0, 5.0, 7.0])
    assert attributed([[0], [1]], coalitions([[0], [1]]), twins).tolist() == [3.5, 3.5]


def _scaled(table: str, column: str, factor: float, where: pl.Expr | None = None) -> tuple[str, pl.Expr]:
    changed = pl.col(column) * factor
    return table, (changed if where is None else pl.when(where).then(changed).otherwise(pl.col(column))).alias(column)


def changed(side: Side, *changes: tuple[str, pl.Expr]) -> Side:
    tables: dict[str, Any] = dict(side.dataset.tables)
    for table, expression in changes:
        tables[table] = tables[table].with_columns(expression)
    return Side("b", replace(side.dataset, name="b", tables=tables))


ONE_CAUSE = {
    "price": [_scaled("jobs", "revenue", 0.9)],
    "volume": [
        _scaled("jobs", "quantity", 1.2), _scaled("jobs", "revenue", 1.2), _scaled("jobs", "shipping_cost", 1.2),
        _scaled("material_requirements", "required_qty", 1.2), _scaled("operations", "carrying_cost_per_day", 1.2),
        ("activities", (pl.col("start") + (pl.col("end") - pl.col("start")) * 1.2).cast(pl.Int64).alias("end")),
    ],
    "late penalty": [_scaled("jobs", "late_penalty_per_day", 3.0)],
    "material price": [_scaled("items", "cost", 1.1)],
    "material usage": [_scaled("material_requirements", "required_qty", 1.3)],
    "stock": [_scaled("inventories", "on_hand_qty", 1.3)],
    "labour rate": [_scaled("resources", "standard_hourly_cost", 1.1)],
    "assumptions": [_scaled("plants", "daily_operating_expense", 1.1)],
    "orders": [("jobs", pl.when(pl.col("job") == "J2").then(True).otherwise(pl.col("cancelled")).alias("cancelled"))],
}  # fmt: skip


@pytest.mark.parametrize("driver", [name for name in ONE_CAUSE if name != "volume"])
def test_one_cause_takes_all_and_the_others_say_no_change(driver: str) -> None:
    a = small_business()
    kpi = "inventory_cost" if driver == "stock" else "net_profit"
    (found,) = explain(a, changed(a, *ONE_CAUSE[driver]), [kpi], by=["driver"]).kpis
    parts = {part.name: part for part in found.views["driver"]}
    assert parts[driver].amount == found.after - found.before != 0  # type: ignore[operator]
    assert {part.status for name, part in parts.items() if name != driver} == {"no change"}


def test_longer_work_that_pushes_what_follows_is_speed_alone() -> None:
    """Work on the mill takes 1.5 times as long, everything behind it moves: no sequence, no timing."""
    a = small_business()
    slower = explain(a, small_business(mill=1.5), ["net_profit"], by=["driver"]).kpis[0]
    parts = {part.name: part.amount for part in slower.views["driver"] if part.amount}
    assert set(parts) == {"speed"}
    people = explain(a, small_business(hands=1.5), ["net_profit"], by=["driver"]).kpis[0]
    assert {part.name for part in people.views["driver"] if part.amount} == {"labour efficiency"}


def test_a_job_that_is_only_put_off_is_timing_and_one_that_overtakes_is_sequence() -> None:
    a = small_business()
    later = explain(a, small_business(put_off=24), ["throughput"], by=["driver"]).kpis[0]
    assert {part.name for part in later.views["driver"] if part.amount} == {"timing"}
    swapped = explain(a, small_business(swap=True), ["throughput_late"], by=["driver"]).kpis[0]
    assert {part.name for part in swapped.views["driver"] if part.amount} == {"sequence"}


def test_two_causes_share_their_product_equally() -> None:
    """Material M costs 10 % more and 30 % more of it is used: 0.1 M and 0.3 M, and half of 0.03 M each."""
    a = small_business()
    (found,) = explain(a, changed(a, *ONE_CAUSE["material price"], *ONE_CAUSE["material usage"]), ["throughput"]).kpis
    needs = a.dataset.tables["material_requirements"].join(a.dataset.tables["items"], on="item")
    material = (needs["required_qty"] * needs["cost"]).sum()
    parts = {part.name: float(part.amount) for part in found.views["driver"] if part.amount}
    assert parts == pytest.approx({"material price": -0.115 * material, "material usage": -0.315 * material})


def test_what_is_said_of_a_cancelled_job_counts_nowhere() -> None:
    """Prices fall by a tenth and J2 is cancelled: the cancellation costs what J2 earned at the old price."""
    a = small_business()
    (found,) = explain(a, changed(a, *ONE_CAUSE["price"], *ONE_CAUSE["orders"]), ["throughput"], by=["driver"]).kpis
    parts = {part.name: float(part.amount) for part in found.views["driver"] if part.amount}
    jobs = a.dataset.tables["jobs"]
    whole, gone = jobs["revenue"].sum(), jobs.filter(job="J2")["revenue"][0]
    assert parts["price"] == pytest.approx(-0.1 * (whole - gone))
    assert set(parts) == {"price", "orders"}


def test_a_job_that_is_closed_short_is_a_confirmation() -> None:
    """J2 ends with 6 of its 12 pieces while prices fall by a tenth: both share what half of J2 loses to the price."""
    a = small_business()
    short, whole = pl.col("job") == "J2", a.dataset.tables["jobs"]["revenue"].sum()
    given = [("jobs", short.alias("closed_short")), ("jobs", pl.when(short).then(6.0).alias("delivered_qty"))]
    (found,) = explain(a, changed(a, *given, *ONE_CAUSE["price"]), ["throughput"], by=["driver"]).kpis
    parts = {part.name: float(part.amount) for part in found.views["driver"] if part.amount}
    needs = a.dataset.tables["material_requirements"].filter(operation="O20").join(a.dataset.tables["items"], on="item")
    material = (needs["required_qty"] * needs["cost"]).sum()
    confirmed = -0.5 * (1200 * 0.95 - material)
    assert parts == pytest.approx({"confirmations": confirmed, "price": -0.1 * (whole - 1200 * 0.25)})


def test_many_drivers_are_taken_together_with_their_relatives() -> None:
    assert grouped_drivers(NAMES[:12]) == ([[i] for i in range(12)], False)
    groups, grouped = grouped_drivers(NAMES)
    assert grouped
    assert sorted(i for group in groups for i in group) == list(range(len(NAMES)))
    assert [{DRIVERS[i].group for i in group} for group in groups] == [
        {d} for d in dict.fromkeys(d.group for d in DRIVERS)
    ]


def test_every_driver_is_described_where_a_reader_looks() -> None:
    page = (Path(__file__).parents[2] / "docs" / "howto" / "why.md").read_text("utf-8")
    rows = [line.split("|")[1] for line in page.splitlines() if line.startswith("| ")]
    assert {name.strip() for row in rows for name in row.split(",")} >= set(NAMES)


def test_a_data_set_is_no_different_from_itself() -> None:
    a = small_business()
    (found,) = explain(a, a, ["net_profit"], by=["driver"]).kpis
    assert {part.status for part in found.views["driver"]} == {"no change"}
    assert found.before == found.after


def test_other_horizons_and_currencies_are_findings() -> None:
    a = small_business()
    plan = replace(a.dataset.plan, currency="EUR", horizon_end=a.dataset.plan.horizon_end + 86_400)  # type: ignore[type-var]
    with pytest.raises(DatasetError) as caught:
        explain(a, Side("b", replace(a.dataset, plan=plan)))
    assert [finding.rule for finding in caught.value.findings] == ["other-currency", "other-horizon"]


def test_unknown_names_are_refused() -> None:
    a = small_business()
    with pytest.raises(UsageError, match="'profit' is not a KPI"):
        explain(a, a, ["profit"])
    with pytest.raises(UsageError, match="'week' is not one of"):
        explain(a, a, by=["week"])


def test_a_kpi_without_a_value_has_a_reason_and_no_parts() -> None:
    a = small_business()
    b = changed(a, ("jobs", pl.lit(None, pl.Float64).alias("revenue")))
    (found,) = explain(a, b, ["throughput"]).kpis
    assert (found.before, found.views, found.reason) == (None, {}, "after: not supplied: jobs.revenue")
