"""What a reader sees adds up: KPIs and their groups, traces, explanations, products, terms of plans and forecasts."""

from __future__ import annotations

import math
from dataclasses import replace
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forecast.two_jobs import two_jobs
from tocfin.dataset import Dataset
from tocfin.forecast.explain import Explained, Explanation, Part
from tocfin.forecast.products import products
from tocfin.forecast.variants import asked_of
from tocfin.kpi import policy
from tocfin.measure import measure
from tocfin.report import explain as explained
from tocfin.report import moved, tracing
from tocfin.report import products as of_products
from tocfin.report.amounts import adding, tied
from tocfin.report.rescheduled import bridge_rows
from tocfin.report.scorecard import as_grids
from tocfin.tracing import trace

money = st.floats(0, 5_000).map(lambda value: round(value, 4))
signed = st.floats(-1e6, 1e6)


def seen(cell: str) -> Decimal:
    """The number that a cell shows, without its unit."""
    return Decimal(cell.split(" ")[0].replace(",", "").replace("−", "-"))


def plant(revenue: float, expense: float, penalty: float) -> Dataset:
    """Two jobs in two plants, with money that does not come in whole cents."""
    found = two_jobs(
        plants=[{"daily_operating_expense": expense}, {"plant": "P2", "daily_operating_expense": expense / 3}]
    )
    jobs = found.tables["jobs"].with_columns(
        plant=pl.Series(["P1", "P2"]), revenue=pl.Series([revenue, revenue / 3]),
        shipping_cost=pl.Series([penalty / 7, expense / 11]), late_penalty_per_day=pl.Series([penalty, revenue / 7]),
    )  # fmt: skip
    return replace(found, tables={**found.tables, "jobs": jobs})


@settings(max_examples=20, deadline=None)
@given(money, money, money, st.sampled_from(["plant", "job", "product"]))
def test_kpis_and_their_groups_add_up(revenue: float, expense: float, penalty: float, by: str) -> None:
    card = measure(plant(revenue, expense, penalty), by=by)
    kpis, *others = as_grids(card)
    groups = next(one for one in others if one.title == f"By {by}")
    told = {row[0].partition(":")[0]: row[1] for row in kpis.rows}
    made, spent, left = (seen(told[name]) for name in ("Throughput", "Operating expense", "Net profit"))
    assert made - spent == left
    *rows, total = [[seen(cell) for cell in row[1:4]] for row in groups.rows]
    assert total == [made, spent, left]
    for at in range(3):
        assert sum(row[at] for row in rows) == total[at]
    assert all(row[0] - row[1] == row[2] for row in rows)


@settings(max_examples=10, deadline=None)
@given(money, money, money, st.sampled_from(["net_profit", "throughput", "operating_expense"]))
def test_a_trace_adds_up(revenue: float, expense: float, penalty: float, kpi: str) -> None:
    dataset = plant(revenue, expense, penalty)
    formula, terms, rows = tracing.page(trace(dataset, kpi, rows=2)).grids()
    arithmetic = formula.rows[0][1].replace("− ", "-").replace("+ ", "+")
    left, _, right = arithmetic.partition(" = ")
    assert sum(seen(part) for part in left.split(" ")) == seen(right)
    side = [seen(row[3]) * (-1 if row[1] == "−" else 1) for row in terms.rows[:-1]]
    assert sum(side) == seen(terms.rows[-1][3])
    assert sum(seen(row[3]) for row in rows.rows) == seen(terms.rows[-1][3])


ticks = st.integers(-(10**9), 10**9).map(lambda tick: Decimal(tick) / 10_000)


@given(ticks, st.lists(ticks, max_size=8))
def test_an_explanation_adds_up(before: Decimal, amounts: list[Decimal]) -> None:
    parts = tuple(Part(f"part {at}", amount) for at, amount in enumerate(amounts))
    one = Explained("net_profit", "Net profit", "USD", before, before + sum(amounts, Decimal(0)), {"term": parts})
    found = Explanation("a", "b", policy("published"), "USD", ((0, 1), (0, 1)), (one,), False)
    first, *rows, last, residual = explained.page(found).grids()[0].rows
    assert seen(first[1]) + sum(seen(row[1]) for row in rows) == seen(last[1])
    assert residual[1] == "0.00"


@settings(max_examples=5, deadline=None)
@given(money, money, money)
def test_products_add_up(revenue: float, expense: float, penalty: float) -> None:
    question = asked_of(plant(revenue, expense, penalty))
    grid = of_products.page(products(question, replications=2, disruption=False), "USD", None).grids()[0]
    *lines, whole = grid.rows
    for at in (2, 3, 4, 8):
        assert sum(seen(line[at]) for line in lines) == seen(whole[at])


@given(st.lists(st.tuples(signed, signed), min_size=1, max_size=8))
def test_terms_of_a_plan_add_up_over_terms_and_periods(changes: list[tuple[float, float]]) -> None:
    found = {
        f"term {at}": {"this": this, "next": later, "both": this + later} for at, (this, later) in enumerate(changes)
    }
    *rows, total = [[seen(cell) for cell in row[1:]] for row in bridge_rows(found)]
    for at in range(3):
        assert sum(row[at] for row in rows) == total[at]
    assert all(row[0] + row[1] == row[2] for row in (*rows, total))


@given(signed, st.lists(signed, max_size=6), signed)
def test_what_moved_a_forecast_adds_up(before: float, causes: list[float], rest: float) -> None:
    after = math.fsum([before, *causes, rest])
    move: Any = SimpleNamespace(
        kpi="throughput", scope=(None,) * 4, unit="USD", before=before, after=after, rest=rest, residual=0.0,
        causes=tuple((f"cause {at}", amount) for at, amount in enumerate(causes)),
    )  # fmt: skip
    said: Any = {"as_of": "2026-06-01T00:00:00Z", "dataset": "plant", "period": {"period": "2026-06"}}
    row = [seen(cell) for cell in moved._grid([move], said, said).rows[0][2:]]
    assert sum(row[:-2]) == row[-2]


@given(st.lists(signed, max_size=8), st.sampled_from(["USD", "h", "1"]))
def test_parts_that_are_parts_add_up_and_others_are_rounded_alone(values: list[float], unit: str) -> None:
    decimals = 4 if unit == "1" else 2
    shown = adding(values, math.fsum(values), unit)
    assert round(math.fsum(value or 0.0 for value in shown), decimals) == round(math.fsum(values), decimals) + 0.0
    assert adding(values, math.fsum(values) + 100, unit) == [round(value, decimals) + 0.0 for value in values]
    assert adding([*values, None], 1.0, unit)[-1] is None


def test_the_worst_case_of_net_profit_is_a_cent() -> None:
    found = tied({"throughput": 10.005, "operating_expense": 3.001, "net_profit": 7.004})
    assert found == {"throughput": pytest.approx(10.0), "operating_expense": 3.0, "net_profit": 7.004}
