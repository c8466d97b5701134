"""Which rows need a rule of their own: groups that differ by more than luck, everything else pooled.

Means are compared by Wald's test with the covariance of the fitted common factors, so that a bad month of one machine
does not pass for a slow machine; spreads by Levene's test (in Olkin, ed., *Contributions to Probability*, 1960) on
own noise. A group must have `LEAST` observations, and the test a p below 1e-4, because many are made.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
import polars as pl

from tocfin.scenarios.fit_components import Codes, Floats, components, dense
from tocfin.scenarios.fit_factors import Sharing
from tocfin.scenarios.fit_history import LEAST
from tocfin.scenarios.fit_shapes import below

LUCK = 1e-4
#: More groups than this are not compared: the equations have a column for each.
MOST_GROUPS = 400

Level = tuple[str, ...]


def coded(frame: pl.DataFrame, columns: Sequence[str], least: int = LEAST) -> tuple[Codes, list[dict[str, str]]]:
    """Group of every row by ``columns``, counted from 0, and what names each; the last one takes what is too thin.

    Rows where a column is empty are in none, and so are groups of fewer than ``least``.
    """
    if not columns:
        return np.zeros(frame.height, np.int64), [{}]
    keys = frame.select(*columns)
    groups = keys.drop_nulls().group_by(columns).len().filter(pl.col("len") >= least).sort(columns).drop("len")
    numbered = groups.with_row_index("~group")
    found = keys.join(numbered, on=list(columns), how="left", maintain_order="left")["~group"]
    names = groups.rows(named=True)
    return found.fill_null(groups.height).cast(pl.Int64).to_numpy(), names


def levels(frame: pl.DataFrame, y: Floats, factors: Sequence[Sharing], ways: Sequence[str]) -> list[Level]:
    """From all rows to finer groups, as long as the finer ones differ: (), (way,), (way, other way)."""
    found: list[Level] = [()]
    tested = {(way,): differ(frame, y, factors, (way,), ()) for way in ways}
    sure = {level: p for level, p in tested.items() if p < LUCK}
    if not sure:
        return found
    first = min(sure, key=lambda level: sure[level])
    found.append(first)
    for way in ways:
        if way not in first and differ(frame, y, factors, (*found[-1], way), found[-1]) < LUCK:
            found.append((*found[-1], way))
    return found


def differ(frame: pl.DataFrame, y: Floats, factors: Sequence[Sharing], fine: Level, coarse: Level) -> float:
    """Chance that groups by ``fine`` are as different as they are while those by ``coarse`` are all there is."""
    group, names = coded(frame, fine)
    rows = group < len(names)
    if not 1 < len(names) <= MOST_GROUPS or np.ptp(y[rows]) == 0.0:
        return 1.0
    parents, _ = coded(frame, coarse)
    parent = np.array([parents[rows][np.flatnonzero(group[rows] == g)[0]] for g in range(len(names))])
    if np.unique(parent).size == parent.size:
        return 1.0
    ratios = [one.log_ratio for one in factors]
    found = components(y[rows], group[rows], [one.of(rows) for one in factors], ratios, known=True)
    means = _wald(found.mean, found.mean_covariance, dense(parent))
    return 2.0 * min(means, _levene(found.left, group[rows], dense(parent)))


def _wald(mean: Floats, covariance: Floats, parent: Codes) -> float:
    """P of means that are equal within each parent (generalised least squares about the parents' means)."""
    inverse = np.linalg.inv(covariance)
    design = np.eye(int(parent.max()) + 1)[parent]
    middle = np.linalg.solve(design.T @ inverse @ design, design.T @ inverse @ mean)
    rest = mean - design @ middle
    return chi_square_tail(float(rest @ inverse @ rest), mean.size - middle.size)


def _levene(left: Floats, group: Codes, parent: Codes) -> float:
    """P of spreads that are equal within each parent."""
    spread = np.abs(left)
    count = np.bincount(group)
    average = np.bincount(group, spread) / count
    own = spread - average[group]
    variance = float(own @ own) / max(spread.size - count.size, 1)
    above = np.bincount(parent[group], spread) / np.bincount(parent[group])
    statistic = float((count * (average - above[parent]) ** 2).sum())
    if variance == 0.0:
        return 1.0 if statistic == 0.0 else 0.0
    return chi_square_tail(statistic / variance, count.size - above.size)


def chi_square_tail(x: float, freedom: int) -> float:
    """P(χ² > x) by Wilson and Hilferty's cube root (Proc. Natl. Acad. Sci. 17, 1931)."""
    spread = 2.0 / (9.0 * freedom)
    z = ((max(x, 0.0) / freedom) ** (1.0 / 3.0) - 1.0 + spread) / math.sqrt(spread)
    return float(below(np.array([-z]))[0])


def selector(name: Mapping[str, str]) -> dict[str, str]:
    """The keys of a rule that choose a group: a label of a log chooses activities by its pattern."""
    return {("activity" if column == "label" else column): value for column, value in name.items()}
