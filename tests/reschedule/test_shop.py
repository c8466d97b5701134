"""Shops of the literature: what is read, what no plan can beat, what is found, and plans that cannot be."""

from __future__ import annotations

from itertools import permutations, product
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared_data import shared_data
from tocfin.errors import DatasetError
from tocfin.kernels.search_plan import load, moved, timed
from tocfin.reschedule.bounds import lower_bound
from tocfin.reschedule.clock import Clock
from tocfin.reschedule.descent import Descent
from tocfin.reschedule.feasible import breaches
from tocfin.reschedule.makespan import improve
from tocfin.reschedule.shop import Shop, ShopPlan, read, shop

Jobs = list[list[list[tuple[int, int]]]]

SMALL: Jobs = [[[(0, 3)], [(1, 2)], [(2, 2)]], [[(0, 2)], [(2, 1)], [(1, 4)]], [[(1, 4)], [(2, 3)]]]


@st.composite
def shops(draw: st.DrawFn) -> Shop:
    """At most six operations on three machines, some with a choice; jobs may come back to a machine."""
    machines = 3
    pair = st.tuples(st.integers(0, machines - 1), st.integers(1, 6))
    choices = st.lists(pair, min_size=1, max_size=2, unique_by=lambda one: one[0])
    jobs = draw(st.lists(st.lists(choices, min_size=1, max_size=3), min_size=1, max_size=3))
    return shop("drawn", machines, jobs[:2] if sum(map(len, jobs)) > 6 else jobs)


def shortest(shop: Shop) -> int:
    """The least makespan of all sequences and choices, one after another."""
    owner = np.repeat(np.arange(shop.job_first.size - 1), np.diff(shop.job_first)).tolist()
    options = [range(shop.choice_first[x], shop.choice_first[x + 1]) for x in range(shop.n_operation)]
    best = 10**9
    for turns in set(permutations(owner)):
        for taken in product(*options):
            best = min(best, _one_after_another(shop, turns, taken))
    return best


def _one_after_another(shop: Shop, turns: tuple[int, ...], taken: tuple[int, ...]) -> int:
    following = shop.job_first[:-1].tolist()
    job_end = [0] * len(following)
    machine_end = [0] * shop.n_machine
    for j in turns:
        c = taken[following[j]]
        k = int(shop.choice_machine[c])
        end = max(job_end[j], machine_end[k]) + int(shop.choice_length[c])
        job_end[j] = machine_end[k] = end
        following[j] += 1
    return max(job_end)


@settings(max_examples=12, deadline=None)
@given(shops())
def test_small_shops_are_solved_as_exhaustive_search_solves_them(drawn: Shop) -> None:
    found = improve(drawn, Clock(0, work=4_000), threads=2)
    assert (found.makespan, found.status) == (shortest(drawn), "optimal")
    assert found.lower_bound == found.makespan
    assert lower_bound(drawn) <= found.makespan
    assert not list(breaches(drawn, found.plan))


@settings(max_examples=25, deadline=None)
@given(shops(), st.integers(0, 2**31))
def test_a_search_keeps_its_graph_whole(drawn: Shop, seed: int) -> None:
    clock = Clock(0, work=60)
    search = Descent(drawn, seed, 0, clock, lambda found: None)
    search.run()
    graph = search.graph
    end, tail = graph.end.copy(), graph.tail.copy()
    assert sorted(graph.order) == list(range(drawn.n_operation))
    assert timed(search.routes, graph, 0, drawn.n_operation - 1) == end.max()
    np.testing.assert_array_equal((graph.end, graph.tail), (end, tail))


def test_a_move_that_would_wait_for_itself_is_refused() -> None:
    """Job 0 needs machine 0 then 1; put its second operation before the first of job 1 that it must follow."""
    two = shop("two", 2, [[[(0, 1)], [(1, 1)]], [[(1, 1)], [(0, 1)]]])
    search = Descent(two, 1, 0, Clock(0, work=1), lambda found: None)
    order = np.array([0, 1, 2, 3], np.int32)
    assert load(search.routes, search.graph, order, np.array([0, 1, 1, 0], np.int32)) == 4
    none = np.int32(4)
    assert moved(search.routes, search.graph, np.int32(3), none, np.int32(0), 0) == (-1, -1)
    assert search.graph.order.tolist() == [0, 1, 2, 3]
    assert moved(search.routes, search.graph, np.int32(2), none, np.int32(1), 1) != (-1, -1)
    assert timed(search.routes, search.graph, 0, 3) == 2


def test_equal_work_gives_equal_plans() -> None:
    drawn = shop("three", 3, SMALL)
    plans = [improve(drawn, Clock(0, work=500), seed=3).plan for _ in range(3)]
    assert all(np.array_equal(plans[0].start, plan.start) for plan in plans)


CORRUPTIONS = {
    "missing": lambda plan: ShopPlan(plan.machine[1:], plan.start[1:], plan.end[1:]),
    "machine": lambda plan: plan._replace(machine=np.append(plan.machine[:-1], 7)),
    "duration": lambda plan: plan._replace(end=plan.end + (np.arange(plan.end.size) == plan.end.argmax())),
    "start": lambda plan: plan._replace(start=plan.start - 100, end=plan.end - 100),
    "sequence": lambda plan: _shifted(plan, 1, -int(plan.start[1])),
    "overlap": lambda plan: _shifted(plan, 3, int(plan.start[0] - plan.start[3])),
}


def _shifted(plan: ShopPlan, x: int, by: int) -> ShopPlan:
    shift = np.where(np.arange(plan.start.size) == x, by, 0)
    return plan._replace(start=plan.start + shift, end=plan.end + shift)


@pytest.mark.parametrize("rule", CORRUPTIONS)
def test_a_plan_that_cannot_be_is_rejected_by_the_rule_that_it_breaks(rule: str) -> None:
    small = shop("small", 3, SMALL)
    plan = improve(small, Clock(0, work=500)).plan
    assert not list(breaches(small, plan))
    assert rule in {sentence.partition(":")[0] for sentence in breaches(small, CORRUPTIONS[rule](plan))}


def test_both_formats_are_read(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("2 2\n0 3 1 2\n1 4 0 1 1 5\n")
    plain = read(tmp_path / "a.txt")
    assert (plain.name, plain.n_machine, plain.job_first.tolist()) == ("a", 2, [0, 2, 5])
    assert plain.choice_machine.tolist() == [0, 1, 1, 0, 1]
    (tmp_path / "b.fjs").write_text("1 2 1.5\n2 2 1 3 2 4 1 2 5\n")
    flexible = read(tmp_path / "b.fjs")
    assert flexible.choice_first.tolist() == [0, 2, 3]
    assert flexible.choice_machine.tolist() == [0, 1, 1]
    assert flexible.choice_length.tolist() == [3, 4, 5]


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("a.txt", "2 2\n0 3 1 2\n", "says 2 jobs"),
        ("a.txt", "1 2\n0 3 2 2\n", "machine 2 is not one of 0 to 1"),
        ("a.txt", "1 2\n0 3 1\n", "do not add up"),
        ("a.txt", "1 2\n0 -3\n", "'-3' is not a whole number"),
        ("a.txt", "", "the first line must be"),
        ("a.fjs", "1 2\n1 2 1 3\n", "do not add up"),
        ("a.fjs", "1 2\n1 1 0 3\n", "machine 0 is not one of 1 to 2"),
    ],
)
def test_a_faulty_instance_is_told_by_line(tmp_path: Path, name: str, text: str, said: str) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(DatasetError, match=said):
        read(tmp_path / name)


def test_all_faults_of_an_instance_are_told_at_once(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("2 2\n0 3 9 2\n1 4 8 1\n")
    with pytest.raises(DatasetError) as raised:
        read(tmp_path / "a.txt")
    assert [(finding.row, finding.file) for finding in raised.value.findings] == [(2, "a.txt"), (3, "a.txt")]


def test_a_known_instance_is_solved() -> None:
    found = improve(read(shared_data("instances", "jsp", "ft06.txt")), Clock(0, work=20_000))
    assert (found.makespan, found.feasible) == (55, True)
