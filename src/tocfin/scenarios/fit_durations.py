"""How long work takes, relative to the plan: by groups that differ, with the luck that they share.

Log-duration noise is own noise plus loadings on common factors (engine.md 1), so its variance is split into
components about the means of the groups. A lognormal has mean exp(μ + σ²/2) and cv √(exp σ² − 1), where σ² is the
whole variance less that of rounding recorded times (Sheppard, Proc. London Math. Soc. 29, 1898). Another
distribution takes the components of its normal scores, because the simulation mixes factors in on that scale.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tocfin.errors import Finding
from tocfin.scenarios.distributions import Distribution
from tocfin.scenarios.fit_components import Codes, Components, Floats, components, dense
from tocfin.scenarios.fit_factors import Sharing, candidates, selected
from tocfin.scenarios.fit_found import Figure, Found, Shared
from tocfin.scenarios.fit_groups import Level, coded, levels, selector
from tocfin.scenarios.fit_history import LEAST, History, note
from tocfin.scenarios.fit_shapes import Shape, chosen, cv_error, lognormal, mean_cv, sharpened

#: By what groups are told apart, of a plan and of a log.
PLANNED_WAYS, LOGGED_WAYS = ("resource", "product"), ("label", "resource")

#: Loadings together stay below 1 when they are written with 6 digits: a little noise is always everyone's own.
MOST_SHARED = 0.99999


def durations(history: History, findings: list[Finding]) -> tuple[list[Found], list[Shared]]:
    """Rules for durations, the most general one first, and the common factors that they load on."""
    work = history.work
    if work.height < LEAST:
        what = "events of a log" if history.relative else "activities with planned and actual times"
        message = f"{work.height:,} finished {what} are too few to fit durations; {LEAST} are needed"
        findings.append(note("too-thin", "activities", "actual_end", message, max(work.height, 1)))
        return [], []
    ratio = (work["worked"] / work["planned"]).to_numpy()
    constant = _constant(work, history.step)
    if constant is not None:
        figure = Figure("mean", constant, 0.0, work.height)
        message = f"all {work.height:,} activities took {constant:.6g} of the planned work: this is certain"
        findings.append(note("constant-ratio", "activities", "actual_end", message))
        return [Found("duration", {}, Distribution("constant", (constant,)), (figure,), {}, work.height)], []
    y = np.log(ratio)
    centre, names = coded(work, LOGGED_WAYS if history.relative else PLANNED_WAYS, 1 if history.relative else LEAST)
    centre = dense(centre if len(names) * 10 <= work.height else coded(work, ("resource",))[0])
    sharings = selected(y, centre, candidates(work, findings), findings)
    if history.relative:
        ways: list[Level] = [(), LOGGED_WAYS]
    else:
        ways = levels(work, y, sharings, PLANNED_WAYS)
    found = [rule for level in ways for rule in _Level(history, level, sharings, centre).rules()]
    _pooled(work, ways, findings)
    shared = [Shared(one.factor, int(one.level.max()) + 1) for one in sharings]
    return found, shared


def _constant(work: pl.DataFrame, step: float) -> float | None:
    """The one ratio of all work, up to the rounding of times; None where it varies."""
    planned, worked = work["planned"].to_numpy(), work["worked"].to_numpy()
    ratio = float(worked.sum() / planned.sum())
    return ratio if (np.abs(worked - ratio * planned) <= max(step, 1.0)).all() else None


def _pooled(work: pl.DataFrame, ways: Sequence[Level], findings: list[Finding]) -> None:
    """Say which groups have too few observations for a rule of their own."""
    for level in ways[1:]:
        sizes = work.group_by(level).len().filter(pl.col("len") < LEAST)
        if sizes.height:
            words = " and ".join("activity" if way == "label" else way for way in level)
            message = (
                f"{sizes.height:,} groups by {words} have fewer than {LEAST} observations"
                f" ({sizes['len'].sum():,} in all): the more general rule holds for them"
            )
            findings.append(note("pooled", "activities", None, message, sizes.height))


@dataclass(frozen=True)
class _Level:
    """Groups by ``columns``, fitted together: each has its mean and spread, all have the same loadings."""

    history: History
    columns: Level
    sharings: tuple[Sharing, ...]
    centre: Codes

    def rules(self) -> list[Found]:
        work = self.history.work
        group, names = coded(work, self.columns)
        constant = [_constant(work.filter(pl.Series(group == g)), self.history.step) for g in range(len(names))]
        moves = np.array([one is None for one in constant] + [False])[group]
        found = [
            Found(
                "duration", selector(names[g]), Distribution("constant", (one,)),
                (Figure("mean", one, 0.0, int((group == g).sum())),), {}, int((group == g).sum()),
            )
            for g, one in enumerate(constant)
            if one is not None
        ]  # fmt: skip
        if not moves.any():
            return found
        kept = np.unique(group[moves])
        return found + self._fitted(moves, dense(group[moves]), [names[g] for g in kept.tolist()])

    def _fitted(self, rows: NDArray[np.bool_], group: Codes, names: list[dict[str, str]]) -> list[Found]:
        work = self.history.work.filter(pl.Series(rows))
        ratio = (work["worked"] / work["planned"]).to_numpy()
        y = np.log(ratio)
        middle = dense(self.centre[rows]) if self.history.relative and not self.columns else group
        factors, ratios = [one.of(rows) for one in self.sharings], [one.log_ratio for one in self.sharings]
        spread = _spreads(y, middle, group)
        split = components(y / spread[group], middle, factors, ratios)
        shapes = [self._shape(ratio, group == g, middle, split, float(spread[g]), work) for g in range(len(names))]
        if any(shape.distribution.name != "lognormal" for shape, _ in shapes):
            scores = np.empty(y.size)
            for g, (shape, _) in enumerate(shapes):
                scores[group == g] = shape.scores
            again = components(scores, middle, factors, ratios)
        else:
            again = split
        rounding = float(np.mean(_rounding(work, self.history.step) / spread[group] ** 2))
        share = math.sqrt(split.total / max(split.total - rounding, 1e-12))
        return [
            self._found(
                names[g], shape, figures, again, min(share, MOST_SHARED / max(_norm(again.loading), 1e-12)), factors
            )
            for g, (shape, figures) in enumerate(shapes)
        ]

    def _shape(
        self,
        ratio: Floats,
        rows: NDArray[np.bool_],
        middle: Codes,
        split: Components,
        spread: float,
        work: pl.DataFrame,
    ) -> tuple[Shape, tuple[Figure, ...]]:
        """The distribution of one group, with its mean and cv.

        It is chosen by the times as they were recorded; what recording adds to its spread is taken out afterwards.
        """
        n, grid = int(rows.sum()), float(_rounding(work, self.history.step)[rows].mean())
        weight = np.bincount(middle[rows], minlength=split.mean.size) / n
        variance = split.total * spread**2
        of_mean = float(weight @ split.mean_covariance @ weight) * spread**2
        of_variance = variance * split.log_total_error * math.sqrt(ratio.size / n)
        mean, cv = lognormal(float(weight @ split.mean) * spread, variance)
        mean = 1.0 if self.history.relative else mean
        alike = min(n, variance / of_mean)
        shape = chosen(ratio[rows], (mean, cv), alike)
        error = mean * math.sqrt(of_mean + of_variance**2 / 4.0)
        of_cv = math.exp(min(variance, 50.0)) / (2.0 * cv) * of_variance
        if shape.distribution.name != "lognormal":
            mean, cv = mean_cv(shape, ratio[rows])
            error, of_cv = mean * cv / math.sqrt(alike), cv_error(ratio[rows], alike)
        shape = sharpened(shape, grid)
        figure = Figure("mean", mean, math.nan if self.history.relative else error, n)
        return shape, (figure, Figure("cv", shape.distribution.parameters[1] if shape.chosen else cv, of_cv, n))

    def _found(
        self, name: dict[str, str], shape: Shape, figures: tuple[Figure, ...], split: Components, share: float,
        factors: Sequence[Codes],
    ) -> Found:  # fmt: skip
        loadings = {
            one.factor.name: Figure(one.factor.name, float(value * share), float(error * share), int(level.max()) + 1)
            for one, value, error, level in zip(self.sharings, split.loading, split.loading_error, factors, strict=True)
        }
        return Found(
            "duration", selector(name), shape.distribution, (*figures, *loadings.values()), shape.goodness,
            figures[0].n, {key: figure.value for key, figure in loadings.items()},
        )  # fmt: skip


def _norm(loading: Floats) -> float:
    return float(np.sqrt(loading @ loading))


def _spreads(y: Floats, middle: Codes, group: Codes) -> Floats:
    """Standard deviation of each group about the means of ``middle``."""
    mean = np.bincount(middle, y) / np.bincount(middle)
    count = np.bincount(group)
    found: Floats = np.sqrt(np.bincount(group, (y - mean[middle]) ** 2) / np.maximum(count - 1, 1))
    return found


def _rounding(work: pl.DataFrame, step: float) -> Floats:
    """Variance of ln(worked) that comes from recording times on a grid: one rounding of seconds, two of a coarser."""
    worked = work["worked"].to_numpy()
    found: Floats = (step * step / (6.0 if step > 1.0 else 12.0)) / worked**2
    return found
