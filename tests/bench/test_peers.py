"""Peers compute what we compute: to the second and the cent from the same durations, else the same distribution."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from tocfin.bench.alike import MOST_ERRORS, apart
from tocfin.bench.books import Books
from tocfin.bench.draws import Draws
from tocfin.bench.numpy_peer import NumPy
from tocfin.bench.plant import shop
from tocfin.bench.simpy_peer import SimPy, SimPyByResource
from tocfin.bench.told import Told, told
from tocfin.bench.worlds import CV, LOADING, world, worlds
from tocfin.kernels.slots import N_TERM, TERM_NAMES
from tocfin.scenarios.run import replay, simulate
from tocfin.scenarios.world import World

SIZE, SEED, LANES, REPLAYED = 1_000, 3, 64, 4


@pytest.fixture(scope="module", params=[True, False], ids=["calendars", "no calendars"])
def plan(request: pytest.FixtureRequest) -> World:
    return world(shop(SIZE, calendars=request.param))


@pytest.fixture(scope="module")
def told_of(plan: World) -> Told:
    return told(plan)


@pytest.fixture(scope="module")
def work(plan: World, told_of: Told) -> np.ndarray:
    """The durations of our first replications, made of our draws alone [s]."""
    return np.rint(told_of.work[:, None] * factors(plan, SEED)[told_of.row]).astype(np.int64)


def factors(plan: World, seed: int) -> np.ndarray:
    """Work of each row of the schedule relative to the plan."""
    members, found = Draws(plan, SIZE)(LANES, seed), np.empty((SIZE, LANES))
    assert plan.ordinary is not None
    found[plan.ordinary.route.member_row] = members
    return found


@pytest.fixture(scope="module")
def times(plan: World, told_of: Told) -> np.ndarray:
    """Starts and ends in our first replications: (2, activities, replications) [s after the clock]."""
    found = [replay(plan, SEED, s) for s in range(REPLAYED)]
    lanes = [[getattr(one, name)[told_of.row] for one in found] for name in ("start", "end")]
    return np.array(lanes).transpose(0, 2, 1) - plan.model.horizon.clock


def money(plan: World, replications: int) -> np.ndarray:
    """All terms inside the horizon."""
    found: np.ndarray = simulate([plan], SEED, replications, threads=1).terms[0][:, :, :-1]
    return found


@pytest.mark.parametrize("peer", [SimPy, SimPyByResource])
def test_simpy_begins_and_ends_every_activity_in_the_same_second(
    peer: type[SimPy], told_of: Told, work: np.ndarray, times: np.ndarray
) -> None:
    simpy = peer(told_of)
    for s in range(REPLAYED):
        np.testing.assert_array_equal(simpy.replication(work[:, s].tolist()), times[..., s])


def test_numpy_begins_and_ends_every_activity_in_the_same_second(
    told_of: Told, work: np.ndarray, times: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    np.testing.assert_array_equal(booked(told_of, work, monkeypatch)[..., :REPLAYED], times)


def test_planned_work_ends_as_it_is_planned_also_where_that_is_a_closing_time(
    plan: World, told_of: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    schedule, clock = plan.model.schedule, plan.model.horizon.clock
    planned = np.stack([schedule.activity_start[told_of.row], schedule.activity_end[told_of.row]]) - clock
    closings = [np.isin(planned[1, told_of.calendar == c], one.end) for c, one in enumerate(told_of.calendars)]
    assert np.concatenate(closings).any() or not plan.network.opening_start.size
    work = np.repeat(told_of.work[:, None], LANES, axis=1)
    for peer in (SimPy, SimPyByResource):
        np.testing.assert_array_equal(peer(told_of).replication(told_of.work.tolist()), planned)
    np.testing.assert_array_equal(booked(told_of, work, monkeypatch)[..., 0], planned)


def booked(told_of: Told, work: np.ndarray, monkeypatch: pytest.MonkeyPatch) -> np.ndarray:
    """Times that NumPy books: starts and ends (2, activities, replications) [s after the clock]."""
    found = np.full((2, *work.shape), -1.0)

    def book(self: Books, jobs: np.ndarray, start: np.ndarray, end: np.ndarray, worked: np.ndarray) -> None:
        rows = told_of.steps[told_of.first_step[jobs, None] + np.arange(start.shape[1])]
        found[0, rows], found[1, rows] = start, end

    monkeypatch.setattr(Books, "book", book)
    NumPy(told_of)(LANES, SEED, work)
    return found


def test_all_sum_all_terms_as_we_do_to_the_cent(
    plan: World, told_of: Told, work: np.ndarray, times: np.ndarray
) -> None:
    ours = money(plan, LANES)
    assert ours.shape[:2] == (N_TERM, told_of.n_plant)
    for peer, n in ((NumPy(told_of), LANES), (SimPy(told_of), 3), (SimPyByResource(told_of), 3)):
        answer = peer(n, SEED, work)
        np.testing.assert_allclose(answer.terms, ours[..., :n], rtol=0, atol=0.001)
        np.testing.assert_array_equal(answer.last_end[:REPLAYED], times[1].max(axis=0)[:n])


def test_what_peers_are_told_is_constant_and_the_rest_is_computed(plan: World, told_of: Told) -> None:
    ours = money(plan, 256)
    constant = {name for name, sums in zip(TERM_NAMES, ours, strict=True) if not np.ptp(sums, axis=-1).any()}
    given = {name for name, sums in zip(TERM_NAMES, told_of.constant, strict=True) if sums.any()}
    by_use = {name for name in given if name.endswith(("_used", "_used_cleanout"))}
    assert given - by_use <= constant
    if plan.network.opening_start.size:
        assert by_use == {
            "operating_days_used", "operating_days_used_cleanout", "plant_expense_used", "plant_expense_used_cleanout",
        }  # fmt: skip
        assert told_of.days.period.size, "days that nothing but used overtime opens"


def test_peers_draw_the_same_distribution(plan: World, told_of: Told) -> None:
    ours = money(plan, 2_048)
    last_ends = np.array([replay(plan, SEED, s).end.max() for s in range(64)]) - plan.model.horizon.clock
    for peer, n in ((NumPy(told_of), 2_048), (SimPy(told_of), 128), (SimPyByResource(told_of), 128)):
        answer = peer(n, SEED)
        judged = np.concatenate(
            [*(d.ravel() for d in apart(ours, answer.terms)), *apart(last_ends[None], answer.last_end[None])]
        )
        assert np.nanmax(judged) <= MOST_ERRORS
        assert (~np.isnan(judged)).sum() > 20, "cells with enough in them to be judged"


def test_what_is_drawn_has_the_mean_spread_and_common_factor_that_are_declared(plan: World, told_of: Told) -> None:
    logs = np.log(np.concatenate([factors(plan, seed) for seed in range(32)], axis=1))[told_of.row]
    n = logs.shape[1]
    assert abs(logs.var() - told_of.sigma**2) < 0.02 * told_of.sigma**2
    assert abs(np.exp(logs).mean() - 1) < 5 * CV / np.sqrt(n * told_of.n_resource)
    same = np.flatnonzero(told_of.resource == 0)[:20]
    correlation = np.corrcoef(logs[same])[np.triu_indices(same.size, 1)].mean()
    assert abs(correlation - LOADING**2) < 5 / np.sqrt(n)


def test_draws_may_share_their_memory_and_stay_what_they_are(plan: World) -> None:
    whole, shared = Draws(plan, SIZE), Draws(plan, at_once=500)
    assert shared.value.shape == (500, LANES)
    np.testing.assert_array_equal(shared(LANES, SEED), whole(LANES, SEED)[-500:])


def test_peers_refuse_a_world_they_could_not_do() -> None:
    faster = worlds(shop(SIZE), 2)[1]
    with pytest.raises(ValueError, match="work as it is planned"):
        told(faster)


@pytest.mark.parametrize(
    ("column", "value"), [("job_cancelled", 1), ("job_subcontract", 5.0), ("job_revenue", np.nan), ("resource_role", 0)]
)
def test_peers_refuse_jobs_they_could_not_sum(plan: World, column: str, value: float) -> None:
    columns = plan.model.enterprise
    other = np.full_like(getattr(columns, column), value)
    other.flags.writeable = False  # for other arrays kernels would be compiled again
    model = plan.model._replace(enterprise=columns._replace(**{column: other}))
    with pytest.raises(ValueError, match="jobs of one order within one plant"):
        told(replace(plan, model=model))


def test_numpy_refuses_a_plan_longer_than_single_precision_can_count(told_of: Told) -> None:
    longer: Any = told_of._replace(floor=told_of.floor + 200 * 86_400)
    with pytest.raises(ValueError, match="too long"):
        NumPy(longer)
