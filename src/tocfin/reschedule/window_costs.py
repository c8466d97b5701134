"""What a window costs, as CP-SAT is told it: lateness, lost throughput, moves, what is carried; overtime by `Timed`."""

from __future__ import annotations

from typing import Any

import numpy as np

from tocfin.kernels.search_worth import Worth
from tocfin.reschedule.window_times import Cost, Timed

DAY = 86_400.0
#: The greatest sum of money that a model holds, so that CP-SAT's whole numbers do not overflow; parts of a unit of it.
MOST, FINEST = 2.0**45, 1e6


def priced(model: Timed, value: Worth) -> bool:
    """Make the cost of a window what the model minimises; False where nothing would cost anything."""
    _jobs(model, value)
    _moves(model, value)
    if model.window.carries and value.just_in_time:
        _carried(model, value)
    most = sum(abs(cost.rate) * cost.most for cost in model.cost)
    if not most:
        return False
    fine = min(MOST / most, FINEST)
    model.cp.minimize(sum(round(cost.rate * fine) * cost.what for cost in model.cost))
    return True


def _jobs(model: Timed, value: Worth) -> None:
    """What the ends of jobs cost: lateness, and throughput that no period of the two has."""
    job = value.member_job[model.member]
    for j in np.unique(job).tolist():
        on = np.flatnonzero(job == j).tolist()
        base = int(model.window.job_end[j])
        most = max(base, *(int(model.window.latest[i] + model.window.tail[i]) for i in on))
        if not value.job_scheduled[j] or base >= value.end:
            continue
        now = max(base, *(int(model.times.load_end[model.window.load[i]] + model.window.tail[i]) for i in on))
        end = model.number(max(base, 0), max(most, 0), now)
        for i in on:
            model.cp.add(end >= model.end[i] + int(model.window.tail[i]))
        if value.job_kept[j]:
            model.cp.add(end < int(value.this_end))
        lost = model.yes(now >= value.end) if most >= value.end else None
        if lost is not None:
            model.cp.add(end < int(value.end)).only_enforce_if(~lost)
            model.cp.add(end >= int(value.end)).only_enforce_if(lost)
            model.cost.append(Cost(float(value.job_value[j]), lost, 1.0))
        _late(model, value, j, end, (now, most), lost)


def _late(model: Timed, value: Worth, j: int, end: Any, ends: tuple[int, int], lost: Any) -> None:
    """Lateness of job ``j``, whose end is that now and at most, beyond its grace, up to its cap; none if lost."""
    rate = float(value.job_penalty[j])
    free = int(value.job_need[j] + value.job_grace[j])
    now, most = (max(at - free, 0) for at in ends)
    if not rate or not most:
        return
    cap = float(value.job_cap[j])
    capped = model.yes(rate * now / DAY > cap and ends[0] < value.end) if cap < rate * most / DAY else None
    excused = [one for one in (lost, capped) if one is not None]
    free_now = (lost is not None and ends[0] >= value.end) or rate * now / DAY > cap
    late = model.number(0, most, 0 if free_now else now)
    model.cp.add(late >= end - free).only_enforce_if(*(~one for one in excused))
    model.cost.append(Cost(rate / DAY, late, float(most)))
    if capped is not None:
        model.cost.append(Cost(cap, capped, 1.0))


def _moves(model: Timed, value: Worth) -> None:
    """What it costs that a load does not start as planned."""
    for i, x in enumerate(model.window.load.tolist()):
        planned = int(value.load_start[x])
        if value.load_move[x]:
            moved = model.yes(model.times.load_start[x] != planned)
            model.cp.add(model.begin[i] == planned).only_enforce_if(~moved)
            model.cost.append(Cost(float(value.load_move[x]), moved, 1.0))
        if value.load_move_hour[x]:
            most = int(max(abs(model.window.latest[i] - planned), abs(planned - model.window.earliest[i])))
            off = model.number(0, most, abs(int(model.times.load_start[x]) - planned))
            model.cp.add_abs_equality(off, model.begin[i] - planned)
            model.cost.append(Cost(float(value.load_move_hour[x]) / 3_600.0, off, float(most)))


def _carried(model: Timed, value: Worth) -> None:
    """Carrying cost of orders: from each start to the order's end, and of finished ones from there to the need."""
    times, clock = model.times, int(value.clock)
    order = value.member_order[model.member]
    for o in np.unique(order).tolist():
        on = np.flatnonzero(order == o).tolist()
        others = (value.member_order == o) & model.others
        ends = [clock, int(value.order_fixed_end[o]), *times.end[others].tolist()]
        most = max(*ends, *(int(model.window.latest[i]) for i in on))
        now = max(*ends, *(int(times.load_end[model.window.load[i]]) for i in on))
        end = model.number(max(ends), most, now)
        for i in on:
            model.cp.add(end >= model.end[i])
            rate = float(value.member_carry[model.member[i]])
            model.cost.append(Cost(-rate / DAY, model.begin[i] - clock, float(most - clock)))
        rate = float(value.member_carry[others].sum() + value.member_carry[model.member[on]].sum())
        model.cost.append(Cost((rate + float(value.order_fixed_carry[o])) / DAY, end - clock, float(most - clock)))
        need = int(value.order_need[o])
        if value.order_carry[o] and need > max(ends):
            early = model.number(0, need - max(ends), max(need - now, 0))
            model.cp.add(early >= need - end)
            model.cost.append(Cost(float(value.order_carry[o]) / DAY, early, float(need - max(ends))))
