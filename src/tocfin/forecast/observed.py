"""What the plan assumes, beside what came of it: one series of observations per assumption and whose it is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple, cast

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tocfin.dataset import Dataset, Plan
from tocfin.forecast.drivers import PEOPLE
from tocfin.scenarios.fit_history import history
from tocfin.scenarios.selection import widened

HOUR = 3_600.0
DAY = 86_400

#: Every assumption that is looked at, with what would tell of it.
ASSUMPTIONS = {
    "run hours": "actual times of finished activities on machines",
    "labour efficiency": "actual times of finished activities of people",
    "setup hours": "actual setup times, which no table holds",
    "yield": "good and scrapped quantities of operations, and their scrap rate",
    "downtime": "downtime events, and mean times between failures and to repair",
    "material price": "receipts with a quantity and an amount, or prices of supplies that have arrived",
    "price": "invoiced amounts of jobs, with their quantity shipped",
    "adherence": "actual ends of activities beside their planned ends",
}


class Series(NamedTuple):
    """Observations of one assumption in the order of time.

    ``assumed`` is what the plan says in the unit of the values. ``table``, ``where`` and ``column`` are the cells that
    hold the assumption, so that they can be corrected; the column is scaled by level / assumed (``scale``) or set.
    """

    name: str
    of: str
    unit: str
    assumed: float
    at: NDArray[np.int64]
    values: NDArray[np.float64]
    table: str = ""
    where: dict[str, Any] | None = None
    column: str = ""
    scale: bool = True


def observed(dataset: Dataset, as_of: int | None = None) -> list[Series]:
    """Series of every assumption that something is known of by ``as_of`` (default: now, as the plan has it)."""
    instant = cast(Plan, dataset.plan).now if as_of is None else as_of
    tables = dict(dataset.require().tables)
    for name, column in (("events", "recorded_at"), ("activities", "recorded_at")):
        known = pl.col(column).is_null() | (pl.col(column) <= instant)
        if name == "events":
            tables[name] = tables[name].filter(known & (pl.col("occurred_at") <= instant))
        else:
            told = known & (pl.col("actual_end") <= instant)
            kept = pl.when(told.fill_null(False)).then("actual_end").otherwise(None)
            tables[name] = tables[name].with_columns(kept.alias("actual_end"))
    seen = Dataset(dataset.name, dataset.path, dataset.plan, tables, ())
    found = [*_work(seen), *_yield(seen), *_downtime(seen, instant), *_bought(seen), *_sold(seen), *_adherence(seen)]
    return sorted(found, key=lambda one: (list(ASSUMPTIONS).index(one.name), one.of))


def _series(
    frame: pl.DataFrame, by: str, name: str, unit: str, assumed: float | None, **where: Any
) -> Iterator[Series]:
    """One series per value of ``by`` from the columns at, value and, where ``assumed`` is None, assumed."""
    for (key,), rows in frame.drop_nulls([by, "at", "value"]).sort("at").group_by(by, maintain_order=True):
        level = assumed if assumed is not None else float(cast(float, rows["assumed"].mean()))
        change = {k: v for k, v in where.items() if k != "key"}
        chosen = {where["key"]: key, **change.pop("where", {})} if "key" in where else None
        at, values = rows["at"].to_numpy(), rows["value"].to_numpy().astype(np.float64)
        yield Series(name, str(key), unit, level, at, values, where=chosen, **change)


def _work(seen: Dataset) -> Iterator[Series]:
    """Hours that work took relative to the plan, by resource; without downtime and rework where these are in it."""
    work = history(seen).work
    kinds = seen.tables["resources"].select("resource", "resource_type")
    work = work.join(kinds, on="resource", how="left", maintain_order="left")
    work = work.with_columns(at=pl.col("until"), value=pl.col("worked") / pl.col("planned"))
    people = pl.col("resource_type").is_in(list(PEOPLE))
    left = {"status": ("Planned", "Started")} if seen.tables["activities"]["status"].null_count() == 0 else {}
    for name, rows in (("run hours", work.filter(~people)), ("labour efficiency", work.filter(people))):
        yield from _series(
            rows, "resource", name, "x", 1.0, key="resource", where=left, table="activities", column="work"
        )


def _yield(seen: Dataset) -> Iterator[Series]:
    """Good share of what was made, by product, where the plan states a scrap rate."""
    ends = seen.tables["activities"].group_by("operation").agg(pl.col("actual_end").max().alias("at"))
    rows = widened(seen.tables, "operations").join(ends, on="operation", how="left")
    made = pl.col("good_qty") + pl.col("scrap_qty")
    rows = rows.filter((made > 0) & pl.col("scrap_rate").is_not_null())
    rows = rows.with_columns(value=pl.col("good_qty") / made, assumed=1 - pl.col("scrap_rate"))
    yield from _series(
        rows, "product", "yield", "1", None, key="product", table="operations", column="scrap_rate", scale=False
    )


def _downtime(seen: Dataset, as_of: int) -> Iterator[Series]:
    """Hours down per day, by resource, beside what its mean times between failures and to repair make of its work."""
    down = seen.tables["events"].filter((pl.col("type") == "downtime") & pl.col("reverses").is_null())
    stated = seen.tables["resources"].drop_nulls(["mean_time_between_failures", "mean_time_to_repair"])
    worked = history(seen).work
    for resource, between, repair in stated.select(
        "resource", "mean_time_between_failures", "mean_time_to_repair"
    ).iter_rows():
        mine, work = down.filter(resource=resource).drop_nulls("hours"), worked.filter(resource=resource)
        if not mine.height or not work.height or not between:
            continue
        first = min(cast(int, mine["occurred_at"].min()), cast(int, work["began"].min())) // DAY
        days = np.arange(first, as_of // DAY)
        if not days.size:
            continue
        hours = np.bincount(
            np.minimum(mine["occurred_at"].to_numpy() // DAY - first, days.size - 1),
            mine["hours"].to_numpy(),
            days.size,
        )
        assumed = float(work["worked"].sum()) / HOUR / days.size * repair / between
        yield Series(
            "downtime", resource, "h/d", assumed, (days + 1) * DAY, hours.astype(np.float64), "resources",
            {"resource": resource}, "mean_time_to_repair",
        )  # fmt: skip


def _bought(seen: Dataset) -> Iterator[Series]:
    """Prices paid relative to the cost of items, by item."""
    events, supplies = seen.tables["events"], seen.tables["supplies"]
    receipts = events.filter((pl.col("type") == "receipt") & (pl.col("qty") > 0)).drop_nulls("amount")
    paid = receipts.select("item", pl.col("occurred_at").alias("at"), paid=pl.col("amount") / pl.col("qty"))
    if not paid.height:
        arrived = supplies.filter(pl.col("received_qty") > 0).drop_nulls("price")
        paid = arrived.select("item", at="due", paid="price")
    rows = paid.join(seen.tables["items"].select("item", "cost"), on="item", how="left").filter(pl.col("cost") > 0)
    rows = rows.with_columns(value=pl.col("paid") / pl.col("cost"))
    yield from _series(rows, "item", "material price", "x", 1.0, key="item", table="items", column="cost")


def _sold(seen: Dataset) -> Iterator[Series]:
    """Invoiced amounts relative to the revenue of jobs, by product, for jobs that were invoiced once."""
    invoices = seen.tables["events"].filter((pl.col("type") == "invoice") & pl.col("reverses").is_null())
    once = invoices.drop_nulls(["job", "amount"]).filter(pl.len().over("job") == 1)
    jobs = seen.tables["jobs"].select("job", "product", "revenue").filter(pl.col("revenue") > 0)
    rows = once.select("job", "amount", at="occurred_at").join(jobs, on="job")
    rows = rows.with_columns(value=pl.col("amount") / pl.col("revenue"))
    yield from _series(rows, "product", "price", "x", 1.0, key="product", table="jobs", column="revenue")


def _adherence(seen: Dataset) -> Iterator[Series]:
    """Hours that activities ended after their planned end, by resource; a plan assumes 0."""
    rows = seen.tables["activities"].drop_nulls("actual_end").unique(["operation", "activity"], keep="first")
    rows = rows.with_columns(at=pl.col("actual_end"), value=(pl.col("actual_end") - pl.col("end")) / HOUR)
    yield from _series(rows, "resource", "adherence", "h", 0.0)
