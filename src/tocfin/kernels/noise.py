"""What drawn noise makes of planned work: whole seconds of capacity that each activity takes in each replication."""

from __future__ import annotations

from typing import Any

import numpy as np

from tocfin.kernels.compile import inlined, kernel, lean
from tocfin.kernels.draw import BREAKDOWN, DEMAND, FACTOR, REPAIR, REPEAT, fill_words, normals, normals_of, uniforms
from tocfin.kernels.fused import multiply_add
from tocfin.kernels.lanes import lane_log
from tocfin.kernels.quantiles import quantiles
from tocfin.kernels.retime import opening_after

#: Elements that are drawn together.
MIXED_AT_ONCE = 16


@kernel
def stretch(member_row: Any, member_work: Any, factor: Any, out_work: Any) -> None:
    """Planned work times its factor, rounded half to even.

    ===========  ====================  =====================================
    member_row   (members)             row of the schedule
    member_work  (members)             [s] planned
    factor       (activities, lanes)   relative to the plan
    out_work     (activities, lanes)   [s]; other rows are not written
    ===========  ====================  =====================================
    """
    for i in range(member_row.size):
        row = member_row[i]
        for s in range(out_work.shape[1]):
            out_work[row, s] = np.int64(np.rint(member_work[i] * factor[row, s]))


@kernel
def factor_normals(seed: Any, first: int, uid: Any, out_z: Any) -> None:
    """Standard normal numbers of common factors; ``uid`` (factors), ``out_z`` (factors, lanes) float32."""
    for f in range(uid.size):
        normals(seed, first, FACTOR, uid[f], out_z[f])


@inlined
def mixed(
    drawn: Any, e: Any, n: Any, seed: Any, first: Any, variate: Any, factor_z: Any, lanes: Any, bits: Any, out_z: Any
) -> None:
    """Own noise of elements ``e : e + n`` and what they bear of their factors, which together have variance 1.

    ``bits`` (uint32) and ``out_z`` (float32) have ``lanes`` for each element, one element behind the other: long loops
    keep a processor busier than many short ones.
    """
    for i in range(n):
        fill_words(seed, first, variate, drawn.uid[e + i], i * lanes, lanes, bits)
    normals_of(bits, n * lanes, out_z)
    for i in range(n):
        z = out_z[i * lanes : (i + 1) * lanes]
        own = np.float32(drawn.own[e + i])
        for s in range(z.size):
            z[s] = np.float32(own * z[s])
        for f in range(drawn.first[e + i], drawn.first[e + i + 1]):
            loading, shared = np.float32(drawn.loading[f]), np.uint64(drawn.factor[f])
            for s in range(factor_z.shape[1]):
                z[s] = multiply_add(loading, factor_z[shared, s], z[s])


@lean
def _draw(
    distributions: Any, drawn: Any, seed: Any, first: Any, variate: Any, factor_z: Any, scratch: Any, out_value: Any
) -> None:
    bits, z = scratch
    lanes = out_value.shape[1]
    for e in range(0, drawn.target.size, MIXED_AT_ONCE):
        n = min(MIXED_AT_ONCE, drawn.target.size - e)
        mixed(drawn, e, n, seed, first, variate, factor_z, lanes, bits, z)
        for i in range(n):
            part = z[i * lanes : (i + 1) * lanes]
            quantiles(distributions, drawn.distribution[e + i], part, out_value[drawn.target[e + i]])


@kernel
def draw(distributions: Any, drawn: Any, seed: Any, first: int, variate: int, factor_z: Any, out_value: Any) -> None:
    """Values of one uncertain quantity for replications ``first`` to ``first`` + lanes.

    =============  ===================  ==================================================================
    distributions                       columns of ``tocfin.kernels.quantiles.Distributions``
    drawn                               columns of ``tocfin.scenarios.luck.Drawn``
    factor_z       (factors, lanes)     of ``factor_normals``
    out_value      (targets, lanes)     targets that no element is drawn for are not written
    =============  ===================  ==================================================================
    """
    n = MIXED_AT_ONCE * out_value.shape[1]
    bits, z = np.empty(n, np.uint32), np.empty(n, np.float32)
    _draw(distributions, drawn, seed, first, variate, factor_z, (bits, z), out_value)


@kernel
def repair(distributions: Any, drawn: Any, failing: Any, seed: Any, first: int, factor_z: Any, out_work: Any) -> None:
    """Add the repairs of every resource that fails to the work that they interrupt.

    Failures are a renewal process over hours of work on the resource: the time between two is exponential, work that
    repeats or repairs aside. A repair takes capacity: nobody repairs outside the resource's calendar.

    =============  ===================  ==================================================================
    drawn                               repair of each resource, relative to its mean; as in ``draw``
    failing                             columns of ``tocfin.scenarios.luck.Failing``
    out_work       (activities, lanes)  [s] in: work of each activity; out: with repairs
    =============  ===================  ==================================================================
    """
    lanes = out_work.shape[1]
    gap, lasts = np.empty(lanes), np.empty(lanes)
    bits, z = np.empty(lanes, np.uint32), np.empty(lanes, np.float32)
    failure, through = np.empty(lanes), np.empty(lanes)
    place = np.empty(lanes, np.int64)
    for e in range(drawn.target.size):
        low, high = failing.first[e], failing.first[e + 1]
        if low == high:
            continue
        failure[:] = 0.0
        place[:] = low
        for s in range(lanes):
            through[s] = out_work[failing.row[low], s]
        k = 0
        hit = True
        while hit:
            hit = False
            uniforms(seed, first, BREAKDOWN + k * REPEAT, drawn.uid[e], gap)
            mixed(drawn, e, 1, seed, first, REPAIR + k * REPEAT, factor_z, lanes, bits, z)
            quantiles(distributions, drawn.distribution[e], z, lasts)
            for s in range(lanes):
                failure[s] -= failing.between[e] * lane_log(gap[s])
                while place[s] < high and failure[s] >= through[s]:
                    place[s] += 1
                    if place[s] < high:
                        through[s] += out_work[failing.row[place[s]], s]
                if place[s] < high:
                    out_work[failing.row[place[s]], s] += np.int64(np.rint(lasts[s] * failing.lasts[e]))
                    hit = True
            k += 1


@kernel
def falls_away(demand: Any, seed: Any, first: int, out_absent: Any) -> None:
    """Mark jobs that do not take place; ``demand`` as in ``tocfin.scenarios.luck``, ``out_absent`` (jobs, lanes)."""
    u = np.empty(out_absent.shape[1])
    for e in range(demand.job.size):
        uniforms(seed, first, DEMAND, demand.uid[e], u)
        for s in range(u.size):
            out_absent[demand.job[e], s] = u[s] < demand.cancelled[e] or u[s] >= demand.present[e]


@kernel
def busy_seconds(load: Any, openings: Any, clock: int, end: int, start_of: Any, end_of: Any, out_busy: Any) -> None:
    """Available seconds inside ``[clock, end)`` that each resource works; batches count the union of their members.

    ========  ===================  ========================================================================
    load                           columns of ``tocfin.scenarios.luck.Load``: rows by block, in planned order
    start_of  (activities, lanes)  [s]
    end_of    (activities, lanes)  [s]
    out_busy  (resources, lanes)   [s] added up
    ========  ===================  ========================================================================
    """
    lanes = start_of.shape[1]
    reached = np.empty(lanes, np.int64)
    for i in range(load.row.size):
        row, r, t = load.row[i], load.resource[i], load.timeline[i]
        low, high = openings.opening_first[t], openings.opening_first[t + 1]
        if load.opens[i]:
            reached[:] = clock
        near = low
        for s in range(lanes):
            at, until = max(start_of[row, s], reached[s]), min(end_of[row, s], end)
            if at >= until:
                continue
            near = opening_after(openings.opening_end, low, high, at, near)
            o = near
            while o < high and openings.opening_start[o] < until:
                out_busy[r, s] += min(until, openings.opening_end[o]) - max(at, openings.opening_start[o])
                o += 1
            reached[s] = until
