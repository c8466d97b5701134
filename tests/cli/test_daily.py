"""``tocfin daily``: five steps, the same files when they are done again, and what to type where one cannot be done."""

import json
import re
import shlex
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from small_plant import small_plant
from tocfin.dataset.imports import example_finance
from tocfin.forecast.routine import project

Run = Callable[..., Result]
PROJECT = """
dataset = "plant"
uncertainty = "base.toml"
scenarios = ["base.toml", "wild.toml"]
report = "json"

[forecast]
replications = 32
"""
STEPS = ["import", "check", "forecast", "diff", "report"]
LOG = """case,activity,resource,start,end
A,Turn,M1,2012-01-02 08:00:00,2012-01-02 10:00:00
A,Mill,M2,2012-01-02 10:00:00,2012-01-02 11:30:00
B,Turn,M1,2012-01-02 10:00:00,2012-01-02 12:00:00
"""
PROFILE = """extends = "eventlog"
[columns]
case = "case"
activity = "activity"
resource = "resource"
start = "start"
end = "end"
"""


@pytest.fixture
def work(tmp_path: Path) -> Path:
    small_plant(tmp_path)
    (tmp_path / "project.toml").write_text(PROJECT, "utf-8")
    return tmp_path


def contents(folder: Path) -> dict[str, bytes]:
    return {str(file.relative_to(folder)): file.read_bytes() for file in sorted(folder.rglob("*")) if file.is_file()}


def outcomes(said: Result) -> dict[str, str]:
    assert said.exit_code == 0, said.stderr
    return {step["step"]: step["outcome"] for step in json.loads(said.stdout)["steps"]}


def test_a_day_done_twice_leaves_the_same_files_and_the_next_day_says_what_moved(tocfin: Run, work: Path) -> None:
    asked = ("daily", work / "project.toml", "--format", "json", "--as-of")
    first = outcomes(tocfin(*asked, "2026-06-01T06:00:00Z"))
    assert list(first) == STEPS
    assert "first forecast" in first["diff"]
    there = contents(work)
    assert {"days/2026-06-01/report.json", "days/2026-06-01/forecast.json", "days/2026-06-01/check.csv"} <= set(there)
    again = outcomes(tocfin(*asked, "2026-06-01T06:00:00Z"))
    assert again["report"].startswith("as before")
    assert contents(work) == there
    later = outcomes(tocfin(*asked, "2026-06-02T06:00:00Z"))
    assert re.search(r"expected net profit [+-][\d,.]+ \w+ since 2026-06-01", later["diff"])
    moves = json.loads((work / "days/2026-06-02/moved.json").read_text("utf-8"))["moves"]
    assert moves
    assert all(abs(move["residual"]) < 1e-6 for move in moves)
    assert {name: made for name, made in contents(work).items() if name in there} == there


def test_what_has_changed_is_made_again(tocfin: Run, work: Path) -> None:
    outcomes(tocfin("daily", work / "project.toml", "--format", "json"))
    scenario = work / "wild.toml"
    scenario.write_text(scenario.read_text("utf-8").replace("cv = 0.6", "cv = 0.5"), "utf-8")
    assert outcomes(tocfin("daily", work / "project.toml", "--format", "json"))["report"] == "2 scenario(s)"


def test_a_faulty_cell_ends_the_day_with_what_to_type_next(tocfin: Run, work: Path) -> None:
    file = work / "plant" / "activities.csv"
    file.write_text(file.read_text("utf-8").replace(",saw,", ",sow,", 1), "utf-8")
    said = tocfin("daily", work / "project.toml")
    assert (said.exit_code, said.stdout) == (2, "")
    assert "'sow' is not in resources" in said.stderr
    assert not (work / "days").exists()
    assert not (work / "forecasts").exists()
    line = re.search(r"^next: (.*)$", said.stderr, re.MULTILINE)
    assert line is not None
    words = shlex.split(line[1])[1:]
    words[words.index("check.xlsx")] = str(work / "check.xlsx")
    assert tocfin(*words).exit_code == 2
    assert (work / "check.xlsx").exists()


def test_a_missed_target_exits_with_3_only_when_asked(tocfin: Run, work: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tocfin.forecast.told.is_missed", lambda said: True)
    assert tocfin("daily", work / "project.toml").exit_code == 0
    assert tocfin("daily", work / "project.toml", "--fail-on-miss").exit_code == 3


def test_an_export_is_imported_once_and_again_when_it_has_changed(tocfin: Run, tmp_path: Path) -> None:
    (tmp_path / "log.csv").write_text(LOG, "utf-8")
    (tmp_path / "mine.toml").write_text(PROFILE, "utf-8")
    (tmp_path / "finance.toml").write_text(example_finance("eventlog").read_text("utf-8").replace("Machine 4 *", "M2"))
    (tmp_path / "project.toml").write_text(
        'dataset = "plant"\nreport = "json"\n[import]\nprofile = "mine.toml"\nsource = "log.csv"\n'
        'finance = "finance.toml"\n'
        '[forecast]\nperiod = "horizon"\nreplications = 16\n',
        "utf-8",
    )
    asked = ("daily", tmp_path / "project.toml", "--format", "json")
    assert outcomes(tocfin(*asked))["import"].endswith("rows")
    assert outcomes(tocfin(*asked))["import"].startswith("as before")
    (tmp_path / "log.csv").write_text(LOG.replace("11:30:00", "11:45:00"), "utf-8")
    assert outcomes(tocfin(*asked))["import"].endswith("rows")


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("foo = 1", "foo: is not known here"),
        ('uncertainty = "none.toml"', "uncertainty: 'none.toml' is not there"),
        ("scenarios = 3", "scenarios: is not a list"),
        ('scenarios = ["gone.toml"]', "scenarios[1]: 'gone.toml' is not there"),
        ('report = "htm"', "did you mean 'html'"),
        ("[import]", "import.profile: is missing"),
        ("[forecast]\nseed = -1", "forecast.seed: '-1' is below 0"),
    ],
)
def test_every_fault_of_a_project_file_is_told(tocfin: Run, tmp_path: Path, line: str, words: str) -> None:
    (tmp_path / "project.toml").write_text(f'dataset = "plant"\n{line}\n', "utf-8")
    said = tocfin("daily", tmp_path / "project.toml")
    assert (said.exit_code, said.stdout) == (2, "")
    assert words in said.stderr


def test_init_writes_a_folder_to_work_in_and_never_over_one(tocfin: Run, tmp_path: Path) -> None:
    said = tocfin("init", tmp_path / "work", "--project")
    assert said.exit_code == 0
    assert f"next: tocfin daily {tmp_path / 'work' / 'project.toml'}" in said.stderr
    found = project(tmp_path / "work" / "project.toml")
    assert found.dataset.is_dir()
    assert [path.name for path in found.scenarios] == ["base.toml", "overtime.toml"]
    assert tocfin("init", tmp_path / "work", "--project").exit_code == 2
