"""What a report is about: what has happened and what may, the jobs behind it, and who must do something."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from forecast.two_jobs import HOUR, two_jobs
from tables import PLAN
from tocfin.dataset.plan import Progress
from tocfin.dataset.write import write
from tocfin.forecast.dossier import dossier

OWNERS = [
    {"kpi": "throughput", "target": 2_000.0, "owner": "Ann", "plant": "P1"},
    {"kpi": "net_profit", "target": 1.0, "owner": "Bob"},
]


def halfway(folder: Path) -> Path:
    """After six hours A is done as planned; B should be on the mill since the fifth, and is not."""
    plan = replace(PLAN, progress=Progress(as_of=PLAN.clock + 6 * HOUR, unconfirmed="not_done"))
    found = two_jobs(targets=OWNERS)
    done = found.tables["activities"].with_columns(
        actual_start=pl.when(pl.col("activity") != "B-mill").then("start"),
        actual_end=pl.when(pl.col("activity") != "B-mill").then("end"),
    )
    return write({**found.tables, "activities": done}, plan, folder)


def test_what_has_happened_is_actual_and_what_has_not_is_the_futures(tmp_path: Path) -> None:
    found = dossier([halfway(tmp_path / "plant")], replications=8)
    as_of = PLAN.clock + 6 * HOUR
    assert found.as_of == as_of
    assert found.actual["throughput"] == pytest.approx(700.0)  # A: 1,000 of revenue less 300 of material
    known = np.isfinite(found.fan.actual)
    assert found.fan.at[known].tolist() == [as_of]
    assert found.fan.actual[known].tolist() == [700.0]
    assert (found.fan.band[found.fan.at == as_of] == 700.0).all()
    assert found.run["actual until"] == found.run["as of"] == "2026-06-01T06:00:00Z"


def test_without_a_state_of_the_work_nothing_is_actual(tmp_path: Path) -> None:
    found = dossier([write(two_jobs().tables, PLAN, tmp_path / "plant")], replications=8)
    assert found.as_of is None
    assert found.actual == {}
    assert np.isnan(found.fan.actual).all()
    assert found.run["actual until"].startswith("nothing reported")


def test_who_must_do_what_next_about_a_job_at_risk(tmp_path: Path) -> None:
    found = dossier([halfway(tmp_path / "plant")], replications=8)
    late = next(job for job in found.at_risk if job.job == "B")
    assert (late.step, late.resource, late.begins) == ("B-mill", "mill", PLAN.clock + 5 * HOUR)
    assert (late.owner, late.need) == ("Ann", PLAN.clock + 5 * HOUR)
    assert late.expected == PLAN.clock + 8 * HOUR


def test_jobs_behind_a_bridge_add_up_to_its_steps(tmp_path: Path) -> None:
    plant = write(two_jobs().tables, PLAN, tmp_path / "plant")
    other = tmp_path / "dear.toml"
    other.write_text(
        'name = "dear"\nbase = "plant"\nstart_policy = "as soon as possible"\n'
        '[[override]]\ntable = "jobs"\nwhere = { job = "A" }\nscale = { revenue = 1.25 }\n', "utf-8"
    )  # fmt: skip
    found = dossier([plant, other], replications=8).alternatives[0]
    assert (found.behind.terms, found.behind.jobs) == (("revenue",), ("A",))
    assert found.behind.amounts.tolist() == [[250.0]]
    assert found.behind.rest.tolist() == [0.0]
    assert {part.term: float(part.amount) for part in found.bridge.parts if part.amount} == {"revenue": 250.0}
