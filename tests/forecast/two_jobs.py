"""Two jobs through saw and mill (the drum), two hours a step, worked on paper; B waits for A on both machines."""

from __future__ import annotations

from typing import Any

from tables import PLAN, tables
from tocfin.dataset import Dataset

HOUR = 3_600
#: Start of each step [h] in the plan.
START = {("A", "saw"): 0, ("A", "mill"): 3, ("B", "saw"): 2, ("B", "mill"): 5}


def two_jobs(**more: Any) -> Dataset:
    """A is due after 10 h and has material for 300; B is due after 5 h and pays 10 for each hour late."""
    rows = [(job, step, at) for job in "AB" for at, step in enumerate(("saw", "mill"))]
    given: dict[str, Any] = {
        "resources": [{"resource": step, "drum": step == "mill", "calendar": "always"} for step in ("saw", "mill")],
        "calendars": [{"calendar": "always", "days": "Mon-Sun", "start_time": "00:00", "end_time": "24:00"}],
        "jobs": [
            {"job": "A", "product": "P", "quantity": 10.0, "need_date": PLAN.clock + 10 * HOUR}
            | {"material_cost": 300.0},
            {"job": "B", "product": "Q", "quantity": 4.0, "need_date": PLAN.clock + 5 * HOUR}
            | {"late_penalty_per_day": 240.0},
        ],
        "manufacturing_orders": [{"manufacturing_order": f"M{job}", "job": job} for job in "AB"],
        "operations": [
            {"operation": f"{job}-{step}", "manufacturing_order": f"M{job}", "sequence": at, "setup_hours": 0.5}
            for job, step, at in rows
        ],
        "activities": [
            {"activity": f"{job}-{step}", "operation": f"{job}-{step}", "resource": step}
            | {"start": PLAN.clock + START[job, step] * HOUR, "end": PLAN.clock + (START[job, step] + 2) * HOUR}
            for job, step, _ in rows
        ],
        "items": [{"item": "I1"}, *({"item": item, "item_type": "FinishedGood"} for item in "PQ")],
        "warehouses": [{}, {"warehouse": "W2", "owned": False}],
        "inventories": [{"on_hand_qty": 30.0}, {"warehouse": "W2", "on_hand_qty": 500.0}],
        "buffers": [
            {"kind": "shipping", "scope": "P1", "hours": 8.0},
            {"kind": "drum", "scope": "mill", "hours": 2.0},
            {"kind": "stock", "scope": "I1", "quantity": 40.0},
        ],
    }
    return Dataset("plant", None, PLAN, tables(**(given | more)), ())
