"""Builder: a checked data set becomes a problem: what may move, what waits for what, where there is room, its money."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, cast

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tocfin.dataset import Dataset, Plan
from tocfin.errors import DatasetError, Finding, UsageError
from tocfin.kernels.search_loads import Loads
from tocfin.kernels.search_worth import Worth
from tocfin.model.arrange import first_rows
from tocfin.model.build import Model, arranged, build
from tocfin.model.columns import Ints
from tocfin.model.edges import HOUR, Edges, apart, links, products, steps
from tocfin.model.network import groups, margin
from tocfin.model.pegging import Holds, holds
from tocfin.reschedule.loading import LATEST, Members, loaded
from tocfin.reschedule.money import next_end
from tocfin.reschedule.stays import Zones, staying
from tocfin.reschedule.values import job_values

WEEK = 7 * 86_400
#: Hours of a week that a calendar has at least, so that `reach` is enough; and the farthest that calendars go.
LEAST_OPEN, MOST_REACH = 40 * HOUR, 10_000 * 86_400

__all__ = ["Problem", "Zones", "build_problem"]


@dataclass(frozen=True)
class Problem:
    """A data set to be planned anew. Rows are those of the model's schedule; loads hold members, members are rows."""

    dataset: Dataset
    model: Model
    frames: Mapping[str, pl.DataFrame]
    loads: Loads
    worth: Worth
    zones: Zones
    member_row: Ints  # (members) row of the schedule
    load_fixed: NDArray[np.bool_]  # (loads)
    load_job: Ints  # (loads) job of the first member
    unit_free: NDArray[np.int64]  # (2, units) [s] when fixed work leaves the unit, and the family it is set up for
    rank: NDArray[np.int64]  # (loads) a sequence in which everything stands after what it waits for
    next_end: int  # end of the period after the horizon [s]

    def fixed_rows(self) -> frozenset[int]:
        """Rows of the table of activities, by their row in its source, that must stay."""
        fixed = self.member_row[np.repeat(self.load_fixed, np.diff(self.loads.first_member))]
        return frozenset(self.frames["activities"]["row"].gather(fixed).to_list())


def build_problem(dataset: Dataset, zones: Zones | None = None) -> Problem:
    """The problem of ``dataset``; raises DatasetError with every reason why it cannot be planned anew."""
    zones = zones or Zones()
    plan = cast(Plan, dataset.require().plan)
    after = next_end(plan)
    wide = replace(dataset, plan=replace(plan, horizon_end=after))
    model = build(wide, beyond=max(margin(dataset), reach(dataset)))
    frames = arranged(dataset.tables, plan)
    rows = np.flatnonzero(~frames["activities"]["cancelled"].to_numpy()).astype(np.int32)
    if not rows.size:
        raise UsageError("the data set has no activities that could be planned anew")
    group = groups(model, rows)
    leaders, load_of = np.unique(group[rows], return_inverse=True)
    order = np.lexsort((rows, load_of))
    member_row, member_load = rows[order], load_of[order].astype(np.int32)
    first = first_rows(member_load, leaders.size)
    fixed = _fixed(dataset, frames, zones, member_row, first)
    material = holds(frames, plan.clock)
    edges = _load_edges(model, frames, load_of, rows, material)
    if not _sequence(edges, leaders.size).size:
        message = "batches and precedences wait for each other in a circle; take one of them apart"
        raise DatasetError((Finding("error", "cycle", "activities", None, "batch", message, file="activities"),))
    members = Members(member_row, first, fixed[member_load])
    loads, unit_free = loaded(model, frames, members, edges, plan.clock, material)
    loads = loads._replace(deadline=_deadlines(model, member_row, first, fixed, edges))
    starts = np.minimum.reduceat(model.schedule.activity_start[member_row], first[:-1])
    return Problem(
        dataset=dataset,
        model=model,
        frames=frames,
        loads=loads,
        worth=job_values(wide, model, frames, members, starts, plan.horizon_end, zones.slushy_until),
        zones=zones,
        member_row=member_row,
        load_fixed=fixed,
        load_job=frames["activities"]["job_row"].to_numpy()[member_row[first[:-1]]].astype(np.int32),
        unit_free=unit_free,
        rank=_sequence(edges, leaders.size),
        next_end=after,
    )


def reach(dataset: Dataset) -> int:
    """How far beyond the plan calendars should reach [s] for all work of the fullest resource to find hours.

    A plan that overlaps may need many times its horizon when its work is done one after another.
    """
    plan = cast(Plan, dataset.plan)
    span = pl.col("end") - pl.col("start")
    hours = pl.min_horizontal(span, (HOUR * pl.col("work_hours")).fill_null(pl.lit(MOST_REACH)))
    work = dataset.tables["activities"].group_by("resource").agg(hours.sum()).drop_nulls()
    most = float(cast(float, work["end"].max() or 0.0))
    return int(min(most * WEEK / LEAST_OPEN, MOST_REACH - (plan.horizon_end - plan.clock)))


def _fixed(
    dataset: Dataset, frames: Mapping[str, pl.DataFrame], zones: Zones, member_row: Ints, first: Ints
) -> NDArray[np.bool_]:
    """Loads that stay, as `tocfin.reschedule.stays` says of their rows."""
    for key, known, what in (
        (zones.pinned + zones.may_defer, set(frames["jobs"]["job"]), "job"),
        (zones.resources, set(frames["resources"]["resource"]), "resource"),
    ):
        if unknown := sorted(set(key) - known):
            raise UsageError(f"'{unknown[0]}' is not a {what} of the data set")
    stays = frames["activities"]["row"].is_in(list(staying(dataset, zones))).to_numpy()
    fixed: NDArray[np.bool_] = np.logical_or.reduceat(stays[member_row], first[:-1])
    return fixed


def _load_edges(model: Model, frames: Mapping[str, pl.DataFrame], load_of: Any, rows: Ints, material: Holds) -> Edges:
    """(edges, 3): load that must end first, load that waits, lag [s]; the plan's own breaches are not excused.

    Except of material: what the plan does not wait for, no other plan waits for (rulings R37).
    """
    schedule = model.schedule
    first = schedule.operation_first_activity
    load = np.full(schedule.activity_start.size, -1, np.int64)
    load[rows] = load_of
    gone = frames["operations"]["cancelled"].to_numpy()
    planned = np.flatnonzero((np.diff(first) > 0) & ~gone)
    parts = []
    made = apart(frames, material)
    waits = (made[:, 0], made[:, 1], np.zeros(len(made), np.int64))
    for before, after, lag in (steps(frames, planned), links(frames, planned), waits):
        pair, ahead, behind = products(first[before], first[before + 1], first[after], first[after + 1])
        parts.append(np.stack([load[ahead], load[behind], lag[pair]], axis=1))
    edges = np.concatenate(parts).astype(np.int64)
    edges = np.unique(edges[edges[:, 0] != edges[:, 1]], axis=0)
    return edges[np.lexsort((edges[:, 0], edges[:, 1]))]


def _deadlines(
    model: Model, member_row: Ints, first: Ints, fixed: NDArray[np.bool_], edges: Edges
) -> NDArray[np.int64]:
    """When each load must have ended because fixed work waits for it; what the plan breaks already is let be."""
    start = np.minimum.reduceat(model.schedule.activity_start[member_row], first[:-1])
    end = np.maximum.reduceat(model.schedule.activity_end[member_row], first[:-1])
    deadline = np.full(fixed.size, LATEST)
    hard = edges[~fixed[edges[:, 0]] & fixed[edges[:, 1]]]
    until = start[hard[:, 1]] - hard[:, 2]
    kept = end[hard[:, 0]] <= until
    np.minimum.at(deadline, hard[kept, 0], until[kept])
    return deadline


def _sequence(edges: Edges, n: int) -> NDArray[np.int64]:
    """Place of each load in a sequence that respects the edges; empty where they close a circle."""
    missing = np.bincount(edges[:, 1], minlength=n)
    by_before = edges[np.argsort(edges[:, 0], kind="stable")]
    opens = np.searchsorted(by_before[:, 0], np.arange(n + 1))
    ready = np.flatnonzero(missing == 0).tolist()
    rank = np.full(n, -1, np.int64)
    for place, x in enumerate(ready):
        rank[x] = place
        for after in by_before[opens[x] : opens[x + 1], 1].tolist():
            missing[after] -= 1
            if not missing[after]:
                ready.append(after)
    return rank if len(ready) == n else np.zeros(0, np.int64)
