"""A placed plan as chains: what follows what on each resource, so that a change times anew only what it shifts.

Every free load has a label that grows along its chains and along what waits for it, as a potential does: sorted by
their labels the loads are a sequence that `tocfin.kernels.search_loads.placed` places at the same times. A load moves
by getting another label, between those of what it waits for and what waits for it. What a change shifts is placed in
the sequence of labels; what comes out as it was passes nothing on.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from tocfin.kernels.compile import inlined, inner, kernel
from tocfin.kernels.search_loads import Bytes, Ints, Longs, put, room

#: Between two labels that are given anew.
GAP = np.int64(1 << 36)
FAR = np.int64(2**62)
#: Of `Chains.tally`: loads in the heap, loads touched, changes noted, links noted, seeds, the segment flipped (or -1).
HEAP, TOUCHED, NOTED, LINKS, SEEDS, FLIPPED = range(6)


class Chains(NamedTuple):
    """Chains of nodes; a node is a load on one resource of units. -1 stands for none."""

    node_first: Ints  # (loads + 1) into node_*
    node_load: Ints  # (nodes)
    node_member: Ints  # (nodes) the first member there
    member_load: Ints  # (members)
    node_resource: Ints  # (nodes) -1: never delays
    node_before: Ints  # (nodes)
    node_after: Ints  # (nodes)
    first: Ints  # (resources) first node
    state_first: Ints  # (nodes + 1) into the second axis of state
    state: Longs  # (2, states) when each unit is free behind the node [s], and the family that it is set up for
    label: Longs  # (loads)
    after_first: Ints  # (loads + 1) into after_load
    after_load: Ints  # loads that wait for each
    is_free: Bytes  # (loads)
    heap: Ints  # (loads) loads to be placed, least label first
    queued: Bytes  # (loads)
    touched: Ints  # (loads) loads placed anew since the plan was accepted
    is_touched: Bytes  # (loads)
    seeds: Ints  # loads whose place in a chain, resource, wait or hours have changed
    noted: Longs  # (4, changes) load, and its label, choice and floor before the change
    links: Ints  # node that stood before each node of a changed load
    tally: Longs  # (6)
    kept_load: Longs  # (2, loads) start and end [s] in the plan accepted last
    kept_member: Longs  # (3, members) start, end and resource there
    kept_state: Longs  # (2, states)


@kernel
def linked(loads: Any, decision: Any, unit_free: Any, times: Any, chains: Any) -> Any:
    """Place ``decision`` and link its chains; 1 where a load finds no room or ends too late (then nothing is kept)."""
    last = np.full(chains.first.size, -1, np.int32)
    chains.first[:] = -1
    chains.is_free[:] = 0
    chains.tally[:FLIPPED] = 0
    chains.tally[FLIPPED] = -1
    chains.queued[:] = 0
    chains.is_touched[:] = 0
    times.free[:] = unit_free
    for i in range(decision.order.size):
        x = decision.order[i]
        chains.label[x] = GAP * (i + 1)
        chains.is_free[x] = 1
        if put(loads, decision, times, x, True) < 0 or times.load_end[x] > loads.deadline[x]:
            return 1
        for node in range(chains.node_first[x], chains.node_first[x + 1]):
            r = _resource(loads, decision, chains, node)
            chains.node_resource[node] = r
            if r < 0:
                continue
            _link(chains, node, last[r])
            last[r] = node
            _differs(loads, times, chains, node)
    chains.kept_load[0], chains.kept_load[1] = times.load_start, times.load_end
    chains.kept_member[0], chains.kept_member[1] = times.start, times.end
    for m in range(times.resource.size):
        chains.kept_member[2, m] = times.resource[m]
    chains.kept_state[:] = chains.state
    return 0


@inlined
def _resource(loads: Any, decision: Any, chains: Any, node: Any) -> Any:
    """Where a node is by its load's choice; -1 where that never delays."""
    x, r = chains.node_load[node], loads.member_resource[chains.node_member[node]]
    if decision.choice[x]:
        r = loads.choice_resource[loads.choice_first[x] + decision.choice[x]]
    return r if loads.unit_first[r] < loads.unit_first[r + 1] else np.int32(-1)


@inlined
def _link(chains: Any, node: Any, before: Any) -> None:
    """Put ``node`` behind ``before``, -1 for the beginning of its chain."""
    r = chains.node_resource[node]
    after = chains.first[r] if before < 0 else chains.node_after[before]
    chains.node_before[node], chains.node_after[node] = before, after
    if before < 0:
        chains.first[r] = node
    else:
        chains.node_after[before] = node
    if after >= 0:
        chains.node_before[after] = node


@inlined
def _unlink(chains: Any, node: Any) -> None:
    before, after = chains.node_before[node], chains.node_after[node]
    if before < 0:
        chains.first[chains.node_resource[node]] = after
    else:
        chains.node_after[before] = after
    if after >= 0:
        chains.node_before[after] = before


@inlined
def label_at(chains: Any, node: Any) -> Any:
    """Label of a node's load."""
    return chains.label[chains.node_load[node]]


@inner
def bounds(loads: Any, chains: Any, x: Any) -> Any:
    """Labels between which that of ``x`` must lie: what it waits for, and what waits for it."""
    low, high = np.int64(0), FAR
    for e in range(loads.before_first[x], loads.before_first[x + 1]):
        if chains.is_free[loads.before_load[e]]:
            low = max(low, chains.label[loads.before_load[e]])
    for e in range(chains.after_first[x], chains.after_first[x + 1]):
        if chains.is_free[chains.after_load[e]]:
            high = min(high, chains.label[chains.after_load[e]])
    return low, high


@inner
def noted(decision: Any, chains: Any, x: Any) -> None:
    """Remember ``x`` as it is, before it is changed; it is placed anew with the change."""
    tally = chains.tally
    i = tally[NOTED]
    chains.noted[0, i], chains.noted[1, i] = x, chains.label[x]
    chains.noted[2, i], chains.noted[3, i] = decision.choice[x], decision.floor[x]
    tally[NOTED] += 1
    for node in range(chains.node_first[x], chains.node_first[x + 1]):
        chains.links[tally[LINKS]] = chains.node_before[node]
        tally[LINKS] += 1
    _seed(chains, x)


@inlined
def _seed(chains: Any, x: Any) -> None:
    chains.seeds[chains.tally[SEEDS]] = x
    chains.tally[SEEDS] += 1


@inner
def seated(loads: Any, decision: Any, chains: Any, x: Any, low: Any, high: Any) -> Any:
    """Give ``x`` a label between ``low`` and ``high``, and its places in the chains; False: there is no such label.

    What was `noted` is taken back by `undone`.
    """
    if high - low < 2:
        return False
    label = low + (high - low) // 2 if high < FAR else low + GAP
    chains.label[x] = label
    for node in range(chains.node_first[x], chains.node_first[x + 1]):
        if chains.node_resource[node] < 0 and _resource(loads, decision, chains, node) < 0:
            continue
        before, after = np.int32(-1), np.int32(-1)
        if chains.node_resource[node] >= 0:
            before, after = chains.node_before[node], chains.node_after[node]
            _unlink(chains, node)
            if after >= 0:
                _seed(chains, chains.node_load[after])
        r = _resource(loads, decision, chains, node)
        if r != chains.node_resource[node]:
            chains.node_resource[node] = r
            if r < 0:
                continue
            before, after = np.int32(-1), chains.first[r]
        while before >= 0 and label_at(chains, before) >= label:
            before, after = chains.node_before[before], before
        while after >= 0 and label_at(chains, after) <= label:
            before, after = after, chains.node_after[after]
        _link(chains, node, before)
        if after >= 0:
            _seed(chains, chains.node_load[after])
        if before >= 0 and label_at(chains, before) == label:
            return False
    return True


@inlined
def _push(chains: Any, x: Any) -> None:
    """Have ``x`` placed anew when its turn comes."""
    if chains.queued[x]:
        return
    chains.queued[x] = 1
    heap, label = chains.heap, chains.label
    i = chains.tally[HEAP]
    chains.tally[HEAP] += 1
    while i > 0 and label[heap[(i - 1) >> 1]] > label[x]:
        heap[i] = heap[(i - 1) >> 1]
        i = (i - 1) >> 1
    heap[i] = x


@inlined
def _pop(chains: Any) -> Any:
    heap, label = chains.heap, chains.label
    top = heap[0]
    chains.tally[HEAP] -= 1
    n = chains.tally[HEAP]
    x, i = heap[n], 0
    while 2 * i + 1 < n:
        child = 2 * i + 1
        if child + 1 < n and label[heap[child + 1]] < label[heap[child]]:
            child += 1
        if label[heap[child]] >= label[x]:
            break
        heap[i] = heap[child]
        i = child
    if n:
        heap[i] = x
    chains.queued[top] = 0
    return top


@inlined
def _differs(loads: Any, times: Any, chains: Any, node: Any) -> Any:
    """Take over when the units of a node's resource are free behind it; True where that has changed."""
    low, to = loads.unit_first[chains.node_resource[node]], chains.state_first[node]
    changed = False
    for u in range(loads.unit_first[chains.node_resource[node] + 1] - low):
        for k in range(2):
            if chains.state[k, to + u] != times.free[k, low + u]:
                chains.state[k, to + u] = times.free[k, low + u]
                changed = True
    return changed


@inlined
def _units_before(loads: Any, unit_free: Any, times: Any, chains: Any, node: Any) -> None:
    """Set the units of a node's resource as what stands before it leaves them."""
    r, before = chains.node_resource[node], chains.node_before[node]
    low = loads.unit_first[r]
    for u in range(loads.unit_first[r + 1] - low):
        for k in range(2):
            if before < 0:
                times.free[k, low + u] = unit_free[k, low + u]
            else:
                times.free[k, low + u] = chains.state[k, chains.state_first[before] + u]


@inner
def shifted(loads: Any, decision: Any, unit_free: Any, times: Any, chains: Any) -> Any:
    """Place what was changed, and what that shifts; False where a load finds no room or ends too late."""
    tally = chains.tally
    for i in range(tally[SEEDS]):
        _push(chains, chains.seeds[i])
    tally[SEEDS] = 0
    while tally[HEAP]:
        x = _pop(chains)
        if not chains.is_touched[x]:
            chains.is_touched[x] = 1
            chains.touched[tally[TOUCHED]] = x
            tally[TOUCHED] += 1
        first, last = chains.node_first[x], chains.node_first[x + 1]
        for node in range(first, last):
            if chains.node_resource[node] >= 0:
                _units_before(loads, unit_free, times, chains, node)
        was = times.load_end[x]
        if room(loads, decision, times, x, True) < 0 or times.load_end[x] > loads.deadline[x]:
            for i in range(tally[HEAP]):
                chains.queued[chains.heap[i]] = 0
            tally[HEAP] = 0
            return False
        for node in range(first, last):
            if chains.node_resource[node] >= 0:
                changed = _differs(loads, times, chains, node)
                if changed and chains.node_after[node] >= 0:
                    _push(chains, chains.node_load[chains.node_after[node]])
        if times.load_end[x] != was:
            for e in range(chains.after_first[x], chains.after_first[x + 1]):
                if chains.is_free[chains.after_load[e]]:
                    _push(chains, chains.after_load[e])
    return True


@inner
def flipped(loads: Any, decision: Any, times: Any, chains: Any, s: int) -> None:
    """Buy a segment of potential overtime or give it back; what works on its resource behind its start is seeded."""
    decision.bought[s] = 1 - decision.bought[s]
    chains.tally[FLIPPED] = s
    for m in range(times.resource.size):
        r = times.resource[m]
        if loads.segment_first[r] <= s < loads.segment_first[r + 1] and times.end[m] > loads.segment_start[s]:
            x = chains.member_load[m]
            if chains.is_free[x]:
                _seed(chains, x)


@inner
def accepted(loads: Any, times: Any, chains: Any) -> None:
    """The changed plan is the plan."""
    _copied(loads, times, chains, True)
    chains.tally[:FLIPPED] = 0
    chains.tally[FLIPPED] = -1


@inner
def undone(loads: Any, decision: Any, times: Any, chains: Any) -> None:
    """The plan is again what it was when it was accepted last."""
    tally = chains.tally
    for i in range(tally[NOTED] - 1, -1, -1):
        x = chains.noted[0, i]
        for node in range(chains.node_first[x], chains.node_first[x + 1]):
            if chains.node_resource[node] >= 0:
                _unlink(chains, node)
        chains.label[x] = chains.noted[1, i]
        decision.choice[x], decision.floor[x] = chains.noted[2, i], chains.noted[3, i]
        for node in range(chains.node_first[x + 1] - 1, chains.node_first[x] - 1, -1):
            tally[LINKS] -= 1
            chains.node_resource[node] = _resource(loads, decision, chains, node)
            if chains.node_resource[node] >= 0:
                _link(chains, node, chains.links[tally[LINKS]])
    if tally[FLIPPED] >= 0:
        decision.bought[tally[FLIPPED]] = 1 - decision.bought[tally[FLIPPED]]
    _copied(loads, times, chains, False)
    tally[:FLIPPED] = 0
    tally[FLIPPED] = -1


@inlined
def _copied(loads: Any, times: Any, chains: Any, keep: bool) -> None:
    """Between ``times`` and what is kept of them, for what was touched."""
    for i in range(chains.tally[TOUCHED]):
        x = chains.touched[i]
        chains.is_touched[x] = 0
        if keep:
            chains.kept_load[0, x], chains.kept_load[1, x] = times.load_start[x], times.load_end[x]
        else:
            times.load_start[x], times.load_end[x] = chains.kept_load[0, x], chains.kept_load[1, x]
        for m in range(loads.first_member[x], loads.first_member[x + 1]):
            if keep:
                chains.kept_member[0, m], chains.kept_member[1, m] = times.start[m], times.end[m]
                chains.kept_member[2, m] = times.resource[m]
            else:
                times.start[m], times.end[m] = chains.kept_member[0, m], chains.kept_member[1, m]
                times.resource[m] = chains.kept_member[2, m]
        low, high = chains.state_first[chains.node_first[x]], chains.state_first[chains.node_first[x + 1]]
        for s in range(low, high):
            for k in range(2):
                if keep:
                    chains.kept_state[k, s] = chains.state[k, s]
                else:
                    chains.state[k, s] = chains.kept_state[k, s]


@kernel
def relabelled(loads: Any, times: Any, chains: Any, order: Any) -> None:
    """Labels anew, by start where that keeps all that waits in its sequence; ``order`` (free loads) is sorted by them.

    No change may be under way.
    """
    order[:] = order[np.argsort(chains.label[order], kind="mergesort")]
    key = np.zeros(chains.label.size, np.int64)
    for x in order:
        key[x] = times.load_start[x]
        for e in range(loads.before_first[x], loads.before_first[x + 1]):
            key[x] = max(key[x], key[loads.before_load[e]])
        for node in range(chains.node_first[x], chains.node_first[x + 1]):
            if chains.node_resource[node] >= 0 and chains.node_before[node] >= 0:
                key[x] = max(key[x], key[chains.node_load[chains.node_before[node]]])
    order[:] = order[np.argsort(key[order], kind="mergesort")]
    for i in range(order.size):
        chains.label[order[i]] = GAP * (i + 1)
