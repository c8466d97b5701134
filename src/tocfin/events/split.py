"""Which activity of a split operation an event is about: events name the operation, and often the resource."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import polars as pl

from tocfin.dataset.listing import Tables

Rows = list[dict[str, Any]]


def placed(worked: pl.DataFrame, tables: Tables) -> pl.DataFrame:
    """``worked`` (events of operations) with the ``activity`` that each is about.

    Where an operation has several activities, those on the resource that an event names are filled up in planned
    order, all of them where it names none: an event is about the first whose quantity is not yet confirmed, else about
    the last. Without quantities of activities every event is about the first that can be meant.
    """
    activities = tables["activities"].select("operation", "activity", "resource", "start", "quantity")
    several = activities.group_by("operation").agg(n=pl.col("activity").n_unique()).filter(pl.col("n") > 1)
    single = activities.join(several, on="operation", how="anti").unique("operation", keep="first")
    plain = worked.join(single.select("operation", "activity"), on="operation", how="inner")
    split = worked.join(several.select("operation"), on="operation", how="semi")
    if not split.height:
        return plain
    parts = activities.join(several.select("operation"), on="operation", how="semi").sort("start", "activity")
    by_operation = {key[0]: part.to_dicts() for key, part in parts.group_by("operation")}
    found = [
        (row["event_id"], activity)
        for key, rows in split.sort("occurred_at", "event_id").group_by("operation")
        for row, activity in _filled(rows.to_dicts(), by_operation[key[0]])
    ]
    names = pl.DataFrame(found, {"event_id": pl.String, "activity": pl.String}, orient="row")
    return pl.concat([plain, split.join(names, on="event_id", how="left").select(plain.columns)])


def _filled(events: Rows, parts: Rows) -> Iterator[tuple[dict[str, Any], str]]:
    """The activity of each event, in the order in which they occurred."""
    confirmed = dict.fromkeys((part["activity"] for part in parts), 0.0)
    for event in events:
        there = [part for part in parts if part["resource"] == event["resource"]] or parts
        wanted = (part for part in there if confirmed[part["activity"]] < (part["quantity"] or 0.0))
        activity = next(wanted, there[-1] if any(part["quantity"] for part in there) else there[0])["activity"]
        if event["type"] == "completion":
            confirmed[activity] += (event["good_qty"] or 0.0) + (event["scrap_qty"] or 0.0)
        yield event, activity
