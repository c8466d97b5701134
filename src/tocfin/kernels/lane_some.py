"""Carrying cost of an order that is not plain, in 64 replications at once.

Its operations lack an activity or a rate, have several activities, or really began at another time than planned.
Scratch and ``out`` are as in ``tocfin.kernels.lane_orders``.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tocfin.kernels.compile import inlined
from tocfin.kernels.lane_add import (
    END_AFTER,
    END_BEFORE,
    ENDS,
    FROM,
    LANES,
    ORDER_END,
    STARTS_AFTER,
    STARTS_BEFORE,
    TO,
    TWO,
    add,
    fill,
    interval_from,
    intervals,
    only_here,
    period_in,
)
from tocfin.kernels.lane_orders import NEVER, spread_lanes
from tocfin.kernels.slots import (
    CARRY_MO_END,
    CARRY_MO_END_CLIPPED,
    CARRY_OP_END,
    CARRY_OP_END_CLIPPED,
    FG_CARRY,
    FG_CARRY_CLAMPED,
)
from tocfin.kernels.vector import WIDE, alike, chosen, greater, lesser, load, real, store


@inlined
def operation_span(times: Any, first: Any, last: Any, actual: Any, clock: Any, x: Any) -> None:
    """FROM and TO of one operation, its start as it really was where that is known."""
    for s in range(0, LANES, WIDE):
        from_, to = alike(np.inf), alike(-np.inf)
        for a in range(first, last):
            known = actual.size > 0 and actual[a] != NEVER
            start = alike(np.float64(actual[a] - clock)) if known else real(load(times[a, 0], s))
            from_, to = lesser(from_, start), greater(to, real(load(times[a, 1], s)))
        store(x, FROM + s, from_)
        store(x, TO + s, to)


@inlined
def some_order(
    order: Any,
    within: Any,
    rate: Any,
    need: float,
    g: Any,
    times: Any,
    clipped: Any,
    x: Any,
    y: Any,
    out: Any,
) -> bool:
    """Carrying cost of one order; whether each of its operations has an activity."""
    _, n, first, _, _, lowest, highest = order
    first_activity, actual, clock = within
    bounds, horizon_end = clipped
    i0 = interval_from(bounds, lowest, 0)
    i1 = interval_from(bounds, highest, i0)
    intervals(bounds, x, ORDER_END, i0, i1, y, ENDS)
    fill(y, TWO, np.int32(0))
    only_here(y, ENDS)
    complete, carrying = True, 0.0
    for o in range(first, first + n):
        cost = rate[o]
        carrying += cost
        if first_activity[o] == first_activity[o + 1]:
            complete = False
            continue
        operation_span(times, first_activity[o], first_activity[o + 1], actual, clock, x)
        _book_operation(cost, g, i0, i1, bounds, x, y, out)
        spread_lanes(out, CARRY_OP_END_CLIPPED, g, cost, 0, i1, bounds, horizon_end, TO, x, y)
        spread_lanes(out, CARRY_MO_END_CLIPPED, g, cost, 0, i1, bounds, horizon_end, ORDER_END, x, y)
    if complete:
        _book_early(carrying, need, g, i0, i1, bounds, x, y, out)
    return complete


@inlined
def _book_operation(cost: float, g: Any, i0: Any, i1: Any, bounds: Any, x: Any, y: Any, out: Any) -> None:
    """Carrying cost of one operation, all of it where its order ends; what takes no time costs nothing."""
    for s in range(0, LANES, WIDE):
        until_own, until_end = load(x, TO + s) - load(x, FROM + s), load(x, ORDER_END + s) - load(x, FROM + s)
        store(x, END_BEFORE + s, chosen(until_own == 0.0, 0.0, cost * until_own))
        store(x, STARTS_BEFORE + s, chosen(until_end == 0.0, 0.0, cost * until_end))
    for i in range(i0, i1 + 1):
        add(out, period_in(bounds, i), g, CARRY_OP_END, y, ENDS, i, x, END_BEFORE)
        add(out, period_in(bounds, i), g, CARRY_MO_END, y, ENDS, i, x, STARTS_BEFORE)


@inlined
def _book_early(carrying: float, need: float, g: Any, i0: Any, i1: Any, bounds: Any, x: Any, y: Any, out: Any) -> None:
    """Carrying cost of finished goods; an order that ends when it is needed costs nothing."""
    for s in range(0, LANES, WIDE):
        early = need - load(x, ORDER_END + s)
        store(x, STARTS_AFTER + s, chosen(early == 0.0, 0.0, carrying * early))
        store(x, END_AFTER + s, chosen(early > 0.0, carrying * early, 0.0))
    for i in range(i0, i1 + 1):
        add(out, period_in(bounds, i), g, FG_CARRY, y, ENDS, i, x, STARTS_AFTER)
        add(out, period_in(bounds, i), g, FG_CARRY_CLAMPED, y, ENDS, i, x, END_AFTER)
