"""The least that any pass over a schedule costs: reading each of its columns once.

Two ways: a plain loop for each table, which the compiler turns into vector instructions; and one nest of loops over
jobs, their orders, operations and activities, which is the order in which terms must be summed.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numba
import numpy as np
from numpy.typing import NDArray

from tocfin.model.columns import Enterprise, Schedule


class Read(NamedTuple):
    """Every column that the kernels read once per row of a big table."""

    activity_start: NDArray[np.int64]
    activity_end: NDArray[np.int64]
    activity_resource: NDArray[np.int32]
    activity_batch: NDArray[np.int32]
    operation_first_activity: NDArray[np.int32]
    operation_carrying: NDArray[np.float64]
    order_first_operation: NDArray[np.int32]
    order_need: NDArray[np.int64]
    job_first_order: NDArray[np.int32]
    job_plant: NDArray[np.int32]
    job_cancelled: NDArray[np.uint8]
    job_need: NDArray[np.int64]
    job_revenue: NDArray[np.float64]
    job_shipping: NDArray[np.float64]
    job_penalty: NDArray[np.float64]
    job_subcontract: NDArray[np.float64]
    job_material: NDArray[np.float64]
    job_floor: NDArray[np.float64]


def columns_read(enterprise: Enterprise, schedule: Schedule) -> Read:
    """The columns of ``enterprise`` and ``schedule`` that stand for most of the bytes."""
    given = enterprise._asdict() | schedule._asdict()
    return Read(**{name: given[name] for name in Read._fields})


@numba.njit(nogil=True)
def read(activity, operation, order, job, money, material):  # type: ignore[no-untyped-def]
    """One loop a table, on one thread: (sum of all whole numbers, sum of all amounts)."""
    whole = 0
    start, end, resource, batch = activity
    for a in range(start.size):
        whole += start[a] + end[a] + resource[a]
    for a in range(batch.size):
        whole += batch[a]
    first, carrying = operation
    amount = 0.0
    for o in range(carrying.size):
        whole += first[o]
        amount += carrying[o]
    first, need = order
    for m in range(need.size):
        whole += first[m] + need[m]
    first, plant, cancelled, need = job
    revenue, shipping, penalty, subcontract = money
    required, issued = material
    for j in range(plant.size):
        whole += first[j] + plant[j] + cancelled[j] + need[j]
        amount += revenue[j] + shipping[j] + penalty[j] + subcontract[j]
        for v in range(4):
            amount += required[j, v] + issued[j, v]
    return whole, amount


@numba.njit(nogil=True)
def read_nested(activity, operation, order, job, money, material):  # type: ignore[no-untyped-def]
    """The same columns and sums in one pass over jobs, on one thread."""
    whole = 0
    amount = 0.0
    start, end, resource, batch = activity
    first_activity, carrying = operation
    first_operation, order_need = order
    first_order, plant, cancelled, need = job
    revenue, shipping, penalty, subcontract = money
    required, issued = material
    has_batches = batch.size > 0
    for j in range(plant.size):
        whole += first_order[j] + plant[j] + cancelled[j] + need[j]
        amount += revenue[j] + shipping[j] + penalty[j] + subcontract[j]
        for v in range(4):
            amount += required[j, v] + issued[j, v]
        for m in range(first_order[j], first_order[j + 1]):
            whole += first_operation[m] + order_need[m]
            for o in range(first_operation[m], first_operation[m + 1]):
                whole += first_activity[o]
                amount += carrying[o]
                for a in range(first_activity[o], first_activity[o + 1]):
                    whole += start[a] + end[a] + resource[a]
                    if has_batches:
                        whole += batch[a]
    return whole, amount


def read_once(c: Read, loops: Callable[..., tuple[int, float]] = read) -> tuple[int, float]:
    """Read all columns once."""
    return loops(
        (c.activity_start, c.activity_end, c.activity_resource, c.activity_batch),
        (c.operation_first_activity, c.operation_carrying),
        (c.order_first_operation, c.order_need),
        (c.job_first_order, c.job_plant, c.job_cancelled, c.job_need),
        (c.job_revenue, c.job_shipping, c.job_penalty, c.job_subcontract),
        (c.job_material, c.job_floor),
    )


def assert_read(columns: Read, whole: int) -> None:
    """The loop read every whole number: its sum is NumPy's. Each ``first`` column closes with one row more."""
    closing = ("operation_first_activity", "order_first_operation", "job_first_order")
    expected = sum(
        int((column[:-1] if name in closing else column).sum(dtype=np.int64))
        for name, column in columns._asdict().items()
        if column.dtype.kind in "iu"
    )
    assert whole == expected
