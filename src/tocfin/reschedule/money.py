"""The price of a plan, by the kernels of the KPIs.

The default objective is net profit of this period and of the next one, because throughput that is put off is not lost,
less carrying cost, setups and what moves cost (``[reschedule]`` in plan.toml), under the ``reconciled`` policy. The
late penalty of net profit is at its plain rate (kpi.md 1.1e); what grace and cap take off it is given back here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import cast

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tocfin.dataset import Dataset, Plan
from tocfin.errors import UsageError
from tocfin.kpi import KPIS, SLOT, Policy, chosen, evaluate
from tocfin.measure import rules_of, sums
from tocfin.model.build import Model, arranged, build
from tocfin.model.columns import Floats, Instants
from tocfin.model.edges import changeovers, sequences
from tocfin.model.groups import grouping
from tocfin.reschedule.values import scheduled

#: Objective -> weights of KPIs or terms, summed over this period and the next; ratios are made of the sums.
OBJECTIVES: dict[str, dict[str, float]] = {
    "net-profit": {"net_profit": 1.0, "wip_carrying_cost": -1.0, "finished_goods_carrying_cost": -1.0},
    "throughput": {"throughput": 1.0},
    "late-penalty": {"late_late_penalty": -1.0},
    "makespan": {},
    "t-per-drum-hour": {"throughput_per_drum_hour": 1.0},
}
#: Signed parts of the default objective that are no terms of net profit.
BESIDE = ("wip_carrying_cost", "finished_goods_carrying_cost", "late_penalty_relief", "setup_cost", "move_cost")
PERIODS = ("this", "next")
DAY = 86_400.0
#: Below this a sum of what cancels is nothing [money].
TINY = 1e-9


@dataclass(frozen=True)
class Price:
    """What a plan is worth.

    ``parts`` has every signed term of net profit, then those of ``BESIDE``: (this period, the next); NaN where it
    was not supplied. ``objective`` leaves out what was not supplied, and names it in ``missing``. ``goodwill`` is what
    of the late penalty is no cash (``jobs.late_penalty_is_cash``); it is inside the penalty.
    """

    objective: float
    net_profit: tuple[float, float]
    parts: Mapping[str, tuple[float, float]]
    missing: tuple[str, ...] = ()
    goodwill: tuple[float, float] = (0.0, 0.0)


def next_end(plan: Plan) -> int:
    """End of the period after the horizon: the next edge of a period, else as long as the horizon is."""
    later = [edge for edge in plan.edges if edge > plan.horizon_end]
    return min(later) if later else 2 * plan.horizon_end - plan.clock


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
    model, frames = build(wide), arranged(wide.tables, plan)
    terms = sums(model, grouping(model, "plant"), model.horizon).sum(axis=1)
    relief, goodwill = _penalties(model, frames, bounds)
    beside = {"late_penalty_relief": relief[:2], "setup_cost": -_setup_cost(model, frames, bounds)}
    parts = _parts(terms, rules, beside, moves)
    value, missing = _objective(objective, terms, rules, activities)
    if objective == "net-profit":
        lacking = ["setup_cost"] * bool(np.isnan(sum(parts["setup_cost"])))
        value += sum(float(np.nan_to_num(sum(parts[name]))) for name in BESIDE[2:])
        missing += lacking
    elif objective == "late-penalty":
        value += float(np.nan_to_num(relief.sum()))
    net = _of(terms, "net_profit", rules)
    return Price(value, net, parts, tuple(missing), (float(goodwill[0]), float(goodwill[1])))


def _penalties(model: Model, frames: Mapping[str, pl.DataFrame], bounds: tuple[int, int, int]) -> tuple[Floats, Floats]:
    """By period of the job's end, the last being outside: what grace and cap take off penalties, what is goodwill."""
    jobs = frames["jobs"]
    work = frames["activities"].group_by("job_row").agg(pl.col("end").max())
    late = jobs.join(work, on="job_row").filter(~pl.col("cancelled"), pl.col("end") > pl.col("need_date"))
    rate = pl.col("late_penalty_per_day") * pl.col("rate")
    days = (pl.col("end") - pl.col("need_date")) / DAY
    charged = rate * (days - pl.col("late_penalty_grace_days").fill_null(0.0)).clip(lower_bound=0.0)
    cap = (pl.col("late_penalty_cap") * pl.col("rate")).fill_null(np.inf)
    late = late.with_columns(plain=rate * days, charged=pl.min_horizontal(charged, cap))
    late = late.with_columns(owed=pl.when(rate.is_not_null()).then(pl.col("charged")))
    counts = np.isin(late["job_row"].to_numpy(), np.flatnonzero(scheduled(model)))
    period = np.searchsorted(bounds, late["end"].to_numpy(), side="right") - 1
    period = np.where(counts & (period >= 0) & (period < 2), period, 2)
    plain, owed = (late[name].fill_null(0.0).to_numpy() for name in ("plain", "owed"))
    soft = (late["late_penalty_is_cash"] == False).fill_null(False).to_numpy()  # noqa: E712
    relief, goodwill = (np.bincount(period, part, 3).astype(np.float64) for part in (plain - owed, owed * soft))
    return np.where(np.abs(relief) < TINY, 0.0, relief), goodwill


def _setup_cost(model: Model, frames: Mapping[str, pl.DataFrame], bounds: tuple[int, int, int]) -> Floats:
    """(2) cost of setups before work that starts in each period; NaN where one is not supplied."""
    if not frames["setups"].height:
        return np.zeros(2)
    rows = np.flatnonzero(~frames["activities"]["cancelled"].to_numpy()).astype(np.int32)
    begun = np.zeros(frames["activities"].height, np.bool_)
    found = sequences(model, frames, rows, begun, model.schedule)
    setup = changeovers(model, frames, found, begun, model.schedule)
    start: Instants = np.minimum.reduceat(model.schedule.activity_start[found.row], found.first[:-1])
    inside = [(start >= low) & (start < high) for low, high in pairwise(bounds)]
    return np.array([setup.cost[some].sum() for some in inside])


def _of(terms: NDArray[np.float64], name: str, rules: Policy) -> tuple[float, float]:
    """A KPI or a term in this period and in the next."""
    if name in SLOT:
        return float(terms[0, SLOT[name]]), float(terms[1, SLOT[name]])
    values = evaluate(KPIS[name], terms, rules).value
    return float(values[0]), float(values[1])


def _parts(
    terms: NDArray[np.float64], rules: Policy, beside: Mapping[str, Floats], moves: float
) -> dict[str, tuple[float, float]]:
    found: dict[str, tuple[float, float]] = {}
    for sign, name in chosen(KPIS["net_profit"].numerator, rules):
        this, later = _of(terms, name, rules)
        found[name] = (sign * this + 0.0, sign * later + 0.0)
    for name in ("wip_carrying_cost", "finished_goods_carrying_cost"):
        this, later = _of(terms, name, rules)
        found[name] = (-this + 0.0, -later + 0.0)
    for name, amounts in beside.items():
        found[name] = (float(amounts[0]) + 0.0, float(amounts[1]) + 0.0)
    found["move_cost"] = (-moves + 0.0, 0.0)
    return found


def _objective(
    objective: str, terms: NDArray[np.float64], rules: Policy, activities: pl.DataFrame
) -> tuple[float, list[str]]:
    if objective == "makespan":
        return -float(cast(int, activities["end"].max())), []
    total, missing = 0.0, list[str]()
    for name, weight in OBJECTIVES[objective].items():
        rows = terms if name in SLOT else terms[:2]
        both = rows.sum(axis=0)
        value = both[SLOT[name]] if name in SLOT else float(evaluate(KPIS[name], both, rules).value)
        if np.isnan(value):
            missing.append(name)
        else:
            total += weight * float(value)
    return total, missing
