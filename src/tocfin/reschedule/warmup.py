"""Compile the kernels of the search before a clock runs; no result is kept."""

from __future__ import annotations

from tocfin.dataset import Dataset
from tocfin.reschedule.climbing import climbed
from tocfin.reschedule.clock import Clock
from tocfin.reschedule.decisions import blank
from tocfin.reschedule.improve import improve
from tocfin.reschedule.makespan import improve as shorten
from tocfin.reschedule.problem import build_problem
from tocfin.reschedule.rules import drum_hours
from tocfin.reschedule.shop import shop
from tocfin.reschedule.values import weighed


def warm_shops() -> None:
    """What `makespan.improve` uses."""
    shorten(shop("warm", 2, [[[(0, 1), (1, 1)], [(1, 2)]], [[(1, 1)], [(0, 2), (1, 1)]]]), Clock(0, work=50), threads=1)


def warm_plans(dataset: Dataset) -> None:
    """What `improve` uses; the steps come first, because somebody else may be compiling what prices plans."""
    problem = build_problem(dataset)
    value = weighed(problem.worth, "net-profit", drum_hours(problem), 0.0)
    climbed(problem, blank(problem, bought=False), value, 1, Clock(0, work=2), lambda money: None)
    improve(problem, Clock(0, work=2), threads=1)
