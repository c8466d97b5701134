"""A forward list scheduler: whatever can start first starts first; among those that wait, the earliest need date."""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import product

from tocfin.examples.hours import Timeline, available, common
from tocfin.examples.shopfloor import BY_KEY, Group

PAID = ("Online", "Overtime")
URGENT = 3 * 86_400  # potential overtime is worked for a job that is due within this time


@dataclass(slots=True)
class Task:
    """One operation on its way through the shop: what it needs, and what the scheduler decided."""

    groups: tuple[str, ...]  # the machine's group, then the crew's where there is one
    work: int
    need: int
    ready: int
    before: list[tuple[int, int]] = field(default_factory=list)  # (task, lag) that must end first
    start: int = -1
    end: int = -1
    resources: tuple[str, ...] = ()
    batch: str | None = None


class Shop:
    """Free time of every resource, and where a task would run if it were dispatched next."""

    def __init__(self) -> None:
        self.free: dict[str, int] = defaultdict(int)
        self.used: dict[str, int] = defaultdict(int)
        self._hours: dict[tuple[tuple[str, ...], bool], Timeline] = {}

    def hours(self, resources: tuple[str, ...], urgent: bool) -> Timeline:
        """Time in which all ``resources`` are available, potential overtime only when ``urgent``."""
        if (resources, urgent) not in self._hours:
            kinds = (*PAID, "PotentialOvertime") if urgent else PAID
            line = available(resources[0], kinds)
            for other in resources[1:]:
                line = common(line, available(other, kinds))
            self._hours[resources, urgent] = line
        return self._hours[resources, urgent]

    def best(self, task: Task) -> tuple[int, int, int, tuple[str, ...]]:
        """Start, end, hours used so far and resources of the earliest way to do ``task``."""
        members = [BY_KEY[group].members for group in task.groups]
        return min(self._trial(task, resources) for resources in product(*members))

    def _trial(self, task: Task, resources: tuple[str, ...]) -> tuple[int, int, int, tuple[str, ...]]:
        ready = max(task.ready, *(self.free[key] for key in resources))
        slot = BY_KEY[task.groups[0]].slot
        if slot:
            every, after = slot
            ready = -((after - ready) // every) * every + after
        full = self.hours(resources, True)
        urgent = task.need - ready < URGENT
        start, end = self.hours(resources, urgent).slot(ready, task.work)
        if not urgent and end != full.finish(start, task.work):
            end = full.finish(start, task.work)  # the machine stays set up, so the extra shift is worked
        return start, end, sum(self.used[key] for key in resources), resources


def schedule(tasks: Sequence[Task]) -> None:
    """Give every task its start, end and resources; no resource does two things at once unless they are a batch."""
    shop = Shop()
    open_links = [len(task.before) for task in tasks]
    after: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for number, task in enumerate(tasks):
        for predecessor, lag in task.before:
            after[predecessor].append((number, lag))
    waiting: dict[str, set[int]] = defaultdict(set)
    queue: list[tuple[int, int, int]] = []

    def arrive(number: int) -> None:
        heapq.heappush(queue, (tasks[number].ready, tasks[number].need, number))
        waiting[tasks[number].groups[0]].add(number)

    for number, links in enumerate(open_links):
        if links == 0:
            arrive(number)
    while queue:
        when, need, number = heapq.heappop(queue)
        task = tasks[number]
        if task.end >= 0:
            continue
        start, end, _, resources = shop.best(task)
        if start > when:
            heapq.heappush(queue, (start, need, number))
            continue
        for member in _together(tasks, number, start, BY_KEY[task.groups[0]], waiting[task.groups[0]]):
            tasks[member].start, tasks[member].end, tasks[member].resources = start, end, resources
            waiting[task.groups[0]].discard(member)
            for successor, lag in after[member]:
                tasks[successor].ready = max(tasks[successor].ready, end + lag)
                open_links[successor] -= 1
                if open_links[successor] == 0:
                    arrive(successor)
        for key in resources:
            shop.free[key] = end
            shop.used[key] += task.work


def _together(tasks: Sequence[Task], first: int, start: int, group: Group, waiting: set[int]) -> list[int]:
    """``first`` and the waiting tasks that share its batch, the earliest needed first."""
    others = [
        number for number in waiting
        if number != first and tasks[number].ready <= start and tasks[number].work == tasks[first].work
    ]  # fmt: skip
    others.sort(key=lambda number: (tasks[number].need, number))
    members = [first, *others[: group.batch - 1]]
    if group.batch > 1:
        for number in members:
            tasks[number].batch = f"{group.key}-{first:05d}"
    return members
