"""Warnings that need the expanded calendars: capacity that is not there, and work planned outside it."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tocfin.dataset.calendars import CLEANOUT, Timelines
from tocfin.dataset.listing import Faults, Tables, listed
from tocfin.dataset.plan import Plan
from tocfin.dataset.text import instant
from tocfin.errors import Finding


def uncovered(tables: Tables, timelines: Timelines, plan: Plan) -> list[Finding]:
    """Active resources without an hour in the horizon, and activities that no hour of their resource covers."""
    return [finding for faults in _faults(tables, timelines, plan) for finding in listed(faults)]


def _faults(tables: Tables, timelines: Timelines, plan: Plan) -> Iterator[Faults]:
    resources = tables["resources"].with_columns(timeline=pl.Series(timelines.resource_timeline))
    resources = resources.filter(pl.col("active").fill_null(True) & pl.col("resource").is_not_null())
    owner = np.repeat(np.arange(timelines.timeline_first.size - 1), np.diff(timelines.timeline_first))
    inside = (timelines.segment_start < plan.horizon_end) & (timelines.segment_end > plan.clock)
    idle = (resources["resource_type"] != "Tool") & ~resources["timeline"].is_in(np.unique(owner[inside]).tolist())
    yield Faults(
        "warning",
        "no-capacity",
        "resources",
        "resource",
        resources.filter(idle),
        lambda row: (
            f"'{row['resource']}' has no capacity interval in the horizon, so it costs nothing and has no hours: "
            "give it a calendar or intervals, or set active to false"
        ),
    )
    yield Faults(
        "warning",
        "outside-capacity",
        "activities",
        "start",
        _outside(tables, resources, timelines, owner),
        lambda row: (
            f"{instant(row['start'])} to {instant(row['end'])} touches no available hour of '{row['resource']}', "
            "so the work has no capacity hours: move it, or add the hours"
        ),
    )


def _outside(tables: Tables, resources: pl.DataFrame, timelines: Timelines, owner: NDArray[np.int64]) -> pl.DataFrame:
    """Activities of open jobs on active resources that overlap no available segment of their timeline."""
    cancelled = tables["jobs"].filter(pl.col("cancelled").fill_null(False)).select("job")
    orders = tables["manufacturing_orders"].join(cancelled, on="job", how="semi").select("manufacturing_order")
    dead = tables["operations"].join(orders, on="manufacturing_order", how="semi").select("operation")
    work = tables["activities"].filter(pl.col("start") <= pl.col("end")).join(dead, on="operation", how="anti")
    hours = resources.filter((pl.col("resource_type") != "Tool") | (pl.col("timeline") >= 0))
    work = work.join(hours.select("resource", "timeline"), on="resource", how="inner", maintain_order="left")
    available = timelines.segment_kind != CLEANOUT
    start, end, owner = timelines.segment_start[available], timelines.segment_end[available], owner[available]
    if not work.height or not start.size:
        return work
    from_, to, timeline = (work[column].cast(pl.Int64).to_numpy() for column in ("start", "end", "timeline"))
    low = min(int(from_.min()), int(start.min()))
    width = max(int(to.max()), int(end.max())) - low + 1
    place = np.searchsorted(owner * width + (end - low), timeline * width + (from_ - low), side="right")
    near = np.minimum(place, start.size - 1)
    covered = (place < start.size) & (owner[near] == timeline) & (start[near] < np.maximum(to, from_ + 1))
    return work.filter(~pl.Series(covered))
