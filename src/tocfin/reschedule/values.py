"""What the search weighs: a quick stand-in for the price, from the model's columns; and what other objectives weigh."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tocfin.dataset import Dataset, Plan
from tocfin.dataset.calendars import ONLINE
from tocfin.errors import UsageError
from tocfin.kernels.search_worth import Worth
from tocfin.kernels.slots import SUBCONTRACT_ALL
from tocfin.measure import rules_of, sums
from tocfin.model.build import Model
from tocfin.model.columns import IS_SUBCONTRACTOR, Floats, Instants, Ints
from tocfin.model.groups import grouping
from tocfin.reschedule.loading import Members

DAY, HOUR = 86_400, 3_600


def job_values(
    wide: Dataset,
    model: Model,
    frames: Mapping[str, pl.DataFrame],
    members: Members,
    start: Instants,
    this_end: int,
    slushy_until: int | None,
) -> Worth:
    """What the search weighs: ``wide`` has the next period inside its horizon, this one ends at ``this_end``.

    ``start`` is that of each load in the present plan. No job is kept in this period yet
    (`tocfin.reschedule.promises`). Raises UsageError for a slushy zone without a price.
    """
    plan, world, schedule = cast(Plan, wide.plan), model.enterprise, model.schedule
    activities, jobs = frames["activities"], frames["jobs"]
    job, operation = (activities[name].to_numpy().astype(np.int32) for name in ("job_row", "operation_row"))
    stays, row = members.row[members.fixed], members.row
    order = frames["operations"]["order_row"].to_numpy().astype(np.int32)[operation]
    ends, order_ends = (np.full(n, plan.clock - 1, np.int64) for n in (jobs.height, world.order_need.size))
    np.maximum.at(ends, job[stays], schedule.activity_end[stays])
    np.maximum.at(order_ends, order[stays], schedule.activity_end[stays])
    share = np.diff(schedule.operation_first_activity)
    carrying = np.nan_to_num(world.operation_carrying)
    whole = _whole(share, world.order_first_operation)
    rate = np.add.reduceat(np.append(carrying, 0.0), world.order_first_operation[:-1])
    carry = (carrying / np.maximum(share, 1))[operation]
    move, hour = _prices(plan, start, slushy_until)
    return Worth(
        clock=plan.clock,
        this_end=this_end,
        end=plan.horizon_end,
        job_kept=np.zeros(jobs.height, np.uint8),
        job_fixed_end=ends,
        job_scheduled=scheduled(model).astype(np.uint8),
        job_value=np.nan_to_num(_values(wide, model, job[stays], stays)),
        job_penalty=np.nan_to_num(world.job_penalty),
        job_grace=np.rint(DAY * jobs["late_penalty_grace_days"].fill_null(0.0).to_numpy()).astype(np.int64),
        job_cap=(jobs["late_penalty_cap"] * jobs["rate"]).fill_null(np.inf).to_numpy().copy(),
        job_need=np.array(world.job_need),
        job_pays=np.isnan(world.job_subcontract).astype(np.uint8),
        member_job=job[row],
        member_order=order[row],
        member_carry=carry[row],
        order_carry=np.where(whole & (np.diff(world.order_first_operation) > 0), rate, 0.0),
        order_fixed_carry=np.bincount(order[stays], carry[stays], world.order_need.size).astype(np.float64),
        order_fixed_end=order_ends,
        order_need=np.array(world.order_need),
        load_move=move,
        load_move_hour=hour,
        change_cost=float(plan.reschedule.get("change_resource_cost", 0.0)),
        end_cost=0.0,
        load_start=start,
        setup_weight=float(frames["setups"].height > 0),
        just_in_time=bool(carrying.any()),
    )


def _whole(share: NDArray[np.int64], first: Ints) -> NDArray[np.bool_]:
    """Orders whose operations all have activities."""
    missing = np.concatenate([[0], np.cumsum(share == 0)])
    whole: NDArray[np.bool_] = np.diff(missing[first]) == 0
    return whole


def _prices(plan: Plan, start: Instants, slushy_until: int | None) -> tuple[Floats, Floats]:
    """What it costs to move each load, and an hour of it."""
    costs = plan.reschedule
    move, hour = (np.full(start.size, float(costs.get(name, 0.0))) for name in ("move_cost", "move_cost_per_hour"))
    if slushy_until is not None:
        dear = {name: costs.get(f"slushy_{name}") for name in ("move_cost", "move_cost_per_hour")}
        if dear == dict.fromkeys(dear):
            message = "a slushy zone needs a price: set slushy_move_cost or slushy_move_cost_per_hour in [reschedule]"
            raise UsageError(f"{message} of plan.toml")
        for column, name in ((move, "move_cost"), (hour, "move_cost_per_hour")):
            if (price := dear[name]) is not None:
                column[start < slushy_until] = price
    return move, hour


def _values(wide: Dataset, model: Model, job: Ints, stays: Ints) -> Floats:
    """Throughput of each job without late penalty, and without what its free work pays to subcontractors."""
    rules, world = rules_of(cast(Plan, wide.plan), "reconciled"), model.enterprise
    column = 2 * (rules.flags["material_levels"] == "bought") + (rules.flags["item_cost"] == "truly_variable")
    by_job = sums(model, grouping(model, "job"), model.horizon._replace(edges=model.horizon.edges[:0]))[0]
    rolled = by_job[: world.job_revenue.size, SUBCONTRACT_ALL]
    outside = (world.resource_role[model.schedule.activity_resource[stays]] & IS_SUBCONTRACTOR) > 0
    paid = np.zeros(world.job_revenue.size)
    for j, a in zip(job[outside].tolist(), stays[outside].tolist(), strict=True):
        paid[j] += _paid(model, a)
    own = ~np.isnan(world.job_subcontract)
    return world.job_revenue - world.job_material[:, column] - np.where(own, rolled, paid) - world.job_shipping


def _paid(model: Model, a: int) -> float:
    """What one activity pays to its subcontractor."""
    world, schedule = model.enterprise, model.schedule
    r = schedule.activity_resource[a]
    some = slice(*world.timeline_first[world.resource_timeline[r] :][:2])
    begin = np.maximum(world.segment_start[some], schedule.activity_start[a])
    hours = np.maximum(np.minimum(world.segment_end[some], schedule.activity_end[a]) - begin, 0) / HOUR
    rates = np.nan_to_num(world.resource_standard_cost[r]), np.nan_to_num(world.resource_overtime_cost[r])
    return float((hours * np.where(world.segment_kind[some] == ONLINE, *rates)).sum())


def weighed(worth: Worth, objective: str, drum_hours: Floats, rate: float) -> Worth:
    """The stand-in for another objective: what it does not ask for weighs nothing.

    Throughput per drum hour is weighed as throughput less ``rate``, that of the present plan, for each of a job's
    ``drum_hours``: what earns more than this raises the ratio (Dinkelbach 1967).
    """
    if objective == "net-profit":
        return worth
    nothing, none = np.zeros_like, np.zeros_like(worth.job_value)
    worth = worth._replace(
        member_carry=nothing(worth.member_carry),
        order_carry=nothing(worth.order_carry),
        order_fixed_carry=nothing(worth.order_fixed_carry),
        load_move=nothing(worth.load_move),
        load_move_hour=nothing(worth.load_move_hour),
        change_cost=0.0,
        setup_weight=0.0,
        just_in_time=False,
    )
    if objective == "late-penalty":
        return worth._replace(job_value=none, job_pays=nothing(worth.job_pays), end=np.iinfo(np.int64).max // 2)
    if objective == "makespan":
        return worth._replace(job_value=none, job_penalty=none, job_pays=nothing(worth.job_pays), end_cost=1.0)
    if objective == "t-per-drum-hour":
        return worth._replace(job_value=worth.job_value - rate * drum_hours)
    return worth


def scheduled(model: Model) -> NDArray[np.bool_]:
    """Jobs with operations, all of which are planned."""
    world, first = model.enterprise, model.schedule.operation_first_activity
    opens = world.order_first_operation[world.job_first_order]
    unplanned = np.concatenate([[0], np.cumsum(np.diff(first) == 0)])
    planned: NDArray[np.bool_] = (np.diff(unplanned[opens]) == 0) & (np.diff(opens) > 0) & (world.job_cancelled == 0)
    return planned
