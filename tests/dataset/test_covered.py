"""Capacity that is not there, and work planned outside it."""

from __future__ import annotations

from typing import Any

from tables import PLAN, seconds, tables
from tocfin.dataset.calendars import expand
from tocfin.dataset.covered import uncovered

DAY = "2026-06-01"


def told(**changes: Any) -> list[tuple[str, int | None]]:
    given: dict[str, list[dict[str, Any]]] = {
        "plants": [{"plant": "P"}],
        "resources": [{"resource": "R", "plant": "P", "resource_type": "Machine"}],
        "capacity_intervals": [
            {"resource": "R", "start": seconds(f"{DAY}T08:00Z"), "end": seconds(f"{DAY}T16:00Z"), "interval_type": kind}
            for kind in ("Online",)
        ],
        "jobs": [{"job": "J", "plant": "P"}],
        "manufacturing_orders": [{"manufacturing_order": "M", "job": "J"}],
        "operations": [{"operation": "O", "manufacturing_order": "M"}],
        "activities": [work("10:00", "12:00")],
    } | changes
    frames = tables(**given)
    timelines, _ = expand(frames, PLAN)
    return [(finding.rule, finding.row) for finding in uncovered(frames, timelines, PLAN)]


def work(start: str, end: str, resource: str = "R") -> dict[str, Any]:
    times = {"start": seconds(f"{DAY}T{start}Z"), "end": seconds(f"{DAY}T{end}Z")}
    return {"activity": f"A{start}", "operation": "O", "resource": resource} | times


def test_work_inside_the_hours_is_no_news() -> None:
    assert told() == []


def test_work_that_touches_an_hour_is_no_news_and_work_beside_it_is() -> None:
    rows = [work("07:00", "08:01"), work("06:00", "08:00"), work("16:00", "17:00"), work("15:59", "18:00")]
    assert told(activities=rows) == [("outside-capacity", 3), ("outside-capacity", 4)]


def test_a_cleanout_is_no_time_for_work() -> None:
    hours = {"resource": "R", "start": seconds(f"{DAY}T08:00Z"), "end": seconds(f"{DAY}T16:00Z")}
    assert told(capacity_intervals=[hours | {"interval_type": "Cleanout"}]) == [("outside-capacity", 2)]


def test_a_resource_without_hours_in_the_horizon_is_told_and_a_tool_or_an_inactive_one_is_not() -> None:
    idle = [
        {"resource": "R", "plant": "P", "resource_type": "Machine"},
        {"resource": "S", "plant": "P", "resource_type": "Machine"},
        {"resource": "T", "plant": "P", "resource_type": "Tool"},
        {"resource": "U", "plant": "P", "resource_type": "Machine", "active": False},
    ]
    rows = [work("10:00", "11:00", resource) for resource in ("R", "S", "T", "U")]
    assert told(resources=idle, activities=rows) == [("no-capacity", 3), ("outside-capacity", 3)]


def test_work_of_a_cancelled_job_may_lie_anywhere() -> None:
    jobs = [{"job": "J", "plant": "P", "cancelled": True}]
    assert told(jobs=jobs, activities=[work("01:00", "02:00")]) == []
