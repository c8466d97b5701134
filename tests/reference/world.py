"""Rows of text to a world of plain objects: grammar of cells, zones, currencies (R1, R2, R3, R5, R7)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from fractions import Fraction
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

from reference.entities import (
    Activity,
    IllegalError,
    Item,
    Job,
    Operation,
    Order,
    Plant,
    Requirement,
    Resource,
    Row,
    Tables,
    World,
)


def number(row: Row, column: str, rate: Fraction | int = 1) -> Fraction | None:
    cell = row.get(column)
    return Fraction(cell) * rate if cell else None


def required(row: Row, column: str) -> str:
    cell = row.get(column)
    if not cell:
        raise IllegalError(f"{column} is empty in {dict(row)}")
    return cell


def truth(row: Row, column: str, default: bool) -> bool:
    cell = row.get(column)
    return cell.lower() == "true" if cell else default


def seconds_of_day(cell: str) -> int:
    hours, minutes = cell.split(":")
    return int(hours) * 3600 + int(minutes) * 60


def seconds(moment: datetime) -> int:
    return int((moment - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds())


def instant(cell: str, zone: ZoneInfo) -> int:
    """A time as written: with an offset as it is, else local; a local time must exist exactly once (R2, R14)."""
    moment = datetime.fromisoformat(cell)
    if moment.tzinfo is not None:
        return seconds(moment)
    first, second = (moment.replace(tzinfo=zone, fold=fold) for fold in (0, 1))
    if first.utcoffset() != second.utcoffset():
        raise IllegalError(f"{cell} does not exist exactly once in {zone.key}")
    return seconds(first)


def wall_time(day: date, second: int, zone: ZoneInfo) -> int:
    """Local wall time of calendars and operating days: fold 0 is the rule of RFC 5545 3.3.5 (R14)."""
    return seconds(datetime(day.year, day.month, day.day, second // 3600, second % 3600 // 60, tzinfo=zone, fold=0))


def _planned(value: datetime | str) -> int:
    moment = datetime.fromisoformat(value) if isinstance(value, str) else value
    if moment.tzinfo is None:
        raise IllegalError("plan.toml: a time needs an offset")
    return seconds(moment)


def _exact(value: float | int | str) -> Fraction:
    return Fraction(str(value))


def _indexed(rows: Iterable[Row], *key: str) -> dict[tuple[str, ...], Row]:
    found: dict[tuple[str, ...], Row] = {}
    for row in rows:
        name = tuple(required(row, column) for column in key)
        if name in found:
            raise IllegalError(f"duplicate key {name}")
        found[name] = row
    return found


def _rates(plan: Mapping[str, Any]) -> dict[str, Fraction]:
    stated = {name: _exact(rate) for name, rate in plan.get("exchange_rates", {}).items()}
    return stated | {plan["plan"]["currency"]: Fraction(1)}


def _plants(plan: Mapping[str, Any], rows: Sequence[Row]) -> dict[str, Plant]:
    reporting, rates = plan["plan"]["currency"], _rates(plan)
    plants = {}
    for (key,), row in _indexed(rows, "plant").items():
        currency = row.get("currency") or reporting
        if currency not in rates:
            raise IllegalError(f"no rate for {currency}")
        rate = rates[currency]
        plants[key] = Plant(
            key=key,
            zone=ZoneInfo(row.get("timezone") or "UTC"),
            rate=rate,
            daily_expense=number(row, "daily_operating_expense", rate),
            capital=number(row, "invested_capital", rate),
            capital_includes_inventory=truth(row, "invested_capital_includes_inventory", False),
            day_start=seconds_of_day(row.get("day_start") or "00:00"),
        )
    return plants


def _resources(plants: dict[str, Plant], tables: Tables) -> dict[str, Resource]:
    resources = {}
    for (key,), row in _indexed(tables["resources"], "resource").items():
        plant, active = plants[required(row, "plant")], truth(row, "active", True)
        resources[key] = Resource(
            key=key,
            plant=plant,
            active=active,
            drum=active and truth(row, "drum", False),  # R8: an inactive drum is not a drum
            subcontractor=row["resource_type"] == "Subcontractor",
            standard=number(row, "standard_hourly_cost", plant.rate),
            overtime=number(row, "overtime_hourly_cost", plant.rate),
            calendar=row.get("calendar"),
            units=int(row.get("units") or 1),
        )
    for row in tables["capacity_intervals"]:
        resource = resources[required(row, "resource")]
        start, end = (instant(required(row, column), resource.plant.zone) for column in ("start", "end"))
        if end < start:
            raise IllegalError("an interval ends before it starts")
        resource.intervals.append((start, end, required(row, "interval_type")))
    return resources


def _jobs(plants: dict[str, Plant], tables: Tables, rates: Mapping[str, Fraction]) -> dict[str, Job]:
    jobs = {}
    for (key,), row in _indexed(tables["jobs"], "job").items():
        if not row.get("plant") and len(plants) > 1:
            raise IllegalError(f"job {key} has no plant")  # R3
        plant = plants[row.get("plant") or next(iter(plants))]
        rate = rates[str(row["currency"])] if row.get("currency") else plant.rate
        jobs[key] = Job(
            key=key,
            plant=plant,
            product=row.get("product"),
            revenue=number(row, "revenue", rate),
            shipping=number(row, "shipping_cost", rate),
            penalty=number(row, "late_penalty_per_day", rate),
            need=instant(required(row, "need_date"), plant.zone),
            cancelled=truth(row, "cancelled", False),
            material_cost=number(row, "material_cost", rate),
            subcontract_cost=number(row, "subcontract_cost", rate),
            kept=_kept(row),
        )
    return jobs


def _kept(row: Row) -> Fraction | None:
    if not truth(row, "closed_short", False):
        return Fraction(1)
    delivered, quantity = number(row, "delivered_qty"), number(row, "quantity")
    if delivered is None or not quantity:
        return None
    return min(Fraction(1), delivered / quantity)


def _fill_jobs(jobs: dict[str, Job], resources: dict[str, Resource], items: dict[str, Item], tables: Tables) -> None:
    orders: dict[str, tuple[Job, Order]] = {}
    for (key,), row in _indexed(tables["manufacturing_orders"], "manufacturing_order").items():
        job = jobs[required(row, "job")]
        need = row.get("need_date")
        order = Order(row.get("product") or job.product, instant(need, job.plant.zone) if need else job.need)
        job.orders.append(order)
        orders[key] = job, order
    operations: dict[str, tuple[Job, Operation]] = {}
    for (key,), row in _indexed(tables["operations"], "operation").items():
        job, order = orders[required(row, "manufacturing_order")]
        operation = Operation(number(row, "carrying_cost_per_day", job.plant.rate))
        order.operations.append(operation)
        operations[key] = job, operation
    for row in _indexed(tables["activities"], "activity", "resource").values():
        job, operation = operations[required(row, "operation")]
        operation.activities.append(_activity(job, resources[required(row, "resource")], row))
    for row in tables["material_requirements"]:
        job, operation = operations[required(row, "operation")]
        operation.requirements.append(_requirement(job, items, row))


def _activity(job: Job, resource: Resource, row: Row) -> Activity:
    zone = resource.plant.zone
    start, end = instant(required(row, "start"), zone), instant(required(row, "end"), zone)
    if end < start:
        raise IllegalError("an activity ends before it starts")
    actual = row.get("actual_start")
    return Activity(
        job=job,
        resource=resource,
        start=start,
        end=end,
        batch=row.get("batch"),
        actual_start=instant(actual, zone) if actual else None,
        work_hours=number(row, "work_hours"),
    )


def _requirement(job: Job, items: dict[str, Item], row: Row) -> Requirement:
    buy_direct = required(row, "requirement_type") == "BuyDirect"
    needed = required(row, "total_cost" if buy_direct else "item")
    return Requirement(
        item=None if buy_direct else items[needed],
        required=Fraction(required(row, "required_qty")),
        issued=number(row, "issued_qty") or Fraction(0),
        total_cost=number(row, "total_cost", job.plant.rate),
    )


def _periods(plan: Mapping[str, Any], clock: int, horizon_end: int) -> list[tuple[int, int]]:
    """Between the boundaries, wherever they lie; the whole horizon where the plan names no boundaries."""
    edges = [_planned(edge) for edge in plan.get("periods", {}).get("boundaries", ())] or [clock, horizon_end]
    return list(pairwise(edges))


def build(plan: Mapping[str, Any], tables: Tables) -> World:
    clock, horizon_end = _planned(plan["plan"]["clock"]), _planned(plan["plan"]["horizon_end"])
    if clock >= horizon_end:
        raise IllegalError("the horizon is empty")
    plants = _plants(plan, tables["plants"])
    resources = _resources(plants, tables)
    items = {}
    for (key,), row in _indexed(tables["items"], "item").items():
        cost = Fraction(required(row, "cost"))
        items[key] = Item(key, required(row, "item_type"), cost, Fraction(row.get("truly_variable_cost") or cost))
    jobs = _jobs(plants, tables, _rates(plan))
    _fill_jobs(jobs, resources, items, tables)
    warehouses = {key: row for (key,), row in _indexed(tables["warehouses"], "warehouse").items()}
    stock = [
        (plants[required(warehouses[place], "plant")], items[item], Fraction(required(row, "on_hand_qty")))
        for (place, item), row in _indexed(tables["inventories"], "warehouse", "item").items()
        if truth(warehouses[place], "owned", True)  # R7
    ]
    calendars: dict[str, list[Row]] = {}
    for row in tables.get("calendars", ()):
        calendars.setdefault(required(row, "calendar"), []).append(row)
    periods = _periods(plan, clock, horizon_end)
    return World(clock, horizon_end, periods, plants, resources, items, jobs, stock, calendars)
