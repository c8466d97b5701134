from dataclasses import replace

import pytest

from tables import PLAN, tables
from tocfin.dataset.checks import check


def doubts(rule, plan=PLAN, **rows):
    found = [one for one in check(tables(**rows), plan) if one.rule == rule]
    assert all(one.grade == "warning" for one in found)
    return [(one.table, one.row, one.column) for one in found]


def test_an_item_that_costs_nothing_is_told_only_with_stock():
    items = [{"item": "I1", "cost": 0}, {"item": "I2", "cost": 0}, {"item": "I3"}, {"item": "I4", "cost": 0}]
    stock = [{"item": "I1"}, {"item": "I3"}, {"item": "I4", "on_hand_qty": 0}]
    assert doubts("zero-cost-item", items=items, inventories=stock) == [("items", 2, "cost")]


def test_negative_stock_is_told_and_zero_is_not():
    stock = [{"on_hand_qty": -1}, {"item": "I2", "on_hand_qty": 0}, {"item": "I3", "on_hand_qty": None}]
    assert doubts("negative-stock", inventories=stock) == [("inventories", 2, "on_hand_qty")]


def test_an_operation_without_activity_is_told_unless_its_job_is_cancelled():
    plant = {
        "jobs": [{"job": "J1"}, {"job": "J2", "cancelled": True}],
        "manufacturing_orders": [{}, {"manufacturing_order": "M2", "job": "J2"}],
        "operations": [{"operation": "O1"}, {"operation": "O2"}, {"operation": "O3", "manufacturing_order": "M2"}],
        "activities": [{"activity": "A1", "operation": "O1"}],
    }
    assert doubts("operation-without-activity", **plant) == [("operations", 3, "operation")]
    everywhere = plant | {"jobs": [{"job": "J1"}, {"job": "J2"}]}
    assert [row for _, row, _ in doubts("operation-without-activity", **everywhere)] == [3, 4]


def test_a_job_without_operations_is_told_unless_it_is_cancelled():
    jobs = [{"job": "J1"}, {"job": "J2"}, {"job": "J3", "cancelled": True}]
    orders = [{"job": "J1"}, {"manufacturing_order": "M2", "job": "J2"}]
    found = doubts("job-without-operations", jobs=jobs, manufacturing_orders=orders, operations=[{"operation": "O1"}])
    assert found == [("jobs", 3, "job")]


def test_activities_without_length_and_longer_than_a_day_are_told():
    start = "2026-06-01T08:00Z"
    ends = [start, "2026-06-02T08:00Z", "2026-06-02T08:01Z"]
    rows = [{"activity": f"A{at}", "start": start, "end": end} for at, end in enumerate(ends)]
    assert doubts("zero-length-activity", activities=rows) == [("activities", 2, "end")]
    assert doubts("long-activity", activities=rows) == [("activities", 4, "end")]


@pytest.mark.parametrize(
    ("resource", "told"),
    [
        ({"drum": True}, False),
        ({"drum": False}, True),
        ({"drum": None}, True),
        ({"drum": True, "active": False}, True),
    ],
)
def test_a_plan_without_an_active_drum_is_told_once(resource, told):
    found = doubts("no-drum", resources=[resource, {"resource": "R2", "drum": False}])
    assert found == ([("resources", None, "drum")] if told else [])


def test_an_inactive_resource_is_told_only_when_work_is_planned_on_it():
    resources = [{"resource": "R1", "active": False}, {"resource": "R2", "active": False}, {"resource": "R3"}]
    activities = [{"activity": "A1", "resource": "R1"}, {"activity": "A2", "resource": "R3"}]
    found = doubts("inactive-resource", resources=resources, activities=activities)
    assert found == [("resources", 2, "active")]


def test_a_sale_without_revenue_is_told_and_work_for_stock_is_not():
    jobs = [
        {"revenue": 0},
        {"revenue": 0, "purpose": "Sale"},
        {"revenue": 0, "purpose": "Stock"},
        {"revenue": 0, "purpose": "Rework"},
        {"revenue": 0, "purpose": "Transfer"},
        {"revenue": 0, "cancelled": True},
        {"revenue": 1},
        {"revenue": None},
    ]
    assert [row for _, row, _ in doubts("sale-without-revenue", jobs=jobs)] == [2, 3]


def losing(cost, *, jobs=({"job": "J1", "revenue": 100},), plan=PLAN, needs=(("O1", "I1", 10),), **more):
    """One order and operation per job; O1 belongs to the first job."""
    rows = {
        "jobs": list(jobs),
        "manufacturing_orders": [
            {"manufacturing_order": f"M{at}", "job": job["job"]} for at, job in enumerate(jobs, 1)
        ],
        "operations": [{"operation": f"O{at}", "manufacturing_order": f"M{at}"} for at, _ in enumerate(jobs, 1)],
        "items": [{"item": "I1", "cost": cost}, {"item": "I2", "cost": 6}],
        "material_requirements": [
            {"operation": operation, "item": item, "required_qty": qty} for operation, item, qty in needs
        ],
    }
    return doubts("item-makes-jobs-lose", plan, **(rows | more))


def test_an_item_that_costs_more_than_its_jobs_earn_is_told():
    assert losing(10.01) == [("items", 2, "cost")]
    assert losing(10) == []


def test_an_item_is_not_told_when_one_job_earns_money_with_it():
    jobs = ({"job": "J1", "revenue": 100}, {"job": "J2", "revenue": 1000})
    assert losing(11, jobs=jobs, needs=(("O1", "I1", 10), ("O2", "I1", 10))) == []
    assert losing(101, jobs=jobs, needs=(("O1", "I1", 10), ("O2", "I1", 10))) == [("items", 2, "cost")]


def test_an_item_is_not_blamed_for_what_another_item_costs():
    assert losing(1, needs=(("O1", "I1", 10), ("O1", "I2", 100))) == [("items", 3, "cost")]


def test_what_is_bought_for_the_job_counts_against_its_items():
    bought = {"operation": "O1", "requirement_type": "BuyDirect", "total_cost": 50}
    needs = [{"operation": "O1", "item": "I1", "required_qty": 10}, bought]
    assert losing(6, material_requirements=needs) == [("items", 2, "cost")]
    assert losing(5, material_requirements=needs) == []


def test_jobs_that_earn_nothing_on_purpose_or_name_their_material_cost_blame_no_item():
    assert losing(11, jobs=({"job": "J1", "revenue": 0},)) == []
    assert losing(11, jobs=({"job": "J1", "revenue": 100, "material_cost": 1},)) == []
    assert losing(11, jobs=({"job": "J1", "revenue": 100, "cancelled": True},)) == []


def test_revenue_and_item_cost_are_compared_in_the_reporting_currency():
    plan = replace(PLAN, exchange_rates={"USD": 1.0, "EUR": 2.0})
    assert losing(11, plan=plan, plants=[{"currency": "EUR"}]) == []
    assert losing(21, plan=plan, plants=[{"currency": "EUR"}]) == [("items", 2, "cost")]
    assert losing(11, plan=plan, jobs=({"job": "J1", "revenue": 100, "currency": "EUR"},)) == []


def test_demands_that_do_not_sum_to_the_revenue_are_told():
    demands = [{"job": "J1", "qty": 3, "unit_price": 20}, {"job": "J1", "qty": 4, "unit_price": 10}, {"qty": 9}]
    found = doubts("demands-differ-from-revenue", jobs=[{"revenue": 101}, {"job": "J2"}], demands=demands)
    assert found == [("jobs", 2, "revenue")]
    assert doubts("demands-differ-from-revenue", jobs=[{"revenue": 100.001}], demands=demands) == []


def test_amounts_are_compared_at_the_rates_of_their_days():
    """An order line of 50 euros due in July, when a euro is worth 3, is the 150 that the job earns."""
    rates = [
        {"currency": "EUR", "rate_type": "average", "valid_from": "2026-01-01", "rate": 2.0},
        {"currency": "EUR", "rate_type": "average", "valid_from": "2026-07-01", "rate": 3.0},
    ]
    line = {"job": "J1", "qty": 10, "unit_price": 5, "currency": "EUR", "due": "2026-07-05T00:00Z"}
    rule = "demands-differ-from-revenue"
    assert doubts(rule, jobs=[{"revenue": 150}], demands=[line], exchange_rates=rates) == []
    assert len(doubts(rule, jobs=[{"revenue": 100}], demands=[line], exchange_rates=rates)) == 1
    assert losing(21, plants=[{"currency": "EUR"}], exchange_rates=rates) == [("items", 2, "cost")]
    assert losing(19, plants=[{"currency": "EUR"}], exchange_rates=rates) == []


def test_demands_in_another_currency_are_converted_and_unknown_ones_passed_over():
    plan = replace(PLAN, exchange_rates={"USD": 1.0, "EUR": 2.0})
    demands = [{"job": "J1", "qty": 10, "unit_price": 5, "currency": "EUR"}]
    assert doubts("demands-differ-from-revenue", plan, jobs=[{"revenue": 100}], demands=demands) == []
    assert len(doubts("demands-differ-from-revenue", plan, jobs=[{"revenue": 50}], demands=demands)) == 1
    strange = [demands[0] | {"currency": "CHF"}]
    assert doubts("demands-differ-from-revenue", plan, jobs=[{"revenue": 50}], demands=strange) == []


def test_warnings_beyond_twenty_are_counted_in_one_line():
    found = [one for one in check(tables(inventories=[{"on_hand_qty": -1}] * 25), PLAN) if one.rule == "negative-stock"]
    assert len(found) == 21
    assert found[-1].count == 5


def test_a_job_closed_short_that_does_not_say_what_it_delivered_is_told():
    jobs = [
        {"job": "J1", "closed_short": True, "delivered_qty": 3.0, "quantity": 9.0},
        {"job": "J2", "closed_short": True, "quantity": 9.0},
        {"job": "J3", "closed_short": True, "delivered_qty": 3.0},
        {"job": "J4", "quantity": 9.0},
    ]
    found = doubts("closed-short-without-quantity", jobs=jobs)
    assert found == [("jobs", 3, "delivered_qty"), ("jobs", 4, "delivered_qty")]


def test_activities_of_a_split_operation_that_do_not_add_up_to_its_quantity_are_told():
    rows = [("O1", "A1", 6.0), ("O1", "A2", 4.0), ("O2", "A1", 6.0), ("O2", "A2", 5.0), ("O3", "A1", 3.0)]
    plant = {
        "jobs": [{"quantity": 10.0}],
        "manufacturing_orders": [{}],
        "operations": [{"operation": name} for name in ("O1", "O2", "O3")],
        "activities": [{"operation": o, "activity": a, "quantity": q} for o, a, q in rows]
        + [{"operation": "O1", "activity": "A2", "resource": "R2", "quantity": 4.0}]
        + [{"operation": "O3", "activity": "A2"}],
    }
    assert doubts("split-quantity", **plant) == [("operations", 3, "quantity")]
