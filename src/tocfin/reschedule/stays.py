"""What must stay as it is planned, and why: read from the tables alone, for the problem's builder and for its judge."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import polars as pl

from tocfin.dataset import Dataset, Plan

#: Work that has begun or is done.
BEGUN = ("Started", "Finished")
HOUR = 3_600
#: What names an activity: its rows move together.
ACTIVITY = ("operation", "activity")


@dataclass(frozen=True)
class Zones:
    """What must stay as planned beside history: work that starts before ``frozen_until``, and pinned jobs.

    Work that starts before ``slushy_until`` may move at the price of ``slushy_move_cost`` and
    ``slushy_move_cost_per_hour`` (plan.toml [reschedule]). With ``resources`` only loads that are wholly on these may
    move. Firm, released and started jobs that the present plan (or what becomes of it) ends in this period do so in
    every other plan, unless they are in ``may_defer``.
    """

    frozen_until: int | None = None
    pinned: tuple[str, ...] = ()
    resources: tuple[str, ...] = ()
    may_defer: tuple[str, ...] = ()
    slushy_until: int | None = None


def staying(dataset: Dataset, zones: Zones) -> dict[int, str]:
    """Rows of activities (by their row in the source) that stay, and by which rule.

    *history*: begun or done by the clock, or planned before it and not known to begin later; *frozen*; *pinned*;
    *only-resources*. What moves together stays together: rows of one activity, members of one batch on one resource.
    Rows of cancelled jobs are in no plan and not listed.
    """
    tables, clock = dataset.tables, int(cast(Plan, dataset.plan).clock)
    jobs = tables["jobs"].filter(~pl.col("cancelled").fill_null(False)).select("job")
    orders = tables["manufacturing_orders"].join(jobs, on="job").select("manufacturing_order", "job")
    owner = tables["operations"].join(orders, on="manufacturing_order").select("operation", "job")
    rows = tables["activities"].join(owner, on="operation", maintain_order="left").with_columns(why=_rule(zones, clock))
    why = dict(rows.filter(pl.col("why").is_not_null())["row", "why"].iter_rows())
    kin = rows.filter(pl.any_horizontal(pl.struct(ACTIVITY).is_duplicated(), pl.col("batch").is_not_null()))
    for group in together(kin):
        if known := [why[row] for row in group if row in why]:
            why |= {row: why.get(row, known[0]) for row in group}
    return why


def _rule(zones: Zones, clock: int) -> pl.Expr:
    """The rule by which an activity with its job stays; null where it may move."""
    later = (pl.col("actual_start") >= clock).fill_null(False)
    frozen = pl.lit(False) if zones.frozen_until is None else pl.col("start") < zones.frozen_until
    elsewhere = ~pl.col("resource").is_in(list(zones.resources)) & bool(zones.resources)
    return (
        pl.when(begun(clock) | ((pl.col("start") < clock) & ~later)).then(pl.lit("history"))
        .when(frozen).then(pl.lit("frozen"))
        .when(pl.col("job").is_in(list(zones.pinned))).then(pl.lit("pinned"))
        .when(elsewhere).then(pl.lit("only-resources"))
    )  # fmt: skip


def begun(clock: int) -> pl.Expr:
    """Whether an activity had begun by the clock; what is reported to begin after it had not."""
    reported = pl.col("status").is_in(BEGUN).fill_null(False) | pl.col("actual_end").is_not_null()
    return pl.coalesce(pl.col("actual_start") < clock, reported)


def together(rows: pl.DataFrame) -> list[list[int]]:
    """Rows that move together, joined by activity and by batch on a resource."""
    parent = {row: row for row in rows["row"]}

    def root(row: int) -> int:
        while parent[row] != row:
            parent[row] = parent[parent[row]]
            row = parent[row]
        return row

    first: dict[tuple[str, str, str], int] = {}
    for row, operation, activity, resource, batch in rows.select("row", *ACTIVITY, "resource", "batch").iter_rows():
        keys = [("activity", operation, activity)] + [("batch", resource, batch)] * (batch is not None)
        for key in keys:
            parent[root(row)] = root(first.setdefault(key, row))
    groups: dict[int, list[int]] = {}
    for row in rows["row"]:
        groups.setdefault(root(row), []).append(row)
    return list(groups.values())


def worked() -> pl.Expr:
    """Seconds of work of an activity by its ``work_hours``; null where the plan's own times count."""
    return (HOUR * pl.col("work_hours")).round(mode="half_to_even").cast(pl.Int64)
