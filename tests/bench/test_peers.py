"""Peers compute what we compute: to the second and the cent from the same durations, else the same distribution."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tocfin.bench import numpy_peer
from tocfin.bench.alike import MOST_ERRORS, apart
from tocfin.bench.draws import Draws
from tocfin.bench.numpy_peer import NumPy
from tocfin.bench.plant import shop
from tocfin.bench.simpy_peer import SimPy
from tocfin.bench.told import TERM_ROWS, TERMS, Told, told
from tocfin.bench.worlds import CV, LOADING, world, worlds
from tocfin.scenarios.run import replay, simulate
from tocfin.scenarios.world import World

SIZE, SEED, LANES, REPLAYED = 2_000, 3, 64, 4


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
def ends(plan: World, told_of: Told) -> np.ndarray:
    """Ends of every activity in our first replications [s after the clock]."""
    clock = plan.model.horizon.clock
    return np.stack([replay(plan, SEED, s).end[told_of.row] - clock for s in range(REPLAYED)], axis=1)


def money(plan: World, replications: int) -> np.ndarray:
    """The terms that peers compute, inside the horizon."""
    found: np.ndarray = simulate([plan], SEED, replications, threads=1).terms[0][list(TERM_ROWS)][:, :, :-1]
    return found


def test_simpy_ends_every_activity_in_the_same_second(told_of: Told, work: np.ndarray, ends: np.ndarray) -> None:
    simpy = SimPy(told_of)
    for s in range(REPLAYED):
        np.testing.assert_array_equal(simpy.replication(work[:, s].tolist()), ends[:, s])


def test_numpy_ends_every_job_in_the_same_second(
    told_of: Told, work: np.ndarray, ends: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    booked = job_ends(told_of, work, monkeypatch)
    np.testing.assert_array_equal(booked[:, :REPLAYED], latest(told_of, ends))


def test_planned_work_ends_as_it_is_planned_also_where_that_is_a_closing_time(
    plan: World, told_of: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    planned = plan.model.schedule.activity_end[told_of.row] - plan.model.horizon.clock
    closings = [np.isin(planned[told_of.calendar == c], one.end) for c, one in enumerate(told_of.calendars)]
    assert np.concatenate(closings).any() or not plan.network.opening_start.size
    work = np.repeat(told_of.work[:, None], LANES, axis=1)
    np.testing.assert_array_equal(SimPy(told_of).replication(told_of.work.tolist()), planned)
    np.testing.assert_array_equal(job_ends(told_of, work, monkeypatch)[:, :1], latest(told_of, planned[:, None]))


def job_ends(told_of: Told, work: np.ndarray, monkeypatch: pytest.MonkeyPatch) -> np.ndarray:
    """What NumPy books: (jobs, replications) [s after the clock]."""
    booked: dict[int, np.ndarray] = {}
    monkeypatch.setattr(numpy_peer.Books, "book", lambda self, job, end: booked.__setitem__(job, end))
    NumPy(told_of)(LANES, SEED, work)
    assert len(booked) == told_of.need.size
    return np.array([booked[job] for job in range(len(booked))])


def latest(told_of: Told, ends: np.ndarray) -> np.ndarray:
    """Ends of jobs from those of their activities."""
    found = np.zeros((told_of.need.size, ends.shape[1]), np.int64)
    np.maximum.at(found, told_of.job, ends)
    return found


def test_both_book_the_same_money_to_the_cent(plan: World, told_of: Told, work: np.ndarray, ends: np.ndarray) -> None:
    ours = money(plan, LANES)
    assert ours.shape[:2] == (len(TERMS), told_of.n_plant)
    assert (ours.sum(axis=(1, 2)) > 0).all()
    for peer, n in ((NumPy(told_of), LANES), (SimPy(told_of), 3)):
        answer = peer(n, SEED, work)
        np.testing.assert_allclose(answer.terms, ours[..., :n], rtol=0, atol=0.001)
        np.testing.assert_array_equal(answer.last_end[:REPLAYED], ends.max(axis=0)[:n])


def test_peers_draw_the_same_distribution(plan: World, told_of: Told) -> None:
    ours = money(plan, 2_048)
    last_ends = np.array([replay(plan, SEED, s).end.max() for s in range(64)]) - plan.model.horizon.clock
    for peer, n in ((NumPy(told_of), 2_048), (SimPy(told_of), 128)):
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


def test_numpy_refuses_a_plan_longer_than_single_precision_can_count(told_of: Told) -> None:
    longer: Any = told_of._replace(floor=told_of.floor + 200 * 86_400)
    with pytest.raises(ValueError, match="too long"):
        NumPy(longer)
