"""Targets in many futures: with what probability each is met, in its own scope and period."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tocfin.kpi import KPIS, Kpi, Policy
from tocfin.scenarios.ensemble import Floats, kpi_values
from tocfin.scenarios.estimates import Estimate, Probability, mean, target_met
from tocfin.scenarios.world import World
from tocfin.scorecard import TargetLine

PLAN_WIDE, ONE_PLANT = frozenset[str](), frozenset({"plant"})


@dataclass(frozen=True)
class Goal:
    """One target: what is expected, and P(met), not worse than the target by the KPI's polarity (R38).

    Both are None for a target that futures of plants and periods do not tell: of a product, department or resource,
    of a period that does not begin and end with periods of the plan, of a stock after the clock.
    """

    line: TargetLine
    expected: Estimate | None
    met: Probability | None


def goal(world: World, terms: Floats, line: TargetLine, rules: Policy) -> Goal:
    """The chance of one target of a scorecard; ``terms`` (terms, plants, periods + 1, replications) are the world's."""
    kpi = KPIS.get(line.kpi)
    window = _window(world, line.period)
    if kpi is None or not kpi.polarity or window is None or not _told(kpi, line.scope, window):
        return Goal(line, None, None)
    plants = world.model.keys["plant"].to_list()
    shown = [at for at, plant in enumerate(plants) if line.scope.get("plant", plant) == plant]
    totals = terms[:, shown][:, :, window].sum(axis=(1, 2))
    values = kpi_values(kpi.name, totals, rules)
    return Goal(line, mean(values), target_met(values, line.target, kpi.polarity))


def _window(world: World, period: tuple[int, int]) -> slice | None:
    """Periods of the terms that make up ``period``; all of them, and what is outside them, for the whole horizon."""
    horizon = world.model.horizon
    if period == (horizon.clock, horizon.end):
        return slice(None)
    edges = horizon.edges.tolist()
    return slice(*(edges.index(edge) for edge in period)) if set(period) <= set(edges) else None


def _told(kpi: Kpi, scope: Mapping[str, str], window: slice) -> bool:
    stock = kpi.kind == "stock" or bool(kpi.stock)
    return scope.keys() in (PLAN_WIDE, ONE_PLANT) and not (stock and window != slice(None))
