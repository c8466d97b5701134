"""``tocfin quote`` in every form, and what it refuses."""

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


def test_a_quote_in_every_form(tocfin: Run, scenario: Path) -> None:
    words = ("quote", scenario, "--product", "P", "--quantity", 5, "--price", 800, "--replications", 128)
    found = json.loads(tocfin(*words, "--format", "json").stdout)
    assert found["like"] == "A"
    assert found["effect"]["net_profit"]["low"] <= found["effect"]["net_profit"]["value"]
    dates = [found["promise"][share]["value"] for share in ("0.50", "0.80", "0.90", "0.95")]
    assert dates == sorted(dates)
    table = tocfin(*words).stdout
    assert "date that is kept with 90 %" in table
    assert dates[2] in table
    assert tocfin(*words, "--format", "csv").stdout.startswith("job,on_time_without,on_time_with")


def test_an_unknown_product_is_refused(tocfin: Run, scenario: Path) -> None:
    said = tocfin("quote", scenario, "--product", "X")
    assert said.exit_code == 2
    assert "'X' is not in items" in said.stderr
