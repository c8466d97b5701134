"""A forecast learns from its own record: its band becomes as wide as its past errors say it must be.

Past errors count in units of the half band of their own forecast, so that a quiet month and a wild one speak alike.
The predictive distribution is that of split conformal prediction (Vovk and others, Machine Learning 108, 2019): the
middle of the forecast plus its half band times the past errors. It needs only that forecasts err alike over time.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tocfin.forecast.scores import BAND

Values = NDArray[np.float64]

#: Below these many past forecasts P10 and P90 are beyond any error seen, so nothing is learned (rank 1 of n + 1).
LEAST = 9
#: Older errors tell little of the forecast that is made now.
MOST = 24


class Past(NamedTuple):
    """One forecast of the record: its middle, its half band, and what it came to."""

    middle: float
    half: float
    truth: float


def spread(values: Values) -> tuple[float, float]:
    """Middle and half band of a forecast."""
    low, middle, high = np.quantile(values, (BAND[0], 0.5, BAND[1]))
    return float(middle), float(high - low) / 2


def calibrated(values: Values, record: Sequence[Past]) -> Values | None:
    """``values`` with the spread and the bias that their ``record`` (oldest first) calls for, in ascending order.

    None when the record is too thin: fewer than nine forecasts with a band. The order of replications is lost.
    """
    errors = np.sort([(one.truth - one.middle) / one.half for one in record[-MOST:] if one.half > 0])
    middle, half = spread(values)
    if errors.size < LEAST or half <= 0:
        return None
    own = (np.sort(values) - middle) / half
    ranks = (np.arange(own.size) + 0.5) / own.size
    steps = np.arange(1, errors.size + 1) / (errors.size + 1)
    found = np.interp(ranks, steps, errors)
    first, last = np.interp(steps[[0, -1]], ranks, own)
    below, above = ranks < steps[0], ranks > steps[-1]
    found[below] = errors[0] + np.minimum(own[below] - first, 0.0)
    found[above] = errors[-1] + np.maximum(own[above] - last, 0.0)
    learned: Values = middle + half * found
    return learned
