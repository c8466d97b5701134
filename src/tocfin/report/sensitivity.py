"""Where the spread of a KPI comes from, for a reader: a tornado in bars of text, correlations, critical work."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from tocfin.kpi import KPIS
from tocfin.report.amounts import shown
from tocfin.report.forms import Page
from tocfin.report.grid import Grid
from tocfin.scenarios.estimates import Estimate
from tocfin.scenarios.sensitivity import Critical, Sensitivity, Source
from tocfin.scenarios.swings import Swing

NAMES = (
    "about", "kind", "name", "owner", "activity", "job", "statistic", "value", "low", "high", "n", "missing", "floor",
)  # fmt: skip
BAR = 24  # characters of the longest bar
MOST = 20  # lines of each table for a reader; the other forms have all
_EIGHTHS = " ▏▎▍▌▋▊▉█"


def page(found: Sensitivity, title: str) -> Page:
    """The swings, the rank correlations and the criticality of one KPI of one scenario."""
    return Page(lambda: _document(found), lambda: _records(found), NAMES, lambda: _grids(found, title))


def _document(found: Sensitivity) -> dict[str, Any]:
    named = ("kind", "name", "owner")
    return {
        "scenario": found.scenario,
        "kpi": found.kpi,
        "unit": found.unit,
        "n": found.mean.n,
        "width": _number(found.width),
        "mean": _number(found.mean.value),
        "variance": _number(found.variance),
        "swings": [
            {key: getattr(source, key) for key in named}
            | {name: _estimate(getattr(one, name)) for name in ("width", "mean", "variance")}
            for source, one in found.swings
        ],
        "correlations": [
            {key: getattr(source, key) for key in named} | _estimate(one) | {"floor": one.floor, "noise": one.noise}
            for source, one in found.ties
        ],
        "toward": found.toward,
        "critical": [
            {"resource": one.resource, "activity": one.activity, "job": one.job} | _estimate(one.share)
            for one in found.critical
        ],
    }


def _records(found: Sensitivity) -> list[dict[str, Any]]:
    """One record per figure."""
    records = []
    for source, one in found.swings:
        for name in ("width", "mean", "variance"):
            records.append(_source("swing", source) | {"statistic": name} | _estimate(getattr(one, name)))
    for source, tie in found.ties:
        same = _source("correlation", source) | {"statistic": "rank correlation"}
        records.append(same | _estimate(tie) | {"floor": tie.floor})
    for work in found.critical:
        same = {"about": "criticality", "kind": "resource" if work.activity is None else "activity"}
        same |= {"name": work.resource, "activity": work.activity, "job": work.job, "statistic": "criticality"}
        records.append(same | _estimate(work.share))
    return records


def _source(about: str, source: Source) -> dict[str, Any]:
    return {"about": about, "kind": source.kind, "name": source.name, "owner": source.owner}


def _grids(found: Sensitivity, title: str) -> list[Grid]:
    return [_tornado(found, title), _correlations(found), *_critical(found)]


def _tornado(found: Sensitivity, title: str) -> Grid:
    longest = max((abs(one.width.value) for _, one in found.swings), default=0.0)
    rows = tuple(
        (source.kind, source.name, bar(one.width.value, longest), *_swing(one, found.unit), _remark(source, one))
        for source, one in found.swings[:MOST]
    )
    headings = (
        "kind", "without noise of", "P10 to P90 becomes", f"wider by [{found.unit}]", "± 95 %",
        f"mean moves by [{found.unit}]", "± 95 %", "",
    )  # fmt: skip
    notes = (
        f"as it is: P10 to P90 is {shown(found.width, found.unit)} wide around a mean of "
        f"{shown(found.mean.value, found.unit)} {found.unit}, in {found.mean.n:,} futures made again",
        "quantities and resources without noise do as planned; a factor is held at its middle. ◀ narrower, ▶ wider",
        *_more(found.swings),
    )
    name = f"{title}: what makes {_title(found)} of {found.scenario} spread"
    return Grid(name, headings, rows, frozenset({3, 4, 5, 6}), notes)


def _swing(one: Swing, unit: str) -> tuple[str, ...]:
    return tuple(
        text
        for found in (one.width, one.mean)
        for text in (shown(found.value, unit), "too few" if found.refused else shown(found.half_width, unit))
    )


def _title(found: Sensitivity) -> str:
    return KPIS[found.kpi].title.partition(":")[0]


def _remark(source: Source, one: Swing) -> str:
    """Whose it is, and whether more futures are needed to tell it from nothing."""
    unclear = one.width.refused or one.width.low <= 0 <= one.width.high
    return ", ".join(word for word in (source.owner, "width within its error" * unclear) if word)


def bar(value: float, longest: float) -> str:
    """``◀█████▌`` for a swing that narrows, ``▶██`` for one that widens; nothing for none."""
    eighths = round(8 * BAR * abs(value) / longest) if longest > 0 and math.isfinite(value) else 0
    if not eighths:
        return ""
    return ("◀" if value < 0 else "▶") + "█" * (eighths // 8) + _EIGHTHS[eighths % 8].strip()


def _correlations(found: Sensitivity) -> Grid:
    rows = tuple(
        (source.kind, source.name, f"{one.value:+.2f}", f"{one.low:+.2f} to {one.high:+.2f}", "noise" * one.noise)
        for source, one in found.ties[:MOST]
    )
    floor = max((one.floor for _, one in found.ties), default=math.nan)
    notes = (f"chance alone stays within ± {floor:.2f} in 95 of 100 such correlations",) if found.ties else ()
    title = f"Rank correlation of what was drawn with {_title(found)}"
    headings = ("kind", "noise of", "correlation", "95 % interval", "")
    return Grid(title, headings, rows, frozenset({2}), (*notes, *_more(found.ties)))


def _critical(found: Sensitivity) -> list[Grid]:
    resources = [one for one in found.critical if one.activity is None]
    work = [one for one in found.critical if one.activity is not None]
    toward = "the last completion" if found.toward is None else f"the end of {found.toward}"
    note = f"share of futures in which it is on a longest chain to {toward}, through predecessors and resources"
    return [
        Grid(
            "Critical resources", ("resource", "P(critical)", "95 % interval"),
            tuple((one.resource, *_share(one)) for one in resources[:MOST]), frozenset({1}), (note, *_more(resources)),
        ),
        Grid(
            "Critical activities", ("activity", "job", "resource", "P(critical)", "95 % interval"),
            tuple((one.activity or "", one.job or "", one.resource, *_share(one)) for one in work[:MOST]),
            frozenset({3}), _more(work),
        ),
    ]  # fmt: skip


def _share(one: Critical) -> tuple[str, str]:
    return str(one.share), f"{100 * one.share.low:.1f} to {100 * one.share.high:.1f} %"


def _more(lines: Sequence[Any]) -> tuple[str, ...]:
    return (f"{len(lines) - MOST:,} more: --format csv",) if len(lines) > MOST else ()


def _estimate(one: Estimate) -> dict[str, Any]:
    ends = {"value": _number(one.value), "low": _number(one.low), "high": _number(one.high)}
    return ends | {"n": one.n, "missing": one.missing}


def _number(value: float) -> float | None:
    return value if math.isfinite(value) else None
