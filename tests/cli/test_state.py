"""``tocfin state``, and scenarios and plans that ask for futures from the state of the work."""

import json
from collections.abc import Callable
from pathlib import Path
from shutil import copytree

from click.testing import Result

from tocfin.opening import read
from tocfin.scenarios.launch import opened

Run = Callable[..., Result]
WHEN = "2026-06-03T10:00:00Z"


def test_the_state_says_how_far_work_is_and_what_either_rule_is_worth(tocfin: Run, plant: Path, tmp_path: Path) -> None:
    shown = tocfin("state", plant, "--as-of", WHEN, "--out", tmp_path / "now")
    assert shown.exit_code == 0, shown.stderr
    assert "not_done (used)" in shown.stdout
    found = json.loads(tocfin("state", plant, "--as-of", WHEN, "--format", "json").stdout)
    assert [line["state"] for line in found["work"]] == ["done", "begun", "to come"]
    worth = {(row["unconfirmed"], row["kpi"]): row["value"] for row in found["not_confirmed"]["money"]}
    now = json.loads(tocfin("kpi", tmp_path / "now", "--format", "json").stdout)
    kpis = {row["kpi"]: row["value"] for row in now["kpis"]}
    assert kpis["net_profit"] == worth["not_done", "net_profit"] < worth["as_planned", "net_profit"]
    assert read(tmp_path / "now").tables["jobs"].equals(read(plant).tables["jobs"])
    assert tocfin("state", plant, "--format", "csv").stdout.startswith("state,activities,hours,hours_left")
    assert tocfin("state", plant, "--as-of", "soon").exit_code == 2


def test_a_plan_and_a_scenario_may_ask_for_futures_from_the_state(tocfin: Run, plant: Path, tmp_path: Path) -> None:
    place = copytree(plant, tmp_path / "living")
    page = (place / "plan.toml").read_text("utf-8")
    (place / "plan.toml").write_text(f'{page}\n[progress]\nas_of = {WHEN}\nunconfirmed = "as_planned"\n', "utf-8")
    (tmp_path / "a.toml").write_text('name = "a"\nbase = "living"\n', "utf-8")
    (tmp_path / "b.toml").write_text(f'name = "b"\nbase = "living"\nas_of = {WHEN}\n', "utf-8")
    launch = opened([tmp_path / "a.toml", tmp_path / "b.toml"])
    states = [world.standing for world in launch.worlds]
    assert [None if one is None else one.unconfirmed for one in states] == ["as_planned", "not_done"]
    told = [one.message for one in launch.findings if one.rule == "unconfirmed-work"]
    assert len(told) == 2
    assert "506 activities" in told[0]
    assert read(place).plan == read(copytree(place, tmp_path / "again")).plan


def test_an_unknown_rule_is_refused_by_its_place(tocfin: Run, plant: Path, tmp_path: Path) -> None:
    place = copytree(plant, tmp_path / "wrong")
    page = (place / "plan.toml").read_text("utf-8")
    (place / "plan.toml").write_text(page + '\n[progress]\nas_of = "soon"\nunconfirmed = "never"\n', "utf-8")
    shown = tocfin("check", place)
    assert shown.exit_code == 2
    assert "plan.toml: progress.unconfirmed" in shown.output
    assert "plan.toml: progress.as_of" in shown.output
