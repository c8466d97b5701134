"""Terms of 64 replications at once: what a lane sums goes to the period that it falls in.

``out`` is (periods + 1, groups, terms, lanes) float64; period 0 is *outside*. Intervals are those of ``bounds``
(periods + 2, the outer ones infinite), in seconds after the clock; the first and the last are *outside* too. Where a
lane does not take part, 0 is added to it, which leaves its bits alone. Every lane sees the arithmetic of the scalar
kernels in their order, so a replication has the bits of the schedule that it is.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tocfin.kernels.compile import inlined

#: Lanes of a block: a constant, so that loops over them need no rest and are laid out at once.
LANES = 64

#: Scratch is one array of float64, ``x``, and one of int32, ``y``: so the compiler tells their parts apart.
#: Where each quantity has its lanes in ``x``: times of an order, and what it costs; of an activity; of a job.
BEGIN, ORDER_END, CUT, END_BEFORE, END_AFTER, STARTS_BEFORE, STARTS_AFTER = (LANES * n for n in range(7))
FROM, TO, HOURS, ELAPSED, JOB_END, LATE, SUBCONTRACT = (LANES * n for n in range(7, 14))
PARTS = LANES * 14
N_X = 14 + 8
#: And in ``y``: 1 where the job takes place; intervals of a begin, of an end, of what is added; 1 where an order lies
#: in two periods; times; intervals of the job's end: in every lane, where it counts, is late, is unfinished.
HERE, BEGINS, ENDS, PLACE, TWO, TIMES, OTHER, ENDED, COUNTS, IS_LATE, UNFINISHED = (LANES * n for n in range(11))
N_Y = 11
#: A part is taken out of scratch before a loop over its lanes: with an offset that the compiler does not know, every
#: index could be negative to it, and it gathered lane by lane.
#: Added to an interval to mark a lane; more than there are periods.
WHOLE = 1 << 24


@inlined
def fill(lanes: Any, value: Any) -> None:
    """One value in every lane; to the length of the lanes, for which the compiler lays out no 64 single steps."""
    for s in range(lanes.size):
        lanes[s] = value


@inlined
def interval_from(bounds: Any, instant: float, i: Any) -> Any:
    """Interval that holds ``instant``, looked for from ``i`` on."""
    while i + 2 < bounds.size and instant >= bounds[i + 1]:
        i += 1
    return i


@inlined
def period_in(bounds: Any, i: Any) -> Any:
    """Period of an interval."""
    return i if i < bounds.size - 2 else 0


@inlined
def extremes(y: Any, at: Any) -> Any:
    """Least and greatest of the lanes ``y[at + s]``, whole seconds."""
    lane = y[at : at + LANES]
    low, high = lane[0], lane[0]
    for s in range(LANES):
        low = min(low, lane[s])
        high = max(high, lane[s])
    return low, high


@inlined
def intervals(bounds: Any, x: Any, at: Any, lowest: Any, highest: Any, y: Any, out_at: Any) -> None:
    """Interval of each lane's instant ``x[at + s]``, all of which lie in ``lowest`` to ``highest``."""
    instant, interval = x[at : at + LANES], y[out_at : out_at + LANES]
    fill(interval, np.int32(lowest))
    for i in range(lowest + 1, highest + 1):
        bound = bounds[i]
        here = np.int32(i)
        for s in range(LANES):
            interval[s] = here if instant[s] >= bound else interval[s]


@inlined
def add(out: Any, k: Any, g: Any, slot: Any, y: Any, which: Any, i: Any, x: Any, at: Any) -> None:
    """Add ``x[at + s]`` where the lane's interval ``y[which + s]`` is ``i``."""
    wanted = np.int32(i)
    value, interval = x[at : at + LANES], y[which : which + LANES]
    for s in range(LANES):
        out[k, g, slot, s] += value[s] if interval[s] == wanted else 0.0


@inlined
def add_same(out: Any, k: Any, g: Any, slot: Any, y: Any, which: Any, i: Any, value: float) -> None:
    """Add ``value`` where the lane's interval is ``i``."""
    wanted = np.int32(i)
    interval = y[which : which + LANES]
    for s in range(out.shape[3]):
        out[k, g, slot, s] += value if interval[s] == wanted else 0.0


@inlined
def add_all(out: Any, k: Any, g: Any, slot: Any, x: Any, at: Any) -> None:
    """Add ``x[at + s]`` in every lane."""
    value = x[at : at + LANES]
    for s in range(out.shape[3]):
        out[k, g, slot, s] += value[s]


@inlined
def add_times(out: Any, k: Any, g: Any, slot: Any, y: Any, which: Any, i: Any, x: Any, at: Any, times: Any) -> None:
    """Add ``x[at + s] * x[times + s]`` where the lane's interval is ``i``."""
    wanted = np.int32(i)
    value, days, interval = x[at : at + LANES], x[times : times + LANES], y[which : which + LANES]
    for s in range(LANES):
        out[k, g, slot, s] += value[s] * days[s] if interval[s] == wanted else 0.0


@inlined
def add_seven(out: Any, k: Any, g: Any, slot: Any, y: Any, which: Any, i: Any, values: Any) -> None:
    """Add seven values to the slots from ``slot`` on where the lane's interval is ``i``, which is looked at once.

    The slots are one row, lanes behind lanes: so their distances are constants to the compiler.
    """
    wanted, interval = np.int32(i), y[which : which + LANES]
    a, b, c, d, e, f, last = values
    row = out[k, g].reshape(out.shape[2] * out.shape[3])[slot * LANES : (slot + 7) * LANES]
    for s in range(interval.size):
        here = interval[s] == wanted
        row[s] += a if here else 0.0
        row[LANES + s] += b if here else 0.0
        row[2 * LANES + s] += c if here else 0.0
        row[3 * LANES + s] += d if here else 0.0
        row[4 * LANES + s] += e if here else 0.0
        row[5 * LANES + s] += f if here else 0.0
        row[6 * LANES + s] += last if here else 0.0


@inlined
def add_seven_times(
    out: Any, k: Any, g: Any, slot: Any, y: Any, which: Any, i: Any, values: Any, x: Any, times: Any
) -> None:
    """Add seven values times ``x[times + s]`` where the lane's interval is ``i``."""
    wanted, interval, days = np.int32(i), y[which : which + LANES], x[times : times + LANES]
    a, b, c, d, e, f, last = values
    row = out[k, g].reshape(out.shape[2] * out.shape[3])[slot * LANES : (slot + 7) * LANES]
    for s in range(interval.size):
        here = interval[s] == wanted
        by = days[s]
        row[s] += a * by if here else 0.0
        row[LANES + s] += b * by if here else 0.0
        row[2 * LANES + s] += c * by if here else 0.0
        row[3 * LANES + s] += d * by if here else 0.0
        row[4 * LANES + s] += e * by if here else 0.0
        row[5 * LANES + s] += f * by if here else 0.0
        row[6 * LANES + s] += last * by if here else 0.0
