"""Coded columns spelled out as tables with text keys, to be written, read and checked like any data set."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tocfin.catalogue import INTERVAL_TYPES, ITEM_TYPES
from tocfin.examples.frames import complete, typed
from tocfin.examples.scale import ZONES, Coded

FIRST_KEY = 10_000_000  # keys of one table are equally long, so that they sort like their numbers


def spell_out(coded: Coded) -> tuple[dict[str, Any], dict[str, pl.DataFrame]]:
    """Plan and catalogue-typed tables of ``coded``: J10000017 is job 17, O its operations, R the resources."""
    edges = [datetime.fromtimestamp(int(edge), tz=UTC) for edge in coded.edges]
    plan = {
        "plan": {"name": f"big plant, {coded.activity_start.size:,} activities", "clock": edges[0],
                 "horizon_end": edges[-1], "currency": "EUR", "policy": "reconciled"},
        "periods": {"boundaries": edges},
    }  # fmt: skip
    tables = _sites(coded) | _stock(coded) | _book(coded) | _shop(coded)
    return plan, complete({name: typed(name, columns) for name, columns in tables.items()})


def _keys(letter: str, numbers: NDArray[np.generic] | int) -> pl.Series:
    """Text keys of row numbers (or of the first so many rows); -1 has none."""
    rows = np.arange(numbers) if isinstance(numbers, int) else numbers
    row = pl.Series("row", rows).cast(pl.Int64)
    key = pl.lit(letter) + (pl.col("row") + FIRST_KEY).cast(pl.String)
    return row.to_frame().select(pl.when(pl.col("row") >= 0).then(key)).to_series()


def _words(words: tuple[str, ...], codes: NDArray[np.uint8]) -> pl.Series:
    return pl.Series(words).gather(codes.astype(np.uint32))


def _sites(coded: Coded) -> dict[str, dict[str, Any]]:
    n_plants, n_resources = coded.plant_expense.size, coded.resource_plant.size
    kind = np.where(coded.resource_subcontractor, 1, 0).astype(np.uint8)
    return {
        "plants": {
            "plant": _keys("P", n_plants),
            "timezone": list(ZONES[:n_plants]),
            "daily_operating_expense": coded.plant_expense,
            "invested_capital": coded.plant_capital,
        },
        "resources": {
            "resource": _keys("R", n_resources),
            "plant": _keys("P", coded.resource_plant),
            "resource_type": _words(("Machine", "Subcontractor"), kind),
            "drum": coded.resource_drum,
            "standard_hourly_cost": coded.resource_standard_cost,
            "overtime_hourly_cost": coded.resource_overtime_cost,
        },
        "capacity_intervals": {
            "resource": _keys("R", coded.interval_resource),
            "start": coded.interval_start,
            "end": coded.interval_end,
            "interval_type": _words(INTERVAL_TYPES, coded.interval_kind),
        },
    }


def _stock(coded: Coded) -> dict[str, dict[str, Any]]:
    n_plants = coded.plant_expense.size
    return {
        "items": {
            "item": _keys("I", coded.item_kind.size),
            "item_type": _words(ITEM_TYPES, coded.item_kind),
            "cost": coded.item_cost,
            "truly_variable_cost": coded.item_variable,
        },
        "warehouses": {"warehouse": _keys("W", n_plants), "plant": _keys("P", n_plants)},
        "inventories": {
            "warehouse": _keys("W", coded.stock_plant),
            "item": _keys("I", coded.stock_item),
            "on_hand_qty": coded.stock_quantity,
        },
        "material_requirements": {
            "operation": _keys("O", coded.requirement_operation),
            "item": _keys("I", coded.requirement_item),
            "requirement_type": pl.repeat("FromStock", coded.requirement_item.size, eager=True),
            "required_qty": coded.requirement_quantity,
            "issued_qty": pl.Series(coded.requirement_issued).fill_nan(None),
        },
    }


def _book(coded: Coded) -> dict[str, dict[str, Any]]:
    return {
        "jobs": {
            "job": _keys("J", coded.job_plant.size),
            "plant": _keys("P", coded.job_plant),
            "product": _keys("I", coded.job_product),
            "revenue": coded.job_revenue,
            "shipping_cost": coded.job_shipping,
            "late_penalty_per_day": coded.job_penalty,
            "need_date": coded.job_need,
            "cancelled": coded.job_cancelled,
        },
        "manufacturing_orders": {
            "manufacturing_order": _keys("M", coded.order_job.size),
            "job": _keys("J", coded.order_job),
        },
        "operations": {
            "operation": _keys("O", coded.operation_order.size),
            "manufacturing_order": _keys("M", coded.operation_order),
            "sequence": coded.operation_sequence,
            "carrying_cost_per_day": coded.operation_carrying,
        },
    }


def _shop(coded: Coded) -> dict[str, dict[str, Any]]:
    return {
        "activities": {
            "activity": _keys("A", coded.activity_operation.size),
            "operation": _keys("O", coded.activity_operation),
            "resource": _keys("R", coded.activity_resource),
            "start": coded.activity_start,
            "end": coded.activity_end,
            "batch": _keys("B", coded.activity_batch),
        }
    }
