"""The lanes' own elementary functions against those of Python."""

import math
from statistics import NormalDist

import numpy as np
import pytest

from tocfin.kernels.lanes import inverse_normal, lane_exp, lane_log, normal_tail


def test_exp_is_exact_to_two_units_in_the_last_place():
    for x in [*np.linspace(-708, 709, 2_001).tolist(), 0.0, 1e-300, -1e-17, math.log(2) / 2]:
        assert lane_exp(x) == pytest.approx(math.exp(x), rel=4.5e-16, abs=0)


def test_exp_is_clamped_and_lets_a_missing_number_pass():
    assert lane_exp(1e6) == lane_exp(709.0) < math.inf
    assert lane_exp(-1e6) == lane_exp(-708.0) > 0
    assert math.isnan(lane_exp(math.nan))


def test_log_is_exact_to_the_last_place():
    for x in [*np.geomspace(1e-300, 1e300, 2_001).tolist(), 0.999, 1.001, math.sqrt(0.5), 2.0]:
        assert lane_log(x) == pytest.approx(math.log(x), rel=2.3e-16, abs=0)
    assert lane_log(1.0) == 0


def test_inverse_normal_equals_the_standard_library_down_to_the_smallest_draw():
    normal = NormalDist()
    for p in [*np.geomspace(2.0**-33, 0.5, 1_000).tolist(), 0.074999, 0.075001]:
        assert inverse_normal(p) == pytest.approx(normal.inv_cdf(p), rel=1e-14, abs=1e-16)


def test_inverse_normal_is_exactly_antisymmetric():
    for k in range(1, 64):
        assert inverse_normal(k / 128) == -inverse_normal(1 - k / 128)


def test_normal_tail_equals_the_complementary_error_function():
    for z in np.linspace(-7, 7, 1_001).tolist():
        expected = math.erfc(abs(z) / math.sqrt(2)) / 2
        assert normal_tail(z) == pytest.approx(expected, rel=3e-9, abs=0)
        assert normal_tail(z) == pytest.approx(expected, rel=0, abs=1e-15)
