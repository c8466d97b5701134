"""A plan pushed through time in 64 replications at once: ``tocfin.kernels.retime`` for the ordinary activity.

An activity that moves alone, on one resource, is a maximum and a sum in *work time*: available seconds of its calendar
so far. The end of the work before it on the same resource is kept in work time; what waits for another calendar is
converted. No lane searches: all lanes of an activity lie near each other, so every opening that one of them may be in
is compared with all of them, which is arithmetic without branches or tables. Which openings those are is told by the
least and the greatest lane of what it waits for, which are kept: so an activity is one loop over its lanes. Whatever
is odd about one (a job that may not take place, a planned start in closed time, work that no calendar covers) goes
lane by lane.

A loop between two arrays runs to the length of one of them: to a constant of 64, the compiler lays out 64 steps before
it looks for vectors, and finds none.

Instants are int32 seconds after the clock, below ``LIMIT``. ``y`` is scratch of int32.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tocfin.kernels.compile import inlined, lean
from tocfin.kernels.fetch import AHEAD, fetch_line, fetch_row
from tocfin.kernels.lane_add import LANES, extremes
from tocfin.kernels.march_odd import LIMIT, odd

#: The opening behind all others ends here.
NEVER_ENDS = np.int32(2**31 - 1)
LEAST = np.int32(-LIMIT)
LASTS, AFTER, READY = (LANES * n for n in range(3))
N_SCRATCH = 3
#: Openings that are compared in one loop; where lanes lie further apart there is a loop for each.
NEAR = np.uint64(4)
#: Rows of activities are asked for so many activities ahead, those of their resource and of what they wait for so many.
FAR, SOON = np.uint64(AHEAD), np.uint64(4)
ZERO, ONE, TWO, THREE = np.int32(0), np.uint64(1), np.uint64(2), np.uint64(3)
#: What is odd about an activity; it takes the time on its resource from where the one before it left it, in work time;
#: it waits for one activity on the wall clock.
ODD, FOLLOWS, ONE_WAIT = 1, 2, 4
#: What ``Route.member`` knows of a member: all of it is one line of memory, or there would be a stream for each.
ROW, RESOURCE, KIND, NEAR_FLOOR, FLOOR, FLOOR_DONE, WORK = range(7)
LOAD_FIRST, LOAD_LAST, BEFORE, LAG, FIRST_EDGE, LAST_WAIT, TOTAL = range(7, 14)
N_MEMBER = 16
START, END = 0, 1  # of ``times``
REACHED, BUSY = 0, 1  # of ``own``


@inlined
def _worked(v: Any, planned: float, more: float, value: Any, y: Any) -> Any:
    """LASTS: whole seconds of work; the least and the greatest lane."""
    low, high = np.int32(LIMIT), ZERO
    for s in range(LANES):
        lasts = np.int32(min(np.rint(planned * (value[v, s] * more)), LIMIT - 1.0))
        y[LASTS + s] = lasts
        low = min(low, lasts)
        high = max(high, lasts)
    return low, high


@inlined
def _after(first: Any, last: Any, before: Any, lag: Any, late: Any, row: Any, times: Any, y: Any) -> Any:
    """AFTER: when all of edges ``first : last`` have ended and late material has come; the least and the greatest."""
    for s in range(LANES):
        y[AFTER + s] = LEAST
    for e in range(first, last):
        end, least = times[np.uint64(before[e]), END], lag[e]
        for s in range(end.size):
            y[AFTER + s] = max(y[AFTER + s], np.int32(end[s] + least))
    if late.size:
        for s in range(late.shape[1]):
            y[AFTER + s] = max(y[AFTER + s], late[row, s])
    return extremes(y, AFTER)


@inlined
def _done_by(hours: Any, o: Any, instant: Any) -> Any:
    """Work time at an instant that is not behind opening ``o`` and the closed time after it."""
    inside = max(np.int64(0), min(np.int64(instant) - hours.open_start[o], np.int64(hours.open_length[o])))
    return np.int32(hours.open_done[o] + inside)


@inlined
def _base(hours: Any, o: Any) -> Any:
    """What is added to work time in opening ``o`` to give the wall clock."""
    return np.int32(hours.open_start[o] - hours.open_done[o])


@inlined
def _last_before(hours: Any, o: Any, last: Any, work: Any) -> Any:
    """The opening from ``o`` to ``last`` in which ``work`` is reached: at a closing time, the one that closes."""
    while o < last and hours.open_done[o + ONE] < work:
        o += ONE
    return o


@inlined
def _near(after: Any, lasts: Any, own: Any, times: Any, floor: Any, cap: Any, adds: Any, work: Any, wall: Any) -> Any:
    """Start and end of an activity whose lanes lie in four openings; the least and the greatest work time reached.

    ``after`` is when it may begin for what it waits for; ``floor`` is in work time, ``cap`` the least there is where
    the work before it does not matter, ``adds`` -1 where it loads its resource. ``work`` has four pairs, what is taken
    from the wall clock for the work time of an opening and the work time at its end; ``wall`` what is added to work
    time, and for the next three openings the work time at their start and the closed time before it.
    """
    from_a, to_a, from_b, to_b, from_c, to_c, from_d, to_d = work
    base, done_b, gap_b, done_c, gap_c, done_d, gap_d = wall
    early_b, early_c, early_d = np.int32(done_b - 1), np.int32(done_c - 1), np.int32(done_d - 1)
    low, high = NEVER_ENDS, LEAST
    for s in range(after.size):
        at, last = after[s], lasts[s]
        ready = max(floor, min(np.int32(at - from_a), to_a))
        ready = max(ready, min(np.int32(at - from_b), to_b))
        ready = max(ready, min(np.int32(at - from_c), to_c))
        ready = max(ready, min(np.int32(at - from_d), to_d))
        ready = max(ready, min(own[REACHED, s], cap))
        stop = np.int32(ready + last)
        low = min(low, stop)
        high = max(high, stop)
        own[REACHED, s] = stop
        own[BUSY, s] = np.int32(own[BUSY, s] + (last & adds))
        start = np.int32(np.int32(ready + base) + (gap_b if ready > early_b else ZERO))
        start = np.int32(start + (gap_c if ready > early_c else ZERO))
        times[START, s] = np.int32(start + (gap_d if ready > early_d else ZERO))
        end = np.int32(np.int32(stop + base) + (gap_b if stop > done_b else ZERO))
        end = np.int32(end + (gap_c if stop > done_c else ZERO))
        times[END, s] = np.int32(end + (gap_d if stop > done_d else ZERO))
    return low, high


@inlined
def _pairs(hours: Any, o: Any, last: Any, lag: Any) -> Any:
    """``work`` of ``_near`` for openings ``o`` to ``last``, after a lag."""
    a, b, c = min(o + ONE, last), min(o + TWO, last), min(o + THREE, last)
    ends = hours.open_reached
    from_, from_a = np.int32(_base(hours, o) - lag), np.int32(_base(hours, a) - lag)
    from_b, from_c = np.int32(_base(hours, b) - lag), np.int32(_base(hours, c) - lag)
    return from_, ends[o], from_a, ends[a], from_b, ends[b], from_c, ends[c]


@inlined
def _steps(hours: Any, o: Any, last: Any) -> Any:
    """``wall`` of ``_near`` for openings ``o`` to ``last``."""
    a, b, c = min(o + ONE, last), min(o + TWO, last), min(o + THREE, last)
    done, gap = hours.open_done, hours.open_gap
    gap_a = gap[a] if a > o else ZERO
    gap_b = gap[b] if b > a else ZERO
    gap_c = gap[c] if c > b else ZERO
    return _base(hours, o), done[a], gap_a, done[b], gap_b, done[c], gap_c


@inlined
def _far(
    after: Any,
    lag: Any,
    hours: Any,
    waiting: Any,
    working: Any,
    floor: Any,
    cap: Any,
    adds: Any,
    y: Any,
    own: Any,
    times: Any,
) -> Any:
    """``_near`` for any number of openings: ``waiting`` and ``working`` are the first and the last of each."""
    ready = y[READY : READY + LANES]
    for s in range(ready.size):
        ready[s] = max(floor, min(own[REACHED, s], cap))
    for o in range(waiting[0], waiting[1] + ONE):
        from_, to = np.int32(_base(hours, o) - lag), hours.open_reached[o]
        for s in range(ready.size):
            ready[s] = max(ready[s], min(np.int32(after[s] - from_), to))
    low, high = NEVER_ENDS, LEAST
    base = _base(hours, working[0])
    for s in range(ready.size):
        stop = np.int32(ready[s] + y[LASTS + s])
        low = min(low, stop)
        high = max(high, stop)
        own[REACHED, s] = stop
        own[BUSY, s] = np.int32(own[BUSY, s] + (y[LASTS + s] & adds))
        times[START, s] = np.int32(ready[s] + base)
        times[END, s] = np.int32(stop + base)
    for o in range(working[0] + ONE, working[1] + ONE):
        done, gap = hours.open_done[o], hours.open_gap[o]
        for s in range(ready.size):
            times[START, s] = np.int32(times[START, s] + (gap if ready[s] >= done else ZERO))
            times[END, s] = np.int32(times[END, s] + (gap if own[REACHED, s] > done else ZERO))
    return low, high


@inlined
def _cut(first: Any, last: Any, y: Any, own: Any) -> None:
    """Take back what is outside the horizon, which is ``first`` to ``last`` in work time."""
    for s in range(LANES):
        stop, lasts = own[REACHED, s], y[LASTS + s]
        inside = np.int32(min(stop, last) - max(np.int32(stop - lasts), first))
        own[BUSY, s] = np.int32(own[BUSY, s] + np.int32(max(ZERO, inside) - lasts))


@inlined
def _emptied(own: Any, busy: Any) -> Any:
    """Add what BUSY has to ``busy`` and begin anew; how much may be in it."""
    for s in range(busy.size):
        busy[s] += np.int64(own[BUSY, s])
        own[BUSY, s] = ZERO
    return np.int64(0)


@inlined
def _nothing(y: Any, times: Any) -> Any:
    """Where nothing is done, it ends when it begins; the least and the greatest end."""
    low, high = NEVER_ENDS, LEAST
    for s in range(LANES):
        end = times[START, s] if y[LASTS + s] == 0 else times[END, s]
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
    state               times                    (activities, 2, lanes) [s] out: start and end
    ..                  span                     (activities, 2) [s] scratch: the least and the greatest end
    ..                  touched                  (activities) out: 1 where potential overtime may be touched
    ..                  own                      (resources, 2, lanes) work time reached, scratch; and seconds
                                                 of work inside the horizon, added up, in: 0
    ..                  full                     (resources) int64, in: 0; the most that may be in these
    ..                  busy                     (resources, lanes) int64 [s], what did not fit into them added
    ..                  own_span                 (resources, 2) scratch: the least and the greatest reached
    ..                  stuck                    (lanes) as in ``retime``
    ..                  scratch                  (N_SCRATCH x lanes) int32
    ==================  =======================  ===========================================================
    """
    value, more, late, absent = noise
    times, span, touched, own, full, busy, own_span, stuck, y = state
    opens, closes, done, ends = hours.open_start, hours.open_end, hours.open_done, hours.open_reached
    member, before, lags = route.member, route.edge_before, route.edge_lag
    bucket_potential, first_bucket, bucket_span = potential
    buckets = (bucket_span[0], bucket_span[1], bucket_span[2])
    drawn, last_member = some[2] >= 0, np.uint64(max(member.shape[0], 1) - 1)
    of_first = np.uint64(max(some[2], 0))
    lasts = y[LASTS : LASTS + LANES]
    for i in range(np.uint64(some[0]), np.uint64(some[1])):
        fetch_line(member, min(i + FAR + FAR, last_member))
        fetch_row(times, np.uint64(member[min(i + FAR, last_member), ROW]))
        ahead = member[min(i + SOON, last_member)]
        fetch_row(own, np.uint64(ahead[RESOURCE]))
        fetch_line(own_span, np.uint64(ahead[RESOURCE]))
        fetch_row(times, np.uint64(ahead[BEFORE]))
        fetch_line(span, np.uint64(ahead[BEFORE]))
        of = member[i]
        row, r = np.uint64(of[ROW]), np.uint64(of[RESOURCE])
        v = i - of_first if drawn else row
        planned = np.float64(of[WORK]) if drawn else 1.0
        by = more[row] if more.size else 1.0
        if of[KIND] & ODD:
            if not odd(route, hours, i, v, planned, by, value, late, absent, busy, times, stuck):
                return False
            span[row, 0], span[row, 1] = extremes(times[row, END], 0)
            touched[row] = 1
            continue
        least, most = _worked(v, planned, by, value, y)
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
            soonest, latest = _after(of[FIRST_EDGE], of[LAST_WAIT], before, lags, late, row, times, y)
            after = y[AFTER : AFTER + LANES]
        if latest >= LIMIT:
            return False
        waits, wait_from, wait_to = latest > floor, o, o
        if waits:
            while closes[o] <= soonest:
                o += ONE
            wait_from, wait_to = o, o
            while closes[wait_to] != NEVER_ENDS and opens[wait_to + ONE] < latest:
                wait_to += ONE
            floor_done = max(floor_done, done[o])
            low, high = max(low, _done_by(hours, o, soonest)), max(high, _done_by(hours, wait_to, latest))
        low, high = max(low, floor_done), max(high, floor_done)
        if np.int64(high) + most >= LIMIT or low < -LIMIT:
            return False
        reach = np.int32(high + most)
        while closes[o] != NEVER_ENDS and ends[o] <= low:
            o += ONE
        last = o
        while closes[last] != NEVER_ENDS and done[last + ONE] <= reach:
            last += ONE
        begins = np.int32(low + _base(hours, o))
        adds = np.int32(-1) if of[LOAD_FIRST] < of[LOAD_LAST] else ZERO
        if adds:
            full[r] = most + (full[r] if full[r] + most <= NEVER_ENDS else _emptied(own[r], busy[r]))
        if wait_to - wait_from < NEAR and last - o < NEAR:
            work = _pairs(hours, wait_from, wait_to, lag)
            if not waits:
                work = (ZERO, floor_done, ZERO, floor_done, ZERO, floor_done, ZERO, floor_done)
            wall = _steps(hours, o, last)
            lowest, highest = _near(after, lasts, own[r], times[row], floor_done, cap, adds, work, wall)
        else:
            waiting = (wait_from, wait_to if waits else wait_from - ONE)
            lowest, highest = _far(after, lag, hours, waiting, (o, last), floor_done, cap, adds, y, own[r], times[row])
        own_span[r, 0], own_span[r, 1] = lowest, highest
        if adds and (low < of[LOAD_FIRST] or highest > of[LOAD_LAST]):
            _cut(of[LOAD_FIRST], of[LOAD_LAST], y, own[r])
        o = _last_before(hours, o, last, lowest)
        soonest = np.int32(lowest + _base(hours, o))
        o = _last_before(hours, o, last, highest)
        latest = np.int32(highest + _base(hours, o))
        if least == 0:
            soonest, latest = _nothing(y, times[row])
        if latest >= LIMIT:
            return False
        span[row, 0], span[row, 1] = soonest, latest
        if highest > of[TOTAL]:
            for s in range(LANES):
                if own[r, REACHED, s] > of[TOTAL] and lasts[s] and stuck[s] < 0:
                    stuck[s] = row
        touched[row] = _touches(bucket_potential, first_bucket[r], buckets, begins, latest)
    return True
