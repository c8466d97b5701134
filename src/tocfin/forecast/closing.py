"""Where a period will end: state of the work, simulated to the close, beside targets, run rate and corrections."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import NamedTuple, cast

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tocfin.dataset import Dataset, Plan
from tocfin.dataset.page import Page
from tocfin.dataset.plan import Period, Unconfirmed
from tocfin.errors import DatasetError, Finding, UsageError
from tocfin.forecast.cascade import Gap, faults, gaps, of_period
from tocfin.forecast.cutoff import Bridge, Job, bridge, cut_off, last_decision
from tocfin.forecast.known import Source, known
from tocfin.forecast.lines import Line
from tocfin.forecast.project import Asked, Projection, lines_of, luck_of, projected, worked
from tocfin.forecast.recognised import Recognition, recognition
from tocfin.forecast.scopes import WHOLE
from tocfin.forecast.spans import listed_periods, period_called
from tocfin.forecast.totals import lines as totals_only
from tocfin.forecast.totals import posted
from tocfin.forecast.unreleased import Unreleased, by_plant, unreleased
from tocfin.kpi import Policy
from tocfin.measure import rules_of
from tocfin.model.groups import Scope
from tocfin.scenarios.resolve import Resolved, resolve
from tocfin.scenarios.uncertainty import Uncertainty, read_uncertainty

REPLICATIONS, SEED = 1_000, 1
#: File of a data set's folder that is taken where no uncertainty is named.
UNCERTAINTY = "uncertainty.toml"


class Adjustment(NamedTuple):
    """A correction by hand: it stands beside the forecast and is in none of its figures."""

    kpi: str
    scope: Scope
    amount: float
    reason: str
    author: str
    at: int


class NotConfirmed(NamedTuple):
    """Work that should have begun or ended and is not confirmed: how many activities, the oldest planned time."""

    activities: int
    oldest: int | None
    rule: Unconfirmed


@dataclass(frozen=True)
class Forecast:
    """A period as of an instant. ``terms`` are the mean terms of each scope, from which every flow adds up."""

    dataset: str
    period: Period
    as_of: int
    rules: Policy
    currency: str
    replications: int
    seed: int
    uncertainty: str
    lines: tuple[Line, ...]
    bridge: Bridge
    recognition: Recognition
    cut_off: tuple[Job, ...]
    unreleased: tuple[Unreleased, ...]
    adjustments: tuple[Adjustment, ...]
    gaps: tuple[Gap, ...]
    sources: tuple[Source, ...]
    unconfirmed: NotConfirmed
    last_decision: int | None
    findings: tuple[Finding, ...]
    terms: dict[Scope, NDArray[np.float64]]

    @property
    def days_left(self) -> float:
        """Days until the close."""
        return max(0.0, (self.period.end - self.as_of) / 86_400)

    @property
    def missed(self) -> bool:
        """True when a budget target is missed, or expected to be."""
        return any(one.budget is not None and one.budget.status in ("missed", "certain_miss") for one in self.lines)


def forecast(
    dataset: Dataset,
    *,
    period: str | None = None,
    as_of: int | None = None,
    uncertainty: str | Path | None = None,
    replications: int = REPLICATIONS,
    seed: int = SEED,
    policy: str | None = None,
    unconfirmed: Unconfirmed | None = None,
    threads: int | None = None,
) -> Forecast:
    """Forecast ``period`` (default: that of ``as_of``) as of ``as_of`` (default: now, as the plan has it) to its close.

    ``uncertainty`` is a TOML file (`tocfin fit` writes one), by default ``uncertainty.toml`` in the data set's folder;
    without any, the forecast is one future and says so. The same arguments give the same bits for any ``threads``.
    Raises DatasetError for a data set with errors, UsageError for an unknown period or one in which nothing is planned.
    """
    plan = cast(Plan, dataset.require().plan)
    said = plan.progress
    instant_of = plan.now if as_of is None else as_of
    chosen = period_called(dataset, period, instant_of)
    rule: Unconfirmed = unconfirmed or ("not_done" if said is None else said.unconfirmed)
    asked = Asked(chosen, instant_of, rules_of(plan, policy), replications, seed, rule, threads)
    seen = known(dataset, asked.as_of)
    noise, name, told = declared(dataset, uncertainty)
    resolved, unmatched = resolve(noise, seen.dataset)
    if not (noise.rules or _drawn(resolved)):
        asked = asked._replace(replications=1)
    targets, beyond = of_period(dataset.tables["targets"], chosen)
    actuals = seen.dataset.tables["actuals"]
    listed = [one for one in (chosen, *listed_periods(dataset)) if chosen.start <= one.start and one.end <= chosen.end]
    total = partial(posted, actuals, listed[1:] or [chosen], as_of=asked.as_of)
    window = (chosen.start, chosen.end)
    inside = actuals.filter(pl.col("at").is_between(*window, closed="left"))
    projections, later, recognised = [], [], Recognition({}, {}, {})
    if worked(dataset, chosen):
        projections = projected(seen.dataset, asked, resolved, targets)
        later = unreleased(seen.dataset, chosen, asked.as_of, asked.rules, asked.replications, seed)
        first = projections[0]
        recognised = recognition(
            seen.dataset, first.world, first.now, chosen, asked.as_of, asked.rules, luck_of(asked)
        )  # fmt: skip
        lines = lines_of(projections, asked, targets, plan.currency, _more(later), total, recognised)
    elif inside.height:
        lines = totals_only(inside, targets, total, window, asked.as_of, plan.currency)
        told = []  # nothing is drawn, so nothing need be uncertain
    else:
        raise UsageError(
            f"insufficient data: in period '{chosen.name}' no work is planned and there is no actual total, so there "
            "is nothing to forecast; plan it, or name another period"
        )
    found = [*seen.findings, *told, *unmatched, *faults(targets, beyond, dataset)]
    return Forecast(
        dataset.name, chosen, asked.as_of, asked.rules, plan.currency, asked.replications, seed, name, tuple(lines),
        bridge(seen.dataset, chosen, asked.as_of), recognised, _near(seen.dataset, projections, asked),
        tuple(later), _adjustments(seen.dataset, chosen), tuple(gaps(targets)), seen.sources,
        _unconfirmed(projections, rule), last_decision(seen.dataset, chosen.start, chosen.end), tuple(found),
        _mean_terms(projections, (chosen.start, chosen.end)),
    )  # fmt: skip


def declared(dataset: Dataset, given: str | Path | None) -> tuple[Uncertainty, str, list[Finding]]:
    """What is uncertain, the name of its file, and what is to be said of it."""
    beside = dataset.path / UNCERTAINTY if dataset.path is not None and dataset.path.is_dir() else None
    file = Path(given) if given is not None else beside if beside is not None and beside.is_file() else None
    if file is None:
        message = (
            "no uncertainty is declared, so what is left goes as planned and the band has no width: give "
            "--uncertainty, or put what `tocfin fit` learned from history beside the tables as uncertainty.toml"
        )
        return Uncertainty(), "none", [Finding("warning", "no-uncertainty", "plan.toml", None, None, message)]
    if not file.is_file():
        raise UsageError(f"{file}: there is no such file of uncertainty")
    page = Page(file.name)
    found = read_uncertainty(page, {"uncertainty": {"file": file.name}}, file.parent)
    if any(finding.grade == "error" for finding in page.findings):
        raise DatasetError(page.findings)
    return found, file.name, page.findings


def _drawn(resolved: Resolved) -> bool:
    """Whether columns of the tables declare something uncertain (breakdowns, scrap rates)."""
    return any(getattr(part, "target", np.zeros(0)).size for part in resolved if part is not None)


def _more(lines: Sequence[Unreleased]) -> dict[Scope, NDArray[np.float64]]:
    """Throughput of work that is not released yet, of each plant and of all."""
    found = {Scope(plant=plant): values for plant, values in by_plant(lines).items()}
    if found:
        found[WHOLE] = np.sum(list(found.values()), axis=0)
    return found


def _adjustments(dataset: Dataset, period: Period) -> tuple[Adjustment, ...]:
    rows = dataset.tables["adjustments"].filter(pl.col("period") == period.name).sort("at", "row")
    scopes = ("plant", "department", "product", "resource")
    return tuple(
        Adjustment(
            row["kpi"], Scope(**{name: row[name] for name in scopes}), row["amount"], row["reason"], row["author"],
            row["at"],
        )
        for row in rows.iter_rows(named=True)
    )  # fmt: skip


def _near(dataset: Dataset, projections: Sequence[Projection], asked: Asked) -> tuple[Job, ...]:
    return cut_off(dataset, projections[0], asked.period, asked.rules) if projections else ()


def _unconfirmed(projections: Sequence[Projection], rule: Unconfirmed) -> NotConfirmed:
    standing = projections[0].world.standing if projections else None
    if standing is None:
        return NotConfirmed(0, None, rule)
    rows = standing.missing
    start = projections[0].world.model.schedule.activity_start[rows]
    return NotConfirmed(int(rows.size), int(start.min()) if rows.size else None, standing.unconfirmed)


def _mean_terms(projections: Sequence[Projection], window: tuple[int, int]) -> dict[Scope, NDArray[np.float64]]:
    return {
        scope: one.totals(scope, window).mean(axis=1) for one in projections for scope in one.cut.groups
    }  # fmt: skip
