"""What the example business makes, for whom, from what and at which price."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

CLOCK = datetime(2026, 6, 1, tzinfo=UTC)  # a Monday
WEEK = 7 * 86_400
DOLLAR = 0.92  # euros for one
RATE = {"ESS": 1.0, "MKE": DOLLAR}

PLANTS: tuple[dict[str, Any], ...] = (
    {"plant": "ESS", "name": "Esslingen", "timezone": "Europe/Berlin", "currency": "EUR",
     "daily_operating_expense": 23_000.0, "invested_capital": 4_150_000.0,
     "invested_capital_includes_inventory": False, "day_start": 6 * 3_600, "annual_percentage_rate": 0.055,
     "entity": "Hydrowerk GmbH"},
    {"plant": "MKE", "name": "Milwaukee", "timezone": "America/Chicago", "currency": "USD",
     "daily_operating_expense": 13_900.0, "invested_capital": 2_600_000.0,
     "invested_capital_includes_inventory": True, "day_start": 6 * 3_600, "annual_percentage_rate": 0.07,
     "entity": "Hydrowerk USA Inc."},
)  # fmt: skip

CUSTOMERS = (
    "Alpenkran", "Baltic Deck Gear", "Brenner Pressen", "Canyon Drill Rigs", "Delta Forest Machines", "Elbe Baggerbau",
    "Fjord Winches", "Gerber Umformtechnik", "Great Plains Harvest", "Hafenkran Nord", "Iron Range Mining",
    "Jura Tunnelbau", "Kessler Spritzguss", "Lakeshore Lift", "Lahn Kommunaltechnik", "Missouri Valley Balers",
    "Nordsee Offshore", "Ostalb Stanzwerke", "Prairie Sprayers", "Rhein Recycling", "Superior Dredging",
    "Tauern Seilbahnen", "Vogtland Landtechnik", "Wolverine Presses",
)  # fmt: skip

#: item -> (name, type, cost, truly variable cost, unit); money in euros
MATERIALS: dict[str, tuple[str, str, float, float | None, str]] = {
    "RM-BAR": ("Round bar 42CrMo4, 60 mm", "RawMaterial", 2.10, None, "kg"),
    "RM-CAST-S": ("Pump housing casting, small", "RawMaterial", 38.00, None, "pcs"),
    "RM-CAST-L": ("Pump housing casting, large", "RawMaterial", 74.00, None, "pcs"),
    "RM-ALU": ("Aluminium block 6082", "RawMaterial", 26.00, None, "pcs"),
    "RM-STEEL": ("Steel block S355", "RawMaterial", 31.00, None, "pcs"),
    "RM-BEARING": ("Bearing set", "RawMaterial", 24.00, None, "set"),
    "RM-BEARING-L": ("Bearing set, heavy", "RawMaterial", 52.00, None, "set"),
    "RM-SEAL-P": ("Seal kit, pump", "RawMaterial", 9.50, None, "set"),
    "RM-SEAL-V": ("Seal kit, valve", "RawMaterial", 4.20, None, "set"),
    "RM-SOLENOID": ("Solenoid 24 V", "RawMaterial", 34.00, None, "pcs"),
    "RM-CARTRIDGE": ("Screw-in cartridge", "RawMaterial", 28.00, None, "pcs"),
    "RM-CRATE": ("Crate and corner guards", "RawMaterial", 6.80, None, "pcs"),
    "IM-HOUSING-S": ("Pump housing machined, small", "Intermediate", 61.00, 38.00, "pcs"),
    "IM-HOUSING-L": ("Pump housing machined, large", "Intermediate", 109.00, 74.00, "pcs"),
    "IM-ROTOR-S": ("Rotor group, small", "Intermediate", 29.00, 12.60, "set"),
    "IM-ROTOR-L": ("Rotor group, large", "Intermediate", 47.00, 23.10, "set"),
    "IM-BLOCK-A": ("Valve body, aluminium", "Intermediate", 44.00, 26.00, "pcs"),
    "IM-BLOCK-S": ("Valve body, steel", "Intermediate", 53.00, 31.00, "pcs"),
    "SA-SWASH": ("Swash plate assembly", "SubAssembly", 58.00, 51.00, "pcs"),
    "SA-CONTROL": ("Pressure control head", "SubAssembly", 82.00, 73.00, "pcs"),
    "BY-CHIPS": ("Aluminium chips, sorted", "ByProduct", 1.10, None, "kg"),
    "CO-OFFCUT": ("Offcuts of block material, reusable", "CoProduct", 4.50, None, "kg"),
    "TL-INSERT": ("Indexable inserts, box of ten", "Tool", 86.00, None, "box"),
    "RS-COOLANT": ("Cooling lubricant", "Resource", 3.40, None, "l"),
}


@dataclass(frozen=True, slots=True)
class Product:
    """A finished good: its family decides the routing, ``parts`` go into one unit at assembly."""

    key: str
    name: str
    family: str  # pump, block or kit
    price: float
    component: str  # S, L, A: small or large pump, aluminium or steel block
    parts: tuple[tuple[str, float], ...]


_PUMP_S = (("RM-BEARING", 1.0), ("RM-SEAL-P", 1.0), ("SA-SWASH", 1.0), ("SA-CONTROL", 1.0))
_PUMP_L = (("RM-BEARING-L", 1.0), ("RM-SEAL-P", 2.0), ("SA-SWASH", 1.0), ("SA-CONTROL", 1.0))
_KIT = (("RM-SEAL-P", 1.0), ("RM-BEARING", 1.0))


def _block(cartridges: float, solenoids: float) -> tuple[tuple[str, float], ...]:
    return (("RM-CARTRIDGE", cartridges), ("RM-SOLENOID", solenoids), ("RM-SEAL-V", cartridges))


PRODUCTS: tuple[Product, ...] = (
    Product("AP-28", "Axial piston pump 28 cm³", "pump", 690.0, "S", _PUMP_S),
    Product("AP-45", "Axial piston pump 45 cm³", "pump", 780.0, "S", _PUMP_S),
    Product("AP-71", "Axial piston pump 71 cm³", "pump", 1_040.0, "L", _PUMP_L),
    Product("AP-100", "Axial piston pump 100 cm³", "pump", 1_260.0, "L", _PUMP_L),
    Product("VB-2A", "Valve block, 2 valves, aluminium", "block", 330.0, "A", _block(2.0, 1.0)),
    Product("VB-4A", "Valve block, 4 valves, aluminium", "block", 560.0, "A", _block(4.0, 2.0)),
    Product("VB-4S", "Valve block, 4 valves, steel", "block", 610.0, "S", _block(4.0, 2.0)),
    Product("VB-6S", "Valve block, 6 valves, steel", "block", 860.0, "S", _block(6.0, 3.0)),
    Product("SK-45", "Shaft kit 28/45", "kit", 148.0, "S", _KIT),
    Product("SK-100", "Shaft kit 71/100", "kit", 189.0, "L", _KIT),
)

MAKES = {"ESS": "AP-28 AP-45 AP-71 AP-100 VB-2A VB-4A VB-4S VB-6S SK-45 SK-100", "MKE": "AP-45 AP-71 VB-4A VB-4S SK-45"}

#: warehouse -> (plant, owned)
WAREHOUSES = {
    "ESS-RAW": ("ESS", True),
    "ESS-GOODS": ("ESS", True),
    "ESS-CONSIGNMENT": ("ESS", False),
    "MKE-MAIN": ("MKE", True),
    "MKE-GOODS": ("MKE", True),
}

#: warehouse -> item -> usual stock
STOCK: dict[str, dict[str, int]] = {
    "ESS-RAW": {"RM-BAR": 5_200, "RM-CAST-S": 420, "RM-CAST-L": 310, "RM-ALU": 900, "RM-STEEL": 760,
                "RM-SEAL-P": 1_500, "RM-SEAL-V": 3_100, "RM-SOLENOID": 1_250, "RM-CARTRIDGE": 2_600, "RM-CRATE": 350,
                "IM-HOUSING-S": 60, "IM-HOUSING-L": 45, "IM-ROTOR-S": 80, "IM-ROTOR-L": 40, "IM-BLOCK-A": 110,
                "IM-BLOCK-S": 90, "SA-SWASH": 320, "SA-CONTROL": 340, "BY-CHIPS": 1_900, "CO-OFFCUT": 640,
                "TL-INSERT": 240, "RS-COOLANT": 2_200},
    "ESS-GOODS": {"AP-28": 24, "AP-45": 38, "AP-71": 16, "AP-100": 12, "VB-2A": 60, "VB-4A": 44, "VB-4S": 36,
                  "SK-45": 120, "SK-100": 90},
    "ESS-CONSIGNMENT": {"RM-BEARING": 900, "RM-BEARING-L": 420},
    "MKE-MAIN": {"RM-BAR": 2_900, "RM-CAST-S": 230, "RM-CAST-L": 150, "RM-ALU": 420, "RM-STEEL": 380,
                 "RM-BEARING": 640, "RM-BEARING-L": 190, "RM-SEAL-P": 820, "RM-SEAL-V": 1_300, "RM-SOLENOID": 560,
                 "RM-CARTRIDGE": 1_150, "RM-CRATE": 180, "IM-HOUSING-S": 35, "IM-ROTOR-S": 40, "IM-BLOCK-A": 55,
                 "SA-SWASH": 190, "SA-CONTROL": 170, "CO-OFFCUT": 210, "TL-INSERT": 130, "RS-COOLANT": 1_100},
    "MKE-GOODS": {"AP-45": 20, "AP-71": 9, "VB-4A": 30, "VB-4S": 22, "SK-45": 75},
}  # fmt: skip


def plan(policy: str = "reconciled") -> dict[str, Any]:
    """The content of plan.toml: five weeks from the clock on, reported in euros."""
    weeks = [datetime.fromtimestamp(CLOCK.timestamp() + week * WEEK, tz=UTC) for week in range(6)]
    return {
        "plan": {"name": "Hydrowerk, June 2026", "clock": weeks[0], "horizon_end": weeks[5], "currency": "EUR",
                 "policy": policy},
        "exchange_rates": {"USD": DOLLAR},
    }  # fmt: skip


def period_rows() -> list[dict[str, Any]]:
    """The periods table: the weeks of June, which is the third month of a 4-4-5 quarter and has five."""
    starts = [int(CLOCK.timestamp()) + week * WEEK for week in range(5)]
    return [
        {"period": f"2026-W{number}", "start": start, "end": start + WEEK, "cut_off": start + WEEK + 2 * 86_400,
         "status": "open"}
        for number, start in enumerate(starts, 23)
    ]  # fmt: skip


def item_rows() -> list[dict[str, Any]]:
    """The items table; a finished good is valued at its material plus what outsiders did to it."""
    rows: list[dict[str, Any]] = [
        {"item": key, "name": name, "item_type": kind, "cost": cost, "truly_variable_cost": variable, "uom": uom}
        for key, (name, kind, cost, variable, uom) in MATERIALS.items()
    ]
    for product in PRODUCTS:
        variable = unit_material(product)
        rows.append({"item": product.key, "name": product.name, "item_type": "FinishedGood",
                     "cost": round(variable * 1.35, 2), "truly_variable_cost": variable, "price": product.price,
                     "uom": "pcs", "family": product.family})  # fmt: skip
    return rows


def components(product: Product) -> tuple[tuple[str, str, float], ...]:
    """Orders that make the components of one unit: (intermediate made, raw item, quantity of it)."""
    size = product.component
    if product.family == "block":
        return ((f"IM-BLOCK-{size}", "RM-ALU" if size == "A" else "RM-STEEL", 1.0),)
    rotor = (f"IM-ROTOR-{size}", "RM-BAR", 6.0 if size == "S" else 11.0)
    return (rotor,) if product.family == "kit" else ((f"IM-HOUSING-{size}", f"RM-CAST-{size}", 1.0), rotor)


def unit_material(product: Product) -> float:
    """Truly variable material of one unit, in euros."""
    raw = [(item, quantity) for _, item, quantity in components(product)]
    return round(sum(_variable(item) * quantity for item, quantity in (*product.parts, *raw)), 2)


def _variable(item: str) -> float:
    cost, variable = MATERIALS[item][2:4]
    return cost if variable is None else variable


def warehouse_rows() -> list[dict[str, Any]]:
    """The warehouses table; what lies on consignment belongs to its supplier."""
    return [
        {"warehouse": key, "plant": plant, "owned": owned, "annual_percentage_rate": 0.06 if owned else None}
        for key, (plant, owned) in WAREHOUSES.items()
    ]


def inventory_rows() -> list[dict[str, Any]]:
    """The inventories table."""
    return [
        {"warehouse": warehouse, "item": item, "on_hand_qty": quantity}
        for warehouse, stock in STOCK.items()
        for item, quantity in stock.items()
    ]
