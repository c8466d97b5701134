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
from tocfin.kernels.search_chain import FLIPPED, NOTED, accepted, linked, relabelled, shifted, undone
from tocfin.kernels.search_change import changed
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
    tally: NDArray[np.int64]  # (7) steps made, accepted, since the best; stale loads, all, hours; shakes due
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
    money = _set_up(loads, decision, unit_free, value, times, chains, bill, walk)
    walk.money[:] = money
    if money > -np.inf:
        _best(decision, chains, walk)
    return money


def climb(
    loads: Any, decision: Any, unit_free: Any, value: Any, times: Any, chains: Any, bill: Any, walk: Any,
    steps: int,
) -> None:  # fmt: skip
    """Try ``steps`` changes; `best` has the best plan, ``walk.money`` what it is worth.

    After many steps that brought nothing better the search goes on from the best plan, shaken. What is seldom done
    is a kernel of its own, called from here: within the steps it would be compiled, and optimised, with all of them.
    """
    end = walk.tally[STEP] + steps
    while (ask := _climb(loads, decision, unit_free, value, times, chains, bill, walk, end)) != DONE:
        if ask == START_AGAIN:
            best(decision, walk)
            walk.money[NOW] = _set_up(loads, decision, unit_free, value, times, chains, bill, walk)
        else:
            walk.money[NOW] = worth(loads, decision, unit_free, value, times)
            _relabel(loads, decision, times, chains, walk)


def _set_up(
    loads: Any, decision: Any, unit_free: Any, value: Any, times: Any, chains: Any, bill: Any, walk: Any
) -> Any:
    """Place, sum and bill the whole of ``decision``; what it is worth, less than anything where it does not fit."""
    if linked(loads, decision, unit_free, times, chains):
        return -np.inf
    money = worth(loads, decision, unit_free, value, times)
    if money > -np.inf:
        billed_all(loads, decision, unit_free, value, times, chains, bill)
        _relabel(loads, decision, times, chains, walk)
    return money


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
    is_other = changed(loads, decision, value, times, chains, walk)
    if not is_other or not shifted(loads, decision, unit_free, times, chains):
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


@lean
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


@kernel
def best(decision: Any, walk: Any) -> None:
    """Make ``decision`` the best one."""
    decision.order[:] = decision.order[np.argsort(walk.best_label[decision.order], kind="mergesort")]
    decision.choice[:] = walk.best_choice
    decision.bought[:] = walk.best_bought
    decision.floor[:] = walk.best_floor
