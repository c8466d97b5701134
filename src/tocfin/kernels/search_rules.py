"""Dispatching rules: whenever a resource is free, the waiting load with the greatest index goes next.

The index of a load is its ``rank``, less what is left until its ``turn`` by the look-ahead: apparent tardiness cost in
logarithms. Before its turn the index of every load grows at the same pace, behind it stays, so that two heaps for each
resource know the greatest at any time, and a plan takes n log n.
"""

from __future__ import annotations

from heapq import heappop, heappush
from typing import Any, NamedTuple

import numpy as np

from tocfin.kernels.compile import inlined, kernel
from tocfin.kernels.search_loads import Floats, put, usable

#: What happens: a load can start as far as others let it, its turn has come, a resource is free.
ARRIVES, TURNS, FREE = range(3)
#: Where a load is.
AWAY, EARLY, LATE = range(3)


class Rule(NamedTuple):
    """What a rule goes by, per load."""

    rank: Floats  # (loads) greater goes sooner
    turn: Floats  # (loads) [s] when the rank counts in full
    ahead: float  # [s] so long before its turn a load has lost 1 of its rank
    by_arrival: bool  # whether it is the time of arrival that counts, not the rank


@inlined
def _push(heap: Any, low: Any, size: Any, r: Any, key: Any, x: Any) -> None:
    """Into the heap of ``r``, which begins at ``low``: the greatest key on top."""
    i = size[r]
    size[r] += 1
    while i > 0 and key[heap[low + ((i - 1) >> 1)]] < key[x]:
        heap[low + i] = heap[low + ((i - 1) >> 1)]
        i = (i - 1) >> 1
    heap[low + i] = x


@inlined
def _drop(heap: Any, low: Any, size: Any, r: Any, key: Any) -> None:
    """Take off the top."""
    size[r] -= 1
    n = size[r]
    x, i = heap[low + n], 0
    while 2 * i + 1 < n:
        child = 2 * i + 1
        if child + 1 < n and key[heap[low + child + 1]] > key[heap[low + child]]:
            child += 1
        if key[heap[low + child]] <= key[x]:
            break
        heap[low + i] = heap[low + child]
        i = child
    heap[low + i] = x


@inlined
def _queue(loads: Any, decision: Any, x: Any) -> Any:
    """The resource whose queue ``x`` waits in: the first one of units; -1 where nothing delays it."""
    if decision.choice[x]:
        r = loads.choice_resource[loads.choice_first[x] + decision.choice[x]]
        return r if loads.unit_first[r] < loads.unit_first[r + 1] else np.int32(-1)
    for m in range(loads.first_member[x], loads.first_member[x + 1]):
        r = loads.member_resource[m]
        if loads.unit_first[r] < loads.unit_first[r + 1]:
            return r
    return np.int32(-1)


@inlined
def _opens(loads: Any, decision: Any, times: Any, r: Any, at: Any) -> Any:
    """When ``r`` may next take something, from ``at`` on."""
    free = times.free[0, loads.unit_first[r]]
    for u in range(loads.unit_first[r] + 1, loads.unit_first[r + 1]):
        free = min(free, times.free[0, u])
    at = max(at, free)
    s = usable(loads, decision.bought, r, at)
    return max(at, loads.segment_start[s]) if s < loads.segment_first[r + 1] else at


@inlined
def _ready(loads: Any, decision: Any, times: Any, x: Any) -> Any:
    at = max(loads.release[x], decision.floor[x])
    for e in range(loads.before_first[x], loads.before_first[x + 1]):
        at = max(at, times.load_end[loads.before_load[e]] + loads.before_lag[e])
    return at


@kernel
def dispatched(loads: Any, decision: Any, unit_free: Any, times: Any, rule: Any, links: Any) -> Any:
    """Fill ``decision.order`` by ``rule`` (`Rule`); 1 where a load finds no room, else 0.

    ``links`` (after_first, after_load, missing): loads that wait for each load, and how many free ones each waits for.
    """
    after_first, after_load, missing = links
    waits = missing.copy()
    n = waits.size
    queue = np.empty(n, np.int32)
    for y in range(n):
        queue[y] = _queue(loads, decision, y)
    low = np.zeros(loads.unit_first.size, np.int64)
    for y in range(n):
        if waits[y] >= 0 and queue[y] >= 0:
            low[queue[y] + 1] += 1
    low = np.cumsum(low)
    late, early = np.empty(n, np.int32), np.empty(n, np.int32)
    n_late, n_early = np.zeros(low.size, np.int64), np.zeros(low.size, np.int64)
    rank, sooner = rule.rank.copy(), rule.rank - rule.turn / rule.ahead
    where, called = np.zeros(n, np.uint8), np.zeros(low.size, np.uint8)
    times.free[:] = unit_free
    events: Any = [(np.int64(0), 0, np.int64(0)) for _ in range(0)]
    for y in range(n):
        if waits[y] == 0:
            heappush(events, (_ready(loads, decision, times, y), ARRIVES, np.int64(y)))
    done = 0
    while len(events):
        at, kind, i = heappop(events)
        x, r = i, i
        if kind == TURNS:
            if where[x] == EARLY:
                where[x] = LATE
                _push(late, low[queue[x]], n_late, queue[x], rank, x)
            continue
        if kind == ARRIVES and queue[x] >= 0:
            r = np.int64(queue[x])
            if rule.by_arrival and where[x] == AWAY:
                rank[x] = max(-float(at), rank[x])
            if rule.turn[x] > at:
                where[x] = EARLY
                _push(early, low[r], n_early, r, sooner, x)
                heappush(events, (np.int64(np.ceil(rule.turn[x])), TURNS, x))
            else:
                where[x] = LATE
                _push(late, low[r], n_late, r, rank, x)
            if not called[r]:
                called[r] = 1
                heappush(events, (_opens(loads, decision, times, r, at), FREE, r))
            continue
        if kind == FREE:
            while n_early[r] and where[early[low[r]]] != EARLY:
                _drop(early, low[r], n_early, r, sooner)
            if n_early[r] + n_late[r] == 0:
                called[r] = 0
                continue
            first = n_late[r] > 0
            if first and n_early[r]:
                first = rank[late[low[r]]] >= sooner[early[low[r]]] + at / rule.ahead
            x = np.int64(late[low[r]] if first else early[low[r]])
            if first:
                _drop(late, low[r], n_late, r, rank)
            else:
                _drop(early, low[r], n_early, r, sooner)
            where[x] = AWAY
            now = put(loads, decision, times, x, False)
            if now > at:  # something else keeps it; others may go first
                heappush(events, (now, ARRIVES, x))
                heappush(events, (at, FREE, r))
                continue
        if put(loads, decision, times, x, True) < 0:
            return 1
        decision.order[done] = x
        done += 1
        if kind == FREE:
            heappush(events, (_opens(loads, decision, times, r, at), FREE, r))
        for e in range(after_first[x], after_first[x + 1]):
            y = after_load[e]
            if waits[y] > 0:
                waits[y] -= 1
                if waits[y] == 0:
                    heappush(events, (_ready(loads, decision, times, y), ARRIVES, np.int64(y)))
    return 0
