"""Distributions by name with the parameters people know, and their quantiles as a table that kernels interpolate.

Every distribution is drawn by one standard normal z: the value is the quantile at Φ(z), so that common factors can
be mixed into z whatever the distribution (a Gaussian copula). The lognormal has a closed form; the others are tables
over `KNOTS`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from math import erfc, exp, log1p, sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tocfin.dataset.findings import quoted
from tocfin.scenarios.page import Page

Floats = NDArray[np.float64]

#: Name -> its parameters. ``cv`` is the coefficient of variation: standard deviation over mean.
PARAMETERS: dict[str, tuple[str, ...]] = {
    "constant": ("value",),
    "lognormal": ("mean", "cv"),
    "gamma": ("mean", "cv"),
    "exponential": ("mean",),
    "triangular": ("min", "mode", "max"),
    "pert": ("min", "mode", "max"),
    "uniform": ("min", "max"),
    "quantiles": ("levels", "values"),
}
#: Every key that some distribution has, and the name of the distribution itself.
KEYS = ("distribution", *dict.fromkeys(key for keys in PARAMETERS.values() for key in keys))

#: z at which a distribution is tabulated: 32-bit draws reach ±6.4.
KNOTS: Floats = np.arange(-208, 209) / 32.0

_LARGEST_CV = 10.0
_FINE = 20_001  # points over which a density is summed


@dataclass(frozen=True)
class Distribution:
    """A distribution of something that is never below 0: ``parameters`` in the order of `PARAMETERS`.

    ``levels`` and ``values`` are those of ``quantiles``, empty for every other name.
    """

    name: str
    parameters: tuple[float, ...] = ()
    levels: tuple[float, ...] = ()
    values: tuple[float, ...] = ()

    @property
    def certain(self) -> float | None:
        """The one value that it has; None when it has more."""
        if self.name in ("lognormal", "gamma", "exponential"):
            return self.parameters[0] if 0.0 in self.parameters else None
        ends = {*self.parameters, *self.values}
        return ends.pop() if len(ends) == 1 else None

    @property
    def largest(self) -> float:
        """The least upper bound of its values."""
        if self.certain is not None:
            return self.certain
        unbounded = self.name in ("lognormal", "gamma", "exponential")
        return float("inf") if unbounded else max(*self.parameters, *self.values, 0.0)

    @property
    def log_scale(self) -> tuple[float, float]:
        """(mean, σ of the logarithm) of a lognormal: the value at z is mean·exp(σz − σ²/2)."""
        mean, cv = self.parameters
        return mean, sqrt(log1p(cv * cv))

    def quantiles(self) -> Floats:
        """Values at Φ(`KNOTS`), to 13 digits, so that machines with different math libraries hold the same."""
        level = np.array([0.5 * erfc(-z / sqrt(2.0)) for z in KNOTS])
        above = level[::-1]  # 1 − Φ(z), which keeps its digits in the upper tail
        return _rounded(self._at(level, above))

    def _at(self, level: Floats, above: Floats) -> Floats:
        if self.certain is not None:
            return np.full(level.size, self.certain)
        match self.name:
            case "lognormal":
                mean, sigma = self.log_scale
                return np.asarray(mean * np.exp(sigma * KNOTS - sigma * sigma / 2))
            case "exponential":
                return np.asarray(-self.parameters[0] * np.log(above))
            case "gamma":
                mean, cv = self.parameters
                return mean * cv * cv * _gamma(1.0 / (cv * cv), level, above)
            case "triangular":
                return _triangular(self.parameters, level, above)
            case "pert":
                low, mode, high = self.parameters
                a = 1.0 + 4.0 * (mode - low) / (high - low)
                return low + (high - low) * _beta(a, 6.0 - a, level, above)
            case "uniform":
                low, high = self.parameters
                return low + (high - low) * level
            case _:
                return np.interp(level, self.levels, self.values)


def distribution(
    page: Page, section: Mapping[str, Any], place: str, *, mean: float | None = None, default: str | None = None
) -> Distribution | None:
    """The distribution that ``section`` names; None, with findings, where it is impossible.

    ``mean`` is taken where a distribution that has one does not say it; ``default`` is the name taken for none.
    """
    name = page.word(section, "distribution", place, tuple(PARAMETERS)) if "distribution" in section else default
    if name is None:
        if "distribution" not in section:
            page.needed(section, "distribution", place, '"lognormal"')
        return None
    for key in KEYS[1:]:
        if key in section and key not in PARAMETERS[name]:
            message = f"is no parameter of {name}, which has {', '.join(PARAMETERS[name])}"
            page.fault("unknown-key", f"{place}.{key}", message)
    if name == "quantiles":
        return _quantiles(page, section, place)
    given: Mapping[str, Any] = {"mean": mean, **section} if mean is not None else section
    found = [_parameter(page, given, key, place) for key in PARAMETERS[name]]
    numbers = tuple(number for number in found if number is not None)
    if len(numbers) < len(found) or not _ordered(page, name, numbers, place):
        return None
    return Distribution(name, (*numbers, 1.0) if name == "exponential" else numbers)


def _parameter(page: Page, section: Mapping[str, Any], key: str, place: str) -> float | None:
    if not page.needed(section, key, place, "0.2" if key == "cv" else "1.0"):
        return None
    if key == "cv":
        return page.number(section, key, place, high=_LARGEST_CV)
    return page.number(section, key, place, above=key == "mean")


def _ordered(page: Page, name: str, numbers: tuple[float, ...], place: str) -> bool:
    if PARAMETERS[name][0] != "min":
        return True
    if numbers[0] > numbers[-1]:
        page.fault("out-of-range", f"{place}.min", f"{numbers[0]:g} is above max {numbers[-1]:g}")
    elif not numbers[0] <= numbers[len(numbers) // 2] <= numbers[-1]:
        page.fault("out-of-range", f"{place}.mode", f"{numbers[1]:g} is not between min and max")
    else:
        return True
    return False


def _quantiles(page: Page, section: Mapping[str, Any], place: str) -> Distribution | None:
    columns = [_list(page, section, key, place, high) for key, high in (("levels", 1.0), ("values", None))]
    levels, values = columns
    if levels is None or values is None:
        return None
    if len(levels) != len(values) or len(levels) < 2:
        message = f"has {len(levels)} levels and {len(values)} values; write as many of one as of the other, at least 2"
        page.fault("out-of-range", f"{place}.levels", message)
    elif any(late <= early for early, late in pairwise(levels)):
        page.fault("out-of-range", f"{place}.levels", "do not increase; each must be above the one before")
    elif any(late < early for early, late in pairwise(values)):
        page.fault("out-of-range", f"{place}.values", "decrease; a higher level cannot have a lower value")
    else:
        return Distribution("quantiles", levels=levels, values=values)
    return None


def _list(page: Page, section: Mapping[str, Any], key: str, place: str, high: float | None) -> tuple[float, ...] | None:
    if not page.needed(section, key, place, "[0.1, 0.5, 0.9]"):
        return None
    given = section[key]
    if not isinstance(given, list):
        page.fault("wrong-type", f"{place}.{key}", f"{quoted(given)} is not a list of numbers")
        return None
    named = {f"{key}[{at}]": value for at, value in enumerate(given, 1)}
    found = [page.number(named, name, place, high=high) for name in named]
    numbers = tuple(float(number) for number in found if number is not None)
    return numbers if len(numbers) == len(found) else None


def _triangular(corners: tuple[float, ...], level: Floats, above: Floats) -> Floats:
    low, mode, high = corners
    rising = low + np.sqrt(level * (high - low) * (mode - low))
    falling = high - np.sqrt(above * (high - low) * (high - mode))
    return np.where(level * (high - low) < mode - low, rising, falling)


def _gamma(shape: float, level: Floats, above: Floats) -> Floats:
    """Quantiles of the gamma distribution with scale 1, by summing the density of log x."""
    spread = 1.0 / sqrt(shape)
    # Below, the density of log x falls like exp(shape·t); above, like exp(−exp(t)).
    t = np.linspace(
        np.log(shape) - 40.0 * max(spread, spread * spread), np.log(shape + 40.0 * sqrt(shape) + 80.0), _FINE
    )
    return np.exp(_inverse(t, shape * t - np.exp(t), level, above))


def _beta(a: float, b: float, level: Floats, above: Floats) -> Floats:
    """Quantiles of the beta distribution on 0..1, by summing the density of the logit of x."""
    t = np.linspace(-60.0, 60.0, _FINE)
    t = _inverse(t, a * t - (a + b) * np.logaddexp(0.0, t), level, above)
    return np.asarray(1.0 / (1.0 + np.exp(-t)))


def _inverse(t: Floats, log_density: Floats, level: Floats, above: Floats) -> Floats:
    """Where the distribution with this density (up to a factor) reaches ``level``; each tail from its own end."""
    density = np.exp(log_density - log_density.max())
    cells = (density[1:] + density[:-1]) / 2
    below, beyond = np.cumsum(cells), np.cumsum(cells[::-1])[::-1]
    lower = np.interp(np.log(level), np.log(below / below[-1] + exp(-700.0)), t[1:])
    upper = np.interp(-np.log(above), -np.log(beyond / below[-1] + exp(-700.0)), t[:-1])
    return np.where(level < 0.5, lower, upper)


def _rounded(values: Floats) -> Floats:
    return np.array([float(f"{value:.13g}") for value in values])
