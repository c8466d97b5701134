"""Quantile functions over lanes of standard normal numbers: the value at Φ(z), whatever the distribution.

One normal number per value lets common factors be mixed into z before the distribution is applied (a Gaussian
copula). Values never fall as z rises.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tocfin.kernels.compile import inlined, kernel
from tocfin.kernels.fused import held, multiply_add
from tocfin.kernels.lanes import EXP, inverse_normal, lane_log, normal_tail, single_exp
from tocfin.kernels.tables import NODES, STEP, STEPS, Z_MOST, binomial_steps, gamma_table, pert_table

#: Kinds and their parameters; ``cv`` is standard deviation over mean.
CONSTANT = 0  # value
LOGNORMAL = 1  # mean, cv
NORMAL = 2  # mean, cv, of the normal distribution before it is cut off at 0
EXPONENTIAL = 3  # mean
UNIFORM = 4  # min, max
TRIANGULAR = 5  # min, mode, max
PERT = 6  # min, mode, max
GAMMA = 7  # mean, cv up to 10
EMPIRICAL = 8  # levels, then as many values; linear between them, constant outside
BINOMIAL = 9  # mean share, pieces: how many of the pieces, as a share of them


#: A lot in which the number of bad pieces spreads more than this is drawn from the normal distribution instead.
SPREAD_MOST = 60.0


class Distributions(NamedTuple):
    """Columns of distinct distributions, one row each, and the tables that they read.

    | column | shape | meaning |
    |---|---|---|
    | kind | distributions | code above |
    | location, scale | distributions | what the kind's standard form is shifted to and multiplied by |
    | shape | distributions | σ of the logarithm, mode as a share of the range, or normal mass above 0 |
    | first, last | distributions | rows of its table |
    | node_value, node_slope | nodes | standard form at equal steps of z, and its slope × step |
    | level, level_value | levels | empirical quantiles; or probabilities of at most a share of a lot |
    """

    kind: NDArray[np.uint8]
    location: NDArray[np.float64]
    scale: NDArray[np.float64]
    shape: NDArray[np.float64]
    first: NDArray[np.int64]
    last: NDArray[np.int64]
    node_value: NDArray[np.float64]
    node_slope: NDArray[np.float64]
    level: NDArray[np.float64]
    level_value: NDArray[np.float64]


@kernel
def log_sigma(cv: float) -> float:
    """Standard deviation of the logarithm of a lognormal number: √ln(1 + cv²), exact for a small cv too."""
    square = cv * cv
    grown = 1.0 + square
    if grown == 1.0:
        return cv
    return float(np.sqrt(lane_log(grown) * square / (grown - 1.0)))


@kernel
def mass_above_zero(cv: float) -> float:
    """Probability that a normal number with mean 1 is positive."""
    return 1.0 - normal_tail(min(1.0 / cv, 9.0))  # further out it is 1 to the last digit


def distribution_columns(
    declared: Sequence[tuple[int, Sequence[float]]], shift: Sequence[float] | None = None
) -> Distributions:
    """Columns of (kind, parameters), parameters as listed at the kinds and already checked, each ``shift`` added.

    Shapes that are alike share one table: a gamma is tabulated once per cv, a PERT once per relative mode.
    """
    found: dict[tuple[int, float], int] = {}
    nodes: list[NDArray[np.float64]] = [np.empty((2, 0))]
    levels: list[NDArray[np.float64]] = [np.empty((2, 0))]
    rows = []
    n_level = 0
    for at, (declared_kind, parameters) in enumerate(declared):
        form = standard_form(declared_kind, [float(parameter) for parameter in parameters])
        table = (0, 0)
        if form[0] in (GAMMA, PERT):
            n = found.setdefault((form[0], form[3]), len(found))
            if n + 1 == len(nodes):
                nodes.append(np.array(gamma_table(form[3]) if form[0] == GAMMA else pert_table(form[3])))
            table = (n * NODES, (n + 1) * NODES)
        elif form[0] in (EMPIRICAL, BINOMIAL):
            steps = parameters if form[0] == EMPIRICAL else binomial_steps(*parameters)
            levels.append(np.array(steps, np.float64).reshape(2, -1))
            table = (n_level, n_level + levels[-1].shape[1])
            n_level = table[1]
        moved = form[1] + (0.0 if shift is None else shift[at])
        rows.append((form[0], moved, *form[2:], *table))
    dtypes = (np.uint8, np.float64, np.float64, np.float64, np.int64, np.int64)
    kind, location, scale, shape, first, last = (
        np.array([row[c] for row in rows], dtype) for c, dtype in enumerate(dtypes)
    )
    value, slope = np.concatenate(nodes, axis=1)
    level, level_value = np.concatenate(levels, axis=1)
    columns = Distributions(kind, location, scale, shape, first, last, value, slope, level, level_value)
    for column in columns:
        column.flags.writeable = False
    return columns


def standard_form(kind: int, parameters: Sequence[float]) -> tuple[int, float, float, float]:
    """(kind, location, scale, shape); a distribution without spread is a constant."""
    at = parameters[0]
    if kind == CONSTANT or (kind in (LOGNORMAL, NORMAL, GAMMA) and parameters[1] == 0.0):
        return CONSTANT, at, 0.0, 0.0
    if kind == LOGNORMAL:
        return kind, 0.0, at, log_sigma(parameters[1])
    if kind == NORMAL:
        return kind, at, at * parameters[1], mass_above_zero(parameters[1])
    if kind == EXPONENTIAL:
        return kind, 0.0, at, 0.0
    if kind == GAMMA:
        return kind, 0.0, at, 1.0 / (parameters[1] * parameters[1])
    if kind == EMPIRICAL:
        return kind, 0.0, 1.0, 0.0
    if kind == BINOMIAL:
        spread = np.sqrt(at * (1.0 - at) / parameters[1])
        if spread * parameters[1] <= SPREAD_MOST:
            return (CONSTANT, at, 0.0, 0.0) if spread == 0.0 else (kind, 0.0, 1.0, 0.0)
        return NORMAL, at, spread, mass_above_zero(spread / at)
    spread = parameters[-1] - at
    if spread == 0.0:
        return CONSTANT, at, 0.0, 0.0
    return kind, at, spread, 0.0 if kind == UNIFORM else (parameters[1] - at) / spread


@inlined
def bounded(z: float) -> float:
    """``z`` held inside the tables, in double precision; a missing number passes."""
    z = np.float64(z)
    z = -Z_MOST if z < -Z_MOST else z
    return Z_MOST if z > Z_MOST else z


@inlined
def below(z: float) -> float:
    """Φ(z)."""
    tail = normal_tail(z)
    return tail if z < 0.0 else 1.0 - tail


@inlined
def above(z: float) -> float:
    """1 − Φ(z), with all digits where it is small."""
    tail = normal_tail(z)
    return 1.0 - tail if z < 0.0 else tail


@inlined
def triangular(z: float, mode: float) -> Any:
    """Quantile of the triangular distribution on 0..1."""
    rising = np.sqrt(below(z) * mode)
    falling = 1.0 - np.sqrt(above(z) * (1.0 - mode))
    return rising if below(z) < mode else falling  # one of two values, not of two computations: those were branches


@inlined
def tabulated(z: float, first: int, value: Any, slope: Any) -> Any:
    """Cubic through value and slope of the nodes on either side of ``z``."""
    place = (z + Z_MOST) / STEP
    i = min(int(place if place > 0.0 else 0.0), STEPS - 1)
    t = place - i
    n = first + i
    rise = value[n + 1] - value[n]
    before = slope[n]
    after = slope[n + 1]
    return value[n] + t * (before + t * (3.0 * rise - 2.0 * before - after + t * (before + after - 2.0 * rise)))


@inlined
def empirical(u: float, first: int, last: int, level: Any, value: Any) -> Any:
    """Linear between the levels on either side of ``u``, constant outside."""
    low = first
    high = last
    while low < high:
        middle = (low + high) >> 1
        if level[middle] <= u:
            low = middle + 1
        else:
            high = middle
    if low == first:
        return value[first]
    if low == last:
        return value[last - 1]
    share = (u - level[low - 1]) / (level[low] - level[low - 1])
    return value[low - 1] + share * (value[low] - value[low - 1])


@inlined
def stepped(u: float, first: int, last: int, level: Any, value: Any) -> Any:
    """Value of the first level that is not below ``u``; the last level is 1."""
    low = first
    high = last - 1
    while low < high:
        middle = (low + high) >> 1
        if level[middle] < u:
            low = middle + 1
        else:
            high = middle
    return value[low]


@inlined
def lognormal(location: float, scale: float, shape: float, z: Any, out_x: Any) -> None:
    """Of mean ``scale`` beyond ``location``; ``shape`` is σ of the logarithm."""
    sigma, shift = np.float32(shape), np.float32(-0.5 * shape * shape)
    terms = held(EXP)
    for s in range(out_x.size):
        out_x[s] = location + scale * np.float64(single_exp(multiply_add(sigma, z[s], shift), terms))


@inlined
def standard_lognormals(shape: float, z: Any) -> None:
    """Lognormal numbers of mean 1 in the place of ``z``, float32: singles by themselves have twice the lanes."""
    sigma, shift = np.float32(shape), np.float32(-0.5 * shape * shape)
    terms = held(EXP)
    for s in range(z.size):
        z[s] = single_exp(multiply_add(sigma, z[s], shift), terms)


@inlined
def scaled(location: float, scale: float, standard: Any, out_x: Any) -> None:
    """Standard numbers moved and stretched."""
    for s in range(out_x.size):
        out_x[s] = location + scale * np.float64(standard[s])


@kernel
def quantiles(distributions: Any, d: int, z: Any, out_x: Any) -> None:
    """Values of distribution ``d`` at ``z``: ``z`` (replications) float32, ``out_x`` (replications) float64.

    Each kind has its own loop without branches; tables are looked up one lane after the other. A lognormal number has
    the digits of single precision, others lose none to those of ``z``.
    """
    assert z.size == out_x.size
    kind = distributions.kind[d]
    location = distributions.location[d]
    scale = distributions.scale[d]
    shape = distributions.shape[d]
    first = distributions.first[d]
    if kind == CONSTANT:
        for s in range(z.size):
            out_x[s] = location
    elif kind == LOGNORMAL:
        lognormal(location, scale, shape, z, out_x)
    elif kind == NORMAL:
        for s in range(z.size):
            out_x[s] = max(location - scale * inverse_normal(above(bounded(z[s])) * shape), 0.0)
    elif kind == EXPONENTIAL:
        for s in range(z.size):
            out_x[s] = location - scale * lane_log(above(bounded(z[s])))
    elif kind == UNIFORM:
        for s in range(z.size):
            out_x[s] = location + scale * below(bounded(z[s]))
    elif kind == TRIANGULAR:
        for s in range(z.size):
            out_x[s] = location + scale * triangular(bounded(z[s]), shape)
    elif kind == EMPIRICAL:
        for s in range(z.size):
            u = below(bounded(z[s]))
            found = empirical(u, first, distributions.last[d], distributions.level, distributions.level_value)
            out_x[s] = location + found
    elif kind == BINOMIAL:
        for s in range(z.size):
            u = below(bounded(z[s]))
            found = stepped(u, first, distributions.last[d], distributions.level, distributions.level_value)
            out_x[s] = location + found
    else:
        for s in range(z.size):
            unit = tabulated(bounded(z[s]), first, distributions.node_value, distributions.node_slope)
            out_x[s] = location + scale * unit
