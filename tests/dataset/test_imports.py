"""Profiles, finance files and control totals on small sources made here."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tocfin.dataset.imports import Imported, example_finance, import_dataset, profile_names
from tocfin.errors import DatasetError, UsageError

DAY = 86_400
JAN_1 = 1_325_376_000  # 2012-01-01T00:00:00Z
LOG = """case,activity,resource,start,end
A,Turn,M1,2012-01-02 08:00:00,2012-01-02 10:00:00
A,Mill,M2,2012-01-02 10:00:00,2012-01-02 11:30:00
A,Mill,M2,2012-01-02 10:00:00,2012-01-02 11:30:00
B,Turn,M1,2012-01-02 09:00:00,2012-01-02 12:00:00
B,Mill,M2,2012-01-04 09:00:00,2012-01-04 09:00:00
"""
PLAIN = """extends = "eventlog"
[columns]
case = "case"
activity = "activity"
resource = "resource"
start = "start"
end = "end"
"""


def log_import(folder: Path, log: str = LOG, profile: str = PLAIN, finance: str = "", **window: int) -> Imported:
    (folder / "log.csv").write_text(log)
    (folder / "mine.toml").write_text(profile)
    (folder / "finance.toml").write_text(finance)
    return import_dataset(folder / "mine.toml", folder / "log.csv", finance=folder / "finance.toml", **window)


def said(imported: Imported) -> dict[str, str]:
    return {finding.rule: str(finding) for finding in imported.findings}


def total(imported: Imported, name: str) -> tuple[float | None, float | None]:
    return next((one.source, one.imported) for one in imported.totals if one.name == name)


def test_an_event_log_with_columns_of_its_own_becomes_jobs_and_operations_in_time_order(tmp_path: Path) -> None:
    imported = log_import(tmp_path).require()
    assert imported.tables["jobs"]["job"].to_list() == ["A", "B"]
    operations = imported.tables["operations"]
    assert operations["operation"].to_list() == ["A/0001 Turn", "A/0002 Mill", "B/0001 Turn", "B/0002 Mill"]
    assert operations["sequence"].to_list() == [1, 2, 1, 2]
    assert imported.tables["activities"]["work_hours"].to_list() == [2.0, 1.5, 3.0, 0.0]
    assert imported.tables["activities"]["start"][0] == JAN_1 + DAY + 8 * 3600


def test_exact_duplicates_are_counted_dropped_and_told(tmp_path: Path) -> None:
    imported = log_import(tmp_path)
    assert total(imported, "events") == (5.0, 4.0)
    assert total(imported, "exact duplicates") == (1.0, None)
    assert (
        "1 event(s) repeat an earlier one exactly and are left out, with 1.50 hours"
        in said(imported)["exact-duplicate"]
    )


def test_hours_are_summed_and_overlaps_on_one_resource_merged(tmp_path: Path) -> None:
    imported = log_import(tmp_path)
    assert total(imported, "hours, summed") == (8.0, 6.5)
    assert total(imported, "hours, overlaps on one resource merged") == (5.5, 5.5)
    assert total(imported, "pieces of work that start while an earlier one runs on the same resource") == (1.0, 1.0)
    assert total(imported, "pieces of work of length zero") == (1.0, 1.0)


def test_a_log_without_due_dates_takes_the_end_of_the_job_and_says_so(tmp_path: Path) -> None:
    imported = log_import(tmp_path, finance='[jobs.A]\nneed_date = "2012-01-03T00:00:00"\n')
    assert imported.tables["jobs"]["need_date"].to_list() == [JAN_1 + 2 * DAY, JAN_1 + 3 * DAY + 9 * 3600]
    assert "1 row(s) have none" in said(imported)["assumed"]


def test_what_nobody_supplied_stays_empty_and_is_never_0(tmp_path: Path) -> None:
    imported = log_import(tmp_path).require()
    for table, column in (
        ("plants", "daily_operating_expense"), ("plants", "invested_capital"), ("resources", "standard_hourly_cost"),
        ("resources", "overtime_hourly_cost"), ("jobs", "revenue"), ("jobs", "late_penalty_per_day"),
        ("operations", "carrying_cost_per_day"), ("resources", "drum"),
    ):  # fmt: skip
        assert imported.tables[table][column].is_null().all(), column
    assert imported.plan["plan"]["currency"] == "XXX"


def test_the_finance_file_says_what_the_source_lacks_and_later_selectors_win(tmp_path: Path) -> None:
    finance = """[plan]
currency = "EUR"
[plants."*"]
daily_operating_expense = 100
[resources]
standard_hourly_cost = 10
[resources."M?"]
overtime_hourly_cost = 15
[resources.M2]
standard_hourly_cost = 20
drum = true
calendar = "day"
[[calendars]]
calendar = "day"
days = "Mon-Fri"
start_time = "08:00"
end_time = "16:00"
interval_type = "Online"
"""
    imported = log_import(tmp_path, finance=finance).require()
    resources = imported.tables["resources"]
    assert resources["standard_hourly_cost"].to_list() == [10.0, 20.0]
    assert resources["overtime_hourly_cost"].to_list() == [15.0, 15.0]
    assert resources["drum"].to_list() == [None, True]
    assert imported.tables["calendars"].select("start_time", "end_time").row(0) == (8 * 3600, 16 * 3600)
    assert imported.plan["plan"]["currency"] == "EUR"


@pytest.mark.parametrize(
    ("finance", "rule", "told"),
    [
        ("[resource.M1]\ndrum = true\n", "unknown-key", "did you mean 'resources'?"),
        ("[resources.M1]\nstandard_hour_cost = 1\n", "unknown-key", "did you mean 'standard_hourly_cost'?"),
        ("[resources.N1]\ndrum = true\n", "selects-nothing", "matches no row of resources"),
        ("[resources.M1]\nstandard_hourly_cost = -1\n", "out-of-range", "below 0"),
        ('[resources.M1]\nstandard_hourly_cost = "12,5"\n', "not-a-number", "'12,5'"),
        ("[resources.M1]\nplant = 'x'\n", "unknown-key", "plant"),
        ("jobs = 3\n", "wrong-type", "[jobs]"),
        ("plan = 3\n", "wrong-type", "[plan]"),
        ("calendars = 3\n", "wrong-type", "[[calendars]]"),
        ("calendars = [3]\n", "wrong-type", "'3' should be a table"),
        ("[plan]\nclok = 1\n", "unknown-key", "did you mean 'clock'?"),
        ("[source]\ntimezone = 'Europe/Berlyn'\n", "unknown-zone", "Europe/Berlyn"),
        ("[availability]\ndays = 'Mon-Fri'\n", "selects-nothing", "no hours a week"),
        ("[plan\n", "unreadable", "TOML"),
    ],
)
def test_a_faulty_finance_file_is_an_error_with_its_place(tmp_path: Path, finance: str, rule: str, told: str) -> None:
    imported = log_import(tmp_path, finance=finance)
    assert not imported.ok
    faults = [finding for finding in imported.findings if finding.grade == "error"]
    assert [finding.rule for finding in faults] == [rule]
    assert told in str(faults[0])
    assert faults[0].file == "finance.toml"
    with pytest.raises(DatasetError, match=r"finance\.toml"):
        imported.require()


def test_items_without_a_cost_are_left_out_unless_the_finance_file_states_it(tmp_path: Path) -> None:
    log = "case,activity,resource,start,end,part\nA,T,M,2012-01-02T08:00,2012-01-02T09:00,Bolt\n"
    profile = PLAIN + 'product = "part"\n'
    unknown = log_import(tmp_path, log, profile).require()
    assert unknown.tables["items"].height == 0
    assert unknown.tables["jobs"]["product"].to_list() == [None]
    known = log_import(tmp_path, log, profile, "[items.Bolt]\ncost = 2.5\n").require()
    assert known.tables["jobs"]["product"].to_list() == ["Bolt"]
    assert known.tables["items"]["cost"].to_list() == [2.5]


def test_local_times_are_read_in_the_declared_zone_and_a_time_that_exists_twice_is_refused(tmp_path: Path) -> None:
    finance = '[plants."*"]\ntimezone = "Europe/Berlin"\n'
    imported = log_import(tmp_path, finance=finance).require()
    assert imported.tables["activities"]["start"][0] == JAN_1 + DAY + 7 * 3600
    assert imported.tables["plants"]["timezone"].to_list() == ["Europe/Berlin"]
    double = "case,activity,resource,start,end\nA,T,M,2012-10-28 02:30:00,2012-10-28 04:00:00\n"
    refused = log_import(tmp_path, double, finance=finance)
    assert "log.csv:2: Start" not in said(refused)["daylight-saving"]
    assert "log.csv:2: start: this time exists twice in Europe/Berlin" in said(refused)["daylight-saving"]


def test_faults_of_the_source_name_its_file_row_and_column(tmp_path: Path) -> None:
    log = LOG.replace("2012-01-02 11:30:00", "soon", 1).replace("B,Turn,M1", ",Turn,M1")
    imported = log_import(tmp_path, log)
    assert {str(finding).split(":")[1] for finding in imported.findings} == {"3", "5"}
    assert said(imported)["not-a-time"].startswith("log.csv:3: end: 'soon'")
    assert said(imported)["empty-cell"].startswith("log.csv:5: case:")
    missing = log_import(tmp_path, "case,activity,resource,start,finish\nA,T,M,2012-01-02T08:00,2012-01-02T09:00\n")
    assert said(missing)["missing-column"].startswith("log.csv:1: end: is missing")


def test_junk_and_missing_files_are_findings_or_usage_errors_never_a_crash(tmp_path: Path) -> None:
    folder = tmp_path / "empty"
    folder.mkdir()
    assert "WorkOrder.parquet" in str(import_dataset("adventureworks", folder).findings[0])
    (tmp_path / "junk.csv").write_bytes(bytes(range(256)))
    assert not import_dataset("eventlog", tmp_path / "junk.csv").ok
    (tmp_path / "junk.parquet").write_bytes(b"PAR1junk")
    assert not import_dataset("eventlog", tmp_path / "junk.parquet").ok
    with pytest.raises(UsageError, match="no such file"):
        import_dataset("eventlog", tmp_path / "nowhere")
    with pytest.raises(UsageError, match="did you mean 'frepple'"):
        import_dataset("freple", tmp_path)


def test_a_window_keeps_the_jobs_on_hand_and_the_control_totals_tie_out(tmp_path: Path) -> None:
    imported = log_import(tmp_path, start=JAN_1 + 2 * DAY, end=JAN_1 + 4 * DAY).require()
    assert imported.tables["jobs"]["job"].to_list() == ["B"]
    assert imported.tables["activities"].height == 2
    assert total(imported, "hours, summed") == (3.0, 3.0)
    assert "1 job(s) are left out" in said(imported)["outside-window"]
    assert imported.plan["plan"]["clock"].isoformat() == "2012-01-03T00:00:00+00:00"
    assert imported.plan["control_totals"]["jobs"]["rows"] == 1


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ('[tables.jobz]\nfrom = "case"\n', "did you mean 'jobs'?"),
        ("[tables.jobs.columns]\nrevenu = 1\n", "did you mean 'revenue'?"),
        ("[source.log]\n", "did you mean 'sources'?"),
        ('[sources.log.columns]\nhours = "nummer"\n', "did you mean 'number'?"),
        ("[derived.event]\nadd = 3\n", "derived.event.add"),
        ("[sources.more]\nfile = 'x'\n", "sources.more.columns"),
        ("[profile]\nadapter = 'frepel'\n", "did you mean 'frepple'?"),
    ],
)
def test_a_profile_with_an_unknown_word_is_refused_with_the_nearest_one(tmp_path: Path, change: str, told: str) -> None:
    with pytest.raises(UsageError) as refused:
        log_import(tmp_path, profile=PLAIN + change)
    assert told in str(refused.value)


def test_a_mapping_that_cannot_be_carried_out_is_a_finding_about_the_profile(tmp_path: Path) -> None:
    imported = log_import(tmp_path, profile=PLAIN + "[tables.jobs.columns]\nrevenue = { tims = [1, 2] }\n")
    assert "'tims' is not a verb; did you mean 'times'?" in said(imported)["profile-fault"]
    gone = log_import(tmp_path, profile=PLAIN + '[tables.jobs.columns]\nrevenue = "turnover"\n')
    assert "turnover" in said(gone)["profile-fault"]
    assert not gone.ok


@pytest.mark.parametrize(
    "mapping", ["join = 3", "join = [{}]", "where = 3", "group_by = 3", 'from = ["log"]', 'join = [{ with = "log" }]']
)
def test_a_mapping_of_the_wrong_shape_is_a_finding_too(tmp_path: Path, mapping: str) -> None:
    imported = log_import(
        tmp_path, profile=f"{PLAIN}[derived.odd]\nfrom = 'log'\n{mapping}\n".replace("from = 'log'\nfrom", "from")
    )
    assert "derived.odd" in said(imported)["profile-fault"]


def test_every_shipped_profile_has_an_example_finance_file() -> None:
    assert profile_names() == ("adventureworks", "erpnext", "eventlog", "frepple", "odoo", "orderlist")
    assert all(example_finance(name).is_file() for name in profile_names())


RECORDS: list[tuple[str, dict[str, Any]]] = [
    ("common.parameter", {"name": "currentdate", "value": "2021-01-01 00:00:00"}),
    ("input.location", {"name": "everywhere"}),
    ("input.location", {"name": "plant", "available_id": "weekdays", "owner_id": "everywhere"}),
    ("input.item", {"name": "all"}),
    ("input.item", {"name": "desk", "cost": "100", "owner_id": "all"}),
    ("input.item", {"name": "leg", "cost": 10, "owner_id": "all"}),
    ("input.item", {"name": "wood", "cost": 4, "owner_id": "all"}),
    ("input.operation", {"name": "build", "type": "time_per", "priority": 1, "item_id": "desk", "location_id": "plant",
                         "duration": "1800.0", "duration_per": "3600.0"}),
    ("input.operation", {"name": "saw", "type": "time_per", "priority": 1, "item_id": "leg", "location_id": "plant",
                         "duration": None, "duration_per": "600.0"}),
    ("input.operationmaterial", {"operation_id": "build", "item_id": "desk", "quantity": 1}),
    ("input.operationmaterial", {"operation_id": "build", "item_id": "leg", "quantity": -4}),
    ("input.operationmaterial", {"operation_id": "saw", "item_id": "leg", "quantity": 2}),
    ("input.operationmaterial", {"operation_id": "saw", "item_id": "wood", "quantity": -1}),
    ("input.operationresource", {"operation_id": "build", "resource_id": "bench"}),
    ("input.operationresource", {"operation_id": "saw", "resource_id": "blade"}),
    ("input.resource", {"name": "bench", "location_id": "plant", "maximum": 1, "maximum_calendar_id": "always"}),
    ("input.resource", {"name": "blade", "location_id": "plant", "maximum": 1}),
    ("input.buffer", {"item_id": "leg", "location_id": "plant", "onhand": 3}),
    ("input.calendarbucket", {"calendar_id": "weekdays", "value": 1, "priority": 100, "days": 62,
                              "startdate": "2021-01-01 00:00:00", "enddate": "2021-02-01 00:00:00",
                              "starttime": "00:00:00", "endtime": "23:59:59"}),
    ("input.calendarbucket", {"calendar_id": "always", "value": 2, "priority": 100, "days": 127,
                              "startdate": None, "enddate": None,
                              "starttime": "00:00:00", "endtime": "23:59:59"}),
    ("input.calendarbucket", {"calendar_id": "always", "value": 0, "priority": 9, "days": 127,
                              "startdate": "2021-01-13 00:00:00", "enddate": "2021-01-14 00:00:00",
                              "starttime": "00:00:00", "endtime": "23:59:59"}),
    ("input.demand", {"name": "D1", "item_id": "desk", "quantity": 3, "due": "2021-01-20 00:00:00", "status": "open",
                      "location_id": "plant"}),
    ("input.demand", {"name": "D0", "item_id": "desk", "quantity": 9, "due": "2020-01-20 00:00:00", "status": "closed",
                      "location_id": "plant"}),
    ("input.operationplan", {"reference": "PO1", "type": "PO", "status": "confirmed", "quantity": 5, "item_id": "wood",
                             "enddate": "2021-01-05 00:00:00", "location_id": "plant"}),
]  # fmt: skip


def frepple(folder: Path, text: str | None = None) -> Imported:
    records = [{"model": model, "fields": fields} for model, fields in RECORDS]
    (folder / "export.json").write_text(json.dumps(records) if text is None else text)
    return import_dataset("frepple", folder / "export.json")


def test_a_frepple_demand_is_exploded_over_the_bill_of_material(tmp_path: Path) -> None:
    imported = frepple(tmp_path).require()
    orders = imported.tables["manufacturing_orders"].select("manufacturing_order", "product", "quantity")
    assert orders.rows() == [("D1", "desk", 3.0), ("D1 / leg", "leg", 12.0)]
    assert imported.tables["operations"]["run_hours"].to_list() == [0.5 + 3.0, 1.0]  # 12 legs are 6 runs of 2
    needs = imported.tables["material_requirements"].select("operation", "item", "required_qty").rows()
    assert needs == [("D1: build", "leg", 12.0), ("D1 / leg: saw", "wood", 6.0)]
    assert imported.tables["precedences"].select("predecessor", "successor").rows() == [("D1 / leg: saw", "D1: build")]
    kinds = dict(imported.tables["items"].select("item", "item_type").rows())
    assert kinds == {"desk": "FinishedGood", "leg": "Intermediate", "wood": "RawMaterial"}
    assert imported.tables["activities"].height == 0
    assert "none of the 1 jobs is scheduled" in said(imported)["no-schedule"]
    assert total(imported, "stock at item cost") == (30.0, 30.0)
    assert total(imported, "open demands at item cost") == (300.0, 300.0)


def test_frepple_calendars_are_read_bit_by_bit_and_closures_of_a_resource_join_those_of_its_location(
    tmp_path: Path,
) -> None:
    imported = frepple(tmp_path).require()
    assert dict(imported.tables["resources"].select("resource", "calendar").rows()) == {
        "bench": "weekdays + always",
        "blade": "weekdays",
    }
    assert imported.tables["resources"]["units"].to_list() == [2, 1]
    shifts = imported.tables["calendars"].select("calendar", "days", "interval_type", "valid_from", "valid_to").rows()
    week = ("weekdays", "Mon,Tue,Wed,Thu,Fri", "Online", 18_628, 18_658)
    assert week in shifts
    closed = ("weekdays + always", "Sun,Mon,Tue,Wed,Thu,Fri,Sat", "Offline", 18_640, 18_640)
    assert closed in shifts


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[",
        '[{"model": "input.item", "model": "input.item", "fields": {}}]',
        "[1]",
        "[" * 100_000,
        '[{"fields": NaN}]',
        "{}",
    ],
)
def test_json_that_is_not_an_export_is_refused_without_a_crash(tmp_path: Path, text: str) -> None:
    assert not frepple(tmp_path, text).ok


def test_a_circular_bill_of_material_is_refused(tmp_path: Path) -> None:
    circle = {"operation_id": "saw", "item_id": "desk", "quantity": -1}
    records = [{"model": m, "fields": f} for m, f in [*RECORDS, ("input.operationmaterial", circle)]]
    imported = frepple(tmp_path, json.dumps(records))
    assert "circular" in said(imported)["cycle"]
