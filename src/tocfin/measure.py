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
from tocfin.kernels.slots import N_TERM
from tocfin.kpi import Policy, policy
from tocfin.model.build import Model, build
from tocfin.model.closing import N_CHANGE, Flows, changes, stock_flows
from tocfin.model.columns import Grouping, Horizon
from tocfin.model.groups import GROUPS, drum_throughput, grouping, selected
from tocfin.model.sales import sales
from tocfin.scorecard import Figure, Group, Scorecard, TargetLine, Terms, figures, named
from tocfin.targets import stock_at, target_lines
from tocfin.workers import spread

__all__ = ["Figure", "Group", "Scorecard", "TargetLine", "measure", "plant_terms", "sums"]


def measure(
    dataset: Dataset,
    *,
    policy: str | None = None,
    plants: Sequence[str] = (),
    by: str | None = None,
    threads: int | None = None,
    model: Model | None = None,
) -> Scorecard:
    """KPIs of ``dataset``, of all plants or the share of ``plants``; ``by`` splits them into groups (``GROUPS``).

    ``policy`` wins over the plan's; single flags of the plan are applied on top. The bits do not depend on
    ``threads`` (default: all). ``model`` are its columns, where they are at hand. Raises DatasetError for a data set
    with errors, UsageError for an unknown name.
    """
    if by is not None and by not in GROUPS:
        raise UsageError(f"--by '{by}' is not one of {', '.join(GROUPS)}")
    model = build(dataset) if model is None else model
    plan = cast(Plan, dataset.plan)
    rules = rules_of(plan, policy)
    shown = selected(model, plants)
    flows = stock_flows(dataset, model)
    by_plant = with_stock(plant_terms(model, threads), changes(flows, model.horizon, len(model.keys["plant"])))
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
        groups=() if by is None else _groups(model, by_plant, flows, by, shown, rules, plan.currency, threads),
        lines=earned(model, sales(dataset.tables, plan), rules, shown, threads),
        targets=target_lines(dataset, model, by_plant, flows, rules, plants, threads),
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


def with_stock(terms: Terms, moved: Terms) -> Terms:
    """``terms`` (..., terms) of a kernel with what moves in and out of stock behind them."""
    return np.concatenate([terms, moved], axis=-1)


def _groups(
    model: Model,
    by_plant: Terms,
    flows: Flows,
    by: str,
    shown: NDArray[np.int64],
    rules: Policy,
    currency: str,
    threads: int | None,
) -> tuple[Group, ...]:
    if by == "period":
        terms = by_plant[:, shown].sum(axis=1)
        ends = [stock_at(by_plant, flows, int(end), model.horizon, shown) for end in model.horizon.edges[1:]]
        ends.append(np.full_like(terms[0], np.nan))
        keys = [*model.keys["period"], "outside"]
        return tuple(
            Group(key, figures(row, rules, currency, later=later), named(row, rules))
            for key, row, later in zip(keys, terms, ends, strict=True)
        )
    if by == "plant":
        terms = by_plant[:, shown].sum(axis=0)
        rated, keys = terms, [model.keys["plant"][int(p)] for p in shown]
    else:
        horizon = model.horizon._replace(edges=model.horizon.edges[:0])
        terms = sums(model, grouping(model, by, shown), horizon, threads)[0]
        moved = np.zeros((terms.shape[0], N_CHANGE))
        moved[-1] = by_plant[:, shown, N_TERM:].sum(axis=(0, 1))  # stock is no job's, resource's or product's
        terms = with_stock(terms, moved)
        rated = drum_throughput(model, terms, shown, threads) if by == "resource" else terms
        keys = [*GROUPS[by](model), None]
    return tuple(
        Group(key, figures(ratio, rules, currency), named(row, rules))
        for key, row, ratio in zip(keys, terms, rated, strict=True)
    )
