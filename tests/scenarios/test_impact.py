"""Jobs that an alternative changes, and their money, against the terms of the same run."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from shop import HOUR, plant

from tables import PLAN
from tocfin.dataset.write import write
from tocfin.errors import UsageError
from tocfin.scenarios.ensemble import job_lines, resource_lines
from tocfin.scenarios.execute import run
from tocfin.scenarios.impact import Impact, impacts, stored
from tocfin.scenarios.launch import opened
from tocfin.scenarios.spec import Draws
from tocfin.scenarios.store import open_run
from tocfin.scenarios.stored import Run

OLD = Path(__file__).parents[1] / "fixtures" / "run_v1_sums.zarr"
NOISE = '[[uncertainty.duration]]\nall = true\ndistribution = "uniform"\nmin = 0.5\nmax = 1.5\n'
CHANGES = {
    "base": "",
    "longer": '[[override]]\ntable = "jobs"\nwhere = { job = "J1" }\nset = { revenue = "2000" }\n',
    "without J3": '[[override]]\ntable = "jobs"\nwhere = { job = "J3" }\nset = { cancelled = "true" }\n',
    "J1 later": (
        '[[override]]\ntable = "jobs"\nwhere = { job = "J1" }\nset = { release_date = "2026-06-01T10:00Z" }\n'
        '[[override]]\ntable = "activities"\nwhere = { activity = "A0" }\n'
        'set = { start = "2026-06-01T10:00Z", end = "2026-06-02T06:00Z" }\n'
    ),
}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """J1 (20 h), then J2 (30 h) on one machine, J3 (100 h) on another; ten blocks of the store and a bit."""
    folder = tmp_path_factory.mktemp("impact")
    jobs = {
        "J1": {"need_date": PLAN.clock + 24 * HOUR, "late_penalty_per_day": 240.0},
        "J2": {"need_date": PLAN.clock + 30 * HOUR, "late_penalty_per_day": 24.0, "late_penalty_cap": 20.0},
        "J3": {"need_date": PLAN.clock + 200 * HOUR},
    }
    work = [("J1", "R1", 0, 20), ("J2", "R1", 36, 66), ("J3", "R2", 0, 160)]
    write(plant(work, jobs).tables, PLAN, folder / "plant")
    files = []
    for name, change in CHANGES.items():
        files.append(folder / f"{name}.toml")
        head = f'name = "{name}"\nbase = "plant"\nstart_policy = "as soon as possible"\n'
        files[-1].write_text(head + change + NOISE, encoding="utf-8")
    return run(opened(files), folder / "run.zarr", Draws(seed=4, replications=2_600), threads=2)


@pytest.fixture(scope="module")
def found(made: Run) -> dict[tuple[str, str], Impact]:
    return {(one.scenario, one.job): one for one in impacts(made, "base")}


def test_every_job_that_changes_is_named_with_what_becomes_of_it(found: dict[tuple[str, str], Impact]) -> None:
    assert {key: one.change for key, one in found.items()} == {
        ("longer", "J1"): "moved",
        ("without J3", "J3"): "dropped",
        ("J1 later", "J1"): "late",
        ("J1 later", "J2"): "late",
    }
    later = found["J1 later", "J1"]
    assert later.hours == pytest.approx(10.0)
    assert later.on_time is not None
    assert later.on_time < 0
    dropped = found["without J3", "J3"]
    assert (dropped.hours, dropped.on_time, dropped.inside) == (None, None, None)


def test_money_of_jobs_adds_up_to_that_of_the_run(made: Run, found: dict[tuple[str, str], Impact]) -> None:
    terms = list(made.dims.term)
    revenue = made.read("terms")[:, terms.index("revenue")].sum(axis=(1, 2)).mean(axis=-1)
    for at, scenario in enumerate(made.dims.scenario[1:], 1):
        earned = sum(one.earned for (name, _), one in found.items() if name == scenario)
        assert earned == pytest.approx(revenue[at] - revenue[0], abs=1e-9)
    assert found["longer", "J1"].earned == pytest.approx(1000.0)
    lines = {(line.scenario, line.job): line.penalty for line in job_lines(made)}
    one, other = lines["J1 later", "J2"], lines["base", "J2"]
    assert one is not None
    assert other is not None
    assert one.value <= 20.0
    assert found["J1 later", "J2"].penalty == pytest.approx(one.value - other.value)
    for key in found:
        assert found[key].money.value == pytest.approx(found[key].earned - found[key].penalty)


def test_the_interval_of_a_jobs_money_is_paired_and_needs_ten_blocks(
    made: Run, found: dict[tuple[str, str], Impact]
) -> None:
    money = found["J1 later", "J1"].money
    assert 0 < money.half_width < 2
    late = 10 * np.maximum(0, 20 * np.random.default_rng(2).uniform(0.5, 1.5, 400_000) - [[14], [24]])
    assert abs(money.value + (late[0] - late[1]).mean()) < 2 * money.half_width
    assert found["longer", "J1"].money.low == found["longer", "J1"].money.high == 1000.0


def test_those_with_most_money_come_first_and_an_unknown_base_is_refused(made: Run) -> None:
    later = [one for one in impacts(made, "base") if one.scenario == "J1 later"]
    assert abs(later[0].money.value) >= abs(later[1].money.value)
    with pytest.raises(UsageError, match="scenario 'plan' is not in this run"):
        impacts(made, "plan")


def test_a_run_of_before_money_by_job_keeps_opening_and_says_what_it_lacks() -> None:
    old = open_run(OLD)
    assert {line.penalty for line in job_lines(old)} == {None}
    assert [line.inside.count for line in job_lines(old)] == [70] * 4
    assert {(line.load, line.queue) for line in resource_lines(old)} == {(None, None)}
    assert not stored(old)
    with pytest.raises(UsageError, match="earlier tocfin and holds no money by job; simulate it again"):
        impacts(old, "base")
