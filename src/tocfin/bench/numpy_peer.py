"""NumPy as somebody would write it who knows it well: one pass over the activities, replications side by side.

Durations are drawn and rounded for a few activities at once in single precision, which holds whole seconds of half a
year exactly, and so are times kept until their job has ended and is booked with some others; an array is made once
where it can be. What it computes is said in ``tocfin.bench.told``.

Without calendars an end is a maximum and a sum. With calendars each resource's progress is kept in the working time
of its calendar, where work is a sum again: wall clock is turned into working time only for a step that comes from
another calendar, and back for the books. Each is one look into cumulative work by ``numpy.interp``, faster than
``numpy.searchsorted`` and two indexings. (A table by the hour takes a quarter less time, but only for shifts that all
begin on the hour.)
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tocfin.bench.books import Books
from tocfin.bench.pieces import Floats
from tocfin.bench.told import Answer, Told
from tocfin.bench.worlds import LOADING

AT_ONCE = 64  # activities that are drawn together
BOOKED_AT_ONCE = 32  # jobs whose money is summed together
Row = NDArray[Any]  # (replications)


class Clock(NamedTuple):
    """Where one calendar bends: wall clock, and working time done by then; both increase."""

    wall: Floats
    work: Floats

    def working(self, wall: Row) -> Row:
        """Working time at a wall clock."""
        return np.interp(wall, self.wall, self.work)

    def ending(self, work: Row) -> Row:
        """Wall clock of the end of work; at a closing time it is that, not the next opening."""
        return np.interp(work, self.work + 0.5, self.wall + 0.5)

    def beginning(self, work: Row) -> Row:
        """Wall clock of the begin of work; at a closing time it is the next opening."""
        return np.interp(work, self.work - 0.5, self.wall - 0.5)


class NumPy:
    """All replications of ``told`` at once; ``calendars`` says whether it has any."""

    def __init__(self, told: Told) -> None:
        self.told = told
        self.calendars = any(calendar.start.size for calendar in told.calendars)
        self.clocks = [clock_of(*calendar) if calendar.start.size else None for calendar in told.calendars]
        self.float = np.float64 if self.calendars else np.float32
        if max(told.edges[-1], told.floor.max() + told.work.max()) * 4 > 2**24:
            raise ValueError("the plan is too long for whole seconds in single precision")

    def __call__(self, replications: int, seed: int, work: NDArray[np.int64] | None = None) -> Answer:
        """``work`` (activities, replications) [s] in the place of drawn durations."""
        pages = Pages(self.told, replications)
        through = self._through_calendars if self.calendars else self._around_the_clock
        through(self._lasting(replications, seed, work), pages)
        return pages.closed()

    def _lasting(self, replications: int, seed: int, work: NDArray[np.int64] | None) -> Any:
        """Durations, a few activities at a time: (first activity, (activities, replications) [s])."""
        told, rng = self.told, np.random.Generator(np.random.SFC64(seed))
        single = np.float32
        shared = rng.standard_normal((told.n_resource, replications), dtype=single)
        shared *= single(told.sigma * LOADING)
        shared -= single(told.sigma**2 / 2)
        mean = told.work.astype(single)[:, None]
        for first in range(0, told.job.size, AT_ONCE):
            rows = slice(first, first + AT_ONCE)
            if work is not None:
                yield first, work[rows].astype(self.float)
                continue
            z = rng.standard_normal((mean[rows].size, replications), dtype=single)
            z *= single(told.sigma * told.own)
            z += shared[told.resource[rows]]
            np.exp(z, out=z)
            z *= mean[rows]
            np.rint(z, out=z)
            yield first, z.astype(self.float, copy=False)

    def _around_the_clock(self, lasting: Any, pages: Pages) -> None:
        told = self.told
        job, resource, step, floor = (column.tolist() for column in (told.job, told.resource, told.step, told.floor))
        paid = told.paid.tolist()
        free = [np.zeros(pages.replications, np.float32)] * told.n_resource
        for first, work in lasting:
            for a, lasts in enumerate(work, first):
                j, r, i = job[a], resource[a], step[a]
                times = pages.of(j)
                ready = np.maximum(free[r], floor[a], out=times[0, i])
                if i:
                    np.maximum(ready, times[1, i - 1], out=ready)
                free[r] = np.add(ready, lasts, out=times[1, i])
                if paid[a]:
                    pages.worked[a] = lasts.copy()
                if i + 1 == times.shape[1]:
                    pages.ended(j)

    def _through_calendars(self, lasting: Any, pages: Pages) -> None:
        told, clocks = self.told, self.clocks
        job, resource, before, step = (c.tolist() for c in (told.job, told.resource, told.before, told.step))
        calendar, floors = told.calendar.tolist(), self._floors().tolist()
        paid = told.paid.tolist()
        begun = np.zeros(pages.replications)
        free, reached = [begun] * told.n_resource, [begun] * told.need.size  # in working time of each one's calendar
        for first, work in lasting:
            for a, lasts in enumerate(work, first):
                j, r, c, b, i = job[a], resource[a], calendar[a], before[a], step[a]
                clock, times = clocks[c], pages.of(j)
                ready = np.maximum(free[r], floors[a])
                if b >= 0:
                    np.maximum(ready, reached[j] if calendar[b] == c else clock.working(times[1, i - 1]), out=ready)
                times[0, i] = clock.beginning(ready)
                ready += lasts
                free[r] = reached[j] = ready
                times[1, i] = clock.ending(ready)
                if paid[a]:
                    pages.worked[a] = lasts.copy()
                if i + 1 == times.shape[1]:
                    pages.ended(j)
                    reached[j] = begun

    def _floors(self) -> Floats:
        """Earliest beginnings in working time."""
        floors = np.empty(self.told.floor.size)
        for c, clock in enumerate(self.clocks):
            at = self.told.calendar == c
            floors[at] = self.told.floor[at] if clock is None else clock.working(self.told.floor[at])
        return floors


def clock_of(start: NDArray[np.int64], end: NDArray[np.int64], done: NDArray[np.int64]) -> Clock:
    """The bends of one calendar, which must reach beyond all work: nothing ends after its last opening."""
    wall = np.stack([start, end], axis=1).ravel().astype(np.float64)
    work = np.stack([done[:-1], done[1:]], axis=1).ravel().astype(np.float64)
    return Clock(wall, work)


class Pages:
    """Times of jobs on their way; those of jobs that have ended go to the books, some at a time."""

    def __init__(self, told: Told, replications: int) -> None:
        self.told, self.replications = told, replications
        self.books = Books(told, replications)
        self.open: dict[int, Row] = {}
        self.worked: dict[int, Row] = {}  # work [s] of paid activities
        self.full: dict[int, list[int]] = {}  # by plant and number of steps
        self.steps = told.n_step.tolist()
        self.kind = (told.plant + told.n_plant * told.n_step).tolist()

    def of(self, job: int) -> Row:
        """Starts and ends of the steps of ``job``: (2, steps, replications) [s]."""
        times = self.open.get(job)
        if times is None:
            times = self.open[job] = np.empty((2, self.steps[job], self.replications), np.float32)
        return times

    def ended(self, job: int) -> None:
        """All steps of ``job`` are timed."""
        page = self.full.setdefault(self.kind[job], [])
        page.append(job)
        if len(page) == BOOKED_AT_ONCE:
            self._book(page)

    def closed(self) -> Answer:
        """The sums, once all jobs have ended."""
        for page in self.full.values():
            if page:
                self._book(page)
        return self.books.closed()

    def _book(self, page: list[int]) -> None:
        times, told = [self.open.pop(job) for job in page], self.told
        of_jobs = [told.steps[told.first_step[job] : told.first_step[job + 1]] for job in page]
        row = np.concatenate(of_jobs)
        worked = [self.worked.pop(a) for a in row[told.paid[row]].tolist()]
        lasts = np.array(worked).reshape(-1, self.replications)
        start, end = (np.stack([one[i] for one in times]) for i in range(2))
        self.books.book(np.array(page), start, end, lasts)
        page.clear()
