"""A quote worked on paper: the order goes into the first gaps of the plan, and its price is judged by what it does."""

from __future__ import annotations

import pytest

from forecast.two_jobs import HOUR, two_jobs
from tables import PLAN
from tocfin.errors import UsageError
from tocfin.forecast.laid import laid_out
from tocfin.forecast.new_order import NEW, Order, taken
from tocfin.forecast.quote import quoted
from tocfin.forecast.variants import asked_of


def test_an_order_takes_the_first_gaps_that_are_long_enough_and_moves_nothing() -> None:
    dataset = two_jobs()
    found = taken(dataset, laid_out(dataset, None), Order("P", quantity=5.0))
    rows = found.dataset.tables["activities"].filter(
        found.dataset.tables["activities"]["operation"].str.starts_with(NEW)
    )
    hours = [
        ((start - PLAN.clock) / HOUR, (end - PLAN.clock) / HOUR) for start, end in rows["start", "end"].iter_rows()
    ]
    # half of the run of A: 0.5 h of setup and 0.75 h a step; the saw is free from 4 h on, the mill from 7 h on
    assert hours == [(4.0, 5.25), (7.0, 8.25)]
    assert found.price == 500.0
    assert found.dataset.tables["activities"].height == 6
    assert dataset.tables["activities"].height == 4


def test_a_short_order_fits_before_the_drums_first_job() -> None:
    dataset = two_jobs()
    found = taken(dataset, laid_out(dataset, None), Order("P", quantity=1.0))
    assert (found.start - PLAN.clock) / HOUR == 4.0  # the saw works from 0 to 4
    assert found.end - PLAN.clock == round((7 + 0.65) * HOUR)  # 0.5 h of setup, 0.15 h of run


def test_what_it_brings_is_its_throughput_less_what_others_lose() -> None:
    found = quoted(asked_of(two_jobs(), policy="reconciled"), Order("P", quantity=5.0, price=800.0), replications=64)
    assert found.effect.throughput.value == 800.0 - 150.0  # nobody else is moved
    assert found.better.value == 1.0
    assert found.inside.value == 1.0
    assert found.break_even == pytest.approx(found.price - found.effect.net_profit.value)
    assert found.hits == ()
    assert {round(at.value) for at in found.promise.values()} == {found.end - 3_600}  # B's mill starts an hour sooner


def test_a_late_order_pays_like_the_job_that_it_is_like() -> None:
    order = Order("Q", quantity=4.0, price=1000.0, due=PLAN.clock)
    found = quoted(asked_of(two_jobs(), policy="reconciled"), order, replications=64)
    hours_late = (found.promise[0.5].value - PLAN.clock) / HOUR
    assert found.effect.throughput.value == pytest.approx(1000.0 - 10.0 * hours_late)


@pytest.mark.parametrize(
    ("order", "told"),
    [
        (Order("X"), "'X' is not in items"),
        (Order("P", like="B"), "'B' is no completely planned job of 'P'"),
        (Order("I1"), "no completely planned job of 'I1'"),
    ],
)
def test_what_cannot_be_quoted_is_refused_by_name(order: Order, told: str) -> None:
    with pytest.raises(UsageError, match=told):
        quoted(asked_of(two_jobs()), order)


def test_a_price_that_nobody_knows_is_asked_for() -> None:
    jobs = [{"job": "A", "product": "P", "quantity": 1.0, "revenue": None}, {"job": "B"}]
    with pytest.raises(UsageError, match="say --price"):
        quoted(asked_of(two_jobs(jobs=jobs)), Order("P"))
