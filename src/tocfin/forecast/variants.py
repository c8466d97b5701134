"""Worlds that differ in one thing, under the luck of the world that they come from: what one thing is worth.

Nothing is read or prepared again, so that a hundred of them cost little more than their futures.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple, cast

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tocfin.dataset import Dataset, Plan
from tocfin.errors import Finding
from tocfin.kernels.block import frame_of, one_after_another, sum_terms
from tocfin.kernels.draw import GROUP
from tocfin.kpi import Policy
from tocfin.measure import rules_of
from tocfin.model.columns import Floats, Grouping
from tocfin.model.network import StartPolicy
from tocfin.opening import read
from tocfin.scenarios.futures import future, lane_enterprise, lane_schedule
from tocfin.scenarios.launch import opened
from tocfin.scenarios.luck import Demand
from tocfin.scenarios.quiet import NEVER_FAILS, kept, uncertain, without_quantity
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
    findings: tuple[Finding, ...] = ()
    uncertainty: Uncertainty = Uncertainty()
    start_policy: StartPolicy = "as soon as possible"

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
        scenario, chosen = launch.scenarios[0], launch.draws(seed, None, {}).seed
        rules = rules_of(launch.plan, policy)
        return Asked(world, chosen, rules, launch.findings, scenario.uncertainty, scenario.start_policy)
    return asked_of(read(place).require(), policy=policy, seed=seed)


def asked_of(
    dataset: Dataset, *, policy: str | None = None, seed: int | None = None, uncertainty: Uncertainty | None = None
) -> Asked:
    """As `asked`, of a data set that is open already, with what else is uncertain in it."""
    declared = uncertainty or Uncertainty()
    resolved, findings = resolve(declared, dataset)
    world = prepared(dataset.name, dataset, resolved, start_policy="as soon as possible")
    rules = rules_of(cast(Plan, dataset.plan), policy)
    return Asked(world, DEFAULT_SEED if seed is None else seed, rules, (*dataset.findings, *findings), declared)


def changed(question: Asked, name: str, **tables: pl.DataFrame) -> World:
    """The world with other tables, its work as much as the plan's own hours say; the luck of what stays is the same.

    Rows of activities must stay. Raises DatasetError where the changed data set cannot be simulated.
    """
    dataset = question.world.dataset
    other = replace(dataset, name=name, tables={**dataset.tables, **tables})
    resolved, _ = resolve(question.uncertainty, other)
    world = prepared(name, other, resolved, start_policy=question.start_policy, base=dataset)
    return replace(world, activity_work=question.world.activity_work)


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


def relieved(world: World, share: Floats, name: str) -> World:
    """The world in which each activity takes its ``share`` less of its planned work (array over the activities)."""
    return replace(world, name=name, activity_work=(1.0 - share) * world.activity_work)


def failing_less(world: World, resource: int, times: float, name: str) -> World | None:
    """The world in which a resource works ``times`` as long between failures; None where it never fails."""
    failing, here = world.luck.failing, world.luck.repair.target == resource
    if not (failing.between[here] < NEVER_FAILS).any():
        return None
    between = np.where(here, times * failing.between, failing.between)
    return replace(world, name=name, luck=world.luck._replace(failing=failing._replace(between=between)))


def without_scrap(world: World, operations: NDArray[np.int32], name: str) -> World | None:
    """The world in which some operations make nothing bad; None where they never do."""
    keep = ~np.isin(world.luck.scrap.target, operations)
    if keep.all():
        return None
    return replace(world, name=name, luck=world.luck._replace(scrap=kept(world.luck.scrap, keep)))


def ensemble(
    worlds: Sequence[World], seed: int, replications: int, groups: Grouping | None = None, *, steps: bool = False
) -> list[Floats]:
    """Terms (groups, replications, terms) of each world over all periods, the same futures of each.

    By plant unless ``groups`` says otherwise; the last group, which is thrown away, is left out. With ``steps`` the
    periods stay apart, in front of the groups; the last is *outside*.
    """
    firsts = range(0, replications, GROUP)

    def work(task: int) -> Floats:
        w, part = divmod(task, len(firsts))
        return _block(worlds[w], seed, firsts[part], min(GROUP, replications - firsts[part]), groups, steps)

    made = spread(None)(work, range(len(worlds) * len(firsts)))
    return [np.concatenate(made[w * len(firsts) : (w + 1) * len(firsts)], axis=-2) for w in range(len(worlds))]


def _block(world: World, seed: int, first: int, count: int, groups: Grouping | None, steps: bool) -> Floats:
    """Futures ``first`` to ``first + count`` as full schedules, summed by group."""
    block, horizon = future(world, seed, first, GROUP), world.model.horizon
    chosen = world.groups if groups is None else groups
    if not steps:
        horizon = horizon._replace(edges=np.zeros(0, np.int64))
    frame = frame_of(world.model.enterprise, world.model.schedule, horizon, chosen)
    given = [(lane_enterprise(world, block, s), lane_schedule(world, block, s)) for s in range(count)]
    terms = [sum_terms(*one, horizon, chosen, one_after_another, frame) for one in given]
    found = np.stack(terms, axis=2)
    return found if steps else found[0]
