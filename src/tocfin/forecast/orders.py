"""What happened in a data set as pieces of work: jobs with their throughput, steps with their hours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import cast

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tocfin.dataset import Dataset, Plan
from tocfin.forecast.pipeline import Work
from tocfin.kpi import KPIS, SLOT, Policy, total
from tocfin.measure import sums
from tocfin.model.build import arranged, build
from tocfin.model.groups import grouping

NEVER = np.iinfo(np.int64).max
THROUGHPUT, HOURS = "throughput", "resource_hours"
#: Series that history alone can tell of.
SERIES = (THROUGHPUT, HOURS)


def work_of(dataset: Dataset, series: str, rules: Policy, plant: str | None = None) -> Work:
    """Pieces of work of one series, of all plants or one: jobs with T [money], steps with resource hours [h].

    A job starts with its release, else its first step, and ends when its last step really did (``actual_end``). Before
    that is known it is worth its planned throughput: without late penalty, for the quantity that was ordered.
    """
    return jobs_by_plant(dataset, rules, [plant])[plant] if series == THROUGHPUT else _steps(dataset, plant)


def jobs_by_plant(dataset: Dataset, rules: Policy, plants: Sequence[str | None]) -> dict[str | None, Work]:
    """Jobs with their throughput, as `work_of` has them, of each of ``plants`` (None: of all together)."""
    plan = cast(Plan, dataset.plan)
    frames = arranged(dataset.tables, plan)
    steps = frames["activities"].join(frames["operations"].select("operation_row"), on="operation_row")
    times = steps.group_by("job_row").agg(
        pl.col("actual_start").min().alias("since"),
        pl.col("start").min().alias("planned_start"),
        pl.when(pl.col("actual_end").is_null().any()).then(None).otherwise(pl.col("actual_end").max()).alias("until"),
    )
    jobs = frames["jobs"].with_columns(pl.col("job_row").cast(pl.UInt32)).join(
        times.with_columns(pl.col("job_row").cast(pl.UInt32)), on="job_row", how="left", maintain_order="left"
    )  # fmt: skip
    worth = _throughput(dataset, rules)
    penalty = worth[:, 1]
    share = (pl.col("quantity") / pl.col("delivered_qty")).fill_nan(None)
    more = jobs.select(pl.when(pl.col("delivered_qty") > 0).then(share).fill_null(1.0)).to_series().to_numpy()
    # what was sold depends on what turned out good; what was bought does not
    revenue, rest = worth[:, 2], worth[:, 0] + penalty - worth[:, 2]
    # of a job with a release before its first step the release counts: from then on it was known
    start = jobs.select(pl.coalesce(pl.min_horizontal("release_date", "since"), "planned_start")).to_series()
    live = jobs.select(~pl.col("cancelled") & (pl.col("purpose").fill_null("Sale") == "Sale")).to_series()
    known = (live & start.is_not_null()).fill_null(False).to_numpy()
    columns = (
        start.fill_null(NEVER).to_numpy(), jobs["until"].fill_null(NEVER).to_numpy(), worth[:, 0],
        revenue * more + rest,
        jobs["quantity"].fill_null(float("nan")).to_numpy(),
    )  # fmt: skip
    found = {}
    for plant in plants:
        kept = known if plant is None else known & (jobs["plant"] == plant).to_numpy()
        found[plant] = Work(*(column[kept] for column in columns))
    return found


def _throughput(dataset: Dataset, rules: Policy) -> NDArray[np.float64]:
    """T, late penalty and revenue of every job when each ended when it really did: (jobs, 3)."""
    plan = cast(Plan, dataset.plan)
    done = dataset.tables["activities"].with_columns(
        pl.coalesce("actual_start", "start").alias("start"), pl.coalesce("actual_end", "end").alias("end")
    )
    done = done.with_columns(pl.max_horizontal("start", "end").alias("end"))
    ends = done["end"].drop_nulls()
    last = cast(int, ends.max()) + 1 if ends.len() else plan.horizon_end
    first = min(plan.clock, cast(int, ends.min())) if ends.len() else plan.clock
    whole = replace(plan, clock=first, horizon_end=max(last, plan.horizon_end), boundaries=(), periods=())
    there = replace(dataset, plan=whole, tables={**dataset.tables, "activities": done})
    model = build(there)
    horizon = model.horizon._replace(edges=model.horizon.edges[:0])
    terms = sums(model, grouping(model, "job"), horizon)[0][: model.enterprise.job_plant.size]
    value = total(KPIS[THROUGHPUT].numerator, terms, rules)
    found: NDArray[np.float64] = np.stack([value, terms[:, SLOT["late_penalty"]], terms[:, SLOT["revenue"]]], axis=1)
    return found


def _steps(dataset: Dataset, plant: str | None) -> Work:
    frames = arranged(dataset.tables, cast(Plan, dataset.plan))
    jobs = frames["jobs"].select(pl.col("job_row").cast(pl.UInt32), "release_date", "quantity")
    places = frames["resources"].select("resource", home="plant")
    steps = (
        frames["activities"]
        .with_columns(pl.col("job_row").cast(pl.UInt32))
        .join(jobs, on="job_row", how="left", maintain_order="left", suffix="_of_job")
        .join(places, on="resource", how="left", maintain_order="left")
        .filter(~pl.col("cancelled") & (pl.lit(plant is None) | (pl.col("home") == (plant or ""))))
        .with_columns(known=pl.min_horizontal("release_date", "actual_start"))
        .drop_nulls("known")
    )
    spent = (pl.col("actual_end") - pl.col("actual_start")) / 3_600
    planned = pl.coalesce("work_hours", (pl.col("end") - pl.col("start")) / 3_600)
    found = steps.select(
        "known", pl.col("actual_end").fill_null(NEVER), value=pl.coalesce("work_hours", spent, planned),
        planned=planned, size=pl.col("quantity_of_job").fill_null(float("nan")),
    )  # fmt: skip
    return Work(*(found[name].to_numpy() for name in found.columns))
