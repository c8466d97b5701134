"""How short a shop's plan could be at best: what no plan can beat, from jobs and from single machines."""

from __future__ import annotations

from heapq import heappop, heappush

import numpy as np

from tocfin.reschedule.shop import Lengths, Shop


def lower_bound(shop: Shop) -> int:
    """The longest job, and for each machine what its own operations need (Jackson's preemptive schedule).

    An operation with several choices counts with the shortest, and on no machine.
    """
    shortest = np.minimum.reduceat(shop.choice_length, shop.choice_first[:-1])
    head, tail = _around(shop, shortest)
    best = int((head + shortest + tail).max())
    single = np.flatnonzero(np.diff(shop.choice_first) == 1)
    machine = shop.choice_machine[shop.choice_first[single]]
    for k in np.unique(machine):
        some = single[machine == k]
        best = max(best, _preemptive(head[some].tolist(), shortest[some].tolist(), tail[some].tolist()))
    return max(best, -(-int(np.sum(shortest)) // shop.n_machine))


def _around(shop: Shop, length: Lengths) -> tuple[Lengths, Lengths]:
    """What the job needs before and after each operation."""
    done = np.concatenate([[0], np.cumsum(length)])
    owner = np.repeat(np.arange(shop.job_first.size - 1), np.diff(shop.job_first))
    head = done[:-1] - done[shop.job_first[:-1]][owner]
    return head, done[shop.job_first[1:]][owner] - done[1:]


def _preemptive(head: list[int], length: list[int], tail: list[int]) -> int:
    """The least makespan on one machine when operations may be interrupted: always the one with most to come."""
    order = sorted(range(len(head)), key=head.__getitem__)
    waiting: list[tuple[int, int]] = []
    now = best = at = 0
    while at < len(order) or waiting:
        if not waiting:
            now = max(now, head[order[at]])
        while at < len(order) and head[order[at]] <= now:
            heappush(waiting, (-tail[order[at]], length[order[at]]))
            at += 1
        to_come, left = heappop(waiting)
        until = head[order[at]] if at < len(order) else now + left
        done = min(left, until - now)
        now += done
        if done < left:
            heappush(waiting, (to_come, left - done))
        else:
            best = max(best, now - to_come)
    return best
