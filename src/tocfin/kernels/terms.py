"""Money of jobs; the last of three passes over a block of jobs. ``out`` is as in ``tocfin.kernels.orders``."""

from __future__ import annotations

from typing import Any

import numpy as np

from tocfin.kernels.compile import inlined, inner
from tocfin.kernels.orders import NEVER
from tocfin.kernels.slots import (
    CAPITAL_REQUIRED,
    COUNTED,
    DRUM,
    JOBS_ENDED,
    JOBS_ON_TIME,
    LATE,
    LATE_DAYS,
    PAST_DUE_REVENUE,
    REQUIRED,
    SUBCONTRACT_ALL,
)
from tocfin.kernels.worktime import interval_of

DAY = 86_400.0


@inlined
def _add(out: Any, k: Any, g: Any, slot: int, parts: Any, times: float) -> None:
    """Add the parts of a job's throughput, ``times`` each, to one set of jobs."""
    out[k, g, slot] += parts[0] * times
    out[k, g, slot + 1] += parts[1] * times
    out[k, g, slot + 2] += parts[2] * times
    out[k, g, slot + 3] += parts[3] * times
    out[k, g, slot + 4] += parts[4] * times
    out[k, g, slot + 5] += parts[5] * times
    out[k, g, slot + 6] += parts[6] * times
    out[k, g, slot + 7] += parts[7] * times


@inner
def sum_jobs(enterprise: Any, horizon: Any, grouping: Any, jobs: Any, scratch: Any, out: Any) -> None:
    """Sum the money of jobs ``jobs[0] : jobs[1]`` into ``out``.

    ``scratch`` holds what ``sum_orders``, ``sum_subcontract`` and ``sum_drums`` found of them: ``job_end``,
    ``job_scheduled``, ``job_subcontract`` and ``job_on_drum`` (these jobs), ``job_period`` (jobs).
    """
    clock, bounds, job_group = horizon.clock, horizon.bounds, grouping.job_group
    job_end, job_scheduled, job_period = scratch.job_end, scratch.job_scheduled, scratch.job_period
    rolled_up, on_drum = scratch.job_subcontract, scratch.job_on_drum
    cancelled, need, job_plant = enterprise.job_cancelled, enterprise.job_need, enterprise.job_plant
    revenue, shipping, penalty = enterprise.job_revenue, enterprise.job_shipping, enterprise.job_penalty
    own_subcontract, material, floor = enterprise.job_subcontract, enterprise.job_material, enterprise.job_floor
    capital_has_stock = enterprise.plant_capital_has_stock
    near, outside = np.uint64(0), np.uint64(bounds.size - 2)
    for j in range(np.uint64(jobs[0]), np.uint64(jobs[1])):
        if cancelled[j]:
            continue
        i = j - np.uint64(jobs[0])
        g = np.uint64(job_group[j])
        near = interval_of(bounds, job_end[i], near)
        k = near if near < outside else np.uint64(0)
        scheduled = job_scheduled[i] > 0
        subcontract = rolled_up[i] if np.isnan(own_subcontract[j]) else own_subcontract[j]
        if job_end[i] != NEVER:
            out[k, g, SUBCONTRACT_ALL] += subcontract
        if scheduled:
            late = job_end[i] - need[j]
            fine = penalty[j] * (late / DAY) if late > 0 else 0.0
            needed = (material[j, 0], material[j, 1], material[j, 2], material[j, 3])
            parts = (revenue[j], *needed, subcontract, shipping[j], fine)
            if job_period[j] >= 0:
                out[k, g, JOBS_ENDED] += 1.0
                out[k, g, JOBS_ON_TIME] += 1.0 if late <= 0 else 0.0
                _add(out, k, g, COUNTED, parts, 1.0)
                if on_drum[i] > 0:
                    _add(out, k, g, DRUM, parts, 1.0)
            if late > 0:
                _add(out, k, g, LATE, parts, 1.0)
                _add(out, k, g, LATE_DAYS, parts, late / DAY)
        unfinished = not (scheduled and job_end[i] < clock)
        for v in range(4):
            if scheduled if v < 2 else unfinished:  # what scheduled work requires; what was issued to unfinished work
                out[k, g, REQUIRED + v] += floor[j, v]
                if capital_has_stock[np.uint64(job_plant[j])]:
                    out[k, g, CAPITAL_REQUIRED + v] += floor[j, v]
        if unfinished and need[j] < clock:
            out[k, g, PAST_DUE_REVENUE] += revenue[j]
