"""The least that any pass over a schedule costs: reading each of its columns once.

Two ways: one nest of loops over jobs, their orders, operations and activities, which is the order in which terms must
be summed and the floor that the kernel is held against; and a plain loop for each table, which the compiler turns into
vector instructions.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numba
import numpy as np
from numpy.typing import NDArray

from tocfin.model.columns import Enterprise, Grouping, Schedule


class Read(NamedTuple):
    """Every column that the kernels read of jobs, orders, operations and activities."""

    activity_start: NDArray[np.int64]
    activity_end: NDArray[np.int64]
    activity_resource: NDArray[np.int32]
    operation_first_activity: NDArray[np.int32]
    operation_carrying: NDArray[np.float64]
    order_first_operation: NDArray[np.int32]
    order_need: NDArray[np.int64]
    order_plain: NDArray[np.uint8]
    job_first_order: NDArray[np.int32]
    job_plant: NDArray[np.int32]
    job_group: NDArray[np.int32]
    job_cancelled: NDArray[np.uint8]
    job_need: NDArray[np.int64]
    job_revenue: NDArray[np.float64]
    job_shipping: NDArray[np.float64]
    job_penalty: NDArray[np.float64]
    job_subcontract: NDArray[np.float64]
    job_material: NDArray[np.float64]
    job_floor: NDArray[np.float64]


def columns_read(enterprise: Enterprise, schedule: Schedule, grouping: Grouping) -> Read:
    """The columns of jobs, orders, operations and activities."""
    given = enterprise._asdict() | schedule._asdict() | grouping._asdict()
    return Read(**{name: given[name] for name in Read._fields})


@numba.njit(nogil=True)
def read_nested(activity, operation, order, job, money, material):  # type: ignore[no-untyped-def]
    """One pass over jobs, on one thread: (sum of all whole numbers, of all amounts, of subcontract costs given)."""
    whole = 0
    amount = 0.0
    given = 0.0  # apart: not a number where one is unknown
    start, end, resource = activity
    first_activity, carrying = operation
    first_operation, order_need, plain = order
    first_order, plant, group, cancelled, need = job
    revenue, shipping, penalty, subcontract = money
    required, issued = material
    m, o, a = first_order[0], first_operation[0], first_activity[0]
    whole += m + o + a
    for j in range(plant.size):
        last_order = first_order[j + 1]
        whole += last_order + plant[j] + group[j] + cancelled[j] + need[j]
        amount += revenue[j] + shipping[j] + penalty[j]
        given += subcontract[j]
        for v in range(4):
            amount += required[j, v] + issued[j, v]
        while m < last_order:
            last_operation = first_operation[m + 1]
            whole += last_operation + order_need[m] + plain[m]
            m += 1
            while o < last_operation:
                last_activity = first_activity[o + 1]
                whole += last_activity
                amount += carrying[o]
                o += 1
                while a < last_activity:
                    whole += start[a] + end[a] + resource[a]
                    a += 1
    return whole, amount, given


@numba.njit(nogil=True)
def read_by_table(activity, operation, order, job, money, material):  # type: ignore[no-untyped-def]
    """The same columns and sums, one loop a table."""
    whole = 0
    amount = 0.0
    given = 0.0
    start, end, resource = activity
    for a in range(start.size):
        whole += start[a] + end[a] + resource[a]
    first, carrying = operation
    for o in range(first.size):
        whole += first[o]
    for o in range(carrying.size):
        amount += carrying[o]
    first, need, plain = order
    for m in range(first.size):
        whole += first[m]
    for m in range(need.size):
        whole += need[m] + plain[m]
    first, plant, group, cancelled, need = job
    revenue, shipping, penalty, subcontract = money
    required, issued = material
    for j in range(first.size):
        whole += first[j]
    for j in range(plant.size):
        whole += plant[j] + group[j] + cancelled[j] + need[j]
        amount += revenue[j] + shipping[j] + penalty[j]
        given += subcontract[j]
        for v in range(4):
            amount += required[j, v] + issued[j, v]
    return whole, amount, given


def read_once(c: Read, loops: Callable[..., tuple[int, float, float]] = read_nested) -> tuple[int, float, float]:
    """Read all columns once."""
    return loops(
        (c.activity_start, c.activity_end, c.activity_resource),
        (c.operation_first_activity, c.operation_carrying),
        (c.order_first_operation, c.order_need, c.order_plain),
        (c.job_first_order, c.job_plant, c.job_group, c.job_cancelled, c.job_need),
        (c.job_revenue, c.job_shipping, c.job_penalty, c.job_subcontract),
        (c.job_material, c.job_floor),
    )


def sums(columns: Read) -> tuple[int, float, float]:
    """What reading every number gives, by NumPy."""
    given = columns._asdict()
    subcontract = float(given.pop("job_subcontract").sum())
    whole = sum(int(column.sum(dtype=np.int64)) for column in given.values() if column.dtype.kind in "iu")
    return whole, sum(float(column.sum()) for column in given.values() if column.dtype.kind == "f"), subcontract


def assert_read(expected: tuple[int, float, float], found: tuple[int, float, float]) -> None:
    """The loop read every number."""
    assert found[0] == expected[0]
    assert np.allclose(found[1:], expected[1:], rtol=1e-9, equal_nan=True)
