"""The money of peers: every term by plant and period, from when the activities of some jobs begin and end.

The same for both peers: SimPy hands over all jobs of a plant after each replication, NumPy some jobs with all their
replications once they have ended. What a job is worth is a constant; only in which period it counts, whether it is late
and by how many days hangs on the replication, and sums over jobs are products of matrices. ``numpy.einsum`` makes them,
because ``numpy.matmul`` takes a second thread. Rows are looked at as a whole first: most activities touch no potential
overtime and most jobs no edge of a period, in any replication.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tocfin.bench.pieces import Pieces, Rows, inside
from tocfin.bench.told import DAY, HOUR, Answer, Told
from tocfin.kernels.lane_capacity import USED as IF_USED
from tocfin.kernels.lane_capacity import USED_CLEANOUT as IF_USED_CLEANOUT
from tocfin.kernels.slots import (
    BACKLOG,
    CAPACITY_ALL,
    CAPACITY_COUNTED,
    CAPITAL_REQUIRED,
    CARRY_MO_END,
    CARRY_MO_END_CLIPPED,
    CARRY_OP_END,
    CARRY_OP_END_CLIPPED,
    COUNTED,
    DAY_COST,
    DAYS,
    DRUM,
    DRUM_BUSY,
    DRUM_POTENTIAL_USED,
    ELAPSED_ALL,
    ELAPSED_COUNTED,
    FG_CARRY,
    FG_CARRY_CLAMPED,
    JOBS_ENDED,
    JOBS_ON_TIME,
    LATE,
    LATE_DAYS,
    N_PART,
    N_TERM,
    PAST_DUE_REVENUE,
    PHYSICAL_COUNTED,
    REQUIRED,
    SUBCONTRACT_ALL,
    USED_COST,
)
from tocfin.model.columns import IS_DRUM, IS_SUBCONTRACTOR

SUBCONTRACT, FINE = 5, 7  # parts of a job that hang on the replication
CARRYING = (CARRY_OP_END, CARRY_MO_END, FG_CARRY, FG_CARRY_CLAMPED)
CLIPPED = [CARRY_OP_END_CLIPPED, CARRY_MO_END_CLIPPED]
USED = [USED_COST, USED_COST + 1, DRUM_POTENTIAL_USED]  # the rows of ``told.used``
Times = NDArray[Any]  # (jobs, steps, replications) [s]
Lanes = NDArray[np.float64]  # (jobs, replications)


class Counts(NamedTuple):
    """How the jobs count in one period."""

    period: int
    ended: Lanes  # 1 where the job ends in it
    late: Lanes  # 1 of these where it is late
    days: Lanes  # [days] by how much; 0 elsewhere

    def of(self, jobs: NDArray[np.int64]) -> Counts:
        """Those of some rows."""
        return Counts(self.period, self.ended[jobs], self.late[jobs], self.days[jobs])


def _sums(amount: NDArray[Any], lanes: Lanes) -> NDArray[np.float64]:
    """Amounts (..., rows) added up where the lanes (rows, replications) say how often: (..., replications)."""
    found: NDArray[np.float64] = np.einsum("...j,js->...s", amount, lanes)
    return found


def _by_period(table: Pieces, piece: NDArray[np.int64]) -> Iterator[tuple[int, NDArray[np.int64]]]:
    """Periods of the pieces and the rows of each; none for what lies outside all."""
    period = table.period[piece]
    for k in np.unique(period[period >= 0]).tolist():
        yield k, np.flatnonzero(period == k)


class Books:
    """Sums of ``replications`` of ``told``."""

    def __init__(self, told: Told, replications: int) -> None:
        self.told = told
        self.terms = np.zeros((N_TERM, told.n_plant, told.edges.size - 1, replications))
        self.opened = np.zeros((told.days.period.size, replications), np.bool_)
        self.last_end = np.zeros(replications)

    def book(self, jobs: NDArray[np.int64], start: Times, end: Times, worked: NDArray[Any]) -> None:
        """Jobs of one plant with equally many steps, each of which begins after the one before it has ended.

        ``worked`` has the work [s] of those of their activities that are ``paid``.
        """
        told, plant = self.told, self.told.plant[jobs[0]]
        out = self.terms[:, plant]
        row = told.steps[told.first_step[jobs, None] + np.arange(start.shape[1])]
        first, last = start.min(axis=2), end.max(axis=2)
        np.maximum(self.last_end, end[:, -1].max(axis=0), out=self.last_end)
        counts = list(self._counts(jobs, end[:, -1]))
        self._earn(jobs, counts, out)
        self._carry(jobs, told.carrying[row], (start, end, first[:, 0], last[:, -1]), counts, out)
        flat_start, flat_end = (times.reshape(row.size, -1) for times in (start, end))
        calendar = told.calendar[row.ravel()]
        rows = Rows(row.ravel(), calendar, flat_start, flat_end, first.ravel(), last.ravel())
        self._use(rows, told.day_of[plant], out)
        paid = np.flatnonzero(told.paid[rows.row])
        rows = rows.of(paid)
        for bit, add in ((IS_DRUM, self._drum), (IS_SUBCONTRACTOR, self._subcontract)):
            some = np.flatnonzero(told.role[rows.row] & bit)
            if some.size:
                at = paid[some] // start.shape[1]
                add(rows.of(some), jobs[at], worked[some], [count.of(at) for count in counts], out)

    def closed(self) -> Answer:
        """The sums, once all jobs have ended."""
        told, terms = self.told, self.terms
        terms[LATE + FINE], terms[SUBCONTRACT_ALL] = terms[COUNTED + FINE], terms[COUNTED + SUBCONTRACT]
        terms[JOBS_ON_TIME] += terms[JOBS_ENDED]
        terms[ELAPSED_COUNTED], terms[BACKLOG] = terms[ELAPSED_ALL], terms[DRUM_BUSY]
        terms[CAPACITY_COUNTED] = terms[PHYSICAL_COUNTED] = terms[CAPACITY_ALL]
        capital = told.capital_has_stock[:, None, None]
        terms[CAPITAL_REQUIRED : CAPITAL_REQUIRED + 4] = terms[REQUIRED : REQUIRED + 4] * capital
        for opened, plant, period, expense in zip(self.opened, *told.days, strict=True):
            for rule in (IF_USED, IF_USED_CLEANOUT):
                terms[DAYS + rule, plant, period] += opened
                terms[DAY_COST + rule, plant, period] += expense * opened
        terms += told.constant[..., None]
        return Answer(terms, self.last_end)

    def _counts(self, jobs: NDArray[np.int64], done: Times) -> Iterator[Counts]:
        """How they count in each period in which one of them ends."""
        edges = self.told.edges
        days = (done - self.told.need[jobs, None]) / DAY
        np.maximum(days, 0, out=days)
        low, high = np.searchsorted(edges, (done.min(), done.max()), side="right") - 1
        for k in range(low, min(high + 1, edges.size - 1)):
            if low == high:
                ended = np.ones_like(days)
            else:
                ended = ((done >= edges[k]) & (done < edges[k + 1])).astype(np.float64)
            in_it = days if low == high else days * ended
            yield Counts(k, ended, (in_it > 0).astype(np.float64), in_it)

    def _earn(self, jobs: NDArray[np.int64], counts: list[Counts], out: NDArray[np.float64]) -> None:
        told = self.told
        parts, penalty = told.parts[:, jobs], told.penalty[jobs]
        drum = np.flatnonzero(told.on_drum[jobs])
        past = np.where(told.need[jobs] < 0, parts[0], 0.0)
        for k, ended, late, days in counts:
            out[JOBS_ENDED, k] += ended.sum(axis=0)
            out[REQUIRED : REQUIRED + 4, k] += _sums(told.floor_value[:, jobs], ended)
            out[COUNTED : COUNTED + N_PART, k] += _sums(parts, ended)
            out[DRUM : DRUM + N_PART, k] += _sums(parts[:, drum], ended[drum])
            out[DRUM + FINE, k] += _sums(penalty[drum], days[drum])
            if past.any():
                out[PAST_DUE_REVENUE, k] += _sums(past, ended)
            behind = np.flatnonzero(days.any(axis=1))
            some, late, days, rate = parts[:, behind], late[behind], days[behind], penalty[behind]
            out[JOBS_ON_TIME, k] -= late.sum(axis=0)
            out[LATE : LATE + N_PART, k] += _sums(some, late)
            out[LATE_DAYS : LATE_DAYS + N_PART, k] += _sums(some, days)
            out[COUNTED + FINE, k] += _sums(rate, days)
            out[LATE_DAYS + FINE, k] += np.einsum("j,js,js->s", rate, days, days)

    def _carry(
        self, jobs: NDArray[np.int64], rate: Lanes, times: Any, counts: list[Counts], out: NDArray[np.float64]
    ) -> None:
        """Carrying cost of work in process, to the end of each step and of the job, and of what is done early.

        ``times``: starts, ends, (jobs) the least begin and the greatest end.
        """
        start, end, first, last = times
        edges, cost, done = self.told.edges, rate.astype(end.dtype), end[:, -1]
        whole = np.empty((2, *done.shape))
        for n, until in enumerate((end, done[:, None])):
            whole[n] = np.einsum("jo,jos->js", cost, until - start)
        early = rate.sum(axis=1)[:, None] * (self.told.need[jobs, None] - done)
        clamped = np.maximum(early, 0)
        for k, ended, *_ in counts:
            for slot, amount in zip(CARRYING, (*whole, early, clamped), strict=True):
                out[slot, k] += np.einsum("js,js->s", amount, ended)
        low, high = np.searchsorted(edges, (first.min(), last.max()), side="right") - 1
        before = 0.0
        for k in range(low, min(high + 1, edges.size - 1)):
            edge = edges[k + 1]
            reached = whole * (last <= edge)[:, None]
            cut = np.flatnonzero((first < edge) & (edge < last))
            if cut.size:
                begun = np.minimum(start[cut], edge)
                for n, until in enumerate((end[cut], done[cut, None])):
                    reached[n, cut] = np.einsum("jo,jos->js", cost[cut], np.minimum(until, edge) - begun)
            total = reached.sum(axis=1)
            out[CLIPPED, k] += total - before
            before = total

    def _drum(self, rows: Rows, jobs: NDArray[np.int64], worked: Lanes, counts: list[Counts], out: Lanes) -> None:
        """Hours on drums: of jobs by the period of their end, busy ones by the second."""
        told, edges = self.told, self.told.edges
        hours = worked * told.hours_of[told.resource[rows.row], None]
        for k, ended, *_ in counts:
            out[ELAPSED_ALL, k] += np.einsum("js,js->s", rows.end - rows.start, ended) / HOUR
            out[CAPACITY_ALL, k] += np.einsum("js,js->s", hours, ended)
        period = np.searchsorted(edges, rows.first, side="right") - 1
        whole = rows.last <= np.append(edges, -1)[period + 1]
        for k in np.unique(period[whole]).tolist():
            out[DRUM_BUSY, k] += hours[whole & (period == k)].sum(axis=0)
        cut = np.flatnonzero(~whole & (period < edges.size - 1))
        for _, piece, seconds in inside(told.hours, rows.of(cut)):
            for k, here in _by_period(told.hours, piece):
                out[DRUM_BUSY, k] += seconds[here].sum(axis=0) / HOUR

    def _subcontract(
        self, rows: Rows, jobs: NDArray[np.int64], worked: Lanes, counts: list[Counts], out: Lanes
    ) -> None:
        """What subcontractors are paid, in all sets of jobs."""
        told, resource = self.told, self.told.resource[rows.row, None]
        cost, more = worked * told.standard[resource], told.premium[resource] - told.standard[resource]
        for at, _, seconds in inside(told.overtime, rows):
            cost[at] += more[at] * seconds
        drum = told.on_drum[jobs]
        for k, ended, late, days in counts:
            counted = cost * ended
            out[COUNTED + SUBCONTRACT, k] += counted.sum(axis=0)
            out[DRUM + SUBCONTRACT, k] += counted[drum].sum(axis=0)
            out[LATE + SUBCONTRACT, k] += np.einsum("js,js->s", cost, late)
            out[LATE_DAYS + SUBCONTRACT, k] += np.einsum("js,js->s", cost, days)

    def _use(self, rows: Rows, day_of: NDArray[np.int64], out: NDArray[np.float64]) -> None:
        """Potential overtime that is used, and the days that it opens."""
        told, resource = self.told, self.told.resource[rows.row]
        for at, piece, seconds in inside(told.potential, rows):
            for k, here in _by_period(told.potential, piece):
                out[USED, k] += _sums(told.used[:, resource[at[here]]], seconds[here])
            day = day_of[piece]
            for d in np.unique(day[day >= 0]).tolist():
                self.opened[d] |= (seconds[day == d] > 0).any(axis=0)
