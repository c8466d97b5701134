"""Which ends are kept for how long: a place is used again as soon as nothing waits for what is in it."""

from __future__ import annotations

from typing import Any

from tocfin.kernels.compile import lean


@lean
def keep_ends(
    first_edge: Any, last_wait: Any, before: Any, last_use: Any, free: Any, out_keep: Any, out_edge: Any
) -> Any:
    """Where the end of each member is kept until the last one that waits for it has begun; how many places that takes.

    ==========  ==========  ==========================================================================
    first_edge  (members + 1)
    last_wait   (members)   edges from here on are not waited for on the wall clock
    before      (edges)     member that must end first
    last_use    (members)   scratch, in: -1
    free        (members)   scratch
    out_keep    (members)   place, -1 where nothing waits
    out_edge    (edges)     place of the end that is waited for; others are not written
    ==========  ==========  ==========================================================================
    """
    n_free, n = 0, 0
    for i in range(last_wait.size):
        for e in range(first_edge[i], last_wait[i]):
            last_use[before[e]] = i
    for i in range(last_wait.size):
        for e in range(first_edge[i], last_wait[i]):
            out_edge[e] = out_keep[before[e]]
            if last_use[before[e]] == i:
                last_use[before[e]] = -1
                free[n_free] = out_keep[before[e]]
                n_free += 1
        out_keep[i] = -1
        if last_use[i] >= 0:
            if n_free:
                n_free -= 1
                out_keep[i] = free[n_free]
            else:
                out_keep[i] = n
                n += 1
    return n
