"""Money and ends of jobs, added up over futures."""

from __future__ import annotations

import math

import numpy as np
import pytest
from shop import HOUR, plant, world

from tables import PLAN
from tocfin.scenarios.charges import late_penalty
from tocfin.scenarios.distributions import Distribution
from tocfin.scenarios.estimates import mean, mean_of_sums
from tocfin.scenarios.run import replay, simulate
from tocfin.scenarios.uncertainty import Rule, Uncertainty
from tocfin.scenarios.world import World

SEED, DAY = 11, 86_400
NOISY = Uncertainty(
    rules=(
        Rule("duration", "", "", distribution=Distribution("lognormal", (1.0, 0.5))),
        Rule("demand", "", "", where={"job": ("J2",)}, settings={"cancelled": 0.3}),
        Rule("price", "", "", distribution=Distribution("uniform", (0.5, 1.5))),
    )
)


@pytest.mark.parametrize(
    ("late", "grace", "cap", "charged"),
    [
        (-5.0, 0.0, math.inf, 0.0),
        (2.5, 0.0, math.inf, 250.0),
        (2.5, 1.0, math.inf, 150.0),  # the first day costs nothing
        (1.0, 1.0, math.inf, 0.0),
        (2.5, 0.0, 200.0, 200.0),
        (2.5, 1.0, 200.0, 150.0),
        (9.0, 1.0, 200.0, 200.0),
    ],
)
def test_a_penalty_has_days_of_grace_and_a_cap(late: float, grace: float, cap: float, charged: float) -> None:
    one = (np.array([value]) for value in (100.0, grace, cap))
    assert late_penalty(np.array([[round(late * DAY)]]), *one).item() == charged


def test_a_rate_that_is_not_supplied_leaves_a_late_job_without_a_penalty_and_costs_a_punctual_one_nothing() -> None:
    rate, none, cap = np.array([math.nan]), np.zeros(1), np.array([math.inf])
    found = late_penalty(np.array([[-DAY, 0, DAY]]), rate, none, cap)
    np.testing.assert_array_equal(found, [[0.0, 0.0, math.nan]])


@pytest.fixture(scope="module")
def noisy() -> World:
    jobs = {
        "J1": {"need_date": PLAN.clock + 30 * HOUR, "late_penalty_per_day": 240.0, "late_penalty_cap": 100.0},
        "J2": {"need_date": PLAN.clock + 60 * HOUR, "late_penalty_per_day": 24.0, "late_penalty_grace_days": 0.25},
    }
    work = [("J1", "R1", 0, 20), ("J1", "R2", 20, 30), ("J2", "R1", 20, 70), ("J3", "R1", 70, 180)]
    return world(plant(work, jobs), NOISY)


def test_sums_of_jobs_are_those_of_their_futures_one_by_one(noisy: World) -> None:
    n = 100
    found = simulate([noisy], SEED, n, threads=1)
    jobs = noisy.model.keys["job"].to_list()
    penalty, earned, inside, end = ({job: [] for job in jobs} for _ in range(4))
    for s in range(n):
        for job in jobs:
            ends = [time[1] for _, _, name, _, _, time in replay(noisy, SEED, s).activities() if name == job and time]
            late = (max(ends) - noisy.model.enterprise.job_need[jobs.index(job)]) / DAY if ends else 0.0
            charge = {"J1": min(100.0, 240.0 * max(late, 0)), "J2": 24.0 * max(late - 0.25, 0), "J3": 0.0}[job]
            penalty[job].append(charge)
            here = bool(ends) and max(ends) < PLAN.horizon_end
            inside[job].append(here)
            end[job].append(max(ends) - PLAN.clock if ends else 0)
            earned[job].append(here)
    for j, job in enumerate(jobs):
        assert found.job_penalty[0][j].sum() == pytest.approx(sum(penalty[job]), rel=1e-12)
        squares = sum(charge**2 for charge in penalty[job])
        assert found.job_penalty_square[0][j].sum() == pytest.approx(squares, rel=1e-12)
        assert found.job_inside[0][j] == sum(inside[job])
        assert found.job_end[0][j] == sum(end[job])
    assert 0 < sum(inside["J3"]) < n
    assert 0 < found.job_present[0][jobs.index("J2")] < n
    revenue = found.terms[0, 0].sum(axis=(0, 1)).sum()  # of jobs that end inside the horizon, at the prices drawn
    assert sum(part[0].sum() for part in [found.job_earned]) == pytest.approx(revenue, rel=1e-12)


@pytest.mark.parametrize("block", [128, 256])
def test_money_of_jobs_does_not_depend_on_the_length_of_a_block(noisy: World, block: int) -> None:
    whole = simulate([noisy], SEED, 300, threads=1)
    other = simulate([noisy], SEED, 300, threads=2, block=block)
    for name in ("job_penalty", "job_penalty_square", "job_earned", "job_end", "job_inside", "resource_available"):
        np.testing.assert_array_equal(getattr(whole, name)[0], getattr(other, name)[0])
    assert whole.job_penalty[0].shape == (3, 5)


def test_a_mean_from_sums_is_the_mean_of_the_values() -> None:
    values = np.random.default_rng(1).lognormal(3, 1, 500)
    found, same = mean_of_sums(values.sum(), np.square(values).sum(), 500), mean(values)
    assert (found.value, found.low, found.high, found.n) == pytest.approx((same.value, same.low, same.high, 500))
    certain = mean_of_sums(300.0, 900.0, 100)
    assert (certain.value, certain.low, certain.high) == (3.0, 3.0, 3.0)
    assert mean_of_sums(math.nan, math.nan, 100).refused
