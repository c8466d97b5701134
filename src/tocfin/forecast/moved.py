"""What moved a forecast since another one of the same period: by cause, adding up exactly.

Each cause (what has happened since, orders and plan, prices and costs, capacity, assumptions) stands as in the older
or as in the newer forecast; every combination is forecast anew in the same futures, and a cause's amount is its exact
Shapley value. Causes in which the two do not differ are not played and have no amount.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from math import fsum
from pathlib import Path
from typing import NamedTuple, cast

import numpy as np
import polars as pl

from tocfin.catalogue import BY_NAME
from tocfin.dataset import Dataset, Plan
from tocfin.errors import UsageError
from tocfin.forecast.closing import UNCERTAINTY, forecast
from tocfin.forecast.record import Stored
from tocfin.forecast.shapley import attributed, coalitions
from tocfin.forecast.told import at_completion, scope_of
from tocfin.model.groups import Scope
from tocfin.opening import read

CAUSES = ("what has happened", "orders and plan", "prices and costs", "capacity", "assumptions")
HAPPENED, PLAN, MONEY, CAPACITY, ASSUMPTIONS = range(5)
REST = "seed, replications, versions"

Frames = Mapping[str, pl.DataFrame]
Figure = tuple[str, Scope]

#: Tables of the plan; money and facts in them are taken from whichever side those stand on.
_ORDERS = (
    "jobs", "manufacturing_orders", "operations", "activities", "precedences", "material_requirements", "alternatives",
    "demands", "supplies",
)  # fmt: skip
_FACTS = ("events", "actuals", "adjustments", "inventories")
#: Columns that are facts or money in tables of something else.
_COLUMNS: dict[int, dict[str, tuple[str, ...]]] = {
    HAPPENED: {
        "activities": ("status", "actual_start", "actual_end", "remaining_hours", "recorded_at"),
        "jobs": ("delivered_qty", "closed_short", "shipped_at", "invoiced_at"),
        "operations": ("good_qty", "scrap_qty"),
        "material_requirements": ("issued_qty",),
        "supplies": ("received_qty",),
    },
    MONEY: {
        "jobs": ("revenue", "shipping_cost", "late_penalty_per_day", "material_cost", "subcontract_cost"),
        "operations": ("carrying_cost_per_day",),
        "resources": ("standard_hourly_cost", "overtime_hourly_cost"),
        "material_requirements": ("total_cost",),
        "plants": ("daily_operating_expense", "invested_capital", "currency"),
    },
}
_KEYS = {"activities": ("operation", "activity", "resource"), "material_requirements": ("operation", "item", "~n")}


class Move(NamedTuple):
    """One figure: before, after, and what each cause adds; ``rest`` is what another seed or version does."""

    kpi: str
    scope: Scope
    unit: str
    before: float
    after: float
    causes: tuple[tuple[str, float], ...]
    rest: float

    @property
    def residual(self) -> float:
        """What the parts do not explain: 0 but for rounding."""
        return self.after - self.before - fsum([amount for _, amount in self.causes]) - self.rest


def moved(old: Stored, new: Stored, kpis: Sequence[str], threads: int | None = None) -> list[Move]:
    """Means of ``kpis`` of everything and of each plant, between two stored forecasts of one period.

    Raises UsageError for forecasts of different data sets or periods, or whose inputs are not in the record any more.
    """
    for what in ("dataset", "period", "currency"):
        if old.document[what] != new.document[what]:
            raise UsageError(f"{old.file.name} and {new.file.name} have another {what}; only forecasts of one compare")
    sides = [_side(one) for one in (old, new)]
    played = [cause for cause in range(5) if _differs(sides, cause)]
    masks = coalitions([[at] for at in range(len(played))])
    figures = [key for key in _means(new) if key[0] in kpis and key in _means(old)]
    ends = {0: old, len(masks) - 1: new} if _alike(old, new) else {}

    def value(mask: int) -> list[float]:
        """What the two forecasts said themselves is not made again."""
        if mask in ends:
            return [_means(ends[mask])[key] for key in figures]
        return _evaluated(sides, {cause for at, cause in enumerate(played) if mask >> at & 1}, new, figures, threads)

    values = np.array([value(mask) for mask in masks.tolist()])
    amounts = attributed([[at] for at in range(len(played))], masks, values) if played else np.zeros((0, len(figures)))
    units = {(line["kpi"], scope_of(line)): line["unit"] for line in new.document["lines"]}
    found = []
    for at, key in enumerate(figures):
        before, after = _means(old)[key], _means(new)[key]
        rest = (after - float(values[-1, at])) + (float(values[0, at]) - before)
        causes = tuple((CAUSES[cause], float(amounts[k, at])) for k, cause in enumerate(played))
        found.append(Move(*key, units[key], before, after, causes, rest))
    return found


def _alike(old: Stored, new: Stored) -> bool:
    """Whether both were made by the same versions, with the same seed and as many futures, and are not calibrated."""
    cards = [one.card for one in (old, new)]
    asked = [
        {name: card["asked"].get(name) for name in ("seed", "replications", "policy", "calibrate")} for card in cards
    ]
    same = all(cards[0].get(name) == cards[1].get(name) for name in ("generator", "packages"))
    return same and asked[0] == asked[1] and not asked[0]["calibrate"]


class _Side(NamedTuple):
    dataset: Dataset
    as_of: str
    noise: Path | None


def _side(one: Stored) -> _Side:
    if not (one.inputs / "plan.toml").is_file():
        raise UsageError(f"{one.inputs} is gone: the tables that {one.file.name} was made of")
    noise = one.inputs / UNCERTAINTY
    return _Side(read(one.inputs).require(), one.document["as_of"], noise if noise.is_file() else None)


def _means(one: Stored) -> dict[Figure, float]:
    """Means of the lines over the whole period."""
    window = one.document["period"]["start"], one.document["period"]["end"]
    return {
        (line["kpi"], scope_of(line)): line["mean"]
        for line in one.document["lines"]
        if (line["start"], line["end"]) == window and line["mean"] is not None and at_completion(line)
    }


def _evaluated(
    sides: Sequence[_Side], on: set[int], like: Stored, figures: Sequence[Figure], threads: int | None
) -> list[float]:
    """Means of the figures with the causes that are ``on`` as in the newer forecast."""
    asked = like.card["asked"]
    made = forecast(
        _mixed(sides, on),
        period=like.document["period"]["period"],
        as_of=_instant(sides[HAPPENED in on].as_of),
        uncertainty=sides[ASSUMPTIONS in on].noise,
        replications=asked["replications"],
        seed=asked["seed"],
        policy=asked["policy"],
        threads=threads,
    )
    window = (made.period.start, made.period.end)
    means = {
        (line.kpi, line.scope): line.mean.value
        for line in made.lines
        if line.window == window and line.recognition == "completion"
    }
    return [means.get(key, float("nan")) for key in figures]


def _mixed(sides: Sequence[_Side], on: set[int]) -> Dataset:
    """Tables with each cause as in the older (0) or newer (1) data set."""
    tables = [dict(side.dataset.tables) for side in sides]
    picks = {cause: tables[cause in on] for cause in range(5)}
    found = dict(picks[CAPACITY])
    found |= {name: picks[PLAN][name] for name in _ORDERS} | {name: picks[HAPPENED][name] for name in _FACTS}
    found["items"] = _with_missing(picks[MONEY]["items"], picks[PLAN]["items"], "item")
    found |= {"targets": tables[1]["targets"], "exchange_rates": picks[MONEY]["exchange_rates"]}
    for name, key in (("resources", "resource"), ("plants", "plant")):
        found[name] = _with_missing(picks[CAPACITY][name], picks[PLAN][name], key)
    for cause, by_table in _COLUMNS.items():
        for name, columns in by_table.items():
            found[name] = _overlaid(name, found[name], picks[cause][name], columns)
    plan = cast(Plan, sides[PLAN in on].dataset.plan)
    money = cast(Plan, sides[MONEY in on].dataset.plan)
    return replace(sides[1].dataset, tables=found, plan=replace(plan, exchange_rates=money.exchange_rates), findings=())


def _with_missing(frame: pl.DataFrame, other: pl.DataFrame, key: str) -> pl.DataFrame:
    return pl.concat([frame, other.join(frame.select(key), on=key, how="anti")])


def _overlaid(name: str, frame: pl.DataFrame, source: pl.DataFrame, columns: Sequence[str]) -> pl.DataFrame:
    """``frame`` with ``columns`` as ``source`` has them for the same rows; rows that it lacks keep their own."""
    keys = list(_KEYS.get(name, BY_NAME[name].key))
    ours, theirs = (_numbered(one, keys) for one in (frame, source))
    given = theirs.select(*keys, *(pl.col(column).alias(f"~{column}") for column in columns), there=pl.lit(True))
    joined = ours.join(given, on=keys, how="left", maintain_order="left", nulls_equal=True)
    there = pl.col("there").fill_null(False)
    return joined.with_columns(
        pl.when(there).then(f"~{column}").otherwise(column).alias(column) for column in columns
    ).select(frame.columns)


def _numbered(frame: pl.DataFrame, keys: Sequence[str]) -> pl.DataFrame:
    """Rows that are alike in their other keys are told apart by counting them."""
    if "~n" not in keys:
        return frame
    others = [key for key in keys if key != "~n"]
    return frame.with_columns(pl.int_range(pl.len()).over(others).alias("~n"))


def _differs(sides: Sequence[_Side], cause: int) -> bool:
    """Whether the two forecasts differ in a cause."""
    if cause == HAPPENED and sides[0].as_of != sides[1].as_of:
        return True
    if cause == ASSUMPTIONS:
        texts = [None if side.noise is None else side.noise.read_bytes() for side in sides]
        return texts[0] != texts[1]
    one, two = (_mixed(sides, on) for on in (set(), {cause}))
    if one.plan != two.plan:
        return True
    return any(not frame.drop("row").equals(two.tables[name].drop("row")) for name, frame in one.tables.items())


def _instant(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp())
