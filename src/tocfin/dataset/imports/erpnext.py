"""What no mapping can choose in an ERPNext export: orders or the bills that stand in for them, costs, shifts.

The frames made here are mapped by ``profiles/erpnext.toml`` like any source table.
"""

from __future__ import annotations

import polars as pl

from tocfin.errors import Finding
from tocfin.zones import to_utc

Frames = dict[str, pl.DataFrame]

_CLOCK = r"^(\d{1,2}:\d{2}):00(?:\.0+)?$"


def prepare(frames: Frames, zone: str) -> list[Finding]:
    """Adds the tables order, step, need, cost and shift."""
    orders = frames["work_order"].filter(pl.col("status").fill_null("").is_in(["Cancelled", "Draft"]).not_())
    frames["order"] = _orders(orders, frames) if orders.height else _bills(frames["bom"], zone)
    frames["step"] = _steps(frames, real=bool(orders.height))
    frames["need"] = _needs(frames, real=bool(orders.height))
    frames["cost"] = _costs(frames)
    frames["shift"], findings = _shifts(frames["working_hour"])
    return findings


def _orders(orders: pl.DataFrame, frames: Frames) -> pl.DataFrame:
    """Work orders, with what their sales order pays for the item and who gets it."""
    sold = frames["sales_order_item"].group_by("parent", "item_code").agg(pl.col("amount").sum(), pl.col("qty").sum())
    heads = frames["sales_order"].select(pl.col("name").alias("parent"), "customer", "delivery_date")
    sold = sold.join(heads, on="parent", how="left").with_columns(price=pl.col("amount") / pl.col("qty"))
    found = orders.join(
        sold, left_on=["sales_order", "production_item"], right_on=["parent", "item_code"], how="left",
        maintain_order="left",
    )  # fmt: skip
    due = pl.coalesce("expected_delivery_date", "delivery_date", "planned_end_date")
    return found.select(
        "row", pl.col("name").alias("order"), pl.col("production_item").alias("product"),
        pl.col("qty").alias("quantity"), due.alias("due"), pl.col("planned_start_date").alias("release"), "customer",
        (pl.col("price") * pl.col("qty")).alias("revenue"), pl.col("produced_qty").alias("produced"),
        pl.col("sales_order").is_not_null().alias("sold"), pl.lit("Released").alias("commitment"),
    )  # fmt: skip


def _bills(bills: pl.DataFrame, zone: str) -> pl.DataFrame:
    """Active bills of material, where there are no work orders: what they say of one order of their quantity."""
    changed = bills["modified"].str.slice(0, 19).str.to_datetime("%Y-%m-%d %H:%M:%S", strict=False).dt.epoch("s")
    due = pl.Series("due", to_utc(changed.fill_null(0).to_numpy(), zone)[0]).set(changed.is_null(), None)
    return bills.with_columns(due).filter(pl.col("is_active").fill_null(1) == 1).select(
        "row", pl.col("name").alias("order"), pl.col("item").alias("product"), "quantity", "due",
        pl.lit(None, pl.Int64).alias("release"), pl.lit(None, pl.String).alias("customer"),
        pl.lit(None, pl.Float64).alias("revenue"), pl.lit(None, pl.Float64).alias("produced"),
        pl.lit(False).alias("sold"), pl.lit("Estimate").alias("commitment"),
    )  # fmt: skip


def _steps(frames: Frames, *, real: bool) -> pl.DataFrame:
    """Operations of the orders; minutes are hours from here on."""
    steps = frames["work_order_operation" if real else "bom_operation"]
    steps = steps.join(frames["order"], left_on="parent", right_on="order", how="semi", maintain_order="left")
    name = pl.concat_str("parent", pl.lit("/"), pl.col("idx").cast(pl.String), pl.lit(" "), "operation")
    return steps.with_columns((pl.col("time_in_mins") / 60).alias("hours"), name.alias("step"))


def _needs(frames: Frames, *, real: bool) -> pl.DataFrame:
    """Material of the orders: it belongs to the first operation, for ERPNext does not say to which."""
    needs = frames["work_order_item" if real else "bom_item"]
    first = frames["step"].sort("idx").unique("parent", keep="first", maintain_order=True).select("parent", "step")
    issued = "transferred_qty" if real else None
    return needs.join(first, on="parent", how="inner", maintain_order="left").with_columns(
        pl.col("required_qty" if real else "qty").alias("required"),
        (pl.col(issued) if issued else pl.lit(None, pl.Float64)).alias("issued"),
    )


def _costs(frames: Frames) -> pl.DataFrame:
    """Cost of every item: valuation of its stock, else its rate in the bills, else its last purchase rate; made items
    without any at the material of their own bill."""
    stock = frames["bin"].filter(pl.col("valuation_rate") > 0).group_by("item_code").agg(pl.col("valuation_rate").max())
    rates = frames["bom_item"].group_by("item_code").agg(pl.col("rate").max(), kinds=pl.col("rate").n_unique())
    own = (
        frames["bom"]
        .group_by(pl.col("item").alias("item_code"))
        .agg(made=(pl.col("raw_material_cost") / pl.col("quantity")).first())
    )
    found = frames["item"].join(stock, on="item_code", how="left", maintain_order="left")
    found = found.join(rates, on="item_code", how="left", maintain_order="left")
    found = found.join(own, on="item_code", how="left", maintain_order="left")
    bought = pl.when(pl.col("last_purchase_rate") > 0).then(pl.col("last_purchase_rate"))
    return found.with_columns(pl.coalesce("valuation_rate", "rate", bought, "made").alias("cost"))


def _shifts(hours: pl.DataFrame) -> tuple[pl.DataFrame, list[Finding]]:
    """Working hours of the workstations, every weekday; holidays are in a list that the export does not hold."""
    open_hours = hours.filter(pl.col("enabled").fill_null(1) == 1)
    shifts = open_hours.with_columns(
        pl.col(name).str.extract(_CLOCK, 1).str.zfill(5).alias(name) for name in ("start_time", "end_time")
    )
    wrong = shifts.filter(pl.col("start_time").is_null() | pl.col("end_time").is_null())
    message = "is not a time of day in whole minutes"
    findings = [
        Finding("error", "not-a-clock", "working_hour", row, "start_time", message, file="Workstation")
        for row in wrong["row"].head(100)
    ]
    return shifts, findings
