"""The quick way through ordinary plans has the bits of the general one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import polars as pl
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from shop import plant

import product
from cells import Dataset as Drawn
from strategies import datasets
from tables import tables
from test_retime import tidy
from tocfin.dataset import Dataset
from tocfin.model.network import StartPolicy
from tocfin.scenarios.distributions import Distribution
from tocfin.scenarios.futures import Sums, future, summed
from tocfin.scenarios.resolve import resolve
from tocfin.scenarios.together import block_sums
from tocfin.scenarios.uncertainty import Factor, Rule, Uncertainty
from tocfin.scenarios.world import World, prepared

SEED, FIRST, COUNT = 5, 128, 61
LOGNORMAL = Distribution("lognormal", (1.0, 0.6))
RULES = {
    "duration": Rule("duration", "d", "duration", {}, LOGNORMAL, {"machine": 0.6}),
    "breakdowns": Rule("breakdowns", "b", "breakdowns", {}, LOGNORMAL, {}, {"mtbf": 6.0, "mttr": 2.0}),
    "scrap": Rule("scrap", "s", "scrap", {}, Distribution("uniform", (0.0, 0.4)), {}),
    "release": Rule("release", "r", "release", {}, Distribution("exponential", (5.0,)), {}),
    "material": Rule("material", "m", "material", {}, Distribution("exponential", (9.0,)), {}),
    "price": Rule("price", "p", "price", {}, Distribution("normal", (1.0, 0.2)), {}),
    "material_cost": Rule("material_cost", "c", "material_cost", {}, LOGNORMAL, {}),
    "demand": Rule("demand", "e", "demand", {}, None, {}, {"cancelled": 0.3}),
}
FACTOR = Factor("machine", "replication", "resource")


def world(dataset: Dataset, names: Sequence[str], policy: StartPolicy = "as planned") -> World:
    """With rules of these names, but for those that find nothing to act on."""
    acting = [RULES[name] for name in names if not resolve(Uncertainty((FACTOR,), (RULES[name],)), dataset)[1]]
    resolved, _ = resolve(Uncertainty((FACTOR,), tuple(acting)), dataset)
    return prepared("drawn", dataset, resolved, start_policy=policy)


def alike(found: Sums, general: Sums) -> None:
    for name in Sums._fields:
        ours, theirs = getattr(found, name), getattr(general, name)
        np.testing.assert_array_equal(ours, theirs, err_msg=name)
        assert ours.dtype == theirs.dtype, name


def general(one: World) -> Sums:
    return summed(one, future(one, SEED, FIRST, 64), COUNT)


@st.composite
def plans(draw: st.DrawFn) -> tuple[Drawn, StartPolicy, list[str]]:
    """Drawn plans whose activities move alone, and what is uncertain in them."""
    plan, cells = draw(datasets())
    seen: set[str | None] = set()
    rows: list[dict[str, Any]] = []
    for row in cells["activities"]:
        if row["activity"] not in seen:
            rows.append(row | {"batch": None, "work_hours": None})
        seen.add(row["activity"])
    cells["activities"] = rows
    if draw(st.integers(0, 2)):
        tidy(draw, cells, int(plan["plan"]["clock"].timestamp()))
    policy: StartPolicy = draw(st.sampled_from(("as planned", "as soon as possible")))
    names = draw(st.lists(st.sampled_from(sorted(RULES)), max_size=4, unique=True))
    return (plan, cells), policy, names


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(drawn=plans())
def test_an_ordinary_plan_has_the_bits_of_the_general_way(drawn: tuple[Drawn, StartPolicy, list[str]]) -> None:
    (plan, cells), policy, names = drawn
    one = world(product.dataset(plan, cells), names, policy)
    alike(block_sums([one], SEED, FIRST, COUNT)[0], general(one))


def test_more_work_on_a_resource_than_32_bits_hold_is_told_to_the_second() -> None:
    dataset = plant([(f"J{k}", "R", 0.0, 168.0) for k in range(6_000)])  # a week each, all at once
    always = [{"calendar": "always", "days": "Mon-Sun", "start_time": "00:00", "end_time": "00:00"}]
    resources = dataset.tables["resources"].with_columns(calendar=pl.lit("always"))
    calendars = tables(calendars=always)["calendars"]
    one = world(
        replace(dataset, tables={**dataset.tables, "resources": resources, "calendars": calendars}), ["duration"]
    )
    assert one.ordinary is not None
    found = block_sums([one], SEED, FIRST, COUNT)[0]
    assert found.resource_busy.max() > COUNT * 2**31
    alike(found, general(one))
