"""The register of assumptions: what a finance file supplied or let derive, and its weight in net profit."""

from __future__ import annotations

import json
from pathlib import Path
from typing import cast

import pytest

from tocfin.assumptions import Register, register
from tocfin.dataset import Dataset, Plan
from tocfin.dataset.imports import Imported, import_dataset
from tocfin.dataset.plan import build
from tocfin.dataset.saving import save
from tocfin.opening import read
from tocfin.report.assumptions import page

LIST = """order,operation,resource,start,end,hours,due,revenue,material_cost
A,10,M1,2026-06-01T08:00,2026-06-01T12:00,4,2026-06-05T00:00,1000,200
A,20,M2,2026-06-01T12:00,2026-06-01T14:00,2,2026-06-05T00:00,1000,200
B,10,M2,2026-06-02T08:00,2026-06-02T13:00,5,2026-06-05T00:00,500,100
"""
FINANCE = """[plan]
clock = 2026-06-01T00:00:00Z
horizon_end = 2026-06-03T00:00:00Z
currency = "EUR"
[source]
who = "Anna"
date = 2026-05-30
[plants."*"]
daily_operating_expense = 50
invested_capital = 1000
[resources."*"]
standard_hourly_cost = 10
calendar = "day"
[resources.M2]
standard_hourly_cost = 20
[jobs]
shipping_cost = 0
late_penalty_per_day = 0
[derive]
overtime_premium = 1.5
carrying_cost_rate = 0.365
drum = "highest load"
[[calendars]]
calendar = "day"
days = "Mon-Sun"
start_time = "08:00"
end_time = "14:00"
interval_type = "Online"
"""


def imported(folder: Path, finance: str = FINANCE) -> Imported:
    (folder / "orders.csv").write_text(LIST, "utf-8")
    (folder / "finance.toml").write_text(finance, "utf-8")
    return import_dataset("orderlist", folder / "orders.csv", finance=folder / "finance.toml")


def registered(folder: Path, finance: str = FINANCE) -> Register:
    made = imported(folder, finance).require()
    plan, _ = build(made.plan, "plan.toml", "plant")
    return register(read(save(Dataset("plant", None, plan, made.tables, made.findings), folder / "plant")))


def lines(found: Register) -> dict[tuple[str, str], tuple[int, float | None, float | None]]:
    return {
        (f"{line.entry.table}.{line.entry.column}", line.entry.selector): (line.rows, line.lower, line.higher)
        for line in found.lines
    }


def test_what_is_asked_for_is_derived_and_only_where_it_is_empty(tmp_path: Path) -> None:
    made = imported(tmp_path, FINANCE.replace("[resources.M2]", "[resources.M2]\novertime_hourly_cost = 7")).require()
    resources = made.tables["resources"]
    assert resources["overtime_hourly_cost"].to_list() == [15.0, 7.0]
    assert resources["drum"].to_list() == [False, True]  # M2 has 7 h, M1 has 4 h
    # no requirements: a job's own material in equal parts, 200 / 2 and 100, x 0.365 / 365 a day
    assert made.tables["operations"]["carrying_cost_per_day"].to_list() == pytest.approx([0.1, 0.1, 0.1])
    assert {finding.column for finding in made.findings if finding.rule == "derived"} == {
        "overtime_hourly_cost", "carrying_cost_per_day", "drum",
    }  # fmt: skip


def test_every_value_is_listed_with_its_weight_in_net_profit(tmp_path: Path) -> None:
    found = registered(tmp_path)
    # T = 1500 - 300; OE = 2 days x 50 + 2 x 6 h x (10 + 20)
    assert found.net_profit == 1200 - 100 - 360
    by_name = lines(found)
    assert by_name["plants.daily_operating_expense", "*"] == (1, pytest.approx(10.0), pytest.approx(-10.0))
    assert by_name["resources.standard_hourly_cost", "*"] == (1, pytest.approx(12.0), pytest.approx(-12.0))  # M1 alone
    assert by_name["resources.standard_hourly_cost", "M2"] == (1, pytest.approx(24.0), pytest.approx(-24.0))
    assert by_name["resources.overtime_hourly_cost", "*"] == (2, 0.0, 0.0)
    assert by_name["resources.calendar", "*"][1:] == (None, None)
    assert by_name["resources.drum", "M2"][1:] == (None, None)
    entry = next(line.entry for line in found.lines if line.entry.column == "invested_capital")
    assert (entry.value, entry.source, entry.who, entry.at) == ("1000", "finance.toml", "Anna", 20_603)
    derived = next(line.entry for line in found.lines if line.entry.column == "overtime_hourly_cost")
    assert (derived.value, derived.source) == ("standard_hourly_cost x 1.5", "derived")


def test_the_register_is_shown_in_every_form(tmp_path: Path) -> None:
    shown = page(registered(tmp_path))
    assert "Net profit (T − OE, not ledger profit): 740.00 EUR" in shown.text("md")
    assert json.loads(shown.text("json"))["assumptions"][0]["who"] == "Anna"
    assert shown.text("csv").startswith("table,column,selector,value,source,who,date,rows,lower,higher")


@pytest.mark.parametrize(
    ("basis", "told"),
    [
        ('item_cost = "full"', "(300.00) and again in the hourly cost of OE (360.00): up to 300.00 EUR"),
        ('hourly_rates = "loaded"', "(360.00) and again in daily_operating_expense: up to 100.00 EUR"),
    ],
)
def test_a_basis_that_counts_a_cost_twice_is_told_with_the_money(tmp_path: Path, basis: str, told: str) -> None:
    found = registered(tmp_path, FINANCE + f"[basis]\n{basis}\n")
    assert [told in finding.message for finding in found.findings] == [True]


def test_a_basis_that_counts_nothing_twice_is_silent(tmp_path: Path) -> None:
    found = registered(tmp_path, FINANCE + '[basis]\nitem_cost = "material"\nhourly_rates = "cash"\n')
    assert found.findings == ()
    plan = cast(Plan, read(tmp_path / "plant").plan)
    assert plan.basis == {"item_cost": "material", "hourly_rates": "cash"}


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("overtime_premium = 0", "0 is not a number above 0"),
        ('drum = "dearest"', 'write "highest load"'),
        ("overtime_premum = 1", "did you mean 'overtime_premium'"),
    ],
)
def test_a_rule_that_cannot_be_followed_is_an_error(tmp_path: Path, change: str, told: str) -> None:
    made = imported(tmp_path, FINANCE.split("[derive]")[0] + f"[derive]\n{change}\n")
    assert any(told in str(finding) for finding in made.findings if finding.grade == "error")
