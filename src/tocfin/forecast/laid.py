"""A plan laid out for questions about jobs and resources: when each ends, what it is worth, what is left to do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import cast

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tocfin.dataset import Dataset, Plan
from tocfin.kpi import KPIS, Policy, evaluate
from tocfin.measure import rules_of, sums
from tocfin.model.build import Model, arranged, build
from tocfin.model.columns import IS_DRUM, NEVER, Floats, Instants, Ints
from tocfin.model.edges import links, steps
from tocfin.model.groups import grouping
from tocfin.model.network import finished, margin
from tocfin.model.openings import Openings, openings, planned_work

HOUR = 3_600.0
Mask = NDArray[np.bool_]
Steps = tuple[NDArray[np.int64], NDArray[np.int64], Instants]


@dataclass(frozen=True)
class Laid:
    """Columns of a data set beside what follows from them, job by job; times are NEVER where nothing is planned."""

    model: Model
    frames: Mapping[str, pl.DataFrame]
    rules: Policy
    activity_operation: Ints
    activity_job: Ints
    activity_done: Mask
    operation_end: Instants
    job_start: Instants
    job_end: Instants
    job_planned: Mask  # every operation is planned, and the job is not cancelled
    job_open: Mask  # of these, those with work that is not finished at the clock

    @cached_property
    def job_throughput(self) -> Floats:
        """Throughput of each job, whenever it ends; NaN where it is not planned or a part of it is not supplied."""
        ends = np.append(self.job_end[self.job_planned], self.model.horizon.end)
        whole = self.model.horizon._replace(
            clock=int(min(ends.min(), self.model.horizon.clock)), end=int(ends.max()) + 1, edges=np.zeros(0, np.int64)
        )
        terms = sums(self.model, grouping(self.model, "job"), whole)[0, : self.job_end.size]
        value = evaluate(KPIS["throughput"], terms, self.rules).value
        return np.where(self.job_planned, value, np.nan)

    def throughput(self, job: int) -> float | None:
        """Throughput of one job; None where it has none."""
        value = float(self.job_throughput[job])
        return None if np.isnan(value) else value

    def material(self) -> Floats:
        """Material of each job as throughput counts it [money]."""
        column = 2 * (self.rules.flags["material_levels"] == "bought") + (
            self.rules.flags["item_cost"] == "truly_variable"
        )
        value: Floats = self.model.enterprise.job_material[:, column]
        return value

    def chains(self) -> Iterator[Steps]:
        """What waits for what, as rows of operations: by sequence, then by precedence."""
        first = self.model.schedule.operation_first_activity
        gone = self.frames["operations"]["cancelled"].to_numpy()
        planned = np.flatnonzero((np.diff(first) > 0) & ~gone)
        yield steps(self.frames, planned)
        yield links(self.frames, planned)

    @cached_property
    def waits_for(self) -> Mapping[int, tuple[int, ...]]:
        """Operations that each operation waits for, as rows; those that wait for none are left out."""
        found: dict[int, set[int]] = {}
        for before, after, _ in self.chains():
            for ahead, behind in zip(before.tolist(), after.tolist(), strict=True):
                found.setdefault(behind, set()).add(ahead)
        return {behind: tuple(sorted(ahead)) for behind, ahead in found.items()}

    @cached_property
    def _seconds(self) -> Instants:
        rows = np.arange(self.activity_job.size, dtype=np.int32)
        return planned_work(self.model.enterprise, self.model.schedule, self.hours, rows).seconds

    def seconds_of(self, activity: int) -> int:
        """Work of one row of the schedule [s]: available seconds, elapsed ones where nothing covers it."""
        return int(self._seconds[activity])

    def drums(self) -> list[int]:
        """Rows of the active drums."""
        return np.flatnonzero(self.model.enterprise.resource_role & IS_DRUM).tolist()

    def plant_of(self, resource: int) -> str:
        """Plant of a resource."""
        return str(self.model.keys["plant"][int(self.model.enterprise.resource_plant[resource])])

    @cached_property
    def hours(self) -> Openings:
        """When work can be done."""
        return openings(self.model.enterprise)

    def work_left(self, resource: int) -> int:
        """Seconds of work on a resource after the clock that are not done, a batch once, shared by its units."""
        schedule, clock = self.model.schedule, self.model.horizon.clock
        rows = np.flatnonzero((schedule.activity_resource == resource) & ~self.activity_done)
        rows = rows[self.model.enterprise.job_cancelled[self.activity_job[rows]] == 0].astype(np.int32)
        late = schedule._replace(
            activity_start=np.maximum(schedule.activity_start, clock),
            activity_end=np.maximum(schedule.activity_end, clock),
        )
        work = np.array(planned_work(self.model.enterprise, late, self.hours, rows).seconds)
        name = rows.astype(np.int64)
        if schedule.activity_batch.size:
            batch = schedule.activity_batch[rows].astype(np.int64)
            name = np.where(batch < 0, name, schedule.activity_start.size + batch)
        order = np.lexsort((-work, name))
        once = np.diff(name[order], prepend=-1) != 0
        units = int(self.frames["resources"]["units"].fill_null(1)[resource])
        return -(-int(work[order][once].sum()) // units)

    def free_after(self, resource: int, instant: int, seconds: int) -> int | None:
        """When a resource has worked ``seconds`` from ``instant`` on; None where its calendar ends first."""
        t = int(self.model.enterprise.resource_timeline[resource])
        low, high = self.hours.opening_first[t], self.hours.opening_first[t + 1]
        for o in range(int(low), int(high)):
            begin = max(int(self.hours.opening_start[o]), instant)
            room = max(int(self.hours.opening_end[o]) - begin, 0)
            if room and seconds <= room:
                return begin + seconds
            seconds -= room
        return None


def laid_out(dataset: Dataset, policy: str | None, model: Model | None = None) -> Laid:
    """``dataset`` laid out under ``policy`` (default: the plan's); raises DatasetError when it has errors.

    ``model`` are its columns as a world of it has them, where they are at hand.
    """
    plan = cast(Plan, dataset.require().plan)
    frames = arranged(dataset.tables, plan)
    if model is None:
        model = build(dataset, beyond=margin(dataset))
    schedule, world = model.schedule, model.enterprise
    activities = frames["activities"]
    operation = activities["operation_row"].to_numpy().astype(np.int32)
    job = activities["job_row"].to_numpy().astype(np.int32)
    n_job, n_operation = world.job_plant.size, schedule.operation_first_activity.size - 1
    operation_end, job_end = (np.full(n, NEVER) for n in (n_operation, n_job))
    np.maximum.at(operation_end, operation, schedule.activity_end)
    np.maximum.at(job_end, job, schedule.activity_end)
    job_start = np.full(n_job, np.iinfo(np.int64).max)
    np.minimum.at(job_start, job, schedule.activity_start)
    owner = frames["operations"]["job_row"].to_numpy()
    missing = np.bincount(owner[operation_end == NEVER], minlength=n_job)
    planned = (missing == 0) & (job_end != NEVER) & (world.job_cancelled == 0)
    done = finished(model, frames)
    left = np.bincount(job[~done], minlength=n_job) > 0
    return Laid(
        model, frames, rules_of(plan, policy), operation, job, done, operation_end,
        np.where(job_end == NEVER, NEVER, job_start), job_end, planned, planned & left,
    )  # fmt: skip
