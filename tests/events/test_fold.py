"""Events folded: worked by hand, in any order and any batches, with reversals, late arrivals and orphans."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from random import Random
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared_data import shared_data
from tables import PLAN, frame, seconds, tables
from tocfin.catalogue import BY_NAME
from tocfin.dataset.imports import Imported, import_dataset
from tocfin.dataset.plan import build
from tocfin.errors import DatasetError
from tocfin.events import Folded, Journal, fold
from tocfin.events.effects import TERMS
from tocfin.events.state import applied

MON, TUE, NEXT = "2026-06-01T10:00Z", "2026-06-02T10:00Z", "2026-06-09T10:00Z"
WEEKS = [
    {"period": "week 1", "start": "2026-06-01T00:00Z", "end": "2026-06-08T00:00Z", "status": "closed"},
    {"period": "week 2", "start": "2026-06-08T00:00Z", "end": "2026-06-15T00:00Z", "status": "open"},
]
WORLD: dict[str, Sequence[Mapping[str, Any]]] = {
    "resources": [{}, {"resource": "R2", "drum": False, "standard_hourly_cost": 25.0}],
    "items": [{}, {"item": "P1", "item_type": "FinishedGood", "cost": 30.0}],
    "jobs": [{"product": "P1", "quantity": 10.0, "revenue": 1000.0}],
    "manufacturing_orders": [{}],
    "operations": [{"operation": "O1", "sequence": 10}, {"operation": "O2", "sequence": 20}],
    "activities": [{"activity": "A1", "operation": "O1"}, {"activity": "A2", "operation": "O2", "resource": "R2"}],
    "material_requirements": [{"operation": "O1", "item": "I1", "required_qty": 20.0}],
}
EVENTS = [
    {"event_id": "E1", "type": "material_issue", "operation": "O1", "item": "I1", "qty": 5.0},
    {"event_id": "E2", "type": "labour_booking", "operation": "O1", "resource": "R1", "hours": 2.0},
    {"event_id": "E3", "type": "completion", "operation": "O1", "good_qty": 9.0, "scrap_qty": 1.0},
    {"event_id": "E4", "type": "labour_booking", "operation": "O2", "resource": "R2", "hours": 1.5},
    {"event_id": "E5", "type": "completion", "operation": "O2", "good_qty": 4.0},
    {"event_id": "E6", "type": "downtime", "resource": "R1", "hours": 3.0},
    {"event_id": "E7", "type": "rework", "operation": "O2", "resource": "R2", "hours": 0.5, "amount": 99.0},
    {"event_id": "E8", "type": "shipment", "job": "J1", "qty": 4.0},
    {"event_id": "E9", "type": "invoice", "job": "J1", "amount": 400.0},
    {"event_id": "F1", "type": "receipt", "item": "I1", "qty": 7.0},
]


def events(*rows: Mapping[str, Any]) -> pl.DataFrame:
    common = {"occurred_at": MON, "recorded_at": TUE, "plant": "P1"}
    return frame(BY_NAME["events"], [common | dict(row) for row in rows])


def folded(*batches: pl.DataFrame, **more: Sequence[Mapping[str, Any]]) -> Folded:
    journal = Journal()
    for batch in batches:
        journal.add(batch)
    return fold(journal, tables(**{**WORLD, **more}), PLAN)


def totals(found: Folded) -> dict[str, float]:
    return {term: found.total(term) for term in TERMS if any(term == known for _, _, known in found.terms)}


def test_every_kind_of_event_is_worth_what_a_controller_works_out_by_hand() -> None:
    assert totals(folded(events(*EVENTS))) == {
        "material_issued": 50.0,  # 5 x 10
        "labour_hours": 3.5,
        "labour_cost": 2 * 40 + 1.5 * 25,
        "drum_hours": 2.0,
        "good_qty": 13.0,
        "finished_value": 4 * 30.0,  # only the last operation makes finished goods
        "scrap_qty": 1.0,
        "scrap_cost": 30.0,
        "rework_hours": 0.5,
        "rework_cost": 99.0,  # the event's own amount wins
        "downtime_hours": 3.0,
        "downtime_drum_hours": 3.0,
        "downtime_cost": 120.0,
        "received_value": 70.0,
        "delivered_qty": 4.0,
        "delivered_revenue": 400.0,  # 4 of 10 of 1000
        "delivered_material": 80.0,  # 4 of 10 of 20 x 10
        "invoiced": 400.0,
    }


def test_the_state_of_the_work_is_what_the_events_say() -> None:
    journal = Journal()
    journal.add(events(*EVENTS))
    state = applied(journal, tables(**WORLD))
    assert state["operations"].select("good_qty", "scrap_qty").rows() == [(9.0, 1.0), (4.0, None)]
    first, second = state["activities"].to_dicts()
    assert (first["status"], first["actual_start"], first["actual_end"]) == (
        "Finished", seconds(MON) - 7200, seconds(MON),
    )  # fmt: skip
    assert (second["status"], second["actual_start"], second["actual_end"]) == ("Started", seconds(MON) - 5400, None)
    job = state["jobs"].row(0, named=True)
    assert (job["delivered_qty"], job["shipped_at"], job["invoiced_at"]) == (4.0, seconds(MON), seconds(MON))
    assert state["material_requirements"]["issued_qty"].to_list() == [5.0]


def test_a_shipment_of_an_item_for_no_job_is_a_sale_from_stock() -> None:
    sold = {"type": "shipment", "item": "P1", "qty": 3.0}
    line = {"demand": "D1", "item": "P1", "qty": 9.0, "unit_price": 70.0}
    other = line | {"demand": "D2", "job": "J1", "unit_price": 999.0}
    assert totals(folded(events(sold | {"event_id": "S1"}), demands=[line, other])) == {
        "shelf_qty": 3.0,
        "shelf_revenue": 210.0,
        "shelf_material": 90.0,
    }
    assert totals(folded(events(sold | {"event_id": "S1", "amount": 200.0})))["shelf_revenue"] == 200.0
    assert folded(events(sold | {"event_id": "S1"})).unvalued == {"shelf_revenue": 1}  # nobody says at what price


def test_amounts_take_the_average_rate_of_the_day_on_which_they_happen() -> None:
    """A franc plant, a yen job: 400 francs are invoiced on Monday at 2, 100 more in the next week at 3."""
    rates = [
        {"currency": "CHF", "rate_type": "average", "valid_from": "2026-01-01", "rate": 2.0},
        {"currency": "CHF", "rate_type": "average", "valid_from": "2026-06-08", "rate": 3.0},
        {"currency": "JPY", "rate_type": "average", "valid_from": "2026-01-01", "rate": 0.5},
    ]
    later = {
        "event_id": "F2",
        "type": "invoice",
        "job": "J1",
        "amount": 100.0,
        "occurred_at": NEXT,
        "recorded_at": NEXT,
    }
    found = folded(
        events(*EVENTS, later), exchange_rates=rates, plants=[{"currency": "CHF"}],
        jobs=[{"product": "P1", "quantity": 10.0, "revenue": 1000.0, "currency": "JPY"}],
    )  # fmt: skip
    assert found.total("invoiced") == 400 * 2 + 100 * 3
    assert found.total("labour_cost") == 2 * (2 * 40 + 1.5 * 25)
    assert found.total("delivered_revenue") == 400 * 0.5


def test_cost_booked_on_a_cancelled_job_stays_in_the_actuals() -> None:
    cancelled = {"jobs": [WORLD["jobs"][0] | {"cancelled": True}]}
    assert totals(folded(events(*EVENTS), **cancelled)) == totals(folded(events(*EVENTS)))


def test_events_of_a_split_operation_are_about_the_activity_on_their_resource_and_fill_up_its_quantity() -> None:
    parts = [("A1", "R1", 6.0), ("A2", "R2", 4.0), ("A3", "R2", 5.0)]
    world = WORLD | {
        "activities": [
            {"activity": name, "operation": "O1", "resource": on, "quantity": quantity, "start": seconds(MON) + at}
            | {"end": seconds(NEXT)}
            for at, (name, on, quantity) in enumerate(parts)
        ]
    }
    rows = [
        {"event_id": "1", "type": "labour_booking", "resource": "R2", "hours": 1.0},
        {"event_id": "2", "type": "completion", "resource": "R2", "good_qty": 3.0, "scrap_qty": 1.0},
        {"event_id": "3", "type": "completion", "resource": "R1", "good_qty": 2.0},
        {"event_id": "4", "type": "completion", "resource": "R2", "good_qty": 2.0, "occurred_at": TUE},
    ]
    journal = Journal()
    journal.add(events(*({"operation": "O1"} | row for row in rows)))
    found = applied(journal, tables(**world))["activities"]
    assert found.select("activity", "status", "actual_start", "actual_end").rows() == [
        ("A1", "Started", seconds(MON), None),
        ("A2", "Finished", seconds(MON) - 3600, seconds(MON)),
        ("A3", "Started", seconds(TUE), None),
    ]


def test_a_repeated_event_is_counted_and_ignored_and_a_changed_one_is_refused() -> None:
    once, twice = folded(events(*EVENTS)), folded(events(*EVENTS), events(*EVENTS[:3], *EVENTS[:1]))
    assert (twice.repeated, twice.events, twice.terms) == (4, 10, once.terms)
    with pytest.raises(DatasetError, match="'E1' is there before with other content"):
        folded(events(*EVENTS), events(EVENTS[0] | {"qty": 6.0}))


def test_a_reversal_nets_out_and_may_be_reversed_itself() -> None:
    back = {"event_id": "R1", "type": "material_issue", "reverses": "E1"}
    again = {"event_id": "R2", "type": "material_issue", "reverses": "R1"}
    plain = folded(events(*EVENTS))
    undone = folded(events(*EVENTS, back))
    assert undone.total("material_issued") == 0.0
    assert undone.reversed == 1
    assert folded(events(*EVENTS, back, again)).terms == plain.terms
    journal = Journal()
    journal.add(events(*EVENTS, back))
    assert applied(journal, tables(**WORLD))["material_requirements"]["issued_qty"].to_list() == [None]


def test_a_second_reversal_and_one_of_nothing_are_orphans() -> None:
    rows = [
        {"event_id": "R2", "type": "material_issue", "reverses": "E1"},
        {"event_id": "R1", "type": "material_issue", "reverses": "E1"},
        {"event_id": "R3", "type": "material_issue", "reverses": "nothing", "amount": 5.0},
    ]
    found = folded(events(*EVENTS, *rows))
    assert [(orphan.event_id, orphan.amount) for orphan in found.orphans] == [("R2", None), ("R3", 5.0)]
    assert found.total("material_issued") == 0.0


def test_a_late_event_for_a_closed_period_is_a_dated_adjustment_of_the_open_one() -> None:
    late = {"event_id": "L1", "type": "material_issue", "item": "I1", "qty": 2.0, "recorded_at": NEXT}
    found = folded(events(*EVENTS, late), periods=WEEKS)
    assert found.terms["week 1", "P1", "material_issued"] == 50.0
    assert found.terms["week 2", "P1", "material_issued"] == 20.0
    assert [(one.event_id, one.of, one.period, one.amount, one.recorded_at) for one in found.adjustments] == [
        ("L1", "week 1", "week 2", 20.0, seconds(NEXT))
    ]
    back = {"event_id": "L2", "type": "material_issue", "reverses": "E1", "recorded_at": NEXT}
    found = folded(events(*EVENTS, back), periods=WEEKS)
    assert found.terms["week 1", "P1", "material_issued"] == 50.0  # what is closed stays
    assert found.terms["week 2", "P1", "material_issued"] == -50.0


def test_the_cut_off_and_not_the_end_closes_a_period() -> None:
    week = [WEEKS[0] | {"cut_off": "2026-06-10T00:00Z"}, WEEKS[1]]
    late = {"event_id": "L1", "type": "material_issue", "item": "I1", "qty": 2.0, "recorded_at": NEXT}
    assert folded(events(late), periods=week).terms == {("week 1", "P1", "material_issued"): 20.0}


@pytest.mark.parametrize(
    "row",
    [
        {"type": "material_issue", "item": "gone", "qty": 3.0},
        {"type": "labour_booking", "resource": "gone", "hours": 3.0},
        {"type": "completion", "job": "gone", "good_qty": 3.0},
        {"type": "downtime", "hours": 3.0},
        {"type": "shipment", "job": "gone", "qty": 3.0},
        {"type": "invoice", "job": "J1"},
    ],
)
def test_an_event_that_lands_in_no_term_is_an_orphan(row: dict[str, Any]) -> None:
    found = folded(events({"event_id": "O", **row}))
    assert [orphan.event_id for orphan in found.orphans] == ["O"]
    assert found.terms == {}


def test_an_amount_that_nobody_can_know_is_counted_and_is_not_0() -> None:
    world = {"resources": [{"standard_hourly_cost": None}]}
    found = folded(events({"event_id": "E", "type": "labour_booking", "resource": "R1", "hours": 2.0}), **world)
    assert found.unvalued == {"labour_cost": 1}
    assert ("1", "P1", "labour_cost") not in found.terms
    assert found.total("labour_hours") == 2.0


def test_events_outside_every_period_are_kept_apart_and_parts_sum_to_the_whole() -> None:
    before = {"event_id": "B", "type": "invoice", "job": "J1", "amount": 7.0, "occurred_at": "2025-01-01T00:00Z"}
    found = folded(events(*EVENTS, before))
    assert found.terms["outside", "P1", "invoiced"] == 7.0
    assert found.total("invoiced") == 407.0


@settings(max_examples=40)
@given(st.data())
def test_shuffled_duplicated_and_split_into_batches_the_bits_are_the_same(data: st.DataObject) -> None:
    amounts = data.draw(st.lists(st.floats(-1e9, 1e9), min_size=1, max_size=30))
    rows = [
        {"event_id": f"{at:03}", "type": "invoice", "amount": amount, "recorded_at": (TUE, NEXT)[at % 2]}
        for at, amount in enumerate(amounts)
    ]
    rows += [
        {"event_id": f"R{at:03}", "type": "invoice", "reverses": f"{at:03}"}
        for at in data.draw(st.sets(st.integers(0, len(amounts) - 1)))
    ]
    whole = folded(events(*rows), periods=WEEKS)
    mixed = data.draw(st.permutations(rows + data.draw(st.lists(st.sampled_from(rows), max_size=10))))
    size = data.draw(st.integers(1, len(mixed)))
    parts = folded(*(events(*mixed[at : at + size]) for at in range(0, len(mixed), size)), periods=WEEKS)
    assert repr(parts.terms) == repr(whole.terms)
    assert (parts.adjustments, parts.orphans, parts.events) == (whole.adjustments, whole.orphans, whole.events)
    assert parts.repeated == len(mixed) - len(rows)


@pytest.fixture(scope="module")
def history() -> tuple[Imported, pl.DataFrame]:
    """AdventureWorks, and its work orders as the events that a shop floor would have sent."""
    imported = import_dataset("adventureworks", shared_data("adventureworks")).require()
    common = {"plant": "AdventureWorks"}
    hours = imported.tables["activities"].select(
        event_id=pl.concat_str(pl.lit("L"), "operation"), type=pl.lit("labour_booking"), occurred_at="actual_end",
        recorded_at="actual_end", operation="operation", resource="resource", hours="work_hours",
    )  # fmt: skip
    jobs = imported.tables["jobs"]
    done = jobs.select(
        event_id=pl.concat_str(pl.lit("C"), "job"), type=pl.lit("completion"), occurred_at="need_date",
        recorded_at="need_date", job="job", good_qty="delivered_qty",
        scrap_qty=pl.col("quantity") - pl.col("delivered_qty"),
    )  # fmt: skip
    sold = jobs.filter(pl.col("purpose") == "Sale").select(
        event_id=pl.concat_str(pl.lit("S"), "job"), type=pl.lit("shipment"), occurred_at="need_date",
        recorded_at="need_date", job="job", qty="delivered_qty", amount="revenue",
    )  # fmt: skip
    empty = frame(BY_NAME["events"], [])
    every = pl.concat([empty, hours, done, sold], how="diagonal").with_columns(
        plant=pl.lit(common["plant"]), row=pl.int_range(2, pl.len() + 2)
    )
    return imported, every.select(empty.columns)


def test_the_history_of_adventureworks_as_events_is_its_control_totals(history: tuple[Imported, pl.DataFrame]) -> None:
    imported, every = history
    plan, _ = build(imported.plan, "plan.toml", "aw")
    assert plan is not None
    journal = Journal()
    journal.add(every)
    found = fold(journal, imported.tables, plan)
    known = {one.name: one.imported for one in imported.totals}
    assert found.total("labour_hours") == known["resource hours"] == pytest.approx(228_962.2, rel=1e-15)
    assert found.total("labour_cost") == known["routing cost"] == pytest.approx(3_487_969.50, abs=1e-6)
    assert found.total("scrap_qty") == known["quantity scrapped"] == 10_651
    assert found.total("good_qty") + found.total("scrap_qty") == known["quantity ordered"] == 4_507_721
    assert found.total("delivered_revenue") == known["revenue (list price valid at the end, else the current one)"]
    assert found.orphans == ()
    rows = every.height
    luck = Random(1)
    order = [*range(rows), *(luck.randrange(rows) for _ in range(rows // 10))]
    luck.shuffle(order)
    split = Journal()
    step = len(order) // 100 + 1
    for at in range(0, len(order), step):
        split.add(every[order[at : at + step]])
    again = fold(split, imported.tables, plan)
    assert repr(again.terms) == repr(found.terms)
    assert again.repeated == len(order) - rows
