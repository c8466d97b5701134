"""Stock at the close: what lay there at the clock, and what has moved since, in every future (rulings R35).

Stock on hand and quantities are those of the plan's clock, and what was reported since has its own time. Work that is
done took and made its material when it really did; work to come does so when it is simulated to.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple, cast

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tocfin.dataset import Dataset, Plan
from tocfin.events import Journal
from tocfin.events.state import applied, untold
from tocfin.kernels.draw import GROUP
from tocfin.kernels.slots import N_TERM
from tocfin.kpi import CLOSING, KPIS, STOCK_TERMS, TERMS, Policy, amount, chosen, supplied_by
from tocfin.measure import plant_terms
from tocfin.model.build import Model, build
from tocfin.model.closing import stock_flows
from tocfin.model.columns import Ints, Schedule
from tocfin.model.groups import Scope
from tocfin.model.standing import Standing
from tocfin.scenarios.stocks import stock_as_timed, stock_in_futures
from tocfin.scenarios.world import World
from tocfin.workers import spread

Terms = NDArray[np.float64]
Tables = Mapping[str, pl.DataFrame]


class Stocks(NamedTuple):
    """Levels (terms of `TERMS` that are levels) by plant at ``instants``: (instants, plants, terms, replications or 1).

    NaN where a flow is missing. ``planned`` is as the plan was made, ``known`` without luck from the instant of the
    forecast on, ``futures`` in every replication. ``reason`` says why nothing is known at all.
    """

    instants: tuple[int, ...]
    plants: tuple[str, ...]
    planned: Terms
    known: Terms
    futures: Terms
    reason: str | None = None

    def at(self, instant: int, scope: Scope, of: Terms) -> Terms | None:
        """Levels of a scope at an instant: (terms, replications); None where stock is nobody's there."""
        if scope != Scope(plant=scope.plant) or instant not in self.instants:
            return None
        shown = [p for p, plant in enumerate(self.plants) if scope.plant in (None, plant)]
        found: Terms = of[self.instants.index(instant)][shown].sum(axis=0)
        return found


def stocks(
    dataset: Dataset, world: World, now: Schedule, instants: Sequence[int], as_of: int,
    luck: tuple[int, int, int | None] | None,
) -> Stocks:  # fmt: skip
    """Stock at each of ``instants``. ``dataset`` is what is known at the instant of the forecast, with its own clock.

    ``luck`` is (seed, replications, threads) where something is left to be simulated.
    """
    clock = cast(Plan, dataset.plan).clock
    plants = tuple(world.model.keys["plant"].to_list())
    later = tuple(at for at in sorted(set(instants)) if at >= clock)
    blank = np.full((len(later), len(plants), len(TERMS), 1), np.nan)
    if as_of < clock or not later:
        when = "the forecast is made before the clock" if as_of < clock else "the period ends before the clock"
        return Stocks(later, plants, blank, blank, blank, f"stock on hand is known at the clock only, and {when}")
    assert world.standing is not None  # noqa: S101  # a forecast has one
    timed = as_known(dataset, world.model, world.standing, world.activity_operation, now)
    plan = _at_the_clock(dataset)
    model, model_now = build(plan), build(timed)
    flows = stock_flows(timed, model_now)
    if not flows.at.size:
        return Stocks(later, plants, blank, blank, blank, None)
    schedule = model.schedule
    planned = stock_as_timed(model, stock_flows(plan, model), schedule.activity_start, schedule.activity_end, later)
    known = stock_as_timed(world.model, flows, now.activity_start, now.activity_end, later)
    futures = known
    if luck is not None:
        seed, n, threads = luck
        keys = dataset.tables["supplies"]["supply"].to_list()

        def some(block: int) -> Terms:
            count = min(GROUP, n - block * GROUP)
            return stock_in_futures(world, flows, keys, seed, block * GROUP, count, later)

        futures = np.concatenate(spread(threads)(some, range(-(-n // GROUP))), axis=-1)
    opening = plant_terms(model_now, 1)
    return Stocks(
        later, plants, _levels(plant_terms(model, 1), planned), _levels(opening, known), _levels(opening, futures)
    )


def _levels(opening: Terms, moved: Terms) -> Terms:
    """What was there at the clock, then what has moved: (instants, plants, terms, lanes)."""
    start = opening.sum(axis=0)[None, :, :, None]
    return np.concatenate([np.broadcast_to(start, (*moved.shape[:2], N_TERM, moved.shape[-1])), moved], axis=2)


def why_not(name: str, levels: Terms | None, stock: Stocks, rules: Policy) -> str | None:
    """Why a stock KPI has no value at the close; None where it has one."""
    if name not in CLOSING:
        return "stock at the close is not projected: it is known at the clock only"
    if stock.reason is not None:
        return f"stock at the close is not projected: {stock.reason}"
    if levels is None:
        return "stock at the close is not projected: it is no product's, department's or resource's"
    kpi = KPIS[CLOSING[name]]
    used = {term for side in (kpi.numerator, kpi.denominator) for _, term in chosen(side, rules)}
    absent = {term for term in used.intersection(STOCK_TERMS) if np.isnan(amount(levels.T, term)).all()}
    if absent:
        return (
            f"stock at the close is not projected: it needs {', '.join(sorted({supplied_by(one) for one in absent}))}"
        )
    return None


def _at_the_clock(dataset: Dataset) -> Dataset:
    """The plan as it was made, with the quantities that were known at its clock."""
    clock = cast(Plan, dataset.plan).clock
    events = dataset.tables["events"]
    tables = dict(dataset.tables)
    if events.height:
        journal = Journal()
        journal.add(events.filter(pl.col("occurred_at") < clock))
        tables = applied(journal, untold(tables, events))
    tables["activities"] = _planned(tables["activities"])
    return replace(dataset, tables=tables)


def as_known(dataset: Dataset, model: Model, at: Standing, operation: Ints, now: Schedule) -> Dataset:
    """``dataset`` with its own clock, the quantities of that clock, and what is known of its work since.

    Work has its times of ``now``; orders that are done, or whose job is closed short, have what they came to.
    ``operation`` is that of each row of the schedule.
    """
    plan = _at_the_clock(dataset)
    keys = model.keys
    names = {
        "operation": keys["operation"].gather(operation),
        "activity": keys["activity"],
        "resource": keys["resource"].gather(model.schedule.activity_resource),
    }
    times = pl.DataFrame({**names, "start": now.activity_start, "end": now.activity_end})
    activities = plan.tables["activities"]
    rows = activities.drop("start", "end").join(times, on=list(names), how="left", maintain_order="left")
    still = keys["operation"].gather(pl.Series(operation[~at.done]).unique())
    changed = {"activities": rows.select(activities.columns), "manufacturing_orders": _made(dataset.tables, still)}
    return replace(plan, tables={**plan.tables, **changed})


def _made(tables: Tables, still: pl.Series) -> pl.DataFrame:
    """Orders with what they came to, where no operation of theirs is ``still`` to be done and somebody says so."""
    steps = tables["operations"].select("operation", "manufacturing_order", "sequence", "good_qty")
    last = pl.col("sequence") == pl.col("sequence").max()
    done = (
        steps.group_by("manufacturing_order")
        .agg(good=pl.col("good_qty").filter(last).min(), left=pl.col("operation").is_in(still.implode()).any())
        .filter(~pl.col("left"))
    )
    jobs = tables["jobs"].select("job", "delivered_qty", short="closed_short")
    orders = tables["manufacturing_orders"]
    rows = orders.join(done, on="manufacturing_order", how="left", maintain_order="left")
    rows = rows.join(jobs, on="job", how="left", maintain_order="left")
    short = pl.when(pl.col("short").fill_null(False)).then(pl.col("delivered_qty").fill_null(0.0))
    return rows.with_columns(quantity=pl.coalesce(short, "good", "quantity")).select(orders.columns)


def _planned(activities: pl.DataFrame) -> pl.DataFrame:
    """Activities as the plan was made: nothing has begun."""
    none = pl.lit(None)
    return activities.with_columns(
        actual_start=none.cast(pl.Int64), actual_end=none.cast(pl.Int64), remaining_hours=none.cast(pl.Float64),
        status=none.cast(activities.schema["status"]), recorded_at=none.cast(pl.Int64),
    )  # fmt: skip
