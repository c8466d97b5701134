"""Alternatives under the same luck: replication by replication, so that what both suffer cancels out.

Scenarios are paired when entry s of one array and entry s of the other are the same replication.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from tocfin.errors import UsageError
from tocfin.scenarios.estimates import (
    LEVEL,
    QUANTILES,
    Estimate,
    Probability,
    Values,
    cvar,
    mean,
    normal,
    probability,
    quantile,
    require_side,
    standard_error,
    supplied,
    unknown,
)

#: How one alternative can be better than another, each sense implied by the one before: in no future worse; at every
#: quantile at least as good (whoever likes more, prefers it); in the mean of every worst share at least as good
#: (whoever dislikes risk too, prefers it; Hadar and Russell, Am. Econ. Rev. 59, 1969); in mean and CVaR only.
DOMINANCE = ("every future", "first order", "second order", "mean and tail")


@dataclass(frozen=True, slots=True)
class Difference:
    """An alternative minus its base, over the same replications.

    ``better`` counts strictly better futures by the KPI's polarity, ``ties`` the equal ones. ``saving`` is how many
    times more replications unpaired runs would need for the same interval (infinite when nothing but a constant
    is left).
    """

    mean: Estimate
    better: Probability
    ties: int
    quantiles: Mapping[float, Estimate]
    saving: float


@dataclass(frozen=True, slots=True)
class Place:
    """Where an alternative stands: ``rank`` 1 has the best mean.

    ``best`` is P(best of all in a future; the first named of equals), ``like`` names those whose paired mean
    difference includes 0, ``dominated_by`` those that are better than it in one of the senses of DOMINANCE, with the
    strongest that holds.
    """

    name: str
    rank: int
    mean: Estimate
    cvar: Estimate
    best: Probability
    like: tuple[str, ...]
    dominated_by: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Correlation(Estimate):
    """Spearman's rank correlation; below ``floor`` in size it is what pure noise shows."""

    floor: float = math.nan

    @property
    def noise(self) -> bool:
        """True when chance alone explains the correlation."""
        return not abs(self.value) > self.floor


def difference(alternative: Values, base: Values, polarity: int, *, level: float = LEVEL) -> Difference:
    """Mean, P(better) and quantiles of ``alternative - base``; a pair with a gap on either side is missing."""
    require_side(polarity)
    first, second = _aligned(alternative, base)
    gaps = first - second
    known, missing = supplied(gaps)
    better = probability(int(np.count_nonzero(polarity * known > 0)), known.size, missing, level=level)
    spread = dict(zip(QUANTILES, quantile(gaps, QUANTILES, level=level), strict=True))
    both = ~np.isnan(gaps)
    apart = standard_error(first[both]) ** 2 + standard_error(second[both]) ** 2
    together = standard_error(known) ** 2
    saving = apart / together if together > 0 else math.inf if apart > 0 else math.nan
    return Difference(mean(gaps, level=level), better, int(np.count_nonzero(known == 0)), spread, saving)


def ranking(ensembles: Mapping[str, Values], polarity: int, *, tail: float = 0.05, level: float = LEVEL) -> list[Place]:
    """Alternatives from best to worst mean, with what makes the order uncertain and what makes one hopeless.

    Only futures in which every alternative has a value are compared; the rest are counted as missing.
    """
    require_side(polarity)
    names = list(ensembles)
    table = np.stack(_aligned(*ensembles.values()))
    gaps = np.isnan(table).any(axis=0)
    missing, table = int(np.count_nonzero(gaps)), table[:, ~gaps]
    if not table.size:
        raise UsageError("there is no replication in which every alternative has a value, so none can be ranked")
    means = [mean(row, level=level) for row in table]
    tails = [cvar(row, tail, polarity, level=level) for row in table]
    wins = np.bincount(np.argmax(polarity * table, axis=0), minlength=len(names))
    order = sorted(range(len(names)), key=lambda place: -polarity * means[place].value)
    goods = [
        _Good(polarity * row, np.sort(polarity * row), (polarity * one.value, polarity * worst.value))
        for row, one, worst in zip(table, means, tails, strict=True)
    ]
    return [
        Place(
            names[i], rank, _with_missing(means[i], missing), _with_missing(tails[i], missing),
            probability(int(wins[i]), table.shape[1], missing, level=level),
            tuple(names[j] for j in order if j != i and _alike(table[i], table[j], level)),
            {names[j]: how for j in order if j != i and (how := _dominance(goods[j], goods[i]))},
        )
        for rank, i in enumerate(order, 1)
    ]  # fmt: skip


def rank_correlation(cause: Values, effect: Values, *, among: int = 1, level: float = LEVEL) -> Correlation:
    """Spearman's correlation of a factor's draws with a KPI.

    The interval is Fisher's with the variance of Bonett and Wright (Psychometrika 65, 2000). ``floor`` is the size that
    noise passes with probability 1 - level in any of ``among`` factors looked at together.
    """
    first, second = _aligned(cause, effect)
    both = ~(np.isnan(first) | np.isnan(second))
    n, missing = int(np.count_nonzero(both)), int(both.size - np.count_nonzero(both))
    x, y = (_centred_ranks(side[both]) for side in (first, second))
    size = math.sqrt(float(x @ x) * float(y @ y)) if n else 0.0
    if n < 10 or size == 0:
        nothing = unknown(missing)
        return Correlation(nothing.value, nothing.low, nothing.high, n, missing)
    value = min(1.0, max(-1.0, float(x @ y) / size))
    floor = normal(level ** (1 / among)) / math.sqrt(n - 1)
    if abs(value) == 1:
        return Correlation(value, value, value, n, missing, floor)
    reach = normal(level) * math.sqrt((1 + value * value / 2) / (n - 3))
    turned = math.atanh(value)
    return Correlation(value, math.tanh(turned - reach), math.tanh(turned + reach), n, missing, floor)


def _aligned(*samples: Values) -> Sequence[Values]:
    arrays = [np.asarray(sample, np.float64).ravel() for sample in samples]
    if len({array.size for array in arrays}) != 1:
        raise UsageError("scenarios can only be compared over the same replications; theirs differ in number")
    return arrays


def _alike(one: Values, other: Values, level: float) -> bool:
    gap = mean(one - other, level=level)
    return gap.refused or gap.low <= 0 <= gap.high


class _Good(NamedTuple):
    """An alternative turned so that more is better: by replication, sorted, and its (mean, mean of the tail)."""

    paired: Values
    sorted: Values
    figures: tuple[float, float]


def _dominance(one: _Good, other: _Good) -> str:
    """The strongest of DOMINANCE in which ``one`` is better than ``other``; empty for none."""
    if np.array_equal(one.sorted, other.sorted):
        return ""
    better = (
        (one.paired >= other.paired).all(),
        (one.sorted >= other.sorted).all(),
        (np.cumsum(one.sorted) >= np.cumsum(other.sorted)).all(),
        one.figures != other.figures and all(a >= b for a, b in zip(one.figures, other.figures, strict=True)),
    )
    return next((name for name, holds in zip(DOMINANCE, better, strict=True) if holds), "")


def _with_missing(estimate: Estimate, missing: int) -> Estimate:
    return Estimate(estimate.value, estimate.low, estimate.high, estimate.n, missing)


def _centred_ranks(values: Values) -> Values:
    """Ranks with equals at their average, around 0."""
    _, where, counts = np.unique(values, return_inverse=True, return_counts=True)
    middle = np.cumsum(counts) - (counts - 1) / 2
    ranked: Values = middle[where] - (values.size + 1) / 2
    return ranked
