"""One more order as rows of a data set: made like a job of the same product, placed into the gaps of the plan."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from tocfin.dataset import Dataset
from tocfin.errors import UsageError
from tocfin.forecast.laid import HOUR, Laid
from tocfin.forecast.placing import Step, placed

#: Key of the order's job, and what its other keys begin with.
NEW = "QUOTE"
#: Columns that say what happened to the job that the order is made like; of the order nothing has happened yet.
HAPPENED = {
    "jobs": ("release_date", "shipped_at", "invoiced_at", "delivered_qty"),
    "manufacturing_orders": ("need_date",),
    "operations": ("good_qty", "scrap_qty"),
    "activities": (
        "batch", "status", "actual_start", "actual_end", "recorded_at", "remaining_hours", "work_hours",
    ),
    "material_requirements": ("issued_qty",),
}  # fmt: skip
#: Columns that grow with the quantity.
SCALED = {
    "jobs": ("quantity", "revenue", "material_cost", "subcontract_cost", "shipping_cost"),
    "manufacturing_orders": ("quantity",),
    "operations": ("quantity", "run_hours", "carrying_cost_per_day"),
    "activities": ("quantity",),
    "material_requirements": ("required_qty", "total_cost"),
}
#: Columns that hold keys of the order's own rows.
KEYS = {
    "manufacturing_orders": ("manufacturing_order",),
    "operations": ("operation", "manufacturing_order"),
    "activities": ("activity", "operation"),
    "material_requirements": ("operation",),
}


@dataclass(frozen=True, slots=True)
class Order:
    """What is asked for; what is None is that of the job that it is made like. ``price`` is for the whole order."""

    product: str
    quantity: float | None = None
    price: float | None = None
    due: int | None = None
    like: str | None = None


@dataclass(frozen=True)
class Taken:
    """The data set with the order, the job that it is made like, when it is planned [s], and its price."""

    dataset: Dataset
    like: str
    start: int
    end: int
    price: float


def taken(dataset: Dataset, laid: Laid, order: Order) -> Taken:
    """``dataset`` with ``order`` planned as early as its resources have room; ``laid`` is the data set laid out.

    Work is scaled by quantity, setups are not. Raises UsageError for an unknown product or job, one without a complete
    plan, a price that nobody knows, or where there is no room.
    """
    if NEW in laid.model.keys["job"]:
        raise UsageError(f"the data set has a job called '{NEW}'; rename it to ask for a quote")
    j = _template(laid, order)
    job = laid.frames["jobs"].row(j, named=True)
    if order.quantity is not None and not job["quantity"]:
        raise UsageError(f"'{job['job']}' has no quantity to scale by; leave --quantity out or name another job")
    ratio = 1.0 if order.quantity is None else order.quantity / job["quantity"]
    price = order.price
    if price is None:
        if job["revenue"] is None:
            raise UsageError(f"'{job['job']}' has no revenue to go by; say --price")
        price = job["revenue"] * ratio
    times = _times(laid, j, ratio)
    tables = {name: _rows(laid, dataset, name, j, ratio) for name in HAPPENED}
    due = job["need_date"] if order.due is None else order.due
    tables["jobs"] = tables["jobs"].with_columns(
        pl.lit(NEW).alias("job"), pl.lit(price).alias("revenue"), pl.lit(due, pl.Int64).alias("need_date")
    )
    tables["manufacturing_orders"] = tables["manufacturing_orders"].with_columns(pl.lit(NEW).alias("job"))
    starts, ends = zip(*times, strict=True)
    tables["activities"] = tables["activities"].with_columns(
        pl.Series("start", starts, pl.Int64), pl.Series("end", ends, pl.Int64)
    )
    tables["precedences"] = _links(laid, dataset, j)
    behind = {name: _behind(dataset.tables[name], some) for name, some in tables.items()}
    whole = replace(dataset, name="with the order", tables={**dataset.tables, **behind})
    return Taken(whole, job["job"], min(starts), max(ends), price)


def _template(laid: Laid, order: Order) -> int:
    """The job that the order is made like: the one named, else the last needed of the product."""
    jobs = laid.frames["jobs"]
    if order.product not in laid.model.keys["product"]:
        raise UsageError(f"'{order.product}' is not in items")
    wanted = (jobs["product"] == order.product).fill_null(False).to_numpy() & laid.job_planned
    if order.like is not None:
        wanted &= (jobs["job"] == order.like).to_numpy()
    rows = np.flatnonzero(wanted)
    if not rows.size:
        what = f"'{order.like}' is no completely planned job" if order.like else "there is no completely planned job"
        raise UsageError(f"{what} of '{order.product}' to make the order like")
    return int(rows[np.argmax(laid.model.enterprise.job_need[rows])])


def _rows(laid: Laid, dataset: Dataset, name: str, j: int, ratio: float) -> pl.DataFrame:
    """The job's rows of a table as the order's."""
    some = laid.frames[name].filter(pl.col("job_row") == j).select(dataset.tables[name].columns)
    prefix = pl.lit(f"{NEW}/")
    return some.with_columns(
        *((pl.col(column) * ratio).alias(column) for column in SCALED[name]),
        *(pl.lit(None).alias(column) for column in HAPPENED[name]),
        *(pl.concat_str(prefix, column).alias(column) for column in KEYS.get(name, ())),
    )


def _links(laid: Laid, dataset: Dataset, j: int) -> pl.DataFrame:
    """Precedences inside the job, for the order."""
    own, links = laid.frames["operations"].filter(pl.col("job_row") == j)["operation"], dataset.tables["precedences"]
    mine = links.filter(pl.col("predecessor").is_in(own.implode()) & pl.col("successor").is_in(own.implode()))
    return mine.with_columns(
        pl.concat_str(pl.lit(f"{NEW}/"), column).alias(column) for column in ("predecessor", "successor")
    )


def _behind(table: pl.DataFrame, some: pl.DataFrame) -> pl.DataFrame:
    """A table with new rows behind its last."""
    last = int(table["row"].max() or 1)  # type: ignore[arg-type]
    numbered = some.with_columns(pl.int_range(last + 1, last + 1 + some.height, dtype=pl.Int64).alias("row"))
    return pl.concat([table, numbered.select(table.columns).cast(table.schema)])


def _times(laid: Laid, j: int, ratio: float) -> list[tuple[int, int]]:
    """Start and end of each of the job's activities, in the order of their rows, from the clock on."""
    rows = np.flatnonzero(laid.activity_job == j)
    operations = laid.frames["operations"].filter(pl.col("job_row") == j)
    setup = dict(operations.select("operation_row", pl.col("setup_hours").fill_null(0.0)).iter_rows())
    names = laid.model.keys["activity"].to_list()
    steps: list[Step] = []
    step_of: dict[int, list[int]] = {}
    members: dict[tuple[int, str], list[int]] = {}
    for a in rows.tolist():
        members.setdefault((int(laid.activity_operation[a]), names[a]), []).append(a)
    for o in _in_order(laid, operations["operation_row"].to_list()):
        for key in (key for key in members if key[0] == o):
            whole = max(laid.seconds_of(a) for a in members[key])
            fixed = min(setup[o] * HOUR, whole)
            resources = tuple(int(laid.model.schedule.activity_resource[a]) for a in members[key])
            after = tuple(step for before in laid.waits_for.get(o, ()) for step in step_of.get(before, ()))
            step_of.setdefault(o, []).append(len(steps))
            members[key].append(len(steps))  # the last is the step
            steps.append(Step(max(round(fixed + (whole - fixed) * ratio), 1), resources, after))
    times = placed(laid, steps, laid.model.horizon.clock)
    return [times[members[int(laid.activity_operation[a]), names[a]][-1]] for a in rows.tolist()]


def _in_order(laid: Laid, operations: list[int]) -> list[int]:
    """Operations so that each follows those that it waits for."""
    left, order = list(operations), []
    while left:
        ready = next(o for o in left if not set(laid.waits_for.get(o, ())) & set(left))
        order.append(ready)
        left.remove(ready)
    return order
