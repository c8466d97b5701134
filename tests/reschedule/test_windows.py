"""Windows for CP-SAT: exact where they hold all of a plan, never worse, and equal when they are solved again."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import polars as pl
import pytest
from exhaustive import Job, Plant, best, plans, value
from hypothesis import Phase, given, settings
from test_exhaustive import SHIFT, dataset, plants
from test_search import crowded, whole

from odd_plants import odd_plant
from tables import PLAN, tables
from tocfin.dataset import Dataset
from tocfin.reschedule.clock import Clock
from tocfin.reschedule.decisions import activities, blank, present_times
from tocfin.reschedule.plan_check import breaches
from tocfin.reschedule.problem import Problem, build_problem
from tocfin.reschedule.refine import STEPS, STEPS_AT_DRUM, refined, sequenced
from tocfin.reschedule.window_times import Window
from tocfin.reschedule.windows import Effort, movable, solved

HOUR, DAY = 3_600, 86_400
FORTNIGHT = 14 * DAY


def silent(money: float) -> None:
    """Nobody wants to know."""


def all_of(problem: Problem) -> Window:
    """A window of everything, with two weeks of room."""
    on, loads = np.flatnonzero(movable(problem)), problem.loads
    assert on.size == loads.release.size
    nothing = np.zeros(on.size, np.int64)
    end = np.full(on.size, PLAN.clock + FORTNIGHT)
    return Window(on, loads.release[on], end, nothing, problem.worth.job_fixed_end, carries=True)


def cheapest(problem: Problem, *, bought: bool = False) -> Any:
    """Decision now, and what CP-SAT makes of a window of everything."""
    decision, times = blank(problem, bought=bought), present_times(problem)
    whole(problem, decision)
    return decision, solved(problem, decision, times, problem.worth, all_of(problem), Effort(1, 10.0, np.inf))


def plain(plant: Plant) -> Plant:
    """The same without what windows leave to the kernels: setups' cost, part use of overtime, jobs that wait."""
    jobs = {
        name: replace(
            job, firm=False, value=90_000.0, operations=tuple(dict(list(way.items())[:1]) for way in job.operations)
        )
        for name, job in plant.jobs.items()
    }
    setups = {pair: (hours, 0.0) for pair, (hours, _) in plant.setups.items()}
    return replace(plant, jobs=jobs, potential=(), setups=setups, next_end=24 * 12)


@settings(max_examples=25, deadline=None, phases=(Phase.explicit, Phase.generate))
@given(plants().map(plain))
def test_a_window_of_a_whole_small_plant_is_its_best_plan(plant: Plant) -> None:
    present = next(plans(plant))
    problem = build_problem(dataset(plant, present))
    window, decision = all_of(problem), blank(problem, bought=False)
    answer = solved(problem, decision, present_times(problem), problem.worth, window, Effort(1, 10.0, np.inf))
    assert answer is not None
    assert answer.proven
    names = problem.model.keys["activity"].gather(problem.member_row[problem.loads.first_member[window.load]]).to_list()
    at = {name: (int(start) - PLAN.clock) // HOUR for name, start in zip(names, answer.start, strict=True)}
    seconds = dict(zip(names, problem.loads.member_seconds[window.load].tolist(), strict=True))
    times = {}
    for j, job in plant.jobs.items():
        for o, way in enumerate(job.operations):
            machine = next(iter(way))
            start, left = at[f"{j}.{o}"], seconds[f"{j}.{o}"] // HOUR
            end = start
            while left:
                left -= end in plant.machines[machine]
                end += 1
            times[j, o] = machine, start, end
    assert value(plant, times) == pytest.approx(best(plant, present), abs=1e-3)


@pytest.mark.parametrize(("rate", "buys"), [(5.0, True), (400.0, False)])
def test_potential_overtime_is_bought_where_it_costs_less_than_lateness(rate: float, buys: bool) -> None:
    job = Job(({"M1": 8},), value=9_000.0, penalty=480.0, need=18)
    plant = Plant({"A": job, "B": Job(({"M1": 2},), 9_000.0, 480.0, 18)}, {"M1": SHIFT}, (("M1", 16, 18),), rate, {})
    problem = build_problem(dataset(plant, next(plans(plant))))
    decision = blank(problem, bought=not buys)
    times = present_times(problem)
    answer = solved(problem, decision, times, problem.worth, all_of(problem), Effort(1, 10.0, np.inf))
    assert answer is not None
    assert answer.proven
    assert answer.bought[problem.loads.segment_potential > 0].tolist() == [buys]


def test_work_that_is_carried_waits_until_it_is_needed() -> None:
    """One job of four hours that is needed on Wednesday at noon, on a machine that is never closed."""
    content = tables(
        resources=[{"resource": "M1"}],
        capacity_intervals=[{"resource": "M1", "start": PLAN.clock, "end": PLAN.clock + 20 * DAY}],
        jobs=[{"need_date": PLAN.clock + 2 * DAY + 12 * HOUR, "late_penalty_per_day": 1_000.0}],
        manufacturing_orders=[{}],
        operations=[{"operation": "O1", "carrying_cost_per_day": 24.0}],
        activities=[{"activity": "A1", "operation": "O1", "resource": "M1"}],
    )
    problem = build_problem(Dataset("one", None, PLAN, content, ()))
    decision, answer = cheapest(problem)
    assert answer.start[0] + problem.loads.member_seconds[0] == PLAN.clock + 2 * DAY + 12 * HOUR
    found = refined(problem, decision, problem.worth, 1, Clock(0, work=5 * STEPS), silent)
    assert found.money == whole(problem, found.decision)


def with_drum(plain: Dataset, name: str) -> Dataset:
    resources = plain.tables["resources"].with_columns(drum=pl.col("resource") == name)
    return replace(plain, tables={**plain.tables, "resources": resources})


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_drums_sequence_is_worth_more_than_that_of_arrival_and_is_the_same_again(seed: int) -> None:
    problem = build_problem(with_drum(crowded(seed, 20), "M1"))
    start, told = blank(problem, bought=False), list[float]()
    found = [
        sequenced(problem, start, problem.worth, 1, Clock(0, work=4 * STEPS_AT_DRUM), tell)
        for tell in (told.append, silent)
    ]
    assert found[0].money == whole(problem, found[0].decision) > whole(problem, start)
    assert told[-1] == found[0].money
    np.testing.assert_array_equal(found[0].decision.order, found[1].decision.order)


@pytest.mark.parametrize("seed", [1, 2])
def test_refined_plans_can_be_carried_out_and_are_the_same_again(seed: int) -> None:
    """With calendars, potential overtime, alternatives and carrying cost."""
    problem = build_problem(odd_plant(seed, 12))
    start = blank(problem, bought=seed == 1)
    found = [refined(problem, start, problem.worth, seed, Clock(0, work=12 * STEPS), silent) for _ in range(2)]
    assert found[0].money == whole(problem, found[0].decision) > whole(problem, start)
    assert found[0].steps <= 12 * STEPS
    for one, other in zip(found[0].decision, found[1].decision, strict=True):
        np.testing.assert_array_equal(one, other)
    table, _ = activities(problem, found[0].decision)
    assert table is not None
    assert not list(breaches(problem.dataset, table))


def test_windows_hold_only_what_they_can_time() -> None:
    """Not fixed work, not work on several resources or units."""
    problem = build_problem(odd_plant(1, 6))
    assert movable(problem).all()
    crew = problem.loads._replace(unit_first=2 * problem.loads.unit_first)
    assert not movable(replace(problem, loads=crew)).any()
    fixed = replace(problem, load_fixed=np.ones_like(problem.load_fixed))
    assert not movable(fixed).any()
    now = refined(fixed, blank(problem, bought=False), problem.worth, 1, Clock(0, work=STEPS), silent)
    assert now.steps <= STEPS
