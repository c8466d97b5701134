"""One believable mid-size business, made from a seed; and the same kind of data at any size for benchmarks.

``example_plant`` is a maker of hydraulic pumps and valve blocks with a plant in Esslingen and one in Milwaukee.
``big_plant`` gives integer-coded columns; ``spell_out`` turns them into tables with text keys.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl

from tocfin.dataset import Dataset
from tocfin.examples import business, rows, shopfloor
from tocfin.examples.alternatives import write_scenarios
from tocfin.examples.dispatch import schedule
from tocfin.examples.frames import complete, dataset, from_rows
from tocfin.examples.midway import MIDWAY, midway
from tocfin.examples.orders import draw_jobs
from tocfin.examples.scale import Coded, big_plant
from tocfin.examples.spell import spell_out
from tocfin.examples.supplies import demand_rows, supply_rows
from tocfin.examples.targets import target_rows
from tocfin.examples.workplace import write_workplace

__all__ = [
    "MIDWAY", "SEED", "Coded", "big_plant", "dataset", "example_dataset", "example_plant", "half_finished",
    "spell_out", "write_scenarios", "write_workplace",
]  # fmt: skip

SEED = 7


def example_plant(seed: int = SEED) -> tuple[dict[str, Any], dict[str, pl.DataFrame]]:
    """Plan and tables of the example business.

    The plan is the content of plan.toml; the tables are typed as the catalogue says, ``row`` first, and the
    schedule is feasible: no resource does two things at once, work pauses outside the shifts, and no step
    begins before those ahead of it. The same seed gives the same tables on every machine.
    """
    rng = np.random.Generator(np.random.PCG64(seed))
    jobs = draw_jobs(rng)
    schedule([operation.task for job in jobs for operation in job.operations])
    rows.upset(rng, jobs)
    listed = {
        "plants": list(business.PLANTS),
        "resources": shopfloor.resource_rows(),
        "capacity_intervals": shopfloor.own_interval_rows(),
        "calendars": shopfloor.calendar_rows(),
        "items": business.item_rows(),
        "warehouses": business.warehouse_rows(),
        "inventories": business.inventory_rows(),
        "jobs": rows.job_rows(rng, jobs),
        "manufacturing_orders": rows.order_rows(jobs),
        "operations": rows.operation_rows(jobs),
        "precedences": rows.precedence_rows(jobs),
        "alternatives": rows.alternative_rows(jobs),
        "activities": rows.activity_rows(rng, jobs),
        "material_requirements": rows.material_rows(rng, jobs),
        "targets": target_rows(),
        "buffers": shopfloor.buffer_rows(),
        "supplies": supply_rows(jobs),
        "demands": demand_rows(),
        "periods": business.period_rows(),
    }
    return business.plan(), complete({name: from_rows(name, content) for name, content in listed.items()})


def half_finished(as_of: int = MIDWAY, seed: int = SEED) -> Dataset:
    """The example business in the middle of its period, as of an instant [s]: statuses, quantities, events.

    What happened is one of its own futures; ``plan.progress`` asks for futures from there. Most of the statuses come
    from the events, so that both tell the same.
    """
    return dataset(*midway(example_dataset(seed), as_of, seed))


def example_dataset(seed: int = SEED) -> Dataset:
    """The example business as a checked data set, with no files involved."""
    return dataset(*example_plant(seed))
