"""Sets of instants as sorted, disjoint, half-open spans of whole seconds."""

from __future__ import annotations

from collections.abc import Iterable

Span = tuple[int, int]


def union(spans: Iterable[Span]) -> list[Span]:
    merged: list[Span] = []
    for start, end in sorted(span for span in spans if span[0] < span[1]):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def intersect(left: list[Span], right: list[Span]) -> list[Span]:
    """What two sorted, disjoint lists share."""
    shared: list[Span] = []
    i = j = 0
    while i < len(left) and j < len(right):
        start, end = max(left[i][0], right[j][0]), min(left[i][1], right[j][1])
        if start < end:
            shared.append((start, end))
        if left[i][1] < right[j][1]:
            i += 1
        else:
            j += 1
    return shared


def subtract(left: list[Span], right: list[Span]) -> list[Span]:
    """What of ``left`` is not in ``right``; both sorted and disjoint."""
    if not left:
        return []
    low, high = left[0][0], left[-1][1]
    edges = [low, *(instant for span in right for instant in span), high]
    gaps = [(edges[k], edges[k + 1]) for k in range(0, len(edges), 2)]
    return intersect(left, [(start, end) for start, end in gaps if start < end])


def length(spans: Iterable[Span]) -> int:
    return sum(end - start for start, end in spans)
