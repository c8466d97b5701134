"""Where another euro pays: what relief of each resource does to the result, under the luck of all other alternatives.

Simulated differences decide, not costs per hour: an hour won where nothing waits for it changes nothing (kpi.md 2,
lost constraint time). The sequence of the plan is kept, so the figures are what the present plan gains.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tocfin.errors import UsageError
from tocfin.forecast.variants import Asked, changed, ensemble, relieved
from tocfin.kpi import KPIS, Policy, evaluate
from tocfin.model.columns import IS_ACTIVE, IS_SUBCONTRACTOR, Floats
from tocfin.scenarios.estimates import Estimate, Probability, mean, probability
from tocfin.scenarios.run import simulate
from tocfin.scenarios.world import World, capacity_inside

HOUR = 3_600.0
#: The share of its work that a resource is relieved of to see what an hour is worth: enough to be told from noise.
SHARE = 0.05
REPLICATIONS = 256
#: Every resource is looked at in so many futures; the best FINALISTS, and whatever may be the constraint, in all.
SCREENED, FINALISTS = 64, 6
#: Hours beyond the ordinary ones, which hide a constraint as long as somebody pays for them.
HEROICS = ("Overtime", "PotentialOvertime")
_KPIS = ("throughput", "operating_expense", "investment", "net_profit")


@dataclass(frozen=True, slots=True)
class Effect:
    """Paired differences that one alternative makes over the horizon [money]."""

    throughput: Estimate
    operating_expense: Estimate
    investment: Estimate
    net_profit: Estimate


@dataclass(frozen=True, slots=True)
class HourLine:
    """One resource: P(it is loaded most in its plant), its mean load, what an hour is worth [money of net profit].

    ``hour`` is the mean over the first ``SHARE`` of its work that it is relieved of; ``hours`` is how many those are.
    """

    resource: str
    constraint: Probability
    load: float
    hours: float
    hour: Estimate


@dataclass(frozen=True)
class Hours:
    """Resources by what an hour is worth × P(constraint), the most first; then by P(constraint), then by load.

    The worth of an hour keeps the plan's sequence and so holds for a first step only; a resource that is hardly ever
    the constraint of its plant gives less as soon as work is sequenced for the new hours, and counts for less.

    ``next`` is what is loaded most once the first takes half of its time, which may be the first itself; None where
    there is no other. ``unstable``
    are resources too unsteady to be ranked.
    """

    lines: tuple[HourLine, ...]
    next: str | None
    unstable: tuple[str, ...]
    replications: int
    seed: int


def worth_of_hours(question: Asked, *, replications: int = REPLICATIONS, unstable: Sequence[str] = ()) -> Hours:
    """What one more hour of every resource with work inside the horizon is worth.

    Subcontractors are bought, not invested in, and left out. Raises UsageError where no resource has work.
    """
    world, names = question.world, question.world.model.keys["resource"].to_list()
    busy, most = loads(world, question.seed, replications)
    rows, capacity = [r for r in _workers(world) if busy[r] > 0], _ahead(world).resource_capacity
    if not rows:
        raise UsageError("no resource has work inside the horizon, so there is no hour to put a worth on")
    gains = _gains(question, rows, min(SCREENED, replications))
    best = sorted(rows, key=lambda r: -gains[r].net_profit.value / busy[r])[:FINALISTS]
    finalists = sorted({*best, *(r for r in rows if most[r])})
    if replications > SCREENED:
        gains |= _gains(question, finalists, replications)
    lines = []
    for r in rows:
        hours = SHARE * float(busy[r]) / HOUR
        loaded = float(busy[r]) / max(float(capacity[r]), 1.0)
        chance = probability(int(most[r]), replications)
        lines.append(HourLine(names[r], chance, loaded, hours, _per(gains[r].net_profit, hours)))
    ranked = sorted((line for line in lines if line.resource not in unstable), key=_worth)
    after = _after(question, names.index(ranked[0].resource), replications) if ranked else None
    return Hours(
        tuple(ranked), after, tuple(sorted(set(unstable) & set(names))), replications, question.seed
    )  # fmt: skip


def _gains(question: Asked, rows: Sequence[int], replications: int) -> dict[int, Effect]:
    """What relief of each of some resources brings, by its row."""
    world, at = question.world, question.world.model.schedule.activity_resource
    worlds = [relieved(world, SHARE * (at == r), f"relief of {r}") for r in rows]
    return dict(zip(rows, effects([world, *worlds], question.seed, replications, question.rules), strict=True))


def _worth(line: HourLine) -> tuple[float, float, float, str]:
    return -line.hour.value * line.constraint.value, -line.constraint.value, -line.load, line.resource


def _after(question: Asked, resource: int, replications: int) -> str | None:
    """What its plant is loaded with most when ``resource`` does its work in half of the time."""
    world = question.world
    half = relieved(world, 0.5 * (world.model.schedule.activity_resource == resource), "relieved")
    busy, most = loads(half, question.seed, replications)
    plant = world.model.enterprise.resource_plant
    there = np.flatnonzero((plant == plant[resource]) & (busy > 0))
    if not there.size:
        return None
    return str(world.model.keys["resource"][int(there[np.lexsort((busy[there], most[there]))[-1]])])


def without_heroics(question: Asked) -> Asked:
    """The same question where nobody works overtime or potential overtime, neither by intervals nor by calendars."""
    ordinary = {
        name: question.world.dataset.tables[name].filter(~pl.col("interval_type").is_in(HEROICS))
        for name in ("capacity_intervals", "calendars")
    }
    return question._replace(world=changed(question, "without heroics", **ordinary))


def loads(world: World, seed: int, replications: int) -> tuple[Floats, NDArray[np.int64]]:
    """Mean seconds that each resource works inside the horizon; in how many futures it is loaded most in its plant.

    Of a plan that is being worked on, what is left of the horizon counts: nobody can relieve work that is done.
    """
    world = _ahead(world)
    plant, capacity = world.model.enterprise.resource_plant, world.resource_capacity
    endless = np.iinfo(np.int64).max // 2**20  # beside it no load counts
    busy, most = np.zeros(plant.size), np.zeros(plant.size, np.int64)
    for p in np.unique(plant):
        there = np.where((plant == p) & (capacity > 0), capacity, endless)
        found = simulate([replace(world, resource_capacity=there)], seed, replications)
        busy, most = found.resource_busy[0] / replications, most + found.resource_constraint[0] * (plant == p)
    return busy, most


def _ahead(world: World) -> World:
    """The world with the horizon that is left, as one period."""
    model, at = world.model, world.standing
    if at is None or at.as_of <= model.horizon.clock:
        return world
    horizon = model.horizon._replace(clock=min(at.as_of, model.horizon.end), edges=model.horizon.edges[:0])
    left = model._replace(horizon=horizon)
    return replace(
        world, model=left, resource_capacity=capacity_inside(left, world.network), adherence=world.adherence[..., :1]
    )


def effects(worlds: Sequence[World], seed: int, replications: int, rules: Policy) -> list[Effect]:
    """Differences of every world but the first from the first, future by future."""
    return effects_of([one.sum(axis=0) for one in ensemble(worlds, seed, replications)], rules)[0]


def effects_of(terms: Sequence[Floats], rules: Policy) -> tuple[list[Effect], list[Floats]]:
    """The same from terms (replications, terms) of each world, and the gain of net profit in every future."""
    base, *others = ([evaluate(KPIS[name], one, rules).value for name in _KPIS] for one in terms)
    gaps = [[one - at for one, at in zip(some, base, strict=True)] for some in others]
    return [Effect(*(mean(gap) for gap in some)) for some in gaps], [some[-1] for some in gaps]


def _workers(world: World) -> list[int]:
    role = world.model.enterprise.resource_role
    found: list[int] = np.flatnonzero(((role & IS_ACTIVE) > 0) & ((role & IS_SUBCONTRACTOR) == 0)).tolist()
    return found


def _per(estimate: Estimate, hours: float) -> Estimate:
    return replace(estimate, value=estimate.value / hours, low=estimate.low / hours, high=estimate.high / hours)
