"""The drivers of a change: which columns each one owns, and which are related."""

from __future__ import annotations

from typing import NamedTuple


class Driver(NamedTuple):
    """A cause that is switched as a whole. ``group`` is what it is taken together with where there are too many."""

    name: str
    group: str
    doc: str


DRIVERS: tuple[Driver, ...] = (
    Driver("price", "demand", "revenue per unit of jobs"),
    Driver("volume", "demand", "quantity of the jobs that both sides have, all alike"),
    Driver("mix", "demand", "which of these jobs have more of the quantity"),
    Driver("orders", "demand", "jobs added, dropped or cancelled"),
    Driver("late penalty", "demand", "penalty per day, and need dates"),
    Driver("material price", "material", "cost of items and of what is bought for a job"),
    Driver("material usage", "material", "required quantity per unit"),
    Driver("stock", "material", "quantities on hand and issued"),
    Driver("scrap", "material", "pieces lost, where both sides report them"),
    Driver("labour rate", "labour", "hourly costs of resources, standard and overtime"),
    Driver("labour efficiency", "labour", "hours of work per unit of people"),
    Driver("overtime", "labour", "hours of overtime and potential overtime"),
    Driver("speed", "machines", "hours of work per unit of machines and subcontractors"),
    Driver("downtime", "machines", "hours in which resources are offline, in maintenance or down"),
    Driver("calendar", "plan", "shifts, holidays, cleanouts, units and operating days"),
    Driver("sequence", "plan", "routing, order of work on resources, and which resource does it"),
    Driver("timing", "plan", "starts that neither work, hours nor order explain, also across the cut-off"),
    Driver("confirmations", "plan", "late confirmations and corrections: status, actual times"),
    Driver("currency", "rates", "exchange rates"),
    Driver(
        "assumptions", "rates", "other rates and settings: expense per day, capital, shipping, subcontracting, drums"
    ),
)
NAMES = tuple(driver.name for driver in DRIVERS)
#: Up to this many drivers are played out one by one.
MOST_APART = 12

#: Table -> column -> the driver that owns it. A column that is not here belongs to "assumptions"; keys to none.
OWNS: dict[str, dict[str, str]] = {
    "plants": {"timezone": "calendar", "day_start": "calendar", "currency": "currency"},
    "resources": {
        "standard_hourly_cost": "labour rate", "overtime_hourly_cost": "labour rate",
        "calendar": "calendar", "active": "calendar", "units": "calendar", "finite": "calendar",
    },
    "items": {"cost": "material price", "truly_variable_cost": "material price"},
    "inventories": {"on_hand_qty": "stock"},
    "jobs": {
        "plant": "orders", "product": "orders", "cancelled": "orders", "quantity": "volume", "revenue": "price",
        "late_penalty_per_day": "late penalty", "need_date": "late penalty", "material_cost": "material price",
        "release_date": "sequence", "currency": "currency",
        "delivered_qty": "confirmations", "closed_short": "confirmations",
    },
    "manufacturing_orders": {"product": "orders", "quantity": "volume", "need_date": "late penalty"},
    "operations": {
        "sequence": "sequence", "quantity": "volume", "scrap_rate": "scrap", "good_qty": "scrap", "scrap_qty": "scrap",
    },
    "activities": {
        "start": "sequence", "end": "sequence", "batch": "sequence", "quantity": "sequence", "work_hours": "speed",
        "status": "confirmations", "actual_start": "confirmations", "actual_end": "confirmations",
        "remaining_hours": "confirmations", "recorded_at": "confirmations",
    },
    "material_requirements": {"required_qty": "material usage", "issued_qty": "stock", "total_cost": "material price"},
    "precedences": {"lag_hours": "sequence"},
}  # fmt: skip

#: Interval types -> the driver that owns a resource's hours of this type.
HOURS: dict[str, str] = {
    "Online": "calendar", "Cleanout": "calendar", "Holiday": "calendar", "Overtime": "overtime",
    "PotentialOvertime": "overtime", "Offline": "downtime", "Maintenance": "downtime",
}  # fmt: skip

#: Who is a person: what makes their work longer is efficiency, not speed.
PEOPLE = frozenset({"Labor", "Employee", "Engineer", "Inspector", "Operator", "Supervisor", "Team", "Technician"})


def owner(table: str, column: str) -> str:
    """The driver that owns a column."""
    return OWNS.get(table, {}).get(column, "assumptions")
