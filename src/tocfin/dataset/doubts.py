"""Warnings: the numbers stand, but the reader should know."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import polars as pl

from tocfin.dataset import changeovers, worth
from tocfin.dataset.listing import Faults, Row, Tables
from tocfin.dataset.text import instant
from tocfin.dataset.wanted import wanted

if TYPE_CHECKING:
    from tocfin.dataset.plan import Plan

_LONG_HOURS = 24


def find(tables: Tables, plan: Plan | None) -> Iterator[Faults]:
    """Every warning of this page, and those about money where the exchange rates are known."""
    yield from _stock(tables)
    yield from _unplanned(tables)
    yield from _lengths(tables["activities"])
    yield from _drums(tables["resources"])
    yield from _inactive(tables)
    yield from _sales_without_revenue(tables["jobs"])
    yield from _closed_short(tables["jobs"])
    yield from _split(tables)
    yield from changeovers.doubts(tables)
    if plan is not None:
        yield from worth.find(tables, plan)


def _stock(tables: Tables) -> Iterator[Faults]:
    inventories = tables["inventories"]
    stocked = inventories.group_by("item").agg(pl.col("on_hand_qty").sum())
    yield Faults(
        "warning",
        "zero-cost-item",
        "items",
        "cost",
        tables["items"].filter(pl.col("cost") == 0).join(stocked.filter(pl.col("on_hand_qty") != 0), on="item"),
        lambda row: (
            f"0 with {row['on_hand_qty']:g} of {row['item']!r} in stock: this stock adds nothing to inventory_cost;"
            " enter what a unit costs unless it is free"
        ),
    )
    yield Faults(
        "warning",
        "negative-stock",
        "inventories",
        "on_hand_qty",
        inventories.filter(pl.col("on_hand_qty") < 0),
        lambda row: (
            f"{row['on_hand_qty']:g} of {row['item']!r} in {row['warehouse']!r} is counted as it is and lowers"
            " inventory_cost: book the missing receipt or correct the count"
        ),
    )


def _unplanned(tables: Tables) -> Iterator[Faults]:
    live = tables["jobs"].filter(~pl.col("cancelled").fill_null(False))
    orders = tables["manufacturing_orders"]
    if live.height < tables["jobs"].height:
        orders = orders.join(live, on="job", how="semi", maintain_order="left")
    operations = tables["operations"].select("row", "operation", "manufacturing_order")
    unplanned = operations.drop_nulls("operation").join(tables["activities"], on="operation", how="anti")
    yield Faults(
        "warning",
        "operation-without-activity",
        "operations",
        "operation",
        unplanned.join(orders, on="manufacturing_order", how="semi", maintain_order="left"),
        lambda row: (
            f"{row['operation']!r} has no activity, so its job is not scheduled and earns no throughput:"
            " plan it, or cancel the job"
        ),
    )
    routed = orders.join(operations, on="manufacturing_order", how="semi")
    yield Faults(
        "warning",
        "job-without-operations",
        "jobs",
        "job",
        live.drop_nulls("job").join(routed, on="job", how="anti", maintain_order="left"),
        lambda row: (
            f"{row['job']!r} has no operation, so it is not scheduled and earns no throughput:"
            " add its orders and operations, or cancel it"
        ),
    )


def _lengths(activities: pl.DataFrame) -> Iterator[Faults]:
    length = pl.col("end") - pl.col("start")
    yield Faults(
        "warning",
        "zero-length-activity",
        "activities",
        "end",
        activities.filter(length == 0),
        lambda row: (
            f"{row['activity']!r} starts and ends at {instant(row['start'])} and uses no hours: check its times"
        ),
    )
    yield Faults(
        "warning",
        "long-activity",
        "activities",
        "end",
        activities.filter(length > _LONG_HOURS * 3600),
        lambda row: (
            f"{row['activity']!r} lasts {(row['end'] - row['start']) / 3600:,.1f} h, more than {_LONG_HOURS} h: check"
            " its times, or give work_hours where the resource works on it for less"
        ),
    )


def _drums(resources: pl.DataFrame) -> Iterator[Faults]:
    none = resources.filter(pl.col("drum") & pl.col("active").fill_null(True)).is_empty()
    yield Faults(
        "warning",
        "no-drum",
        "resources",
        "drum",
        pl.DataFrame({"row": [None] if none else []}, schema={"row": pl.Int64}),
        lambda row: (
            "no active resource is flagged as a drum: throughput_per_drum_hour and drum_utilization are undefined;"
            " set drum to true for the constraint"
        ),
    )


def _inactive(tables: Tables) -> Iterator[Faults]:
    idle = tables["resources"].filter(~pl.col("active"))

    def say(row: Row) -> str:
        return (
            f"{row['resource']!r} is not active but has {row['activities']:,} activities; they time their jobs, yet it"
            " has no capacity and no cost: set active to true or move the work"
        )

    busy = tables["activities"].join(idle, on="resource", how="semi").group_by("resource").len("activities")
    yield Faults("warning", "inactive-resource", "resources", "active", idle.join(busy, on="resource"), say)


def _sales_without_revenue(jobs: pl.DataFrame) -> Iterator[Faults]:
    sold = (pl.col("purpose").fill_null("Sale") == "Sale") & ~pl.col("cancelled").fill_null(False)
    yield Faults(
        "warning",
        "sale-without-revenue",
        "jobs",
        "revenue",
        jobs.filter(sold, pl.col("revenue") == 0),
        lambda row: (
            f"0, although job {row['job']!r} is a sale: enter its revenue, or say with purpose (Stock, Rework,"
            " Transfer) that it is not sold"
        ),
    )


def _closed_short(jobs: pl.DataFrame) -> Iterator[Faults]:
    unsaid = pl.col("delivered_qty").is_null() | ~(pl.col("quantity") > 0).fill_null(False)
    yield Faults(
        "warning",
        "closed-short-without-quantity",
        "jobs",
        "delivered_qty",
        jobs.filter(pl.col("closed_short").fill_null(False), unsaid),
        lambda row: (
            f"job {row['job']!r} is closed short, but how much it delivered, or of what quantity, is not said: its"
            " throughput is not supplied; enter delivered_qty and quantity"
        ),
    )


def _split(tables: Tables) -> Iterator[Faults]:
    """Split operations whose activities do not add up to their quantity; those without quantities are let be."""
    own = tables["activities"].select("operation", "activity", "quantity").unique(["operation", "activity"])
    parts = own.group_by("operation").agg(pl.col("quantity").sum(), known=pl.col("quantity").is_not_null().all())
    made = wanted(tables).join(
        parts.filter("known"), on="operation", how="inner", suffix="_parts", maintain_order="left"
    )
    off = (pl.col("wanted") - pl.col("quantity_parts")).abs() > 1e-9 * pl.col("wanted").abs()
    yield Faults(
        "warning",
        "split-quantity",
        "operations",
        "quantity",
        made.filter(off),
        lambda row: (
            f"{row['wanted']:g} of {row['operation']!r}, but the quantities of its activities add up to"
            f" {row['quantity_parts']:g}: correct activities.quantity, or the quantity of the operation"
        ),
    )
