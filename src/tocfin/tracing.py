"""How one KPI came about: its arithmetic with its numbers, its terms, and the rows that weigh most."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

import numpy as np
from numpy.typing import NDArray

from tocfin.dataset import Dataset, Plan
from tocfin.dataset.findings import nearest
from tocfin.errors import UsageError
from tocfin.kpi import KPIS, Kpi, Policy, Sum, amount, chosen, total
from tocfin.measure import plant_terms, rules_of, sums, with_stock
from tocfin.model.atoms import each_row, rows_of
from tocfin.model.build import build
from tocfin.model.closing import N_CHANGE, changes, stock_flows
from tocfin.model.groups import selected
from tocfin.scorecard import Figure, Terms, figure

SIDES = ("numerator", "denominator")


@dataclass(frozen=True)
class Term:
    """A signed term of one side of a KPI; ``value`` None where a row it needs was not supplied."""

    side: str
    sign: int
    name: str
    value: float | None


@dataclass(frozen=True)
class Weight:
    """What one row adds to one side of a KPI, sign included; ``amount`` None where the row was not supplied."""

    side: str
    table: str
    row: int
    key: str
    amount: float | None


@dataclass(frozen=True)
class Trace:
    """One KPI with everything it is made of.

    ``weights`` are the heaviest rows of each side, those not supplied first; ``others`` says per side how many rows
    that add anything are left out, and what they add up to.
    """

    dataset: str
    kpi: Kpi
    policy: Policy
    currency: str
    horizon: tuple[int, int]
    figure: Figure
    terms: tuple[Term, ...]
    weights: tuple[Weight, ...]
    others: dict[str, tuple[int, float]]

    def subtotal(self, side: str) -> float | None:
        """The sum of one side; None where one of its terms was not supplied."""
        values = [(term.sign, term.value) for term in self.terms if term.side == side]
        known = [sign * value for sign, value in values if value is not None]
        return sum(known) if len(known) == len(values) else None


def trace(
    dataset: Dataset, kpi: str, *, policy: str | None = None, plants: Sequence[str] = (), rows: int = 10
) -> Trace:
    """Trace ``kpi`` under ``policy`` (default: the plan's) with the ``rows`` heaviest rows of each side.

    Raises DatasetError for a data set with errors, UsageError for an unknown KPI, policy or plant.
    """
    if kpi not in KPIS:
        raise UsageError(f"'{kpi}' is not a KPI{nearest(kpi, tuple(KPIS))}; `tocfin kpis` lists them")
    model, declared = build(dataset), KPIS[kpi]
    plan = cast(Plan, dataset.plan)
    rules = rules_of(plan, policy)
    shown = selected(model, plants)
    moved = changes(stock_flows(dataset, model), model.horizon, len(model.keys["plant"]))
    by_plant = with_stock(plant_terms(model), moved)
    whole = by_plant[:, shown].sum(axis=(0, 1))  # as `measure` adds them up, to the bit
    shares = sums(model, each_row(model, shown), model.horizon._replace(edges=model.horizon.edges[:0]))[0]
    shares = with_stock(shares, np.zeros((shares.shape[0], N_CHANGE)))
    shares[-1, -N_CHANGE:] = moved[:, shown].sum(axis=(0, 1))  # what moves stock is told as one sum
    sides = list(zip(SIDES, (declared.numerator, declared.denominator), strict=True))
    weights, others = _weights(dataset, [(side, total(formula, shares, rules)) for side, formula in sides], rows)
    return Trace(
        dataset=dataset.name,
        kpi=declared,
        policy=rules,
        currency=plan.currency,
        horizon=(plan.clock, plan.horizon_end),
        figure=figure(declared, whole, rules, plan.currency),
        terms=tuple(term for side, formula in sides for term in _terms(side, formula, whole, rules)),
        weights=weights,
        others=others,
    )


def _terms(side: str, formula: Sum, whole: Terms, rules: Policy) -> list[Term]:
    values = [(sign, name, float(amount(whole, name))) for sign, name in chosen(formula, rules)]
    return [Term(side, sign, name, None if np.isnan(value) else value) for sign, name, value in values]


def _weights(
    dataset: Dataset, sides: Sequence[tuple[str, NDArray[np.float64]]], rows: int
) -> tuple[tuple[Weight, ...], dict[str, tuple[int, float]]]:
    known = rows_of(dataset)
    weights, others = [], {}
    for side, amounts in sides:
        amounts = amounts[: known.height]
        heavy = np.flatnonzero(amounts)
        order = heavy[np.argsort(-np.nan_to_num(np.abs(amounts[heavy]), nan=np.inf), kind="stable")]
        for at in order[:rows]:
            table, row, key = known.row(int(at))
            amount = float(amounts[at])
            weights.append(Weight(side, table, row, key, None if np.isnan(amount) else amount))
        if heavy.size:
            others[side] = (max(order.size - rows, 0), float(np.nansum(amounts[order[rows:]])))
    return tuple(weights), others
