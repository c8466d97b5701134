"""Quantile functions against closed forms, series and moments."""

import hashlib
import math
from statistics import NormalDist

import numpy as np
import pytest

from tocfin.kernels import draw, tables
from tocfin.kernels import quantiles as module
from tocfin.kernels.quantiles import distribution_columns, log_sigma, quantiles

NORMAL = NormalDist()
Z = np.array([-6.3, -4.0, -2.5, -1.0, -0.3, 0.0, 0.01, 0.7, 1.0, 2.0, 3.1, 5.0, 6.3])
#: Middles of 4,096 equal shares of probability: their mean is a mean without sampling error.
SHARES = np.array([NORMAL.inv_cdf((s + 0.5) / 4_096) for s in range(4_096)])

DECLARED = {
    "constant": (module.CONSTANT, (3,)),
    "lognormal": (module.LOGNORMAL, (2, 0.5)),
    "normal": (module.NORMAL, (2, 0.3)),
    "exponential": (module.EXPONENTIAL, (2,)),
    "uniform": (module.UNIFORM, (1, 3)),
    "triangular": (module.TRIANGULAR, (1, 2, 4)),
    "pert": (module.PERT, (1, 2, 4)),
    "gamma": (module.GAMMA, (2, 0.5)),
    "empirical": (module.EMPIRICAL, (0, 0.25, 0.75, 1, 1, 2, 2, 5)),
}
#: Of all kinds over one draw: what compiled and plain kernels, on any machine, give.
DIGEST = "45023f0405e2480d32ce615ec021c18a7c52dbfe02cd36f373fee56a3d49e8fd"
#: Mean and variance from the textbook.
MOMENTS = {
    "constant": (3, 0),
    "lognormal": (2, 1),
    "normal": (2, 0.36),  # one in 2,300 is cut off
    "exponential": (2, 4),
    "uniform": (2, 1 / 3),
    "triangular": (7 / 3, (1 + 4 + 16 - 2 - 4 - 8) / 18),
    "pert": (13 / 6, (13 / 6 - 1) * (4 - 13 / 6) / 7),
    "gamma": (2, 1),
    "empirical": (2.25, (1 + 2 + 4) / 12 + 2 + (4 + 10 + 25) / 12 - 2.25**2),
}


def values(kind: int, parameters: tuple[float, ...], z=Z) -> np.ndarray:
    columns = distribution_columns([DECLARED["gamma"], DECLARED["empirical"], (kind, parameters)])
    out = np.empty(z.size)
    quantiles(columns, 2, z, out)
    return out


def gamma_cdf(shape: float, x: float) -> float:
    """Lower incomplete gamma function by its series, summed in Python."""
    term = total = 1.0
    n = 0
    while term > 1e-18 * total:
        n += 1
        term *= x / (shape + n)
        total += term
    return math.exp(shape * math.log(x) - x - math.lgamma(shape + 1)) * total


def beta_cdf(a: int, b: int, x: float) -> float:
    """Beta distribution function of whole parameters: a tail of the binomial distribution."""
    n = a + b - 1
    return sum(math.comb(n, k) * x**k * (1 - x) ** (n - k) for k in range(a, n + 1))


def phi(z: float) -> float:
    return math.erfc(-z / math.sqrt(2)) / 2


@pytest.mark.parametrize("name", DECLARED)
def test_values_never_fall_and_are_never_below_zero(name):
    z = np.linspace(-8, 8, 1_601)
    x = values(*DECLARED[name], z)
    assert (np.diff(x) >= 0).all()
    assert x[0] >= 0


@pytest.mark.parametrize("name", MOMENTS)
def test_mean_and_variance_are_those_declared(name):
    mean, variance = MOMENTS[name]
    x = values(*DECLARED[name], SHARES)
    assert x.mean() == pytest.approx(mean, rel=1e-3)
    assert x.var() == pytest.approx(variance, rel=2e-2)


def test_lognormal_is_the_exponential_of_the_normal():
    sigma = math.sqrt(math.log(1.25))
    assert log_sigma(0.5) == pytest.approx(sigma, rel=1e-15)
    np.testing.assert_allclose(values(module.LOGNORMAL, (2, 0.5)), 2 * np.exp(sigma * Z - sigma**2 / 2), rtol=1e-6)


@pytest.mark.parametrize("cv", [1e-12, 1e-8, 1e-5, 1e-3, 0.1, 1.0, 10.0])
def test_sigma_of_the_logarithm_keeps_its_digits(cv):
    assert log_sigma(cv) == pytest.approx(math.sqrt(math.log1p(cv * cv)), rel=1e-14)


def test_closed_forms_are_met():
    for z, exponential, uniform in zip(
        Z, *(values(*DECLARED[name]) for name in ("exponential", "uniform")), strict=True
    ):
        assert exponential == pytest.approx(-2 * math.log(phi(-z)), rel=1e-6, abs=1e-15)
        assert uniform == pytest.approx(1 + 2 * phi(z), rel=1e-14)


@pytest.mark.parametrize("mode", [1.0, 1.5, 3.0, 4.0])
def test_triangular_values_lie_at_their_probability(mode):
    for z, x in zip(Z, values(module.TRIANGULAR, (1, mode, 4)), strict=True):
        low = (x - 1) ** 2 / (3 * (mode - 1)) if x < mode else 1 - (4 - x) ** 2 / (3 * (4 - mode))
        assert low == pytest.approx(phi(z), abs=1e-14)


def test_normal_is_cut_off_at_zero_not_piled_up_there():
    mass = phi(1 / 0.8)
    x = values(module.NORMAL, (2, 0.8))
    for z, value in zip(Z, x, strict=True):
        assert (phi((value - 2) / 1.6) - (1 - mass)) / mass == pytest.approx(phi(z), rel=1e-6, abs=1e-13)
    np.testing.assert_allclose(values(module.NORMAL, (2, 0.01)), 2 + 0.02 * Z, rtol=1e-7)


@pytest.mark.parametrize("cv", [5.0, 2.0, 1.0, 0.5, 0.1])
def test_gamma_values_lie_at_their_probability(cv):
    shape = 1 / cv**2
    for z, x in zip(Z, values(module.GAMMA, (3, cv)), strict=True):
        if x > 1e-3 * cv:  # of smaller values the absolute error matters, not the relative one
            assert gamma_cdf(shape, x / 3 * shape) == pytest.approx(phi(z), rel=3e-6)


def test_gamma_with_cv_one_is_the_exponential():
    np.testing.assert_allclose(values(module.GAMMA, (2, 1)), values(module.EXPONENTIAL, (2,)), rtol=0, atol=2e-9)


def test_gamma_with_a_tiny_cv_is_tabulated_by_a_cube_that_joins_the_exact_one():
    exact, exact_slope = tables.gamma_table(tables.SHAPE_MOST)
    cube, cube_slope = tables.gamma_table(np.nextafter(tables.SHAPE_MOST, math.inf))
    np.testing.assert_allclose(cube, exact, rtol=0, atol=1e-7)
    np.testing.assert_allclose(cube_slope, exact_slope, rtol=0, atol=1e-7)


@pytest.mark.parametrize(("mode", "a"), [(1.0, 1), (1.75, 2), (2.5, 3), (4.0, 5)])
def test_pert_values_lie_at_their_probability(mode, a):
    for z, x in zip(Z, values(module.PERT, (1, mode, 4)), strict=True):
        assert beta_cdf(a, 6 - a, (x - 1) / 3) == pytest.approx(phi(z), abs=1e-9)


@pytest.mark.parametrize(
    ("table", "shape", "error"), [("gamma", 0.01, 2e-6), ("gamma", 0.04, 2e-7), ("pert", 0.2, 1e-10)]
)
def test_the_error_between_nodes_is_as_documented(table, shape, error):
    """Every other node left out and predicted: the error of a cubic falls with the fourth power of the step."""
    value, slope = getattr(tables, f"{table}_table")(shape)
    coarse, rise = value[::2], 2 * slope[::2]
    predicted = (coarse[1:] + coarse[:-1]) / 2 + (rise[:-1] - rise[1:]) / 8
    assert np.abs(predicted - value[1::2]).max() / 2**4 < error


def test_empirical_values_are_linear_between_levels_and_constant_outside():
    x = values(module.EMPIRICAL, (0.1, 0.5, 0.9, 10, 20, 40))
    expected = np.interp([phi(z) for z in Z], [0.1, 0.5, 0.9], [10, 20, 40])
    np.testing.assert_allclose(x, expected, rtol=1e-14)


@pytest.mark.parametrize(("p", "n"), [(0.02, 12), (0.5, 7), (0.999, 3), (0.3, 1), (0.004, 5_000)])
def test_bad_pieces_are_as_likely_as_the_binomial_says(p, n):
    columns = distribution_columns([(module.EMPIRICAL, (0, 1, 0, 1)), (module.BINOMIAL, (p, n))])
    rows = slice(columns.first[1], columns.last[1])
    share, level = columns.level_value[rows], columns.level[rows]
    first = round(share[0] * n)
    exact = np.cumsum([math.comb(n, k) * p**k * (1 - p) ** (n - k) for k in range(min(n, 80) + 1)])
    np.testing.assert_allclose(level[:-1], exact[first : first + level.size - 1], rtol=1e-10, atol=1e-14)
    assert level[-1] == 1
    np.testing.assert_allclose(share * n, first + np.arange(share.size), rtol=1e-14)
    below, above = NORMAL.inv_cdf(level[0] - 1e-9), NORMAL.inv_cdf(level[0] + 1e-9)
    assert values(module.BINOMIAL, (p, n), np.array([below, above])).tolist() == [share[0], share[1]]


@pytest.mark.parametrize(("p", "n"), [(0.02, 12), (0.5, 40), (0.01, 5_000), (0.3, 1_000_000), (1e-7, 1_000_000)])
def test_a_binomial_has_its_mean_and_variance_in_lots_of_any_size(p, n):
    x = values(module.BINOMIAL, (p, n), SHARES)
    assert x.mean() == pytest.approx(p, rel=1e-2)
    assert x.var() == pytest.approx(p * (1 - p) / n, rel=2e-2)


def test_where_counting_ends_the_normal_takes_over():
    n = 14_400  # at a half the number of bad pieces spreads by 60
    kinds = distribution_columns([(module.BINOMIAL, (0.5, n)), (module.BINOMIAL, (0.5, n + 4))]).kind
    assert kinds.tolist() == [module.BINOMIAL, module.NORMAL]
    counted, drawn = (values(module.BINOMIAL, (0.5, one)) for one in (n, n + 4))
    assert np.abs(counted - drawn).max() * n < 1.5  # pieces


def test_a_shift_moves_every_value_by_itself():
    alone = distribution_columns(list(DECLARED.values()))
    moved = distribution_columns(list(DECLARED.values()), [7.0] * len(DECLARED))
    here, there = np.empty(Z.size), np.empty(Z.size)
    for d in range(len(DECLARED)):
        quantiles(alone, d, Z, here)
        quantiles(moved, d, Z, there)
        np.testing.assert_allclose(there, here + 7.0, rtol=1e-15)


def test_no_spread_is_the_value_itself():
    for kind, parameters in [
        (module.LOGNORMAL, (7, 0)),
        (module.GAMMA, (7, 0)),
        (module.NORMAL, (7, 0)),
        (module.UNIFORM, (7, 7)),
        (module.TRIANGULAR, (7, 7, 7)),
        (module.PERT, (7, 7, 7)),
    ]:
        assert (values(kind, parameters) == 7).all()


def test_distributions_of_one_shape_share_a_table():
    columns = distribution_columns(
        [(module.GAMMA, (1, 0.5)), (module.PERT, (0, 1, 2)), (module.GAMMA, (9, 0.5)), (module.PERT, (5, 6, 7))]
    )
    assert columns.first.tolist() == [0, tables.NODES, 0, tables.NODES]
    assert columns.node_value.size == 2 * tables.NODES


def test_no_distributions_have_empty_columns():
    assert all(column.size == 0 for column in distribution_columns([]))


def test_values_may_replace_the_numbers_they_are_drawn_from():
    columns = distribution_columns(list(DECLARED.values()))
    for d in range(len(DECLARED)):
        apart, together = np.empty(Z.size), Z.copy()
        quantiles(columns, d, Z, apart)
        quantiles(columns, d, together, together)
        np.testing.assert_array_equal(apart, together)


def test_the_bits_never_change_so_that_stored_runs_can_be_replayed():
    columns = distribution_columns(list(DECLARED.values()))
    out = np.empty((len(DECLARED), 64))
    z = np.empty(64, np.float32)
    draw.normals(np.uint64(1), 0, draw.DURATION, np.uint64(3), z)
    for d in range(len(DECLARED)):
        quantiles(columns, d, z, out[d])
    assert hashlib.sha256(out.astype("<f8").tobytes()).hexdigest() == DIGEST
