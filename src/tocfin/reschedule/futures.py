"""Candidates in simulated futures: the objective of the search, replication by replication, from the terms."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import cast

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tocfin.dataset import Dataset, Plan
from tocfin.errors import DatasetError
from tocfin.kernels.draw import GROUP
from tocfin.kpi import KPIS, SLOT, Policy, evaluate
from tocfin.measure import plant_terms, rules_of
from tocfin.reschedule.clock import Clock
from tocfin.reschedule.improve import Candidate
from tocfin.reschedule.money import OBJECTIVES, next_end
from tocfin.reschedule.source import Source
from tocfin.scenarios.charges import relieved
from tocfin.scenarios.estimates import Values
from tocfin.scenarios.futures import future
from tocfin.scenarios.resolve import resolve
from tocfin.scenarios.run import simulate
from tocfin.scenarios.world import World, prepared
from tocfin.workers import spread

#: What is shown of each future beside the objective.
SHOWN = ("throughput", "operating_expense", "net_profit")
MONEY = "net-profit"
#: Parts of a price that futures do not change, and the one that no term of them tells.
UNCHANGED, RELIEF = ("move_cost", "setup_cost"), "late_penalty_relief"
#: Objectives that it is a part of.
RELIEVED = (MONEY, "late-penalty")

Terms = NDArray[np.float64]


def measured(objective: str) -> str:
    """The objective that futures are measured by: what terms do not tell (makespan) is proven in money."""
    return objective if OBJECTIVES[objective] else MONEY


def simulated(
    source: Source,
    candidates: Sequence[Candidate],
    objective: str,
    seed: int,
    replications: int,
    *,
    threads: int | None = None,
    clock: Clock | None = None,
    told: Callable[[int, int], None] = lambda done, wanted: None,
) -> list[dict[str, Values]]:
    """For each candidate the objective ("value") and the KPIs of SHOWN in each future, this period and the next.

    Ends with a wall ``clock`` after a whole number of 64 futures, at least 64. What no future changes (cost of moves
    and setups) is what the price on paper has beyond the terms of the plan, so that a future that goes as planned is
    worth the price. What grace and caps take off late penalties is computed in each future, from the ends of jobs.
    """
    unlike = _unlike(candidates)
    first = list(dict.fromkeys(unlike))
    made = dict(
        zip(first, spread(threads)(lambda n: world_of(source, candidates[first[n]]), range(len(first))), strict=True)
    )
    place = {k: c for c, k in enumerate(made)}
    worlds = list(made.values())
    rules = rules_of(cast(Plan, source.dataset.plan), "reconciled")
    parts, relief = list[Terms](), list[Terms]()
    relieving = _relieving(source.dataset, measured(objective))
    done, blocks = 0, -(-replications // GROUP)
    while done < blocks and (not done or clock is None or clock.left > 0):
        step = blocks if clock is None or (clock.work is not None and not clock.interrupted) else 1
        step = min(blocks - done, step)
        found = simulate(worlds, seed, replications, threads=threads, block_range=(done, done + step))
        parts.append(found.terms.sum(axis=2))
        if relieving:
            relief.append(_relief(worlds, seed, range(done, done + step), found.terms.shape[-1], threads))
        done += step
        told(min(done * GROUP, replications), replications)
    terms = np.concatenate(parts, axis=-1)
    more = np.concatenate(relief, axis=-1) if relieving else np.zeros((len(worlds), terms.shape[-1]))
    return [
        _values(one, made[k], terms[place[k]], more[place[k]], objective, rules)
        for one, k in zip(candidates, unlike, strict=True)
    ]


def _relieving(dataset: Dataset, measure: str) -> bool:
    """Whether the objective knows late penalties, and some job has days of grace or a cap."""
    jobs = dataset.tables["jobs"]
    excused = (pl.col("late_penalty_grace_days") > 0) | pl.col("late_penalty_cap").is_not_null()
    return measure in RELIEVED and bool(jobs.select(excused.fill_null(False).any()).item())


def _relief(worlds: Sequence[World], seed: int, blocks: range, count: int, threads: int | None) -> Terms:
    """(worlds, replications) [money] that grace and caps take off late penalties."""
    n = len(worlds)

    def of(k: int) -> Values:
        world, first = worlds[k % n], GROUP * blocks[k // n]
        return relieved(world, future(world, seed, first, GROUP), GROUP)

    found = spread(threads)(of, range(n * len(blocks)))
    return np.stack([np.concatenate(found[w::n])[:count] for w in range(n)])


def _unlike(candidates: Sequence[Candidate]) -> list[int]:
    """For each candidate the first one whose plan is the same."""
    columns = ["row", "resource", "start", "end"]
    plans = [one.activities[columns] for one in candidates]
    return [next(k for k in range(c + 1) if plans[k].equals(plans[c])) for c in range(len(plans))]


def world_of(source: Source, candidate: Candidate) -> World:
    """A candidate ready to be simulated, over this period and the next."""
    plan = cast(Plan, source.dataset.plan)
    after = next_end(plan)
    wide = replace(plan, horizon_end=after, boundaries=(plan.clock, plan.horizon_end, after))
    tables = {**source.dataset.tables, "activities": candidate.activities}
    dataset: Dataset = replace(source.dataset, tables=tables, plan=wide)
    resolved, findings = resolve(source.uncertainty, dataset)
    if any(finding.grade == "error" for finding in findings):
        raise DatasetError(findings)
    return prepared(candidate.name, dataset, resolved, start_policy=source.start_policy)


def _values(
    one: Candidate, world: World, terms: Terms, relief: Values, objective: str, rules: Policy
) -> dict[str, Values]:
    """Of one candidate; ``terms`` are (terms, periods + 1, replications)."""
    measure = measured(objective)
    fixed = sum(sum(one.price.parts.get(name, ())) for name in UNCHANGED)
    if measure == objective:
        planned: Terms = plant_terms(world.model).sum(axis=1).T[:, :, None]
        known = sum(one.price.parts.get(RELIEF, ())) if measure in RELIEVED else 0.0
        fixed = one.price.objective - float(_valued(measure, planned, rules)[0]) - known
    return {"value": _valued(measure, terms, rules) + relief + fixed} | {
        name: _kpi(name, terms, rules) for name in SHOWN
    }


def _valued(measure: str, terms: Terms, rules: Policy) -> Values:
    """The objective from terms; what was not supplied is left out, as the price does."""
    total = np.zeros(terms.shape[-1])
    for name, weight in OBJECTIVES[measure].items():
        if name in SLOT or name in KPIS:
            found = terms[SLOT[name]].sum(axis=0) if name in SLOT else _kpi(name, terms, rules)
            total += weight * (np.zeros_like(total) if np.isnan(found).all() else found)
    return total


def _kpi(name: str, terms: Terms, rules: Policy) -> Values:
    found = evaluate(KPIS[name], terms[:, :2].sum(axis=1).T, rules)
    return np.where(found.missing | found.undefined, np.nan, found.value)


@dataclass(frozen=True)
class Lab:
    """Futures in which a search tries its plans: others than those in which they are ranked."""

    source: Source
    objective: str = MONEY
    replications: int = 128
    threads: int | None = None

    def values(self, candidates: Sequence[Candidate]) -> list[Values]:
        """The objective of each candidate in each future."""
        if not candidates:
            return []
        seed = (self.source.seed + 0x9E3779B97F4A7C15) % 2**64
        found = simulated(self.source, candidates, self.objective, seed, self.replications, threads=self.threads)
        return [one["value"] for one in found]
