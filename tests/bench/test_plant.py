"""The plant that speed is measured on is feasible and has something of every kind to sum."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from tocfin.bench.plant import FEWEST_RESOURCES, placed, shop
from tocfin.bench.worlds import N_SCENARIO, worlds
from tocfin.dataset import Dataset
from tocfin.kernels.slots import TERM_NAMES
from tocfin.scenarios.run import simulate
from tocfin.scenarios.world import World

SIZE = 2_000
#: Needs actual times, stock in the invested capital, or work that was due before the clock.
NOTHING_TO_SUM = {"past_due_revenue", "activities_due", "activities_adhered"} | {
    name for name in TERM_NAMES if name.startswith("capital_")
}


@pytest.fixture(scope="module", params=[True, False], ids=["calendars", "no calendars"])
def dataset(request: pytest.FixtureRequest) -> Dataset:
    return shop(SIZE, calendars=request.param)


@pytest.fixture(scope="module")
def alternatives(dataset: Dataset) -> list[World]:
    return worlds(dataset)


def test_no_resource_does_two_things_at_once_and_no_step_begins_before_the_one_ahead_ends(dataset: Dataset) -> None:
    activities = dataset.tables["activities"]
    assert activities.height == SIZE
    assert activities["resource"].n_unique() == FEWEST_RESOURCES
    steps = activities.with_columns(job=activities["operation"].str.slice(1).cast(int) // 10)
    for key in ("resource", "job"):
        for part in steps.sort("start").partition_by(key):
            times = list(zip(part["start"], part["end"], strict=True))
            assert all(start < end for start, end in times)
            assert all(one[1] <= other[0] for one, other in pairwise(times)), key


def test_every_link_of_the_plan_holds_and_the_same_seed_gives_the_same_plant(
    dataset: Dataset, alternatives: list[World]
) -> None:
    assert dataset.ok
    assert [world.dropped for world in alternatives] == [{}] * N_SCENARIO
    again = shop(SIZE, calendars=dataset.tables["calendars"].height > 0)
    assert all(frame.equals(again.tables[name]) for name, frame in dataset.tables.items())


def test_alternatives_have_names_of_their_own_and_change_the_money(alternatives: list[World]) -> None:
    assert len({world.name for world in alternatives}) == N_SCENARIO
    found = simulate(alternatives, 1, 64, threads=1)
    assert (found.stuck == -1).all(), "calendars reach beyond all work"
    totals = found.terms.sum(axis=(2, 3))
    same = [world.name for world, total in zip(alternatives[1:], totals[1:], strict=True) if (total == totals[0]).all()]
    around_the_clock = alternatives[0].network.opening_start.size == 0
    assert all(name.startswith("longer") for name in same) if around_the_clock else not same


def test_all_terms_have_something_to_sum() -> None:
    found = simulate(worlds(shop(20_000), 1), 1, 64, threads=1)
    none = {name for name, sums in zip(TERM_NAMES, found.terms[0], strict=True) if not np.any(sums)}
    assert none <= NOTHING_TO_SUM
    ended = found.terms[0, TERM_NAMES.index("jobs_ended")]
    assert (ended[:, :-1].sum(axis=(0, 2)) > 0).all(), "in each of the four periods"


def test_work_pauses_outside_the_hours_and_may_end_with_them() -> None:
    hours = ([100, 200], [150, 300])
    assert placed(hours, 0, 50) == (100, 150)
    assert placed(hours, 120, 31) == (120, 201)
    assert placed(hours, 150, 10) == (200, 210)
    assert placed(None, 7, 5) == (7, 12)
