"""Every malformed data set is refused with the right place, by every command, and nothing is written."""

from __future__ import annotations

import csv
import json
from collections import Counter
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from malformed import CASES, Case, base
from malformed.cellwise import IN_SHEETS
from tocfin.cli import main


def run(*words: object) -> Result:
    return CliRunner().invoke(main, [str(word) for word in words])


def files(folder: Path) -> dict[Path, tuple[int, int]]:
    """Everything below a folder, and when it was changed."""
    return {path: (path.lstat().st_size, path.lstat().st_mtime_ns) for path in folder.rglob("*")}


def refused(*words: object) -> str:
    """What the command says on stderr when it refuses, as it must, without a word on stdout."""
    ended = run(*words, "--format", "json")
    assert (ended.exit_code, ended.stdout) == (2, ""), ended.stderr
    assert "Traceback" not in ended.stderr
    assert "internal error" not in ended.stderr
    return ended.stderr


def test_the_data_set_that_cases_change_is_valid(tmp_path: Path) -> None:
    folder = base.write(tmp_path / "plant", base.TABLES)
    book = base.workbook(tmp_path / "plant.xlsx", only=base.TABLES)
    cards = [run("kpi", path, "--format", "json") for path in (folder, book)]
    base.parquet()(folder)
    cards.append(run("kpi", folder, "--format", "json"))
    assert [card.exit_code for card in cards] == [0, 0, 0]
    assert len({card.stdout for card in cards}) == 1
    assert json.loads(cards[0].stdout)["findings"] == []


def test_the_cases_have_names_of_their_own() -> None:
    assert [name for name, count in Counter(case.name for case in CASES).items() if count > 1] == []


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_malformed_data_set_is_refused_with_the_right_place(
    case: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    case.change(base.write(tmp_path / "plant"))
    before = files(tmp_path)
    found = json.loads(refused("check", case.open))["findings"]
    told = {(one["place"], one["rule"]): one["message"] for one in found if one["grade"] == "error"}
    assert {fault[:2] for fault in case.faults} - set(told) == set()
    assert case.others or len(told) == len(case.faults), told
    assert [fault for fault in case.faults if fault.word not in told[fault[:2]]] == [], told
    said = refused("kpi", case.open)
    assert [fault.place for fault in case.faults if fault.place not in said] == []
    assert files(tmp_path) == before


@pytest.mark.parametrize("case", IN_SHEETS[::3], ids=lambda case: case.name)
def test_the_same_faults_in_a_workbook_name_the_cells(case: Case, tmp_path: Path) -> None:
    table = case.faults[0].place.partition(".")[0]
    case.change(base.write(tmp_path / "plant"))
    with (tmp_path / "plant" / f"{table}.csv").open(encoding="utf-8", newline="") as lines:
        given = list(csv.reader(lines))
    book = base.workbook(tmp_path / "plant.xlsx", {table: given}, only={*base.CORE, table})
    expected = {}
    for fault in case.faults:
        _, row, column = fault.place.split(":")
        cell = f"{table}!{chr(65 + given[0].index(column.strip()))}{row}:{column}"
        expected[cell, fault.rule] = fault.word
    found = json.loads(refused("check", book))["findings"]
    told = {(one["place"], one["rule"]): one["message"] for one in found if one["grade"] == "error"}
    assert set(told) == set(expected)
    assert [cell for cell, word in expected.items() if word not in told[cell]] == []
