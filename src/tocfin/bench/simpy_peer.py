"""SimPy twice: as its own examples write a shop, and as fast as we can.

``SimPy`` has a process for each job, which goes from step to step. On a resource it waits for the event that the
activity ahead of it in the fixed sequence is done, and sleeps until the end of its work. ``SimPyByResource`` is tuned
by hand: a process for each resource goes through its sequence, an event is made only where the step before is not done,
and nothing is called that can be written out. That is how far SimPy goes, twice as fast, not how models are written.

Both find the end of work in the resource's calendar by bisection. Durations come from NumPy, all of a replication at
once, and money is summed by NumPy once a replication has ended, which takes a twentieth of the time. What they compute
is said in ``tocfin.bench.told``.
"""

from __future__ import annotations

import gc
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tocfin.bench.books import Books
from tocfin.bench.told import Answer, Told
from tocfin.bench.worlds import LOADING

Lists = tuple[list[int], ...]  # columns of a calendar
Times = tuple[list[int], list[int]]  # starts and ends


def worked(calendar: Lists, ready: int, work: int) -> tuple[int, int]:
    """Start and end of work that is ready at an instant [s]."""
    starts, closes, done = calendar
    if not starts:
        return ready, ready + work
    o = bisect_right(closes, ready)
    ready = max(ready, starts[o])
    reached = done[o] + work + ready - starts[o]
    o = bisect_left(done, reached, o) - 1
    return ready, starts[o] + reached - done[o]


class SimPy:
    """Replications of ``told`` one after another, a process a job; raises ImportError where SimPy is not installed."""

    def __init__(self, told: Told) -> None:
        import simpy

        self.environment = simpy.Environment
        self.told = told
        self.floor, self.work = told.floor.tolist(), told.work.astype(np.float64)
        order = np.argsort(told.resource, kind="stable")
        cuts = np.flatnonzero(np.diff(told.resource[order])) + 1
        self.calendars: list[Lists] = [tuple(column.tolist() for column in calendar) for calendar in told.calendars]
        self.calendar = [self.calendars[c] for c in told.calendar.tolist()]
        self.sequences = [part.tolist() for part in np.split(order, cuts)]
        self.steps = [part.tolist() for part in np.split(told.steps, told.first_step[1:-1])]
        self.ahead = [-1] * told.job.size
        for sequence in self.sequences:
            for before, a in pairwise(sequence):
                self.ahead[a] = before
        kind = told.plant + told.n_plant * told.n_step
        self.alike = []  # jobs that are booked together, where their steps stand, and the paid ones
        for jobs in (np.flatnonzero(kind == k) for k in np.unique(kind)):
            rows = told.first_step[jobs, None] + np.arange(told.n_step[jobs[0]])
            self.alike.append((jobs, rows, rows[told.paid[told.steps[rows]]]))

    def __call__(self, replications: int, seed: int, work: NDArray[np.int64] | None = None) -> Answer:
        """``work`` (activities, replications) [s] in the place of drawn durations."""
        rng = np.random.Generator(np.random.SFC64(seed))
        answers = []
        gc.freeze()  # or Python's collector looks through all that we hold, again and again, in SimPy's time
        try:
            for s in range(replications):
                lasts = self._drawn(rng) if work is None else work[:, s]
                answers.append(self._money(*self.replication(lasts.tolist()), lasts))
        finally:
            gc.unfreeze()
        return Answer(*(np.concatenate(parts, axis=-1) for parts in zip(*answers, strict=True)))

    def _drawn(self, rng: np.random.Generator) -> NDArray[np.int64]:
        told = self.told
        z = told.own * rng.standard_normal(self.work.size)
        z += LOADING * rng.standard_normal(told.n_resource)[told.resource]
        return np.rint(self.work * np.exp(told.sigma * z - told.sigma**2 / 2)).astype(np.int64)

    def replication(self, work: list[int]) -> Times:
        """When each activity begins and ends, in the order of ``told``."""
        env = self.environment()
        begins, ends = [0] * len(work), [0] * len(work)
        done = [env.event() for _ in work]
        for steps in self.steps:
            env.process(self._job(env, steps, work, begins, ends, done))
        env.run()
        return begins, ends

    def _job(
        self, env: Any, steps: list[int], work: list[int], begins: list[int], ends: list[int], done: list[Any]
    ) -> Iterator[Any]:
        """The life of a job."""
        for a in steps:
            before = self.ahead[a]
            if before >= 0 and not done[before].processed:
                yield done[before]
            begins[a], ends[a] = worked(self.calendar[a], max(self.floor[a], env.now), work[a])
            yield env.timeout(ends[a] - env.now)
            done[a].succeed()

    def _money(self, begins: list[int], ends: list[int], work: NDArray[np.int64]) -> Answer:
        told, books = self.told, Books(self.told, 1)
        start, end, lasted = (np.array(times, np.float64)[told.steps, None] for times in (begins, ends, work))
        for jobs, rows, paid in self.alike:
            books.book(jobs, start[rows], end[rows], lasted[paid])
        return books.closed()


class SimPyByResource(SimPy):
    """A process a resource; nothing is called that can be written out."""

    def __init__(self, told: Told) -> None:
        super().__init__(told)
        after = np.full(told.job.size, -1, np.int64)
        follows = np.flatnonzero(told.before >= 0)
        after[told.before[follows]] = follows
        self.after, self.first = after.tolist(), (told.before < 0).tolist()
        self.lives = [(sequence, self.calendars[told.calendar[sequence[0]]]) for sequence in self.sequences]

    def replication(self, work: list[int]) -> Times:
        """When each activity begins and ends, in the order of ``told``."""
        env = self.environment()
        begins, ends = [0] * len(work), [0] * len(work)
        may_begin, waiting = self.first.copy(), [None] * len(work)
        for sequence, calendar in self.lives:
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
