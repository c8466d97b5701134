"""Jobs are booked and timed plant after plant, which no figure tells."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from test_ordinary import COUNT, FIRST, SEED, alike, general

from tocfin.bench.plant import shop
from tocfin.bench.worlds import world
from tocfin.dataset import Dataset
from tocfin.scenarios.ordinary import Ordinary
from tocfin.scenarios.together import block_sums
from tocfin.scenarios.world import World

DAY = 86_400


@pytest.fixture(scope="module")
def dataset() -> Dataset:
    return shop(600)


def ordinary(one: World) -> Ordinary:
    assert one.ordinary is not None
    return one.ordinary


def changed(dataset: Dataset, name: str, *columns: pl.Expr) -> World:
    return world(replace(dataset, tables={**dataset.tables, name: dataset.tables[name].with_columns(*columns)}))


def has_the_bits_of_the_general_way(one: World) -> None:
    alike(block_sums([one], SEED, FIRST, COUNT)[0], general(one))


def test_columns_are_those_of_the_model_plant_after_plant(dataset: Dataset) -> None:
    one = world(dataset)
    books, model = ordinary(one).books, one.model
    assert (np.diff(one.groups.job_group) < 0).any(), "plants are mixed in the model"
    assert (np.diff(books.groups.job_group) >= 0).all()
    for name in ("job_need", "job_revenue", "job_material", "job_floor"):
        np.testing.assert_array_equal(getattr(books.enterprise, name), getattr(model.enterprise, name)[books.job])
    resource = books.schedule.activity_resource
    np.testing.assert_array_equal(resource[books.place], model.schedule.activity_resource)
    first = [columns.operation_first_activity for columns in (books.schedule, model.schedule)]
    for row, job in enumerate(books.job.tolist()):
        here, there = (
            np.arange(*start[table.order_first_operation[table.job_first_order[at : at + 2]]])
            for start, table, at in zip(first, (books.enterprise, model.enterprise), (row, job), strict=True)
        )
        np.testing.assert_array_equal(books.place[there], here)
    np.testing.assert_array_equal(
        books.job[books.schedule.drum_job][np.argsort(books.schedule.drum_activity)],
        one.activity_job[np.argsort(books.place)][np.sort(books.schedule.drum_activity)],
    )
    has_the_bits_of_the_general_way(one)


def test_members_stand_plant_after_plant_and_know_which_they_were(dataset: Dataset) -> None:
    one = world(dataset)
    way = ordinary(one).route
    np.testing.assert_array_equal(one.network.member_row[way.member_rank], way.member_row)
    plant = one.model.enterprise.job_plant[way.member_job]
    assert (np.diff(plant) >= 0).all()
    assert (np.diff(way.member_rank)[np.diff(plant) == 0] > 0).all()


def test_jobs_on_a_drum_of_another_plant_are_booked_in_their_own_order(dataset: Dataset) -> None:
    resources = dataset.tables["resources"]
    drum = resources.filter(pl.col("drum"))["resource"][0]
    plants = dataset.tables["plants"]["plant"].to_list()
    elsewhere = pl.when(pl.col("resource") == drum).then(pl.lit(plants[-1])).otherwise("plant")
    one = changed(dataset, "resources", elsewhere.alias("plant").cast(resources.schema["plant"]))
    np.testing.assert_array_equal(ordinary(one).books.job, np.arange(one.model.enterprise.job_plant.size))
    has_the_bits_of_the_general_way(one)


def test_an_order_is_chained_where_each_activity_waits_for_the_one_before_it(dataset: Dataset) -> None:
    assert ordinary(world(dataset)).chained.all()
    some = dataset.tables["manufacturing_orders"]["manufacturing_order"][3]
    sequence = pl.when(pl.col("manufacturing_order") == some).then(10).otherwise("sequence")
    one = changed(dataset, "operations", sequence.alias("sequence"))
    plan = ordinary(one)
    row = one.model.keys["job"].to_list().index(dataset.tables["manufacturing_orders"]["job"][3])
    np.testing.assert_array_equal(plan.books.job[plan.chained == 0], [row])
    has_the_bits_of_the_general_way(one)


def test_the_first_activity_that_is_stuck_is_told_whatever_its_plant(dataset: Dataset) -> None:
    last_day = dataset.tables["activities"].select(pl.col("end").max() // DAY).item()
    one = changed(dataset, "calendars", pl.lit(last_day - 1, pl.Int64).alias("valid_to"))
    stuck = block_sums([one], SEED, FIRST, COUNT)[0].stuck
    plant = one.model.enterprise.job_plant[one.activity_job[stuck[stuck >= 0]]]
    assert np.unique(plant).size > 1
    assert one.ordinary is not None
    has_the_bits_of_the_general_way(one)
