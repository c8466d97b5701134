"""Every row of a data set as a group of its own: what each job, resource, plant and stock adds to each term."""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tocfin.dataset import Dataset
from tocfin.model.arrange import frozen
from tocfin.model.build import Model
from tocfin.model.columns import Grouping


def rows_of(dataset: Dataset) -> pl.DataFrame:
    """The rows that amounts belong to, in the order of `each_row`: ``table``, ``row`` (in its source) and ``key``."""
    tables = dataset.tables
    owned = tables["warehouses"].filter(pl.col("owned").fill_null(True)).select("warehouse")
    stock = tables["inventories"].join(owned, on="warehouse", how="semi").sort("warehouse", "item")
    parts = [
        _named("jobs", tables["jobs"].sort("job"), "job"),
        _named("resources", tables["resources"].sort("resource"), "resource"),
        _named("plants", tables["plants"].sort("plant"), "plant"),
        _named("inventories", stock, pl.concat_str("warehouse", "item", separator=" / ")),
    ]
    return pl.concat(parts)


def _named(table: str, frame: pl.DataFrame, key: str | pl.Expr) -> pl.DataFrame:
    named = pl.col(key) if isinstance(key, str) else key
    return frame.select(pl.lit(table).alias("table"), "row", named.alias("key"))


def each_row(model: Model, shown: NDArray[np.int64]) -> Grouping:
    """One group per row of `rows_of`; rows of other plants than those ``shown`` are thrown away."""
    enterprise = model.enterprise
    owners = (
        enterprise.job_plant,
        enterprise.resource_plant,
        np.arange(enterprise.plant_expense.size, dtype=np.int32),
        enterprise.stock_plant,
    )
    ends = np.cumsum([owner.size for owner in owners])
    job, resource, plant, stock = (
        frozen(np.where(np.isin(owner, shown), np.arange(end - owner.size, end), ends[-1]).astype(np.int32))
        for owner, end in zip(owners, ends, strict=True)
    )
    return Grouping(job, resource, plant, stock, int(ends[-1]) + 1, drum_hours_by_job=True)
