"""The report: one set of figures in every form, parts that add up, and texts of the data that stay texts."""

from __future__ import annotations

import json
import math
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from forecast.two_jobs import two_jobs
from tocfin.dataset import Dataset
from tocfin.dataset.write import write
from tocfin.errors import UsageError
from tocfin.forecast.dossier import Dossier, dossier
from tocfin.report.amounts import parts
from tocfin.report.booklet import Booklet, Table, additive
from tocfin.report.bound import bound, document
from tocfin.report.hypertext import page
from tocfin.report.sections import booklet

HOSTILE = (
    "<script>alert(1)</script>", "</script><script>alert(1)</script>", "<img src=x onerror=alert(1)>", "=1+1",
    "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\"><svg onload=alert(1)>", "'; DROP TABLE jobs;--", "{{ 7*7 }}",
    "{% raw %}", "javascript:alert(1)", "&lt;b&gt;", "<!--", "]]>", "\u202eevil", "a\tb", "http://example.test/?a=1&b=2",
    "＝1+1",
    "<b>bold</b>", "' onmouseover='x", "`${1}`", "%3Cscript%3E", "<iframe src=x>", "<style>*{display:none}</style>",
    "<a href=x>y</a>", "\\u003cscript\\u003e", "NULL", "<math><mi//xlink:href=x>", "<details open ontoggle=x>",
)  # fmt: skip


def saved(dataset: Dataset, folder: Path) -> Path:
    assert dataset.plan is not None
    write(dataset.tables, dataset.plan, folder)
    return folder


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Dossier:
    """A plant with a target, beside the same plant with a second mill."""
    folder = tmp_path_factory.mktemp("report")
    targets = [{"kpi": "throughput", "target": 2_000.0, "owner": "Ann"}, {"kpi": "net_profit", "target": -1e6}]
    plant = saved(two_jobs(targets=targets), folder / "plant")
    other = folder / "faster.toml"
    other.write_text(
        'name = "faster"\nbase = "plant"\nstart_policy = "as soon as possible"\n'
        '[[override]]\ntable = "activities"\nwhere = { resource = "mill" }\nscale = { work = 0.5 }\n', "utf-8"
    )  # fmt: skip
    return dossier([plant, other], replications=32)


def test_every_form_shows_the_same_figures(found: Dossier, tmp_path: Path) -> None:
    book = booklet(found)
    for name in ("r.html", "r.xlsx", "r.json", "tables"):
        bound(found, tmp_path / name)
    told = {table["name"]: table["rows"] for table in json.loads((tmp_path / "r.json").read_text())["tables"]}
    shown = _Cells()
    shown.feed((tmp_path / "r.html").read_text("utf-8"))
    sheets = load_workbook(tmp_path / "r.xlsx")
    in_sheets = Counter(
        round(cell.value, 6) for sheet in sheets for row in sheet for cell in row if isinstance(cell.value, int | float)
    )
    numbers: Counter[float] = Counter()
    texts: list[str] = []
    for table in book.tables:
        assert [[cell["text"] for cell in row] for row in told[table.name]] == [
            [cell.text for cell in row] for row in table.rows
        ]
        texts += [cell.text for row in table.rows for cell in row]
        numbers.update(round(c.value, 6) for row in table.rows for c in row if isinstance(c.value, int | float))
        for column, heading in zip(zip(*table.rows, strict=True), table.headings, strict=bool(table.rows)):
            frame = pl.read_parquet(tmp_path / "tables" / f"{table.name}.parquet")
            values = [cell.value for cell in column]
            if frame[heading].dtype == pl.Float64:
                assert [v for v in frame[heading].to_list() if v is not None] == [v for v in values if _is_number(v)]
    assert numbers
    assert in_sheets == numbers
    assert shown.texts == texts


def _is_number(value: object) -> bool:
    return isinstance(value, int | float)


class _Cells(HTMLParser):
    """Texts of the body cells of an HTML page, and how often each element and handler stands in it."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.elements: Counter[str] = Counter()
        self._open = self._body = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements[tag] += 1
        self.elements.update(f"{tag} {name}" for name, _ in attrs if name.startswith("on") or name in ("src", "href"))
        self._body |= tag == "tbody"
        if self._body and tag in ("td", "th"):
            self.texts.append("")
            self._open = True

    def handle_endtag(self, tag: str) -> None:
        self._open &= tag not in ("td", "th")
        self._body &= tag != "tbody"

    def handle_data(self, data: str) -> None:
        if self._open:
            self.texts[-1] += data


def test_displayed_parts_add_up_to_displayed_totals(found: Dossier) -> None:
    tables = {table.name: table for table in booklet(found).tables}
    products = tables["products"]
    for at in (2, 3, 6):
        column = [row[at].value for row in products.rows]
        assert math.fsum(column[:-1]) == pytest.approx(column[-1], abs=1e-9)
    for name in ("outlook-table", "bridge-faster-table"):
        amounts = [row[1].value for row in tables[name].rows]
        assert math.fsum(amounts[:-1]) == pytest.approx(amounts[-1], abs=1e-9)


@settings(max_examples=50)
@given(st.lists(st.floats(-1e9, 1e9), min_size=1, max_size=9))
def test_parts_of_anything_add_up_as_shown(values: list[float]) -> None:
    total = math.fsum(values)
    rounded = parts(values, total)
    assert round(math.fsum(rounded), 2) == round(total, 2)
    assert all(abs(a - b) <= 0.01 + 1e-6 for a, b in zip(rounded, values, strict=True))
    shown = [float(cell.text.replace(",", "")) for cell in additive(values, total)]
    assert round(math.fsum(shown), 2) == round(total, 2)


def test_a_report_says_on_its_first_page_what_matters(found: Dossier) -> None:
    leads = " ".join(booklet(found).leads)
    assert "Throughput: the plan says 1,680 USD" in leads
    assert "Ann" in leads
    assert "faster: +" in leads


def test_hostile_texts_stay_texts(tmp_path: Path) -> None:
    plain, hostile = (_plant(tmp_path / name, words) for name, words in (("plain", None), ("hostile", HOSTILE)))
    books = [booklet(dossier([source], replications=16)) for source in (plain, hostile)]
    pages = [_Cells(), _Cells()]
    for reader, book in zip(pages, books, strict=True):
        reader.feed(page(book))
    assert set(pages[0].elements) == set(pages[1].elements)
    for once in ("script", "style", "header", "footer", "link href"):
        assert pages[0].elements[once] == pages[1].elements[once]
    for text in ("<script>alert(1)</script>", "=1+1", "{{ 7*7 }}"):
        assert any(text in cell for cell in pages[1].texts)
    bound(dossier([hostile], replications=16), tmp_path / "r.xlsx")
    cells = [cell for sheet in load_workbook(tmp_path / "r.xlsx") for row in sheet for cell in row]
    assert not [cell.coordinate for cell in cells if cell.data_type == "f" or cell.hyperlink]
    assert any(cell.value == "=1+1" for cell in cells)
    json.dumps(document(books[1]), allow_nan=False)


def _plant(folder: Path, words: tuple[str, ...] | None) -> Path:
    """Thirty jobs of one product; keys, owners and customers are ``words`` where there are any."""
    names = words or tuple(f"job {at}" for at in range(len(HOSTILE)))
    from tables import PLAN, tables

    rows = tables(
        plants=[{"name": names[0]}],
        resources=[{"resource": names[1], "calendar": names[2], "department": names[3]}],
        calendars=[{"calendar": names[2], "days": "Mon-Sun", "start_time": "00:00", "end_time": "24:00"}],
        items=[{"item": names[4], "item_type": "FinishedGood", "name": names[5]}],
        jobs=[
            {"job": name, "product": names[4], "customer": name, "need_date": PLAN.clock, "quantity": 1.0}
            for name in names
        ],
        manufacturing_orders=[{"manufacturing_order": name, "job": name} for name in names],
        operations=[{"operation": name, "manufacturing_order": name} for name in names],
        activities=[
            {"activity": name, "operation": name, "resource": names[1]}
            | {"start": PLAN.clock + 3_600 * at, "end": PLAN.clock + 3_600 * (at + 1)}
            for at, name in enumerate(names)
        ],
        targets=[{"target": 1e6, "owner": name, "version": name} for name in names] + [{"owner": names[0]}],
    )  # fmt: skip
    write(rows, PLAN, folder)
    return folder


def test_a_form_that_there_is_not_is_refused_before_anything_is_written(found: Dossier, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no form of a report"):
        bound(found, tmp_path / "r.docx")
    assert not list(tmp_path.iterdir())


def test_every_table_has_a_name_of_its_own(found: Dossier) -> None:
    book: Booklet = booklet(found)
    names = [one.name for section in book.sections for one in section.contents]
    assert len(set(names)) == len(names)
    assert all(isinstance(table, Table) for table in book.tables)
