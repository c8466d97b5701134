"""The report: one set of figures in every form, parts that add up, and texts of the data that stay texts."""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from dataclasses import replace
from decimal import Decimal
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
from tocfin.report.amounts import parts, printable
from tocfin.report.booklet import Booklet, Cell, Table, additive
from tocfin.report.bound import bound
from tocfin.report.bound import page as as_page
from tocfin.report.sections import booklet
from tocfin.report.star import star


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
    for name in ("r.html", "r.xlsx", "r.json", "r.txt", "tables"):
        bound(found, tmp_path / name)
    pages = [table.shortened() for table in book.tables]
    lines = [re.split(r" {2,}", line.strip()) for line in _text(book).splitlines()]
    shown = Cells()
    shown.feed((tmp_path / "r.html").read_text("utf-8"))
    assert shown.texts == [cell.text for table in pages for row in _rows(table) for cell in row]
    for table in pages:
        for row in () if table.folded else _rows(table):
            assert [printable(cell.text) for cell in row if cell.text] in lines
    told = {table["name"]: table for table in json.loads((tmp_path / "r.json").read_text("utf-8"))["tables"]}
    sheets = load_workbook(tmp_path / "r.xlsx")
    written = [cell.value for sheet in sheets for row in sheet for cell in row if cell.value is not None]
    numbers: Counter[float] = Counter()
    for table in book.tables:
        said = told[table.name]
        texts = [[cell["text"] for cell in row] for row in (*said["rows"], *([said["total"]] if table.total else []))]
        assert texts == [[cell.text for cell in row] for row in _rows(table)]
        numbers.update(c.value for row in _rows(table) for c in row if isinstance(c.value, int | float))
        assert {cell.text for row in table.rows for cell in row if isinstance(cell.value, str)} <= {*written, ""}
    assert numbers
    assert Counter(value for value in written if isinstance(value, int | float)) == numbers
    facts = pl.read_parquet(tmp_path / "tables" / "fact_figure.parquet")
    assert Counter(facts["value"].to_list()) == numbers


def _rows(table: Table) -> list[tuple[Cell, ...]]:
    """Rows as pages show them, the total last."""
    return [*table.rows, *((table.total,) if table.total else ())]


def _text(book: Booklet) -> str:
    """The booklet on a terminal that is wide enough for every line."""
    return as_page(book).text("table", width=600)


def test_facts_join_their_dimensions(found: Dossier) -> None:
    tables = star(booklet(found))
    facts = tables["fact_figure"]
    for other, keys in (("dim_table", ["table"]), ("dim_line", ["table", "line"]), ("dim_column", ["table", "column"])):
        assert tables[other].select(keys).is_duplicated().sum() == 0
        assert facts.join(tables[other], on=keys, how="anti").is_empty()
    plan = facts.join(tables["dim_line"].filter(kpi="Throughput"), on=["table", "line"]).join(
        tables["dim_column"].filter(heading="plan"), on=["table", "column"]
    )
    assert set(plan["value"]) == {1_680.0}
    assert {"seed", "replications", "SHA-256 of the cells", "data age"} <= set(tables["dim_run"]["what"])


class Cells(HTMLParser):
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
    adding = {"products-list", "outlook-table", "bridge-1-table", "bridge-1-jobs", "outlook-jobs"}
    assert adding <= {name for name, table in tables.items() if table.sums}
    for table in tables.values():
        adds_up(table)


def adds_up(table: Table) -> None:
    """The numbers that a reader sees add up, however many rows a page shows."""
    for most in (None, 0, 1, 2):
        page = table if most is None else table.shortened(most)
        for at in page.sums:
            parts_shown = [_number(row[at]) for row in page.rows if row[at].text]
            assert sum(parts_shown) == _number(page.total[at]), (table.name, page.headings[at], most)


def _number(cell: Cell) -> Decimal:
    return Decimal(cell.text.replace(",", ""))


money = st.floats(0, 5_000).map(lambda value: round(value, 4))


@settings(max_examples=6, deadline=None)
@given(money, money, money, money, st.integers(0, 3))
def test_the_figures_of_any_plant_add_up_as_shown(
    tmp_path_factory: pytest.TempPathFactory, revenue: float, material: float, expense: float, penalty: float, cut: int
) -> None:
    plant = two_jobs(
        plants=[{"daily_operating_expense": expense}],
        targets=[{"kpi": "net_profit", "target": material}, {"kpi": "throughput", "target": revenue}],
    )
    jobs = plant.tables["jobs"].with_columns(
        revenue=pl.Series([revenue, material + revenue / 3]), shipping_cost=pl.Series([penalty / 7, expense / 11]),
        late_penalty_per_day=pl.Series([penalty, revenue]),
    )  # fmt: skip
    folder = tmp_path_factory.mktemp("any")
    base = saved(replace(plant, tables={**plant.tables, "jobs": jobs}), folder / "plant")
    other = folder / "other.toml"
    other.write_text(
        'name = "other"\nbase = "plant"\nstart_policy = "as soon as possible"\n'
        f'[[override]]\ntable = "activities"\nwhere = {{ resource = "mill" }}\nscale = {{ work = {0.5 + cut} }}\n'
        '[[override]]\ntable = "jobs"\nwhere = { job = "A" }\nscale = { revenue = 1.037 }\n', "utf-8"
    )  # fmt: skip
    book = booklet(dossier([base, other], replications=4))
    tables = {table.name: table for table in book.tables}
    for table in tables.values():
        adds_up(table)
    rows = {row[0].text: row for row in tables["scorecard-list"].rows}
    for at in (2, 6):
        made, spent, left = (rows[name][at] for name in ("Throughput", "Operating expense", "Net profit"))
        if made.text and spent.text and left.text:
            assert _number(made) - _number(spent) == _number(left)
    for row in tables["targets-list"].rows:
        assert _number(row[3]) - _number(row[4]) == _number(row[5])


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


def test_a_form_that_there_is_not_is_refused_before_anything_is_written(found: Dossier, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no form of a report"):
        bound(found, tmp_path / "r.docx")
    assert not list(tmp_path.iterdir())


def test_every_table_has_a_name_of_its_own(found: Dossier) -> None:
    book: Booklet = booklet(found)
    names = [one.name for section in book.sections for one in section.contents]
    assert len(set(names)) == len(names)
    assert all(isinstance(table, Table) for table in book.tables)
