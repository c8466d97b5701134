"""Where the spread of a KPI comes from: a plant whose net profit is a sum of normal numbers."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest
from shop import plant

from tables import PLAN
from tocfin.dataset.write import write
from tocfin.errors import UsageError
from tocfin.report.sensitivity import bar, page
from tocfin.scenarios.ensemble import rules_of
from tocfin.scenarios.estimates import Estimate
from tocfin.scenarios.execute import run
from tocfin.scenarios.journal import ChangedRunError
from tocfin.scenarios.launch import opened, reopened
from tocfin.scenarios.quiet import uncertain, without_quantity
from tocfin.scenarios.sensitivity import Sensitivity, sensitivity
from tocfin.scenarios.spec import Draws
from tocfin.scenarios.store import open_run
from tocfin.scenarios.stored import Run

SCENARIO = """
name = "base"
base = "plant"
start_policy = "as soon as possible"
[[uncertainty.factor]]
name = "crew"
owner = "Ada"
[[uncertainty.factor]]
name = "idle"
[[uncertainty.duration]]
resource = "R1"
distribution = "normal"
mean = 1.0
cv = 0.1
factors = { crew = 0.8 }
[[uncertainty.duration]]
resource = "R2"
distribution = "normal"
mean = 1.0
cv = 0.1
[[uncertainty.material_cost]]
all = true
distribution = "constant"
value = 1.0
"""


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A job that is late for certain, at 10 a hour: 20 hours on R1 (standard deviation 2), then 10 on R2 (1)."""
    folder = tmp_path_factory.mktemp("normal")
    jobs = {"J1": {"need_date": PLAN.clock, "late_penalty_per_day": 240.0}}
    work = [("J1", "R1", 0, 20), ("J1", "R2", 20, 30), ("J2", "R3", 0, 1)]
    dataset = plant(work, jobs)
    write(dataset.tables, PLAN, folder / "plant")
    (folder / "base.toml").write_text(SCENARIO, encoding="utf-8")
    return run(opened([folder / "base.toml"]), folder / "run.zarr", Draws(seed=9, replications=1_024), threads=1)


@pytest.fixture(scope="module")
def found(stored: Run) -> Sensitivity:
    return sensitivity(stored, rules_of(stored), replications=1_024, threads=2)


def holds(one: Estimate, truth: float) -> bool:
    """Within twice the half width of 95 %, which is four standard errors."""
    return abs(one.value - truth) <= 2 * one.half_width + 1e-9


def test_what_is_off_takes_its_share_of_the_variance_away(found: Sensitivity) -> None:
    swings = {(source.kind, source.name): one for source, one in found.swings}
    truth = {
        ("factor", "crew"): -0.64 * 400,
        ("resource", "R1"): -400.0,
        ("resource", "R2"): -100.0,
        ("quantity", "duration"): -500.0,
    }
    assert set(swings) == set(truth)
    assert abs(found.variance - 500) < 100
    deviation = {key: math.sqrt(500 + change) for key, change in truth.items()}
    for key, change in truth.items():
        assert holds(swings[key].variance, change)
        assert holds(swings[key].mean, 0.0)
        assert holds(swings[key].width, 2 * 1.28155 * (deviation[key] - math.sqrt(500)))
    assert next(iter(swings)) == ("quantity", "duration")
    assert swings["quantity", "duration"].width.value == -found.width  # nothing else is uncertain


def test_noise_that_matters_is_tied_to_the_kpi(found: Sensitivity) -> None:
    ties = {source.name: one for source, one in found.ties}
    assert set(ties) == {"crew", "R1", "R2"}
    for name, correlation in {"crew": -0.8 * 20, "R1": -20, "R2": -10}.items():
        truth = 6 / math.pi * math.asin(correlation / math.sqrt(500) / 2)
        assert holds(ties[name], truth)
        assert not ties[name].noise
        assert ties[name].floor == pytest.approx(1.96 / math.sqrt(1_023), rel=1e-3)
    assert {source.owner for source, _ in found.ties if source.kind == "factor"} == {"Ada"}


def test_everything_on_the_one_chain_is_critical_in_every_future(found: Sensitivity, stored: Run) -> None:
    assert {(one.resource, one.activity): one.share.value for one in found.critical} == {
        ("R1", None): 1.0, ("R2", None): 1.0, ("R1", "A0"): 1.0, ("R2", "A1"): 1.0,
    }  # fmt: skip
    toward = sensitivity(stored, rules_of(stored), replications=64, job="J2", kpi="throughput", threads=1)
    assert [one.activity for one in toward.critical] == [None, "A2"]


def test_the_first_futures_are_the_stored_ones(stored: Run, found: Sensitivity) -> None:
    few = sensitivity(stored, rules_of(stored), replications=100, threads=1)
    assert few.mean.n == 100
    whole = open_run(stored.path).read("terms")[0].sum(axis=(1, 2))
    late = whole[list(stored.dims.term).index("late_penalty")]
    assert few.variance == pytest.approx(np.var(late[:100], ddof=1))
    assert found.variance == pytest.approx(np.var(late, ddof=1))


def test_what_is_not_there_is_refused(stored: Run) -> None:
    rules = rules_of(stored)
    for asked, said in [
        ({"kpi": "profit"}, "'profit' is not a KPI"),
        ({"scenario": "plan"}, "scenario 'plan' is not in this run; there are base"),
        ({"job": "J9"}, "job 'J9' is not in scenario 'base'"),
        ({"kpi": "throughput_per_drum_hour", "scenario": None, "replications": 0}, "there is nothing to look at"),
    ]:
        with pytest.raises(UsageError, match=said):
            sensitivity(stored, rules, **asked)  # type: ignore[arg-type]


def test_a_run_whose_files_changed_is_refused_with_the_difference(stored: Run, tmp_path: Path) -> None:
    file = Path(json.loads(stored.manifest.notes["scenario files"])[0])
    text = file.read_text("utf-8")
    try:
        file.write_text(text.replace("cv = 0.1", "cv = 0.2"), encoding="utf-8")
        with pytest.raises(ChangedRunError, match=r"inputs.base\.toml: uncertainty: \w+… here, \w+… in the store"):
            sensitivity(stored, rules_of(stored))
    finally:
        file.write_text(text, encoding="utf-8")


def test_a_quantity_that_is_off_is_no_longer_uncertain(stored: Run) -> None:
    world = reopened(stored).worlds[0]
    assert uncertain(world) == ["duration"]
    assert uncertain(without_quantity(world, "duration")) == []


def test_a_tornado_is_drawn_in_bars_to_one_scale(found: Sensitivity) -> None:
    assert bar(-8.0, 8.0) == "◀" + 24 * "█"
    assert bar(4.0, 8.0) == "▶" + 12 * "█"
    assert bar(-8 / 24 / 8, 8.0) == "◀▏"
    assert bar(0.0, 8.0) == bar(1.0, 0.0) == ""
    shown = page(found, "run.zarr")
    lines = shown.text("table", width=200).splitlines()
    assert any("duration" in line and "◀" + 24 * "█" in line for line in lines)
    document = json.loads(shown.text("json"))
    assert document["n"] == 1_024
    assert document["swings"][0]["width"]["value"] == -document["width"]
    assert {one["noise"] for one in document["correlations"]} == {False}
    header, *records = shown.text("csv").splitlines()
    assert header.startswith("about,kind,name,owner")
    assert len(records) == 4 * 3 + 3 + 4
