"""``tocfin reschedule``, ``mix`` and ``bench instance`` as users type them."""

from __future__ import annotations

import json
import signal
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

Run = Callable[..., Result]
QUICK = ("--work", 5, "--replications", 64)


def test_a_plan_is_proposed_written_and_read_again(tocfin: Run, plant: Path, tmp_path: Path) -> None:
    out = tmp_path / "better"
    result = tocfin(
        "reschedule", plant, *QUICK, "--freeze", "2d", "--risk", "neutral", "--out", out, "--format", "json"
    )
    assert result.exit_code == 0
    found = json.loads(result.stdout)
    plans = {candidate["plan"]: candidate for candidate in found["candidates"]}
    assert {"present plan", "right-shift", "search"} <= set(plans)
    assert plans[found["best"]]["feasible"]
    assert plans[found["best"]]["expected"] >= 0
    assert found["proof"]["replications"] == 64
    assert all(set(one["futures"]["value"]) >= {"mean", "better", "CVaR5"} for one in found["candidates"])
    assert {"plan.toml", "activities.csv"} <= {file.name for file in (out / "plan").iterdir()}
    again = json.loads(tocfin("kpi", out / "plan", "--policy", "reconciled", "--format", "json").stdout)
    profit = next(kpi["value"] for kpi in again["kpis"] if kpi["kpi"] == "net_profit")
    assert profit == pytest.approx(plans[found["best"]]["net_profit_this"])
    careful = tocfin("candidates", out, "--risk", "careful", "--choose", "right-shift", "--out", tmp_path / "other")
    assert careful.exit_code == 0
    assert "careful" in careful.stdout
    both = json.loads(tocfin("candidates", out, tmp_path / "other", "--format", "json").stdout)
    assert [len(one["candidates"]) for one in both] == [len(plans)] * 2
    refused = tocfin("reschedule", plant, "--work", 5, "--out", out)
    assert (refused.exit_code, "exists already" in refused.stderr) == (2, True)


def test_who_interrupts_twice_gets_no_plan_and_no_traceback(
    tocfin: Run, plant: Path, monkeypatch: pytest.MonkeyPatch, heeding: None
) -> None:
    def proved(*_: object, **__: object) -> None:
        for _ in range(2):
            signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr("tocfin.reschedule.propose.proved", proved)
    result = tocfin("reschedule", plant, *QUICK)
    assert (result.exit_code, result.stdout) == (130, "")
    assert result.stderr.endswith("interrupted\n")


def test_a_table_of_candidates_is_drawn(tocfin: Run, plant: Path) -> None:
    result = tocfin("reschedule", plant, *QUICK, "--objective", "throughput")
    assert result.exit_code == 0
    for title in ("in many futures", "could not be improved", "Resources that bind", "Potential overtime"):
        assert title in result.stdout
    assert "can be carried out" in result.stdout
    assert "right-shift" in result.stdout


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--freeze", "soon"), "is not a time"),
        (("--pin", "nobody"), "'nobody' is not a job"),
        (("--seconds", "0"), "0"),
        (("--objective", "glory"), "glory"),
        (("--risk", "brave"), "'brave' is no risk"),
        (("--uncertainty", "nowhere.toml"), "nowhere.toml"),
    ],
)
def test_what_cannot_be_asked_is_refused(tocfin: Run, plant: Path, words: tuple[str, ...], said: str) -> None:
    result = tocfin("reschedule", plant, *words)
    assert (result.exit_code, result.stdout) == (2, "")
    assert said in result.stderr


def test_what_holds_no_candidates_is_refused(tocfin: Run, plant: Path) -> None:
    result = tocfin("candidates", plant)
    assert (result.exit_code, result.stdout) == (2, "")
    assert "holds no candidates" in result.stderr


def test_an_instance_is_solved_and_told_in_json(tocfin: Run, tmp_path: Path) -> None:
    (tmp_path / "two.txt").write_text("2 2\n0 3 1 2\n1 4 0 1\n")
    result = tocfin("bench", "instance", tmp_path / "two.txt", "--work", 100, "--format", "json")
    found = json.loads(result.stdout)
    assert result.exit_code == 0
    assert list(found) == ["name", "makespan", "lower_bound", "status", "seconds", "feasible"]
    assert (found["name"], found["makespan"], found["status"], found["feasible"]) == ("two", 6, "optimal", True)
    (tmp_path / "bad.txt").write_text("2 2\n0 x\n")
    result = tocfin("bench", "instance", tmp_path / "bad.txt")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "bad.txt:2: 'x' is not a whole number" in result.stderr


def test_a_mix_of_the_plant_is_shown(tocfin: Run, plant: Path) -> None:
    found = json.loads(tocfin("mix", plant, "--format", "json").stdout)
    assert found["optimum"]["throughput"] >= found["greedy"]["throughput"]
    assert found["constraint"] in found["load"]


def test_deterministic_insists_on_a_budget_of_work_and_gives_equal_plans(tocfin: Run, tmp_path: Path) -> None:
    file = tmp_path / "small.txt"
    file.write_text("3 3\n0 3 1 2 2 2\n0 2 2 1 1 4\n1 4 2 3 0 1\n")
    refused = tocfin("bench", "instance", file, "--deterministic", "--seconds", 1)
    assert refused.exit_code == 2
    assert "--work" in refused.stderr
    runs = [tocfin("bench", "instance", file, "--deterministic", "--work", 300, "--format", "json") for _ in range(5)]
    assert [run.exit_code for run in runs] == [0] * 5
    assert len({json.loads(run.stdout)["makespan"] for run in runs}) == 1
