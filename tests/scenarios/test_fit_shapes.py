"""Which distribution is chosen, and its parameters, against values whose distribution is known."""

from __future__ import annotations

import math

import numpy as np
import pytest

from tocfin.scenarios.fit_groups import chi_square_tail
from tocfin.scenarios.fit_shapes import chosen, gamma, gamma_scores, goodness, lognormal, quantiles, ranked_scores


def test_lognormal_values_are_found_to_be_lognormal() -> None:
    z = np.random.default_rng(1).standard_normal(4_000)
    shape = chosen(np.exp(0.1 + 0.5 * z), lognormal(0.1, 0.25), 4_000)
    assert shape.distribution.name == "lognormal"
    assert shape.distribution.parameters == pytest.approx((math.exp(0.225), math.sqrt(math.exp(0.25) - 1)))
    np.testing.assert_allclose(shape.scores, z, atol=1e-9)


def test_gamma_values_are_found_to_be_gamma_with_their_parameters_and_scores() -> None:
    values = np.random.default_rng(2).gamma(4.0, 0.3, 20_000)
    mean, cv = gamma(values) or (0.0, 0.0)
    assert mean == pytest.approx(1.2, rel=0.02)
    assert cv == pytest.approx(0.5, rel=0.02)
    logs = np.log(values)
    shape = chosen(values, lognormal(float(logs.mean()), float(logs.var())), values.size)
    assert shape.distribution.name == "gamma"
    assert goodness(gamma_scores(values, (1.2, 0.5))).ks < 0.015


def test_two_kinds_of_work_in_one_are_quantiles_that_keep_the_mean() -> None:
    draw = np.random.default_rng(3)
    values = np.concatenate([draw.normal(1.0, 0.05, 500), draw.normal(3.0, 0.05, 501)])
    logs = np.log(values)
    shape = chosen(values, lognormal(float(logs.mean()), float(logs.var())), values.size)
    assert shape.distribution.name == "quantiles"
    one = shape.distribution
    grid = (np.arange(1_000_000) + 0.5) / 1_000_000
    assert np.interp(grid, one.levels, one.values).mean() == pytest.approx(values.mean(), rel=1e-3)
    assert all(np.diff(one.levels) > 0)


def test_values_with_zeros_are_quantiles_and_few_values_have_as_many_cells() -> None:
    values = np.array([0.0] * 60 + [0.1] * 40)
    assert chosen(values, (0.04, 1.2), 100).distribution.name == "quantiles"
    assert quantiles(np.array([3.0, 1.0, 2.0])).values == (1.0, 2.0, 3.0)


def test_goodness_of_fit_is_that_of_paper() -> None:
    """Scores at the quartiles' middles: the distribution functions are never apart in the middle of a step."""
    z = ranked_scores(np.array([1.0, 2.0, 3.0, 4.0]))
    found = goodness(z)
    assert found.ks == pytest.approx(0.0, abs=1e-12)
    u = np.array([0.125, 0.375, 0.625, 0.875])
    weights = np.array([1, 3, 5, 7])
    assert found.ad == pytest.approx(-4 - float((weights * (np.log(u) + np.log(1 - u[::-1]))).sum()) / 4)


def test_equal_values_share_their_rank() -> None:
    scores = ranked_scores(np.array([5.0, 5.0, 7.0, 7.0]))
    assert scores[0] == scores[1] == -scores[2]


@pytest.mark.parametrize(("x", "freedom", "p"), [(3.841, 1, 0.05), (11.07, 5, 0.05), (29.59, 10, 0.001)])
def test_the_tail_of_chi_square_is_that_of_the_tables(x: float, freedom: int, p: float) -> None:
    assert chi_square_tail(x, freedom) == pytest.approx(p, rel=0.08)
