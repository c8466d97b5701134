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
from tocfin.kernels.lane_add import LANES, extremes
from tocfin.kernels.march_odd import LIMIT, odd

#: The opening behind all others ends here.
NEVER_ENDS = np.int32(2**31 - 1)
READY, LASTS, REACHED, AFTER, WALL = (LANES * n for n in range(5))
N_SCRATCH = 5
ZERO, ONE = np.int32(0), np.uint64(1)
#: What is odd about an activity.
ODD = 1
#: It takes the time on its resource from where the one before it left it, in work time.
FOLLOWS = 2


@inlined
def _after(first: Any, last: Any, before: Any, lag: Any, late: Any, row: Any, end: Any, y: Any) -> Any:
    """AFTER: when all of edges ``first : last`` have ended and late material has come; the least and the greatest."""
    if first < last:
        b, least = np.uint64(before[first]), lag[first]
        for s in range(end.shape[1]):
            y[AFTER + s] = np.int32(end[b, s] + least)
    else:
        for s in range(LANES):
            y[AFTER + s] = -LIMIT
    for e in range(first + 1, last):
        b, least = np.uint64(before[e]), lag[e]
        for s in range(end.shape[1]):
            y[AFTER + s] = max(y[AFTER + s], np.int32(end[b, s] + least))
    if late.size:
        for s in range(late.shape[1]):
            y[AFTER + s] = max(y[AFTER + s], late[row, s])
    return extremes(y, AFTER)


@inlined
def _working(
    opens: Any, closes: Any, done: Any, length: Any, near: Any, floor: Any, low: Any, high: Any, y: Any
) -> None:
    """READY: AFTER in work time, right for the lanes that are after ``floor``, which lies before ``near`` ends."""
    low = max(low, floor)
    o = np.uint64(near)
    while closes[o] <= low:
        o += ONE
    from_, most, before = opens[o], length[o], done[o]
    for s in range(LANES):
        y[READY + s] = np.int32(before + max(ZERO, min(np.int32(y[AFTER + s] - from_), most)))
    while closes[o] != NEVER_ENDS and opens[o + ONE] < high:
        o += ONE
        from_, most = opens[o], length[o]
        for s in range(LANES):
            y[READY + s] = np.int32(y[READY + s] + max(ZERO, min(np.int32(y[AFTER + s] - from_), most)))


@inlined
def _worked(v: Any, planned: float, more: float, value: Any, y: Any) -> Any:
    """LASTS: whole seconds of work; the least lane."""
    low = np.int32(LIMIT)
    for s in range(LANES):
        y[LASTS + s] = np.int32(min(np.rint(planned * (value[v, s] * more)), LIMIT - 1.0))
        low = min(low, y[LASTS + s])
    return low


@inlined
def _reach(floor: Any, reached: Any, r: Any, follows: bool, waits: bool, y: Any) -> None:
    """READY and REACHED in work time, the latter also in ``reached``."""
    if not waits:
        for s in range(LANES):
            y[READY + s] = floor
    if follows:
        for s in range(reached.shape[1]):
            y[READY + s] = max(y[READY + s], reached[r, s])
    for s in range(reached.shape[1]):
        y[READY + s] = max(y[READY + s], floor)
        y[REACHED + s] = np.int32(y[READY + s] + y[LASTS + s])
        reached[r, s] = y[REACHED + s]


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
    base, found = np.int32(opens[o] - done[o]), o
    if closes[o] == NEVER_ENDS or done[o + ONE] > high:
        for s in range(out_start.shape[1]):
            out_start[row, s] = np.int32(y[READY + s] + base)
        return found
    for s in range(LANES):
        y[WALL + s] = np.int32(y[READY + s] + base)
    while closes[o] != NEVER_ENDS and done[o + ONE] <= high:
        o += ONE
        before, pause = done[o], gap[o]
        for s in range(LANES):
            y[WALL + s] = np.int32(y[WALL + s] + (pause if y[READY + s] >= before else ZERO))
    for s in range(out_start.shape[1]):
        out_start[row, s] = y[WALL + s]
    return found


@inlined
def _end(opens: Any, closes: Any, done: Any, length: Any, gap: Any, o: Any, low: Any, high: Any, y: Any) -> Any:
    """WALL: the wall clock of REACHED; at a closing time it is that. Returns the greatest lane."""
    while closes[o] != NEVER_ENDS and done[o] + length[o] < low:
        o += ONE
    base = np.int32(opens[o] - done[o])
    for s in range(LANES):
        y[WALL + s] = np.int32(y[REACHED + s] + base)
    while closes[o] != NEVER_ENDS and done[o + ONE] < high:
        o += ONE
        before, pause = done[o], gap[o]
        base += pause
        for s in range(LANES):
            y[WALL + s] = np.int32(y[WALL + s] + (pause if y[REACHED + s] > before else ZERO))
    return np.int32(high + base)


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
    for i in range(some[0], some[1]):
        row, r, near = np.uint64(rows[i]), np.uint64(resources[i]), nears[i]
        v = row if some[2] < 0 else np.uint64(i - some[2])
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
        _reach(floors_done[i], reached, r, kinds[i] & FOLLOWS > 0, high > floor, y)
        low, high = extremes(y, READY)
        lowest, highest = extremes(y, REACHED)
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
