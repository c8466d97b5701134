"""Which activities a completion hangs on: the chains that end there, followed back through what held each one up."""

from __future__ import annotations

from typing import Any

import numpy as np

from tocfin.kernels.compile import inlined, kernel
from tocfin.kernels.retime import LONG_AGO, RESOURCE, SETUP, set_up


@inlined
def _waits(network: Any, i: int, e: int, absent: Any, s: int) -> bool:
    """Whether edge ``e`` holds for member ``i``: a job that is absent lets only its resource's sequence through."""
    passes: bool = network.edge_kind[e] >= RESOURCE or not absent.size or not absent[network.member_job[i], s]
    return passes


@inlined
def _passed(network: Any, i: int, e: int, absent: Any, end_of: Any, s: int) -> int:
    """When edge ``e`` lets member ``i`` through in lane ``s``."""
    until: int = end_of[network.edge_before[e], s]
    if network.edge_kind[e] != SETUP:
        until += network.edge_lag[e]
    elif not absent.size or not absent[network.member_job[i], s]:
        until = set_up(network, i, network.edge_lag[e], until)
    return until


@inlined
def _ready(network: Any, i: int, not_before: Any, absent: Any, end_of: Any, s: int) -> int:
    """When member ``i`` may start in lane ``s``, as ``retime`` has it."""
    ready: int = network.member_floor[i]
    if not_before.size:
        ready = max(ready, not_before[network.member_row[i], s])
    if absent.size and absent[network.member_job[i], s]:
        ready = LONG_AGO
    for e in range(network.member_first_edge[i], network.member_first_edge[i + 1]):
        if _waits(network, i, e, absent, s):
            ready = max(ready, _passed(network, i, e, absent, end_of, s))
    return ready


@inlined
def _follow(network: Any, i: int, ready: int, absent: Any, end_of: Any, s: int, mark: Any) -> None:
    """Mark what member ``i`` waited for until the instant ``ready``."""
    for e in range(network.member_first_edge[i], network.member_first_edge[i + 1]):
        if _waits(network, i, e, absent, s) and _passed(network, i, e, absent, end_of, s) == ready:
            mark[network.edge_before[e], s] = 1


@kernel
def trace_back(network: Any, planned_start: Any, not_before: Any, absent: Any, end_of: Any, mark: Any) -> None:
    """From the marked activities back to the beginning of every longest chain that ends with one of them.

    =============  =========================  ==================================================================
    network                                   columns of ``tocfin.model.network.Network``
    planned_start  (activities)               [s]
    not_before     (activities, lanes) or 0   [s] as in ``retime``
    absent         (jobs, lanes) or 0         1 where a job does not take place
    end_of         (activities, lanes)        [s] of ``retime``
    mark           (activities, lanes)        in: 1 where a chain ends; out: 1 on the whole chain
    =============  =========================  ==================================================================

    An activity hangs on what ended last of all it waits for, on all of them where several ended then. Of activities
    that move together, the one that needs the largest delay moves the others. A chain begins where none is waited
    for: with a release, late material, the clock or a planned start.
    """
    lanes = mark.shape[1]
    hit = np.empty(lanes, np.uint8)
    for g in range(network.group_first.size - 2, -1, -1):
        first, last = network.group_first[g], network.group_first[g + 1]
        hit[:] = 0
        for i in range(first, last):
            hit |= mark[network.member_row[i]]
        for s in range(lanes):
            if not hit[s]:
                continue
            delay = np.int64(LONG_AGO)
            for i in range(first, last):
                if not absent.size or not absent[network.member_job[i], s]:
                    ready = _ready(network, i, not_before, absent, end_of, s)
                    delay = max(delay, ready - planned_start[network.member_row[i]])
            for i in range(first, last):
                row = network.member_row[i]
                ready = _ready(network, i, not_before, absent, end_of, s)
                if absent.size and absent[network.member_job[i], s]:
                    if mark[row, s]:
                        _follow(network, i, ready, absent, end_of, s, mark)
                elif ready - planned_start[row] == delay:
                    mark[row, s] = 1
                    _follow(network, i, ready, absent, end_of, s, mark)
