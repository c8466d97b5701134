"""A plant of six jobs over three resources as one side of a bridge, with a few ways to plan it otherwise."""

from __future__ import annotations

from dataclasses import replace

from tables import PLAN, tables
from tocfin.dataset import Dataset
from tocfin.forecast.sides import Side

HOUR = 3_600
STEPS = (("saw", 2), ("mill", 3), ("hands", 2))


def small_business(
    *, mill: float = 1.0, hands: float = 1.0, put_off: int = 0, swap: bool = False, jobs: int = 6, late: bool = False
) -> Side:
    """The plan as soon as possible in the order of the jobs; the last may be put off, the third overtake the second."""
    order = list(range(jobs))

    def due(j: int) -> int:
        return 0 if late else 6 + 3 * j

    if swap:
        order[1], order[2] = order[2], order[1]
    free, rows = dict.fromkeys([step for step, _ in STEPS], PLAN.clock), []
    for j in order:
        at = PLAN.clock + (put_off * HOUR + free["saw"] - PLAN.clock if put_off and j == order[-1] else 0)
        for s, (step, hours) in enumerate(STEPS):
            longer = mill if step == "mill" else hands if step == "hands" else 1.0
            start = max(at, free[step])
            at = free[step] = start + int(hours * longer * HOUR)
            rows.append({"activity": f"A{j}{s}", "operation": f"O{j}{s}", "resource": step, "start": start, "end": at})
    found = tables(
        resources=[
            {"resource": step, "drum": step == "mill", "calendar": "always", "resource_type": kind}
            for (step, _), kind in zip(STEPS, ("Machine", "Machine", "Operator"), strict=True)
        ],
        calendars=[{"calendar": "always", "days": "Mon-Sun", "start_time": "00:00", "end_time": "00:00"}],
        items=[{"item": "I1", "cost": 10.0}, {"item": "I2", "cost": 7.0}, {"item": "F1", "item_type": "FinishedGood"}],
        warehouses=[{}],
        inventories=[{"item": "I1", "on_hand_qty": 20.0}, {"item": "I2", "on_hand_qty": 10.0}],
        jobs=[
            {"job": f"J{j}", "product": "F1", "quantity": 10.0 + j, "revenue": 1000.0 + 100 * j, "shipping_cost": 50.0,
             "late_penalty_per_day": 300.0, "cancelled": False, "need_date": PLAN.clock + due(j) * HOUR}
            for j in range(jobs)
        ],
        manufacturing_orders=[{"manufacturing_order": f"M{j}", "job": f"J{j}"} for j in range(jobs)],
        operations=[
            {"operation": f"O{j}{s}", "manufacturing_order": f"M{j}", "sequence": 10 * s, "carrying_cost_per_day": 2.0}
            for j in range(jobs) for s in range(len(STEPS))
        ],
        activities=sorted(rows, key=lambda row: str(row["activity"])),
        material_requirements=[
            {"operation": f"O{j}0", "item": item, "required_qty": 2.0 + j} for j in range(jobs) for item in ("I1", "I2")
        ],
    )  # fmt: skip
    end = PLAN.clock + (48 if late else 24) * HOUR
    return Side("a", Dataset("a", None, replace(PLAN, horizon_end=end), found, ()))
