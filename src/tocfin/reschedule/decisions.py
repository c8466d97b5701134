"""Between a problem and the kernels: empty decisions and times, what waits for what, and the table a decision makes."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tocfin.kernels.search_loads import Decision, Loads, Times, placed
from tocfin.reschedule.problem import Problem


class Searched(NamedTuple):
    """What an engine of the search found: weighed money (without limit less for nothing), and its steps."""

    money: float
    decision: Decision
    steps: int


class Waiting(NamedTuple):
    """Who waits for each load, and for how many loads that may move each one waits; -1 for what is fixed."""

    after_first: NDArray[np.int32]
    after_load: NDArray[np.int32]
    missing: NDArray[np.int32]


def waiting(problem: Problem) -> Waiting:
    """The edges of a problem, the other way round."""
    loads, fixed = problem.loads, problem.load_fixed
    waits = np.repeat(np.arange(fixed.size), np.diff(loads.before_first))
    order = np.argsort(loads.before_load, kind="stable")
    first = np.searchsorted(loads.before_load[order], np.arange(fixed.size + 1)).astype(np.int32)
    missing = np.bincount(waits[~fixed[loads.before_load]], minlength=fixed.size)
    return Waiting(first, waits[order].astype(np.int32), np.where(fixed, -1, missing).astype(np.int32))


def blank(problem: Problem, *, bought: bool) -> Decision:
    """The sequence in which the present plan starts its loads, all of the potential overtime ``bought`` or none."""
    free = np.flatnonzero(~problem.load_fixed)
    order = free[np.lexsort((problem.rank[free], problem.worth.load_start[free]))]
    return Decision(
        order=sound(problem, order),
        choice=np.zeros(problem.load_fixed.size, np.int32),
        bought=np.full(problem.loads.segment_start.size, bought, np.uint8),
        floor=np.zeros(problem.load_fixed.size, np.int64),
    )


def sound(problem: Problem, order: NDArray[Any]) -> NDArray[np.int32]:
    """``order`` with each load behind what it waits for; a plan that keeps its precedences comes out as it is."""
    if _keeps(problem, order):
        return order.astype(np.int32)
    loads, placed_already = problem.loads, problem.load_fixed.copy()
    out: list[int] = []
    for root in order.tolist():
        stack = [root]
        while stack:
            x = stack[-1]
            before = loads.before_load[loads.before_first[x] : loads.before_first[x + 1]]
            open_still = before[~placed_already[before]]
            if open_still.size:
                stack.append(int(open_still[0]))
                continue
            stack.pop()
            if not placed_already[x]:
                placed_already[x] = True
                out.append(x)
    return np.array(out, np.int32)


def _keeps(problem: Problem, order: NDArray[Any]) -> bool:
    """Whether each load of ``order`` is behind what it waits for."""
    loads, n = problem.loads, problem.load_fixed.size
    place = np.where(problem.load_fixed, -1, n)
    place[order] = np.arange(order.size)
    waits = np.repeat(place, np.diff(loads.before_first))
    return bool(np.all((waits == n) | (place[loads.before_load] < waits) | (waits < 0)))


def present_times(problem: Problem) -> Times:
    """Times of the present plan; those of fixed loads stay in every use of them."""
    loads, schedule, value = problem.loads, problem.model.schedule, problem.worth
    start, end = schedule.activity_start[problem.member_row], schedule.activity_end[problem.member_row]
    return Times(
        load_end=np.maximum.reduceat(end, loads.first_member[:-1]),
        load_start=value.load_start.copy(),
        start=start.copy(),
        end=end.copy(),
        resource=loads.member_resource.copy(),
        free=problem.unit_free.copy(),
        day_uses=np.zeros(loads.day_expense.size, np.int32),
        job_end=value.job_fixed_end.copy(),
        job_pay=np.zeros(value.job_need.size),
        order_end=value.order_fixed_end.copy(),
        last=np.zeros((2, loads.resource_matrix.size), np.int64),
    )


def copied(decision: Decision) -> Decision:
    """The same decision in arrays of its own."""
    return Decision(decision.order.copy(), decision.choice.copy(), decision.bought.copy(), decision.floor.copy())


def activities(
    problem: Problem, decision: Decision, *, loads: Loads | None = None
) -> tuple[pl.DataFrame | None, float]:
    """The table of activities that ``decision`` makes (None where something finds no room), and what its moves cost.

    Rows that stay are as they were; rows that move get their times and resource, and no hours of their own.
    """
    times = present_times(problem)
    if placed(loads or problem.loads, decision, problem.unit_free, times):
        return None, 0.0
    frame = problem.frames["activities"].with_row_index("~at")
    free = np.repeat(~problem.load_fixed, np.diff(problem.loads.first_member))
    keys = problem.model.keys["resource"]
    moved = pl.DataFrame(
        {
            "~at": pl.Series(problem.member_row[free], dtype=frame.schema["~at"]),
            "~start": times.start[free],
            "~end": times.end[free],
            "~resource": keys.gather(times.resource[free]),
        }
    )
    frame = frame.join(moved, on="~at", how="left", maintain_order="left")
    table = frame.with_columns(
        start=pl.coalesce("~start", "start"),
        end=pl.coalesce("~end", "end"),
        resource=pl.coalesce("~resource", "resource"),
    )
    table = table.select(problem.dataset.tables["activities"].columns)
    gone = problem.dataset.tables["activities"].join(table.select("row"), on="row", how="anti")
    return pl.concat([table, gone]).sort("row"), _moves(problem, decision, times)


def _moves(problem: Problem, decision: Decision, times: Times) -> float:
    """Cost of the moves by plan.toml: per load moved, per hour, per load on another resource."""
    free, value = decision.order, problem.worth
    shift = np.abs(times.load_start[free] - value.load_start[free])
    cost = float((value.load_move[free] * (shift > 0) + value.load_move_hour[free] * shift / 3_600).sum())
    return cost + value.change_cost * float(np.count_nonzero(decision.choice[free]))
