"""The scheduled order book as rows of the tables: orders, operations, activities, material and how far they are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from tocfin.examples.business import CLOCK, MATERIALS, RATE, WEEK
from tocfin.examples.dispatch import Task
from tocfin.examples.orders import Job, Operation, lag_hours
from tocfin.examples.shopfloor import BY_KEY

NOW = int(CLOCK.timestamp())
HOLDING = 0.18  # yearly cost of holding material, of its value
LATE_WORK = 14  # percent of the finished activities that ended after their planned end
SLIPPED_HOURS = 72  # before the clock: of what was to end since then, some is still being worked on
CANCELLED = 4
UNPLANNED = 3

Rows = list[dict[str, Any]]


def upset(rng: np.random.Generator, jobs: Sequence[Job]) -> None:
    """Cancel a few jobs that have not begun, and leave the last step of a few late ones unscheduled."""
    fresh = [job for job in jobs if job.released > NOW + WEEK]
    for number in rng.choice(len(fresh), CANCELLED, replace=False):
        fresh[number].cancelled = True
    last = [job for job in jobs if job.released > NOW + 3 * WEEK and not job.cancelled]
    for number in rng.choice(len(last), UNPLANNED, replace=False):
        last[number].unplanned = True


def job_rows(rng: np.random.Generator, jobs: Sequence[Job]) -> Rows:
    """The jobs table."""
    rows: Rows = []
    for job in jobs:
        ahead = job.released - NOW
        commitment = "Released" if ahead <= 0 else "Firm" if ahead <= 3 * WEEK else "Planned"
        row = {"job": job.key, "plant": job.plant, "product": job.product.key, "quantity": job.quantity,
               "customer": job.customer, "revenue": job.revenue, "shipping_cost": job.shipping,
               "late_penalty_per_day": job.penalty, "need_date": job.need, "release_date": job.released,
               "commitment": commitment, "cancelled": job.cancelled, "purpose": "Sale",
               "priority": 1 if job.penalty else 2}  # fmt: skip
        outside = any(_outside(operation) for operation in job.operations)
        if outside and rng.integers(100) < 4:
            row["subcontract_cost"] = 5.0 * int(rng.integers(30, 70))  # a quoted price instead of hours
        rows.append(row)
    return rows


def order_rows(jobs: Sequence[Job]) -> Rows:
    """The manufacturing_orders table; components are needed before the job is."""
    rows: Rows = []
    for job in jobs:
        for order in job.orders:
            need = job.need if order is job.orders[-1] else job.need - 2 * 86_400
            rows.append({"manufacturing_order": order.key, "job": job.key, "product": order.item,
                         "quantity": job.quantity, "need_date": need})  # fmt: skip
    return rows


def operation_rows(jobs: Sequence[Job]) -> Rows:
    """The operations table; an operation adds the holding cost of what joins the product there."""
    rows: Rows = []
    for job in jobs:
        for order in job.orders:
            for operation in order.operations:
                value = sum(quantity * _cost(item) for item, quantity in issues(job, operation)) / RATE[job.plant]
                value += operation.task.work / 3_600 * BY_KEY[operation.task.groups[0]].rate
                rows.append({"operation": operation.key, "manufacturing_order": order.key,
                             "sequence": operation.sequence,
                             "carrying_cost_per_day": round(value * HOLDING / 365, 2),
                             "setup_hours": operation.setup / 3_600,
                             "run_hours": (operation.task.work - operation.setup) / 3_600,
                             "scrap_rate": 0.02 if operation.task.groups[0][2:] in {"GRIND", "HONE"} else None,
                             "quantity": job.quantity})  # fmt: skip
    return rows


def precedence_rows(jobs: Sequence[Job]) -> Rows:
    """Links between orders, and time on the road; the sequence inside an order needs no row."""
    rows: Rows = []
    for job in jobs:
        first = job.orders[-1].operations[0]
        for order in job.orders:
            pairs = list(zip(order.operations, order.operations[1:], strict=False))
            links = [(one, other) for one, other in pairs if lag_hours(one, other)]
            if order is not job.orders[-1]:
                links.append((order.operations[-1], first))
            for one, other in links:
                rows.append({"predecessor": one.key, "successor": other.key, "lag_hours": lag_hours(one, other)})
    return rows


def alternative_rows(jobs: Sequence[Job]) -> Rows:
    """Where else work of equal machines could run, for what has not begun and needs one resource only."""
    return [
        {"operation": operation.key, "resource": key, "setup_hours": operation.setup / 3_600,
         "run_hours": (operation.task.work - operation.setup) / 3_600}
        for job in jobs
        for operation in job.operations
        if len(operation.task.groups) == 1 and operation.task.start >= NOW
        for key in BY_KEY[operation.task.groups[0]].members
        if key not in operation.task.resources
    ]  # fmt: skip


def activity_rows(rng: np.random.Generator, jobs: Sequence[Job]) -> Rows:
    """The activities table: one row per activity and resource, with what happened before the clock."""
    listed = [operation for job in jobs for operation in _planned(job)]
    listed.sort(key=lambda operation: (operation.task.start, operation.key))
    rows: Rows = []
    batches: dict[str, dict[str, Any]] = {}
    slipped = _slips(rng, jobs)
    for operation in listed:
        task = operation.task
        seen = batches.get(task.batch or "") or _progress(rng, task, operation.key in slipped)
        if task.batch:
            batches[task.batch] = seen
        for resource in task.resources:
            rows.append({"activity": f"A-{operation.key}", "operation": operation.key, "resource": resource,
                         "start": task.start, "end": task.end, "batch": task.batch} | seen)  # fmt: skip
    return rows


def material_rows(rng: np.random.Generator, jobs: Sequence[Job]) -> Rows:
    """The material_requirements table: stock is issued when work begins, some of it a day ahead."""
    rows: Rows = []
    for job in jobs:
        for operation in job.operations:
            for item, quantity in issues(job, operation):
                issued = issued_by_now(operation, quantity)
                rows.append({"operation": operation.key, "item": item, "requirement_type": "FromStock",
                             "required_qty": quantity, "issued_qty": issued})  # fmt: skip
        if job.product.family != "kit" and rng.integers(100) < 15:
            first = job.orders[-1].operations[0]
            price = int(rng.integers(8, 40)) * job.quantity
            rows.append({"operation": first.key, "requirement_type": "BuyDirect", "required_qty": job.quantity,
                         "issued_qty": job.quantity if first.task.start < NOW + 2 * 86_400 else None,
                         "total_cost": price})  # fmt: skip
    return rows


def _progress(rng: np.random.Generator, task: Task, slipped: bool) -> dict[str, Any]:
    """What the floor has reported by the clock: most work was over by its planned end, some of it was late."""
    if task.start >= NOW:
        return {"status": "Planned"}
    began = task.start - 60 * int(rng.integers(0, 11))
    if task.end > NOW or slipped:
        left = max(task.work // 4, task.work - (NOW - task.start))
        return {"status": "Started", "actual_start": began, "remaining_hours": round(left / 3_600, 2)}
    late = rng.integers(100) < LATE_WORK
    ended = task.end + 60 * int(rng.integers(5, 150) if late else rng.integers(-15, 1))
    return {"status": "Finished", "actual_start": began, "actual_end": min(ended, NOW)}


def _slips(rng: np.random.Generator, jobs: Sequence[Job]) -> set[str]:
    """Operations that were to end just before the clock and did not: the last ones of their resource and order."""
    begun = [(operation, order) for job in jobs for order in job.orders for operation in order.operations]
    begun = [pair for pair in begun if pair[0].task.start < NOW]
    begun.sort(key=lambda pair: pair[0].task.start)
    last = {key: operation.key for operation, _ in begun for key in operation.task.resources}
    last |= {order.key: operation.key for operation, order in begun}
    return {
        operation.key for operation, order in begun
        if all(last[key] == operation.key for key in (*operation.task.resources, order.key))
        and not operation.task.batch and NOW - operation.task.end < SLIPPED_HOURS * 3_600 and rng.integers(2)
    }  # fmt: skip


def _planned(job: Job) -> Iterator[Operation]:
    operations = list(job.operations)
    return iter(operations[:-1] if job.unplanned else operations)


def issued_by_now(operation: Operation, quantity: float) -> float | None:
    """How much of ``quantity`` has left the store by the clock."""
    ahead = operation.task.start - NOW
    return quantity if ahead < 0 else quantity // 2 if ahead < 86_400 and quantity >= 2 else None


def issues(job: Job, operation: Operation) -> list[tuple[str, float]]:
    """Items that join the product at ``operation``: raw material at the first step, parts at assembly.

    Rotor groups go through the store; housings and valve bodies stay with their job from start to end.
    """
    for order in job.orders[:-1]:
        if operation is order.operations[0] and order.raw:
            return [(order.raw[0], order.raw[1] * job.quantity)]
    if operation is job.orders[-1].operations[0]:
        made = [(order.item, 1.0 * job.quantity) for order in job.orders[:-1] if order.item.startswith("IM-ROTOR")]
        return made + [(item, quantity * job.quantity) for item, quantity in job.product.parts]
    return []


def _outside(operation: Operation) -> bool:
    return BY_KEY[operation.task.groups[0]].resource_type == "Subcontractor"


def _cost(item: str) -> float:
    return 0.0 if item.startswith("IM-") else MATERIALS[item][2]
