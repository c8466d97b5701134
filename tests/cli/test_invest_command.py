"""``tocfin invest``: hours by worth with and without overtime, and purchases from a price list."""

import csv
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from small_plant import small_plant

Run = Callable[..., Result]


@pytest.fixture(scope="module")
def scenario(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small plant whose work varies."""
    return small_plant(tmp_path_factory.mktemp("invest"))[0]


def test_the_same_figures_in_every_form(tocfin: Run, scenario: Path, tmp_path: Path) -> None:
    prices = tmp_path / "options.toml"
    prices.write_text('[[option]]\nresource = "mill"\nkind = "unit"\ncapital = 500\nexpense_per_day = 1\n', "utf-8")
    words = ("invest", scenario, "--options", prices, "--replications", 64)
    found = json.loads(tocfin(*words, "--format", "json").stdout)
    for part in ("hours", "without_heroics"):
        assert {line["resource"] for line in found[part]} == {"saw", "mill", "test"}
        worth = [line["net_profit_per_hour"] * line["constraint_probability"] for line in found[part]]
        assert worth == sorted(worth, reverse=True)
    (bought,) = found["purchases"]
    assert (bought["resource"], bought["kind"], bought["investment"]) == ("mill", "unit", 500.0)
    assert bought["net_profit_low"] <= bought["net_profit"] <= bought["net_profit_high"]
    records = list(csv.DictReader(tocfin(*words, "--format", "csv").stdout.splitlines()))
    assert [row["what"] for row in records] == ["hour"] * 3 + ["hour without heroics"] * 3 + ["purchase"]
    table = tocfin(*words).stdout
    assert "What could be bought" in table
    assert "The same without overtime" in table


def test_without_a_price_list_capital_is_not_supplied(tocfin: Run, scenario: Path) -> None:
    table = tocfin("invest", scenario, "--replications", 16).stdout
    assert "capital not supplied" in table


def test_a_price_list_with_faults_is_refused_before_anything_is_simulated(tocfin: Run, tmp_path: Path) -> None:
    prices = tmp_path / "options.toml"
    prices.write_text('[[option]]\nresource = "mill"\nkind = "robot"\n', "utf-8")
    said = tocfin("invest", tmp_path / "nowhere.toml", "--options", prices)
    assert said.exit_code == 2
    assert "robot" in said.stderr
