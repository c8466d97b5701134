"""Every kind of side: runs and forecasts at their mean, states, and what no word names."""

from __future__ import annotations

import json
from itertools import product as pairs
from pathlib import Path

import pytest
from click.testing import CliRunner

from small_plant import small_plant
from tocfin.cli import main
from tocfin.dataset.write import write
from tocfin.errors import UsageError
from tocfin.examples.halfway import month_plant
from tocfin.forecast.explain import Explained, explain
from tocfin.forecast.sides import opened
from tocfin.kpi import KPIS, evaluate
from tocfin.measure import rules_of
from tocfin.scenarios.store import open_run

NOISE = '[[uncertainty.duration]]\nall = true\ndistribution = "lognormal"\ncv = 0.3\n'
BREAKS = "[[uncertainty.breakdowns]]\nall = true\nmtbf = 6.0\nmttr = 2.0\n"
LATER = '[[override]]\ntable = "jobs"\nwhere = {}\nscale = { late_penalty_per_day = 2.0 }\n'


def tocfin(*words: object) -> str:
    result = CliRunner().invoke(main, [str(word) for word in words])
    assert result.exit_code == 0, result.output
    return result.stdout


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three scenarios in 70 futures: one of them breaks down too, one has other penalties under the same luck."""
    folder = tmp_path_factory.mktemp("run")
    base, wild = small_plant(folder)
    text = base.read_text("utf-8")
    wild.write_text(text.replace('name = "base"', 'name = "wild"') + BREAKS, "utf-8")
    dear = folder / "dear.toml"
    dear.write_text(text.replace('name = "base"', 'name = "dear"') + LATER, "utf-8")
    tocfin("simulate", base, wild, dear, "--replications", 70, "--seed", 3, "--out", folder / "run.zarr")
    return folder / "run.zarr"


def one(a: str, b: str, replications: int = 4) -> tuple[Explained, dict[str, float]]:
    views = ["driver", "term", "product"]
    (found,) = explain(opened(a), opened(b), ["net_profit"], by=views, threads=1, replications=replications).kpis
    assert all(found.residual(view) == 0 for view in found.views)
    return found, {part.name: float(part.amount) for part in found.views["driver"] if part.amount}


def test_a_run_is_explained_at_the_mean_of_its_own_futures(run: Path) -> None:
    found, _ = one(f"{run}@base", f"{run}@wild", replications=64)
    stored, plan = open_run(run), opened(f"{run}@base").dataset.plan
    assert plan is not None
    for name, figure in (("base", found.before), ("wild", found.after)):
        terms = stored.read("terms", scenario=name)[..., :64].sum(axis=(1, 2)).T
        expected = evaluate(KPIS["net_profit"], terms, rules_of(plan, None)).value.mean()
        assert float(figure or 0) == pytest.approx(expected, abs=1e-4)


def test_what_only_one_side_suffers_takes_all_and_says_how_sure_it_is(run: Path) -> None:
    found, amounts = one(f"{run}@base", f"{run}@wild", 16)
    assert set(amounts) == {"downtime"}
    (part,) = [part for part in found.views["driver"] if part.amount]
    assert part.error is not None
    assert 0 < part.error < abs(float(part.amount or 0)) * 3


def test_the_plan_of_a_run_loses_to_its_luck_by_kind(run: Path) -> None:
    _, amounts = one(str(run.parent / "wild.toml"), f"{run}@wild")
    assert set(amounts) == {"speed", "downtime"}
    assert all(amount < 0 for amount in amounts.values())


def test_under_the_same_luck_only_data_differ_and_in_every_future(run: Path) -> None:
    _, amounts = one(f"{run}@base", f"{run}@dear")
    assert set(amounts) == {"late penalty"}
    stored = open_run(run)
    late = stored.read("terms", scenario="base")[..., :4].sum(axis=(1, 2)).T
    penalty = late[:, stored.dims.term.index("late_penalty")].mean()
    assert amounts["late penalty"] == pytest.approx(-penalty, abs=1e-3)


def test_data_and_luck_that_both_differ_are_two_groups_that_add_up(run: Path) -> None:
    """Twice the penalty, and breakdowns: the penalty costs most where there are breakdowns, and both share that."""
    _, amounts = one(f"{run}@dear", f"{run}@wild")
    assert set(amounts) == {"late penalty", "downtime"}
    _, calm = one(f"{run}@base", f"{run}@wild")
    assert amounts["downtime"] < calm["downtime"]


def test_every_pair_of_plan_actual_forecast_scenario_run_and_period_adds_up(run: Path, tmp_path: Path) -> None:
    dataset = month_plant(1, jobs=3)
    assert dataset.plan is not None
    write(dataset.tables, dataset.plan, tmp_path / "plant")
    (tmp_path / "plant" / "uncertainty.toml").write_text(NOISE, "utf-8")
    scenario = tmp_path / "less.toml"
    scenario.write_text('name = "less"\nbase = "plant"\n[[override]]\ntable = "jobs"\nwhere = {}\n'
                        "scale = { revenue = 0.9 }\n" + NOISE, "utf-8")  # fmt: skip
    tocfin("simulate", scenario, "--replications", 8, "--out", tmp_path / "run.zarr")
    places = [f"{tmp_path / 'plant'}{state}" for state in ("@plan", "@actual", "@forecast")]
    places += [str(scenario), str(tmp_path / "run.zarr")]
    places += [f"{tmp_path / 'plant'}@actual@2026-05", f"{tmp_path / 'run.zarr'}@2026-06"]
    for a, b in pairs(places, places):
        if a < b:
            found, _ = one(a, b, replications=2)
            assert found.reason is None


def test_a_stored_forecast_is_explained_against_its_plan(tmp_path: Path) -> None:
    dataset = month_plant(1, jobs=6)
    assert dataset.plan is not None
    write(dataset.tables, dataset.plan, tmp_path / "plant")
    (tmp_path / "plant" / "uncertainty.toml").write_text(NOISE, "utf-8")
    tocfin("forecast", tmp_path / "plant", "--replications", 16, "--record", tmp_path / "record")
    (file,) = (tmp_path / "record").glob("*/*/*-*.json")
    period = opened(str(file)).period
    found, _ = one(f"{tmp_path / 'plant'}@plan@{period}", str(file), replications=16)
    lines = json.loads(file.read_text("utf-8"))["lines"]
    line = next(line for line in lines if line["kpi"] == "net_profit" and not line["plant"])
    assert float(found.after or 0) == pytest.approx(line["mean"], abs=1e-3)


def test_what_no_word_names_is_told(run: Path) -> None:
    with pytest.raises(UsageError, match="holds base, wild, dear; name one"):
        opened(str(run))
    with pytest.raises(UsageError, match="neither in periods"):
        opened(f"{run}@nobody")
    with pytest.raises(UsageError, match="neither a data set"):
        opened(str(run.parent / "nothing"))
