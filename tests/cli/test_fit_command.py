"""Fitting from the command line: what is printed, what is written, and what is refused."""

from __future__ import annotations

import csv
import io
import json
import os
from pathlib import Path

import polars as pl
import pytest

from conftest import Run
from shared_data import shared_data
from tocfin.dataset import read
from tocfin.dataset.write import write
from tocfin.examples import example_dataset

LOG = "Case ID,Activity,Resource,Start,Complete\n"


@pytest.fixture(scope="module")
def past(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example plant after its plan: every activity began on time, and lasted 1 to 1.4 times as long."""
    dataset = example_dataset()
    row = pl.int_range(pl.len())
    late = ((pl.col("end") - pl.col("start")) * (1.0 + (row * 7 % 41) / 100)).round().cast(pl.Int64)
    work = dataset.tables["activities"].with_columns(actual_start=pl.col("start"), actual_end=pl.col("start") + late)
    assert dataset.plan is not None
    folder = tmp_path_factory.mktemp("past") / "plant"
    return Path(write({**dataset.tables, "activities": work}, dataset.plan, folder))


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """40 pieces of work on one machine, 1 to 5 hours each."""
    rows = [
        f"Case {i // 4},Mill,M1,2026-06-{1 + i // 2:02} {6 + 6 * (i % 2):02}:00:00,"
        f"2026-06-{1 + i // 2:02} {7 + 6 * (i % 2) + i * 3 % 5:02}:00:00\n"
        for i in range(40)
    ]
    path = tmp_path / "log.csv"
    path.write_text(LOG + "".join(rows), "utf-8")
    return path


def test_fit_writes_a_file_that_simulate_takes(past: Path, tmp_path: Path, tocfin: Run) -> None:
    out = tmp_path / "uncertainty.toml"
    found = tocfin("fit", past, "--out", out)
    assert found.exit_code == 0, found.stderr
    assert "estimates ± standard error" in found.stdout
    assert f"wrote {out}" in found.stderr
    assert "too few to fit breakdowns; 30 are needed" in found.stderr
    base = os.path.relpath(past, tmp_path)
    scenario = tmp_path / "scenario.toml"
    scenario.write_text(f'name = "fitted"\nbase = "{base}"\n[uncertainty]\nfile = "uncertainty.toml"\n', "utf-8")
    ran = tocfin("simulate", scenario, "--out", tmp_path / "run.zarr", "--replications", 64, "--threads", 1)
    assert ran.exit_code == 0, ran.stderr
    assert "selects-nothing" not in ran.stderr


def test_fit_prints_json_csv_and_markdown(past: Path, tmp_path: Path, tocfin: Run) -> None:
    out = tmp_path / "uncertainty.toml"
    document = json.loads(tocfin("fit", past, "--out", out, "--format", "json").stdout)
    assert list(document) == ["schema", "source", "factors", "fits", "findings"]
    assert {one["quantity"] for one in document["fits"]} >= {"duration"}
    mean = next(one for one in document["fits"] if one["figure"] == "mean")
    assert 1.0 < mean["estimate"] < 1.4
    assert mean["standard_error"] > 0
    assert {"ks", "anderson_darling", "n", "rows"} <= set(mean)
    assert {one["rule"] for one in document["findings"]} >= {"too-thin"}
    rows = list(csv.DictReader(io.StringIO(tocfin("fit", past, "--out", out, "--force", "--format", "csv").stdout)))
    assert [row["figure"] for row in rows] == [one["figure"] for one in document["fits"]]
    assert "| duration |" in tocfin("fit", past, "--out", out, "--force", "--format", "md").stdout


def test_an_event_log_is_fitted_to_the_means_of_its_groups(log: Path, tmp_path: Path, tocfin: Run) -> None:
    out = tmp_path / "uncertainty.toml"
    found = tocfin("fit", log, "--out", out)
    assert found.exit_code == 0, found.stderr
    assert "the log has no planned times" in found.stderr
    assert "# The log has no planned times" in out.read_text("utf-8")
    assert 'activity = "*/???? Mill"\nresource = "M1"\n' in out.read_text("utf-8")
    again = tmp_path / "again.toml"
    assert tocfin("fit", log.parent, "--out", again, "-q").exit_code == 0
    assert again.read_text("utf-8").splitlines()[2:] == out.read_text("utf-8").splitlines()[2:]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("nowhere",), "nowhere: there is no such data set or event log"),
        (("{past}", "--finance", "f.toml"), "--finance is for event logs"),
        (("{log}", "--profile", "moon"), "moon"),
        (("{thin}",), "29 finished events of a log are too few to fit durations; 30 are needed"),
        (("{broken}",), "activities.csv:118: resource: 'CNC-9' is not in resources"),
    ],
)
def test_what_cannot_be_fitted_exits_2_and_writes_nothing(
    words: tuple[str, ...], said: str, past: Path, log: Path, broken: Path, tmp_path: Path, tocfin: Run
) -> None:
    thin = tmp_path / "thin.csv"
    thin.write_text("".join(log.read_text("utf-8").splitlines(keepends=True)[:30]), "utf-8")
    places = {"past": past, "log": log, "thin": thin, "broken": broken}
    out = tmp_path / "uncertainty.toml"
    found = tocfin("fit", *(word.format(**places) for word in words), "--out", out, "--format", "json")
    assert (found.exit_code, found.stdout) == (2, "")
    assert said in found.stderr
    assert "Traceback" not in found.stderr
    assert not out.exists()


@pytest.mark.parametrize("content", ["", LOG, "a,b\n1,2\n", LOG + "Case 1,Mill,M1,yesterday,today\n", "\0\0\0"])
def test_a_log_that_is_none_exits_2(content: str, tmp_path: Path, tocfin: Run) -> None:
    path = tmp_path / "log.csv"
    path.write_text(content, "utf-8")
    found = tocfin("fit", path, "--out", tmp_path / "uncertainty.toml")
    assert (found.exit_code, found.stdout) == (2, "")
    assert found.stderr
    assert "internal error" not in found.stderr
    assert [one.name for one in tmp_path.iterdir()] == ["log.csv"]


def test_a_file_that_is_there_is_not_overwritten_without_force(past: Path, tmp_path: Path, tocfin: Run) -> None:
    out = tmp_path / "uncertainty.toml"
    out.write_text("mine")
    refused = tocfin("fit", past, "--out", out)
    assert refused.exit_code == 2
    assert "say --force to replace it" in refused.stderr
    assert out.read_text() == "mine"
    assert tocfin("fit", past, "--out", out, "--force", "-q").exit_code == 0
    assert out.read_text("utf-8").startswith("# Uncertainty fitted by tocfin")


def test_the_log_of_4tu_gives_a_file_that_its_own_import_is_simulated_with(tmp_path: Path, tocfin: Run) -> None:
    source = shared_data("production_4tu")
    found = tocfin("fit", source, "--out", tmp_path / "uncertainty.toml", "--format", "json")
    assert found.exit_code == 0, found.stderr
    document = json.loads(found.stdout)
    whole = [one for one in document["fits"] if one["rows"] == "all" and one["quantity"] == "duration"]
    assert {one["figure"]: one["n"] for one in whole}["mean"] == 4_471
    assert tocfin("import", "eventlog", source, "--out", tmp_path / "plant", "-q").exit_code == 0
    assert read(tmp_path / "plant").ok
    scenario = tmp_path / "scenario.toml"
    scenario.write_text('name = "4TU"\nbase = "plant"\n[uncertainty]\nfile = "uncertainty.toml"\n', "utf-8")
    ran = tocfin("simulate", scenario, "--out", tmp_path / "run.zarr", "--replications", 64, "--threads", 1)
    assert ran.exit_code == 0, ran.stderr
    assert "selects-nothing" not in ran.stderr
    late = json.loads(
        tocfin("replay", tmp_path / "run.zarr", "--replication", 3, "--schedule", "--format", "json").stdout
    )
    assert sum(bool(one["hours_late"]) for one in late) > 1_000
