"""Scenario files made ready to be simulated together: read and checked, with the axes and provenance of their run."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cached_property
from importlib.metadata import version
from itertools import pairwise
from pathlib import Path
from typing import cast

from tocfin import __version__, unconfirmed
from tocfin.dataset import Dataset, Plan
from tocfin.dataset.findings import nearest
from tocfin.errors import DatasetError, Finding, UsageError
from tocfin.kernels.slots import TERM_NAMES
from tocfin.kpi import KPIS, Policy
from tocfin.measure import rules_of
from tocfin.model.progress import progress
from tocfin.opening import read
from tocfin.scenarios.journal import ChangedRunError
from tocfin.scenarios.manifest import Dims, Extra, Manifest, differences, dumped
from tocfin.scenarios.overrides import apply
from tocfin.scenarios.resolve import resolve
from tocfin.scenarios.run import Replay, replay, require_alike
from tocfin.scenarios.spec import Draws, Scenario, load
from tocfin.scenarios.stored import Run
from tocfin.scenarios.world import World, prepared

#: Replications of one block of the store: large enough that a file is worth its name, small enough to lose.
STORED = 256
#: Stands for the run's currency in the units of SUMS.
MONEY = "money"
#: Draws, their transforms and the order in which they are used; a change of any of them changes the number.
GENERATOR = "philox4x32-10 2"
STUCK = Extra(
    "stuck",
    ("scenario", "replication"),
    "first activity (row) that had no more calendar to be done in; -1 where all work had",
)
_JOB, _RESOURCE = ("scenario", "job", "block"), ("scenario", "resource", "block")
SUMS = (
    Extra("job_present", _JOB, "replications in which the job takes place"),
    Extra("job_on_time", _JOB, "of these, on time"),
    Extra("job_ended", ("scenario", "job", "period", "block"), "of these, ended in the period"),
    Extra("job_inside", _JOB, "of these, ended inside the horizon"),
    Extra("job_end", _JOB, "end after the clock, added up", "s"),
    Extra("job_late", _JOB, "lateness, added up", "s"),
    Extra("job_penalty", _JOB, "late penalty with its grace and its cap, added up", MONEY),
    Extra("job_penalty_square", _JOB, "squares of late penalties, added up", f"{MONEY}2"),
    Extra("job_earned", _JOB, "revenue where it ended inside the horizon, added up", MONEY),
    Extra("resource_busy", _RESOURCE, "available time worked, added up", "s"),
    Extra("resource_available", _RESOURCE, "available time inside the horizon, added up", "s"),
    Extra("resource_constraint", _RESOURCE, "replications in which it is loaded most"),
)
#: Kept beside these where they are asked for.
QUEUES = (
    Extra("resource_waiting", _RESOURCE, "time inside the horizon that activities waited for it, added up", "s"),
    Extra("resource_waiting_work", _RESOURCE, "this time by the planned work that waited, added up", "s min"),
    Extra("resource_waited", _RESOURCE, "time that activities waited which start inside the horizon", "s"),
    Extra("resource_starts", _RESOURCE, "activities that start inside the horizon, added up"),
)


def packages() -> dict[str, str]:
    """Versions of what takes part in the numbers."""
    return {"tocfin": __version__, "numpy": version("numpy"), "numba": version("numba")}


@dataclass(frozen=True)
class Launch:
    """Scenarios ready to be simulated together; ``inputs`` are SHA-256 by file, ``findings`` warnings."""

    scenarios: tuple[Scenario, ...]
    worlds: tuple[World, ...]
    rules: Policy
    inputs: Mapping[str, str]
    findings: tuple[Finding, ...]

    @cached_property
    def plan(self) -> Plan:
        """The plan of the first scenario, whose currency is that of all."""
        return cast(Plan, self.worlds[0].dataset.plan)

    @property
    def queues(self) -> bool:
        """Whether what waits for each resource is summed too."""
        return any(world.queues for world in self.worlds)

    def dims(self, replications: int, block: int = STORED) -> Dims:
        """The axes of a run of ``replications``; the period 1970-01-01 to 1970-01-01 is *outside* all others."""
        model = self.worlds[0].model
        edges = model.horizon.edges.tolist()
        return Dims(
            scenario=tuple(world.name for world in self.worlds),
            term=TERM_NAMES,
            term_units=tuple(term_unit(name, self.plan.currency) for name in TERM_NAMES),
            plant=tuple(model.keys["plant"].to_list()),
            period=(*pairwise(edges), (0, 0)),
            replications=replications,
            block=block,
            job=_united(world.model.keys["job"].to_list() for world in self.worlds),
            resource=_united(world.model.keys["resource"].to_list() for world in self.worlds),
            extras=tuple(
                replace(extra, units=extra.units.replace(MONEY, self.plan.currency))
                for extra in (*SUMS, *(QUEUES if self.queues else ()), STUCK)
            ),
        )

    def draws(self, seed: int | None, replications: int | None, tolerances: Mapping[str, float]) -> Draws:
        """How many futures the scenarios ask for, with what was said instead; raises UsageError where they disagree."""
        first = self.scenarios[0].draws
        if replications is not None and tolerances:
            raise UsageError("say either a number of replications or tolerances")
        if seed is not None:
            first = replace(first, seed=seed)
        elif len({scenario.draws.seed for scenario in self.scenarios}) > 1:
            raise UsageError("scenarios meet the same luck only with one seed; theirs differ, so say --seed")
        if replications is not None:
            return replace(first, replications=replications)
        if tolerances:
            sizes = {name: (relative, 0.0) for name, relative in tolerances.items()}
            return replace(first, replications=None, tolerances=sizes)
        if any(replace(scenario.draws, seed=first.seed) != first for scenario in self.scenarios):
            raise UsageError("the scenarios ask for different numbers of replications, so say --replications")
        return first

    def manifest(self, seed: int, blocks: tuple[int, int] | None) -> Manifest:
        """Provenance of a run."""
        return Manifest(
            inputs=self.inputs,
            seed=seed,
            generator=GENERATOR,
            formulas=__version__,
            packages=packages(),
            created_at=datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            blocks=blocks,
            notes={
                "currency": self.plan.currency,
                "horizon": json.dumps([self.plan.clock, self.plan.horizon_end]),
                "policy": self.rules.name,
                "flags": json.dumps(dict(self.rules.flags), sort_keys=True),
                "targets": json.dumps({world.name: targets_of(world.dataset) for world in self.worlds}),
                "scenario files": json.dumps([str(scenario.file.resolve()) for scenario in self.scenarios]),
                "set aside": json.dumps([one.message for one in self.findings if one.rule == "set-aside"]),
            },
        )


def opened(paths: Sequence[str | Path], *, queues: bool = False) -> Launch:
    """Scenario files with their bases read, their changes made and their noise resolved.

    With ``queues`` what waits for each resource is summed too. Raises DatasetError with every finding when a file or
    a data set has errors, UsageError for scenarios that cannot be compared.
    """
    findings: list[Finding] = []
    found = [load(path) for path in paths]
    if any(scenario is None for scenario, _ in found):
        raise DatasetError([finding for _, some in found for finding in some])
    scenarios = tuple(cast(Scenario, scenario) for scenario, _ in found)
    bases: dict[Path, Dataset] = {}
    worlds = []
    for scenario, (_, said) in zip(scenarios, found, strict=True):
        place = scenario.base.resolve()
        if place not in bases:
            bases[place] = read(place)
            bases[place].require()
            if (aside := bases[place].aside) is not None:
                findings.append(aside.finding)
        applied = apply(scenario, bases[place])
        resolved, unmatched = resolve(scenario.uncertainty, applied.dataset.require())
        findings += [*said, *applied.dataset.findings, *unmatched]
        world = prepared(
            scenario.name,
            applied.dataset,
            resolved,
            activity_work=applied.activity_work,
            start_policy=scenario.start_policy,
            base=bases[place] if scenario.overrides or scenario.additions else None,
        )
        findings += [*_from_the_plan(scenario, world), *_not_enforced(scenario, world)]
        if world.standing is not None and (world.standing.missing.size or world.standing.unused.size):
            findings += unconfirmed.findings(unconfirmed.doubt(progress(applied.dataset)))
        worlds.append(replace(world, queues=queues))
    require_alike(worlds)
    policies = {
        scenario.name: rules_of(cast(Plan, world.dataset.plan), None)
        for scenario, world in zip(scenarios, worlds, strict=True)
    }
    if len({json.dumps([one.name, dict(one.flags)], sort_keys=True) for one in policies.values()}) > 1:
        raise UsageError("scenarios that are compared need one policy; theirs differ")
    rules = next(iter(policies.values()))
    return Launch(scenarios, tuple(worlds), rules, _hashes(scenarios), tuple(dict.fromkeys(findings)))


def reopened(found: Run, paths: Sequence[str | Path] = ()) -> Launch:
    """The scenarios that a stored run was made of, from ``paths`` or its own, ready to be simulated again.

    Arrays that an older run lacks do not make it another run. Raises ChangedRunError, with each difference, when files
    or packages are not those that it was made with.
    """
    queues = any(extra.name == QUEUES[0].name for extra in found.dims.extras)
    launch = opened(paths or json.loads(found.manifest.notes["scenario files"]), queues=queues)
    dims = replace(launch.dims(found.dims.replications, found.dims.block), extras=found.dims.extras)
    changed = differences(dumped(launch.manifest(found.manifest.seed, None), dims), dumped(found.manifest, found.dims))
    if changed:
        raise ChangedRunError(f"{found.path} was made from something else:\n" + "\n".join(changed))
    return launch


def replayed(found: Run, replication: int, scenario: str | None = None) -> tuple[Replay, Policy, str]:
    """One future of a stored run from the files that it was made of, with the run's policy and currency.

    Raises ChangedRunError, with each difference, when those files have changed since.
    """
    at = place_of(found, scenario)
    if replication >= found.dims.replications:
        raise UsageError(f"there is no replication {replication}; this run has 0 to {found.dims.replications - 1}")
    launch = reopened(found)
    return replay(launch.worlds[at], found.manifest.seed, replication), launch.rules, launch.plan.currency


def place_of(found: Run, scenario: str | None) -> int:
    """Number of a scenario of a run, the first one when none is named; raises UsageError for an unknown name."""
    if scenario is not None and scenario not in found.dims.scenario:
        near = nearest(scenario, found.dims.scenario)
        raise UsageError(f"scenario '{scenario}' is not in this run{near}; there are {', '.join(found.dims.scenario)}")
    return 0 if scenario is None else found.dims.scenario.index(scenario)


def _from_the_plan(scenario: Scenario, world: World) -> list[Finding]:
    """That statuses of the work are there and futures start from the plan all the same."""
    begun = world.dataset.tables["activities"]["status"] == "Started"
    if world.standing is not None or not begun.any():
        return []
    message = (
        f"{int(begun.sum()):,} activities have begun, but futures of '{scenario.name}' start from the plan as it is;"
        " [progress] in plan.toml, or as_of in the scenario, lets them start from the state of the work"
    )
    return [Finding("warning", "state-not-used", scenario.file.name, None, None, message, file=scenario.file.name)]


def _not_enforced(scenario: Scenario, world: World) -> list[Finding]:
    return [
        Finding(
            "warning", "not-enforced", scenario.file.name, None, None,
            f"{count:,} {kind} link(s) of '{scenario.name}' do not hold in the plan itself and are not enforced",
            count=count,
        )
        for kind, count in sorted(world.dropped.items())
    ]  # fmt: skip


def targets_of(dataset: Dataset) -> dict[str, float]:
    """Budget targets of KPIs for everything over the whole horizon."""
    plan = cast(Plan, dataset.plan)
    scopes = ("plant", "department", "product", "resource")
    return {
        row["kpi"]: row["target"]
        for row in dataset.tables["targets"].iter_rows(named=True)
        if row["kpi"] in KPIS
        and not any(row[scope] for scope in scopes)
        and (row["version"] or "budget") == "budget"
        and (row["period_start"], row["period_end"]) == (plan.clock, plan.horizon_end)
    }


def term_unit(name: str, currency: str) -> str:
    """Unit of a term."""
    if name.startswith("late_days_"):
        return f"{currency}*d"
    if name.endswith(("_hours", "_hours_all", "_hours_counted")):
        return "h"
    if name.startswith("operating_days"):
        return "d"
    return "1" if name.startswith(("jobs_", "activities_")) else currency


def _united(lists: Iterable[list[str]]) -> tuple[str, ...]:
    """Keys of all scenarios, in the order in which they are met."""
    return tuple(dict.fromkeys(key for keys in lists for key in keys))


def _hashes(scenarios: Sequence[Scenario]) -> dict[str, str]:
    """SHA-256 of every scenario file, of what it declares as uncertain, and of every file of its base."""
    found = {}
    for scenario in scenarios:
        found[scenario.file.name] = _digest(scenario.file.read_bytes())
        found[f"{scenario.file.name}: uncertainty"] = _digest(repr(scenario.uncertainty).encode())
        base = scenario.base
        files = sorted(base.iterdir()) if base.is_dir() else [base]
        for file in files:
            if file.suffix.lower() in (".csv", ".parquet", ".xlsx", ".toml") and file.is_file():
                found[f"{base.name}/{file.name}" if base.is_dir() else base.name] = _digest(file.read_bytes())
    return found


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
