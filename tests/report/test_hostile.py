"""Thirty hostile texts in every text column: they stay texts in every form, and come back as they were."""

from __future__ import annotations

import csv
import json
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path

import polars as pl
import pytest
from openpyxl import load_workbook

from report.hostile import HOSTILE, PLAIN, WORDS, hostile_plant
from tables import PLAN
from tocfin.catalogue import TABLES
from tocfin.dataset import read
from tocfin.dataset.write import write
from tocfin.forecast.dossier import Dossier, dossier
from tocfin.report.bound import bound
from tocfin.report.hypertext import page
from tocfin.report.sections import booklet


@pytest.fixture(scope="module")
def dossiers(tmp_path_factory: pytest.TempPathFactory) -> tuple[Dossier, Dossier]:
    """The same plant with plain texts and with hostile ones."""
    folder = tmp_path_factory.mktemp("texts")
    places = [
        write(hostile_plant(words), PLAN, folder / name) for name, words in (("plain", PLAIN), ("hostile", HOSTILE))
    ]
    first, second = (dossier([place], replications=8) for place in places)
    return first, second


def test_every_text_column_holds_all_of_them() -> None:
    tables = hostile_plant(HOSTILE)
    for table in TABLES:
        free = [c.name for c in table.columns if c.kind == "text" and f"{table.name}.{c.name}" not in WORDS]
        for name in free:
            missing = set(HOSTILE) - set(tables[table.name][name].to_list())
            assert len(missing) == (name in ("parent_job", "predecessor", "successor")), (table.name, name)


@pytest.mark.parametrize("name", ["plant", "plant.xlsx"])
def test_they_come_back_as_they_were(tmp_path: Path, name: str) -> None:
    tables = hostile_plant(HOSTILE)
    found = read(write(tables, PLAN, tmp_path / name))
    assert found.ok
    for table, frame in tables.items():
        assert found.tables[table].drop("row").equals(frame.drop("row")), table
    if name.endswith(".xlsx"):
        cells = [cell for sheet in load_workbook(tmp_path / name) for row in sheet for cell in row]
        assert not [cell.coordinate for cell in cells if cell.data_type == "f" or cell.hyperlink]


def test_a_page_has_the_elements_that_it_has_with_plain_texts(dossiers: tuple[Dossier, Dossier]) -> None:
    plain, hostile = (Elements(), Elements())
    plain.feed(page(booklet(dossiers[0])))
    hostile.feed(page(booklet(dossiers[1])))
    loose = {"span", "th", "td", "tr", "p"}  # a text may change how many rows there are, never what stands in them
    assert {name: n for name, n in hostile.seen.items() if name not in loose} == {
        name: n for name, n in plain.seen.items() if name not in loose
    }
    assert not [name for name in hostile.seen if " on" in name]
    for text in ("<script>alert(1)</script>", "=1+1", "{{ 7*7 }}"):
        assert text in hostile.text


class Elements(HTMLParser):
    """Elements of a page with their attributes that could do something, and its text."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: Counter[str] = Counter()
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen[tag] += 1
        self.seen.update(f"{tag} {name}" for name, _ in attrs if name.startswith("on") or name in ("src", "srcdoc"))
        self.seen.update(f"{tag} href" for name, value in attrs if name == "href" and not (value or "").startswith("#"))

    def handle_data(self, data: str) -> None:
        self.text += data


def test_no_cell_of_a_workbook_or_csv_is_a_formula(dossiers: tuple[Dossier, Dossier], tmp_path: Path) -> None:
    for name in ("r.xlsx", "r.csv", "r.json", "r.txt", "star"):
        bound(dossiers[1], tmp_path / name)
    cells = [cell for sheet in load_workbook(tmp_path / "r.xlsx") for row in sheet for cell in row]
    assert not [cell.coordinate for cell in cells if cell.data_type == "f" or cell.hyperlink]
    assert any(cell.value == "=1+1" for cell in cells)
    with (tmp_path / "r.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    assert not [cell for row in rows for cell in row if cell.startswith(("=", "@", "\t", "\r", "＝"))]
    assert not [cell for row in rows for cell in row if cell[:1] in "+-" and not _is_number(cell)]
    told = json.loads((tmp_path / "r.json").read_text("utf-8"))
    assert any(cell["text"] == "=1+1" for table in told["tables"] for row in table["rows"] for cell in row)
    assert "\u202e" not in (tmp_path / "r.txt").read_text("utf-8")
    assert pl.read_parquet(tmp_path / "star" / "dim_line.parquet")["job"].is_in(["=1+1"]).any()


def _is_number(text: str) -> bool:
    try:
        float(text.replace(",", "").split(" ")[0] or "0")
    except ValueError:
        return False
    return True
