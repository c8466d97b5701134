"""Everything that a report is about, gathered once: the plan, its futures and alternatives, what drives and ends them.

The report rounds and draws what is here, and computes nothing else.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import numpy as np

from tocfin.bridge import Bridge, bridge
from tocfin.dataset import Dataset
from tocfin.dataset.text import instant
from tocfin.errors import UsageError
from tocfin.forecast.buffers import BufferLine, PlannedLoad, buffer_lines, planned_loads
from tocfin.forecast.fan import Fan, fan
from tocfin.forecast.gantt import Gantt, gantt
from tocfin.forecast.products import Products, products
from tocfin.forecast.variants import Asked, asked, ensemble
from tocfin.kpi import KPIS, SLOT, evaluate
from tocfin.measure import measure
from tocfin.model.columns import Floats
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
#: A job whose chance to be on time is below this is at risk.
AT_RISK = 0.8
#: What a job that is not in a scenario has.
NOT_THERE = np.zeros(4)


@dataclass(frozen=True, slots=True)
class RiskyJob:
    """A job that may be late: P(on time), P(ends in the horizon), expected late penalty and its revenue [money]."""

    job: str
    plant: str
    on_time: Probability
    inside: Probability
    penalty: float | None
    revenue: float | None


@dataclass(frozen=True, slots=True)
class ChangedJob:
    """A job in an alternative less in the base: P(on time), P(in the horizon), hours later, revenue less penalty."""

    job: str
    on_time: float
    inside: float
    hours: float
    money: float


@dataclass(frozen=True)
class Alternative:
    """A scenario beside the base, future by future."""

    name: str
    card: Scorecard
    differences: Mapping[str, Difference]
    bridge: Bridge
    jobs: tuple[ChangedJob, ...]


@dataclass(frozen=True)
class Dossier:
    """One plan, complete. ``goals`` are its targets with their chances, ``swings`` by how much net profit's spread and
    mean change where a quantity does as planned, the widest first. ``outlook`` leads from the plan's net profit to the
    mean of its futures, term by term.
    """

    title: str
    name: str
    card: Scorecard
    goals: tuple[Goal, ...]
    summaries: Mapping[str, Summary]
    fan: Fan
    outlook: Bridge
    alternatives: tuple[Alternative, ...]
    products: Products | None
    swings: tuple[tuple[str, Swing], ...]
    gantt: Gantt
    buffers: tuple[BufferLine, ...]
    loads: tuple[PlannedLoad, ...]
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
    worlds = _unlike([question.world for question in questions])
    found = simulate(worlds, first.seed, replications)
    dataset = first.world.dataset
    card = measure(dataset, policy=first.rules.name)
    totals = [terms.sum(axis=(1, 2)).T for terms in found.terms]
    values = [{name: evaluate(KPIS[name], one, first.rules).value for name in LEADING} for one in totals]
    return Dossier(
        title=first.plan.name or worlds[0].name,
        name=worlds[0].name,
        card=card,
        goals=tuple(goal(worlds[0], found.terms[0], line, first.rules) for line in card.targets),
        summaries={name: summarise(values[0][name], KPIS[name].polarity) for name in LEADING},
        fan=fan(first, replications),
        outlook=bridge(KPIS["net_profit"], _row(card.terms), totals[0].mean(axis=0), first.rules),
        alternatives=tuple(
            _alternative(card, questions[w], values[w], values[0], found, w) for w in range(1, len(questions))
        ),
        products=_products(first),
        swings=_swings(first, min(SWINGS, replications)),
        gantt=gantt(worlds[0], worlds[1] if len(worlds) > 1 else None),
        buffers=tuple(buffer_lines(dataset, policy=policy)) if dataset.tables["buffers"].height else (),
        loads=tuple(planned_loads(dataset)),
        at_risk=_at_risk(found),
        run=_run_card(first, replications, sources),
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
    base: Scorecard,
    question: Asked,
    values: Mapping[str, Floats],
    theirs: Mapping[str, Floats],
    found: Ensemble,
    w: int,
) -> Alternative:
    card = measure(question.world.dataset, policy=question.rules.name)
    before, after = (_row(one.terms) for one in (base, card))
    return Alternative(
        found.worlds[w].name,
        card,
        {name: difference(values[name], theirs[name], KPIS[name].polarity) for name in LEADING},
        bridge(KPIS["net_profit"], before, after, question.rules),
        _changed(found, w),
    )


def _row(terms: Mapping[str, float]) -> Floats:
    """Named terms of a scorecard as a row of all terms."""
    return np.array([terms.get(name, 0.0) for name in SLOT])


def _changed(found: Ensemble, w: int) -> tuple[ChangedJob, ...]:
    """Jobs of scenario ``w`` whose chances or ends differ from the base's, those with most money first."""
    sides = [_job_means(found, at) for at in (0, w)]
    changed = []
    for job in [*sides[0], *(job for job in sides[1] if job not in sides[0])]:
        before, after = (side.get(job, NOT_THERE) for side in sides)
        gap = after - before
        if np.abs(gap).max() > 0:
            changed.append(ChangedJob(job, *gap.tolist()))
    return tuple(sorted(changed, key=lambda one: (-abs(one.money), -abs(one.on_time), one.job)))


def _job_means(found: Ensemble, w: int) -> dict[str, Floats]:
    """Of each job: P(on time), P(in the horizon), mean end [h], revenue less penalty, over all futures."""
    n = found.replications
    money = np.nan_to_num(found.job_earned[w].sum(axis=1) - found.job_penalty[w].sum(axis=1))
    columns = (found.job_on_time[w], found.job_inside[w], found.job_end[w] / 3_600, money)
    table = np.stack(columns, axis=1) / n
    return dict(zip(found.worlds[w].model.keys["job"].to_list(), table, strict=True))


def _at_risk(found: Ensemble) -> tuple[RiskyJob, ...]:
    """Jobs of the base that are on time in fewer than AT_RISK of their futures, those with most revenue first."""
    world = found.worlds[0]
    jobs, plants = (world.model.keys[name].to_list() for name in ("job", "plant"))
    revenue, plant = world.model.enterprise.job_revenue, world.model.enterprise.job_plant
    risky = []
    for j in np.flatnonzero(found.job_present[0]).tolist():
        n = int(found.job_present[0][j])
        on_time = probability(int(found.job_on_time[0][j]), n)
        if on_time.value < AT_RISK:
            penalty = float(found.job_penalty[0][j].sum()) / found.replications
            risky.append(
                RiskyJob(jobs[j], plants[plant[j]], on_time, probability(int(found.job_inside[0][j]), n),
                         _known(penalty), _known(float(revenue[j])))
            )  # fmt: skip
    return tuple(sorted(risky, key=lambda one: (-(one.revenue or 0.0), one.job)))


def _known(value: float) -> float | None:
    return None if np.isnan(value) else value


def _swings(question: Asked, replications: int) -> tuple[tuple[str, Swing], ...]:
    """By how much net profit's spread and mean change where one quantity does as planned, the widest first."""
    names = uncertain(question.world)
    worlds = [replace(without_quantity(question.world, name), name=name) for name in names]
    terms = [one.sum(axis=0) for one in ensemble([question.world, *worlds], question.seed, replications)]
    base, *off = (evaluate(KPIS["net_profit"], one, question.rules).value for one in terms)
    found = [(name, swing(one, base)) for name, one in zip(names, off, strict=True)]
    return tuple(sorted(found, key=lambda one: -abs(one[1].width.value)))


def _run_card(first: Asked, replications: int, sources: Sequence[str | Path]) -> dict[str, str]:
    plan = first.plan
    return {
        "sources": ", ".join(Path(source).name for source in sources),
        "policy": first.rules.name,
        "horizon": f"{instant(plan.clock)} to {instant(plan.horizon_end)}",
        "replications": f"{replications:,}",
        "seed": str(first.seed),
        "data known until": instant(plan.clock),
        "data hash": content_hash(first.world.dataset)[:16],
        **{name: version(name) for name in ("tocfin", "numpy", "numba")},
        "made at": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
    }


def content_hash(dataset: Dataset) -> str:
    """SHA-256 of the cells of a data set, whatever files they came from."""
    digest = hashlib.sha256()
    for name, table in sorted(dataset.tables.items()):
        digest.update(name.encode())
        digest.update(table.drop("row").write_csv().encode())
    return digest.hexdigest()
