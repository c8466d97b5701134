"""A plan as bars, the drums first and then what is loaded most, as many as a reader can look through; and as load."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tocfin.dataset.calendars import OVERTIME, POTENTIAL
from tocfin.model.columns import IS_DRUM, Floats
from tocfin.model.progress import expected
from tocfin.scenarios.world import World

DAY, HOUR = 86_400, 3_600
#: Bars of one picture: more are slow to draw and impossible to read.
MOST_BARS = 2_000


class Bar(NamedTuple):
    """One activity; ``ghost`` is when it is `Gantt.behind`, None where it is not there. ``late`` is its job's."""

    resource: str
    job: str
    product: str | None
    operation: str
    start: int
    end: int
    late: bool
    ghost: tuple[int, int] | None


@dataclass(frozen=True)
class Gantt:
    """``bars`` of ``resources`` in order, drums first; ``shown`` of ``whole`` activities. ``overtime`` is (resource,
    start, end) [s]. ``load`` (all resources, days) is work ÷ available time, NaN where there is none; ``hours`` and
    ``available`` (all resources) are work and available time of the whole horizon [h]. Behind the bars stands what
    ``behind`` names: the plan where the state of its work is known, else an alternative; empty for nothing.
    """

    resources: tuple[str, ...]
    drums: frozenset[str]
    bars: tuple[Bar, ...]
    overtime: tuple[tuple[str, int, int], ...]
    whole: int
    load_resources: tuple[str, ...]
    load_days: NDArray[np.int64]
    load: Floats
    hours: Floats
    available: Floats
    behind: str = ""


def gantt(world: World, other: World | None = None) -> Gantt:
    """Bars of ``world`` inside its horizon, as far as its work has come, with the plan or those of ``other`` behind."""
    behind = "" if other is None else f"in {other.name}"
    if world.standing is not None:
        now = expected(world.model, world.network, world.standing)
        world, other, behind = replace(world, model=world.model._replace(schedule=now)), world, "as planned"
    model = world.model
    names = model.keys["resource"].to_list()
    work, open_, days = _work(world)
    load = np.divide(work, open_, out=np.full(work.shape, np.nan), where=open_ > 0)
    busy = np.nansum(load, axis=1)
    drum = (model.enterprise.resource_role & IS_DRUM) > 0
    inside = _inside(world)
    counts = np.bincount(model.schedule.activity_resource[inside], minlength=len(names))
    order = [int(r) for r in np.lexsort((-busy, ~drum)) if counts[r]]
    chosen: list[int] = []
    for r in order:
        if chosen and counts[[*chosen, r]].sum() > MOST_BARS:
            break
        chosen.append(r)
    rows = inside[np.isin(model.schedule.activity_resource[inside], chosen)][:MOST_BARS]
    return Gantt(
        tuple(names[r] for r in chosen), frozenset(names[r] for r in chosen if drum[r]),
        tuple(_bars(world, rows, other)), tuple(_overtime(world, chosen)), int(inside.size),
        tuple(names[r] for r in order), days, load[order], work[order].sum(axis=1) / HOUR,
        open_[order].sum(axis=1) / HOUR, behind,
    )  # fmt: skip


def _inside(world: World) -> NDArray[np.int64]:
    """Rows of the schedule that touch the horizon, of jobs that are not cancelled, by start."""
    schedule, horizon = world.model.schedule, world.model.horizon
    touches = (schedule.activity_end > horizon.clock) & (schedule.activity_start < horizon.end)
    rows = np.flatnonzero(touches & (world.model.enterprise.job_cancelled[world.activity_job] == 0))
    return rows[np.argsort(schedule.activity_start[rows], kind="stable")]


def _bars(world: World, rows: NDArray[np.int64], other: World | None) -> list[Bar]:
    model = world.model
    keys = {name: model.keys[name].to_list() for name in ("resource", "job", "operation", "product", "activity")}
    ends = np.full(len(keys["job"]), np.iinfo(np.int64).min)
    np.maximum.at(ends, world.activity_job, model.schedule.activity_end)
    late = ends > model.enterprise.job_need
    ghosts = {} if other is None else _times(other)
    found = []
    for a in rows.tolist():
        job, operation = int(world.activity_job[a]), int(world.activity_operation[a])
        product = int(model.enterprise.job_product[job])
        found.append(
            Bar(
                keys["resource"][model.schedule.activity_resource[a]], keys["job"][job],
                keys["product"][product] if product >= 0 else None, keys["operation"][operation],
                int(model.schedule.activity_start[a]), int(model.schedule.activity_end[a]), bool(late[job]),
                ghosts.get((keys["operation"][operation], keys["activity"][a])),
            )
        )  # fmt: skip
    return found


def _times(world: World) -> dict[tuple[str, str], tuple[int, int]]:
    schedule = world.model.schedule
    operations, activities = (world.model.keys[name].to_list() for name in ("operation", "activity"))
    return {
        (operations[o], activities[a]): (int(schedule.activity_start[a]), int(schedule.activity_end[a]))
        for a, o in enumerate(world.activity_operation.tolist())
    }


def _overtime(world: World, resources: list[int]) -> list[tuple[str, int, int]]:
    """Overtime and potential overtime of some resources inside the horizon."""
    enterprise, horizon = world.model.enterprise, world.model.horizon
    names, found = world.model.keys["resource"].to_list(), []
    for r in resources:
        t = int(enterprise.resource_timeline[r])
        for s in range(int(enterprise.timeline_first[t]), int(enterprise.timeline_first[t + 1])):
            start = max(int(enterprise.segment_start[s]), horizon.clock)
            end = min(int(enterprise.segment_end[s]), horizon.end)
            if enterprise.segment_kind[s] in (OVERTIME, POTENTIAL) and start < end:
                found.append((names[r], start, end))
    return found


def _work(world: World) -> tuple[Floats, Floats, NDArray[np.int64]]:
    """Work, a batch once, and available time [s] of every resource and day of the horizon, and the days [s].

    Instants are turned into available seconds of the resource, in which work and days are plain intervals.
    """
    net, schedule, horizon = world.network, world.model.schedule, world.model.horizon
    enterprise, days = world.model.enterprise, np.arange(horizon.clock, horizon.end, DAY)
    edges = np.append(days, horizon.end)
    work, available = np.zeros((2, enterprise.resource_plant.size, days.size))
    first = np.flatnonzero(world.load.opens)
    if not first.size:
        return work, available, days
    begins = np.minimum.reduceat(schedule.activity_start[world.load.row], first)
    ends = np.maximum.reduceat(schedule.activity_end[world.load.row], first)
    owner = world.load.resource[first]
    for r in np.unique(owner):
        t = int(enterprise.resource_timeline[r])
        low, high = int(net.opening_first[t]), int(net.opening_first[t + 1])
        if low == high:
            continue
        at = np.stack([net.opening_start[low:high], net.opening_end[low:high]], axis=1).ravel()
        done = np.cumsum(np.diff(at, prepend=at[0]) * (np.arange(at.size) % 2))
        own = owner == r
        day, start, end = (np.interp(instants, at, done) for instants in (edges, begins[own], ends[own]))
        work[r] = (np.clip(end[:, None], day[:-1], day[1:]) - np.clip(start[:, None], day[:-1], day[1:])).sum(axis=0)
        available[r] = np.diff(day) * enterprise.resource_units[r]
    return work, available, days
