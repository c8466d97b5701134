"""Tabu search on the longest way through a shop's plan: the best move that undoes nothing recent, again and again."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tocfin.kernels.compile import inlined, inner, kernel
from tocfin.kernels.search_moves import ahead, behind, below, through
from tocfin.kernels.search_plan import moved, timed

#: Slots of the list of what is forbidden (a hash: two arcs that share a slot are forbidden together).
SLOTS = 1 << 16
#: Blocks longer than this are sampled, so that a step costs the same on machines with hundreds of operations.
LONGEST_BLOCK = 24
#: A reversed arc stays forbidden for at least this many steps, and for less than twice as many.
TENURES = 6
FAR = np.iinfo(np.int64).max
#: Rows of `Trail.tally`.
STEP, STALL, NOW, BEST, TENURE = range(5)
#: Rows of `Trail.pick`: the move that was chosen so far, its estimate, and how many were as good.
OP, LEFT, RIGHT, MACHINE, VALUE, TIES = range(6)


class Trail(NamedTuple):
    """What a search remembers between calls of `walk`."""

    until: NDArray[np.int32]  # (SLOTS) step until which an arc, or an operation on a machine, is forbidden
    seed: NDArray[np.uint64]  # (1)
    tally: NDArray[np.int64]  # (5) steps made, steps since the best, makespan now, best makespan, least steps forbidden
    path: NDArray[np.int32]  # (operations) scratch: one longest way
    pick: NDArray[np.int64]  # (2, 6) scratch: the best free move, and one that is forbidden
    best_order: NDArray[np.int32]  # (operations)
    best_machine: NDArray[np.int32]  # (operations)


def fresh_trail(n_operation: int, seed: int) -> Trail:
    """A search that has seen nothing."""
    return Trail(
        until=np.zeros(SLOTS, np.int32),
        seed=np.array([(seed * 2_654_435_769 + 88_172_645_463_325_252) % 2**64], np.uint64),
        tally=np.array([0, 0, FAR, FAR, TENURES], np.int64),
        path=np.zeros(n_operation, np.int32),
        pick=np.zeros((2, 6), np.int64),
        best_order=np.zeros(n_operation, np.int32),
        best_machine=np.zeros(n_operation, np.int32),
    )


@inlined
def slot(x: Any, y: Any) -> Any:
    """Where the list says until when ``x`` may not come before ``y`` (or go to machine -1 - ``y``)."""
    key = np.uint64(x) * np.uint64(0x9E3779B97F4A7C15) + np.uint64(y + 1_000_003) * np.uint64(0xC2B2AE3D27D4EB4F)
    return (key ^ (key >> np.uint64(29))) * np.uint64(0xBF58476D1CE4E5B9) >> np.uint64(48)


@kernel
def begin(routes: Any, graph: Any, trail: Any, makespan: Any) -> None:
    """Start from the plan in ``graph``: nothing is forbidden, and it is the best so far."""
    tally = trail.tally
    trail.until[:] = 0
    tally[STEP] = tally[STALL] = 0
    tally[NOW] = makespan
    _kept(graph, trail)


@kernel
def walk(routes: Any, graph: Any, trail: Any, steps: int, goal: int, patience: int) -> None:
    """Make ``steps`` moves; fewer when the makespan reaches ``goal`` or ``patience`` moves brought nothing better.

    ``trail.tally`` tells what happened; ``trail.best_order`` and ``best_machine`` hold the best plan.
    """
    tally = trail.tally
    n = graph.order.size
    for _ in range(steps):
        if tally[BEST] <= goal or tally[STALL] >= patience:
            return
        tally[STEP] += 1
        tally[STALL] += 1
        some = _critical(routes, graph, trail)
        trail.pick[:, VALUE] = FAR
        trail.pick[:, TIES] = 0
        _blocks(routes, graph, trail, some)
        if routes.choice_machine.size > n:
            _elsewhere(routes, graph, trail, some)
        _step(routes, graph, trail)
        if tally[NOW] < tally[BEST]:
            tally[STALL] = 0
            _kept(graph, trail)


@inner
def _kept(graph: Any, trail: Any) -> None:
    trail.tally[BEST] = trail.tally[NOW]
    for n in range(graph.order.size):
        trail.best_order[n] = graph.order[n]
        trail.best_machine[n] = graph.machine[n]


@inner
def _critical(routes: Any, graph: Any, trail: Any) -> Any:
    """One longest way, at random where there are several, into ``trail.path``; its number of operations."""
    end, tail, length = graph.end, graph.tail, graph.length
    n, now = graph.order.size, trail.tally[NOW]
    x, ties = n, 0
    for k in range(graph.first.size):
        y = graph.first[k]
        if y != n and end[y] == length[y] and tail[y] == now:
            ties += 1
            if below(trail.seed, ties) == 0:
                x = y
    some = 0
    while x != n:
        trail.path[some] = x
        some += 1
        job, chain = routes.job_after[x], graph.after[x]
        left = tail[x] - length[x]
        by_job = job != n and tail[job] == left and end[job] - length[job] == end[x]
        by_chain = chain != n and tail[chain] == left and end[chain] - length[chain] == end[x]
        if by_job and by_chain:
            x = job if below(trail.seed, 2) else chain
        else:
            x = job if by_job else (chain if by_chain else n)
    return some


@inlined
def _offer(trail: Any, x: int, a: int, b: int, k: int, value: int, forbidden: bool) -> None:
    """Note a move: the best free one, ties at random, or one at random of those that are forbidden.

    What is forbidden is free when it beats everything so far.
    """
    pick = trail.pick
    row = 0
    if forbidden and value >= trail.tally[BEST]:
        row, value = 1, 0
    if value > pick[row, VALUE]:
        return
    if value < pick[row, VALUE]:
        pick[row, TIES] = 0
        pick[row, VALUE] = value
    pick[row, TIES] += 1
    if pick[row, TIES] == 1 or below(trail.seed, pick[row, TIES]) == 0:
        pick[row, OP], pick[row, LEFT], pick[row, RIGHT], pick[row, MACHINE] = x, a, b, k


@inlined
def _forward(routes: Any, graph: Any, trail: Any, u: int, v: int) -> None:
    """Offer ``u`` right behind ``v`` of its block."""
    if graph.tail[v] < graph.tail[routes.job_after[u]]:
        return
    forbidden = False
    x = u
    while x != v:
        x = graph.after[x]
        forbidden |= trail.until[slot(x, u)] >= trail.tally[STEP]
    _offer(trail, u, v, graph.after[v], graph.machine[u], behind(routes, graph, u, v), forbidden)


@inlined
def _backward(routes: Any, graph: Any, trail: Any, u: int, v: int) -> None:
    """Offer ``u`` right before ``v`` of its block."""
    if graph.end[v] < graph.end[routes.job_before[u]]:
        return
    forbidden = False
    x = u
    while x != v:
        x = graph.before[x]
        forbidden |= trail.until[slot(u, x)] >= trail.tally[STEP]
    _offer(trail, u, graph.before[v], v, graph.machine[u], ahead(routes, graph, u, v), forbidden)


@inner
def _blocks(routes: Any, graph: Any, trail: Any, some: int) -> None:
    """Offer the moves inside every block of the longest way."""
    path = trail.path
    first = 0
    while first < some:
        last = first
        while last + 1 < some and graph.after[path[last]] == path[last + 1]:
            last += 1
        if last > first:
            _block(routes, graph, trail, first, last)
        first = last + 1


@inner
def _block(routes: Any, graph: Any, trail: Any, first: int, last: int) -> None:
    """Each operation to either end of its block, and the ends to each place inside (N7).

    Of a long block only operations near its ends and some others: only what crosses an end can shorten the way.
    """
    path = trail.path
    inside = last - first + 1
    whole = inside <= LONGEST_BLOCK
    for j in range(min(inside, LONGEST_BLOCK)):
        i = first + j
        if not whole and j % 3:
            i = first + j // 3 if j % 3 == 1 else last - j // 3
        elif not whole:
            i = first + below(trail.seed, inside)
        if i < last:
            _forward(routes, graph, trail, path[i], path[last])
        if i > first and inside > 2:
            _backward(routes, graph, trail, path[i], path[first])
        if first < i < last and (whole or i == first + 1 or i == last - 1):
            _forward(routes, graph, trail, path[first], path[i])
            _backward(routes, graph, trail, path[last], path[i])


@inner
def _elsewhere(routes: Any, graph: Any, trail: Any, some: int) -> None:
    """Offer every critical operation to its other machines, at each place that cannot close a circle.

    What ends after the operation before in the job began does not lead to it, and what begins before the operation
    after in the job ends does not come from it.
    """
    n = graph.order.size
    end, length = graph.end, graph.length
    for i in range(some):
        x = trail.path[i]
        jb, ja = routes.job_before[x], routes.job_after[x]
        opens = end[jb] - length[jb]
        closes = end[ja] if ja != n else FAR
        for c in range(routes.choice_first[x], routes.choice_first[x + 1]):
            k = routes.choice_machine[c]
            if k == graph.machine[x]:
                continue
            forbidden = trail.until[slot(x, -1 - k)] >= trail.tally[STEP]
            a, b = n, graph.first[k]
            while b != n and (end[b] <= opens or b == jb):
                a, b = b, graph.after[b]
            while a == n or (a != ja and end[a] - length[a] < closes):
                _offer(trail, x, a, b, k, through(routes, graph, x, a, b, routes.choice_length[c]), forbidden)
                if b == n:
                    break
                a, b = b, graph.after[b]


@inner
def _step(routes: Any, graph: Any, trail: Any) -> None:
    """Make the move that was picked: the best free one, else one that is forbidden."""
    n = graph.order.size
    pick = trail.pick[0] if trail.pick[0, TIES] else trail.pick[1]
    if not pick[TIES]:
        return
    x, a, b, k = np.int32(pick[OP]), np.int32(pick[LEFT]), np.int32(pick[RIGHT]), pick[MACHINE]
    tenure = trail.tally[TENURE]
    until = np.int32(trail.tally[STEP] + tenure + below(trail.seed, tenure))
    was, old = graph.machine[x], graph.place[x]
    if was != k:
        trail.until[slot(x, -1 - was)] = until
    elif a != n and graph.place[a] > old:
        y = x
        while y != a:
            y = graph.after[y]
            trail.until[slot(x, y)] = until
    else:
        y = x
        while y != b:
            y = graph.before[y]
            trail.until[slot(y, x)] = until
    low, high = moved(routes, graph, x, a, b, k)
    if low >= 0:
        trail.tally[NOW] = timed(routes, graph, low, high)
