"""What a completion hangs on: on paper, and by making every activity one second longer."""

from __future__ import annotations

import numpy as np
import pytest
from shop import HOUR, job_shop, plant, rows, world

from tables import PLAN
from tocfin.kernels.retime import retime
from tocfin.scenarios.again import again, critical, factor_draws
from tocfin.scenarios.distributions import Distribution
from tocfin.scenarios.futures import Future, future
from tocfin.scenarios.uncertainty import Factor, Rule, Uncertainty
from tocfin.scenarios.world import World

SEED = 5


def chain(one: World, job: str | None = None) -> set[str]:
    """Activities that are critical in the first future."""
    toward = None if job is None else one.model.keys["job"].to_list().index(job)
    marked = critical(one, future(one, SEED, 0, 64), toward)[:, 0]
    return {name for name, mark in zip(one.model.keys["activity"], marked, strict=True) if mark}


def test_a_chain_goes_through_predecessors_and_through_the_work_before_on_the_resource() -> None:
    work = [("J1", "R1", 0, 10), ("J2", "R1", 10, 14), ("J2", "R2", 14, 20), ("J3", "R2", 0, 9), ("J1", "R3", 10, 12)]
    one = world(plant(work))
    assert chain(one) == {"A0", "A1", "A2"}
    assert chain(one, "J1") == {"A0", "A4"}
    assert chain(one, "J3") == {"A3"}


def test_a_chain_begins_where_work_waits_for_its_release_and_ties_are_both_on_it() -> None:
    work = [("J1", "R1", 0, 10), ("J2", "R1", 15, 20), ("J3", "R2", 0, 20)]
    late = {"J2": {"release_date": PLAN.clock + 15 * HOUR}}
    assert chain(world(plant(work, late))) == {"A1", "A2"}
    assert chain(world(plant(work), start_policy="as planned")) == {"A1", "A2"}
    assert chain(world(plant([*work[:1], ("J2", "R1", 10, 20), work[2]]))) == {"A0", "A1", "A2"}


def test_what_moves_a_batch_is_on_its_chain_and_its_idle_mate_is_not() -> None:
    batch = {"batch": "B1"}
    work = [
        ("J1", "R1", 0, 10), ("J1", "R9", 10, 16, batch),
        ("J2", "R2", 0, 4), ("J2", "R9", 10, 16, batch), ("J2", "R3", 16, 18),
    ]  # fmt: skip
    assert chain(world(plant(work))) == {"A0", "A1", "A3", "A4"}


def test_work_of_a_job_that_falls_away_is_on_no_chain_but_its_resource_passes_it_on() -> None:
    gone = (Rule("demand", "", "", where={"job": ("J2",)}, settings={"cancelled": 1.0}),)
    work = [("J1", "R1", 0, 10), ("J2", "R1", 10, 14), ("J3", "R1", 14, 20), ("J4", "R2", 0, 1)]
    assert chain(world(plant(work), Uncertainty(rules=gone))) == {"A0", "A2"}


@pytest.fixture(scope="module")
def noisy() -> World:
    rules = (
        Rule("duration", "", "", distribution=Distribution("lognormal", (1.0, 0.6)), factors={"site": 0.5}),
        Rule("release", "", "", where={"job": ("J1", "J5")}, distribution=Distribution("exponential", (6.0,))),
    )
    return world(job_shop(), Uncertainty((Factor("site"), Factor("nobody's")), rules))


def last(one: World, block: Future, longer: int | None = None) -> np.ndarray:
    """Last completion of each lane, with one row of the schedule a second longer."""
    work = block.work.copy()
    if longer is not None:
        work[longer] += 1
    start, end, stuck = np.empty_like(block.start), np.empty_like(block.end), block.stuck.copy()
    planned = one.model.schedule.activity_start
    retime(one.network, planned, work, block.not_before, block.absent, start, end, stuck)
    return end.max(axis=0)


def test_an_activity_is_critical_where_one_second_more_of_it_delays_everything(noisy: World) -> None:
    block = future(noisy, SEED, 0, 64)
    before = last(noisy, block)
    by_trying = np.stack([last(noisy, block, a) > before for a in range(block.end.shape[0])])
    found = critical(noisy, block).astype(bool)
    batched = np.zeros(found.shape[0], bool)
    batched[[row for row in range(found.shape[0]) if noisy.model.schedule.activity_batch[row] >= 0]] = True
    np.testing.assert_array_equal(found[~batched], by_trying[~batched])
    assert (found[batched] >= by_trying[batched]).all()
    assert 0.05 < by_trying.mean() < 0.6


def test_shares_are_counted_over_any_number_of_futures_and_threads(noisy: World) -> None:
    terms, found = again([noisy], SEED, 100, factors=2, threads=1)
    _, other = again([noisy], SEED, 100, factors=2, threads=2)
    blocks = [critical(noisy, future(noisy, SEED, first, 64)) for first in (0, 64)]
    marks = np.concatenate(blocks, axis=1)[:, :100]
    np.testing.assert_array_equal(found.activity_critical, marks.sum(axis=1))
    resource = noisy.model.schedule.activity_resource
    by_resource = [marks[resource == r].max(axis=0).sum() for r in range(found.resource_critical.size)]
    np.testing.assert_array_equal(found.resource_critical, by_resource)
    assert terms[0].shape[1] == 100
    for one, two in zip(found, other, strict=True):
        np.testing.assert_array_equal(one, two)


def test_draws_of_a_factor_and_noise_of_a_resource_are_what_its_work_met(noisy: World) -> None:
    block = future(noisy, SEED, 0, 64)
    draws = factor_draws(noisy, SEED, 0, 2)
    assert draws.shape == (2, 64)
    assert np.isnan(draws[1]).all()
    mean = np.log(block.factor).mean(axis=0)  # 24 activities share one draw with loading 0.5
    assert np.corrcoef(mean, draws[0])[0, 1] > 0.85
    _, found = again([noisy], SEED, 64, factors=2, threads=1)
    on_first = noisy.model.schedule.activity_resource == 0
    planned = np.zeros(on_first.size)
    planned[noisy.network.member_row] = noisy.network.member_work
    np.testing.assert_array_equal(found.resource[0], block.work[on_first].sum(axis=0) - planned[on_first].sum())
    assert rows(noisy, "A0") != rows(noisy, "A1")
