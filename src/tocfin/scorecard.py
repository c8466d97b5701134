"""What a measurement says: figures with their status, groups, targets, and the terms behind them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from tocfin.dataset.controls import Control
from tocfin.errors import Finding
from tocfin.kpi import (
    CLOSING,
    KPIS,
    STOCK_TERMS,
    TERMS,
    Kpi,
    Policy,
    amount,
    chosen,
    evaluate,
    supplied_by,
    unit,
    with_levels,
)

Status = Literal["ok", "undefined", "not_supplied", "not_projected"]
Terms = NDArray[np.float64]


@dataclass(frozen=True)
class Figure:
    """One KPI's value, or why there is none."""

    kpi: str
    value: float | None
    unit: str
    status: Status
    reason: str | None = None


@dataclass(frozen=True)
class Group:
    """The share of one plant, period, job, resource or product; ``key`` None takes what belongs to none."""

    key: str | None
    figures: dict[str, Figure]
    terms: dict[str, float]


@dataclass(frozen=True)
class TargetLine:
    """A target beside the figure of its own scope and period (rulings R36, R38).

    ``status``: met, within_tolerance, missed, part_period, or the figure's own status where it has no value. Of a
    ``part_period`` whose KPI is a flow, ``phased`` is what of the target falls on the ``part`` of its period that the
    horizon covers, by working days. ``difference`` is value minus target, ``percent`` of the target; both None where
    there is no value.
    """

    kpi: str
    scope: Mapping[str, str]
    period: tuple[int, int]
    version: str
    value: float | None
    unit: str
    target: float
    difference: float | None
    percent: float | None
    status: str
    owner: str | None
    part: tuple[int, int] | None = None
    phased: float | None = None


@dataclass(frozen=True)
class Line:
    """One line of who earns the throughput; ``amount`` None where a cell that it needs was not supplied.

    ``count`` is how many jobs or order lines are in it, ``title`` what a reader calls it.
    """

    name: str
    title: str
    amount: float | None
    count: int


@dataclass(frozen=True)
class Scorecard:
    """KPIs of one data set under one policy, with the terms they were made of.

    ``groups`` add up to the whole wherever the KPI is a flow (stocks: over plants). ``other`` is the same under the
    other policy. ``lines`` say who earns the throughput where not only whole jobs that are sold do
    (`tocfin.earned`). ``terms`` are those that this policy uses, NaN where a value was not supplied.
    """

    dataset: str
    policy: Policy
    currency: str
    horizon: tuple[int, int]
    figures: dict[str, Figure]
    terms: dict[str, float]
    other: Scorecard | None = None
    by: str | None = None
    groups: tuple[Group, ...] = ()
    targets: tuple[TargetLine, ...] = ()
    lines: tuple[Line, ...] = ()
    findings: tuple[Finding, ...] = ()
    controls: tuple[Control, ...] = ()

    @property
    def missed(self) -> bool:
        """True when a budget target is missed; other versions are for comparison."""
        return any(line.status == "missed" and line.version == "budget" for line in self.targets)


def figures(terms: Terms, rules: Policy, currency: str, *, later: Terms | None = None) -> dict[str, Figure]:
    """Every KPI on one row of terms, as `figure` has it."""
    return {name: figure(kpi, terms, rules, currency, later=later) for name, kpi in KPIS.items()}


def figure(kpi: Kpi, terms: Terms, rules: Policy, currency: str, *, later: Terms | None = None) -> Figure:
    """One KPI on one row of terms. With ``later`` it is one of a period after the clock (R35).

    ``later`` are then terms of stock at the end of the period: what lies there at the clock, and what moves until then.
    """
    blank = Figure(kpi.name, None, unit(kpi, currency), "ok")
    if later is not None and (kpi.kind == "stock" or kpi.stock):
        if kpi.name not in CLOSING and kpi.name not in CLOSING.values():
            return replace(blank, status="not_projected", reason="it is known at the clock only")
        kpi, terms = KPIS[CLOSING.get(kpi.name, kpi.name)], with_levels(terms, later)
    values = evaluate(kpi, terms, rules)
    if values.missing:
        used = {term for side in (kpi.numerator, kpi.denominator) for _, term in chosen(side, rules)}
        absent = {term for term in used if np.isnan(amount(terms, term))}
        if stock := sorted({supplied_by(term) for term in absent.intersection(STOCK_TERMS)}):
            return replace(blank, status="not_projected", reason=f"stock after the clock needs {', '.join(stock)}")
        words = ", ".join(sorted({supplied_by(term) for term in absent}))
        return replace(blank, status="not_supplied", reason=f"not supplied: {words}")
    if values.undefined:
        return replace(blank, status="undefined", reason=f"{kpi.below} is 0")
    return replace(blank, value=float(values.value) + 0.0)


def named(terms: Terms, rules: Policy) -> dict[str, float]:
    """The terms that the policy uses, by name, in the order of the slots."""
    sides = (side for kpi in KPIS.values() for side in (kpi.numerator, kpi.denominator))
    used = {term for side in sides for _, term in chosen(side, rules)}
    return {name: float(terms[slot]) for slot, name in enumerate(TERMS[: terms.size]) if name in used}
