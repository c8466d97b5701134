"""What a plan is made of, as plain objects: times in UTC seconds, money in the reporting currency."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from zoneinfo import ZoneInfo

Row = Mapping[str, str | None]
Tables = Mapping[str, Sequence[Row]]


class IllegalError(ValueError):
    """The data set breaks a rule of the contract: no number may be computed from it."""


@dataclass
class Plant:
    key: str
    zone: ZoneInfo
    rate: Fraction
    daily_expense: Fraction | None
    capital: Fraction | None
    capital_includes_inventory: bool
    day_start: int


@dataclass
class Resource:
    key: str
    plant: Plant
    active: bool
    drum: bool
    subcontractor: bool
    standard: Fraction | None
    overtime: Fraction | None
    calendar: str | None
    units: int = 1  # equal machines behind one name (R33)
    intervals: list[tuple[int, int, str]] = field(default_factory=list)


@dataclass
class Item:
    key: str
    item_type: str
    cost: Fraction
    truly_variable_cost: Fraction


@dataclass
class Requirement:
    item: Item | None  # None: bought for the job, its item is not valued (R5)
    required: Fraction
    issued: Fraction
    total_cost: Fraction | None


@dataclass
class Activity:
    job: Job
    resource: Resource
    start: int
    end: int
    batch: str | None
    actual_start: int | None
    work_hours: Fraction | None


@dataclass
class Operation:
    carrying: Fraction | None
    activities: list[Activity] = field(default_factory=list)
    requirements: list[Requirement] = field(default_factory=list)


@dataclass
class Order:
    product: str | None
    need: int
    operations: list[Operation] = field(default_factory=list)

    @property
    def activities(self) -> list[Activity]:
        return [activity for operation in self.operations for activity in operation.activities]


@dataclass
class Job:
    key: str
    plant: Plant
    product: str | None
    revenue: Fraction | None
    shipping: Fraction | None
    penalty: Fraction | None
    need: int
    cancelled: bool
    material_cost: Fraction | None
    subcontract_cost: Fraction | None
    kept: Fraction | None = Fraction(1)  # share it ends with: what it delivered where it is closed short (R32)
    orders: list[Order] = field(default_factory=list)

    @property
    def operations(self) -> list[Operation]:
        return [operation for order in self.orders for operation in order.operations]

    @property
    def activities(self) -> list[Activity]:
        return [activity for operation in self.operations for activity in operation.activities]

    @property
    def scheduled(self) -> bool:
        operations = self.operations
        return not self.cancelled and bool(operations) and all(operation.activities for operation in operations)

    @property
    def end(self) -> int:
        return max(activity.end for activity in self.activities)


@dataclass
class World:
    clock: int
    horizon_end: int
    periods: list[tuple[int, int]]
    plants: dict[str, Plant]
    resources: dict[str, Resource]
    items: dict[str, Item]
    jobs: dict[str, Job]
    stock: list[tuple[Plant, Item, Fraction]]
    calendars: dict[str, list[Row]]

    @property
    def activities(self) -> list[Activity]:
        return [activity for job in self.jobs.values() for activity in job.activities]
