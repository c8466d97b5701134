"""What a plan changes: job by job with its money, and activity by activity in the words of the source system."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, cast

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tocfin.dataset import Dataset, Plan
from tocfin.dataset.text import instant
from tocfin.kpi import KPIS, evaluate
from tocfin.measure import rules_of, sums
from tocfin.model.build import arranged, build
from tocfin.model.groups import grouping
from tocfin.reschedule.money import next_end
from tocfin.zones import to_local

JOB_COLUMNS = (
    "job", "what", "moved", "end_before", "end_after", "need_date", "late_before", "late_after",
    "throughput_this", "throughput_next",
)  # fmt: skip
CHANGE_COLUMNS = (
    "activity", "operation", "manufacturing_order", "job", "from_resource", "to_resource",
    "from_start", "to_start", "from_end", "to_end",
)  # fmt: skip


def jobs(dataset: Dataset, before: pl.DataFrame, after: pl.DataFrame) -> list[dict[str, Any]]:
    """Jobs that the plan touches, those with the most money first: ``JOB_COLUMNS``; money is after minus before.

    ``what``: newly in the period, out of the period, newly late, on time again, or moved.
    """
    plan = cast(Plan, dataset.plan)
    keys, was, old = _by_job(dataset, before)
    _, now, new = _by_job(dataset, after)
    moved = dict(_moves(dataset, before, after))
    needs = dict(dataset.tables["jobs"]["job", "need_date"].iter_rows())
    rows = []
    for j, job in enumerate(keys):
        change = np.nan_to_num(now[:, j] - was[:, j])
        if job not in moved and not change.any():
            continue
        one, other = old.get(job), new.get(job)
        need = needs[job]
        rows.append(
            {
                "job": job,
                "what": _what(one, other, need, plan),
                "moved": moved.get(job, 0),
                "end_before": one if one is None else instant(one),
                "end_after": other if other is None else instant(other),
                "need_date": instant(need),
                "late_before": one is not None and one > need,
                "late_after": other is not None and other > need,
                "throughput_this": float(change[0]),
                "throughput_next": float(change[1]),
            }
        )
    return sorted(rows, key=lambda row: -max(abs(row["throughput_this"]), abs(row["throughput_next"])))


def _what(one: int | None, other: int | None, need: int, plan: Plan) -> str:
    if one is None or other is None:
        return "moved"
    inside = [plan.clock <= end < plan.horizon_end for end in (one, other)]
    if inside[0] != inside[1]:
        return "newly in the period" if inside[1] else "out of the period"
    if (one > need) != (other > need):
        return "newly late" if other > need else "on time again"
    return "moved"


def _by_job(dataset: Dataset, activities: pl.DataFrame) -> tuple[list[str], NDArray[np.float64], dict[str, int]]:
    """Keys of the jobs, their throughput in this period and the next, and when they end."""
    plan = cast(Plan, dataset.plan)
    after = next_end(plan)
    wide = replace(
        dataset,
        tables={**dataset.tables, "activities": activities},
        plan=replace(plan, horizon_end=after, boundaries=(plan.clock, plan.horizon_end, after)),
    )
    model = build(wide)
    keys = model.keys["job"].to_list()
    terms = sums(model, grouping(model, "job"), model.horizon)[:2, : len(keys)]
    ends = arranged(wide.tables, plan)["activities"].group_by("job_row").agg(pl.col("end").max())
    return (
        keys,
        evaluate(KPIS["throughput"], terms, rules_of(plan, "reconciled")).value,
        {keys[row]: end for row, end in ends.iter_rows()},
    )


def _moves(dataset: Dataset, before: pl.DataFrame, after: pl.DataFrame) -> Iterator[tuple[str, int]]:
    changed = _changed(dataset, before, after)
    yield from changed.group_by("job").agg(pl.len()).iter_rows()


def _changed(dataset: Dataset, before: pl.DataFrame, after: pl.DataFrame) -> pl.DataFrame:
    """Rows that are not as they were, with what they were."""
    tables = dataset.tables
    same = ["row", "resource", "start", "end"]
    both = after.join(before.select(same), on="row", suffix="_before")
    moved = (pl.col(name) != pl.col(f"{name}_before") for name in same[1:])
    owner = tables["operations"].join(tables["manufacturing_orders"], on="manufacturing_order", suffix="_order")
    return both.filter(pl.any_horizontal(*moved)).join(
        owner.select("operation", "manufacturing_order", "job"), on="operation"
    )


def changes(dataset: Dataset, before: pl.DataFrame, after: pl.DataFrame) -> pl.DataFrame:
    """The change list, for keying or upload: ``CHANGE_COLUMNS``, times local to the resource's plant, by start."""
    zone = dict(dataset.tables["plants"]["plant", "timezone"].iter_rows())
    plant = dict(dataset.tables["resources"]["resource", "plant"].iter_rows())
    rows = _changed(dataset, before, after).sort("start", "activity", "resource")

    def local(seconds: int, resource: str) -> str:
        name = zone.get(plant.get(resource, "")) or "UTC"
        return instant(int(to_local(np.array([seconds], np.int64), name)[0]))[:-1]

    listed = [
        {
            "activity": row["activity"],
            "operation": row["operation"],
            "manufacturing_order": row["manufacturing_order"],
            "job": row["job"],
            "from_resource": row["resource_before"],
            "to_resource": row["resource"],
            "from_start": local(row["start_before"], row["resource_before"]),
            "to_start": local(row["start"], row["resource"]),
            "from_end": local(row["end_before"], row["resource_before"]),
            "to_end": local(row["end"], row["resource"]),
        }
        for row in rows.iter_rows(named=True)
    ]
    return pl.DataFrame(listed, schema=dict.fromkeys(CHANGE_COLUMNS, pl.String))
