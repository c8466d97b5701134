"""``tocfin bench``: the rows it promises, in every form, and what it says about the rest."""

from __future__ import annotations

import csv
import io
import json

import pytest
from click.testing import CliRunner, Result

from tocfin.bench import table
from tocfin.bench.table import Case, Size, row
from tocfin.bench.turns import Took, turns
from tocfin.cli import main

TINY = Size(400, 64, 64, 64, 1, runs=1, seconds=0.0)
KEYS = ["name", "activities", "replications", "threads", "scenarios", "ns"]
EVERY = [
    ("simulate", 1, 1), ("simulate", 1, 10), ("simulate", 2, 1), ("simulate-no-calendars", 1, 1),
    ("simulate-no-calendars", 1, 10), ("draws", 1, 1), ("numpy", 1, 1), ("numpy-calendars", 1, 1), ("simpy", 1, 1),
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


@pytest.mark.usefixtures("tiny")
def test_what_cannot_be_measured_here_is_left_out_and_said_on_stderr(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table, "find_spec", lambda name: None)
    monkeypatch.setattr(table, "available", lambda: 1)
    shown = bench("--quick", "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(shown.stdout)))
    assert [(one["name"], int(one["threads"]), int(one["scenarios"])) for one in rows] == [
        one for one in EVERY if one[0] != "simpy" and one[1] == 1
    ]
    assert "simpy is left out because it is not installed: pip install 'tocfin[bench]'" in shown.stderr
    assert "two threads are left out" in shown.stderr


@pytest.mark.usefixtures("tiny")
@pytest.mark.parametrize(("form", "sign"), [("md", "| simpy | 1 | 1 | 400 | 1 |"), ("table", "numpy-calendars")])
def test_a_reader_gets_a_table(form: str, sign: str) -> None:
    shown = bench("--quick", "--format", form)
    assert sign in shown.stdout
    assert "per activity, replication and scenario" in shown.stdout


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
