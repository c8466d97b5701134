"""From a data set to its scorecard: columns, terms, KPIs, groups, targets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import cast

import numpy as np
from numpy.typing import NDArray

from tocfin.dataset import Dataset, Plan
from tocfin.earned import earned
from tocfin.errors import UsageError
from tocfin.kernels.block import sum_terms
from tocfin.kpi import Policy, policy
from tocfin.model.build import Model, build
from tocfin.model.columns import Grouping, Horizon
from tocfin.model.groups import GROUPS, drum_throughput, grouping, selected
from tocfin.model.sales import sales
from tocfin.scorecard import Figure, Group, Scorecard, TargetLine, Terms, figures, named
from tocfin.targets import target_lines
from tocfin.workers import spread

__all__ = ["Figure", "Group", "Scorecard", "TargetLine", "measure", "plant_terms", "sums"]


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
    if by is not None and by not in GROUPS:
        raise UsageError(f"--by '{by}' is not one of {', '.join(GROUPS)}")
    model = build(dataset)
    plan = cast(Plan, dataset.plan)
    rules = rules_of(plan, policy)
    shown = selected(model, plants)
    by_plant = plant_terms(model, threads)
    terms = by_plant[:, shown].sum(axis=(0, 1))

    def card(rules: Policy) -> Scorecard:
        return Scorecard(
            dataset=dataset.name,
            policy=rules,
            currency=plan.currency,
            horizon=(plan.clock, plan.horizon_end),
            figures=figures(terms, rules, plan.currency),
            terms=named(terms, rules),
        )

    return replace(
        card(rules),
        other=card(rules_of(plan, rules.other)),
        by=by,
        groups=() if by is None else _groups(model, by_plant, by, shown, rules, plan.currency, threads),
        lines=earned(model, sales(dataset.tables, plan), rules, shown, threads),
        targets=target_lines(dataset, model, by_plant, rules, plants, threads),
        findings=dataset.findings,
        controls=dataset.controls,
    )


def rules_of(plan: Plan, name: str | None) -> Policy:
    """The policy that holds: ``name``, else the plan's, with the plan's own flags on top (R21)."""
    return policy(name or plan.policy, plan.flags)


def plant_terms(model: Model, threads: int | None = None) -> Terms:
    """All terms per period and plant: (periods + 1, plants, terms)."""
    return sums(model, grouping(model, "plant"), model.horizon, threads)


def sums(model: Model, groups: Grouping, horizon: Horizon, threads: int | None = None) -> Terms:
    """All terms per period and group: (periods + 1, groups, terms)."""
    return sum_terms(model.enterprise, model.schedule, horizon, groups, spread(threads))


def _groups(
    model: Model, by_plant: Terms, by: str, shown: NDArray[np.int64], rules: Policy, currency: str, threads: int | None
) -> tuple[Group, ...]:
    if by in ("plant", "period"):
        terms = by_plant[:, shown]
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
