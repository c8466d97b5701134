"""From one state of a KPI to another, part by part: signed amounts that add up exactly, with a residual of 0.

A sum moves by its terms. A ratio moves by the terms of its two sides: what a side adds is its Shapley value between
the two, and within a side amounts are shared in proportion to what each term moves, which is exact too. Amounts are
whole ticks of 10^-4 (money, hours, quantities) or 10^-12 (ratios), rounded together by largest remainder.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import fsum
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tocfin.kpi import Kpi, Policy, Sum, amount, chosen, evaluate, supplied_by, total

Terms = NDArray[np.float64]
#: Decimals of amounts, by whether the KPI is a ratio.
DECIMALS = {False: 4, True: 12}


class Part(NamedTuple):
    """What one term of one side (numerator, denominator) adds to the change of a KPI."""

    side: str
    term: str
    amount: Decimal


@dataclass(frozen=True)
class Bridge:
    """``before`` plus all ``parts`` is ``after``, to the last digit. Where a side has no value, ``reason`` says why."""

    kpi: str
    before: Decimal | None
    after: Decimal | None
    parts: tuple[Part, ...] = ()
    reason: str | None = None

    @property
    def residual(self) -> Decimal:
        """What the parts leave unexplained: always 0."""
        return difference(self.before, self.after) - sum((part.amount for part in self.parts), Decimal(0))


def difference(before: Decimal | None, after: Decimal | None) -> Decimal:
    """``after`` − ``before``; 0 where there is nothing to compare."""
    return Decimal(0) if before is None or after is None else after - before


def bridge(kpi: Kpi, before: Terms, after: Terms, rules: Policy) -> Bridge:
    """The change of ``kpi`` between two rows of terms (terms), by term, under one policy."""
    for name, terms in (("before", before), ("after", after)):
        if reason := nothing(kpi, terms, rules):
            return Bridge(kpi.name, None, None, reason=f"{name}: {reason}")
    names, amounts = steps(kpi, before, after, rules)
    start, end = (float(evaluate(kpi, terms, rules).value) for terms in (before, after))
    first, last, settled = settle(start, end, amounts.tolist(), DECIMALS[kpi.kind == "ratio"])
    return Bridge(kpi.name, first, last, tuple(Part(*name, a) for name, a in zip(names, settled, strict=True)))


def nothing(kpi: Kpi, terms: Terms, rules: Policy) -> str | None:
    """Why ``kpi`` has no value on a row of terms, None where it has one."""
    values = evaluate(kpi, terms, rules)
    if values.missing:
        used = {term for formula in (kpi.numerator, kpi.denominator) for _, term in chosen(formula, rules)}
        return f"not supplied: {', '.join(sorted({supplied_by(t) for t in used if np.isnan(amount(terms, t))}))}"
    return f"{kpi.below} is 0" if values.undefined else None


def steps(
    kpi: Kpi, before: Terms, after: Terms, rules: Policy, whole: tuple[Terms, Terms] | None = None
) -> tuple[list[tuple[str, str]], NDArray[np.float64]]:
    """What each (side, term) adds to the change of ``kpi``: names, and amounts (..., terms of the KPI).

    The amounts of a row sum to the difference of the KPI. With ``whole`` the rows are groups of that whole (plants,
    products), and the amounts of all rows sum to the difference of the whole; without, each row is a whole of its own.
    NaN where the KPI of the whole has no value on one of the sides.
    """
    first, last = whole or (before, after)
    above = _moved(kpi.numerator, before, after, rules)
    if not kpi.denominator:
        return [("numerator", name) for name in above[0]], above[1]
    below = _moved(kpi.denominator, before, after, rules)
    n = [np.asarray(total(kpi.numerator, terms, rules)) for terms in (first, last)]
    d = [np.asarray(total(kpi.denominator, terms, rules)) for terms in (first, last)]
    with np.errstate(divide="ignore", invalid="ignore"):
        inverse, slope = (1 / d[0] + 1 / d[1]) / 2, -(n[0] + n[1]) / 2 / (d[0] * d[1])
    amounts = np.concatenate([above[1] * inverse[..., None], below[1] * slope[..., None]], axis=-1)
    names = [("numerator", name) for name in above[0]] + [("denominator", name) for name in below[0]]
    return names, kpi.scale * np.where(np.isfinite(amounts), amounts, np.nan)


def _moved(formula: Sum, before: Terms, after: Terms, rules: Policy) -> tuple[list[str], NDArray[np.float64]]:
    """The terms of a sum and what each adds to its difference."""
    signed = list(chosen(formula, rules))
    names, signs = [name for _, name in signed], np.array([sign for sign, _ in signed], np.float64)
    first, last = (np.stack([amount(terms, name) for name in names], axis=-1) for terms in (before, after))
    return names, signs * (last - first)


def settle(
    before: float, after: float, amounts: Sequence[float], decimals: int
) -> tuple[Decimal, Decimal, list[Decimal]]:
    """Both ends and the ``amounts`` between them in whole ticks, so that they add up to the last digit.

    Ends are rounded half to even; amounts are rounded down and the ticks that are left go to the largest remainders
    (the first of equals). An amount of 0 stays 0. Raises ValueError where the amounts miss the difference by more than
    floating point does: then they explain something else.
    """
    ticks = 10**decimals
    first, last = (round(Fraction(end) * ticks) for end in (before, after))
    miss = abs(fsum([before, -after, *amounts]))
    scale = max((abs(value) for value in (before, after, *amounts)), default=0.0)
    if miss > 1e-9 * scale + 1 / ticks:
        raise ValueError(f"the parts miss the difference by {miss:g}")
    exact = [Fraction(amount) * ticks for amount in amounts]
    whole = [int(amount // 1) for amount in exact]
    at = sorted((i for i, amount in enumerate(exact) if amount), key=lambda i: (whole[i] - exact[i], i))
    left = last - first - sum(whole)
    for i in at:
        whole[i] += left // len(at)
    for i in at[: left % len(at) if at else 0]:
        whole[i] += 1
    unit = Decimal(1).scaleb(-decimals)
    return first * unit, last * unit, [count * unit for count in whole]
