"""Control totals beside what was read and set aside; rows set aside and put back: nothing is ever lost on the way."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import plant
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tables import PLAN, tables
from tocfin.dataset import Dataset, read
from tocfin.dataset.controls import Control, compared
from tocfin.dataset.plan import build
from tocfin.dataset.setaside import rejoin, set_aside
from tocfin.dataset.write import plan_toml, write
from tocfin.errors import DatasetError, UsageError

TOTALS = """
[control_totals]
tolerance = 0.01
[control_totals.jobs]
rows = 2
revenue = 20001
[control_totals.activities]
hours = 3.0
[control_totals.inventories]
value = 6000
[control_totals.inventories.value_by_warehouse]
W1 = 6000
"""
FAULTY = plant.TABLES["activities"].replace("A1,O1,R1", "A1,O1,CNC-9")


def controls(dataset: Dataset) -> dict[str, Control]:
    return {control.name: control for control in dataset.controls}


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


def test_control_totals_compare_rows_columns_hours_and_stock_by_warehouse(tmp_path: Path) -> None:
    found = read(plant.write(tmp_path / "tiny", plant.PLAN + TOTALS)).require()
    by_name = controls(found)
    assert by_name["jobs.revenue"] == Control("jobs", "revenue", None, 20001.0, 20001.0, 0.0, 0.0, True)
    assert by_name["inventories.value_by_warehouse.W1"].imported == 6000.0
    assert by_name["activities.hours"].difference == 1.0
    told = [str(finding) for finding in found.findings if finding.rule == "control-total"]
    assert told == [
        "plan.toml: control_totals.activities.hours: the source states 3; 2 were read and 0 set aside: 1 are missing"
    ]


@pytest.mark.parametrize(("revenue", "agrees"), [("20001.01", True), ("20001.011", False), ("20000.98", False)])
def test_a_sum_may_differ_by_the_tolerance_and_rows_by_nothing(tmp_path: Path, revenue: str, agrees: bool) -> None:
    found = read(plant.write(tmp_path / "t", plant.PLAN + TOTALS.replace("revenue = 20001", f"revenue = {revenue}")))
    assert controls(found)["jobs.revenue"].agrees is agrees
    found = read(plant.write(tmp_path / "t", plant.PLAN + TOTALS.replace("rows = 2", "rows = 3")))
    assert not controls(found)["jobs.rows"].agrees


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("[control_totals.jobs]\nturnover = 3", "control_totals.jobs.turnover: is not a key"),
        ("[control_totals.jobs]\nrevenue_by_colour = { a = 1 }", "control_totals.jobs.revenue_by_colour"),
        ("[control_totals.jobs]\nrevenue_by_customer = 3", "revenue_by_customer: is a value"),
        ("[control_totals]\ntolerance = -1", "control_totals.tolerance: '-1' is below 0"),
        (f"[control_totals.jobs]\nrows = {10**400}", "control_totals.jobs.rows"),
    ],
)
def test_a_control_total_that_cannot_be_is_a_fault_of_the_plan(tmp_path: Path, change: str, told: str) -> None:
    assert any(told in line for line in plant.told(tmp_path / "tiny", plant.PLAN + change + "\n"))


def test_control_totals_are_written_and_read_back(tmp_path: Path) -> None:
    before = read(plant.write(tmp_path / "tiny", plant.PLAN + TOTALS)).require()
    assert before.plan is not None
    again = read(write(before.tables, before.plan, tmp_path / "again"))
    assert again.plan is not None
    assert again.plan.control_totals == before.plan.control_totals
    assert again.plan.control_tolerance == 0.01
    book = read(write(before.tables, before.plan, tmp_path / "again.xlsx"))
    assert book.plan == again.plan
    assert "[control_totals.inventories.value_by_warehouse]" in plan_toml(before.plan)


def test_faulty_rows_and_their_whole_job_are_set_aside_and_every_output_says_so(tmp_path: Path) -> None:
    folder = plant.write(tmp_path / "tiny", plant.PLAN + TOTALS, {"activities": FAULTY})
    left = set_aside(folder, "asked the shop floor", "anna", read)
    assert left.ok
    assert left.tables["jobs"]["job"].to_list() == ["0012"]
    assert left.tables["activities"]["activity"].to_list() == ["A2"]
    assert left.tables["material_requirements"].height == 0
    found = controls(left)
    assert found["jobs.rows"] == Control("jobs", "rows", None, 2.0, 1.0, 1.0, 0.0, True)
    assert found["jobs.revenue"] == Control("jobs", "revenue", None, 20001.0, 1.0, 20000.0, 0.0, True)
    said = next(str(finding) for finding in left.findings if finding.rule == "set-aside")
    assert "1 job(s) and 4 other row(s) with 20,000.00 of revenue and 0.00 h" in said
    assert "(the revenue or hours of 1 rows cannot be read)" in said  # whose 09:00 it is, nobody knows
    assert "set aside by anna on " in said
    assert "'asked the shop floor'" in said
    assert said in [str(finding) for finding in read(folder).findings]


def test_a_repaired_row_brings_the_original_data_set_back(tmp_path: Path) -> None:
    whole = plant.write(tmp_path / "whole", plant.PLAN + TOTALS)
    folder = plant.write(tmp_path / "tiny", plant.PLAN + TOTALS, {"activities": FAULTY})
    set_aside(folder, "later", "anna", read)
    with pytest.raises(DatasetError, match=r"set_aside/activities\.csv:2: resource: 'CNC-9'"):
        rejoin(folder, "anna", read)
    reject = folder / "set_aside" / "activities.csv"
    reject.write_text(reject.read_text("utf-8").replace("A1,O1,CNC-9", "A1,O1,R1"), "utf-8")
    back = rejoin(folder, "ben", read)
    assert back.aside is None
    assert contents(folder) == contents(whole)
    assert all(back.tables[name].equals(table) for name, table in read(whole).tables.items())
    log = (folder / "set_aside" / "log.jsonl").read_text("utf-8").splitlines()
    assert ['"set aside"' in line for line in log] == [True, False]


def test_what_is_still_faulty_is_set_aside_again_and_the_rest_rejoins_in_its_place(tmp_path: Path) -> None:
    jobs = "job,plant,revenue,shipping_cost,late_penalty_per_day,need_date\n" + "".join(
        f"J{n},P1,{'12;5' if n in (3, 5) else n},0,0,2026-06-05T12:00:00Z\n" for n in range(1, 8)
    )
    nothing = {name: plant.TABLES[name].split("\n")[0] + "\n" for name in ("activities", "material_requirements")}
    rest = {name: plant.TABLES[name].split("\n")[0] + "\n" for name in ("manufacturing_orders", "operations")}
    folder = plant.write(tmp_path / "tiny", plant.PLAN, {"jobs": jobs, **nothing, **rest})
    assert set_aside(folder, "first", "anna", read).tables["jobs"].height == 5
    path = folder / "jobs.csv"
    path.write_text(path.read_text("utf-8").replace("J6,P1,6", "J6,P1,six"), "utf-8")
    assert set_aside(folder, "second", "ben", read).tables["jobs"].height == 4
    reject = folder / "set_aside" / "jobs.csv"
    assert [line.split(",")[:2] for line in reject.read_text("utf-8").splitlines()[1:]] == [
        ["4", "anna"], ["6", "anna"], ["7", "ben"],
    ]  # fmt: skip
    reject.write_text(reject.read_text("utf-8").replace("J3,P1,12;5", "J3,P1,3"), "utf-8")
    left = set_aside(folder, "third", "cleo", read, rejoin=True)
    assert left.tables["jobs"]["job"].to_list() == ["J1", "J2", "J3", "J4", "J7"]
    text = reject.read_text("utf-8").replace("12;5", "5").replace("six", "6")
    reject.write_text(text, "utf-8")
    assert rejoin(folder, "anna", read).tables["jobs"]["job"].to_list() == [f"J{n}" for n in range(1, 8)]


def test_a_fault_that_is_not_one_of_a_row_is_not_set_aside_and_nothing_is_changed(tmp_path: Path) -> None:
    folder = plant.write(tmp_path / "tiny", plant.PLAN, {"activities": FAULTY, "warehouses": "warehouse\nW1\n"})
    before = contents(folder)
    with pytest.raises(DatasetError, match="missing"):
        set_aside(folder, "why", "anna", read)
    assert contents(folder) == before
    assert not (folder / "set_aside").exists()
    with pytest.raises(UsageError, match="folder of CSV files"):
        set_aside(tmp_path / "plant.xlsx", "why", "anna", read)


@settings(max_examples=30)
@given(st.data())
def test_totals_before_are_totals_after_plus_set_aside_exactly(data: st.DataObject) -> None:
    """On typed tables, whatever the amounts and whatever part is set aside: rounded once, so to the last bit."""
    amounts = data.draw(st.lists(st.floats(-1e12, 1e12), min_size=1, max_size=40))
    gone = data.draw(st.sets(st.integers(0, len(amounts) - 1)))
    exact = float(sum(map(Fraction, amounts)))
    plan, _ = build({"plan": {}, "control_totals": {"jobs": {"rows": len(amounts), "revenue": exact}}}, "p", "p")
    assert plan is None
    stated = PLAN.__class__(**{**PLAN.__dict__, "control_totals": {"jobs": {"rows": len(amounts), "revenue": exact}}})
    jobs = [{"job": str(at), "revenue": amount} for at, amount in enumerate(amounts)]
    kept = tables(jobs=[job for at, job in enumerate(jobs) if at not in gone])
    aside = {"jobs": tables(jobs=[job for at, job in enumerate(jobs) if at in gone])["jobs"]}
    rows, revenue = compared(stated, kept, aside)
    assert (rows.difference, rows.agrees) == (0.0, True)
    assert revenue.agrees
    left = sum(Fraction(amount) for at, amount in enumerate(amounts) if at not in gone)
    lost = sum(Fraction(amount) for at, amount in enumerate(amounts) if at in gone)
    assert (revenue.imported, revenue.set_aside) == (float(left), float(lost))
    assert revenue.difference == float(Fraction(exact) - left - lost)
