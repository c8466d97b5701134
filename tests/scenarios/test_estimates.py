"""Figures of an ensemble against closed forms: the value, and how often the interval holds it."""

import math
from collections.abc import Callable
from statistics import NormalDist

import numpy as np
import pytest
from numpy.typing import NDArray

from tocfin.errors import UsageError
from tocfin.scenarios.estimates import (
    QUANTILES,
    Estimate,
    cvar,
    mean,
    probability,
    quantile,
    ranks,
    ratio,
    standard_error,
    summarise,
    target_met,
)

RUNS = 1000
NORMAL = NormalDist()
Draw = Callable[[np.random.Generator, int], NDArray[np.float64]]


def lognormal(rng: np.random.Generator, n: int) -> NDArray[np.float64]:
    return np.exp(0.3 * rng.standard_normal(n))


def gauss(rng: np.random.Generator, n: int) -> NDArray[np.float64]:
    return 100 + 15 * rng.standard_normal(n)


def covered(draw: Draw, n: int, estimate: Callable[[NDArray[np.float64]], Estimate], truth: float) -> float:
    """Share of runs whose interval holds the truth."""
    rng = np.random.default_rng(20140501)
    found = [estimate(draw(rng, n)) for _ in range(RUNS)]
    return sum(one.low <= truth <= one.high for one in found) / RUNS


@pytest.mark.parametrize(
    ("draw", "n", "truth"), [(gauss, 12, 100.0), (gauss, 256, 100.0), (lognormal, 256, math.exp(0.045))]
)
def test_intervals_of_a_mean_cover_as_they_promise(draw: Draw, n: int, truth: float) -> None:
    assert 0.92 <= covered(draw, n, mean, truth) <= 0.98


@pytest.mark.parametrize("share", QUANTILES)
def test_order_statistic_intervals_cover_as_they_promise(share: float) -> None:
    truth = math.exp(0.3 * NORMAL.inv_cdf(share))
    assert 0.92 <= covered(lognormal, 1024, lambda sample: quantile(sample, (share,))[0], truth) <= 0.98


@pytest.mark.parametrize("share", [0.05, 0.10])
@pytest.mark.parametrize("polarity", [1, -1])
def test_intervals_of_a_tail_mean_cover_as_they_promise(share: float, polarity: int) -> None:
    truth = 100 - polarity * 15 * NORMAL.pdf(NORMAL.inv_cdf(share)) / share
    assert 0.92 <= covered(gauss, 1024, lambda sample: cvar(sample, share, polarity), truth) <= 0.98


@pytest.mark.parametrize("chance", [0.02, 0.3, 0.9])
def test_wilson_intervals_cover_as_they_promise(chance: float) -> None:
    target = 100 - 15 * NORMAL.inv_cdf(chance)
    assert 0.92 <= covered(gauss, 1024, lambda sample: target_met(sample, target, +1), chance) <= 0.98


def test_intervals_of_a_ratio_of_means_cover_as_they_promise() -> None:
    def pair(rng: np.random.Generator, n: int) -> NDArray[np.float64]:
        below = gauss(rng, n)
        return np.stack((3 * below + 20 * rng.standard_normal(n), below))

    assert 0.92 <= covered(pair, 256, lambda both: ratio(both[0], both[1]).ratio_of_means, 3.0) <= 0.98


def test_students_quantile_widens_the_interval_of_few_values() -> None:
    sample = np.arange(10.0)
    assert mean(sample).half_width / standard_error(sample) == pytest.approx(2.262157, abs=3e-4)
    assert mean(sample[:9]).refused


def test_a_mean_is_exact_where_a_plain_sum_loses_everything() -> None:
    sample = np.array([1e16, 1.0, -1e16, 1.0] * 3)
    assert mean(sample).value == 0.5
    assert mean(sample[::-1]) == mean(sample)


@pytest.mark.parametrize(("share", "least"), [(0.05, 72), (0.95, 72), (0.1, 36), (0.9, 36), (0.8, 17), (0.5, 6)])
def test_a_quantile_interval_is_refused_below_the_least_number(share: float, least: int) -> None:
    sample = np.random.default_rng(3).random(least)
    assert not quantile(sample, (share,))[0].refused
    assert quantile(sample[:-1], (share,))[0].refused


@pytest.mark.parametrize(("n", "share"), [(72, 0.05), (100, 0.5), (1000, 0.9)])
def test_ranks_are_those_of_the_exact_binomial_distribution(n: int, share: float) -> None:
    below = np.cumsum([math.comb(n, k) * share**k * (1 - share) ** (n - k) for k in range(n + 1)])
    lower, upper = ranks(n, share)
    assert below[lower - 1] <= 0.025 < below[lower]
    assert below[upper - 1] >= 0.975 > below[upper - 2]


def test_ranks_of_a_million_values_are_the_normal_ones() -> None:
    lower, upper = ranks(1_000_000, 0.1)
    assert (lower, upper) == pytest.approx((100_000 - 588, 100_000 + 588), abs=2)


def test_quantiles_are_those_of_numpy() -> None:
    sample = np.random.default_rng(4).random(1000)
    assert [one.value for one in quantile(sample, QUANTILES)] == list(np.quantile(sample, QUANTILES))


def test_a_tail_mean_weighs_the_value_at_its_edge_by_what_is_left() -> None:
    sample = np.arange(25.0)
    assert cvar(sample, 0.1, +1).value == pytest.approx((0 + 1 + 0.5 * 2) / 2.5)
    assert cvar(sample, 0.1, -1).value == pytest.approx((24 + 23 + 0.5 * 22) / 2.5)
    assert cvar(np.ones(999), 0.05, +1).refused
    assert cvar(np.ones(1000), 0.05, +1) == Estimate(1.0, 1.0, 1.0, 1000)


def test_missing_replications_are_counted_and_not_taken_for_numbers() -> None:
    sample = np.full(1000, 7.0)
    sample[:10] = np.nan
    found = summarise(sample, +1, target=7.0)
    assert found.met is not None
    every = [found.mean, *found.quantiles.values(), *found.cvar.values(), found.met]
    assert {(one.n, one.missing) for one in every} == {(990, 10)}
    assert found.mean.value == 7.0
    assert found.met.count == 990


def test_a_kpi_without_any_value_says_so() -> None:
    found = summarise(np.full(50, np.nan), +1, target=1.0)
    assert found.met is not None
    assert str(found.met) == "unknown"
    for one in (found.mean, *found.quantiles.values(), *found.cvar.values(), found.met):
        assert math.isnan(one.value)
        assert one.refused
        assert (one.n, one.missing) == (0, 50)


@pytest.mark.parametrize(
    ("count", "n", "said"),
    [
        (0, 1024, "< 0.4 %"),
        (1024, 1024, "> 99.6 %"),
        (0, 1_000_000, "< 0.0004 %"),
        (1, 100_000, "0.001 %"),
        (99_999, 100_000, "99.999 %"),
        (512, 1024, "50.0 %"),
        (3, 3, "> 43.8 %"),
    ],
)
def test_a_probability_never_reads_as_certain(count: int, n: int, said: str) -> None:
    assert str(probability(count, n)) == said


def test_a_target_is_met_on_the_side_of_its_polarity_and_at_the_very_value() -> None:
    sample = np.array([1.0, 2.0, 3.0])
    assert target_met(sample, 2.0, +1).count == 2
    assert target_met(sample, 1.0, -1).count == 1
    with pytest.raises(UsageError, match="better"):
        target_met(sample, 2.0, 0)
    with pytest.raises(UsageError, match="worse"):
        cvar(sample, 0.05, 0)


def test_a_ratio_is_said_both_ways_and_a_zero_below_is_missing_in_one() -> None:
    below = np.array([1.0, 0.0, 3.0] * 10)
    above = np.array([2.0, 1.0, 3.0] * 10)
    found = ratio(above, below)
    assert found.ratio_of_means.value == pytest.approx(1.5)
    assert found.ratio_of_means.missing == 0
    assert found.mean_of_ratios.value == pytest.approx(1.5)
    assert found.mean_of_ratios.missing == 10


def test_a_ratio_over_what_may_be_zero_has_no_interval() -> None:
    swinging = np.tile([-1.0, 1.01], 20)
    assert ratio(np.ones(40), swinging).ratio_of_means.refused
    assert math.isnan(ratio(np.ones(40), np.zeros(40)).ratio_of_means.value)
