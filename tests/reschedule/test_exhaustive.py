"""Small plants: with enough time the search finds what exhaustive search finds (tests/reschedule/exhaustive.py)."""

from __future__ import annotations

from dataclasses import replace

import pytest
from exhaustive import Job, Plant, Times, best, kept, plans, value
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from tables import PLAN, tables
from tocfin.dataset import Dataset
from tocfin.reschedule.clock import Clock
from tocfin.reschedule.improve import PRESENT, improve
from tocfin.reschedule.problem import build_problem

CLOCK, HOUR = PLAN.clock, 3_600
SHIFT = frozenset(h for day in range(14) for h in range(24 * day + 8, 24 * day + 16) if day % 7 < 5)


def dataset(plant: Plant, present: Times) -> Dataset:
    """The plant as tables; ``present`` is its plan."""
    at = lambda hour: CLOCK + hour * HOUR  # noqa: E731
    calendar = [{"calendar": "day"}]
    machines = [
        {"resource": m, "calendar": "day", "drum": False, "department": "shop", "overtime_hourly_cost": plant.rate}
        for m in plant.machines
    ]
    jobs = [
        {"job": j, "revenue": job.value, "late_penalty_per_day": job.penalty, "need_date": at(job.need),
         "late_penalty_cap": None if job.cap == float("inf") else job.cap, "release_date": at(job.release),
         "product": job.family or None, "commitment": "Firm" if job.firm else "Planned"}
        for j, job in plant.jobs.items()
    ]  # fmt: skip
    steps = [(j, o) for j, job in plant.jobs.items() for o in range(len(job.operations))]
    families = sorted({job.family for job in plant.jobs.values()} - {""})
    bounds = (CLOCK, at(plant.this_end), at(plant.next_end))
    content = tables(
        plants=[{"daily_operating_expense": 0.0}],
        resources=machines,
        calendars=calendar,
        capacity_intervals=[
            {"resource": m, "start": at(low), "end": at(high), "interval_type": "PotentialOvertime"}
            for m, low, high in plant.potential
        ],
        items=[{"item": f, "family": f} for f in families],
        jobs=jobs,
        manufacturing_orders=[{"manufacturing_order": j, "job": j} for j in plant.jobs],
        operations=[{"operation": f"{j}.{o}", "manufacturing_order": j, "sequence": o} for j, o in steps],
        activities=[
            {"activity": f"{j}.{o}", "operation": f"{j}.{o}", "resource": m, "start": at(start), "end": at(end)}
            for (j, o), (m, start, end) in present.items()
        ],
        alternatives=[
            {"operation": f"{j}.{o}", "resource": m, "setup_hours": 0.0, "run_hours": float(h)}
            for j, o in steps
            for m, h in plant.jobs[j].operations[o].items()
            if m != present[j, o][0]
        ],
        setups=[
            {"department": "shop", "from_family": a, "to_family": b, "hours": float(h), "cost": c}
            for (a, b), (h, c) in plant.setups.items()
        ],
    )
    return Dataset("small", None, replace(PLAN, horizon_end=bounds[1], boundaries=bounds), content, ())


def compare(plant: Plant, work: int = 20_000) -> None:
    present = next(plans(plant))
    found = improve(build_problem(dataset(plant, present)), Clock(0, work=work))
    gained = found.best.price.objective - found.named(PRESENT).price.objective
    assert gained == pytest.approx(best(plant, present) - value(plant, present), abs=1e-6)
    at = {row["activity"]: row for row in found.best.activities.to_dicts()}
    times = {
        (j, o): (at[f"{j}.{o}"]["resource"], *((at[f"{j}.{o}"][k] - CLOCK) // HOUR for k in ("start", "end")))
        for j, o in present
    }
    assert value(plant, times) - value(plant, present) == pytest.approx(gained, abs=1e-6)
    assert kept(plant, times, present)


@st.composite
def plants(draw: st.DrawFn) -> Plant:
    """Two to four jobs on one or two machines, with setups, potential overtime, caps, and jobs that lose money."""
    machines = ["M1", "M2"][: draw(st.integers(1, 2))]
    families = draw(st.sampled_from([("",), ("red", "blue")]))
    length = st.integers(1, 8)
    jobs = {}
    for name in "ABCD"[: draw(st.integers(2, 4 if len(machines) == 1 else 3))]:
        ways = [draw(st.fixed_dictionaries({m: length})) for m in machines]
        if len(machines) == 2 and draw(st.integers(0, 3)) == 0:
            ways = [draw(st.fixed_dictionaries(dict.fromkeys(machines, length)))]
        jobs[name] = Job(
            operations=tuple(ways[: draw(st.integers(1, len(ways)))]),
            value=float(draw(st.sampled_from([-200, 50, 300, 1000]))),
            penalty=float(draw(st.sampled_from([0, 24, 240, 480]))),
            need=draw(st.sampled_from([0, 12, 16, 36])),
            cap=draw(st.sampled_from([float("inf"), 60.0])),
            release=draw(st.sampled_from([0, 0, 10])),
            family=draw(st.sampled_from(families)),
            firm=draw(st.booleans()),
        )
    changes = [(a, b) for a in families for b in families if a != b]
    return Plant(
        jobs=jobs,
        machines=dict.fromkeys(machines, SHIFT),
        potential=tuple((machines[0], low, high) for low, high in draw(st.sampled_from([[], [(16, 18)]]))),
        rate=float(draw(st.sampled_from([5, 40]))),
        setups={pair: (draw(st.integers(0, 3)), float(draw(st.sampled_from([0, 10, 100])))) for pair in changes},
    )


@settings(max_examples=12, deadline=None, phases=(Phase.explicit, Phase.generate))
@given(plants())
def test_the_search_finds_what_exhaustive_search_finds(plant: Plant) -> None:
    compare(plant)


def test_twelve_operations_on_three_machines() -> None:
    """Four jobs that go through three machines in different ways: 13,824 sequences."""
    ways = {"A": "123", "B": "231", "C": "312", "D": "213"}
    lengths = {"A": (3, 5, 2), "B": (4, 1, 6), "C": (2, 2, 5), "D": (5, 3, 1)}
    jobs = {
        j: Job(
            operations=tuple({f"M{m}": h} for m, h in zip(way, lengths[j], strict=True)),
            value=9000.0,
            penalty={"A": 480.0, "B": 120.0, "C": 240.0, "D": 960.0}[j],
            need=14,
        )
        for j, way in ways.items()
    }
    compare(Plant(jobs, dict.fromkeys(("M1", "M2", "M3"), SHIFT), this_end=24, next_end=24 * 4))
