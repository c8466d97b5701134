"""Terms of 64 replications at once: what a lane sums goes to the period that it falls in.

What is summed is (periods + 1, groups, terms, lanes) float64; period 0 is *outside*. Functions are given it as ``out``:
all of it as one line, how far it is from one period to the next, and how many terms there are.

Intervals are those of ``bounds`` (periods + 2, the outer ones infinite), in seconds after the clock; the first and the
last are *outside* too. A lane that does not take part is left alone. Every lane sees the arithmetic of the scalar
kernels in their order, so a replication has the bits of the schedule that it is.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tocfin.kernels.compile import inlined
from tocfin.kernels.vector import WIDE, alike, chosen, greater, greatest_of, least_of, lesser, load, store

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
#: Added to an interval to mark a lane; more than there are periods.
WHOLE = 1 << 24
#: In ``y``: it is so; in no interval.
ONE, NOWHERE = np.int32(1), np.int32(-1)


@inlined
def fill(lanes: Any, at: Any, value: Any) -> None:
    """One value in the lanes from ``lanes[at]`` on."""
    for s in range(0, LANES, WIDE):
        store(lanes, at + s, alike(value))


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
    low = load(y, at)
    high = low
    for s in range(WIDE, LANES, WIDE):
        part = load(y, at + s)
        low, high = lesser(low, part), greater(high, part)
    return least_of(low), greatest_of(high)


@inlined
def intervals(bounds: Any, x: Any, at: Any, lowest: Any, highest: Any, y: Any, out_at: Any) -> None:
    """Interval of each lane's instant ``x[at + s]``, all of which lie in ``lowest`` to ``highest``."""
    for s in range(0, LANES, WIDE):
        instant, interval = load(x, at + s), alike(np.int32(lowest))
        for i in range(lowest + 1, highest + 1):
            interval = chosen(instant >= bounds[i], np.int32(i), interval)
        store(y, out_at + s, interval)


@inlined
def only_here(y: Any, at: Any) -> None:
    """Have lanes in which the job does not take place in no interval of ``y[at + s]``."""
    for s in range(0, LANES, WIDE):
        store(y, at + s, chosen(load(y, HERE + s) == ONE, load(y, at + s), NOWHERE))


def in_line(sums: Any) -> Any:
    """What is summed, as functions here and the kernels that call them are given it; from Python."""
    _, groups, terms, lanes = sums.shape
    return sums.reshape(-1), groups * terms * lanes, terms


@inlined
def lanes_at(out: Any, k: Any, g: Any, slot: Any) -> Any:
    """Where the lanes of a term begin in ``out[0]``."""
    return k * out[1] + (g * out[2] + slot) * LANES


@inlined
def add_to(sums: Any, at: Any, where: Any, value: Any) -> None:
    """Add ``value``, a part or a number, to the part of ``sums`` at ``at`` where the comparison ``where`` holds."""
    before = load(sums, at)
    store(sums, at, chosen(where, before + value, before))


@inlined
def add(out: Any, k: Any, g: Any, slot: Any, y: Any, which: Any, i: Any, x: Any, at: Any) -> None:
    """Add ``x[at + s]`` where the lane's interval ``y[which + s]`` is ``i``."""
    first, wanted = lanes_at(out, k, g, slot), np.int32(i)
    for s in range(0, LANES, WIDE):
        add_to(out[0], first + s, load(y, which + s) == wanted, load(x, at + s))


@inlined
def add_same(out: Any, k: Any, g: Any, slot: Any, y: Any, which: Any, i: Any, value: float) -> None:
    """Add ``value`` where the lane's interval is ``i``."""
    first, wanted = lanes_at(out, k, g, slot), np.int32(i)
    for s in range(0, LANES, WIDE):
        add_to(out[0], first + s, load(y, which + s) == wanted, value)


@inlined
def add_all(out: Any, k: Any, g: Any, slot: Any, x: Any, at: Any) -> None:
    """Add ``x[at + s]`` in every lane."""
    first = lanes_at(out, k, g, slot)
    for s in range(0, LANES, WIDE):
        store(out[0], first + s, load(out[0], first + s) + load(x, at + s))


@inlined
def add_times(out: Any, k: Any, g: Any, slot: Any, y: Any, which: Any, i: Any, x: Any, at: Any, times: Any) -> None:
    """Add ``x[at + s] * x[times + s]`` where the lane's interval is ``i``."""
    first, wanted = lanes_at(out, k, g, slot), np.int32(i)
    for s in range(0, LANES, WIDE):
        add_to(out[0], first + s, load(y, which + s) == wanted, load(x, at + s) * load(x, times + s))


@inlined
def add_seven(out: Any, k: Any, g: Any, slot: Any, y: Any, which: Any, i: Any, values: Any) -> None:
    """Add seven values to the slots from ``slot`` on where the lane's interval is ``i``, which is looked at once.

    The sixth, what is paid for subcontracted work, is mostly 0 or told lane by lane.
    """
    sums, first, wanted = out[0], lanes_at(out, k, g, slot), np.int32(i)
    a, b, c, d, e, f, last = values
    for s in range(0, LANES, WIDE):
        here, at = load(y, which + s) == wanted, first + s
        add_to(sums, at, here, a)
        add_to(sums, at + LANES, here, b)
        add_to(sums, at + 2 * LANES, here, c)
        add_to(sums, at + 3 * LANES, here, d)
        add_to(sums, at + 4 * LANES, here, e)
        if f != 0.0:
            add_to(sums, at + 5 * LANES, here, f)
        add_to(sums, at + 6 * LANES, here, last)


@inlined
def add_seven_times(
    out: Any, k: Any, g: Any, slot: Any, y: Any, which: Any, i: Any, values: Any, x: Any, times: Any
) -> None:
    """Add seven values times ``x[times + s]`` where the lane's interval is ``i``."""
    sums, first, wanted = out[0], lanes_at(out, k, g, slot), np.int32(i)
    a, b, c, d, e, f, last = values
    for s in range(0, LANES, WIDE):
        here, at, by = load(y, which + s) == wanted, first + s, load(x, times + s)
        add_to(sums, at, here, a * by)
        add_to(sums, at + LANES, here, b * by)
        add_to(sums, at + 2 * LANES, here, c * by)
        add_to(sums, at + 3 * LANES, here, d * by)
        add_to(sums, at + 4 * LANES, here, e * by)
        if f != 0.0:
            add_to(sums, at + 5 * LANES, here, f * by)
        add_to(sums, at + 6 * LANES, here, last * by)
