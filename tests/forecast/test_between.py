"""One period against another: units, what a unit earns and takes, hours and rates, worked by hand."""

from __future__ import annotations

from typing import Any

import pytest

import product
from tocfin.dataset import Dataset
from tocfin.errors import DatasetError
from tocfin.forecast.between import owner
from tocfin.forecast.explain import SPLITS, Explained, explain
from tocfin.forecast.sides import of_dataset
from tocfin.kernels.slots import TERM_NAMES
from tocfin.kpi import KPIS
from tocfin.measure import measure
from worked.case import plan, tables

#: A dollar plant, reported in euros; two jobs in May, three in June, of two products.
BLOCKS = {
    "plants": "plant, currency, daily_operating_expense, invested_capital\n P, USD, 10, 1000",
    "resources": "resource, drum, standard_hourly_cost, overtime_hourly_cost, calendar\n R, true, 1, 2, day",
    "calendars": "calendar, days, start_time, end_time, interval_type\n day, Mon-Fri, 08:00, 16:00, Online",
    "items": "item, item_type, cost\n F, FinishedGood, 5\n G, FinishedGood, 5\n M, RawMaterial, 3",
    "jobs": """
        job, product, quantity, revenue, need_date, late_penalty_per_day
        A, F, 10, 1000, 2026-05-20T00:00Z, 0
        B, G, 10, 500, 2026-05-20T00:00Z, 0
        C, F, 12, 1320, 2026-06-20T00:00Z, 0
        D, G, 3, 150, 2026-06-02T12:00Z, 24
        E, G, 9, 450, 2026-06-20T00:00Z, 0""",
    "manufacturing_orders": "manufacturing_order, job\n A, A\n B, B\n C, C\n D, D\n E, E",
    "operations": "operation, manufacturing_order\n A, A\n B, B\n C, C\n D, D\n E, E",
    "material_requirements": "operation, item, required_qty\n A, M, 20\n B, M, 0\n C, M, 30\n D, M, 0\n E, M, 0",
    "activities": """
        activity, operation, resource, start, end
        A, A, R, 2026-05-04T08:00Z, 2026-05-04T10:00Z
        B, B, R, 2026-05-05T08:00Z, 2026-05-05T10:00Z
        C, C, R, 2026-06-03T08:00Z, 2026-06-03T12:00Z
        D, D, R, 2026-06-02T08:00Z, 2026-06-02T13:00Z
        E, E, R, 2026-06-04T08:00Z, 2026-06-04T09:00Z""",
}  # fmt: skip


def business(rates: str | None = None) -> Dataset:
    found: dict[str, Any] = tables(**BLOCKS)
    if rates is not None:
        header, *lines = [[cell.strip() for cell in line.split(",")] for line in rates.strip().split("\n")]
        found["exchange_rates"] = [dict(zip(header, line, strict=True)) for line in lines]
    content = plan(clock="2026-05-01T00:00:00Z", horizon_end="2026-07-01T00:00:00Z", exchange_rates={"USD": 1.0})
    content["plan"]["currency"] = "EUR"
    return product.dataset(content, found)


def bridged(dataset: Dataset, kpi: str, *by: str) -> tuple[Explained, dict[str, float]]:
    a, b = (of_dataset(dataset, None, name) for name in ("2026-05", "2026-06"))
    (found,) = explain(a, b, [kpi], by=by or ("driver", "term", "product"), threads=1).kpis
    assert all(found.residual(view) == 0 for view in found.views)
    return found, {part.name: float(part.amount) for part in found.views["driver"] if part.amount}


def test_units_and_what_a_unit_comes_to_share_what_they_do_together() -> None:
    """20 units in May, 24 in June, half of each product in both; F sells at 100 and then 110, takes 6 and then 7.5."""
    found, amounts = bridged(business(), "throughput")
    before, after = (94 + 50) / 2, (102.5 + 50 - 1 / 12) / 2  # D is an hour late, at 24 a day: 1/12 on each of 12 units
    expected = {"volume": 4 * (before + after) / 2, "price": 5 * 22, "material usage": -0.75 * 22,
                "late penalty": -22 / 24}  # fmt: skip
    assert amounts == pytest.approx(expected, abs=1e-3)
    assert (found.before, found.after) == (1440, 1829)


def test_ends_are_the_figures_of_the_periods() -> None:
    dataset = business()
    for name, end in (("2026-05", 0), ("2026-06", 1)):
        card = measure(of_dataset(dataset, None, name).dataset)
        for kpi in ("throughput", "operating_expense", "net_profit", "productivity", "drum_utilization"):
            found, _ = bridged(dataset, kpi)
            figure = (found.before, found.after)[end]
            assert float(figure or 0) == pytest.approx(card.figures[kpi].value, abs=1e-4)


def test_more_working_days_are_calendar() -> None:
    """21 weekdays in May 2026 and 22 in June: a day more at 10, and 8 hours at 1."""
    _, amounts = bridged(business(), "operating_expense")
    assert amounts == pytest.approx({"calendar": 18.0})


def test_a_dearer_dollar_is_currency_alone() -> None:
    rates = """
        currency, rate_type, valid_from, rate
        USD, average, 2026-01-01, 0.8
        USD, average, 2026-06-01, 1.0
        USD, closing, 2026-01-01, 0.8
        USD, closing, 2026-06-01, 1.0"""
    _, amounts = bridged(business(rates), "operating_expense")
    may = 21 * 18.0
    assert amounts == pytest.approx({"calendar": 18.0 * 0.9, "currency": 0.2 * (may + may + 18) / 2})
    _, amounts = bridged(business(rates), "net_profit")
    assert set(amounts) == {"price", "volume", "material usage", "late penalty", "calendar", "currency"}


def test_every_view_of_every_kpi_adds_up_between_periods() -> None:
    a, b = (of_dataset(business(), None, name) for name in ("2026-05", "2026-06"))
    for one in explain(a, b, list(KPIS), by=SPLITS, threads=1).kpis:
        assert one.reason is not None or set(one.views) == set(SPLITS)
        assert all(one.residual(view) == 0 for view in one.views)


def test_every_term_has_a_driver() -> None:
    assert {owner(name) for name in TERM_NAMES} <= {
        "price", "material usage", "stock", "timing", "late penalty", "speed", "calendar", "overtime", "assumptions",
    }  # fmt: skip
    assert [owner(name) for name in ("drum_revenue", "late_penalty", "late_days_revenue", "shipping_cost")] == [
        "price", "late penalty", "timing", "assumptions",
    ]  # fmt: skip


def test_other_horizons_without_a_period_are_findings() -> None:
    dataset = business()
    with pytest.raises(DatasetError, match=r"name the period of each"):
        explain(of_dataset(dataset), of_dataset(dataset, None, "2026-05")._replace(period=None))
