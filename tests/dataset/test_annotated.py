import openpyxl
import pytest

from tables import PLAN, tables
from tocfin.dataset import Dataset
from tocfin.dataset.annotate import MOST_ROWS, write_annotated
from tocfin.errors import Finding, UsageError

WRONG = Finding("error", "not-a-number", "jobs", 3, "revenue", "'=12 kg' is not a number", "jobs.csv", "=12 kg")
EMPTY = Finding("warning", "not-supplied", "jobs", 2, "shipping_cost", "is empty: enter it", "jobs.csv")
HEADER = Finding("error", "missing-column", "jobs", 1, "late_penalty_per_day", "is missing", "jobs.csv")
PLAN_FAULT = Finding("error", "missing-key", "plan", None, "clock", "is missing", "plan.toml")
ROW = Finding("error", "ragged-row", "jobs", 2, None, "has 3 cells", "jobs.csv")


def opened(tmp_path, findings, **rows):
    dataset = Dataset("plant", None, PLAN, tables(**rows), tuple(findings))
    return openpyxl.load_workbook(write_annotated(dataset, tmp_path / "check.xlsx"))


@pytest.fixture
def book(tmp_path):
    jobs = [{"shipping_cost": None}, {"job": "J2", "revenue": None, "customer": "=cmd()"}]
    return opened(tmp_path, [EMPTY, WRONG, HEADER, PLAN_FAULT, ROW], jobs=jobs, items=[{}])


def colour(cell):
    return cell.fill.fgColor.rgb[2:] if cell.fill.patternType else None


def at(book, finding):
    sheet, cell = next(row[0].value for row in book["findings"] if row[2].value == finding.place).split("!")
    return book[sheet][cell]


def test_only_faulty_tables_have_a_sheet(book):
    assert book.sheetnames == ["findings", "jobs"]


def test_a_faulty_cell_shows_what_was_found_and_says_what_to_do(book):
    cell = at(book, WRONG)
    assert (cell.value, cell.data_type, colour(cell)) == ("=12 kg", "s", "FFC7CE")
    assert "found: =12 kg" in cell.comment.text
    assert "is not a number" in cell.comment.text
    assert book["jobs"].cell(1, cell.column).value == "revenue"
    assert book["jobs"].cell(cell.row, 1).value == WRONG.row


def test_an_empty_cell_a_header_and_a_whole_row_are_marked_too(book):
    assert (at(book, EMPTY).value, colour(at(book, EMPTY))) == (None, "FFEB9C")
    assert (at(book, HEADER).value, at(book, HEADER).row, colour(at(book, HEADER))) == (
        "late_penalty_per_day", 1, "FFC7CE",
    )  # fmt: skip
    assert (at(book, ROW).coordinate, at(book, ROW).value) == ("A2", 2)


def test_every_finding_is_listed_errors_first(book):
    rows = [[cell.value for cell in row] for row in book["findings"].iter_rows(min_row=2)]
    assert [row[1] for row in rows] == ["error"] * 4 + ["warning"]
    assert {row[2] for row in rows} == {one.place for one in (WRONG, EMPTY, HEADER, PLAN_FAULT, ROW)}
    plan = next(row for row in rows if row[2] == PLAN_FAULT.place)
    assert plan == [None, "error", "plan.toml: clock", None, "is missing", "missing-key", 1]


def test_no_cell_is_a_formula(book):
    assert not [cell for sheet in book for row in sheet for cell in row if cell.data_type == "f"]


def test_two_findings_of_one_cell_share_its_comment_and_the_error_gives_the_colour(tmp_path):
    other = Finding("warning", "sale-without-revenue", "jobs", 3, "revenue", "0, although", "jobs.csv", "0")
    book = opened(tmp_path, [other, WRONG], jobs=[{}, {"job": "J2"}])
    cell = book["jobs"]["C3"]
    assert colour(cell) == "FFC7CE"
    assert all(one.message in cell.comment.text for one in (other, WRONG))
    assert cell.value == 1000


def test_of_a_large_table_only_faulty_rows_are_shown(tmp_path):
    rows = [{"item": f"I{at}"} for at in range(MOST_ROWS + 1)]
    fault = Finding("warning", "zero-cost-item", "items", 15_000, "cost", "0 with 5 in stock", "items.csv")
    book = opened(tmp_path, [fault], items=rows)
    assert [[cell.value for cell in row[:2]] for row in book["items"].iter_rows(min_row=2)] == [[15_000, "I14998"]]
    assert at(book, fault).coordinate == "D2"


def test_a_data_set_without_findings_gives_an_empty_list(tmp_path):
    book = opened(tmp_path, [])
    assert book.sheetnames == ["findings"]
    assert book["findings"].max_row <= 2


def test_an_existing_file_and_another_suffix_are_refused(tmp_path):
    dataset = Dataset("plant", None, PLAN, tables(), ())
    write_annotated(dataset, tmp_path / "check.xlsx")
    with pytest.raises(UsageError, match="exists already"):
        write_annotated(dataset, tmp_path / "check.xlsx")
    write_annotated(dataset, tmp_path / "check.xlsx", force=True)
    with pytest.raises(UsageError, match=r"end in \.xlsx"):
        write_annotated(dataset, tmp_path / "check.csv")
