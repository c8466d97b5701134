"""Scenario files on a tiny legal plant, and what is said of them."""

from __future__ import annotations

from pathlib import Path

from tables import PLAN, tables
from tocfin.dataset import Dataset
from tocfin.errors import Finding
from tocfin.scenarios.overrides import Applied, apply
from tocfin.scenarios.spec import Scenario, load

HEAD = 'name = "other"\nbase = "plant"\n'


def plant() -> Dataset:
    """Two machines, two jobs of two operations, one precedence; a data set without a finding."""
    given = tables(
        resources=[
            {"resource": "CNC-1", "department": "Milling", "mean_time_between_failures": 60, "mean_time_to_repair": 4},
            {"resource": "CNC-2", "department": "Milling", "drum": False},
            {"resource": "SAW", "department": "Sawing", "drum": False},
        ],
        capacity_intervals=[
            {"resource": key, "start": "2026-06-01T06:00Z", "end": "2026-06-05T22:00Z"}
            for key in ("CNC-1", "CNC-2", "SAW")
        ],
        items=[{"item": "BOLT", "item_type": "FinishedGood"}, {"item": "BAR"}],
        warehouses=[{}],
        inventories=[{"item": "BAR", "on_hand_qty": 0.1}],
        jobs=[
            {"job": "J1", "plant": "P1", "product": "BOLT", "priority": 3, "quantity": 0.3, "customer": "Acme"},
            {"job": "J2", "plant": "P1", "release_date": "2026-06-01T00:00Z", "cancelled": False, "revenue": 1999.99},
        ],
        manufacturing_orders=[{"manufacturing_order": f"M{j}", "job": f"J{j}"} for j in (1, 2)],
        operations=[
            {"operation": f"O{j}{k}", "manufacturing_order": f"M{j}", "sequence": k, "scrap_rate": (None, 0.02)[k - 1]}
            for j in (1, 2)
            for k in (1, 2)
        ],
        precedences=[{"predecessor": "O12", "successor": "O22", "lag_hours": -1.5}],
        activities=[
            {"activity": f"A{j}{k}", "operation": f"O{j}{k}", "resource": ("SAW", f"CNC-{j}")[k - 1],
             "start": f"2026-06-0{j}T{6 + 2 * k:02}:00Z", "end": f"2026-06-0{j}T{8 + 2 * k:02}:00Z"}
            for j in (1, 2)
            for k in (1, 2)
        ],
        material_requirements=[{"operation": "O11", "item": "BAR", "required_qty": 0.7}],
        supplies=[{"supply": "S1", "item": "BAR", "warehouse": "W1", "qty": 1.0, "due": "2026-06-01T00:00Z",
                   "supplier": "Forge"}],
        calendars=[{"calendar": "day", "valid_from": "2026-01-01"}],
    )  # fmt: skip
    return Dataset("plant", None, PLAN, given, ())


def read(folder: Path, text: str, head: str = HEAD) -> tuple[Scenario | None, list[Finding]]:
    """The scenario ``text`` (after a name and a base that exists)."""
    (folder / "plant").mkdir(exist_ok=True)
    file = folder / "other.toml"
    file.write_text(head + text, encoding="utf-8")
    return load(file)


def told(folder: Path, text: str, head: str = HEAD) -> list[str]:
    """Findings of reading ``text``, as the user reads them."""
    return [str(finding) for finding in read(folder, text, head)[1]]


def sound(folder: Path, text: str) -> Scenario:
    """The scenario ``text``, which has no fault."""
    scenario, findings = read(folder, text)
    assert not findings, [str(finding) for finding in findings]
    assert scenario is not None
    return scenario


def applied(folder: Path, text: str) -> Applied:
    """The plant under the scenario ``text``."""
    return apply(sound(folder, text), plant())
