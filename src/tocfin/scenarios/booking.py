"""The order in which jobs are booked: plant after plant, and all columns of jobs in that order.

What a job adds to, its group's terms in 64 lanes, stays in the cache while jobs of that group follow each other. Rows
that are read one after the other lie behind each other, those of times too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tocfin.kernels.block import JOBS_PER_BLOCK
from tocfin.model.arrange import frozen, owned, reordered
from tocfin.model.build import Model
from tocfin.model.columns import Enterprise, Grouping, Schedule

if TYPE_CHECKING:
    from tocfin.scenarios.ordinary import Spans

Rows = NDArray[np.int64]


class Booking(NamedTuple):
    """Columns whose jobs, orders, operations and activities stand in the order in which they are booked."""

    enterprise: Enterprise
    schedule: Schedule
    groups: Grouping
    spans: Spans
    job: Rows  # (jobs) row of each in the model
    place: Rows  # (activities) where each activity of the model stands here


def booking(model: Model, groups: Grouping, spans: Spans) -> Booking:
    """Jobs by group and row, as far as they are summed together; by row where one adds to the group of another.

    So every sum has its parts in the order of jobs, as in ``tocfin.kernels.block``.
    """
    enterprise, schedule = model.enterprise, model.schedule
    row = np.arange(enterprise.job_plant.size)
    of_drum = groups.resource_group[schedule.activity_resource[schedule.drum_activity]]
    apart = np.array_equal(of_drum, groups.job_group[schedule.drum_job])
    job = np.lexsort((row, groups.job_group, row // JOBS_PER_BLOCK)) if apart else row
    order, _ = owned(enterprise.job_first_order, job)
    operation, _ = owned(enterprise.order_first_operation, order)
    activity, _ = owned(schedule.operation_first_activity, operation)
    rows = {"job": job, "order": order, "operation": operation, "activity": activity}
    places = {name: np.argsort(rows[name]) for name in ("job", "activity")}
    moved: dict[str, Any] = {}
    for of in ("drum", "subcontract"):
        owner = places["job"][getattr(schedule, f"{of}_job")]
        by_job = np.argsort(owner, kind="stable")
        moved[f"{of}_job"] = frozen(owner[by_job])
        moved[f"{of}_activity"] = frozen(places["activity"][getattr(schedule, f"{of}_activity")][by_job])
    return Booking(
        reordered(enterprise, rows),
        reordered(schedule, rows)._replace(**moved),
        reordered(groups, rows),
        reordered(spans, rows),
        frozen(job),
        frozen(places["activity"]),
    )
