"""Work that waits for its resources: ready as far as its order is concerned, not yet begun."""

from __future__ import annotations

from typing import Any

import numpy as np

from tocfin.kernels.compile import inlined, kernel
from tocfin.kernels.retime import RESOURCE

MINUTE = 60


@inlined
def _ready(network: Any, i: int, not_before: Any, end_of: Any, ready: Any) -> None:
    """When member ``i`` could start if all its resources were free, per lane."""
    row = network.member_row[i]
    for s in range(ready.size):
        ready[s] = network.member_floor[i]
    if not_before.size:
        for s in range(ready.size):
            ready[s] = max(ready[s], not_before[row, s])
    for e in range(network.member_first_edge[i], network.member_first_edge[i + 1]):
        if network.edge_kind[e] < RESOURCE:
            before, lag = network.edge_before[e], network.edge_lag[e]
            for s in range(ready.size):
                ready[s] = max(ready[s], end_of[before, s] + lag)


@kernel
def queue(
    network: Any, resource: Any, span: Any, not_before: Any, absent: Any, start_of: Any, end_of: Any, out: Any
) -> None:
    """Add up the waiting of every activity for its resource.

    ==========  =========================  ======================================================================
    network                                columns of ``tocfin.model.network.Network``
    resource    (activities)               row of the resources
    span        (2)                        [s] the clock and the end of the horizon
    not_before  (activities, lanes) or 0   [s] as in ``retime``
    absent      (jobs, lanes) or 0         1 where a job does not take place
    start_of    (activities, lanes)        [s] of ``retime``
    end_of      (activities, lanes)        [s] of ``retime``
    out         (4, resources)             added to: seconds waited inside the horizon; these times the planned
                                           work that waits [s min]; seconds waited by activities that start inside
                                           the horizon, since the clock at the earliest; how many they are
    ==========  =========================  ======================================================================

    An activity waits from when its predecessors have ended (with their lags), its release, its material and, where
    the start policy says so, its planned start, until it starts. Time in which the resource is closed counts.
    """
    assert start_of.shape == end_of.shape
    clock, end = span[0], span[1]
    ready = np.empty(start_of.shape[1], np.int64)
    for i in range(network.member_row.size):
        row = network.member_row[i]
        r = resource[row]
        minutes = (network.member_work[i] + MINUTE // 2) // MINUTE
        _ready(network, i, not_before, end_of, ready)
        inside = np.int64(0)
        waited = np.int64(0)
        begun = np.int64(0)
        for s in range(ready.size):
            here = not absent.size or not absent[network.member_job[i], s]
            start, since = start_of[row, s], max(ready[s], clock)
            inside += here * max(min(start, end) - since, 0)
            starts = here and clock <= start < end
            waited += starts * max(start - since, 0)
            begun += starts
        out[0, r] += inside
        out[1, r] += inside * minutes
        out[2, r] += waited
        out[3, r] += begun
