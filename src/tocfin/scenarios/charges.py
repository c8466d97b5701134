"""What jobs cost and earn in the futures of a block, and when they end: added up per job over replications."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tocfin.kernels.draw import GROUP
from tocfin.kernels.turn import last_ends
from tocfin.model.columns import Floats, Instants

if TYPE_CHECKING:
    from tocfin.scenarios.futures import Future
    from tocfin.scenarios.world import World

Times = NDArray[np.int64]
DAY = 86_400.0


class Charged(NamedTuple):
    """Money has one sum per 64 replications, so that adding it up does not depend on how long a block is."""

    job_end: Times  # (jobs) [s] ends, after the clock
    job_inside: Times  # (jobs) replications in which it ended inside the horizon
    job_penalty: Floats  # (jobs, groups) [money] late penalty, with its grace and its cap
    job_penalty_square: Floats  # (jobs, groups) [money²]
    job_earned: Floats  # (jobs, groups) [money] revenue where it ended inside the horizon


class Ends(NamedTuple):
    """When the scheduled jobs end."""

    job: Instants  # (ends) row of the jobs
    here: NDArray[np.bool_]  # (ends, lanes) it takes place
    end: Times  # (ends, lanes) [s]


def ends(world: World, block: Future, count: int) -> Ends:
    """Ends of scheduled jobs in the first ``count`` replications of a block."""
    model, jobs = world.model, np.flatnonzero(world.job_scheduled)
    here = np.ones((jobs.size, count), np.bool_)
    if block.absent.size:
        here = block.absent[jobs, :count] == 0
    here &= model.enterprise.job_cancelled[jobs, None] == 0
    end = np.empty((jobs.size, count), np.int64)
    last_ends(jobs, world.job_first_activity, block.end, end)
    return Ends(jobs, here, end)


def charged(world: World, block: Future, found: Ends) -> Charged:
    """Sums over the replications of ``found``; a job whose rate is not supplied has no penalty once it is late."""
    enterprise, horizon, job = world.model.enterprise, world.model.horizon, found.job
    n, count = world.job_scheduled.size, found.end.shape[1]
    end, inside = (np.zeros(n, np.int64) for _ in range(2))
    ended = found.here & (horizon.clock <= found.end) & (found.end < horizon.end)
    end[job] = np.where(found.here, found.end - horizon.clock, 0).sum(axis=1)
    inside[job] = ended.sum(axis=1)
    pays = np.flatnonzero(enterprise.job_penalty[job] != 0)  # one that is not supplied does, too
    paying = job[pays]
    late = np.where(found.here[pays], np.maximum(found.end[pays] - enterprise.job_need[paying, None], 0), 0)
    penalty = late_penalty(late, enterprise.job_penalty[paying], world.job_grace[paying], world.job_cap[paying])
    revenue = enterprise.job_revenue[job, None]
    if block.price.size:
        revenue = revenue * block.price[job, :count]
    return Charged(
        end,
        inside,
        _by_group(penalty, paying, n),
        _by_group(np.square(penalty), paying, n),
        _by_group(np.where(ended, revenue, 0.0), job, n),
    )


def late_penalty(late: Times, rate: Floats, grace: Floats, cap: Floats) -> Floats:
    """What being ``late`` [s] (jobs, lanes) costs: ``rate`` a day beyond ``grace`` days, ``cap`` at most (kpi 1.1e)."""
    days = late / DAY - grace[:, None]
    free = days <= 0
    charge: Floats = np.minimum(rate[:, None] * np.where(free, 0.0, days), cap[:, None])
    return np.where(free, 0.0, charge)


def relieved(world: World, block: Future, count: int) -> Floats:
    """(count) What grace and caps take off the late penalties of jobs that end inside the horizon [money].

    What is not supplied is relieved of nothing.
    """
    found, enterprise, horizon = ends(world, block, count), world.model.enterprise, world.model.horizon
    excused = (world.job_grace > 0) | np.isfinite(world.job_cap)
    rows = np.flatnonzero((excused & (np.nan_to_num(enterprise.job_penalty) != 0))[found.job])
    job, end = found.job[rows], found.end[rows]
    counts = found.here[rows] & (horizon.clock <= end) & (end < horizon.end)
    late = np.where(counts, np.maximum(end - enterprise.job_need[job, None], 0), 0)
    plain = enterprise.job_penalty[job, None] * (late / DAY)
    owed = late_penalty(late, enterprise.job_penalty[job], world.job_grace[job], world.job_cap[job])
    relief: Floats = (plain - owed).sum(axis=0)
    return relief


def _by_group(values: Floats, job: Instants, n: int) -> Floats:
    """Sums over every 64 lanes for all jobs; lanes that are missing count as 0, so that every sum has one order."""
    groups = -(-values.shape[1] // GROUP)
    padded = np.zeros((values.shape[0], groups * GROUP))
    padded[:, : values.shape[1]] = values
    out = np.zeros((n, groups))
    out[job] = padded.reshape(-1, groups, GROUP).sum(axis=2)
    return out
