"""The period to its close: what has happened is actual, what has not is simulated; T = T actual + T projected.

The plan goes on from the state of its work at the instant of the forecast (rulings R31). Periods are cut there, so that
the part before it is known and the same in every future, and only the part after it carries luck.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple, cast

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tocfin.dataset import Dataset, Plan
from tocfin.dataset.plan import Progress, Unconfirmed
from tocfin.errors import UsageError
from tocfin.events.fold import Period
from tocfin.forecast.lines import Line, carried_on, line, scope_of
from tocfin.forecast.scopes import WHOLE, Cut, cuts, scopes_of
from tocfin.kpi import KPIS, SLOT, Policy, unit
from tocfin.measure import sums
from tocfin.model.build import Model
from tocfin.model.columns import Schedule
from tocfin.model.groups import Scope
from tocfin.model.progress import expected
from tocfin.scenarios.ensemble import kpi_values
from tocfin.scenarios.launch import term_unit
from tocfin.scenarios.resolve import Resolved
from tocfin.scenarios.run import Ensemble, simulate
from tocfin.scenarios.world import World, prepared

Terms = NDArray[np.float64]
Window = tuple[int, int]

#: KPIs that are forecast for each plant too.
LEADING = (
    "throughput", "operating_expense", "net_profit", "productivity", "throughput_per_drum_hour", "drum_utilization",
)  # fmt: skip
#: KPIs that are forecast for everything; stocks close with the period only where their flows are known (R35).
LISTED = tuple(name for name, kpi in KPIS.items() if kpi.polarity and kpi.contract)


class Asked(NamedTuple):
    """What is to be forecast, and how."""

    period: Period
    as_of: int
    rules: Policy
    replications: int
    seed: int
    unconfirmed: Unconfirmed = "not_done"
    threads: int | None = None


@dataclass(frozen=True)
class Projection:
    """The period under one grouping: terms (terms, groups, windows + 1, replications or 1)."""

    world: World
    cut: Cut
    plan: Terms  # as the plan was made
    actual: Terms  # as far as it is known at the instant
    ensemble: Ensemble | None  # None where nothing is left to be simulated
    edges: tuple[int, ...]
    as_of: int

    def totals(self, scope: Scope, window: Window) -> Terms:
        """Terms of a scope in a window, in every replication: what is known, then what is simulated."""
        found = np.zeros((self.actual.shape[0], 1))
        for at, (start, end) in enumerate(zip(self.edges, self.edges[1:], strict=False)):
            if start < window[0] or end > window[1]:
                continue
            known = end <= self.as_of or self.ensemble is None
            source = self.actual if known or self.ensemble is None else self.ensemble.terms[0]
            found = found + source[:, list(self.cut.groups[scope])][:, :, at].sum(axis=1)
        return found

    def known(self, scope: Scope, window: Window) -> Terms:
        """Terms of a scope that had happened by the instant: (terms, 1)."""
        return self._summed(self.actual, scope, window, self.as_of)

    def planned(self, scope: Scope, window: Window) -> Terms:
        """Terms of a scope as they were planned: (terms, 1)."""
        return self._summed(self.plan, scope, window, window[1])

    def _summed(self, terms: Terms, scope: Scope, window: Window, until: int) -> Terms:
        slices = [
            at
            for at, (start, end) in enumerate(zip(self.edges, self.edges[1:], strict=False))
            if start >= window[0] and end <= min(window[1], until)
        ]
        found: Terms = terms[:, list(self.cut.groups[scope])][:, :, slices].sum(axis=(1, 2))
        return found


def projected(dataset: Dataset, asked: Asked, resolved: Resolved, targets: pl.DataFrame) -> list[Projection]:
    """Simulate the period for every scope that is listed or has a target.

    ``dataset`` is what is known at the instant (``tocfin.forecast.known``). Raises UsageError where the plan has
    nothing to do with the period.
    """
    plan = cast(Plan, dataset.plan)
    start, end = asked.period.start, asked.period.end
    windows = targets.select("period_start", "period_end").unique().rows() if targets.height else []
    inner = {edge for window in windows for edge in window if start < edge < end}
    edges = tuple(sorted({start, end} | inner | ({asked.as_of} if start < asked.as_of < end else set())))
    whole = replace(
        plan, clock=start, horizon_end=end, boundaries=edges,
        progress=Progress(as_of=asked.as_of, unconfirmed=asked.unconfirmed),
    )  # fmt: skip
    _touched(dataset, asked.period)
    world = prepared("forecast", replace(dataset, plan=whole), resolved)
    assert world.standing is not None  # noqa: S101  # a plan with progress has one
    now = expected(world.model, world.network, world.standing)
    resources = dataset.tables["resources"]
    scopes = scopes_of(targets, world.model.keys["plant"].to_list())
    found = []
    for cut in cuts(world.model, resources, scopes):
        ours = replace(world, groups=cut.grouping)
        left = end > asked.as_of
        ensemble = simulate([ours], asked.seed, asked.replications, threads=asked.threads) if left else None
        found.append(
            Projection(
                ours, cut, _terms(world.model, world.model.schedule, cut), _terms(world.model, now, cut), ensemble,
                edges, asked.as_of,
            )
        )  # fmt: skip
    return found


def _terms(model: Model, schedule: Schedule, cut: Cut) -> Terms:
    """Terms of a schedule without luck: (terms, groups, windows + 1, 1)."""
    found: Terms = sums(model._replace(schedule=schedule), cut.grouping, model.horizon).transpose(2, 1, 0)
    return found[..., None]


def _touched(dataset: Dataset, period: Period) -> None:
    work = dataset.tables["activities"].filter((pl.col("start") < period.end) & (pl.col("end") > period.start))
    if not work.height:
        raise UsageError(
            f"insufficient data: no work is planned in period '{period.name}', so there is nothing to forecast; plan "
            "it, or name another period"
        )


def lines_of(
    projections: Sequence[Projection],
    asked: Asked,
    targets: pl.DataFrame,
    currency: str,
    more: Mapping[Scope, NDArray[np.float64]],
) -> list[Line]:
    """Every listed KPI of everything and of each plant, and every figure that a target is about.

    ``more`` is throughput of work that is not released yet, per replication, by scope.
    """
    place = {scope: one for one in projections for scope in one.cut.groups}
    window = (asked.period.start, asked.period.end)
    wanted: dict[tuple[str, Scope, Window], list[dict[str, Any]]] = {}
    for scope in place:
        if scope == Scope(plant=scope.plant):
            wanted |= {(name, scope, window): [] for name in (LISTED if scope == WHOLE else LEADING)}
    for row in targets.iter_rows(named=True):
        key = (row["kpi"], scope_of(row), (row["period_start"], row["period_end"]))
        wanted.setdefault(key, []).append(row)
    return [
        _line(place[scope], name, scope, frame, asked, rows, currency, more.get(scope) if frame == window else None)
        for (name, scope, frame), rows in wanted.items()
    ]


def _line(
    projection: Projection,
    name: str,
    scope: Scope,
    window: Window,
    asked: Asked,
    targets: Sequence[Mapping[str, Any]],
    currency: str,
    more: NDArray[np.float64] | None,
) -> Line:
    kpi = KPIS.get(name)
    shown = unit(kpi, currency) if kpi else term_unit(name, currency)
    closed = asked.as_of >= window[1]
    totals = projection.totals(scope, window)
    if more is not None and kpi is not None and _earns(name):
        totals = np.array(np.broadcast_to(totals, (totals.shape[0], more.size)))
        totals[SLOT["revenue"]] += more
    reason = None
    if kpi is not None and (kpi.kind == "stock" or kpi.stock):
        values, reason = np.full(1, np.nan), "stock at the close is not projected: its flows are not in the data set"
    else:
        values = valued(name, totals, asked.rules)
    before = _one(valued(name, projection.known(scope, window), asked.rules)) if asked.as_of > window[0] else None
    planned = None if reason else _one(valued(name, projection.planned(scope, window), asked.rules))
    rate = None if reason else carried_on(before, kpi, window, asked.as_of)
    return line(
        name, scope, window, shown, values, targets, closed=closed, plan=planned, actual=None if reason else before,
        run_rate=rate, reason=reason,
    )  # fmt: skip


def valued(name: str, totals: Terms, rules: Policy) -> NDArray[np.float64]:
    """A KPI or a term in every replication of ``totals`` (terms, replications)."""
    return kpi_values(name, totals, rules) if name in KPIS else totals[SLOT[name]]


def _earns(name: str) -> bool:
    """Whether work that is not released yet adds its throughput to a KPI."""
    return name in ("throughput", "net_profit", "productivity")


def _one(values: NDArray[np.float64]) -> float | None:
    return None if np.isnan(values[0]) else float(values[0])
