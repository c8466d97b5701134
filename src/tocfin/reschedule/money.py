"""Money of a plan: what the search weighs (a quick stand-in), and the price by the kernels of the KPIs that counts.

The default objective is net profit of this period and of the next one, because throughput that is put off is not lost,
less carrying cost and less what moves cost (``[reschedule]`` in plan.toml), under the ``reconciled`` policy.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import cast

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tocfin.dataset import Dataset, Plan
from tocfin.errors import UsageError
from tocfin.kernels.search_worth import Worth
from tocfin.kernels.slots import SUBCONTRACT_ALL
from tocfin.kpi import KPIS, SLOT, Policy, chosen, evaluate
from tocfin.measure import rules_of, sums
from tocfin.model.build import Model, build
from tocfin.model.columns import Ints
from tocfin.model.groups import grouping

#: Objective -> weights of KPIs or terms, summed over this period and the next; ratios are made of the sums.
OBJECTIVES: dict[str, dict[str, float]] = {
    "net-profit": {"net_profit": 1.0, "wip_carrying_cost": -1.0, "finished_goods_carrying_cost": -1.0},
    "throughput": {"throughput": 1.0},
    "late-penalty": {"late_late_penalty": -1.0},
    "makespan": {},
    "t-per-drum-hour": {"throughput_per_drum_hour": 1.0},
}
PERIODS = ("this", "next")
DAY = 86_400.0


@dataclass(frozen=True)
class Price:
    """What a plan is worth.

    ``parts`` has every signed term of net profit, then carrying and move cost: (this period, the next); NaN where it
    was not supplied. ``objective`` leaves out what was not supplied, and names it in ``missing``.
    """

    objective: float
    net_profit: tuple[float, float]
    parts: Mapping[str, tuple[float, float]]
    missing: tuple[str, ...] = ()


def next_end(plan: Plan) -> int:
    """End of the period after the horizon: the next boundary of plan.toml, else as long as the horizon is."""
    later = [edge for edge in plan.boundaries if edge > plan.horizon_end]
    return min(later) if later else 2 * plan.horizon_end - plan.clock


def job_values(
    wide: Dataset,
    model: Model,
    frames: Mapping[str, pl.DataFrame],
    member_row: Ints,
    fixed_member: NDArray[np.bool_],
    start: NDArray[np.int64],
    this_end: int,
) -> Worth:
    """What the search weighs: ``wide`` has the next period inside its horizon, this one ends at ``this_end``.

    No job is kept in this period yet (`tocfin.reschedule.promises`).
    """
    plan, world, schedule = cast(Plan, wide.plan), model.enterprise, model.schedule
    rules = rules_of(plan, "reconciled")
    column = 2 * (rules.flags["material_levels"] == "bought") + (rules.flags["item_cost"] == "truly_variable")
    by_job = sums(model, grouping(model, "job"), model.horizon._replace(edges=model.horizon.edges[:0]))[0]
    rolled = by_job[: world.job_revenue.size, SUBCONTRACT_ALL]
    value = world.job_revenue - world.job_material[:, column] - rolled - world.job_shipping
    job = frames["activities"]["job_row"].to_numpy().astype(np.int32)
    ends = np.full(world.job_revenue.size, plan.clock - 1, np.int64)
    stays = member_row[fixed_member]
    np.maximum.at(ends, job[stays], schedule.activity_end[stays])
    operation = frames["activities"]["operation_row"].to_numpy()[member_row]
    share = np.diff(schedule.operation_first_activity)[operation]
    costs = plan.reschedule
    return Worth(
        clock=plan.clock,
        this_end=this_end,
        end=plan.horizon_end,
        job_kept=np.zeros(world.job_revenue.size, np.uint8),
        job_fixed_end=ends,
        job_scheduled=_scheduled(model).astype(np.uint8),
        job_value=np.nan_to_num(value),
        job_penalty=np.nan_to_num(world.job_penalty),
        job_need=np.array(world.job_need),
        member_job=job[member_row],
        member_carry=np.nan_to_num(world.operation_carrying[operation]) / np.maximum(share, 1),
        move_cost=float(costs.get("move_cost", 0.0)),
        move_cost_per_hour=float(costs.get("move_cost_per_hour", 0.0)),
        change_cost=float(costs.get("change_resource_cost", 0.0)),
        end_cost=0.0,
        load_start=start,
    )


def weighed(worth: Worth, objective: str) -> Worth:
    """The stand-in for another objective: what it does not ask for weighs nothing."""
    nothing = np.zeros_like
    if objective == "net-profit":
        return worth
    worth = worth._replace(
        member_carry=nothing(worth.member_carry), move_cost=0.0, move_cost_per_hour=0.0, change_cost=0.0
    )
    if objective == "late-penalty":
        return worth._replace(job_value=nothing(worth.job_value), end=np.iinfo(np.int64).max)
    if objective == "makespan":
        none = nothing(worth.job_value)
        return worth._replace(job_value=none, job_penalty=none, end_cost=1.0)
    return worth


def _scheduled(model: Model) -> NDArray[np.bool_]:
    """Jobs with operations, all of which are planned."""
    world, first = model.enterprise, model.schedule.operation_first_activity
    opens = world.order_first_operation[world.job_first_order]
    unplanned = np.concatenate([[0], np.cumsum(np.diff(first) == 0)])
    planned: NDArray[np.bool_] = (np.diff(unplanned[opens]) == 0) & (np.diff(opens) > 0) & (world.job_cancelled == 0)
    return planned


def price(dataset: Dataset, activities: pl.DataFrame, objective: str, moves: float = 0.0) -> Price:
    """What ``dataset`` is worth with other ``activities``; ``moves`` is what the moves cost (this period).

    Built and summed anew from the tables, so that no mistake of a search is in it. Raises UsageError for an
    unknown objective.
    """
    if objective not in OBJECTIVES:
        raise UsageError(f"objective '{objective}' is not one of {', '.join(OBJECTIVES)}")
    plan = cast(Plan, dataset.plan)
    rules = rules_of(plan, "reconciled")
    after = next_end(plan)
    bounds = (plan.clock, plan.horizon_end, after)
    wide = replace(
        dataset,
        tables={**dataset.tables, "activities": activities},
        plan=replace(plan, horizon_end=after, boundaries=bounds),
    )
    model = build(wide)
    terms = sums(model, grouping(model, "plant"), model.horizon).sum(axis=1)
    parts = _parts(terms, rules, moves)
    value, missing = _objective(objective, terms, rules, activities)
    return Price(value - (moves if objective == "net-profit" else 0.0), _of(terms, "net_profit", rules), parts, missing)


def _of(terms: NDArray[np.float64], name: str, rules: Policy) -> tuple[float, float]:
    """A KPI or a term in this period and in the next."""
    if name in SLOT:
        return float(terms[0, SLOT[name]]), float(terms[1, SLOT[name]])
    values = evaluate(KPIS[name], terms, rules).value
    return float(values[0]), float(values[1])


def _parts(terms: NDArray[np.float64], rules: Policy, moves: float) -> dict[str, tuple[float, float]]:
    found: dict[str, tuple[float, float]] = {}
    for sign, name in chosen(KPIS["net_profit"].numerator, rules):
        this, later = _of(terms, name, rules)
        found[name] = (sign * this + 0.0, sign * later + 0.0)
    for name in ("wip_carrying_cost", "finished_goods_carrying_cost"):
        this, later = _of(terms, name, rules)
        found[name] = (-this + 0.0, -later + 0.0)
    found["move_cost"] = (-moves + 0.0, 0.0)
    return found


def _objective(
    objective: str, terms: NDArray[np.float64], rules: Policy, activities: pl.DataFrame
) -> tuple[float, tuple[str, ...]]:
    if objective == "makespan":
        return -float(cast(int, activities["end"].max())), ()
    total, missing = 0.0, []
    for name, weight in OBJECTIVES[objective].items():
        rows = terms if name in SLOT else terms[:2]
        both = rows.sum(axis=0)
        value = both[SLOT[name]] if name in SLOT else float(evaluate(KPIS[name], both, rules).value)
        if np.isnan(value):
            missing.append(name)
        else:
            total += weight * float(value)
    return total, tuple(missing)
