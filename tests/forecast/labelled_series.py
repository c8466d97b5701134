"""Series with a known answer to "structural or temporary?", frozen before the classifier that is judged by them.

Noise is AR(1) with phi uniform in 0..0.5 and a marginal standard deviation of 1, scaled and moved at random. Changes
are level shifts of 1 to 3 of these, up or down:

- structural: one step that stays, with a quarter of the series on each side of it at least;
- temporary: one step and the way back, after a sixth to a third of the series, with a fifth of it before and after;
- seasonal: in every cycle of 4, 5, 7 or 12 points (four cycles at least), a third of the points are shifted alike;
- recurring: three to five shifts and ways back, of unequal length and distance, over a third of the points in all;
- insufficient data: fewer than 12 points, shifted or not;
- steady: noise alone; no class that the issue names, so it is judged apart (how often it is called structural).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

CLASSES = ("structural", "temporary", "seasonal", "recurring", "insufficient data")
CYCLES = (4, 5, 7, 12)
MOST_SHORT = 11


class Labelled(NamedTuple):
    label: str
    values: NDArray[np.float64]
    shift: float  # in standard deviations of the noise
    at: int  # where the first shift begins; -1 for none


def labelled(seed: int, label: str) -> Labelled:
    """One series with this label."""
    rng = np.random.Generator(np.random.PCG64(seed))
    n = int(rng.integers(4, MOST_SHORT + 1)) if label == "insufficient data" else int(rng.integers(20, 121))
    shift = float(rng.uniform(1.0, 3.0) * rng.choice([-1, 1]))
    where = _shifted(rng, label, n)
    noise = _noise(rng, n, float(rng.uniform(0.0, 0.5)))
    scale, level = float(rng.choice([0.01, 1.0, 250.0])), float(rng.uniform(-10, 10))
    at = int(np.argmax(where)) if where.any() else -1
    return Labelled(label, scale * (level + noise + shift * where), shift, at)


def balanced(seed: int, count: int) -> list[Labelled]:
    """``count`` series, as many of each class as of any other."""
    return [labelled(seed * 1_000_003 + i, CLASSES[i % len(CLASSES)]) for i in range(count)]


def steady(seed: int, count: int) -> list[Labelled]:
    """Pure noise."""
    return [labelled(seed * 1_000_003 + i, "steady") for i in range(count)]


def _noise(rng: np.random.Generator, n: int, phi: float) -> NDArray[np.float64]:
    steps = rng.standard_normal(n)
    values = np.empty(n)
    values[0] = steps[0]
    for i in range(1, n):
        values[i] = phi * values[i - 1] + np.sqrt(1 - phi * phi) * steps[i]
    return values


def _shifted(rng: np.random.Generator, label: str, n: int) -> NDArray[np.bool_]:
    where = np.zeros(n, np.bool_)
    match label:
        case "structural":
            side = -(-n // 4)
            where[int(rng.integers(side, n - side + 1)) :] = True
        case "temporary":
            length = int(rng.integers(-(-n // 6), n // 3 + 1))
            side = -(-n // 5)
            start = int(rng.integers(side, n - side - length + 1))
            where[start : start + length] = True
        case "seasonal":
            cycle = int(rng.choice([c for c in CYCLES if 4 * c <= n]))
            first = int(rng.integers(cycle))
            where = (np.arange(n) - first) % cycle < round(cycle / 3)
        case "recurring":
            _recur(rng, where)
        case "insufficient data":
            if n >= 8 and rng.integers(2):
                where[int(rng.integers(3, n - 2)) :] = True
    return where


def _recur(rng: np.random.Generator, where: NDArray[np.bool_]) -> None:
    """Three to five episodes that take a third of the points, lengths and gaps drawn; each at least one point."""
    n = where.size
    count = int(rng.integers(3, 6))
    lengths = 1 + rng.multinomial(max(round(n / 3) - count, 0), rng.dirichlet(np.full(count, 3.0)))
    free = n - int(lengths.sum()) - (count + 1)
    gaps = 1 + rng.multinomial(free, rng.dirichlet(np.full(count + 1, 2.0)))
    at = 0
    for gap, length in zip(gaps, lengths, strict=False):
        at += int(gap)
        where[at : at + int(length)] = True
        at += int(length)
