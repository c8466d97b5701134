"""Futures of a world as data sets: times, prices, material and jobs as they come, in the place of those planned."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tocfin.dataset import Dataset
from tocfin.forecast.timing import ROW
from tocfin.kernels.draw import GROUP
from tocfin.model.build import Model, build
from tocfin.scenarios.futures import Draws, Future, future, lane_enterprise, lane_schedule
from tocfin.scenarios.uncertainty import QUANTITIES, Uncertainty
from tocfin.scenarios.world import World

#: Nothing is uncertain, not even what columns of the tables declare (breakdowns, scrap rates).
STILL = Uncertainty(off=frozenset(QUANTITIES))


class Life(NamedTuple):
    """One state of a plant: its tables, and the columns from which its terms are summed."""

    dataset: Dataset
    model: Model


def planned(dataset: Dataset) -> Life:
    """A data set as it stands."""
    return Life(dataset, build(dataset))


def lives(world: World, seed: int, count: int) -> Iterator[Life]:
    """The first ``count`` futures of a world; the columns hold the bits that a stored run has of them."""
    for first in range(0, count, GROUP):
        block = future(world, seed, first, GROUP)
        draws = Draws(world, seed, first, GROUP)
        more = draws.more(draws.bad())
        for s in range(min(GROUP, count - first)):
            model = world.model._replace(
                enterprise=lane_enterprise(world, block, s), schedule=lane_schedule(world, block, s)
            )
            yield Life(_tables(world, model, block, more, s), model)


def without_luck(world: World) -> Life:
    """What a world comes to where nothing of it is uncertain."""
    return next(lives(world, 0, 1))


def _tables(world: World, model: Model, block: Future, more: NDArray[np.float64], s: int) -> Dataset:
    """The tables of one future."""
    dataset, tables = world.dataset, dict[str, Any](world.dataset.tables)
    tables["activities"] = timed(tables["activities"], world, model)
    scaled = {"revenue": block.price[:, s]} if block.price.size else {}
    if more.size:
        tables["material_requirements"] = _dearer(tables["material_requirements"], more[:, s])
        scaled["material_cost"] = _share(world, more[:, s])
    gone = {"cancelled": block.absent[:, s] > 0} if block.absent.size else {}
    rows = pl.DataFrame(
        {"job": world.model.keys["job"], **{f"~{name}": value for name, value in (scaled | gone).items()}}
    )
    jobs = tables["jobs"].join(rows, on="job", how="left", maintain_order="left")
    tables["jobs"] = jobs.with_columns(
        *(pl.col(name) * pl.col(f"~{name}") for name in scaled),
        *(pl.col(name).fill_null(False) | pl.col(f"~{name}") for name in gone),
    ).select(tables["jobs"].columns)
    return replace(dataset, tables=tables)


def timed(activities: pl.DataFrame, world: World, model: Model) -> pl.DataFrame:
    """``activities`` with the times, and the stated hours of work, of a model of the world."""
    keys, schedule = world.model.keys, model.schedule
    rows = pl.DataFrame({
        "operation": keys["operation"].gather(world.activity_operation),
        "activity": keys["activity"],
        "resource": keys["resource"].gather(schedule.activity_resource),
        "~start": schedule.activity_start,
        "~end": schedule.activity_end,
        "~hours": schedule.activity_work_hours if schedule.activity_work_hours.size else np.nan,
    })  # fmt: skip
    found = activities.join(rows, on=ROW, how="left", maintain_order="left")
    hours = pl.when(pl.col("work_hours").is_not_null()).then("~hours")
    return found.with_columns(start="~start", end="~end", work_hours=hours).select(activities.columns)


def _dearer(needs: pl.DataFrame, more: NDArray[np.float64]) -> pl.DataFrame:
    """Requirements that take or cost so much more: their quantities, and the amount of what is bought for the job."""
    factor = pl.Series("~more", more)
    return needs.with_columns(pl.col(name) * factor for name in ("required_qty", "issued_qty", "total_cost"))


def _share(world: World, more: NDArray[np.float64]) -> NDArray[np.float64]:
    """How much more the material of each job comes to, where it is stated for the whole of it."""
    extra = np.bincount(
        world.requirement_job, world.requirement_value[:, 0] * (more - 1.0), world.job_rolled_material.size
    )
    rolled = world.job_rolled_material
    return 1.0 + np.divide(extra, rolled, out=np.zeros_like(extra), where=rolled != 0)
