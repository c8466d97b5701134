"""The order book: jobs drawn at random, their orders and operations, and the tasks that the scheduler places."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from tocfin.examples.business import CLOCK, CUSTOMERS, MAKES, PRODUCTS, RATE, WEEK, Product, components
from tocfin.examples.dispatch import Task
from tocfin.examples.shopfloor import BY_KEY, ZONES, utc

JOBS = {"ESS": 240, "MKE": 160}
MIX = {"pump": 12, "block": 6, "kit": 2}  # of twenty jobs
LOTS = {"pump": (4, 16), "block": (8, 32), "kit": (15, 60)}
LEAD_DAYS = {"pump": 7, "block": 6, "kit": 5}  # quoted, in days
RUSHED = 15  # percent of the jobs: promised three days sooner than the quote
STARVED = 7  # percent of the jobs: bought parts come five days after the release
DRUM_HOURS = {"ESS": 690, "MKE": 480}  # of all jobs together: this sets how full the drum is
OPENED = {"ESS": datetime(2026, 5, 26, 6), "MKE": datetime(2026, 5, 26, 6)}
BACKLOG = 0.14  # share of the order book that is released when the plan starts
STEP = 300  # work is planned in five minutes
LONGEST = 7 * 3_600
TRANSPORT_HOURS = 4

#: group, crew, setup minutes, minutes per unit; a batch takes as long as it takes
Step = tuple[str, str, int, int]
_ROTOR = [("SAW", "", 10, 2), ("LATHE", "", 40, 16), ("HEAT", "", 720, 0), ("GRIND", "", 30, 12), ("DEBURR", "", 5, 3)]
_KIT_ROTOR = [("SAW", "", 10, 1), ("LATHE", "", 30, 5), ("HEAT", "", 720, 0), ("GRIND", "", 25, 4)]
_BLOCK_END = [("DRILL", "", 20, 4), ("DEBURR", "", 5, 5), ("WASH", "", 60, 0)]
#: (plant, family) -> order -> steps
ROUTINGS: dict[tuple[str, str], dict[str, list[Step]]] = {
    ("ESS", "pump"): {
        "housing": [("MILL", "", 30, 14), ("5AX", "", 45, 13), ("DRILL", "", 20, 8), ("DEBURR", "", 5, 5),
                    ("WASH", "", 60, 0), ("HONE", "", 20, 9), ("CMM", "QA", 15, 4)],
        "rotor": _ROTOR,
        "final": [("ASM", "CREW", 20, 22), ("TEST", "TECH", 20, 12), ("PAINT", "", 15, 5), ("PACK", "", 10, 4)],
    },
    ("ESS", "block"): {
        "block": [("SAW", "", 10, 2), ("MILL", "", 40, 8), ("5AX", "", 40, 7), *_BLOCK_END],
        "final": [("ASM", "CREW", 20, 8), ("TEST", "TECH", 15, 6), ("PACK", "", 10, 2)],
    },
    ("ESS", "kit"): {
        "rotor": [*_KIT_ROTOR, ("HONE", "", 15, 2), ("CMM", "QA", 15, 1)],
        "final": [("PACK", "", 10, 2)],
    },
    ("MKE", "pump"): {
        "housing": [("MILL", "", 40, 20), ("DRILL", "", 20, 8), ("DEBURR", "", 5, 5), ("WASH", "", 60, 0),
                    ("CMM", "QA", 15, 3)],
        "rotor": _ROTOR,
        "final": [("ASM", "CREW", 20, 22), ("TEST", "TECH", 20, 12), ("SHIP", "", 15, 7)],
    },
    ("MKE", "block"): {
        "block": [("SAW", "", 10, 2), ("MILL", "", 45, 10), ("GRIND", "", 30, 5), *_BLOCK_END],
        "final": [("ASM", "CREW", 20, 8), ("TEST", "TECH", 15, 6), ("SHIP", "", 10, 3)],
    },
    ("MKE", "kit"): {
        "rotor": [*_KIT_ROTOR, ("CMM", "QA", 15, 1)],
        "final": [("SHIP", "", 10, 2)],
    },
}  # fmt: skip


@dataclass(slots=True)
class Operation:
    """One step of an order; ``task`` is what the scheduler sees of it."""

    key: str
    sequence: int
    setup: int
    task: Task
    number: int


@dataclass(slots=True)
class Order:
    """A manufacturing order of a job: it makes ``item`` from ``raw`` (an item and how much of it a unit takes)."""

    key: str
    item: str
    raw: tuple[str, float] | None
    operations: list[Operation] = field(default_factory=list)


@dataclass(slots=True)
class Job:
    """A customer's order: one product, one lot; money in the plant's currency."""

    key: str
    plant: str
    product: Product
    quantity: int
    customer: str
    revenue: float
    shipping: float
    penalty: float
    released: int
    need: int
    starved: bool = False
    cancelled: bool = False
    unplanned: bool = False  # its last operation has no activity yet
    orders: list[Order] = field(default_factory=list)

    @property
    def operations(self) -> Iterator[Operation]:
        """Operations of all its orders."""
        return (operation for order in self.orders for operation in order.operations)


def draw_jobs(rng: np.random.Generator) -> list[Job]:
    """The order book of both plants, with operations and tasks, in the order of release."""
    jobs: list[Job] = []
    for plant, count in JOBS.items():
        book = [_draw(rng, plant, 1_000 * (1 + len(jobs) // 240) + number) for number in range(1, count + 1)]
        for job in book:
            _route(job, len(jobs))
        _fill_drum(plant, book)
        _release(rng, plant, book)
        jobs += book
    for number, operation in enumerate(operation for job in jobs for operation in job.operations):
        operation.number = number
    for job in jobs:
        _link(job)
    return jobs


def _draw(rng: np.random.Generator, plant: str, number: int) -> Job:
    families = [family for family, share in MIX.items() for _ in range(share)]
    family = families[rng.integers(len(families))]
    made = [product for product in PRODUCTS if product.family == family and product.key in MAKES[plant].split()]
    item = made[rng.integers(len(made))]
    low, high = LOTS[family]
    quantity = int(rng.integers(low, high + 1))
    discount = int(rng.integers(0, 9))  # percent
    revenue = round(item.price * quantity * (100 - discount) / 100 / RATE[plant], 2)
    return Job(
        key=f"SO-{number}",
        plant=plant,
        product=item,
        quantity=quantity,
        customer=CUSTOMERS[rng.integers(len(CUSTOMERS))],
        revenue=revenue,
        shipping=round(60.0 + revenue * int(rng.integers(8, 20)) / 1_000, 2),
        penalty=5.0 * round(revenue * 0.006 / 5.0) if rng.integers(100) < 60 else 0.0,
        released=0,
        need=0,
    )


def _route(job: Job, first: int) -> None:
    parts = ROUTINGS[job.plant, job.product.family]
    made = [(item, (raw, quantity)) for item, raw, quantity in components(job.product)]
    lines: list[tuple[str, tuple[str, float] | None]] = [*made, (job.product.key, None)]
    for number, ((item, raw), steps) in enumerate(zip(lines, parts.values(), strict=True), start=1):
        order = Order(f"MO-{job.key[3:]}-{number}", item, raw)
        listed = steps + [("ANODISE", "", 720, 0)] * (item == "IM-BLOCK-A" and job.plant == "ESS")
        for place, (group, crew, setup, each) in enumerate(listed, start=1):
            names = tuple(f"{job.plant[0]}-{name}" for name in (group, crew) if name)
            work = min(LONGEST, _whole(60 * (setup + each * job.quantity))) if each else 60 * setup
            key = f"{job.key[3:]}-{number}-{place * 10:03d}"
            order.operations.append(Operation(key, place * 10, 60 * setup if each else 0, Task(names, work, 0, 0), 0))
        job.orders.append(order)


def _whole(seconds: float) -> int:
    return max(STEP, round(seconds / STEP) * STEP)


def _fill_drum(plant: str, book: list[Job]) -> None:
    tasks = [task for job in book for task in _drum_tasks(job)]
    hours = sum(task.work for task in tasks) / 3_600
    for task in tasks:
        task.work = _whole(task.work * DRUM_HOURS[plant] / hours)


def _drum_tasks(job: Job) -> list[Task]:
    return [operation.task for operation in job.operations if BY_KEY[operation.task.groups[0]].drum]


def _release(rng: np.random.Generator, plant: str, book: list[Job]) -> None:
    """Release work as the drum uses it up (the rope), and quote a need date from there."""
    opened = utc(OPENED[plant], plant)
    last = int(CLOCK.timestamp()) + 5 * WEEK - 86_400
    total = sum(task.work for job in book for task in _drum_tasks(job))
    done = 0
    zone = ZoneInfo(ZONES[plant])
    for job in book:
        share = max(0.0, done / total - BACKLOG) / (1 - BACKLOG)
        job.released = opened + int(share * (last - opened)) // 3_600 * 3_600
        done += sum(task.work for task in _drum_tasks(job))
        quoted = datetime.fromtimestamp(job.released, tz=UTC).astimezone(zone).date()
        lead = LEAD_DAYS[job.product.family] + int(rng.integers(-3, 5)) - 3 * (rng.integers(100) < RUSHED)
        quoted += timedelta(days=int(lead))
        quoted += timedelta(days=8 - quoted.isoweekday() if quoted.isoweekday() > 5 else 0)
        job.starved = bool(rng.integers(100) < STARVED)
        job.need = utc(datetime.combine(quoted, time(17)), plant)


def _link(job: Job) -> None:
    final = job.orders[-1].operations[0].task
    for order in job.orders:
        for operation in order.operations:
            operation.task.need = job.need
            operation.task.ready = job.released + 5 * 86_400 * job.starved
        for one, other in zip(order.operations, order.operations[1:], strict=False):
            other.task.before.append((one.number, lag_hours(one, other) * 3_600))
        if order is not job.orders[-1]:
            last = order.operations[-1]
            final.before.append((last.number, lag_hours(last, job.orders[-1].operations[0]) * 3_600))


def lag_hours(one: Operation, other: Operation) -> int:
    """Hours on the road when work goes to an outside processor or comes back."""
    outside = [BY_KEY[operation.task.groups[0]].resource_type == "Subcontractor" for operation in (one, other)]
    return TRANSPORT_HOURS * sum(outside)
