"""The product says what the reference says, on every drawn plant, for every policy, flag and split."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, given, settings

import product
import reference
from cells import Dataset
from strategies import datasets
from tocfin.measure import measure

nasty = settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def differences(expected: dict[str, reference.Value], found: dict[str, Any], place: object) -> list[str]:
    return [
        f"{place} {kpi}: {value} is not {found[kpi]}"
        for kpi, value in expected.items()
        if not reference.agrees(value, found[kpi].value, found[kpi].status)
    ]


@nasty
@given(drawn=datasets())
def test_every_figure_of_the_whole_and_of_every_part_agrees_with_the_exact_one(drawn: Dataset) -> None:
    """Each plant is read once and evaluated by both policies, by every split, and for its last plant alone."""
    plan, tables = drawn
    dataset = product.dataset(plan, tables)
    faults: list[str] = []
    for policy in ("published", "reconciled"):
        exact = reference.evaluate(plan, tables, policy=policy)
        faults += differences(exact, measure(dataset, policy=policy).figures, policy)
    for by in ("plant", "period", "job", "resource", "product"):
        parts = reference.evaluate(plan, tables, by=by)
        found = {group.key: group.figures for group in measure(dataset, by=by).groups}
        assert set(parts) - set(found) == set()
        faults += [line for key, figures in parts.items() for line in differences(figures, found[key], (by, key))]
    plant = tables["plants"][-1]["plant"]
    assert plant is not None
    exact = reference.evaluate(plan, tables, plants=[plant])
    faults += differences(exact, measure(dataset, plants=(plant,)).figures, plant)
    assert faults == []
