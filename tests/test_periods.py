"""Accounting periods of any calendar: parts sum to the whole, and stock is known at the end of each of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import product
from cells import Dataset as Drawn
from cells import written
from reference import policy_flags
from reference.stock import Stock
from stocked import stocked
from tocfin.dataset import Dataset
from tocfin.kpi import CLOSING, KPIS

DAY = 86_400
few = settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@st.composite
def calendars(draw: st.DrawFn) -> Drawn:
    """A plant that closes by a 4-4-5 calendar, by months or in the middle of a shift, in local time or in UTC."""
    plan, tables = draw(stocked())
    plan.pop("periods", None)
    clock = int(plan["plan"]["clock"].timestamp())
    kind = draw(st.sampled_from(("4-4-5", "months", "cuts")))
    if kind == "4-4-5":
        first = clock - draw(st.integers(0, 90)) * DAY
        weeks = [0, 4, 8, 13, 17, 21, 26]
        edges = [first // DAY * DAY + week * 7 * DAY for week in weeks]
    elif kind == "months":
        month = datetime.fromtimestamp(clock, UTC).replace(day=1, hour=0, minute=0, second=0)
        starts = [month.replace(month=month.month - 1), month, (month + timedelta(days=32)).replace(day=1)]
        edges = [int(start.timestamp()) for start in [*starts, (starts[-1] + timedelta(days=32)).replace(day=1)]]
    else:
        cuts = st.lists(st.integers(-40, 4 * 24 * 60), min_size=2, max_size=5, unique=True)
        edges = sorted(clock + minute * 60 for minute in draw(cuts))
    zones = {row["timezone"] or "UTC" for row in tables["plants"]}
    zone = zones.pop() if len(zones) == 1 else "UTC"
    style = draw(st.integers(0, 2))
    tables["periods"] = [
        {"period": f"P{k}", "start": written(start, zone, style), "end": written(end, zone, style)}
        for k, (start, end) in enumerate(pairwise(edges))
    ]
    plan["edges"] = edges
    return plan, tables


def opened(drawn: Drawn) -> tuple[dict[str, Any], Dataset, Drawn]:
    """What is drawn, read; and the same with its periods as boundaries of plan.toml."""
    plan, tables = drawn
    edges = [datetime.fromtimestamp(edge, UTC) for edge in plan["edges"]]
    plain = {name: rows for name, rows in tables.items() if name != "periods"}
    plan = {name: content for name, content in plan.items() if name != "edges"}
    return plan, product.dataset(plan, tables), (plan | {"periods": {"boundaries": edges}}, plain)


@few
@given(drawn=calendars())
def test_the_table_of_periods_cuts_as_the_same_boundaries_do_and_parts_sum(drawn: Drawn) -> None:
    plan, _, bounded = opened(drawn)
    card, same = product.scorecard(plan, drawn[1], by="period"), product.scorecard(*bounded, by="period")
    assert [group.key for group in card.groups] == [row["period"] for row in drawn[1]["periods"]] + ["outside"]
    assert [group.figures for group in card.groups] == [group.figures for group in same.groups]
    for name, kpi in KPIS.items():
        parts = [group.figures[name].value for group in card.groups]
        if kpi.kind == "flow" and card.figures[name].value is not None:
            size = max(1.0, *(abs(part or 0.0) for part in parts))
            assert sum(part or 0.0 for part in parts) == pytest.approx(card.figures[name].value, abs=1e-9 * size)


@few
@given(drawn=calendars(), policy=st.sampled_from(("published", "reconciled")))
def test_closing_stock_is_what_plain_python_says(drawn: Drawn, policy: str) -> None:
    plan, dataset, _ = opened(drawn)
    tables = drawn[1]
    exact, flags = Stock(plan, tables), policy_flags(plan, policy)
    assert dataset.plan is not None
    every = {str(row["plant"]) for row in tables["plants"]}
    total = product.evaluate(plan, tables, policy)
    plants = product.evaluate(plan, tables, policy, by="plant")
    periods = product.evaluate(plan, tables, policy, by="period")
    places = [(total, exact.world.horizon_end, every)]
    places += [(plants[key], exact.world.horizon_end, {key}) for key in every]
    places += [(periods[period.name], period.end, every) for period in dataset.plan.buckets]
    for name, closing in CLOSING.items():
        for figures, instant, shown in places:
            figure = figures[closing]
            if name == "return_on_investment":
                below, above = figures["closing_investment"].value, figures["net_profit"].value
                assert figure.value == pytest.approx(above / below if above is not None and below else None)
                continue
            value = exact.closing(name, flags, instant, shown)
            assert (figure.status == "ok") == (value is not None), (closing, instant)
            assert figure.status in ("ok", "not_projected", "not_supplied")
            if value is not None:
                assert figure.value == pytest.approx(float(value), rel=1e-9, abs=1e-6)
    for period in periods.values():  # at a later instant a stock is what it closes at, never that of the clock
        for name, closing in CLOSING.items():
            assert (period[name].value, period[name].status) == (period[closing].value, period[closing].status)


def test_closing_kpis_stand_beside_the_contract() -> None:
    assert not any(KPIS[name].contract for name in CLOSING.values())
    assert all(KPIS[name].kind == "stock" or KPIS[name].stock for name in (*CLOSING, *CLOSING.values()))
