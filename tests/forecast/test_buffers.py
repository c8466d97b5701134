"""Buffers: published zones, and a plant of two jobs worked on paper."""

from __future__ import annotations

import pytest

from forecast.two_jobs import HOUR, two_jobs
from tables import PLAN
from tocfin.errors import UsageError
from tocfin.forecast.buffers import (
    BufferLine,
    buffer_lines,
    colour,
    inventory_dollar_days,
    penetration,
    planned_loads,
)
from tocfin.forecast.laid import laid_out
from tocfin.measure import measure
from tocfin.model.build import build
from tocfin.model.network import margin


@pytest.mark.parametrize(
    ("size", "remains", "percent", "zone"),
    [(8, 5, 37.5, "yellow"), (6, 3, 50.0, "yellow"), (8, 10, -25.0, "green"), (35, 8, 77.142857142857, "red")],
)
def test_the_handbooks_worked_set(size: float, remains: float, percent: float, zone: str) -> None:
    used = penetration(size, remains)
    assert used == pytest.approx(percent)
    assert colour(used) == zone


def test_every_buffer_says_what_is_left_now_and_what_the_plan_leaves() -> None:
    found = {(line.kind, line.job): line for line in buffer_lines(two_jobs())}
    assert found["shipping", "A"] == BufferLine("shipping", "P1", "A", 8.0, "h", 10.0, 5.0, 700.0)
    assert found["shipping", "B"] == BufferLine("shipping", "P1", "B", 8.0, "h", 5.0, -2.0, 1000.0 - 240 / 24 * 2)
    assert found["drum", "A"] == BufferLine("drum", "mill", "A", 2.0, "h", 3.0, 1.0, 700.0)
    assert found["drum", "B"].projected == 1.0
    assert found["stock", None].current_percent == 25.0
    assert [line.colour for line in buffer_lines(two_jobs())] == ["late", "yellow", "yellow", "yellow", "green"]


def test_a_drums_load_gives_the_earliest_date_to_promise() -> None:
    (load,) = planned_loads(two_jobs())
    assert (load.resource, load.hours) == ("mill", 4.0)
    assert (load.free, load.safe) == (PLAN.clock + 4 * HOUR, PLAN.clock + 8 * HOUR)
    assert load.release == PLAN.clock  # half a buffer before the drum is free, and not before now


def test_material_held_is_counted_until_the_job_may_leave() -> None:
    assert inventory_dollar_days(two_jobs()) == pytest.approx(300.0 * 10 / 24)


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ({"kind": "drum", "scope": "lathe", "hours": 1.0}, "'lathe' is no resource"),
        ({"kind": "shipping", "scope": "P1", "quantity": 3.0}, "hours: a shipping buffer needs more than 0"),
    ],
)
def test_a_buffer_of_nothing_or_of_what_is_not_there_is_refused(row: dict[str, object], told: str) -> None:
    with pytest.raises(UsageError, match=told):
        buffer_lines(two_jobs(buffers=[row]))


def test_a_plan_that_is_laid_out_already_says_the_same() -> None:
    dataset = two_jobs()
    laid = laid_out(dataset, None, build(dataset, beyond=margin(dataset)))
    assert buffer_lines(dataset, laid=laid) == buffer_lines(dataset)
    assert planned_loads(dataset, laid=laid) == planned_loads(dataset)


def test_a_scorecard_from_columns_at_hand_is_the_same() -> None:
    dataset = two_jobs()
    found = measure(dataset, model=build(dataset, beyond=margin(dataset)))
    assert repr(found) == repr(measure(dataset))  # to the last digit; what is not supplied equals nothing
