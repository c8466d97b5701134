"""What an ensemble of replications says about one KPI, each figure with its sampling error.

Every function takes one value per replication. A value that is NaN (not supplied, or undefined in that future) is
left out of the figure and counted in its ``missing``; it is never dropped in silence. Where there are too few values
for an interval at the level asked for, the interval is refused: ``low`` and ``high`` are NaN.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from tocfin.errors import UsageError

Values = NDArray[np.float64]

LEVEL = 0.95
#: Quantiles and tails that a report shows.
QUANTILES = (0.05, 0.10, 0.50, 0.80, 0.90, 0.95)
TAILS = (0.05, 0.10)
#: Below these many values the normal approximation behind an interval is not worth printing.
LEAST_FOR_MEAN = 10
LEAST_IN_TAIL = 50


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure, its confidence interval, from how many replications, and how many had no value."""

    value: float
    low: float
    high: float
    n: int
    missing: int = 0

    @property
    def refused(self) -> bool:
        """True when there are too few values for an interval."""
        return math.isnan(self.low)

    @property
    def half_width(self) -> float:
        """The longer side of the interval; NaN when it was refused."""
        return max(self.value - self.low, self.high - self.value)


@dataclass(frozen=True, slots=True)
class Probability(Estimate):
    """A share of replications with its Wilson interval; ``count`` of ``n`` had what was asked about."""

    count: int = 0

    def __str__(self) -> str:
        """In per cent; none of n is said as *less than*, all of n as *more than*: sampling proves neither 0 nor 100."""
        if self.n == 0:
            return "unknown"
        edge = {0: self.high, self.n: 1 - self.low}.get(self.count, min(self.count, self.n - self.count) / self.n)
        digits = max(1, math.ceil(-math.log10(100 * edge)))
        step = 10.0**-digits
        if self.count == 0:
            return f"< {math.ceil(100 * edge / step) * step:.{digits}f} %"
        if self.count == self.n:
            return f"> {100 - math.ceil(100 * edge / step) * step:.{digits}f} %"
        return f"{100 * self.value:.{digits}f} %"


@dataclass(frozen=True, slots=True)
class Summary:
    """One KPI over an ensemble: quantiles by level, means of the worst tail by its share."""

    mean: Estimate
    quantiles: Mapping[float, Estimate]
    cvar: Mapping[float, Estimate]
    met: Probability | None


@dataclass(frozen=True, slots=True)
class Ratio:
    """A ratio of two sums said both ways: they differ, and a report must name the one it prints."""

    ratio_of_means: Estimate
    mean_of_ratios: Estimate


def summarise(values: Values, polarity: int, target: float | None = None, *, level: float = LEVEL) -> Summary:
    """Mean, quantiles, tails and, with a ``target``, the probability that it is met."""
    met = None if target is None else target_met(values, target, polarity, level=level)
    quantiles = dict(zip(QUANTILES, quantile(values, QUANTILES, level=level), strict=True))
    return Summary(
        mean(values, level=level), quantiles, {tail: cvar(values, tail, polarity, level=level) for tail in TAILS}, met
    )


def mean(values: Values, *, level: float = LEVEL) -> Estimate:
    """The mean (exactly rounded, whatever the order of replications) with Student's interval."""
    known, missing = supplied(values)
    if not known.size:
        return unknown(missing)
    centre = _mean(known)
    return around(centre, standard_error(known), known.size, missing, level)


def mean_of_sums(total: float, squares: float, n: int, *, level: float = LEVEL) -> Estimate:
    """The mean of ``n`` values of which only their sum and the sum of their squares are known, as `mean` has it."""
    if n == 0 or math.isnan(total):
        return unknown(n)
    centre = total / n
    spread = max(0.0, squares - centre * total)
    error = math.sqrt(spread / (n - 1) / n) if n > 1 else math.nan
    return around(centre, error if spread > 1e-12 * squares else 0.0, n, 0, level)


def standard_error(known: Values) -> float:
    """Standard error of the mean of values without gaps; NaN for fewer than two."""
    if known.size < 2:
        return math.nan
    squares = math.fsum(np.square(known - _mean(known)).tolist())
    return math.sqrt(squares / (known.size - 1) / known.size)


def quantile(values: Values, shares: Sequence[float], *, level: float = LEVEL) -> tuple[Estimate, ...]:
    """Quantiles (linear between ranks, as NumPy and xarray have them) with order-statistic intervals.

    The interval holds for any continuous distribution. It needs ranks on both sides of the quantile: 72 values for
    P5 and P95, 36 for P10 and P90, 17 for P80, 6 for P50 at 95 %; below that it is refused.
    """
    known, missing = supplied(values)
    if not known.size:
        return tuple(unknown(missing) for _ in shares)
    ordered = np.sort(known)
    found = []
    for share in shares:
        lower, upper = ranks(ordered.size, share, level)
        refused = lower < 1 or upper > ordered.size
        low, high = (math.nan, math.nan) if refused else (ordered[lower - 1], ordered[upper - 1])
        found.append(Estimate(float(np.quantile(ordered, share)), float(low), float(high), ordered.size, missing))
    return tuple(found)


def cvar(values: Values, share: float, polarity: int, *, level: float = LEVEL) -> Estimate:
    """Mean of the worst ``share`` of replications (conditional value at risk); worst is low for polarity +1.

    The error is that of the tail's influence function (Trindade and others, J. Banking & Finance 31, 2007); with fewer
    than 50 values in the tail (1,000 replications for 5 %) the interval is refused, as it would hold too seldom.
    Raises UsageError when the KPI has no worse side.
    """
    require_side(polarity)
    known, missing = supplied(values)
    if not known.size:
        return unknown(missing)
    ordered = np.sort(polarity * known)
    size = share * ordered.size
    whole = min(int(size), ordered.size - 1)
    edge = ordered[whole]
    tail = (math.fsum(ordered[:whole].tolist()) + (size - whole) * edge) / size
    error = standard_error(np.maximum(edge - ordered, 0.0)) / share if size >= LEAST_IN_TAIL else math.nan
    return around(polarity * tail, error, ordered.size, missing, level)


def target_met(values: Values, target: float, polarity: int, *, level: float = LEVEL) -> Probability:
    """P(target met): at or above it for polarity +1, at or below for -1."""
    require_side(polarity)
    known, missing = supplied(values)
    return probability(int(np.count_nonzero(polarity * (known - target) >= 0)), known.size, missing, level=level)


def probability(count: int, n: int, missing: int = 0, *, level: float = LEVEL) -> Probability:
    """``count`` of ``n`` with Wilson's interval (J. Am. Stat. Assoc. 22, 1927)."""
    if n == 0:
        return Probability(math.nan, math.nan, math.nan, 0, missing)
    z = normal(level)
    share, spread = count / n, z * z / n
    centre = (share + spread / 2) / (1 + spread)
    reach = z * math.sqrt(share * (1 - share) / n + spread / (4 * n)) / (1 + spread)
    low = 0.0 if count == 0 else centre - reach
    high = 1.0 if count == n else centre + reach
    return Probability(share, low, high, n, missing, count)


def ratio(above: Values, below: Values, *, level: float = LEVEL) -> Ratio:
    """Two KPIs or sums divided: the ratio of their means (delta method) and the mean of their ratios.

    A future in which ``below`` is 0 has no ratio: it counts as missing in the mean of ratios only. The interval of
    the ratio of means is refused where that of the mean below includes 0.
    """
    above, below = np.broadcast_arrays(above, below)
    safe = np.where(below == 0, np.nan, below)
    both = ~(np.isnan(above) | np.isnan(below))
    missing = int(both.size - np.count_nonzero(both))
    top, bottom = above[both], below[both]
    of_ratios = mean(above / safe, level=level)
    divisor = mean(bottom, level=level)
    if not top.size or divisor.value == 0:
        return Ratio(unknown(missing), of_ratios)
    value = _mean(top) / divisor.value
    error = standard_error(top - value * bottom) / abs(divisor.value)
    certain = not divisor.low <= 0 <= divisor.high
    return Ratio(around(value, error if certain else math.nan, top.size, missing, level), of_ratios)


def supplied(values: Values) -> tuple[Values, int]:
    """The values that are there, and the number of those that are not."""
    flat = np.asarray(values, np.float64).ravel()
    known = flat[~np.isnan(flat)]
    return known, flat.size - known.size


def require_side(polarity: int) -> None:
    """Raise UsageError for a KPI that is neither better high (+1) nor better low (-1)."""
    if polarity not in (-1, 1):
        raise UsageError("what is worse or better cannot be told of a KPI that is neither better high nor better low")


def unknown(missing: int) -> Estimate:
    """What is said when no replication has a value."""
    return Estimate(math.nan, math.nan, math.nan, 0, missing)


def normal(level: float) -> float:
    """The two-sided normal quantile: 1.96 for 95 %."""
    return NormalDist().inv_cdf((1 + level) / 2)


@lru_cache(maxsize=1024)
def ranks(n: int, share: float, level: float = LEVEL) -> tuple[int, int]:
    """The ranks (from 1) whose order statistics enclose the ``share`` quantile with at least ``level``.

    Each side misses it with at most half of what the level leaves, by the binomial distribution of the number of
    values below the quantile. 0 or n + 1 says that there is no such rank.
    """
    reach = 12 * math.sqrt(n * share * (1 - share)) + 60
    first, last = max(0, int(n * share - reach)), min(n, int(n * share + reach) + 1)
    below = np.arange(first, last)
    steps = np.log((n - below) / (below + 1) * share / (1 - share))
    weights = np.concatenate(([0.0], np.cumsum(steps)))
    mass = np.exp(weights - weights.max())
    under = np.cumsum(mass) / mass.sum()  # P(at most first + i values lie below the quantile)
    miss = (1 - level) / 2
    lower = first + int(np.searchsorted(under, miss, side="right"))
    upper = first + int(np.searchsorted(under, 1 - miss, side="left")) + 1
    return lower, upper


def around(value: float, error: float, n: int, missing: int, level: float) -> Estimate:
    """A figure whose standard error is ``error``, with Student's interval; refused for fewer than ten values."""
    reach = student(level, n - 1) * error if n >= LEAST_FOR_MEAN else math.nan
    return Estimate(float(value), float(value - reach), float(value + reach), n, missing)


def student(level: float, freedom: int) -> float:
    """Student's quantile by its expansion in 1 / freedom (Abramowitz and Stegun 26.7.5), to 3e-4 from 9 on."""
    z, v = normal(level), float(freedom)
    terms = (
        (z**3 + z) / 4,
        (5 * z**5 + 16 * z**3 + 3 * z) / 96,
        (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384,
    )
    return z + sum(term / v ** (power + 1) for power, term in enumerate(terms))


def _mean(known: Values) -> float:
    return math.fsum(known.tolist()) / known.size
