"""History walked period by period: what would have been said on the 5th, 10th, 20th, and how good it would have been.

Each forecast uses only what had happened by its day. Where the source does not say when things were recorded, later
corrections may have leaked into it: such a backtest is labelled *hindsight possible*.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, cast

import numpy as np
import polars as pl

from tocfin.dataset import Dataset, Plan
from tocfin.dataset.plan import Period
from tocfin.errors import UsageError
from tocfin.forecast.calibrate import Past, calibrated, spread
from tocfin.forecast.orders import NEVER, SERIES, work_of
from tocfin.forecast.pipeline import DAY, MOST_PERIODS, Insufficient, Span, Work, outlook
from tocfin.forecast.scores import Score, Values, Verdict, crps, judged, score
from tocfin.forecast.spans import before
from tocfin.measure import rules_of

#: Days of the period as of whose end forecasts are made.
DAYS = (5, 10, 20)
#: Periods walked before those that are scored, so that calibration has a record to learn from.
RUN_UP = 24


@dataclass(frozen=True)
class Line:
    """One series as of one day: all its verdicts, as forecast and with the band learned from its own record.

    ``learned`` has fewer verdicts than ``raw`` where the record was too thin; both are in order of time.
    """

    series: str
    plant: str | None
    unit: str
    day: int
    raw: tuple[Verdict, ...]
    learned: tuple[Verdict, ...]

    @property
    def verdicts(self) -> tuple[Verdict, ...]:
        """With calibration where there was a record, without elsewhere."""
        known = {one.period: one for one in self.learned}
        return tuple(known.get(one.period, one) for one in self.raw)

    @property
    def score(self) -> Score:
        """Of the calibrated forecasts."""
        return score(self.verdicts)

    @property
    def uncalibrated(self) -> Score:
        """Of the forecasts before calibration."""
        return score(self.raw)


@dataclass(frozen=True)
class Backtest:
    """Lines by series and day, and what could not be forecast: (series, period, day, why)."""

    dataset: str
    policy: str
    calibrated: bool
    hindsight: bool
    replications: int
    seed: int
    lines: tuple[Line, ...]
    insufficient: tuple[tuple[str, str, int, str], ...] = field(default=())


def backtest(
    dataset: Dataset,
    last: Period,
    *,
    periods: int = 24,
    days: Sequence[int] = DAYS,
    series: Sequence[str] = SERIES,
    plant: str | None = None,
    calibrate: bool = True,
    replications: int = 2_000,
    seed: int = 1,
    policy: str | None = None,
    told: Callable[[int, int], None] = lambda done, wanted: None,
) -> Backtest:
    """Walk the ``periods`` that end with ``last`` and score a forecast as of the end of each of ``days``.

    Raises UsageError for an unknown series or plant. What history is too thin for is listed, never guessed.
    """
    plan = cast(Plan, dataset.require().plan)
    rules = rules_of(plan, policy)
    if unknown := [one for one in series if one not in SERIES]:
        raise UsageError(f"'{unknown[0]}' cannot be forecast from history; there are {', '.join(SERIES)}")
    if plant is not None and plant not in dataset.tables["plants"]["plant"]:
        raise UsageError(f"plant '{plant}' is not in plants")
    walked = [last, *before(dataset, last, periods + RUN_UP + MOST_PERIODS - 1)][::-1]
    lines, thin, done = [], [], 0
    for name in series:
        work = work_of(dataset, name, rules, plant)
        goals = _goals(dataset, name, plant)
        unit = plan.currency if name == "throughput" else "h"
        for day in days:
            line, missing = _walked(name, plant, unit, work, walked, periods, day, calibrate, replications, seed, goals)
            lines.append(line)
            thin += missing
            done += 1
            told(done, len(series) * len(days))
    return Backtest(
        dataset.name, rules.name, calibrate, _hindsight(dataset), replications, seed, tuple(lines), tuple(thin)
    )


def _walked(
    name: str,
    plant: str | None,
    unit: str,
    work: Work,
    walked: Sequence[Period],
    wanted: int,
    day: int,
    calibrate: bool,
    replications: int,
    seed: int,
    goals: Mapping[tuple[int, int], float],
) -> tuple[Line, list[tuple[str, str, int, str]]]:
    record: list[Past] = []
    raw, learned, thin = [], [], []
    for at, period in enumerate(walked):
        as_of = period.start + day * DAY
        scored = at >= len(walked) - wanted
        if as_of >= period.end:
            if scored:
                thin.append((name, period.name, day, "the period is over by then"))
            continue
        past = [Span(one.start, one.end) for one in walked[max(0, at - MOST_PERIODS) : at]]
        found = outlook(work, Span(period.start, period.end), past, as_of, replications, seed)
        if isinstance(found, Insufficient):
            if scored:
                thin.append((name, period.name, day, found.reason))
            continue
        truth = came_to(work, period.start, period.end)
        if scored:
            naive = baselines(work, Span(period.start, period.end), past, as_of, truth)
            about = partial(judged, truth=truth, series=name, period=period.name, day=day, baselines=naive)
            least = goals.get((period.start, period.end))
            raw.append(about(found.total, **_chance(found.total, least, truth)))
            better = calibrated(found.total, record) if calibrate else None
            if better is not None:
                learned.append(about(better, **_chance(better, least, truth)))
        record.append(Past(*spread(found.total), truth))
    return Line(name, plant, unit, day, tuple(raw), tuple(learned)), thin


def _goals(dataset: Dataset, name: str, plant: str | None) -> dict[tuple[int, int], float]:
    """By window of a budget target of the series: the least that is no miss."""
    rows = dataset.tables["targets"].filter(
        pl.col("kpi") == name, pl.col("version").fill_null("budget") == "budget",
        pl.col("recognition").fill_null("completion") == "completion",
        pl.col("plant").eq_missing(pl.lit(plant, pl.String)),
        *(pl.col(scope).is_null() for scope in ("department", "product", "resource")),
    )  # fmt: skip
    return {
        (start, end): target - (tolerance or 0.0)
        for start, end, target, tolerance in rows.select("period_start", "period_end", "target", "tolerance").rows()
    }


def _chance(values: Values, least: float | None, truth: float) -> dict[str, Any]:
    """P(miss) of a target beside whether it was missed; nothing where there is none."""
    return {} if least is None else {"p_miss": float((values < least).mean()), "missed": truth < least}


def came_to(work: Work, start: int, end: int) -> float:
    """What a period came to in the end."""
    return float(work.value[(work.end >= start) & (work.end < end)].sum())


def run_rate(actual: float, span: Span, as_of: int) -> float:
    """What is there by now, carried on at the same pace to the close."""
    return actual * (span.end - span.start) / (as_of - span.start)


def baselines(work: Work, span: Span, past: Sequence[Span], as_of: int, truth: float) -> dict[str, float]:
    """CRPS of the naive forecasts: last period, the last twelve as they came, their mean, and the run rate."""
    began = int(work.start.min())
    earlier = [came_to(work, one.start, one.end) for one in sorted(past) if one.start >= began and one.end <= as_of]
    found = {}
    if earlier:
        found["last period"] = abs(earlier[-1] - truth)
        found["mean of 12"] = abs(float(np.mean(earlier[-MOST_PERIODS:])) - truth)
        found["spread of 12"] = crps(cast(Values, np.array(earlier[-MOST_PERIODS:])), truth)
    if as_of > span.start:
        actual = came_to(work, span.start, as_of)
        found["run rate"] = abs(run_rate(actual, span, as_of) - truth)
    return found


def _hindsight(dataset: Dataset) -> bool:
    """True where some actual time does not say when it was recorded."""
    done = dataset.tables["activities"].drop_nulls("actual_end")
    return bool(done["recorded_at"].null_count()) or not done.height


__all__ = ["DAYS", "NEVER", "Backtest", "Line", "backtest", "baselines", "came_to", "run_rate"]
