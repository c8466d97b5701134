"""Distributions by name, with the parameters that people know; what is impossible is a finding.

Every value is never below 0 and is drawn through one standard normal number (`tocfin.kernels.quantiles`), so that
common factors can be mixed in whatever the distribution.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from tocfin.dataset.findings import quoted
from tocfin.dataset.page import Page
from tocfin.kernels import quantiles

#: Name -> its parameters. ``cv`` is the coefficient of variation: standard deviation over mean; a normal is cut at 0.
#: A binomial is the share of a lot that is bad, each piece with the probability ``mean``.
PARAMETERS: dict[str, tuple[str, ...]] = {
    "constant": ("value",),
    "lognormal": ("mean", "cv"),
    "normal": ("mean", "cv"),
    "gamma": ("mean", "cv"),
    "exponential": ("mean",),
    "triangular": ("min", "mode", "max"),
    "pert": ("min", "mode", "max"),
    "uniform": ("min", "max"),
    "quantiles": ("levels", "values"),
    "binomial": ("mean",),
}
#: Every key that some distribution has, and the name of the distribution itself.
KEYS = ("distribution", *dict.fromkeys(key for keys in PARAMETERS.values() for key in keys))

_UNBOUNDED = ("lognormal", "normal", "gamma", "exponential")
_KINDS = {
    "constant": quantiles.CONSTANT,
    "lognormal": quantiles.LOGNORMAL,
    "normal": quantiles.NORMAL,
    "gamma": quantiles.GAMMA,
    "exponential": quantiles.EXPONENTIAL,
    "triangular": quantiles.TRIANGULAR,
    "pert": quantiles.PERT,
    "uniform": quantiles.UNIFORM,
    "quantiles": quantiles.EMPIRICAL,
    "binomial": quantiles.BINOMIAL,
}
LARGEST_CV = 10.0


@dataclass(frozen=True)
class Distribution:
    """A distribution of something that is never below 0: ``parameters`` in the order of `PARAMETERS`.

    ``levels`` and ``values`` are those of ``quantiles``, empty for every other name. ``shift`` is added to what is
    drawn; ``lot`` is how many pieces a binomial counts, which only the data set knows.
    """

    name: str
    parameters: tuple[float, ...] = ()
    levels: tuple[float, ...] = ()
    values: tuple[float, ...] = ()
    shift: float = 0.0
    lot: int = 1

    @property
    def certain(self) -> float | None:
        """The one value that it has; None when it has more."""
        if self.name in _UNBOUNDED:
            return self.shift + self.parameters[0] if 0.0 in self.parameters[1:] else None
        if self.name == "binomial":
            return self.parameters[0] if self.parameters in ((0.0,), (1.0,)) else None
        ends = {*self.parameters, *self.values}
        return self.shift + ends.pop() if len(ends) == 1 else None

    @property
    def largest(self) -> float:
        """The least upper bound of its values."""
        if self.certain is not None:
            return self.certain
        if self.name == "binomial":
            return 1.0
        return float("inf") if self.name in _UNBOUNDED else self.shift + max(*self.parameters, *self.values, 0.0)

    @property
    def declared(self) -> tuple[int, tuple[float, ...]]:
        """Kind and parameters as `tocfin.kernels.quantiles.distribution_columns` takes them."""
        lot = (float(self.lot),) if self.name == "binomial" else ()
        return _KINDS[self.name], (*self.parameters, *lot, *self.levels, *self.values)


def distribution(
    page: Page, section: Mapping[str, Any], place: str, *, mean: float | None = None, counted: bool = False
) -> Distribution | None:
    """The distribution that ``section`` names; None, with findings, where it is impossible.

    ``mean`` is taken where a distribution that has one does not say it. Only what is ``counted`` can be binomial, and
    a binomial without a mean has that of the data set: no parameters.
    """
    if not page.needed(section, "distribution", place, '"lognormal"'):
        return None
    names = tuple(name for name in PARAMETERS if counted or name != "binomial")
    name = page.word(section, "distribution", place, names)
    if name is None:
        return None
    for key in KEYS[1:]:
        if key in section and key not in PARAMETERS[name]:
            message = f"is no parameter of {name}, which has {', '.join(PARAMETERS[name])}"
            page.fault("unknown-key", f"{place}.{key}", message)
    if name == "quantiles":
        return _quantiles(page, section, place)
    if name == "binomial" and "mean" not in section:
        return Distribution(name)
    given: Mapping[str, Any] = {"mean": mean, **section} if mean is not None else section
    found = [_parameter(page, given, key, place) for key in PARAMETERS[name]]
    numbers = tuple(number for number in found if number is not None)
    if len(numbers) < len(found) or not _ordered(page, name, numbers, place):
        return None
    return Distribution(name, numbers)


def _parameter(page: Page, section: Mapping[str, Any], key: str, place: str) -> float | None:
    if not page.needed(section, key, place, "0.2" if key == "cv" else "1.0"):
        return None
    if key == "cv":
        return page.number(section, key, place, high=LARGEST_CV)
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
