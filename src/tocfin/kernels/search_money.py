"""Local search on a plan's money: another sequence, another resource, overtime bought or given back; keep what pays.

The sequence of loads is the plan; `tocfin.kernels.search_loads` places it. Acceptance is late acceptance (Burke and
Bykov 2017): a plan is taken when it is no worse than the present one or than the one some steps ago.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tocfin.kernels.compile import kernel
from tocfin.kernels.search_loads import SHOT, Bytes, Ints, placed, placed_from
from tocfin.kernels.search_moves import below
from tocfin.kernels.search_worth import worth

#: How many steps acceptance looks back.
MEMORY = 64
#: Rows of `Walk.tally`.
STEP, ACCEPTED = range(2)


class Walk(NamedTuple):
    """What a search remembers between calls of `climb`."""

    seed: NDArray[np.uint64]  # (1)
    tally: NDArray[np.int64]  # (2) steps made, steps accepted
    money: NDArray[np.float64]  # (2 + MEMORY) now, best, the last ones
    place: Ints  # (loads) of the present sequence; -1 for what is fixed
    order: Ints  # (free loads) the sequence accepted last
    choice: Ints  # (loads)
    bought: Bytes  # (segments)
    best_order: Ints
    best_choice: Ints
    best_bought: Bytes
    job_first: Ints  # (jobs + 1) into job_load
    job_load: Ints  # free loads of each job
    after_first: Ints  # (loads + 1) into after_load
    after_load: Ints  # loads that wait for it
    shots: NDArray[np.int64]  # (shots, units) of the sequence accepted last
    kept: NDArray[np.int64]  # (2, loads) start and end of loads there
    kept_member: NDArray[np.int64]  # (3, members) start, end and resource of members there
    touched: NDArray[np.int64]  # (1) first position that the last change touched


@kernel
def begin(loads: Any, decision: Any, unit_free: Any, value: Any, times: Any, walk: Any) -> Any:
    """Start from ``decision``; the number of loads for which there is no room (then it is worth nothing)."""
    stuck = placed(loads, decision, unit_free, times)
    money = worth(loads, decision, value, times) if stuck == 0 else -np.inf
    walk.money[:] = money
    walk.place[:] = -1
    for i in range(decision.order.size):
        walk.place[decision.order[i]] = i
    _accept(decision, times, walk)
    _best(decision, walk)
    return stuck


@kernel
def climb(loads: Any, decision: Any, unit_free: Any, value: Any, times: Any, walk: Any, steps: int) -> None:
    """Try ``steps`` changes; ``walk.best_*`` hold the best plan, ``walk.money`` what it is worth."""
    money, tally = walk.money, walk.tally
    for _ in range(steps):
        tally[STEP] += 1
        if not _change(loads, decision, value, times, walk):
            continue
        got = -np.inf
        shot = walk.touched[0] // SHOT
        times.free[:] = walk.shots[shot]
        if placed_from(loads, decision, times, shot * SHOT, times.shots) == 0:
            got = worth(loads, decision, value, times)
        ago = 2 + tally[STEP] % MEMORY
        if got > -np.inf and (got >= money[0] or got >= money[ago]):
            money[0] = got
            tally[ACCEPTED] += 1
            _accept(decision, times, walk)
            if got > money[1]:
                money[1] = got
                _best(decision, walk)
        else:
            _undo(decision, times, walk)
        money[ago] = money[0]


@kernel
def _change(loads: Any, decision: Any, value: Any, times: Any, walk: Any) -> Any:
    """One change at random; False when it came to nothing."""
    n = decision.order.size
    walk.touched[0] = n - 1
    kind = below(walk.seed, 100)
    if kind < 6 and loads.choice_resource.size:
        x = decision.order[below(walk.seed, n)]
        choices = loads.choice_first[x + 1] - loads.choice_first[x]
        if choices < 2:
            return False
        walk.touched[0] = walk.place[x]
        decision.choice[x] = (decision.choice[x] + 1 + below(walk.seed, choices - 1)) % choices
        return True
    if kind < 10:
        return _overtime(loads, decision, walk)
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
            walk.touched[0] = 0
            return True
    return False


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
    walk.touched[0] = min(walk.touched[0], to)
    return to < i


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
    walk.touched[0] = min(walk.touched[0], i)
    return to > i


@kernel
def _accept(decision: Any, times: Any, walk: Any) -> None:
    walk.order[:] = decision.order
    walk.choice[:] = decision.choice
    walk.bought[:] = decision.bought
    walk.shots[:] = times.shots
    walk.kept[0], walk.kept[1] = times.load_start, times.load_end
    walk.kept_member[0], walk.kept_member[1], walk.kept_member[2] = times.start, times.end, times.resource


@kernel
def _undo(decision: Any, times: Any, walk: Any) -> None:
    decision.order[:] = walk.order
    decision.choice[:] = walk.choice
    decision.bought[:] = walk.bought
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
