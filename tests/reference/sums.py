"""Exact sums that remember how much went into them and whether a part was not supplied (R17)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True)
class Sum:
    """An exact amount and the sum of the absolute amounts in it; ``value`` is None when one was not supplied."""

    value: Fraction | None
    scale: Fraction

    def __add__(self, other: Sum) -> Sum:
        scale = self.scale + other.scale
        if self.value is None or other.value is None:
            return Sum(None, scale)
        return Sum(self.value + other.value, scale)

    def __neg__(self) -> Sum:
        return self * Fraction(-1)

    def __sub__(self, other: Sum) -> Sum:
        return self + -other

    def __mul__(self, factor: Fraction) -> Sum:
        """Nothing times a missing value is nothing (R17)."""
        if factor == 0:
            return NOTHING
        return Sum(None if self.value is None else self.value * factor, self.scale * abs(factor))


NOTHING = Sum(Fraction(0), Fraction(0))


def amount(value: Fraction | None) -> Sum:
    return Sum(value, abs(value or Fraction(0)))


def total(sums: Iterable[Sum]) -> Sum:
    return sum(sums, NOTHING)
