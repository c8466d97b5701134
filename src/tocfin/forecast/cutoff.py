"""Around the close: jobs that may end on either side of it, and what is completed, shipped and invoiced."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple, cast

import numpy as np
import polars as pl

from tocfin.dataset import Dataset, Plan
from tocfin.dataset.currencies import job_rates
from tocfin.dataset.plan import Period
from tocfin.forecast.project import Projection
from tocfin.forecast.recognised import job_throughput
from tocfin.kpi import Policy
from tocfin.scenarios.estimates import Probability, probability

#: So far on either side of the close a job is near it.
NEAR = 48 * 3_600


class Job(NamedTuple):
    """A job near the close: P(it ends inside), its planned throughput, when it is expected, what is not done yet."""

    job: str
    plant: str
    expected_end: int
    inside: Probability
    throughput: float | None
    missing: tuple[str, ...]


class Recognised(NamedTuple):
    """Jobs of one side of the bridge and their revenue."""

    jobs: int
    revenue: float | None


class Bridge(NamedTuple):
    """Revenue of the period so far by recognition event; each step adds up to the next.

    completed − completed_not_shipped + shipped_earlier_completed = shipped;
    shipped − shipped_not_invoiced + invoiced_earlier_shipped = invoiced. None where the data set does not say when jobs
    were shipped (or invoiced): missing is not 0.
    """

    completed: Recognised
    completed_not_shipped: Recognised | None
    shipped_earlier_completed: Recognised | None
    shipped: Recognised | None
    shipped_not_invoiced: Recognised | None
    invoiced_earlier_shipped: Recognised | None
    invoiced: Recognised | None


def cut_off(dataset: Dataset, projection: Projection, period: Period, rules: Policy) -> tuple[Job, ...]:
    """Jobs that are expected to end within 48 hours of the close and have not ended, the most throughput first."""
    ensemble, world = projection.ensemble, projection.world
    if ensemble is None:
        return ()
    present = ensemble.job_present[0]
    mean_end = np.divide(ensemble.job_end[0], np.maximum(present, 1)) + world.model.horizon.clock
    near = np.flatnonzero((present > 0) & (np.abs(mean_end - period.end) <= NEAR) & (mean_end > projection.as_of))
    worth = job_throughput(world.model, rules)
    names, plants = world.model.keys["job"], world.model.keys["plant"]
    missing = _missing(dataset)
    found = [
        Job(
            names[j], plants[int(world.model.enterprise.job_plant[j])], round(float(mean_end[j])),
            probability(int(ensemble.job_inside[0][j]), int(present[j])),
            None if np.isnan(worth[j]) else float(worth[j]), missing.get(names[j], ()),
        )
        for j in near.tolist()
    ]  # fmt: skip
    return tuple(sorted(found, key=lambda one: (-(one.throughput or 0.0), one.job)))


def last_decision(dataset: Dataset, start: int, end: int) -> int | None:
    """Until when a decision can still end a job inside [start, end): the close less the median planned time from the
    first to the last step of a job.

    None where no job is planned to end in between.
    """
    tables = dataset.tables
    steps = tables["activities"].join(tables["operations"].select("operation", "manufacturing_order"), on="operation")
    spans = (
        steps.join(tables["manufacturing_orders"].select("manufacturing_order", "job"), on="manufacturing_order")
        .group_by("job")
        .agg(pl.col("start").min(), pl.col("end").max())
        .filter(pl.col("end").is_between(start, end, closed="left"))
    )
    median = cast(float | None, (spans["end"] - spans["start"]).median())
    return None if median is None else end - round(median)


def _missing(dataset: Dataset) -> Mapping[str, tuple[str, ...]]:
    """Operations of each job that are not done, in order."""
    tables = dataset.tables
    left = (
        tables["activities"]
        .filter(pl.col("actual_end").is_null())
        .join(tables["operations"].select("operation", "manufacturing_order", "sequence"), on="operation")
        .join(tables["manufacturing_orders"].select("manufacturing_order", "job"), on="manufacturing_order")
        .sort("job", "start", "sequence", "activity")
        .group_by("job", maintain_order=True)
        .agg(pl.concat_str("operation", pl.lit(" on "), "resource"))
    )
    return {job: tuple(dict.fromkeys(steps)) for job, steps in left.rows()}


def bridge(dataset: Dataset, period: Period, as_of: int) -> Bridge:
    """Revenue completed, shipped and invoiced in ``period`` until ``as_of``, with what lies between them."""
    tables, plan = dataset.tables, cast(Plan, dataset.plan)
    orders = tables["manufacturing_orders"].select("manufacturing_order", "job")
    steps = tables["activities"].join(tables["operations"].select("operation", "manufacturing_order"), on="operation")
    ended = (
        steps.join(orders, on="manufacturing_order")
        .group_by("job")
        .agg(
            done=pl.when(pl.col("actual_end").is_null().any())
            .then(None)
            .otherwise(pl.col("actual_end").max())
        )
    )  # fmt: skip
    jobs = (
        tables["jobs"]
        .with_columns(money=pl.col("revenue") * job_rates(tables, plan)["rate"])
        .filter(~pl.col("cancelled").fill_null(False))
        .join(ended, on="job", how="left")
    )
    inside = {
        name: pl.col(name).is_between(period.start, min(as_of, period.end), closed="left").fill_null(False)
        for name in ("done", "shipped_at", "invoiced_at")
    }
    completed, shipped, invoiced = (inside[name] for name in ("done", "shipped_at", "invoiced_at"))
    ships, bills = (tables["jobs"][name].is_not_null().any() for name in ("shipped_at", "invoiced_at"))

    def side(rows: pl.Expr, known: bool = True) -> Recognised | None:
        if not known:
            return None
        part = jobs.filter(rows)
        missing = part["money"].null_count()
        return Recognised(part.height, None if missing else float(part["money"].sum()))

    return Bridge(
        cast(Recognised, side(completed)), side(completed & ~shipped, ships), side(~completed & shipped, ships),
        side(shipped, ships), side(shipped & ~invoiced, ships and bills), side(~shipped & invoiced, ships and bills),
        side(invoiced, bills),
    )  # fmt: skip
