"""From a data set to its scorecard: columns, terms, KPIs, groups, targets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal, cast

import numpy as np
from numpy.typing import NDArray

from tocfin.dataset import Dataset, Plan
from tocfin.errors import Finding, UsageError
from tocfin.kernels.block import sum_terms
from tocfin.kernels.slots import TERM_NAMES
from tocfin.kpi import KPIS, SLOT, Kpi, Policy, chosen, evaluate, policy, unit
from tocfin.model.build import Model, build
from tocfin.model.columns import Grouping, Horizon
from tocfin.model.groups import GROUPS, drum_throughput, grouping, selected
from tocfin.workers import spread

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
class Scorecard:
    """KPIs of one data set under one policy, with the terms they were made of.

    ``groups`` add up to the whole wherever the KPI is a flow (stocks: over plants). ``other`` holds the figures of the
    other policy; ``terms`` only those that this policy uses, NaN where a value was not supplied.
    """

    dataset: str
    policy: Policy
    currency: str
    horizon: tuple[int, int]
    figures: dict[str, Figure]
    terms: dict[str, float]
    other: dict[str, Figure]
    by: str | None = None
    groups: tuple[Group, ...] = ()
    findings: tuple[Finding, ...] = ()


def measure(
    dataset: Dataset,
    *,
    policy: str | None = None,
    plants: Sequence[str] = (),
    by: str | None = None,
    threads: int | None = None,
) -> Scorecard:
    """KPIs of ``dataset``, of all plants or the share of ``plants``; ``by`` splits them into groups (``GROUPS``).

    ``policy`` wins over the plan's; single flags of the plan are applied on top. The bits do not depend on
    ``threads`` (default: all). Raises DatasetError for a data set with errors, UsageError for an unknown name.
    """
    model = build(dataset)
    plan = cast(Plan, dataset.plan)
    rules = _policy(plan, policy)
    if by is not None and by not in GROUPS:
        raise UsageError(f"--by '{by}' is not one of {', '.join(GROUPS)}")
    shown = selected(model, plants)
    terms = plant_terms(model, threads)[:, shown].sum(axis=(0, 1))
    return Scorecard(
        dataset=dataset.name,
        policy=rules,
        currency=plan.currency,
        horizon=(plan.clock, plan.horizon_end),
        figures=figures(terms, rules, plan.currency),
        terms=named(terms, rules),
        other=figures(terms, _policy(plan, rules.other), plan.currency),
        by=by,
        groups=() if by is None else _groups(model, by, shown, rules, plan.currency, threads),
        findings=dataset.findings,
    )


def _policy(plan: Plan, name: str | None) -> Policy:
    return policy(name or plan.policy, plan.flags)


def plant_terms(model: Model, threads: int | None = None) -> Terms:
    """All terms per period and plant: (periods + 1, plants, terms)."""
    return sums(model, grouping(model, "plant"), model.horizon, threads)


def sums(model: Model, groups: Grouping, horizon: Horizon, threads: int | None = None) -> Terms:
    """All terms per period and group: (periods + 1, groups, terms)."""
    return sum_terms(model.enterprise, model.schedule, horizon, groups, spread(threads))


def _groups(
    model: Model, by: str, shown: NDArray[np.int64], rules: Policy, currency: str, threads: int | None
) -> tuple[Group, ...]:
    if by in ("plant", "period"):
        terms = plant_terms(model, threads)[:, shown]
        terms = terms.sum(axis=0) if by == "plant" else terms.sum(axis=1)
        keys = [model.keys["plant"][int(p)] for p in shown] if by == "plant" else [*model.keys["period"], "outside"]
        return tuple(
            Group(key, figures(row, rules, currency, projected=by == "plant"), named(row, rules))
            for key, row in zip(keys, terms, strict=True)
        )
    horizon = model.horizon._replace(edges=model.horizon.edges[:0])
    terms = sums(model, grouping(model, by, shown), horizon, threads)[0]
    rated = drum_throughput(model, terms, shown, threads) if by == "resource" else terms
    keys = [*GROUPS[by](model), None]
    return tuple(
        Group(key, figures(ratio, rules, currency), named(row, rules))
        for key, row, ratio in zip(keys, terms, rated, strict=True)
    )


def figures(terms: Terms, rules: Policy, currency: str, *, projected: bool = True) -> dict[str, Figure]:
    """Every KPI on one row of terms; stocks are not projected into periods after the clock (R35)."""
    return {name: figure(kpi, terms, rules, currency, projected=projected) for name, kpi in KPIS.items()}


def figure(kpi: Kpi, terms: Terms, rules: Policy, currency: str, *, projected: bool = True) -> Figure:
    """One KPI on one row of terms."""
    blank = Figure(kpi.name, None, unit(kpi, currency), "ok")
    if not projected and (kpi.kind == "stock" or kpi.stock):
        return replace(blank, status="not_projected", reason="stock is known at the clock only")
    values = evaluate(kpi, terms, rules)
    if values.missing:
        used = {term for side in (kpi.numerator, kpi.denominator) for _, term in chosen(side, rules)}
        absent = sorted(term for term in used if np.isnan(terms[SLOT[term]]))
        return replace(blank, status="not_supplied", reason=f"not supplied: {', '.join(absent)}")
    if values.undefined:
        return replace(blank, status="undefined", reason=f"{kpi.below} is 0")
    return replace(blank, value=float(values.value) + 0.0)


def named(terms: Terms, rules: Policy) -> dict[str, float]:
    """The terms that the policy uses, by name, in the order of the slots."""
    used = {
        term for kpi in KPIS.values() for side in (kpi.numerator, kpi.denominator) for _, term in chosen(side, rules)
    }
    return {name: float(terms[slot]) for slot, name in enumerate(TERM_NAMES) if name in used}
