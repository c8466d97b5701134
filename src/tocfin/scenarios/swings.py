"""How far a KPI's spread, mean and variance swing when part of the luck is off: paired, replication by replication."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from tocfin.scenarios.estimates import LEVEL, Estimate, Values, around, mean, standard_error, student, unknown

#: Quantiles whose distance is the width of a distribution.
WIDE = (0.1, 0.9)
#: Parts of the jackknife; with fewer replications in each than this, the interval of a width is refused.
PARTS = 16
LEAST_IN_PART = 8


@dataclass(frozen=True, slots=True)
class Swing:
    """What changes when it is off: *off minus as it is*, of the P10 to P90 width, the mean and the variance."""

    width: Estimate
    mean: Estimate
    variance: Estimate


def swing(off: Values, base: Values, *, level: float = LEVEL) -> Swing:
    """The swing from ``base`` to ``off``, the same replications of both; a gap on either side is left out."""
    known = ~(np.isnan(off) | np.isnan(base))
    missing = int(known.size - np.count_nonzero(known))
    first, second = off[known], base[known]
    if first.size < 2:
        return Swing(*(unknown(missing) for _ in range(3)))
    gap = mean(first - second, level=level)
    gap = Estimate(gap.value, gap.low, gap.high, gap.n, missing)
    squares = np.square(first - first.mean()) - np.square(second - second.mean())
    larger = first.size / (first.size - 1)
    variance = around(larger * float(squares.mean()), larger * standard_error(squares), first.size, missing, level)
    return Swing(_width_change(first, second, missing, level), gap, variance)


def width(values: Values) -> float:
    """Distance of P10 and P90."""
    low, high = np.quantile(values, WIDE)
    return float(high - low)


def _width_change(first: Values, second: Values, missing: int, level: float) -> Estimate:
    """Change of the width; its error by the jackknife that leaves out every sixteenth (Shao and Wu, Ann. Stat. 17,
    1989), because leaving out one at a time does not work for quantiles.
    """
    value, n = width(first) - width(second), first.size
    if n < PARTS * LEAST_IN_PART:
        return Estimate(value, math.nan, math.nan, n, missing)
    part = np.arange(n) % PARTS
    without = np.array([width(first[part != k]) - width(second[part != k]) for k in range(PARTS)])
    error = math.sqrt((PARTS - 1) / PARTS * float(np.square(without - without.mean()).sum()))
    reach = student(level, PARTS - 1) * error
    return Estimate(value, value - reach, value + reach, n, missing)
