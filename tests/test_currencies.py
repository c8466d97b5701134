"""Rates by type and validity, and money of jobs in their own currency: every figure worked by hand."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

import product
from tocfin.forecast.cutoff import bridge
from tocfin.forecast.explain import explain
from tocfin.forecast.sides import Side
from tocfin.forecast.spans import period_called
from worked.case import plan, tables

#: A plant in dollars reports in euros; one job ends in June, one in July, each earns 100 dollars, one 1,000 yen.
BLOCKS = {
    "plants": "plant, currency, daily_operating_expense, invested_capital\n P, USD, 10, 1000",
    "resources": "resource, drum, standard_hourly_cost\n R, true, 1",
    "capacity_intervals": "resource, start, end, interval_type\n R, 2026-06-01T08:00Z, 2026-06-01T10:00Z, Online",
    "jobs": "job, revenue, shipping_cost, currency\n A, 100, 10, \n B, 100, 0, \n C, 1000, 0, JPY",
    "manufacturing_orders": "manufacturing_order, job\n MA, A\n MB, B\n MC, C",
    "operations": "operation, manufacturing_order\n A, MA\n B, MB\n C, MC",
    "activities": """
        activity, operation, resource, start, end
        A, A, R, 2026-06-01T08:00Z, 2026-06-01T09:00Z
        B, B, R, 2026-07-02T08:00Z, 2026-07-02T09:00Z
        C, C, R, 2026-06-01T09:00Z, 2026-06-01T10:00Z""",
}
RATES = """
    currency, rate_type, valid_from, rate
    USD, average, 2026-01-01, 0.8
    USD, average, 2026-07-01, 0.5
    USD, closing, 2026-05-31, 0.75
    USD, closing, 2026-06-02, 0.1
    JPY, budget, 2026-01-01, 0.01"""


def rows(rates: str | None) -> dict[str, Any]:
    found: dict[str, Any] = tables(**BLOCKS)
    if rates is not None:
        header, *lines = [[cell.strip() for cell in line.split(",")] for line in rates.strip().split("\n")]
        found["exchange_rates"] = [dict(zip(header, line, strict=True)) for line in lines]
    return found


def figures(rates: str | None, **told: Any) -> dict[str, float | None]:
    content = plan(horizon_end="2026-08-01T00:00:00Z", exchange_rates={"USD": 0.9, "JPY": 0.02} | told)
    content["plan"]["currency"] = "EUR"
    found = product.evaluate(content, rows(rates), policy="reconciled")
    return {name: figure.value for name, figure in found.items()}


def test_budget_rates_of_the_plan_hold_and_a_job_has_its_own_currency() -> None:
    found = figures(None)
    assert found["throughput"] == pytest.approx(0.9 * (100 - 10) + 0.9 * 100 + 0.02 * 1000)
    assert found["operating_expense"] == pytest.approx(0.9 * (10 + 2))
    assert found["investment"] == pytest.approx(0.9 * 1000)


def test_flows_take_the_average_of_their_day_and_stocks_the_closing_rate_of_the_clock() -> None:
    found = figures(RATES)
    assert found["throughput"] == pytest.approx(0.8 * (100 - 10) + 0.5 * 100 + 0.01 * 1000)
    assert found["operating_expense"] == pytest.approx(0.8 * (10 + 2))
    assert found["investment"] == pytest.approx(0.75 * 1000)


def test_a_rate_that_is_not_valid_yet_is_an_error_with_its_place() -> None:
    late = "currency, rate_type, valid_from, rate\n USD, average, 2026-06-15, 0.8"
    content = plan(horizon_end="2026-08-01T00:00:00Z", exchange_rates={"USD": 0.9, "JPY": 0.02})
    content["plan"]["currency"] = "EUR"
    found = product.dataset(content, rows(late))
    said = [finding for finding in found.findings if finding.grade == "error"]
    assert [(finding.table, finding.row, finding.column) for finding in said] == [("plants", 2, "currency")]
    assert "'USD' has no exchange rate on 2026-06-01" in said[0].message


def side(name: str, rates: str, **blocks: str) -> Side:
    content = plan(horizon_end="2026-08-01T00:00:00Z", exchange_rates={"USD": 0.9, "JPY": 0.02})
    content["plan"]["currency"] = "EUR"
    given = tables(**{**BLOCKS, **blocks}) | {"exchange_rates": rows(rates)["exchange_rates"]}
    return Side(name, replace(product.dataset(content, given), name=name))


def drivers(a: Side, b: Side) -> dict[str, float]:
    (found,) = explain(a, b, ["throughput"], by=["driver"], policy="reconciled").kpis
    return {part.name: float(part.amount) for part in found.views["driver"] if part.amount}


def test_other_rates_from_a_date_on_are_currency_and_nothing_else() -> None:
    """In July the dollar is worth 0.6 instead of 0.5: B earns 10 more."""
    later = RATES.replace("2026-07-01, 0.5", "2026-07-01, 0.6")
    assert drivers(side("a", RATES), side("b", later)) == pytest.approx({"currency": 10})


def test_a_job_that_ends_in_another_month_takes_its_rate_along() -> None:
    """B ends on the 30th of June and not in July: at 0.8 instead of 0.5 it earns 30 more, and that is timing."""
    sooner = BLOCKS["activities"].replace("2026-07-02", "2026-06-30")
    yen = RATES.replace("JPY, budget, 2026-01-01, 0.01", "JPY, budget, 2026-01-01, 0.02")
    amounts = drivers(side("a", RATES), side("b", yen, activities=sooner))
    assert amounts == pytest.approx({"timing": 30, "currency": 10})


def test_a_job_paid_in_another_currency_is_currency() -> None:
    jobs = BLOCKS["jobs"].replace("1000, 0, JPY", "1000, 0, USD")
    amounts = drivers(side("a", RATES), side("b", RATES, jobs=jobs))
    assert amounts == pytest.approx({"currency": 1000 * (0.8 - 0.01)})


def test_what_is_completed_before_the_close_is_worth_the_rate_of_its_job() -> None:
    dataset = side("a", RATES).dataset
    done = dataset.tables["activities"].with_columns(actual_start="start", actual_end="end")
    june = period_called(dataset, "2026-06")
    found = bridge(replace(dataset, tables={**dataset.tables, "activities": done}), june, june.end)
    assert found.completed == (2, pytest.approx(100 * 0.8 + 1000 * 0.01))
