"""Stock inside the horizon, by item and by day, as a planner reads it: what comes, what goes, what is short."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

import numpy as np
import polars as pl

from tocfin.dataset.plan import Plan
from tocfin.dataset.stock import balances, lacking
from tocfin.dataset.tables import Dataset
from tocfin.dataset.text import day
from tocfin.errors import UsageError
from tocfin.zones import DAY, to_local

#: What a movement is called when it is summed.
FLOWS = {"receipt": "receipts", "completion": "completions", "issue": "issues", "shipment": "shipments"}
_PLACE = ("item", "plant")
Line = dict[str, Any]


def by_item(dataset: Dataset, items: Sequence[str] = ()) -> list[Line]:
    """One row per item and plant that has stock or moves it [unit].

    It holds item, plant, opening, receipts, completions, issues, shipments, closing (all of it, also consigned), owned
    (at the end), lowest, short_from [s] and short (quantity that nothing covers then); null where the kind of stock
    cannot be projected, for the ``reason`` named. Raises DatasetError for a data set with errors, UsageError for an
    unknown item.
    """
    plan = cast(Plan, dataset.require().plan)
    rows = _chosen(dataset, items).with_columns(short_at=pl.when(pl.col("short") > 0).then("at"))
    inside = rows.filter((pl.col("at") < plan.horizon_end) | (pl.col("flow") == "opening"))
    ends = inside.group_by(_PLACE, maintain_order=True).agg(
        pl.col("kind").first(),
        opening=pl.col("qty").filter(pl.col("flow") == "opening").sum(),
        **_sums(),
        closing=pl.col("balance").last(),
        owned=pl.col("held").last(),
        lowest=pl.col("balance").filter(pl.col("flow") != "opening").min(),
        short_from=pl.col("short_at").min(),
        short=pl.col("short").filter(pl.col("short") > 0).first(),
    )
    ends = ends.with_columns(lowest=pl.min_horizontal("opening", "lowest"))
    missing = lacking(dataset.tables, plan)
    reason = pl.col("kind").replace_strict(list(missing), list(missing.values()), default=None, return_dtype=pl.String)
    ends = ends.with_columns(reason=reason)
    later = [name for name in ends.columns if name not in (*_PLACE, "kind", "opening", "reason")]
    return (
        ends.with_columns(pl.when(pl.col("reason").is_null()).then(name).alias(name) for name in later)
        .drop("kind")
        .to_dicts()
    )


def by_day(dataset: Dataset, items: Sequence[str] = ()) -> list[Line]:
    """One row per item, plant and local day on which stock moves: date, receipts to shipments, closing and owned.

    Kinds of stock that cannot be projected are left out. Raises as `by_item` does.
    """
    plan = cast(Plan, dataset.require().plan)
    rows = _chosen(dataset, items).filter(~pl.col("kind").is_in(list(lacking(dataset.tables, plan))))
    rows = rows.filter(pl.col("at") < plan.horizon_end, pl.col("flow") != "opening")
    zones = dict(dataset.tables["plants"].select("plant", pl.col("timezone").fill_null("UTC")).iter_rows())
    at, plant = rows["at"].to_numpy(), rows["plant"].to_numpy()
    days = np.zeros(at.size, np.int64)
    for name, zone in zones.items():
        days[plant == name] = to_local(at[plant == name], zone) // DAY
    rows = rows.with_columns(date=pl.Series([day(one) for one in days.tolist()], dtype=pl.String))
    ends = {"closing": pl.col("balance").last(), "owned": pl.col("held").last(), "short": pl.col("short").sum()}
    return rows.group_by(*_PLACE, "date", maintain_order=True).agg(**_sums(), **ends).to_dicts()


def _chosen(dataset: Dataset, items: Sequence[str]) -> pl.DataFrame:
    known = set(dataset.tables["items"]["item"])
    if unknown := [item for item in items if item not in known]:
        raise UsageError(f"item '{unknown[0]}' is not in items")
    rows = balances(dataset.tables, cast(Plan, dataset.plan))
    return rows.filter(pl.col("item").is_in(list(items))) if items else rows


def _sums() -> dict[str, pl.Expr]:
    return {name: pl.col("qty").filter(pl.col("flow") == flow).sum() for flow, name in FLOWS.items()}
