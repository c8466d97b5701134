"""A new order placed into the gaps of a plan: as early as its resources have room, and nothing else is moved."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from tocfin.errors import UsageError
from tocfin.forecast.laid import Laid


class Step(NamedTuple):
    """One activity to be placed: work [s], the resources that it needs together, the steps that it waits for."""

    work: int
    resources: tuple[int, ...]
    after: tuple[int, ...]


class Gaps:
    """What the plan leaves of each resource. Work pauses when its first resource is closed, and never runs into other
    work; a resource of several units or without an end to what it can do is taken as free.
    """

    def __init__(self, laid: Laid) -> None:
        self._laid = laid
        self._taken: dict[int, list[tuple[int, int]]] = {}
        self._open: dict[int, list[tuple[int, int]]] = {}

    def place(self, step: Step, ready: int) -> tuple[int, int]:
        """The earliest start and end of ``step`` from ``ready`` on; they are taken from then on.

        Raises UsageError where the calendar of its resource has no room for it any more.
        """
        at = ready
        while True:
            start, end = self._through(step, at)
            clash = max((self._next_end(r, start, end) for r in step.resources), default=-1)
            if clash < 0:
                for r in step.resources:
                    if self._single(r):
                        taken = self._blocks(r)
                        taken.insert(bisect_left(taken, (start, end)), (start, end))
                return start, end
            at = clash

    def _through(self, step: Step, at: int) -> tuple[int, int]:
        """From when to when the work takes on its first resource, whatever else is planned there."""
        left, begin = step.work, -1
        for opens, closes in self._hours(step.resources[0]):
            if closes <= at:
                continue
            opens = max(opens, at)
            begin = opens if begin < 0 else begin
            if left <= closes - opens:
                return begin, opens + left
            left -= closes - opens
        name = self._laid.model.keys["resource"][step.resources[0]]
        raise UsageError(f"the calendar of '{name}' ends before the order could be done; extend the calendar")

    def _next_end(self, resource: int, start: int, end: int) -> int:
        """When the last of the work that stands in the way ends; -1 where nothing does."""
        if not self._single(resource):
            return -1
        taken = self._blocks(resource)
        at = bisect_left(taken, (end, end)) - 1
        return taken[at][1] if at >= 0 and taken[at][1] > start else -1

    def _single(self, resource: int) -> bool:
        resources = self._laid.frames["resources"]
        finite, units = resources["finite"][resource], resources["units"][resource]
        return finite is not False and (units or 1) == 1

    def _blocks(self, resource: int) -> list[tuple[int, int]]:
        """What is planned on a resource, in order, joined where it overlaps."""
        if resource not in self._taken:
            schedule, laid = self._laid.model.schedule, self._laid
            rows = np.flatnonzero(schedule.activity_resource == resource)
            rows = rows[laid.model.enterprise.job_cancelled[laid.activity_job[rows]] == 0]
            found: list[tuple[int, int]] = []
            for start, end in sorted(zip(schedule.activity_start[rows].tolist(), schedule.activity_end[rows].tolist(),
                                         strict=True)):  # fmt: skip
                if found and start < found[-1][1]:
                    found[-1] = (found[-1][0], max(end, found[-1][1]))
                elif end > start:
                    found.append((start, end))
            self._taken[resource] = found
        return self._taken[resource]

    def _hours(self, resource: int) -> list[tuple[int, int]]:
        if resource not in self._open:
            t, hours = int(self._laid.model.enterprise.resource_timeline[resource]), self._laid.hours
            low, high = int(hours.opening_first[t]), int(hours.opening_first[t + 1])
            self._open[resource] = list(
                zip(hours.opening_start[low:high].tolist(), hours.opening_end[low:high].tolist(), strict=True)
            )
        return self._open[resource]


def placed(laid: Laid, steps: Sequence[Step], ready: int) -> list[tuple[int, int]]:
    """Start and end of every step, none before ``ready``; a step's predecessors come before it in ``steps``."""
    gaps = Gaps(laid)
    found: list[tuple[int, int]] = []
    for step in steps:
        found.append(gaps.place(step, max([ready, *(found[before][1] for before in step.after)])))
    return found
