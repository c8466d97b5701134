"""Stored forecasts beside what came: their scores, what the next one learns from them, and closed periods that stay."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from click.testing import CliRunner

from tables import frame
from tocfin.catalogue import BY_NAME
from tocfin.cli import main
from tocfin.dataset import Dataset
from tocfin.dataset.page import Page
from tocfin.dataset.write import write
from tocfin.examples.halfway import month_plant, revealed
from tocfin.forecast.batch import Result, batch
from tocfin.forecast.closing import forecast
from tocfin.forecast.scored import of_record
from tocfin.opening import read
from tocfin.scenarios.resolve import resolve
from tocfin.scenarios.run import Replay, replay
from tocfin.scenarios.uncertainty import read_uncertainty
from tocfin.scenarios.world import prepared

DAY = 86_400
LENGTH, PERIODS = 2, 13
NOISE = '[[uncertainty.duration]]\nall = true\ndistribution = "lognormal"\ncv = 0.3\n'


@pytest.fixture(scope="module")
def story() -> tuple[Dataset, Replay]:
    """A plant with periods of two days, and the future that comes true."""
    plant = month_plant(6, jobs=30)
    assert plant.plan is not None
    clock = plant.plan.clock
    rows: list[dict[str, Any]] = [
        {"period": f"p{k}", "start": clock + k * LENGTH * DAY, "end": clock + (k + 1) * LENGTH * DAY,
         "status": "closed" if k == 2 else "open"}
        for k in range(PERIODS)
    ]  # fmt: skip
    listed = replace(plant, tables={**plant.tables, "periods": frame(BY_NAME["periods"], rows)})
    content = {"uncertainty": {"duration": [{"all": True, "distribution": "lognormal", "cv": 0.3}]}}
    resolved, _ = resolve(read_uncertainty(Page("noise"), content, Path()), listed)
    return listed, replay(prepared("truth", listed, resolved), 4, 2)


def told(folder: Path, dataset: Dataset) -> Path:
    assert dataset.plan is not None
    write(dataset.tables, dataset.plan, folder / "plant", force=True)
    (folder / "noise.toml").write_text(NOISE, "utf-8")
    return folder / "plant"


def made(folder: Path, story: tuple[Dataset, Replay], k: int, day: int = 1, **asked: Any) -> Result:
    plant, truth = story
    assert plant.plan is not None
    as_of = plant.plan.clock + (k * LENGTH + day) * DAY
    place = told(folder, revealed(plant, truth, as_of))
    common = {"uncertainty": folder / "noise.toml", "replications": 48, "seed": 1, "policy": None, "threads": 1}
    (found,) = batch([place], folder / "record", period=f"p{k}", as_of=as_of, **(common | asked))
    assert found.fault is None, found
    return found


def throughput(said: dict[str, Any] | None) -> dict[str, Any]:
    assert said is not None
    return next(line for line in said["lines"] if line["kpi"] == "throughput" and line["plant"] is None)


def test_stored_forecasts_are_scored_and_the_next_one_learns_from_them(
    story: tuple[Dataset, Replay], tmp_path: Path
) -> None:
    thin = [made(tmp_path, story, k, calibrate=k == 3) for k in range(PERIODS - 1)][3]
    assert [finding.rule for finding in thin.findings] == ["thin-record"]
    plain = throughput(made(tmp_path, story, PERIODS - 1).document)
    learned = throughput(made(tmp_path, story, PERIODS - 1, calibrate=True).document)
    assert (learned["P10"], learned["P90"]) != (plain["P10"], plain["P90"])
    plant, truth = story
    assert plant.plan is not None
    place = told(tmp_path, revealed(plant, truth, plant.plan.clock + 40 * DAY))
    found = of_record(tmp_path / "record", read(place), ("throughput",))
    (line,) = found.lines
    assert (line.day, line.score.n) == (1, PERIODS)
    whole = forecast(read(place), as_of=plant.plan.clock + 40 * DAY, period="horizon", replications=1)
    until = sum(one.truth for one in line.raw)
    assert until <= whole.lines[0].values[0]
    assert until == pytest.approx(sum(_ended(read(place), plant.plan.clock, plant.plan.clock + LENGTH * PERIODS * DAY)))
    assert set(line.score.baselines) == {"plan", "run rate"}
    shown = CliRunner().invoke(main, ["backtest", str(place), "--record", str(tmp_path / "record"), "--format", "json"])
    assert shown.exit_code == 0, shown.output
    assert {one["series"] for one in json.loads(shown.stdout)["lines"]} == {
        "throughput", "operating_expense", "net_profit",
    }  # fmt: skip


def _ended(dataset: Dataset, start: int, end: int) -> list[float]:
    """T of each job by the end of its last step, from the tables alone."""
    tables = dataset.tables
    steps = tables["activities"].join(tables["operations"].select("operation", "manufacturing_order"), on="operation")
    steps = steps.join(tables["manufacturing_orders"].select("manufacturing_order", "job"), on="manufacturing_order")
    needs = tables["material_requirements"].with_columns(job=pl.col("operation").str.slice(0, 4))
    jobs = (
        tables["jobs"]
        .join(steps.group_by("job").agg(done=pl.col("actual_end").max()), on="job")
        .join(needs.group_by("job").agg(material=pl.col("required_qty").sum() * 10.0), on="job")
        .filter(pl.col("done").is_between(start, end, closed="left"))
    )
    late = ((pl.col("done") - pl.col("need_date")) / DAY).clip(lower_bound=0.0) * pl.col("late_penalty_per_day")
    return jobs.select(pl.col("revenue") - pl.col("material") - pl.col("shipping_cost") - late).to_series().to_list()


def test_a_closed_period_stays_and_later_facts_are_corrections_of_the_open_one(
    story: tuple[Dataset, Replay], tmp_path: Path
) -> None:
    close = made(tmp_path, story, 2, day=LENGTH)
    before = throughput(close.document)["mean"]
    plant, truth = story
    dearer = plant.tables["jobs"].with_columns(pl.col("revenue") + 100.0)
    changed = replace(plant, tables={**plant.tables, "jobs": dearer})
    again = made(tmp_path, (changed, truth), 2, day=LENGTH)
    assert again.document == close.document
    assert [finding.rule for finding in again.findings] == ["closed-period"]
    later = made(tmp_path, (changed, truth), 3).document
    assert later is not None
    amounts = {one["kpi"]: one["amount"] for one in later["adjustments"]}
    assert plant.plan is not None
    start = plant.plan.clock + 2 * LENGTH * DAY
    ended = len(_ended(revealed(plant, truth, start + 40 * DAY), start, start + LENGTH * DAY))
    assert ended > 0
    assert amounts["throughput"] == pytest.approx(100.0 * ended)
    assert amounts["net_profit"] == pytest.approx(100.0 * ended)
    assert "productivity" not in amounts
    assert before > 0


def test_calibration_needs_a_record(tmp_path: Path) -> None:
    found = CliRunner().invoke(main, ["forecast", str(tmp_path), "--calibrate"])
    assert found.exit_code == 2
    assert "say --record too" in found.stderr
