"""What a fit finds: rules with their figures, and the factors that they load on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from tocfin.scenarios.distributions import Distribution
from tocfin.scenarios.fit_shapes import Goodness
from tocfin.scenarios.uncertainty import Factor


@dataclass(frozen=True)
class Figure:
    """One estimate with its standard error (NaN: not known), from ``n`` observations (of a factor: realisations)."""

    name: str
    value: float
    error: float
    n: int


@dataclass(frozen=True)
class Found:
    """One fitted rule: for the rows that ``where`` chooses (empty: all), this distribution with these loadings.

    ``figures`` are its estimates, of a distribution by name also those that its parameters do not hold (the mean of
    quantiles); ``goodness`` is that of every candidate by name. ``settings`` are keys beside the distribution, and
    ``repair`` the distribution of repair hours relative to their mean.
    """

    quantity: str
    where: Mapping[str, str]
    distribution: Distribution | None
    figures: tuple[Figure, ...]
    goodness: Mapping[str, Goodness]
    n: int
    factors: Mapping[str, float] = field(default_factory=dict)
    settings: Mapping[str, float] = field(default_factory=dict)
    repair: Distribution | None = None

    @property
    def shape(self) -> str:
        """Name of the fitted distribution."""
        one = self.distribution or self.repair
        return "" if one is None else one.name


@dataclass(frozen=True)
class Shared:
    """A common factor that was found, drawn anew per ``factor.per`` and span, seen ``realisations`` times."""

    factor: Factor
    realisations: int
