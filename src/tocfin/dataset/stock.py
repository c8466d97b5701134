"""Stock over time: running balances by item and plant, what is not covered, and what cannot be projected (R7, R35).

Stock that is not owned (consignment) lies there and may be used, but is worth nothing to us until it is: what goes out
takes owned stock first. Negative stock counts as it is.
"""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from tocfin.dataset.listing import Faults, Row, listed
from tocfin.dataset.movements import Tables, movements, orders
from tocfin.dataset.plan import Plan
from tocfin.dataset.text import instant
from tocfin.errors import Finding

#: Where each item type is counted: raw material, work in process, finished goods; anything else is *other*.
STOCK_KIND = {"RawMaterial": 0, "Intermediate": 1, "SubAssembly": 1, "FinishedGood": 2}
OTHER = 3
#: Sums of quantities are exact to this share of all that was moved.
_EXACT = 1e-9
_PLACE = ("item", "plant")
#: Where a movement that nothing covers is written.
_WANTED = {"material_requirements": "required_qty", "demands": "qty", "manufacturing_orders": "quantity"}


def balances(tables: Tables, plan: Plan) -> pl.DataFrame:
    """Movements (`movements`) with what is there after each of them, by item, plant and time.

    ``balance`` is everything that lies there [unit], ``held`` what of it is owned, ``change`` what the movement adds to
    that; ``short`` is what the movement takes and nothing covers; ``kind`` is that of `STOCK_KIND`.
    """
    rows = movements(tables, plan)
    opening, owned = pl.col("flow") == "opening", pl.when("owned").then("qty").otherwise(0.0)
    rows = rows.with_columns(
        own=owned.cum_sum().over(_PLACE),
        foreign=(pl.col("qty") - owned).cum_sum().over(_PLACE),
        began=pl.when(opening).then(owned).otherwise(0.0).sum().over(_PLACE).clip(upper_bound=0.0),
        exact=_EXACT * pl.col("qty").abs().cum_sum().over(_PLACE),
    )
    used = pl.min_horizontal(pl.col("began") - pl.col("own"), "foreign").clip(lower_bound=0.0)
    used = pl.when(opening).then(0.0).otherwise(used).cum_max().over(_PLACE)
    rows = rows.with_columns(held=pl.col("own") + used, balance=pl.col("own") + pl.col("foreign"))
    before = pl.col("held").shift().over(_PLACE).fill_null(0.0)
    missing = pl.when(~opening, pl.col("balance") < -pl.col("exact")).then(
        pl.min_horizontal(-pl.col("balance"), -pl.col("qty"))
    )
    types = tables["items"].select(
        "item", kind=pl.col("item_type").replace_strict(STOCK_KIND, default=OTHER, return_dtype=pl.Int8)
    )
    rows = rows.with_columns(change=pl.col("held") - before, short=missing.clip(lower_bound=0.0).fill_null(0.0))
    return rows.drop("own", "foreign", "began", "exact").join(types, on="item", how="left", maintain_order="left")


def lacking(tables: Tables, plan: Plan) -> dict[int, str]:
    """Kinds of stock (`STOCK_KIND`) that cannot be projected, and the table or column that is missing for it (R35).

    Everything needs ``supplies``, finished goods need ``demands``, and what is made needs its quantity: a table without
    rows says nothing, and not that nothing is coming.
    """
    if tables["supplies"].is_empty():
        return dict.fromkeys(range(OTHER + 1), "supplies")
    found = {STOCK_KIND["FinishedGood"]: "demands"} if tables["demands"].is_empty() else {}
    kind = pl.col("item_type").replace_strict(STOCK_KIND, default=OTHER, return_dtype=pl.Int8)
    unknown = orders(tables, plan.clock).filter(pl.col("quantity").is_null())
    kinds = tables["items"].join(unknown, on="item", how="semi").select(kind)["item_type"]
    return found | dict.fromkeys(kinds, "manufacturing_orders.quantity")


def doubts(tables: Tables, plan: Plan) -> list[Finding]:
    """Warnings: work or sales that stock does not cover, with the first date; supplies that should have come.

    Only of kinds of stock that can be projected; of tables without errors.
    """
    return [finding for faults in _doubts(tables, plan) for finding in listed(faults)]


def _doubts(tables: Tables, plan: Plan) -> Iterator[Faults]:
    if tables["supplies"].is_empty():
        return
    rows = balances(tables, plan).filter(~pl.col("kind").is_in(list(lacking(tables, plan))))
    worst = rows.group_by(_PLACE).agg(worst=pl.col("balance").min())
    first = rows.filter(pl.col("short") > 0).unique(_PLACE, keep="first", maintain_order=True).join(worst, on=_PLACE)
    for table, column in _WANTED.items():
        yield Faults("warning", "shortage", table, column, first.filter(pl.col("table") == table), _short)
    yield _overdue(tables, plan)


def _short(row: Row) -> str:
    return (
        f"{row['item']!r} in plant {row['plant']!r} is short from {instant(row['at'])} on: {row['short']:g} of"
        f" {-row['qty']:g} are not covered then, {-row['worst']:g} at the worst; order it, have it come sooner,"
        " or do the work later"
    )


def _overdue(tables: Tables, plan: Plan) -> Faults:
    open_qty = pl.col("qty") - pl.col("received_qty").fill_null(0.0)
    at = pl.coalesce("promised", "due")
    return Faults(
        "warning",
        "overdue-supply",
        "supplies",
        "promised",
        tables["supplies"].with_columns(at=at, open=open_qty).filter(at < plan.clock, pl.col("open") > 0),
        lambda row: (
            f"{row['open']:g} of {row['item']!r} should have come by {instant(row['at'])}, before the clock, and are"
            " expected at the clock: enter what was received, or a new date"
        ),
    )
