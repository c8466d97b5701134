"""What a cell may say: the accept set of every grammar equals the rulings, and nothing is changed on the way (R20)."""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from plant import TABLES, places, told, write

from tocfin.catalogue import BY_NAME
from tocfin.catalogue import TABLES as CATALOGUE
from tocfin.dataset import read
from tocfin.dataset.checked import checked
from tocfin.dataset.tables import Raw

_NUMERIC = ("number", "integer")
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)


def accepted(table: str, column: str, text: str) -> tuple[Any, list[str]]:
    """What a cell is read as, and the rules it breaks."""
    raw = Raw(BY_NAME[table], "t", pl.DataFrame({"row": [2], column: [text]}))
    found = checked(raw)
    return found.frame[column][0], [finding.rule for finding in raw.findings if finding.grade == "error"]


@given(st.text(alphabet=st.sampled_from("0123456789.eE+-_, x٣"), min_size=1, max_size=9))
@example("1_000")
@example("12,5")
@example("0x10")
@example("nan")
@example("inf")
@example("-Infinity")
@example("٣")
@example("1e400")
@example("1e15")
@example("1000000000000000.1")
@example(" 1")
def test_a_number_is_accepted_exactly_when_the_ruling_says_so(text: str) -> None:
    value, rules = accepted("jobs", "revenue", text)
    legal = _NUMBER.fullmatch(text) is not None and abs(float(text)) <= 1e15
    assert (not rules) == legal
    assert value == (float(text) if legal else None)


@given(st.floats(-1e15, 1e15))
def test_a_written_float_is_read_as_the_same_float(number: float) -> None:
    assert accepted("jobs", "revenue", repr(number)) == (number, [])


@given(st.text(alphabet=st.sampled_from("0123456789+-.e "), min_size=1, max_size=18))
@example("10.0")
@example("1000000000000001")
@example("99999999999999999999")
def test_an_integer_is_digits_and_a_sign(text: str) -> None:
    value, rules = accepted("operations", "sequence", text)
    legal = re.fullmatch(r"[+-]?[0-9]+", text) is not None and abs(int(text)) <= 10**15
    assert (not rules) == legal
    assert value == (int(text) if legal else None)


_TIME = re.compile(r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d(:\d\d)?)(Z|[+-]\d\d:[0-5]\d)?", re.ASCII)


def expected_time(text: str) -> int | None:
    """Seconds since 1970 by the grammar of R20, a time without an offset as UTC; None when it is none."""
    if (found := _TIME.fullmatch(text)) is None:
        return None
    offset = (found[4] or "Z").replace("Z", "+00:00")
    try:
        moment = datetime.fromisoformat(f"{found[1]}T{found[2]}{offset}")
    except ValueError:
        return None
    return round((moment - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds())


@given(
    st.from_regex(
        r"[0-9]{4}-[01][0-9]-[0-3][0-9][T t][0-2][0-9]:[0-6][0-9](:[0-6][0-9])?(Z|z|[+-][0-2][0-9]:?[0-6][0-9])?",
        fullmatch=True,
    )
)
@example("2026-02-28T00:00-00:60")
@example("2026-02-29T00:00Z")
@example("2024-02-29T23:59:59+14:00")
@example("2026-06-01T23:59:60Z")
@example("2026-06-01T24:00Z")
@example("0000-01-01T00:00Z")
@example("2026-06-01")
@example("2026-06-01T00:00:00.5Z")
@example("2026-6-1T00:00Z")
@example("２026-06-01T00:00Z")
@example("2026-06-01T00:00Z ")
def test_a_time_is_accepted_exactly_when_the_ruling_says_so(text: str) -> None:
    value, rules = accepted("periods", "start", text)
    expected = expected_time(text)
    assert (not rules) == (expected is not None)
    assert value == expected


@pytest.mark.parametrize(
    ("table", "column", "text", "value"),
    [
        ("plants", "day_start", "06:30", 23_400),
        ("plants", "day_start", "24:00", None),
        ("plants", "day_start", "6:30", None),
        ("plants", "day_start", "06:30:00", None),
        ("plants", "timezone", "Europe/Berlin", "Europe/Berlin"),
        ("plants", "timezone", "Europe/Atlantis", None),
        ("plants", "timezone", "../etc/passwd", None),
        ("plants", "timezone", "europe/berlin", None),
        ("resources", "drum", "TRUE", True),
        ("resources", "drum", "False", False),
        ("resources", "drum", "1", None),
        ("resources", "drum", "yes", None),
        ("resources", "resource_type", "Machine", "Machine"),
        ("resources", "resource_type", "machine", None),
        ("resources", "units", "1", 1),
        ("resources", "units", "0", None),
        ("operations", "scrap_rate", "1", 1.0),
        ("operations", "scrap_rate", "1.01", None),
        ("items", "cost", "-0.01", None),
        ("inventories", "on_hand_qty", "-3", -3.0),
        ("jobs", "revenue", "-3", -3.0),
        ("precedences", "lag_hours", "-3", -3.0),
        ("targets", "target", "-3", -3.0),
        ("plants", "invested_capital", "-3", -3.0),
        ("exchange_rates", "rate", "0", None),
        ("exchange_rates", "rate", "0.5", 0.5),
        ("exchange_rates", "valid_from", "1970-01-02", 1),
        ("exchange_rates", "valid_from", "1970-02-30", None),
        ("exchange_rates", "valid_from", "01.02.1970", None),
        ("calendars", "days", "Mon-Fri", "Mon-Fri"),
        ("calendars", "days", "Fri-Mon,Wed", "Fri-Mon,Wed"),
        ("calendars", "days", "mon", None),
        ("calendars", "days", "Mon,", None),
        ("calendars", "days", "Mon Tue", None),
        ("calendars", "days", "Mon\n", None),
    ],
)
def test_a_cell_is_what_it_says_or_an_error(table: str, column: str, text: str, value: object) -> None:
    found, rules = accepted(table, column, text)
    assert found == value
    assert bool(rules) == (value is None)


@pytest.mark.parametrize("number", ["nan", "inf", "-inf", "1e999", "NaN", "Infinity"])
@pytest.mark.parametrize(
    ("table", "column"),
    [
        (table.name, column.name)
        for table in CATALOGUE
        for column in table.columns
        if column.kind in ("number", "integer")
    ],
)
def test_no_numeric_column_takes_what_is_not_finite(table: str, column: str, number: str) -> None:
    value, rules = accepted(table, column, number)
    assert value is None
    assert rules
    raw = Raw(BY_NAME[table], "t", pl.DataFrame({"row": [2], column: [float(number)]}))
    assert checked(raw).frame[column][0] is None
    assert any(finding.grade == "error" and finding.column == column for finding in raw.findings)


def test_an_empty_cell_is_missing_whether_quoted_or_not(tmp_path: Path) -> None:
    items = 'item,name,item_type,cost\nRM,,RawMaterial,""\n"",x,Tool,1\n'
    assert places(told(tmp_path, items=items)) == ["items.csv:3: item", "items.csv:2: cost"]


def test_an_empty_finance_cell_is_a_warning_and_stays_empty(tmp_path: Path) -> None:
    plants = "plant,daily_operating_expense,invested_capital\nP1,,1\nP2,5,\n"
    found = read(write(tmp_path, tables={"plants": plants}))
    assert [str(f).split(" is empty")[0] for f in found.findings if f.rule == "not-supplied"] == [
        "plants.csv:2: daily_operating_expense:",
        "plants.csv:3: invested_capital:",
    ]
    assert found.tables["plants"]["daily_operating_expense"].to_list() == [None, 5.0]


def utc(*hours: str) -> list[int | None]:
    return [expected_time(f"2026-06-01T{hour}Z") for hour in hours]


def test_local_times_are_those_of_the_resource_and_of_the_job(tmp_path: Path) -> None:
    found = read(write(tmp_path))
    assert found.tables["activities"]["start"].to_list() == [
        expected_time(f"2026-06-01T{hour}Z") for hour in ("07:00", "09:00")
    ]
    assert found.tables["activities"]["end"].to_list() == [
        expected_time(f"2026-06-01T{hour}Z") for hour in ("08:00", "10:00")
    ]
    assert found.tables["jobs"]["need_date"].to_list() == [expected_time("2026-06-05T12:00Z")] * 2


@pytest.mark.parametrize(("local", "rule"), [("2026-03-29T02:30", "no-such-time"), ("2026-10-25T02:30", "double-time")])
def test_a_local_time_inside_a_clock_change_is_an_error(tmp_path: Path, local: str, rule: str) -> None:
    intervals = (
        f"resource,start,end,interval_type\nR1,{local},2026-12-01T00:00,Online\nR2,{local},2026-12-01T00:00,Online\n"
    )
    found = read(write(tmp_path, tables={"capacity_intervals": intervals}))
    assert [(f.rule, f.row, f.column) for f in found.findings if f.grade == "error"] == [(rule, 2, "start")]
    assert found.tables["capacity_intervals"]["start"].to_list() == [None, expected_time(f"{local}Z")]


def test_one_plant_serves_rows_that_name_none(tmp_path: Path) -> None:
    one = {
        "plants": "plant,timezone,daily_operating_expense,invested_capital\nP1,Asia/Kathmandu,1,1\n",
        "resources": TABLES["resources"].replace("P2", "P1"),
        "jobs": TABLES["jobs"].replace("0012,P2", "0012,"),
        "activities": TABLES["activities"].replace("+02:00", "").replace("Z,", ","),
        "demands": "demand,item,qty,unit_price,due\nD1,RM,1,1,2026-06-05T12:00\n",
    }
    found = read(write(tmp_path, tables=one))
    assert found.ok
    assert found.tables["jobs"]["need_date"][1] == expected_time("2026-06-05T12:00+05:45")
    assert found.tables["demands"]["due"][0] == expected_time("2026-06-05T12:00+05:45")


def test_a_time_whose_plant_nobody_knows_needs_an_offset(tmp_path: Path) -> None:
    demands = "demand,item,qty,unit_price,due\nD1,RM,1,1,2026-06-05T12:00\nD2,RM,1,1,2026-06-05T12:00Z\n"
    assert places(told(tmp_path, demands=demands)) == ["demands.csv:2: due"]


def test_a_target_without_plant_is_in_utc(tmp_path: Path) -> None:
    targets = "kpi,period_start,period_end,target\nthroughput,2026-06-01T00:00,2026-06-08T00:00,5\n"
    found = read(write(tmp_path, tables={"targets": targets}))
    assert found.ok
    assert found.tables["targets"]["period_start"][0] == expected_time("2026-06-01T00:00Z")


def test_half_a_million_equal_faults_stay_two_lines_of_memory() -> None:
    raw = Raw(BY_NAME["items"], "t", pl.DataFrame({"row": range(2, 500_002), "cost": ["x"] * 500_000}))
    checked(raw)
    assert len(raw.findings) == 101
    assert sum(finding.count for finding in raw.findings) == 500_000
    assert math.isclose(raw.findings[-1].count, 499_900)
