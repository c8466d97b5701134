"""The entry the rest calls: all terms of one schedule, in blocks of jobs that may run on any number of threads.

A block is a fixed range of jobs and is summed on its own; block sums are added in their order. So the bits do not
depend on the number of threads.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tocfin.kernels.capacity import HAS_POTENTIAL, sum_batches, sum_capacity, sum_stock
from tocfin.kernels.compile import lean
from tocfin.kernels.orders import sum_orders
from tocfin.kernels.potential import note_touched, note_used
from tocfin.kernels.slots import CARRY_OP_END, FG_CARRY_CLAMPED, N_TERM
from tocfin.kernels.terms import sum_jobs
from tocfin.kernels.work import sum_drums, sum_subcontract

#: Jobs of one block: enough work to hide the call, few enough to share out.
JOBS_PER_BLOCK = 32_768
#: Jobs that one pass handles before the next one does: what it read is still near then, and calls are few.
JOBS_AT_A_TIME = 1_024
#: Above this many sums (periods x groups), blocks would cost more memory than they save time.
LARGEST_BLOCKED_OUT = 4_096

#: Terms of carrying cost, summed in money per day times seconds: a division for each order took 1 ns an activity.
CARRYING = slice(CARRY_OP_END, FG_CARRY_CLAMPED + 1)
DAY = 86_400.0
FIRST, LAST = np.iinfo(np.int64).min, np.iinfo(np.int64).max

Spread = Callable[[Callable[[int], Any], Iterable[int]], list[Any]]


class Scratch(NamedTuple):
    """Working space of one block, and what its passes know of the jobs; see ``sum_orders``, ``sum_jobs``, ``pack``."""

    operation_start: NDArray[np.int64]
    operation_end: NDArray[np.int64]
    touched: NDArray[np.int32]
    first_bucket: NDArray[np.int16]
    last_bucket: NDArray[np.int16]
    used: NDArray[np.uint8]
    first_used: NDArray[np.int64]
    packed: NDArray[np.int64]
    packed_resource: NDArray[np.int32]
    resource_packed: NDArray[np.int64]
    job_period: NDArray[np.int32]
    job_end: NDArray[np.int64]
    job_scheduled: NDArray[np.uint8]
    job_subcontract: NDArray[np.float64]
    job_on_drum: NDArray[np.uint8]


class Packed(NamedTuple):
    """Times of one block that touch potential overtime in part."""

    times: NDArray[np.int64]  # as ``sum_capacity`` reads them
    resource: NDArray[np.int32]
    of_resource: NDArray[np.int64]  # (resources) how many


class Span(NamedTuple):
    """The horizon with bounds that hold every instant: interval 0 and the last one are *outside*, period 0."""

    clock: int
    end: int
    bounds: NDArray[np.int64]


def span_of(horizon: Any) -> Span:
    """The horizon as the kernels read it."""
    return Span(horizon.clock, horizon.end, np.concatenate([[FIRST], horizon.edges, [LAST]]).astype(np.int64))


@lean
def sum_block(enterprise: Any, schedule: Any, span: Any, grouping: Any, jobs: Any, scratch: Any, out: Any) -> Any:
    """All passes over jobs ``jobs[0] : jobs[1]``, some at a time; how many times are in ``scratch.packed``.

    What the first pass reads of an activity is still in the processor's cache when the later ones look again.
    """
    n_packed: Any = np.int64(0)  # a bare 0 would be a type of its own, and the loop compiled twice
    drum = np.searchsorted(schedule.drum_job, jobs[0])
    subcontracted = np.searchsorted(schedule.subcontract_job, jobs[0])
    first = jobs[0]
    while first < jobs[1]:
        last = min(first + JOBS_AT_A_TIME, jobs[1])
        some = (first, last)
        sum_orders(enterprise, schedule, span, grouping, some, scratch, out)
        n_touched = note_touched(enterprise, schedule, some, scratch)
        n_packed = note_used(enterprise, schedule, span, n_touched, scratch, n_packed)
        begin = subcontracted
        while subcontracted < schedule.subcontract_job.size and schedule.subcontract_job[subcontracted] < last:
            subcontracted += 1
        sum_subcontract(enterprise, schedule, begin, subcontracted, first, scratch.job_subcontract)
        begin = drum
        while drum < schedule.drum_job.size and schedule.drum_job[drum] < last:
            drum += 1
        sum_drums(enterprise, schedule, span, grouping, begin, drum, first, scratch, out)
        sum_jobs(enterprise, span, grouping, some, scratch, out)
        first = last
    return n_packed


@lean
def place(packed: Any, packed_resource: Any, out_place: Any, out_packed: Any) -> None:
    """Put the packed times of one block where those of each resource begin; ``out_place`` (resources) moves on."""
    for i in range(np.uint64(packed.size)):
        r = np.uint64(packed_resource[i])
        out_packed[np.uint64(out_place[r])] = packed[i]
        out_place[r] += 1


def by_resource(parts: Sequence[Packed], n_resource: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Packed times of all blocks by resource: (times, first one of each resource)."""
    first = np.zeros(n_resource + 1, np.int64)
    for part in parts:
        first[1:] += part.of_resource
    first = np.cumsum(first)
    times, behind = np.empty(first[-1], np.int64), first[:-1].copy()
    for part in parts:
        place(part.times, part.resource, behind, times)
    return times, first


def segments_of(enterprise: Any) -> tuple[NDArray[np.int64], NDArray[np.uint8]]:
    """A mark for each segment of each resource with potential overtime: (first one of each resource, zeros)."""
    segments = np.diff(enterprise.timeline_first)[enterprise.resource_timeline]
    first = np.append(0, np.cumsum(np.where(enterprise.resource_role & HAS_POTENTIAL, segments, 0)))
    return first, np.zeros(first[-1], np.uint8)


def one_after_another(work: Callable[[int], Any], blocks: Iterable[int]) -> list[Any]:
    """Run the blocks on this thread."""
    return [work(block) for block in blocks]


class Frame(NamedTuple):
    """What is the same for all schedules of one plant, whatever their times: who sums many makes it once."""

    span: Span
    shape: tuple[int, int, int]  # (periods + 1, groups, terms)
    jobs: list[tuple[int, int]]  # (blocks) first one, and the one behind the last
    n_activity: list[int]  # (blocks)
    first_used: NDArray[np.int64]  # (resources + 1) as in `segments_of`


def frame_of(enterprise: Any, schedule: Any, horizon: Any, grouping: Any) -> Frame:
    """The frame of what `sum_terms` is given."""
    n_job, shape = enterprise.job_plant.size, (max(horizon.edges.size, 1), grouping.n, N_TERM)
    per_block = JOBS_PER_BLOCK if shape[0] * shape[1] <= LARGEST_BLOCKED_OUT else max(n_job, 1)
    bounds = np.append(np.arange(0, n_job, per_block), n_job)
    order = enterprise.job_first_order[bounds]
    first_activity = schedule.operation_first_activity[enterprise.order_first_operation[order]]
    jobs = list(pairwise(bounds.tolist()))
    return Frame(span_of(horizon), shape, jobs, np.diff(first_activity).tolist(), segments_of(enterprise)[0])


def sum_terms(
    enterprise: Any,
    schedule: Any,
    horizon: Any,
    grouping: Any,
    spread: Spread = one_after_another,
    frame: Frame | None = None,
) -> NDArray[np.float64]:
    """All terms: (periods + 1, groups, terms) float64; the last period is *outside*, the last group is dropped.

    ``spread`` runs a function over block numbers and returns the results in order; the bits of the answer do not
    depend on how it shares them out. ``frame`` is that of these arguments, where it is at hand.
    """
    n_job, n_resource = enterprise.job_plant.size, enterprise.resource_plant.size
    span, shape, jobs, n_activities, first_used = frame or frame_of(enterprise, schedule, horizon, grouping)
    job_period = np.empty(n_job, np.int32)
    used = np.zeros(first_used[-1], np.uint8)  # all blocks write into it: nothing but ones

    def block(b: int) -> tuple[NDArray[np.float64], Packed]:
        part, n_activity = np.zeros(shape, np.float64), n_activities[b]
        packed = Packed(np.empty(n_activity, np.int64), np.empty(n_activity, np.int32), np.zeros(n_resource, np.int64))
        scratch = Scratch(
            np.empty(schedule.most_operations, np.int64),
            np.empty(schedule.most_operations, np.int64),
            np.empty(n_activity + 1, np.int32),
            np.empty(n_activity, np.int16),
            np.empty(n_activity, np.int16),
            used,
            first_used,
            *packed,
            job_period,
            np.empty(JOBS_AT_A_TIME, np.int64),
            np.empty(JOBS_AT_A_TIME, np.uint8),
            np.empty(JOBS_AT_A_TIME, np.float64),
            np.empty(JOBS_AT_A_TIME, np.uint8),
        )
        n = sum_block(enterprise, schedule, span, grouping, jobs[b], scratch, part)
        return part, Packed(packed.times[:n], packed.resource[:n], packed.of_resource)

    parts = spread(block, range(len(jobs)))
    out = np.zeros(shape, np.float64)
    for part, _ in parts:
        out += part
    sum_batches(enterprise, schedule, span, grouping, job_period, out)
    touched = by_resource([packed for _, packed in parts], n_resource)
    sum_capacity(enterprise, span, grouping, *touched, used, first_used, out)
    sum_stock(enterprise, grouping, out)
    out[:, :, CARRYING] /= DAY
    return np.concatenate([out[1:], out[:1]])[:, :-1]
