"""When work can be done, and how much of it each planned activity is: seconds of capacity, not of the clock."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tocfin.model.arrange import frozen
from tocfin.model.columns import IS_ACTIVE, Enterprise, Instants, Ints, Schedule

POTENTIAL, CLEANOUT = 2, 3


class Openings(NamedTuple):
    """Available time of every timeline: Online, Overtime and PotentialOvertime, what touches being one opening."""

    opening_first: Ints  # (timelines + 1) into opening_*; timeline 0 is empty
    opening_start: Instants  # (openings) [s]
    opening_end: Instants  # (openings) [s]


class Work(NamedTuple):
    """What each of some activities asks of its resource."""

    timeline: Ints  # (rows) 0: nothing covers it, elapsed time counts
    opening: Ints  # (rows) first opening that ends after the planned start
    seconds: Instants  # (rows) [s] available seconds of the plan, or elapsed ones
    tail: Instants  # (rows) [s] from the last second of work to the planned end


class Planned(NamedTuple):
    """Work as another calendar measured it: that of the base, when a scenario has other hours than its plan had."""

    known: NDArray[np.bool_]  # (activities) planned there at the same time
    seconds: Instants  # (activities) [s] available seconds there; 0: not covered there
    tail: Instants  # (activities) [s]


def openings(enterprise: Enterprise, *, potential: bool = True) -> Openings:
    """Available time of the timelines of an enterprise, with or without its potential overtime."""
    kept = (enterprise.segment_kind != CLEANOUT) & (potential | (enterprise.segment_kind != POTENTIAL))
    owner = np.repeat(np.arange(enterprise.timeline_first.size - 1), np.diff(enterprise.timeline_first))[kept]
    start, end = enterprise.segment_start[kept], enterprise.segment_end[kept]
    joins = (owner[1:] == owner[:-1]) & (start[1:] == end[:-1])
    opens = np.concatenate([[True], ~joins])[: start.size]
    closes = np.concatenate([~joins, [True]])[: start.size]
    first = np.searchsorted(owner[opens], np.arange(enterprise.timeline_first.size))
    return Openings(frozen(first.astype(np.int32)), frozen(start[opens]), frozen(end[closes]))


def planned_work(
    enterprise: Enterprise, schedule: Schedule, hours: Openings, rows: Ints, planned: Planned | None = None
) -> Work:
    """Work of the schedule's ``rows``, and where in the calendar it begins.

    An activity without an available second, or on an inactive resource, keeps its elapsed duration. Where ``planned``
    knows an activity it tells how much work it is, and these hours only when it can be done: so overtime shortens the
    work that was planned without it, and a machine that is down holds it up.
    """
    resource = schedule.activity_resource[rows]
    start, end = schedule.activity_start[rows], schedule.activity_end[rows]
    active = (enterprise.resource_role[resource] & IS_ACTIVE).astype(np.bool_)
    timeline = np.where(active, enterprise.resource_timeline[resource], 0).astype(np.int32)
    seconds, finish, opening = (np.zeros(rows.size, np.int64) for _ in range(3))
    order = np.argsort(timeline, kind="stable")
    bounds = np.searchsorted(timeline[order], np.arange(hours.opening_first.size))
    for t in np.unique(timeline):
        low, high = hours.opening_first[t], hours.opening_first[t + 1]
        if low == high:
            continue
        at = order[bounds[t] : bounds[t + 1]]
        opens, closes = hours.opening_start[low:high], hours.opening_end[low:high]
        done = np.concatenate([[0], np.cumsum(closes - opens)])
        before, after = (_seconds_until(instant, opens, closes, done) for instant in (start[at], end[at]))
        seconds[at] = after - before
        last = np.maximum(np.searchsorted(done, after, side="left") - 1, 0)
        finish[at] = opens[last] + after - done[last]
        opening[at] = low + np.searchsorted(closes, start[at], side="right")
    covered, tail = seconds > 0, end - finish
    if planned is not None:
        known, there = planned.known[rows], planned.seconds[rows]
        open_ever = hours.opening_first[timeline + 1] > hours.opening_first[timeline]
        covered = np.where(known, (there > 0) & open_ever, covered)
        seconds, tail = np.where(known, there, seconds), np.where(known, planned.tail[rows], tail)
    return Work(
        frozen(np.where(covered, timeline, 0).astype(np.int32)),
        frozen(np.where(covered, opening, 0).astype(np.int32)),
        frozen(np.where(covered, seconds, end - start)),
        frozen(np.where(covered, tail, 0)),
    )


def available(hours: Openings, timeline: Ints, start: Instants, end: Instants) -> Instants:
    """Seconds of ``hours`` between instants, row by row; elapsed ones on the empty timeline 0, never below 0."""
    seconds: Instants = np.maximum(end - start, 0)
    for t in np.unique(timeline[timeline > 0]):
        low, high = hours.opening_first[t], hours.opening_first[t + 1]
        at = np.flatnonzero(timeline == t)
        opens, closes = hours.opening_start[low:high], hours.opening_end[low:high]
        done = np.concatenate([[0], np.cumsum(closes - opens)])
        if low == high:
            seconds[at] = 0
            continue
        before, after = (_seconds_until(instant[at], opens, closes, done) for instant in (start, end))
        seconds[at] = np.maximum(after - before, 0)
    return seconds


def _seconds_until(instant: Instants, opens: Instants, closes: Instants, done: Instants) -> NDArray[np.int64]:
    """Available seconds of one timeline before each instant; ``done`` counts those before each opening."""
    i = np.searchsorted(closes, instant, side="right")
    inside = np.maximum(instant - opens[np.minimum(i, opens.size - 1)], 0)
    return done[i] + np.where(i < opens.size, inside, 0)
