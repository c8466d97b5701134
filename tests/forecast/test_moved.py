"""What moved a forecast: single causes that are known, and all of them together, adding up."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
from click.testing import CliRunner, Result

from tocfin.cli import main
from tocfin.dataset import Dataset
from tocfin.dataset.write import write
from tocfin.examples.halfway import month_plant, revealed
from tocfin.forecast.moved import CAUSES
from tocfin.forecast.record import stored
from tocfin.scenarios.resolve import resolve
from tocfin.scenarios.run import replay
from tocfin.scenarios.uncertainty import Uncertainty
from tocfin.scenarios.world import prepared

NOISE = '[[uncertainty.duration]]\nall = true\ndistribution = "lognormal"\ncv = {cv}\n'
DAY = 86_400


@pytest.fixture
def step(tmp_path: Path) -> Callable[..., None]:
    """Forecast the plant as it is now, into the record."""

    def forecast(dataset: Dataset, as_of: str = "2026-06-08", cv: float = 0.2) -> None:
        assert dataset.plan is not None
        write(dataset.tables, dataset.plan, tmp_path / "plant", force=True)
        (tmp_path / "noise.toml").write_text(NOISE.format(cv=cv), "utf-8")
        words = ["forecast", tmp_path / "plant", "--as-of", as_of, "--record", tmp_path / "record", "-q"]
        words += ["--replications", "64", "--uncertainty", tmp_path / "noise.toml"]
        found = CliRunner().invoke(main, [str(word) for word in words])
        assert found.exit_code == 0, found.output

    return forecast


def moves(tmp_path: Path, *words: str) -> dict[str, dict[str, float]]:
    found = diff(tmp_path, "--format", "json", *words)
    assert found.exit_code == 0, found.output
    said = json.loads(found.stdout)["moves"]
    for move in said:
        whole = sum(move["causes"].values()) + move["rest"]
        assert move["after"] - move["before"] == pytest.approx(whole, abs=1e-6)
        assert abs(move["residual"]) < 1e-6
    return {move["kpi"]: move["causes"] | {"rest": move["rest"]} for move in said}


def diff(tmp_path: Path, *words: str) -> Result:
    return CliRunner().invoke(main, ["forecast-diff", str(tmp_path / "record"), *words])


def changed(dataset: Dataset, table: str, **columns: pl.Expr) -> Dataset:
    return Dataset(
        dataset.name, None, dataset.plan, {**dataset.tables, table: dataset.tables[table].with_columns(**columns)}, ()
    )


def half_way(day: int) -> Dataset:
    plant = month_plant(4, jobs=8)
    assert plant.plan is not None
    world = prepared("truth", plant, resolve(Uncertainty(), plant)[0])
    return revealed(plant, replay(world, 1, 0), plant.plan.clock + day * DAY)


def test_a_single_cause_is_named_and_has_the_whole_amount(step: Callable[..., None], tmp_path: Path) -> None:
    plant = half_way(7)
    step(plant)
    dearer = changed(plant, "resources", standard_hourly_cost=pl.col("standard_hourly_cost") + 1.0)
    step(dearer)
    found = moves(tmp_path)
    assert set(found["operating_expense"]) == {"prices and costs", "rest"}
    assert found["operating_expense"]["prices and costs"] == pytest.approx(4 * 28 * 24 * 1.0)
    assert found["net_profit"]["prices and costs"] == pytest.approx(-4 * 28 * 24 * 1.0)
    assert found["throughput"] == {"prices and costs": 0.0, "rest": 0.0}


def test_all_causes_together_add_up_and_each_is_there(step: Callable[..., None], tmp_path: Path) -> None:
    step(half_way(7))
    later = half_way(10)
    later = changed(later, "jobs", cancelled=pl.col("job") == "J003", revenue=pl.col("revenue") * 1.1)
    hours = later.tables["calendars"].with_columns(start_time=pl.lit(3_600), end_time=pl.lit(0))
    later = Dataset("plant", None, later.plan, {**later.tables, "calendars": hours}, ())
    step(later, as_of="2026-06-11", cv=0.4)
    found = moves(tmp_path)["throughput"]
    assert set(found) == {*CAUSES, "rest"}
    assert found["prices and costs"] > 0
    assert found["orders and plan"] < 0  # an order less
    assert found["rest"] == pytest.approx(0.0, abs=1e-6)


def test_forecasts_that_cannot_be_compared_are_refused(step: Callable[..., None], tmp_path: Path) -> None:
    assert "is no folder of forecasts" in diff(tmp_path).stderr
    step(half_way(7))
    found = diff(tmp_path)
    assert found.exit_code == 2
    assert "two are needed" in found.stderr
    step(half_way(7), as_of="2026-06-09")
    assert diff(tmp_path, "--kpi", "glory").exit_code == 2
    (one, _) = stored(tmp_path / "record")
    for file in one.inputs.iterdir():
        file.unlink()
    found = diff(tmp_path)
    assert found.exit_code == 2
    assert "is gone" in found.stderr
