"""Who earns the throughput, worked by hand; and on drawn plans lines add up, for every policy and any plants."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import product
from cells import Dataset as Drawn
from strategies import datasets
from tables import PLAN, tables
from tocfin.catalogue import PURPOSES
from tocfin.dataset import Dataset
from tocfin.measure import measure
from tocfin.report.scorecard import as_document, as_grids

BEFORE, NOW = "2026-05-30T12:00Z", "2026-06-03T12:00Z"


def card(jobs: list[dict[str, Any]], policy: str = "reconciled", **more: Any) -> Any:
    """A scorecard of jobs J0, J1, ... of one operation each; ``late`` ones end behind the horizon."""
    late = [job.pop("late", False) for job in jobs]
    rows = tables(
        resources=[{"standard_hourly_cost": 0.0}],
        items=[{}, {"item": "P", "item_type": "FinishedGood", "cost": 30.0, "truly_variable_cost": 25.0}],
        jobs=[{"job": f"J{k}", "quantity": 10.0, "need_date": "2026-07-01T00:00Z"} | job for k, job in enumerate(jobs)],
        manufacturing_orders=[{"manufacturing_order": f"M{k}", "job": f"J{k}"} for k in range(len(jobs))],
        operations=[{"operation": f"O{k}", "manufacturing_order": f"M{k}"} for k in range(len(jobs))],
        activities=[
            {"activity": f"A{k}", "operation": f"O{k}"} | ({"end": "2026-06-20T00:00Z"} if late[k] else {})
            for k in range(len(jobs))
        ],
        material_requirements=[{"operation": f"O{k}", "item": "I1", "required_qty": 20.0} for k in range(len(jobs))],
        **more,
    )
    return measure(Dataset("sold", None, PLAN, rows, ()), policy=policy)


def lines(found: Any) -> dict[str, float | None]:
    return {line.name: line.amount for line in found.lines}


def test_jobs_that_are_sold_whole_need_no_lines() -> None:
    assert card([{}, {"purpose": "Sale"}]).lines == ()


def test_purposes_sales_from_stock_and_what_goes_into_stock_are_lines() -> None:
    jobs = [{}, {"purpose": "Stock", "revenue": 0.0}, {"purpose": "Rework", "revenue": 0.0}, {"late": True}]
    sold = [
        {"demand": "D1", "item": "P", "qty": 4.0, "unit_price": 50.0, "due": NOW},
        {"demand": "D2", "item": "P", "qty": 9.0, "unit_price": 50.0, "due": BEFORE},
        {"demand": "D3", "item": "P", "qty": 9.0, "unit_price": 50.0, "due": NOW, "job": "J0"},
    ]
    found = card(jobs, demands=sold)
    assert lines(found) == {
        "sale": 800.0,
        "stock": -200.0,
        "rework": -200.0,
        "throughput": 400.0,
        "from_stock": 4 * (50.0 - 25.0),
        "into_stock": 200.0,  # the truly variable cost of what is sold from stock is taken off there
        "delivered": 700.0,
    }
    assert found.figures["throughput"].value == 400.0
    assert [line.count for line in found.lines] == [1, 1, 1, 3, 1, 1, 5]


def test_parts_count_when_they_are_delivered_and_not_again_with_the_end_of_their_job() -> None:
    jobs = [
        {"delivered_qty": 4.0, "shipped_at": BEFORE},  # ends now: 0.4 of 800 were earned before
        {"delivered_qty": 5.0, "shipped_at": NOW, "late": True},
        {"delivered_qty": 5.0, "shipped_at": NOW},  # ends now as a whole
        {"delivered_qty": 5.0, "shipped_at": BEFORE, "late": True},
        {"delivered_qty": 2.0, "shipped_at": NOW, "cancelled": True},  # what left is sold
        {"delivered_qty": 5.0, "late": True},  # nobody says when
    ]
    assert lines(card(jobs)) == {
        "sale": 1600.0,
        "throughput": 1600.0,
        "parts_delivered": 0.5 * 800 + 0.2 * 800,
        "parts_before": -0.4 * 800,
        "delivered": 1600.0 + 560.0 - 320.0,
    }


def test_what_nobody_supplied_is_not_0() -> None:
    unknown = card([{"delivered_qty": 5.0, "quantity": None, "shipped_at": NOW, "late": True}, {}])
    assert lines(unknown) == {"sale": 800.0, "throughput": 800.0, "parts_delivered": None, "delivered": None}
    foreign = {"demand": "D1", "item": "P", "qty": 4.0, "unit_price": 50.0, "due": NOW, "currency": "CHF"}
    assert lines(card([{}], demands=[foreign]))["from_stock"] is None
    shown = as_document(unknown)["lines"]
    assert [line["value"] for line in shown] == [800.0, 800.0, None, None]
    assert any("not supplied" in row[1] for grid in as_grids(unknown) for row in grid.rows if "Parts" in row[0])


@settings(max_examples=20, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(drawn=datasets(), data=st.data())
def test_lines_add_up_to_the_throughput_of_every_plan(drawn: Drawn, data: st.DataObject) -> None:
    plan, cells = drawn
    for row in cells["jobs"]:
        row["purpose"] = data.draw(st.sampled_from((None, *PURPOSES)))
        row["quantity"], row["delivered_qty"] = "10", data.draw(st.sampled_from((None, "0", "4", "12")))
        row["shipped_at"] = data.draw(st.sampled_from((None, "2026-06-02T00:00:00Z", "2026-03-29T00:00:00Z")))
    cells["demands"] = [
        {"demand": f"D{k}", "item": row["item"], "qty": "3", "unit_price": "70", "due": "2026-03-29T00:00:00Z"}
        for k, row in enumerate(cells["items"])
    ]
    dataset = product.dataset(plan, cells)
    plants = [row["plant"] for row in cells["plants"]]
    for policy in ("published", "reconciled"):
        for shown in ([], plants[:1]):
            found = measure(dataset, policy=policy, plants=shown)
            parts = [line for line in found.lines if line.name not in ("throughput", "delivered")]
            cut = next((k for k, line in enumerate(found.lines) if line.name == "throughput"), None)
            if cut is None:
                continue
            whole = found.figures["throughput"].value
            scale = sum(abs(value) for name, value in found.terms.items() if "_" not in name or "cost" in name)
            assert found.lines[cut].amount == (None if whole is None else pytest.approx(whole, abs=1e-9 * scale + 1e-9))
            amounts = [line.amount for line in parts]
            total = found.lines[-1].amount
            assert total is None if None in amounts else total == pytest.approx(sum(amounts), rel=1e-9, abs=1e-6)
            assert found.lines[cut].amount is None or found.lines[cut].amount == sum(
                line.amount or 0.0 for line in found.lines[:cut]
            )
