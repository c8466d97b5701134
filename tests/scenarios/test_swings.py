"""Swings against closed forms, and how often their intervals hold."""

from __future__ import annotations

import math
from statistics import NormalDist

import numpy as np
import pytest

from tocfin.scenarios.swings import swing, width

RUNS = 400
Z90 = NormalDist().inv_cdf(0.9)


def test_intervals_of_a_swing_cover_as_they_promise() -> None:
    rng = np.random.default_rng(12)
    held = {"width": 0, "mean": 0, "variance": 0}
    truth = {"width": 2 * Z90 * (1 - math.sqrt(1.64)), "mean": -3.0, "variance": 1 - 1.64}
    for _ in range(RUNS):
        own, factor = rng.standard_normal((2, 512))
        found = swing(own, own + 0.8 * factor + 3)
        for name in held:
            one = getattr(found, name)
            held[name] += one.low <= truth[name] <= one.high
    assert all(0.92 <= count / RUNS <= 0.99 for count in held.values()), held


def test_a_swing_is_the_difference_of_what_is_said_of_both() -> None:
    rng = np.random.default_rng(13)
    base, off = rng.standard_normal((2, 300)) * [[3.0], [2.0]]
    found = swing(off, base)
    assert found.width.value == width(off) - width(base)
    assert found.mean.value == pytest.approx(off.mean() - base.mean())
    assert found.variance.value == pytest.approx(off.var(ddof=1) - base.var(ddof=1))
    same = swing(base, base)
    assert (same.width.value, same.width.low, same.mean.high, same.variance.value) == (0, 0, 0, 0)


def test_gaps_are_left_out_and_counted_and_few_futures_have_no_interval() -> None:
    base = np.random.default_rng(14).standard_normal(100)
    off = base / 2
    off[:40] = math.nan
    found = swing(off, base)
    assert (found.mean.n, found.mean.missing, found.variance.missing, found.width.missing) == (60, 40, 40, 40)
    assert found.width.refused
    assert not found.mean.refused
    assert swing(np.full(9, math.nan), base[:9]).width.n == 0
