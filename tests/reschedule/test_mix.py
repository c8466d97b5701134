"""Product mix: the published P&Q example, and a plant where the ranking loses (kpi.md 4.1 and 2)."""

from __future__ import annotations

import pytest

from tables import PLAN, tables
from tocfin.dataset import Dataset
from tocfin.errors import UsageError
from tocfin.reschedule.mix import Product, from_dataset, mixes

WEEK = 2_400 * 60.0
PQ = [
    Product("P", 100, 45.0, {"A": 900.0, "B": 900.0, "C": 900.0, "D": 900.0}),
    Product("Q", 50, 60.0, {"A": 600.0, "B": 1_800.0, "C": 300.0, "D": 300.0}),
]


def test_p_and_q_come_out_as_published() -> None:
    found = mixes(PQ, dict.fromkeys("ABCD", WEEK), 6_000.0)
    assert found.constraint == "B"
    assert found.load["B"] == pytest.approx(1.25)
    assert [found.rate(product) / 60 for product in PQ] == pytest.approx([3.0, 2.0])
    assert (found.optimum.units, found.proven) == ({"P": 100, "Q": 30}, True)
    assert found.optimum.net_profit == pytest.approx(300.0)
    assert found.greedy == found.optimum


def test_with_two_overloaded_resources_the_ranking_loses() -> None:
    """X is first on A, 10 per hour against 9, and then fills B, so that nothing of A is left for Y to use."""
    products = [
        Product("X", 10, 10.0, {"A": 3_600.0, "B": 7_200.0}),
        Product("Y", 20, 9.0, {"A": 3_600.0, "B": 1_800.0}),
    ]
    found = mixes(products, {"A": 10 * 3_600.0, "B": 12 * 3_600.0}, 50.0)
    assert found.constraint == "A"
    assert found.greedy.units == {"X": 6, "Y": 0}
    assert found.greedy.throughput == pytest.approx(60.0)
    assert found.optimum.units == {"X": 4, "Y": 6}
    assert found.optimum.net_profit == pytest.approx(94.0 - 50.0)


def test_whole_units_only() -> None:
    """Half a big one would bring 50; none of it fits, a small one does."""
    found = mixes([Product("big", 1, 100.0, {"A": 7_200.0}), Product("small", 1, 1.0, {"A": 60.0})], {"A": 3_600.0}, 0)
    assert found.optimum.units == {"big": 0, "small": 1}


def test_without_products_or_limits_there_is_no_mix() -> None:
    with pytest.raises(UsageError, match="needs products"):
        mixes([], {"A": 1.0}, 0.0)
    with pytest.raises(UsageError, match="every mix is possible"):
        mixes([Product("P", 1, 1.0, {})], {"A": 1.0}, 0.0)


def test_p_and_q_as_a_data_set_come_out_as_published() -> None:
    """Five days of eight hours; B is planned into the next week, because all demand does not fit."""
    minutes = {"P": {"A": 15, "B": 15, "C": 15, "D": 15}, "Q": {"A": 10, "B": 30, "C": 5, "D": 5}}
    demand, revenue, material = {"P": 100, "Q": 50}, {"P": 9_000.0, "Q": 5_000.0}, {"P": 4_500.0, "Q": 2_000.0}
    monday, free = PLAN.clock + 8 * 3_600, dict.fromkeys("ABCD", 0)

    def taken(resource: str, seconds: int) -> dict[str, int]:
        begin, free[resource] = free[resource], free[resource] + seconds
        return {"start": _worked(monday, begin), "end": _worked(monday, free[resource] - 1) + 1}

    plant = tables(
        plants=[{"daily_operating_expense": 1_200.0}],
        resources=[{"resource": key, "calendar": "day", "standard_hourly_cost": 0.0} for key in "ABCD"],
        calendars=[{"calendar": "day"}],
        items=[{"item": key, "item_type": "FinishedGood"} for key in "PQ"],
        jobs=[{"job": f"J{key}", "product": key, "quantity": demand[key], "revenue": revenue[key],
               "material_cost": material[key], "need_date": monday} for key in "PQ"],
        manufacturing_orders=[{"manufacturing_order": f"M{key}", "job": f"J{key}"} for key in "PQ"],
        operations=[{"operation": f"{key}{r}", "manufacturing_order": f"M{key}"} for key in "PQ" for r in "ABCD"],
        activities=[{"activity": f"{key}{r}", "operation": f"{key}{r}", "resource": r,
                     **taken(r, 60 * minutes[key][r] * demand[key])} for key in "PQ" for r in "ABCD"],
    )  # fmt: skip
    found = from_dataset(Dataset("P and Q", None, PLAN, plant, ()))
    assert found.operating_expense == pytest.approx(6_000.0)
    assert (found.constraint, found.load["B"]) == ("B", pytest.approx(1.25))
    assert found.optimum.units == {"P": 100, "Q": 30}
    assert found.optimum.net_profit == pytest.approx(300.0)


def _worked(monday: int, seconds: int) -> int:
    """When so many seconds of eight-hour weekdays are done."""
    days, rest = divmod(seconds, 8 * 3_600)
    return monday + (days + 2 * (days // 5)) * 86_400 + rest
