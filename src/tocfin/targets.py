"""Targets beside the figures of their own scope and period (rulings R36, R38)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from tocfin.dataset import Dataset, Plan
from tocfin.kernels.block import sum_terms
from tocfin.kpi import KPIS, SLOT, Policy, unit
from tocfin.model.arrange import frozen
from tocfin.model.build import Model
from tocfin.model.groups import Scope, selected, within
from tocfin.scorecard import Figure, TargetLine, Terms, figure
from tocfin.workers import spread

SCOPES = ("plant", "department", "product", "resource")
Window = tuple[int, int]


def target_lines(
    dataset: Dataset, model: Model, by_plant: Terms, rules: Policy, plants: Sequence[str], threads: int | None
) -> tuple[TargetLine, ...]:
    """One line per target, in the order of the table; those of other plants than ``plants`` are left out.

    ``by_plant`` (periods + 1, plants, terms) are the terms of the whole horizon, as the scorecard shows them.
    """
    plan = cast(Plan, dataset.plan)
    known: dict[tuple[Scope, Window], Terms] = {}
    lines = []
    for target in dataset.tables["targets"].iter_rows(named=True):
        scope = {name: target[name] for name in SCOPES if target[name] is not None}
        if plants and scope.get("plant") not in plants:
            continue
        window = (target["period_start"], target["period_end"])
        covered = plan.clock <= window[0] and window[1] <= plan.horizon_end
        figure = None
        if covered:
            place = (Scope(**scope), window)
            if place not in known:
                known[place] = _terms(dataset, model, by_plant, *place, threads)
            figure = _figure(target["kpi"], known[place], rules, plan, window)
        lines.append(_line(target, scope, window, figure, plan.currency))
    return tuple(lines)


def _terms(dataset: Dataset, model: Model, by_plant: Terms, scope: Scope, window: Window, threads: int | None) -> Terms:
    """Terms of one scope in one window: (terms). The whole horizon keeps what is not clipped to it."""
    whole = window == (model.horizon.clock, model.horizon.end)
    if whole and scope == Scope(plant=scope.plant):
        shown = selected(model, () if scope.plant is None else (scope.plant,))
        return cast(Terms, by_plant[:, shown].sum(axis=(0, 1)))
    edges: NDArray[np.int64] = np.array([] if whole else window, np.int64)
    groups = within(model, scope, dataset.tables["resources"])
    horizon = model.horizon._replace(edges=frozen(edges))
    return cast(Terms, sum_terms(model.enterprise, model.schedule, horizon, groups, spread(threads))[0, 0])


def _figure(name: str, terms: Terms, rules: Policy, plan: Plan, window: Window) -> Figure:
    if name in KPIS:
        whole = window == (plan.clock, plan.horizon_end)
        return figure(KPIS[name], terms, rules, plan.currency, projected=whole)
    value = float(terms[SLOT[name]])
    missing = np.isnan(value)
    return Figure(name, None if missing else value, "", "not_supplied" if missing else "ok")


def _line(
    target: Mapping[str, Any], scope: Mapping[str, str], window: Window, figure: Figure | None, currency: str
) -> TargetLine:
    kpi = KPIS.get(target["kpi"])
    value = None if figure is None else figure.value
    goal = target["target"]
    difference = None if value is None else value - goal
    status: str = "part_period" if figure is None else figure.status
    if difference is not None:
        short = -difference * (kpi.polarity if kpi else 1)
        tolerance = target["tolerance"] or 0.0
        status = "met" if short <= 0 else "within_tolerance" if short <= tolerance else "missed"
    return TargetLine(
        kpi=target["kpi"],
        scope=scope,
        period=window,
        version=target["version"] or "budget",
        value=value,
        unit=unit(kpi, currency) if kpi else "",
        target=goal,
        difference=difference,
        percent=None if difference is None or goal == 0 else 100.0 * difference / abs(goal),
        status=status,
        owner=target["owner"],
    )
