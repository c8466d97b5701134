"""The coded columns of a big plant become the columns of the kernels: what "building" means in the benchmarks."""

from __future__ import annotations

import numpy as np

from tocfin.catalogue import INTERVAL_TYPES
from tocfin.dataset.calendars import ONLINE, OVERTIME, POTENTIAL, Timelines, distinct
from tocfin.examples import Coded
from tocfin.model.arrange import (
    NO_BUCKET,
    batches,
    bucketed,
    first_rows,
    frozen,
    in_batch,
    next_potential,
    on,
    plain,
    seconds_before,
)
from tocfin.model.columns import (
    HAS_POTENTIAL,
    IS_ACTIVE,
    IS_DRUM,
    IS_SUBCONTRACTOR,
    Enterprise,
    Grouping,
    Horizon,
    Schedule,
)

#: Interval types of the catalogue in the order of the kernels' kinds.
KIND = {"Online": 0, "Overtime": 1, "PotentialOvertime": 2, "Cleanout": 3}
DAY = 86_400


def columns(coded: Coded) -> tuple[Enterprise, Schedule, Horizon, Grouping]:
    """Columns of ``coded``, whose rows already stand by job, order and operation."""
    timelines = _timelines(coded)
    horizon = Horizon(int(coded.edges[0]), int(coded.edges[-1]), frozen(coded.edges))
    following, segments, span = bucketed(timelines, horizon.clock, horizon.end)
    role = np.full(coded.resource_plant.size, IS_ACTIVE, np.uint8)
    role[coded.resource_drum] |= IS_DRUM
    role[coded.resource_subcontractor] |= IS_SUBCONTRACTOR
    role[(following[:, 0] != NO_BUCKET)[timelines.resource_timeline]] |= HAS_POTENTIAL
    n_plant, n_job = coded.plant_expense.size, coded.job_plant.size
    dates = np.arange(horizon.clock - DAY, horizon.end + 2 * DAY, DAY)
    stock = coded.stock_quantity * coded.item_cost[coded.stock_item]
    variable = coded.stock_quantity * coded.item_variable[coded.stock_item]
    material, floor = _material(coded, n_job)
    enterprise = Enterprise(
        plant_expense=coded.plant_expense,
        plant_capital=coded.plant_capital,
        plant_capital_has_stock=np.zeros(n_plant, np.uint8),
        plant_first_day=(np.arange(n_plant + 1) * dates.size).astype(np.int32),
        day_start=np.tile(dates, n_plant),
        resource_plant=coded.resource_plant,
        resource_role=role,
        resource_units=np.ones(coded.resource_plant.size),
        resource_standard_cost=coded.resource_standard_cost,
        resource_overtime_cost=coded.resource_overtime_cost,
        resource_timeline=timelines.resource_timeline,
        timeline_first=timelines.timeline_first.astype(np.int32),
        resource_first_bucket=timelines.resource_timeline * np.int32(following.shape[1]),
        bucket_potential=following.ravel(),
        bucket_segment=segments.ravel(),
        bucket_span=span,
        segment_start=timelines.segment_start,
        segment_end=timelines.segment_end,
        segment_kind=timelines.segment_kind,
        segment_next_potential=next_potential(timelines),
        segment_online=seconds_before(timelines, ONLINE),
        segment_overtime=seconds_before(timelines, OVERTIME, POTENTIAL),
        stock_plant=coded.stock_plant,
        stock_kind=np.minimum(coded.item_kind[coded.stock_item], 3).astype(np.uint8),
        stock_value=stock,
        stock_value_variable=variable,
        job_plant=coded.job_plant,
        job_product=coded.job_product,
        job_cancelled=coded.job_cancelled.astype(np.uint8),
        job_need=coded.job_need,
        job_revenue=coded.job_revenue,
        job_shipping=coded.job_shipping,
        job_penalty=coded.job_penalty,
        job_subcontract=np.full(n_job, np.nan),
        job_material=material,
        job_floor=floor,
        job_first_order=first_rows(coded.order_job, n_job),
        order_need=coded.job_need[coded.order_job],
        order_first_operation=first_rows(coded.operation_order, coded.order_job.size),
        operation_carrying=coded.operation_carrying,
    )
    job = coded.order_job[coded.operation_order[coded.activity_operation]]
    numbered, first, member, member_job = batches(
        coded.activity_resource, coded.activity_batch, job, ~coded.job_cancelled[job]
    )
    first_activity = first_rows(coded.activity_operation, coded.operation_order.size)
    taken = ~coded.job_cancelled[job]
    drum_activity, drum_job = on(role, IS_DRUM, coded.activity_resource, job, taken)
    subcontract_activity, subcontract_job = on(role, IS_SUBCONTRACTOR, coded.activity_resource, job, taken)
    unknown = np.zeros(0, np.int64)
    schedule = Schedule(
        operation_first_activity=first_activity,
        activity_start=coded.activity_start,
        activity_end=coded.activity_end,
        activity_resource=coded.activity_resource,
        activity_batch=numbered,
        activity_actual_start=unknown,
        activity_actual_end=unknown,
        activity_work_hours=np.zeros(0, np.float64),
        batch_first=first,
        batch_activity=member,
        batch_job=member_job,
        drum_activity=drum_activity,
        drum_job=drum_job,
        drum_batched=in_batch(numbered, drum_activity),
        subcontract_activity=subcontract_activity,
        subcontract_job=subcontract_job,
        order_plain=plain(enterprise.order_first_operation, first_activity, coded.operation_carrying, unknown),
        most_operations=int(np.diff(enterprise.order_first_operation).max()),
    )
    plants = np.arange(n_plant, dtype=np.int32)
    groups = (coded.job_plant, coded.resource_plant, plants, coded.stock_plant)
    return (
        Enterprise(*(frozen(column) for column in enterprise)),
        Schedule(*(frozen(c) if isinstance(c, np.ndarray) else c for c in schedule)),
        horizon,
        Grouping(*(frozen(column) for column in groups), n_plant + 1, False),
    )


def _timelines(coded: Coded) -> Timelines:
    """Resources with the same intervals share a timeline; intervals are disjoint and sorted already."""
    kind = np.array([KIND.get(name, 4) for name in INTERVAL_TYPES], np.uint8)[coded.interval_kind]
    n_resource = coded.resource_plant.size
    return distinct(
        Timelines(
            np.arange(n_resource, dtype=np.int32),
            first_rows(coded.interval_resource, n_resource).astype(np.int64),
            coded.interval_start,
            coded.interval_end,
            kind,
        )
    )


def _material(coded: Coded, n_job: int) -> tuple[np.ndarray, np.ndarray]:
    job = coded.order_job[coded.operation_order[coded.requirement_operation]]
    cost, variable = coded.item_cost[coded.requirement_item], coded.item_variable[coded.requirement_item]
    required = [np.bincount(job, coded.requirement_quantity * value, n_job) for value in (cost, variable)]
    given = np.nan_to_num(coded.requirement_issued)  # nothing issued; unknown, the term would be compared with nothing
    issued = [np.bincount(job, given * value, n_job) for value in (cost, variable)]
    return np.stack([*required, *required], axis=1), np.stack([*required, *issued], axis=1)
