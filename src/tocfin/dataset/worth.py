"""Warnings that compare money: items that cost more than their jobs earn, demands that differ from revenue."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from tocfin.dataset.currencies import job_rates, rates
from tocfin.dataset.listing import Faults, Tables
from tocfin.dataset.plan import Plan

#: Demands and revenue agree when they differ by no more than a cent, or this share of the revenue.
_CENT, _SHARE = 0.01, 1e-9


def find(tables: Tables, plan: Plan) -> Iterator[Faults]:
    """Every warning of this page; amounts are compared in the reporting currency."""
    jobs = _valued_jobs(tables, plan)
    yield _losing_items(tables, jobs)
    if tables["demands"].height:
        yield _unmatched_demands(tables, jobs, plan)


def _valued_jobs(tables: Tables, plan: Plan) -> pl.DataFrame:
    """Jobs that count, with what a unit of their money is worth (null where no rate is known)."""
    plants = tables["plants"].drop_nulls("plant").unique("plant", keep="first", maintain_order=True)
    only = plants["plant"][0] if plants.height == 1 else None
    currency = pl.coalesce("currency", "plant_currency", pl.lit(plan.currency))
    worth = job_rates(tables, plan)
    return (
        tables["jobs"]
        .with_columns(worth["rate"], worth["plant_rate"])
        .filter(~pl.col("cancelled").fill_null(False))
        .with_columns(pl.col("plant").fill_null(pl.lit(only, pl.String)))
        .join(plants.select("plant", plant_currency="currency"), on="plant", how="left", maintain_order="left")
        .with_columns(currency.alias("currency"))
    )


def _losing_items(tables: Tables, jobs: pl.DataFrame) -> Faults:
    """Items without whose cost each job that uses them would earn money, and with which each loses money."""
    earning = jobs.filter(pl.col("revenue") > 0, pl.col("material_cost").is_null()).select(
        "job", "revenue", "rate", "plant_rate"
    )
    costs = tables["items"].select("item", "cost").unique("item", keep="first")
    stock = pl.col("required_qty") * pl.col("cost")
    used = (
        tables["material_requirements"]
        .select("operation", "item", "requirement_type", "required_qty", "total_cost")
        .join(tables["operations"].select("operation", "manufacturing_order"), on="operation")
        .join(tables["manufacturing_orders"].select("manufacturing_order", "job"), on="manufacturing_order")
        .join(earning, on="job")
        .join(costs, on="item", how="left")
        .with_columns(bought=pl.col("requirement_type") == "BuyDirect")
        .with_columns(amount=pl.when("bought").then(pl.col("total_cost") * pl.col("plant_rate")).otherwise(stock))
    )
    by_job = used.group_by("job").agg(material=pl.col("amount").sum())
    earned = pl.col("revenue") * pl.col("rate")
    item_in_job = (
        used.filter(~pl.col("bought"))
        .group_by("job", "item")
        .agg(pl.col("amount").sum(), pl.col("revenue").first(), pl.col("rate").first())
        .join(by_job, on="job")
        .with_columns(
            loses=(pl.col("material") > earned)
            & ((pl.col("material") - pl.col("amount") <= earned) | (pl.col("amount") > earned))
        )
    )
    losing = item_in_job.group_by("item").agg(pl.col("loses").all(), pl.len().alias("jobs")).filter("loses")
    return Faults(
        "warning",
        "item-makes-jobs-lose",
        "items",
        "cost",
        tables["items"].join(losing, on="item"),
        lambda row: (
            f"at {row['cost']:g} a unit, every job that uses {row['item']!r} ({row['jobs']:,}) costs more material than"
            " it earns: check the cost, its currency and its unit of measure"
        ),
    )


def _unmatched_demands(tables: Tables, jobs: pl.DataFrame, plan: Plan) -> Faults:
    valued = jobs.select("row", "job", "revenue", "currency", "rate")
    rows = tables["demands"].select("job", "qty", "unit_price", "due", own="currency")
    rows = rows.join(valued.select("job", "currency", job_rate="rate"), on="job")
    own = rows.select(pl.coalesce("own", "currency").alias("currency"))["currency"]
    demanded = (
        rows.with_columns(rate=rates(own, rows["due"], tables, plan, "average"))
        .with_columns(amount=pl.col("qty") * pl.col("unit_price") * pl.col("rate") / pl.col("job_rate"))
        .group_by("job")
        .agg(pl.col("amount").sum(), unknown=pl.col("amount").is_null().any())
        .filter(~pl.col("unknown"))
    )
    gap = (pl.col("amount") - pl.col("revenue")).abs()
    return Faults(
        "warning",
        "demands-differ-from-revenue",
        "jobs",
        "revenue",
        valued.join(demanded, on="job").filter(gap > pl.max_horizontal(_CENT, _SHARE * pl.col("revenue").abs())),
        lambda row: (
            f"{row['revenue']:,.2f}, but the demands of job {row['job']!r} sum to {row['amount']:,.2f}"
            f" {row['currency']}; revenue is what counts: correct one of them"
        ),
    )
