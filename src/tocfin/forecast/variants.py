"""Worlds that differ in one thing, under the luck of the world that they come from: what one thing is worth.

Nothing is read or prepared again, so that a hundred of them cost little more than their futures.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple, cast

import numpy as np
from numpy.typing import NDArray

from tocfin.dataset import Dataset, Plan
from tocfin.errors import Finding, UsageError
from tocfin.kernels.block import sum_terms
from tocfin.kernels.draw import GROUP
from tocfin.kpi import Policy
from tocfin.measure import rules_of
from tocfin.model.columns import Floats, Grouping
from tocfin.opening import read
from tocfin.scenarios.futures import future, lane_enterprise, lane_schedule
from tocfin.scenarios.launch import opened
from tocfin.scenarios.luck import Demand
from tocfin.scenarios.quiet import uncertain, without_quantity
from tocfin.scenarios.resolve import resolve
from tocfin.scenarios.spec import DEFAULT_SEED
from tocfin.scenarios.uncertainty import Uncertainty
from tocfin.scenarios.world import World, prepared
from tocfin.workers import spread


class Asked(NamedTuple):
    """One world to ask questions of, the seed of its luck, its policy, and warnings on the way."""

    world: World
    seed: int
    rules: Policy
    findings: tuple[Finding, ...]

    @property
    def plan(self) -> Plan:
        """The plan of its data set."""
        return cast(Plan, self.world.dataset.plan)


def asked(path: str | Path, *, policy: str | None = None, seed: int | None = None) -> Asked:
    """The world of a scenario file, or of a data set whose work starts as soon as possible.

    A data set alone knows of breakdowns and scrap (columns of resources and operations) and of no other luck. Raises
    DatasetError with every finding, UsageError for a path that is neither.
    """
    place = Path(path)
    if place.suffix.lower() == ".toml":
        launch = opened([place])
        world = launch.worlds[0]
        chosen = launch.draws(seed, None, {}).seed
        return Asked(world, chosen, rules_of(launch.plan, policy), launch.findings)
    return asked_of(read(place).require(), policy=policy, seed=seed)


def asked_of(dataset: Dataset, *, policy: str | None = None, seed: int | None = None) -> Asked:
    """As `asked`, of a data set that is open already."""
    resolved, findings = resolve(Uncertainty(), dataset)
    world = prepared(dataset.name, dataset, resolved, start_policy="as soon as possible")
    rules = rules_of(cast(Plan, dataset.plan), policy)
    return Asked(world, DEFAULT_SEED if seed is None else seed, rules, (*dataset.findings, *findings))


def certain(world: World, name: str) -> World:
    """The world in which everything goes as planned; it has one future."""
    for quantity in uncertain(world):
        world = without_quantity(world, quantity)
    return replace(world, name=name)


def without_jobs(world: World, gone: NDArray[np.bool_], name: str) -> World:
    """The world in which some jobs (mask over its jobs) do not take place; the work of others moves up."""
    demand = world.luck.demand
    known = np.isin(demand.job, np.flatnonzero(gone))
    new = np.setdiff1d(np.flatnonzero(gone), demand.job).astype(np.int32)
    changed = Demand(
        np.concatenate([demand.job, new]),
        np.concatenate([demand.uid, np.zeros(new.size, np.uint64)]),
        np.concatenate([np.where(known, 1.0, demand.cancelled), np.ones(new.size)]),
        np.concatenate([np.where(known, 1.0, demand.present), np.ones(new.size)]),
    )
    return replace(world, name=name, luck=world.luck._replace(demand=changed))


def relieved(world: World, rows: NDArray[np.bool_], share: float, name: str) -> World:
    """The world in which some activities (mask) take ``share`` less of their planned work."""
    if not 0 <= share < 1:
        raise UsageError(f"work cannot become {share:.0%} less")
    return replace(
        world, name=name, activity_work=np.where(rows, (1.0 - share) * world.activity_work, world.activity_work)
    )


def ensemble(worlds: Sequence[World], seed: int, replications: int, groups: Grouping | None = None) -> list[Floats]:
    """Terms (groups, replications, terms) of each world over all periods, the same futures of each.

    By plant unless ``groups`` says otherwise; the last group, which is thrown away, is left out.
    """
    firsts = range(0, replications, GROUP)

    def work(task: int) -> Floats:
        w, part = divmod(task, len(firsts))
        return _block(worlds[w], seed, firsts[part], min(GROUP, replications - firsts[part]), groups)

    made = spread(None)(work, range(len(worlds) * len(firsts)))
    return [np.concatenate(made[w * len(firsts) : (w + 1) * len(firsts)], axis=1) for w in range(len(worlds))]


def _block(world: World, seed: int, first: int, count: int, groups: Grouping | None) -> Floats:
    """Futures ``first`` to ``first + count`` as full schedules, summed by group."""
    block, horizon = future(world, seed, first, GROUP), world.model.horizon._replace(edges=np.zeros(0, np.int64))
    chosen = world.groups if groups is None else groups
    return np.stack(
        [
            sum_terms(lane_enterprise(world, block, s), lane_schedule(world, block, s), horizon, chosen)[0]
            for s in range(count)
        ],
        axis=1,
    )
