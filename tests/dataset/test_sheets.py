from datetime import datetime

import openpyxl
import polars as pl
import pytest

from tables import PLAN, tables
from tocfin.catalogue import TABLES
from tocfin.dataset import read, sheets
from tocfin.dataset.write import write
from tocfin.errors import UsageError


@pytest.fixture
def book(tmp_path):
    frames = tables(
        items=[{"item": "0012", "name": "=1+1"}, {"item": "I2"}],
        jobs=[{"product": "0012", "purpose": "Stock", "cancelled": True}],
    )
    return openpyxl.load_workbook(write(frames, PLAN, tmp_path / "plant.xlsx"))


def test_a_sheet_is_a_table_between_readme_plan_and_dictionary(book):
    required = [table.name for table in TABLES if table.required]
    assert book.sheetnames == ["readme", "plan", *required, "dictionary"]
    assert all(name in book[name].tables for name in required)
    assert all(book[name].freeze_panes == "A2" for name in required)


def test_no_cell_is_a_formula_and_keys_stay_text(book):
    assert not [cell for sheet in book for row in sheet for cell in row if cell.data_type == "f"]
    assert (book["items"]["A2"].value, book["items"]["B2"].value) == ("0012", "=1+1")


def test_every_header_has_a_note_and_every_column_a_line_in_the_dictionary(book):
    for table in TABLES:
        if table.required:
            assert all(table.column(cell.value).doc in cell.comment.text for cell in book[table.name][1])
    lines = [tuple(cell.value for cell in row[:2]) for row in book["dictionary"].iter_rows(min_row=2)]
    assert lines == [(table.name, column.name) for table in TABLES for column in table.columns]


def test_words_truths_and_keys_of_other_sheets_have_drop_downs(book):
    offered = {
        (name, book[name].cell(1, next(iter(rule.sqref.ranges)).min_col).value): rule
        for name in ("items", "jobs", "warehouses")
        for rule in book[name].data_validations.dataValidation
    }
    assert offered["items", "item_type"].formula1.startswith('"RawMaterial,')
    assert offered["jobs", "cancelled"].formula1 == '"true,false"'
    assert offered["jobs", "product"].formula1 == "items!$A$2:$A$503"
    assert offered["jobs", "product"].errorStyle == "warning"
    assert offered["warehouses", "plant"].formula1.startswith("plants!$A$2")
    assert ("items", "item") not in offered


def test_every_column_of_every_table_can_be_written_and_read_back(tmp_path):
    cells = {
        "text": "UTC", "number": 0.5, "integer": 1, "boolean": True, "time": PLAN.clock, "date": 0, "clock": 3_600,
        "weekdays": "Mon", "choice": None,
    }  # fmt: skip
    frames = tables(
        **{
            table.name: [{one.name: one.choices[0] if one.choices else cells[one.kind] for one in table.columns}]
            for table in TABLES
        }
    )
    place = write(frames, PLAN, tmp_path / "plant.xlsx")
    assert all(frame.equals(read(place).tables[name]) for name, frame in frames.items())
    book = openpyxl.load_workbook(place)
    for table in TABLES:
        offered = len(book[table.name].data_validations.dataValidation)
        assert offered == sum(bool(one.choices or one.refers or one.kind == "boolean") for one in table.columns)


def test_the_plan_is_key_and_value(book):
    lines = {row[0].value: row[1].value for row in book["plan"].iter_rows()}
    assert lines["key"] == "value"
    assert lines["horizon_end"] == "2026-06-08T00:00:00Z"


def test_a_planner_may_type_local_times_and_dates(tmp_path):
    frames = tables(plants=[{"timezone": "Europe/Berlin"}], jobs=[{}, {"job": "J2"}])
    place = write(frames, PLAN, tmp_path / "plant.xlsx")
    book = openpyxl.load_workbook(place)
    column = next(cell.column for cell in book["jobs"][1] if cell.value == "need_date")
    book["jobs"].cell(2, column).value = datetime(2026, 6, 1, 8, 0)
    book["jobs"].cell(3, column).value = "2026-06-01 08:00"
    book.save(place)
    found = read(place)
    assert found.ok
    assert found.tables["jobs"]["need_date"].to_list() == [PLAN.clock + 6 * 3600] * 2


def test_a_table_that_no_sheet_can_hold_is_refused(tmp_path):
    inventories = pl.DataFrame({"item": ["I1"]}).select(pl.col("item").repeat_by(sheets.MOST_ROWS + 1).explode())
    with pytest.raises(UsageError, match="inventories has 1,048,576 rows"):
        write(tables() | {"inventories": inventories}, PLAN, tmp_path / "plant.xlsx")
    assert list(tmp_path.iterdir()) == []


def test_a_text_that_no_cell_can_hold_is_refused(tmp_path):
    with pytest.raises(UsageError, match="32,768 characters"):
        write(tables(plants=[{"name": "x" * 32_768}]), PLAN, tmp_path / "plant.xlsx")
    assert list(tmp_path.iterdir()) == []
