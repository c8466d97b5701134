"""Simulating from the command line, and reading what came out."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from conftest import Run
from tocfin.examples import write_scenarios


@pytest.fixture(scope="module")
def made(plant: Path, tmp_path_factory: pytest.TempPathFactory, tocfin: Run) -> Path:
    """A run of two scenarios, 128 replications each."""
    folder = tmp_path_factory.mktemp("simulated")
    files = write_scenarios(folder / "scenarios", plant)
    chosen = [file for file in files if file.stem in ("base", "overtime")]
    words = ("--out", folder / "run.zarr", "--replications", 128, "--threads", 1, "--queues")
    result = tocfin("simulate", *chosen, *words)
    assert result.exit_code == 0, result.stderr
    assert "all 128 replications done" in result.stderr
    assert result.stdout == ""
    return folder / "run.zarr"


def test_show_prints_spread_and_errors(made: Path, tocfin: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "300")
    page = tocfin("show", made)
    assert page.exit_code == 0, page.stderr
    assert "chance to meet" in page.stdout
    assert "all 128 replications done" in page.stdout
    records = json.loads(tocfin("show", made, "--format", "json").stdout)
    means = {(one["scenario"], one["kpi"]): one for one in records if one["statistic"] == "mean"}
    assert (
        means["base", "throughput"]["low"] < means["base", "throughput"]["value"] < means["base", "throughput"]["high"]
    )


@pytest.mark.parametrize(("about", "column"), [("--jobs", "on_time"), ("--resources", "constraint")])
def test_show_lists_jobs_and_resources(made: Path, tocfin: Run, about: str, column: str) -> None:
    records = json.loads(tocfin("show", made, about, "--format", "json").stdout)
    assert {one["scenario"] for one in records} == {"base", "overtime at the drum"}
    assert all(0 <= one[column] <= 1 for one in records)
    assert about.removeprefix("--") in tocfin("show", made, about).stdout


def test_jobs_have_their_penalty_and_the_chances_of_each_period(made: Path, tocfin: Run) -> None:
    records = json.loads(tocfin("show", made, "--jobs", "--format", "json").stdout)
    for one in records:
        assert one["on_time_low"] <= one["on_time"] <= one["on_time_high"]
        assert one["inside_low"] <= one["inside"] <= one["inside_high"]
        assert one["penalty_low"] <= one["penalty"] <= one["penalty_high"]
        assert len(one["periods"]) == 5
        assert sum(period["p"] for period in one["periods"]) == pytest.approx(one["inside"])
    assert any(one["penalty"] > 100 for one in records)
    totals = json.loads(tocfin("show", made, "--format", "json").stdout)
    assert {one["kpi"] for one in totals} >= {"throughput"}


def test_resources_have_their_load_and_what_waits_for_them(made: Path, tocfin: Run) -> None:
    records = json.loads(tocfin("show", made, "--resources", "--format", "json").stdout)
    for one in records:
        assert one["load"] is None or 0 <= one["load"] <= 1
        assert min(one["waiting"], one["waiting_hours"]) >= 0
    busiest = next(one for one in records if one["scenario"] == "base")
    assert busiest["load"] == max(one["load"] for one in records if one["scenario"] == "base" and one["load"])
    assert busiest["waiting_hours"] > 5
    assert "hours waiting" in tocfin("show", made, "--resources").stdout


def test_show_says_what_makes_a_kpi_spread(made: Path, tocfin: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    words = ("show", made, "--sensitivity", "--replications", 64, "--scenario", "overtime at the drum")
    found = tocfin(*words, "--kpi", "throughput", "--format", "json")
    assert found.exit_code == 0, found.stderr
    assert "of " in found.stderr
    assert "futures" in found.stderr
    document = json.loads(found.stdout)
    assert (document["scenario"], document["kpi"], document["n"]) == ("overtime at the drum", "throughput", 64)
    assert {one["kind"] for one in document["swings"]} == {"quantity", "factor", "resource"}
    assert {"foundry", "plant week", "resource week"} <= {one["name"] for one in document["correlations"]}
    assert all(0 < one["value"] <= 1 for one in document["critical"])
    refused = tocfin(*words, "--kpi", "profit")
    assert (refused.exit_code, refused.stdout) == (2, "")
    assert "'profit' is not a KPI" in refused.stderr


def test_a_run_whose_inputs_changed_is_refused_with_the_difference(made: Path, tocfin: Run) -> None:
    file = made.parent / "scenarios" / "base.toml"
    text = file.read_text("utf-8")
    try:
        file.write_text(text + "# another day\n", encoding="utf-8")
        for words in (("show", made, "--sensitivity"), ("replay", made, "--replication", 1)):
            refused = tocfin(*words)
            assert (refused.exit_code, refused.stdout) == (2, "")
            assert "inputs.base.toml: " in refused.stderr
    finally:
        file.write_text(text, encoding="utf-8")


def test_compare_lists_the_jobs_that_change(made: Path, tocfin: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    words = ("compare", made, "--base", "base", "--kpi", "throughput")
    records = json.loads(tocfin(*words, "--jobs", 3, "--format", "json").stdout)
    assert len(records) == 3
    assert {one["scenario"] for one in records} == {"overtime at the drum"}
    assert {one["change"] for one in records} <= {"added", "dropped", "late", "less late", "moved"}
    assert [abs(one["money"]) for one in records] == sorted((abs(one["money"]) for one in records), reverse=True)
    header, *lines = tocfin(*words, "--jobs", 5, "--format", "csv").stdout.splitlines()
    assert header.startswith("scenario,job,change,hours")
    assert len(lines) == 5
    shown = tocfin(*words).stdout
    assert "Jobs that overtime at the drum changes" in shown
    assert "more: --jobs" in shown
    assert "Jobs that" not in tocfin(*words, "--jobs", 0).stdout
    assert "| SO-" in tocfin(*words, "--jobs", 2, "--format", "md").stdout


def test_a_run_of_an_earlier_tocfin_is_shown_without_what_it_lacks(tocfin: Run) -> None:
    old = Path(__file__).parents[1] / "fixtures" / "run_v1_sums.zarr"
    assert "not stored" in tocfin("show", old, "--jobs").stdout
    assert {one["penalty"] for one in json.loads(tocfin("show", old, "--jobs", "--format", "json").stdout)} == {None}
    assert "--queues" in tocfin("show", old, "--resources").stdout
    assert "rough" in tocfin("compare", old, "--base", "base").stdout
    assert "simulate it again" in tocfin("compare", old, "--base", "base", "--jobs", 5).stderr


def test_compare_prints_paired_differences(made: Path, tocfin: Run) -> None:
    words = ("compare", made, "--base", "base", "--kpi", "throughput", "--format", "json")
    (record,) = json.loads(tocfin(*words).stdout)
    assert record["scenario"] == "overtime at the drum"
    assert record["saving"] > 1
    unknown = tocfin("compare", made, "--base", "plan")
    assert unknown.exit_code == 2
    assert "scenario 'plan' is not in this run; there are base, overtime at the drum" in unknown.stderr


def test_replay_prints_one_future(made: Path, tocfin: Run) -> None:
    page = tocfin("replay", made, "--replication", 99)
    assert page.exit_code == 0, page.stderr
    assert "replication 99" in page.stdout
    records = json.loads(tocfin("replay", made, "--replication", 99, "--schedule", "--format", "json").stdout)
    assert any(one["hours_late"] for one in records)


def test_a_run_that_is_there_is_not_overwritten(made: Path, tocfin: Run) -> None:
    again = tocfin("simulate", made.parent / "scenarios" / "base.toml", "--out", made, "--replications", 64)
    assert again.exit_code == 2
    assert "exists already" in again.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--block-range", "3"), "no range of blocks"),
        (("--tolerance", "mean"), "no tolerance"),
        (("--tolerance", "mean=0.1", "--replications", "64"), "either a number of replications or tolerances"),
    ],
)
def test_options_that_mean_nothing_are_refused(made: Path, tocfin: Run, words: tuple[str, ...], said: str) -> None:
    scenario = made.parent / "scenarios" / "base.toml"
    result = tocfin("simulate", scenario, "--out", made.parent / "other.zarr", *words)
    assert result.exit_code == 2
    assert said in result.stderr


def test_what_the_plan_itself_does_not_keep_to_is_told_with_a_count(plant: Path, tmp_path: Path, tocfin: Run) -> None:
    """Rows of a job that start before its release, and an operation that starts before the one it follows."""
    kept = f"name = 'as it is'\nbase = {json.dumps(str(plant))}\noff = ['breakdowns', 'scrap']\n"
    kept += "[draws]\nreplications = 64\n"
    broken = (
        "[[override]]\ntable = 'jobs'\nwhere = { job = 'SO-1120' }\nset = { release_date = 2026-08-01T00:00:00Z }\n"
        "[[add]]\ntable = 'precedences'\ncells = { predecessor = '1200-1-010', successor = '1121-1-010' }\n"
    )
    scenario = tmp_path / "broken.toml"
    scenario.write_text(kept.replace("as it is", "broken") + broken, encoding="utf-8")
    (tmp_path / "kept.toml").write_text(kept, encoding="utf-8")
    lines = (plant / "activities.csv").read_text("utf-8").splitlines()
    rows = sum(",1120-" in line for line in lines)
    assert rows > 10
    result = tocfin("simulate", tmp_path / "kept.toml", scenario, "--out", tmp_path / "run.zarr")
    assert result.exit_code == 0, result.stderr
    told = "link(s) of 'broken' do not hold in the plan itself and are not enforced"
    assert f"broken.toml: {rows} release {told}" in result.stderr
    assert f"broken.toml: 1 precedence {told}" in result.stderr
    assert "'as it is' do not hold" not in result.stderr


def test_a_run_says_what_was_set_aside_before_it(broken: Path, tmp_path: Path, tocfin: Run) -> None:
    assert tocfin("check", broken, "--set-aside", "asked the shop floor", "--who", "anna").exit_code == 0
    base = next(file for file in write_scenarios(tmp_path / "scenarios", broken) if file.stem == "base")
    shown = tocfin("simulate", base, "--out", tmp_path / "run.zarr", "--replications", 64, "--threads", 1)
    assert shown.exit_code == 0, shown.stderr
    assert "are set aside by anna" in shown.stderr
    assert "are set aside by anna" in tocfin("show", tmp_path / "run.zarr", "--format", "md").stdout
