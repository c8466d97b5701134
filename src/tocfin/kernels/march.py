"""A plan pushed through time in 64 replications at once: ``tocfin.kernels.retime`` for the ordinary activity.

An activity that moves alone, on one resource, is a maximum and a sum in *work time*: available seconds of its calendar
so far. The end of the work before it on the same resource is kept in work time; what waits for another calendar is
converted. No lane searches: all lanes of an activity lie near each other, so every opening that one of them may be in
is compared with all of them, which is arithmetic without branches or tables. Which openings those are is told by the
least and the greatest lane of what it waits for, which are kept: so an activity is one loop over its lanes. Whatever
is odd about one (a job that may not take place, a planned start in closed time, work that no calendar covers) goes
lane by lane.

Lanes are computed a part at a time, as ``tocfin.kernels.vector`` has it. What an activity takes is told in seconds for
some of them before the first is timed: so a processor can begin with one while it is not done with another.

Instants are int32 seconds after the clock, below ``LIMIT``. ``y`` is scratch of int32.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tocfin.kernels.compile import inlined, lean
from tocfin.kernels.fetch import fetch_line, fetch_row
from tocfin.kernels.lane_add import LANES, extremes
from tocfin.kernels.march_odd import LIMIT, odd
from tocfin.kernels.openings import first_beyond
from tocfin.kernels.vector import (
    WIDE,
    alike,
    any_of,
    chosen,
    greater,
    greatest_of,
    least_of,
    lesser,
    load,
    seconds_of,
    store,
)

#: The opening behind all others ends here.
NEVER_ENDS = np.int32(2**31 - 1)
LEAST = np.int32(-LIMIT)
#: So many members are told in seconds together, before the first of them is timed.
TOLD_AT_ONCE = 16
AFTER, LASTS, NONE_TOLD, MOST_TOLD = 0, LANES, LANES * (1 + TOLD_AT_ONCE), LANES * (2 + TOLD_AT_ONCE)
N_SCRATCH = 3 + TOLD_AT_ONCE
#: Openings that are compared in one loop; where lanes lie further apart there is a loop for each.
NEAR = np.uint64(4)
#: Rows of activities are asked for so many activities ahead, those of what they wait for so many.
FAR, SOON = np.uint64(16), np.uint64(4)
ZERO, ONE, TWO, THREE = np.int32(0), np.uint64(1), np.uint64(2), np.uint64(3)
#: What is odd about an activity; it takes the time on its resource from where the one before it left it, in work time;
#: it waits for one activity on the wall clock.
ODD, FOLLOWS, ONE_WAIT = 1, 2, 4
#: What ``Route.member`` knows of a member: all of it is one line of memory, or there would be a stream for each.
PLACE, RESOURCE, KIND, NEAR_FLOOR, FLOOR, FLOOR_DONE, WORK = range(7)
LOAD_FIRST, LOAD_LAST, BEFORE, LAG, FIRST_EDGE, LAST_WAIT, TOTAL, ROW, RANK = range(7, 16)
N_MEMBER = 16
START, END = 0, 1  # of ``times``
REACHED, BUSY = 0, 1  # of ``own``


@inlined
def _told(value: Any, planned: float, scaled: bool, more: float, out_lasts: Any) -> Any:
    """Whole seconds of work; whether it is none in a lane, and the greatest lane."""
    most = alike(ZERO)
    none = most > ZERO
    for s in range(0, LANES, WIDE):
        work = load(value, s) * more if scaled else load(value, s)
        lasts = seconds_of(lesser(planned * work, LIMIT - 1.0))
        store(out_lasts, s, lasts)
        none, most = none | (lasts == ZERO), greater(most, lasts)
    return any_of(none), greatest_of(most)


@inlined
def _value_of(of: Any, i: Any, drawn: bool, of_first: Any, more: Any) -> Any:
    """Row of member ``i`` in ``value``, of how many seconds that is a multiple, and ``more`` of it, as in ``march``."""
    row = np.uint64(of[ROW])
    by = more[row] if more.size else 1.0
    return (i - of_first, np.float64(of[WORK]), by) if drawn else (row, 1.0, by)


@inlined
def _tell(member: Any, first: Any, upto: Any, drawn: bool, of_first: Any, value: Any, more: Any, y: Any) -> None:
    """``_told`` of members ``first : upto``; ``more``, ``drawn`` and ``of_first`` as in ``march``."""
    for i in range(first, upto):
        k = np.int64(i - first)
        v, planned, by = _value_of(member[i], i, drawn, of_first, more)
        lasts = y[LASTS + k * LANES : LASTS + (k + 1) * LANES]
        y[NONE_TOLD + k], y[MOST_TOLD + k] = _told(value[v], planned, more.size > 0, by, lasts)


@inlined
def _after(first: Any, last: Any, before: Any, lag: Any, late: Any, times: Any, out_after: Any) -> Any:
    """When all of edges ``first : last`` have ended and late material has come; the least and the greatest lane."""
    low, high = alike(NEVER_ENDS), alike(LEAST)
    for s in range(0, LANES, WIDE):
        after = load(late, s) if late.size else alike(LEAST)
        for e in range(first, last):
            after = greater(after, load(times[np.uint64(before[e]), END], s) + lag[e])
        store(out_after, s, after)
        low, high = lesser(low, after), greater(high, after)
    return least_of(low), greatest_of(high)


@inlined
def _done_by(hours: Any, o: Any, instant: Any) -> Any:
    """Work time at an instant that is not behind opening ``o`` and the closed time after it."""
    inside = max(np.int64(0), min(np.int64(instant) - hours.open_start[o], np.int64(hours.open_length[o])))
    return np.int32(hours.open_done[o] + inside)


@inlined
def _near(
    after: Any, lag: Any, hours: Any, w: Any, o: Any, limits: Any, lasts: Any, own: Any, times: Any, coming: Any
) -> Any:
    """Start and end of an activity whose lanes lie in NEAR openings; the least and the greatest work time reached.

    ``after`` is when it may begin for what it waits for, in openings from ``w`` on, and it works in those from ``o``
    on. ``limits``: when it may begin at the earliest in work time, what counts at most of the work before it (the least
    there is where that does not matter), -1 where it loads its resource. Lines of ``coming``, which are needed soon,
    are asked for with each part: there is room for a dozen or two that are on their way.

    Where an opening does not matter, nothing is changed by it: before its start, what it makes of an instant is less
    than what was reached before it. Numbers of openings stay in memory, from where an instruction takes them: to keep
    them at hand, there are too many.
    """
    reached, busy, starts, ends = own[REACHED], own[BUSY], times[START], times[END]
    floor, cap, adds = limits
    next_starts, next_ends, waited_for = coming
    base, to, gap = hours.open_base, hours.open_reached, hours.open_gap
    low, high = alike(NEVER_ENDS), alike(LEAST)
    for s in range(0, LANES, WIDE):
        fetch_line(next_starts, np.uint64(s))
        fetch_line(next_ends, np.uint64(s))
        fetch_line(waited_for, np.uint64(s))
        at, last = load(after, s) + lag, load(lasts, s)
        ready = greater(lesser(at - base[w], to[w]), lesser(at - base[w + ONE], to[w + ONE]))
        ready = greater(ready, lesser(at - base[w + TWO], to[w + TWO]))
        ready = greater(ready, lesser(at - base[w + THREE], to[w + THREE]))
        ready = greater(ready, greater(lesser(load(reached, s), cap), floor))
        stop = ready + last
        low, high = lesser(low, stop), greater(high, stop)
        start, end = ready + base[o], stop + base[o]
        start = start + chosen(ready >= to[o], gap[o + ONE], ZERO)
        start = start + chosen(ready >= to[o + ONE], gap[o + TWO], ZERO)
        start = start + chosen(ready >= to[o + TWO], gap[o + THREE], ZERO)
        end = end + chosen(stop > to[o], gap[o + ONE], ZERO)
        end = end + chosen(stop > to[o + ONE], gap[o + TWO], ZERO)
        end = end + chosen(stop > to[o + TWO], gap[o + THREE], ZERO)
        store(reached, s, stop)
        store(busy, s, load(busy, s) + (last & adds))
        store(starts, s, start)
        store(ends, s, end)
    return least_of(low), greatest_of(high)


@inlined
def _far(
    after: Any, lag: Any, hours: Any, waiting: Any, working: Any, limits: Any, lasts: Any, own: Any, times: Any
) -> Any:
    """``_near`` for any number of openings: ``waiting`` and ``working`` are the first and the last of each."""
    reached, busy, starts, ends = own[REACHED], own[BUSY], times[START], times[END]
    low, high = alike(NEVER_ENDS), alike(LEAST)
    floor, cap, adds = limits
    base = hours.open_base[working[0]]
    for s in range(0, LANES, WIDE):
        at, last = load(after, s) + lag, load(lasts, s)
        ready = greater(lesser(load(reached, s), cap), floor)
        for o in range(waiting[0], waiting[1] + ONE):
            ready = greater(ready, lesser(at - hours.open_base[o], hours.open_reached[o]))
        stop = ready + last
        low, high = lesser(low, stop), greater(high, stop)
        store(reached, s, stop)
        store(busy, s, load(busy, s) + (last & adds))
        start, end = ready + base, stop + base
        for o in range(working[0] + ONE, working[1] + ONE):
            done, gap = hours.open_done[o], hours.open_gap[o]
            start = start + chosen(ready >= done, gap, ZERO)
            end = end + chosen(stop > done, gap, ZERO)
        store(starts, s, start)
        store(ends, s, end)
    return least_of(low), greatest_of(high)


@inlined
def _cut(first: Any, last: Any, lasts: Any, own: Any) -> None:
    """Take back what is outside the horizon, which is ``first`` to ``last`` in work time."""
    reached, busy = own[REACHED], own[BUSY]
    for s in range(0, LANES, WIDE):
        stop, work = load(reached, s), load(lasts, s)
        inside = lesser(stop, last) - greater(stop - work, first)
        store(busy, s, load(busy, s) + (greater(inside, ZERO) - work))


@inlined
def _emptied(own: Any, busy: Any) -> Any:
    """Add what BUSY has to ``busy`` and begin anew; how much may be in it."""
    for s in range(busy.size):
        busy[s] += np.int64(own[BUSY, s])
        own[BUSY, s] = ZERO
    return np.int64(0)


@inlined
def _nothing(lasts: Any, times: Any) -> Any:
    """Where nothing is done, it ends when it begins; the least and the greatest end."""
    low, high = NEVER_ENDS, LEAST
    for s in range(LANES):
        end = times[START, s] if lasts[s] == 0 else times[END, s]
        times[END, s] = end
        low = min(low, end)
        high = max(high, end)
    return low, high


@inlined
def _touches(potential: Any, bucket: Any, span: Any, low: Any, high: Any) -> Any:
    """Whether ``[low, high)`` may touch potential overtime; ``bucket`` is the first of the resource."""
    at = bucket + min(max(np.int64(low) >> span[1], np.int64(0)), span[2])
    return np.int64(potential[at]) <= (np.int64(high) - 1) >> span[1]


@lean
def march(route: Any, hours: Any, potential: Any, some: Any, noise: Any, state: Any) -> bool:
    """Time members ``some[0] : some[1]`` of a block of 64 replications; False where 32 bits do not hold it.

    ==================  =======================  ===========================================================
    route, hours                                 columns of ``tocfin.scenarios.route``
    potential                                    bucket_potential, resource_first_bucket, bucket_span of an
                                                 ``Enterprise``
    noise               value (rows, lanes)      work relative to the plan, ``some[2]`` the member of row 0; or
                                                 -1, and rows are those of the schedule, work in seconds
    ..                  more (activities) or 0   what each value is multiplied by
    ..                  late (activities, lanes) or 0  [s] int32, not before
    ..                  absent (jobs, lanes) or 0
    state               times                    (places, 2, lanes) [s] out: start and end
    ..                  span                     (places, 2) [s] out: the least and the greatest end
    ..                  touched                  (places) out: 1 where potential overtime may be touched
    ..                  own                      (resources, 2, lanes) work time reached, scratch; and seconds
                                                 of work inside the horizon, added up, in: 0
    ..                  full                     (resources) int64, in: 0; the most that may be in these
    ..                  busy                     (resources, lanes) int64 [s], what did not fit into them added
    ..                  own_span                 (resources, 2) scratch: the least and the greatest reached
    ..                  stuck                    (lanes) out: the least rank of a member whose calendar ended before
                                                 its work did, in: more than there are
    ..                  scratch                  (N_SCRATCH x lanes) int32
    ==================  =======================  ===========================================================
    """
    value, more, late, absent = noise
    times, span, touched, own, full, busy, own_span, stuck, y = state
    closes, done, ends = hours.open_end, hours.open_done, hours.open_reached
    member, before, lags = route.member, route.edge_place, route.edge_lag
    bucket_potential, first_bucket, bucket_span = potential
    buckets = (bucket_span[0], bucket_span[1], bucket_span[2])
    drawn, last_member = some[2] >= 0, np.uint64(max(member.shape[0], 1) - 1)
    of_first = np.uint64(max(some[2], 0))
    ended = times[:, END]
    base, nowhere = hours.open_base, np.uint64(hours.open_base.size) - NEAR
    for first in range(np.uint64(some[0]), np.uint64(some[1]), np.uint64(TOLD_AT_ONCE)):
        upto = min(first + np.uint64(TOLD_AT_ONCE), np.uint64(some[1]))
        _tell(member, first, upto, drawn, of_first, value, more, y)
        for i in range(first, upto):
            fetch_line(member, min(i + FAR + FAR, last_member))
            far, ahead = np.uint64(member[min(i + FAR, last_member), PLACE]), member[min(i + SOON, last_member)]
            fetch_line(span, np.uint64(ahead[BEFORE]))
            of = member[i]
            at, r = np.uint64(of[PLACE]), np.uint64(of[RESOURCE])
            if of[KIND] & ODD:
                v, planned, by = _value_of(of, i, drawn, of_first, more)
                if not odd(route, hours, i, v, planned, by, value, late, absent, busy, times, stuck):
                    return False
                span[at, 0], span[at, 1] = extremes(times[at, END], 0)
                touched[at] = 1
                continue
            k = np.int64(i - first)
            lasts, none, most = y[LASTS + k * LANES : LASTS + (k + 1) * LANES], y[NONE_TOLD + k], y[MOST_TOLD + k]
            floor, floor_done, o = of[FLOOR], of[FLOOR_DONE], np.uint64(of[NEAR_FLOOR])
            low, high, cap = LEAST, LEAST, LEAST
            if of[KIND] & FOLLOWS:
                low, high, cap = own_span[r, 0], own_span[r, 1], NEVER_ENDS
            # What it waits for on the wall clock: which lanes, when, and the openings that they lie in.
            after, lag, soonest, latest = lasts, ZERO, LEAST, LEAST
            if of[KIND] & ONE_WAIT and not late.size:
                b, lag = np.uint64(of[BEFORE]), of[LAG]
                after = times[b, END]
                soonest, latest = np.int32(span[b, 0] + lag), np.int32(span[b, 1] + lag)
            elif of[FIRST_EDGE] < of[LAST_WAIT] or late.size:
                after = y[AFTER : AFTER + LANES]
                came = late[of[ROW]] if late.size else after[:0]
                soonest, latest = _after(of[FIRST_EDGE], of[LAST_WAIT], before, lags, came, times, after)
            if latest >= LIMIT:
                return False
            waits, wait_from, wait_to = latest > floor, o, o
            if waits:
                wait_from, wait_to = first_beyond(closes, o, soonest), first_beyond(closes, o, np.int32(latest - 1))
                floor_done = max(floor_done, done[wait_from])
                low, high = max(low, _done_by(hours, wait_from, soonest)), max(high, _done_by(hours, wait_to, latest))
            low, high = max(low, floor_done), max(high, floor_done)
            if np.int64(high) + most >= LIMIT or low < -LIMIT:
                return False
            reach = np.int32(high + most)
            o, last = first_beyond(ends, o, low), first_beyond(ends, o, reach)
            begins = np.int32(low + base[o])
            adds = np.int32(-1) if of[LOAD_FIRST] < of[LOAD_LAST] else ZERO
            if adds:
                full[r] = most + (full[r] if full[r] + most <= NEVER_ENDS else _emptied(own[r], busy[r]))
            limits = (floor_done, cap, adds)
            if wait_to - wait_from < NEAR and last - o < NEAR:
                w = wait_from if waits else nowhere
                coming = (times[far, START], times[far, END], times[np.uint64(ahead[BEFORE]), END])
                lowest, highest = _near(after, lag, hours, w, o, limits, lasts, own[r], times[at], coming)
            else:
                fetch_row(times, far)
                fetch_row(ended, np.uint64(ahead[BEFORE]))
                waiting = (wait_from, wait_to if waits else wait_from - ONE)
                lowest, highest = _far(after, lag, hours, waiting, (o, last), limits, lasts, own[r], times[at])
            own_span[r, 0], own_span[r, 1] = lowest, highest
            if adds and (low < of[LOAD_FIRST] or highest > of[LOAD_LAST]):
                _cut(of[LOAD_FIRST], of[LOAD_LAST], lasts, own[r])
            # At a closing time, the opening that closes.
            soonest = np.int32(lowest + base[first_beyond(ends, o, np.int32(lowest - 1))])
            latest = np.int32(highest + base[first_beyond(ends, o, np.int32(highest - 1))])
            if none:
                soonest, latest = _nothing(lasts, times[at])
            if latest >= LIMIT:
                return False
            span[at, 0], span[at, 1] = soonest, latest
            if highest > of[TOTAL]:
                for s in range(LANES):
                    if own[r, REACHED, s] > of[TOTAL] and lasts[s]:
                        stuck[s] = min(stuck[s], of[RANK])
            touched[at] = _touches(bucket_potential, first_bucket[r], buckets, begins, latest)
    return True
