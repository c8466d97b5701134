"""One scenario made ready to be simulated: its columns, what holds its plan together, and what is uncertain in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, cast

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tocfin.dataset import Dataset, Plan
from tocfin.model.arrange import frozen
from tocfin.model.build import Model, arranged, build
from tocfin.model.columns import IS_ACTIVE, NEVER, Bytes, Floats, Grouping, Instants, Ints
from tocfin.model.groups import grouping
from tocfin.model.material import requirement_values
from tocfin.model.network import Network, StartPolicy, margin, network, planned_in
from tocfin.scenarios.luck import Luck, earliest, luck
from tocfin.scenarios.resolve import Resolved


class Load(NamedTuple):
    """Rows of the schedule by resource and block (a row, or a batch), in planned order."""

    row: Ints
    resource: Ints
    timeline: Ints
    opens: Bytes  # 1 where a block begins


@dataclass(frozen=True)
class World:
    """A data set, what holds its plan together, and what is uncertain in it.

    ``dropped`` counts by kind what holds the plan together no more, because the plan itself does not keep to it.
    """

    name: str
    dataset: Dataset
    model: Model
    network: Network
    dropped: dict[str, int]
    luck: Luck
    load: Load
    groups: Grouping
    apart: Ints  # rows of the schedule that are not re-timed: those of cancelled jobs
    activity_work: Floats  # (activities) what planned work is multiplied by
    activity_operation: Ints  # (activities)
    activity_job: Ints  # (activities)
    operation_start: Instants  # (operations) [s] planned; NEVER for none
    requirement_operation: Ints  # (requirements)
    requirement_job: Ints  # (requirements)
    requirement_value: Floats  # (requirements, 8) as ``job_material``, then as ``job_floor``
    job_release: Instants  # (jobs) [s] planned, else when its work starts; NEVER for a job without work
    job_scheduled: NDArray[np.bool_]  # (jobs) every operation is planned
    job_material_given: NDArray[np.bool_]  # (jobs) ``jobs.material_cost`` replaces the roll-up
    job_rolled_material: Floats  # (jobs) the roll-up
    job_first_activity: Ints  # (jobs + 1)
    job_grace: Floats  # (jobs) [d] lateness that costs nothing
    job_cap: Floats  # (jobs) [money] the most that lateness costs; infinite where nothing limits it
    resource_capacity: Instants  # (resources) [s] available inside the horizon
    n_price: int  # pairs of an item, or none, and a plant
    queues: bool = False  # whether what waits for each resource is summed too


def prepared(
    name: str,
    dataset: Dataset,
    resolved: Resolved,
    *,
    activity_work: Floats | None = None,
    start_policy: StartPolicy = "as planned",
    base: Dataset | None = None,
) -> World:
    """A world ready to be simulated; raises DatasetError when the data set has errors.

    ``activity_work`` is that of ``tocfin.scenarios.overrides.Applied``. With a ``base``, whose plan this is, its hours
    tell how much work the plan is, so that other hours change when it is done.
    """
    plan = cast(Plan, dataset.require().plan)
    model = build(dataset, beyond=margin(dataset))
    numbered = {
        table: frame.with_columns(pl.int_range(pl.len()).alias("place")) for table, frame in dataset.tables.items()
    }
    frames = arranged(numbered, plan)
    net, dropped = network(model, frames, start_policy, None if base is None else planned_in(base, frames))
    activities, jobs, needs = (frames[name] for name in ("activities", "jobs", "material_requirements"))
    place, operation = activities["place"].to_numpy(), activities["operation_row"].to_numpy().astype(np.int32)
    job = activities["job_row"].to_numpy().astype(np.int32)
    apart = np.ones(place.size, np.bool_)
    apart[net.member_row] = False
    values, owner = requirement_values(frames), needs["job_row"].to_numpy().astype(np.int32)
    start = model.schedule.activity_start
    begins = earliest(start, job, jobs.height)
    release = jobs["release_date"].fill_null(NEVER).to_numpy()
    return World(
        name=name,
        dataset=dataset,
        model=model,
        network=net,
        dropped=dropped,
        luck=luck(model, net, frames, resolved),
        load=_load(model, net),
        groups=grouping(model, "plant"),
        apart=np.flatnonzero(apart).astype(np.int32),
        activity_work=np.ones(place.size) if activity_work is None else activity_work[place],
        activity_operation=operation,
        activity_job=job,
        operation_start=earliest(start, operation, frames["operations"].height),
        requirement_operation=needs["operation_row"].to_numpy().astype(np.int32),
        requirement_job=owner,
        requirement_value=values,
        job_release=np.where((release == NEVER) | (release > begins), begins, release),
        job_scheduled=_scheduled(model),
        job_material_given=jobs["material_cost"].is_not_null().to_numpy(),
        job_rolled_material=np.bincount(owner, values[:, 0], jobs.height).astype(np.float64),
        job_first_activity=_first_activity(model),
        job_grace=jobs["late_penalty_grace_days"].fill_null(0.0).to_numpy(),
        job_cap=(jobs["late_penalty_cap"] * jobs["rate"]).fill_null(np.inf).to_numpy(),
        resource_capacity=_capacity(model, net),
        n_price=(frames["items"].height + 1) * frames["plants"].height,
    )


def _first_activity(model: Model) -> Ints:
    enterprise = model.enterprise
    first: Ints = model.schedule.operation_first_activity[enterprise.order_first_operation[enterprise.job_first_order]]
    return first


def _scheduled(model: Model) -> NDArray[np.bool_]:
    """Jobs with operations, all of which are planned."""
    enterprise = model.enterprise
    unplanned = np.cumsum(np.diff(model.schedule.operation_first_activity) == 0)
    first = enterprise.order_first_operation[enterprise.job_first_order]
    missing = np.diff(np.concatenate([[0], unplanned])[first])
    planned: NDArray[np.bool_] = (missing == 0) & (np.diff(_first_activity(model)) > 0)
    return planned


def _load(model: Model, net: Network) -> Load:
    schedule = model.schedule
    resource = schedule.activity_resource
    row = net.member_row[(model.enterprise.resource_role[resource[net.member_row]] & IS_ACTIVE) > 0]
    name = np.arange(resource.size, dtype=np.int64)
    if schedule.activity_batch.size:
        name = np.where(schedule.activity_batch < 0, name, resource.size + schedule.activity_batch)
    row = row[np.lexsort((row, schedule.activity_start[row], name[row], resource[row]))]
    opens = (np.diff(name[row], prepend=-1) != 0).astype(np.uint8)
    return Load(*(frozen(c) for c in (row, resource[row], model.enterprise.resource_timeline[resource[row]], opens)))


def _capacity(model: Model, net: Network) -> Instants:
    clock, end = model.horizon.clock, model.horizon.end
    inside = np.maximum(np.minimum(net.opening_end, end) - np.maximum(net.opening_start, clock), 0)
    total = np.concatenate([[0], np.cumsum(inside)])
    by_timeline = total[net.opening_first[1:]] - total[net.opening_first[:-1]]
    role = model.enterprise.resource_role
    return np.where(role & IS_ACTIVE, by_timeline[model.enterprise.resource_timeline], 0)
