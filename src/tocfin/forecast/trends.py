"""Will it last? Every series of a data set with its kind of change, when, how large in money, and what comes next."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import cast

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tocfin.dataset import Dataset, Plan
from tocfin.forecast.lasting import INSUFFICIENT, MOST, Kind, Values, kind_of
from tocfin.forecast.observed import ASSUMPTIONS, DAY, Series, observed
from tocfin.forecast.scopes import shown
from tocfin.forecast.spans import spanned
from tocfin.forecast.worth import gains_of
from tocfin.kpi import KPIS, evaluate, unit
from tocfin.measure import plant_terms, rules_of
from tocfin.model.build import build
from tocfin.model.groups import Scope
from tocfin.scenarios.launch import term_unit
from tocfin.scenarios.spec import Override
from tocfin.targets import SCOPES

WEEK = 7 * DAY
#: The band in which the next value lies with this probability.
BAND = 0.8
FLOWS = ("throughput", "operating_expense", "net_profit")


@dataclass(frozen=True)
class Trend:
    """One series. ``before`` and ``after`` are levels around the last change (of a spell: outside and in it).

    ``money_per_day`` is what the step from ``before`` to ``after`` does to net profit; None where that is not known.
    ``expected`` is the next value with its BAND of 80 %; None where there is too little to say.
    """

    series: str
    of: str
    unit: str
    points: int
    kind: Kind
    since: tuple[int, ...] = ()
    before: float | None = None
    after: float | None = None
    money_per_day: float | None = None
    expected: float | None = None
    low: float | None = None
    high: float | None = None


def trends(dataset: Dataset, *, as_of: int | None = None, policy: str | None = None) -> list[Trend]:
    """Yield, hours, downtime, efficiency, adherence, prices, demand and KPIs by period, each with its kind of change.

    Structural changes come first, those with most money ahead. Raises DatasetError for a data set with errors.
    """
    plan = cast(Plan, dataset.require().plan)
    rules = rules_of(plan, policy)
    series = [*observed(dataset, as_of), *_demand(dataset, as_of), *_totals(dataset, as_of), *_kpis(dataset, policy)]
    found = [_trend(one) for one in series]
    steps = [_steps(one, trend) for one, trend in zip(series, found, strict=True)]
    gains = gains_of(dataset, [step for pair in steps for step in pair], rules)
    days = max(plan.horizon_end - plan.clock, 1) / DAY
    priced = [_priced(*row, days) for row in zip(found, series, gains[::2], gains[1::2], strict=True)]
    order = ("structural", "recurring", "seasonal", "temporary", "steady", INSUFFICIENT)
    return sorted(priced, key=lambda one: (order.index(one.kind.label), -abs(one.money_per_day or 0.0), one.series))


def silent(found: Sequence[Trend]) -> list[str]:
    """Assumptions that no series tells of."""
    return [name for name in ASSUMPTIONS if name not in {one.series for one in found}]


def _demand(dataset: Dataset, as_of: int | None) -> Iterator[Series]:
    """Quantity that is due per week, by item, of order lines or else of jobs; weeks without any count 0."""
    known = dataset.tables["demands"].select("item", "qty", at="due")
    if not known.height:
        live = ~pl.col("cancelled").fill_null(False)
        known = dataset.tables["jobs"].filter(live).select("need_date", item="product", qty="quantity")
        known = known.rename({"need_date": "at"})
    known = known.drop_nulls().filter(pl.col("at") <= (cast(Plan, dataset.plan).now if as_of is None else as_of))
    if not known.height:
        return
    weeks = np.arange(int(cast(int, known["at"].min())) // WEEK, int(cast(int, known["at"].max())) // WEEK + 1)
    for (item,), rows in known.sort("item").group_by("item", maintain_order=True):
        qty = np.bincount(rows["at"].to_numpy() // WEEK - weeks[0], rows["qty"].to_numpy(), weeks.size)
        yield Series("demand", str(item), "unit/week", 0.0, (weeks + 1) * WEEK, qty.astype(np.float64))


def _totals(dataset: Dataset, as_of: int | None) -> Iterator[Series]:
    """Actual totals of each KPI or term and scope: the last one of each period that is over; of a flow per day.

    Rows that lie or were recorded after ``as_of`` are not known.
    """
    plan = cast(Plan, dataset.plan)
    now = plan.now if as_of is None else as_of
    rows = dataset.tables["actuals"].filter(pl.col("at") <= now, pl.col("recorded_at").fill_null(now) <= now)
    if not rows.height:
        return
    spans = spanned(dataset, int(cast(int, rows["at"].min())), now)
    starts, ends = (np.array([getattr(one, name) for one in spans], np.int64) for name in ("start", "end"))
    for key, some in rows.sort("at", "row").group_by("kpi", *SCOPES, maintain_order=True):
        at, values = some["at"].to_numpy(), some["value"].to_numpy()
        period = np.searchsorted(starts, at, side="right") - 1
        last = np.append(np.diff(period) != 0, True) & (period >= 0)
        last &= (at < ends[period]) & (ends[period] <= now)
        days, name = (ends - starts)[period[last]] / DAY, str(key[0])
        kpi, scope = KPIS.get(name), Scope(*cast(tuple[str | None, ...], key[1:]))
        flow = kpi is None or kpi.kind == "flow"
        money = unit(kpi, plan.currency) if kpi else term_unit(name, plan.currency)
        found = values[last] / days if flow else values[last]
        yield Series(name, shown(scope), f"{money}/d" if flow else money, 0.0, ends[period[last]], found)


def _kpis(dataset: Dataset, policy: str | None) -> Iterator[Series]:
    """Flows of the plan per day, by its own periods."""
    plan = cast(Plan, dataset.plan)
    edges = np.array(plan.boundaries, np.int64)
    if edges.size < 3:
        return
    terms = plant_terms(build(dataset)).sum(axis=1)[:-1]
    for name in FLOWS:
        values = evaluate(KPIS[name], terms, rules_of(plan, policy)).value / (np.diff(edges) / DAY)
        if not np.isnan(values).any():
            yield Series(name, "all plants", f"{unit(KPIS[name], plan.currency)}/d", 0.0, edges[1:], values)


def _trend(series: Series) -> Trend:
    at, values = _few(series.at, series.values)
    kind = kind_of(values)
    plain = Trend(series.name, series.of, series.unit, series.values.size, kind)
    if kind.label == INSUFFICIENT:
        return plain
    before, after, rest = _levels(values, kind)
    level = {"structural": after, "temporary": before}.get(kind.label, float(values.mean()))
    if kind.cycle:
        level = float(values[values.size % kind.cycle :: kind.cycle].mean())
    reach = NormalDist().inv_cdf((1 + BAND) / 2) * float(rest.std(ddof=1)) * np.sqrt(1 + 1 / _independent(rest))
    changed = kind.label in ("structural", "temporary", "recurring")
    return Trend(
        series.name, series.of, series.unit, series.values.size, kind,
        tuple(int(at[change]) for change in kind.changes),
        before if changed else None, after if changed else None, None, level, level - reach, level + reach,
    )  # fmt: skip


def _few(at: NDArray[np.int64], values: Values) -> tuple[NDArray[np.int64], Values]:
    """At most MOST points: neighbours are averaged."""
    together = -(-values.size // MOST)
    if together <= 1:
        return at, values
    first = np.arange(0, values.size, together)
    count = np.diff(np.append(first, values.size))
    return at[first + count - 1], np.add.reduceat(values, first) / count


def _levels(values: Values, kind: Kind) -> tuple[float, float, Values]:
    """Levels outside and in what changed, and what is left of the values around them."""
    if kind.cycle:
        phase = np.arange(values.size) % kind.cycle
        means = np.bincount(phase, values) / np.bincount(phase)
        return float(values.mean()), float(values.mean()), values - means[phase]
    inside = np.zeros(values.size, np.bool_)
    for change in kind.changes:
        inside[change:] = ~inside[change:]
    if not inside.any():
        return float(values.mean()), float(values.mean()), values - values.mean()
    levels = float(values[~inside].mean()), float(values[inside].mean())
    return *levels, values - np.where(inside, levels[1], levels[0])


def _independent(rest: Values) -> float:
    """How many independent values tell as much as these do."""
    squares = float(rest @ rest)
    echo = min(max(float(rest[1:] @ rest[:-1]) / squares, 0.0), 0.9) if squares else 0.0
    return rest.size * (1 - echo) / (1 + echo)


def _steps(series: Series, trend: Trend) -> tuple[Override | None, Override | None]:
    """The assumption at the level before and after the change, where it is one of the plan's."""
    if series.where is None or not series.scale or not series.assumed or trend.before is None or trend.after is None:
        return None, None
    where = {name: value if isinstance(value, tuple) else (value,) for name, value in series.where.items()}
    levels = (max(level, 0.0) / series.assumed for level in (trend.before, trend.after))
    one, other = (Override("", series.table, where, "scale", {series.column: factor}) for factor in levels)
    return one, other


def _priced(trend: Trend, series: Series, before: float | None, after: float | None, days: float) -> Trend:
    money = None
    if before is not None and after is not None and not np.isnan(after - before):
        money = (after - before) / days
    elif series.name in FLOWS and trend.before is not None and trend.after is not None:
        money = trend.after - trend.before
    return trend if money is None else Trend(**{**trend.__dict__, "money_per_day": money})
