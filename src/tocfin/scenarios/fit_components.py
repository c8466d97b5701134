"""How much of a spread is shared: variance components of grouped observations by restricted maximum likelihood.

Model: y = mean of its group + what its level of each common factor adds + its own noise. Estimation: REML (Patterson
and Thompson, Biometrika 58, 1971; Searle, Casella and McCulloch, *Variance Components*, 1992, ch. 6). With one level
size it gives the ANOVA estimates (ibid. 4.3); it stays unbiased and efficient where levels differ in size and factors
cross. The likelihood comes from Henderson's mixed model equations (ibid. 7.6): one factor is absorbed, because its
levels share no observation, the other stays, so that a solve costs (groups + levels of one factor)³, whatever the
number of observations.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tocfin.kernels.triangle import triangle

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]

#: Log ratios of a factor's variance to the own one: below the least it is as good as none.
LEAST_RATIO, LARGEST_RATIO, FIRST_RATIO = -9.0, 6.0, -1.5
STEP, ENOUGH, MOST_STEPS = 0.01, 1e-5, 60


class Components(NamedTuple):
    """What was estimated; factors in the order in which they were given.

    ``total`` is the variance of one observation about its group's mean, ``loading`` the correlation of that noise
    with each factor. Errors are standard errors from the observed information.
    """

    total: float
    log_total_error: float  # standard error of ln(total)
    own: float  # variance that nobody shares
    log_ratio: Floats  # (factors) ln of each factor's variance over the own one
    loading: Floats  # (factors)
    loading_error: Floats  # (factors)
    likelihood: float  # restricted, logarithm, up to a constant
    mean: Floats  # (groups)
    mean_covariance: Floats  # (groups, groups)
    left: Floats  # (observations) own noise: what neither mean nor factors explain


class _Solved(NamedTuple):
    likelihood: float
    own: float
    solution: Floats
    inverse: Floats


def components(
    y: Floats, group: Codes, factors: Sequence[Codes], start: Sequence[float] = (), *, known: bool = False
) -> Components:
    """Components of ``y`` (observations) about the means of ``group`` for at most two ``factors``.

    ``group`` and each of ``factors`` (observations) count from 0 without gaps. Needs more observations than groups.
    ``start`` are log ratios near the answer; where they are ``known``, they are the answer.
    """
    order = sorted(range(len(factors)), key=lambda f: -int(factors[f].max()))
    equations = _Equations(y, group, [factors[f] for f in order])
    theta = np.array([(start or [FIRST_RATIO] * len(factors))[f] for f in order])
    if not known:
        theta = _highest(equations.likelihood, theta)
    best = equations.solved(theta)
    covariance, slope = equations.information(theta)
    ratio, back = np.exp(theta), np.argsort(order)
    share = ratio / (1.0 + ratio.sum())
    loading = np.sqrt(share)
    of_loading = np.eye(theta.size) - share[None, :]
    loading_error = 0.5 * loading * np.sqrt(np.einsum("fi,ij,fj->f", of_loading, covariance, of_loading))
    of_total = slope + share
    log_total_error = float(np.sqrt(of_total @ covariance @ of_total + 2.0 / equations.free))
    return Components(
        total=float(best.own * (1.0 + ratio.sum())),
        log_total_error=log_total_error,
        own=best.own,
        log_ratio=theta[back],
        loading=loading[back],
        loading_error=loading_error[back],
        likelihood=best.likelihood,
        mean=best.solution[: equations.groups] + equations.centre,
        mean_covariance=best.own * best.inverse[: equations.groups, : equations.groups],
        left=equations.left(ratio, best.solution),
    )


def dense(codes: Codes) -> Codes:
    """Codes counted from 0 without gaps."""
    return np.unique(codes, return_inverse=True)[1].reshape(-1).astype(np.int64)


def size(group: Codes, factors: Sequence[Codes]) -> int:
    """Unknowns of the equations that are left when the factor with more levels is absorbed."""
    levels = sorted(int(factor.max()) + 1 for factor in factors)
    return int(group.max()) + 1 + sum(levels[:-1])


class _Equations:
    """Mixed model equations: the first factor is absorbed, the second has columns beside the groups."""

    def __init__(self, y: Floats, group: Codes, factors: Sequence[Codes]) -> None:
        self.centre = float(y.mean())
        self.y, self.group, self.factors = y - self.centre, group, factors
        self.groups = int(group.max()) + 1
        self.free = y.size - self.groups
        columns = [group, *(self.groups + factor for factor in factors[1:])]
        self.width = max(int(column.max()) + 1 for column in columns)
        width = self.width
        self.products: Floats = np.zeros(width * width)
        self.right: Floats = np.zeros(width)
        for a in columns:
            self.right += np.bincount(a, self.y, width)
            for b in columns:
                self.products += np.bincount(a * width + b, minlength=width * width)
        self.known: dict[tuple[float, ...], tuple[float, float]] = {}
        if factors:
            self._absorb(columns)

    def _absorb(self, columns: Sequence[Codes]) -> None:
        """Per level of the first factor: its columns with their counts, and every pair of them."""
        level = self.factors[0]
        self.level_size = np.bincount(level).astype(np.float64)
        self.level_sum = np.bincount(level, self.y)
        keys, count = np.unique(np.concatenate([level * self.width + c for c in columns]), return_counts=True)
        self.entry_level, self.entry_column = np.divmod(keys, self.width)
        self.entry_count = count.astype(np.float64)
        entries = np.bincount(self.entry_level)
        first = np.cumsum(entries) - entries
        one = np.repeat(np.arange(keys.size), entries[self.entry_level])
        begins = np.cumsum(entries[self.entry_level]) - entries[self.entry_level]
        other = first[self.entry_level[one]] + np.arange(one.size) - begins[one]
        self.pair = self.entry_column[one] * self.width + self.entry_column[other]
        self.pair_weight = self.entry_count[one] * self.entry_count[other]
        self.pair_level = self.entry_level[one]

    def system(self, theta: Floats) -> tuple[Floats, Floats, float, float]:
        """Left and right side of the equations at log ratios ``theta``, squares that are left, log determinant."""
        left, right, squares, log_det = self.products, self.right, float(self.y @ self.y), 0.0
        if theta.size:
            ratio = np.exp(theta[0])
            shrink = ratio / (1.0 + ratio * self.level_size)
            left = left - np.bincount(self.pair, self.pair_weight * shrink[self.pair_level], self.width**2)
            weight = self.entry_count * (shrink * self.level_sum)[self.entry_level]
            right = right - np.bincount(self.entry_column, weight, self.width)
            squares -= float(shrink @ self.level_sum**2)
            log_det = float(np.log1p(ratio * self.level_size).sum())
        matrix = left.reshape(self.width, self.width).copy()
        if theta.size > 1:
            spare = np.arange(self.groups, self.width)
            matrix[spare, spare] += np.exp(-theta[1])
            log_det += float(spare.size * theta[1])
        return matrix, right, squares, log_det

    def profile(self, theta: Floats) -> tuple[float, float]:
        """Restricted likelihood with the own variance profiled out, and that variance; kept, as it is asked again."""
        key = tuple(theta.tolist())
        if key not in self.known:
            matrix, right, squares, log_det = self.system(theta)
            bordered = np.block([[matrix, right[:, None]], [right[None, :], np.array([[squares]])]])
            bordered[-1, -1] += 1e-12 * float(self.y @ self.y) + 1e-300
            edge = np.empty(self.width + 1)
            triangle(bordered, edge)  # the last one holds what the solution leaves
            own = float(edge[-1] ** 2) / self.free
            log_det += 2.0 * float(np.log(edge[:-1]).sum())
            self.known[key] = -0.5 * (self.free * (np.log(own) + 1.0) + log_det), own
        return self.known[key]

    def likelihood(self, theta: Floats) -> float:
        """The first of ``profile``."""
        return self.profile(theta)[0]

    def solved(self, theta: Floats) -> _Solved:
        """Means and levels at log ratios ``theta``, with the inverse that their errors come from."""
        matrix, right, _, _ = self.system(theta)
        inverse = np.linalg.inv(matrix).astype(np.float64, copy=False)
        return _Solved(*self.profile(theta), inverse @ right, inverse)

    def information(self, theta: Floats) -> tuple[Floats, Floats]:
        """Covariance of the log ratios, and how ln(own variance) moves with them."""
        if not theta.size:
            return np.zeros((0, 0)), np.zeros(0)
        _, hessian = _slopes(self.likelihood, theta)
        values, vectors = np.linalg.eigh(-hessian)
        own = [[self.profile(theta + sign * step)[1] for sign in (1, -1)] for step in STEP * np.eye(theta.size)]
        slope = np.array([np.log(up / down) / (2.0 * STEP) for up, down in own])
        return vectors @ np.diag(1.0 / np.maximum(values, 1e-6)) @ vectors.T, slope

    def left(self, ratio: Floats, solution: Floats) -> Floats:
        """Own noise: ``y`` without the best linear prediction of what it shares."""
        rest = self.y - solution[self.group]
        if len(self.factors) > 1:
            rest = rest - solution[self.groups + self.factors[1]]
        if self.factors:
            level = self.factors[0]
            shared = ratio[0] / (1.0 + ratio[0] * self.level_size) * np.bincount(level, rest)
            rest = rest - shared[level]
        return rest


def _slopes(height: Callable[[Floats], float], at: Floats) -> tuple[Floats, Floats]:
    """Gradient and Hessian by central differences."""
    steps, here = STEP * np.eye(at.size), height(at)
    up, down = (np.array([height(at + sign * step) for step in steps]) for sign in (1, -1))
    hessian = np.diag((up - 2.0 * here + down) / STEP**2)
    for i in range(at.size):
        for j in range(i):
            both = height(at + steps[i] + steps[j]) + height(at - steps[i] - steps[j])
            alone = up[i] + down[i] + up[j] + down[j]
            hessian[i, j] = hessian[j, i] = (both - alone + 2.0 * here) / (2.0 * STEP**2)
    return (up - down) / (2.0 * STEP), hessian


def _highest(height: Callable[[Floats], float], at: Floats) -> Floats:
    """Where ``height`` is highest: Newton's steps, bent uphill where it curves up, halved until they rise."""
    for _ in range(MOST_STEPS if at.size else 0):
        gradient, hessian = _slopes(height, at)
        values, vectors = np.linalg.eigh(-hessian)
        values = np.maximum(np.abs(values), 1e-3)
        step = np.clip(vectors @ ((vectors.T @ gradient) / values), -2.0, 2.0)
        here = height(at)
        while np.abs(step).max() > ENOUGH:
            there = np.clip(at + step, LEAST_RATIO, LARGEST_RATIO)
            if height(there) > here:
                break
            step = step / 2.0
        else:
            break
        at = there
    return at
