"""From the options of ``tocfin reschedule`` to its page; a file of its own because a command is short."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import cast

from tocfin.cli.talk import Talk
from tocfin.dataset import Dataset, Plan
from tocfin.report.forms import Page
from tocfin.report.rescheduled import page
from tocfin.reschedule.clock import Clock
from tocfin.reschedule.handover import handed_over
from tocfin.reschedule.impact import jobs
from tocfin.reschedule.improve import PRESENT, improve
from tocfin.reschedule.problem import Zones, build_problem


def rescheduled(
    dataset: Dataset,
    talk: Talk,
    begun: float,
    *,
    objective: str,
    seconds: float,
    work: int | None,
    seed: int,
    threads: int | None,
    freeze: int | None,
    only_resources: tuple[str, ...],
    pin: tuple[str, ...],
    may_defer: tuple[str, ...],
) -> tuple[Page, Callable[[Path], Path]]:
    """The page, and a function that writes the best plan into a folder."""
    plan = cast(Plan, dataset.plan)
    frozen = None if freeze is None else plan.clock + freeze
    problem = build_problem(dataset, Zones(frozen, pin, only_resources, may_defer))
    talk.detail(f"{problem.load_fixed.sum():,} of {problem.load_fixed.size:,} loads stay as they are")
    found = improve(
        problem,
        Clock(seconds, work=work, begun=begun),
        objective=objective,
        seed=seed,
        threads=threads or 2,
        told=lambda at, money: talk.detail(f"{at:8.2f} s  {money:,.0f}"),
    )
    touched = jobs(dataset, dataset.tables["activities"], found.best.activities)
    return page(found, PRESENT, touched, plan.currency), lambda out: handed_over(dataset, found.best, out)
