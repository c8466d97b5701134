"""A month whose plan overlaps becomes one that can be carried out: work takes its hours, not the days that it spans."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import tocfin
from shared_data import shared_data
from tables import PLAN, tables
from tocfin.dataset import Dataset
from tocfin.dataset.imports import example_finance, import_dataset
from tocfin.dataset.plan import build as plan_of
from tocfin.dataset.write import write
from tocfin.reschedule.clock import Clock
from tocfin.reschedule.improve import PRESENT, RIGHT_SHIFT, improve
from tocfin.reschedule.problem import build_problem
from tocfin.reschedule.prove import proved
from tocfin.reschedule.source import assumed
from tocfin.reschedule.stays import Zones, staying

DAY, HOUR = 86_400, 3_600


def test_work_that_spans_days_takes_its_hours_and_what_is_reported_later_has_not_begun() -> None:
    """Three orders of ten days each over each other, four hours of work in each; one of them is in work."""
    later = {"status": "Finished", "actual_start": PLAN.clock + DAY, "actual_end": PLAN.clock + 9 * DAY}
    begun = {"status": "Started", "actual_start": PLAN.clock - DAY}
    cells: dict[str, dict[str, object]] = {"A": later, "B": {}, "C": begun}
    whole = Dataset("months", None, PLAN, tables(
        resources=[{}],
        jobs=[{"job": key} for key in cells],
        manufacturing_orders=[{"manufacturing_order": f"M{key}", "job": key} for key in cells],
        operations=[{"operation": f"O{key}", "manufacturing_order": f"M{key}"} for key in cells],
        activities=[{"activity": f"W{key}", "operation": f"O{key}", "start": PLAN.clock, "end": PLAN.clock + 10 * DAY,
                     "work_hours": 4.0} | some for key, some in cells.items()],
    ), ())  # fmt: skip
    assert staying(whole, Zones()) == {4: "history"}
    found = improve(build_problem(whole), Clock(0, work=20))
    assert found.named(PRESENT).breaches
    assert not found.best.breaches
    times = {row["activity"]: (row["start"], row["end"]) for row in found.best.activities.to_dicts()}
    assert sorted([times["WA"], times["WB"]]) == [
        (PLAN.clock, PLAN.clock + 4 * HOUR), (PLAN.clock + 4 * HOUR, PLAN.clock + 8 * HOUR)
    ]  # fmt: skip
    assert times["WC"] == (PLAN.clock, PLAN.clock + 10 * DAY)


def test_a_month_of_adventureworks_is_made_finite_and_better_than_right_shift(tmp_path: Path) -> None:
    start, end = (int(datetime(2014, month, 1, tzinfo=UTC).timestamp()) for month in (5, 6))
    folder = shared_data("adventureworks")
    imported = import_dataset("adventureworks", folder, finance=example_finance("adventureworks"), start=start, end=end)
    plan, _ = plan_of(imported.plan, "plan.toml", "imported")
    assert plan is not None
    dataset = tocfin.read(write(imported.tables, plan, tmp_path / "imported", form="parquet")).require()
    found = improve(build_problem(dataset), Clock(0, work=300), threads=1)
    assert not found.best.breaches
    assert found.named(PRESENT).breaches
    right = found.named(RIGHT_SHIFT)
    assert found.best.price.objective - right.price.objective > 0
    proof = proved(assumed(dataset), [right, found.best], replications=64)
    assert proof.best.candidate.name == found.best.name
    assert proof.best.gain.low > 0
