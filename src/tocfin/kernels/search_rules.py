"""Dispatching rules: whenever a resource is free, the waiting load with the best rank goes next."""

from __future__ import annotations

from heapq import heappop, heappush
from typing import Any

import numpy as np

from tocfin.kernels.compile import inlined, kernel
from tocfin.kernels.search_loads import put

#: Rules by number; ATC is followed by its look-ahead.
FIFO, DUE, SLACK, ATC, DRUM_THROUGHPUT, PRESENT, SHORTEST = range(7)
DAY = 86_400.0


@inlined
def _rank(rule: Any, traits: Any, x: Any, ready: Any, at: Any) -> Any:
    """Less is sooner."""
    if rule[0] == FIFO:
        return float(ready)
    if rule[0] == DUE:
        return float(traits.need[x])
    if rule[0] == SLACK:
        return float(traits.need[x] - at - traits.left[x])
    if rule[0] == ATC:
        slack = max(traits.need[x] - at - traits.left[x], 0)
        return -traits.weight[x] / max(traits.length[x], 1) * np.exp(-slack / (rule[1] * traits.mean_length))
    if rule[0] == DRUM_THROUGHPUT:
        return -traits.drum_rate[x]
    if rule[0] == SHORTEST:
        return float(traits.length[x])
    return float(traits.present[x])


@kernel
def dispatched(loads: Any, decision: Any, unit_free: Any, times: Any, traits: Any, rule: Any, links: Any) -> Any:
    """Fill ``decision.order`` by ``rule`` (number, parameter); the number of loads for which there was no room.

    ``traits`` are columns of `tocfin.reschedule.rules.Traits`; ``links`` (after_first, after_load, missing): loads that
    wait for each load, and how many free ones each waits for. A load that waits is looked at again when it would
    start: what took its resource in the meantime has moved it.
    """
    after_first, after_load, missing = links
    waits = missing.copy()
    times.free[:] = unit_free
    heap: Any = [(np.int64(0), 0.0, np.int64(0), np.int64(0)) for _ in range(0)]
    stuck, n = 0, 0
    for x in range(waits.size):
        if waits[x] == 0:
            at = put(loads, decision, times, x, False)
            heappush(heap, (at, _rank(rule, traits, x, at, at), np.int64(x), at))
    while len(heap):
        at, _, first, ready = heappop(heap)
        now = put(loads, decision, times, first, False)
        if now > at:
            heappush(heap, (now, _rank(rule, traits, first, ready, now), first, ready))
            continue
        if put(loads, decision, times, first, True) < 0:
            stuck += 1
            times.load_end[first] = loads.release[first]
        decision.order[n] = first
        n += 1
        for e in range(after_first[first], after_first[first + 1]):
            y = after_load[e]
            if waits[y] > 0:
                waits[y] -= 1
                if waits[y] == 0:
                    begins = put(loads, decision, times, y, False)
                    heappush(heap, (begins, _rank(rule, traits, y, begins, begins), np.int64(y), begins))
    return stuck
