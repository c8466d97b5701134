"""One workbook: typed cells, named by their place, and files that must not be opened (S12)."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from plant import PLAN, TABLES, errors, write

from tocfin.dataset import read

PLAN_SHEET = [
    ["key", "value"],
    ["clock", "2026-06-01T00:00:00Z"],
    ["horizon_end", "2026-06-08T00:00:00Z"],
    ["currency", "USD"],
    ["periods.boundaries", "2026-06-01T00:00:00Z, 2026-06-08T00:00:00Z"],
    ["exchange_rates.EUR", 1.08],
    ["policy", "reconciled"],
    ["policy.tpdh_hours", "elapsed"],
]
_TEXT = ("plant", "resource", "job", "item", "operation", "activity", "manufacturing_order", "warehouse")


def cells_of(text: str) -> list[list[Any]]:
    """CSV text as a spreadsheet holds it: numbers as numbers, keys as text."""
    head, *rows = [line.split(",") for line in text.splitlines()]
    return [head, *([_cell(name, cell) for name, cell in zip(head, row, strict=True)] for row in rows)]


def _cell(column: str, text: str) -> Any:
    if column in _TEXT:
        return text
    try:
        return float(text)
    except ValueError:
        return {"true": True, "false": False}.get(text, text)


def workbook(path: Path, changed: Mapping[str, list[list[Any]] | None] | None = None) -> Path:
    """The tiny dataset as a workbook; ``changed`` replaces sheets, or leaves one out (None)."""
    sheets = {name: cells_of(text) for name, text in TABLES.items()} | {"plan": PLAN_SHEET}
    with xlsxwriter.Workbook(path, {"default_date_format": "yyyy-mm-dd hh:mm"}) as book:
        clock = book.add_format({"num_format": "hh:mm"})
        for name, rows in {**sheets, **(changed or {})}.items():
            if rows is None:
                continue
            sheet = book.add_worksheet(name)
            for at, row in enumerate(rows):
                for column, cell in enumerate(row):
                    _write(sheet, at, column, cell, clock)
    return path


def _write(sheet: Any, row: int, column: int, cell: Any, clock: Any) -> None:
    if isinstance(cell, str) and not cell.startswith("="):
        sheet.write_string(row, column, cell)
    elif isinstance(cell, time):
        sheet.write_datetime(row, column, cell, clock)
    elif isinstance(cell, datetime | date):
        sheet.write_datetime(row, column, cell)
    elif cell in ("=1/0", "=NA()"):
        sheet.write_formula(row, column, cell, None, "#N/A")
    else:
        sheet.write(row, column, cell)


def test_a_workbook_and_a_folder_of_the_same_tables_are_the_same_data_set(tmp_path: Path) -> None:
    folder = read(write(tmp_path / "tiny"))
    book = read(workbook(tmp_path / "tiny.xlsx"))
    assert errors(book) == []
    assert book.name == "tiny"
    for name, frame in folder.tables.items():
        assert book.tables[name].equals(frame), name
    assert book.plan is not None
    assert folder.plan is not None
    assert (book.plan.clock, book.plan.horizon_end) == (folder.plan.clock, folder.plan.horizon_end)
    assert book.plan.boundaries == (book.plan.clock, book.plan.horizon_end)
    assert book.plan.exchange_rates == {"EUR": 1.08, "USD": 1.0}
    assert (book.plan.policy, book.plan.flags) == ("reconciled", {"tpdh_hours": "elapsed"})


def test_a_unit_in_a_money_cell_is_a_finding_at_its_cell(tmp_path: Path) -> None:
    jobs = cells_of(TABLES["jobs"])
    jobs[2][2] = "12,5 kg"
    (message,) = errors(read(workbook(tmp_path / "a.xlsx", {"jobs": jobs})))
    assert message.startswith("jobs!C3: revenue: '12,5 kg' is not a number")


def test_native_dates_booleans_and_numbers_are_taken_by_their_type(tmp_path: Path) -> None:
    head = ["job", "plant", "revenue", "shipping_cost", "late_penalty_per_day", "need_date", "cancelled", "priority"]
    moment = datetime(2026, 6, 5, 12, 0, 7)
    jobs = [
        head,
        [12.0, "P2", 12.5, "3", 0, moment, True, 3.0],
        ["0012", "P2", 1, 1, 1, date(2026, 6, 5), "false", "4"],
        ["J1", "P1", 1, 1, 1, "2026-06-05T12:00:07", None, None],
    ]
    found = read(workbook(tmp_path / "a.xlsx", {"jobs": jobs}))
    assert errors(found) == []
    table = found.tables["jobs"]
    assert table["job"].to_list() == ["12", "0012", "J1"]
    assert table["revenue"].to_list() == [12.5, 1.0, 1.0]
    assert table["cancelled"].to_list() == [True, False, None]
    assert table["priority"].to_list() == [3, 4, None]
    noon = int(datetime.fromisoformat("2026-06-05T12:00:07+00:00").timestamp())
    assert table["need_date"].to_list() == [noon, noon - 12 * 3600 - 7, noon - 2 * 3600]


def test_clock_and_date_columns_take_native_cells(tmp_path: Path) -> None:
    head = ["calendar", "days", "start_time", "end_time", "interval_type", "valid_from"]
    calendars = [head, ["C", "Mon-Fri", time(6, 30), "14:30", "Online", date(2026, 6, 1)]]
    found = read(workbook(tmp_path / "a.xlsx", {"calendars": calendars}))
    assert errors(found) == []
    assert found.tables["calendars"].row(0)[3:7] == (23_400, 52_200, "Online", 20_605)


@pytest.mark.parametrize(
    ("column", "cell", "told"),
    [
        (5, 46_000.5, "jobs!F3: need_date: '46000.5' is a number; format the cell as date and time"),
        (5, time(8, 30), "jobs!F3: need_date: '08:30:00' is a time of day; format the cell"),
        (5, datetime(2026, 6, 5, 12, 0, 0, 500_000), "jobs!F3: need_date: "),
        (5, "=NA()", "jobs!F3: need_date: holds an Excel error"),
        (2, "=NA()", "jobs!C3: revenue: holds an Excel error"),
        (1, "=NA()", "jobs!B3: plant: holds an Excel error"),
        (2, True, "jobs!C3: revenue: 'True' is a logical value; write a number"),
        (2, date(2026, 6, 5), "jobs!C3: revenue: '2026-06-05' is a date; write a number"),
        (1, True, "jobs!B3: plant: 'True' is a logical value; write it as text"),
        (0, 1e16, "jobs!A3: job: '1e+16' is a number; write it as text"),
        (6, "x", "jobs!G3: row 1 has no column name for this cell"),
    ],
)
def test_a_cell_of_another_type_is_a_finding_at_its_cell(tmp_path: Path, column: int, cell: object, told: str) -> None:
    jobs = cells_of(TABLES["jobs"])
    jobs[2][column:] = [*([cell] if column == 6 else [cell, *jobs[2][column + 1 :]])]
    messages = errors(read(workbook(tmp_path / "a.xlsx", {"jobs": jobs})))
    assert messages[0].startswith(told)


@pytest.mark.parametrize("stored", [b"</f>", b"</f><v/>", b"</f><v></v>"])
def test_a_formula_without_a_stored_value_is_not_an_empty_cell(tmp_path: Path, stored: bytes) -> None:
    path = workbook(tmp_path / "a.xlsx", {"items": [["item", "item_type", "cost"], ["RM", "RawMaterial", "=1+1"]]})
    assert errors(read(repacked(path, lambda data: data.replace(b"</f><v>0</v>", stored)))) == [
        "items!C2: cost: holds a formula without a stored value; open and save the workbook in Excel"
    ]


def test_a_formula_that_gives_no_text_is_an_empty_cell(tmp_path: Path) -> None:
    items = [["item", "item_type", "cost", "name"], ["RM", "RawMaterial", 1, '=""']]
    path = workbook(tmp_path / "a.xlsx", {"items": items})
    repacked(
        path, lambda data: data.replace(b'<c r="D2">', b'<c r="D2" t="str">').replace(b"</f><v>0</v>", b"</f><v></v>")
    )
    found = read(path)
    assert errors(found) == []
    assert found.tables["items"]["name"].to_list() == [None]


def repacked(path: Path, change: Any, *, member: str = "xl/worksheets/") -> Path:
    """The workbook with the content of some members changed."""
    with zipfile.ZipFile(path) as archive:
        parts = {info.filename: archive.read(info) for info in archive.infolist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, change(data) if name.startswith(member) else data)
    return path


def test_hidden_sheets_are_ignored_and_unknown_ones_are_not(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", {"notes": [["x"]], "job": [["x"]]})
    shown = [message for message in errors(read(path)) if "is not a table" in message]
    assert shown == [
        "notes: is not a table of a data set; hide the sheet or remove it",
        "job: is not a table of a data set; did you mean 'jobs'?",
    ]
    with xlsxwriter.Workbook(tmp_path / "b.xlsx") as book:
        book.add_worksheet("plants")
        book.add_worksheet("notes").hide()
    assert not any(message.startswith("notes") for message in errors(read(tmp_path / "b.xlsx")))


def test_rows_without_content_are_passed_over_and_the_others_keep_their_number(tmp_path: Path) -> None:
    items = [["item", "item_type", "cost"], ["RM", "RawMaterial", 1], [], ["X", "Tool", 2]]
    found = read(workbook(tmp_path / "a.xlsx", {"items": items}))
    assert errors(found) == []
    assert found.tables["items"]["row"].to_list() == [2, 4]


def test_a_header_below_row_1_is_a_finding(tmp_path: Path) -> None:
    items = [[], ["item", "item_type", "cost"], ["RM", "RawMaterial", 1]]
    assert errors(read(workbook(tmp_path / "a.xlsx", {"items": items}))) == ["items: has no header in row 1"]


def test_header_faults_name_the_sheet_and_row_1(tmp_path: Path) -> None:
    items = [["item", "item_type", "Cost", "item"], ["RM", "RawMaterial", 1, "x"]]
    assert errors(read(workbook(tmp_path / "a.xlsx", {"items": items}))) == [
        "items!A1: item: is there twice; remove or rename one",
        "items:1: Cost: is not a column of items; did you mean 'cost'?",
        "items:1: cost: is missing; the table needs this column",
    ]


def test_the_plan_of_a_workbook_may_lie_beside_it(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", {"plan": None})
    assert errors(read(path)) == ["plan.toml: is missing; it holds the horizon and the currency"]
    (tmp_path / "plan.toml").write_text(PLAN)
    assert read(path).ok
    (tmp_path / "a.toml").write_text("[plan]\n")
    assert errors(read(path))[0].startswith("a.toml: clock: is missing")


def test_faults_of_the_plan_sheet_name_key_and_cell(tmp_path: Path) -> None:
    plan = [*PLAN_SHEET[:2], ["horizon_end", "tomorrow"], PLAN_SHEET[3], ["color", "red"], ["clock", "x"]]
    assert errors(read(workbook(tmp_path / "a.xlsx", {"plan": plan}))) == [
        "plan!A6: clock: is there twice; remove one",
        "plan!B5: color: is not a key of plan.toml",
        "plan!B3: horizon_end: 'tomorrow' is not a time; write e.g. 2026-06-01T00:00:00Z",
    ]


def _archive(path: Path, parts: Mapping[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return path


def test_a_zip_bomb_is_refused_by_its_directory(tmp_path: Path) -> None:
    path = _archive(tmp_path / "bomb.xlsx", {"xl/workbook.xml": b" " * 60_000_000})
    assert errors(read(path)) == ["bomb.xlsx: is packed more than 200 times; that is a zip bomb, not a workbook"]


def test_too_many_parts_are_refused(tmp_path: Path) -> None:
    path = _archive(tmp_path / "many.xlsx", {f"part{number}": b"x" for number in range(201)})
    assert errors(read(path)) == ["many.xlsx: holds 201 parts; a workbook of at most 200 parts is read"]


def test_a_directory_that_lies_about_a_size_is_refused(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx")
    data = bytearray(path.read_bytes())
    entry = data.find(b"PK\x01\x02")
    size = int.from_bytes(data[entry + 24 : entry + 28], "little")
    data[entry + 24 : entry + 28] = (size - 1).to_bytes(4, "little")
    path.write_bytes(data)
    (message,) = errors(read(path))
    assert message.startswith("a.xlsx: is not a readable .xlsx workbook")


def test_cells_at_opposite_ends_of_a_sheet_are_refused_before_memory_is_taken(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(tmp_path / "a.xlsx") as book:
        sheet = book.add_worksheet("items")
        sheet.write(0, 0, "item")
        sheet.write(1_048_575, 16_383, 1)
    (message,) = errors(read(tmp_path / "a.xlsx"))
    assert message.startswith("a.xlsx: has a sheet with cells so far apart")


@pytest.mark.parametrize(
    "cells",
    [
        b'<row r="1"><c r="a1"><v>1</v></c></row><row r="9"><c r="xfd1048576"><v>1</v></c></row>',
        b'<row r="1"><c r="A1"><v>1</v></c></row><row r="9"><c r="A99999999"><v>1</v></c></row>',
        b'<row r="1"><c r="A1"><v>1</v></c></row><row r="9"><c r="AAAAA1"><v>1</v></c></row>',
        b'<row r="1">' + b"<c><v>1</v></c>" * 5_000 + b'</row><row r="1048576"><c r="A1048576"><v>1</v></c></row>',
        b'<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576">' + b"<c><v>1</v></c>" * 5_000 + b"</row>",
    ],
)
def test_addresses_that_would_take_all_memory_are_refused(tmp_path: Path, cells: bytes) -> None:
    path = workbook(tmp_path / "a.xlsx")
    repacked(path, lambda data: data.replace(b"<sheetData>", b"<sheetData>" + cells), member="xl/worksheets/sheet1.xml")
    (message,) = errors(read(path))
    assert message.startswith("a.xlsx: has a sheet with ")


def test_xml_entities_are_refused(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx")
    doctype = b'?>\n<!DOCTYPE x [<!ENTITY a "aaaa">]>\n'
    repacked(path, lambda data: data.replace(b"?>\n", doctype, 1))
    assert errors(read(path)) == ["a.xlsx: declares an XML document type, which no workbook needs"]


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"\x00\xff" * 5_000, b"item,cost\n"])
def test_binary_junk_is_one_finding(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.xlsx").write_bytes(content)
    (message,) = errors(read(tmp_path / "a.xlsx"))
    assert message.startswith("a.xlsx: is not a readable .xlsx workbook")


def test_a_truncated_workbook_is_one_finding(tmp_path: Path) -> None:
    data = workbook(tmp_path / "a.xlsx").read_bytes()
    for length in range(0, len(data), max(1, len(data) // 20)):
        (tmp_path / "a.xlsx").write_bytes(data[:length])
        assert len(errors(read(tmp_path / "a.xlsx"))) == 1


def test_an_empty_zip_is_a_finding(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.xlsx", "w"):
        pass
    (message,) = errors(read(tmp_path / "a.xlsx"))
    assert message.startswith("a.xlsx: is not a readable .xlsx workbook")
