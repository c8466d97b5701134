"""The plant made ready to be simulated: durations that vary, and nine alternatives under the same luck."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tocfin.bench.plant import MORE_HOURS, shift
from tocfin.dataset import Dataset
from tocfin.examples.frames import from_rows
from tocfin.scenarios.distributions import Distribution
from tocfin.scenarios.resolve import resolve
from tocfin.scenarios.uncertainty import Factor, Rule, Uncertainty
from tocfin.scenarios.world import World, prepared

Floats = NDArray[np.float64]
CV, LOADING = 0.25, 0.5
N_SCENARIO = 10

UNCERTAINTY = Uncertainty(
    (Factor("resource", "replication", "resource"),),
    (Rule("duration", "bench", "duration", {}, Distribution("lognormal", (1.0, CV)), {"resource": LOADING}),),
)

#: What an alternative does to a data set, and by how much it changes the work of each activity.
Change = Callable[[Dataset, str], tuple[Dataset, Floats | None]]


def world(dataset: Dataset, name: str = "plan") -> World:
    """The plan: lognormal durations of mean 1, one common factor for each resource in each replication."""
    resolved, _ = resolve(UNCERTAINTY, dataset.require())
    return prepared(name, dataset, resolved)


def worlds(dataset: Dataset, n: int = N_SCENARIO) -> list[World]:
    """The plan and ``n`` - 1 alternatives: faster drums, drums with longer hours, dearer lateness; plant by plant."""
    plants = dataset.tables["plants"]["plant"].to_list()
    found = [world(dataset)]
    for number in range(n - 1):
        change, plant = CHANGES[number % len(CHANGES)], plants[number // len(CHANGES) % len(plants)]
        changed, work = change(dataset, plant)
        resolved, _ = resolve(UNCERTAINTY, changed)
        name = f"{change.__name__} {plant}"
        found.append(prepared(name, changed, resolved, activity_work=work, base=dataset))
    return found


def faster(dataset: Dataset, plant: str) -> tuple[Dataset, Floats]:
    """A tenth less work at the drums of ``plant``."""
    drums = dataset.tables["resources"].filter((pl.col("plant") == plant) & pl.col("drum"))["resource"]
    at_drum = dataset.tables["activities"]["resource"].is_in(drums.implode()).to_numpy()
    return dataset, np.where(at_drum, 0.9, 1.0)


def longer(dataset: Dataset, plant: str) -> tuple[Dataset, None]:
    """Saturdays too at the drums of ``plant``; nothing where everybody works around the clock."""
    resources, calendars = dataset.tables["resources"], dataset.tables["calendars"]
    if not calendars.height:
        return dataset, None
    longer = calendars.filter(pl.col("calendar") == "drum").with_columns(calendar=pl.lit("more"))
    more = from_rows("calendars", [shift("more", *MORE_HOURS)])
    here = (pl.col("plant") == plant) & pl.col("drum")
    changed = pl.when(here).then(pl.lit("more")).otherwise("calendar").alias("calendar")
    tables = {"resources": resources.with_columns(changed), "calendars": pl.concat([calendars, longer, more])}
    return replace(dataset, tables={**dataset.tables, **tables}), None


def dearer(dataset: Dataset, plant: str) -> tuple[Dataset, None]:
    """Twice the penalty for what is late in ``plant``."""
    rate = pl.col("late_penalty_per_day")
    twice = pl.when(pl.col("plant") == plant).then(2 * rate).otherwise(rate).alias(rate.meta.output_name())
    return replace(dataset, tables={**dataset.tables, "jobs": dataset.tables["jobs"].with_columns(twice)}), None


CHANGES: tuple[Change, ...] = (faster, longer, dearer)
