"""The shipped scenarios fit the example business and say what their names say."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from tocfin.dataset import Dataset
from tocfin.errors import UsageError
from tocfin.examples import example_dataset, write_scenarios
from tocfin.kernels.quantiles import quantiles
from tocfin.scenarios.overrides import Applied, apply
from tocfin.scenarios.resolve import Resolved, resolve
from tocfin.scenarios.spec import Scenario, load

NAMES = ["base", "demand_less", "demand_more", "machine_down", "overtime", "rush_order", "second_drum", "supplier_late"]


@pytest.fixture(scope="module")
def business() -> Dataset:
    return example_dataset()


@pytest.fixture(scope="module")
def scenarios(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Scenario]:
    folder = tmp_path_factory.mktemp("alternatives")
    (folder / "the plant").mkdir()
    found = {}
    for path in write_scenarios(folder / "what if", folder / "the plant"):
        scenario, findings = load(path)
        assert not findings, [str(finding) for finding in findings]
        assert scenario is not None
        found[path.stem] = scenario
    return found


@pytest.fixture(scope="module")
def worlds(scenarios: dict[str, Scenario], business: Dataset) -> dict[str, Applied]:
    return {name: apply(scenario, business) for name, scenario in scenarios.items()}


@pytest.fixture(scope="module")
def noises(scenarios: dict[str, Scenario], worlds: dict[str, Applied]) -> dict[str, Resolved]:
    found = {name: resolve(scenario.uncertainty, worlds[name].dataset) for name, scenario in scenarios.items()}
    assert not [str(finding) for _, findings in found.values() for finding in findings]
    return {name: resolved for name, (resolved, _) in found.items()}


def test_every_typical_scenario_is_shipped(scenarios: dict[str, Scenario]) -> None:
    assert list(scenarios) == NAMES
    assert {scenario.base.resolve().name for scenario in scenarios.values()} == {"the plant"}
    assert {scenario.draws.seed for scenario in scenarios.values()} == {7}
    assert {scenario.start_policy for scenario in scenarios.values()} == {"as soon as possible"}


@pytest.mark.parametrize("name", NAMES)
def test_it_applies_without_a_new_finding(worlds: dict[str, Applied], business: Dataset, name: str) -> None:
    new = [finding for finding in worlds[name].dataset.findings if finding not in business.findings]
    if name == "machine_down":  # work that was planned on the machine has no hours there any more
        assert {(finding.grade, finding.column) for finding in new} == {("warning", "add[1]")}
    elif name == "demand_more":  # more is made of material that was ordered for less
        assert {(finding.grade, finding.rule) for finding in new} == {("warning", "shortage")}
    else:
        assert not new, [str(finding) for finding in new]


def test_base_is_the_plan_itself(worlds: dict[str, Applied], business: Dataset) -> None:
    assert worlds["base"].dataset.tables == business.tables
    assert worlds["base"].dataset.plan == business.plan


def test_demand_scales_what_is_not_released(worlds: dict[str, Applied], business: Dataset) -> None:
    open_still = business.tables["jobs"]["commitment"].is_in(["Planned", "Firm"]).to_numpy()
    before = business.tables["jobs"]["revenue"].to_numpy()
    for name, factor in (("demand_more", 1.2), ("demand_less", 0.8)):
        after = worlds[name].dataset.tables["jobs"]["revenue"].to_numpy()
        assert np.array_equal(after, np.where(open_still, before * factor, before))
        assert set(worlds[name].activity_work.tolist()) == {1.0, factor}


def test_the_second_drum_takes_about_half_of_the_work(worlds: dict[str, Applied]) -> None:
    activities = worlds["second_drum"].dataset.tables["activities"].filter(pl.col("status") == "Planned")
    taken, left = ((activities["resource"] == key).sum() for key in ("E-5AX-2", "E-5AX"))
    assert 0.4 < taken / (taken + left) < 0.6


def test_the_late_supplier_delays_what_the_base_draws(noises: dict[str, Resolved]) -> None:
    late, base = noises["supplier_late"], noises["base"]
    at = base.material.distribution >= 0
    assert at.any()
    for here, there in zip(late.material[1:], base.material[1:], strict=True):  # rule, noise and factors
        np.testing.assert_array_equal(here, there)
    z = np.linspace(-3, 3, 64)
    drawn = [np.empty(64) for _ in (late, base)]
    for one, out in zip((late, base), drawn, strict=True):
        (row,) = set(one.material.distribution[at].tolist())
        quantiles(one.distributions, row, z, out)
    assert drawn[1].min() == 0 < drawn[1].max() < 72
    np.testing.assert_array_equal(drawn[0], drawn[1] + 120)


def test_the_base_is_uncertain_in_every_way_that_it_declares(noises: dict[str, Resolved]) -> None:
    base = noises["base"]
    assert (base.duration.distribution >= 0).all()
    sigma = base.distributions.shape[base.duration.distribution]  # of the logarithm, a little below the cv
    assert 0.099 < sigma.min() < sigma.max() < 0.25
    assert (np.diff(base.duration.first) >= 1).all()
    assert (~np.isnan(base.resource_mtbf)).sum() > 20
    for assigned in (base.scrap, base.material, base.repair, base.absence, base.price, base.material_cost):
        assert (assigned.distribution >= 0).any()
    assert sorted(set(base.job_cancelled.tolist())) == [0.0, 0.02, 0.08]


def test_noise_of_what_a_scenario_leaves_alone_is_that_of_the_base(noises: dict[str, Resolved]) -> None:
    for name in ("overtime", "machine_down", "demand_more"):
        assert noises[name].factor_name == noises["base"].factor_name
        assert np.array_equal(noises[name].duration.own, noises["base"].duration.own)


def test_files_that_exist_are_not_overwritten(tmp_path: Path) -> None:
    (tmp_path / "overtime.toml").write_text("mine", encoding="utf-8")
    with pytest.raises(UsageError, match="exists already"):
        write_scenarios(tmp_path, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["overtime.toml"]
