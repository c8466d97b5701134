"""The comparison of distributions finds what differs and lets pass what does not."""

from __future__ import annotations

import numpy as np

from tocfin.bench.alike import MOST_ERRORS, apart

RNG = np.random.Generator(np.random.PCG64(11))


def test_samples_of_one_distribution_are_a_few_standard_errors_apart() -> None:
    means, spreads = apart(RNG.exponential(size=(400, 1_000)), RNG.exponential(size=(400, 300)))
    assert max(means.max(), spreads.max()) < MOST_ERRORS
    assert 0.5 < np.median(means) < 0.85, "half of a normal distribution is within 0.67"
    assert 0.5 < np.median(spreads) < 0.85


def test_another_mean_or_another_spread_is_found() -> None:
    one = RNG.standard_normal(10_000)
    assert apart(one, RNG.standard_normal(10_000) + 0.1)[0] > MOST_ERRORS
    means, spreads = apart(one, RNG.standard_normal(10_000) * 1.1)
    assert spreads > MOST_ERRORS > means


def test_constants_are_equal_or_infinitely_far_apart() -> None:
    means, spreads = apart(np.array([[2.0] * 50, [2.0] * 50]), np.array([[2.0] * 40, [3.0] * 40]))
    np.testing.assert_array_equal(means, [0.0, np.inf])
    np.testing.assert_array_equal(spreads, [0.0, 0.0])


def test_what_is_too_rare_is_not_judged_and_what_is_missing_is() -> None:
    rare, never = np.zeros(4_000), np.zeros(250)
    rare[:9] = 1.0
    assert np.isnan(apart(rare, never)).all()
    assert apart(RNG.standard_normal(4_000), never)[1] > MOST_ERRORS
