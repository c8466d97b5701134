"""Alternatives under the same luck, against closed forms."""

import math
from statistics import NormalDist

import numpy as np
import pytest

from tocfin.errors import UsageError
from tocfin.scenarios.paired import difference, rank_correlation, ranking

RUNS = 1000


def test_intervals_of_a_paired_difference_cover_as_they_promise() -> None:
    rng = np.random.default_rng(7)
    held = {"mean": 0, "better": 0, "P10": 0}
    better = NormalDist(2, 3)
    for _ in range(RUNS):
        luck = 100 * rng.standard_normal(512)
        found = difference(luck + 2 + 3 * rng.standard_normal(512), luck, +1)
        held["mean"] += found.mean.low <= 2 <= found.mean.high
        held["better"] += found.better.low <= 1 - better.cdf(0) <= found.better.high
        low = found.quantiles[0.10]
        held["P10"] += low.low <= better.inv_cdf(0.1) <= low.high
    assert all(0.92 <= share / RUNS <= 0.98 for share in held.values()), held


def test_pairing_is_worth_what_the_variances_say() -> None:
    rng = np.random.default_rng(8)
    luck = 10 * rng.standard_normal(20_000)
    found = difference(luck + rng.standard_normal(20_000), luck, +1)
    assert found.saving == pytest.approx(201, rel=0.05)
    assert difference(luck + 1, luck, +1).saving > 1e20


def test_better_follows_the_polarity_and_ties_are_neither() -> None:
    cost = np.array([1.0, 2.0, 3.0, 4.0])
    less = np.array([0.0, 2.0, 4.0, 3.0])
    found = difference(less, cost, -1)
    assert (found.better.count, found.ties, found.better.n) == (2, 1, 4)
    assert difference(less, cost, +1).better.count == 1


def test_a_pair_with_a_gap_on_either_side_is_missing() -> None:
    first, second = np.arange(100.0), np.zeros(100)
    first[0], second[1] = np.nan, np.nan
    found = difference(first, second, +1)
    assert (found.mean.n, found.mean.missing, found.better.missing) == (98, 2, 2)


def test_scenarios_of_different_length_are_refused() -> None:
    with pytest.raises(UsageError, match="same replications"):
        difference(np.zeros(3), np.zeros(4), +1)


def test_alternatives_are_ranked_with_what_makes_the_order_uncertain() -> None:
    rng = np.random.default_rng(9)
    luck = rng.standard_normal(2048)
    ensembles = {
        "base": 100 + luck,
        "twin": 100 + luck + 0.5 * np.tile([1.0, -1.0], 1024),
        "bold": 101 + 5 * luck,
        "worse": 98 + 2 * luck,
    }
    places = {place.name: place for place in ranking(ensembles, +1)}
    assert places["bold"].rank == 1
    assert places["bold"].dominated_by == {}
    assert places["base"].dominated_by == {}
    assert places["base"].like == ("twin",)
    assert {"base"} <= set(places["worse"].dominated_by)
    assert places["worse"].rank == 4
    assert sum(place.best.count for place in places.values()) == 2048


def test_for_costs_the_lowest_mean_ranks_first() -> None:
    draws = np.arange(50.0)
    places = ranking({"dear": draws + 1, "cheap": draws}, -1)
    assert [place.name for place in places] == ["cheap", "dear"]
    assert places[1].dominated_by == {"cheap": "every future"}
    assert places[0].best.count == 50


@pytest.mark.parametrize(
    ("better", "worse", "how"),
    [
        ([1.0, 2.0, 3.0, 5.0], [1.0, 2.0, 3.0, 4.0], "every future"),
        ([5.0, 3.0, 2.0, 1.0], [1.0, 2.0, 3.0, 4.0], "first order"),  # never worse once both are sorted
        ([2.0, 3.0, 3.0, 3.0], [4.0, 4.0, 0.0, 3.0], "second order"),  # the same mean, less spread
        ([0.0, 1.0, 9.0, 9.0], [0.0, 3.0, 3.0, 4.0], "mean and tail"),  # the second worst is worse
        ([1.0, 2.0, 3.0, 4.0], [4.0, 3.0, 2.0, 1.0], ""),  # the same futures in another order
        ([0.0, 9.0, 9.0, 9.0], [1.0, 2.0, 3.0, 4.0], ""),  # more on average, less in the worst case
    ],
)
@pytest.mark.parametrize("polarity", [1, -1])
def test_dominance_is_the_strongest_that_the_samples_show(
    better: list[float], worse: list[float], how: str, polarity: int
) -> None:
    ensembles = {"one": polarity * np.array(better), "other": polarity * np.array(worse)}
    places = {place.name: place for place in ranking(ensembles, polarity)}
    assert places["other"].dominated_by == ({"one": how} if how else {})
    assert places["one"].dominated_by == {}


def test_futures_that_one_alternative_lacks_are_left_out_of_the_ranking_and_counted() -> None:
    first, second = np.arange(50.0), np.arange(50.0)
    first[:5] = np.nan
    places = ranking({"a": first, "b": second}, +1)
    assert {(place.mean.n, place.mean.missing, place.best.missing) for place in places} == {(45, 5, 5)}
    with pytest.raises(UsageError, match="no replication"):
        ranking({"a": np.full(3, np.nan), "b": np.ones(3)}, +1)


def test_rank_correlation_and_its_noise_floor_hold_what_they_promise() -> None:
    rng = np.random.default_rng(10)
    truth = 6 / math.pi * math.asin(0.6 / 2)
    held = alarms = family = 0
    for _ in range(RUNS):
        x, e, *noise = rng.standard_normal((6, 256))
        found = rank_correlation(x, np.exp(0.6 * x + 0.8 * e))
        held += found.low <= truth <= found.high
        alarms += not rank_correlation(noise[0], x).noise
        family += any(not rank_correlation(other, x, among=4).noise for other in noise)
    assert 0.92 <= held / RUNS <= 0.98
    assert 0.02 <= alarms / RUNS <= 0.08
    assert 0.02 <= family / RUNS <= 0.08


def test_equal_values_share_their_rank() -> None:
    few = np.repeat([0.0, 1.0], 10)
    assert rank_correlation(few, few**3).value == 1.0
    assert rank_correlation(few, -few).value == -1.0
    assert math.isnan(rank_correlation(few, np.ones(20)).value)
    assert rank_correlation(few, np.ones(20)).noise
