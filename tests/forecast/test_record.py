"""The record of forecasts and batches of plants: nothing is made twice, and a batch that was stopped goes on."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from shutil import copytree

import polars as pl
import pytest
from click.testing import CliRunner, Result

from tocfin.cli import main
from tocfin.dataset.write import write
from tocfin.errors import UsageError
from tocfin.examples.halfway import month_plant
from tocfin.forecast.batch import data_sets
from tocfin.forecast.record import stored

Run = Callable[..., Result]
NOISE = '[[uncertainty.duration]]\nall = true\ndistribution = "lognormal"\ncv = 0.3\n'


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three small plants."""
    folder = tmp_path_factory.mktemp("plants")
    for seed in range(3):
        dataset = month_plant(seed, jobs=6)
        assert dataset.plan is not None
        write(dataset.tables, dataset.plan, folder / f"plant{seed}")
        (folder / f"plant{seed}" / "uncertainty.toml").write_text(NOISE, "utf-8")
    return folder


@pytest.fixture
def plants(written: Path, tmp_path: Path) -> Path:
    return copytree(written, tmp_path / "plants")


@pytest.fixture
def run(plants: Path, tmp_path: Path) -> Run:
    words = ["forecast", "--replications", "32", "--record", str(tmp_path / "record")]
    return lambda *more: CliRunner().invoke(main, [*words, *(str(word) for word in more)])


def test_a_forecast_is_kept_with_its_inputs_its_values_and_where_it_comes_from(
    run: Run, plants: Path, tmp_path: Path
) -> None:
    shown = run(plants / "plant0", "--as-of", "2026-06-08", "--format", "json")
    assert shown.exit_code == 0, shown.output
    (one,) = stored(tmp_path / "record")
    assert json.loads(shown.stdout) == one.document
    assert one.card["asked"]["replications"] == 32
    assert set(one.card["packages"]) == {"tocfin", "numpy", "numba"}
    assert one.card["files"]["uncertainty"] is not None
    assert (one.inputs / "plan.toml").is_file()
    assert (one.inputs / "uncertainty.toml").read_text("utf-8") == NOISE
    values = one.values()
    assert values.height == 32
    assert values.width == len(one.document["lines"])
    assert values[:, 0].mean() == pytest.approx(one.document["lines"][0]["mean"])


def test_the_same_forecast_is_not_made_again_and_another_one_is_kept_beside_it(
    run: Run, plants: Path, tmp_path: Path
) -> None:
    first = run(plants / "plant0", "--as-of", "2026-06-08", "--format", "csv")
    again = run(plants / "plant0", "--as-of", "2026-06-08", "--format", "csv")
    assert "in the record already" in again.stderr
    assert first.stdout == again.stdout
    run(plants / "plant0", "--as-of", "2026-06-09", "-q")
    run(plants / "plant0", "--as-of", "2026-06-08", "--seed", "2", "-q")
    (plants / "plant0" / "uncertainty.toml").write_text(NOISE.replace("0.3", "0.4"), "utf-8")
    run(plants / "plant0", "--as-of", "2026-06-08", "-q")
    jobs = pl.read_csv(plants / "plant0" / "jobs.csv", infer_schema=False)
    jobs.with_columns(revenue=pl.lit("1000")).write_csv(plants / "plant0" / "jobs.csv")
    run(plants / "plant0", "--as-of", "2026-06-08", "-q")
    kept = stored(tmp_path / "record")
    assert len({one.card["id"] for one in kept}) == len(kept) == 5
    assert [one.document["as_of"][:10] for one in kept] == ["2026-06-08"] * 4 + ["2026-06-09"]


def test_a_batch_says_a_line_for_each_plant_and_goes_on_where_it_was_stopped(
    run: Run, plants: Path, tmp_path: Path
) -> None:
    whole = run(plants, "--as-of", "2026-06-08", "--format", "csv")
    assert whole.exit_code == 0, whole.output
    assert [line.split(":")[0] for line in whole.stderr.splitlines()] == ["plant0", "plant1", "plant2"]
    (lost,) = stored(tmp_path / "record", dataset="plant1")
    lost.file.unlink()  # as if killed between its two files
    again = run(plants, "--as-of", "2026-06-08", "--format", "csv")
    assert [("already" in line) for line in again.stderr.splitlines()] == [True, False, True]
    assert whole.stdout == again.stdout


def test_a_faulty_plant_is_told_and_does_not_keep_the_others_waiting(run: Run, plants: Path) -> None:
    (plants / "plant1" / "jobs.csv").write_text("job\n1\n", "utf-8")
    found = run(plants, "--as-of", "2026-06-08", "--format", "json", "-q")
    assert found.exit_code == 2
    said = json.loads(found.stdout)
    assert [one["dataset"] for one in said["forecasts"]] == ["plant0", "plant2"]
    assert said["faults"] == [{"dataset": "plant1", "fault": "the data set has errors"}]
    assert "jobs.csv:1: revenue" in found.stderr


def test_a_missed_target_is_exit_code_3_only_where_it_is_asked_for(run: Run, plants: Path) -> None:
    header = "kpi,period_start,period_end,target,owner\n"
    (plants / "plant0" / "targets.csv").write_text(
        header + "throughput,2026-06-01T00:00Z,2026-06-29T00:00Z,99999999,Ada\n", "utf-8"
    )
    asked = partial(run, plants / "plant0", "--as-of", "2026-06-08")
    assert asked("-q").exit_code == 0
    found = asked("--fail-on-miss")
    assert found.exit_code == 3
    assert "certain miss" in found.stdout
    assert "1 of 1 targets missed" in found.stderr


def test_wrong_usage_is_told_before_anything_is_made(run: Run, plants: Path, tmp_path: Path) -> None:
    for words, message in (
        ([tmp_path / "nowhere"], "neither a data set nor a folder of data sets"),
        ([plants / "plant0", "--period", "someday"], "neither in periods"),
        ([plants / "plant0", "--uncertainty", tmp_path / "no.toml"], "no such file of uncertainty"),
        ([plants / "plant0", "--as-of", "tomorrow"], "is not a time"),
    ):
        found = run(*words)
        assert found.exit_code == 2, words
        assert message in found.stderr
    assert not (tmp_path / "record").exists()


def test_a_record_that_was_tampered_with_is_refused_by_file(run: Run, plants: Path, tmp_path: Path) -> None:
    run(plants / "plant0", "--as-of", "2026-06-08", "-q")
    (one,) = stored(tmp_path / "record")
    one.file.write_text("{}", "utf-8")
    with pytest.raises(UsageError, match=one.file.name):
        stored(tmp_path / "record")
    with pytest.raises(UsageError, match="no folder of forecasts"):
        stored(tmp_path / "elsewhere")


def test_data_sets_are_found_in_folders_of_them(plants: Path) -> None:
    assert [path.name for path in data_sets([plants])] == ["plant0", "plant1", "plant2"]
    assert data_sets([plants / "plant1"]) == [plants / "plant1"]
