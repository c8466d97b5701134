from dataclasses import replace

import pytest

from tables import PLAN, tables
from tocfin.catalogue import TABLES
from tocfin.dataset.checks import check
from tocfin.errors import Finding

EARLY, LATE = "2026-06-01T08:00Z", "2026-06-01T09:00Z"


def faults(rule, **rows):
    return [finding for finding in check(tables(**rows), PLAN) if finding.rule == rule]


def test_an_empty_data_set_has_no_error():
    assert [finding for finding in check(tables(), PLAN) if finding.grade == "error"] == []


@pytest.mark.parametrize(
    ("table", "start", "end", "may_be_equal"),
    [
        ("capacity_intervals", "start", "end", True),
        ("activities", "start", "end", True),
        ("activities", "actual_start", "actual_end", True),
        ("targets", "period_start", "period_end", False),
        ("periods", "start", "end", False),
    ],
)
def test_an_end_before_its_start_is_an_error_at_the_end(table, start, end, may_be_equal):
    (found,) = faults("end-before-start", **{table: [{start: LATE, end: EARLY}]})
    assert (found.grade, found.table, found.row, found.column) == ("error", table, 2, end)
    assert found.value == "2026-06-01T08:00:00Z"
    assert "2026-06-01T09:00:00Z" in found.message
    assert len(faults("end-before-start", **{table: [{start: EARLY, end: EARLY}]})) == (0 if may_be_equal else 1)
    assert faults("end-before-start", **{table: [{start: EARLY, end: LATE}]}) == []
    assert faults("end-before-start", **{table: [{start: None, end: EARLY}, {start: LATE, end: None}]}) == []


def test_a_shift_that_is_never_valid_is_an_error():
    (found,) = faults("end-before-start", calendars=[{"valid_from": "2026-06-02", "valid_to": "2026-06-01"}])
    assert (found.column, found.value) == ("valid_to", "2026-06-01")
    same_day = {"valid_from": "2026-06-02", "valid_to": "2026-06-02"}
    assert faults("end-before-start", calendars=[same_day, {"valid_to": "2026-06-02"}, {}]) == []


def test_material_from_stock_needs_an_item():
    (found,) = faults(
        "from-stock-without-item",
        material_requirements=[{"operation": "O1", "item": "I1"}, {"operation": "O2"}],
    )
    assert (found.row, found.column) == (3, "item")
    assert "O2" in found.message


def test_material_bought_for_a_job_needs_its_cost_and_no_item():
    bought = {"requirement_type": "BuyDirect"}
    (found,) = faults("buy-direct-without-cost", material_requirements=[bought | {"total_cost": 0}, bought])
    assert (found.row, found.column) == (3, "total_cost")
    assert faults("from-stock-without-item", material_requirements=[bought]) == []


def test_a_requirement_of_unknown_type_is_not_judged():
    assert check(tables(material_requirements=[{"requirement_type": None}], resources=[{}]), PLAN) == []


def test_a_job_may_do_without_plant_only_where_there_is_one():
    two = [{"plant": "P1"}, {"plant": "P2"}]
    (found,) = faults("job-without-plant", plants=two, jobs=[{"plant": "P2"}, {"job": "J2"}])
    assert (found.row, found.column) == (3, "plant")
    assert faults("job-without-plant", jobs=[{}]) == []


@pytest.mark.parametrize("table", ["plants", "jobs", "demands"])
def test_a_currency_needs_a_rate_or_is_the_reporting_currency(table):
    plan = replace(PLAN, exchange_rates={"EUR": 1.08})
    rows = [{"currency": "EUR"}, {"currency": "USD"}, {}, {"currency": "CHF"}]
    found = [one for one in check(tables(**{table: rows}), plan) if one.rule == "currency-without-rate"]
    assert [(one.table, one.row, one.column, one.value) for one in found] == [(table, 5, "currency", "CHF")]
    assert "exchange_rates" in found[0].message


def test_without_a_plan_currencies_are_not_judged_and_the_rest_is():
    found = check(tables(plants=[{"currency": "CHF"}], activities=[{"start": LATE, "end": EARLY}]), None)
    assert {one.rule for one in found if one.grade == "error"} == {"end-before-start"}


def test_a_cell_that_was_faulty_is_not_also_called_empty():
    rows = [{"operation": "O1"}, {"operation": "O2"}]
    known = Finding("error", "dangling-key", "material_requirements", 2, "item", "'X' is not in items")
    found = check(tables(material_requirements=rows), PLAN, [known])
    assert [one.row for one in found if one.rule == "from-stock-without-item"] == [3]


@pytest.mark.parametrize("row", [None, 1])
def test_nothing_is_said_of_cells_whose_whole_column_is_faulty(row):
    known = Finding("error", "missing-column", "material_requirements", row, "item", "is missing")
    found = check(tables(material_requirements=[{"operation": "O1"}]), PLAN, [known])
    assert [one for one in found if one.table == "material_requirements"] == []


def test_an_earlier_warning_does_not_silence_an_error():
    known = Finding("warning", "control-character", "material_requirements", 2, "item", "…")
    found = check(tables(material_requirements=[{"operation": "O1"}]), PLAN, [known])
    assert [one.rule for one in found if one.grade == "error"] == ["from-stock-without-item"]


def test_errors_beyond_a_hundred_are_counted_in_one_line():
    found = faults("end-before-start", activities=[{"start": LATE, "end": EARLY}] * 130)
    assert len(found) == 101
    assert (found[-1].count, found[-1].row, found[-1].message) == (30, None, "and 30 more like it")
    assert sum(one.count for one in found) == 130


def test_findings_come_in_file_order_for_any_order_of_the_rows():
    rows = [{"row": 9 - at, "start": LATE, "end": EARLY} for at in range(5)]
    assert [one.row for one in faults("end-before-start", activities=rows)] == [5, 6, 7, 8, 9]


def test_rows_full_of_nulls_never_raise():
    bare = {table.name: [{column.name: None for column in table.columns}] * 2 for table in TABLES}
    found = check(tables(**bare), PLAN)
    assert {one.rule for one in found} <= {"job-without-plant", "no-drum"}
