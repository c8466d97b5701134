"""The variances of standard costing (kpi.md 3), beside what they do to cash, adding up to the same change.

They are one fixed order of switching: everything else first, then volume and mix, what is used at standard prices for
the output that there was, and prices and rates on what was really used. What standard costing charges for hours of
work is not paid by the hour: it is taken back in a line of its own, and what longer work really does is another.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from tocfin.bridge import nothing
from tocfin.forecast.between import Between
from tocfin.forecast.game import Game
from tocfin.forecast.played import Amounts, Played
from tocfin.kpi import KPIS, evaluate

Terms = NDArray[np.float64]
#: The drivers of each variance, in the order in which they are switched; all others come first.
ORDER: Final[dict[str, tuple[str, ...]]] = {
    "volume": ("volume",),
    "mix": ("mix",),
    "usage": ("material usage", "scrap"),
    "efficiency": ("speed", "labour efficiency"),
    "price": ("price",),
    "material price": ("material price",),
    "rate": ("labour rate",),
}
ABSORBED, DATES, OTHERS, LUCK = (
    "absorbed in OE, no cash effect",
    "longer work: dates and overtime",
    "other causes",
    "luck",
)
LINES = ("price", "material price", "rate", "usage", "efficiency", "volume", "mix", ABSORBED, DATES, OTHERS, LUCK)
#: Of these KPIs, with the sign of an hour of work in standard costing.
SIGNS: Final[dict[str, int]] = {"throughput": 0, "operating_expense": 1, "net_profit": -1}


def variances(played: Played, kpi: str) -> Amounts | str:
    """What each line adds to ``kpi`` (one of SIGNS) in every future, or why the change cannot be told apart."""

    def play(game: Game | Between, first: Terms, last: Terms, threads: int | None) -> dict[str, float] | str:
        return _one(played, kpi, game, first, last, threads)

    each = played.each(play)
    failed = next((one for one in each if isinstance(one, str)), None)
    if failed is not None:
        return failed
    found = {name: np.array([one[name] for one in each if isinstance(one, dict)]) for name in LINES if name != LUCK}
    if played.same_luck or played.across:
        return found
    before, under = (evaluate(KPIS[kpi], played.terms(0, luck), played.rules).value for luck in (0, 1))
    return found | {LUCK: under - before}


def _one(
    played: Played, kpi: str, game: Game | Between, first: Terms, last: Terms, threads: int | None
) -> dict[str, float] | str:
    """The lines of one future."""
    stages = _stages(game.changed)
    terms = np.concatenate([first[None], played.valued(game, stages[1:-1], threads), last[None]])
    values = evaluate(KPIS[kpi], terms, played.rules).value
    if np.isnan(values).any():
        return next(reason for row in terms if (reason := nothing(KPIS[kpi], row, played.rules)))
    found = dict(zip((OTHERS, *ORDER), np.diff(values).tolist(), strict=True))
    at = 1 + list(ORDER).index("efficiency")
    charged = _charged(played, game, stages[at], stages[at + 1]) * SIGNS[kpi]
    if np.isnan(charged):
        return "not supplied: resources.standard_hourly_cost"
    return found | {"efficiency": charged, ABSORBED: -charged, DATES: found["efficiency"]}


def _stages(changed: tuple[str, ...]) -> list[frozenset[str]]:
    """The drivers that stand as in B after each step: none, all but those of ORDER, then these too, one by one."""
    named = {name for names in ORDER.values() for name in names}
    stages = [frozenset[str](), frozenset(changed) - named]
    for names in ORDER.values():
        stages.append(stages[-1] | (set(names) & set(changed)))
    return stages


def _charged(played: Played, game: Game | Between, before: frozenset[str], after: frozenset[str]) -> float:
    """What standard costing charges for the hours that work took beyond the standard of its output: (AH − SH) × SR."""
    if isinstance(game, Between) or before == after:
        return 0.0
    rows = played.rows(game)
    (standard, cost), (actual, _) = (game.hours(on, after, rows) for on in (before, after))
    more = actual - standard
    return float((more * np.where(more == 0, 0.0, cost)).sum())
