"""What happened, beside what was planned: finished work in seconds of capacity, failures, and what was bad.

Work is measured as the simulation measures it: seconds of the resource's calendar between start and end, elapsed
ones where the calendar covers nothing of the plan. What a failure took is not the work's own length, and what is made
again is not either: the simulation adds both, so both are taken out, where history shows that they are in it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import cast

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tocfin.dataset import Dataset, Plan
from tocfin.errors import Finding
from tocfin.model.build import arranged, build
from tocfin.model.openings import Work, openings, planned_work
from tocfin.scenarios.selection import widened

Floats = NDArray[np.float64]

HOUR = 3_600.0
#: Fewer observations of anything are refused: an estimate would say more about luck than about the shop floor.
LEAST = 30
#: A share that history shows to this precision (standard error of a slope) is believed, whatever is usual.
SURE = 0.25
_KEYS = ("operation", "activity", "resource", "plant", "department", "product", "job", "batch")


@dataclass(frozen=True)
class History:
    """Finished activities, one row each, and the tables that failures and bad pieces are taken from.

    ``work`` has the columns of `_KEYS`, ``start`` (planned) and ``until`` (actual end) [s UTC], ``planned`` and
    ``worked`` [s of capacity] and ``began`` (actual start). ``relative`` says that there is no plan: ``planned`` is
    the mean of the row's group, and ``label`` (null otherwise) a pattern of the group's activities. ``step`` is the
    grid [s] that recorded times stand on.
    """

    name: str
    work: pl.DataFrame
    hours: pl.DataFrame  # resource, department, plant, hours: work that each resource did
    failures: pl.DataFrame  # resource, department, plant, at [s UTC], hours
    bad: pl.DataFrame  # operation, product, resource, plant, share, step: the share of one piece
    step: float  # [s]
    relative: bool
    fails: bool  # resources are said to fail, whatever happened
    findings: tuple[Finding, ...]

    @property
    def period(self) -> tuple[int, int] | None:
        """From the first actual start to the last actual end [s UTC]; None where nothing was finished."""
        if not self.work.height:
            return None
        return int(cast(int, self.work["began"].min())), int(cast(int, self.work["until"].max()))


def note(rule: str, table: str, column: str | None, message: str, count: int = 1) -> Finding:
    """A warning about what history does not say."""
    return Finding("warning", rule, table, None, column, message, count=count)


def history(dataset: Dataset) -> History:
    """History of a data set without errors: activities with both actual times, of jobs that are not cancelled."""
    dataset.require()
    findings: list[Finding] = []
    rows = _measured(dataset, findings)
    failures = _failures(dataset, findings)
    rows = _without_failures(rows, failures, findings)
    bad = _bad(dataset)
    rows = _made_once(rows, bad, findings)
    work = rows.unique(["operation", "activity"], keep="first", maintain_order=True)
    work = pl.concat([work.filter(pl.col("batch").is_null()), _first_of_batches(work)])
    if work.height and (work["planned"] == work["worked"]).all():
        message = (
            f"every actual time of {work.height:,} activities is the planned one: nothing is uncertain;"
            " if the plan was copied from a log, fit the log itself"
        )
        findings.append(note("plan-is-actual", "activities", "actual_end", message, work.height))
    hours = rows.group_by("resource", "department", "plant", maintain_order=True).agg(pl.col("exposed").sum())
    hours = hours.rename({"exposed": "hours"}).sort("resource")
    work = work.drop("exposed").with_columns(label=pl.lit(None, pl.String))
    fails = bool(dataset.tables["resources"]["mean_time_between_failures"].is_not_null().any())
    return History(dataset.name, work, hours, failures, bad, _step(work), False, fails, tuple(findings))


def included(y: Floats, x: Floats, *, usually: bool) -> tuple[bool, float, float]:
    """Whether ``y`` holds all of ``x`` (slope 1) rather than nothing (slope 0), with the slope and its error.

    Least squares through the means; where the slope is known worse than ± 0.25, what is usual is taken.
    """
    if x.size < LEAST or np.ptp(x) == 0.0:
        return usually, float("nan"), float("nan")
    spread = x - x.mean()
    squares = float(spread @ spread)
    slope = float(spread @ y) / squares
    rest = y - y.mean() - slope * spread
    error = float(np.sqrt(rest @ rest / (x.size - 2) / squares))
    return (slope > 0.5 if error < SURE else usually), slope, error


def _measured(dataset: Dataset, findings: list[Finding]) -> pl.DataFrame:
    """Planned and actual seconds of capacity of every row with both actual times."""
    dead = dataset.tables["jobs"].filter(pl.col("cancelled").fill_null(False))["job"]
    kept = widened(dataset.tables, "activities").with_columns(row=dataset.tables["activities"]["row"])
    kept = kept.filter(pl.col("actual_start").is_not_null() & pl.col("actual_end").is_not_null())
    kept = kept.filter(~pl.col("job").is_in(dead.implode()).fill_null(False))
    there = dataset.tables["activities"].join(kept.select("row"), on="row", how="semi", maintain_order="left")
    real = there.with_columns(start=pl.col("actual_start"), end=pl.col("actual_end"))
    planned, actual = (_work(dataset, rows) for rows in (there, real))
    order = arranged({**dataset.tables, "activities": there}, cast(Plan, dataset.plan))["activities"]["row"]
    found = pl.DataFrame({"row": order}).join(kept, on="row", how="left", maintain_order="left")
    elapsed = (found["actual_end"] - found["actual_start"]).to_numpy()
    seconds = np.where(planned.timeline > 0, np.where(actual.timeline > 0, actual.seconds, 0), elapsed)
    found = found.with_columns(
        planned=pl.Series(planned.seconds, dtype=pl.Float64), worked=pl.Series(seconds, dtype=pl.Float64)
    )
    for column, rule, told in (
        ("planned", "no-planned-work", "have no planned work, so that nothing can be said relative to it"),
        ("worked", "no-actual-work", "took no second of their resource's calendar"),
    ):
        if gone := found.filter(pl.col(column) <= 0).height:
            message = f"{gone:,} finished activities {told}; they are left out"
            findings.append(note(rule, "activities", "end" if column == "planned" else "actual_end", message, gone))
            found = found.filter(pl.col(column) > 0)
    again = (pl.col("batch").is_not_null() & ~pl.struct("resource", "batch").is_first_distinct()).fill_null(False)
    return found.select(
        *_KEYS, "start", pl.col("actual_start").alias("began"), pl.col("actual_end").alias("until"), "planned",
        "worked", pl.when(again).then(0.0).otherwise(pl.col("worked") / HOUR).alias("exposed"),
    )  # fmt: skip


def _work(dataset: Dataset, rows: pl.DataFrame) -> Work:
    """Capacity of activity rows by the hours of their resources, in the order of a model."""
    model = build(replace(dataset, tables={**dataset.tables, "activities": rows}))
    every = np.arange(rows.height, dtype=np.int32)
    return planned_work(model.enterprise, model.schedule, openings(model.enterprise), every)


def _failures(dataset: Dataset, findings: list[Finding]) -> pl.DataFrame:
    """Downtime with a resource and a length, without what was taken back."""
    events = dataset.tables["events"]
    back = events["reverses"].drop_nulls()
    down = events.filter(
        (pl.col("type") == "downtime") & pl.col("reverses").is_null() & ~pl.col("event_id").is_in(back.implode())
    )
    whole = down.filter(pl.col("resource").is_not_null() & (pl.col("hours") > 0))
    if lost := down.height - whole.height:
        message = f"{lost:,} downtime events name no resource or no hours; they are left out"
        findings.append(note("downtime-unknown", "events", "hours", message, lost))
    owner = dataset.tables["resources"].select("resource", "department", "plant")
    found = whole.select("resource", pl.col("occurred_at").alias("at"), "hours")
    return found.join(owner, on="resource", how="left", maintain_order="left").sort("at", "resource")


def _without_failures(rows: pl.DataFrame, failures: pl.DataFrame, findings: list[Finding]) -> pl.DataFrame:
    """Work without the downtime that began during it, where its length shows that the downtime is in it."""
    if not rows.height or not failures.height:
        return rows
    numbered = rows.with_row_index("~row")
    began = numbered.select("~row", "resource", "began", "until").sort("began")
    hit = failures.sort("at").join_asof(
        began, left_on="at", right_on="began", by="resource", strategy="backward", check_sortedness=False
    )
    hit = hit.filter(pl.col("at") <= pl.col("until"))
    lost = hit.group_by("~row").agg((pl.col("hours").sum() * HOUR).alias("down"))
    down = numbered.join(lost, on="~row", how="left", maintain_order="left")["down"].fill_null(0.0).to_numpy()
    planned, worked = rows["planned"].to_numpy(), rows["worked"].to_numpy()
    expected = worked * (down.sum() / worked.sum())  # longer work fails more often, whatever its times hold
    inside, slope, error = included(worked / planned, (down - expected) / planned, usually=True)
    if not inside:
        message = f"downtime is not in the actual times (they grow by {slope:.2f} ± {error:.2f} of it)"
        findings.append(note("downtime-apart", "events", "hours", message))
        return rows
    left = worked - down
    if gone := int((left <= 0).sum()):
        message = f"{gone:,} finished activities were shorter than their downtime; they are left out"
        findings.append(note("downtime-too-long", "events", "hours", message, gone))
    share = np.maximum(left, 0.0) / worked
    rows = rows.with_columns(worked=pl.Series(left), exposed=pl.col("exposed") * pl.Series(share))
    return rows.filter(pl.col("worked") > 0)


def _bad(dataset: Dataset) -> pl.DataFrame:
    """Share of each operation that was bad, of what was planned to be made, or of what was made if that is less."""
    tables = dataset.tables
    orders = tables["manufacturing_orders"].select("manufacturing_order", "job", pl.col("quantity").alias("ordered"))
    jobs = tables["jobs"].select("job", pl.col("quantity").alias("sold"), "cancelled")
    found = widened(tables, "operations").drop("job").join(orders, on="manufacturing_order", how="left")
    found = found.join(jobs, on="job", how="left").filter(~pl.col("cancelled").fill_null(False))
    planned = pl.coalesce("quantity", "ordered", "sold")
    made = pl.col("good_qty").fill_null(planned - pl.col("scrap_qty")) + pl.col("scrap_qty")
    base = pl.min_horizontal(planned, made)
    counted = pl.col("scrap_qty").is_not_null() & (pl.col("base") > 0)
    found = found.with_columns(base=base, more=made > planned).filter(counted)
    whole = (pl.col("scrap_qty") == pl.col("scrap_qty").round()) & (pl.col("base") == pl.col("base").round())
    return found.select(
        "operation", "product", "resource", "plant",
        (pl.col("scrap_qty") / pl.col("base")).clip(0.0, 1.0).alias("share"),
        pl.when(whole).then(1.0 / pl.col("base")).otherwise(0.0).alias("step"),
        pl.col("more").fill_null(False),
    ).sort("operation")  # fmt: skip


def _made_once(rows: pl.DataFrame, bad: pl.DataFrame, findings: list[Finding]) -> pl.DataFrame:
    """Work of making everything once, where lengths show that what was bad was made again in the same work."""
    share = rows.join(bad, on="operation", how="left", maintain_order="left")["share"].fill_null(0.0).to_numpy()
    if not share.any():
        return rows
    y = np.log(rows["worked"].to_numpy() / rows["planned"].to_numpy())
    more = float(cast(float, bad.filter(pl.col("share") > 0)["more"].mean() or 0.0)) > 0.5
    again, slope, error = included(y, np.log1p(share), usually=more)
    if not again:
        return rows
    told = f", which grow by {slope:.2f} ± {error:.2f} of it" if error < SURE else ""
    findings.append(note("made-again", "operations", "scrap_qty", f"what was bad was made again in the work{told}"))
    return rows.with_columns(worked=pl.col("worked") / pl.Series(1.0 + share))


def _first_of_batches(work: pl.DataFrame) -> pl.DataFrame:
    """One member of each batch: all have its times."""
    together = work.filter(pl.col("batch").is_not_null())
    return together.unique(["resource", "batch"], keep="first", maintain_order=True)


def _step(work: pl.DataFrame) -> float:
    """The coarsest grid of seconds that every recorded time stands on: 1, 60 (minutes) …; at most an hour."""
    times = np.concatenate([work["began"].to_numpy(), work["until"].to_numpy()])
    return float(min(np.gcd.reduce(times), HOUR)) if times.size else 1.0
