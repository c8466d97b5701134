"""The fold: a journal becomes actual terms by period and plant, adjustments, orphans and the five shop-floor effects.

It is a function of the set of events: their order, their batches and their repetition change no bit, because every sum
is rounded once (`math.fsum`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import fsum
from typing import NamedTuple

import polars as pl

from tocfin.dataset.listing import Tables
from tocfin.dataset.periods import periods
from tocfin.dataset.plan import Period, Plan
from tocfin.events.effects import effects
from tocfin.events.journal import Journal

OUTSIDE = "outside"
_NOTHING_TO_REVERSE = "reverses an event that is not there, or is reversed already"


class Adjustment(NamedTuple):
    """What came late for a closed period, and is booked in an open one instead."""

    event_id: str
    of: str
    period: str
    plant: str | None
    term: str
    amount: float | None
    recorded_at: int


class Orphan(NamedTuple):
    """An event that lands in no term, with its money where it states any, and why."""

    event_id: str
    type: str
    amount: float | None
    reason: str


@dataclass(frozen=True)
class Folded:
    """What a journal amounts to.

    ``terms`` are sums by (period, plant, term), ``whole`` those of all events by term, each rounded once; the period
    ``outside`` takes what is in none, so that parts sum to the whole. ``unvalued`` counts by term the effects whose
    amount nobody knows (a rate or cost that was not supplied).
    """

    events: int
    repeated: int
    reversed: int
    periods: Sequence[Period]
    terms: Mapping[tuple[str, ...], float]
    whole: Mapping[str, float]
    unvalued: Mapping[str, int]
    adjustments: tuple[Adjustment, ...]
    orphans: tuple[Orphan, ...]
    counts: Mapping[str, int]

    def total(self, term: str, period: str | None = None, plant: str | None = None) -> float:
        """The sum of one term, of one period and plant where they are named."""
        if period is None and plant is None:
            return self.whole.get(term, 0.0)
        keyed = self.terms.items()
        return fsum(v for (k, p, t), v in keyed if t == term and period in (None, k) and plant in (None, p))


def fold(journal: Journal, tables: Tables, plan: Plan) -> Folded:
    """Fold the events of ``journal`` over the other ``tables`` of their data set."""
    events, stray = journal.effective()
    found = effects(events, tables, plan)
    periods = periods_of(tables, plan)
    placed = _placed(found, periods)
    reached = set(found["event_id"])
    lost = events.filter(~pl.col("event_id").is_in(list(reached)))
    columns = "event_id", "type", "amount"
    orphans = [Orphan(key, kind, amount, _why(kind)) for key, kind, amount in lost.select(columns).rows()]
    orphans += [Orphan(key, kind, amount, _NOTHING_TO_REVERSE) for key, kind, amount in stray.select(columns).rows()]
    late = placed.filter(pl.col("late"))
    names = ("event_id", "of", "period", "plant", "term", "value", "recorded_at")
    return Folded(
        events=journal.frame.height,
        repeated=journal.repeated,
        reversed=events.filter(pl.col("sign") < 0).height,
        periods=periods,
        terms=_sums(placed, "period", "plant", "term"),
        whole={term: amount for (term,), amount in _sums(placed, "term").items()},
        unvalued=dict(sorted(found.filter(pl.col("value").is_null())["term"].value_counts().rows())),
        adjustments=tuple(Adjustment(*row) for row in late.select(names).sort("event_id", "term").rows()),
        orphans=tuple(sorted(orphans, key=lambda orphan: orphan.event_id)),
        counts=dict(sorted(events["type"].value_counts().rows())),
    )


def periods_of(tables: Tables, plan: Plan) -> tuple[Period, ...]:
    """The accounting periods: the table, else the boundaries of the plan, else its horizon; in order of time."""
    if tables["periods"].height:
        return periods(tables["periods"])
    edges = plan.boundaries if len(plan.boundaries) > 1 else (plan.clock, plan.horizon_end)
    return tuple(Period(str(number), start, end, end, False) for number, (start, end) in enumerate(pairwise(edges), 1))


def _placed(found: pl.DataFrame, periods: Sequence[Period]) -> pl.DataFrame:
    """Effects with the period that they are ``of``, the one they are booked in, and whether that is another."""
    late = pl.lit(False)
    of: pl.Expr = pl.lit(OUTSIDE)
    at: pl.Expr = pl.lit(OUTSIDE)
    for period in periods:
        inside = pl.col("occurred_at").is_between(period.start, period.end, closed="left")
        of = pl.when(inside).then(pl.lit(period.name)).otherwise(of)
        if period.closed:
            missed = inside & (pl.col("recorded_at") > period.cut_off)
            late = late | missed
    open_ones = [period for period in periods if not period.closed]
    for period in reversed(open_ones):  # the open period of the recording, else the first open one after it
        at = pl.when(pl.col("recorded_at") < period.end).then(pl.lit(period.name)).otherwise(at)
    return found.with_columns(of=of, late=late.fill_null(False)).with_columns(
        period=pl.when("late").then(at).otherwise(pl.col("of"))
    )


def _sums(placed: pl.DataFrame, *keys: str) -> dict[tuple[str, ...], float]:
    known = placed.drop_nulls("value").sort(keys).group_by(keys, maintain_order=True).agg("value")
    return {tuple(row[:-1]): fsum(row[-1]) + 0.0 for row in known.rows()}


def _why(kind: str) -> str:
    return {
        "material_issue": "has neither an item that is known with a quantity, nor an amount",
        "labour_booking": "has neither hours of a resource that is known, nor an amount",
        "rework": "has neither hours of a resource that is known, nor an amount",
        "downtime": "has no hours of a resource that is known",
        "completion": "has no quantity of a job or operation that is known",
        "receipt": "has neither an item that is known with a quantity, nor an amount",
        "shipment": "has neither a quantity of a job or item that is known, nor an amount",
        "invoice": "has no amount",
    }[kind]
