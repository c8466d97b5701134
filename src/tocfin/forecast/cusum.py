"""Does a series still run where it was assumed to? A two-sided cumulative sum that waits for enough evidence.

Page's test (Biometrika 41, 1954) on values in standard deviations from what was assumed. With k = 0.5 and h = 5 a
series that keeps to it runs on for about 465 points until a false alarm, and one that is off by one standard deviation
is told after about 10 (Montgomery, *Introduction to Statistical Quality Control*, table 9.3).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

ALLOWANCE, LIMIT = 0.5, 5.0
#: A single value counts for at most so many standard deviations: one freak is no drift (Lucas and Crosier, 1982).
MOST = 3.0
#: Fewer points say nothing.
LEAST = 8

Values = NDArray[np.float64]


class Alarm(NamedTuple):
    """A sum over the limit: ``since`` is the point after it was last 0, ``at`` the one at which it was told."""

    side: int  # +1 above what was assumed, -1 below
    since: int
    at: int


def sums(values: Values) -> Values:
    """Both cumulative sums after every value, in standard deviations: (2, values), above and below."""
    out = np.zeros((2, values.size))
    high = low = 0.0
    for i, value in enumerate(np.clip(values, -MOST, MOST).tolist()):
        high = max(0.0, high + value - ALLOWANCE)
        low = max(0.0, low - value - ALLOWANCE)
        out[0, i], out[1, i] = high, low
    return out


def alarm(values: Values) -> Alarm | None:
    """The first alarm of values that are standard deviations from what was assumed; None where there is none."""
    both = sums(values)
    over = np.flatnonzero((both > LIMIT).any(axis=0))
    if not over.size:
        return None
    at = int(over[0])
    side = 0 if both[0, at] > LIMIT else 1
    zero = np.flatnonzero(both[side, :at] == 0)
    return Alarm(1 - 2 * side, int(zero[-1]) + 1 if zero.size else 0, at)


def spread(values: Values) -> float:
    """Standard deviation of a series that may have moved, from the differences of neighbours (von Neumann, 1941)."""
    return float(np.sqrt((np.diff(values) ** 2).mean() / 2)) if values.size > 1 else 0.0
