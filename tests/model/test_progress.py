"""The schedule as of an instant, worked by hand; and against plain Python on drawn half-finished plans."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from tables import PLAN, tables
from tocfin.dataset import Dataset
from tocfin.dataset.plan import Unconfirmed
from tocfin.model.progress import progress

HOUR = 3_600
NOON = 12  # hours after the clock: as of when


def at(hours: float) -> int:
    return PLAN.clock + round(hours * HOUR)


def plan(
    *work: Mapping[str, Any], units: int | None = None, hours: tuple[tuple[int, int], ...] = ((0, 96),)
) -> Dataset:
    """Activities A0, A1, ...: ``on`` a resource, ``of`` an order, planned ``start`` and ``end`` in hours."""
    on = sorted({one["on"] for one in work})
    orders = sorted({one.get("of", "M0") for one in work})
    rows = tables(
        resources=[{"resource": name, "units": units} for name in on],
        capacity_intervals=[{"resource": name, "start": at(a), "end": at(b)} for name in on for a, b in hours],
        jobs=[{"job": name, "quantity": 10.0} for name in orders],
        manufacturing_orders=[{"manufacturing_order": name, "job": name} for name in orders],
        operations=[
            {"operation": f"O{k}", "manufacturing_order": one.get("of", "M0"), "sequence": 10 * k + 10}
            | {"good_qty": one.get("good")}
            for k, one in enumerate(work)
        ],
        activities=[
            {"activity": f"A{k}", "operation": f"O{k}", "resource": one["on"], "start": at(one["start"])}
            | {"end": at(one["end"]), "status": one.get("status"), "remaining_hours": one.get("left")}
            | {name: at(one[name]) for name in ("actual_start", "actual_end", "recorded_at") if name in one}
            for k, one in enumerate(work)
        ],
    )
    return Dataset("shop", None, PLAN, rows, ())


def timed(dataset: Dataset, as_of: float = NOON, rule: Unconfirmed = "not_done") -> list[tuple[float, float]]:
    """Start and end of A0, A1, ... in hours after the clock."""
    found = progress(dataset, at(as_of), rule)
    table = found.moved().tables["activities"]
    return [((a - PLAN.clock) / HOUR, (b - PLAN.clock) / HOUR) for a, b in table["start", "end"].iter_rows()]


BEFORE = {"on": "R1", "start": 0, "end": 8, "status": "Finished", "actual_start": 1, "actual_end": 10}
RUNNING = {"on": "R1", "start": 8, "end": 16, "status": "Started", "actual_start": 10}
AFTER = {"on": "R1", "start": 16, "end": 20}


def test_what_is_done_has_its_actual_times_and_what_has_begun_goes_on_with_what_is_left() -> None:
    assert timed(plan(BEFORE, RUNNING, AFTER)) == [(1, 10), (10, 18), (18, 22)]  # 2 of 8 hours are worked


def test_remaining_hours_win_over_good_quantity_and_that_over_elapsed_time() -> None:
    assert timed(plan(RUNNING | {"left": 1.5, "good": 5.0})) == [(10, 13.5)]
    assert timed(plan(RUNNING | {"good": 2.5})) == [(10, 18)]  # three quarters of 8 hours
    assert timed(plan(RUNNING | {"good": 10.0})) == [(10, 12)]
    assert timed(plan(RUNNING | {"left": 0.0})) == [(10, 12)]
    assert timed(plan(RUNNING | {"actual_start": 3, "start": 3, "end": 11})) == [(3, 12)]  # at least nothing is left


def test_only_hours_of_the_resource_are_worked() -> None:
    shifts = ((0, 4), (10, 14), (20, 40))
    dataset = plan({"on": "R1", "start": 0, "end": 14, "status": "Started", "actual_start": 2}, hours=shifts)
    assert timed(dataset) == [(2, 22)]  # 8 hours of work; 2 + 2 are worked, 2 until hour 14, 2 more from hour 20
    assert timed(dataset, 15) == [(2, 22)]


def test_work_that_is_not_confirmed_waits_or_went_as_planned() -> None:
    late = {"on": "R1", "start": 2, "end": 6}
    dataset = plan(late, {"on": "R1", "start": 6, "end": 14}, AFTER)
    assert timed(dataset) == [(12, 16), (16, 24), (24, 28)]
    assert timed(dataset, rule="as_planned") == [(2, 6), (6, 14), (16, 20)]
    assert progress(dataset, at(NOON)).standing.missing.tolist() == [0, 1]
    assert progress(dataset, at(2)).standing.missing.tolist() == []  # it should start now


def test_begun_work_that_should_have_ended_is_not_confirmed_unless_its_progress_is_told() -> None:
    begun = {"on": "R1", "start": 0, "end": 8, "status": "Started", "actual_start": 6}
    assert timed(plan(begun)) == [(6, 14)]
    assert timed(plan(begun), rule="as_planned") == [(6, 8)]
    assert progress(plan(begun), at(NOON)).standing.missing.tolist() == [0]
    assert timed(plan(begun | {"left": 3.0}), rule="as_planned") == [(6, 15)]
    assert progress(plan(begun | {"left": 3.0}), at(NOON)).standing.missing.tolist() == []


def test_a_confirmation_that_was_recorded_later_is_not_known_yet() -> None:
    dataset = plan(BEFORE | {"recorded_at": 13}, AFTER)
    found = progress(dataset, at(NOON)).standing
    assert (found.missing.tolist(), found.unused.tolist()) == ([0], [0])
    assert timed(dataset) == [(12, 20), (20, 24)]
    assert timed(dataset, 13) == [(1, 10), (16, 20)]


def test_seen_from_before_what_happened_later_has_not_happened() -> None:
    assert timed(plan(BEFORE, AFTER), 5) == [(1, 9), (16, 20)]  # 4 of 8 hours are worked
    assert timed(plan(BEFORE, AFTER), 0) == [(0, 8), (16, 20)]


def test_work_that_has_begun_holds_the_resource_before_work_that_was_planned_ahead_of_it() -> None:
    ahead = {"on": "R1", "of": "M1", "start": 0, "end": 4}
    begun = {"on": "R1", "of": "M2", "start": 4, "end": 12, "actual_start": 8, "status": "Started"}
    assert timed(plan(ahead, begun)) == [(16, 20), (8, 16)]
    assert timed(plan(ahead, begun, units=2)) == [(12, 16), (8, 16)]


def test_begun_work_waits_for_no_step_before_it_but_the_next_step_waits_for_both() -> None:
    first = {"on": "R1", "start": 0, "end": 4}
    second = {"on": "R2", "start": 4, "end": 8, "actual_start": 9, "status": "Started"}
    assert timed(plan(first, second, {"on": "R3", "start": 8, "end": 9})) == [(12, 16), (9, 13), (16, 17)]


def test_what_is_done_holds_up_what_follows_by_the_lag_only() -> None:
    dataset = plan(BEFORE, {"on": "R2", "start": 20, "end": 21})
    lag = [{"predecessor": "O0", "successor": "O1", "lag_hours": 12.0}]
    rows = tables(precedences=lag)["precedences"]
    late = replace(dataset, tables={**dataset.tables, "precedences": rows})
    assert timed(late) == [(1, 10), (22, 23)]


def test_a_split_operation_spreads_its_good_quantity_over_its_activities() -> None:
    dataset = plan(RUNNING | {"good": 7.0})
    both = [
        {"activity": "A0", "operation": "O0", "resource": "R1", "start": at(0), "end": at(6), "quantity": 6.0}
        | {"actual_start": at(0), "actual_end": at(6), "status": "Finished"},
        {"activity": "A1", "operation": "O0", "resource": "R1", "start": at(6), "end": at(14), "quantity": 4.0}
        | {"actual_start": at(6), "status": "Started"},
    ]
    split = replace(dataset, tables={**dataset.tables, "activities": tables(activities=both)["activities"]})
    assert timed(split) == [(0, 6), (6, 18)]  # one of its four pieces is good: three quarters of 8 hours are left


def test_parts_of_a_split_operation_move_on_their_own_and_the_next_step_waits_for_the_last() -> None:
    dataset = plan({"on": "R1", "start": 0, "end": 1}, {"on": "R1", "start": 20, "end": 22})
    rows = [("A0", "O0", "R1", 2, 6), ("A1", "O0", "R2", 14, 19), ("A2", "O1", "R1", 20, 22)]
    table = tables(
        activities=[
            {"activity": a, "operation": o, "resource": r, "start": at(start), "end": at(end)}
            for a, o, r, start, end in rows
        ]
    )["activities"]
    more = tables(resources=[{}, {"resource": "R2"}])["resources"]
    split = replace(dataset, tables={**dataset.tables, "activities": table, "resources": more})
    assert timed(split) == [(12, 16), (14, 19), (20, 22)]
    assert timed(split, 18) == [(18, 22), (18, 23), (23, 25)]


def test_a_job_that_is_closed_short_ends_when_it_was_last_worked_on() -> None:
    dataset = plan(BEFORE, RUNNING, AFTER)
    jobs = dataset.tables["jobs"].with_columns(closed_short=True)
    closed = replace(dataset, tables={**dataset.tables, "jobs": jobs})
    assert timed(closed) == [(1, 10), (10, 10), (10, 10)]
    assert timed(plan(BEFORE, AFTER)) == [(1, 10), (16, 20)]
    assert progress(closed, at(30)).standing.missing.tolist() == []
    later = jobs.with_columns(shipped_at=at(14))
    assert timed(replace(dataset, tables={**dataset.tables, "jobs": later})) == [(1, 10), (10, 18), (18, 22)]


@pytest.mark.parametrize("rule", ["not_done", "as_planned"])
@pytest.mark.parametrize("as_of", [0, 5, 11, 15, 30])
def test_confirmed_as_planned_the_schedule_is_the_plan(rule: Unconfirmed, as_of: int) -> None:
    shifts = ((0, 4), (10, 14), (20, 40))
    work = [{"start": 0, "end": 11}, {"start": 11, "end": 15}, {"start": 20, "end": 26}]
    told = [one | {"on": "R1"} | confirmed(one, as_of) for one in work]
    assert timed(plan(*told, hours=shifts), as_of, rule) == [(one["start"], one["end"]) for one in work]


def confirmed(one: Mapping[str, int], as_of: int) -> dict[str, Any]:
    if one["end"] <= as_of:
        return {"status": "Finished", "actual_start": one["start"], "actual_end": one["end"]}
    return {"status": "Started", "actual_start": one["start"]} if one["start"] <= as_of else {}
