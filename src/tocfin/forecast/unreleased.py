"""Work that is not in the plan yet but usually is by the close: a demand process, fitted from past periods."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tocfin.dataset import Dataset
from tocfin.dataset.plan import Period
from tocfin.forecast.orders import NEVER, jobs_by_plant
from tocfin.forecast.pipeline import MOST_PERIODS, Insufficient, Span, usual
from tocfin.forecast.spans import before
from tocfin.kpi import Policy


@dataclass(frozen=True)
class Unreleased:
    """Throughput of one plant that past periods released after the same time before their close and still completed.

    ``planned`` is what the plan itself releases from now on; only what is usual beyond it is added. ``values`` per
    replication, or None with the ``reason``.
    """

    plant: str
    periods: int
    usual: float | None
    planned: float
    values: NDArray[np.float64] | None
    reason: str | None = None


def unreleased(
    dataset: Dataset, period: Period, as_of: int, rules: Policy, replications: int, seed: int
) -> list[Unreleased]:
    """One line for each plant; what there is too little history for is said, and nothing is added for it."""
    past = [Span(one.start, one.end) for one in before(dataset, period, MOST_PERIODS)]
    found = []
    plants = sorted(dataset.tables["plants"]["plant"].to_list())
    works = jobs_by_plant(dataset, rules, plants)
    for number, plant in enumerate(plants):
        work = works[plant]
        ahead = work.start[(work.start >= as_of) & (work.start < period.end)]
        planned = float(work.planned[(work.start >= as_of) & (work.start < period.end)].sum()) if ahead.size else 0.0
        known = work._replace(end=np.where(work.end < as_of, work.end, NEVER))
        seen = usual(known, Span(period.start, period.end), past, as_of)
        if isinstance(seen, Insufficient):
            found.append(Unreleased(plant, 0, None, planned, None, seen.reason))
            continue
        luck = np.random.Generator(np.random.PCG64([seed, number, abs(as_of)]))
        more = np.maximum(luck.choice(seen, replications) - planned, 0.0)
        found.append(Unreleased(plant, seen.size, float(seen.mean()), planned, more))
    return found


def by_plant(lines: Sequence[Unreleased]) -> Mapping[str, NDArray[np.float64]]:
    """What is added to the throughput of each plant, per replication."""
    return {line.plant: line.values for line in lines if line.values is not None}
