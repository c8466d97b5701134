"""Two data sets as one: tables in which every driver can stand as in A or as in B, column by column, row by row."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import cached_property
from typing import cast

import polars as pl

from tocfin.catalogue import BY_NAME
from tocfin.dataset import Dataset, Plan
from tocfin.forecast.drivers import HOURS, owner

IN_A, IN_B = "~a", "~b"
OTHER = "~b."  # prefix of a column as B has it
#: What tells the rows of a table apart where the catalogue names no key; "~n" counts rows that are alike.
KEYS: dict[str, tuple[str, ...]] = {
    "material_requirements": ("operation", "item", "requirement_type", "~n"),
    "capacity_intervals": ("resource", "start", "end", "interval_type", "~n"),
    "calendars": ("calendar", "days", "start_time", "end_time", "interval_type", "valid_from", "valid_to", "~n"),
    "activities": ("operation", "activity", "resource"),
}
TABLES = (
    "plants", "resources", "capacity_intervals", "calendars", "items", "warehouses", "inventories", "jobs",
    "manufacturing_orders", "operations", "precedences", "activities", "material_requirements",
)  # fmt: skip
#: Table -> the column through which a row belongs to a job, and where that leads.
_CHAIN = (
    ("manufacturing_orders", "job", "jobs"),
    ("operations", "manufacturing_order", "manufacturing_orders"),
    ("precedences", "successor", "operations"),
    ("activities", "operation", "operations"),
    ("material_requirements", "operation", "operations"),
)
#: Columns that change no figure: they are for selection, for reading, or read by other commands.
IDLE: dict[str, frozenset[str]] = {
    "plants": frozenset({"name", "annual_percentage_rate", "entity"}),
    "resources": frozenset({"name", "department", "mean_time_between_failures", "mean_time_to_repair"}),
    "items": frozenset({"name", "price", "uom", "family"}),
    "warehouses": frozenset({"annual_percentage_rate"}),
    "jobs": frozenset({
        "customer", "commitment", "priority", "purpose", "parent_job",
        "late_penalty_cap", "late_penalty_grace_days", "late_penalty_is_cash", "shipped_at", "invoiced_at",
    }),
    "operations": frozenset({"setup_hours", "run_hours"}),
}  # fmt: skip

#: What a row of these tables is on the side that does not have it; it stays, because rows of others may name it.
ABSENT: dict[tuple[str, str], float | bool] = {
    ("inventories", "on_hand_qty"): 0.0,
    ("plants", "daily_operating_expense"): 0.0,
    ("plants", "invested_capital"): 0.0,
    ("resources", "active"): False,
}

On = frozenset[str]


class Pair:
    """Two data sets without errors, over the same horizon; ``tables`` mixes them."""

    def __init__(self, a: Dataset, b: Dataset) -> None:
        self.a, self.b = a.require(), b.require()
        self.plan = cast(Plan, a.plan)
        self.aligned = {name: _aligned(name, a.tables[name], b.tables[name]) for name in TABLES}
        for (table, column), value in ABSENT.items():
            self.aligned[table] = _absent(self.aligned[table], column, value)
        self.aligned["jobs"] = _one_sided(_owned(self.aligned["jobs"]), "jobs")
        for table, column, parent in _CHAIN:
            above = self.aligned[parent].select(pl.col(BY_NAME[parent].key[0]).alias(column), "~common", "~only")
            joined = self.aligned[table].join(above, on=column, how="left", maintain_order="left")
            self.aligned[table] = _one_sided(joined.with_columns(pl.col("~common").fill_null(False)), table)

    def mixed(self, on: Iterable[str]) -> Dataset:
        """The data set in which the drivers ``on`` stand as in B, and all others as in A; nothing is scaled."""
        chosen = frozenset(on)
        other = self.b if "currency" in chosen else self.a
        rates = cast(Plan, other.plan).exchange_rates
        tables = dict(self.a.tables) | {"exchange_rates": other.tables["exchange_rates"]}
        tables |= {name: self.table(name, chosen) for name in TABLES}
        for table, column, parent in _CHAIN:
            key = BY_NAME[parent].key[0]
            tables[table] = tables[table].join(
                tables[parent].select(pl.col(key).alias(column)), on=column, how="semi", maintain_order="left"
            )
        return Dataset(self.a.name, self.a.path, replace(self.plan, exchange_rates=rates), tables, ())

    def table(self, name: str, on: On, *, both: bool = False) -> pl.DataFrame:
        """One table with every column on the side where its driver stands; with ``both``, also as a.* and b.*."""
        frame = self.aligned[name].filter(_present(name, on))
        columns = [
            pl.col(f"{OTHER}{column}").alias(column)
            if f"{OTHER}{column}" in frame.columns and owner(name, column) in on
            else pl.col(column)
            for column in BY_NAME[name].names
        ]
        sides = [
            pl.col(f"{prefix}{c}").alias(f"{side}.{c}")
            for side, prefix in (("a", ""), ("b", OTHER))
            for c in _columns(name)
            if both
        ]
        return frame.select("row", *columns, *sides, *([IN_A, IN_B] if both else []))

    @cached_property
    def done(self) -> pl.DataFrame:
        """Rows of the plan that are over at the clock on both sides: nothing moves them."""
        over = pl.col("actual_end") <= self.plan.clock
        return self.aligned["activities"].filter(over & (pl.col(f"{OTHER}actual_end") <= self.plan.clock))

    @cached_property
    def differing(self) -> frozenset[str]:
        """Owners of everything that is not the same on both sides; what a plan's times say is left to the game."""
        found = {owner(n, c) for n in TABLES for c in _columns(n) if self._differs(n, c)}
        for name in ("capacity_intervals", "calendars"):
            alone = self.aligned[name].filter(pl.col(IN_A) != pl.col(IN_B))
            found |= {HOURS[kind] for kind in alone["interval_type"].unique()}
        if self._alone("jobs", common=False):
            found.add("orders")
        for name, driver in (("resources", "calendar"), ("inventories", "stock"), ("plants", "assumptions")):
            if self._alone(name, common=False):
                found.add(driver)
        if self._alone("material_requirements"):
            found.add("material usage")
        if any(self._alone(name) for name in ("manufacturing_orders", "operations", "precedences", "activities")):
            found.add("sequence")
        if self._other_rates():
            found.add("currency")
        return frozenset(found)

    def _other_rates(self) -> bool:
        """Whether a currency that is used has other rates, or from other dates."""
        columns = [side.tables[name]["currency"] for side in (self.a, self.b) for name in ("plants", "jobs")]
        used = pl.concat(columns).drop_nulls().unique()
        stated = [[cast(Plan, side.plan).exchange_rates.get(code) for code in used] for side in (self.a, self.b)]
        known = [
            side.tables["exchange_rates"].filter(pl.col("currency").is_in(used.implode())).drop("row").sort(pl.all())
            for side in (self.a, self.b)
        ]
        return stated[0] != stated[1] or not known[0].equals(known[1])

    def rerouted(self, name: str) -> bool:
        """Whether rows of a table, or what *sequence* owns of it, differ where both sides have the job."""
        frame = self.aligned[name]
        theirs = [c for c in _columns(name) if owner(name, c) == "sequence"]
        moved = pl.any_horizontal(*(pl.col(c).ne_missing(pl.col(f"{OTHER}{c}")) for c in theirs), pl.lit(False))
        return self._alone(name) or bool(frame.filter("~common").select(moved.any()).item())

    def moved(self) -> bool:
        """Whether rows of the plan are on one side only, or in other batches, where both sides have the job."""
        frame = self.aligned["activities"].filter("~common")
        pairs = frame.select("batch", f"{OTHER}batch").drop_nulls().unique()
        same = pairs["batch"].n_unique() == pairs[f"{OTHER}batch"].n_unique() == pairs.height
        loose = pl.col("batch").is_null() != pl.col(f"{OTHER}batch").is_null()
        return self._alone("activities") or not same or bool(frame.select(loose.any()).item())

    def _alone(self, name: str, *, common: bool = True) -> bool:
        """Whether a row is on one side only (of jobs that both sides have)."""
        frame = self.aligned[name]
        alone = pl.col(IN_A) != pl.col(IN_B)
        return bool(frame.select((alone & pl.col("~common") if common else alone).any()).item())

    def _differs(self, name: str, column: str) -> bool:
        frame, other = self.aligned[name], f"{OTHER}{column}"
        if other not in frame.columns or column in IDLE.get(name, ()):
            return False
        return not frame[column].equals(frame[other], null_equal=True)


def _columns(name: str) -> tuple[str, ...]:
    return tuple(column for column in BY_NAME[name].names if column not in key_of(name))


def key_of(name: str) -> tuple[str, ...]:
    """Columns that tell the rows of a table apart."""
    return KEYS.get(name, BY_NAME[name].key)


def _aligned(name: str, a: pl.DataFrame, b: pl.DataFrame) -> pl.DataFrame:
    """Rows of both sides by key; a row that is on one side only has the same values on both."""
    key, columns = key_of(name), _columns(name)
    if "~n" in key:
        a, b = (frame.with_columns(pl.int_range(pl.len()).over(key[:-1]).alias("~n")) for frame in (a, b))
    b = b.select(*key, pl.lit(True).alias(IN_B), "row", *columns)
    b = b.rename({column: f"{OTHER}{column}" for column in ("row", *columns)})
    a = a.select(*key, pl.lit(True).alias(IN_A), "row", *columns)
    found = a.join(b, on=list(key), how="full", coalesce=True, nulls_equal=True, maintain_order="left_right")
    only_a, only_b = pl.col(IN_B).is_null(), pl.col(IN_A).is_null()
    names = ("row", *columns)
    return found.with_columns(
        *(pl.when(only_b).then(pl.col(f"{OTHER}{c}")).otherwise(pl.col(c)).alias(c) for c in names),
        *(pl.when(only_a).then(pl.col(c)).otherwise(pl.col(f"{OTHER}{c}")).alias(f"{OTHER}{c}") for c in names),
        pl.col(IN_A).fill_null(False),
        pl.col(IN_B).fill_null(False),
    ).drop(f"{OTHER}row")


def _absent(frame: pl.DataFrame, column: str, value: float | bool) -> pl.DataFrame:
    """A row that a side does not have is there with this value."""
    there = f"{OTHER}{column}"
    return frame.with_columns(
        pl.when(IN_A).then(column).otherwise(pl.lit(value)).alias(column),
        pl.when(IN_B).then(there).otherwise(pl.lit(value)).alias(there),
    )


def _owned(jobs: pl.DataFrame) -> pl.DataFrame:
    """Jobs that are live on both sides (``~common``), or on one side ``~only`` while the other has cancelled them."""
    gone_a, gone_b = (pl.col(column).fill_null(False) for column in ("cancelled", f"{OTHER}cancelled"))
    both = pl.col(IN_A) & pl.col(IN_B)
    return jobs.with_columns(
        (both & ~(gone_a ^ gone_b)).alias("~common"),
        pl.when(both & gone_a & ~gone_b)
        .then(pl.lit("b"))
        .when(both & gone_b & ~gone_a)
        .then(pl.lit("a"))
        .alias("~only"),
    )


def _one_sided(frame: pl.DataFrame, name: str) -> pl.DataFrame:
    """What the other side says of a job that it has cancelled counts nowhere, so it says the same."""
    b, a = ((pl.col("~only") == side).fill_null(False) for side in ("b", "a"))
    taken = [c for c in _columns(name) if c != "cancelled"]
    found = frame.with_columns(
        *(pl.when(b).then(pl.col(f"{OTHER}{c}")).otherwise(pl.col(c)).alias(c) for c in taken),
        *(pl.when(a).then(pl.col(c)).otherwise(pl.col(f"{OTHER}{c}")).alias(f"{OTHER}{c}") for c in taken),
    )
    if name == "jobs":
        return found
    return found.with_columns(
        pl.when(b).then(IN_B).otherwise(IN_A).alias(IN_A), pl.when(a).then(IN_A).otherwise(IN_B).alias(IN_B)
    )


def _present(name: str, on: On) -> pl.Expr:
    """Which rows there are: jobs by *orders*, their routing by *sequence*, material by *usage*, hours by type."""
    if name in ("capacity_intervals", "calendars"):
        theirs = pl.col("interval_type").is_in([kind for kind, driver in HOURS.items() if driver in on])
        return pl.when(theirs).then(IN_B).otherwise(IN_A)
    orders = pl.col(IN_B if "orders" in on else IN_A)
    if name == "jobs":
        return orders
    if name not in {table for table, _, _ in _CHAIN}:
        return pl.lit(True)
    driver = "material usage" if name == "material_requirements" else "sequence"
    return pl.when("~common").then(IN_B if driver in on else IN_A).otherwise(orders)
