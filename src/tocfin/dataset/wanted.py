"""How many each operation is to make: its own quantity, else that of its order, else that of its job."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl


def wanted(tables: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """The table of operations, rows as they stand, with ``wanted`` [unit]; null where nobody says how many."""
    jobs = tables["jobs"].unique("job", keep="first").select("job", job_quantity="quantity")
    orders = tables["manufacturing_orders"].unique("manufacturing_order", keep="first")
    orders = orders.select("manufacturing_order", "job", order_quantity="quantity").join(jobs, on="job", how="left")
    known = orders.select("manufacturing_order", ordered=pl.coalesce("order_quantity", "job_quantity"))
    found = tables["operations"].join(known, on="manufacturing_order", how="left", maintain_order="left")
    return found.with_columns(wanted=pl.coalesce("quantity", "ordered")).drop("ordered")
