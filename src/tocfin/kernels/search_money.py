"""Local search on a plan's money: another sequence, another resource, overtime bought or given back; keep what pays.

The sequence of loads is the plan; `tocfin.kernels.search_loads` places it. Acceptance is late acceptance (Burke and
Bykov 2017): a plan is taken when it is no worse than the present one or than the one some steps ago.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tocfin.kernels.compile import inlined, kernel
from tocfin.kernels.search_loads import SHOT, Bytes, Ints, Longs, placed, put
from tocfin.kernels.search_moves import below
from tocfin.kernels.search_worth import worth

#: How many steps acceptance looks back.
MEMORY = 64
#: Steps that may bring nothing better before the best plan is shaken: so many, and so many for each load.
PATIENCE, PATIENCE_PER_LOAD = 50, 20
#: Rows of `Walk.tally`, and of `Walk.money`.
STEP, ACCEPTED, STALL = range(3)
NOW, BEST, LOCAL = range(3)


class Walk(NamedTuple):
    """What a search remembers between calls of `climb`."""

    seed: NDArray[np.uint64]  # (1)
    tally: NDArray[np.int64]  # (3) steps made, steps accepted, steps since the best
    money: NDArray[np.float64]  # (3 + MEMORY) now, best, best since it was shaken, the last ones
    place: Ints  # (loads) of the present sequence; -1 for what is fixed
    order: Ints  # (free loads) the sequence accepted last
    choice: Ints  # (loads)
    bought: Bytes  # (segments)
    floor: Longs  # (loads)
    best_order: Ints
    best_choice: Ints
    best_bought: Bytes
    best_floor: Longs
    job_first: Ints  # (jobs + 1) into job_load
    job_load: Ints  # free loads of each job
    after_first: Ints  # (loads + 1) into after_load
    after_load: Ints  # loads that wait for it
    shots: NDArray[np.int64]  # (shots, 2, units) of the sequence accepted last
    kept: NDArray[np.int64]  # (2, loads) start and end of loads there
    kept_member: NDArray[np.int64]  # (3, members) start, end and resource of members there
    touched: NDArray[np.int64]  # (2) first and last position that the last change touched


@kernel
def begin(loads: Any, decision: Any, unit_free: Any, value: Any, times: Any, walk: Any) -> Any:
    """Start from ``decision``; the number of loads for which there is no room (then it is worth nothing)."""
    stuck = placed(loads, decision, unit_free, times)
    money = worth(loads, decision, unit_free, value, times) if stuck == 0 else -np.inf
    walk.money[:] = money
    walk.place[:] = -1
    for i in range(decision.order.size):
        walk.place[decision.order[i]] = i
    _accept(decision, times, walk)
    _best(decision, walk)
    return stuck


@kernel
def climb(loads: Any, decision: Any, unit_free: Any, value: Any, times: Any, walk: Any, steps: int) -> None:
    """Try ``steps`` changes; ``walk.best_*`` hold the best plan, ``walk.money`` what it is worth.

    After many steps that brought nothing better the search goes on from the best plan, shaken.
    """
    money, tally = walk.money, walk.tally
    patience = PATIENCE + PATIENCE_PER_LOAD * decision.order.size
    for _ in range(steps):
        tally[STEP] += 1
        tally[STALL] += 1
        if tally[STALL] > patience:
            _shake(loads, decision, unit_free, value, times, walk)
            continue
        if not _change(loads, decision, value, times, walk):
            continue
        got = _tried(loads, decision, unit_free, value, times, walk)
        ago = 3 + tally[STEP] % MEMORY
        if got > -np.inf and (got >= money[NOW] or got >= money[ago]):
            tally[ACCEPTED] += 1
            _keep(got, decision, times, walk)
        else:
            _undo(decision, times, walk)
        money[ago] = money[NOW]


@kernel
def _tried(loads: Any, decision: Any, unit_free: Any, value: Any, times: Any, walk: Any) -> Any:
    """What the changed decision is worth."""
    if not _placed_again(loads, decision, times, walk):
        return -np.inf
    return worth(loads, decision, unit_free, value, times)


@kernel
def _placed_again(loads: Any, decision: Any, times: Any, walk: Any) -> Any:
    """Place the changed decision from the first position touched; False where something finds no room.

    Ends as soon as nothing can differ any more from the decision accepted last: behind the last position touched and
    all that waits for what ends at another time, with all units free as they were.
    """
    begin, until = walk.touched[0] // SHOT, walk.touched[1]
    times.free[:] = walk.shots[begin]
    for i in range(begin * SHOT, decision.order.size):
        if i % SHOT == 0:
            if i > until and _same(times.free, walk.shots[i // SHOT]):
                return True
            times.shots[i // SHOT] = times.free
        x = decision.order[i]
        if put(loads, decision, times, x, True) < 0 or times.load_end[x] > loads.deadline[x]:
            return False
        if times.load_end[x] != walk.kept[1, x]:
            for e in range(walk.after_first[x], walk.after_first[x + 1]):
                until = max(until, np.int64(walk.place[walk.after_load[e]]))
    return True


@inlined
def _same(free: Any, before: Any) -> Any:
    for k in range(2):
        for u in range(free.shape[1]):
            if free[k, u] != before[k, u]:
                return False
    return True


@kernel
def _keep(got: float, decision: Any, times: Any, walk: Any) -> None:
    """Go on from this decision, worth ``got``."""
    walk.money[NOW] = got
    _accept(decision, times, walk)
    if got > walk.money[LOCAL]:
        walk.money[LOCAL] = got
        walk.tally[STALL] = 0
    if got > walk.money[BEST]:
        walk.money[BEST] = got
        _best(decision, walk)


@kernel
def _shake(loads: Any, decision: Any, unit_free: Any, value: Any, times: Any, walk: Any) -> None:
    """Some changes of the best plan, or of the present one, whatever they are worth."""
    if below(walk.seed, 4):
        decision.order[:] = walk.best_order
        decision.choice[:] = walk.best_choice
        decision.bought[:] = walk.best_bought
        decision.floor[:] = walk.best_floor
        for i in range(decision.order.size):
            walk.place[decision.order[i]] = i
        placed(loads, decision, unit_free, times)
        _accept(decision, times, walk)
        walk.money[NOW] = walk.money[BEST]
    for _ in range(2 + below(walk.seed, 6)):
        if _change(loads, decision, value, times, walk):
            got = _tried(loads, decision, unit_free, value, times, walk)
            if got > -np.inf:
                _keep(got, decision, times, walk)
            else:
                _undo(decision, times, walk)
    walk.money[LOCAL:] = walk.money[NOW]
    walk.tally[STALL] = 0


@inlined
def _touch(walk: Any, first: int, last: int) -> None:
    walk.touched[0], walk.touched[1] = min(walk.touched[0], first), max(walk.touched[1], last)


@kernel
def _change(loads: Any, decision: Any, value: Any, times: Any, walk: Any) -> Any:
    """One change at random; False when it came to nothing."""
    n = decision.order.size
    walk.touched[0], walk.touched[1] = n - 1, 0
    kind = below(walk.seed, 100)
    if kind < 6 and loads.choice_resource.size:
        x = decision.order[below(walk.seed, n)]
        choices = loads.choice_first[x + 1] - loads.choice_first[x]
        if choices < 2:
            return False
        _touch(walk, walk.place[x], walk.place[x])
        decision.choice[x] = (decision.choice[x] + 1 + below(walk.seed, choices - 1)) % choices
        return True
    if kind < 10 and _overtime(loads, decision, walk):
        return True
    if kind < 12:
        return _deferred(loads, decision, value, walk)
    if kind < 24 and value.just_in_time:
        return _just_in_time(loads, decision, value, times, walk)
    reach = 1 + below(walk.seed, 1 << (1 + below(walk.seed, 10)))
    if kind < 55:
        j = _costly(value, times, walk)
        if j < 0:
            return False
        changed = False
        for i in range(walk.job_first[j], walk.job_first[j + 1]):
            changed |= _earlier(loads, decision, walk, walk.job_load[i], reach)
        return changed
    x = decision.order[below(walk.seed, n)]
    if kind < 80:
        return _earlier(loads, decision, walk, x, reach)
    return _later(loads, decision, walk, x, reach)


@kernel
def _costly(value: Any, times: Any, walk: Any) -> Any:
    """A job that pays to be earlier, the dearest of a few taken at random; -1 for none.

    ``times.job_end`` is that of the plan tried last, which is near enough.
    """
    best, most = -1, 0.0
    for _ in range(8):
        j = below(walk.seed, times.job_end.size)
        if not value.job_scheduled[j] or walk.job_first[j] == walk.job_first[j + 1]:
            continue
        late = times.job_end[j] - value.job_need[j]
        cost = value.job_penalty[j] * late / 86_400.0 if late > 0 else 0.0
        if times.job_end[j] >= value.end:
            cost = max(value.job_value[j], cost)
        if cost > most:
            best, most = j, cost
    return best


@kernel
def _overtime(loads: Any, decision: Any, walk: Any) -> Any:
    """Buy an interval of potential overtime, or give it back."""
    if not loads.segment_potential.size:
        return False
    for _ in range(20):
        s = below(walk.seed, loads.segment_potential.size)
        if loads.segment_potential[s]:
            decision.bought[s] = 1 - decision.bought[s]
            _touch(walk, 0, decision.order.size)
            return True
    return False


@kernel
def _deferred(loads: Any, decision: Any, value: Any, walk: Any) -> Any:
    """Leave a job out of the period or of both, or take it in again."""
    j = below(walk.seed, walk.job_first.size - 1)
    if walk.job_first[j] == walk.job_first[j + 1]:
        return False
    to = np.int64(0)
    some = below(walk.seed, 4)
    if some > 1:
        to = value.this_end if some == 2 else value.end
    changed = False
    for i in range(walk.job_first[j], walk.job_first[j + 1]):
        x = walk.job_load[i]
        changed |= decision.floor[x] != to
        decision.floor[x] = to
        _touch(walk, walk.place[x], walk.place[x])
    return changed


@kernel
def _just_in_time(loads: Any, decision: Any, value: Any, times: Any, walk: Any) -> Any:
    """Let a load wait until what waits for it begins, or until its order ends when it is needed; or no longer.

    ``times`` are those of the plan accepted last.
    """
    x = decision.order[below(walk.seed, decision.order.size)]
    _touch(walk, walk.place[x], walk.place[x])
    if decision.floor[x] and below(walk.seed, 3) == 0:
        decision.floor[x] = 0
        return True
    until = np.int64(-1)
    for e in range(walk.after_first[x], walk.after_first[x + 1]):
        y = walk.after_load[e]
        until = times.load_start[y] if until < 0 else min(until, times.load_start[y])
    if until < 0:
        until = value.order_need[value.member_order[loads.first_member[x]]]
    spare = until - times.load_end[x]
    if spare <= 0:
        return False
    decision.floor[x] = times.load_start[x] + (spare if below(walk.seed, 2) else 1 + below(walk.seed, spare))
    return True


@kernel
def _earlier(loads: Any, decision: Any, walk: Any, x: int, reach: int) -> Any:
    """Move load ``x`` forward in the sequence, not before what it waits for."""
    i = walk.place[x]
    to = max(i - reach, 0)
    for e in range(loads.before_first[x], loads.before_first[x + 1]):
        to = max(to, walk.place[loads.before_load[e]] + 1)
    for at in range(i, to, -1):
        y = decision.order[at - 1]
        decision.order[at] = y
        walk.place[y] = at
    decision.order[to] = x
    walk.place[x] = to
    _touch(walk, to, i)
    was = decision.floor[x]
    decision.floor[x] = 0
    return to < i or was > 0


@kernel
def _later(loads: Any, decision: Any, walk: Any, x: int, reach: int) -> Any:
    """Move load ``x`` back in the sequence, not behind what waits for it."""
    i = walk.place[x]
    to = min(i + reach, decision.order.size - 1)
    for e in range(walk.after_first[x], walk.after_first[x + 1]):
        if walk.place[walk.after_load[e]] >= 0:
            to = min(to, walk.place[walk.after_load[e]] - 1)
    for at in range(i, to):
        y = decision.order[at + 1]
        decision.order[at] = y
        walk.place[y] = at
    decision.order[to] = x
    walk.place[x] = to
    _touch(walk, i, to)
    return to > i


@kernel
def _accept(decision: Any, times: Any, walk: Any) -> None:
    walk.order[:] = decision.order
    walk.choice[:] = decision.choice
    walk.bought[:] = decision.bought
    walk.floor[:] = decision.floor
    walk.shots[:] = times.shots
    walk.kept[0], walk.kept[1] = times.load_start, times.load_end
    walk.kept_member[0], walk.kept_member[1], walk.kept_member[2] = times.start, times.end, times.resource


@kernel
def _undo(decision: Any, times: Any, walk: Any) -> None:
    decision.order[:] = walk.order
    decision.choice[:] = walk.choice
    decision.bought[:] = walk.bought
    decision.floor[:] = walk.floor
    for i in range(walk.touched[0], decision.order.size):
        walk.place[decision.order[i]] = i
    times.shots[:] = walk.shots
    times.load_start[:], times.load_end[:] = walk.kept[0], walk.kept[1]
    times.start[:], times.end[:] = walk.kept_member[0], walk.kept_member[1]
    for m in range(times.resource.size):
        times.resource[m] = walk.kept_member[2, m]


@kernel
def _best(decision: Any, walk: Any) -> None:
    walk.best_order[:] = decision.order
    walk.best_choice[:] = decision.choice
    walk.best_bought[:] = decision.bought
    walk.best_floor[:] = decision.floor
