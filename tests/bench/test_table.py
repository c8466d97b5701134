"""``tocfin bench``: the rows it promises, in every form, and what it says about the rest."""

from __future__ import annotations

import csv
import io
import json

import pytest
from click.testing import CliRunner, Result

from tocfin.bench import table
from tocfin.bench.table import Case, Row, Size, cases, row
from tocfin.bench.turns import Took, turns
from tocfin.cli import main
from tocfin.report.speed import page

TINY = Size(400, 64, 64, 64, 1, runs=1, seconds=0.0)
KEYS = ["name", "activities", "replications", "threads", "scenarios", "ns"]
EVERY = [
    ("simulate", 1, 1), ("simulate", 1, 10), ("simulate", 2, 1), ("simulate-no-calendars", 1, 1),
    ("simulate-no-calendars", 1, 10), ("draws", 1, 1), ("numpy", 1, 1), ("numpy-calendars", 1, 1), ("simpy", 1, 1),
    ("simpy-by-resource", 1, 1),
]  # fmt: skip


@pytest.fixture
def tiny(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table, "QUICK", TINY)
    monkeypatch.setattr(table, "available", lambda: 2)


def bench(*words: str) -> Result:
    return CliRunner().invoke(main, ["bench", *words])


@pytest.mark.usefixtures("tiny")
def test_json_has_every_row_with_exactly_its_keys() -> None:
    shown = bench("--quick", "--format", "json")
    found = json.loads(shown.stdout)
    assert shown.exit_code == 0, shown.stderr
    assert list(found) == ["rows"]
    assert all(list(one) == KEYS for one in found["rows"])
    assert [(one["name"], one["threads"], one["scenarios"]) for one in found["rows"]] == EVERY
    assert all(one["activities"] == 400 and one["ns"] > 0 for one in found["rows"])
    assert "round 1 of 1" in shown.stderr


def test_what_cannot_be_measured_here_is_left_out_and_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table, "find_spec", lambda name: None)
    monkeypatch.setattr(table, "available", lambda: 1)
    said: list[str] = []
    found = [(case.name, case.threads, case.scenarios) for case in cases(TINY, said.append)]
    assert found == [one for one in EVERY if not one[0].startswith("simpy") and one[1] == 1]
    assert "simpy is left out because it is not installed: pip install 'tocfin[bench]'" in said
    assert "two threads are left out because this process may use one processor only" in said


def test_a_reader_gets_a_table_and_another_program_the_numbers_in_full() -> None:
    rows = [Row("simulate", 100_000, 1_024, 1, 1, 12.5), Row("simpy", 100_000, 1, 1, 1, 5_000.125)]
    found = page(rows)
    assert "| simpy | 1 | 1 | 100,000 | 1 | 5,000.1 | 400.01 |" in found.text("md")
    assert "per activity, replication and scenario" in found.text("table")
    assert list(csv.DictReader(io.StringIO(found.text("csv"))))[1] == {
        "name": "simpy", "activities": "100000", "replications": "1", "threads": "1", "scenarios": "1",
        "ns": "5000.125",
    }  # fmt: skip
    assert json.loads(found.text("json")) == {"rows": [one._asdict() for one in rows]}


@pytest.mark.parametrize("words", [("--format", "xml"), ("plant",), ("--threads", "2"), ("--quick", "--slow")])
def test_bad_arguments_exit_2_and_name_the_word(words: tuple[str, ...]) -> None:
    shown = bench(*words)
    assert (shown.exit_code, shown.stdout) == (2, "")
    assert words[-1].lstrip("-")[:5] in shown.stderr or words[0] in shown.stderr


def test_a_row_is_per_activity_replication_and_scenario_and_two_threads_go_by_the_clock() -> None:
    took = Took(clock=8.0, processor=2.0)
    alone = Case("simulate", lambda: None, replications=100, scenarios=10)
    assert row(alone, 1_000, took).ns == pytest.approx(2e9 / 1e6)
    assert row(alone._replace(threads=2), 1_000, took).ns == pytest.approx(8e9 / 1e6)


def test_programs_take_turns_after_a_run_that_does_not_count() -> None:
    heard: list[str] = []
    programs = {name: lambda name=name: heard.append(name) for name in "ab"}
    assert list(turns(programs, 3)) == ["a", "b"]
    assert heard == ["a", "b"] * 4


def test_one_round_is_run_however_little_time_there_is() -> None:
    heard: list[str] = []
    turns({"a": lambda: heard.append("a")}, 9, seconds=0.0)
    assert len(heard) == 2
