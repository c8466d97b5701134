"""A shop for CP-SAT: an exact answer where it is small, and a bound; one worker beside the local search."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

from tocfin.reschedule.clock import Clock
from tocfin.reschedule.shop import Shop, ShopPlan
from tocfin.workers import looking

#: Moves of local search that count as one unit of CP-SAT's deterministic time.
MOVES_PER_UNIT = 40_000


class Outcome(NamedTuple):
    """What CP-SAT found: a plan or None, and a bound that no plan beats."""

    plan: ShopPlan | None
    bound: int


def solve(shop: Shop, hint: ShopPlan, bound: int, seed: int, clock: Clock, tell: Callable[[int, int], None]) -> Outcome:
    """The shortest plan that CP-SAT finds before the clock, never longer than ``hint``.

    ``tell`` hears of (bound, makespan) while it runs. The clock is looked at outside too, because presolve may
    outlast the solver's own limit.
    """
    from ortools.sat.python import cp_model

    model, start, chosen = _model(cp_model, shop, hint, bound)
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.random_seed = seed
    if clock.work is None:
        solver.parameters.max_time_in_seconds = max(clock.left, 0.01)
    else:
        solver.parameters.max_deterministic_time = clock.work / MOVES_PER_UNIT

    class Watch(cp_model.CpSolverSolutionCallback):
        def on_solution_callback(self) -> None:
            tell(_up(self.best_objective_bound), round(self.objective_value))

    def heard(value: float) -> None:
        tell(_up(value), -1)

    solver.best_bound_callback = heard

    def look() -> None:
        if clock.left <= 0:
            solver.stop_search()

    with looking(look):
        status = solver.solve(model, Watch())
    known = status in (cp_model.OPTIMAL, cp_model.FEASIBLE)
    if not known:
        return Outcome(None, bound)
    starts = np.array([solver.value(s) for s in start], np.int64)
    on = np.array([c for c in range(shop.choice_machine.size) if solver.value(chosen[c])], np.int64)
    plan = ShopPlan(shop.choice_machine[on], starts, starts + shop.choice_length[on])
    return Outcome(plan, max(bound, _up(solver.best_objective_bound)))


def _up(value: float) -> int:
    """A bound on whole numbers as a whole number."""
    return math.ceil(value - 1e-6)


def _model(cp_model: Any, shop: Shop, hint: ShopPlan, bound: int) -> tuple[Any, list[Any], list[Any]]:
    """The shop as intervals, one optional interval per choice where there are several."""
    model = cp_model.CpModel()
    horizon = hint.makespan
    makespan = model.new_int_var(bound, horizon, "makespan")
    on_machine: list[list[Any]] = [[] for _ in range(shop.n_machine)]
    start, chosen = [], []
    for x in range(shop.n_operation):
        s = model.new_int_var(0, horizon, "")
        model.add_hint(s, int(hint.start[x]))
        ends = []
        choices = range(int(shop.choice_first[x]), int(shop.choice_first[x + 1]))
        for c in choices:
            k, length = int(shop.choice_machine[c]), int(shop.choice_length[c])
            taken = model.new_bool_var("") if len(choices) > 1 else True
            if len(choices) > 1:
                model.add_hint(taken, k == hint.machine[x])
                interval = model.new_optional_fixed_size_interval_var(s, length, taken, "")
            else:
                interval = model.new_fixed_size_interval_var(s, length, "")
            on_machine[k].append(interval)
            chosen.append(taken)
            ends.append((length, taken))
        if len(choices) > 1:
            model.add_exactly_one([taken for _, taken in ends])
        end = sum(length * taken for length, taken in ends)
        start.append((s, end))
    for intervals in on_machine:
        model.add_no_overlap(intervals)
    for j in range(shop.job_first.size - 1):
        some = start[int(shop.job_first[j]) : int(shop.job_first[j + 1])]
        for (s, length), (after, _) in pairwise(some):
            model.add(after >= s + length)
        if some:
            model.add(makespan >= some[-1][0] + some[-1][1])
    model.minimize(makespan)
    return model, [s for s, _ in start], chosen


#: Money and time of a mix are counted in this part of their unit, so that CP-SAT has whole numbers.
FINE = 1_000


def best_mix(
    demand: list[int], throughput: list[float], limits: list[tuple[list[float], float]], seconds: float
) -> tuple[list[int], bool]:
    """Units of each product with the most throughput, and whether that is proven.

    ``limits`` hold, per resource, what one unit of each product takes and what there is, both rounded to a thousandth.
    """
    from ortools.sat.python import cp_model

    model = cp_model.CpModel()
    units = [model.new_int_var(0, n, "") for n in demand]
    for need, there_is in limits:
        model.add(
            sum(round(FINE * each) * unit for each, unit in zip(need, units, strict=True)) <= round(FINE * there_is)
        )
    model.maximize(sum(round(FINE * each) * unit for each, unit in zip(throughput, units, strict=True)))
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.random_seed = 1
    solver.parameters.max_time_in_seconds = seconds
    status = solver.solve(model)
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return [0] * len(demand), False
    return [solver.value(unit) for unit in units], status == cp_model.OPTIMAL
