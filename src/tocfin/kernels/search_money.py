"""Local search on a plan's money: another sequence, another resource, overtime bought or given back; keep what pays.

The plan is the chains of `tocfin.kernels.search_chain`, so that a step costs what it shifts. Steps go where the money
is: along what makes a dear job late. Acceptance is late acceptance (Burke and Bykov 2017): a plan is taken when it is
no worse than the present one or than the one some steps ago.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tocfin.kernels.compile import inlined, inner, kernel, lean
from tocfin.kernels.search_bill import billed, billed_all, settled
from tocfin.kernels.search_chain import (
    FLIPPED,
    GAP,
    NOTED,
    accepted,
    bounds,
    flipped,
    label_at,
    linked,
    noted,
    relabelled,
    seated,
    shifted,
    undone,
)
from tocfin.kernels.search_loads import Bytes, Ints, Longs
from tocfin.kernels.search_moves import below
from tocfin.kernels.search_worth import worth

#: How many steps acceptance looks back.
MEMORY = 64
#: Steps that may bring nothing better before the best plan is shaken: so many, and so many for each load.
PATIENCE, PATIENCE_PER_LOAD = 50, 20
#: Accepted steps between two labellings by time, in which the money is summed anew too.
RELABEL = 2_000
#: What a plan must be better by to be the best [money]: sums of differences are not exact.
BETTER = 1e-7
#: Rows of `Walk.tally`, and of `Walk.money`.
STEP, ACCEPTED, STALL, STALE, ALL_STALE, FLIPS, SHAKES = range(7)
NOW, BEST, LOCAL = range(3)
#: What `_climb` asks for: nothing, the money summed and labels by time, or the best plan to go on from.
DONE, SUM_ANEW, START_AGAIN = range(3)


class Walk(NamedTuple):
    """What a search remembers between calls of `climb`."""

    seed: NDArray[np.uint64]  # (1)
    tally: NDArray[
        np.int64
    ]  # (7) steps made, accepted, since the best; stale since it was copied: loads, all, hours; shakes due
    money: NDArray[np.float64]  # (3 + MEMORY) now, best, best since it was shaken, the last ones
    stale: Ints  # (loads) changed since the best was copied
    is_stale: Bytes  # (loads)
    best_label: Longs  # (loads)
    best_choice: Ints
    best_bought: Bytes
    best_floor: Longs
    job_first: Ints  # (jobs + 1) into job_load
    job_load: Ints  # free loads of each job, each behind what it waits for


def begin(loads: Any, decision: Any, unit_free: Any, value: Any, times: Any, chains: Any, bill: Any, walk: Any) -> Any:
    """Start from ``decision``; what it is worth: less than anything where it does not fit, and no step is possible."""
    walk.money[:] = -np.inf
    if linked(loads, decision, unit_free, times, chains):
        return -np.inf
    walk.money[:] = worth(loads, decision, unit_free, value, times)
    if walk.money[NOW] > -np.inf:
        billed_all(loads, decision, unit_free, value, times, chains, bill)
        _relabel(loads, decision, times, chains, walk)
        _keep_best(decision, chains, walk)
    return walk.money[NOW]


def climb(
    loads: Any, decision: Any, unit_free: Any, value: Any, times: Any, chains: Any, bill: Any, walk: Any,
    steps: int,
) -> None:  # fmt: skip
    """Try ``steps`` changes; `best` has the best plan, ``walk.money`` what it is worth.

    After many steps that brought nothing better the search goes on from the best plan, shaken. What is seldom done
    is a kernel of its own, called from here: within the steps it would be compiled, and optimised, with all of them.
    """
    end = walk.tally[STEP] + steps
    ask = DONE + 1
    while ask != DONE:
        ask = _climb(loads, decision, unit_free, value, times, chains, bill, walk, end)
        if ask == START_AGAIN:
            best(decision, walk)
            linked(loads, decision, unit_free, times, chains)
        if ask != DONE:
            walk.money[NOW] = worth(loads, decision, unit_free, value, times)
            _relabel(loads, decision, times, chains, walk)
        if ask == START_AGAIN:
            billed_all(loads, decision, unit_free, value, times, chains, bill)


def _relabel(loads: Any, decision: Any, times: Any, chains: Any, walk: Any) -> None:
    """Labels by time; all of the best plan is copied when there is a better one, because labels must be of one time."""
    relabelled(loads, times, chains, decision.order)
    walk.tally[ALL_STALE] = 1


@lean
def _climb(
    loads: Any, decision: Any, unit_free: Any, value: Any, times: Any, chains: Any, bill: Any, walk: Any, end: int
) -> Any:
    """Steps until ``end`` of them are made, or until the caller must do something first: see `climb`."""
    money, tally = walk.money, walk.tally
    patience = PATIENCE + PATIENCE_PER_LOAD * decision.order.size
    while tally[STEP] < end or tally[SHAKES]:
        shaken = tally[SHAKES] > 0
        ago, least = 3, -np.inf
        if shaken:
            tally[SHAKES] -= 1
        else:
            tally[STEP] += 1
            tally[STALL] += 1
            if tally[STALL] > patience:
                again = below(walk.seed, 4) > 0
                tally[SHAKES] = 2 + below(walk.seed, 6)
                if again:
                    return START_AGAIN
                continue
            ago = 3 + tally[STEP] % MEMORY
            least = min(money[NOW], money[ago])
        is_taken = _step(loads, decision, unit_free, value, times, chains, bill, walk, least)
        if not shaken:
            money[ago] = money[NOW]
        elif tally[SHAKES] == 0:
            money[LOCAL:] = money[NOW]
            tally[STALL] = 0
        if is_taken and tally[ACCEPTED] % RELABEL == 0:
            return SUM_ANEW
    return DONE


@inner
def _step(
    loads: Any, decision: Any, unit_free: Any, value: Any, times: Any, chains: Any, bill: Any, walk: Any, least: float
) -> Any:
    """One change, kept where the plan is worth ``least`` with it; whether it is kept."""
    changed = _change(loads, decision, value, times, chains, walk)
    if not changed or not shifted(loads, decision, unit_free, times, chains):
        undone(loads, decision, times, chains)
        return False
    got = walk.money[NOW] + billed(loads, decision, unit_free, value, times, chains, bill)
    keep = got > -np.inf and got >= least
    settled(loads, times, chains, bill, keep)
    if not keep:
        undone(loads, decision, times, chains)
        return False
    _stale(chains, walk)
    accepted(loads, times, chains)
    walk.money[NOW] = got
    walk.tally[ACCEPTED] += 1
    if got > walk.money[LOCAL] + BETTER:
        walk.money[LOCAL] = got
        walk.tally[STALL] = 0
    if got > walk.money[BEST] + BETTER:
        walk.money[BEST] = got
        _best(decision, chains, walk)
    return True


@inlined
def _stale(chains: Any, walk: Any) -> None:
    """What the accepted change has changed is not in the copy of the best plan."""
    for i in range(chains.tally[NOTED]):
        x = chains.noted[0, i]
        if not walk.is_stale[x]:
            walk.is_stale[x] = 1
            walk.stale[walk.tally[STALE]] = x
            walk.tally[STALE] += 1
    walk.tally[FLIPS] += chains.tally[FLIPPED] >= 0


@inlined
def _best(decision: Any, chains: Any, walk: Any) -> None:
    """Copy the plan as the best one: only what has changed since."""
    tally = walk.tally
    for i in range(walk.is_stale.size if tally[ALL_STALE] else tally[STALE]):
        x = np.int32(i) if tally[ALL_STALE] else walk.stale[i]
        walk.is_stale[x] = 0
        walk.best_label[x] = chains.label[x]
        walk.best_choice[x], walk.best_floor[x] = decision.choice[x], decision.floor[x]
    if tally[FLIPS]:
        for s in range(decision.bought.size):
            walk.best_bought[s] = decision.bought[s]
    tally[STALE] = tally[ALL_STALE] = tally[FLIPS] = 0


@lean
def _keep_best(decision: Any, chains: Any, walk: Any) -> None:
    _best(decision, chains, walk)


@inlined
def _few(walk: Any) -> Any:
    """A number of places, mostly small: a step costs what it shifts."""
    return 1 + below(walk.seed, 1 << below(walk.seed, 6))


@kernel
def best(decision: Any, walk: Any) -> None:
    """Make ``decision`` the best one."""
    decision.order[:] = decision.order[np.argsort(walk.best_label[decision.order], kind="mergesort")]
    decision.choice[:] = walk.best_choice
    decision.bought[:] = walk.best_bought
    decision.floor[:] = walk.best_floor


@inner
def _change(loads: Any, decision: Any, value: Any, times: Any, chains: Any, walk: Any) -> Any:
    """One change at random; False when it came to nothing."""
    n = decision.order.size
    kind = below(walk.seed, 100)
    x = decision.order[below(walk.seed, n)]
    if kind < 8 and loads.choice_resource.size:
        return _elsewhere(loads, decision, chains, walk, x)
    if kind < 12 and _overtime(loads, decision, times, chains, walk):
        return True
    if kind < 14:
        return _deferred(decision, value, chains, walk)
    if kind < 24 and value.just_in_time:
        return _just_in_time(loads, decision, value, times, chains, walk, x)
    if kind < 80:
        j = _costly(value, times, walk)
        if j < 0:
            return False
        if kind >= 28:
            return _hindered(loads, decision, times, chains, walk, j)
        reach = GAP * (1 + below(walk.seed, 1 << (1 + below(walk.seed, 10))))
        changed = False
        for i in range(walk.job_first[j], walk.job_first[j + 1]):
            y = walk.job_load[i]
            changed |= _labelled_at(loads, decision, chains, y, chains.label[y] - reach)
        return changed
    places = _few(walk)
    return _along(loads, decision, chains, x, -places if kind < 92 else places)


@inner
def _costly(value: Any, times: Any, walk: Any) -> Any:
    """A job that pays to be earlier, the dearest of a few taken at random; -1 for none."""
    best, most = -1, 0.0
    for _ in range(1 + below(walk.seed, 8)):
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


@inner
def _hindered(loads: Any, decision: Any, times: Any, chains: Any, walk: Any, j: int) -> Any:
    """Along what makes job ``j`` late: something goes before work that holds it up, or that goes behind it."""
    x = walk.job_load[walk.job_first[j]]
    for i in range(walk.job_first[j], walk.job_first[j + 1]):
        if times.load_end[walk.job_load[i]] > times.load_end[x]:
            x = walk.job_load[i]
    picked, found = np.int32(-1), 0
    for _ in range(1 + below(walk.seed, 1 << (1 + below(walk.seed, 8)))):
        latest, to, by_chain = np.int64(-1), np.int32(-1), False
        for e in range(loads.before_first[x], loads.before_first[x + 1]):
            y = loads.before_load[e]
            if times.load_end[y] + loads.before_lag[e] > latest:
                latest, to = times.load_end[y] + loads.before_lag[e], y
        for node in range(chains.node_first[x], chains.node_first[x + 1]):
            if chains.node_resource[node] >= 0 and chains.node_before[node] >= 0:
                y = chains.node_load[chains.node_before[node]]
                if times.load_end[y] > latest:
                    latest, to, by_chain = times.load_end[y], y, True
        if to < 0 or not chains.is_free[to]:
            break
        if by_chain:
            found += 1
            if below(walk.seed, found) == 0:
                picked = x
        x = to
    if picked < 0:
        return False
    places = _few(walk)
    if below(walk.seed, 3):
        return _along(loads, decision, chains, picked, -places)
    for node in range(chains.node_first[picked], chains.node_first[picked + 1]):
        if chains.node_resource[node] >= 0 and chains.node_before[node] >= 0:
            return _along(loads, decision, chains, chains.node_load[chains.node_before[node]], places)
    return False


@inlined
def _chained(chains: Any, x: Any) -> Any:
    """The first node of ``x`` that is in a chain; -1 for none."""
    for node in range(chains.node_first[x], chains.node_first[x + 1]):
        if chains.node_resource[node] >= 0:
            return np.int32(node)
    return np.int32(-1)


@inner
def _along(loads: Any, decision: Any, chains: Any, x: Any, places: Any) -> Any:
    """Move ``x`` so many places along its chain, less far where it would pass what it waits for or what waits."""
    node = _chained(chains, x)
    if node < 0:
        return False
    low, high = bounds(loads, chains, x)
    before, after = chains.node_before[node], chains.node_after[node]
    while places < 0 and before >= 0 and label_at(chains, before) > low + 1:
        before, after = chains.node_before[before], before
        places += 1
    while places > 0 and after >= 0 and label_at(chains, after) < high - 1:
        before, after = after, chains.node_after[after]
        places -= 1
    return _between(loads, decision, chains, x, node, before, after)


@inner
def _labelled_at(loads: Any, decision: Any, chains: Any, x: Any, label: Any) -> Any:
    """Move ``x`` to where ``label`` is in its chain, as far as what it waits for allows."""
    node = _chained(chains, x)
    if node < 0:
        return False
    low, high = bounds(loads, chains, x)
    label = min(max(label, low + 1), high - 1)
    before, after = chains.node_before[node], chains.node_after[node]
    while before >= 0 and label_at(chains, before) >= label:
        before, after = chains.node_before[before], before
    return _between(loads, decision, chains, x, node, before, after)


@inlined
def _between(loads: Any, decision: Any, chains: Any, x: Any, node: Any, before: Any, after: Any) -> Any:
    """Seat ``x`` between two nodes of the chain of ``node``; it waits for nothing any more when that is sooner."""
    low, high = bounds(loads, chains, x)
    sooner = after >= 0 and label_at(chains, after) < chains.label[x]
    same = before == chains.node_before[node] and after == chains.node_after[node]
    if same and decision.floor[x] == 0:
        return False
    noted(decision, chains, x)
    if sooner or same:
        decision.floor[x] = 0
    if same:
        return True
    low = max(low, label_at(chains, before)) if before >= 0 else low
    high = min(high, label_at(chains, after)) if after >= 0 else high
    return seated(loads, decision, chains, x, low, high)


@inner
def _elsewhere(loads: Any, decision: Any, chains: Any, walk: Any, x: Any) -> Any:
    """Another resource for ``x``, about where it is or somewhat sooner or later."""
    choices = loads.choice_first[x + 1] - loads.choice_first[x]
    if choices < 2:
        return False
    low, high = bounds(loads, chains, x)
    noted(decision, chains, x)
    decision.choice[x] = (decision.choice[x] + 1 + below(walk.seed, choices - 1)) % choices
    label = chains.label[x]
    if below(walk.seed, 2):
        reach = GAP * (1 + below(walk.seed, 1 << (1 + below(walk.seed, 8))))
        label = min(max(label + (reach if below(walk.seed, 2) else -reach), low + 1), high - 1)
    return seated(loads, decision, chains, x, label - 1, label + 1)


@inner
def _overtime(loads: Any, decision: Any, times: Any, chains: Any, walk: Any) -> Any:
    """Buy an interval of potential overtime, or give it back."""
    if not loads.segment_potential.size:
        return False
    for _ in range(20):
        s = below(walk.seed, loads.segment_potential.size)
        if loads.segment_potential[s]:
            flipped(loads, decision, times, chains, s)
            return True
    return False


@inner
def _deferred(decision: Any, value: Any, chains: Any, walk: Any) -> Any:
    """Leave a job out of the period or of both, or take it in again."""
    j = below(walk.seed, walk.job_first.size - 1)
    to = np.int64(0)
    some = below(walk.seed, 4)
    if some > 1:
        to = value.this_end if some == 2 else value.end
    changed = False
    for i in range(walk.job_first[j], walk.job_first[j + 1]):
        x = walk.job_load[i]
        if decision.floor[x] != to:
            noted(decision, chains, x)
            decision.floor[x] = to
            changed = True
    return changed


@inner
def _just_in_time(loads: Any, decision: Any, value: Any, times: Any, chains: Any, walk: Any, x: Any) -> Any:
    """Let a load wait until what waits for it begins, or until its order ends when it is needed; or no longer."""
    if decision.floor[x] and below(walk.seed, 3) == 0:
        noted(decision, chains, x)
        decision.floor[x] = 0
        return True
    until = np.int64(-1)
    for e in range(chains.after_first[x], chains.after_first[x + 1]):
        y = chains.after_load[e]
        until = times.load_start[y] if until < 0 else min(until, times.load_start[y])
    if until < 0:
        until = value.order_need[value.member_order[loads.first_member[x]]]
    spare = until - times.load_end[x]
    if spare <= 0:
        return False
    noted(decision, chains, x)
    decision.floor[x] = times.load_start[x] + (spare if below(walk.seed, 2) else 1 + below(walk.seed, spare))
    return True
