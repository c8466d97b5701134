"""Whose share an amount is (rulings R18): groupings of jobs, resources, plants and stock for the kernels."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tocfin.dataset.findings import nearest
from tocfin.errors import UsageError
from tocfin.kernels.block import sum_terms
from tocfin.kernels.slots import COUNTED, DRUM, N_PART
from tocfin.model.arrange import frozen
from tocfin.model.build import Model
from tocfin.model.columns import IS_DRUM, Grouping
from tocfin.workers import spread

Rows = NDArray[np.int64]


def selected(model: Model, plants: Sequence[str]) -> Rows:
    """Rows of the plants named, all where none is; raises UsageError for a name that is no plant."""
    known = model.keys["plant"].to_list()
    for plant in plants:
        if plant not in known:
            near = nearest(plant, known)
            raise UsageError(f"plant '{plant}' is not in plants{near}; there are {', '.join(known[:20])}")
    return np.array([p for p, key in enumerate(known) if not plants or key in plants], np.int64)


def _products(model: Model) -> list[str]:
    made = np.unique(model.enterprise.job_product)
    return model.keys["product"].gather(made[made >= 0]).to_list()


#: What KPIs can be split by, and the keys of its groups.
GROUPS: dict[str, Callable[[Model], list[str]]] = {
    "plant": lambda model: model.keys["plant"].to_list(),
    "period": lambda model: model.keys["period"].to_list(),
    "job": lambda model: model.keys["job"].to_list(),
    "resource": lambda model: model.keys["resource"].to_list(),
    "product": _products,
}


def grouping(model: Model, by: str, shown: Rows | None = None) -> Grouping:
    """Groups of ``GROUPS[by]``, then one for what belongs to none of them, then one that is thrown away.

    Of other plants than those ``shown``, everything is thrown away. By plant there is nothing without a group.
    """
    enterprise = model.enterprise
    n = len(GROUPS[by](model))
    plants = np.arange(enterprise.plant_expense.size, dtype=np.int32)
    if by == "plant":
        return _grouping(enterprise.job_plant, enterprise.resource_plant, plants, enterprise.stock_plant, n + 1)
    kept = np.isin(plants, plants if shown is None else shown)
    job = np.full(enterprise.job_plant.size, n, np.int32)
    resource = np.full(enterprise.resource_plant.size, n, np.int32)
    if by == "job":
        job = np.arange(n, dtype=np.int32)
    elif by == "product":
        made = np.unique(enterprise.job_product)
        place = np.searchsorted(made[made >= 0], enterprise.job_product)
        job = np.where(enterprise.job_product < 0, n, place).astype(np.int32)
    else:
        resource = np.arange(resource.size, dtype=np.int32)

    def only_kept(group: NDArray[np.int32], plant: NDArray[np.int32]) -> NDArray[np.int32]:
        return np.where(kept[plant], group, n + 1).astype(np.int32)

    return _grouping(
        only_kept(job, enterprise.job_plant),
        only_kept(resource, enterprise.resource_plant),
        only_kept(np.full(plants.size, n, np.int32), plants),
        only_kept(np.full(enterprise.stock_plant.size, n, np.int32), enterprise.stock_plant),
        n + 2,
        hours_by_job=by != "resource",
    )


class Scope(NamedTuple):
    """What a target is about; None is everything."""

    plant: str | None = None
    department: str | None = None
    product: str | None = None
    resource: str | None = None


def within(model: Model, scope: Scope, resources: pl.DataFrame) -> Grouping:
    """Group 0 takes what belongs to ``scope``, the rest is thrown away.

    Jobs have a plant and a product, resources a plant, a department and a name; what has no such attribute is not in
    a scope that asks for it (a department has no throughput).
    """
    enterprise = model.enterprise
    plant = (model.keys["plant"] == scope.plant).to_numpy() if scope.plant else np.ones(enterprise.plant_expense.size)
    in_plant = plant.astype(np.bool_)
    of_jobs = scope.department is None and scope.resource is None
    job = in_plant[enterprise.job_plant] & of_jobs
    if scope.product is not None:
        product = np.append((model.keys["product"] == scope.product).to_numpy(), False)
        job &= product[enterprise.job_product]
    named = resources.sort("resource")
    resource = in_plant[enterprise.resource_plant] & (scope.product is None)
    for column, wanted in (("department", scope.department), ("resource", scope.resource)):
        if wanted is not None:
            resource &= (named[column] == wanted).fill_null(False).to_numpy()
    whole = of_jobs and scope.product is None
    groups = (job, resource, in_plant & whole, in_plant[enterprise.stock_plant] & whole)
    group = [np.where(inside, 0, 1).astype(np.int32) for inside in groups]
    return _grouping(group[0], group[1], group[2], group[3], 2, hours_by_job=scope.product is not None)


def by_job(model: Model, group: NDArray[np.int32], n: int) -> Grouping:
    """Jobs in ``n`` groups of one's own, group ``n`` being thrown away; nothing but jobs is summed."""
    enterprise = model.enterprise
    others = (enterprise.resource_plant, enterprise.plant_expense, enterprise.stock_plant)
    resource, plant, stock = (np.full(column.size, n, np.int32) for column in others)
    return _grouping(group, resource, plant, stock, n + 1, hours_by_job=True)


def _grouping(
    job: NDArray[np.int32],
    resource: NDArray[np.int32],
    plant: NDArray[np.int32],
    stock: NDArray[np.int32],
    n: int,
    *,
    hours_by_job: bool = False,
) -> Grouping:
    """Read-only, as all columns are: a kernel compiled for other columns would be compiled again."""
    return Grouping(frozen(job), frozen(resource), frozen(plant), frozen(stock), n, hours_by_job)


def drum_throughput(model: Model, terms: NDArray[np.float64], shown: Rows, threads: int | None) -> NDArray[np.float64]:
    """``terms`` by resource with the throughput of the jobs that use each drum put beside its hours (kpi.md 1.2g).

    A job with work on two drums stands at both, so these rows do not add up: they serve the ratio per drum only.
    """
    enterprise, schedule = model.enterprise, model.schedule
    horizon = model.horizon._replace(edges=model.horizon.edges[:0])
    everyone = np.arange(enterprise.job_plant.size, dtype=np.int32)
    hidden = ~np.isin(enterprise.job_plant, shown)
    job = np.where(hidden, everyone.size + 1, everyone).astype(np.int32)
    others = (enterprise.resource_plant, enterprise.plant_expense, enterprise.stock_plant)
    away = [np.full(column.size, everyone.size, np.int32) for column in others]
    resource, plant, stock = away
    groups = _grouping(job, resource, plant, stock, everyone.size + 2)
    by_job = sum_terms(enterprise, schedule, horizon, groups, spread(threads))[0]
    first = enterprise.order_first_operation[enterprise.job_first_order]
    owner = np.repeat(everyone, np.diff(schedule.operation_first_activity[first]))
    on_drum = (enterprise.resource_role[schedule.activity_resource] & IS_DRUM).astype(np.bool_)
    pairs = np.unique(np.stack([schedule.activity_resource[on_drum], owner[on_drum]], axis=1), axis=0)
    rated = terms.copy()
    rated[:, DRUM : DRUM + N_PART] = 0.0
    np.add.at(rated[:, DRUM : DRUM + N_PART], pairs[:, 0], by_job[pairs[:, 1], COUNTED : COUNTED + N_PART])
    return rated
