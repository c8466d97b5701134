"""Jobs that an alternative changes, for a reader: what becomes of each, and its money."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import groupby
from typing import Any

from tocfin.glossary import CHANCE_INSIDE, CHANCE_ON_TIME
from tocfin.report.amounts import shown, worded
from tocfin.report.forms import Page
from tocfin.report.grid import Grid
from tocfin.scenarios.impact import Impact

SHOWN = 10  # jobs of each scenario where nobody says how many
IMPACT_NAMES = (
    "scenario", "job", "change", "hours", "late_days", "on_time", "inside", "earned", "penalty", "money", "money_low",
    "money_high", "n",
)  # fmt: skip


def beside(page: Page, impacts: Sequence[Impact], most: int | None, base: str, currency: str) -> Page:
    """``page`` with the jobs that change most below it in what readers see, ``most`` of each scenario or SHOWN.

    JSON and CSV hold one table: with ``most`` that of the jobs, else that of ``page``.
    """

    def grids() -> list[Grid]:
        return [*page.grids(), *_grids(impacts, SHOWN if most is None else most, base, currency)]

    if most is None:
        return Page(page.document, page.records, page.names, grids)
    records = [_record(one) for some in _by_scenario(impacts) for one in some[:most]]
    return Page(lambda: records, lambda: records, IMPACT_NAMES, grids)


def _grids(impacts: Sequence[Impact], most: int, base: str, currency: str) -> list[Grid]:
    headings = (
        "job", "change", "ends later [h]", "days late", CHANCE_ON_TIME, CHANCE_INSIDE, f"revenue [{currency}]",
        f"late penalty [{currency}]", f"both [{currency}]", "95 % interval",
    )  # fmt: skip
    grids = []
    for some in _by_scenario(impacts) if most else ():
        notes = [f"expected, minus {base}; revenue of jobs that end inside the horizon; both: revenue less penalty"]
        notes += [f"{len(some) - most:,} more: --jobs {len(some)}"] if len(some) > most else []
        rows = tuple(_row(one, currency) for one in some[:most])
        grids.append(
            Grid(f"Jobs that {some[0].scenario} changes", headings, rows, frozenset(range(2, 9)), tuple(notes))
        )
    return grids


def _by_scenario(impacts: Sequence[Impact]) -> list[list[Impact]]:
    return [list(some) for _, some in groupby(impacts, lambda one: one.scenario)]


def _row(one: Impact, currency: str) -> tuple[str, ...]:
    money = one.money
    return (
        one.job,
        one.change,
        shown(one.hours, "h"),
        shown(one.late_days, "d"),
        *("" if p is None else f"{100 * p:+.1f} %" for p in (one.on_time, one.inside)),
        *(_supplied(value, currency) for value in (one.earned, one.penalty, money.value)),
        "too few" if money.refused else f"{shown(money.low, currency)} to {shown(money.high, currency)}",
    )


def _supplied(value: float, unit: str) -> str:
    return shown(value, unit) if math.isfinite(value) else worded(None, unit, "not_supplied")


def _record(one: Impact) -> dict[str, Any]:
    numbers = {
        "late_days": one.late_days, "earned": one.earned, "penalty": one.penalty, "money": one.money.value,
        "money_low": one.money.low, "money_high": one.money.high,
    }  # fmt: skip
    same = {"scenario": one.scenario, "job": one.job, "change": one.change}
    chances = {"hours": one.hours, "on_time": one.on_time, "inside": one.inside, "n": one.money.n}
    return same | chances | {name: value if math.isfinite(value) else None for name, value in numbers.items()}
