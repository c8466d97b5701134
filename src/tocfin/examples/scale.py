"""The same kind of business at any size, as integer-coded columns: what the benchmarks measure.

Legal, but not feasible: times are drawn at random through the shifts, so that resources do several things at once.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from tocfin.catalogue import INTERVAL_TYPES, ITEM_TYPES
from tocfin.examples.business import CLOCK, WEEK

Ints = NDArray[np.int32]
Instants = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Codes = NDArray[np.uint8]
Columns = dict[str, Any]
Rule = tuple[Instants, tuple[int, ...], int, int, str]  # resources, weekdays, first and last hour, type

ZONES = (
    "Europe/Berlin", "America/Chicago", "Europe/Warsaw", "America/Mexico_City", "Asia/Kolkata", "Asia/Tokyo",
    "Europe/Lisbon", "America/Toronto",
)  # fmt: skip
HOUR, DAY = 3_600, 86_400
PERIODS = 4
STEPS = 10  # activities of one job
SHIFT_START, SHIFT_HOURS = 6, 16  # of a working day
ITEMS = 240
DRUMS, SUBCONTRACTORS = 3, 3  # of a plant


class Coded(NamedTuple):
    """Columns ``<entity>_<attribute>`` joined by row number, -1 for none; instants in seconds UTC, money in euros.

    ``activity_*`` are in the order of jobs, orders and operations; every operation has one activity.
    """

    edges: Instants  # (periods + 1); the first is the clock, the last the end of the horizon
    plant_expense: Floats
    plant_capital: Floats
    resource_plant: Ints
    resource_drum: Flags
    resource_subcontractor: Flags
    resource_standard_cost: Floats
    resource_overtime_cost: Floats
    interval_resource: Ints
    interval_start: Instants
    interval_end: Instants
    interval_kind: Codes  # into INTERVAL_TYPES
    item_kind: Codes  # into ITEM_TYPES
    item_cost: Floats
    item_variable: Floats
    stock_plant: Ints
    stock_item: Ints
    stock_quantity: Floats
    job_plant: Ints
    job_product: Ints
    job_need: Instants
    job_revenue: Floats
    job_shipping: Floats
    job_penalty: Floats
    job_cancelled: Flags
    order_job: Ints
    operation_order: Ints
    operation_sequence: Ints
    operation_carrying: Floats
    requirement_operation: Ints
    requirement_item: Ints
    requirement_quantity: Floats
    requirement_issued: Floats
    activity_operation: Ints
    activity_resource: Ints
    activity_batch: Ints
    activity_start: Instants
    activity_end: Instants


def big_plant(n_activities: int, seed: int = 7, *, n_resources: int = 1_000, n_plants: int = 8) -> Coded:
    """A business of ``n_activities`` in jobs of ten, over four weeks, as coded columns.

    About 2.4 % of the activities are on drums, as many on subcontractors, 7 % touch potential overtime, 1.5 % are in
    batches of three, and work pauses over nights and weekends; 1 % of the jobs are cancelled.
    """
    if not 1 <= n_plants <= len(ZONES) or n_resources < n_plants * 2 * (DRUMS + SUBCONTRACTORS):
        raise ValueError(f"1 to {len(ZONES)} plants, each with at least {2 * (DRUMS + SUBCONTRACTORS)} resources")
    rng = np.random.Generator(np.random.PCG64(seed))
    start = int(CLOCK.timestamp())
    n_jobs = -(-n_activities // STEPS)
    resources = _resources(rng, n_resources, n_plants)
    shop = _activities(rng, n_activities, n_plants, resources["resource_plant"])
    jobs = _jobs(rng, n_jobs, n_plants, shop["activity_end"])
    columns = resources | _intervals(resources) | _items(rng, n_plants) | jobs | shop
    columns |= _orders(rng, n_activities, shop["activity_start"])
    edges = start + WEEK * np.arange(PERIODS + 1, dtype=np.int64)
    expense = rng.integers(200, 400, n_plants).astype(np.float64) * (100.0 * max(1.0, n_activities / 1e5))
    return Coded(edges=edges, plant_expense=expense, plant_capital=150.0 * expense, **columns)


def _resources(rng: np.random.Generator, count: int, n_plants: int) -> Columns:
    plant = (np.arange(count) % n_plants).astype(np.int32)
    place = np.arange(count) // n_plants  # within its plant
    standard = rng.integers(18, 60, count).astype(np.float64)
    return {
        "resource_plant": plant,
        "resource_drum": place < DRUMS,
        "resource_subcontractor": (place >= DRUMS) & (place < DRUMS + SUBCONTRACTORS),
        "resource_standard_cost": standard,
        "resource_overtime_cost": standard + rng.integers(5, 25, count),
    }


def _intervals(resources: Columns) -> Columns:
    """Two shifts on weekdays for all; late potential overtime for most, Saturdays for some, Sundays for drums."""
    everyone = np.arange(resources["resource_plant"].size, dtype=np.int64)
    drum = resources["resource_drum"]
    rules: list[Rule] = [
        (everyone, (0, 1, 2, 3, 4), 6, 14, "Online"),
        (everyone, (0, 1, 2, 3, 4), 14, 22, "Online"),
        (everyone[everyone % 5 < 3], (0, 1, 2, 3), 22, 24, "PotentialOvertime"),
        (everyone[everyone % 10 == 3], (5,), 6, 12, "Overtime"),
        (everyone[drum], (6,), 8, 14, "PotentialOvertime"),
        (everyone[drum], (4,), 20, 22, "Cleanout"),
    ]
    parts = []
    for who, days, first, last, kind in rules:
        weeks = range(-1, PERIODS + 3)
        for day in (7 * week + day for week in weeks for day in days):
            begin = np.full(who.size, day * DAY + first * HOUR, np.int64)
            parts.append((who, begin, begin + (last - first) * HOUR, np.full(who.size, INTERVAL_TYPES.index(kind))))
    resource, start, end, kinds = (np.concatenate(columns) for columns in zip(*parts, strict=True))
    order = np.lexsort((start, resource))
    midnight = _midnight(resources["resource_plant"][resource])
    return {
        "interval_resource": resource[order].astype(np.int32),
        "interval_start": (midnight + start)[order],
        "interval_end": (midnight + end)[order],
        "interval_kind": kinds[order].astype(np.uint8),
    }


def _midnight(plant: Ints) -> Instants:
    """Local midnight of the first Monday; no zone of ours changes its clocks in these weeks."""
    offsets = [datetime(2026, 6, 1, tzinfo=ZoneInfo(zone)).utcoffset() for zone in ZONES]
    seconds = np.array([offset.total_seconds() if offset else 0 for offset in offsets], np.int64)
    return np.int64(CLOCK.timestamp()) - seconds[plant]


def _activities(rng: np.random.Generator, count: int, n_plants: int, resource_plant: Ints) -> Columns:
    """Chains of ten steps through the working time of the job's plant, each on any resource of that plant."""
    n_jobs = -(-count // STEPS)
    plant = (np.arange(n_jobs) % n_plants).astype(np.int32)
    shift = SHIFT_HOURS * HOUR
    released = np.arange(n_jobs, dtype=np.int64) * (PERIODS * 5 * shift) // n_jobs - shift
    work = 300 * rng.integers(3, 58, (n_jobs, STEPS), dtype=np.int32).astype(np.int64)
    wait = 300 * rng.integers(0, 49, (n_jobs, STEPS), dtype=np.int32).astype(np.int64)
    done = released[:, None] + np.cumsum(work + wait, axis=1)
    midnight = _midnight(plant)[:, None]
    start, end = midnight + _wall(done - work, 0), midnight + _wall(done, 1)
    per_plant = resource_plant.size // n_plants
    resource = (rng.integers(0, per_plant, (n_jobs, STEPS), dtype=np.int32) * n_plants + plant[:, None]).astype(
        np.int32
    )
    batch = np.full((n_jobs, STEPS), -1, np.int32)
    leaders = np.flatnonzero(np.arange(n_jobs) % (20 * n_plants) < n_plants)
    leaders = leaders[leaders + 2 * n_plants < n_jobs]
    for members in (leaders, leaders + n_plants, leaders + 2 * n_plants):
        batch[members, 4] = np.arange(leaders.size)
        resource[members, 4] = resource[leaders, 4]
        start[members, 4], end[members, 4] = start[leaders, 4], end[leaders, 4]
    return {
        "activity_operation": np.arange(count, dtype=np.int32),
        "activity_resource": resource.ravel()[:count],
        "activity_batch": batch.ravel()[:count],
        "activity_start": start.ravel()[:count],
        "activity_end": end.ravel()[:count],
    }


def _wall(worked: Instants, at_end: int) -> Instants:
    """Seconds after Monday's midnight at which so much working time has passed; a shift's end belongs to it."""
    shift = SHIFT_HOURS * HOUR
    days = (worked - at_end) // shift
    return (days // 5 * 7 + days % 5) * DAY + SHIFT_START * HOUR + worked - days * shift


def _jobs(rng: np.random.Generator, count: int, n_plants: int, ends: Instants) -> Columns:
    last = np.minimum(np.arange(1, count + 1) * STEPS, ends.size) - 1
    quoted = 300 * rng.integers(-288, 1_440, count)
    return {
        "job_plant": (np.arange(count) % n_plants).astype(np.int32),
        "job_product": rng.integers(ITEMS // 2, ITEMS, count).astype(np.int32),
        "job_need": ends[last] + quoted,
        "job_revenue": rng.integers(300_000, 1_500_000, count) / 100,
        "job_shipping": rng.integers(3_000, 12_000, count) / 100,
        "job_penalty": 5.0 * rng.integers(0, 12, count),
        "job_cancelled": rng.integers(0, 100, count) == 0,
    }


def _orders(rng: np.random.Generator, count: int, starts: Instants) -> Columns:
    """One order a job, two for every fifth; material at the first and the sixth step, issued when work begins."""
    n_jobs = -(-count // STEPS)
    double = np.arange(n_jobs) % 5 == 0
    first = np.concatenate(([0], np.cumsum(1 + double)))  # of each job
    operation = np.arange(count)
    job, step = operation // STEPS, operation % STEPS
    needs = np.flatnonzero((step == 0) | (step == 5)).astype(np.int32)
    quantity = rng.integers(1, 40, needs.size).astype(np.float64)
    return {
        "order_job": np.repeat(np.arange(n_jobs, dtype=np.int32), 1 + double),
        "operation_order": (first[job] + (double[job] & (step >= 5))).astype(np.int32),
        "operation_sequence": (10 * step + 10).astype(np.int32),
        "operation_carrying": rng.integers(1, 200, count, dtype=np.int32) / 100,
        "requirement_operation": needs,
        "requirement_item": rng.integers(0, ITEMS // 2, needs.size).astype(np.int32),
        "requirement_quantity": quantity,
        "requirement_issued": np.where(starts[needs] < int(CLOCK.timestamp()), quantity, np.nan),
    }


def _items(rng: np.random.Generator, n_plants: int) -> Columns:
    """Half of the items are raw material, the others of every further type."""
    kind = np.zeros(ITEMS, np.uint8)
    kind[ITEMS // 2 :] = 1 + np.arange(ITEMS - ITEMS // 2) % (len(ITEM_TYPES) - 1)
    cost = rng.integers(100, 6_000, ITEMS) / 100
    return {
        "item_kind": kind,
        "item_cost": cost,
        "item_variable": np.round(cost * rng.integers(60, 101, ITEMS)) / 100,
        "stock_plant": np.repeat(np.arange(n_plants, dtype=np.int32), ITEMS),
        "stock_item": np.tile(np.arange(ITEMS, dtype=np.int32), n_plants),
        "stock_quantity": rng.integers(0, 900, n_plants * ITEMS).astype(np.float64),
    }
