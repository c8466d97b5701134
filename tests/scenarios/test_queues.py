"""Work that waits for its resources: on paper, and against plain Python."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from shop import HOUR, job_shop, plant, world

from tables import PLAN
from tocfin.scenarios.distributions import Distribution
from tocfin.scenarios.futures import Future, future, summed
from tocfin.scenarios.run import simulate
from tocfin.scenarios.uncertainty import Rule, Uncertainty
from tocfin.scenarios.world import World

SEED, WEEK = 5, 168
NAMES = ("resource_waiting", "resource_waiting_work", "resource_waited", "resource_starts")


def hours(found: object, name: str) -> list[float]:
    return (getattr(found, name) / HOUR).tolist()


def test_work_waits_from_when_it_is_ready_until_it_starts() -> None:
    jobs = {"J3": {"release_date": PLAN.clock + 12 * HOUR}}
    work = [
        ("J1", "R1", 0, 10), ("J2", "R1", 10, 14), ("J3", "R1", 14, 20),  # J2 waits 10 h from the clock on, J3 2 h
        ("J2", "R2", 14, 15), ("J1", "R2", 15, 17),  # J1 is ready at 10 and waits 5 h
    ]  # fmt: skip
    one = replace(world(plant(work, jobs)), queues=True)
    found = summed(one, future(one, SEED, 0, 64), 1)
    assert hours(found, "resource_waiting") == [12.0, 5.0]
    assert (found.resource_waiting_work / HOUR / 60).tolist() == [10 * 4 + 2 * 6, 5 * 2]
    assert hours(found, "resource_waited") == [12.0, 5.0]
    assert found.resource_starts.tolist() == [3, 2]


def test_only_waiting_inside_the_horizon_makes_a_queue() -> None:
    work = [("J1", "R1", -20, 5), ("J2", "R1", 5, WEEK + 30), ("J3", "R1", WEEK + 30, WEEK + 40)]
    jobs = {"J2": {"release_date": PLAN.clock - 10 * HOUR}}
    one = replace(world(plant(work, jobs)), queues=True)
    found = summed(one, future(one, SEED, 0, 64), 1)
    assert hours(found, "resource_waiting") == [5 + WEEK]  # J2 since the clock, J3 to the end of the week
    assert hours(found, "resource_waited") == [5.0]  # J3 begins after it
    assert found.resource_starts.tolist() == [1]


def test_as_planned_nothing_waits_for_a_resource_that_keeps_to_the_plan() -> None:
    one = replace(world(plant([("J1", "R1", 0, 10), ("J2", "R1", 30, 40)]), start_policy="as planned"), queues=True)
    found = summed(one, future(one, SEED, 0, 64), 3)
    assert hours(found, "resource_waiting") == [0.0]
    assert found.resource_starts.tolist() == [6]


def waits(one: World, block: Future, s: int) -> np.ndarray:
    """The four sums of one future in plain Python, from its times alone."""
    net, horizon = one.network, one.model.horizon
    out = np.zeros((4, one.model.enterprise.resource_role.size), np.int64)
    for i, row in enumerate(net.member_row.tolist()):
        if block.absent.size and block.absent[net.member_job[i], s]:
            continue
        ready = [int(net.member_floor[i]), horizon.clock]
        ready += [int(block.not_before[row, s])] * bool(block.not_before.size)
        for e in range(net.member_first_edge[i], net.member_first_edge[i + 1]):
            if net.edge_kind[e] != 2:
                ready.append(int(block.end[net.edge_before[e], s] + net.edge_lag[e]))
        start, r = int(block.start[row, s]), one.model.schedule.activity_resource[row]
        inside = max(0, min(start, horizon.end) - max(ready))
        out[:2, r] += inside, inside * round(net.member_work[i] / 60)
        if horizon.clock <= start < horizon.end:
            out[2:, r] += max(0, start - max(ready)), 1
    return out


@pytest.fixture(scope="module")
def noisy() -> World:
    rules = (
        Rule("duration", "", "", distribution=Distribution("lognormal", (1.0, 0.6))),
        Rule("release", "", "", where={"job": ("J1", "J5")}, distribution=Distribution("exponential", (6.0,))),
        Rule("demand", "", "", where={"job": ("J3",)}, settings={"cancelled": 0.4}),
    )
    return replace(world(job_shop(), Uncertainty(rules=rules)), queues=True)


def test_queues_are_those_of_plain_python(noisy: World) -> None:
    block = future(noisy, SEED, 0, 64)
    found = summed(noisy, block, 40)
    by_hand = sum(waits(noisy, block, s) for s in range(40))
    np.testing.assert_array_equal(np.stack([getattr(found, name) for name in NAMES]), by_hand)
    assert (by_hand[0] > 0).sum() >= 4


def test_queues_do_not_depend_on_blocks_and_are_summed_only_where_asked(noisy: World) -> None:
    whole, other = (simulate([noisy], SEED, 200, threads=1, block=block) for block in (64, 256))
    unasked = simulate([replace(noisy, queues=False)], SEED, 200, threads=1)
    for name in NAMES:
        np.testing.assert_array_equal(getattr(whole, name)[0], getattr(other, name)[0])
        assert not getattr(unasked, name)[0].size
    np.testing.assert_array_equal(whole.terms, unasked.terms)
