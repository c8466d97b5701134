"""A plan pushed through time in 64 replications at once: ``tocfin.kernels.retime`` for the ordinary activity.

An activity that moves alone, on one resource, is a maximum and a sum in *work time*: available seconds of its calendar
so far. The end of the work before it on the same resource is kept in work time; what waits for another calendar is
converted. No lane searches: all lanes of an activity lie near each other, so every opening that one of them may be in
is compared with all of them, which is arithmetic without branches or tables. Whatever is odd about an activity (a job
that may not take place, a planned start in closed time, work that no calendar covers) goes lane by lane.

A loop between two arrays runs to the length of one of them: to a constant of 64, the compiler lays out 64 steps before
it looks for vectors, and finds none.

Instants are int32 seconds after the clock, below ``LIMIT``. ``y`` is scratch of int32.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tocfin.kernels.compile import inlined, lean
from tocfin.kernels.fetch import AHEAD, fetch_row
from tocfin.kernels.lane_add import LANES, extremes
from tocfin.kernels.march_odd import LIMIT, odd

#: The opening behind all others ends here.
NEVER_ENDS = np.int32(2**31 - 1)
READY, LASTS, REACHED, AFTER, WALL = (LANES * n for n in range(5))
N_SCRATCH = 5
#: Rows of activities are asked for so many activities ahead, those of their resource and of what they wait for so many.
FAR, SOON = np.uint64(AHEAD), np.uint64(2)
ZERO, ONE, THREE = np.int32(0), np.uint64(1), np.uint64(3)
#: What is odd about an activity.
ODD = 1
#: It takes the time on its resource from where the one before it left it, in work time.
FOLLOWS = 2


@inlined
def _after(first: Any, last: Any, before: Any, lag: Any, late: Any, row: Any, end: Any, y: Any) -> Any:
    """AFTER: when all of edges ``first : last`` have ended and late material has come; the least and the greatest."""
    low, high = NEVER_ENDS, np.int32(-LIMIT)
    if first + 1 == last and not late.size:
        b, least = np.uint64(before[first]), lag[first]
        for s in range(end.shape[1]):
            at = np.int32(end[b, s] + least)
            y[AFTER + s] = at
            low = min(low, at)
            high = max(high, at)
        return low, high
    for s in range(LANES):
        y[AFTER + s] = -LIMIT
    for e in range(first, last):
        b, least = np.uint64(before[e]), lag[e]
        for s in range(end.shape[1]):
            y[AFTER + s] = max(y[AFTER + s], np.int32(end[b, s] + least))
    if late.size:
        for s in range(late.shape[1]):
            y[AFTER + s] = max(y[AFTER + s], late[row, s])
    return extremes(y, AFTER)


@inlined
def _inside(instant: Any, opens: Any, length: Any) -> Any:
    """Seconds of an opening before an instant."""
    return max(ZERO, min(np.int32(instant - opens), length))


@inlined
def _working(
    opens: Any, closes: Any, done: Any, length: Any, near: Any, floor: Any, low: Any, high: Any, y: Any
) -> None:
    """READY: AFTER in work time, right for the lanes that are after ``floor``, which lies before ``near`` ends."""
    low = max(low, floor)
    o = np.uint64(near)
    while closes[o] <= low:
        o += ONE
    last = o
    while closes[last] != NEVER_ENDS and opens[last + ONE] < high:
        last += ONE
    before = done[o]
    a, b, c = o, min(o + ONE, last), min(o + ONE + ONE, last)
    from_a, from_b, from_c = opens[a], opens[b], opens[c]
    most_a = length[a]
    most_b = length[b] if last > o else ZERO
    most_c = length[c] if last > o + ONE else ZERO
    for s in range(LANES):
        at = y[AFTER + s]
        some = np.int32(_inside(at, from_a, most_a) + _inside(at, from_b, most_b))
        y[READY + s] = np.int32(np.int32(before + some) + _inside(at, from_c, most_c))
    o += THREE
    while o <= last:
        from_a, most_a = opens[o], length[o]
        for s in range(LANES):
            y[READY + s] = np.int32(y[READY + s] + _inside(y[AFTER + s], from_a, most_a))
        o += ONE


@inlined
def _worked(v: Any, planned: float, more: float, value: Any, y: Any) -> Any:
    """LASTS: whole seconds of work; the least lane."""
    low = np.int32(LIMIT)
    for s in range(LANES):
        lasts = np.int32(min(np.rint(planned * (value[v, s] * more)), LIMIT - 1.0))
        y[LASTS + s] = lasts
        low = min(low, lasts)
    return low


@inlined
def _reach(floor: Any, reached: Any, r: Any, follows: bool, waits: bool, y: Any) -> Any:
    """READY and REACHED in work time, the latter also in ``reached``; the least and the greatest of both."""
    if not waits:
        for s in range(LANES):
            y[READY + s] = floor
    low, high, lowest, highest = NEVER_ENDS, np.int32(-LIMIT), NEVER_ENDS, np.int32(-LIMIT)
    if follows:
        for s in range(reached.shape[1]):
            ready = max(max(y[READY + s], reached[r, s]), floor)
            stop = np.int32(ready + y[LASTS + s])
            y[READY + s], y[REACHED + s], reached[r, s] = ready, stop, stop
            low, high, lowest, highest = min(low, ready), max(high, ready), min(lowest, stop), max(highest, stop)
    else:
        for s in range(reached.shape[1]):
            ready = max(y[READY + s], floor)
            stop = np.int32(ready + y[LASTS + s])
            y[READY + s], y[REACHED + s], reached[r, s] = ready, stop, stop
            low, high, lowest, highest = min(low, ready), max(high, ready), min(lowest, stop), max(highest, stop)
    return low, high, lowest, highest


@inlined
def _clock(done: Any, gap: Any, o: Any, last: Any, base: Any, early: Any, at: Any, y: Any) -> None:
    """WALL: the wall clock of work time ``y[at + s]``, which lies in openings ``o`` to ``last``.

    What is done by an opening's first second is before it; ``early`` is 1 where it is the opening's already.
    """
    a, b, c = min(o + ONE, last), min(o + ONE + ONE, last), min(o + THREE, last)
    done_a, done_b, done_c = np.int32(done[a] - early), np.int32(done[b] - early), np.int32(done[c] - early)
    gap_a = gap[a] if last > o else ZERO
    gap_b = gap[b] if last > o + ONE else ZERO
    gap_c = gap[c] if last > o + ONE + ONE else ZERO
    for s in range(LANES):
        work = y[at + s]
        wall = np.int32(np.int32(work + base) + (gap_a if work > done_a else ZERO))
        wall = np.int32(wall + (gap_b if work > done_b else ZERO))
        y[WALL + s] = np.int32(wall + (gap_c if work > done_c else ZERO))
    o += THREE
    while o < last:
        o += ONE
        done_a, gap_a = np.int32(done[o] - early), gap[o]
        for s in range(LANES):
            y[WALL + s] = np.int32(y[WALL + s] + (gap_a if y[at + s] > done_a else ZERO))


@inlined
def _begin(
    opens: Any,
    closes: Any,
    done: Any,
    length: Any,
    gap: Any,
    near: Any,
    low: Any,
    high: Any,
    row: Any,
    y: Any,
    out_start: Any,
) -> Any:
    """The wall clock of READY: at a closing time it is the next opening. Returns the opening of the least lane."""
    o = np.uint64(near)
    while closes[o] != NEVER_ENDS and done[o] + length[o] <= low:
        o += ONE
    base, last = np.int32(opens[o] - done[o]), o
    while closes[last] != NEVER_ENDS and done[last + ONE] <= high:
        last += ONE
    if last == o:
        for s in range(out_start.shape[1]):
            out_start[row, s] = np.int32(y[READY + s] + base)
        return o
    _clock(done, gap, o, last, base, np.int32(1), READY, y)
    for s in range(out_start.shape[1]):
        out_start[row, s] = y[WALL + s]
    return o


@inlined
def _end(opens: Any, closes: Any, done: Any, length: Any, gap: Any, o: Any, low: Any, high: Any, y: Any) -> Any:
    """WALL: the wall clock of REACHED; at a closing time it is that. Returns the greatest lane."""
    while closes[o] != NEVER_ENDS and done[o] + length[o] < low:
        o += ONE
    base = np.int32(opens[o] - done[o])
    most, last = base, o
    while closes[last] != NEVER_ENDS and done[last + ONE] < high:
        last += ONE
        most += gap[last]
    if last == o:
        for s in range(LANES):
            y[WALL + s] = np.int32(y[REACHED + s] + base)
    else:
        _clock(done, gap, o, last, base, ZERO, REACHED, y)
    return np.int32(high + most)


@inlined
def _keep(at: Any, y: Any, kept: Any) -> None:
    """Keep WALL where something waits for it: what is near in time is near in memory then."""
    if at >= 0:
        for s in range(kept.shape[1]):
            kept[np.uint64(at), s] = y[WALL + s]


@inlined
def _load(low: Any, high: Any, first: Any, last: Any, r: Any, y: Any, busy: Any) -> None:
    """Add the work inside the horizon, ``first`` to ``last`` in work time."""
    if low >= first and high <= last:
        for s in range(busy.shape[1]):
            busy[r, s] += np.int64(y[LASTS + s])
    elif first < last:
        for s in range(LANES):
            inside = np.int32(min(y[REACHED + s], last) - max(y[READY + s], first))
            busy[r, s] += np.int64(max(ZERO, inside))


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
    noise               value (rows, lanes)      work relative to the plan; ``some[2]`` is the member of row 0,
                                                 or -1 where rows are those of the schedule
    ..                  more (activities) or 0   what each value is multiplied by
    ..                  late (activities, lanes) or 0  [s] int32, not before
    ..                  absent (jobs, lanes) or 0
    state               reached, busy            (resources, lanes) work time int32, and [s] int64 added up
    ..                  start, end               (activities, lanes) out
    ..                  kept                     (kept ends, lanes) those that something still waits for
    ..                  stuck                    (lanes) as in ``retime``
    ..                  touched                  (activities) 1 where potential overtime may be touched
    ..                  scratch                  (N_SCRATCH x lanes) int32
    ==================  =======================  ===========================================================
    """
    value, more, late, absent = noise
    reached, busy, start, end, kept, stuck, touched, y = state
    opens, closes, done, length, gap = (
        hours.open_start,
        hours.open_end,
        hours.open_done,
        hours.open_length,
        hours.open_gap,
    )
    rows, kinds, resources, floors, floors_done = (
        route.member_row,
        route.member_kind,
        route.member_resource,
        route.member_floor,
        route.member_floor_done,
    )
    nears, works, keeps, clocks = route.member_near, route.member_work, route.member_keep, route.member_clock
    first_edge, last_wait, before, lag = (
        route.member_first_edge,
        route.member_last_wait,
        route.edge_kept,
        route.edge_lag,
    )
    load_first, load_last, total = route.member_load_first, route.member_load_last, hours.clock_total
    bucket_potential, first_bucket, bucket_span = potential
    span = (bucket_span[0], bucket_span[1], bucket_span[2])
    drawn, last = some[2] >= 0, np.uint64(max(rows.size, 1) - 1)
    of_first = np.uint64(max(some[2], 0))
    for i in range(np.uint64(some[0]), np.uint64(some[1])):
        ahead = min(i + FAR, last)
        fetch_row(start, np.uint64(rows[ahead]))
        fetch_row(end, np.uint64(rows[ahead]))
        ahead = min(i + SOON, last)
        fetch_row(reached, np.uint64(resources[ahead]))
        fetch_row(busy, np.uint64(resources[ahead]))
        if first_edge[ahead] < last_wait[ahead]:
            fetch_row(kept, np.uint64(before[first_edge[ahead]]))
        row, r, near = np.uint64(rows[i]), np.uint64(resources[i]), nears[i]
        v = i - of_first if drawn else row
        times = more[row] if more.size else 1.0
        if kinds[i] & ODD:
            if not odd(route, hours, i, v, times, value, late, absent, busy, start, end, stuck):
                return False
            for s in range(LANES):
                y[WALL + s] = end[row, s]
            _keep(keeps[i], y, kept)
            touched[row] = 1
            continue
        floor = floors[i]
        low: Any = np.int32(-LIMIT)
        high: Any = np.int32(-LIMIT)
        if first_edge[i] < last_wait[i] or late.size:
            low, high = _after(first_edge[i], last_wait[i], before, lag, late, row, kept, y)
        if high >= LIMIT:
            return False
        if high > floor:
            _working(opens, closes, done, length, near, floor, low, high, y)
        least = _worked(v, works[i], times, value, y)
        follows = kinds[i] & FOLLOWS > 0
        low, high, lowest, highest = _reach(floors_done[i], reached, r, follows, high > floor, y)
        if highest >= LIMIT or lowest < -LIMIT:
            return False
        _load(low, highest, load_first[i], load_last[i], r, y, busy)
        o = _begin(opens, closes, done, length, gap, near, low, high, row, y, start)
        begins = np.int32(low + opens[o] - done[o])
        ends = _end(opens, closes, done, length, gap, o, lowest, highest, y)
        if ends >= LIMIT:
            return False
        if least == 0:
            for s in range(LANES):
                y[WALL + s] = start[row, s] if y[LASTS + s] == 0 else y[WALL + s]
        for s in range(end.shape[1]):
            end[row, s] = y[WALL + s]
        _keep(keeps[i], y, kept)
        if highest > total[clocks[i]]:
            for s in range(LANES):
                if y[REACHED + s] > total[clocks[i]] and y[LASTS + s] and stuck[s] < 0:
                    stuck[s] = row
        touched[row] = _touches(bucket_potential, first_bucket[r], span, begins, ends)
    return True
