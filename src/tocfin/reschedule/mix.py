"""Product mix at the constraint: the best one, beside what the ranking by throughput per constraint hour would give.

The ranking is right with one constraint and small orders; with two overloaded resources, or whole lots, it may lose
money (kpi.md 2), so it explains and CP-SAT answers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import cast

import numpy as np
import polars as pl

from tocfin.dataset import Dataset, Plan
from tocfin.errors import UsageError
from tocfin.kernels.slots import SUBCONTRACT_ALL
from tocfin.kpi import KPIS, evaluate
from tocfin.measure import rules_of, sums
from tocfin.model.build import Model, arranged, build
from tocfin.model.columns import IS_ACTIVE, Floats
from tocfin.model.groups import grouping
from tocfin.model.openings import Openings, openings, planned_work
from tocfin.reschedule.exact import best_mix

HOUR = 3_600


@dataclass(frozen=True)
class Product:
    """What one unit brings and takes: money of throughput, and seconds of each resource."""

    name: str
    demand: int
    throughput: float
    seconds: Mapping[str, float]


@dataclass(frozen=True)
class Mix:
    """Units of each product, and what they come to."""

    units: Mapping[str, int]
    throughput: float
    net_profit: float


@dataclass(frozen=True)
class Mixes:
    """The best mix and the ranked one; ``load`` is the share of a resource's time that all demand would take."""

    products: tuple[Product, ...]
    constraint: str
    load: Mapping[str, float]
    operating_expense: float
    optimum: Mix
    greedy: Mix
    proven: bool

    def rate(self, product: Product) -> float:
        """Throughput per hour of the constraint; endless where it needs none."""
        seconds = product.seconds.get(self.constraint, 0.0)
        return product.throughput * HOUR / seconds if seconds else float("inf")


def mixes(
    products: Sequence[Product], capacity: Mapping[str, float], operating_expense: float, seconds: float = 10.0
) -> Mixes:
    """Both mixes of ``products`` within ``capacity`` [s] of each resource that is limited."""
    if not products or not capacity:
        raise UsageError("a mix needs products with demand and a resource with hours in the horizon")
    asked = {r: sum(p.demand * p.seconds.get(r, 0.0) for p in products) for r in capacity}
    load = {r: asked[r] / capacity[r] if capacity[r] else float("inf") for r in capacity if asked[r]}
    if not load:
        raise UsageError("no product needs a resource that is limited; every mix is possible")
    found = Mixes(tuple(products), max(load, key=lambda r: load[r]), load, operating_expense, _none(), _none(), False)
    units, proven = best_mix(
        [p.demand for p in products],
        [p.throughput for p in products],
        [([p.seconds.get(r, 0.0) for p in products], capacity[r]) for r in load],
        seconds,
    )
    return replace(
        found,
        optimum=_mix(products, units, operating_expense),
        greedy=_mix(products, _ranked(found, capacity), operating_expense),
        proven=proven,
    )


def _none() -> Mix:
    return Mix({}, 0.0, 0.0)


def _mix(products: Sequence[Product], units: Sequence[int], expense: float) -> Mix:
    throughput = sum(p.throughput * n for p, n in zip(products, units, strict=True))
    return Mix({p.name: n for p, n in zip(products, units, strict=True)}, throughput, throughput - expense)


def _ranked(found: Mixes, capacity: Mapping[str, float]) -> list[int]:
    """As many units as fit, product by product, most throughput per constraint hour first."""
    left = dict(capacity)
    units = {p.name: 0 for p in found.products}
    for p in sorted(found.products, key=lambda p: -found.rate(p)):
        if p.throughput > 0:
            fits = [int((left[r] + 1e-6) // need) for r, need in p.seconds.items() if need and r in left]
            units[p.name] = min([p.demand, *fits])
            for r, need in p.seconds.items():
                if r in left:
                    left[r] -= need * units[p.name]
    return [units[p.name] for p in found.products]


def from_dataset(dataset: Dataset, seconds: float = 10.0) -> Mixes:
    """Mixes of the products of a data set: demand, throughput and work of its jobs that are not cancelled.

    A job without a product stands for itself. Work is that of its activities, and capacity the available time of
    finite resources inside the horizon.
    """
    plan = cast(Plan, dataset.require().plan)
    model, frames = build(dataset), arranged(dataset.tables, plan)
    world, schedule = model.enterprise, model.schedule
    rules = rules_of(plan, "reconciled")
    column = 2 * (rules.flags["material_levels"] == "bought") + (rules.flags["item_cost"] == "truly_variable")
    terms = sums(model, grouping(model, "job"), model.horizon._replace(edges=model.horizon.edges[:0]))[0]
    rolled = terms[: world.job_revenue.size, SUBCONTRACT_ALL]
    value = world.job_revenue - world.job_material[:, column] - rolled - world.job_shipping
    if np.isnan(value[world.job_cancelled == 0]).any():
        raise UsageError("a mix needs jobs.revenue and jobs.shipping_cost of every job; some are not supplied")
    rows = np.flatnonzero(~frames["activities"]["cancelled"].to_numpy()).astype(np.int32)
    hours = openings(world)
    work = planned_work(world, schedule, hours, rows)
    job = frames["activities"]["job_row"].to_numpy()[rows]
    resource = model.keys["resource"].gather(schedule.activity_resource[rows])
    used = pl.DataFrame({"job_row": job, "resource": resource, "seconds": np.array(work.seconds)})
    used = used.group_by("job_row", "resource", maintain_order=True).agg(pl.col("seconds").sum())
    whole = sums(model, grouping(model, "plant"), model.horizon).sum(axis=(0, 1))
    expense = float(evaluate(KPIS["operating_expense"], whole, rules).value)
    return mixes(_products(frames, value, used), _capacity(model, hours, frames, plan), expense, seconds)


def _products(frames: Mapping[str, pl.DataFrame], value: Floats, used: pl.DataFrame) -> list[Product]:
    jobs = frames["jobs"].with_columns(
        name=pl.coalesce("product", "job"), units=pl.col("quantity").fill_null(1.0), value=pl.Series(value)
    )
    jobs = jobs.filter(~pl.col("cancelled"))
    found = []
    for (name,), some in jobs.group_by("name", maintain_order=True):
        units = round(some["units"].sum())
        if units:
            work = used.join(some.select(pl.col("job_row").cast(used.schema["job_row"])), on="job_row", how="semi")
            total = work.group_by("resource", maintain_order=True).agg(pl.col("seconds").sum())
            need = {resource: seconds / units for resource, seconds in total.iter_rows()}
            found.append(Product(str(name), units, float(some["value"].sum()) / units, need))
    return found


def _capacity(model: Model, room: Openings, frames: Mapping[str, pl.DataFrame], plan: Plan) -> dict[str, float]:
    """Available seconds of each finite, active resource inside the horizon."""
    inside = np.minimum(room.opening_end, plan.horizon_end) - np.maximum(room.opening_start, plan.clock)
    total = np.concatenate([[0], np.cumsum(np.maximum(inside, 0))])
    by_timeline = total[room.opening_first[1:]] - total[room.opening_first[:-1]]
    world = model.enterprise
    units = frames["resources"]["units"].fill_null(1).to_list()
    finite = frames["resources"]["finite"].fill_null(True).to_list()
    return {
        key: float(by_timeline[world.resource_timeline[r]]) * units[r]
        for r, key in enumerate(model.keys["resource"].to_list())
        if finite[r] and world.resource_role[r] & IS_ACTIVE
    }
