"""The shipped profiles on the real data: control totals as its README states them (skipped where it is absent)."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from shared_data import shared_data
from tocfin.dataset import read
from tocfin.dataset.imports import Imported, example_finance, import_dataset
from tocfin.dataset.plan import build
from tocfin.dataset.write import write


def totals(imported: Imported) -> dict[str, tuple[float | None, float | None]]:
    return {one.name: (one.source, one.imported) for one in imported.totals}


def written_and_read(imported: Imported, folder: Path) -> None:
    plan, faults = build(imported.plan, "plan.toml", "imported")
    assert plan is not None
    assert not faults
    again = read(write(imported.tables, plan, folder / "imported", form="parquet"))
    assert again.ok, [str(finding) for finding in again.findings if finding.grade == "error"]
    assert again.plan == plan
    assert len(again.controls) >= 10
    assert all(control.agrees for control in again.controls), again.controls
    for name, table in imported.tables.items():
        assert again.tables[name].equals(table), name


@pytest.fixture(scope="module")
def adventureworks() -> Imported:
    return import_dataset("adventureworks", shared_data("adventureworks"))


@pytest.mark.parametrize(
    ("name", "source", "imported"),
    [
        ("work orders", 72_591, 72_591),
        ("quantity ordered", 4_507_721, 4_507_721),
        ("quantity scrapped", 10_651, 10_651),
        ("work orders ended after due", 22_790, None),
        ("work orders without routing", 29_966, 29_966),
        ("routing rows", 67_131, 67_131),
        ("resource hours", 228_962.2, 228_962.2),
        ("elapsed hours", 67_131 * 264, 67_131 * 264),
        ("resource hours of location 50", 90_321.0, 90_321.0),
        ("elapsed hours of location 50", 30_107 * 264, 30_107 * 264),
        ("routing cost", 3_487_969.50, 3_487_969.50),
        ("bike orders", 12_518, 12_518),
        ("bike orders with a list price valid at their end", 12_351, None),
        ("bike revenue at list prices valid at the end", 141_286_918.0855, None),
        ("bike revenue at current list prices", 145_275_848.42, None),
        ("stock at standard cost", 20_092_679.1712, 20_092_679.1712),
        ("stock at standard cost, made finished", 18_692_895.4672, 18_692_895.4672),
        ("stock at standard cost, made intermediate", 866_845.14, 866_845.14),
        ("stock at standard cost, bought finished", 532_938.564, 532_938.564),
        ("stock at standard cost, raw", 0.0, 0.0),
    ],
)
def test_adventureworks_ties_out_to_its_source(
    adventureworks: Imported, name: str, source: float, imported: float | None
) -> None:
    found = totals(adventureworks)[name]
    assert found[0] == pytest.approx(source, rel=1e-12)
    assert found[1] == (None if imported is None else pytest.approx(imported, rel=1e-12))


def test_the_traps_of_adventureworks_are_told(adventureworks: Imported) -> None:
    said = {finding.rule: finding.message for finding in adventureworks.findings}
    assert adventureworks.ok
    assert "533 stock rows of raw material" in said["zero-cost-raw-material"]
    assert "167 bike orders ended when no list price was valid" in said["no-dated-price"]
    assert "22,790 orders ended after they were due" in said["ended-late"]
    assert "1,347 orders end in them" in said["incomplete-days"]
    assert "29,966 work orders have no routing" in said["no-routing"]
    assert "bike-without-routing" not in said


def test_adventureworks_with_its_finance_example_is_a_data_set(tmp_path: Path) -> None:
    start, end = (int(datetime(2014, month, 1, tzinfo=UTC).timestamp()) for month in (5, 6))
    finance = example_finance("adventureworks")
    imported = import_dataset(
        "adventureworks", shared_data("adventureworks"), finance=finance, start=start, end=end
    ).require()
    found = totals(imported)
    assert found["work orders"][0] == found["work orders"][1] == 4_946
    assert found["resource hours"] == pytest.approx((17_904.9, 17_904.9))
    resources = imported.tables["resources"]
    assert resources.filter(resources["drum"].fill_null(False))["resource"].to_list() == ["50"]
    assert resources.filter(resources["resource"] == "10")["standard_hourly_cost"].item() == 22.5
    calendars = {row["calendar"]: row["end_time"] for row in imported.tables["calendars"].to_dicts()}
    assert calendars["available 10"] == 19 * 3600 + 12 * 60  # 96 h a week are 19.2 h a day
    assert calendars["available 50"] == 0  # 120 h a week are whole days
    written_and_read(imported, tmp_path)


def test_the_4tu_log_ties_out_to_its_source(tmp_path: Path) -> None:
    finance = example_finance("eventlog")
    imported = import_dataset("eventlog", shared_data("production_4tu"), finance=finance).require()
    found = totals(imported)
    assert found["events"] == (4_543, 4_521)
    assert found["cases"] == (225, 225)
    assert found["resources"] == (31, 31)
    assert found["exact duplicates"] == (22, None)
    assert found["hours, summed"] == pytest.approx((14_077.75, 14_049.8666667))
    assert found["hours, overlaps on one resource merged"] == pytest.approx((11_792.2666667, 11_792.2666667))
    assert found["pieces of work of length zero"] == (5, 5)
    assert found["pieces of work longer than 24 h"] == (6, 6)
    assert found["pieces of work with a span of 000:00 and differing timestamps"] == (662, None)
    assert {"exact-duplicate", "zero-span", "zero-length", "over-24-hours", "overlap", "assumed"} <= {
        finding.rule for finding in imported.findings
    }
    resources = imported.tables["resources"]
    assert resources.filter(resources["drum"])["resource"].to_list() == ["Machine 4 - Turning & Milling"]
    written_and_read(imported, tmp_path)


def test_the_frepple_export_ties_out_and_its_missing_rates_are_listed(tmp_path: Path) -> None:
    source = shared_data("frepple", "manufacturing_demo.json")
    imported = import_dataset("frepple", source).require()
    found = totals(imported)
    assert found["stock at item cost"] == (23_800, 23_800)
    assert found["open demands"] == (16, 16)
    assert found["open demands at item cost"] == (50_800, 50_800)
    assert found["resources without an hourly cost"] == (7, 7)
    missing = {
        (finding.row, finding.column)
        for finding in imported.findings
        if finding.rule == "not-supplied" and finding.table == "resources"
    }
    assert missing == {
        (row, column) for row in range(2, 9) for column in ("standard_hourly_cost", "overtime_hourly_cost")
    }
    written_and_read(imported, tmp_path)
    assert import_dataset("frepple", source, finance=example_finance("frepple")).ok


def test_control_totals_are_plain_json(adventureworks: Imported) -> None:
    text = json.dumps([total._asdict() for total in adventureworks.totals], allow_nan=False)
    assert json.loads(text)[0] == {"name": "work orders", "source": 72_591.0, "imported": 72_591.0, "unit": "rows"}
