"""A shop's plan as a graph that local search changes: sequences on machines, heads, tails and one order of them all."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tocfin.kernels.compile import inner, kernel

Rows = NDArray[np.int32]
Lengths = NDArray[np.int64]


class Routes(NamedTuple):
    """What does not change; operation ``n`` stands for none, so that the edges of a plan need no question."""

    job_before: Rows  # (operations + 1) the operation before in the job
    job_after: Rows  # (operations + 1)
    job_last: Rows  # (jobs) last operation of each job that has any
    choice_first: Rows  # (operations + 1) into choice_*
    choice_machine: Rows  # (choices)
    choice_length: Lengths  # (choices)


class Graph(NamedTuple):
    """A plan: every machine a chain of operations; in ``order`` each stands after what it waits for."""

    machine: Rows  # (operations)
    length: Lengths  # (operations + 1) 0 for none
    before: Rows  # (operations + 1) the operation before on the machine
    after: Rows  # (operations + 1)
    first: Rows  # (machines) first operation of each chain
    order: Rows  # (operations)
    place: Rows  # (operations + 1) where each operation stands in ``order``; -1 for none
    end: Lengths  # (operations + 1) longest way from the beginning to the operation's end
    tail: Lengths  # (operations + 1) longest way from its start to the end of all
    mark: Rows  # (operations + 1) scratch: number of the visit
    aside: Rows  # (operations) scratch
    aside_head: Lengths  # (operations) scratch
    visit: Rows  # (1) number of the last visit


def empty_graph(n_operation: int, n_machine: int) -> Graph:
    """A graph for `load` to fill."""
    n = n_operation
    return Graph(
        machine=np.zeros(n, np.int32),
        length=np.zeros(n + 1, np.int64),
        before=np.full(n + 1, n, np.int32),
        after=np.full(n + 1, n, np.int32),
        first=np.full(n_machine, n, np.int32),
        order=np.zeros(n, np.int32),
        place=np.full(n + 1, -1, np.int32),
        end=np.zeros(n + 1, np.int64),
        tail=np.zeros(n + 1, np.int64),
        mark=np.zeros(n + 1, np.int32),
        aside=np.zeros(n, np.int32),
        aside_head=np.zeros(n, np.int64),
        visit=np.zeros(1, np.int32),
    )


@kernel
def load(routes: Any, graph: Any, order: Any, machine: Any) -> Any:
    """Take over ``order`` (operations; each after the one before in its job) on ``machine``s; the makespan."""
    n = order.size
    last = np.full(graph.first.size, n, np.int32)
    graph.first[:] = n
    for i in range(n):
        x = order[i]
        k = machine[x]
        graph.order[i] = x
        graph.place[x] = i
        graph.machine[x] = k
        graph.length[x] = length_on(routes, x, k)
        graph.before[x] = last[k]
        graph.after[x] = n
        if last[k] == n:
            graph.first[k] = x
        else:
            graph.after[last[k]] = x
        last[k] = x
    graph.before[n] = n
    graph.after[n] = n
    return timed(routes, graph, 0, n - 1)


@inner
def length_on(routes: Any, x: int, k: int) -> Any:
    """How long operation ``x`` takes on machine ``k``; it must be one of its choices."""
    for c in range(routes.choice_first[x], routes.choice_first[x + 1]):
        if routes.choice_machine[c] == k:
            return routes.choice_length[c]
    return np.int64(-1)


@kernel
def timed(routes: Any, graph: Any, low: int, high: int) -> Any:
    """Heads of all from place ``low`` on, tails of all up to ``high``; the makespan."""
    order, end, tail, length = graph.order, graph.end, graph.tail, graph.length
    before, after, job_before, job_after = graph.before, graph.after, routes.job_before, routes.job_after
    for i in range(low, order.size):
        x = order[i]
        end[x] = max(end[job_before[x]], end[before[x]]) + length[x]
    for i in range(high, -1, -1):
        x = order[i]
        tail[x] = max(tail[job_after[x]], tail[after[x]]) + length[x]
    makespan = np.int64(0)
    for x in routes.job_last:
        makespan = max(makespan, end[x])
    return makespan


@kernel
def moved(routes: Any, graph: Any, x: Any, a: Any, b: Any, k: Any) -> Any:
    """Put ``x`` between ``a`` and ``b`` on machine ``k``; the first and the last place whose operation changed.

    ``a`` and ``b`` are neighbours there when ``x`` is away. (-1, -1), and nothing changed, when that is a circle.
    """
    n = graph.order.size
    place = graph.place
    ja = routes.job_after[x]
    lo = max(place[a], place[routes.job_before[x]])
    hi = min(place[b] if b != n else n, place[ja] if ja != n else n)
    if hi <= lo and _circle(routes, graph, x, a, b, hi, lo):
        return -1, -1
    low, high = min(hi, place[x]), max(lo, place[x])
    _reordered(graph, x, low, high, hi, lo)
    _relinked(graph, x, a, b, k)
    graph.length[x] = length_on(routes, x, k)
    return low, high


@inner
def _circle(routes: Any, graph: Any, x: int, a: int, b: int, hi: int, lo: int) -> Any:
    """True when ``x`` between ``a`` and ``b`` would wait for itself; else all that must come after it is marked."""
    order, mark = graph.order, graph.mark
    jb, ja = routes.job_before[x], routes.job_after[x]
    visit = graph.visit[0] + np.int32(1)
    graph.visit[0] = visit
    for i in range(hi, lo + 1):
        y = order[i]
        if y == x:
            continue
        previous = graph.before[y]
        if previous == x:
            previous = graph.before[x]
        if y in (b, ja) or mark[routes.job_before[y]] == visit or mark[previous] == visit:
            if y in (a, jb):
                return True
            mark[y] = visit
    return False


@inner
def _reordered(graph: Any, x: int, low: int, high: int, hi: int, lo: int) -> None:
    """Places ``low`` to ``high`` anew: what need not follow ``x``, ``x``, and the rest, both as they stood."""
    order, place, aside = graph.order, graph.place, graph.aside
    to, later = low, 0
    for i in range(low, high + 1):
        y = order[i]
        if y == x:
            continue
        if i > lo or (i >= hi and graph.mark[y] == graph.visit[0]):
            aside[later] = y
            later += 1
        else:
            order[to] = y
            place[y] = to
            to += 1
    order[to] = x
    place[x] = to
    for i in range(later):
        order[to + 1 + i] = aside[i]
        place[aside[i]] = to + 1 + i


@inner
def _relinked(graph: Any, x: int, a: int, b: int, k: int) -> None:
    """Take ``x`` out of its chain and put it between ``a`` and ``b`` of machine ``k``."""
    n = graph.order.size
    p, s = graph.before[x], graph.after[x]
    if p == n:
        graph.first[graph.machine[x]] = s
    else:
        graph.after[p] = s
    if s != n:
        graph.before[s] = p
    graph.machine[x] = k
    graph.before[x] = a
    graph.after[x] = b
    if a == n:
        graph.first[k] = x
    else:
        graph.after[a] = x
    if b != n:
        graph.before[b] = x
