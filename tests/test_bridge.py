"""What each term adds to the change of a KPI: nothing is left over, whatever the KPI."""

from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tocfin.bridge import DECIMALS, bridge, settle, steps
from tocfin.kernels.slots import N_TERM
from tocfin.kpi import KPIS, SLOT, evaluate, policy

amount = st.one_of(st.sampled_from([0.0, 0.1, 1e-4, 1e9]), st.integers(-(10**9), 10**9).map(lambda cents: cents / 100))
rows = st.lists(amount, min_size=N_TERM, max_size=N_TERM).map(lambda cells: np.array(cells, np.float64))


def terms(**amounts: float) -> np.ndarray:
    row = np.zeros(N_TERM)
    for name, value in amounts.items():
        row[SLOT[name]] = value
    return row


@settings(max_examples=25, deadline=None)
@given(before=rows, after=rows, name=st.sampled_from(["published", "reconciled"]))
def test_terms_add_up_to_the_change_of_every_kpi_to_the_last_digit(before: object, after: object, name: str) -> None:
    rules = policy(name)
    for kpi in KPIS.values():
        found = bridge(kpi, before, after, rules)
        if found.reason is None:
            assert found.residual == 0
            assert found.before + sum(part.amount for part in found.parts) == found.after
            for value, terms in ((found.before, before), (found.after, after)):
                true = float(evaluate(kpi, terms, rules).value)
                assert abs(float(value) - true) <= 10 ** -DECIMALS[kpi.kind == "ratio"] + 1e-15 * abs(true)


def test_a_sum_moves_by_its_signed_terms() -> None:
    before = terms(revenue=1000, material_cost_all=300, plant_expense=200)
    after = terms(revenue=1100, material_cost_all=350.00004, plant_expense=200)
    found = bridge(KPIS["net_profit"], before, after, policy("published"))
    moved = {part.term: part.amount for part in found.parts if part.amount}
    assert moved == {"revenue": Decimal("100.0000"), "material_cost_all": Decimal("-50.0000")}
    assert (found.before, found.after) == (Decimal("500.0000"), Decimal("550.0000"))


def test_a_ratio_moves_by_both_of_its_sides() -> None:
    """T 600 to 900 and OE 200 to 300: T/OE stays 3, +1.25 from more throughput and -1.25 from more expense."""
    before, after = terms(revenue=600, online_cost=200), terms(revenue=900, online_cost=300)
    found = bridge(KPIS["productivity"], before, after, policy("published"))
    moved = {part.term: part.amount for part in found.parts if part.amount}
    assert moved == {"revenue": Decimal("1.25"), "online_cost": Decimal("-1.25")}


def test_groups_of_a_whole_share_the_change_of_its_ratio() -> None:
    before = np.stack([terms(revenue=600, online_cost=100), terms(online_cost=100)])
    after = np.stack([terms(revenue=600, online_cost=100), terms(revenue=300, online_cost=200)])
    whole = before.sum(axis=0), after.sum(axis=0)
    _, amounts = steps(KPIS["productivity"], before, after, policy("published"), whole)
    assert amounts.sum(axis=1) == pytest.approx([0.0, 0.0])
    assert np.abs(amounts).sum(axis=1) == pytest.approx([0.0, 2.5])


def test_where_a_side_has_no_value_there_is_no_bridge_and_a_reason() -> None:
    found = bridge(KPIS["throughput"], terms(revenue=1), terms(revenue=np.nan), policy("published"))
    assert (found.before, found.parts, found.reason) == (None, (), "after: not supplied: jobs.revenue")
    found = bridge(KPIS["productivity"], terms(revenue=1), terms(revenue=1), policy("published"))
    assert found.reason == "before: operating expense is 0"


def test_ticks_go_to_the_largest_remainders_and_never_to_nothing() -> None:
    assert settle(0.0, 1.0, [1 / 3, 1 / 3, 1 / 3, 0.0], 2)[2] == [Decimal("0.34"), Decimal("0.33"), Decimal("0.33"), 0]
    assert settle(0.0, 0.0, [0.004, -0.004], 2)[2] == [0, 0]


def test_parts_of_something_else_are_refused() -> None:
    with pytest.raises(ValueError, match="miss the difference by 1"):
        settle(0.0, 1.0, [1.0, 1.0], 4)
