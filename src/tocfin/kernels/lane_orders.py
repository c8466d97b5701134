"""Carrying cost of an order in 64 replications at once: ``tocfin.kernels.orders`` with lanes.

Instants are in seconds after the clock; ``out`` and ``bounds`` are as in ``tocfin.kernels.lane_add``. ``x`` and ``y``
are scratch, float64 and int32: one array each, so that the compiler knows the quantities in it apart.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tocfin.kernels.compile import inlined
from tocfin.kernels.fetch import fetch_row
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
    NOWHERE,
    ONE,
    ORDER_END,
    PLACE,
    STARTS_AFTER,
    STARTS_BEFORE,
    TO,
    TWO,
    add,
    add_all,
    add_to,
    interval_from,
    intervals,
    lanes_at,
    only_here,
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
from tocfin.kernels.vector import WIDE, alike, any_of, chosen, greater, greatest_of, least_of, lesser, load, real, store

NEVER = np.iinfo(np.int64).min
#: So many activities are asked for while all parts are gone through once.
ASKED = LANES // WIDE
LEAST, MOST = np.int32(-(2**31)), np.int32(2**31 - 1)


@inlined
def ask(times: Any, coming: Any, s: Any) -> None:
    """Ask for times that the next job needs, of one activity with each part of lanes: ``s`` is its first.

    ``coming`` is the first activity and the end. One at a time: there is room for a dozen or two lines on their way.
    """
    a = coming[0] + s // WIDE
    if a < coming[1]:
        fetch_row(times, np.uint64(a))


@inlined
def order_span(times: Any, first: Any, last: Any, chained: bool, coming: Any, x: Any) -> Any:
    """BEGIN and ORDER_END of activities ``first : last``; the least and the greatest of each.

    Where they are ``chained``, each of them begins when the one before it has ended, or later.
    """
    low, high, lowest, highest = alike(MOST), alike(LEAST), alike(MOST), alike(LEAST)
    others, ends = (last, last - 1) if chained else (first + 1, first)
    for s in range(0, LANES, WIDE):
        ask(times, coming, s)
        begin, end = load(times[first, 0], s), load(times[ends, 1], s)
        for a in range(others, last):
            begin, end = lesser(begin, load(times[a, 0], s)), greater(end, load(times[a, 1], s))
        store(x, BEGIN + s, real(begin))
        store(x, ORDER_END + s, real(end))
        low, high = lesser(low, begin), greater(high, begin)
        lowest, highest = lesser(lowest, end), greater(highest, end)
    return least_of(low), greatest_of(high), least_of(lowest), greatest_of(highest)


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
        for s in range(0, LANES, WIDE):
            store(x, TO + s, real(load(times[a, 1], s)))
        intervals(bounds, x, TO, 0, highest, y, PLACE)
        by = np.inf
        if actual.size and actual[a] != NEVER:
            by = np.float64(actual[a] - clock)
        for i in range(highest + 1):
            k = period_in(bounds, i)
            for s in range(0, LANES, WIDE):
                end = load(x, TO + s)
                counts = (load(y, PLACE + s) == np.int32(i)) & (end < 0.0) & (load(y, HERE + s) == ONE)
                add_to(out[0], lanes_at(out, k, g, DUE) + s, counts, 1.0)
                adhered = chosen(end >= by, 1.0, 0.0) if actual.size else alike(np.nan)
                add_to(out[0], lanes_at(out, k, g, ADHERED) + s, counts, adhered)


@inlined
def _since(times: Any, a: Any, s: Any, begin: Any) -> Any:
    """Start and end of an activity [s] since ``begin``, in one part of lanes."""
    return real(load(times[a, 0], s)) - begin, real(load(times[a, 1], s)) - begin


@inlined
def plain_inside(times: Any, a: Any, n: Any, coming: Any, rate: Any, o: Any, x: Any) -> float:
    """What a plain order costs [x s] that lies in one period in every lane; the sum of its rates."""
    carrying = 0.0
    for i in range(n):
        carrying += rate[o + i]
    for s in range(0, LANES, WIDE):
        ask(times, coming, s)
        begin, by_end = load(x, BEGIN + s), alike(0.0)
        by_start = by_end
        for i in range(n):
            cost = rate[o + i]
            from_, to = _since(times, a + i, s, begin)
            by_start = by_start + cost * from_
            by_end = by_end + cost * (to - from_)
        store(x, END_BEFORE + s, by_end)
        store(x, STARTS_BEFORE + s, carrying * (load(x, ORDER_END + s) - begin) - by_start)
    return carrying


@inlined
def sides(span: Any, a: Any, n: Any, chained: bool, cut: float) -> Any:
    """Of ``n`` activities from ``a`` on, how many are over by ``cut`` in every lane; which ones begin behind it.

    The first ones are over; those from the second number on have not begun. ``span`` has the least and the greatest
    end of each; of activities that are not ``chained`` it does not tell when they begin.
    """
    over, behind = 0, n
    while over < n and span[a + over, 1] <= cut:
        over += 1
    while chained and behind > max(over, 1) and span[a + behind - 2, 0] >= cut:
        behind -= 1
    return over, behind


@inlined
def plain_cut(times: Any, a: Any, n: Any, sides: Any, coming: Any, rate: Any, o: Any, x: Any) -> float:
    """What a plain order costs [x s] before and after CUT: of ends in END_*, of the order's in STARTS_*.

    ``sides`` are those of a cut that is the same in every lane, else (0, n).
    """
    carrying = 0.0
    for i in range(n):
        carrying += rate[o + i]
    over, behind = sides
    for s in range(0, LANES, WIDE):
        ask(times, coming, s)
        begin, order_end, end_before = load(x, BEGIN + s), load(x, ORDER_END + s), alike(0.0)
        until_cut = lesser(load(x, CUT + s), order_end) - begin
        end_after, starts_before, starts_after = end_before, end_before, end_before
        for i in range(over):
            cost = rate[o + i]
            from_, to = _since(times, a + i, s, begin)
            starts_before = starts_before + cost * from_
            end_before = end_before + cost * (to - from_)
        for i in range(over, behind):
            cost = rate[o + i]
            from_, to = _since(times, a + i, s, begin)
            cut_from = lesser(from_, until_cut)
            before = lesser(to, until_cut) - cut_from
            starts_before = starts_before + cost * cut_from
            starts_after = starts_after + cost * (from_ - cut_from)
            end_before = end_before + cost * before
            end_after = end_after + cost * (to - from_ - before)
        for i in range(behind, n):
            cost = rate[o + i]
            from_, to = _since(times, a + i, s, begin)
            starts_before = starts_before + cost * until_cut
            starts_after = starts_after + cost * (from_ - until_cut)
            end_after = end_after + cost * (to - from_)
        store(x, END_BEFORE + s, end_before)
        store(x, END_AFTER + s, end_after)
        store(x, STARTS_BEFORE + s, carrying * until_cut - starts_before)
        store(x, STARTS_AFTER + s, carrying * (order_end - begin - until_cut) - starts_after)
    return carrying


@inlined
def cut_order(bounds: Any, low: float, high: float, last: float, horizon_end: float, x: Any, y: Any) -> Any:
    """CUT, intervals of BEGIN and ORDER_END, and TWO where the order lies in one period or two of the horizon.

    Returns the least interval of a begin, the greatest one, and that of an end.
    """
    lowest = interval_from(bounds, low, 0)
    highest = interval_from(bounds, high, lowest)
    intervals(bounds, x, BEGIN, lowest, highest, y, BEGINS)
    for s in range(0, LANES, WIDE):
        begins, ends, interval = load(x, BEGIN + s), load(x, ORDER_END + s), load(y, BEGINS + s)
        at, two = alike(bounds[highest + 1]), alike(np.int32(0))
        for i in range(lowest, highest + 1):
            cut, far = bounds[i + 1], bounds[min(i + 2, bounds.size - 1)]
            here = interval == np.int32(i)
            at = chosen(here, cut, at)
            # From the clock on, unless the cut is there; to the end of the horizon, unless the cut is there.
            from_ = -np.inf if cut == 0.0 else 0.0
            to = np.inf if cut == horizon_end else horizon_end
            two = chosen(here & (ends < far) & (begins >= from_) & (ends <= to), ONE, two)
        store(x, CUT + s, at)
        store(y, TWO + s, two)
    return lowest, highest, interval_from(bounds, last, lowest)


@inlined
def spread_lanes(
    out: Any, slot: Any, g: Any, rate: float, i0: Any, i1: Any, bounds: Any, end: float, upto: Any, x: Any, y: Any
) -> None:
    """``rate`` x seconds from FROM to ``x[upto]``, inside the horizon, where the order is not in TWO periods."""
    for i in range(i0, i1 + 1):
        opens, closes = max(bounds[i], 0.0), min(bounds[i + 1], end)
        if opens >= closes:
            continue
        k = period_in(bounds, i)
        for s in range(0, LANES, WIDE):
            seconds = lesser(load(x, upto + s), closes) - greater(load(x, FROM + s), opens)
            more = (load(y, TWO + s) == np.int32(0)) & (load(y, HERE + s) == ONE)
            add_to(out[0], lanes_at(out, k, g, slot) + s, more & (seconds > 0.0), rate * seconds)


@inlined
def book_order(g: Any, i0: Any, i1: Any, bounds: Any, horizon_end: float, x: Any, y: Any, out: Any) -> None:
    """Add what ``plain_cut`` found: clipped where the order is in TWO periods, all of it where the order ends."""
    for s in range(0, LANES, WIDE):
        counts = (load(y, TWO + s) == ONE) & (load(y, HERE + s) == ONE)
        store(y, PLACE + s, chosen(counts, load(y, BEGINS + s), NOWHERE))
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
    for s in range(0, LANES, WIDE):
        store(x, END_BEFORE + s, load(x, END_BEFORE + s) + load(x, END_AFTER + s))
        store(x, STARTS_BEFORE + s, load(x, STARTS_BEFORE + s) + load(x, STARTS_AFTER + s))


@inlined
def sum_order(
    order: Any, rate: Any, need: float, g: Any, timed: Any, coming: Any, clipped: Any, x: Any, y: Any, out: Any
) -> None:
    """Carrying cost of one plain order.

    ``order`` is its first activity, how many it has, its first operation, the least and the greatest begin and the
    least and the greatest end; ``clipped`` is (bounds, end of the horizon, whether all lanes take place).
    """
    a, n, o, low, high, lowest, highest = order
    bounds, horizon_end, all_here = clipped
    times, span, chained = timed
    i0 = interval_from(bounds, low, 0)
    inside = low >= 0 and highest <= horizon_end and highest < bounds[i0 + 1]
    if inside and all_here:
        k = period_in(bounds, i0)
        carrying = plain_inside(times, a, n, coming, rate, o, x)
        add_all(out, k, g, CARRY_OP_END_CLIPPED, x, END_BEFORE)
        add_all(out, k, g, CARRY_MO_END_CLIPPED, x, STARTS_BEFORE)
        i1 = i0
    else:
        i0, i2, i1 = cut_order(bounds, low, high, highest, horizon_end, x, y)
        found = sides(span, a, n, chained, bounds[i0 + 1]) if i0 == i2 else (0, n)
        carrying = plain_cut(times, a, n, found, coming, rate, o, x)
        book_order(g, i0, i2, bounds, horizon_end, x, y, out)
        spread_order(a, n, o, rate, g, i0, i1, times, bounds, horizon_end, x, y, out)
        i0 = interval_from(bounds, lowest, i0)
    for s in range(0, LANES, WIDE):
        early = need - load(x, ORDER_END + s)
        costs = carrying * early
        store(x, STARTS_AFTER + s, costs)
        store(x, END_AFTER + s, chosen(early > 0.0, costs, 0.0))
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
    only_here(y, ENDS)
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
    more = False
    for s in range(0, LANES, WIDE):
        more = more or any_of((load(y, TWO + s) == np.int32(0)) & (load(x, BEGIN + s) < horizon_end))
    if not more:
        return
    for c in range(n):
        for s in range(0, LANES, WIDE):
            store(x, FROM + s, real(load(times[a + c, 0], s)))
            store(x, TO + s, real(load(times[a + c, 1], s)))
        spread_lanes(out, CARRY_OP_END_CLIPPED, g, rate[o + c], i0, i1, bounds, horizon_end, TO, x, y)
        spread_lanes(out, CARRY_MO_END_CLIPPED, g, rate[o + c], i0, i1, bounds, horizon_end, ORDER_END, x, y)
