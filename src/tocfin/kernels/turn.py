"""Arrays of a block of replications seen the other way round: by lane, or by job."""

from __future__ import annotations

from typing import Any

from tocfin.kernels.compile import kernel

#: Rows and lanes that are turned at a time: both sides stay in a processor's cache.
TILE = 64


@kernel
def turn(by_row: Any, out_by_lane: Any) -> None:
    """Copy ``by_row`` (rows, lanes) to ``out_by_lane`` (lanes, rows); lanes beyond those of the result are left out.

    Tile by tile: a plain copy reads a line of memory for every number, and took five times as long.
    """
    n_lane, n_row = out_by_lane.shape
    for first_row in range(0, n_row, TILE):
        for first_lane in range(0, n_lane, TILE):
            for s in range(first_lane, min(first_lane + TILE, n_lane)):
                for i in range(first_row, min(first_row + TILE, n_row)):
                    out_by_lane[s, i] = by_row[i, s]


@kernel
def last_ends(job: Any, first_activity: Any, end: Any, out_end: Any) -> None:
    """Latest end of each job, lane by lane; lanes beyond those of the result are left out.

    ==============  ===================  ============================================
    job             (ends)               rows of the jobs, each with an activity
    first_activity  (jobs + 1)           row of the schedule at which each job begins
    end             (activities, lanes)  [s]
    out_end         (ends, lanes)        [s]
    ==============  ===================  ============================================
    """
    for e in range(job.size):
        first = first_activity[job[e]]
        for s in range(out_end.shape[1]):
            out_end[e, s] = end[first, s]
        for a in range(first + 1, first_activity[job[e] + 1]):
            for s in range(out_end.shape[1]):
                out_end[e, s] = max(out_end[e, s], end[a, s])
