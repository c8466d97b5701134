"""Material of jobs and stock on hand, valued both ways: at cost, and at truly variable cost (rulings R4 to R7)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tocfin.dataset.stock import OTHER, STOCK_KIND
from tocfin.model.columns import Floats

MATERIAL = ("all", "all_variable", "bought", "bought_variable")
FLOOR = ("required", "required_variable", "in_hand", "in_hand_variable")


def job_material(frames: Mapping[str, pl.DataFrame]) -> Floats:
    """Material in a job's throughput: (jobs, 4) all, all variable, bought, bought variable [money].

    *bought* leaves out stock items that an order of the data set makes, because the making order's own material
    is counted (R5). ``jobs.material_cost`` replaces all four.
    """
    rows = _valued(frames)
    jobs = frames["jobs"]
    material = _by_job(rows, MATERIAL, jobs.height)
    given = (jobs["material_cost"] * jobs["rate"]).fill_null(np.nan).to_numpy()
    replaced = ~np.isnan(given)
    material[replaced] = given[replaced, None]
    return material


def job_floor(frames: Mapping[str, pl.DataFrame]) -> Floats:
    """Material of a job as inventory: (jobs, 4) required, required variable, issued, issued variable [money] (R6)."""
    return _by_job(_valued(frames), FLOOR, frames["jobs"].height)


def floor_quantities(frames: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """Each requirement as material on the floor: operation, how much is ``held`` there, its ``whole``, worth of a unit.

    Of a part bought for the job a unit is all of it. ``wanted`` is what bad work takes once more.
    """
    rows, stock = _requirements(frames), pl.col("requirement_type") == "FromStock"
    share = pl.when(pl.col("required_qty") > 0).then((pl.col("issued") / pl.col("required_qty")).clip(upper_bound=1.0))
    bought = pl.col("total_cost") * pl.col("closing")
    return rows.filter(~pl.col("cancelled")).select(
        "operation",
        cost=pl.when(stock).then("cost").otherwise(bought),
        variable=pl.when(stock).then("variable").otherwise(bought),
        held=pl.when(stock).then("issued").otherwise(share.fill_null(0.0)),
        whole=pl.when(stock).then(pl.max_horizontal("required_qty", "issued")).otherwise(1.0),
        wanted=pl.when(stock).then("required_qty").otherwise(1.0),
    )


def requirement_values(frames: Mapping[str, pl.DataFrame]) -> Floats:
    """What each requirement adds to the columns of `job_material` and then of `job_floor`: (requirements, 8).

    Rows stand as in ``frames``; ``jobs.material_cost`` is left aside.
    """
    numbered = frames["material_requirements"].with_row_index("~row")
    rows = _valued({**frames, "material_requirements": numbered}).sort("~row")
    return rows.select(*MATERIAL, *FLOOR).to_numpy().astype(np.float64)


def _valued(frames: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """Requirements with what they cost, all and bought, and what they are worth as inventory, both ways."""
    made = pl.col("item").is_in(_made_items(frames).implode())
    stock = pl.col("requirement_type") == "FromStock"
    bought = pl.when(stock & made).then(0.0).otherwise(1.0)
    share = pl.when(pl.col("required_qty") > 0).then((pl.col("issued") / pl.col("required_qty")).clip(upper_bound=1.0))
    received = pl.col("total_cost") * pl.col("closing") * share.otherwise(0.0)
    rows = _requirements(frames).with_columns(
        all=pl.when(stock).then(pl.col("required_qty") * pl.col("cost")).otherwise(pl.col("bought_cost")),
        all_variable=pl.when(stock).then(pl.col("required_qty") * pl.col("variable")).otherwise(pl.col("bought_cost")),
        required=pl.when(stock).then(pl.col("required_qty") * pl.col("cost")).otherwise(0.0),
        required_variable=pl.when(stock).then(pl.col("required_qty") * pl.col("variable")).otherwise(0.0),
        in_hand=pl.when(stock).then(pl.col("issued") * pl.col("cost")).otherwise(received),
        in_hand_variable=pl.when(stock).then(pl.col("issued") * pl.col("variable")).otherwise(received),
    )
    return rows.with_columns(bought=pl.col("all") * bought, bought_variable=pl.col("all_variable") * bought)


def stock(frames: Mapping[str, pl.DataFrame], plants: pl.DataFrame) -> dict[str, NDArray[Any]]:
    """Columns ``stock_*`` of the enterprise: owned stock on hand, one row per warehouse and item (R7)."""
    warehouses = frames["warehouses"].filter(pl.col("owned").fill_null(True)).select("warehouse", "plant")
    rows = (
        frames["inventories"]
        .join(warehouses, on="warehouse", how="inner", maintain_order="left")
        .join(plants.rename({"key": "plant"}), on="plant", how="left", maintain_order="left")
        .join(_item_values(frames), on="item", how="left", maintain_order="left")
    )
    kind = rows["item_type"].replace_strict(STOCK_KIND, default=OTHER, return_dtype=pl.UInt8)
    return {
        "stock_plant": rows["plants"].to_numpy(),
        "stock_kind": kind.to_numpy(),
        "stock_value": (rows["on_hand_qty"] * rows["cost"]).to_numpy(),
        "stock_value_variable": (rows["on_hand_qty"] * rows["variable"]).to_numpy(),
    }


def _item_values(frames: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    return frames["items"].select(
        "item", "item_type", "cost", pl.col("truly_variable_cost").fill_null(pl.col("cost")).alias("variable")
    )


def _requirements(frames: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """Requirements with their item's value and their cost in the reporting currency, in an order of their own."""
    rows = frames["material_requirements"].join(_item_values(frames), on="item", how="left", maintain_order="left")
    rows = rows.with_columns(
        issued=pl.col("issued_qty").fill_null(0.0), bought_cost=pl.col("total_cost") * pl.col("rate")
    )
    return rows.sort("job_row", "operation", "requirement_type", "item", "required_qty", "issued", "total_cost")


def _made_items(frames: Mapping[str, pl.DataFrame]) -> pl.Series:
    """Items that an order of a job that is not cancelled makes."""
    orders = frames["manufacturing_orders"].filter(~pl.col("cancelled"))
    return orders.select(pl.col("product").fill_null(pl.col("job_product")))["product"].drop_nulls().unique()


def _by_job(rows: pl.DataFrame, columns: tuple[str, ...], n_job: int) -> Floats:
    """Sums per job, added up in row order: (jobs, columns)."""
    job = rows["job_row"].to_numpy()
    sums = [np.bincount(job, rows[column].to_numpy(), n_job) for column in columns]
    return np.stack(sums, axis=1).astype(np.float64)  # of no rows at all, bincount makes integers
