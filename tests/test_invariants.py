"""The invariants of kpi.md 1.9 on drawn datasets, for the reference and for whoever else evaluates them."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings

import product
import reference
from cells import Dataset
from invariants import INVARIANTS, Evaluate
from strategies import datasets

EVALUATORS = [pytest.param(reference.evaluate, id="reference"), pytest.param(product.evaluate, id="product")]


@pytest.mark.parametrize("evaluate", EVALUATORS)
@pytest.mark.parametrize("invariant", INVARIANTS, ids=lambda invariant: invariant.__name__)
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(dataset=datasets())
def test_it_holds_on_every_drawn_plant(
    invariant: Callable[[Evaluate, Dataset], None], evaluate: Evaluate, dataset: Dataset
) -> None:
    invariant(evaluate, dataset)
