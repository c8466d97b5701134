"""One scenario made ready to be simulated: its columns, what holds its plan together, and what is uncertain in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple, cast

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tocfin.dataset import Dataset, Plan
from tocfin.kernels.slots import ADHERED, DUE
from tocfin.measure import plant_terms
from tocfin.model.arrange import frozen
from tocfin.model.build import Model, arranged, build
from tocfin.model.columns import IS_ACTIVE, NEVER, Bytes, Floats, Grouping, Instants, Ints
from tocfin.model.groups import grouping
from tocfin.model.material import requirement_values
from tocfin.model.network import Network, StartPolicy, finished, margin, network, planned_in
from tocfin.model.pegging import Holds, holds
from tocfin.model.progress import anchors, expected, numbered, reported
from tocfin.model.standing import BEGUN, DONE, Standing, standing
from tocfin.scenarios.luck import Luck, earliest, luck
from tocfin.scenarios.ordinary import Ordinary, ordinary
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
    standing: Standing | None  # the state of the work that futures start from; None: from the plan
    anchor: Instants  # (activities) [s] from where each row is moved: its planned start, or where begun work goes on
    apart: Ints  # rows of the schedule that are not re-timed: those of cancelled jobs, and what is done
    apart_start: Instants  # (apart) [s] their times
    apart_end: Instants
    begun: Ints  # rows of the schedule that have begun already
    begun_start: Instants  # (begun) [s]
    activity_work: Floats  # (activities) what planned work is multiplied by
    activity_share: Floats  # (activities) of its work, what is still to be done
    activity_operation: Ints  # (activities)
    activity_job: Ints  # (activities)
    operation_start: Instants  # (operations) [s] planned; NEVER for none and for one that has begun
    requirement_operation: Ints  # (requirements)
    requirement_due: Instants  # (requirements) [s] from when it is late: its last supply, else the start; NEVER: never
    requirement_supply: tuple[str | None, ...]  # (requirements) the last supply that covers it
    requirement_job: Ints  # (requirements)
    requirement_value: Floats  # (requirements, 8) as ``job_material``, then as ``job_floor``
    job_release: Instants  # (jobs) [s] planned, else when its work starts; NEVER without work, or once it has begun
    job_scheduled: NDArray[np.bool_]  # (jobs) every operation is planned
    job_material_given: NDArray[np.bool_]  # (jobs) ``jobs.material_cost`` replaces the roll-up
    job_rolled_material: Floats  # (jobs) the roll-up
    job_first_activity: Ints  # (jobs + 1)
    job_grace: Floats  # (jobs) [d] lateness that costs nothing
    job_cap: Floats  # (jobs) [money] the most that lateness costs; infinite where nothing limits it
    resource_capacity: Instants  # (resources) [s] available inside the horizon, of all its units
    adherence: Floats  # (2, plants, periods + 1) the terms of schedule adherence by the plan
    n_price: int  # pairs of an item, or none, and a plant
    queues: bool = False  # whether what waits for each resource is summed too

    @cached_property
    def ordinary(self) -> Ordinary | None:
        """What is the same in every block, where the quick kernels can do this world."""
        return ordinary(self)


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
    tell how much work the plan is, so that other hours change when it is done. Where the plan says ``progress``,
    futures start from the state of the work (rulings R31).
    """
    plan = cast(Plan, dataset.require().plan)
    as_of = plan.clock
    if plan.progress is not None:
        as_of = plan.clock if plan.progress.as_of is None else plan.progress.as_of
        dataset = reported(dataset, as_of)
    model = build(dataset, beyond=margin(dataset))
    frames = numbered(dataset.tables, plan)
    planned = None if base is None else planned_in(base, frames)
    at = None
    if plan.progress is not None:
        at = standing(model, frames, as_of, plan.progress.unconfirmed, planned)
    first = None if base is None else arranged(base.tables, cast(Plan, base.plan))
    material = holds(frames, model.horizon.clock, first)
    net, dropped = network(model, frames, start_policy, planned, at, material)
    activities, jobs, needs = (frames[name] for name in ("activities", "jobs", "material_requirements"))
    place, operation = activities["place"].to_numpy(), activities["operation_row"].to_numpy().astype(np.int32)
    job = activities["job_row"].to_numpy().astype(np.int32)
    values, owner = requirement_values(frames), needs["job_row"].to_numpy().astype(np.int32)
    start = model.schedule.activity_start
    begins = earliest(start, job, jobs.height)
    release = jobs["release_date"].fill_null(NEVER).to_numpy()
    done = finished(model, frames) if at is None else at.done
    operation_start = _not_begun(earliest(start, operation, frames["operations"].height), operation, at)
    moves = np.ones(place.size) if activity_work is None else activity_work[place]
    return World(
        name=name,
        dataset=dataset,
        model=model,
        network=net,
        dropped=dropped,
        luck=luck(
            model, net, frames, resolved, done, model.schedule if at is None else expected(model, net, at), material
        ),
        load=_load(model, frames),
        groups=grouping(model, "plant"),
        **_state(model, net, at),
        activity_work=moves if at is None else np.where(done, 1.0, moves),
        activity_operation=operation,
        activity_job=job,
        operation_start=operation_start,
        requirement_operation=needs["operation_row"].to_numpy().astype(np.int32),
        requirement_due=_due(material, needs["operation_row"].to_numpy(), operation_start),
        requirement_supply=material.supply,
        requirement_job=owner,
        requirement_value=values,
        job_release=_not_begun(np.where((release == NEVER) | (release > begins), begins, release), job, at),
        job_scheduled=_scheduled(model),
        job_material_given=jobs["material_cost"].is_not_null().to_numpy(),
        job_rolled_material=np.bincount(owner, values[:, 0], jobs.height).astype(np.float64),
        job_first_activity=_first_activity(model),
        job_grace=jobs["late_penalty_grace_days"].fill_null(0.0).to_numpy(),
        job_cap=(jobs["late_penalty_cap"] * jobs["rate"]).fill_null(np.inf).to_numpy(),
        resource_capacity=capacity_inside(model, net),
        adherence=plant_terms(model, 1).T[[DUE, ADHERED]] if at is not None else np.zeros((2, 0, 0)),
        n_price=(frames["items"].height + 1) * frames["plants"].height,
    )


def _due(material: Holds, operation: NDArray[Any], start: Instants) -> Instants:
    """From when the material of each requirement is late: what stock on hand covers never is."""
    waits: Instants = start[operation]
    return np.where(material.covered & (waits != NEVER), material.due, waits)


def _state(model: Model, net: Network, at: Standing | None) -> dict[str, Any]:
    """Fields of a world that say where its futures start from."""
    schedule = model.schedule
    alone = np.ones(schedule.activity_start.size, np.bool_)
    alone[net.member_row] = False
    apart = np.flatnonzero(alone).astype(np.int32)
    start, end = (schedule.activity_start, schedule.activity_end) if at is None else (at.start, at.end)
    begun = np.zeros(0, np.int32) if at is None else np.flatnonzero(at.begun & ~alone).astype(np.int32)
    return {
        "standing": at,
        "anchor": anchors(schedule, at),
        "apart": apart,
        "apart_start": start[apart],
        "apart_end": end[apart],
        "begun": begun,
        "begun_start": start[begun],
        "activity_share": np.ones(start.size) if at is None else at.share,
    }


def _not_begun(start: Instants, owner: Ints, at: Standing | None) -> Instants:
    """``start`` of each owner, NEVER where some of its work has begun: nothing that comes late holds it up any more."""
    if at is None:
        return start
    begun = np.zeros(start.size, np.bool_)
    begun[owner[np.isin(at.state, (BEGUN, DONE))]] = True
    return np.where(begun, NEVER, start)


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


def _load(model: Model, frames: Mapping[str, pl.DataFrame]) -> Load:
    schedule = model.schedule
    resource = schedule.activity_resource
    row = np.flatnonzero(~frames["activities"]["cancelled"].to_numpy()).astype(np.int32)
    row = row[(model.enterprise.resource_role[resource[row]] & IS_ACTIVE) > 0]
    name = np.arange(resource.size, dtype=np.int64)
    if schedule.activity_batch.size:
        name = np.where(schedule.activity_batch < 0, name, resource.size + schedule.activity_batch)
    row = row[np.lexsort((row, schedule.activity_start[row], name[row], resource[row]))]
    opens = (np.diff(name[row], prepend=-1) != 0).astype(np.uint8)
    return Load(*(frozen(c) for c in (row, resource[row], model.enterprise.resource_timeline[resource[row]], opens)))


def capacity_inside(model: Model, net: Network) -> Instants:
    """Seconds that each resource is available inside the horizon, of all its units."""
    clock, end = model.horizon.clock, model.horizon.end
    inside = np.maximum(np.minimum(net.opening_end, end) - np.maximum(net.opening_start, clock), 0)
    total = np.concatenate([[0], np.cumsum(inside)])
    by_timeline = total[net.opening_first[1:]] - total[net.opening_first[:-1]]
    role, units = model.enterprise.resource_role, model.enterprise.resource_units.astype(np.int64)
    return np.where(role & IS_ACTIVE, by_timeline[model.enterprise.resource_timeline] * units, 0)
