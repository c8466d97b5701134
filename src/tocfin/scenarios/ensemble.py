"""KPIs of stored runs: one value per replication from the terms alone, and what is said about them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tocfin.errors import UsageError
from tocfin.kpi import KPIS, Policy, evaluate, policy, unit
from tocfin.scenarios.estimates import Probability, Summary, probability, summarise
from tocfin.scenarios.paired import Difference, Place, difference, ranking
from tocfin.scenarios.stopping import Sample
from tocfin.scenarios.stored import Run

Floats = NDArray[np.float64]


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
    """One job of one scenario: probabilities, and expected lateness [d] of those in which it takes place."""

    scenario: str
    job: str
    on_time: Probability
    inside: Probability
    late_days: float


@dataclass(frozen=True)
class ResourceLine:
    """One resource of one scenario: expected hours worked inside the horizon, and how often it is loaded most."""

    scenario: str
    resource: str
    hours: float
    constraint: Probability


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


def job_lines(run: Run) -> list[JobLine]:
    """Every job that takes place, the least punctual first."""
    names = ("job_present", "job_on_time", "job_ended", "job_late")
    present, on_time, ended, late = (run.read(name).sum(axis=-1) for name in names)
    return sorted(
        (
            JobLine(
                scenario,
                job,
                probability(int(on_time[at, j]), int(present[at, j])),
                probability(int(ended[at, j, :-1].sum()), int(present[at, j])),
                float(late[at, j] / present[at, j] / 86_400),
            )
            for at, scenario in enumerate(run.dims.scenario)
            for j, job in enumerate(run.dims.job)
            if present[at, j] > 0
        ),
        key=lambda line: (run.dims.scenario.index(line.scenario), line.on_time.value, -line.late_days),
    )


def resource_lines(run: Run) -> list[ResourceLine]:
    """Every resource, the most frequent constraint first."""
    n = run.replications().size
    busy, constraint = (run.read(name).sum(axis=-1) for name in ("resource_busy", "resource_constraint"))
    return sorted(
        (
            ResourceLine(scenario, name, float(busy[at, r] / n / 3_600), probability(int(constraint[at, r]), n))
            for at, scenario in enumerate(run.dims.scenario)
            for r, name in enumerate(run.dims.resource)
            if not np.isnan(busy[at, r])
        ),
        key=lambda line: (run.dims.scenario.index(line.scenario), -line.constraint.value, -line.hours),
    )


def compared(run: Run, base: str, kpis: Sequence[str], rules: Policy) -> list[Comparison]:
    """Every scenario against ``base``, replication by replication; raises UsageError for an unknown one."""
    if base not in run.dims.scenario:
        raise UsageError(f"scenario '{base}' is not in this run; there are {', '.join(run.dims.scenario)}")
    currency = run.manifest.notes["currency"]
    totals = {scenario: totals_of(run, scenario) for scenario in run.dims.scenario}
    found = []
    for name in kpis:
        if name not in KPIS:
            raise UsageError(f"'{name}' is not a KPI; `tocfin kpis` lists them")
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
