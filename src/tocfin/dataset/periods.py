"""The accounting periods of a data set, whatever the calendar (months, 4-4-5), and what is wrong with them."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from tocfin.dataset.listing import Faults, Tables
from tocfin.dataset.plan import Period
from tocfin.dataset.text import instant


def periods(table: pl.DataFrame) -> tuple[Period, ...]:
    """The rows of ``periods`` in order of time; a period without a cut-off is cut off at its end."""
    rows = table.drop_nulls(["period", "start", "end"]).sort("start", "end", "period")
    return tuple(
        Period(name, start, end, end if cut is None else cut, status == "closed")
        for name, start, end, cut, status in rows.select("period", "start", "end", "cut_off", "status").iter_rows()
    )


def find(tables: Tables) -> Iterator[Faults]:
    """Periods that overlap (an amount would be in both), and gaps between them."""
    if tables["periods"].is_empty():
        return
    rows = tables["periods"].unique("period", keep="first", maintain_order=True)
    rows = rows.filter(pl.col("start") < pl.col("end")).sort("start", "end")
    rows = rows.with_columns(before=pl.col("end").shift().cum_max(), name=pl.col("period").shift())
    yield Faults(
        "error",
        "overlapping-periods",
        "periods",
        "start",
        rows.filter(pl.col("start") < pl.col("before")),
        lambda row: (
            f"{instant(row['start'])} is before the end of an earlier period ({instant(row['before'])}), so that what"
            " happens between would count twice: correct one of the two"
        ),
    )
    yield Faults(
        "warning",
        "gap-between-periods",
        "periods",
        "start",
        rows.filter(pl.col("start") > pl.col("before")),
        lambda row: (
            f"no period covers {instant(row['before'])} to {instant(row['start'])}; what happens then is shown in a"
            " bucket of its own"
        ),
    )
