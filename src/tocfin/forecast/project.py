"""The period to its close: what has happened is actual, what has not is simulated; T = T actual + T projected.

The plan goes on from the state of its work at the instant of the forecast (rulings R31). Periods are cut there, so that
the part before it is known and the same in every future, and only the part after it carries luck.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple, cast

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tocfin.dataset import Dataset, Plan
from tocfin.dataset.plan import Period, Progress, Unconfirmed
from tocfin.forecast.lines import Line, carried_on, line, scope_of
from tocfin.forecast.recognised import JOB_FIGURES, Recognition
from tocfin.forecast.scopes import WHOLE, Cut, cuts, scopes_of, shown
from tocfin.forecast.stocks import Stocks, stocks, why_not
from tocfin.forecast.totals import Posted
from tocfin.kernels.slots import ADHERED, DUE
from tocfin.kpi import CLOSING, KPIS, SLOT, Kpi, Policy, unit, with_levels
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
    stock: Stocks
    now: Schedule  # times that are known, and expected without luck

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

    ``dataset`` is what is known at the instant (``tocfin.forecast.known``).
    """
    plan = cast(Plan, dataset.plan)
    start, end = asked.period.start, asked.period.end
    windows = targets.select("period_start", "period_end").unique().rows() if targets.height else []
    inner = {asked.as_of, *(edge for window in windows for edge in window)}
    inner |= {at for at in dataset.tables["actuals"]["at"].to_list() if at < asked.as_of}
    edges = tuple(sorted({start, end} | {edge for edge in inner if start < edge < end}))
    whole = replace(
        plan, clock=start, horizon_end=end, boundaries=edges,
        progress=Progress(as_of=asked.as_of, unconfirmed=asked.unconfirmed),
    )  # fmt: skip
    world = prepared("forecast", replace(dataset, plan=whole), resolved)
    assert world.standing is not None  # noqa: S101  # a plan with progress has one
    now = expected(world.model, world.network, world.standing)
    resources = dataset.tables["resources"]
    scopes = scopes_of(targets, world.model.keys["plant"].to_list())
    stock = stocks(dataset, world, now, (asked.as_of, *edges[1:]), asked.as_of, luck_of(asked))
    found = []
    for cut in cuts(world.model, resources, scopes):
        plan_terms = _terms(world.model, world.model.schedule, cut)
        ours = replace(world, groups=cut.grouping, adherence=plan_terms[[DUE, ADHERED], ..., 0])
        left = end > asked.as_of
        ensemble = simulate([ours], asked.seed, asked.replications, threads=asked.threads) if left else None
        found.append(
            Projection(
                ours, cut, plan_terms, _terms(world.model, now, cut), ensemble, edges, asked.as_of, stock, now,
            )
        )  # fmt: skip
    return found


def luck_of(asked: Asked) -> tuple[int, int, int | None] | None:
    """Seed, replications and threads; None where nothing is left to be simulated."""
    return (asked.seed, asked.replications, asked.threads) if asked.period.end > asked.as_of else None


def _terms(model: Model, schedule: Schedule, cut: Cut) -> Terms:
    """Terms of a schedule without luck: (terms, groups, windows + 1, 1)."""
    found: Terms = sums(model._replace(schedule=schedule), cut.grouping, model.horizon).transpose(2, 1, 0)
    return found[..., None]


def worked(dataset: Dataset, period: Period) -> bool:
    """Whether any work is planned in ``period``."""
    planned = dataset.tables["activities"].filter((pl.col("start") < period.end) & (pl.col("end") > period.start))
    return bool(planned.height)


def lines_of(
    projections: Sequence[Projection],
    asked: Asked,
    targets: pl.DataFrame,
    currency: str,
    more: Mapping[Scope, NDArray[np.float64]],
    total: Callable[[str, Scope, Window], Posted | None],
    recognised: Recognition,
) -> list[Line]:
    """Every listed KPI of everything and of each plant, and every figure that a target or a total is about.

    ``more`` is throughput of work that is not released yet, per replication, by scope. ``total`` tells what a ledger
    says of a figure: of a flow it takes the place of what the shop floor says until then. A target that counts jobs at
    shipment or invoice has a line of its own, by what is ``recognised`` by the close.
    """
    place = {scope: one for one in projections for scope in one.cut.groups}
    window = (asked.period.start, asked.period.end)
    wanted: dict[tuple[str, Scope, Window], list[dict[str, Any]]] = {}
    for scope in place:
        if scope == Scope(plant=scope.plant):
            wanted |= {(name, scope, window): [] for name in (LISTED if scope == WHOLE else LEADING)}
    others: dict[tuple[str, Scope, Window, str], list[dict[str, Any]]] = {}
    for row in targets.iter_rows(named=True):
        key, event = (row["kpi"], scope_of(row), (row["period_start"], row["period_end"])), row["recognition"]
        if event in (None, "completion"):
            wanted.setdefault(key, []).append(row)
        else:
            others.setdefault((*key, event), []).append(row)
    return [
        _line(place[key[1]], *key, asked, rows, currency, more.get(key[1]) if key[2] == window else None, total(*key))
        for key, rows in wanted.items()
    ] + [_recognised(place[key[1]], *key, asked, rows, currency, recognised) for key, rows in others.items()]


def _recognised(
    projection: Projection,
    name: str,
    scope: Scope,
    window: Window,
    event: str,
    asked: Asked,
    targets: Sequence[Mapping[str, Any]],
    currency: str,
    recognised: Recognition,
) -> Line:
    """A figure whose jobs count at shipment or invoice: that at completion, less and more what lies between."""
    more = recognised.more(event, name, scope) if window == (asked.period.start, asked.period.end) else None
    reason, values = None, np.full(1, np.nan)
    if more is not None:
        values = valued(name, projection.totals(scope, window), asked.rules) + more
    elif recognised.lags.get(event) is None:
        reason = f"not supplied: how long {event} takes; say [recognition] {event}_lag_hours in plan.toml"
    else:
        reason = f"insufficient data: what counts at {event} is told of {', '.join(JOB_FIGURES)} of a plant's period"
    return line(
        name, scope, window, unit_of(name, currency), values, targets, closed=asked.as_of >= window[1], plan=None,
        actual=None, run_rate=None, reason=reason, recognition=event,
    )  # fmt: skip


def _line(
    projection: Projection,
    name: str,
    scope: Scope,
    window: Window,
    asked: Asked,
    targets: Sequence[Mapping[str, Any]],
    currency: str,
    more: NDArray[np.float64] | None,
    total: Posted | None,
) -> Line:
    kpi = KPIS.get(name)
    closed = asked.as_of >= window[1]
    reason = None
    before = _one(valued(name, projection.known(scope, window), asked.rules)) if asked.as_of > window[0] else None
    if not projection.cut.groups[scope] and (total is None or not closed):
        there = None if total is None else total.value
        return line(
            name, scope, window, unit_of(name, currency), np.full(1, np.nan), targets, closed=closed, plan=None,
            actual=there, run_rate=carried_on(there, kpi, window, asked.as_of),
            reason=f"insufficient data: nothing of the plan is about {shown(scope)}",
        )  # fmt: skip
    if kpi is not None and (kpi.kind == "stock" or kpi.stock):
        return _stock_line(projection, kpi, scope, window, asked, targets, currency, more)
    if total is not None and (kpi is None or kpi.kind == "flow"):
        rest = (min(total.until, window[1]), window[1])
        values = total.value + valued(name, projection.totals(scope, rest), asked.rules)
        before = total.value + float(valued(name, projection.known(scope, rest), asked.rules)[0])
        reason = f"no actual total of {', '.join(total.missing)}" if total.missing else None
    else:
        values = valued(name, _with(projection.totals(scope, window), more if _earns(name) else None), asked.rules)
    planned = None if reason else _one(valued(name, projection.planned(scope, window), asked.rules))
    rate = None if reason else carried_on(before, kpi, window, asked.as_of)
    return line(
        name, scope, window, unit_of(name, currency), values if reason is None else np.full(1, np.nan), targets,
        closed=closed, plan=planned, actual=None if reason else before, run_rate=rate, reason=reason,
    )  # fmt: skip


def _stock_line(
    projection: Projection,
    kpi: Kpi,
    scope: Scope,
    window: Window,
    asked: Asked,
    targets: Sequence[Mapping[str, Any]],
    currency: str,
    more: NDArray[np.float64] | None,
) -> Line:
    """A stock, or a ratio with one, at the end of ``window``; to date it is that of the instant of the forecast."""
    stock = projection.stock
    now = min(max(asked.as_of, window[0]), window[1])

    def closing(flows: Terms, instant: int, of: Terms) -> NDArray[np.float64] | None:
        levels = stock.at(instant, scope, of)
        if levels is None or kpi.name not in CLOSING:
            return None
        n = max(flows.shape[1], levels.shape[1])
        whole = [np.broadcast_to(part, (part.shape[0], n)) for part in (flows, levels)]
        both = with_levels(whole[0].T, whole[1].T)
        return kpi_values(CLOSING[kpi.name], both.T, asked.rules)

    reason = why_not(kpi.name, stock.at(window[1], scope, stock.futures), stock, asked.rules)
    flows = _with(projection.totals(scope, window), more if kpi.stock else None)
    values = closing(flows, window[1], stock.futures)
    planned = closing(projection.planned(scope, window), window[1], stock.planned)
    before = closing(projection.known(scope, window), now, stock.known) if asked.as_of > window[0] else None
    known, there = (None if part is None or reason else _one(part) for part in (planned, before))
    return line(
        kpi.name, scope, window, unit_of(kpi.name, currency), np.full(1, np.nan) if values is None else values, targets,
        closed=asked.as_of >= window[1], plan=known, actual=there,
        run_rate=None if reason else carried_on(there, kpi, window, asked.as_of), reason=reason,
    )  # fmt: skip


def unit_of(name: str, currency: str) -> str:
    """Unit of a KPI or a term."""
    return unit(KPIS[name], currency) if name in KPIS else term_unit(name, currency)


def valued(name: str, totals: Terms, rules: Policy) -> NDArray[np.float64]:
    """A KPI or a term in every replication of ``totals`` (terms, replications)."""
    return kpi_values(name, totals, rules) if name in KPIS else totals[SLOT[name]]


def _with(totals: Terms, more: NDArray[np.float64] | None) -> Terms:
    """``totals`` with what work earns that is not released yet."""
    if more is None:
        return totals
    found = np.array(np.broadcast_to(totals, (totals.shape[0], more.size)))
    found[SLOT["revenue"]] += more
    return found


def _earns(name: str) -> bool:
    """Whether work that is not released yet adds its throughput to a KPI."""
    return name in ("throughput", "net_profit", "productivity")


def _one(values: NDArray[np.float64]) -> float | None:
    return None if np.isnan(values[0]) else float(values[0])
