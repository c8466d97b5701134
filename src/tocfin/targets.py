"""Targets beside the figures of their own scope and period (rulings R36, R38)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from tocfin.dataset import Dataset, Plan
from tocfin.kernels.block import sum_terms
from tocfin.kernels.slots import N_TERM
from tocfin.kpi import KPIS, Policy, amount, unit
from tocfin.model.arrange import frozen
from tocfin.model.build import Model
from tocfin.model.closing import Flows, until
from tocfin.model.columns import Horizon
from tocfin.model.groups import Scope, selected, within
from tocfin.model.phasing import share
from tocfin.scorecard import Figure, TargetLine, Terms, figure
from tocfin.workers import spread

SCOPES = ("plant", "department", "product", "resource")
Window = tuple[int, int]


def target_lines(
    dataset: Dataset,
    model: Model,
    by_plant: Terms,
    flows: Flows,
    rules: Policy,
    plants: Sequence[str],
    threads: int | None,
) -> tuple[TargetLine, ...]:
    """One line per target, in the order of the table; those of other plants than ``plants`` are left out.

    ``by_plant`` (periods + 1, plants, terms) are the terms of the whole horizon, as the scorecard shows them.
    """
    plan = cast(Plan, dataset.plan)
    known: dict[tuple[Scope, Window], Terms] = {}
    zones = dict(dataset.tables["plants"].select("plant", "timezone").iter_rows())
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
            whole = window == (plan.clock, plan.horizon_end)
            shown = selected(model, () if scope.get("plant") is None else (scope["plant"],))
            later = None if whole else stock_at(by_plant, flows, window[1], model.horizon, shown)
            if later is not None and Scope(**scope) != Scope(plant=scope.get("plant")):
                later[:] = np.nan  # stock is no product's, department's or resource's
            figure = _figure(target["kpi"], known[place], rules, plan.currency, later)
        line = _line(target, scope, window, figure, plan.currency)
        lines.append(line if covered else _phased(line, plan, zones.get(scope.get("plant", "")) or "UTC"))
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


def stock_at(by_plant: Terms, flows: Flows, instant: int, horizon: Horizon, shown: NDArray[np.int64]) -> Terms:
    """Terms of the stock of the plants ``shown`` at a later instant: what lies there, and what moves until then.

    NaN before the clock and past the horizon; ``by_plant`` (periods + 1, plants, terms) are those of the horizon.
    """
    terms: Terms = by_plant[:, shown].sum(axis=(0, 1))
    terms[N_TERM:] = until(flows, instant, horizon, by_plant.shape[1])[shown].sum(axis=0)
    return terms


def _figure(name: str, terms: Terms, rules: Policy, currency: str, later: Terms | None) -> Figure:
    if name in KPIS:
        return figure(KPIS[name], terms, rules, currency, later=later)
    value = float(amount(terms, name))
    missing = np.isnan(value)
    return Figure(name, None if missing else value, "", "not_supplied" if missing else "ok")


def _phased(line: TargetLine, plan: Plan, zone: str) -> TargetLine:
    """The line with what of its target falls on the part of its period that the horizon covers."""
    part = (max(line.period[0], plan.clock), min(line.period[1], plan.horizon_end))
    kpi = KPIS.get(line.kpi)
    if part[0] >= part[1] or (kpi is not None and kpi.kind != "flow"):
        return line
    portion = share(line.period, part, zone)
    return replace(line, part=part, phased=None if portion is None else line.target * portion)


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
