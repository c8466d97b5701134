"""``tocfin import``: control totals on stdout, a data set that the other commands take, nothing half-written."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

Run = Callable[..., Result]
LOG = """case,activity,resource,start,end
A,Turn,M1,2012-01-02 08:00:00,2012-01-02 10:00:00
A,Mill,M2,2012-01-02 10:00:00,2012-01-02 11:30:00
B,Turn,M1,2012-01-09 09:00:00,2012-01-09 12:00:00
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
def source(tmp_path: Path) -> tuple[Path, Path]:
    """A profile and the log it fits."""
    (tmp_path / "mine.toml").write_text(PROFILE, "utf-8")
    (tmp_path / "log.csv").write_text(LOG, "utf-8")
    return tmp_path / "mine.toml", tmp_path / "log.csv"


def test_control_totals_are_on_stdout_and_the_data_set_can_be_measured(
    tocfin: Run, tmp_path: Path, source: tuple[Path, Path]
) -> None:
    out = tmp_path / "plant"
    shown = tocfin("import", *source, "--out", out, "--format", "json")
    found = json.loads(shown.stdout)
    assert shown.exit_code == 0
    totals = {total["total"]: total for total in found["totals"]}
    assert (totals["events"]["source"], totals["events"]["difference"]) == (3.0, 0.0)
    assert found["rows"]["activities"] == 3
    figures = json.loads(tocfin("kpi", out, "--format", "json").stdout)["kpis"]
    investment = next(figure for figure in figures if figure["kpi"] == "investment")
    assert (investment["value"], investment["status"]) == (None, "not_supplied")


def test_the_window_keeps_the_jobs_on_hand_in_it(tocfin: Run, tmp_path: Path, source: tuple[Path, Path]) -> None:
    words = ("--from", "2012-01-09", "--to", "2012-01-10T00:00:00Z", "--format", "json")
    shown = tocfin("import", *source, "--out", tmp_path / "plant", *words)
    assert json.loads(shown.stdout)["rows"]["jobs"] == 1
    assert "clock = 2012-01-09T00:00:00Z" in (tmp_path / "plant" / "plan.toml").read_text("utf-8")


def test_totals_are_shown_as_a_table_and_as_csv(tocfin: Run, tmp_path: Path, source: tuple[Path, Path]) -> None:
    assert "Control totals" in tocfin("import", *source, "--out", tmp_path / "one").stdout
    lines = tocfin("import", *source, "--out", tmp_path / "two", "--format", "csv").stdout.splitlines()
    assert lines[0] == "total,source,imported,difference,unit"
    assert "events,3.0,3.0,0.0,rows" in lines


def test_a_faulty_source_writes_nothing(tocfin: Run, tmp_path: Path, source: tuple[Path, Path]) -> None:
    source[1].write_text(LOG.replace("2012-01-02 08:00:00", "soon"), "utf-8")
    shown = tocfin("import", *source, "--out", tmp_path / "plant", "--format", "json")
    assert (shown.exit_code, shown.stdout) == (2, "")
    assert "soon" in shown.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["log.csv", "mine.toml"]


def test_import_never_overwrites_without_force(tocfin: Run, tmp_path: Path, source: tuple[Path, Path]) -> None:
    words = ("import", *source, "--out", tmp_path / "plant")
    assert tocfin(*words).exit_code == 0
    assert "--force" in tocfin(*words).stderr
    assert tocfin(*words).exit_code == 2
    assert tocfin(*words, "--force").exit_code == 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("nonsense", "x.csv"), "adventureworks"),
        (("eventlog", "x.csv"), "x.csv"),
        (("eventlog", "x.csv", "--from", "june"), "june"),
        (("eventlog", "x.csv", "--finance", "y.toml"), "toml"),
    ],
)
def test_what_cannot_be_imported_is_said(tocfin: Run, tmp_path: Path, words: tuple[str, ...], said: str) -> None:
    shown = tocfin("import", *words, "--out", tmp_path / "plant")
    assert (shown.exit_code, shown.stdout) == (2, "")
    assert said in shown.stderr
    assert not (tmp_path / "plant").exists()


def test_a_draft_is_written_listed_and_taken_as_a_profile(tocfin: Run, tmp_path: Path) -> None:
    head = "Order;Operation;Machine;Start;End;Hours;Due;Remark\n"
    text = head + "A1;10;M1;13.01.2026 08:00;13.01.2026 10:00;2,0;15.01.2026;x\n"
    (tmp_path / "orders.csv").write_text(text, "utf-8")
    shown = tocfin("import", "--draft", tmp_path / "orders.csv", "--out", tmp_path / "mine.toml", "--format", "json")
    assert shown.exit_code == 0
    found = json.loads(shown.stdout)
    assert (found["extends"], found["open"], found["placed"]) == ("orderlist", [], 7 / 8)
    assert {"list": "orders.csv", "column": "Remark", "placed_as": None} in found["columns"]
    assert "# not placed: orders.csv: 'Remark'" in (tmp_path / "mine.toml").read_text("utf-8")
    imported = tocfin("import", tmp_path / "mine.toml", tmp_path / "orders.csv", "--out", tmp_path / "plant")
    assert imported.exit_code == 0, imported.stderr
    assert tocfin("import", "--draft", tmp_path / "orders.csv", "--out", tmp_path / "mine.toml").exit_code == 2


def test_an_import_without_its_words_says_how_it_is_called(tocfin: Run, tmp_path: Path) -> None:
    shown = tocfin("import", "eventlog")
    assert shown.exit_code == 2
    assert "--draft SOURCE" in shown.stderr
