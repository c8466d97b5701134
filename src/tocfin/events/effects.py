"""What one event means in money and quantity: its effects, each an amount of one actual term.

Amounts are in the reporting currency (rulings R1). An event's own ``amount`` wins over a calculated one. An effect
whose amount nobody can know is null and told; an event without any effect is an orphan.
"""

from __future__ import annotations

from typing import NamedTuple

import polars as pl

from tocfin.dataset.currencies import job_rates, rates
from tocfin.dataset.listing import Tables
from tocfin.dataset.plan import Plan


class Term(NamedTuple):
    """An actual term: its unit (``money``, ``h``, ``unit``) and what it sums."""

    unit: str
    doc: str


TERMS: dict[str, Term] = {
    "material_issued": Term("money", "issued quantity × item cost, or the event's amount"),
    "labour_hours": Term("h", "booked hours"),
    "labour_cost": Term("money", "booked hours × standard hourly cost, or the event's amount"),
    "drum_hours": Term("h", "booked hours on drums"),
    "good_qty": Term("unit", "good quantity completed"),
    "finished_value": Term("money", "good quantity of last operations × cost of the product"),
    "scrap_qty": Term("unit", "scrapped quantity"),
    "scrap_cost": Term("money", "scrapped quantity × cost of the product"),
    "rework_hours": Term("h", "hours of rework"),
    "rework_cost": Term("money", "hours of rework × standard hourly cost, or the event's amount"),
    "downtime_hours": Term("h", "hours a resource was down"),
    "downtime_drum_hours": Term("h", "hours a drum was down"),
    "downtime_cost": Term("money", "hours down × standard hourly cost, or the event's amount"),
    "received_value": Term("money", "received quantity × price of the supply, else item cost, or the event's amount"),
    "delivered_qty": Term("unit", "shipped quantity"),
    "delivered_revenue": Term("money", "share of the job's revenue by quantity, or the event's amount"),
    "delivered_material": Term("money", "share of the job's material cost by quantity"),
    "shelf_qty": Term("unit", "quantity shipped from stock, for no job"),
    "shelf_revenue": Term("money", "shipped from stock × unit price of the order line, else item price, or the amount"),
    "shelf_material": Term("money", "quantity shipped from stock × truly variable cost of the item"),
    "invoiced": Term("money", "invoiced amount"),
}
#: The events that an effect comes from.
_OF: dict[str, tuple[str, ...]] = {
    "material_issue": ("material_issued",),
    "labour_booking": ("labour_hours", "labour_cost", "drum_hours"),
    "completion": ("good_qty", "finished_value", "scrap_qty", "scrap_cost"),
    "rework": ("rework_hours", "rework_cost", "scrap_qty", "scrap_cost"),
    "downtime": ("downtime_hours", "downtime_drum_hours", "downtime_cost"),
    "receipt": ("received_value",),
    "shipment": (
        "delivered_qty",
        "delivered_revenue",
        "delivered_material",
        "shelf_qty",
        "shelf_revenue",
        "shelf_material",
    ),
    "invoice": ("invoiced",),
}


def effects(events: pl.DataFrame, tables: Tables, plan: Plan) -> pl.DataFrame:
    """One row per event and term: the columns of ``events`` with ``term`` and ``amount`` (null: not known)."""
    known = _known(events, tables, plan)
    parts = [
        known.filter(pl.col("type") == kind)
        .filter(_has(term))
        .with_columns(term=pl.lit(term), value=(_AMOUNTS[term] * pl.col("sign")).cast(pl.Float64))
        for kind, terms in _OF.items()
        for term in terms
    ]
    return pl.concat(parts).select(*events.columns, "term", "value", "last")


def _known(events: pl.DataFrame, tables: Tables, plan: Plan) -> pl.DataFrame:
    """Events with what the other tables know of their job, product, resource, item and currency."""
    plants = tables["plants"].select("plant", pl.col("currency").fill_null(plan.currency).alias("money_of"))
    resources = tables["resources"].select(
        "resource", pl.col("standard_hourly_cost").alias("rate"), pl.col("drum").fill_null(False), there=pl.lit(True)
    )
    items = tables["items"].select("item", "cost")
    shelf = _shelf_prices(tables, plan)
    found = events.join(_owners(tables), on="operation", how="left", maintain_order="left")
    found = found.with_columns(pl.coalesce("job", "job_of").alias("job_of"))
    found = found.join(_jobs(tables, plan), left_on="job_of", right_on="job_key", how="left", maintain_order="left")
    found = found.with_columns(pl.coalesce("made", "product", "item").alias("product"))
    for frame, on, own in (
        (plants, "plant", "plant"), (resources, "resource", "resource"), (items, "item", "item"),
        (items.rename({"cost": "product_cost"}), "product", "item"), (_prices(tables), "item", "item"),
        (shelf, "item", "item"),
    ):  # fmt: skip
        found = found.join(frame, left_on=on, right_on=own, how="left", maintain_order="left")
    at = found["occurred_at"]
    worth, of_job = (rates(found[name], at, tables, plan, "average") for name in ("money_of", "own_money"))
    found = found.with_columns(worth=pl.when(pl.col("money_of").is_not_null()).then(worth), own_worth=of_job)
    return found.with_columns(money=pl.col("amount") * pl.col("worth"))


def _owners(tables: Tables) -> pl.DataFrame:
    """Job, product and place in the order of every operation."""
    orders = tables["manufacturing_orders"].select("manufacturing_order", "job", made="product")
    return (
        tables["operations"]
        .select("operation", "manufacturing_order", "sequence")
        .with_columns(last=pl.col("sequence") == pl.col("sequence").max().over("manufacturing_order"))
        .join(orders, on="manufacturing_order", how="left")
        .select("operation", job_of="job", made="made", last="last")
    )


def _jobs(tables: Tables, plan: Plan) -> pl.DataFrame:
    """What a job earns (in its own money) and consumes, for deliveries in parts (R32)."""
    costs = tables["items"].select("item", "cost")
    worth = job_rates(tables, plan)
    of_plant = worth.select(job_of="job", plant_rate="plant_rate").unique("job_of")
    needs = (
        tables["material_requirements"]
        .join(costs, on="item", how="left")
        .join(_owners(tables).select("operation", "job_of"), on="operation")
        .join(of_plant, on="job_of", how="left")
        .with_columns(bought=pl.col("total_cost") * pl.col("plant_rate"))
        .with_columns(need=pl.coalesce("bought", pl.col("required_qty") * pl.col("cost")))
        .group_by("job_of")
        .agg(needs=pl.col("need").sum())
    )
    money = tables["plants"].select("plant", plant_money="currency").unique("plant")
    only = tables["plants"]["plant"][0] if tables["plants"].height == 1 else None
    jobs = tables["jobs"].with_columns(worth["rate"], pl.col("plant").fill_null(pl.lit(only, pl.String)))
    jobs = jobs.join(money, on="plant", how="left", maintain_order="left")
    jobs = jobs.join(needs, left_on="job", right_on="job_of", how="left")
    return jobs.select(
        job_key="job",
        job_there=pl.lit(True),
        product="product",
        planned_qty="quantity",
        revenue="revenue",
        own_money=pl.coalesce("currency", "plant_money"),
        material=pl.coalesce(pl.col("material_cost") * pl.col("rate"), pl.col("needs")),
    )


def _prices(tables: Tables) -> pl.DataFrame:
    """The last price at which an item was bought."""
    priced = tables["supplies"].drop_nulls("price").sort("due", "supply")
    return priced.unique("item", keep="last", maintain_order=True).select("item", "price")


def _shelf_prices(tables: Tables, plan: Plan) -> pl.DataFrame:
    """What a unit of each item earns and costs when it is sold from stock (R34), in the reporting currency."""
    demands = tables["demands"]
    lines = (
        demands.with_columns(rate=rates(demands["currency"], demands["due"], tables, plan, "average"))
        .filter(pl.col("job").is_null())
        .sort("due", "demand")
        .unique("item", keep="last", maintain_order=True)
        .select("item", line_price=pl.col("unit_price") * pl.col("rate"))
    )
    return (
        tables["items"]
        .join(lines, on="item", how="left")
        .select(
            "item",
            shelf_price=pl.coalesce("line_price", pl.col("price")),
            shelf_cost=pl.coalesce("truly_variable_cost", "cost"),
        )
    )


def _has(term: str) -> pl.Expr:
    """Whether an event says anything of a term."""
    return {
        "material_issued": (pl.col("qty").is_not_null() & pl.col("cost").is_not_null())
        | pl.col("amount").is_not_null(),
        "labour_hours": pl.col("hours").is_not_null() & pl.col("there"),
        "labour_cost": (pl.col("hours").is_not_null() & pl.col("there")) | pl.col("amount").is_not_null(),
        "drum_hours": pl.col("hours").is_not_null() & pl.col("drum"),
        "good_qty": pl.col("good_qty").is_not_null() & pl.col("job_there"),
        "finished_value": pl.col("good_qty").is_not_null() & pl.col("last").fill_null(True) & pl.col("job_there"),
        "scrap_qty": pl.col("scrap_qty").is_not_null() & pl.col("job_there"),
        "scrap_cost": (pl.col("scrap_qty") > 0) & pl.col("job_there"),
        "rework_hours": pl.col("hours").is_not_null() & pl.col("there"),
        "rework_cost": (pl.col("hours").is_not_null() & pl.col("there")) | pl.col("amount").is_not_null(),
        "downtime_hours": pl.col("hours").is_not_null() & pl.col("there"),
        "downtime_drum_hours": pl.col("hours").is_not_null() & pl.col("drum"),
        "downtime_cost": pl.col("hours").is_not_null() & pl.col("there"),
        "received_value": (pl.col("qty").is_not_null() & pl.col("cost").is_not_null()) | pl.col("amount").is_not_null(),
        "delivered_qty": pl.col("qty").is_not_null() & pl.col("job_there"),
        "delivered_revenue": ~_FROM_STOCK
        & (pl.col("amount").is_not_null() | (pl.col("qty").is_not_null() & pl.col("job_there"))),
        "delivered_material": pl.col("qty").is_not_null() & pl.col("job_there"),
        "shelf_qty": _FROM_STOCK & pl.col("qty").is_not_null(),
        "shelf_revenue": _FROM_STOCK & (pl.col("qty").is_not_null() | pl.col("amount").is_not_null()),
        "shelf_material": _FROM_STOCK & pl.col("qty").is_not_null(),
        "invoiced": pl.col("amount").is_not_null(),
    }[term].fill_null(False)


#: A shipment that names no job but an item that is known is a sale from stock.
_FROM_STOCK = (pl.col("job_of").is_null() & pl.col("shelf_cost").is_not_null()).fill_null(False)
_SHARE = pl.col("qty") / pl.col("planned_qty")
_WORKED = pl.coalesce("money", pl.col("hours") * pl.col("rate") * pl.col("worth"))
_AMOUNTS: dict[str, pl.Expr] = {
    "material_issued": pl.coalesce("money", pl.col("qty") * pl.col("cost")),
    "labour_hours": pl.col("hours"),
    "labour_cost": _WORKED,
    "drum_hours": pl.col("hours"),
    "good_qty": pl.col("good_qty"),
    "finished_value": pl.col("good_qty") * pl.col("product_cost"),
    "scrap_qty": pl.col("scrap_qty"),
    "scrap_cost": pl.col("scrap_qty") * pl.col("product_cost"),
    "rework_hours": pl.col("hours"),
    "rework_cost": _WORKED,
    "downtime_hours": pl.col("hours"),
    "downtime_drum_hours": pl.col("hours"),
    "downtime_cost": _WORKED,
    "received_value": pl.coalesce("money", pl.col("qty") * pl.coalesce("price", "cost")),
    "delivered_qty": pl.col("qty"),
    "delivered_revenue": pl.coalesce("money", _SHARE * pl.col("revenue") * pl.col("own_worth")),
    "delivered_material": _SHARE * pl.col("material"),
    "shelf_qty": pl.col("qty"),
    "shelf_revenue": pl.coalesce("money", pl.col("qty") * pl.col("shelf_price")),
    "shelf_material": pl.col("qty") * pl.col("shelf_cost"),
    "invoiced": pl.col("money"),
}
