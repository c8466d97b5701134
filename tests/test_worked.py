"""Numbers worked on paper hold, for the reference and for whoever else claims to know them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

import pytest

import product
import reference
from worked import CASES, Answer, Case

#: Called as evaluate(plan, tables, policy=..., by=...); KPI name -> an object with ``value`` and ``status``.
Evaluate = Callable[..., Mapping[Any, Any]]

EVALUATORS = [pytest.param(reference.evaluate, id="reference"), pytest.param(product.evaluate, id="product")]


def difference(kpi: str, expected: Answer, figures: Mapping[str, Any]) -> str | None:
    """What is wrong with one figure, or None."""
    figure = figures[kpi]
    if isinstance(expected, str):
        return None if (figure.status, figure.value) == (expected, None) else f"{kpi}: {expected}, not {figure}"
    exact = Fraction(expected)
    if figure.status != "ok" or abs(Fraction(figure.value) - exact) > max(Fraction(1), abs(exact)) / 10**9:
        return f"{kpi}: {float(expected)}, not {figure}"
    return None


@pytest.mark.parametrize("evaluate", EVALUATORS)
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_every_number_worked_on_paper_is_reproduced(case: Case, evaluate: Evaluate) -> None:
    wrong: list[tuple[str, str | None, str | None]] = []
    for policy, answers in case.totals.items():
        figures = evaluate(case.plan, case.tables, policy=policy)
        wrong += [(policy, None, difference(kpi, expected, figures)) for kpi, expected in answers.items()]
    for (policy, by), groups in case.groups.items():
        found = evaluate(case.plan, case.tables, policy=policy, by=by)
        for key, answers in groups.items():
            wrong += [(policy, key, difference(kpi, expected, found[key])) for kpi, expected in answers.items()]
    assert case.totals or case.groups
    assert [fault for fault in wrong if fault[-1]] == []
