"""Variance components against ANOVA by hand and against the restricted likelihood of the whole covariance matrix."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from numpy.typing import NDArray

from tocfin.scenarios.fit_components import components, dense


def test_one_factor_with_equal_levels_gives_the_anova_estimates() -> None:
    draw = np.random.default_rng(5)
    levels, each = 12, 7
    level = np.repeat(np.arange(levels), each)
    y = 3.0 + draw.standard_normal(levels)[level] + 0.8 * draw.standard_normal(level.size)
    average = y.reshape(levels, each).mean(axis=1)
    within = float(((y - average[level]) ** 2).sum() / (levels * (each - 1)))
    between = float(each * ((average - y.mean()) ** 2).sum() / (levels - 1))
    found = components(y, np.zeros(y.size, np.int64), [level])
    assert found.own == pytest.approx(within, rel=1e-4)
    assert found.total == pytest.approx(within + (between - within) / each, rel=1e-4)
    assert found.mean == pytest.approx(y.mean())
    assert found.mean_covariance[0, 0] == pytest.approx(between / y.size, rel=1e-4)
    assert found.loading[0] == pytest.approx(np.sqrt(1.0 - within / found.total), rel=1e-4)


def whole_likelihood(y: NDArray[np.float64], x: NDArray[np.float64], v: NDArray[np.float64]) -> float:
    """The restricted likelihood as its definition has it, from the covariance of all observations."""
    inverse = np.linalg.inv(v)
    middle = x.T @ inverse @ x
    rest = y - x @ np.linalg.solve(middle, x.T @ inverse @ y)
    logs = np.linalg.slogdet(v)[1] + np.linalg.slogdet(middle)[1]
    return float(-0.5 * (logs + rest @ inverse @ rest))


def crossed(seed: int) -> tuple[NDArray[np.float64], NDArray[np.int64], list[NDArray[np.int64]]]:
    """Unbalanced: two groups, 9 and 6 levels that cross."""
    draw = np.random.default_rng(seed)
    first, second = dense(draw.integers(0, 9, 80)), dense(draw.integers(0, 6, 80))
    group = draw.integers(0, 2, 80)
    y = group + draw.standard_normal(9)[first] + 0.7 * draw.standard_normal(6)[second] + draw.standard_normal(80)
    return y, group, [first, second]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_two_crossed_factors_maximise_the_likelihood_of_the_whole_covariance(seed: int) -> None:
    y, group, factors = crossed(seed)
    x = np.eye(2)[group]
    shared = [(factor[:, None] == factor[None, :]).astype(np.float64) for factor in factors]
    found = components(y, group, factors)

    def height(variances: NDArray[np.float64]) -> float:
        parts = (variance * part for variance, part in zip(variances, [*shared, np.eye(80)], strict=True))
        return whole_likelihood(y, x, sum(parts, np.zeros((80, 80))))

    best = np.array([*(found.total * found.loading**2), found.own])
    here = height(best)
    for step in itertools.product((0.97, 1.0, 1.03), repeat=3):
        assert height(best * np.array(step)) <= here + 1e-6
    assert here > height(best * np.array([1.0, 1.0, 1.2])) + 1e-3


def test_factors_may_be_given_in_any_order_and_start_anywhere() -> None:
    y, group, factors = crossed(4)
    one, other = components(y, group, factors), components(y, group, factors[::-1], [2.0, -6.0])
    np.testing.assert_allclose(one.loading, other.loading[::-1], rtol=1e-3)
    np.testing.assert_allclose(one.mean, other.mean, rtol=1e-4)


def test_without_factors_it_is_the_variance_about_the_means() -> None:
    y, group, _ = crossed(6)
    found = components(y, group, [])
    rest = y - np.array([y[group == g].mean() for g in (0, 1)])[group]
    assert found.total == pytest.approx(float(rest @ rest) / 78)
    np.testing.assert_allclose(found.left, rest)


def test_a_factor_that_does_nothing_has_no_loading_to_speak_of() -> None:
    draw = np.random.default_rng(8)
    found = components(draw.standard_normal(4_000), np.zeros(4_000, np.int64), [np.arange(4_000) % 400])
    assert found.loading[0] < 0.15
