"""Every plan of a very small plant, timed and priced in plain Python: what a search has to find.

Hours are whole numbers from the clock on. A plan is a sequence on each machine, a machine for each operation, which
hours of potential overtime may be worked in, and for each job that may lose money whether it waits for the next period
or for what comes after it. Everything starts as soon as these allow. It is written from the rules.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise, permutations, product

HOURS = 24 * 14


@dataclass(frozen=True)
class Job:
    """What a job is worth, when it is needed, and its operations: each the hours that it takes on each machine."""

    operations: tuple[Mapping[str, int], ...]
    value: float
    penalty: float = 0.0  # a day
    need: int = 0
    cap: float = float("inf")
    release: int = 0
    family: str = ""
    firm: bool = False


@dataclass(frozen=True)
class Plant:
    """Machines with their open hours, and hours of potential overtime with what one of them costs."""

    jobs: Mapping[str, Job]
    machines: Mapping[str, frozenset[int]]
    potential: tuple[tuple[str, int, int], ...] = ()  # machine, from, to
    rate: float = 0.0
    setups: Mapping[tuple[str, str], tuple[int, float]] = field(default_factory=dict)
    this_end: int = 24
    next_end: int = 48


Times = dict[tuple[str, int], tuple[str, int, int]]


def plans(plant: Plant) -> Iterator[Times]:
    """The times of every plan that can be carried out."""
    steps = [(j, o) for j, job in plant.jobs.items() for o in range(len(job.operations))]
    waits = {
        j: (0, plant.this_end, plant.next_end)[: 3 if _may_lose(plant, job) else 1] for j, job in plant.jobs.items()
    }
    for where in product(*(plant.jobs[j].operations[o] for j, o in steps)):
        on: dict[str, list[tuple[str, int]]] = {}
        for step, machine in zip(steps, where, strict=True):
            on.setdefault(machine, []).append(step)
        places = dict(zip(steps, where, strict=True))
        for some in product((False, True), repeat=len(plant.potential)):
            bought = [p for p, yes in zip(plant.potential, some, strict=True) if yes]
            shut = [p for p, yes in zip(plant.potential, some, strict=True) if not yes]
            hours = {m: (_with(h, m, bought), _with(set(), m, shut)) for m, h in plant.machines.items()}
            for floors in product(*(waits[j] for j in plant.jobs)):
                floor = dict(zip(plant.jobs, floors, strict=True))
                for orders in product(*(permutations(on[m]) for m in on)):
                    times = _timed(plant, dict(zip(on, orders, strict=True)), places, hours, floor)
                    if times is not None:
                        yield times


def _may_lose(plant: Plant, job: Job) -> bool:
    """True where a job may cost more than it brings, so that to leave it out may pay."""
    return job.value < min(job.penalty * (plant.next_end - job.need) / 24, job.cap)


def _with(hours: frozenset[int] | set[int], machine: str, spans: list[tuple[str, int, int]]) -> set[int]:
    return set(hours) | {h for m, low, high in spans if m == machine for h in range(low, high)}


def _timed(plant: Plant, orders, places, hours, floor) -> Times | None:  # type: ignore[no-untyped-def]
    times: Times = {}
    at = dict.fromkeys(orders, 0)
    moved = True
    while moved:
        moved = False
        for machine, order in orders.items():
            while at[machine] < len(order):
                j, o = order[at[machine]]
                if o and (j, o - 1) not in times:
                    break
                job = plant.jobs[j]
                ready = max(floor[j], job.release, times[j, o - 1][2] if o else 0)
                if at[machine]:
                    before = order[at[machine] - 1]
                    ready = max(
                        ready, _set_up(plant, machine, plant.jobs[before[0]].family, job.family, times[before][2])
                    )
                span = _fitted(*hours[machine], ready, job.operations[o][places[j, o]])
                if span is None:
                    return None
                times[j, o] = (machine, *span)
                at[machine] += 1
                moved = True
    return times if len(times) == sum(len(job.operations) for job in plant.jobs.values()) else None


def _set_up(plant: Plant, machine: str, before: str, after: str, at: int) -> int:
    """When the setup that may begin at ``at`` is done: in hours that are open anyway."""
    left = plant.setups.get((before, after), (0, 0.0))[0]
    while left:
        if at >= HOURS:
            return HOURS
        left -= at in plant.machines[machine]
        at += 1
    return at


def _fitted(hours: set[int], shut: set[int], ready: int, length: int) -> tuple[int, int] | None:
    """From when to when ``length`` hours are worked, none of the hours between being potential overtime not bought."""
    for start in range(ready, HOURS):
        if start in hours:
            left, end = length, start
            while left and end < HOURS and end not in shut:
                left -= end in hours
                end += 1
            if not left:
                return start, end
    return None


def value(plant: Plant, times: Times) -> float:
    """Throughput of both periods less penalties, potential overtime and setups."""
    total = 0.0
    for j, job in plant.jobs.items():
        end = max(times[j, o][2] for o in range(len(job.operations)))
        if end < plant.next_end:
            total += job.value - min(job.penalty * max(end - job.need, 0) / 24, job.cap)
    for machine, low, high in plant.potential:
        used = {h for m, start, end in times.values() if m == machine for h in range(start, end)}
        total -= plant.rate * len(used & set(range(low, high)))
    for machine in plant.machines:
        order = sorted((start, end, j) for (j, _), (m, start, end) in times.items() if m == machine)
        for (_, _, one), (start, _, other) in pairwise(order):
            pair = plant.jobs[one].family, plant.jobs[other].family
            total -= plant.setups.get(pair, (0, 0.0))[1] * (start < plant.next_end)
    return total


def kept(plant: Plant, times: Times, present: Times) -> bool:
    """Firm jobs that the present plan ends in this period do so in ``times``."""

    def inside(some: Times, j: str) -> bool:
        return max(span[2] for (k, _), span in some.items() if k == j) < plant.this_end

    return all(inside(times, j) for j, job in plant.jobs.items() if job.firm and inside(present, j))


def best(plant: Plant, present: Times) -> float:
    """The most that a plan is worth."""
    return max(value(plant, times) for times in plans(plant) if kept(plant, times, present))
