"""What money is worth in the reporting currency: rates by type and validity, for flows and stocks (R1, R36).

plan.toml states budget rates. Where the table ``exchange_rates`` has rows of a currency, flows take its average rates
and stocks its closing rates, those that are valid at their date (UTC); what it has only budget rates of takes those.
Money of a job is in its own currency, else its plant's, at the rate of the day on which the job is planned to end;
orders, operations and requirements are in the plant's currency, at the same day. Plants and resources take the rate
of the clock.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import polars as pl

from tocfin.dataset.plan import Plan
from tocfin.zones import DAY

Tables = Mapping[str, pl.DataFrame]


def rates(
    currency: pl.Series, at: pl.Series, tables: Tables, plan: Plan, kind: Literal["average", "closing"]
) -> pl.Series:
    """Rate of each currency (missing: the reporting one) at an instant [s]; null where none is known or valid."""
    stated = {**plan.exchange_rates, plan.currency: 1.0}
    code = pl.lit(currency).fill_null(plan.currency)
    plain = code.replace_strict(stated, default=None, return_dtype=pl.Float64)
    if tables["exchange_rates"].is_empty():
        return pl.select(rate=plain).to_series()
    rows = pl.select(currency=code, valid_from=pl.lit(at) // DAY, stated=plain).with_row_index("place")
    known: dict[str, list[str]] = {}
    for word in (kind, "budget"):
        listed = (
            tables["exchange_rates"].filter(pl.col("rate_type") == word).drop_nulls(["currency", "valid_from", "rate"])
        )
        known[word] = listed["currency"].unique().to_list()
        listed = listed.sort("valid_from").select("currency", "valid_from", pl.col("rate").alias(word))
        rows = rows.sort("valid_from").join_asof(
            listed, on="valid_from", by="currency", strategy="backward", check_sortedness=False
        )
    own, budget = pl.col("currency") == plan.currency, pl.col("currency").is_in(known["budget"])
    rate = (
        pl.when(own).then(1.0)
        .when(pl.col("currency").is_in(known[kind])).then(kind)
        .when(budget).then("budget")
        .otherwise("stated")
    )  # fmt: skip
    return rows.sort("place").select(rate=rate)["rate"]


def plant_rates(tables: Tables, plan: Plan) -> pl.DataFrame:
    """plant, currency, rate (of flows) and closing (of stocks) at the clock, in the order of the table."""
    plants = tables["plants"].select("plant", pl.col("currency").fill_null(plan.currency))
    now = pl.select(pl.repeat(plan.clock, plants.height, dtype=pl.Int64)).to_series()
    flow, stock = (rates(plants["currency"], now, tables, plan, kind) for kind in ("average", "closing"))
    return plants.with_columns(rate=flow, closing=stock)


def steady(tables: Tables, plan: Plan) -> pl.DataFrame:
    """Rates of the clock as rows of ``exchange_rates`` that hold on every day, for every currency that is known."""
    named = [tables[name]["currency"] for name in ("plants", "jobs", "demands", "exchange_rates")]
    codes = pl.concat([*named, pl.Series("currency", list(plan.exchange_rates), pl.String)]).drop_nulls().unique()
    codes = codes.filter(codes != plan.currency).sort()
    now = pl.select(pl.repeat(plan.clock, codes.len(), dtype=pl.Int64)).to_series()
    kinds: tuple[Literal["average", "closing"], ...] = ("average", "closing")
    rows = [pl.DataFrame({"currency": codes, "rate": rates(codes, now, tables, plan, kind)}) for kind in kinds]
    found = pl.concat([one.with_columns(rate_type=pl.lit(kind)) for kind, one in zip(kinds, rows, strict=True)])
    always = pl.lit(0, tables["exchange_rates"].schema["valid_from"]).alias("valid_from")
    return (
        found.drop_nulls("rate")
        .with_columns(always, row=pl.lit(0, tables["exchange_rates"].schema["row"]))
        .select(tables["exchange_rates"].columns)
    )


def job_rates(tables: Tables, plan: Plan) -> pl.DataFrame:
    """job, rate of its own money, plant_rate of its plant's, and at [s], in the order of the table."""
    plants = tables["plants"].select("plant", plant_currency=pl.col("currency").fill_null(plan.currency))
    only = plants["plant"][0] if plants.height == 1 else None
    jobs = tables["jobs"].select("job", pl.col("plant").fill_null(pl.lit(only, pl.String)), "currency", "need_date")
    jobs = jobs.join(plants.unique("plant"), on="plant", how="left", maintain_order="left")
    at = jobs["need_date"]
    if tables["exchange_rates"].height:
        steps = tables["operations"].select("operation", "manufacturing_order").drop_nulls()
        owner = tables["manufacturing_orders"].select("manufacturing_order", "job")
        ends = tables["activities"].join(steps, on="operation").join(owner, on="manufacturing_order")
        ends = ends.group_by("job").agg(pl.col("end").max())
        at = jobs.join(ends, on="job", how="left", maintain_order="left").select(at=pl.coalesce("end", "need_date"))[
            "at"
        ]
    own = jobs.select(pl.coalesce("currency", "plant_currency").alias("own"))["own"]
    mine, plant = (rates(code, at, tables, plan, "average") for code in (own, jobs["plant_currency"]))
    return jobs.select("job").with_columns(rate=mine, plant_rate=plant, at=at)
