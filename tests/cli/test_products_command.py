"""``tocfin products`` from a scenario file and from a data set."""

import csv
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from forecast.two_jobs import two_jobs
from small_plant import SCENARIO
from tocfin.dataset.write import write

Run = Callable[..., Result]


@pytest.fixture
def scenario(tmp_path: Path) -> Path:
    """A scenario file of the plant with two jobs, whose work varies."""
    dataset = two_jobs()
    assert dataset.plan is not None
    write(dataset.tables, dataset.plan, tmp_path / "plant")
    file = tmp_path / "base.toml"
    file.write_text(SCENARIO.format(name="base", cv=0.3), encoding="utf-8")
    return file


def test_products_are_the_same_figures_in_every_form(tocfin: Run, scenario: Path) -> None:
    words = ("products", scenario, "--replications", 64, "--rate", 100)
    found = json.loads(tocfin(*words, "--format", "json").stdout)
    (first, second, none), plant = found["products"], found["plant"]
    assert [one["product"] for one in (first, second, none, plant)] == ["Q", "P", None, "plant"]
    assert first["throughput"] + second["throughput"] == plant["throughput"] == 1680.0
    assert first["expected_throughput_low"] < first["expected_throughput"] < first["expected_throughput_high"]
    records = list(csv.DictReader(tocfin(*words, "--format", "csv").stdout.splitlines()))
    assert [float(row["throughput"]) for row in records] == [one["throughput"] for one in (first, second, none, plant)]
    table = tocfin(*words).stdout
    assert "price for 100.00/h" in table
    assert "no drum" not in table


def test_a_data_set_alone_has_no_luck_but_an_answer(tocfin: Run, scenario: Path) -> None:
    found = json.loads(tocfin("products", scenario.parent / "plant", "--replications", 16, "--format", "json").stdout)
    assert found["products"][0]["variability_cost"] == 0.0


def test_a_path_that_is_not_there_is_a_plain_refusal(tocfin: Run, tmp_path: Path) -> None:
    said = tocfin("products", tmp_path / "nowhere")
    assert said.exit_code == 2
    assert "Traceback" not in said.stderr
