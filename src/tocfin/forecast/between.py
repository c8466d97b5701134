"""From one period to another, whose jobs are not the same: how many units of what, what a unit earns and takes, rates.

A term of products is units × what a unit comes to, by product; units are their total (volume) × the shares of products
(mix). Hours, days and stock stand as in one period or the other. What costs, prices of material and exchange rates do
is found by measuring each period once more under those of the other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from typing import NamedTuple, cast

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tocfin.catalogue import BY_NAME
from tocfin.dataset import Dataset, Plan
from tocfin.dataset.currencies import steady
from tocfin.forecast.drivers import NAMES
from tocfin.kernels.slots import TERM_NAMES
from tocfin.measure import sums
from tocfin.model.build import Model, build
from tocfin.model.groups import GROUPS, grouping, selected

Floats = NDArray[np.float64]
On = frozenset[str]
#: Columns by which a period is measured once more as in the other one.
RATES: dict[str, dict[str, tuple[str, ...]]] = {
    "material price": {"items": ("cost", "truly_variable_cost")},
    "labour rate": {"resources": ("standard_hourly_cost", "overtime_hourly_cost")},
    "assumptions": {"plants": ("daily_operating_expense", "invested_capital")},
    "currency": {},
}
#: The driver of what a unit, or of the whole, of a term comes to, by how the term's name begins without ``drum_``,
#: ``late_`` and ``late_days_``.
_OWNER = {
    "revenue": "price", "material_cost": "material usage", "job_material": "stock", "capital": "stock",
    "raw_material": "stock", "wip_carry": "timing", "wip": "stock", "fg_carry": "timing", "finished_goods": "stock",
    "other_stock": "stock", "late_penalty": "late penalty", "penalty": "late penalty", "elapsed_hours": "speed",
    "capacity_hours": "speed", "physical_hours": "speed", "busy_hours": "speed", "backlog": "speed",
    "subcontract": "speed", "online": "calendar", "operating_days": "calendar", "plant_expense": "calendar",
    "available_hours": "calendar", "overtime": "overtime", "potential": "overtime", "past_due": "timing",
    "jobs": "timing", "activities": "timing",
}  # fmt: skip


class Side(NamedTuple):
    """A period measured: terms by product (the last row: of none), and units of each product that were completed."""

    terms: Floats  # (products + 1, terms)
    units: Floats  # (products + 1), 0 for the last


class Between:
    """Two periods as a game between the drivers that differ; ``changed`` are these, in the order of DRIVERS."""

    def __init__(self, a: Dataset, b: Dataset, plants: Sequence[str]) -> None:
        self._data, self._plants = (a.require(), b.require()), plants
        self._own = [build(one) for one in self._data]
        made = [set(GROUPS["product"](model)) for model in self._own]
        self._products = sorted(made[0] | made[1])
        self._rates = tuple(name for name in RATES if self._differs(name))
        self._measured: dict[On, tuple[Side, Side]] = {}
        self._by_unit: dict[On, tuple[tuple[Floats, Floats], tuple[Floats, Floats]]] = {}
        owners = [owner(name) for name in TERM_NAMES]
        self._owners = np.array([NAMES.index(name) for name in owners])
        none, every = frozenset[str](), frozenset(self._rates)
        found = set(self._rates)
        for at in (none, every):
            found |= self._moving(at)
        self.changed = tuple(name for name in NAMES if name in found)

    def terms(self, coalitions: Sequence[On]) -> Floats:
        """Terms (coalitions, terms) with the drivers of each as in the second period."""
        found = [self._mixed(on) for on in coalitions]
        return np.stack(found) if found else np.zeros((0, len(TERM_NAMES)))

    def _mixed(self, on: On) -> Floats:
        a, b = self._sides(on & frozenset(self._rates))
        each, rest = self._units_of(on & frozenset(self._rates))
        total = (b if "volume" in on else a).units.sum()
        units = total * _shares(*((b, a) if "mix" in on else (a, b)))
        chosen = np.isin(self._owners, [NAMES.index(name) for name in on])
        unit = np.where(chosen, each[1], each[0])
        whole = np.where(chosen, b.terms[-1], a.terms[-1])
        odd = (rest[1] if "orders" in on else rest[0]).sum(axis=0)
        found: Floats = (units[:-1, None] * unit).sum(axis=0) + whole + odd
        return found

    def _units_of(self, rates: On) -> tuple[tuple[Floats, Floats], tuple[Floats, Floats]]:
        """What units of each period come to, and what belongs to no unit, both measured under ``rates``."""
        if rates not in self._by_unit:
            a, b = self._sides(rates)
            (own, none), (theirs, nothing) = _by_unit(a, b), _by_unit(b, a)
            self._by_unit[rates] = (own, theirs), (none, nothing)
        return self._by_unit[rates]

    def _moving(self, rates: On) -> set[str]:
        """Drivers beside rates in which the two periods differ, both measured under ``rates``."""
        a, b = self._sides(rates)
        (unit_a, rest_a), (unit_b, rest_b) = _by_unit(a, b), _by_unit(b, a)
        whole = np.concatenate([unit_a - unit_b, (a.terms - b.terms)[-1:]])
        moved = (np.abs(whole) > 1e-12 * np.maximum(np.abs(unit_a).max(initial=0.0), 1.0)).any(axis=0)
        found = {NAMES[at] for at in np.unique(self._owners[moved]).tolist()}
        found |= {"volume"} if a.units.sum() != b.units.sum() else set()
        found |= {"mix"} if (np.abs(_shares(a, b) - _shares(b, a)) > 1e-12).any() else set()
        return found | ({"orders"} if not np.array_equal(rest_a.sum(axis=0), rest_b.sum(axis=0), True) else set())

    def _sides(self, rates: On) -> tuple[Side, Side]:
        """Both periods measured with the ``rates`` of the second, all other rates of the first."""
        if rates not in self._measured:
            a, b = self._data
            here, there = _rated(a, b, rates), _rated(b, a, frozenset(self._rates) - rates)
            self._measured[rates] = (self._measure(here, self._own[0]), self._measure(there, self._own[1]))
        return self._measured[rates]

    def _measure(self, dataset: Dataset | None, own: Model) -> Side:
        model = own if dataset is None else build(dataset)
        shown = selected(model, self._plants)
        horizon = model.horizon._replace(edges=model.horizon.edges[:0])
        by_product = sums(model, grouping(model, "product", shown), horizon)[0]
        terms = np.zeros((len(self._products) + 1, by_product.shape[1]))
        at = [self._products.index(name) for name in GROUPS["product"](model)]
        terms[[*at, -1]] = by_product
        return Side(terms, self._units(model, shown))

    def _units(self, model: Model, shown: NDArray[np.int64]) -> Floats:
        """Units of each product in jobs that end in the period; jobs where one of them states no quantity."""
        horizon = model.horizon._replace(edges=model.horizon.edges[:0])
        ended = sums(model, grouping(model, "job", shown), horizon)[0][:-1, TERM_NAMES.index("jobs_ended")]
        rows = pl.DataFrame({"job": model.keys["job"], "ended": ended}).filter(pl.col("ended") > 0)
        units = rows.join(self._quantities, on="job", how="left").group_by("product").agg(pl.col("~quantity").sum())
        of = dict(units.drop_nulls().rows())
        return np.array([*(of.get(name, 0.0) for name in self._products), 0.0])

    @cached_property
    def _quantities(self) -> pl.DataFrame:
        """What counts as the quantity of each job of either period, with its product."""
        jobs = pl.concat([one.tables["jobs"].select("job", "product", "quantity") for one in self._data])
        stated = (pl.col("quantity") > 0).fill_null(False).all().over("product")
        quantity = pl.when(stated).then("quantity").otherwise(1.0)
        return (
            jobs.unique("job", keep="last")
            .with_columns(quantity.alias("~quantity"))
            .select("job", "product", "~quantity")
        )

    def _differs(self, name: str) -> bool:
        a, b = self._data
        if name == "currency":
            return not _steady(a).equals(_steady(b))
        return any(
            not _other(a.tables[table], b.tables[table], table, columns).equals(a.tables[table], null_equal=True)
            for table, columns in RATES[name].items()
        )


def owner(term: str) -> str:
    """The driver of what a unit, or the whole, of a term comes to."""
    name = term
    for prefix in ("drum_", "late_days_", "late_"):
        name = name if term == "late_penalty" else name.removeprefix(prefix)
    found = next((driver for begin, driver in _OWNER.items() if name.startswith(begin)), "assumptions")
    return "timing" if term.startswith("late_") and term != "late_penalty" and found == "price" else found


def _by_unit(side: Side, other: Side) -> tuple[Floats, Floats]:
    """What a unit of each product comes to, and what belongs to no unit: both (products, terms)."""
    made, there = (one.units[:-1, None] > 0 for one in (side, other))
    own, theirs = (
        np.divide(one.terms[:-1], one.units[:-1, None], out=np.zeros_like(one.terms[:-1]), where=units)
        for one, units in ((side, made), (other, there))
    )
    return np.where(made, own, theirs), np.where(made, 0.0, side.terms[:-1])


def _shares(side: Side, other: Side) -> Floats:
    """Of all units, the share of each product; those of the other period where nothing was completed."""
    units = side.units if side.units.sum() > 0 else other.units
    total = units.sum()
    found: Floats = units / total if total > 0 else units
    return found


def _rated(one: Dataset, other: Dataset, rates: On) -> Dataset | None:
    """A data set under the ``rates`` of another; None where it keeps all of its own."""
    if not rates:
        return None
    tables = dict(one.tables)
    for name in rates - {"currency"}:
        for table, columns in RATES[name].items():
            tables[table] = _other(tables[table], other.tables[table], table, columns)
    if "currency" in rates:
        tables["exchange_rates"] = _steady(other)
    return replace(one, tables=tables)


def _steady(dataset: Dataset) -> pl.DataFrame:
    return steady(dataset.tables, cast(Plan, dataset.plan))


def _other(frame: pl.DataFrame, other: pl.DataFrame, table: str, columns: Sequence[str]) -> pl.DataFrame:
    """Rows with ``columns`` as the other side has them, where it has the row."""
    key = BY_NAME[table].key
    theirs = other.select(*key, *(pl.col(name).alias(f"~{name}") for name in columns), there=pl.lit(True))
    joined = frame.join(theirs, on=list(key), how="left", maintain_order="left")
    there = pl.col("there").fill_null(False)
    return joined.with_columns(pl.when(there).then(f"~{name}").otherwise(name).alias(name) for name in columns).select(
        frame.columns
    )
