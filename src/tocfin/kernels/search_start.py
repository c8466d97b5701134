"""A plan to start a search from: dispatching by work that remains."""

from __future__ import annotations

from typing import Any

import numpy as np

from tocfin.kernels.compile import kernel
from tocfin.kernels.search_moves import below


@kernel
def dispatched(routes: Any, work: Any, noise: Any, seed: Any, out_order: Any, out_machine: Any) -> None:
    """The operation that can start first goes next, on the machine that ends it first; ties by work that remains.

    ==========  ============  ==========================================================================
    work        (operations)  work of the job from the operation on
    noise       scalar        up to this share of ``work`` is added at random: other plans for other seeds
    out_order   (operations)  every operation after the one before in its job
    out_machine (operations)
    ==========  ============  ==========================================================================
    """
    n = out_order.size
    free = np.zeros(np.max(routes.choice_machine) + 1, np.int64)
    opens = np.flatnonzero(routes.job_before[:n] == n).astype(np.int32)
    ready = np.zeros(opens.size, np.int64)
    waiting = opens.size
    for i in range(n):
        best, best_start, best_rank, best_machine, best_end = 0, np.int64(-1), 0.0, 0, np.int64(0)
        for w in range(waiting):
            x = opens[w]
            start, ends, on = np.int64(-1), np.int64(0), 0
            for c in range(routes.choice_first[x], routes.choice_first[x + 1]):
                k = routes.choice_machine[c]
                begins = max(ready[w], free[k])
                if start < 0 or begins + routes.choice_length[c] < ends:
                    start, ends, on = begins, begins + routes.choice_length[c], k
            rank = work[x] * (1.0 + noise * below(seed, 1024) / 1024.0)
            if best_start < 0 or start < best_start or (start == best_start and rank > best_rank):
                best, best_start, best_rank, best_machine, best_end = w, start, rank, on, ends
        x = opens[best]
        out_order[i], out_machine[x] = x, best_machine
        free[best_machine] = ready[best] = best_end
        opens[best] = routes.job_after[x]
        if opens[best] == n:
            waiting -= 1
            opens[best], ready[best] = opens[waiting], ready[waiting]
