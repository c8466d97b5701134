"""Jobs that must not leave the period: what is firm, released or started stays where a plan that can be kept has it."""

from __future__ import annotations

from dataclasses import replace
from typing import cast

import numpy as np
import polars as pl

from tocfin.dataset import Plan
from tocfin.reschedule.problem import Problem
from tocfin.reschedule.stays import begun

PROMISED = ("Firm", "Released")


def promised(problem: Problem, kept: pl.DataFrame) -> tuple[Problem, frozenset[str]]:
    """The problem with its promises, and the jobs: promised, and ended in this period by the activities ``kept``."""
    plan, jobs = cast(Plan, problem.dataset.plan), problem.dataset.tables["jobs"]
    owner = problem.frames["activities"].select("row", "job_row")
    work = kept.join(owner, on="row")
    ends = work.group_by("job_row").agg(pl.col("end").max()).filter(pl.col("end") < plan.horizon_end)
    inside = problem.frames["jobs"].filter(pl.col("job_row").is_in(ends["job_row"].implode()))["job"]
    at_work = work.filter(begun(plan.clock))["job_row"]
    started = problem.frames["jobs"].filter(pl.col("job_row").is_in(at_work.implode()))["job"]
    firm = jobs.filter(pl.col("commitment").is_in(PROMISED) | pl.col("job").is_in(started.implode()))["job"]
    names = frozenset(firm) & frozenset(inside) - frozenset(problem.zones.may_defer)
    flags = problem.model.keys["job"].is_in(list(names)).to_numpy().astype(np.uint8)
    flags &= problem.worth.job_scheduled
    return replace(problem, worth=problem.worth._replace(job_kept=flags)), names


def broken(problem: Problem, table: pl.DataFrame, names: frozenset[str]) -> list[str]:
    """A sentence for each promised job that the activities in ``table`` end after this period."""
    plan = cast(Plan, problem.dataset.plan)
    owner = problem.frames["activities"].select("row", "job_row")
    out = table.filter(pl.col("end") >= plan.horizon_end).join(owner, on="row")
    late = set(problem.frames["jobs"]["job"].gather(out["job_row"].unique()))
    return [f"promised: job '{job}' is firm and would leave the period" for job in sorted(late & names)]
