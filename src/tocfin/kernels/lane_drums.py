"""Work on drums and subcontractors in 64 replications at once: ``tocfin.kernels.work`` with lanes.

``out``, ``bounds``, ``x`` and ``y`` are as in ``tocfin.kernels.lane_orders``.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tocfin.kernels.compile import inlined
from tocfin.kernels.lane_add import (
    COUNTS,
    ELAPSED,
    ENDED,
    FROM,
    HOURS,
    LANES,
    OTHER,
    PLACE,
    SUBCONTRACT,
    TIMES,
    TO,
    WHOLE,
    add,
    add_to,
    extremes,
    interval_from,
    intervals,
    lanes_at,
    period_in,
)
from tocfin.kernels.slots import (
    BACKLOG,
    CAPACITY_ALL,
    CAPACITY_COUNTED,
    DRUM_BUSY,
    ELAPSED_ALL,
    ELAPSED_COUNTED,
    PHYSICAL_COUNTED,
)
from tocfin.kernels.vector import WIDE, alike, any_of, chosen, greater, lesser, load, over, real, store
from tocfin.kernels.worktime import CLEANOUT, ONLINE, segment_after

HOUR = 3600.0


@inlined
def overlap(
    start: Any, end: Any, opens: Any, closes: Any, kind: Any, wanted: Any, low: Any, high: Any, y: Any, at: Any
) -> None:
    """Seconds of an activity inside segments ``low : high`` that are available: Online ones, or the others, or all.

    ``wanted`` is 0 for all, 1 for Online, 2 for overtime; the segments are those that any lane may touch.
    """
    for s in range(0, LANES, WIDE):
        begins, ends, seconds = load(start, s), load(end, s), alike(np.int32(0))
        for o in range(low, high):
            if kind[o] == CLEANOUT or (wanted and (kind[o] == ONLINE) != (wanted == 1)):
                continue
            inside = lesser(ends, closes[o]) - greater(begins, opens[o])
            seconds = seconds + greater(inside, np.int32(0))
        store(y, at + s, seconds)


@inlined
def touched(start: Any, end: Any, opens: Any, closes: Any, low: Any, high: Any) -> Any:
    """Segments of ``low : high`` that an activity may touch in any lane; its least start and greatest end."""
    least, _ = extremes(start, 0)
    _, most = extremes(end, 0)
    first = segment_after(closes, low, high, least)
    last = first
    while last < high and opens[last] < most:
        last += 1
    return first, last, least, most


@inlined
def busy(
    start: Any,
    end: Any,
    opens: Any,
    closes: Any,
    kind: Any,
    some: Any,
    g: Any,
    bounds: Any,
    horizon_end: float,
    x: Any,
    y: Any,
    out: Any,
) -> None:
    """Hours of a drum's activity inside the horizon, and from the clock on; ``x[HOURS]`` has all its hours.

    A lane in which it lies in one period adds them at once, others segment by segment.
    """
    first, last, least, most = some
    for s in range(0, LANES, WIDE):
        store(x, FROM + s, real(load(start, s)))
        store(x, TO + s, real(load(end, s)))
    i0 = interval_from(bounds, least, 0)
    i1 = interval_from(bounds, most, i0)
    intervals(bounds, x, FROM, i0, i1, y, PLACE)
    in_parts = False
    for s in range(0, LANES, WIDE):
        place, begins, ends = load(y, PLACE + s), load(x, FROM + s), load(x, TO + s)
        for i in range(i0, i1 + 1):
            fits = (place == np.int32(i)) & (begins >= 0.0) & (ends <= min(bounds[i + 1], horizon_end))
            place = chosen(fits, np.int32(WHOLE + i), place)
        store(y, PLACE + s, place)
        in_parts = in_parts or any_of(place < np.int32(WHOLE))
    for i in range(i0, i1 + 1):
        k = period_in(bounds, i)
        add(out, k, g, DRUM_BUSY, y, PLACE, WHOLE + i, x, HOURS)
        add(out, k, g, BACKLOG, y, PLACE, WHOLE + i, x, HOURS)
    if not in_parts:
        return
    for o in range(first, last):
        if kind[o] == CLEANOUT:
            continue
        for i in range(i0, i1 + 1):
            from_, to = max(np.float64(opens[o]), bounds[i], 0.0), min(np.float64(closes[o]), bounds[i + 1])
            _busy_in(out, period_in(bounds, i), g, from_, to, horizon_end, x, y)


@inlined
def _busy_in(out: Any, k: Any, g: Any, from_: float, to: float, horizon_end: float, x: Any, y: Any) -> None:
    """Hours inside ``[from_, to)`` in the lanes whose activity is not in one period."""
    if from_ >= to:
        return
    for s in range(0, LANES, WIDE):
        part, until, begins = load(y, PLACE + s) < np.int32(WHOLE), lesser(load(x, TO + s), to), load(x, FROM + s)
        seconds = until - greater(begins, from_)
        inside = lesser(until, horizon_end) - greater(begins, from_)
        add_to(out[0], lanes_at(out, k, g, DRUM_BUSY) + s, part & (inside > 0.0), 1.0 / HOUR * inside)
        add_to(out[0], lanes_at(out, k, g, BACKLOG) + s, part & (seconds > 0.0), 1.0 / HOUR * seconds)


@inlined
def sum_drum(
    r: Any,
    enterprise: Any,
    segments: Any,
    start: Any,
    end: Any,
    own: Any,
    g: Any,
    ended: Any,
    bounds: Any,
    horizon_end: float,
    x: Any,
    y: Any,
    out: Any,
) -> None:
    """Hours of an activity on drum ``r``; its job ends in intervals ``ended``, ``own`` is its group."""
    timeline, first_segment = enterprise
    opens, closes, kind = segments
    t = timeline[r]
    some = touched(start, end, opens, closes, first_segment[t], first_segment[t + 1])
    overlap(start, end, opens, closes, kind, 0, some[0], some[1], y, TIMES)
    for s in range(0, LANES, WIDE):
        store(x, HOURS + s, over(real(load(y, TIMES + s)), HOUR))
        store(x, ELAPSED + s, over(real(load(end, s) - load(start, s)), HOUR))
    for i in range(ended[0], ended[1] + 1):
        k = period_in(bounds, i)
        add(out, k, own, ELAPSED_ALL, y, ENDED, i, x, ELAPSED)
        add(out, k, own, CAPACITY_ALL, y, ENDED, i, x, HOURS)
        add(out, k, own, ELAPSED_COUNTED, y, COUNTS, i, x, ELAPSED)
        add(out, k, own, CAPACITY_COUNTED, y, COUNTS, i, x, HOURS)
        add(out, k, g, PHYSICAL_COUNTED, y, COUNTS, i, x, HOURS)
    busy(start, end, opens, closes, kind, some, g, bounds, horizon_end, x, y, out)


@inlined
def sum_paid(
    t: Any,
    standard: float,
    premium: float,
    first_segment: Any,
    segments: Any,
    start: Any,
    end: Any,
    x: Any,
    y: Any,
) -> None:
    """Paid time of a subcontracted activity, added to SUBCONTRACT; an empty rate x 0 hours is 0."""
    opens, closes, kind = segments
    low, high, _, _ = touched(start, end, opens, closes, first_segment[t], first_segment[t + 1])
    overlap(start, end, opens, closes, kind, 1, low, high, y, TIMES)
    overlap(start, end, opens, closes, kind, 2, low, high, y, OTHER)
    for s in range(0, LANES, WIDE):
        online, other = load(y, TIMES + s), load(y, OTHER + s)
        paid = load(x, SUBCONTRACT + s)
        paid = chosen(online == np.int32(0), paid, paid + standard * over(real(online), HOUR))
        paid = chosen(other == np.int32(0), paid, paid + premium * over(real(other), HOUR))
        store(x, SUBCONTRACT + s, paid)
