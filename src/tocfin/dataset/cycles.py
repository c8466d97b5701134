"""Cycles among operations: explicit precedences together with the sequence inside each order (rulings R16)."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tocfin.dataset.listing import Faults, Row, Tables

_Ints = NDArray[np.int64]

#: Breadth-first levels that are peeled with whole-array steps; what is deeper is a thin chain, where plain
#: Python is faster than NumPy's cost per call.
_WIDE_LEVELS = 256
#: Operations of a long cycle that are printed at its beginning and at its end.
_SHOWN = 8


class _Graph(NamedTuple):
    """Successor lists in one array: those of node ``v`` are ``successor[first[v]:first[v + 1]]``."""

    first: _Ints
    successor: _Ints


def find(tables: Tables) -> Iterator[Faults]:
    """One finding per knot of operations that wait for each other, at the precedence that closes it."""
    links = _links(tables["operations"], tables["precedences"])
    if links.is_empty():
        return
    steps, rank = _sequence_steps(tables["operations"], links)
    before, after = (rank[links[name].to_numpy()] for name in ("before", "after"))
    source, target = np.concatenate([before, steps[0]]), np.concatenate([after, steps[1]])
    graph = _graph(source, target, int(max(source.max(), target.max())) + 1)
    knot = _knots(graph, source, target)
    closing = (
        links.with_columns(pl.Series("knot", knot[before]), pl.Series("from", before), pl.Series("to", after))
        .filter(pl.Series(knot[before] == knot[after]), pl.col("knot") >= 0)
        .unique("knot", keep="first", maintain_order=True)
    )
    named = np.full(len(graph.first) - 1, -1)
    named[rank[rank >= 0]] = np.flatnonzero(rank >= 0)
    keys = tables["operations"]["operation"]

    def say(row: Row) -> str:
        nodes = _way(graph, knot, row["to"], row["from"])
        path = [repr(keys[int(named[node])]) for node in (row["from"], *nodes) if named[node] >= 0]
        return (
            f"the operations wait for each other: {_printed(path)}; a precedence is added to the sequence inside an"
            " order: delete one of the links, or change a sequence number"
        )

    yield Faults("error", "cycle", "precedences", "successor", closing, say)


def _links(operations: pl.DataFrame, precedences: pl.DataFrame) -> pl.DataFrame:
    """Precedences whose two operations exist, as row numbers of ``operations`` (before, after)."""
    named = precedences.select("row", "predecessor", "successor")
    touched = pl.concat([named["predecessor"], named["successor"]]).unique().to_frame("operation")
    keys = (
        operations.select("operation", index=pl.int_range(pl.len(), dtype=pl.Int64))
        .join(touched, on="operation", how="semi", maintain_order="left")
        .unique("operation", keep="first", maintain_order=True)
    )
    return named.join(
        keys.rename({"operation": "predecessor", "index": "before"}), on="predecessor", maintain_order="left"
    ).join(keys.rename({"operation": "successor", "index": "after"}), on="successor", maintain_order="left")


def _sequence_steps(operations: pl.DataFrame, links: pl.DataFrame) -> tuple[tuple[_Ints, _Ints], _Ints]:
    """Edges of the sequence, and the node of each operation (-1: no precedence touches it).

    The sequence alone has no cycle, so operations that no precedence touches are left out. Between two
    numbers of an order stands a gate, a node of its own: every operation of the lower number leads to it and
    it leads to every operation of the higher one, so that parallel operations need no edge for each pair.
    """
    touched = np.zeros(operations.height, np.bool_)
    touched[links["before"].to_numpy()] = True
    touched[links["after"].to_numpy()] = True
    rank = np.where(touched, np.cumsum(touched) - 1, -1)
    placed = (
        operations.select("manufacturing_order", "sequence", pl.Series("node", rank))
        .filter(pl.col("node") >= 0)
        .drop_nulls()
        .sort("manufacturing_order", "sequence")
        .with_columns(
            order=pl.col("manufacturing_order").rle_id().cast(pl.Int64),
            level=pl.struct("manufacturing_order", "sequence").rle_id().cast(pl.Int64),
        )
    )
    node, order, level = (placed[name].to_numpy() for name in ("node", "order", "level"))
    if not len(node):
        return (node.astype(np.int64), node.astype(np.int64)), rank
    order_of = np.empty(level[-1] + 1, np.int64)
    order_of[level] = order
    follows = np.append(False, order_of[1:] == order_of[:-1])
    entered, left = follows[level], np.append(follows[1:], False)[level]
    gate = int(touched.sum())
    sources = np.concatenate([gate + level[entered] - 1, node[left]])
    targets = np.concatenate([node[entered], gate + level[left]])
    return (sources, targets), rank


def _graph(source: _Ints, target: _Ints, n_node: int) -> _Graph:
    first = np.zeros(n_node + 1, np.int64)
    np.cumsum(np.bincount(source, minlength=n_node), out=first[1:])
    return _Graph(first, target[np.argsort(source, kind="stable")])


def _knots(graph: _Graph, source: _Ints, target: _Ints) -> _Ints:
    """Number of the strongly connected component of each node that is on a cycle, else -1."""
    n_node = len(graph.first) - 1
    knot = np.full(n_node, -1)
    left = _unpeeled(graph, target)
    if not left.any():
        return knot
    inner = left[source] & left[target]
    back = _graph(target[inner], source[inner], n_node)
    left &= _unpeeled(back, source[inner])
    inner = left[source] & left[target]
    core = np.flatnonzero(left)
    small = np.cumsum(left) - 1
    component = _components(_graph(small[source[inner]], small[target[inner]], len(core)))
    knot[core] = component
    # A node between two knots is a component of its own; only a link to itself makes it a knot.
    looped = np.zeros(n_node, np.bool_)
    looped[source[source == target]] = True
    knot[core[(np.bincount(component)[component] == 1) & ~looped[core]]] = -1
    return knot


def _unpeeled(graph: _Graph, target: _Ints) -> NDArray[np.bool_]:
    """Nodes that remain when nodes without predecessor are taken away again and again (Kahn 1962)."""
    waiting = np.bincount(target, minlength=len(graph.first) - 1)
    front = np.flatnonzero(waiting == 0)
    for _ in range(_WIDE_LEVELS):
        size = graph.first[front + 1] - graph.first[front]
        offset = np.repeat(graph.first[front] - np.cumsum(size) + size, size)
        reached, times = np.unique(graph.successor[offset + np.arange(len(offset))], return_counts=True)
        waiting[reached] -= times
        front = reached[waiting[reached] == 0]
        if not len(front):
            return waiting > 0
    first, successor, left = graph.first.tolist(), graph.successor.tolist(), waiting.tolist()
    stack = front.tolist()
    while stack:
        node = stack.pop()
        for other in successor[first[node] : first[node + 1]]:
            left[other] -= 1
            if left[other] == 0:
                stack.append(other)
    return np.asarray(left) > 0


def _components(graph: _Graph) -> _Ints:
    """Strongly connected component of each node (Tarjan 1972, with an explicit stack)."""
    first, successor = graph.first.tolist(), graph.successor.tolist()
    n_node = len(first) - 1
    low, component = [-1] * n_node, [-1] * n_node
    following = first[:-1]
    pending: list[int] = []
    n_seen = n_component = 0
    for root in range(n_node):
        walk = [root] if low[root] < 0 else []
        while walk:
            node = walk[-1]
            if low[node] < 0:
                low[node] = n_seen
                n_seen += 1
                pending.append(node)
            if following[node] < first[node + 1]:
                other = successor[following[node]]
                following[node] += 1
                if low[other] < 0:
                    walk.append(other)
                continue
            walk.pop()
            open_ends = (low[other] for other in successor[first[node] : first[node + 1]] if component[other] < 0)
            lowest = min(low[node], min(open_ends, default=low[node]))
            if lowest < low[node]:
                low[node] = lowest
                continue
            while component[node] < 0:
                component[pending.pop()] = n_component
            n_component += 1
    return np.asarray(component)


def _way(graph: _Graph, knot: _Ints, start: int, goal: int) -> list[int]:
    """Nodes of a shortest way from ``start`` to ``goal`` inside their knot, both included."""
    came_from = {start: start}
    queue = deque([start])
    while goal not in came_from:
        node = queue.popleft()
        for other in graph.successor[graph.first[node] : graph.first[node + 1]].tolist():
            if knot[other] == knot[start] and other not in came_from:
                came_from[other] = node
                queue.append(other)
    way = [goal]
    while way[-1] != start:
        way.append(came_from[way[-1]])
    return way[::-1]


def _printed(path: list[str]) -> str:
    if len(path) > 2 * _SHOWN:
        between = f"… ({len(path) - 2 * _SHOWN:,} more) …"
        path = [*path[:_SHOWN], between, *path[-_SHOWN:]]
    return " → ".join(path)
