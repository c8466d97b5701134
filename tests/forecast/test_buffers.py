"""Buffers: published zones, and a plant of two jobs worked on paper."""

from __future__ import annotations

import pytest

from tables import PLAN, tables
from tocfin.dataset import Dataset
from tocfin.errors import UsageError
from tocfin.forecast.buffers import (
    BufferLine,
    buffer_lines,
    colour,
    inventory_dollar_days,
    penetration,
    planned_loads,
)

HOUR = 3_600


@pytest.mark.parametrize(
    ("size", "remains", "percent", "zone"),
    [(8, 5, 37.5, "yellow"), (6, 3, 50.0, "yellow"), (8, 10, -25.0, "green"), (35, 8, 77.142857142857, "red")],
)
def test_the_handbooks_worked_set(size: float, remains: float, percent: float, zone: str) -> None:
    used = penetration(size, remains)
    assert used == pytest.approx(percent)
    assert colour(used) == zone


def plant(**more: object) -> Dataset:
    """Saw, then mill (the drum), two hours each; A is due after 10 h, B after 5 h, B waits for A on both."""
    rows = [
        (job, step, at) for at, (job, step) in enumerate([("A", "saw"), ("A", "mill"), ("B", "saw"), ("B", "mill")])
    ]
    start = {("A", "saw"): 0, ("A", "mill"): 3, ("B", "saw"): 2, ("B", "mill"): 5}
    given = {
        "resources": [{"resource": step, "drum": step == "mill", "calendar": "always"} for step in ("saw", "mill")],
        "calendars": [{"calendar": "always", "days": "Mon-Sun", "start_time": "00:00", "end_time": "24:00"}],
        "jobs": [
            {"job": "A", "need_date": PLAN.clock + 10 * HOUR, "material_cost": 300.0},
            {"job": "B", "need_date": PLAN.clock + 5 * HOUR, "late_penalty_per_day": 240.0},
        ],
        "manufacturing_orders": [{"manufacturing_order": f"M{job}", "job": job} for job in "AB"],
        "operations": [
            {"operation": f"{job}-{step}", "manufacturing_order": f"M{job}", "sequence": at} for job, step, at in rows
        ],
        "activities": [
            {"activity": f"{job}-{step}", "operation": f"{job}-{step}", "resource": step}
            | {"start": PLAN.clock + start[job, step] * HOUR, "end": PLAN.clock + (start[job, step] + 2) * HOUR}
            for job, step, _ in rows
        ],
        "items": [{"item": "I1"}],
        "warehouses": [{}, {"warehouse": "W2", "owned": False}],
        "inventories": [{"on_hand_qty": 30.0}, {"warehouse": "W2", "on_hand_qty": 500.0}],
        "buffers": [
            {"kind": "shipping", "scope": "P1", "hours": 8.0},
            {"kind": "drum", "scope": "mill", "hours": 2.0},
            {"kind": "stock", "scope": "I1", "quantity": 40.0},
        ],
    }
    return Dataset("plant", None, PLAN, tables(**(given | more)), ())  # type: ignore[arg-type]


def test_every_buffer_says_what_is_left_now_and_what_the_plan_leaves() -> None:
    found = {(line.kind, line.job): line for line in buffer_lines(plant())}
    assert found["shipping", "A"] == BufferLine("shipping", "P1", "A", 8.0, "h", 10.0, 5.0, 700.0)
    assert found["shipping", "B"] == BufferLine("shipping", "P1", "B", 8.0, "h", 5.0, -2.0, 1000.0 - 240 / 24 * 2)
    assert found["drum", "A"] == BufferLine("drum", "mill", "A", 2.0, "h", 3.0, 1.0, 700.0)
    assert found["drum", "B"].projected == 1.0
    assert found["stock", None].current_percent == 25.0
    assert [line.colour for line in buffer_lines(plant())] == ["late", "yellow", "yellow", "yellow", "green"]


def test_a_drums_load_gives_the_earliest_date_to_promise() -> None:
    (load,) = planned_loads(plant())
    assert (load.resource, load.hours) == ("mill", 4.0)
    assert (load.free, load.safe) == (PLAN.clock + 4 * HOUR, PLAN.clock + 8 * HOUR)
    assert load.release == PLAN.clock  # half a buffer before the drum is free, and not before now


def test_material_held_is_counted_until_the_job_may_leave() -> None:
    assert inventory_dollar_days(plant()) == pytest.approx(300.0 * 10 / 24)


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ({"kind": "drum", "scope": "lathe", "hours": 1.0}, "'lathe' is no resource"),
        ({"kind": "shipping", "scope": "P1", "quantity": 3.0}, "hours: a shipping buffer needs more than 0"),
    ],
)
def test_a_buffer_of_nothing_or_of_what_is_not_there_is_refused(row: dict[str, object], told: str) -> None:
    with pytest.raises(UsageError, match=told):
        buffer_lines(plant(buffers=[row]))
