"""Products of a plant worked on paper, and what adds up."""

from __future__ import annotations

import math

import pytest

from forecast.two_jobs import two_jobs
from tocfin.errors import UsageError
from tocfin.examples import example_dataset
from tocfin.examples.alternatives import shipped
from tocfin.forecast.products import products
from tocfin.forecast.variants import Asked, asked_of
from tocfin.measure import measure, rules_of


def test_each_column_is_what_paper_says() -> None:
    found = products(asked_of(two_jobs(), policy="reconciled"), replications=16)
    first, second, none = found.lines
    assert [line.product for line in found.lines] == ["Q", "P", None]
    assert (second.throughput, second.drum_hours, second.setup_hours, second.rate) == (700.0, 2.0, 0.5, 350.0)
    assert first.throughput == 1000.0 - 20.0  # the plan ends B two hours late
    assert first.rate == 490.0
    # ten of P: a drum hour earns 500 at 130 each, and material is 30 each
    assert second.price(500.0) == 130.0
    # no luck: work starts as soon as it can, B is one hour late, and without A it would be on time
    assert first.expected.value == 990.0
    assert first.variability.value == 0.0
    assert second.disruption is not None
    assert second.disruption.value == 10.0
    assert (none.jobs, none.throughput, none.disruption) == (0, 0.0, None)


def test_average_costing_spreads_what_it_costs_to_be_open_over_hours() -> None:
    dataset = two_jobs()
    profit = measure(dataset, policy="reconciled").figures["net_profit"].value
    found = products(asked_of(dataset, policy="reconciled"), replications=16)
    assert profit is not None
    expense = 1680.0 - profit
    assert [line.averaged for line in found.lines[:2]] == pytest.approx([980.0 - expense / 2, 700.0 - expense / 2])
    assert found.plant.averaged == pytest.approx(profit)


def test_products_add_up_to_the_plant_and_its_kpis() -> None:
    dataset = example_dataset()
    world, seed = shipped(dataset)
    card = measure(dataset)
    found = products(Asked(world, seed, rules_of(dataset.require().plan, None), ()), replications=16, disruption=False)
    for column in ("throughput", "drum_hours", "revenue", "rework", "averaged"):
        parts = [getattr(line, column) for line in found.lines]
        assert math.fsum(parts) == pytest.approx(getattr(found.plant, column), rel=1e-12)
    assert math.fsum(line.variability.value for line in found.lines) == pytest.approx(found.plant.variability.value)
    assert found.plant.throughput == pytest.approx(card.figures["throughput"].value, rel=1e-12)
    assert found.plant.averaged == pytest.approx(card.figures["net_profit"].value, rel=1e-9)
    assert found.plant.rate == pytest.approx(card.figures["throughput_per_drum_hour"].value, rel=1e-12)
    assert found.plant.variability.value > 0


def test_what_a_cell_does_not_supply_is_not_0() -> None:
    jobs = [{"job": "A", "product": "P", "revenue": None}, {"job": "B", "product": "Q"}]
    first, second, _ = products(asked_of(two_jobs(jobs=jobs)), replications=16).lines
    assert {first.product: first.throughput, second.product: second.throughput} == {"P": None, "Q": 1000.0}


def test_jobs_without_products_are_told_what_is_missing() -> None:
    jobs = [{"job": "A"}, {"job": "B"}]
    with pytest.raises(UsageError, match="names a product"):
        products(asked_of(two_jobs(jobs=jobs)))
