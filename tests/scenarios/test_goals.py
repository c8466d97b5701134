"""Chances of targets: without noise each is its scorecard's figure, with it the share of futures."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from shop import world

from tocfin.dataset import Dataset
from tocfin.examples import example_dataset
from tocfin.examples.alternatives import shipped
from tocfin.measure import measure
from tocfin.scenarios.ensemble import kpi_values
from tocfin.scenarios.goals import goal
from tocfin.scenarios.run import simulate
from tocfin.scenarios.uncertainty import Uncertainty


@pytest.fixture(scope="module")
def example() -> Dataset:
    return example_dataset()


def test_without_noise_every_target_is_as_the_scorecard_has_it(example: Dataset) -> None:
    certain = world(example, Uncertainty(off=frozenset(["duration", "breakdowns", "scrap"])), "as planned")
    terms = simulate([certain], 1, 64, threads=1).terms[0]
    card = measure(example, threads=1)
    goals = [goal(certain, terms, line, card.policy) for line in card.targets]
    assert len(goals) == 19
    for one in goals:
        assert one.expected is not None
        assert one.met is not None
        assert one.line.value == pytest.approx(one.expected.value, rel=1e-12)
        better = one.line.status == "met"
        assert (one.met.value, one.met.n) == (float(better), 64)


def test_in_futures_a_target_is_met_as_often_as_its_kpi_is_no_worse(example: Dataset) -> None:
    one, seed = shipped(example)
    terms = simulate([one], seed, 128, threads=1).terms[0]
    card = measure(example, threads=1)
    line = next(line for line in card.targets if line.kpi == "throughput" and not line.scope)
    values = kpi_values("throughput", terms.sum(axis=(1, 2)), card.policy)
    met = goal(one, terms, line, card.policy).met
    assert met is not None
    assert met.count == np.count_nonzero(values >= line.target)
    assert 0 < met.count < 128


def test_a_target_that_plants_and_periods_do_not_tell_has_no_chance(example: Dataset) -> None:
    one, seed = shipped(example)
    terms = simulate([one], seed, 64, threads=1).terms[0]
    card = measure(example, threads=1)
    whole = card.targets[0]
    start, end = whole.period
    for line in (
        replace(whole, scope={"product": "P1"}),
        replace(whole, period=(start, end - 3_600)),
        replace(whole, kpi="inventory_cost", period=(start, start + 7 * 86_400)),
        replace(whole, kpi="revenue"),
    ):
        found = goal(one, terms, line, card.policy)
        assert (found.expected, found.met) == (None, None)
