"""Small plants that are always open, and worlds of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from tables import PLAN, tables
from tocfin.dataset import Dataset
from tocfin.model.network import StartPolicy
from tocfin.scenarios.resolve import resolve
from tocfin.scenarios.uncertainty import Uncertainty
from tocfin.scenarios.world import World, prepared

HOUR = 3_600
#: One activity: job, resource, first and last hour after the clock, and what else its row says.
Work = tuple[str, str, float, float] | tuple[str, str, float, float, Mapping[str, Any]]


def plant(work: Sequence[Work], jobs: Mapping[str, Mapping[str, Any]] | None = None) -> Dataset:
    """Jobs of one order each, whose activities follow each other as they are listed: A0, A1 ... by place."""
    names = list(dict.fromkeys(one[0] for one in work))
    resources = sorted({one[1] for one in work})
    told = {name: dict((jobs or {}).get(name, {})) for name in names}
    rows = tables(
        resources=[{"resource": name} for name in resources],
        jobs=[{"job": name, "need_date": PLAN.clock + 10_000 * HOUR} | told[name] for name in names],
        manufacturing_orders=[{"manufacturing_order": f"M{name}", "job": name} for name in names],
        operations=[
            {"operation": f"O{k}", "manufacturing_order": f"M{one[0]}", "sequence": 10 * (k + 1)}
            for k, one in enumerate(work)
        ],
        activities=[
            {"activity": f"A{k}", "operation": f"O{k}", "resource": one[1]}
            | {"start": PLAN.clock + round(one[2] * HOUR), "end": PLAN.clock + round(one[3] * HOUR)}
            | dict(one[4] if len(one) > 4 else {})
            for k, one in enumerate(work)
        ],
    )
    return Dataset("shop", None, PLAN, rows, ())


def world(
    dataset: Dataset, uncertainty: Uncertainty | None = None, start_policy: StartPolicy = "as soon as possible"
) -> World:
    """A world of a data set."""
    resolved, findings = resolve(uncertainty or Uncertainty(), dataset)
    assert not findings, [str(finding) for finding in findings]
    return prepared("drawn", dataset, resolved, start_policy=start_policy)


def rows(one: World, *activities: str) -> list[int]:
    """Rows of the schedule that activities stand in."""
    keys = one.model.keys["activity"].to_list()
    return [keys.index(name) for name in activities]


def job_shop(seed: int = 3) -> Dataset:
    """Eight jobs over four machines, each machine in the order in which a list puts its work; two move together."""
    rng = np.random.default_rng(seed)
    free, machine = dict.fromkeys(range(8), 0), dict.fromkeys(range(4), 0)
    work: list[Work] = []
    for _ in range(3):
        for job in rng.permutation(8).tolist():
            r = int(rng.integers(4))
            start = max(free[job], machine[r])
            free[job] = machine[r] = start + int(rng.integers(1, 9))
            work.append((f"J{job}", f"R{r}", start, free[job]))
    last = max(free.values())
    together: list[Work] = [(f"J{job}", "R9", last, last + 6, {"batch": "B1"}) for job in (1, 2)]
    return plant([*work, *together])
