"""``tocfin compare A B``: a decision in four answers, the same as from a stored run."""

import json
import re
import shlex
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from small_plant import small_plant

Run = Callable[..., Result]
QUESTIONS = ["How sure", "What it costs", "Who is hit"]
SLOWER = """
name = "slow mill"
base = "plant"
start_policy = "as soon as possible"
uncertainty = "base.toml"

[[add]]
table = "capacity_intervals"
cells = { resource = "mill", start = "2026-06-01T02:00:00", end = "2026-06-01T14:00:00", interval_type = "Offline" }
"""


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    base, wild = small_plant(tmp_path)
    slow = tmp_path / "slow.toml"
    slow.write_text(SLOWER, "utf-8")
    return [base, wild, slow]


def test_two_files_become_a_decision_with_its_reasons(tocfin: Run, files: list[Path]) -> None:
    said = tocfin("compare", files[0], files[2], "--replications", 640)
    assert said.exit_code == 0, said.stderr
    assert "slow mill: worse than base" in said.stdout
    at = [said.stdout.index(f"  {question} ") for question in QUESTIONS]
    assert at == sorted(at)
    assert "What you lose" in said.stdout
    profit, made, spent = (
        float(text.replace(",", ""))
        for text in re.findall(r"([+-][\d,.]+)", said.stdout[said.stdout.index("What you lose") :])[:3]
    )
    assert round(made - spent, 2) == round(profit, 2)
    assert re.search(r"[1-9]\d* jobs become late or later, 0 less late", said.stdout)


def test_the_hint_below_is_a_command_that_works(
    tocfin: Run, files: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    said = tocfin("compare", files[0], files[1], "--replications", 64)
    line = re.search(r"^next: (.*)$", said.stderr, re.MULTILINE)
    assert line is not None
    words = shlex.split(line[1], comments=True)[1:]
    assert words[:3] == ["report", str(files[0]), str(files[1])]
    assert tocfin(*words, "--replications", 16).exit_code == 0
    assert (tmp_path / "compare.html").exists()


def test_files_and_a_stored_run_of_them_say_the_same(tocfin: Run, files: list[Path], tmp_path: Path) -> None:
    store = tmp_path / "run.zarr"
    assert tocfin("simulate", *files, "--out", store, "--replications", 128).exit_code == 0
    asked = ("--format", "json")
    stored = tocfin("compare", store, *asked)
    fresh = tocfin("compare", *files, "--replications", 128, *asked)
    assert json.loads(stored.stdout) == json.loads(fresh.stdout)


def test_a_data_set_is_compared_as_it_is(tocfin: Run, files: list[Path], tmp_path: Path) -> None:
    said = tocfin("compare", tmp_path / "plant", files[2], "--replications", 64, "--seed", 1)
    assert said.exit_code == 0, said.stderr
    assert "slow mill" in said.stdout


def test_what_cannot_be_compared_is_refused_in_words(tocfin: Run, files: list[Path], tmp_path: Path) -> None:
    assert "--base" in tocfin("compare", files[0], files[1], "--base", "base").stderr
    assert tocfin("compare", files[0], tmp_path / "none.toml").exit_code == 2
    assert tocfin("compare", tmp_path / "none.zarr").exit_code == 2
