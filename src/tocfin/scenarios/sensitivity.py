"""Where the spread of a KPI comes from: futures of a stored run made again, as they were and with luck taken away."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from tocfin.dataset.findings import nearest
from tocfin.errors import UsageError
from tocfin.kpi import KPIS, Policy, unit
from tocfin.scenarios.again import Drawn, again
from tocfin.scenarios.ensemble import kpi_values
from tocfin.scenarios.estimates import Estimate, Probability, Values, mean, probability
from tocfin.scenarios.launch import place_of, reopened
from tocfin.scenarios.paired import Correlation, rank_correlation
from tocfin.scenarios.quiet import (
    noisy_resources,
    uncertain,
    without_factor,
    without_quantity,
    without_resource,
)
from tocfin.scenarios.stored import Run
from tocfin.scenarios.swings import Swing, swing, width
from tocfin.scenarios.uncertainty import Factor
from tocfin.scenarios.world import World

#: Futures that are made again unless told otherwise.
REPLICATIONS = 256
#: KPIs that are looked at unless told otherwise: the first that has a value.
FIRST = ("net_profit", "throughput")


@dataclass(frozen=True)
class Source:
    """A part of the luck: its ``kind`` (quantity, factor or resource), its name, and who owns it."""

    kind: str
    name: str
    owner: str | None = None


@dataclass(frozen=True)
class Critical:
    """How often work is on a longest chain (van Slyke's criticality index, Operations Research 11, 1963).

    The chain is followed back from a completion through whatever held each activity up, predecessors and the work
    before it on its resources alike. ``activity`` and ``job`` are None for a resource, which is on the chain when any
    of its work is.
    """

    resource: str
    activity: str | None
    job: str | None
    share: Probability


@dataclass(frozen=True)
class Sensitivity:
    """What makes a KPI of one scenario spread, from ``mean.n`` futures.

    ``swings`` are by how far it changes when a source is off, the widest first; ``ties`` are rank correlations of a
    source's noise with the KPI, the closest first; ``critical`` are resources, then activities, the most frequent
    first. ``toward`` is the job whose end the chains lead to; None: the last completion of all.
    """

    scenario: str
    kpi: str
    unit: str
    width: float
    mean: Estimate
    variance: float
    swings: Sequence[tuple[Source, Swing]]
    ties: Sequence[tuple[Source, Correlation]]
    critical: Sequence[Critical]
    toward: str | None


def sensitivity(
    found: Run,
    rules: Policy,
    *,
    kpi: str | None = None,
    scenario: str | None = None,
    job: str | None = None,
    replications: int = REPLICATIONS,
    threads: int | None = None,
    told: Callable[[int, int], None] = lambda done, wanted: None,
) -> Sensitivity:
    """Make the first ``replications`` futures of a run again, once for each source of luck that can be off.

    A quantity or a resource that is off does as planned; a factor that is off is at its middle. The same bits for any
    number of ``threads``. Raises ChangedRunError, with each difference, when the run's files have changed since;
    UsageError for a KPI, scenario or job that is not there.
    """
    at = place_of(found, scenario)
    if replications < 1:
        raise UsageError("there is nothing to look at in no replications; ask for at least 1")
    if kpi is not None and kpi not in KPIS:
        raise UsageError(f"'{kpi}' is not a KPI{nearest(kpi, tuple(KPIS))}; `tocfin kpis` lists them")
    launch = reopened(found)
    world, factors = launch.worlds[at], launch.scenarios[at].uncertainty.factors
    sources, worlds = _quietened(world, factors)
    totals, drawn = again(
        [world, *worlds], found.manifest.seed, min(replications, found.dims.replications), factors=len(factors),
        toward=_toward(world, job), threads=threads, told=told,
    )  # fmt: skip
    name = _chosen(kpi, totals[0], rules)
    base, *others = (kpi_values(name, one, rules) for one in totals)
    swings = [(source, swing(off, base)) for source, off in zip(sources, others, strict=True)]
    known = base[~np.isnan(base)]
    return Sensitivity(
        world.name, name, unit(KPIS[name], launch.plan.currency), width(known), mean(base),
        float(np.var(known, ddof=1)),
        sorted(swings, key=lambda one: -abs(one[1].width.value)),
        sorted(_ties(world, factors, drawn, base), key=lambda one: -abs(one[1].value)),
        _critical(world, drawn, base.size),
        job,
    )  # fmt: skip


def _toward(world: World, job: str | None) -> int | None:
    if job is None:
        return None
    rows = np.flatnonzero((world.model.keys["job"] == job).to_numpy())
    if not rows.size:
        raise UsageError(f"job '{job}' is not in scenario '{world.name}'")
    return int(rows[0])


def _chosen(kpi: str | None, totals: Values, rules: Policy) -> str:
    """The KPI asked for, else the first of FIRST that has values; raises UsageError where there are too few."""
    for name in FIRST if kpi is None else (kpi,):
        if np.count_nonzero(~np.isnan(kpi_values(name, totals, rules))) > 1:
            return name
    raise UsageError(f"{kpi or ' and '.join(FIRST)} has no value in these futures; name another one with --kpi")


def _quietened(world: World, factors: Sequence[Factor]) -> tuple[list[Source], list[World]]:
    """Everything that can be off, and the world without it."""
    names = world.model.keys["resource"].to_list()
    loaded = set(world.luck.factor_declared.tolist())
    found = [(Source("quantity", name), without_quantity(world, name)) for name in uncertain(world)]
    found += [
        (Source("factor", factor.name, factor.owner), without_factor(world, f))
        for f, factor in enumerate(factors)
        if f in loaded
    ]
    found += [(Source("resource", names[r]), without_resource(world, r)) for r in noisy_resources(world)]
    return [source for source, _ in found], [quiet for _, quiet in found]


def _ties(world: World, factors: Sequence[Factor], drawn: Drawn, values: Values) -> list[tuple[Source, Correlation]]:
    """Rank correlations of what was drawn with the KPI; what never varies has none."""
    names = world.model.keys["resource"].to_list()
    found = [
        (Source("factor", factor.name, factor.owner), rank_correlation(draws, values))
        for factor, draws in zip(factors, drawn.factor, strict=True)
    ]
    found += [
        (Source("resource", names[r]), rank_correlation(drawn.resource[r], values)) for r in noisy_resources(world)
    ]
    return [one for one in found if not np.isnan(one[1].value)]


def _critical(world: World, drawn: Drawn, n: int) -> list[Critical]:
    """Resources, then activities, that are ever on a chain."""
    keys, resource = world.model.keys, world.model.schedule.activity_resource
    names, jobs, activities = (keys[name].to_list() for name in ("resource", "job", "activity"))
    rows = np.argsort(-drawn.resource_critical, kind="stable").tolist()
    work = np.argsort(-drawn.activity_critical, kind="stable").tolist()
    found = [
        Critical(names[r], None, None, probability(int(drawn.resource_critical[r]), n))
        for r in rows
        if drawn.resource_critical[r]
    ]
    return found + [
        Critical(
            names[resource[a]], activities[a], jobs[world.activity_job[a]],
            probability(int(drawn.activity_critical[a]), n),
        )
        for a in work
        if drawn.activity_critical[a]
    ]  # fmt: skip
