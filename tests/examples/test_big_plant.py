"""The coded business is legal, has the mix that the benchmark asks for, and means the same as text."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tocfin.catalogue import INTERVAL_TYPES
from tocfin.dataset import read
from tocfin.dataset.write import write
from tocfin.examples import Coded, big_plant, dataset, spell_out

POTENTIAL = INTERVAL_TYPES.index("PotentialOvertime")


@pytest.fixture(scope="module")
def coded() -> Coded:
    return big_plant(100_000)


def test_row_numbers_are_small_integers_that_name_a_row(coded: Coded) -> None:
    for column, table in (
        ("resource_plant", coded.plant_expense),
        ("interval_resource", coded.resource_plant),
        ("job_plant", coded.plant_expense),
        ("job_product", coded.item_kind),
        ("order_job", coded.job_plant),
        ("operation_order", coded.order_job),
        ("requirement_operation", coded.operation_order),
        ("activity_operation", coded.operation_order),
        ("activity_resource", coded.resource_plant),
    ):
        rows = getattr(coded, column)
        assert rows.dtype == np.int32, column
        assert rows.min() >= 0, column
        assert rows.max() < table.size, column


def test_the_mix_is_what_the_benchmark_asks_for(coded: Coded) -> None:
    at = coded.activity_resource
    assert coded.resource_drum[at].mean() >= 0.02
    assert coded.resource_subcontractor[at].mean() >= 0.02
    assert (coded.activity_batch >= 0).mean() >= 0.01
    assert coded.job_cancelled.mean() > 0.005
    assert (coded.resource_plant.size, coded.plant_expense.size, coded.edges.size) == (1_000, 8, 5)


def test_activities_are_grouped_by_job_and_none_ends_before_it_starts(coded: Coded) -> None:
    assert (coded.activity_end > coded.activity_start).all()
    assert (np.diff(coded.activity_operation) == 1).all()
    assert (np.diff(coded.operation_order) >= 0).all()
    assert (np.diff(coded.order_job) >= 0).all()


def test_one_activity_in_twenty_touches_potential_overtime(coded: Coded) -> None:
    late = coded.interval_kind == POTENTIAL
    touched = 0
    for resource in range(0, 1_000, 7):
        mine = late & (coded.interval_resource == resource)
        here = coded.activity_resource == resource
        starts, ends = coded.interval_start[mine], coded.interval_end[mine]
        overlaps = (coded.activity_start[here, None] < ends) & (coded.activity_end[here, None] > starts)
        touched += int(overlaps.any(axis=1).sum())
    assert touched / np.isin(coded.activity_resource, np.arange(0, 1_000, 7)).sum() >= 0.05


def test_a_batch_is_one_span_on_one_resource_for_three_jobs(coded: Coded) -> None:
    members = np.flatnonzero(coded.activity_batch >= 0)
    order = members[np.argsort(coded.activity_batch[members], kind="stable")].reshape(-1, 3)
    for column in (coded.activity_batch, coded.activity_resource, coded.activity_start, coded.activity_end):
        assert (column[order] == column[order[:, :1]]).all()


def test_the_same_seed_gives_the_same_columns() -> None:
    first, second, other = big_plant(5_000), big_plant(5_000), big_plant(5_000, seed=8)
    for name in Coded._fields:
        np.testing.assert_array_equal(getattr(first, name), getattr(second, name), err_msg=name)
    assert not np.array_equal(first.activity_start, other.activity_start)


@pytest.mark.parametrize("n_activities", [1, 7, 10, 1_234])
def test_any_number_of_activities_is_a_legal_data_set(n_activities: int) -> None:
    coded = big_plant(n_activities)
    assert coded.activity_start.size == n_activities
    assert dataset(*spell_out(coded)).ok


def test_the_spelled_out_tables_survive_parquet(tmp_path: Path) -> None:
    spelled = dataset(*spell_out(big_plant(2_000))).require()
    assert spelled.plan is not None
    back = read(write(spelled.tables, spelled.plan, tmp_path / "big", form="parquet"))
    assert back.ok
    assert all(back.tables[name].equals(frame) for name, frame in spelled.tables.items())


def test_a_plant_without_room_for_its_drums_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 12 resources"):
        big_plant(100, n_resources=20, n_plants=8)
