"""What a move would give: the longest way through the operations that it touches, without making it.

Moves inside a critical block are those of Balas and Vazacopoulos (1998) and Zhang et al. (2007, N7): an operation goes
right behind a later one, or right before an earlier one, of its block. Moves between machines are those of Mastrolilli
and Gambardella (2000): a critical operation goes anywhere on another machine where it cannot close a circle.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tocfin.kernels.compile import inlined


@inlined
def chance(seed: Any) -> Any:
    """The next 64 bits of xorshift64*; ``seed`` (1) uint64 is its state."""
    x = seed[0]
    x ^= x >> np.uint64(12)
    x ^= x << np.uint64(25)
    x ^= x >> np.uint64(27)
    seed[0] = x
    return x * np.uint64(2685821657736338717)


@inlined
def below(seed: Any, n: int) -> Any:
    """A number of 0 .. n - 1."""
    return np.int64((chance(seed) >> np.uint64(33)) % np.uint64(n))


@inlined
def behind(routes: Any, graph: Any, u: int, v: int) -> Any:
    """Longest way through ``u`` and what it passes when it goes right behind ``v``, later on its machine."""
    end, tail, length, after = graph.end, graph.tail, graph.length, graph.after
    head = graph.aside_head
    x = after[u]
    reached = end[graph.before[u]]
    i = 0
    while True:
        start = max(end[routes.job_before[x]], reached)
        head[i] = start
        i += 1
        reached = start + length[x]
        if x == v:
            break
        x = after[x]
    start = max(end[routes.job_before[u]], reached)
    left = length[u] + max(tail[routes.job_after[u]], tail[after[v]])
    longest = start + left
    x = v
    while x != u:
        i -= 1
        left = length[x] + max(tail[routes.job_after[x]], left)
        longest = max(longest, head[i] + left)
        x = graph.before[x]
    return longest


@inlined
def ahead(routes: Any, graph: Any, u: int, v: int) -> Any:
    """Longest way through ``u`` and what it passes when it goes right before ``v``, earlier on its machine."""
    end, tail, length, before = graph.end, graph.tail, graph.length, graph.before
    rest = graph.aside_head
    x = before[u]
    left = tail[graph.after[u]]
    i = 0
    while True:
        left = length[x] + max(tail[routes.job_after[x]], left)
        rest[i] = left
        i += 1
        if x == v:
            break
        x = before[x]
    start = max(end[routes.job_before[u]], end[before[v]])
    longest = start + length[u] + max(tail[routes.job_after[u]], left)
    reached = start + length[u]
    x = v
    while x != u:
        i -= 1
        start = max(end[routes.job_before[x]], reached)
        longest = max(longest, start + rest[i])
        reached = start + length[x]
        x = graph.after[x]
    return longest


@inlined
def through(routes: Any, graph: Any, x: int, a: int, b: int, length: int) -> Any:
    """Longest way through ``x`` when it takes ``length`` between ``a`` and ``b`` of another machine."""
    start = max(graph.end[routes.job_before[x]], graph.end[a])
    return start + length + max(graph.tail[routes.job_after[x]], graph.tail[b])
