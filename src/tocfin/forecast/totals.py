"""Actual totals of sources that give no events: what a ledger says of a KPI, beside or instead of the shop floor.

A row of ``actuals`` is the total of its period until ``at``; a later one of the same period takes its place. A window
of several periods is the sum of them, and has no total where one of them has none: missing is not 0.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
import polars as pl

from tocfin.dataset.plan import Period
from tocfin.forecast.lines import Line, carried_on, line, scope_of
from tocfin.kpi import KPIS, unit
from tocfin.model.groups import Scope
from tocfin.scenarios.launch import term_unit
from tocfin.targets import SCOPES

Window = tuple[int, int]


class Posted(NamedTuple):
    """A total, until when it is posted, and periods of the window that are over and have none."""

    value: float
    until: int
    missing: tuple[str, ...]


def posted(
    actuals: pl.DataFrame, periods: Sequence[Period], kpi: str, scope: Scope, window: Window, as_of: int
) -> Posted | None:
    """The total of a figure in ``window`` as known; None where ``actuals`` says nothing of it there."""
    ours = actuals.filter(
        pl.col("kpi") == kpi,
        *(pl.col(name).eq_missing(pl.lit(key, pl.String)) for name, key in zip(SCOPES, scope, strict=True)),
        pl.col("at") >= window[0],
        pl.col("at") < window[1],
    ).sort("at", "row")
    if not ours.height:
        return None
    inside = [one for one in periods if window[0] <= one.start and one.end <= window[1]]
    if not inside:
        inside = [Period("", window[0], window[1], window[1], False)]
    value, missing = 0.0, []
    for one in inside:
        rows = ours.filter((pl.col("at") >= one.start) & (pl.col("at") < one.end))
        if rows.height:
            value += float(rows["value"][-1])
        elif one.end <= as_of:
            missing.append(one.name)
    return Posted(value, int(ours["at"][-1]), tuple(missing))


def lines(
    actuals: pl.DataFrame,
    targets: pl.DataFrame,
    total: Callable[[str, Scope, Window], Posted | None],
    window: Window,
    as_of: int,
    currency: str,
) -> list[Line]:
    """Figures of a period in which no work is planned: what the totals say, beside their targets.

    While the period is open they say what there is, and its run rate; what is still to come nobody knows.
    """
    wanted: dict[tuple[str, Scope, Window], list[dict[str, Any]]] = {}
    for row in targets.iter_rows(named=True):
        wanted.setdefault((row["kpi"], scope_of(row), (row["period_start"], row["period_end"])), []).append(row)
    for name, *keys in actuals.select("kpi", *SCOPES).unique(maintain_order=True).rows():
        wanted.setdefault((name, Scope(*keys), window), [])
    found = []
    for (name, scope, frame), rows in wanted.items():
        said = total(name, scope, frame)
        closed, kpi = as_of >= frame[1], KPIS.get(name)
        reason = None
        if said is None:
            reason = "insufficient data: no actual total"
        elif said.missing:
            reason = f"insufficient data: no actual total of {', '.join(said.missing)}"
        elif not closed:
            reason = "insufficient data: totals do not say what is still to come, and no work is planned"
        there = said is not None and not said.missing
        actual = said.value if said is not None and there else None
        if actual is not None or rows:
            found.append(
                line(
                    name, scope, frame, unit(kpi, currency) if kpi else term_unit(name, currency),
                    np.array([np.nan if reason or actual is None else actual]), rows, closed=closed, plan=None,
                    actual=actual, run_rate=carried_on(actual, kpi, frame, as_of), reason=reason,
                )
            )  # fmt: skip
    return found
