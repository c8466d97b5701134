"""NumPy as somebody would write it who knows it well: one pass over the activities, replications side by side.

Durations are drawn and rounded for a few activities at once in single precision, which holds whole seconds of half a
year exactly; an array is made once where it can be. What it computes is said in ``tocfin.bench.told``.

Without calendars an end is a maximum and a sum. With calendars each resource's progress is kept in the working time
of its calendar, where work is a sum again: wall clock is turned into working time only for a step that comes from
another calendar, and back only for a step that another calendar or the books need. Both are one look into cumulative
work by ``numpy.interp``, which is faster than ``numpy.searchsorted`` and two indexings. (A table by the hour takes a
quarter less time, but only for shifts that all begin on the hour.)
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tocfin.bench.told import DAY, TERMS, Answer, Floats, Told
from tocfin.bench.worlds import LOADING

AT_ONCE = 64  # activities that are drawn together
BOOKED_AT_ONCE = 64  # jobs whose money is summed together
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
        return np.interp(work - 0.5, self.work, self.wall) + 0.5


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
        books = Books(self.told, replications)
        through = self._through_calendars if self.calendars else self._around_the_clock
        through(self._lasting(replications, seed, work), replications, books)
        return books.closed()

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

    def _around_the_clock(self, lasting: Any, replications: int, books: Books) -> None:
        told = self.told
        job, resource, last, floor = (column.tolist() for column in (told.job, told.resource, told.last, told.floor))
        begun = np.zeros(replications, np.float32)
        reached, free = [begun] * told.need.size, [begun] * told.n_resource
        for first, work in lasting:
            for a, lasts in enumerate(work, first):
                j, r = job[a], resource[a]
                end = np.maximum(reached[j], free[r])
                np.maximum(end, floor[a], out=end)
                end += lasts
                reached[j] = free[r] = end
                if last[a]:
                    books.book(j, end)
                    reached[j] = begun

    def _through_calendars(self, lasting: Any, replications: int, books: Books) -> None:
        told, clocks = self.told, self.clocks
        job, resource, before, last = (c.tolist() for c in (told.job, told.resource, told.before, told.last))
        calendar, elsewhere = told.calendar.tolist(), self._needed_elsewhere().tolist()
        floors = self._floors().tolist()
        begun = np.zeros(replications)
        free, reached = [begun] * told.n_resource, [begun] * told.need.size  # in working time of each one's calendar
        wall = [begun] * told.need.size
        for first, work in lasting:
            for a, lasts in enumerate(work, first):
                j, r, c, b = job[a], resource[a], calendar[a], before[a]
                clock = clocks[c]
                end = np.maximum(free[r], floors[a])
                if b >= 0:
                    np.maximum(end, reached[j] if calendar[b] == c else clock.working(wall[j]), out=end)
                end += lasts
                free[r] = reached[j] = end
                if elsewhere[a]:
                    wall[j] = clock.ending(end)
                if last[a]:
                    books.book(j, wall[j])
                    reached[j] = wall[j] = begun

    def _needed_elsewhere(self) -> NDArray[np.bool_]:
        """Activities whose end is asked for in wall clock."""
        told = self.told
        needed = told.last.copy()
        follows = np.flatnonzero(told.before >= 0)
        moved = told.calendar[follows] != told.calendar[told.before[follows]]
        needed[told.before[follows[moved]]] = True
        return needed

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


class Books:
    """Money of jobs as they end, some at a time."""

    def __init__(self, told: Told, replications: int) -> None:
        self.told = told
        self.terms = np.zeros((len(TERMS), told.n_plant, told.edges.size - 1, replications))
        self.last_end = np.zeros(replications)
        self.pages: list[list[tuple[int, Row]]] = [[] for _ in range(told.n_plant)]
        self.plant = told.plant.tolist()

    def book(self, job: int, end: Row) -> None:
        """``job`` has ended."""
        page = self.pages[self.plant[job]]
        page.append((job, end))
        if len(page) == BOOKED_AT_ONCE:
            self._sum(page)

    def closed(self) -> Answer:
        """The sums, once all jobs have ended."""
        for page in self.pages:
            if page:
                self._sum(page)
        return Answer(self.terms, self.last_end)

    def _sum(self, page: list[tuple[int, Row]]) -> None:
        told, jobs = self.told, np.array([job for job, _ in page])
        end = np.stack([end for _, end in page])
        np.maximum(self.last_end, end.max(axis=0), out=self.last_end)
        late = end - told.need[jobs, None].astype(end.dtype)
        np.maximum(late, 0, out=late)
        penalty = late * (told.penalty[jobs, None] / DAY)
        out = self.terms[:, self.plant[page[0][0]]]
        over = [(end < edge).astype(np.float64) for edge in told.edges.tolist()]
        for k in range(len(over) - 1):
            inside = over[k + 1] - over[k]
            out[0, k] += inside.sum(axis=0)
            out[1, k] += np.einsum("j,js->s", told.revenue[jobs], inside)
            out[2, k] += np.einsum("js,js->s", penalty, inside)
        page.clear()
