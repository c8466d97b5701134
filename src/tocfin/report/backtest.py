"""How good forecasts would have been: per series and day the scores, beside the naive ones."""

from __future__ import annotations

import math
from typing import Any

from tocfin.forecast.backtest import Backtest, Line
from tocfin.forecast.scores import Score, Verdict, calibration
from tocfin.glossary import CHANCE_MISS
from tocfin.report.amounts import shown
from tocfin.report.forms import Page
from tocfin.report.grid import Grid

NAMES = (
    "series", "plant", "day", "period", "calibrated", "truth", "mean", "P10", "P50", "P90", "inside", "crps", "p_miss",
    "missed",
)  # fmt: skip


def page(found: Backtest) -> Page:
    """Scores by series and day; the single forecasts in CSV and JSON."""
    return Page(
        lambda: _document(found),
        lambda: [record for line in found.lines for record in _records(line)],
        NAMES,
        lambda: [_scores(found), *_chances(found)],
    )


def _document(found: Backtest) -> dict[str, Any]:
    return {
        "schema": 1,
        "dataset": found.dataset,
        "policy": found.policy,
        "calibrated": found.calibrated,
        "hindsight_possible": found.hindsight,
        "replications": found.replications,
        "seed": found.seed,
        "lines": [
            {
                "series": line.series, "plant": line.plant, "unit": line.unit, "day": line.day,
                "score": _score(line.score), "uncalibrated": _score(line.uncalibrated),
                "calibration": [_fifth(one) for one in calibration(line.verdicts)], "forecasts": _records(line),
            }
            for line in found.lines
        ],
        "insufficient": [
            {"series": series, "period": period, "day": day, "reason": why}
            for series, period, day, why in found.insufficient
        ],
    }  # fmt: skip


def _score(one: Score) -> dict[str, Any]:
    return {
        "n": one.n, "crps": _number(one.crps), "bias": _number(one.bias), "inside": one.coverage.count,
        "coverage": _number(one.coverage.value), "coverage_low": _number(one.coverage.low),
        "coverage_high": _number(one.coverage.high), "baselines": one.baselines, "below_every_baseline": one.beaten,
        "band_holds": one.honest,
    }  # fmt: skip


def _fifth(one: Any) -> dict[str, Any]:
    return {
        "from": one.low, "to": one.high, "n": one.missed.n, "said": _number(one.said),
        "missed": _number(one.missed.value), "missed_low": _number(one.missed.low),
        "missed_high": _number(one.missed.high),
    }  # fmt: skip


def _records(line: Line) -> list[dict[str, Any]]:
    learned = {one.period for one in line.learned}
    return [_record(line, one, one.period in learned) for one in line.verdicts]


def _record(line: Line, one: Verdict, calibrated: bool) -> dict[str, Any]:
    return {
        "series": line.series, "plant": line.plant, "day": line.day, "period": one.period, "calibrated": calibrated,
        "truth": one.truth, "mean": one.mean, "P10": one.low, "P50": one.middle, "P90": one.high, "inside": one.inside,
        "crps": one.crps, "p_miss": one.p_miss, "missed": one.missed,
    }  # fmt: skip


def _scores(found: Backtest) -> Grid:
    names = list(dict.fromkeys(name for line in found.lines for name in line.score.baselines))
    headings = ("series", "as of day", "periods", "CRPS", *names, "bias", "in band", "95 % interval", "verdict")
    rows = tuple(_row(line, names) for line in found.lines)
    notes = [
        "CRPS and bias are in the unit of the series; naive forecasts beside it, smaller is better",
        "in band: periods that ended between P10 and P90, which should be 80 %; the band holds where the 95 % interval "
        "contains that; best: below every naive forecast",
    ]
    if found.hindsight:
        notes.append("hindsight possible: the source does not say when its times were recorded")
    notes.append(
        "the band is learned from the forecast's own record where there is one (nine periods or more)"
        if found.calibrated
        else "without calibration"
    )
    notes += [f"insufficient data: {one}" for one in _thin(found)]
    return Grid(f"Backtest of {found.dataset}", headings, rows, frozenset(range(1, 7 + len(names))), tuple(notes))


def _thin(found: Backtest) -> list[str]:
    counts: dict[tuple[str, int, str], list[str]] = {}
    for series, period, day, why in found.insufficient:
        counts.setdefault((series, day, why), []).append(period)
    return [
        f"{series} as of day {day}, {len(periods)} periods from {periods[0]} on: {why}"
        for (series, day, why), periods in counts.items()
    ]


def _row(line: Line, names: list[str]) -> tuple[str, ...]:
    one = line.score
    series = f"{line.series} [{line.unit}]"
    if not one.n:
        return (series, str(line.day), "0", *[""] * (len(names) + 3), "insufficient data")
    naive = [shown(one.baselines.get(name), line.unit) for name in names]
    words = ["best" if one.beaten else "not best", "band holds" if one.honest else "band off"]
    return (
        series, str(line.day), str(one.n), shown(one.crps, line.unit), *naive, shown(one.bias, line.unit),
        f"{one.coverage.count} of {one.n}", f"{100 * one.coverage.low:.0f} to {100 * one.coverage.high:.0f} %",
        ", ".join(words),
    )  # fmt: skip


def _chances(found: Backtest) -> list[Grid]:
    verdicts = [one for line in found.lines for one in line.verdicts if one.p_miss is not None]
    if not verdicts:
        return []
    rows = tuple(
        (
            f"{100 * one.low:.0f} to {100 * one.high:.0f} %", str(one.missed.n), f"{100 * one.said:.1f} %",
            str(one.missed), f"{100 * one.missed.low:.1f} to {100 * one.missed.high:.1f} %",
        )
        for one in calibration(verdicts)
        if one.missed.n
    )  # fmt: skip
    headings = (f"{CHANCE_MISS}, as said", "forecasts", "said on average", "missed", "95 % interval")
    return [Grid(f"Calibration of the {CHANCE_MISS}", headings, rows, frozenset(range(1, 4)))]


def _number(value: float) -> float | None:
    return value if math.isfinite(value) else None
