"""The lanes' own elementary functions against those of Python."""

import math
from fractions import Fraction
from statistics import NormalDist

import numpy as np
import pytest

from entered import entered
from tocfin.kernels import lanes
from tocfin.kernels.compile import kernel
from tocfin.kernels.fused import held, multiply_add

inverse_normal, normal_tail = entered(lanes.inverse_normal), entered(lanes.normal_tail)
lane_exp, lane_log = entered(lanes.lane_exp), entered(lanes.lane_log)


@kernel
def single_exp(x):
    return lanes.single_exp(x, held(lanes.EXP))


@kernel
def single_normal(word):
    return lanes.single_normal(word, held(lanes.NORMAL))


@kernel
def central_normal(word):
    return lanes.central_normal(word, held(lanes.NORMAL))


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


def test_the_single_normal_is_the_quantile_of_its_word():
    words = np.concatenate([np.arange(0, 2**32, 2**32 // 5_000), 2**31 + np.arange(-99, 99), np.arange(99)])
    for word in words.astype(np.uint32):
        expected = inverse_normal((float(word) + 0.5) * 2.0**-32)
        assert float(single_normal(word)) == pytest.approx(expected, rel=7e-7, abs=0)


def test_the_single_normal_is_exactly_antisymmetric_and_ends_where_words_do():
    for word in np.arange(0, 2**31, 2**31 // 997, dtype=np.uint32):
        assert single_normal(word) == -single_normal(np.uint32(~word))
    assert float(single_normal(np.uint32(0))) == pytest.approx(inverse_normal(2.0**-33), rel=7e-7)


def test_words_that_are_not_near_an_end_are_central_ones():
    tail = int(lanes.TAIL)
    for word in [tail, tail + 1, *range(tail, 2**31, 2**31 // 997), 2**31 - 1, 2**31, 2**32 - tail - 1]:
        assert central_normal(np.uint32(word)) == single_normal(np.uint32(word))
    assert central_normal(np.uint32(tail // 2)) != single_normal(np.uint32(tail // 2))


def test_the_single_exp_is_exact_to_the_last_place_and_clamped():
    for x in np.linspace(-87, 88, 4_001).astype(np.float32):
        assert float(single_exp(x)) == pytest.approx(math.exp(float(x)), rel=1.3e-7, abs=0)
    assert np.isfinite(single_exp(np.float32(1e6)))
    assert single_exp(np.float32(-1e6)) == single_exp(np.float32(-87)) > 0


@kernel
def sums(a, b, c):
    return multiply_add(a, b, c)


def test_a_product_and_a_sum_are_rounded_once():
    rng = np.random.Generator(np.random.PCG64(3))
    cases = [(a, b, c) for a, b, c in rng.standard_normal((3_000, 3)).astype(np.float32)]
    eps = np.float32(2.0**-23)
    one = np.float32(1)
    cases += [(one + eps, one - eps, -one), (one + eps, one + eps, np.float32(2.0**-60)), (one + eps, one + eps, one)]
    # twice: the sum as a double lies on the middle between two singles, without being there
    cases += [(np.float32(2.0**-30), np.float32(2.0**-30), one + eps / 2), (one, np.float32(2.0**-24), one)]
    for a, b, c in cases:
        exact = Fraction(float(a)) * Fraction(float(b)) + Fraction(float(c))
        nearest = min(_neighbours(float(exact)), key=lambda x: (abs(Fraction(float(x)) - exact), _odd(x)))
        assert sums(a, b, c) == multiply_add(a, b, c) == nearest


def _neighbours(x: float) -> list[np.float32]:
    near = np.float32(x)
    return [np.nextafter(near, np.float32(-np.inf)), near, np.nextafter(near, np.float32(np.inf))]


def _odd(x: np.float32) -> int:
    return int(x.view(np.int32)) & 1
