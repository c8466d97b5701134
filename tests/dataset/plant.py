"""One tiny legal dataset as CSV text, and what its reader says when a file of it is changed."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from tocfin.dataset import Dataset, read

PLAN = """[plan]
name = "tiny"
clock = 2026-06-01T00:00:00Z
horizon_end = 2026-06-08T00:00:00Z
currency = "USD"
"""
TABLES = {
    "plants": "plant,timezone,daily_operating_expense,invested_capital\nP1,Europe/Berlin,1000,200000\nP2,,500,1000\n",
    "resources": (
        "resource,plant,resource_type,drum,standard_hourly_cost,overtime_hourly_cost\n"
        "R1,P1,Machine,true,40,60\nR2,P2,Machine,false,50,80\n"
    ),
    "capacity_intervals": "resource,start,end,interval_type\nR1,2026-06-01T08:00,2026-06-01T16:00,Online\n",
    "items": "item,item_type,cost\nRM,RawMaterial,30\n",
    "warehouses": "warehouse,plant\nW1,P1\n",
    "inventories": "warehouse,item,on_hand_qty\nW1,RM,200\n",
    "jobs": (
        "job,plant,revenue,shipping_cost,late_penalty_per_day,need_date\n"
        "J1,P1,20000,200,100,2026-06-05T12:00:00Z\n0012,P2,1,0,0,2026-06-05 12:00\n"
    ),
    "manufacturing_orders": "manufacturing_order,job\nM1,J1\nM2,0012\n",
    "operations": "operation,manufacturing_order,sequence,carrying_cost_per_day\nO1,M1,10,10\nO2,M2,10,0\n",
    "activities": (
        "activity,operation,resource,start,end\n"
        "A1,O1,R1,2026-06-01T09:00:00,2026-06-01T10:00:00+02:00\nA2,O2,R2,2026-06-01T09:00Z,2026-06-01T10:00\n"
    ),
    "material_requirements": "operation,item,requirement_type,required_qty\nO1,RM,FromStock,100\n",
}


def write(folder: Path, plan: str = PLAN, tables: Mapping[str, str | bytes | None] | None = None) -> Path:
    """The tiny dataset in ``folder``; ``tables`` replaces files by their content, or leaves one out (None)."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "plan.toml").write_bytes(plan.encode())
    for name, content in {**TABLES, **(tables or {})}.items():
        if content is not None:
            (folder / f"{name}.csv").write_bytes(content.encode() if isinstance(content, str) else content)
    return folder


def errors(dataset: Dataset) -> list[str]:
    """The error findings as the user reads them."""
    return [str(finding) for finding in dataset.findings if finding.grade == "error"]


def told(folder: Path, plan: str = PLAN, **tables: str | bytes | None) -> list[str]:
    """Errors in the tiny dataset after some of its tables were replaced."""
    return errors(read(write(folder, plan, tables)))


def places(messages: list[str]) -> list[str]:
    """``jobs.csv:2: revenue`` of each message, without what it says."""
    return [": ".join(message.split(": ")[:2]) for message in messages]
