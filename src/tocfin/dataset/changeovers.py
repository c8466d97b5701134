"""Findings about setups: whose they are, pairs of families that no row gives, and plans that leave no time for them."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from tocfin.dataset.listing import Faults, Tables
from tocfin.dataset.overlaps import of_live_jobs

HOUR = 3_600
_PAIR = ["from_family", "to_family"]
#: Pairs of families that are named in one message.
_MOST = 3


def errors(tables: Tables) -> Iterator[Faults]:
    """Rows that are nobody's, or everybody's, or say the same thing twice."""
    if tables["setups"].is_empty():
        return
    setups = tables["setups"].drop_nulls(_PAIR)  # an empty one is told already
    both = pl.col("resource").is_not_null() == pl.col("department").is_not_null()
    yield Faults(
        "error",
        "setup-scope",
        "setups",
        "resource",
        setups.filter(both),
        lambda row: "a setup belongs to a resource or to a department: fill one of the two columns and leave one empty",
    )
    departments = tables["resources"]["department"].drop_nulls().unique()
    unknown = pl.col("department").is_not_null() & ~pl.col("department").is_in(departments.implode())
    yield Faults(
        "error",
        "unknown-department",
        "setups",
        "department",
        setups.filter(unknown),
        lambda row: f"{row['department']!r} is the department of no resource: correct it or enter it in resources",
    )
    key = ["resource", "department", *_PAIR]
    again = setups.filter(~pl.struct(key).is_first_distinct()).join(
        setups.unique(key, keep="first").select(*key, first="row"), on=key, how="left", nulls_equal=True
    )
    yield Faults(
        "error",
        "duplicate-key",
        "setups",
        "to_family",
        again,
        lambda row: f"the setup from {row['from_family']!r} to {row['to_family']!r} is in row {row['first']} already",
    )


def doubts(tables: Tables) -> Iterator[Faults]:
    """Pairs of families that meet on a resource and have no row; plans without room; machines without a name."""
    if tables["setups"].is_empty():
        return
    matrix = _matrix(tables)
    machines = tables["resources"].select("row", "resource", pl.col("units").fill_null(1), "finite")
    many = machines.join(matrix, on="resource", how="semi").filter(
        (pl.col("units") > 1) | ~pl.col("finite").fill_null(True)
    )
    yield Faults(
        "warning",
        "setups-not-kept",
        "resources",
        "units",
        many,
        lambda row: (
            f"setups of {row['resource']!r} are not kept: they belong to one machine, and this is several or none in"
            " particular; give each machine a row, with the others as alternatives"
        ),
    )
    work = _work(tables).join(matrix.select("resource").unique(), on="resource", how="semi", maintain_order="left")
    work = work.join(many, on="resource", how="anti", maintain_order="left").sort("resource", "start", "end", "row")
    yield _without_family(work)
    pairs = work.with_columns(
        ahead=pl.col("family").shift().over("resource"),
        until=pl.col("end").cum_max().shift().over("resource"),
        together=(pl.col("batch") == pl.col("batch").shift().over("resource")).fill_null(False),
    ).filter(pl.col("ahead") != pl.col("family"), ~pl.col("together"))
    known = matrix.rename({"from_family": "ahead", "to_family": "family"})
    pairs = pairs.join(known, on=["resource", "ahead", "family"], how="left", maintain_order="left")
    yield _holes(tables, pairs.filter(pl.col("hours").is_null()))
    short = pairs.with_columns(short=pl.col("hours") - (pl.col("start") - pl.col("until")) / HOUR)
    yield _no_room(tables, short.filter(pl.col("short") > 1 / HOUR))


def _matrix(tables: Tables) -> pl.DataFrame:
    """Hours by resource and pair: a resource's own rows, else those of its department."""
    setups = tables["setups"].select("resource", "department", *_PAIR, "hours")
    own = setups.filter(pl.col("resource").is_not_null()).drop("department")
    resources = tables["resources"].select("resource", "department").join(own, on="resource", how="anti")
    shared = resources.join(setups.drop("resource"), on="department").drop("department")
    return pl.concat([own, shared.select(own.columns)]).unique(["resource", *_PAIR], keep="first", maintain_order=True)


def _work(tables: Tables) -> pl.DataFrame:
    """Activities of jobs that are not cancelled, with the family that they make."""
    jobs = tables["jobs"].select("job", job_product="product")
    orders = (
        tables["manufacturing_orders"]
        .join(jobs, on="job")
        .select("manufacturing_order", pl.coalesce("product", "job_product").alias("item"))
    )
    made = orders.join(tables["items"].select("item", "family"), on="item", how="left")
    operations = tables["operations"].select("operation", "manufacturing_order").join(made, on="manufacturing_order")
    live = of_live_jobs(tables, tables["activities"]).drop_nulls(["start", "end"])
    return live.join(operations.select("operation", "family"), on="operation", how="left", maintain_order="left")


def _without_family(work: pl.DataFrame) -> Faults:
    none = work.filter(pl.col("family").is_null())
    counted = none.group_by("resource", maintain_order=True).agg(pl.col("row").min(), n=pl.len())
    return Faults(
        "warning",
        "no-family",
        "activities",
        "operation",
        counted,
        lambda row: (
            f"{row['n']:,} activities on {row['resource']!r}, which has setups, make products without a family: they"
            " count as needing none; enter items.family"
        ),
    )


def _holes(tables: Tables, pairs: pl.DataFrame) -> Faults:
    some = pairs.group_by("resource", maintain_order=True).agg(
        pl.concat_str("ahead", pl.lit(" to "), "family").unique(maintain_order=True).alias("pairs"), n=pl.len()
    )
    rows = tables["resources"].select("row", "resource").join(some, on="resource", maintain_order="left")
    return Faults(
        "warning",
        "setup-hole",
        "resources",
        "resource",
        rows,
        lambda row: (
            f"the plan changes {row['n']:,} times on {row['resource']!r} between families for which setups gives no"
            f" hours ({', '.join(row['pairs'][:_MOST])}): nothing is counted there; enter them, 0 where nothing is done"
        ),
    )


def _no_room(tables: Tables, short: pl.DataFrame) -> Faults:
    some = short.group_by("resource", maintain_order=True).agg(n=pl.len(), missing=pl.col("short").sum())
    rows = tables["resources"].select("row", "resource").join(some, on="resource", maintain_order="left")
    return Faults(
        "warning",
        "no-time-for-setups",
        "resources",
        "resource",
        rows,
        lambda row: (
            f"the plan leaves too little time for {row['n']:,} setups on {row['resource']!r}, {row['missing']:,.2f} h"
            " in all: these are not enforced when it is re-timed; move the work, or reschedule"
        ),
    )
