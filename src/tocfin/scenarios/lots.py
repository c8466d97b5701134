"""How many pieces an operation makes at a time, which is what bad ones are counted of."""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tocfin.dataset.listing import Tables


def pieces(tables: Tables) -> NDArray[np.float64]:
    """Quantity of each operation, else of its order, else of its job: whole ones, at least 1; NaN where nobody says."""
    orders = tables["manufacturing_orders"].select("manufacturing_order", "job", pl.col("quantity").alias("~order"))
    jobs = tables["jobs"].select("job", pl.col("quantity").alias("~job"))
    owners = orders.join(jobs, on="job", how="left").unique("manufacturing_order", keep="first")
    found = tables["operations"].join(owners, on="manufacturing_order", how="left", maintain_order="left")
    said = found.select(pl.coalesce("quantity", "~order", "~job").cast(pl.Float64).fill_null(np.nan)).to_series()
    lots: NDArray[np.float64] = np.maximum(np.rint(said.to_numpy()), 1.0)
    return lots
