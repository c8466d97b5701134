"""What moves stock, and when: what lies there, comes in, is issued, is made and is shipped (rulings R35).

Stock is known by item and plant, because work and sales name no warehouse. What the plan puts before the clock has
happened, and is in the stock on hand; what should have come or gone by then and has not, does so at the clock.

* opening: ``inventories``;
* receipt: ``supplies``, what has not been received yet, when it is promised, else due;
* issue: FromStock material of scheduled operations, what has not been issued yet, when the operation starts;
* completion: what an order makes (its product, else the job's) when the order ends, less what is good or delivered;
  what is neither the job's product nor taken from stock by anybody stays with its job;
* shipment: that product when its job ends, unless the job's purpose leaves it in stock; and every demand without a
  job when it is due.

Cancelled jobs move nothing, nor does work without a time.
"""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from tocfin.dataset.plan import Plan

Tables = Mapping[str, pl.DataFrame]

#: In the order in which they count at one instant: what comes in covers what goes out.
FLOWS = ("opening", "receipt", "completion", "issue", "shipment")
#: Purposes of a job whose product stays in stock.
KEPT = ("Stock", "Rework", "Transfer")
_COLUMNS = ("item", "plant", "flow", "at", "qty", "owned", "table", "row", "by", "key", "job")


def movements(tables: Tables, plan: Plan) -> pl.DataFrame:
    """Every movement of stock from the clock on, by item, plant and time; ``qty`` is below 0 where stock goes out.

    Columns: item, plant, flow (`FLOWS`), at [s], qty [unit], owned, the table and row that say so, and what decides
    when it moves: the ``key`` of a supply, an operation (its start), a manufacturing_order or a job (their end), as
    ``by`` says; null where a date does. ``job`` is the job that it falls away with.
    """
    work = orders(tables, plan.clock)
    parts = (_opening(tables, plan), _receipts(tables, plan), _issues(tables, plan), *_made(work), _sales(tables, plan))
    rows = pl.concat([part.with_columns(pl.col("flow").cast(pl.Enum(FLOWS))).select(_COLUMNS) for part in parts])
    return rows.filter(pl.col("qty") != 0).sort("item", "plant", "at", "flow", "table", "row")


def homes(tables: Tables) -> pl.DataFrame:
    """Jobs that are not cancelled, each with its plant."""
    plants = tables["plants"]
    only = plants["plant"][0] if plants.height == 1 else None
    jobs = tables["jobs"].filter(~pl.col("cancelled").fill_null(False))
    return jobs.with_columns(pl.col("plant").fill_null(pl.lit(only, pl.String)))


def timed(tables: Tables, clock: int) -> pl.DataFrame:
    """Operations of jobs that are not cancelled: order, job, plant, sequence, start, end [s] and ``done``.

    Start and end are null where nothing is planned. *Done* is what the plan ends before the clock, or what has ended.
    """
    orders = tables["manufacturing_orders"].select("manufacturing_order", "job")
    ended = (pl.col("actual_end") <= clock) | (pl.col("status") == "Finished")
    planned = tables["activities"].group_by("operation").agg(
        pl.col("start").min(), pl.col("end").max(), ended.fill_null(False).all().alias("ended")
    )  # fmt: skip
    return (
        tables["operations"]
        .select("operation", "manufacturing_order", "sequence", "good_qty")
        .join(orders, on="manufacturing_order")
        .join(homes(tables).select("job", "plant"), on="job")
        .join(planned, on="operation", how="left")
        .with_columns(done=((pl.col("end") < clock) | pl.col("ended")).fill_null(False))
        .sort("job", "manufacturing_order", "sequence", "operation")
    )


def orders(tables: Tables, clock: int) -> pl.DataFrame:
    """Orders that still make something: item, plant, end and job_end [s], quantity, and whether the job ships it.

    The quantity is what is not good or delivered yet; null where nobody says how much is made. An order without a
    quantity of its own makes the job's where no other order of the job makes the same item.
    """
    steps = timed(tables, clock)
    last = pl.col("sequence") == pl.col("sequence").max().over("manufacturing_order")
    whole = [pl.col("end").is_not_null().all().alias("scheduled"), pl.col("end").max()]
    by_order = steps.group_by("manufacturing_order").agg(
        *whole, pl.col("done").all(), pl.col("good_qty").fill_null(0.0).filter(last).min().alias("good")
    )
    by_job = steps.group_by("job").agg(pl.col("end").max().alias("job_end"))
    jobs = homes(tables).select(
        "job", "plant", "purpose", "delivered_qty", job_product="product", job_quantity="quantity"
    )
    made = tables["manufacturing_orders"].select("row", "manufacturing_order", "job", "product", "quantity")
    made = made.join(jobs, on="job").join(by_order, on="manufacturing_order").join(by_job, on="job")
    made = made.with_columns(item=pl.coalesce("product", "job_product")).drop_nulls("item")
    product = (pl.col("item") == pl.col("job_product")).fill_null(False)
    alone = product & (pl.len().over("job", "item") == 1)
    quantity = pl.coalesce("quantity", pl.when(alone).then("job_quantity"))
    ready = pl.max_horizontal(pl.col("good").fill_null(0.0), pl.when(product).then("delivered_qty").fill_null(0.0))
    kept = pl.col("purpose").is_in(KEPT).fill_null(False)
    made = made.with_columns(quantity=(quantity - ready).clip(lower_bound=0.0), ships=product & ~kept)
    taken = from_stock(tables).join(steps, on="operation").select("item").unique()
    goes_in = product | pl.col("item").is_in(taken["item"].implode())
    return made.filter("scheduled", ~pl.col("done"), goes_in).sort("manufacturing_order")


def _opening(tables: Tables, plan: Plan) -> pl.DataFrame:
    rows = tables["inventories"].join(_places(tables), on="warehouse").with_columns(**_moved_by(None))
    return rows.select(
        "item", "plant", pl.lit("opening").alias("flow"), pl.lit(plan.clock, pl.Int64).alias("at"),
        pl.col("on_hand_qty").alias("qty"), "owned", pl.lit("inventories").alias("table"), "row",
        "by", "key", "job",
    )  # fmt: skip


def supplied(tables: Tables, clock: int) -> pl.DataFrame:
    """Supplies that have not come in full: supply, item, plant, owned, the rest, and when, no earlier than now."""
    rows = tables["supplies"].join(_places(tables), on="warehouse")
    due = pl.max_horizontal(pl.coalesce("promised", "due"), pl.lit(clock, pl.Int64))
    to_come = (pl.col("qty") - pl.col("received_qty").fill_null(0.0)).clip(lower_bound=0.0)
    return rows.with_columns(at=due, qty=to_come).filter(pl.col("qty") > 0).sort("item", "plant", "at", "supply")


def _receipts(tables: Tables, plan: Plan) -> pl.DataFrame:
    rows = supplied(tables, plan.clock).with_columns(flow=pl.lit("receipt"), table=pl.lit("supplies"))
    return rows.with_columns(**_moved_by("supply"))


def from_stock(tables: Tables) -> pl.DataFrame:
    """Requirements of material from stock."""
    return tables["material_requirements"].filter(pl.col("requirement_type") == "FromStock").drop_nulls("item")


def issues(tables: Tables, clock: int) -> pl.DataFrame:
    """Material from stock that is still to be issued: requirement rows with plant, start [s] and ``left`` [unit]."""
    steps = timed(tables, clock).filter(~pl.col("done")).drop_nulls("start")
    rows = from_stock(tables).join(steps, on="operation")
    left = pl.col("required_qty") - pl.col("issued_qty").fill_null(0.0)
    return rows.with_columns(left=left.clip(lower_bound=0.0)).filter(pl.col("left") > 0)


def _issues(tables: Tables, plan: Plan) -> pl.DataFrame:
    return issues(tables, plan.clock).with_columns(
        flow=pl.lit("issue"), at=pl.max_horizontal("start", pl.lit(plan.clock, pl.Int64)), qty=-pl.col("left"),
        owned=pl.lit(True), table=pl.lit("material_requirements"), by=pl.lit("operation"), key="operation",
    )  # fmt: skip


def _made(work: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    rows = work.drop_nulls("quantity").with_columns(owned=pl.lit(True), table=pl.lit("manufacturing_orders"))
    completions = rows.with_columns(flow=pl.lit("completion"), at=pl.col("end"), qty=pl.col("quantity"))
    completions = completions.with_columns(by=pl.lit("manufacturing_order"), key="manufacturing_order")
    shipments = rows.filter("ships").with_columns(
        flow=pl.lit("shipment"), at=pl.col("job_end"), qty=-pl.col("quantity"), by=pl.lit("job"), key="job"
    )
    return completions, shipments


def _sales(tables: Tables, plan: Plan) -> pl.DataFrame:
    rows = shelf(tables)
    return rows.drop_nulls("plant").with_columns(
        flow=pl.lit("shipment"), at=pl.max_horizontal("due", pl.lit(plan.clock, pl.Int64)), qty=-pl.col("qty"),
        owned=pl.lit(True), table=pl.lit("demands"), **_moved_by(None),
    )  # fmt: skip


def _moved_by(name: str | None) -> dict[str, pl.Expr]:
    """Columns of movements that no work decides on: a supply does, or a date."""
    none = pl.lit(None, pl.String)
    return {"by": pl.lit(name, pl.String), "key": none if name is None else pl.col(name), "job": none}


def shelf(tables: Tables) -> pl.DataFrame:
    """Demands without a job, each with the plant that serves it: the one with the most of the item on hand.

    The first by key where several have equally much; null where there is no plant at all.
    """
    rows = tables["demands"].filter(pl.col("job").is_null())
    plants = tables["plants"]["plant"].drop_nulls().sort()
    stock = tables["inventories"].join(_places(tables), on="warehouse").group_by("item", "plant").agg(
        held=pl.col("on_hand_qty").sum()
    )  # fmt: skip
    best = stock.sort(pl.col("held"), "plant", descending=[True, False]).unique("item", keep="first")
    first = plants[0] if plants.len() else None
    found = rows.join(best.select("item", "plant"), on="item", how="left", maintain_order="left")
    return found.with_columns(pl.col("plant").fill_null(pl.lit(first, pl.String)))


def _places(tables: Tables) -> pl.DataFrame:
    return tables["warehouses"].select("warehouse", "plant", owned=pl.col("owned").fill_null(True))
