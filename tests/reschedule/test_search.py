"""What a search keeps up step by step is what placing and weighing the plan anew gives; rules dispatch as told."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from exhaustive import plans as ways
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from test_exhaustive import dataset, plants

from tables import PLAN, tables
from tocfin.dataset import Dataset
from tocfin.kernels.search_loads import placed
from tocfin.kernels.search_money import ACCEPTED, BEST, NOW, begin, best, climb
from tocfin.kernels.search_rules import dispatched
from tocfin.kernels.search_worth import worth
from tocfin.reschedule import priorities
from tocfin.reschedule.climbing import prepared
from tocfin.reschedule.clock import Clock
from tocfin.reschedule.decisions import blank, copied, present_times, waiting
from tocfin.reschedule.improve import SEARCH, improve
from tocfin.reschedule.priorities import prioritised
from tocfin.reschedule.problem import Problem, build_problem
from tocfin.reschedule.rules import rules, traits

CLOCK, HOUR, DAY = PLAN.clock, 3_600, 86_400


def crowded(seed: int = 1, n_job: int = 30) -> Dataset:
    """Jobs of three steps on three machines, one of which two steps need; more work than their dates allow."""
    luck = np.random.default_rng(seed)
    jobs = [f"J{j:02}" for j in range(n_job)]
    machines = ["M1", "M2", "M3"]
    steps = [(j, o, machines[m]) for j in range(n_job) for o, m in enumerate((luck.integers(1, 3), 0, 0))]
    hours = luck.integers(1, 7, len(steps)).tolist()
    free, ready, activities = dict.fromkeys(machines, 0), [0] * n_job, []
    for (j, o, m), h in zip(steps, hours, strict=True):
        start = max(free[m], ready[j])
        free[m] = ready[j] = start + h
        times = {"start": CLOCK + HOUR * start, "end": CLOCK + HOUR * (start + h)}
        activities.append({"activity": f"{j}.{o}", "operation": f"{j}.{o}", "resource": m, **times})
    due, penalty = luck.integers(1, 8, n_job).tolist(), luck.integers(1, 11, n_job).tolist()
    content = tables(
        plants=[{"daily_operating_expense": 0.0}],
        resources=[{"resource": m, "drum": False} for m in machines],
        capacity_intervals=[{"resource": m, "start": CLOCK, "end": CLOCK + 60 * DAY} for m in machines],
        jobs=[
            {"job": j, "revenue": 9000.0, "late_penalty_per_day": 100.0 * p, "need_date": CLOCK + d * DAY}
            for j, d, p in zip(jobs, due, penalty, strict=True)
        ],
        manufacturing_orders=[{"manufacturing_order": j, "job": j} for j in jobs],
        operations=[{"operation": f"{j}.{o}", "manufacturing_order": jobs[j], "sequence": o} for j, o, _ in steps],
        activities=activities,
    )
    return Dataset("crowded", None, PLAN, content, ())


def whole(problem: Problem, decision: Any) -> float:
    times = present_times(problem)
    assert placed(problem.loads, decision, problem.unit_free, times) == 0
    return float(worth(problem.loads, decision, problem.unit_free, problem.worth, times))


def check(problem: Problem, steps: int, seed: int) -> int:
    """Climb and compare; the number of accepted steps."""
    decision = copied(blank(problem, bought=False))
    plan = prepared(problem, decision, problem.worth, seed)
    assert begin(*plan) == whole(problem, decision)
    times, walk = plan[4], plan[-1]
    for _ in range(5):
        climb(*plan, steps // 5)
        now = copied(decision)
        now.order[:] = now.order[np.argsort(plan[5].label[now.order], kind="stable")]
        again = present_times(problem)
        assert placed(problem.loads, now, problem.unit_free, again) == 0
        for one, other in ((times.start, again.start), (times.end, again.end), (times.load_end, again.load_end)):
            np.testing.assert_array_equal(one, other)
        np.testing.assert_array_equal(times.resource, again.resource)
        assert walk.money[NOW] == pytest.approx(whole(problem, now), abs=1e-6)
    best(decision, walk)
    assert walk.money[BEST] == pytest.approx(whole(problem, decision), abs=1e-6)
    return int(walk.tally[ACCEPTED])


@settings(max_examples=12, deadline=None, phases=(Phase.explicit, Phase.generate))
@given(plants(), st.integers(0, 99))
def test_a_plan_changed_step_by_step_is_timed_and_weighed_as_a_whole_one(plant: Any, seed: int) -> None:
    check(build_problem(dataset(plant, next(ways(plant)))), 500, seed)


def test_a_crowded_plan_changed_step_by_step_is_timed_and_weighed_as_a_whole_one() -> None:
    assert check(build_problem(crowded()), 10_000, 1) > 2_500  # labels were given anew


def by_hand(problem: Problem, index: Any) -> list[int]:
    """The sequence in which whatever can start first starts first, by the greatest index of what waits then."""
    loads, n = problem.loads, problem.load_fixed.size
    free, ready = dict.fromkeys(set(loads.member_resource.tolist()), CLOCK), dict.fromkeys(range(n), CLOCK)
    after, left = waiting(problem), set(range(n))
    missing, out = after.missing.copy(), []
    while left:
        open_still = [x for x in left if missing[x] == 0]
        at = min(max(ready[x], free[loads.member_resource[x]]) for x in open_still)
        can = [x for x in open_still if max(ready[x], free[loads.member_resource[x]]) == at]
        r = loads.member_resource[can[0]]
        x = max((x for x in can if loads.member_resource[x] == r), key=lambda x: index(x, at))
        end = at + int(loads.member_seconds[x])
        free[r] = end
        left.discard(x)
        out.append(x)
        for y in after.after_load[after.after_first[x] : after.after_first[x + 1]].tolist():
            missing[y] -= 1
            ready[y] = max(ready[y], end)
    return out


@pytest.mark.parametrize("name", ["earliest need date", "apparent tardiness cost by work left, k = 8"])
def test_rules_take_the_greatest_index_of_what_waits(name: str) -> None:
    """On each machine the sequence is that of a simulation by hand; indices that are equal are told apart."""
    problem = build_problem(crowded())
    rule = dict(rules(traits(problem)))[name]
    rule = rule._replace(rank=rule.rank + 1e-7 * np.arange(rule.rank.size))
    decision = copied(blank(problem, bought=False))
    assert (
        dispatched(problem.loads, decision, problem.unit_free, present_times(problem), rule, tuple(waiting(problem)))
        == 0
    )
    expected = by_hand(problem, lambda x, at: rule.rank[x] - max(rule.turn[x] - at, 0) / rule.ahead)
    on = problem.loads.member_resource
    for r in set(on.tolist()):
        assert [x for x in decision.order.tolist() if on[x] == r] == [x for x in expected if on[x] == r]


def test_ranks_that_are_searched_for_beat_every_rule_and_are_the_same_again() -> None:
    problem = build_problem(crowded())
    start = blank(problem, bought=False)
    found = [prioritised(problem, start, problem.worth, 1, Clock(0, work=600), lambda money: None) for _ in range(2)]
    np.testing.assert_array_equal(found[0].decision.order, found[1].decision.order)
    assert found[0].money == whole(problem, found[0].decision)
    decision, links = copied(start), tuple(waiting(problem))
    for _, rule in rules(traits(problem)):
        assert dispatched(problem.loads, decision, problem.unit_free, present_times(problem), rule, links) == 0
        assert whole(problem, decision) < found[0].money


def test_ranks_of_many_loads_begin_with_the_best_rule_by_work_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(priorities, "MANY", 1)
    problem = build_problem(crowded())
    start = blank(problem, bought=False)
    begun = prioritised(problem, start, problem.worth, 1, Clock(0, work=1), lambda money: None).money
    decision, links, worths = copied(start), tuple(waiting(problem)), []
    for name, rule in rules(traits(problem)):
        if "tardiness cost by work left" in name:
            assert dispatched(problem.loads, decision, problem.unit_free, present_times(problem), rule, links) == 0
            worths.append(whole(problem, decision))
    assert begun >= max(worths)


def test_a_search_with_a_budget_of_work_gives_equal_plans_five_times() -> None:
    """And its plan is the best of the candidates."""
    problem = build_problem(crowded())
    found = [improve(problem, Clock(0, work=1_500), seed=3) for _ in range(5)]
    assert found[0].best.name == SEARCH
    for other in found[1:]:
        assert other.best.activities.equals(found[0].best.activities)
        assert other.best.price == found[0].best.price
