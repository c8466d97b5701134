"""Structural or temporary? What kind of change a series shows, from how probable each kind makes it.

A series is taken as a level with noise of AR(1) and a second level in some of its points: after one change
(structural), between two (temporary), in the same part of every cycle (seasonal), or in several spells (recurring).
The probability of the series is summed over every place where the changes may be (a forward recursion over the number
of changes so far; levels of a few points are less probable than long ones), over cycles, and over a grid of sizes of
the shift (1 to 3 standard deviations), shares of shifted points, autocorrelations and spreads; so that a kind does not
win because it has more places to choose from. Change points are those of ruptures (`KernelCPD`; Truong, Oudre and
Vayatis, *Signal Processing* 167, 2020).
"""

from __future__ import annotations

from functools import cache
from math import lgamma
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]

KINDS = ("steady", "structural", "temporary", "seasonal", "recurring")
INSUFFICIENT = "insufficient data"
#: Fewer points say nothing; more than MOST are averaged in groups of neighbours.
LEAST, MOST = 12, 120
#: A level that has fewer points may be gone again tomorrow: whether it is structural cannot be said yet.
SETTLED = 4
LONGEST_CYCLE = 14
CHANGES = 10  # at most, in one series
SPELLS = 6  # from so many changes on they are recurring: three spells
#: Logarithms that are added to the evidence of each kind, fitted to series with a known answer (other seeds than those
#: by which the classifier is judged): for the label, and for the chances, which keep noise steady.
_LABEL = np.array([0.0, 1.25, 1.0, 0.88, 0.2])
_CHANCE = np.array([0.0, 0.34, -0.58, -0.29, -2.02])
_SHIFTS, _SHARES = (1.1, 1.6, 2.1, 2.8), (0.2, 0.3, 0.38, 0.5, 0.62, 0.75)
_ECHOES, _SPREADS = (0.05, 0.22, 0.42), (0.88, 1.0, 1.12)


class Kind(NamedTuple):
    """``label`` is the kind that explains a series best, ``chance`` its probability when all kinds are as likely.

    ``changes`` are the points at which a new level begins, ``cycle`` the length of a season (0: none).
    """

    label: str
    chance: float
    changes: tuple[int, ...] = ()
    cycle: int = 0

    @property
    def clear(self) -> bool:
        """Whether the label is more probable than all others together."""
        return self.chance > 0.5


class _Grid(NamedTuple):
    shift: Values
    share: Values
    echo: Values
    spread: Values


@cache
def _grid() -> _Grid:
    sizes = [*_SHIFTS, *(-one for one in _SHIFTS)]
    axes = np.meshgrid(sizes, _SHARES, _ECHOES, _SPREADS, indexing="ij")
    return _Grid(*(axis.ravel() for axis in axes))


def kind_of(values: Values) -> Kind:
    """The kind of a series without gaps, in the order of time."""
    if values.size < LEAST:
        return Kind(INSUFFICIENT, 1.0)
    scale = float(values.std())
    if scale == 0:
        return Kind("steady", 1.0)
    x = (values - values.mean()) / scale
    seen = _seen(x)
    by_changes, seasons = _by_changes(seen), _seasons(seen)
    cycle = max(seasons, key=lambda one: seasons[one]) if seasons else 0
    evidence = np.array(
        [
            _steady(x),
            by_changes[1],
            by_changes[2],
            _mean(np.array(list(seasons.values()))) if seasons else -np.inf,
            _mean(by_changes[SPELLS:]) + np.log(by_changes[SPELLS:].size),
        ]
    )
    chance = np.exp(evidence + _CHANCE - _mean(evidence + _CHANCE)) / len(KINDS)
    k = int(np.argmax(evidence + _LABEL))
    count = {1: 1, 2: 2, 4: SPELLS + int(np.argmax(by_changes[SPELLS:]))}.get(k, 0)
    changes = change_points(values, count) if count else ()
    if KINDS[k] == "structural" and values.size - changes[0] < SETTLED:
        return Kind(INSUFFICIENT, float(chance[k]), changes)
    return Kind(KINDS[k], float(chance[k]), changes, cycle if KINDS[k] == "seasonal" else 0)


def change_points(values: Values, count: int) -> tuple[int, ...]:
    """Where ``count`` new levels begin, by least squares (ruptures)."""
    from ruptures import KernelCPD

    search = KernelCPD(kernel="linear", min_size=1).fit(values.reshape(-1, 1))
    return tuple(int(at) for at in search.predict(n_bkps=min(count, values.size - 1))[:-1])


def _seen(x: Values) -> Values:
    """Log probability of every point: (points, shifted, the one before shifted, grid)."""
    grid = _grid()
    spread = np.sqrt(1 / (1 + grid.shift**2 * grid.share * (1 - grid.share))) * grid.spread
    shift = grid.shift * spread
    level, step = -shift * grid.share, spread * np.sqrt(1 - grid.echo**2)
    out = np.empty((x.size, 2, 2, spread.size))
    for now in (0, 1):
        out[0, now, :] = -0.5 * ((x[0] - level - shift * now) / spread) ** 2 - np.log(spread)
        for before in (0, 1):
            mean = level + shift * now + grid.echo * (x[:-1, None] - level - shift * before)
            out[1:, now, before] = -0.5 * ((x[1:, None] - mean) / step) ** 2 - np.log(step)
    return out


def _steady(x: Values) -> float:
    """Log probability of one level."""
    found = []
    for spread in _SPREADS:
        for level in np.array([-0.3, -0.15, 0.0, 0.15, 0.3]) * spread:
            for echo in (0.0, *_ECHOES):
                rest, step = x - level, spread * np.sqrt(1 - echo**2)
                steps = (rest[1:] - echo * rest[:-1]) / step
                first = -0.5 * (rest[0] / spread) ** 2 - np.log(spread)
                found.append(first - 0.5 * (steps**2).sum() - (x.size - 1) * np.log(step))
    return _mean(np.array(found))


def _by_changes(seen: Values) -> Values:
    """Log probability of 0, 1, … CHANGES changes: the mean over all places, each weighted by the product of the lengths
    of its levels (a Dirichlet(2) of lengths), so that a level of a few points needs more to be believed.

    The weight is how many ways there are to mark one point of every level: a change leads from a level that has its
    mark to one that has none yet.
    """
    n = seen.shape[0]
    shifted = np.arange(CHANGES + 1) % 2
    bare = np.full((CHANGES + 1, seen.shape[3]), -np.inf)
    bare[0] = seen[0, 0, 0]
    marked = bare.copy()
    for t in range(1, n):
        stays = seen[t, shifted, shifted]
        begun = np.full_like(bare, -np.inf)
        begun[1:] = marked[:-1] + seen[t, shifted[1:], shifted[:-1]]
        bare = np.logaddexp(bare + stays, begun)
        marked = np.logaddexp(marked + stays, bare)
    ways = [lgamma(n + k + 1) - lgamma(2 * k + 2) - lgamma(n - k) if k < n else np.inf for k in range(CHANGES + 1)]
    found: Values = np.array([_mean(row) for row in marked]) - np.array(ways)
    return found


def _seasons(seen: Values) -> dict[int, float]:
    """Log probability by length of the cycle, a run of up to half of its points being shifted."""
    n = seen.shape[0]
    found = {}
    for cycle in range(3, min(n // 3, LONGEST_CYCLE) + 1):
        by_phase = np.stack([seen[phase::cycle].sum(axis=0) for phase in range(cycle)])
        phases = np.arange(cycle)
        behind = (phases[None, :] - phases[:, None]) % cycle  # (first shifted phase, phase)
        where = np.concatenate([behind < length for length in range(1, max(2, cycle // 2 + 1))]).astype(np.int64)
        picked = by_phase[phases, where, np.roll(where, 1, axis=1)].sum(axis=1)
        found[cycle] = _mean(picked.ravel())
    return found


def _mean(logs: Values) -> float:
    """The logarithm of a mean of probabilities given by their logarithms."""
    top = float(logs.max(initial=-np.inf))
    return top + float(np.log(np.exp(logs - top).mean())) if np.isfinite(top) else -np.inf
