"""From completed to shipped to invoiced by the close: how long each step takes is declared, or fitted from history.

A job that is to end ships so much later, and is invoiced so much after that. What has not shipped by the instant of the
forecast ships after it, as past jobs did that took at least as long.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import NamedTuple, cast

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tocfin.dataset import Dataset, Plan
from tocfin.dataset.plan import Period
from tocfin.forecast.pipeline import LEAST_COHORTS
from tocfin.kernels.draw import GROUP
from tocfin.kpi import KPIS, Policy, total
from tocfin.measure import sums
from tocfin.model.build import Model
from tocfin.model.columns import Schedule
from tocfin.model.groups import Scope, grouping
from tocfin.scenarios.charges import Ends, ends
from tocfin.scenarios.futures import future
from tocfin.scenarios.world import World
from tocfin.workers import spread

Values = NDArray[np.float64]
Times = NDArray[np.int64]

HOUR = 3_600
EVENTS = ("shipment", "invoice")
#: What is recognised, and what lies between; a step adds up to the next.
SIDES = (
    "completed", "completed_not_shipped", "shipped_earlier_completed", "shipped", "shipped_not_invoiced",
    "invoiced_earlier_shipped", "invoiced",
)  # fmt: skip
#: Figures that a job brings when it is recognised.
JOB_FIGURES = {"throughput": 1, "net_profit": 1, "revenue": 0}
_NEVER = np.iinfo(np.int64).max // 4


class Lag(NamedTuple):
    """How long an event comes after the one before it: ``hours`` in ascending order, declared or of past ``jobs``."""

    hours: Values
    jobs: int | None  # None: declared

    @property
    def median(self) -> float:
        """[h]"""
        return float(np.median(self.hours))


class Recognition(NamedTuple):
    """Jobs and revenue of each of `SIDES` in every replication; a side is missing whose lag nobody supplies.

    ``shift`` is what revenue (0) and throughput (1) of a plant (None: of all) are more when they count at an event
    instead of at completion.
    """

    lags: Mapping[str, Lag | None]
    sides: Mapping[str, tuple[Values, Values]]
    shift: Mapping[tuple[str, str | None], tuple[Values, Values]]

    def more(self, event: str, kpi: str, scope: Scope) -> Values | None:
        """What recognition at an event adds to a figure of a scope; None where nobody can say."""
        if kpi not in JOB_FIGURES or scope != Scope(plant=scope.plant):
            return None
        found = self.shift.get((event, scope.plant))
        return None if found is None else found[JOB_FIGURES[kpi]]


def lags_of(dataset: Dataset, as_of: int) -> dict[str, Lag | None]:
    """How long shipment comes after completion, and the invoice after shipment; None where nobody says."""
    declared = cast(Plan, dataset.plan).recognition
    times = job_times(dataset)
    found: dict[str, Lag | None] = {}
    for event, since, until in (("shipment", "done", "shipped_at"), ("invoice", "shipped_at", "invoiced_at")):
        given = declared.get(f"{event}_lag_hours")
        rows = times.filter((pl.col(since) <= as_of) & (pl.col(until) <= as_of)).drop_nulls([since, until])
        hours = np.sort(((rows[until] - rows[since]).to_numpy() / HOUR).clip(0.0))
        fitted = Lag(hours, hours.size) if hours.size >= LEAST_COHORTS else None
        found[event] = fitted if given is None else Lag(np.array([given]), None)
    return found


def job_times(dataset: Dataset) -> pl.DataFrame:
    """Jobs by key: when each was really done, shipped and invoiced."""
    tables = dataset.tables
    orders = tables["manufacturing_orders"].select("manufacturing_order", "job")
    steps = tables["activities"].join(tables["operations"].select("operation", "manufacturing_order"), on="operation")
    last = pl.when(pl.col("actual_end").is_null().any()).then(None).otherwise(pl.col("actual_end").max())
    done = steps.join(orders, on="manufacturing_order").group_by("job").agg(done=last)
    jobs = tables["jobs"].join(done, on="job", how="left").sort("job")
    return jobs.select("job", "done", "shipped_at", "invoiced_at")


def recognition(
    dataset: Dataset, world: World, now: Schedule, period: Period, as_of: int, rules: Policy,
    luck: tuple[int, int, int | None] | None,
) -> Recognition:  # fmt: skip
    """The bridge to the close in every replication of ``luck`` (seed, replications, threads), or of what is known."""
    lags = lags_of(dataset, as_of)
    if lags["shipment"] is None:
        return Recognition(lags, {}, {})
    times = job_times(dataset)
    told = [times[name].fill_null(_NEVER).to_numpy() for name in ("shipped_at", "invoiced_at")]
    worth = np.stack([world.model.enterprise.job_revenue, job_throughput(world.model, rules)])
    window = (period.start, period.end)

    def some(block: int) -> tuple[Values, Values]:
        if luck is None:
            model = world.model._replace(schedule=now)
            jobs = np.flatnonzero(world.job_scheduled)
            last = np.array(
                [now.activity_end[slice(*world.job_first_activity[j : j + 2])].max() for j in jobs.tolist()]
            )
            live = model.enterprise.job_cancelled[jobs, None] == 0
            found, seed, count = Ends(jobs, live, last[:, None]), 0, 1
        else:
            seed, n, _ = luck
            count = min(GROUP, n - block * GROUP)
            found = ends(world, future(world, seed, block * GROUP, GROUP), count)
        rng = np.random.Generator(np.random.PCG64([seed, block, abs(as_of)]))
        at: list[Times] = [found.end]
        for event, known in zip(EVENTS, told, strict=True):
            lag = lags[event]
            if lag is None:
                break
            drawn = later(lag, at[-1], as_of, rng.random((found.job.size, GROUP))[:, :count])
            at.append(np.where(known[found.job, None] < _NEVER, known[found.job, None], drawn))
        return _summed(found, at, window, worth, world.model.enterprise.job_plant)

    blocks = 1 if luck is None else -(-luck[1] // GROUP)
    parts = spread(None if luck is None else luck[2])(some, range(blocks))
    sides, shifts = (np.concatenate([part[k] for part in parts], axis=-1) for k in (0, 1))
    plants = world.model.keys["plant"].to_list()
    shift: dict[tuple[str, str | None], tuple[Values, Values]] = {}
    for k, event in enumerate(EVENTS[: shifts.shape[0]]):
        shift[event, None] = (shifts[k, :, 0].sum(axis=0), shifts[k, :, 1].sum(axis=0))
        shift |= {(event, plant): (shifts[k, p, 0], shifts[k, p, 1]) for p, plant in enumerate(plants)}
    return Recognition(lags, dict(zip(SIDES, [(side[0], side[1]) for side in sides], strict=False)), shift)


def job_throughput(model: Model, rules: Policy) -> NDArray[np.float64]:
    """Throughput of every job as planned, wherever it ends: (jobs)."""
    low = int(model.schedule.activity_end.min(initial=model.horizon.clock))
    high = int(model.schedule.activity_end.max(initial=model.horizon.end)) + 1
    horizon = model.horizon._replace(
        clock=min(low, model.horizon.clock), end=max(high, model.horizon.end), edges=model.horizon.edges[:0]
    )
    terms = sums(model, grouping(model, "job"), horizon)[0][: model.enterprise.job_plant.size]
    return total(KPIS["throughput"].numerator, terms, rules)


def later(lag: Lag, since: Times, as_of: int, chance: Values) -> Times:
    """When the next event comes: (jobs, lanes). What is over due at ``as_of`` takes as long as past jobs that did."""
    seconds = np.rint(lag.hours * HOUR).astype(np.int64)
    passed = np.where(since < as_of, np.searchsorted(seconds, np.maximum(as_of - since, 0), side="left"), 0)
    left = seconds.size - passed
    which = np.minimum(passed + (chance * left).astype(np.int64), seconds.size - 1)
    return np.where(left > 0, since + seconds[which], as_of)


def _summed(
    found: Ends, at: list[Times], window: tuple[int, int], worth: Values, job_plant: NDArray[np.int32]
) -> tuple[Values, Values]:
    """Jobs and revenue of each side: (sides, 2, lanes); revenue and T beyond completion: (events, plants, 2, lanes)."""
    inside = [found.here & (window[0] <= one) & (one < window[1]) for one in at]
    revenue = worth[0][found.job, None]
    sides = [inside[0]]
    for before, after in pairwise(inside):
        sides += [before & ~after, ~before & after, after]
    sums = np.stack([np.stack([side.sum(axis=0), np.where(side, revenue, 0.0).sum(axis=0)]) for side in sides])
    n_plant = int(job_plant.max(initial=0)) + 1
    shift = np.zeros((len(inside) - 1, n_plant, 2, inside[0].shape[1]))
    for k, after in enumerate(inside[1:]):
        step = after.astype(np.float64) - inside[0]
        for basis in (0, 1):
            value = np.where(step != 0, step * worth[basis][found.job, None], 0.0)
            np.add.at(shift[k, :, basis], job_plant[found.job], value)
    return sums, shift
