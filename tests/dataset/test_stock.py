"""Stock over time: the running balances against a plain reference, and what is said of shortages."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings

import product
from cells import Dataset as Drawn
from reference.stock import KINDS, Stock
from stocked import stocked
from tables import PLAN, tables
from tocfin.dataset.stock import STOCK_KIND, balances, doubts, lacking

nasty = settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def instants(rows: pl.DataFrame) -> dict[tuple[str, str], list[tuple[int, float, float]]]:
    """What is there, and what of it is owned, after everything that moves at one instant."""
    found: dict[tuple[str, str], list[tuple[int, float, float]]] = {}
    for row in rows.filter(pl.col("flow") != "opening").iter_rows(named=True):
        kept = found.setdefault((row["item"], row["plant"]), [])
        if kept and kept[-1][0] == row["at"]:
            kept.pop()
        kept.append((row["at"], row["balance"], row["held"]))
    return found


@nasty
@given(drawn=stocked())
def test_stock_day_by_day_is_what_plain_python_says(drawn: Drawn) -> None:
    dataset = product.dataset(*drawn)
    assert dataset.plan is not None
    exact = Stock(*drawn)
    rows = balances(dataset.tables, dataset.plan)
    found = instants(rows)
    assert set(found) == {place for place, store in exact.stores.items() if store.after}
    for place, moments in found.items():
        after = {at: (everything, own) for at, everything, own in exact.stores[place].after}
        assert [at for at, _, _ in moments] == sorted(after)
        for at, balance, held in moments:
            assert balance == pytest.approx(float(after[at][0]), abs=1e-9)
            assert held == pytest.approx(float(after[at][1]), abs=1e-9)
        short = rows.filter(pl.col("item") == place[0], pl.col("plant") == place[1], pl.col("short") > 0)["at"]
        first = exact.stores[place].short
        assert short.min() == (None if first is None else first[0])
    kinds = {KINDS[name]: number for name, number in STOCK_KIND.items()}
    missing = lacking(dataset.tables, dataset.plan)
    assert {kind for kind, number in kinds.items() if number in missing} == exact.unknown


WORK: dict[str, list[dict[str, Any]]] = {
    "items": [{"item": "I1", "cost": 10.0}],
    "warehouses": [{}, {"warehouse": "W2", "owned": False}],
    "resources": [{}],
    "jobs": [{}],
    "manufacturing_orders": [{}],
    "operations": [{"operation": "O1"}],
    "activities": [{"activity": "A1", "operation": "O1", "start": "2026-06-03T08:00Z", "end": "2026-06-03T10:00Z"}],
    "material_requirements": [{"operation": "O1", "item": "I1", "required_qty": 10, "issued_qty": 2}],
}


def said(**more: list[dict[str, Any]]) -> list[str]:
    return [
        f"{finding.rule} {finding.table}:{finding.row} {finding.message}"
        for finding in doubts(tables(**WORK | more), PLAN)
    ]


SUPPLY = {"supply": "S1", "item": "I1", "warehouse": "W1", "qty": 8, "due": "2026-06-04T08:00Z"}


def test_a_shortage_is_told_with_its_first_date_and_quantity() -> None:
    inventories = [{"on_hand_qty": 3}]
    assert said(inventories=inventories, supplies=[SUPPLY]) == [
        "shortage material_requirements:2 'I1' in plant 'P1' is short from 2026-06-03T08:00:00Z on: 5 of 8 are not"
        " covered then, 5 at the worst; order it, have it come sooner, or do the work later"
    ]


@pytest.mark.parametrize("cell", [{"promised": "2026-06-02T08:00Z"}, {"due": "2026-06-03T08:00Z"}])
def test_what_comes_by_the_start_covers_it(cell: dict[str, str]) -> None:
    assert said(inventories=[{"on_hand_qty": 3}], supplies=[SUPPLY | cell]) == []


def test_what_was_received_is_on_hand_already() -> None:
    sooner = SUPPLY | {"due": "2026-06-02T08:00Z", "received_qty": 6}
    assert "3 of 8 are not covered" in said(inventories=[{"on_hand_qty": 3}], supplies=[sooner])[0]


def test_an_overdue_supply_is_expected_now_and_told() -> None:
    found = said(inventories=[{"on_hand_qty": 3}], supplies=[SUPPLY | {"due": "2026-05-30T08:00Z"}])
    assert [line.split()[0] for line in found] == ["overdue-supply"]


def test_without_supplies_nothing_is_called_short() -> None:
    assert said(inventories=[{"on_hand_qty": 3}]) == []


def test_consigned_stock_covers_work_and_becomes_ours_when_it_is_used() -> None:
    stock = [{"on_hand_qty": 3}, {"warehouse": "W2", "on_hand_qty": 6}]
    supply = SUPPLY | {"due": "2026-06-05T08:00Z"}
    rows = balances(tables(**WORK | {"inventories": stock, "supplies": [supply]}), PLAN)
    assert said(inventories=stock, supplies=[supply]) == []
    assert rows.select("flow", "balance", "held", "change").rows() == [
        ("opening", 3.0, 3.0, 3.0),
        ("opening", 9.0, 3.0, 0.0),
        ("issue", 1.0, 0.0, -3.0),  # 3 of ours, 5 of theirs
        ("receipt", 9.0, 8.0, 8.0),
    ]


def test_negative_stock_counts_as_it_is_and_no_consignment_fills_it() -> None:
    stock = [{"on_hand_qty": -4}, {"warehouse": "W2", "on_hand_qty": 6}]
    rows = balances(tables(**WORK | {"inventories": stock, "supplies": [SUPPLY]}), PLAN)
    assert rows.filter(pl.col("flow") == "opening")["held"].to_list() == [-4.0, -4.0]
    issue = rows.filter(pl.col("flow") == "issue").row(0, named=True)
    assert (issue["balance"], issue["held"], issue["short"]) == (-6.0, -6.0, 6.0)
    assert Fraction(issue["change"]) == -2  # the other 6 were never ours


def test_work_that_is_done_or_cancelled_takes_nothing() -> None:
    for change in (
        {"activities": [WORK["activities"][0] | {"status": "Finished"}]},
        {"activities": [WORK["activities"][0] | {"start": "2026-05-29T08:00Z", "end": "2026-05-29T10:00Z"}]},
        {"jobs": [{"cancelled": True}]},
    ):
        assert said(inventories=[{"on_hand_qty": 0}], supplies=[SUPPLY], **change) == []
