"""What is sold besides whole jobs: why each job exists, what it delivered in parts, and order lines from stock."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import polars as pl

from tocfin.catalogue import PURPOSES
from tocfin.dataset import Plan
from tocfin.dataset.currencies import rates
from tocfin.model.arrange import frozen
from tocfin.model.columns import NEVER, Bytes, Floats, Instants


class Sales(NamedTuple):
    """Jobs stand by key, order lines without a job by their own."""

    job_purpose: Bytes  # (jobs) row of PURPOSES
    job_delivered: Floats  # (jobs) share of what it ends with that was delivered; NaN where nobody says of how much
    job_shipped: Instants  # (jobs) [s] when that left; NEVER where nobody says
    shelf_at: Instants  # (lines) [s] when it is due, which is taken as its shipment
    shelf_revenue: Floats  # (lines) [money] reporting currency; NaN where its currency has no rate
    shelf_variable: Floats  # (lines) [money] truly variable cost

    @property
    def plain(self) -> bool:
        """Whether whole jobs that are sold are all there is."""
        return not (self.job_purpose.any() or self.shelf_at.size or (self.job_shipped != NEVER).any())


def sales(tables: Mapping[str, pl.DataFrame], plan: Plan) -> Sales:
    """The sales columns of checked tables."""
    number = {purpose: code for code, purpose in enumerate(PURPOSES)}
    share = pl.col("delivered_qty") / pl.col("quantity")
    jobs = tables["jobs"].sort("job").select(
        purpose=pl.col("purpose").fill_null(PURPOSES[0]).replace_strict(number, return_dtype=pl.UInt8),
        share=pl.when(pl.col("delivered_qty").fill_null(0.0) == 0).then(0.0)
        .when(pl.col("closed_short").fill_null(False)).then(1.0)
        .otherwise(share.clip(upper_bound=1.0).fill_nan(None)),
        shipped=pl.when(pl.col("delivered_qty") > 0).then("shipped_at").fill_null(NEVER),
    )  # fmt: skip
    items = tables["items"].select("item", variable=pl.coalesce("truly_variable_cost", "cost"))
    demands = tables["demands"]
    worth = rates(demands["currency"], demands["due"], tables, plan, "average")
    shelf = (
        demands.with_columns(worth=worth)
        .filter(pl.col("job").is_null())
        .sort("demand")
        .join(items, on="item", how="left", maintain_order="left")
        .select(
            "due",
            revenue=pl.col("qty") * pl.col("unit_price") * pl.col("worth"),
            variable=pl.col("qty") * pl.col("variable"),
        )
    )
    return Sales(
        job_purpose=frozen(jobs["purpose"].to_numpy()),
        job_delivered=frozen(jobs["share"].fill_null(np.nan).to_numpy()),
        job_shipped=frozen(jobs["shipped"].to_numpy()),
        shelf_at=frozen(shelf["due"].to_numpy()),
        shelf_revenue=frozen(shelf["revenue"].fill_null(np.nan).to_numpy()),
        shelf_variable=frozen(shelf["variable"].fill_null(np.nan).to_numpy()),
    )
