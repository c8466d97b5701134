"""A plan pushed through time: every activity after what it waits for, its work through its resource's calendar.

Lanes are replications, the last axis. All instants and lengths are whole seconds and all arithmetic is exact, so that
the times of one replication do not depend on the others in its block.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tocfin.kernels.compile import inlined, kernel
from tocfin.kernels.worktime import segment_after

#: Before everything; far enough from the least integer that a lag may be added.
LONG_AGO = -(2**62)
RESOURCE, SETUP = 2, 3


@inlined
def opening_after(opening_end: Any, low: int, high: int, instant: int, near: int) -> int:
    """First opening of ``low : high`` that ends after ``instant``; ``high`` for none. ``near`` is a good guess."""
    if near > low and opening_end[near - 1] > instant:
        return segment_after(opening_end, low, near - 1, instant)
    stride = 1
    while near + stride <= high and opening_end[near + stride - 1] <= instant:
        near += stride
        stride *= 2
    return segment_after(opening_end, near, min(near + stride, high), instant)


@inlined
def set_up(network: Any, i: int, lag: int, at: int) -> int:
    """When a setup of ``lag`` available seconds that begins at ``at`` is done on the resource of member ``i``.

    Where no calendar covers the member, and behind the end of its calendar, elapsed time counts.
    """
    low, high = network.opening_first[network.member_timeline[i]], network.opening_first[network.member_timeline[i] + 1]
    if low == high:
        return at + lag
    o = opening_after(network.opening_end, low, high, at, network.member_opening[i])
    if o < high:
        at = max(at, network.opening_start[o])
    while o < high and lag > network.opening_end[o] - at:
        lag -= network.opening_end[o] - at
        at = network.opening_end[o]
        o += 1
        if o < high:
            at = network.opening_start[o]
    return at + lag


@inlined
def _ready(network: Any, i: int, not_before: Any, absent: Any, out_end: Any, ready: Any) -> None:
    """When member ``i`` may start, per lane; a job that is absent lets only its resource's sequence through."""
    row = network.member_row[i]
    for s in range(ready.size):
        ready[s] = network.member_floor[i]
    if not_before.size:
        for s in range(ready.size):
            ready[s] = max(ready[s], not_before[row, s])
    if absent.size:
        job = network.member_job[i]
        for s in range(ready.size):
            if absent[job, s]:
                ready[s] = LONG_AGO
    for e in range(network.member_first_edge[i], network.member_first_edge[i + 1]):
        before = network.edge_before[e]
        lag = network.edge_lag[e]
        passes = network.edge_kind[e] >= RESOURCE
        if network.edge_kind[e] == SETUP:
            for s in range(ready.size):
                here = not absent.size or not absent[network.member_job[i], s]
                until = set_up(network, i, lag, out_end[before, s]) if here else out_end[before, s]
                ready[s] = max(ready[s], until)
            continue
        for s in range(ready.size):
            if passes or not absent.size or not absent[network.member_job[i], s]:
                ready[s] = max(ready[s], out_end[before, s] + lag)


@inlined
def _timed(
    network: Any, i: int, start: int, work: Any, delay: Any, absent: Any, out_start: Any, out_end: Any, out_stuck: Any
) -> None:
    """Times of member ``i`` in every lane, moved by the delay of its group."""
    opening_start, opening_end = network.opening_start, network.opening_end
    row = network.member_row[i]
    low = network.opening_first[network.member_timeline[i]]
    high = network.opening_first[network.member_timeline[i] + 1]
    near = network.member_opening[i]
    tail = network.member_tail[i]
    for s in range(delay.size):
        if absent.size and absent[network.member_job[i], s]:
            continue
        at = start + delay[s]
        left = work[row, s]
        if low == high:
            out_start[row, s] = at
            out_end[row, s] = at + left
            continue
        near = opening_after(opening_end, low, high, at, near)
        begin = at
        o = near
        if o < high:
            begin = max(at, opening_start[o])
        out_start[row, s] = begin if delay[s] else at
        while o < high and left > opening_end[o] - begin:
            left -= opening_end[o] - begin
            o += 1
            begin = opening_start[o] if o < high else opening_end[o - 1]
        if o == high and left and out_stuck[s] < 0:
            out_stuck[s] = row
        out_end[row, s] = begin + left + tail


@kernel
def retime(
    network: Any,
    planned_start: Any,
    work: Any,
    not_before: Any,
    absent: Any,
    out_start: Any,
    out_end: Any,
    out_stuck: Any,
) -> None:
    """Time every activity of a block of replications.

    =============  =========================  ===================================================================
    network                                   columns of ``tocfin.model.network.Network``
    planned_start  (activities)               [s]
    work           (activities, lanes)        [s] of capacity; elapsed where nothing covers the activity
    not_before     (activities, lanes) or 0   [s] material and release that come late; none: no such delay
    absent         (jobs, lanes) or 0         1 where a job does not take place; none: all do
    out_start      (activities, lanes)        [s]
    out_end        (activities, lanes)        [s]
    out_stuck      (lanes)                    first activity whose calendar ended before its work did, else -1
    =============  =========================  ===================================================================

    Activities that move together start later than planned by the largest delay that one of them needs; what is moved
    starts in an available second. Where the calendar ends, work goes on in elapsed time. An activity of an absent
    job takes no time: its resource's sequence goes on through it. Rows of jobs that are cancelled are not written.
    """
    lanes = out_start.shape[1]
    assert work.shape == out_start.shape
    assert out_end.shape == out_start.shape
    ready = np.empty(lanes, np.int64)
    delay = np.empty(lanes, np.int64)
    for g in range(network.group_first.size - 1):
        first, last = network.group_first[g], network.group_first[g + 1]
        delay[:] = LONG_AGO
        for i in range(first, last):
            row = network.member_row[i]
            _ready(network, i, not_before, absent, out_end, ready)
            for s in range(lanes):
                if absent.size and absent[network.member_job[i], s]:
                    out_start[row, s] = ready[s]
                    out_end[row, s] = ready[s]
                else:
                    delay[s] = max(delay[s], ready[s] - planned_start[row])
        for i in range(first, last):
            start = planned_start[network.member_row[i]]
            _timed(network, i, start, work, delay, absent, out_start, out_end, out_stuck)
