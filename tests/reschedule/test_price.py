"""What moves, late days and others' work cost in a new plan, each case worked by hand."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tables import PLAN, tables
from tocfin.dataset import Dataset
from tocfin.errors import UsageError
from tocfin.reschedule.clock import Clock
from tocfin.reschedule.improve import PRESENT, improve
from tocfin.reschedule.money import price
from tocfin.reschedule.problem import Zones, build_problem

MONDAY, DAY, HOUR = 1_780_272_000, 86_400, 3_600


def at(day: int, hour: float) -> int:
    return MONDAY + day * DAY + int(hour * HOUR)


def plant(jobs: list[dict[str, Any]], work: dict[str, tuple[int, int]], **changed: Any) -> Dataset:
    """One machine, 8 to 16 on weekdays, and what else is asked for."""
    content: dict[str, Any] = {
        "plants": [{"daily_operating_expense": 0.0}],
        "resources": [{"calendar": "day"}],
        "calendars": [{"calendar": "day"}],
        "jobs": jobs,
        "manufacturing_orders": [{"manufacturing_order": f"M{j}", "job": j} for j in work],
        "operations": [{"operation": f"O{j}", "manufacturing_order": f"M{j}"} for j in work],
        "activities": [{"activity": f"W{j}", "operation": f"O{j}", "start": s, "end": e} for j, (s, e) in work.items()],
    }
    return Dataset("plant", None, PLAN, tables(**(content | changed)), ())


#: A before B, four hours each, and B is needed at noon: to swap them saves 240 x 4 / 24 = 40.
SWAP = {"A": (at(0, 8), at(0, 12)), "B": (at(0, 12), at(0, 16))}
DUE = [{"job": "A", "need_date": at(4, 16)}, {"job": "B", "need_date": at(0, 12), "late_penalty_per_day": 240.0}]


def gain(whole: Dataset, zones: Zones | None = None) -> float:
    found = improve(build_problem(whole, zones), Clock(0, work=200))
    return float(found.best.price.objective - found.named(PRESENT).price.objective)


def test_what_is_in_the_slushy_zone_moves_at_its_price_and_what_is_beyond_moves_free() -> None:
    def dear(price: float) -> Dataset:
        return replace(plant(DUE, SWAP), plan=replace(PLAN, reschedule={"slushy_move_cost": price}))

    assert gain(plant(DUE, SWAP)) == pytest.approx(40.0)
    assert gain(dear(15.0), Zones(slushy_until=at(1, 0))) == pytest.approx(40.0 - 2 * 15.0)
    assert gain(dear(25.0), Zones(slushy_until=at(1, 0))) == 0.0
    assert gain(dear(25.0), Zones(slushy_until=at(0, 9))) == pytest.approx(40.0 - 25.0)
    assert gain(dear(25.0)) == pytest.approx(40.0)


def test_a_slushy_zone_without_a_price_is_refused() -> None:
    with pytest.raises(UsageError, match="slushy_move_cost"):
        build_problem(plant(DUE, SWAP), Zones(slushy_until=at(1, 0)))


@pytest.mark.parametrize(
    ("terms", "worth"),
    [
        ({}, 40.0),
        ({"late_penalty_cap": 25.0}, 25.0),
        ({"late_penalty_grace_days": 1 / 12}, 20.0),
        ({"late_penalty_grace_days": 1.0}, 0.0),
        ({"late_penalty_cap": 25.0, "late_penalty_grace_days": 1 / 12}, 20.0),
    ],
)
def test_cap_and_grace_of_a_late_penalty_are_honoured(terms: dict[str, float], worth: float) -> None:
    """Four hours at 240 a day are 40; a cap takes off what is above it, two hours of grace half of it."""
    whole = plant([DUE[0], DUE[1] | terms], SWAP)
    present = price(whole, whole.tables["activities"], "net-profit")
    assert present.parts["late_penalty"][0] == pytest.approx(-40.0)
    assert present.parts["late_penalty_relief"][0] == pytest.approx(40.0 - worth)
    assert price(whole, whole.tables["activities"], "late-penalty").objective == pytest.approx(-worth)
    assert gain(whole) == pytest.approx(worth)


def test_goodwill_is_inside_the_penalty_and_shown_apart() -> None:
    whole = plant([DUE[0], DUE[1] | {"late_penalty_is_cash": False}], SWAP)
    present = price(whole, whole.tables["activities"], "net-profit")
    assert present.goodwill == (pytest.approx(40.0), 0.0)
    assert present.parts["late_penalty"][0] == pytest.approx(-40.0)
    assert gain(whole) == pytest.approx(40.0)


@pytest.mark.parametrize(("rate", "gained"), [(5.0, 40.0 - 4 * 5.0), (15.0, 0.0)])
def test_work_goes_out_where_the_subcontractor_costs_less_than_being_late(rate: float, gained: float) -> None:
    """A is pinned in front of B; four hours at a subcontractor for 5 an hour save 40, for 15 they do not."""
    outside = {"resource": "S", "resource_type": "Subcontractor", "drum": False, "standard_hourly_cost": rate}
    offered = [{"operation": "OB", "resource": "S", "setup_hours": 0.0, "run_hours": 4.0}]
    whole = plant(DUE, SWAP, resources=[{"calendar": "day"}, outside | {"calendar": "day"}], alternatives=offered)
    assert gain(whole, Zones(pinned=("A",))) == pytest.approx(gained)


@pytest.mark.parametrize(("rate", "gained"), [(4.0, 20.0 - 2 * 4.0), (12.0, 0.0)])
def test_potential_overtime_is_bought_where_it_pays(rate: float, gained: float) -> None:
    """A from 6 to 10 in two hours of overtime lets B end at 14:00 instead of 16:00: 240 x 2 / 24 = 20 less late."""
    early = {"resource": "R1", "start": at(0, 6), "end": at(0, 8), "interval_type": "PotentialOvertime"}
    jobs = [DUE[0] | {"need_date": at(0, 12), "late_penalty_per_day": 1e6}, DUE[1]]
    resources = [{"calendar": "day", "overtime_hourly_cost": rate}]
    whole = plant(jobs, SWAP, resources=resources, capacity_intervals=[early])
    assert gain(whole) == pytest.approx(gained)
