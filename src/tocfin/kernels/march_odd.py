"""An odd activity in 64 replications, lane by lane: ``tocfin.kernels.retime`` for what ``march`` has no arithmetic for.

A job that may not take place, a planned start in closed time, work that no calendar covers or that ends after its last
second of work.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tocfin.kernels.compile import inlined
from tocfin.kernels.lane_add import LANES
from tocfin.kernels.retime import RESOURCE
from tocfin.kernels.worktime import segment_after

#: 34 years: no instant is so far from the clock, so that no sum or difference of two leaves 32 bits.
LIMIT = 2**30


@inlined
def _seconds_until(hours: Any, c: Any, instant: Any) -> Any:
    """Available seconds of calendar ``c`` before ``instant``."""
    last = hours.clock_last[c]
    o = segment_after(hours.open_end, hours.clock_first[c], last, instant)
    if o == last:
        return np.int64(hours.clock_total[c])
    return np.int64(hours.open_done[o] + max(0, instant - hours.open_start[o]))


@inlined
def odd(
    route: Any,
    hours: Any,
    i: Any,
    v: Any,
    planned: float,
    more: float,
    value: Any,
    late: Any,
    absent: Any,
    busy: Any,
    times: Any,
    out_stuck: Any,
) -> bool:
    """An activity lane by lane, as in ``retime``; False where an instant would lie beyond ``LIMIT``."""
    row, job, c = route.member_row[i], route.member_job[i], route.member_clock[i]
    start, end = times[route.member_place[i], 0], times[route.member_place[i], 1]
    opens, closes, done = hours.open_start, hours.open_end, hours.open_done
    first, last = hours.clock_first[c], hours.clock_last[c]
    load = route.member_load[i]
    for s in range(LANES):
        gone = absent.size > 0 and absent[job, s] > 0
        ready: Any = np.int64(-LIMIT if gone else route.member_floor[i])
        if late.size and not gone:
            ready = max(ready, np.int64(late[row, s]))
        for e in range(route.member_first_edge[i], route.member_first_edge[i + 1]):
            if route.edge_kind[e] == RESOURCE or not gone:
                ready = max(ready, np.int64(times[route.edge_place[e], 1, s]) + route.edge_lag[e])
        if gone:
            start[s] = ready
            end[s] = ready
            continue
        work = np.int64(min(np.rint(planned * (value[v, s] * more)), LIMIT - 1.0))
        o = segment_after(closes, first, last, ready)
        begin = max(ready, np.int64(opens[o]))
        reached = done[o] + (begin - opens[o]) + work
        stop = begin
        if work:
            o = segment_after(hours.open_reached, first, last, reached - 1)
            stop = opens[o] + (reached - done[o])
        stop += route.member_tail[i]
        if stop >= LIMIT or ready >= LIMIT:
            return False
        start[s] = ready if ready == route.member_planned[i] else begin
        end[s] = stop
        if work and reached > hours.clock_total[c]:
            out_stuck[s] = min(out_stuck[s], route.member_rank[i])
        if load >= 0:
            from_, to = max(np.int64(start[s]), np.int64(0)), min(stop, np.int64(hours.horizon_end))
            if from_ < to:
                seconds = _seconds_until(hours, load, to) - _seconds_until(hours, load, from_)
                busy[route.member_resource[i], s] += seconds
    return True
