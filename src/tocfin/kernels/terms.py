"""Money of jobs; the last of three passes over a block of jobs. ``out`` is as in ``tocfin.kernels.orders``."""

from __future__ import annotations

from typing import Any

import numpy as np

from tocfin.kernels.compile import inlined, kernel
from tocfin.kernels.orders import NEVER
from tocfin.kernels.slots import (
    CAPITAL_REQUIRED,
    COUNTED,
    DRUM,
    JOBS_ENDED,
    JOBS_ON_TIME,
    LATE,
    LATE_DAYS,
    N_PART,
    PAST_DUE_REVENUE,
    REQUIRED,
    SUBCONTRACT_ALL,
)
from tocfin.kernels.worktime import period_of

DAY = 86_400.0


@inlined
def _throughput(out: Any, g: int, k: int, parts: Any, counted: bool, on_drum: bool, late: int) -> None:
    """Parts of a scheduled job's throughput, in each set of jobs that it belongs to."""
    if counted:
        out[k, g, JOBS_ENDED] += 1.0
        for p in range(N_PART):
            out[k, g, COUNTED + p] += parts[p]
        if on_drum:
            for p in range(N_PART):
                out[k, g, DRUM + p] += parts[p]
        if late <= 0:
            out[k, g, JOBS_ON_TIME] += 1.0
    if late > 0:
        days = late / DAY
        for p in range(N_PART):
            out[k, g, LATE + p] += parts[p]
            out[k, g, LATE_DAYS + p] += parts[p] * days


@kernel
def sum_jobs(enterprise: Any, horizon: Any, grouping: Any, jobs: Any, scratch: Any, out: Any) -> None:
    """Sum the money of jobs ``jobs[0] : jobs[1]`` into ``out``.

    ``scratch`` holds what ``sum_orders``, ``sum_subcontract`` and ``sum_drums`` found: ``job_end``, ``job_scheduled``,
    ``job_period``, ``job_subcontract`` and ``job_on_drum`` (jobs).
    """
    clock, bounds, job_group = horizon.clock, horizon.bounds, grouping.job_group
    job_end, job_scheduled, job_period = scratch.job_end, scratch.job_scheduled, scratch.job_period
    rolled_up, on_drum = scratch.job_subcontract, scratch.job_on_drum
    cancelled, need, job_plant = enterprise.job_cancelled, enterprise.job_need, enterprise.job_plant
    revenue, shipping, penalty = enterprise.job_revenue, enterprise.job_shipping, enterprise.job_penalty
    own_subcontract, material, floor = enterprise.job_subcontract, enterprise.job_material, enterprise.job_floor
    capital_has_stock = enterprise.plant_capital_has_stock
    parts = np.empty(N_PART, np.float64)
    for j in range(np.uint64(jobs[0]), np.uint64(jobs[1])):
        if cancelled[j]:
            continue
        g = job_group[j]
        k = period_of(bounds, job_end[j])
        scheduled = job_scheduled[j] > 0
        subcontract = rolled_up[j] if np.isnan(own_subcontract[j]) else own_subcontract[j]
        if job_end[j] != NEVER:
            out[k, g, SUBCONTRACT_ALL] += subcontract
        if scheduled:
            late = job_end[j] - need[j]
            parts[0] = revenue[j]
            parts[1], parts[2], parts[3], parts[4] = material[j, 0], material[j, 1], material[j, 2], material[j, 3]
            parts[5] = subcontract
            parts[6] = shipping[j]
            parts[7] = penalty[j] * (late / DAY) if late > 0 else 0.0
            _throughput(out, g, k, parts, job_period[j] >= 0, on_drum[j] > 0, late)
        unfinished = not (scheduled and job_end[j] < clock)
        for v in range(4):
            if scheduled if v < 2 else unfinished:  # what scheduled work requires; what was issued to unfinished work
                out[k, g, REQUIRED + v] += floor[j, v]
                if capital_has_stock[job_plant[j]]:
                    out[k, g, CAPITAL_REQUIRED + v] += floor[j, v]
        if unfinished and need[j] < clock:
            out[k, g, PAST_DUE_REVENUE] += revenue[j]
