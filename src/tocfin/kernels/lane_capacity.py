"""Potential overtime used and operating days, in 64 replications at once: ``tocfin.kernels.capacity`` with lanes.

What no replication changes (paid hours, capacity of drums, stock) is summed once for a plan. ``out`` is as in
``tocfin.kernels.lane_add``; instants are int32 seconds after the clock.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tocfin.kernels.capacity import HOUR, IS_ACTIVE, IS_DRUM, IS_SUBCONTRACTOR
from tocfin.kernels.compile import inlined, kernel, lean
from tocfin.kernels.fetch import AHEAD, fetch_row
from tocfin.kernels.lane_add import LANES, add_to, extremes, fill, interval_from, lanes_at, period_in
from tocfin.kernels.march_odd import LIMIT
from tocfin.kernels.slots import DAY_COST, DAYS, DRUM_POTENTIAL_USED, N_DAY_RULE, USED_COST
from tocfin.kernels.vector import WIDE, any_of, chosen, greater, lesser, load, real, store
from tocfin.kernels.worktime import CLEANOUT, POTENTIAL, segment_after

FOREVER, EARLIEST = np.int32(2**31 - 1), np.int32(-LIMIT)
#: Days opened by all potential overtime, by what is used of it; by cleanouts too.
ALL, USED, ALL_CLEANOUT, USED_CLEANOUT = range(N_DAY_RULE)


@inlined
def _open(first_cost: Any, days: Any, low: Any, high: Any, kind: Any, start: Any, end: Any) -> None:
    """Note planned paid time ``[start, end)`` in the operating days ``low : high`` that it touches."""
    for d in range(low, high):
        if days[d + 1] > start and days[d] < end:
            at = max(start, days[d])
            if kind != CLEANOUT:
                first_cost[ALL, d] = min(first_cost[ALL, d], at)
            first_cost[ALL_CLEANOUT, d] = min(first_cost[ALL_CLEANOUT, d], at)
            if kind != CLEANOUT and kind != POTENTIAL:
                first_cost[USED, d] = min(first_cost[USED, d], at)
            if kind != POTENTIAL:
                first_cost[USED_CLEANOUT, d] = min(first_cost[USED_CLEANOUT, d], at)


@kernel
def planned_days(enterprise: Any, spans: Any, out_first: Any) -> None:
    """First costed instant of every operating day, as planned and without potential overtime used.

    ``out_first`` (rules, days) int32 [s], in: the greatest there is.
    """
    for r in range(enterprise.resource_role.size):
        if not enterprise.resource_role[r] & IS_ACTIVE:
            continue
        p, t = enterprise.resource_plant[r], enterprise.resource_timeline[r]
        low, high = enterprise.plant_first_day[p], enterprise.plant_first_day[p + 1] - 1
        for o in range(enterprise.timeline_first[t], enterprise.timeline_first[t + 1]):
            start = max(spans.segment_start[o], np.int32(0))
            end = min(np.int64(spans.segment_end[o]), np.int64(spans.horizon_end))
            if start < end:
                _open(out_first, spans.day_start, low, high, enterprise.segment_kind[o], start, end)


@lean
def some_touched(touched: Any, sequence: Any, first: Any, out_rows: Any, out_first: Any) -> None:
    """Rows of ``sequence`` that are ``touched``, in ``out_rows``; where those of each resource begin, and the end.

    ``first`` (resources + 1) is that of ``sequence``; there is room in ``out_rows`` for one row more than it has.
    """
    n: Any = np.int64(0)
    for r in range(first.size - 1):
        out_first[r] = n
        for i in range(first[r], first[r + 1]):
            out_rows[n] = sequence[i]
            n += np.int64(touched[sequence[i]] > 0)
    out_first[first.size - 1] = n


@lean
def sum_used(
    enterprise: Any,
    spans: Any,
    grouping: Any,
    touched: Any,
    touched_first: Any,
    chain: Any,
    times: Any,
    planned: Any,
    reached: Any,
    out_first: Any,
    out: Any,
) -> bool:
    """Potential overtime that ``touched`` activities use; False where a resource does two things at once.

    =============  ==============================  ============================================================
    touched        (n)                             rows of the schedule, those of a resource in its sequence
    touched_first  (resources + 1)
    chain          (resources)                     1 where each activity begins after the one before it whatever
                                                   happens
    times          (activities, 2, lanes)          [s] start and end
    planned        (rules, days)                   [s] as in ``planned_days``
    reached        (lanes)                         scratch, int32
    out_first      (days, lanes)                   [s] first instant of each day in which some of it is used;
                                                   of a day that is planned to be open by then, the greatest there is
    out                                            ``in_line`` of what is added to
    =============  ==============================  ============================================================
    """
    first_segment, kind = enterprise.timeline_first, enterprise.segment_kind
    opens, closes = spans.segment_start, spans.segment_end
    for r in range(touched_first.size - 1):
        if touched_first[r] == touched_first[r + 1]:
            continue
        t, p = enterprise.resource_timeline[r], enterprise.resource_plant[r]
        high = first_segment[t + 1]
        role, g = enterprise.resource_role[r], grouping.resource_group[r]
        slot = USED_COST + (1 if role & IS_SUBCONTRACTOR else 0)
        units = enterprise.resource_units[r]
        rate = units * enterprise.resource_overtime_cost[r] / HOUR
        drum = units / HOUR if role & IS_DRUM else 0.0
        fill(reached, 0, EARLIEST)
        for i in range(touched_first[r], touched_first[r + 1]):
            if i + AHEAD < touched.size:
                fetch_row(times, np.uint64(touched[i + AHEAD]))
            start, end = times[touched[i], 0], times[touched[i], 1]
            least, _ = extremes(start, 0)
            _, most = extremes(end, 0)
            if not chain[r] and _overlaps(start, end, reached):
                return False
            o = segment_after(closes, first_segment[t], high, least)
            while o < high and opens[o] < most:
                if kind[o] == POTENTIAL:
                    piece = (max(opens[o], np.int32(0)), min(np.float64(closes[o]), spans.horizon_end))
                    _use(spans.bounds, piece, start, end, rate, drum, g, slot, out)
                    days = (enterprise.plant_first_day[p], enterprise.plant_first_day[p + 1] - 1)
                    _open_used(spans.day_start, days, piece, planned, start, end, out_first)
                o += 1
    return True


@inlined
def _overlaps(start: Any, end: Any, reached: Any) -> bool:
    """Whether an activity begins before those ahead of it have ended, in any lane; ``reached`` moves on."""
    overlaps = False
    for s in range(0, LANES, WIDE):
        before = load(reached, s)
        overlaps = overlaps or any_of(greater(load(start, s), EARLIEST) < before)
        store(reached, s, greater(before, load(end, s)))
    return overlaps


@inlined
def _use(
    bounds: Any,
    piece: Any,
    start: Any,
    end: Any,
    rate: float,
    drum: float,
    g: Any,
    slot: Any,
    out: Any,
) -> None:
    """What an activity uses of one segment of potential overtime, by period."""
    i = interval_from(bounds, piece[0], 0)
    while i + 1 < bounds.size and bounds[i] < piece[1]:
        from_ = np.int32(max(np.float64(piece[0]), bounds[i]))
        to = np.int32(min(piece[1], bounds[i + 1]))
        k = period_in(bounds, i)
        for s in range(0, LANES, WIDE):
            inside = lesser(load(end, s), to) - greater(load(start, s), from_)
            used, seconds = inside > np.int32(0), real(inside)
            add_to(out[0], lanes_at(out, k, g, slot) + s, used, rate * seconds)
            if drum > 0.0:
                add_to(out[0], lanes_at(out, k, g, DRUM_POTENTIAL_USED) + s, used, drum * seconds)
        i += 1


@inlined
def _open_used(days: Any, plant: Any, piece: Any, planned: Any, start: Any, end: Any, out_first: Any) -> None:
    """First used instant of each day that the segment touches, unless the day is open by then whatever is used."""
    d = segment_after(days, plant[0] + 1, plant[1], piece[0]) - 1
    while d < plant[1] and days[d] < piece[1]:
        from_ = max(piece[0], days[d])
        to = np.int32(min(piece[1], np.float64(days[d + 1])))
        if to > from_ and max(planned[USED, d], planned[USED_CLEANOUT, d]) > from_:
            first = out_first[d]
            for s in range(0, LANES, WIDE):
                at, before = greater(load(start, s), from_), load(first, s)
                store(first, s, chosen(at < lesser(load(end, s), to), lesser(before, at), before))
        d += 1


@inlined
def _add_day(bounds: Any, first: Any, expense: float, out: Any, v: Any) -> None:
    """Add an operating day that ``first`` opens to lanes ``out`` (periods + 1, terms, lanes)."""
    if first != FOREVER:
        k = period_in(bounds, interval_from(bounds, first, 0))
        for s in range(out.shape[2]):
            out[k, DAYS + v, s] += 1.0
            out[k, DAY_COST + v, s] += expense


@kernel
def sum_days(enterprise: Any, spans: Any, grouping: Any, plants: Any, planned: Any, used: Any, out: Any) -> None:
    """Operating days of ``plants`` (rows); ``planned`` as in ``planned_days``, ``used`` as in ``sum_used``."""
    bounds = spans.bounds
    for p in plants:
        g, expense = grouping.plant_group[p], enterprise.plant_expense[p]
        for d in range(enterprise.plant_first_day[p], enterprise.plant_first_day[p + 1] - 1):
            earliest, _ = extremes(used[d], 0)
            for v in range(N_DAY_RULE):
                first = planned[v, d]
                if v in (USED, USED_CLEANOUT) and earliest < first:
                    for s in range(LANES):
                        _add_day(bounds, min(first, used[d, s]), expense, out[:, g, :, s : s + 1], v)
                else:
                    _add_day(bounds, first, expense, out[:, g], v)
