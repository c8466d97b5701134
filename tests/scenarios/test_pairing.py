"""Alternatives under the same luck: what a change does not touch draws what it drew, and differences are sharp."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest
from numpy.typing import NDArray

from tocfin.dataset import Dataset
from tocfin.examples import example_dataset, write_scenarios
from tocfin.kernels import draw
from tocfin.kernels.noise import draw as drawn_values
from tocfin.kernels.noise import factor_normals
from tocfin.kpi import policy
from tocfin.scenarios.ensemble import kpi_values
from tocfin.scenarios.futures import future
from tocfin.scenarios.luck import Drawn
from tocfin.scenarios.overrides import apply
from tocfin.scenarios.paired import difference
from tocfin.scenarios.resolve import resolve
from tocfin.scenarios.run import Ensemble, simulate
from tocfin.scenarios.spec import Scenario, load
from tocfin.scenarios.world import World, prepared

LANES = 64
REPLICATIONS = 1_024
SEED = np.uint64(7)
#: Quantities that are drawn for elements with names, and what their draws are for.
DRAWS = {
    "duration": draw.DURATION,
    "scrap": draw.SCRAP,
    "material": draw.MATERIAL,
    "repair": draw.REPAIR,
    "absence": draw.ABSENCE,
    "price": draw.PRICE,
    "material_cost": draw.MATERIAL_COST,
}
#: KPIs whose differences have to be sharp.
WANTED = [(rules, kpi) for rules in ("published", "reconciled") for kpi in ("throughput", "net_profit")]


@pytest.fixture(scope="module")
def plant() -> Dataset:
    return example_dataset()


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Scenario]:
    folder = tmp_path_factory.mktemp("alternatives")
    (folder / "plant").mkdir()
    found = {}
    for path in write_scenarios(folder / "scenarios", folder / "plant"):
        scenario, findings = load(path)
        assert scenario is not None, [str(finding) for finding in findings]
        found[path.stem] = scenario
    return found


def world(scenario: Scenario, plant: Dataset, name: str) -> World:
    applied = apply(scenario, plant)
    resolved, findings = resolve(scenario.uncertainty, applied.dataset.require())
    assert not findings, [str(finding) for finding in findings]
    base = plant if scenario.overrides or scenario.additions else None
    return prepared(
        name, applied.dataset, resolved, activity_work=applied.activity_work, start_policy=scenario.start_policy,
        base=base,
    )  # fmt: skip


@pytest.fixture(scope="module")
def base(shipped: dict[str, Scenario], plant: Dataset) -> World:
    return world(shipped["base"], plant, "base")


def draws(one: World) -> dict[tuple[str, int], bytes]:
    """The bits that every element draws, by quantity and name of the element."""
    luck, found = one.luck, {}
    factor = np.empty((luck.factor_uid.size, LANES))
    factor_normals(SEED, 0, luck.factor_uid, factor)
    for quantity, variate in DRAWS.items():
        drawn: Drawn = getattr(luck, quantity)
        assert drawn.uid.size, quantity
        values = np.empty((drawn.uid.size, LANES))
        apart = drawn._replace(target=np.arange(drawn.uid.size, dtype=np.int32))
        drawn_values(luck.distributions, apart, SEED, 0, variate, factor, values)
        found |= {(quantity, uid): row.tobytes() for uid, row in zip(drawn.uid.tolist(), values, strict=True)}
    for uid, cancelled in zip(luck.demand.uid.tolist(), luck.demand.cancelled.tolist(), strict=True):
        found["demand", uid] = np.float64(cancelled).tobytes()
    return found


def factors(one: World) -> dict[tuple[str, str], bytes]:
    """What the planned work of every activity is multiplied by, bit by bit, by activity and resource."""
    names = (one.model.keys["activity"], one.model.keys["resource"].gather(one.model.schedule.activity_resource))
    block = future(one, int(SEED), 0, LANES)
    rows = (row.tobytes() for row in block.factor)
    return dict(zip(zip(*(name.to_list() for name in names), strict=True), rows, strict=True))


def with_activities(plant: Dataset, activities: pl.DataFrame) -> Dataset:
    return Dataset(plant.name, None, plant.plan, {**plant.tables, "activities": activities}, plant.findings)


def test_removing_one_job_leaves_the_draws_of_all_others(
    shipped: dict[str, Scenario], plant: Dataset, base: World, tmp_path: Path
) -> None:
    gone = "SO-1120"
    file = shipped["base"].file.with_name("without.toml")
    text = shipped["base"].file.read_text(encoding="utf-8")
    removal = f"[[override]]\ntable = 'jobs'\nwhere = {{ job = '{gone}' }}\nremove = true\n"
    file.write_text(text + removal, encoding="utf-8")
    scenario, _ = load(file)
    file.unlink()
    assert scenario is not None
    less = world(scenario, plant, "without")
    before, after = factors(base), factors(less)
    own = {key for key in before if key[0].startswith(f"A-{gone[3:]}-")}
    assert len(own) > 5
    assert after == {key: row for key, row in before.items() if key not in own}
    assert len(set(after.values())) > 3_000
    whole, part = draws(base), draws(less)
    missing = set(whole) - set(part)
    assert part == {key: bits for key, bits in whole.items() if key not in missing}
    assert {quantity for quantity, _ in missing} <= {"duration", "scrap", "material", "demand", "absence"}
    assert sum(quantity == "demand" for quantity, _ in missing) == 1
    assert sum(quantity == "absence" for quantity, _ in missing) <= 2  # shifts that had work of this job alone


def swapped(plant: Dataset, resource: str, week: pl.Expr) -> tuple[Dataset, list[str]]:
    """The plant with the first two activities of ``resource`` in ``week`` in each other's place."""
    activities = plant.tables["activities"].with_row_index("at")
    mine = activities.filter((pl.col("resource") == resource) & week & (pl.col("status") == "Planned")).sort("start")
    (one, other) = mine.head(2).iter_rows(named=True)
    assert one["operation"] != other["operation"]
    moved = {one["at"]: other, other["at"]: one}
    rows = {name: activities[name].to_list() for name in ("start", "end")}
    for at, there in moved.items():
        for name, cells in rows.items():
            cells[at] = there[name]
    times = [pl.Series(name, cells, activities.schema[name]) for name, cells in rows.items()]
    return with_activities(plant, activities.drop("at").with_columns(*times)), [one["activity"], other["activity"]]


@pytest.mark.parametrize("resource", ["E-5AX", "M-LATHE-1"])
def test_swapping_two_activities_leaves_every_draw(
    shipped: dict[str, Scenario], plant: Dataset, base: World, resource: str
) -> None:
    second = pl.col("start").is_between(1_780_272_000 + 8 * 86_400, 1_780_272_000 + 11 * 86_400)
    changed, pair = swapped(plant, resource, second)
    other = world(shipped["base"], changed, "swapped")
    start = {
        name: dict(zip(one.model.keys["activity"].to_list(), one.model.schedule.activity_start.tolist(), strict=True))
        for name, one in (("before", base), ("after", other))
    }
    assert start["before"][pair[0]] == start["after"][pair[1]] < start["before"][pair[1]]
    assert factors(other) == factors(base)
    assert draws(other) == draws(base)


def values(ensemble: Ensemble, rules: str, kpi: str) -> NDArray[np.float64]:
    totals = ensemble.terms.sum(axis=(2, 3))
    return np.stack([kpi_values(kpi, one, policy(rules)) for one in totals])


def test_differences_are_sharp_because_luck_is_shared(shipped: dict[str, Scenario], plant: Dataset) -> None:
    """Every shipped scenario against base; one test, because the futures are dear and tests run side by side."""
    assert next(iter(shipped)) == "base"
    ensemble = simulate([world(scenario, plant, name) for name, scenario in shipped.items()], int(SEED), REPLICATIONS)
    saving = {}
    for rules, kpi in WANTED:
        first, *others = values(ensemble, rules, kpi)
        for one, other in zip(ensemble.worlds[1:], others, strict=True):
            assert np.any(other != first), one.name  # it changes the result
            unpaired = first.var() + other.var()
            saving[rules, kpi, one.name] = unpaired / (other - first).var()
            assert difference(other, first, +1).saving == pytest.approx(saving[rules, kpi, one.name])
            assert 0.7 < unpaired / (np.roll(other, 1) - first).var() < 1.3, one.name  # luck of another future
        assert np.median([found for at, found in saving.items() if at[:2] == (rules, kpi)]) >= 20, saving
    assert len(saving) == 4 * (len(shipped) - 1)
    assert min(saving.values()) >= 3, saving
