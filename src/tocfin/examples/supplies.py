"""What the example business has ordered, a few days ahead of what the plan needs, and what it sells from the shelf."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from tocfin.examples.business import MATERIALS, PRODUCTS, STOCK, WAREHOUSES, WEEK
from tocfin.examples.orders import Job
from tocfin.examples.rows import NOW, issued_by_now, issues

DAY = 86_400
#: Weekday and hour (UTC) at which a plant's trucks come, in the week before the material is needed.
TRUCKS = {"ESS": 3 * DAY + 8 * 3_600, "MKE": 2 * DAY + 15 * 3_600}
#: What is short in the first week comes on its first day.
FIRST_TRUCK = 10 * 3_600
#: A transfer between the plants: the other one makes no such rotors for stock.
TRANSFER = {"supply": "TR-118", "item": "IM-ROTOR-L", "warehouse": "MKE-MAIN", "qty": 8.0, "due": NOW + 9 * 3_600,
            "price": 47.0, "supplier": "Hydrowerk Esslingen"}  # fmt: skip
#: Where a plant takes material in.
DOCKS = {"ESS": "ESS-RAW", "MKE": "MKE-MAIN"}
LOTS = {"RM-BAR": 500.0}
LOT = 50.0
PRICES = {product.key: product.price for product in PRODUCTS}
#: Day after the clock, item, quantity, customer.
SHELF = (
    (1, "SK-45", 6, "Lakeshore Lift"), (3, "AP-45", 2, "Elbe Baggerbau"), (8, "SK-100", 8, "Nordsee Offshore"),
    (10, "VB-4A", 5, "Prairie Sprayers"), (16, "AP-28", 3, "Lahn Kommunaltechnik"), (18, "SK-45", 10, "Elbe Baggerbau"),
    (23, "VB-4S", 4, "Brenner Pressen"), (29, "AP-71", 2, "Alpenkran"), (31, "SK-100", 5, "Rhein Recycling"),
)  # fmt: skip
SUPPLIERS = {
    "RM-BAR": "Stahl Mittelrhein", "RM-CAST": "Eisenguss Wasseralfingen", "RM-ALU": "Leichtmetall Rackwitz",
    "RM-STEEL": "Stahl Mittelrhein", "RM-BEARING": "Kugellager Schweinfurt", "RM-SEAL": "Dichtwerk Nord",
    "RM-SOLENOID": "Magnettechnik Lahr", "RM-CARTRIDGE": "Ventilbau Emilia", "SA-": "Regeltechnik Horb",
}  # fmt: skip


def supply_rows(jobs: Sequence[Job]) -> list[dict[str, Any]]:
    """The supplies table: one call-off per plant, item and week in which the stock would run out."""
    rows: list[dict[str, Any]] = []
    for (plant, item), by_week in sorted(_needs(jobs).items()):
        left: float = sum(float(stock.get(item, 0)) for house, stock in STOCK.items() if WAREHOUSES[house][0] == plant)
        lot = LOTS.get(item, LOT)
        for week, quantity in sorted(by_week.items()):
            left -= quantity
            if left >= 0:
                continue
            ordered = lot * -(left // lot)
            left += ordered
            due = NOW + (week - 1) * WEEK + TRUCKS[plant] if week else NOW + FIRST_TRUCK
            received = lot if week == 1 and ordered > lot else None
            rows.append({"supply": f"PO-{4_501 + len(rows)}", "item": item, "warehouse": DOCKS[plant],
                         "qty": ordered + (received or 0.0), "due": due, "promised": due if week <= 2 else None,
                         "received_qty": received, "price": MATERIALS[item][2],
                         "supplier": next(name for part, name in SUPPLIERS.items() if item.startswith(part)),
                         })  # fmt: skip
    return [*rows, TRANSFER]


def demand_rows() -> list[dict[str, Any]]:
    """The demands table: what is sold from the shelf, the spare-part business of the week."""
    return [
        {"demand": f"SP-{number}", "item": item, "qty": float(quantity), "unit_price": PRICES[item],
         "customer": customer, "due": NOW + day * DAY + 15 * 3_600}
        for number, (day, item, quantity, customer) in enumerate(SHELF, 7_001)
    ]  # fmt: skip


def _needs(jobs: Sequence[Job]) -> dict[tuple[str, str], dict[int, float]]:
    """What is still to be issued of everything that is bought, by plant and item, and week after the clock."""
    needs: dict[tuple[str, str], dict[int, float]] = defaultdict(lambda: defaultdict(float))
    for job in jobs:
        for operation in () if job.cancelled else job.operations:
            for item, quantity in issues(job, operation):
                week = max(operation.task.start - NOW, 0) // WEEK
                if not item.startswith("IM-"):
                    needs[job.plant, item][week] += quantity - (issued_by_now(operation, quantity) or 0.0)
    return needs
