"""Which supply or order covers which work, and what work therefore waits for."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings

import product
from allotted import Allotment
from cells import Dataset as Drawn
from stocked import stocked
from tables import PLAN, tables
from tocfin.dataset import Dataset
from tocfin.model.build import arranged
from tocfin.model.columns import NEVER
from tocfin.model.edges import apart
from tocfin.model.pegging import holds
from tocfin.reschedule.plan_check import breaches
from tocfin.reschedule.problem import Zones, build_problem
from tocfin.scenarios.futures import future
from tocfin.scenarios.resolve import resolve
from tocfin.scenarios.uncertainty import Uncertainty
from tocfin.scenarios.world import prepared

HOUR = 3_600


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(drawn=stocked())
def test_material_is_allotted_as_plain_python_allots_it(drawn: Drawn) -> None:
    dataset = product.dataset(*drawn)
    assert dataset.plan is not None
    frames = arranged(dataset.tables, dataset.plan)
    found = holds(frames, dataset.plan.clock)
    exact = Allotment({name: table.to_dicts() for name, table in dataset.tables.items()}, dataset.plan.clock).allot()
    names = frames["operations"]["operation"].to_list()
    floors = {names[o]: int(at) for o, at in enumerate(found.operation_floor) if at != NEVER}
    assert floors == exact.supplied
    assert {(names[a], names[b]) for a, b in apart(frames, found).tolist()} == set(exact.waits)
    assert found.violated == exact.violated


def work(name: str, day: int, needs: float, **job: Any) -> dict[str, list[dict[str, Any]]]:
    """One job with one operation of two hours at 08:00 on a day of June 2026, that takes ``needs`` of I1."""
    start = f"2026-06-0{day}T08:00Z"
    return {
        "resources": [{"resource": f"R{name}"}],
        "jobs": [{"job": name, **job}],
        "manufacturing_orders": [{"manufacturing_order": f"M{name}", "job": name}],
        "operations": [{"operation": name, "manufacturing_order": f"M{name}"}],
        "activities": [
            {"activity": name, "operation": name, "resource": f"R{name}"}
            | {"start": start, "end": start.replace("T08", "T10")}
        ],
        "material_requirements": [{"operation": name, "item": "I1", "required_qty": needs}] if needs else [],
    }


def plant(*works: dict[str, list[dict[str, Any]]], **more: list[dict[str, Any]]) -> Dataset:
    rows: dict[str, list[dict[str, Any]]] = {"items": [{"item": "I1"}], "warehouses": [{}]} | more
    for one in works:
        for table, content in one.items():
            rows[table] = rows.get(table, []) + content
    return Dataset("plant", None, PLAN, tables(**rows), ())


def supply(name: str, quantity: float, due: str) -> dict[str, Any]:
    return {"supply": name, "item": "I1", "warehouse": "W1", "qty": quantity, "due": due}


def later(dataset: Dataset, name: str, due: int) -> Dataset:
    due_at = pl.when(pl.col("supply") == name).then(due).otherwise("due").alias("due")
    return replace(dataset, tables={**dataset.tables, "supplies": dataset.tables["supplies"].with_columns(due_at)})


def starts(dataset: Dataset, base: Dataset | None = None) -> dict[str, int]:
    """When each activity starts, in days after the clock, in a future without luck."""
    world = prepared("late", dataset, resolve(Uncertainty(), dataset)[0], base=base)
    found = future(world, 1, 0, 64).start[:, 0]
    return {key: int(at - PLAN.clock) // 86_400 for key, at in zip(world.model.keys["activity"], found, strict=True)}


THREE = (work("A", 2, 5), work("B", 3, 5), work("C", 4, 5))
COMING = [supply("S1", 5, "2026-06-02T06:00Z"), supply("S2", 5, "2026-06-03T06:00Z")]


def test_a_late_supply_moves_the_work_that_waits_for_it_and_no_other() -> None:
    base = plant(*THREE, inventories=[{"on_hand_qty": 5}], supplies=COMING)
    assert starts(base) == {"A": 1, "B": 2, "C": 3}
    late = later(base, "S1", PLAN.clock + 5 * 86_400)
    assert starts(late, base) == {"A": 1, "B": 5, "C": 3}  # A has stock on hand, C has S2


def test_a_supply_that_the_plan_does_not_wait_for_is_counted_and_not_enforced() -> None:
    base = plant(*THREE, supplies=[supply("S1", 15, "2026-06-03T12:00Z")])
    world = prepared("base", base, resolve(Uncertainty(), base)[0])
    assert world.dropped == {"material": 2}
    assert starts(base) == {"A": 1, "B": 2, "C": 3}
    assert starts(later(base, "S1", PLAN.clock + 6 * 86_400), base) == {"A": 1, "B": 2, "C": 6}


def test_work_waits_for_the_order_that_makes_its_material() -> None:
    maker = work("X", 2, 0, product="I1", quantity=5, purpose="Stock")
    base = plant(maker, work("A", 3, 5), work("B", 3, 1))
    frames = arranged(base.tables, PLAN)
    found = holds(frames, PLAN.clock)
    names = frames["operations"]["operation"].to_list()
    assert [(names[a], names[b]) for a, b in zip(found.before, found.after, strict=True)] == [("X", "A")]
    assert list(breaches(base, base.tables["activities"], Zones())) == []
    sooner = base.tables["activities"].with_columns(
        [pl.col(name) - pl.when(pl.col("activity") == "A").then(86_400).otherwise(0) for name in ("start", "end")]
    )
    said = "material: operation 'A' starts before 'X' has made its material"
    assert list(breaches(base, sooner, Zones())) == [said]


def test_without_supplies_nothing_waits_for_bought_material() -> None:
    base = plant(*THREE, inventories=[{"on_hand_qty": 1}])
    found = holds(arranged(base.tables, PLAN), PLAN.clock)
    assert (found.operation_floor == NEVER).all()
    assert not found.covered.any()
    assert not found.violated
    assert not found.before.size


def test_a_plan_made_anew_waits_for_its_supplies() -> None:
    base = plant(*THREE, inventories=[{"on_hand_qty": 5}], supplies=COMING)
    problem = build_problem(base)
    release = dict(zip(problem.model.keys["activity"].gather(problem.member_row), problem.loads.release, strict=True))
    day = (np.array([release[name] for name in "ABC"]) - PLAN.clock) // HOUR
    assert day.tolist() == [0, 30, 54]
    early = base.tables["activities"].with_columns(
        [pl.col(name) - pl.when(pl.col("activity") == "B").then(2 * 86_400).otherwise(0) for name in ("start", "end")]
    )
    assert list(breaches(base, early, Zones())) == ["material: operation 'B' starts before its supply has come"]


@pytest.mark.parametrize(("on_hand", "due"), [(5, NEVER), (0, PLAN.clock + 30 * HOUR)])
def test_material_is_late_from_its_supply_on_and_stock_on_hand_never_is(on_hand: float, due: int) -> None:
    base = plant(work("A", 2, 5), inventories=[{"on_hand_qty": on_hand}], supplies=COMING)
    assert prepared("base", base, resolve(Uncertainty(), base)[0]).requirement_due.tolist() == [due]
