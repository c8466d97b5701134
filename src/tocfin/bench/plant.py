"""The plant that speed is measured on: four plants, four weeks, jobs of ten steps, a feasible plan at any size.

The business is that of ``tocfin.examples.big_plant`` (revenue, material, penalties, drums, subcontractors) without
batches and cancelled jobs, one order a job, and its times are laid anew: no resource does two things at once, no step
begins before the one ahead of it has ended, work pauses outside the shifts.
"""

from __future__ import annotations

from bisect import bisect_right
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tocfin.dataset import Dataset, Plan
from tocfin.dataset.calendars import CLEANOUT, expand
from tocfin.examples import Coded, big_plant, dataset, spell_out
from tocfin.examples.frames import complete, from_rows
from tocfin.examples.scale import STEPS, ZONES

N_PLANT = 4
#: In four weeks of two shifts a resource does about so many activities of an hour: two thirds of its time.
ACTIVITIES_OF_RESOURCE = 200
FEWEST_RESOURCES = 48
UNIT = 300  # work is a multiple of this [s]
MOST_UNITS = 24
LAID_BEYOND = 12 * 7 * 86_400  # so far after the horizon work may be laid [s]

_TWO = (("Mon-Fri", 6, 14, "Online"), ("Mon-Fri", 14, 22, "Online"))
_LATE = ("Mon-Thu", 22, 24, "PotentialOvertime")
#: Two shifts and free weekends, but for what is added to them: days, first and last hour, type.
CALENDARS = {
    "two shifts": _TWO,
    "and late": (*_TWO, _LATE),
    "and Saturday": (*_TWO, ("Sat", 6, 12, "Overtime")),
    "drum": (*_TWO, _LATE, ("Sun", 8, 14, "PotentialOvertime"), ("Fri", 22, 24, "Cleanout")),
}
#: What longer hours at a drum add.
MORE_HOURS = ("Sat", 6, 14, "Overtime")
#: Calendars of resources that are no drum, in turn.
_OTHERS = ("and late", "two shifts", "and late", "and Saturday", "two shifts")

Hours = tuple[list[int], list[int]]  # starts and ends of available time, disjoint and in order
Ints = NDArray[np.int64]


def shop(n_activities: int, *, calendars: bool = True, seed: int = 7) -> Dataset:
    """A checked data set of ``n_activities``; without ``calendars`` every resource works around the clock."""
    n_resources = max(FEWEST_RESOURCES, n_activities // ACTIVITIES_OF_RESOURCE // N_PLANT * N_PLANT)
    coded = _plain(big_plant(n_activities, seed, n_resources=n_resources, n_plants=N_PLANT))
    names: list[str | None] = calendar_of(coded) if calendars else [None] * n_resources
    coded = _laid(coded, _hours(coded, names), seed)
    plan, tables = spell_out(coded)
    if calendars:
        tables["resources"] = tables["resources"].with_columns(pl.Series("calendar", names, dtype=pl.String))
        tables["calendars"] = calendar_rows()
    return dataset(plan, tables)


def calendar_of(coded: Coded) -> list[str | None]:
    """The calendar of each resource."""
    place = np.arange(coded.resource_plant.size) // N_PLANT
    drum = coded.resource_drum.tolist()
    return ["drum" if drum[r] else _OTHERS[p % len(_OTHERS)] for r, p in enumerate(place.tolist())]


def calendar_rows() -> pl.DataFrame:
    """The calendars table."""
    return from_rows("calendars", [shift(name, *hours) for name, shifts in CALENDARS.items() for hours in shifts])


def shift(calendar: str, days: str, first: int, last: int, kind: str) -> dict[str, Any]:
    """A row of the calendars table; hours of the day."""
    hours = {"start_time": first * 3_600, "end_time": last % 24 * 3_600}
    return {"calendar": calendar, "days": days, "interval_type": kind} | hours


def _plain(coded: Coded) -> Coded:
    """No batches, nothing cancelled, one order a job, no intervals of a resource's own."""
    own = {name: getattr(coded, name)[:0] for name in Coded._fields if name.startswith("interval_")}
    return coded._replace(
        **own,
        job_cancelled=np.zeros_like(coded.job_cancelled),
        order_job=np.arange(coded.job_plant.size, dtype=np.int32),
        operation_order=np.arange(coded.activity_operation.size, dtype=np.int32) // np.int32(STEPS),
        activity_batch=np.full_like(coded.activity_batch, -1),
    )


def _hours(coded: Coded, names: list[str | None]) -> list[Hours | None]:
    """Available time of each resource; None where it always is."""
    kinds = list(zip(names, coded.resource_plant.tolist(), strict=True))
    plants = [{"plant": str(plant), "timezone": zone} for plant, zone in enumerate(ZONES[:N_PLANT])]
    one_each = sorted({(name, plant) for name, plant in kinds if name is not None})
    resources = [{"resource": f"{n} {p}", "plant": str(p), "calendar": n} for n, p in one_each]
    given = {"plants": plants, "resources": resources}
    frames = complete({name: from_rows(name, rows) for name, rows in given.items()} | {"calendars": calendar_rows()})
    lines, _ = expand(frames, Plan("", int(coded.edges[0]), int(coded.edges[-1]) + LAID_BEYOND, "EUR"))
    found: dict[tuple[str | None, int], Hours] = {}
    for row, kind in enumerate(one_each):
        t = lines.resource_timeline[row]
        at = np.arange(lines.timeline_first[t], lines.timeline_first[t + 1])
        at = at[lines.segment_kind[at] != CLEANOUT]
        found[kind] = (lines.segment_start[at].tolist(), lines.segment_end[at].tolist())
    return [found.get(kind) for kind in kinds]


def _laid(coded: Coded, hours: list[Hours | None], seed: int) -> Coded:
    """Every activity as early as its job and its resource let it, in the order of the times it had."""
    n_jobs, n = coded.job_plant.size, coded.activity_start.size
    times = np.append(coded.activity_start, np.full(n_jobs * STEPS - n, np.iinfo(np.int64).max))
    order = np.argsort(np.maximum.accumulate(times.reshape(n_jobs, STEPS), axis=1).ravel()[:n], kind="stable")
    rng = np.random.Generator(np.random.PCG64(seed))
    unit = UNIT if hours[0] is not None else 2 * UNIT  # around the clock there is twice the time
    work = (unit * rng.integers(1, MOST_UNITS + 1, n)).tolist()
    clock = int(coded.edges[0])
    job = coded.operation_order.tolist()
    resource = coded.activity_resource.tolist()
    job_free, free = [clock] * n_jobs, [clock] * coded.resource_plant.size
    start, end = [0] * n, [0] * n
    for a in order.tolist():
        j, r = job[a], resource[a]
        start[a], end[a] = placed(hours[r], max(job_free[j], free[r]), work[a])
        job_free[j] = free[r] = end[a]
    starts, ends = np.array(start, np.int64), np.array(end, np.int64)
    last = np.minimum(np.arange(1, n_jobs + 1) * STEPS, n) - 1
    need = coded.job_need - coded.activity_end[last] + ends[last]
    return coded._replace(activity_start=starts, activity_end=ends, job_need=need)


def placed(hours: Hours | None, ready: int, work: int) -> tuple[int, int]:
    """First start and end of ``work`` seconds that pauses outside ``hours``."""
    if hours is None:
        return ready, ready + work
    starts, ends = hours
    o = bisect_right(ends, ready)
    start = at = max(ready, starts[o])
    while work > ends[o] - at:
        work -= ends[o] - at
        o += 1
        at = starts[o]
    return start, at + work
