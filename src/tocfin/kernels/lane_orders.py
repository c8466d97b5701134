"""Carrying cost of an order in 64 replications at once: ``tocfin.kernels.orders`` with lanes.

Instants are in seconds after the clock; ``out`` and ``bounds`` are as in ``tocfin.kernels.lane_add``. ``x`` and ``y``
are scratch, float64 and int32: one array each, so that the compiler knows the quantities in it apart.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tocfin.kernels.compile import inlined
from tocfin.kernels.lane_add import (
    BEGIN,
    BEGINS,
    CUT,
    END_AFTER,
    END_BEFORE,
    ENDS,
    FROM,
    HERE,
    LANES,
    ORDER_END,
    OTHER,
    PLACE,
    STARTS_AFTER,
    STARTS_BEFORE,
    TIMES,
    TO,
    TWO,
    add,
    add_all,
    extremes,
    fill,
    interval_from,
    intervals,
    period_in,
)
from tocfin.kernels.slots import (
    ADHERED,
    CARRY_MO_END,
    CARRY_MO_END_CLIPPED,
    CARRY_OP_END,
    CARRY_OP_END_CLIPPED,
    DUE,
    FG_CARRY,
    FG_CARRY_CLAMPED,
)

NEVER = np.iinfo(np.int64).min


@inlined
def order_span(times: Any, first: Any, last: Any, x: Any, y: Any) -> Any:
    """BEGIN and ORDER_END of activities ``first : last``; the least and the greatest of each."""
    one = times[first]
    for s in range(one.shape[1]):
        y[TIMES + s] = one[0, s]
        y[OTHER + s] = one[1, s]
    for a in range(first + 1, last, 2):  # two at a time: half the way to scratch and back
        one, other = times[a], times[min(a + 1, last - 1)]
        for s in range(one.shape[1]):
            y[TIMES + s] = min(y[TIMES + s], min(one[0, s], other[0, s]))
            y[OTHER + s] = max(y[OTHER + s], max(one[1, s], other[1, s]))
    for s in range(LANES):
        x[BEGIN + s] = np.float64(y[TIMES + s])
        x[ORDER_END + s] = np.float64(y[OTHER + s])
    low, high = extremes(y, TIMES)
    lowest, highest = extremes(y, OTHER)
    return low, high, lowest, highest


@inlined
def due(
    times: Any,
    first: Any,
    last: Any,
    actual: Any,
    clock: Any,
    bounds: Any,
    g: Any,
    x: Any,
    y: Any,
    out: Any,
) -> None:
    """Activities planned to end before the clock, and those that really ended by then (NaN: nobody said)."""
    highest = interval_from(bounds, 0.0, 0)
    for a in range(first, last):
        end = times[a, 1]
        for s in range(LANES):
            x[TO + s] = np.float64(end[s])
        intervals(bounds, x, TO, 0, highest, y, PLACE)
        by = np.inf
        if actual.size and actual[a] != NEVER:
            by = np.float64(actual[a] - clock)
        for i in range(highest + 1):
            k = period_in(bounds, i)
            for s in range(LANES):
                counts = y[PLACE + s] == i and x[TO + s] < 0.0 and y[HERE + s] == 1
                out[k, g, DUE, s] += 1.0 if counts else 0.0
                adhered = 1.0 if by <= x[TO + s] else 0.0
                out[k, g, ADHERED, s] += (adhered if actual.size else np.nan) if counts else 0.0


@inlined
def plain_inside(times: Any, a: Any, n: Any, rate: Any, o: Any, x: Any) -> float:
    """What a plain order costs [x s] that lies in one period in every lane; the sum of its rates."""
    carrying = 0.0
    fill(x[END_BEFORE : END_BEFORE + LANES], 0.0)
    fill(x[STARTS_BEFORE : STARTS_BEFORE + LANES], 0.0)
    for i in range(n):
        cost = rate[o + i]
        carrying += cost
        one = times[a + i]
        for s in range(LANES):
            from_ = np.float64(one[0, s]) - x[BEGIN + s]
            to = np.float64(one[1, s]) - x[BEGIN + s]
            x[STARTS_BEFORE + s] += cost * from_
            x[END_BEFORE + s] += cost * (to - from_)
    for s in range(LANES):
        x[STARTS_BEFORE + s] = carrying * (x[ORDER_END + s] - x[BEGIN + s]) - x[STARTS_BEFORE + s]
    return carrying


@inlined
def plain_cut(times: Any, a: Any, n: Any, rate: Any, o: Any, x: Any) -> float:
    """What a plain order costs [x s] before and after CUT: of ends in END_*, of the order's in STARTS_*."""
    carrying = 0.0
    fill(x[END_BEFORE : END_BEFORE + LANES], 0.0)
    fill(x[END_AFTER : END_AFTER + LANES], 0.0)
    fill(x[STARTS_BEFORE : STARTS_BEFORE + LANES], 0.0)
    fill(x[STARTS_AFTER : STARTS_AFTER + LANES], 0.0)
    for s in range(LANES):
        x[FROM + s] = min(x[CUT + s], x[ORDER_END + s]) - x[BEGIN + s]
    for i in range(0, n, 2):  # two at a time: half the way to scratch and back
        one, second = times[a + i], times[a + min(i + 1, n - 1)]
        cost = rate[o + i]
        other = rate[o + i + 1] if i + 1 < n else 0.0
        carrying += cost
        carrying += other
        for s in range(LANES):
            begin, until_cut = x[BEGIN + s], x[FROM + s]
            from_, to = np.float64(one[0, s]) - begin, np.float64(one[1, s]) - begin
            then, till = np.float64(second[0, s]) - begin, np.float64(second[1, s]) - begin
            cut_from, cut_then = min(from_, until_cut), min(then, until_cut)
            before, ahead = min(to, until_cut) - cut_from, min(till, until_cut) - cut_then
            x[STARTS_BEFORE + s] = x[STARTS_BEFORE + s] + cost * cut_from + other * cut_then
            x[STARTS_AFTER + s] = x[STARTS_AFTER + s] + cost * (from_ - cut_from) + other * (then - cut_then)
            x[END_BEFORE + s] = x[END_BEFORE + s] + cost * before + other * ahead
            x[END_AFTER + s] = x[END_AFTER + s] + cost * (to - from_ - before) + other * (till - then - ahead)
    for s in range(LANES):
        until_cut = x[FROM + s]
        x[STARTS_BEFORE + s] = carrying * until_cut - x[STARTS_BEFORE + s]
        x[STARTS_AFTER + s] = carrying * (x[ORDER_END + s] - x[BEGIN + s] - until_cut) - x[STARTS_AFTER + s]
    return carrying


@inlined
def cut_order(bounds: Any, low: float, high: float, last: float, horizon_end: float, x: Any, y: Any) -> Any:
    """CUT, intervals of BEGIN and ORDER_END, and TWO where the order lies in one period or two of the horizon.

    Returns the least interval of a begin, the greatest one, and that of an end.
    """
    lowest = interval_from(bounds, low, 0)
    highest = interval_from(bounds, high, lowest)
    intervals(bounds, x, BEGIN, lowest, highest, y, BEGINS)
    fill(y[TWO : TWO + LANES], np.int32(0))
    for i in range(lowest, highest + 1):
        cut, far = bounds[i + 1], bounds[min(i + 2, bounds.size - 1)]
        for s in range(LANES):
            begins, ends = x[BEGIN + s], x[ORDER_END + s]
            x[CUT + s] = cut if y[BEGINS + s] == i else x[CUT + s]
            begins_inside = begins >= 0.0 or cut == 0.0
            ends_inside = ends <= horizon_end or cut == horizon_end
            two = ends < far and begins_inside and ends_inside and y[BEGINS + s] == i
            y[TWO + s] = 1 if two else y[TWO + s]
    return lowest, highest, interval_from(bounds, last, lowest)


@inlined
def spread_lanes(
    out: Any, slot: Any, g: Any, rate: float, i0: Any, i1: Any, bounds: Any, end: float, upto: Any, x: Any, y: Any
) -> None:
    """``rate`` x seconds from FROM to ``x[upto]``, inside the horizon, where the order is not in TWO periods."""
    for i in range(i0, i1 + 1):
        k = period_in(bounds, i)
        opens, closes = max(bounds[i], 0.0), min(bounds[i + 1], end)
        if opens >= closes:
            continue
        for s in range(LANES):
            seconds = min(x[upto + s], closes) - max(x[FROM + s], opens)
            takes_part = seconds > 0.0 and y[TWO + s] == 0 and y[HERE + s] == 1
            out[k, g, slot, s] += rate * seconds if takes_part else 0.0


@inlined
def book_order(g: Any, i0: Any, i1: Any, bounds: Any, horizon_end: float, x: Any, y: Any, out: Any) -> None:
    """Add what ``plain_cut`` found: clipped where the order is in TWO periods, all of it where the order ends."""
    for s in range(LANES):
        y[PLACE + s] = y[BEGINS + s] if y[TWO + s] == 1 and y[HERE + s] == 1 else -1
    for i in range(i0, i1 + 1):
        k, cut = period_in(bounds, i), bounds[i + 1]
        if cut > 0.0:
            add(out, k, g, CARRY_OP_END_CLIPPED, y, PLACE, i, x, END_BEFORE)
            add(out, k, g, CARRY_MO_END_CLIPPED, y, PLACE, i, x, STARTS_BEFORE)
    for i in range(i0, i1 + 1):
        k, cut = period_in(bounds, min(i + 1, bounds.size - 2)), bounds[i + 1]
        if cut < horizon_end:
            add(out, k, g, CARRY_OP_END_CLIPPED, y, PLACE, i, x, END_AFTER)
            add(out, k, g, CARRY_MO_END_CLIPPED, y, PLACE, i, x, STARTS_AFTER)
    for s in range(LANES):
        x[END_BEFORE + s] = x[END_BEFORE + s] + x[END_AFTER + s]
        x[STARTS_BEFORE + s] = x[STARTS_BEFORE + s] + x[STARTS_AFTER + s]


@inlined
def sum_order(order: Any, rate: Any, need: float, g: Any, times: Any, clipped: Any, x: Any, y: Any, out: Any) -> None:
    """Carrying cost of one plain order.

    ``order`` is its first activity, how many it has, its first operation, the least and the greatest begin and the
    least and the greatest end; ``clipped`` is (bounds, end of the horizon, whether all lanes take place).
    """
    a, n, o, low, high, lowest, highest = order
    bounds, horizon_end, all_here = clipped
    i0 = interval_from(bounds, low, 0)
    inside = low >= 0 and highest <= horizon_end and highest < bounds[i0 + 1]
    if inside and all_here:
        k = period_in(bounds, i0)
        carrying = plain_inside(times, a, n, rate, o, x)
        add_all(out, k, g, CARRY_OP_END_CLIPPED, x, END_BEFORE)
        add_all(out, k, g, CARRY_MO_END_CLIPPED, x, STARTS_BEFORE)
        i1 = i0
    else:
        i0, i2, i1 = cut_order(bounds, low, high, highest, horizon_end, x, y)
        carrying = plain_cut(times, a, n, rate, o, x)
        book_order(g, i0, i2, bounds, horizon_end, x, y, out)
        spread_order(a, n, o, rate, g, i0, i1, times, bounds, horizon_end, x, y, out)
        i0 = interval_from(bounds, lowest, i0)
    for s in range(LANES):
        early = need - x[ORDER_END + s]
        x[STARTS_AFTER + s] = carrying * early
        x[END_AFTER + s] = carrying * early if early > 0.0 else 0.0
    book_end(g, i0, i1, bounds, all_here, x, y, out)


@inlined
def book_end(g: Any, i0: Any, i1: Any, bounds: Any, all_here: bool, x: Any, y: Any, out: Any) -> None:
    """Add what belongs to the period in which the order ends; intervals of its ends are ``i0`` to ``i1``."""
    if i0 == i1 and all_here:
        k = period_in(bounds, i0)
        add_all(out, k, g, CARRY_OP_END, x, END_BEFORE)
        add_all(out, k, g, CARRY_MO_END, x, STARTS_BEFORE)
        add_all(out, k, g, FG_CARRY, x, STARTS_AFTER)
        add_all(out, k, g, FG_CARRY_CLAMPED, x, END_AFTER)
        return
    intervals(bounds, x, ORDER_END, i0, i1, y, ENDS)
    for s in range(LANES):
        y[ENDS + s] = y[ENDS + s] if y[HERE + s] == 1 else -1
    for i in range(i0, i1 + 1):
        k = period_in(bounds, i)
        add(out, k, g, CARRY_OP_END, y, ENDS, i, x, END_BEFORE)
        add(out, k, g, CARRY_MO_END, y, ENDS, i, x, STARTS_BEFORE)
        add(out, k, g, FG_CARRY, y, ENDS, i, x, STARTS_AFTER)
        add(out, k, g, FG_CARRY_CLAMPED, y, ENDS, i, x, END_AFTER)


@inlined
def spread_order(
    a: Any,
    n: Any,
    o: Any,
    rate: Any,
    g: Any,
    i0: Any,
    i1: Any,
    times: Any,
    bounds: Any,
    horizon_end: float,
    x: Any,
    y: Any,
    out: Any,
) -> None:
    """Clipped carrying cost of a plain order in the lanes in which it is in more than TWO periods of the horizon."""
    more: Any = np.int64(0)
    for s in range(LANES):
        more += np.int64((y[TWO + s] == 0) & (x[BEGIN + s] < horizon_end))
    if more == 0:
        return
    for c in range(n):
        one = times[a + c]
        for s in range(LANES):
            x[FROM + s] = np.float64(one[0, s])
            x[TO + s] = np.float64(one[1, s])
        spread_lanes(out, CARRY_OP_END_CLIPPED, g, rate[o + c], i0, i1, bounds, horizon_end, TO, x, y)
        spread_lanes(out, CARRY_MO_END_CLIPPED, g, rate[o + c], i0, i1, bounds, horizon_end, ORDER_END, x, y)
