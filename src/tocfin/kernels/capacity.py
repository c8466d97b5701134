"""Terms that need more than one job at a time: batches, potential overtime, paid hours, operating days, stock.

``out`` is (periods + 1, groups, terms) float64, as in ``tocfin.kernels.terms``.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tocfin.kernels.compile import inlined, kernel
from tocfin.kernels.slots import (
    CAPITAL,
    CAPITAL_STOCK,
    DAY_COST,
    DAYS,
    DRUM_AVAILABLE,
    DRUM_POTENTIAL,
    DRUM_POTENTIAL_USED,
    N_DAY_RULE,
    ONLINE_COST,
    OVERTIME_COST,
    PHYSICAL_COUNTED,
    POTENTIAL_COST,
    STOCK,
    USED_COST,
)
from tocfin.kernels.work import busy
from tocfin.kernels.worktime import (
    CLEANOUT,
    ONLINE,
    OVERTIME,
    POTENTIAL,
    paid_before,
    period_of,
    segment_after,
    spread,
)

HOUR = 3600.0
IS_DRUM, IS_SUBCONTRACTOR, HAS_POTENTIAL, IS_ACTIVE = 1, 2, 4, 8
FOREVER = np.iinfo(np.int64).max
LOW = 2**32 - 1
DIGIT = 2**11
SMALL = 256  # fewer spans are sorted by comparison


@kernel
def sum_batches(enterprise: Any, schedule: Any, horizon: Any, grouping: Any, job_period: Any, out: Any) -> None:
    """Hours on drums of batches, the union of their members' times counted once.

    ``job_period`` (jobs): period of each counted job's end, -1 for the others. A batch's physical hours belong to
    the last period in which one of its counted jobs ends.
    """
    first_segment = enterprise.timeline_first
    segments = (enterprise.segment_start, enterprise.segment_end, enterprise.segment_kind)
    before = (enterprise.segment_start, enterprise.segment_kind, enterprise.segment_online, enterprise.segment_overtime)
    for b in range(schedule.batch_first.size - 1):
        first = schedule.batch_first[b]
        last = schedule.batch_first[b + 1]
        if first == last:
            continue
        r = schedule.activity_resource[schedule.batch_activity[first]]
        if not enterprise.resource_role[r] & IS_DRUM:
            continue
        g = grouping.resource_group[r]
        low, high = first_segment[enterprise.resource_timeline[r]], first_segment[enterprise.resource_timeline[r] + 1]
        member = schedule.batch_activity[first:last]
        start = schedule.activity_start[member]
        order = np.argsort(start)
        k = -1
        for i in range(last - first):
            k = max(k, job_period[schedule.batch_job[first + i]])
        reached = np.iinfo(np.int64).min
        reached_counted = reached
        seconds = 0
        for i in order:
            from_ = start[i]
            to = schedule.activity_end[member[i]]
            times = (max(from_, reached), to, horizon.clock, horizon.end)
            at = segment_after(enterprise.segment_end, low, high, times[0])
            busy(out, g, at, high, *segments, times, horizon.bounds)
            reached = max(reached, to)
            if job_period[schedule.batch_job[first + i]] >= 0:
                if to > max(from_, reached_counted):
                    for sign, instant in ((1, to), (-1, max(from_, reached_counted))):
                        at = segment_after(enterprise.segment_end, low, high, instant)
                        online, overtime = paid_before(at, high, *before, instant)
                        seconds += sign * (online + overtime)
                reached_counted = max(reached_counted, to)
        if k >= 0:
            out[k, g, PHYSICAL_COUNTED] += seconds / HOUR


@inlined
def _charge(out: Any, g: int, slot: int, role: int, rate: float, start: int, end: int, bounds: Any) -> None:
    """Cost of paid time; a subcontractor's is kept apart, in the slot behind."""
    spread(out, g, slot + (1 if role & IS_SUBCONTRACTOR else 0), rate / HOUR, start, end, bounds, 0)


@inlined
def _open_days(first_cost: Any, day_start: Any, low: int, high: int, rules: Any, start: int, end: int) -> None:
    """Note ``[start, end)`` as costed time of the operating days ``low : high`` that it touches."""
    d = segment_after(day_start[1:], low, high, start)
    while d < high and day_start[d] < end:
        for v in range(N_DAY_RULE):
            if rules[v]:
                first_cost[v, d] = min(first_cost[v, d], max(start, day_start[d]))
        d += 1


@kernel
def sort_by_start(spans: Any, spare: Any, length: int) -> None:
    """Sort packed spans by the start in their high half, which is below ``length``: digit by digit, lowest first.

    Three times as fast as sorting by comparison, which guesses wrong at every other one. ``spare`` has room for all.
    """
    n = spans.size
    if n < SMALL:
        spans.sort()
        return
    place = np.empty(DIGIT, np.int64)
    shift = 32
    from_, to = spans, spare[:n]
    while length > 0:
        place[:] = 0
        for i in range(n):
            place[(from_[i] >> shift) & (DIGIT - 1)] += 1
        total = 0
        for d in range(DIGIT):
            count = place[d]
            place[d] = total
            total += count
        for i in range(n):
            d = (from_[i] >> shift) & (DIGIT - 1)
            to[place[d]] = from_[i]
            place[d] += 1
        from_, to = to, from_
        shift += 11
        length >>= 11
    if (shift - 32) % 22:  # an odd number of digits ends in the spare room
        spans[:] = from_


@kernel
def sum_capacity(
    enterprise: Any,
    horizon: Any,
    grouping: Any,
    touched: Any,
    touched_first: Any,
    used: Any,
    first_used: Any,
    out: Any,
) -> None:
    """Paid hours, capacity of drums and operating days; the hours of a resource count once for each of its units (R33).

    ``used`` (segments of resources): 1 for a segment of potential overtime that an activity covers whole, those of
    resource ``r`` from ``first_used[r]`` on. ``touched`` (n): times of activities that cover one in part, those of
    resource ``r`` being ``touched[touched_first[r] : touched_first[r + 1]]``: seconds from the clock to the start in
    the high half of 64 bits, to the end in the low half, both inside the horizon. They are sorted here, so that
    overlaps count once.
    """
    most = 0
    for r in range(enterprise.resource_role.size):  # maybe none
        most = max(most, touched_first[r + 1] - touched_first[r] + first_used[r + 1] - first_used[r])
    spare, pool = np.empty(most, np.int64), np.empty(most, np.int64)
    first_cost = np.full((N_DAY_RULE, enterprise.day_start.size), FOREVER, np.int64)
    everything = np.array([True, True, True, True])
    all_potential = np.array([True, False, True, False])
    used_potential = np.array([False, True, False, True])
    cleanouts = np.array([False, False, True, True])
    bounds = horizon.bounds
    for r in range(enterprise.resource_role.size):
        role = enterprise.resource_role[r]
        if not role & IS_ACTIVE:
            continue
        g = grouping.resource_group[r]
        p = enterprise.resource_plant[r]
        low = enterprise.plant_first_day[p]
        high = enterprise.plant_first_day[p + 1] - 1
        units = enterprise.resource_units[r]
        standard = units * enterprise.resource_standard_cost[r]
        premium = units * enterprise.resource_overtime_cost[r]
        timeline = enterprise.resource_timeline[r]
        n = touched_first[r + 1] - touched_first[r]
        pool[:n] = touched[touched_first[r] : touched_first[r + 1]]
        for s in range(enterprise.timeline_first[timeline], enterprise.timeline_first[timeline + 1]):
            start = max(enterprise.segment_start[s], horizon.clock)
            end = min(enterprise.segment_end[s], horizon.end)
            if start >= end:
                continue
            kind = enterprise.segment_kind[s]
            if kind in (ONLINE, CLEANOUT):
                _charge(out, g, ONLINE_COST, role, standard, start, end, bounds)
            elif kind == OVERTIME:
                _charge(out, g, OVERTIME_COST, role, premium, start, end, bounds)
            else:
                _charge(out, g, POTENTIAL_COST, role, premium, start, end, bounds)
            if kind == CLEANOUT:
                _open_days(first_cost, enterprise.day_start, low, high, cleanouts, start, end)
            elif kind == POTENTIAL:
                _open_days(first_cost, enterprise.day_start, low, high, all_potential, start, end)
            else:
                _open_days(first_cost, enterprise.day_start, low, high, everything, start, end)
            if role & HAS_POTENTIAL and used[first_used[r] + s - enterprise.timeline_first[timeline]]:
                pool[n] = ((start - horizon.clock) << 32) | (end - horizon.clock)
                n += 1
            if role & IS_DRUM and kind != CLEANOUT:
                slot = DRUM_POTENTIAL if kind == POTENTIAL else DRUM_AVAILABLE
                spread(out, g, slot, units / HOUR, start, end, bounds, 0)
        if not role & HAS_POTENTIAL:
            continue
        spans = pool[:n]
        sort_by_start(spans, spare, horizon.end - horizon.clock)
        reached = horizon.clock
        last = enterprise.timeline_first[timeline + 1]
        s = enterprise.timeline_first[timeline]
        for span in spans:
            start = max(horizon.clock + (span >> 32), reached)
            stop = horizon.clock + (span & LOW)
            if start >= stop:
                continue
            reached = stop
            while s < last and enterprise.segment_end[s] <= start:
                s += 1
            at = s
            while at < last and enterprise.segment_start[at] < stop:
                if enterprise.segment_kind[at] == POTENTIAL:
                    from_ = max(start, enterprise.segment_start[at])
                    to = min(stop, enterprise.segment_end[at])
                    _charge(out, g, USED_COST, role, premium, from_, to, bounds)
                    _open_days(first_cost, enterprise.day_start, low, high, used_potential, from_, to)
                    if role & IS_DRUM:
                        spread(out, g, DRUM_POTENTIAL_USED, units / HOUR, from_, to, bounds, 0)
                at += 1
    for p in range(enterprise.plant_expense.size):
        g = grouping.plant_group[p]
        for d in range(enterprise.plant_first_day[p], enterprise.plant_first_day[p + 1] - 1):
            for v in range(N_DAY_RULE):
                if first_cost[v, d] != FOREVER:
                    k = period_of(bounds, first_cost[v, d])
                    out[k, g, DAYS + v] += 1.0
                    out[k, g, DAY_COST + v] += enterprise.plant_expense[p]


@kernel
def sum_stock(enterprise: Any, grouping: Any, out: Any) -> None:
    """Invested capital and the value of stock on hand at the clock; they stand in period 0, *outside*."""
    for p in range(enterprise.plant_capital.size):
        out[0, grouping.plant_group[p], CAPITAL] += enterprise.plant_capital[p]
    for i in range(enterprise.stock_plant.size):
        g = grouping.stock_group[i]
        slot = 2 * enterprise.stock_kind[i]
        out[0, g, STOCK + slot] += enterprise.stock_value[i]
        out[0, g, STOCK + slot + 1] += enterprise.stock_value_variable[i]
        if slot < 6 and enterprise.plant_capital_has_stock[enterprise.stock_plant[i]]:
            out[0, g, CAPITAL_STOCK] += enterprise.stock_value[i]
            out[0, g, CAPITAL_STOCK + 1] += enterprise.stock_value_variable[i]
