"""Everything that a report is about, gathered once: the plan, its futures and alternatives, what drives and ends them.

The report rounds and draws what is here, and computes nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from tocfin.bridge import Bridge, bridge
from tocfin.errors import UsageError
from tocfin.forecast.behind import (
    Behind,
    ChangedJob,
    RiskyJob,
    at_risk,
    behind_outlook,
    behind_scenario,
    changed_jobs,
)
from tocfin.forecast.buffers import BufferLine, PlannedLoad, buffer_lines, planned_loads
from tocfin.forecast.card import run_card
from tocfin.forecast.cutoff import last_decision
from tocfin.forecast.fan import Fan, cut, fan, known, stepped
from tocfin.forecast.gantt import Gantt, gantt
from tocfin.forecast.laid import laid_out
from tocfin.forecast.products import Products, products
from tocfin.forecast.variants import Asked, asked
from tocfin.kpi import KPIS, SLOT, evaluate
from tocfin.measure import measure
from tocfin.model.columns import Floats
from tocfin.model.progress import present
from tocfin.scenarios.estimates import Probability, Summary, probability, summarise
from tocfin.scenarios.goals import Goal, goal
from tocfin.scenarios.paired import Difference, difference
from tocfin.scenarios.quiet import uncertain, without_quantity
from tocfin.scenarios.run import Ensemble, simulate
from tocfin.scenarios.swings import Swing, swing
from tocfin.scenarios.world import World
from tocfin.scorecard import Scorecard

REPLICATIONS = 256
#: Futures in which each part of the luck is taken away.
SWINGS = 128
#: KPIs that futures are told of.
LEADING = ("throughput", "operating_expense", "net_profit", "throughput_per_drum_hour", "drum_utilization")


@dataclass(frozen=True, slots=True)
class Loaded:
    """Load of a resource in the futures: work ÷ available time on average, and P(it is loaded most of all)."""

    resource: str
    plant: str
    share: float | None
    most: Probability


@dataclass(frozen=True)
class Alternative:
    """A scenario beside the base, future by future.

    ``bridge`` leads from the base's expected net profit to the scenario's, and ``behind`` it are jobs.
    """

    name: str
    card: Scorecard
    differences: Mapping[str, Difference]
    bridge: Bridge
    behind: Behind
    jobs: tuple[ChangedJob, ...]


@dataclass(frozen=True)
class Dossier:
    """One plan, complete. ``goals`` are its targets with their chances, ``swings`` by how much net profit's spread and
    mean change where a quantity does as planned, the widest first. ``outlook`` leads from the plan's net profit to the
    mean of its futures, term by term, and ``behind`` it are jobs. ``actual`` are LEADING KPIs of what had happened by
    ``as_of``, empty where no state of the work is known (``as_of`` None). After ``last_decision`` a job that is begun
    usually ends beyond the close.
    """

    title: str
    name: str
    card: Scorecard
    goals: tuple[Goal, ...]
    summaries: Mapping[str, Summary]
    actual: Mapping[str, float]
    as_of: int | None
    last_decision: int | None
    fan: Fan
    outlook: Bridge
    behind: Behind
    alternatives: tuple[Alternative, ...]
    products: Products | None
    swings: tuple[tuple[str, Swing], ...]
    gantt: Gantt
    buffers: tuple[BufferLine, ...]
    loads: tuple[PlannedLoad, ...]
    loaded: tuple[Loaded, ...]
    at_risk: tuple[RiskyJob, ...]
    run: Mapping[str, str]


def dossier(
    sources: Sequence[str | Path],
    *,
    replications: int = REPLICATIONS,
    policy: str | None = None,
    seed: int | None = None,
) -> Dossier:
    """Gather everything about the first of ``sources`` (scenario files or data sets), the others beside it.

    All meet the same luck. Raises DatasetError with every finding, UsageError for scenarios that cannot be compared.
    """
    if not sources:
        raise UsageError("a report needs a scenario file or a data set")
    questions = [asked(source, policy=policy, seed=seed) for source in sources]
    first = questions[0]
    worlds = _unlike([stepped(question.world) for question in questions])
    base, dataset = worlds[0], first.world.dataset
    found = simulate(worlds, first.seed, replications)
    card = measure(dataset, policy=first.rules.name, model=first.world.model)
    now = present(dataset)
    laid = laid_out(now, policy, first.world.model if now is dataset else None)
    totals = [terms.sum(axis=(1, 2)).T for terms in found.terms]
    values = [{name: evaluate(KPIS[name], one, first.rules).value for name in LEADING} for one in totals]
    summaries = {name: summarise(values[0][name], KPIS[name].polarity) for name in LEADING}
    means = [one.mean(axis=0) for one in totals]
    return Dossier(
        title=first.plan.name or base.name,
        name=base.name,
        card=card,
        goals=tuple(goal(base, found.terms[0], line, first.rules) for line in card.targets),
        summaries=summaries,
        actual=known(base, first.rules, LEADING),
        as_of=None if base.standing is None else base.standing.as_of,
        last_decision=last_decision(dataset, *card.horizon),
        fan=fan(base, found.terms[0], first.rules),
        outlook=bridge(KPIS["net_profit"], _row(card.terms), means[0], first.rules),
        behind=behind_outlook(found, _row(card.terms), means[0]),
        alternatives=tuple(
            _alternative(questions[w], values[w], values[0], means, found, w) for w in range(1, len(questions))
        ),
        products=_products(first),
        swings=_swings(first, min(replications, SWINGS)),
        gantt=gantt(base, worlds[1] if len(worlds) > 1 else None),
        buffers=tuple(buffer_lines(dataset, policy=policy, laid=laid)) if dataset.tables["buffers"].height else (),
        loads=tuple(planned_loads(dataset, laid=laid)),
        loaded=_loaded(found),
        at_risk=at_risk(found, card.targets),
        run=run_card(first, replications, sources, summaries["net_profit"].mean),
    )


def _products(question: Asked) -> Products | None:
    """Products of the plan; None where no job names one."""
    made = question.world.dataset.tables["jobs"]["product"]
    return None if made.null_count() == made.len() else products(question, replications=16, disruption=False)


def _unlike(worlds: Sequence[World]) -> list[World]:
    """The worlds under names of their own: a data set and a scenario of it may be called the same."""
    names = [world.name for world in worlds]
    return [
        world if names.index(world.name) == at else replace(world, name=f"{world.name} ({at + 1})")
        for at, world in enumerate(worlds)
    ]


def _alternative(
    question: Asked,
    values: Mapping[str, Floats],
    theirs: Mapping[str, Floats],
    means: Sequence[Floats],
    found: Ensemble,
    w: int,
) -> Alternative:
    return Alternative(
        found.worlds[w].name,
        measure(question.world.dataset, policy=question.rules.name, model=question.world.model),
        {name: difference(values[name], theirs[name], KPIS[name].polarity) for name in LEADING},
        bridge(KPIS["net_profit"], means[0], means[w], question.rules),
        behind_scenario(found, w, means[0], means[w]),
        changed_jobs(found, w),
    )


def _row(terms: Mapping[str, float]) -> Floats:
    """Named terms of a scorecard as a row of all terms."""
    return np.array([terms.get(name, 0.0) for name in SLOT])


def _loaded(found: Ensemble) -> tuple[Loaded, ...]:
    """Every resource with time to work, the most loaded first."""
    world, n = found.worlds[0], found.replications
    resources, plants = (world.model.keys[name].to_list() for name in ("resource", "plant"))
    busy, free, most = (one[0].tolist() for one in (found.resource_busy, found.resource_available,
                                                    found.resource_constraint))  # fmt: skip
    lines = [
        Loaded(
            resources[r], plants[int(world.model.enterprise.resource_plant[r])],
            busy[r] / free[r] if free[r] else None, probability(int(most[r]), n),
        )
        for r in range(len(resources)) if busy[r] or free[r]
    ]  # fmt: skip
    return tuple(sorted(lines, key=lambda line: (-(line.share or 0.0), line.resource)))


def _swings(question: Asked, replications: int) -> tuple[tuple[str, Swing], ...]:
    """By how much net profit's spread and mean change where one quantity does as planned, the widest first."""
    world = cut(question.world, np.zeros(0))  # all periods in one: nothing here is told of any
    names = uncertain(world)
    if not names:
        return ()
    worlds = [world, *(replace(without_quantity(world, name), name=name) for name in names)]
    made = simulate(_unlike(worlds), question.seed, replications).terms.sum(axis=(2, 3))
    as_it_is, *off = (evaluate(KPIS["net_profit"], terms.T, question.rules).value for terms in made)
    found = [(name, swing(one, as_it_is)) for name, one in zip(names, off, strict=True)]
    return tuple(sorted(found, key=lambda one: -abs(one[1].width.value)))
