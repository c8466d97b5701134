"""Setups: from the table to the price, the re-timed plan and the findings; every number worked by hand."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import polars as pl
import pytest

from tables import PLAN, tables
from tocfin.dataset import Dataset
from tocfin.dataset.checks import check
from tocfin.errors import DatasetError
from tocfin.kernels.retime import retime
from tocfin.model.build import arranged, build
from tocfin.model.network import margin, network
from tocfin.reschedule.clock import Clock
from tocfin.reschedule.improve import PRESENT, improve
from tocfin.reschedule.plan_check import breaches
from tocfin.reschedule.problem import Zones, build_problem

MONDAY, DAY, HOUR = 1_780_272_000, 86_400, 3_600
FAMILY = {"A": "red", "B": "blue", "C": "red", "D": "blue"}


def at(day: int, hour: float) -> int:
    return MONDAY + day * DAY + int(hour * HOUR)


def plant(work: dict[str, tuple[int, int]], **changed: Any) -> Dataset:
    """One machine, 8 to 16 on weekdays; red to blue takes 2 h and 50, blue to red 1 h and 30; all due on Monday."""
    content: dict[str, Any] = {
        "plants": [{"daily_operating_expense": 0.0}],
        "resources": [{"calendar": "day", "department": "mill"}],
        "calendars": [{"calendar": "day"}],
        "items": [{"item": family, "family": family} for family in ("red", "blue")],
        "jobs": [{"job": j, "product": FAMILY[j], "need_date": at(0, 16), "late_penalty_per_day": 240.0} for j in work],
        "manufacturing_orders": [{"manufacturing_order": f"M{j}", "job": j} for j in work],
        "operations": [{"operation": f"O{j}", "manufacturing_order": f"M{j}"} for j in work],
        "activities": [{"activity": f"W{j}", "operation": f"O{j}", "start": s, "end": e} for j, (s, e) in work.items()],
        "setups": [
            {"department": "mill", "from_family": "red", "to_family": "blue", "hours": 2.0, "cost": 50.0},
            {"department": "mill", "from_family": "blue", "to_family": "red", "hours": 1.0, "cost": 30.0},
        ],
    }
    return Dataset("plant", None, PLAN, tables(**(content | changed)), ())


#: Red, blue, red, blue, an hour each; the setups of 2, 1 and 2 hours would end at 17:00, an hour is left for Tuesday.
CHANGING = {"A": (at(0, 8), at(0, 9)), "B": (at(0, 11), at(0, 12)), "C": (at(0, 13), at(0, 14)),
            "D": (at(1, 8), at(1, 9))}  # fmt: skip


def test_families_are_run_together_and_the_setups_saved_are_in_the_price() -> None:
    """Blue, blue, red, red needs one setup of an hour for 30; the plan had three for 50 + 30 + 50, and D 17 h late."""
    whole = plant(CHANGING)
    found = improve(build_problem(whole), Clock(0, work=400))
    best, present = found.best, found.named(PRESENT)
    assert present.price.parts["setup_cost"] == (-130.0, 0.0)
    assert present.price.parts["late_penalty"] == (pytest.approx(-240.0 * 17 / 24), 0.0)
    assert best.price.parts["setup_cost"] == (-30.0, 0.0)
    assert best.price.objective - present.price.objective == pytest.approx(100.0 + 170.0)
    rows = {row["activity"]: row for row in best.activities.to_dicts()}
    first_red = min(rows[key]["start"] for key in ("WA", "WC"))
    assert first_red - max(rows[key]["end"] for key in ("WB", "WD")) == HOUR


def test_a_setup_without_a_cost_is_missing_from_the_objective_and_said_to_be() -> None:
    rows = [
        {"resource": "R1", "from_family": a, "to_family": b, "hours": 1.0}
        for a, b in (("red", "blue"), ("blue", "red"))
    ]
    found = improve(build_problem(plant(CHANGING, setups=rows)), Clock(0, work=50))
    assert found.named(PRESENT).price.missing == ("setup_cost",)


def test_fixed_work_is_set_up_for_too() -> None:
    """C stays; what comes right before it must leave its setup, so that B, blue, cannot end at 13:00."""
    found = improve(build_problem(plant(CHANGING), Zones(pinned=("C",))), Clock(0, work=400))
    assert dict(found.best.activities["activity", "start"].iter_rows())["WC"] == at(0, 13)
    assert not found.best.breaches
    assert found.best.price.objective >= found.named(PRESENT).price.objective


def test_a_plan_without_time_for_a_setup_is_rejected_by_name() -> None:
    whole = plant(CHANGING)
    assert not list(breaches(whole, whole.tables["activities"]))
    sooner = pl.when(pl.col("activity") == "WB").then(pl.col("start") - HOUR // 2)
    table = whole.tables["activities"].with_columns(
        start=sooner.otherwise("start"), end=sooner.otherwise("start") + HOUR
    )
    said = list(breaches(whole, table))
    assert [sentence.partition(":")[0] for sentence in said] == ["setup"]
    assert "5400 s" in said[0]


def test_a_delay_passes_on_through_the_setup_and_the_night() -> None:
    """A takes five hours longer, until 14:00: the setup of 2 h ends with the shift, so B starts on Tuesday at 8."""
    whole = plant(CHANGING)
    model, frames = build(whole, beyond=margin(whole)), arranged(whole.tables, PLAN)
    net, dropped = network(model, frames)
    assert not dropped
    n = model.schedule.activity_start.size
    work, start, end = (np.zeros((n, 2), np.int64) for _ in range(3))
    work[net.member_row] = net.member_work[:, None]
    row = model.keys["activity"].to_list().index("WA")
    work[row, 1] += 5 * HOUR
    nothing, stuck = np.zeros((0, 0), np.int64), np.full(2, -1, np.int64)
    retime(net, model.schedule.activity_start, work, nothing, nothing.astype(np.uint8), start, end, stuck)
    assert np.array_equal(start[:, 0], model.schedule.activity_start)
    keys = model.keys["activity"].to_list()
    assert {key: int(start[i, 1]) for i, key in enumerate(keys)} == {
        "WA": at(0, 8), "WB": at(1, 8), "WC": at(1, 10), "WD": at(1, 13),
    }  # fmt: skip


def test_a_plan_without_room_is_told_and_not_enforced() -> None:
    tight = CHANGING | {"B": (at(0, 9.5), at(0, 10.5))}
    whole = plant(tight)
    said = [finding for finding in check(whole.tables, PLAN) if finding.rule == "no-time-for-setups"]
    assert len(said) == 1
    assert "1 setups on 'R1', 1.50 h" in said[0].message
    _, dropped = network(build(whole), arranged(whole.tables, PLAN))
    assert dropped == Counter(setup=1)


def test_a_hole_in_the_matrix_is_a_warning_for_the_plan_and_refused_by_reschedule() -> None:
    one_way = [{"department": "mill", "from_family": "red", "to_family": "blue", "hours": 2.0}]
    whole = plant(CHANGING, setups=one_way)
    said = [finding for finding in check(whole.tables, PLAN) if finding.rule == "setup-hole"]
    assert len(said) == 1
    assert "blue to red" in said[0].message
    with pytest.raises(DatasetError, match="blue to red"):
        build_problem(whole)


@pytest.mark.parametrize(
    ("rule", "change"),
    [
        ("setup-scope", {"resource": "R1"}),
        ("setup-scope", {"department": None}),
        ("unknown-department", {"department": "mall"}),
    ],
)
def test_whose_setup_it_is_must_be_clear(rule: str, change: dict[str, Any]) -> None:
    row = {"department": "mill", "from_family": "red", "to_family": "blue", "hours": 2.0} | change
    found = check(plant(CHANGING, setups=[row]).tables, PLAN)
    assert rule in {finding.rule for finding in found if finding.grade == "error"}


def test_the_same_setup_twice_is_an_error_that_names_the_first() -> None:
    row = {"department": "mill", "from_family": "red", "to_family": "blue", "hours": 2.0}
    found = [f for f in check(plant(CHANGING, setups=[row, row]).tables, PLAN) if f.rule == "duplicate-key"]
    assert [(f.row, "row 2" in f.message) for f in found] == [(3, True)]
