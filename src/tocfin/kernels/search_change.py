"""One change of a plan, at random but where the money is: what a step of the search in `search_money` tries."""

from __future__ import annotations

from typing import Any

import numpy as np

from tocfin.kernels.compile import inlined, inner
from tocfin.kernels.search_chain import GAP, bounds, flipped, label_at, noted, seated
from tocfin.kernels.search_moves import below


@inner
def changed(loads: Any, decision: Any, value: Any, times: Any, chains: Any, walk: Any) -> Any:
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
        moved = False
        for i in range(walk.job_first[j], walk.job_first[j + 1]):
            y = walk.job_load[i]
            moved |= _labelled_at(loads, decision, chains, y, chains.label[y] - reach)
        return moved
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


@inlined
def _few(walk: Any) -> Any:
    """A number of places, mostly small: a step costs what it shifts."""
    return 1 + below(walk.seed, 1 << below(walk.seed, 6))
