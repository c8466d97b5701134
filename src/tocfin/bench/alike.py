"""Do two programs compute the same distribution? Means and standard deviations, in their standard errors."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
#: Farther apart than so many standard errors, two samples are not of one distribution: 1 in 10^6 where they are.
MOST_ERRORS = 5.0
#: A sample in which fewer replications than this are out of the ordinary has no standard error worth its name.
ENOUGH = 30


def apart(one: Floats, other: Floats) -> tuple[Floats, Floats]:
    """Standard errors between the means, and between the standard deviations, of samples on the last axis.

    That of a standard deviation is taken from the fourth moment (Kendall and Stuart), so no shape is assumed. Both are
    0 where neither sample varies and both are equal, infinite where neither varies and they are not; not a number
    where what varies is too rare to judge by.
    """
    rare = _rare(np.asarray(one), np.asarray(other))
    parts = [_moments(np.asarray(sample, np.float64)) for sample in (one, other)]
    (mean_1, sd_1, error_1, sd_error_1), (mean_2, sd_2, error_2, sd_error_2) = parts
    distances = _in_errors(mean_1 - mean_2, error_1 + error_2), _in_errors(sd_1 - sd_2, sd_error_1 + sd_error_2)
    return np.where(rare, np.nan, distances[0]), np.where(rare, np.nan, distances[1])


def _rare(one: Floats, other: Floats) -> NDArray[np.bool_]:
    """Something varies, but the smaller sample cannot be expected to hold enough of it."""
    n = min(one.shape[-1], other.shape[-1])
    unusual = [(sample != np.median(sample, axis=-1, keepdims=True)).sum(axis=-1) for sample in (one, other)]
    expected = (unusual[0] + unusual[1]) / (one.shape[-1] + other.shape[-1]) * n
    found: NDArray[np.bool_] = (expected > 0) & (expected < ENOUGH)
    return found


def _moments(sample: Floats) -> tuple[Floats, Floats, Floats, Floats]:
    """Mean, standard deviation, and the squares of their standard errors."""
    n = sample.shape[-1]
    mean = sample.mean(axis=-1)
    deviation = sample - mean[..., None]
    variance = (deviation**2).mean(axis=-1)
    fourth = (deviation**4).mean(axis=-1)
    error = np.divide(fourth - variance**2, 4 * variance * n, out=np.zeros_like(mean), where=variance > 0)
    return mean, np.sqrt(variance), variance / n, error


def _in_errors(difference: Floats, squares: Floats) -> Floats:
    error = np.sqrt(squares)
    none = np.where(difference == 0, 0.0, np.inf)
    return np.divide(np.abs(difference), error, out=none, where=error > 0)
