"""The enterprise and its schedule as columns: what every kernel reads.

Arrays are one-dimensional, contiguous and read-only, named ``<entity>_<attribute>`` and joined by row number, -1 for
none. Rows stand in the order of their keys (jobs by key, orders by job, operations by order, activities by operation),
so that one pass over jobs reads every column forwards and no sum depends on the order of the input. Instants are
int64 seconds UTC, money is in the reporting currency, NaN stands for *not supplied*.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int32]
Instants = NDArray[np.int64]
Floats = NDArray[np.float64]
Bytes = NDArray[np.uint8]

#: Bits of ``resource_role``; an inactive resource has none.
IS_DRUM, IS_SUBCONTRACTOR, HAS_POTENTIAL, IS_ACTIVE = 1, 2, 4, 8
#: An instant that is not known.
NEVER = np.iinfo(np.int64).min


class Horizon(NamedTuple):
    """When KPIs are evaluated: ``[clock, end)`` [s], cut into periods at ``edges``.

    Edges may reach beyond the horizon; without any, everything is in one period, *outside*.
    """

    clock: int
    end: int
    edges: Instants  # (periods + 1) or (0) [s]


class Enterprise(NamedTuple):
    """What exists, apart from when things happen."""

    plant_expense: Floats  # (plants) [money/day]
    plant_capital: Floats  # (plants) [money]
    plant_capital_has_stock: Bytes  # (plants) capital includes inventory
    plant_first_day: Ints  # (plants + 1) into day_start; the last boundary of a plant closes its last day
    day_start: Instants  # (boundaries) [s] operating days that touch the horizon
    resource_plant: Ints  # (resources)
    resource_role: Bytes  # (resources) bits IS_DRUM, IS_SUBCONTRACTOR, HAS_POTENTIAL, IS_ACTIVE
    resource_units: Floats  # (resources) equal machines behind one name: its intervals count so often
    resource_standard_cost: Floats  # (resources) [money/h] of one unit
    resource_overtime_cost: Floats  # (resources) [money/h] of one unit
    resource_timeline: Ints  # (resources) into timeline_first; timeline 0 is empty
    timeline_first: Ints  # (timelines + 1) into segment_*
    resource_first_bucket: Ints  # (resources) into bucket_*: where the buckets of its timeline begin
    bucket_potential: NDArray[np.int16]  # (timelines x (buckets + 1)) next bucket, or this, with potential overtime
    bucket_segment: Ints  # (timelines x (buckets + 1)) first segment that ends after the bucket begins
    bucket_span: NDArray[np.int64]  # (3) first instant of bucket 0 [s], log2 of a bucket's length, buckets
    segment_start: Instants  # (segments) [s]
    segment_end: Instants  # (segments) [s]
    segment_kind: Bytes  # (segments) ONLINE, OVERTIME, POTENTIAL, CLEANOUT
    segment_next_potential: Ints  # (segments + 1) next segment, or this, that is POTENTIAL, whatever its timeline
    segment_online: Instants  # (segments + 1) [s] of ONLINE segments before this one, whatever their timeline
    segment_overtime: Instants  # (segments + 1) [s] of OVERTIME and POTENTIAL segments before this one
    stock_plant: Ints  # (stocks) owned stock
    stock_kind: Bytes  # (stocks) 0 raw material, 1 work in process, 2 finished goods, 3 other
    stock_value: Floats  # (stocks) [money] at cost
    stock_value_variable: Floats  # (stocks) [money] at truly variable cost
    job_plant: Ints  # (jobs)
    job_product: Ints  # (jobs)
    job_cancelled: Bytes  # (jobs)
    job_need: Instants  # (jobs) [s]
    job_revenue: Floats  # (jobs) [money] of what it delivered, where it is closed short; its material too
    job_shipping: Floats  # (jobs) [money]
    job_penalty: Floats  # (jobs) [money/day]
    job_subcontract: Floats  # (jobs) [money] replaces the roll-up; NaN: roll up
    job_material: Floats  # (jobs, 4) [money] all, all variable, bought, bought variable; overrides applied
    job_floor: Floats  # (jobs, 4) [money] required, required variable, issued, issued variable
    job_first_order: Ints  # (jobs + 1)
    order_need: Instants  # (orders) [s] own, else the job's
    order_first_operation: Ints  # (orders + 1)
    operation_carrying: Floats  # (operations) [money/day]


class Schedule(NamedTuple):
    """When and where each operation is planned. Optional columns are empty arrays where nothing is known."""

    operation_first_activity: Ints  # (operations + 1)
    activity_start: Instants  # (activities) [s]
    activity_end: Instants  # (activities) [s]
    activity_resource: Ints  # (activities)
    activity_batch: Ints  # (activities) or (0); row of batch_first, -1 for none
    activity_actual_start: Instants  # (activities) or (0); NEVER where it is not known
    activity_actual_end: Instants  # (activities) or (0); NEVER where it is not known
    activity_work_hours: Floats  # (activities) or (0); NaN where it is not given
    batch_first: Ints  # (batches + 1) into batch_*: (resource, batch) of jobs not cancelled
    batch_activity: Ints  # (members)
    batch_job: Ints  # (members)
    drum_activity: Ints  # (activities on drums, of jobs not cancelled) in the order of jobs
    drum_job: Ints  # (activities on drums)
    drum_batched: Bytes  # (activities on drums) member of a batch
    subcontract_activity: Ints  # (activities on subcontractors, of jobs not cancelled) in the order of jobs
    subcontract_job: Ints  # (activities on subcontractors)
    order_plain: Bytes  # (orders) each operation has a rate and one activity, whose actual start is not known
    most_operations: int  # of one order


class Grouping(NamedTuple):
    """Which group each amount is added to; group ``n - 1`` of ``n`` is thrown away.

    ``drum_hours_by_job``: hours of work on drums stand beside the throughput of their job, not with the drum.
    """

    job_group: Ints
    resource_group: Ints
    plant_group: Ints
    stock_group: Ints
    n: int
    drum_hours_by_job: bool
