"""Which distribution values follow, and how well: lognormal, gamma or the quantiles themselves, by a stated rule.

The rule: lognormal, unless the Anderson–Darling statistic A² of a gamma is smaller by more than 1; quantiles of the
values where the better of the two is refuted. Refuted means that the Kolmogorov–Smirnov distance D is above 3 points
and above 1.035 / √m, the 1 % point for estimated parameters (Lilliefors, J. Am. Stat. Assoc. 62, 1967; Stephens, ibid.
69, 1974), where m is the number of independent values that weigh as much as these.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from tocfin.kernels.tables import STEP, STEPS, Z_MOST, gamma_table
from tocfin.scenarios.distributions import LARGEST_CV, Distribution

Floats = NDArray[np.float64]

CLEARLY, REFUTED, WORTH_IT = 1.0, 1.035, 0.03
CELLS = 50
_EDGE = 1e-15


@dataclass(frozen=True)
class Goodness:
    """How far values are from a distribution: largest distance of the distribution functions, and Anderson–Darling."""

    ks: float
    ad: float


@dataclass(frozen=True)
class Shape:
    """The distribution that was chosen, how well each candidate fits, and the values as standard normal scores."""

    distribution: Distribution
    goodness: Mapping[str, Goodness]
    scores: Floats

    @property
    def chosen(self) -> Goodness | None:
        """That of the chosen distribution; None for quantiles, which are the values themselves."""
        return self.goodness.get(self.distribution.name)


def lognormal(mu: float, variance: float) -> tuple[float, float]:
    """Mean and coefficient of variation: exp(μ + σ²/2) and √(exp σ² − 1) (Johnson, Kotz and Balakrishnan 14.8)."""
    return math.exp(mu + variance / 2.0), math.sqrt(math.expm1(min(variance, 700.0)))


def chosen(values: Floats, mean_cv: tuple[float, float], independent: float) -> Shape:
    """The shape of ``values`` (> 0 but for some), whose lognormal would have ``mean_cv``.

    ``independent`` is how many independent values weigh as much as these, at most their number.
    """
    candidates: dict[str, tuple[tuple[float, float], Floats]] = {}
    above = bool((values > 0.0).all())
    if above and 0.0 < mean_cv[1] <= LARGEST_CV:
        candidates["lognormal"] = (mean_cv, _lognormal_scores(values, mean_cv))
    by_gamma = gamma(values) if above else None
    if by_gamma is not None and 0.0 < by_gamma[1] <= LARGEST_CV:
        candidates["gamma"] = (by_gamma, gamma_scores(values, by_gamma))
    fits = {name: goodness(scores) for name, (_, scores) in candidates.items()}
    name = min(fits, key=lambda one: fits[one].ad + (CLEARLY if one == "gamma" else 0.0), default=None)
    if name is None or (fits[name].ks > WORTH_IT and fits[name].ks * math.sqrt(independent) > REFUTED):
        return Shape(quantiles(values), fits, ranked_scores(values))
    parameters, scores = candidates[name]
    return Shape(Distribution(name, parameters), fits, scores)


def mean_cv(shape: Shape, values: Floats) -> tuple[float, float]:
    """Mean and cv of a chosen distribution, those of the values where it is their quantiles."""
    found = shape.distribution.parameters
    return (found[0], found[1]) if found else (float(values.mean()), float(values.std() / values.mean()))


def sharpened(shape: Shape, rounding: float) -> Shape:
    """``shape`` less the squared cv that rounding of values adds (Sheppard 1898); quantiles stay as they are."""
    name, found = shape.distribution.name, shape.distribution.parameters
    if not found:
        return shape
    square = found[1] ** 2
    if name == "lognormal":
        square = math.expm1(math.log1p(square) - rounding)
    elif name == "gamma":
        square -= rounding
    return replace(shape, distribution=Distribution(name, (found[0], math.sqrt(max(square, 1e-12)))))


def cv_error(values: Floats, independent: float) -> float:
    """Standard error of a cv from moments (Cramér, *Mathematical Methods of Statistics*, 1946, 27.7.3)."""
    mean = float(values.mean())
    rest = values / mean - 1.0
    second, third, fourth = (float((rest**power).mean()) for power in (2, 3, 4))
    if second == 0.0:
        return 0.0
    spread = (fourth - second**2) / (4.0 * second) - third + second**2
    return math.sqrt(max(spread, 0.0) / independent)


def gamma(values: Floats) -> tuple[float, float] | None:
    """Mean and cv of the gamma distribution by maximum likelihood; None where values do not differ.

    Solves ln k − ψ(k) = ln(mean) − mean(ln) from Thom's start (US Weather Bureau, 1958) by Newton's steps in 1/k
    (Minka, *Estimating a Gamma distribution*, 2002).
    """
    mean = float(values.mean())
    gap = math.log(mean) - float(np.log(values).mean())
    if gap <= 1e-12:
        return None
    shape = (3.0 - gap + math.sqrt((gap - 3.0) ** 2 + 24.0 * gap)) / (12.0 * gap)
    for _ in range(20):
        first, second = _digamma(shape)
        shape = 1.0 / (1.0 / shape + (math.log(shape) - gap - first) / (shape - shape * shape * second))
    return mean, 1.0 / math.sqrt(shape)


def _digamma(x: float) -> tuple[float, float]:
    """ψ(x) and ψ'(x) by recurrence and their asymptotic series (Abramowitz and Stegun 6.3.18, 6.4.12)."""
    first = second = 0.0
    while x < 10.0:
        first, second, x = first - 1.0 / x, second + 1.0 / (x * x), x + 1.0
    r = 1.0 / (x * x)
    first += math.log(x) - 0.5 / x - r * (1.0 / 12 - r * (1.0 / 120 - r / 252))
    return first, second + (1.0 + 0.5 / x + r * (1.0 / 6 - r * (1.0 / 30 - r / 42))) / x


def quantiles(values: Floats) -> Distribution:
    """At most 50 cells of equal probability by their means: linear between their middles, they keep the mean of all."""
    n, cells = values.size, min(CELLS, values.size)
    below = np.concatenate([[0.0], np.cumsum(np.sort(values))])
    means = np.diff(np.interp(np.linspace(0.0, n, cells + 1), np.arange(n + 1), below)) * cells / n
    levels = (np.arange(cells) + 0.5) / cells
    return Distribution("quantiles", levels=tuple(levels.tolist()), values=tuple(np.maximum.accumulate(means).tolist()))


def goodness(scores: Floats) -> Goodness:
    """D and A² (Stephens 1974) of values whose quantiles are ``scores`` of a standard normal distribution.

    D compares the middle of each step of the empirical distribution, so that rounded values are judged fairly.
    """
    u = np.clip(below(np.sort(scores)), _EDGE, 1.0 - _EDGE)
    n, i = u.size, np.arange(1, u.size + 1)
    _, first, count = np.unique(u, return_index=True, return_counts=True)
    ks = float(np.abs((first + count / 2.0) / n - u[first]).max())
    ad = float(-n - ((2 * i - 1) * (np.log(u) + np.log1p(-u[::-1]))).sum() / n)
    return Goodness(ks, ad)


def below(z: Floats) -> Floats:
    """Φ(z)."""
    return np.array([0.5 * math.erfc(-one / math.sqrt(2.0)) for one in z.tolist()])


def gamma_scores(values: Floats, mean_cv: tuple[float, float]) -> Floats:
    """Standard normal scores of values under a gamma distribution, from its table of quantiles."""
    mean, cv = mean_cv
    nodes = -Z_MOST + STEP * np.arange(STEPS + 1)
    at, _ = gamma_table(1.0 / (cv * cv))
    found: Floats = np.interp(values / mean, at, nodes)
    return found


def ranked_scores(values: Floats) -> Floats:
    """Standard normal scores of the middles of the values' ranks (Blom 1958, with ½ for 3/8); ties share theirs."""
    _, where, count = np.unique(values, return_inverse=True, return_counts=True)
    middle = (np.cumsum(count) - count / 2.0) / values.size
    scores = np.array([NormalDist().inv_cdf(one) for one in middle.tolist()])
    return scores[where.reshape(-1)]


def _lognormal_scores(values: Floats, mean_cv: tuple[float, float]) -> Floats:
    variance = math.log1p(mean_cv[1] ** 2)
    return (np.log(values) - math.log(mean_cv[0]) + variance / 2.0) / math.sqrt(variance)
