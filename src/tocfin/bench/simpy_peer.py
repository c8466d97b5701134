"""SimPy as somebody would write it who knows it well: a process for each resource, one timeout an activity.

A process goes through its resource's fixed sequence. It waits for an event only where the step before is not done,
finds the end of the work in the resource's calendar by bisection, and sleeps until then. Durations come from NumPy, all
of a replication at once, and money is summed by NumPy once a replication has ended, which takes a twentieth of the
time. What it computes is said in ``tocfin.bench.told``.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tocfin.bench.books import Books
from tocfin.bench.told import Answer, Told
from tocfin.bench.worlds import LOADING

Lists = tuple[list[int], ...]  # columns of a calendar


class SimPy:
    """Replications of ``told`` one after another; raises ImportError where SimPy is not installed."""

    def __init__(self, told: Told) -> None:
        import simpy

        self.environment = simpy.Environment
        self.told = told
        after = np.full(told.job.size, -1, np.int64)
        follows = np.flatnonzero(told.before >= 0)
        after[told.before[follows]] = follows
        self.after, self.floor, self.work = after.tolist(), told.floor.tolist(), told.work.astype(np.float64)
        order = np.argsort(told.resource, kind="stable")
        cuts = np.flatnonzero(np.diff(told.resource[order])) + 1
        lists: list[Lists] = [tuple(column.tolist() for column in calendar) for calendar in told.calendars]
        self.sequences = [(part.tolist(), lists[told.calendar[part[0]]]) for part in np.split(order, cuts)]
        self.first = (told.before < 0).tolist()
        kind = told.plant + told.n_plant * told.n_step
        self.alike = []  # jobs that are booked together, where their steps stand, and the paid ones
        for jobs in (np.flatnonzero(kind == k) for k in np.unique(kind)):
            rows = told.first_step[jobs, None] + np.arange(told.n_step[jobs[0]])
            self.alike.append((jobs, rows, rows[told.paid[told.steps[rows]]]))

    def __call__(self, replications: int, seed: int, work: NDArray[np.int64] | None = None) -> Answer:
        """``work`` (activities, replications) [s] in the place of drawn durations."""
        rng = np.random.Generator(np.random.SFC64(seed))
        answers = []
        for s in range(replications):
            lasts = self._drawn(rng) if work is None else work[:, s]
            answers.append(self._money(*self.replication(lasts.tolist()), lasts))
        return Answer(*(np.concatenate(parts, axis=-1) for parts in zip(*answers, strict=True)))

    def _drawn(self, rng: np.random.Generator) -> NDArray[np.int64]:
        told = self.told
        z = told.own * rng.standard_normal(self.work.size)
        z += LOADING * rng.standard_normal(told.n_resource)[told.resource]
        return np.rint(self.work * np.exp(told.sigma * z - told.sigma**2 / 2)).astype(np.int64)

    def replication(self, work: list[int]) -> tuple[list[int], list[int]]:
        """When each activity begins and ends, in the order of ``told``."""
        env = self.environment()
        begins, ends = [0] * len(work), [0] * len(work)
        may_begin, waiting = self.first.copy(), [None] * len(work)
        for sequence, calendar in self.sequences:
            env.process(self._resource(env, sequence, calendar, work, begins, ends, may_begin, waiting))
        env.run()
        return begins, ends

    def _resource(
        self,
        env: Any,
        sequence: list[int],
        calendar: Lists,
        work: list[int],
        begins: list[int],
        ends: list[int],
        may_begin: list[bool],
        waiting: list[Any],
    ) -> Iterator[Any]:
        """The life of a resource."""
        floor, after = self.floor, self.after
        starts, closes, done = calendar
        always = not starts
        for a in sequence:
            if not may_begin[a]:
                waiting[a] = env.event()
                yield waiting[a]
            ready = floor[a]
            if env.now > ready:
                ready = env.now
            if always:
                end = ready + work[a]
            else:
                o = bisect_right(closes, ready)
                if ready < starts[o]:
                    ready = starts[o]
                reached = done[o] + work[a] + ready - starts[o]
                o = bisect_left(done, reached, o) - 1
                end = starts[o] + reached - done[o]
            yield env.timeout(end - env.now)
            begins[a], ends[a] = ready, end
            following = after[a]
            if following >= 0:
                may_begin[following] = True
                if waiting[following] is not None:
                    waiting[following].succeed()

    def _money(self, begins: list[int], ends: list[int], work: NDArray[np.int64]) -> Answer:
        told, books = self.told, Books(self.told, 1)
        start, end, worked = (np.array(times, np.float64)[told.steps, None] for times in (begins, ends, work))
        for jobs, rows, paid in self.alike:
            books.book(jobs, start[rows], end[rows], worked[paid])
        return books.closed()
