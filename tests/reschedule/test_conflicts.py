"""Where no plan is possible a smallest set of jobs, resources and dates is named that cannot all be kept."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tables import PLAN, tables
from tocfin.dataset import Dataset
from tocfin.errors import UsageError
from tocfin.reschedule.clock import Clock
from tocfin.reschedule.conflicts import _Look, conflict, smallest
from tocfin.reschedule.problem import Zones, build_problem
from tocfin.reschedule.propose import proposed
from tocfin.reschedule.source import assumed

HOUR, DAY = 3_600, 86_400


def at(day: int, hour: float) -> int:
    return PLAN.clock + day * DAY + int(hour * HOUR)


def plant(work: dict[str, tuple[str, int, int]], hours: list[dict[str, Any]], **more: Any) -> Dataset:
    """``work``: job -> (resource, start, end), one activity each."""
    return Dataset("plant", None, PLAN, tables(
        resources=[{"resource": key} for key in ("R1", "R2")],
        capacity_intervals=hours,
        manufacturing_orders=[{"manufacturing_order": f"M{job}", "job": job} for job in work],
        operations=[{"operation": f"O{job}", "manufacturing_order": f"M{job}"} for job in work],
        activities=[{"activity": f"W{job}", "operation": f"O{job}", "resource": r, "start": start, "end": end}
                    for job, (r, start, end) in work.items()],
        **({"jobs": [{"job": job} for job in work]} | more),
    ), ())  # fmt: skip


def test_two_jobs_and_one_day_of_hours_are_named_and_a_third_job_is_not() -> None:
    day = [{"resource": r, "start": at(0, 8), "end": at(0, 16)} for r in ("R1", "R2")]
    work = {job: ("R1", at(0, 8), at(0, 16)) for job in "AB"} | {"C": ("R2", at(0, 8), at(0, 12))}
    found = conflict(build_problem(plant(work, day)))
    assert found is not None
    assert found.jobs == ("A", "B")
    assert [rule.kind for rule in found.rules] == ["hours", "units"]
    assert "job 'A' needs 8.00 h on 'R1'" in found.told
    assert "ends at 2026-06-01T16:00:00Z" in found.told
    assert "R2" not in found.told
    with pytest.raises(UsageError, match="no plan is possible"):
        proposed(assumed(plant(work, day)), Clock(0, work=10), replications=64)


def test_a_plan_that_fits_has_no_conflict() -> None:
    days = [{"resource": "R1", "start": at(day, 8), "end": at(day, 16)} for day in (0, 1)]
    work = {job: ("R1", at(0, 8), at(0, 16)) for job in "AB"}
    assert conflict(build_problem(plant(work, days))) is None


def test_pinned_work_that_waits_for_more_than_fits_before_it_is_named_with_its_date() -> None:
    """A and B take four hours each from Monday noon on; Z waits for both and is pinned on Tuesday at eight."""
    days = [{"resource": r, "start": at(day, 8), "end": at(day, 16)} for r in ("R1", "R2") for day in range(5)]
    work = {job: ("R1", at(0, 12), at(0, 16)) for job in "AB"} | {
        "Z": ("R2", at(1, 8), at(1, 12)), "D": ("R1", at(1, 8), at(1, 12))
    }  # fmt: skip
    jobs = [{"job": job, "release_date": at(0, 12)} for job in "AB"] + [{"job": job} for job in "ZD"]
    links = [{"predecessor": f"O{job}", "successor": "OZ"} for job in "AB"]
    problem = build_problem(plant(work, days, jobs=jobs, precedences=links), Zones(pinned=("Z",)))
    found = conflict(problem)
    assert found is not None
    assert found.jobs == ("A", "B")
    assert {rule.kind for rule in found.rules} == {"release", "waits", "hours", "units"}
    assert "activity 'WZ' of job 'Z' stays at 2026-06-02T08:00:00Z" in found.told
    look = _Look(problem)
    every = look.rules(look.jobs)
    gone = [rule for rule in every if rule not in found.rules]
    jobs_of = [problem.model.keys["job"].to_list().index(job) for job in found.jobs]
    assert not look.fits(jobs_of, gone)
    for job in jobs_of:
        assert look.fits([other for other in jobs_of if other != job], gone)
    for rule in found.rules:
        assert look.fits(jobs_of, [*gone, rule])


@given(st.sets(st.integers(0, 11), min_size=1, max_size=4), st.sets(st.integers(0, 11), min_size=1, max_size=4))
def test_a_smallest_bad_set_is_bad_and_no_part_of_it_is(one: set[int], other: set[int]) -> None:
    def bad(some: Any) -> bool:
        return one <= set(some) or other <= set(some)

    found = smallest(range(12), bad)
    assert bad(found)
    assert not any(bad(part) for part in combinations(found, len(found) - 1))
