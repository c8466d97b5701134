"""How good forecasts were, once the truth is known: CRPS, coverage of the band, bias, calibration of P(miss)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import fsum, nan

import numpy as np
from numpy.typing import NDArray

from tocfin.scenarios.estimates import Probability, probability

Values = NDArray[np.float64]

#: The band that a forecast shows: P10 to P90.
BAND = (0.1, 0.9)
FIFTHS = 5


@dataclass(frozen=True)
class Verdict:
    """One forecast of one series beside what it came to.

    ``p_miss`` and ``missed`` are None where there was no target. ``baselines`` are naive forecasts with their CRPS.
    """

    series: str
    period: str
    day: int
    truth: float
    mean: float
    low: float
    middle: float
    high: float
    crps: float
    p_miss: float | None
    missed: bool | None
    baselines: dict[str, float]

    @property
    def inside(self) -> bool:
        """True when the truth lies in the band."""
        return self.low <= self.truth <= self.high


@dataclass(frozen=True)
class Score:
    """What many verdicts come to; ``coverage`` is the share of truths in the 80 % band with its Wilson interval."""

    n: int
    crps: float
    bias: float
    coverage: Probability
    baselines: dict[str, float]

    @property
    def beaten(self) -> bool:
        """True when every naive baseline has a larger CRPS."""
        return all(self.crps < other for other in self.baselines.values())

    @property
    def honest(self) -> bool:
        """True when 80 % lies in the interval of the coverage."""
        return self.coverage.low <= BAND[1] - BAND[0] <= self.coverage.high


@dataclass(frozen=True)
class Fifth:
    """Forecasts with P(miss) in one fifth of [0, 1]: what was said on average, and how often it was missed."""

    low: float
    high: float
    said: float
    missed: Probability


def crps(values: Values, truth: float) -> float:
    """Continuous ranked probability score of a sample: E|X - y| - E|X - X'| / 2, in the unit of the values.

    For one value it is the absolute error (Gneiting and Raftery, J. Am. Stat. Assoc. 102, 2007).
    """
    ordered = np.sort(np.asarray(values, np.float64))
    n = ordered.size
    weights = 2.0 * np.arange(1, n + 1) - n - 1
    return float(np.abs(ordered - truth).mean() - (weights * ordered).sum() / n / n)


def judged(
    values: Values,
    truth: float,
    *,
    series: str = "",
    period: str = "",
    day: int = 0,
    p_miss: float | None = None,
    missed: bool | None = None,
    baselines: dict[str, float] | None = None,
) -> Verdict:
    """A forecast, one value per replication, beside the truth."""
    low, middle, high = np.quantile(values, (BAND[0], 0.5, BAND[1]))
    return Verdict(
        series, period, day, truth, float(np.mean(values)), float(low), float(middle), float(high), crps(values, truth),
        p_miss, missed, baselines or {},
    )  # fmt: skip


def score(verdicts: Sequence[Verdict]) -> Score:
    """Many forecasts of one kind together; NaN where there is none."""
    n = len(verdicts)
    if not n:
        return Score(0, nan, nan, probability(0, 0), {})
    names = verdicts[0].baselines
    return Score(
        n,
        fsum(one.crps for one in verdicts) / n,
        fsum(one.mean - one.truth for one in verdicts) / n,
        probability(sum(one.inside for one in verdicts), n),
        {name: fsum(one.baselines[name] for one in verdicts) / n for name in names},
    )


def calibration(verdicts: Sequence[Verdict]) -> list[Fifth]:
    """What P(miss) said against what happened, by fifths of what was said; forecasts without a target are left out."""
    known = [(one.p_miss, one.missed) for one in verdicts if one.p_miss is not None and one.missed is not None]
    found = []
    for at in range(FIFTHS):
        low, high = at / FIFTHS, (at + 1) / FIFTHS
        inside = [(said, came) for said, came in known if low <= said < high or (at == FIFTHS - 1 and said == 1)]
        n = len(inside)
        said = fsum(one for one, _ in inside) / n if n else nan
        found.append(Fifth(low, high, said, probability(sum(came for _, came in inside), n)))
    return found
