"""The product says what the reference says, on every drawn plant, for every policy, flag and split."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

import product
import reference
from cells import Dataset
from strategies import datasets

nasty = settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def differences(expected: dict[str, reference.Value], found: dict[str, Any], place: object) -> list[str]:
    return [
        f"{place} {kpi}: {value} is not {found[kpi]}"
        for kpi, value in expected.items()
        if not reference.agrees(value, found[kpi].value, found[kpi].status)
    ]


@pytest.mark.parametrize("policy", ["published", "reconciled"])
@nasty
@given(dataset=datasets())
def test_every_figure_agrees_with_the_exact_one(policy: str, dataset: Dataset) -> None:
    plan, tables = dataset
    exact = reference.evaluate(plan, tables, policy=policy)
    assert differences(exact, product.evaluate(plan, tables, policy=policy), "all") == []


@pytest.mark.parametrize("by", ["plant", "period", "job", "resource", "product"])
@nasty
@given(dataset=datasets())
def test_every_figure_of_every_part_agrees_with_the_exact_one(by: str, dataset: Dataset) -> None:
    plan, tables = dataset
    exact = reference.evaluate(plan, tables, by=by)
    found = product.evaluate(plan, tables, by=by)
    assert set(exact) - set(found) == set()
    assert [line for key, figures in exact.items() for line in differences(figures, found[key], key)] == []


@nasty
@given(dataset=datasets())
def test_the_share_of_a_plant_agrees_with_the_exact_one(dataset: Dataset) -> None:
    plan, tables = dataset
    plant = tables["plants"][-1]["plant"]
    assert plant is not None
    exact = reference.evaluate(plan, tables, plants=[plant])
    assert differences(exact, product.evaluate(plan, tables, plants=[plant]), plant) == []
