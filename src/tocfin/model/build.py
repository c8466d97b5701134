"""Checked tables become columns: keys become row numbers, all money the reporting currency, rows stand by key."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple, cast

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tocfin.dataset import Dataset, Plan
from tocfin.dataset.calendars import ONLINE, OVERTIME, POTENTIAL, Timelines, expand
from tocfin.dataset.currencies import job_rates, plant_rates
from tocfin.model.arrange import (
    NO_BUCKET,
    batches,
    bucketed,
    first_rows,
    frozen,
    in_batch,
    next_potential,
    on,
    operating_days,
    plain,
    seconds_before,
)
from tocfin.model.columns import (
    HAS_POTENTIAL,
    IS_ACTIVE,
    IS_DRUM,
    IS_SUBCONTRACTOR,
    NEVER,
    Enterprise,
    Floats,
    Horizon,
    Instants,
    Schedule,
)
from tocfin.model.material import job_floor, job_material, stock

Frames = Mapping[str, pl.DataFrame]
#: Columns of one entity by field name; each has its own dtype, which the tuples declare.
Columns = dict[str, Any]


class Model(NamedTuple):
    """Columns of one data set, and the keys of their rows."""

    enterprise: Enterprise
    schedule: Schedule
    horizon: Horizon
    keys: Mapping[str, pl.Series]  # plant, resource, product, job, operation, activity, period: key of each row


def build(dataset: Dataset, *, beyond: int = 0) -> Model:
    """Columns of a data set without errors; raises DatasetError when it has any.

    Rows are sorted by key, so that no figure depends on the order of the input tables. Calendars reach ``beyond``
    seconds further than the work that is planned, for work that comes later; no figure of the plan depends on it.
    """
    dataset.require()
    plan = cast(Plan, dataset.plan)
    frames = arranged(dataset.tables, plan)
    timelines, _ = expand(frames, plan, beyond=beyond)
    codes = {name: _codes(frames[name], name) for name in ("plants", "resources", "items", "jobs")}
    columns: Columns = {
        **_plants(frames["plants"], plan),
        **_resources(frames["resources"], timelines, codes["plants"], plan),
        **stock(frames, codes["plants"]),
        **_jobs(frames, codes),
    }
    edges = np.array(plan.edges, np.int64)
    keys = {
        "plant": frames["plants"]["plant"],
        "resource": frames["resources"]["resource"],
        "product": frames["items"]["item"],
        "job": frames["jobs"]["job"],
        "operation": frames["operations"]["operation"],
        "activity": frames["activities"]["activity"],
        "period": pl.Series([period.name for period in plan.buckets], dtype=pl.String),
    }
    enterprise = Enterprise(**{name: frozen(column) for name, column in columns.items()})
    schedule = _schedule(frames, codes["resources"], enterprise)
    return Model(enterprise, schedule, Horizon(plan.clock, plan.horizon_end, frozen(edges)), keys)


def _codes(frame: pl.DataFrame, table: str) -> pl.DataFrame:
    """Key -> row number of a sorted frame, ready to be joined as ``code``."""
    return frame.select(pl.col(frame.columns[1]).alias("key"), pl.int_range(pl.len(), dtype=pl.Int32).alias(table))


def _coded(frame: pl.DataFrame, column: str, codes: pl.DataFrame) -> NDArray[np.int32]:
    """Row numbers that the keys in ``column`` stand for; -1 for none."""
    joined = frame.select(pl.col(column).alias("key")).join(codes, on="key", how="left", maintain_order="left")
    return joined[codes.columns[1]].fill_null(-1).to_numpy()


def arranged(tables: Frames, plan: Plan) -> dict[str, pl.DataFrame]:
    """Tables in the order of their keys, orders under their job, operations under their order and so on."""
    frames = dict(tables)
    frames["plants"] = tables["plants"].sort("plant")
    only = frames["plants"]["plant"][0]
    both = plant_rates(frames, plan)
    rate = both.select("plant", "rate")
    frames["plants"] = frames["plants"].with_columns(both["rate"], both["closing"])
    frames["resources"] = tables["resources"].join(rate, on="plant", how="left").sort("resource")
    frames["items"] = tables["items"].sort("item")
    frames["inventories"] = tables["inventories"].sort("warehouse", "item")
    jobs = tables["jobs"].with_columns(pl.col("plant").fill_null(only), pl.col("cancelled").fill_null(False))
    found = job_rates(tables, plan)
    jobs = jobs.with_columns(found["rate"], found["plant_rate"]).join(both.select("plant", "closing"), on="plant")
    frames["jobs"] = jobs.sort("job").with_row_index("job_row")
    rated = ("rate", "plant_rate", "closing", "job_row")
    frames["jobs"] = frames["jobs"].select("row", *tables["jobs"].columns[1:], *rated)
    owner = frames["jobs"].select(
        "job", "job_row", "closing", "cancelled", rate="plant_rate", job_product="product", need="need_date"
    )
    orders = tables["manufacturing_orders"].join(owner, on="job", how="left")
    orders = orders.sort("job_row", "manufacturing_order").with_row_index("order_row")
    frames["manufacturing_orders"] = orders
    chain = orders.select("manufacturing_order", "order_row", "job_row", "rate", "closing", "cancelled")
    operations = tables["operations"].join(chain, on="manufacturing_order", how="left")
    operations = operations.sort("order_row", "sequence", "operation").with_row_index("operation_row")
    frames["operations"] = operations
    chain = operations.select("operation", "operation_row", "job_row", "rate", "closing", "cancelled")
    activities = tables["activities"].join(chain, on="operation", how="left")
    frames["activities"] = activities.sort("operation_row", "activity", "resource")
    frames["material_requirements"] = tables["material_requirements"].join(chain, on="operation", how="left")
    return frames


def _plants(plants: pl.DataFrame, plan: Plan) -> Columns:
    zones = plants["timezone"].fill_null("UTC").to_list()
    first, start = operating_days(zones, plants["day_start"].fill_null(0).to_list(), plan.clock, plan.horizon_end)
    return {
        "plant_expense": _money(plants, "daily_operating_expense"),
        "plant_capital": _money(plants, "invested_capital", "closing"),
        "plant_capital_has_stock": _flag(plants, "invested_capital_includes_inventory", default=False),
        "plant_first_day": first,
        "day_start": start,
    }


def _resources(resources: pl.DataFrame, timelines: Timelines, plants: pl.DataFrame, plan: Plan) -> Columns:
    active = _flag(resources, "active", default=True)
    timelines = timelines._replace(timeline_first=np.concatenate([[0], timelines.timeline_first]))
    timeline = np.where(active, timelines.resource_timeline + 1, 0).astype(np.int32)
    following, segments, span = bucketed(timelines, plan.clock, plan.horizon_end)
    subcontractor = (resources["resource_type"] == "Subcontractor").to_numpy()
    role = np.zeros(resources.height, np.uint8)
    for bit, holds in (
        (IS_ACTIVE, active),
        (IS_DRUM, _flag(resources, "drum", default=False)),
        (IS_SUBCONTRACTOR, subcontractor),
        (HAS_POTENTIAL, (following[:, 0] != NO_BUCKET)[timeline]),
    ):
        role |= np.where(active & holds.astype(np.bool_), bit, 0).astype(np.uint8)
    return {
        "resource_plant": _coded(resources, "plant", plants),
        "resource_role": role,
        "resource_units": resources["units"].fill_null(1).cast(pl.Float64).to_numpy(),
        "resource_standard_cost": _money(resources, "standard_hourly_cost"),
        "resource_overtime_cost": _money(resources, "overtime_hourly_cost"),
        "resource_timeline": timeline,
        "timeline_first": timelines.timeline_first.astype(np.int32),
        "resource_first_bucket": timeline * np.int32(following.shape[1]),
        "bucket_potential": following.ravel(),
        "bucket_segment": segments.ravel(),
        "bucket_span": span,
        "segment_start": timelines.segment_start,
        "segment_end": timelines.segment_end,
        "segment_kind": timelines.segment_kind,
        "segment_next_potential": next_potential(timelines),
        "segment_online": seconds_before(timelines, ONLINE),
        "segment_overtime": seconds_before(timelines, OVERTIME, POTENTIAL),
    }


def _jobs(frames: Frames, codes: Mapping[str, pl.DataFrame]) -> Columns:
    jobs, orders, operations = frames["jobs"], frames["manufacturing_orders"], frames["operations"]
    kept = kept_share(jobs)
    return {
        "job_plant": _coded(jobs, "plant", codes["plants"]),
        "job_product": _coded(jobs, "product", codes["items"]),
        "job_cancelled": _flag(jobs, "cancelled", default=False),
        "job_need": _instants(jobs, "need_date"),
        "job_revenue": _money(jobs, "revenue") * kept,
        "job_shipping": _money(jobs, "shipping_cost"),
        "job_penalty": _money(jobs, "late_penalty_per_day"),
        "job_subcontract": _money(jobs, "subcontract_cost"),
        "job_material": job_material(frames) * kept[:, None],
        "job_floor": job_floor(frames),
        "job_first_order": first_rows(orders["job_row"].to_numpy(), jobs.height),
        "order_need": orders.select(pl.col("need_date").fill_null(pl.col("need")))["need_date"].to_numpy(),
        "order_first_operation": first_rows(operations["order_row"].to_numpy(), orders.height),
        "operation_carrying": _money(operations, "carrying_cost_per_day"),
    }


def kept_share(jobs: pl.DataFrame) -> Floats:
    """Share of each job that it ends with: what it delivered where it is closed short (R32), else all of it.

    NaN where nobody says how much was delivered, or of how much: what such a job earns is not supplied.
    """
    share = (pl.col("delivered_qty") / pl.col("quantity")).clip(upper_bound=1.0).fill_nan(None)
    kept = pl.when(pl.col("closed_short").fill_null(False)).then(share.fill_null(np.nan)).otherwise(1.0)
    return jobs.select(kept.alias("kept"))["kept"].to_numpy()


def _schedule(frames: Frames, resources: pl.DataFrame, enterprise: Enterprise) -> Schedule:
    activities = frames["activities"]
    resource = _coded(activities, "resource", resources)
    named = activities["batch"].drop_nulls().unique().sort()
    names = pl.DataFrame({"key": named, "batch": pl.Series(range(named.len()), dtype=pl.Int32)})
    batch = _coded(activities, "batch", names)
    job = activities["job_row"].to_numpy().astype(np.int32)
    taken = ~activities["cancelled"].to_numpy()
    activity_batch, batch_first, batch_activity, batch_job = batches(resource, batch, job, taken)
    first_activity = first_rows(activities["operation_row"].to_numpy(), frames["operations"].height)
    drum_activity, drum_job = on(enterprise.resource_role, IS_DRUM, resource, job, taken)
    subcontract_activity, subcontract_job = on(enterprise.resource_role, IS_SUBCONTRACTOR, resource, job, taken)
    first_operation, actual_start = enterprise.order_first_operation, _optional(activities, "actual_start", NEVER)
    columns: Columns = {
        "operation_first_activity": first_activity,
        "activity_start": _instants(activities, "start"),
        "activity_end": _instants(activities, "end"),
        "activity_resource": resource,
        "activity_batch": activity_batch,
        "activity_actual_start": actual_start,
        "activity_actual_end": _optional(activities, "actual_end", NEVER),
        "activity_work_hours": _optional(activities, "work_hours", np.nan),
        "batch_first": batch_first,
        "batch_activity": batch_activity,
        "batch_job": batch_job,
        "drum_activity": drum_activity,
        "drum_job": drum_job,
        "drum_batched": in_batch(activity_batch, drum_activity),
        "subcontract_activity": subcontract_activity,
        "subcontract_job": subcontract_job,
        "order_plain": plain(first_operation, first_activity, enterprise.operation_carrying, actual_start),
    }
    return Schedule(
        **{name: frozen(column) for name, column in columns.items()},
        most_operations=int(np.diff(first_operation).max(initial=0)),
    )


def _money(frame: pl.DataFrame, column: str, rate: str = "rate") -> Floats:
    """Amounts in the reporting currency; NaN where none was supplied."""
    return (frame[column] * frame[rate]).fill_null(np.nan).to_numpy()


def _flag(frame: pl.DataFrame, column: str, *, default: bool) -> NDArray[np.uint8]:
    return frame[column].fill_null(default).cast(pl.UInt8).to_numpy()


def _instants(frame: pl.DataFrame, column: str) -> Instants:
    return frame[column].to_numpy()


def _optional(frame: pl.DataFrame, column: str, missing: float) -> NDArray[Any]:
    """The column with ``missing`` where a cell is empty; an empty array where every cell is."""
    values = frame[column]
    return values.fill_null(missing).to_numpy() if values.null_count() < values.len() else values.head(0).to_numpy()
