"""Every amount of the contract as one entry with its owner and its period; a KPI is a formula over sums of entries."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from fractions import Fraction

from reference.capacity import Capacity
from reference.entities import Activity, Item, Job, Order, Plant, World
from reference.spans import Span, intersect, length, union
from reference.sums import NOTHING, Sum, amount
from reference.world import wall_time

OUTSIDE = "outside"
ZERO = Fraction(0)


@dataclass(frozen=True)
class Entry:
    term: str
    sum: Sum
    plant: str
    period: str = OUTSIDE
    job: str | None = None
    product: str | None = None
    resource: str | None = None


def iso(instant: int) -> str:
    return datetime.fromtimestamp(instant, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def period_key(period: Span) -> str:
    return f"{iso(period[0])}/{iso(period[1])}"


def days(seconds: int) -> Fraction:
    return Fraction(seconds, 86400)


class Ledger:
    """The entries of one world under one set of policy flags."""

    def __init__(self, world: World, flags: Mapping[str, str]) -> None:
        self.world, self.flags, self.capacity = world, flags, Capacity(world)
        self.horizon = [(world.clock, world.horizon_end)]
        self.jobs = list(world.jobs.values())
        self.made = {
            order.product for job in self.jobs if not job.cancelled for order in job.orders if order.product is not None
        }
        self.entries: list[Entry] = [
            *self._throughput(),
            *self._drum_hours(),
            *self._subcontract(),
            *self._resources(),
            *self._operating_days(),
            *self._inventory(),
            *self._carrying(),
            *self._utilization(),
        ]

    # --- periods (R30)

    def part_of(self, instant: int) -> str:
        for start, end in self.world.periods:
            if start <= instant < end:
                return period_key((start, end))
        return OUTSIDE

    def parts(self, spans: list[Span]) -> dict[str, int]:
        """Seconds inside the horizon by period; what lies in no period is outside."""
        inside = intersect(spans, self.horizon)
        found = {period_key(period): length(intersect(inside, [period])) for period in self.world.periods}
        return found | {OUTSIDE: length(inside) - sum(found.values())}

    # --- jobs

    def counted(self, job: Job) -> bool:
        """Scheduled and ending in the horizon: clock <= end < horizon_end (kpi.md 1.1a)."""
        return job.scheduled and self.world.clock <= job.end < self.world.horizon_end

    def unit_cost(self, item: Item) -> Fraction:
        return item.truly_variable_cost if self.flags["item_cost"] == "truly_variable" else item.cost

    def material(self, job: Job) -> Sum:
        return amount(None) if job.kept is None else self._whole_material(job) * job.kept

    def _whole_material(self, job: Job) -> Sum:
        if job.material_cost is not None:
            return amount(job.material_cost)
        found = NOTHING
        for operation in job.operations:
            for requirement in operation.requirements:
                if requirement.item is None:
                    found += amount(requirement.total_cost)
                elif self.flags["material_levels"] == "all" or requirement.item.key not in self.made:
                    found += amount(requirement.required * self.unit_cost(requirement.item))
        return found

    def subcontract(self, job: Job) -> Sum:
        """The roll-up of R9, not clipped to the horizon, batch members each; the job's own value replaces it."""
        if job.subcontract_cost is not None:
            return amount(job.subcontract_cost)
        found = NOTHING
        for activity in job.activities:
            if activity.resource.subcontractor:
                online, overtime = self.capacity.subcontract(activity)
                found += amount(activity.resource.standard) * online + amount(activity.resource.overtime) * overtime
        return found

    def days_late(self, job: Job) -> Fraction:
        return days(max(0, job.end - job.need))

    def job_throughput(self, job: Job) -> Sum:
        earned = amount(None) if job.kept is None else amount(job.revenue) * job.kept
        found = earned - self.material(job) - amount(job.shipping)
        found -= amount(job.penalty) * self.days_late(job)
        return found if self.flags["subcontract_in"] == "operating_expense" else found - self.subcontract(job)

    def of_job(self, term: str, found: Sum, job: Job, period: str) -> Entry:
        return Entry(term, found, job.plant.key, period, job=job.key, product=job.product)

    def _throughput(self) -> Iterator[Entry]:
        for job in self.jobs:
            if not job.scheduled:
                continue
            earned, late, period = self.job_throughput(job), self.days_late(job), self.part_of(job.end)
            if late:
                yield self.of_job("throughput_late", earned, job, period)
                yield self.of_job("throughput_dollar_days", earned * late, job, period)
            if self.counted(job):
                yield self.of_job("throughput", earned, job, period)
                drums = sorted({activity.resource.key for activity in job.activities if activity.resource.drum})
                if drums:
                    yield self.of_job("drum_throughput", earned, job, period)
                for drum in drums:
                    yield Entry("drum_throughput_of_drum", earned, job.plant.key, period, resource=drum)

    def _drum_hours(self) -> Iterator[Entry]:
        batches: dict[tuple[str, str], list[Activity]] = {}
        for job in self.jobs:
            for activity in job.activities:
                if job.cancelled or not activity.resource.drum:
                    continue
                if self.counted(job) or self.flags["tpdh_jobs"] == "all":
                    yield self._of_drum("drum_hours", self._tpdh_hours(activity), activity)
                if self.counted(job) and activity.batch:
                    batches.setdefault((activity.resource.key, activity.batch), []).append(activity)
                elif self.counted(job):
                    yield self._of_drum("physical_drum_hours", self.capacity.hours(activity), activity)
        for members in batches.values():
            spans = union((member.start, member.end) for member in members)
            hours = Fraction(length(intersect(spans, self.capacity.available(members[0].resource))), 3600)
            yield self._of_drum("physical_drum_hours", hours, members[0])

    def _tpdh_hours(self, activity: Activity) -> Fraction:
        if self.flags["tpdh_hours"] == "elapsed":
            return Fraction(activity.end - activity.start, 3600)
        return self.capacity.hours(activity) if activity.work_hours is None else activity.work_hours  # R11

    def _of_drum(self, term: str, hours: Fraction, activity: Activity) -> Entry:
        job, drum = activity.job, activity.resource
        period = self.part_of(job.end)
        return Entry(term, amount(hours), drum.plant.key, period, job.key, job.product, drum.key)

    def _subcontract(self) -> Iterator[Entry]:
        in_throughput = self.flags["subcontract_in"] == "throughput"
        for job in self.jobs:
            if job.cancelled or not job.activities:
                continue
            found, period = self.subcontract(job), self.part_of(job.end)
            if not in_throughput:
                yield self.of_job("subcontract_in_expense", found, job, period)
            if not in_throughput or self.counted(job):
                yield self.of_job("subcontract_cost", found, job, period)

    # --- resources and plants

    def _resources(self) -> Iterator[Entry]:
        for resource in self.world.resources.values():
            if resource.subcontractor and self.flags["subcontractor_cost"] == "exclude":
                continue
            online, overtime = self.capacity.paid(resource, self.flags["potential_overtime"])
            for term, spans, rate in (
                ("online_cost", online, resource.standard),
                ("overtime_cost", overtime, resource.overtime),
            ):
                for period, seconds in self.parts(spans).items():
                    cost = amount(rate) * Fraction(seconds * resource.units, 3600)
                    yield Entry(term, cost, resource.plant.key, period, resource=resource.key)

    def _operating_days(self) -> Iterator[Entry]:
        for plant in self.world.plants.values():
            opening: list[Span] = []
            for resource in self.world.resources.values():
                if resource.plant is plant:
                    timeline = self.capacity.timelines[resource.key]
                    opening += [*timeline["Online"], *timeline["Overtime"]]
                    opening += self.capacity.potential(resource, self.flags["potential_overtime"])
                    opening += timeline["Cleanout"] if self.flags["cleanout_day"] == "yes" else []
            for first in first_instants(plant, intersect(union(opening), self.horizon)).values():
                yield Entry("plant_expense", amount(plant.daily_expense), plant.key, self.part_of(first))

    def _utilization(self) -> Iterator[Entry]:
        for resource in self.world.resources.values():
            if not resource.drum:
                continue
            batches: dict[tuple[str, str | int], list[Span]] = {}
            for k, activity in enumerate(self.world.activities):
                if activity.resource is resource and not activity.job.cancelled:
                    key = ("batch", activity.batch) if activity.batch else ("single", k)
                    batches.setdefault(key, []).append((activity.start, activity.end))
            timeline = self.capacity.timelines[resource.key]
            raw = [*timeline["Online"], *timeline["Overtime"]]
            raw += self.capacity.potential(resource, self.flags["potential_overtime"])
            available = self.capacity.available(resource)
            used = [intersect(union(spans), available) for spans in batches.values()]
            for term, several, units in (
                ("drum_used_hours", used, 1),
                ("drum_raw_hours", [union(raw)], resource.units),
            ):
                for spans in several:
                    for period, seconds in self.parts(spans).items():
                        hours = amount(Fraction(seconds * units, 3600))
                        yield Entry(term, hours, resource.plant.key, period, resource=resource.key)

    # --- inventory

    def _inventory(self) -> Iterator[Entry]:
        terms = {"RawMaterial": "raw", "Intermediate": "wip", "SubAssembly": "wip", "FinishedGood": "finished"}
        for plant, item, quantity in self.world.stock:
            if item.item_type in terms:
                yield Entry(terms[item.item_type], amount(quantity * self.unit_cost(item)), plant.key)
        for job in self.jobs:
            yield self.of_job("job_material", self._job_material(job), job, OUTSIDE)
        for plant in self.world.plants.values():
            yield Entry("capital", amount(plant.capital), plant.key)

    def _job_material(self, job: Job) -> Sum:
        """R6: what scheduled jobs require, or what was issued to jobs that are neither cancelled nor finished."""
        issued_only = self.flags["job_material"] == "issued"
        finished = job.scheduled and job.end < self.world.clock
        if (job.cancelled or finished) if issued_only else not job.scheduled:
            return NOTHING
        found = NOTHING
        for requirement in (row for operation in job.operations for row in operation.requirements):
            if requirement.item is not None:
                quantity = requirement.issued if issued_only else requirement.required
                found += amount(quantity * self.unit_cost(requirement.item))
            elif issued_only and requirement.required:
                found += amount(requirement.total_cost) * min(Fraction(1), requirement.issued / requirement.required)
        return found

    def _carrying(self) -> Iterator[Entry]:
        for job in self.jobs:
            for order in job.orders:
                if not job.cancelled and order.activities:
                    yield from self._order_carrying(job, order)

    def _order_carrying(self, job: Job, order: Order) -> Iterator[Entry]:
        """R10; the unclipped amounts go to the period of the order's end."""
        order_end = max(activity.end for activity in order.activities)
        period = self.part_of(order_end)
        early = days(order.need - order_end)
        if self.flags["fg_carry_clamp"] == "yes":
            early = max(ZERO, early)
        complete = all(operation.activities for operation in order.operations)
        for operation in order.operations:
            rate = amount(operation.carrying)
            if complete:
                yield self.of_job("finished_carrying", rate * early, job, period)
            if not operation.activities:
                continue
            start = min(
                activity.start if activity.actual_start is None else activity.actual_start
                for activity in operation.activities
            )
            operation_end = max(activity.end for activity in operation.activities)
            until = order_end if self.flags["wip_carry_until"] == "mo_end" else operation_end
            if self.flags["wip_carry_clip"] == "no":
                yield self.of_job("wip_carrying", rate * days(until - start), job, period)
                continue
            for part, seconds in self.parts(union([(start, until)])).items():
                yield self.of_job("wip_carrying", rate * days(seconds), job, part)


def first_instants(plant: Plant, spans: list[Span]) -> dict[str, int]:
    """Operating days of a plant touched by the spans, each with the first instant that makes it one (R24, R30)."""
    found: dict[str, int] = {}
    for start, end in spans:
        day = datetime.fromtimestamp(start, plant.zone).date() - timedelta(days=2)
        while (opens := wall_time(day, plant.day_start, plant.zone)) < end:
            closes = wall_time(day + timedelta(days=1), plant.day_start, plant.zone)
            if max(opens, start) < min(closes, end):
                found.setdefault(day.isoformat(), max(opens, start))
            day += timedelta(days=1)
    return found
