"""Who caused how much: exact Shapley values over drivers, exact Owen values where related drivers are grouped.

A game gives a value to every coalition, the set of drivers that are switched from A's state to B's. A driver's amount
is its mean contribution over all orders of switching (Shapley, 1953); with groups, over all orders in which the
members of a group follow one another (Owen, 1977). Amounts sum to the value of all less that of none; drivers that
change nothing get exactly 0; drivers that change the same get the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import factorial

import numpy as np
from numpy.typing import NDArray

Masks = NDArray[np.int64]
Values = NDArray[np.float64]
Groups = Sequence[Sequence[int]]


def coalitions(groups: Groups) -> Masks:
    """The coalitions whose value `attributed` asks for, as bit masks of driver numbers, in increasing order."""
    wholes = [sum(1 << i for i in group) for group in groups]
    needed = [_unions(wholes)]
    for k, group in enumerate(groups):
        others = _unions(wholes[:k] + wholes[k + 1 :])
        needed.append((others[:, None] | _unions([1 << i for i in group])[None, :]).ravel())
    return np.unique(np.concatenate(needed))


def attributed(groups: Groups, masks: Masks, values: Values) -> Values:
    """What each driver adds: (drivers, ...) of ``values`` (coalitions, ...), which stand as in ``masks``.

    ``groups`` hold the numbers 0 to n - 1 once each; groups of one driver each make these Shapley values.
    """
    wholes = [sum(1 << i for i in group) for group in groups]
    out = np.zeros((sum(map(len, groups)), *values.shape[1:]))
    for k, group in enumerate(groups):
        others = _unions(wholes[:k] + wholes[k + 1 :])
        outer = _weights(len(groups))[_sizes(len(groups) - 1)]
        for i in group:
            inside = _unions([1 << j for j in group if j != i])
            weight = (outer[:, None] * _weights(len(group))[_sizes(len(group) - 1)][None, :]).ravel()
            without = (others[:, None] | inside[None, :]).ravel()
            gain = values[np.searchsorted(masks, without | 1 << i)] - values[np.searchsorted(masks, without)]
            out[i] = np.tensordot(weight, gain, axes=1)
    return out


def _unions(parts: Sequence[int]) -> Masks:
    """The union of every subset of ``parts``; subset s holds part i where bit i of s is set."""
    found = np.zeros(1, np.int64)
    for part in parts:
        found = np.concatenate([found, found | part])
    return found


def _sizes(n: int) -> Masks:
    """How many members every subset of n has."""
    sizes = np.zeros(1, np.int64)
    for _ in range(n):
        sizes = np.concatenate([sizes, sizes + 1])
    return sizes


def _weights(n: int) -> Values:
    """The share of all orders of n in which exactly 0, 1, … n - 1 given ones come before a given other."""
    return np.array([factorial(s) * factorial(n - 1 - s) / factorial(n) for s in range(n)])
