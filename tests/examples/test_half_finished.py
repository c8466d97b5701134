"""The example business in the middle of its period, and the same business when everything went as planned."""

from __future__ import annotations

from dataclasses import replace
from typing import cast

import polars as pl
import pytest

from tocfin.dataset import Dataset, Plan
from tocfin.events import Journal, fold
from tocfin.examples import MIDWAY, half_finished
from tocfin.measure import measure
from tocfin.model.progress import at_work, present, progress
from tocfin.reschedule.plan_check import breaches
from tocfin.unconfirmed import doubt

WEDNESDAY = MIDWAY - 7 * 86_400


@pytest.fixture(scope="module")
def now() -> Dataset:
    return half_finished()


def test_what_is_done_was_reported_and_a_little_is_not_confirmed(now: Dataset) -> None:
    assert not [one for one in now.findings if one.grade == "error"]
    found = progress(now)
    assert found.standing.as_of == MIDWAY
    done, begun, rest = (line.activities for line in found.lines())
    assert done > 2_500
    assert rest > 2_000
    assert 5 < begun < 100
    one = doubt(found)
    assert 20 < one.count < 200
    assert one.money["not_done"]["net_profit"].value < one.money["as_planned"]["net_profit"].value  # type: ignore[operator]
    names = [line.name for line in measure(found.moved()).lines]
    assert {"sale", "stock", "from_stock", "throughput", "delivered"} <= set(names)


def test_its_events_leave_no_orphan_and_say_no_more_than_its_statuses(now: Dataset) -> None:
    journal = Journal()
    journal.add(now.tables["events"])
    folded = fold(journal, now.tables, cast(Plan, now.plan))
    assert folded.orphans == ()
    assert folded.reversed == 6
    assert {"material_issue", "labour_booking", "completion", "rework", "downtime", "shipment"} <= set(folded.counts)
    again = progress(now).dataset.tables
    for table in ("activities", "operations", "jobs", "material_requirements"):
        assert again[table].equals(now.tables[table])


def test_seen_from_a_week_before_later_reports_are_not_used(now: Dataset) -> None:
    earlier = progress(now, WEDNESDAY)
    assert doubt(earlier).unused > 1_000
    at = earlier.standing
    assert at.end[at.done].max() <= WEDNESDAY
    done = earlier.dataset.tables["operations"]
    told = now.tables["events"].filter(pl.col("type") == "completion", pl.col("recorded_at") > WEDNESDAY)
    only_later = done.filter(pl.col("operation").is_in(told["operation"].implode()), pl.col("good_qty").is_not_null())
    before = now.tables["events"].filter(pl.col("type") == "completion", pl.col("recorded_at") <= WEDNESDAY)
    assert set(only_later["operation"]) <= set(before["operation"])
    assert progress(now, MIDWAY + 3 * 86_400).later == 0


def test_the_schedule_as_of_then_can_be_carried_out(now: Dataset) -> None:
    today = present(now)
    assert cast(Plan, today.plan).clock == MIDWAY
    assert list(breaches(today, today.tables["activities"])) == []
    assert present(example := replace(now, plan=replace(cast(Plan, now.plan), progress=None))) is example


def test_with_everything_confirmed_as_planned_the_kpis_are_those_of_the_plan(example: Dataset) -> None:
    plan = cast(Plan, example.plan)
    when = plan.clock + 9 * 86_400 + 3_600
    over, under = pl.col("end") <= when, pl.col("start") <= when
    told = example.tables["activities"].with_columns(
        status=pl.when(over).then(pl.lit("Finished")).when(under).then(pl.lit("Started")).otherwise(pl.lit("Planned")),
        actual_start=pl.when(under).then("start"),
        actual_end=pl.when(over).then("end"),
        remaining_hours=pl.lit(None, pl.Float64),
    )
    confirmed = replace(example, tables={**example.tables, "activities": told})
    found = progress(at_work(confirmed, when))
    assert found.standing.missing.size == 0
    assert found.moved().tables["activities"].equals(told)
    assert measure(found.moved()) == measure(confirmed)
