"""Drawn plants whose stock moves: what is on its way, what is sold from the shelf, how much every order makes."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from cells import COLUMNS, Dataset, written
from strategies import HOUR, datasets

QUANTITIES = ("0", "1", "3", "12.5", "40", "0.1")


@st.composite
def stocked(draw: st.DrawFn) -> Dataset:
    """A drawn plant with supplies and demands, late ones and received ones among them."""
    plan, tables = draw(datasets())
    zones = {str(row["plant"]): row["timezone"] or "UTC" for row in tables["plants"]}
    homes = {row["warehouse"]: str(row["plant"]) for row in tables["warehouses"]}
    clock = int(plan["plan"]["clock"].timestamp())
    items = [row["item"] for row in tables["items"]]

    def pick(*choices: Any) -> Any:
        return choices[draw(st.integers(0, len(choices) - 1))]

    def moment(zone: str) -> str:
        return written(clock + draw(st.integers(-20, 60)) * HOUR, zone, draw(st.integers(0, 2)))

    for row in tables["jobs"]:
        row["quantity"], row["purpose"] = pick(None, *QUANTITIES, "7", "8"), pick(None, "Sale", "Stock", "Rework")
        row["delivered_qty"] = pick(None, None, "2")
    for row in tables["manufacturing_orders"]:
        row["quantity"] = pick(*QUANTITIES, "5", None)
    house = list(homes)
    tables["supplies"] = [
        {
            "supply": f"S{k}", "item": pick(*items), "warehouse": name, "qty": pick(*QUANTITIES),
            "due": moment(zones[homes[name]]), "promised": pick(None, None, moment(zones[homes[name]])),
            "received_qty": pick(None, None, "0.1", "40"),
        }
        for k in range(pick(4, 2, 1) if house else 0)
        for name in [pick(*house)]
    ]  # fmt: skip
    tables["demands"] = [
        {
            "demand": f"D{k}", "item": pick(*items), "qty": pick(*QUANTITIES), "unit_price": "1",
            "due": written(clock + draw(st.integers(-20, 60)) * HOUR, "UTC", 0), "job": None,
        }
        for k in range(pick(2, 1, 3, 0))
    ]  # fmt: skip
    return plan, {name: rows for name, rows in tables.items() if rows or name in COLUMNS}
