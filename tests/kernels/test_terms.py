"""Terms: the quick form of carrying cost against the general one, and potential overtime that many share."""

from __future__ import annotations

import numpy as np
import pytest

from tocfin.examples import big_plant, dataset, spell_out
from tocfin.kernels.block import sum_terms
from tocfin.kernels.slots import TERM_NAMES
from tocfin.model.arrange import frozen, in_batch
from tocfin.model.build import Model, build
from tocfin.model.columns import Horizon, Schedule
from tocfin.model.groups import grouping

CARRYING = [TERM_NAMES.index(name) for name in TERM_NAMES if "_carry" in name]


@pytest.fixture(scope="module")
def model() -> Model:
    return build(dataset(*spell_out(big_plant(600))))


def terms(model: Model, schedule: Schedule, horizon: Horizon) -> np.ndarray:
    """Columns are read-only as those of the product are: others would have the kernels compiled once more."""
    columns = {name: frozen(c) if isinstance(c, np.ndarray) else c for name, c in schedule._asdict().items()}
    return sum_terms(model.enterprise, Schedule(**columns), horizon, grouping(model, "plant"))


def horizons(horizon: Horizon) -> list[Horizon]:
    """The plan's own, one whose ends are no edges of periods, and one without periods."""
    day = 86_400
    inner = (horizon.clock + 3 * day, horizon.end - 4 * day)
    return [horizon, Horizon(*inner, horizon.edges), Horizon(*inner, frozen(horizon.edges[:0]))]


@pytest.mark.parametrize("backwards", [False, True])
@pytest.mark.parametrize("which", [0, 1, 2])
def test_plain_orders_cost_what_the_general_form_says(model: Model, which: int, backwards: bool) -> None:
    schedule = model.schedule
    if backwards:  # operations of an order in any order of time, so that they leave periods forwards and backwards
        start, end = schedule.activity_start[::-1], schedule.activity_end[::-1]
        schedule = schedule._replace(activity_start=np.ascontiguousarray(start), activity_end=np.ascontiguousarray(end))
    horizon = horizons(model.horizon)[which]
    assert schedule.order_plain.any()
    general = schedule._replace(order_plain=np.zeros_like(schedule.order_plain))
    quick, slow = (terms(model, s, horizon) for s in (schedule, general))
    assert np.any(slow[:, :, CARRYING])
    np.testing.assert_allclose(quick[:, :, CARRYING], slow[:, :, CARRYING], rtol=1e-11)
    others = np.delete(np.arange(len(TERM_NAMES)), CARRYING)
    np.testing.assert_array_equal(quick[:, :, others], slow[:, :, others])


def test_potential_overtime_costs_the_same_in_one_piece_or_in_two(model: Model) -> None:
    """Every activity is cut in two at its middle: each covers potential overtime in part where the whole covered it."""
    s = model.schedule
    n = s.activity_start.size
    middle = (s.activity_start + s.activity_end) // 2
    interleaved = [np.stack(pair, axis=1).ravel() for pair in ((s.activity_start, middle), (middle, s.activity_end))]
    cut = s._replace(
        operation_first_activity=2 * s.operation_first_activity,
        activity_start=interleaved[0],
        activity_end=interleaved[1],
        activity_resource=np.repeat(s.activity_resource, 2),
        activity_batch=np.repeat(s.activity_batch, 2),
        drum_activity=s.drum_activity[:0],
        drum_job=s.drum_job[:0],
        drum_batched=in_batch(s.activity_batch, s.drum_activity)[:0],
        subcontract_activity=s.subcontract_activity[:0],
        subcontract_job=s.subcontract_job[:0],
        order_plain=np.zeros_like(s.order_plain),
    )
    assert cut.activity_start.size == 2 * n
    used = [i for i, name in enumerate(TERM_NAMES) if "potential_used" in name or "used" in name]
    whole, parts = (terms(model, x, model.horizon)[:, :, used] for x in (s, cut))
    assert np.any(whole)
    np.testing.assert_allclose(parts, whole, rtol=1e-12)
