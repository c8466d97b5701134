"""A window of a plan for CP-SAT: some loads may move, everything else stays where it is; what it costs, in money.

How its time is told is in `tocfin.reschedule.window_times`, what it costs in `tocfin.reschedule.window_costs`.

Left to the kernels, which judge every answer: part use of overtime (here a segment costs all of itself), what setups
cost, and jobs that wait for a later period.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tocfin.kernels.search_loads import Decision, Times
from tocfin.kernels.search_worth import Worth
from tocfin.reschedule.problem import Problem
from tocfin.reschedule.window_costs import priced
from tocfin.reschedule.window_times import Longs, Timed, Window


class Effort(NamedTuple):
    """How long CP-SAT may try: with endless ``seconds`` equal arguments give equal answers."""

    seed: int
    work: float  # its deterministic seconds
    seconds: float


class Answer(NamedTuple):
    """Where the loads of a window go, which segments are bought for it, and whether nothing is cheaper."""

    start: Longs  # (loads of the window) [s]
    bought: NDArray[np.uint8]  # (segments)
    proven: bool


def movable(problem: Problem) -> NDArray[np.bool_]:
    """(loads) that a window may hold: of one member that takes time, on resources of one unit, at rest when done."""
    loads = problem.loads
    m = loads.first_member[:-1]
    single = (np.diff(loads.first_member) == 1) & (loads.member_tail[m] == 0) & (loads.member_seconds[m] > 0)
    one = np.diff(loads.unit_first) == 1
    elsewhere = np.repeat(np.arange(m.size), np.diff(loads.choice_first))[~one[loads.choice_resource]]
    some: NDArray[np.bool_] = single & ~problem.load_fixed & one[loads.member_resource[m]]
    some[elsewhere] = False
    return some


def solved(
    problem: Problem, decision: Decision, times: Times, value: Worth, window: Window, effort: Effort
) -> Answer | None:
    """The cheapest window that CP-SAT finds, no dearer than now; None where it finds none."""
    from ortools.sat.python import cp_model

    model = Timed(cp_model.CpModel(), problem.loads, decision, times, window)
    if not (model.built() and priced(model, value)):
        return None
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.random_seed = effort.seed
    solver.parameters.max_deterministic_time = effort.work
    if np.isfinite(effort.seconds):
        solver.parameters.max_time_in_seconds = max(effort.seconds, 0.01)
    status = solver.solve(model.cp)
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return None
    start = np.array([solver.value(begin) for begin in model.begin], np.int64)
    bought = decision.bought.copy()
    for s, literal in model.buys.items():
        bought[s] = solver.value(literal)
    return Answer(start, bought, status == cp_model.OPTIMAL)
