"""Compile the kernels of the search before a clock runs: a shop and a plan that are solved at once."""

from __future__ import annotations

from tocfin.dataset import Dataset
from tocfin.reschedule.clock import Clock
from tocfin.reschedule.improve import improve
from tocfin.reschedule.makespan import improve as shorten
from tocfin.reschedule.problem import build_problem
from tocfin.reschedule.shop import shop


def warm(dataset: Dataset | None = None) -> None:
    """Compile what `improve` uses, for shops and, where there is one, for a data set; no result is kept."""
    shorten(shop("warm", 2, [[[(0, 1), (1, 1)], [(1, 2)]], [[(1, 1)], [(0, 2), (1, 1)]]]), Clock(0, work=50), threads=1)
    if dataset is not None:
        improve(build_problem(dataset), Clock(0, work=2), threads=1)
