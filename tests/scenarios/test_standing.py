"""Futures that start from the state of the work: what is done is certain, what has begun goes on, luck keeps names."""

from __future__ import annotations

from dataclasses import replace
from typing import cast

import numpy as np
import pytest

from tocfin.dataset import Dataset, Plan
from tocfin.examples import example_dataset
from tocfin.kernels.slots import ADHERED, DUE
from tocfin.measure import plant_terms
from tocfin.model.progress import at_work, progress
from tocfin.scenarios.distributions import Distribution
from tocfin.scenarios.futures import future, lane_schedule, summed
from tocfin.scenarios.resolve import resolve
from tocfin.scenarios.uncertainty import Rule, Uncertainty
from tocfin.scenarios.world import World, prepared

DAY = 86_400


def living(days: int) -> Dataset:
    """The example plant, being worked on, some days after its clock."""
    dataset = example_dataset()
    return at_work(dataset, cast(Plan, dataset.plan).clock + days * DAY)


def world(dataset: Dataset, uncertainty: Uncertainty) -> World:
    return prepared("drawn", dataset, resolve(uncertainty, dataset)[0])


CERTAIN = Uncertainty(off=frozenset(["scrap", "breakdowns"]))
NOISY = Uncertainty(
    off=CERTAIN.off, rules=(Rule("duration", "a.toml", "rule", distribution=Distribution("lognormal", (1.0, 0.3))),)
)


@pytest.mark.parametrize("days", [0, 3])
def test_without_luck_every_future_is_the_schedule_as_of_then(days: int) -> None:
    dataset = living(days)
    found, one = progress(dataset), world(dataset, CERTAIN)
    block = future(one, 1, 0, 64)
    for times, known in ((block.start, found.schedule.activity_start), (block.end, found.schedule.activity_end)):
        np.testing.assert_array_equal(times[:, :3], np.repeat(known[:, None], 3, axis=1))
    terms = summed(one, block, 2).terms[..., 1].T
    moved = plant_terms(found.model._replace(schedule=found.schedule), 1)
    for slot in range(terms.shape[-1]):
        if slot not in (DUE, ADHERED):
            np.testing.assert_array_equal(terms[..., slot], moved[..., slot])
    np.testing.assert_array_equal(terms[..., DUE : ADHERED + 1], plant_terms(found.model, 1)[..., DUE : ADHERED + 1])


def test_luck_moves_only_what_remains_and_keeps_its_names() -> None:
    dataset = living(0)
    at, one = progress(dataset).standing, world(dataset, NOISY)
    plain = world(replace(dataset, plan=replace(cast(Plan, dataset.plan), progress=None)), NOISY)
    block, before = future(one, 1, 0, 64), future(plain, 1, 0, 64)
    np.testing.assert_array_equal(block.end[at.done], np.repeat(at.end[at.done, None], 64, axis=1))
    np.testing.assert_array_equal(block.start[at.begun], np.repeat(at.start[at.begun, None], 64, axis=1))
    assert (block.end[at.begun] >= at.as_of).all()
    assert np.ptp(block.end[at.begun & (at.left > 0)], axis=1).min() > 0
    live = np.setdiff1d(np.flatnonzero(~at.done), one.apart)
    assert (block.start[np.setdiff1d(live, one.begun)] >= at.as_of).all()
    np.testing.assert_array_equal(block.factor[live], before.factor[live])


def test_hours_that_were_reported_are_stretched_only_where_they_are_still_to_come() -> None:
    dataset = living(0)
    table = dataset.tables["activities"]
    hours = (table["end"] - table["start"]).cast(float) / 3_600
    dataset = replace(dataset, tables={**dataset.tables, "activities": table.with_columns(work_hours=hours)})
    one = world(dataset, NOISY)
    at, block = progress(dataset).standing, future(one, 1, 0, 64)
    given = one.model.schedule.activity_work_hours
    worked = lane_schedule(one, block, 5).activity_work_hours
    np.testing.assert_array_equal(worked[at.done], given[at.done])
    begun = np.flatnonzero(at.begun & (at.share > 0))
    np.testing.assert_allclose(
        worked[begun], given[begun] * (1 - at.share[begun] + at.share[begun] * block.factor[begun, 5]), rtol=1e-12
    )
