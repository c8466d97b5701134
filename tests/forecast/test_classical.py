"""Variances of standard costing beside what they do to cash, and the way from T − OE to the ledger, by hand."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from small_business import small_business
from test_explain import ONE_CAUSE, changed

from tables import tables
from tocfin.errors import UsageError
from tocfin.forecast.explain import Explained, explain
from tocfin.forecast.sides import Side


def lines(a: Side, b: Side, kpi: str = "net_profit") -> dict[str, float]:
    (found,) = explain(a, b, [kpi], by=["variance"], policy="reconciled", threads=1).kpis
    assert found.residual("variance") == 0
    return {part.name: float(part.amount) for part in found.views["variance"] if part.amount}


def test_price_is_on_what_was_used_and_usage_at_the_standard_price() -> None:
    """(AP − SP) × AQ and (AQ − SQ) × SP: the textbook gives what both do together to the price."""
    a = small_business()
    b = changed(a, *ONE_CAUSE["material price"], *ONE_CAUSE["material usage"])
    needs = a.dataset.tables["material_requirements"].join(a.dataset.tables["items"], on="item")
    material = (needs["required_qty"] * needs["cost"]).sum()
    expected = {"material price": -0.1 * 1.3 * material, "usage": -0.3 * material}
    assert lines(a, b, "throughput") == pytest.approx(expected)
    assert lines(a, b) == pytest.approx(expected)


def test_hours_beyond_the_standard_are_absorbed_and_cost_no_cash() -> None:
    """Each of five steps on the mill takes 3.75 h instead of 3, at 40 an hour: 150 that nobody pays."""
    a, b = small_business(jobs=5), small_business(jobs=5, mill=1.25)
    found = lines(a, b)
    assert found["efficiency"] == pytest.approx(-5 * 0.75 * 40)
    assert found["absorbed in OE, no cash effect"] == -found["efficiency"]
    throughput, expense = lines(a, b, "throughput"), lines(a, b, "operating_expense")
    assert expense["efficiency"] == -found["efficiency"]
    assert "efficiency" not in throughput
    late = "longer work: dates and overtime"
    assert found[late] == pytest.approx(throughput.get(late, 0.0) - expense.get(late, 0.0))


def test_the_rate_is_on_paid_hours_and_sales_on_the_price() -> None:
    a = small_business()
    b = changed(a, *ONE_CAUSE["labour rate"], *ONE_CAUSE["price"])
    paid = 3 * 24 * 40.0
    revenue = a.dataset.tables["jobs"]["revenue"].sum()
    assert lines(a, b) == pytest.approx({"rate": -0.1 * paid, "price": -0.1 * revenue})


def test_more_of_all_jobs_is_volume_and_a_dropped_order_another_cause() -> None:
    a = small_business()
    assert set(lines(a, changed(a, *ONE_CAUSE["volume"]), "throughput")) == {"volume"}
    assert set(lines(a, changed(a, *ONE_CAUSE["orders"]), "throughput")) == {"other causes"}


def test_standard_costing_knows_no_other_kpis() -> None:
    with pytest.raises(UsageError, match="--by variance is of throughput, operating_expense, net_profit only"):
        explain(small_business(), small_business(), ["productivity"], by=["variance"])


def ledger(*rows: dict[str, Any]) -> Explained:
    """The small business with a ledger; T is 6,750 less shipping and material, OE 1,000 and 3 × 24 h at 40."""
    side = small_business()
    at = side.dataset.plan.horizon_end - 1  # type: ignore[union-attr]
    actuals = tables(actuals=[{"at": at, "row": i, **row} for i, row in enumerate(rows)])["actuals"]
    b = Side("b", replace(side.dataset, tables={**side.dataset.tables, "actuals": actuals}))
    _, found = explain(side, b, [], by=["ledger"], policy="reconciled", threads=1).kpis
    return found


def test_the_ledger_differs_by_what_it_says_and_the_rest_is_not_explained() -> None:
    before = ledger({"kpi": "net_profit", "value": 0.0}).before
    assert before is not None
    revenue = small_business().dataset.tables["jobs"]["revenue"].sum()
    found = ledger(
        {"kpi": "net_profit", "value": 1_000.0},
        {"kpi": "revenue", "value": revenue + 70.0},
        {"kpi": "operating_expense", "value": 5_000.0},
    )
    assert found.residual("ledger") == 0
    amounts = {part.name: float(part.amount or 0) for part in found.views["ledger"]}
    assert amounts["revenue"] == 70
    assert amounts["operating expense"] == pytest.approx(1_000 + 3 * 24 * 40 - 5_000)
    assert float(found.after or 0) == 1_000
    assert amounts["not explained"] == pytest.approx(1_000 - float(before) - 70 - amounts["operating expense"])


def test_a_ledger_that_does_not_say_enough_has_a_reason() -> None:
    assert "insufficient data: actuals hold no total" in str(ledger().reason)
    assert "insufficient data" in str(ledger({"kpi": "revenue", "value": 1.0}).reason)
    both = ledger({"kpi": "throughput", "value": 9.0}, {"kpi": "operating_expense", "value": 4.0})
    assert float(both.after or 0) == 5
    assert [part.name for part in both.views["ledger"]] == ["throughput", "operating expense", "not explained"]
