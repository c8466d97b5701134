"""A plant's work placed into its calendars in a given sequence.

A *load* is what moves together: the rows of one activity on several resources, the members of one batch. Loads are
placed one after another, each as early as its releases, what it waits for, its resources and their calendars allow,
behind what is already placed on the resource. All instants and lengths are whole seconds.

Potential overtime that is not bought is neither started in nor worked across, because the KPIs charge what work
overlaps; only work that is too long to go round it runs through it, and pays. A setup is done between two loads in
available time that is not potential overtime, in elapsed time where a resource has no calendar.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tocfin.kernels.compile import inlined, inner, kernel

Ints = NDArray[np.int32]
Longs = NDArray[np.int64]
Floats = NDArray[np.float64]
Bytes = NDArray[np.uint8]

POTENTIAL = 2
#: Attempts to find a common start of the members of a load; what needs more is counted as stuck.
ATTEMPTS = 2_000


class Loads(NamedTuple):
    """What is to be placed, and where and when there is room."""

    first_member: Ints  # (loads + 1) into member_*
    member_resource: Ints  # (members) as planned now
    member_seconds: Longs  # (members) [s] of capacity, elapsed ones where ``member_timed`` is 0
    member_offset: Longs  # (members) [s] behind the start of its load
    member_tail: Longs  # (members) [s] from the last second of work to its end
    member_timed: Bytes  # (members) 1: its calendar says when it is worked on
    before_first: Ints  # (loads + 1) into before_*
    before_load: Ints  # (edges) load that must end first
    before_lag: Longs  # (edges) [s]
    release: Longs  # (loads) [s] never before
    deadline: Longs  # (loads) [s] never to end later: fixed work waits for it
    choice_first: Ints  # (loads + 1) into choice_*; none: stays where it is
    choice_resource: Ints  # (choices) the first is the present one
    choice_seconds: Longs  # (choices) [s]
    member_family: Ints  # (members) -1 for none
    resource_matrix: Ints  # (resources) into setup_*; -1: is never set up
    setup_seconds: Longs  # (matrices, families, families) [s] from, to
    setup_cost: Floats  # (matrices, families, families) [money]
    segment_first: Ints  # (resources + 1) into segment_*
    segment_start: Longs  # (segments) [s]
    segment_end: Longs  # (segments) [s]
    segment_rate: Floats  # (segments) [money/s] of potential overtime; 0 for other time
    segment_pay: Floats  # (segments) [money/s] of work on a subcontractor; 0 for other resources
    segment_potential: Bytes  # (segments) 1: it may be worked in only when it is bought
    resource_pays: Bytes  # (resources) 1: work there costs money by its segments
    segment_day: Ints  # (segments) into day_expense: the operating day that only potential overtime opens; -1 none
    day_expense: Floats  # (days) [money]
    unit_first: Ints  # (resources + 1) into the units that can do one load each; none: never delays
    block_first: Ints  # (resources + 1) into block_*: fixed work on resources of one unit, by start
    block_start: Longs  # (blocks) [s]
    block_end: Longs  # (blocks) [s]
    block_family: Ints  # (blocks) -1 for none


class Decision(NamedTuple):
    """What can be decided."""

    order: Ints  # (free loads) sequence in which they are placed
    choice: Ints  # (loads) which of its choices; 0 is the present one
    bought: Bytes  # (segments) 1: may be worked in
    floor: Longs  # (loads) [s] not before, beside the release: what is put off, or waits so as not to lie about


class Times(NamedTuple):
    """Where a decision leads."""

    load_end: Longs  # (loads) [s]; those of fixed loads are given
    load_start: Longs  # (loads) [s]
    start: Longs  # (members) [s]
    end: Longs  # (members) [s]
    resource: Ints  # (members)
    free: Longs  # (2, units) scratch: [s] when it is free, and the family it is set up for
    day_uses: Ints  # (days) scratch
    job_end: Longs  # (jobs) [s] scratch
    job_pay: Floats  # (jobs) [money] scratch
    order_end: Longs  # (orders) [s] scratch
    last: Longs  # (2, resources) scratch: family before, next block


@inlined
def usable(loads: Any, bought: Any, r: int, at: int) -> Any:
    """First segment of ``r`` that ends after ``at`` and may be worked in; the end of its segments for none."""
    low, high = loads.segment_first[r], loads.segment_first[r + 1]
    last = high
    while low < high:
        middle = (low + high) >> 1
        if loads.segment_end[middle] > at:
            high = middle
        else:
            low = middle + 1
    while low < last and loads.segment_potential[low] and not bought[low]:
        low += 1
    return low


@inlined
def finish(loads: Any, s: int, last: int, at: int, seconds: int) -> Any:
    """When ``seconds`` of work that begins in segment ``s`` at ``at`` are done; -1 when the calendar ends first."""
    begin = max(at, loads.segment_start[s])
    while seconds > loads.segment_end[s] - begin:
        seconds -= loads.segment_end[s] - begin
        s += 1
        if s >= last:
            return np.int64(-1)
        begin = loads.segment_start[s]
    return begin + seconds


@inlined
def crossed(loads: Any, bought: Any, s: int, last: int, end: int) -> Any:
    """First segment from ``s`` on that is not bought and that begins before ``end``; ``last`` for none."""
    while s < last and loads.segment_start[s] < end:
        if loads.segment_potential[s] and not bought[s]:
            return s
        s += 1
    return last


@inlined
def changed(loads: Any, r: int, at: int, seconds: int) -> Any:
    """When a setup of ``seconds`` that may begin at ``at`` is done on resource ``r``; -1 when its calendar ends."""
    low, last = loads.segment_first[r], loads.segment_first[r + 1]
    if seconds == 0 or low == last:
        return at + seconds
    high = last
    while low < high:
        middle = (low + high) >> 1
        if loads.segment_end[middle] > at:
            high = middle
        else:
            low = middle + 1
    while low < last:
        if not loads.segment_potential[low]:
            begin = max(at, loads.segment_start[low])
            if seconds <= loads.segment_end[low] - begin:
                return begin + seconds
            seconds -= loads.segment_end[low] - begin
        low += 1
    return np.int64(-1)


@inlined
def _ready(loads: Any, times: Any, r: int, family: int, begin: int) -> Any:
    """When resource ``r``, of one unit, is set up for ``family``, if what comes starts at ``begin``; -1 for never."""
    unit = loads.unit_first[r]
    until, before = times.free[0, unit], times.free[1, unit]
    for b in range(loads.block_first[r], loads.block_first[r + 1]):
        if until < loads.block_end[b] <= begin:
            until, before = loads.block_end[b], np.int64(loads.block_family[b])
    if before < 0 or family < 0:
        return until
    return changed(loads, r, until, loads.setup_seconds[loads.resource_matrix[r], before, family])


@inlined
def _blocked(loads: Any, r: int, family: int, begin: int, end: int) -> Any:
    """A block of fixed work that work from ``begin`` to ``end`` runs into or leaves no time to set up for; -1: none."""
    for b in range(loads.block_first[r], loads.block_first[r + 1]):
        if loads.block_start[b] < end and loads.block_end[b] > begin:
            return b
        if loads.block_start[b] >= end:
            if loads.resource_matrix[r] >= 0 and family >= 0 and loads.block_family[b] >= 0:
                seconds = loads.setup_seconds[loads.resource_matrix[r], family, loads.block_family[b]]
                done = changed(loads, r, end, seconds)
                if done < 0 or done > loads.block_start[b]:
                    return b
            break
    return -1


@inlined
def _later(loads: Any, decision: Any, times: Any, x: int, m: int, at: int) -> Any:
    """The least start of load ``x`` from ``at`` on that member ``m`` does not forbid at once; -1 for never."""
    r, seconds = loads.member_resource[m], loads.member_seconds[m]
    if decision.choice[x]:
        c = loads.choice_first[x] + decision.choice[x]
        r, seconds = loads.choice_resource[c], loads.choice_seconds[c]
    offset = loads.member_offset[m]
    begin = at + offset
    if loads.unit_first[r] < loads.unit_first[r + 1]:
        free = times.free[0, loads.unit_first[r]]
        for u in range(loads.unit_first[r] + 1, loads.unit_first[r + 1]):
            free = min(free, times.free[0, u])
        if free > begin:
            return free - offset
        if loads.resource_matrix[r] >= 0:
            free = _ready(loads, times, r, loads.member_family[m], begin)
            if free > begin or free == -1:
                return free - offset if free >= 0 else free
    end = begin + seconds
    if loads.member_timed[m]:
        s = usable(loads, decision.bought, r, begin)
        last = loads.segment_first[r + 1]
        if s >= last:
            return np.int64(-1)
        if loads.segment_start[s] > begin:
            return loads.segment_start[s] - offset
        end = finish(loads, s, last, begin, seconds)
        if end < 0:
            return np.int64(-1)
        gap = crossed(loads, decision.bought, s, last, end)
        if gap < last:
            again = usable(loads, decision.bought, r, loads.segment_end[gap])
            if again < last:
                done = finish(loads, again, last, loads.segment_start[again], seconds)
                if done >= 0 and crossed(loads, decision.bought, again, last, done) == last:
                    return loads.segment_start[again] - offset
    end += loads.member_tail[m]
    block = _blocked(loads, r, loads.member_family[m], begin, end)
    if block >= 0:
        return loads.block_end[block] - offset
    times.start[m], times.end[m], times.resource[m] = begin, end, r
    return at


@inlined
def _commit(loads: Any, times: Any, x: int, at: int) -> None:
    """Take the resources of load ``x``; members on one resource (a batch) share a unit."""
    times.load_start[x] = at
    times.load_end[x] = at
    first = loads.first_member[x]
    for m in range(first, loads.first_member[x + 1]):
        r = times.resource[m]
        times.load_end[x] = max(times.load_end[x], times.end[m])
        low, high = loads.unit_first[r], loads.unit_first[r + 1]
        if low == high:
            continue
        best = low
        for u in range(low + 1, high):
            if times.free[0, u] < times.free[0, best]:
                best = u
        for other in range(first, m):
            if times.resource[other] == r:
                best = -1
        if best >= 0:
            until = times.end[m]
            for other in range(m + 1, loads.first_member[x + 1]):
                if loads.member_resource[other] == r:
                    until = max(until, times.end[other])
            times.free[0, best], times.free[1, best] = until, loads.member_family[m]


@inlined
def room(loads: Any, decision: Any, times: Any, x: int, commit: bool) -> Any:
    """Place load ``x``: its start, or -1 when no room was found. Without ``commit`` only the start is told."""
    at = max(loads.release[x], decision.floor[x])
    for e in range(loads.before_first[x], loads.before_first[x + 1]):
        at = max(at, times.load_end[loads.before_load[e]] + loads.before_lag[e])
    first, last = loads.first_member[x], loads.first_member[x + 1]
    found = False
    for _ in range(ATTEMPTS):
        found = True
        for m in range(first, last):
            later = _later(loads, decision, times, x, m, at)
            if later < 0:
                return np.int64(-1)
            if later > at:
                at, found = later, False
        if found:
            break
    if not found:
        return np.int64(-1)
    if commit:
        _commit(loads, times, x, at)
    return at


@inner
def put(loads: Any, decision: Any, times: Any, x: Any, commit: bool) -> Any:
    """`room` for callers that ask from several places."""
    return room(loads, decision, times, x, commit)


@kernel
def placed(loads: Any, decision: Any, unit_free: Any, times: Any) -> Any:
    """Place all free loads in their sequence; 1 where one finds no room, or ends later than fixed work allows.

    Ends there, because then the plan is worth nothing.
    """
    times.free[:] = unit_free
    for x in decision.order:
        if room(loads, decision, times, x, True) < 0 or times.load_end[x] > loads.deadline[x]:
            return 1
    return 0
