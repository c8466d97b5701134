"""KPIs of stored runs: one value per replication from the terms alone, and what is said about them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tocfin.dataset.findings import nearest
from tocfin.errors import UsageError
from tocfin.kpi import KPIS, Policy, evaluate, policy, unit
from tocfin.scenarios.estimates import Estimate, Probability, Summary, mean_of_sums, probability, summarise
from tocfin.scenarios.paired import Difference, Place, difference, ranking
from tocfin.scenarios.stopping import Sample
from tocfin.scenarios.stored import Run

Floats = NDArray[np.float64]
DAY, HOUR = 86_400, 3_600


@dataclass(frozen=True)
class KpiLine:
    """One KPI of one scenario over all replications; ``summary`` is None for a KPI that is neither good nor bad."""

    scenario: str
    kpi: str
    unit: str
    target: float | None
    summary: Summary


@dataclass(frozen=True)
class JobLine:
    """One job of one scenario: probabilities and expected lateness [d] of the futures in which it takes place.

    ``periods`` has P(ends in it) for each period. ``penalty`` is expected over all futures, with grace and cap of
    the job; None where the run does not hold it.
    """

    scenario: str
    job: str
    on_time: Probability
    inside: Probability
    late_days: float
    periods: tuple[Probability, ...]
    penalty: Estimate | None


@dataclass(frozen=True)
class Queue:
    """What waits for a resource: activities and planned hours on average over the horizon, hours waited by each."""

    activities: float
    hours: float
    wait: float | None


@dataclass(frozen=True)
class ResourceLine:
    """One resource of one scenario: hours worked inside the horizon, how often it is loaded most, what waits for it.

    ``hours`` and ``load`` (relative to the hours it is available) are expected; ``load`` and ``queue`` are None where
    the run does not hold them.
    """

    scenario: str
    resource: str
    hours: float
    load: float | None
    constraint: Probability
    queue: Queue | None


@dataclass(frozen=True)
class Comparison:
    """One KPI: every alternative against the base, and the order of all of them."""

    kpi: str
    unit: str
    differences: Mapping[str, Difference]
    places: Sequence[Place]


def kpi_values(kpi: str, totals: Floats, rules: Policy) -> Floats:
    """A KPI in every replication of ``totals`` (terms, replications); NaN where there is no value."""
    found = evaluate(KPIS[kpi], totals.T, rules)
    return np.where(found.missing | found.undefined, np.nan, found.value)


def samples_of(
    scenario: str, totals: Floats, kpis: Sequence[str], rules: Policy, targets: Mapping[str, float]
) -> list[Sample]:
    """KPIs of one scenario as the stopping rule takes them."""
    return [Sample(kpi, KPIS[kpi].polarity, kpi_values(kpi, totals, rules), scenario, targets.get(kpi)) for kpi in kpis]


def rules_of(run: Run, name: str | None = None) -> Policy:
    """The policy that a run was made under, or the one called ``name``."""
    notes = run.manifest.notes
    if name is not None and name != notes["policy"]:
        return policy(name)
    return policy(notes["policy"], json.loads(notes["flags"]))


def totals_of(run: Run, scenario: str, plants: Sequence[str] = ()) -> Floats:
    """Terms of a scenario over all periods and ``plants`` (default: all): (terms, replications)."""
    unknown = [plant for plant in plants if plant not in run.dims.plant]
    if unknown:
        raise UsageError(f"plant '{unknown[0]}' is not in this run; there are {', '.join(run.dims.plant[:20])}")
    shown = [at for at, plant in enumerate(run.dims.plant) if not plants or plant in plants]
    totals: Floats = run.read("terms", scenario=scenario)[:, shown].sum(axis=(1, 2))
    return totals


def kpi_lines(run: Run, rules: Policy, plants: Sequence[str] = ()) -> list[KpiLine]:
    """Every KPI that has a better side, of every scenario; targets count where all plants are shown."""
    currency, goals = run.manifest.notes["currency"], json.loads(run.manifest.notes["targets"])
    lines = []
    for scenario in run.dims.scenario:
        totals = totals_of(run, scenario, plants)
        for name, kpi in KPIS.items():
            if kpi.polarity:
                target = None if plants else goals[scenario].get(name)
                summary = summarise(kpi_values(name, totals, rules), kpi.polarity, target)
                lines.append(KpiLine(scenario, name, unit(kpi, currency), target, summary))
    return lines


def sums_of(run: Run, *names: str) -> list[Floats] | None:
    """Sums over all blocks; None for a run of an earlier tocfin that does not hold them."""
    if set(names) - {extra.name for extra in run.dims.extras}:
        return None
    return [run.read(name).sum(axis=-1) for name in names]


def job_lines(run: Run) -> list[JobLine]:
    """Every job that takes place, the least punctual first."""
    n = run.replications().size
    present, on_time, ended, late = (
        run.read(name).sum(axis=-1) for name in ("job_present", "job_on_time", "job_ended", "job_late")
    )
    money = sums_of(run, "job_penalty", "job_penalty_square")
    (inside,) = sums_of(run, "job_inside") or [ended[..., :-1].sum(axis=-1)]

    def line(at: int, j: int) -> JobLine:
        times = int(present[at, j])
        return JobLine(
            run.dims.scenario[at],
            run.dims.job[j],
            probability(int(on_time[at, j]), times),
            probability(int(inside[at, j]), times),
            float(late[at, j] / times / DAY),
            tuple(probability(int(count), times) for count in ended[at, j, :-1]),
            None if money is None else mean_of_sums(float(money[0][at, j]), float(money[1][at, j]), n),
        )

    shown = np.argwhere(present > 0).tolist()
    place = {name: at for at, name in enumerate(run.dims.scenario)}
    return sorted(
        (line(at, j) for at, j in shown), key=lambda one: (place[one.scenario], one.on_time.value, -one.late_days)
    )


def resource_lines(run: Run) -> list[ResourceLine]:
    """Every resource, the most frequent constraint first."""
    n = run.replications().size
    busy, constraint = (run.read(name).sum(axis=-1) for name in ("resource_busy", "resource_constraint"))
    available = sums_of(run, "resource_available")
    waits = sums_of(run, "resource_waiting", "resource_waiting_work", "resource_waited", "resource_starts")
    clock, end = json.loads(run.manifest.notes.get("horizon", "[0, 0]"))

    def line(at: int, r: int) -> ResourceLine:
        hours = float(busy[at, r] / n / HOUR)
        load = None
        if available is not None and available[0][at, r] > 0:
            load = float(busy[at, r] / available[0][at, r])
        return ResourceLine(
            run.dims.scenario[at],
            run.dims.resource[r],
            hours,
            load,
            probability(int(constraint[at, r]), n),
            None if waits is None else _queue([float(one[at, r]) for one in waits], n * (end - clock) / HOUR),
        )

    shown = np.argwhere(~np.isnan(busy)).tolist()
    place = {name: at for at, name in enumerate(run.dims.scenario)}
    return sorted(
        (line(at, r) for at, r in shown), key=lambda one: (place[one.scenario], -one.constraint.value, -one.hours)
    )


def _queue(waits: Sequence[float], hours: float) -> Queue:
    waiting, work, waited, starts = waits
    return Queue(waiting / HOUR / hours, work / HOUR / 60 / hours, waited / HOUR / starts if starts else None)


def compared(run: Run, base: str, kpis: Sequence[str], rules: Policy) -> list[Comparison]:
    """Every scenario against ``base``, replication by replication; raises UsageError for an unknown one."""
    if base not in run.dims.scenario:
        near = nearest(base, run.dims.scenario)
        raise UsageError(f"scenario '{base}' is not in this run{near}; there are {', '.join(run.dims.scenario)}")
    currency = run.manifest.notes["currency"]
    totals = {scenario: totals_of(run, scenario) for scenario in run.dims.scenario}
    found = []
    for name in kpis:
        if name not in KPIS:
            raise UsageError(f"'{name}' is not a KPI{nearest(name, tuple(KPIS))}; `tocfin kpis` lists them")
        kpi = KPIS[name]
        values = {scenario: kpi_values(name, total, rules) for scenario, total in totals.items()}
        if np.isnan(np.stack(list(values.values()))).any(axis=0).all():
            continue
        differences = {
            scenario: difference(values[scenario], values[base], kpi.polarity)
            for scenario in run.dims.scenario
            if scenario != base
        }
        found.append(Comparison(name, unit(kpi, currency), differences, ranking(values, kpi.polarity)))
    return found
