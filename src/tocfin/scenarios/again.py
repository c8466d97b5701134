"""Futures made again: terms of several worlds under the same luck, and what was drawn for one of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from threading import Lock
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tocfin.kernels.criticality import trace_back
from tocfin.kernels.draw import GROUP
from tocfin.kernels.noise import factor_normals
from tocfin.scenarios.estimates import Values
from tocfin.scenarios.futures import Future, future
from tocfin.scenarios.quiet import factor_weights
from tocfin.scenarios.run import joined_sums
from tocfin.scenarios.world import World
from tocfin.workers import spread

Counts = NDArray[np.int64]


class Drawn(NamedTuple):
    """What some futures of a world drew, and what their completions hung on."""

    factor: Values  # (declared factors, replications) mean of its spans, weighted by the loadings on them
    resource: Values  # (resources, replications) [s] of work beyond the plan
    activity_critical: Counts  # (activities) replications in which it is on a longest chain
    resource_critical: Counts  # (resources) replications in which any of its work is


def again(
    worlds: Sequence[World],
    seed: int,
    replications: int,
    *,
    factors: int,
    toward: int | None = None,
    threads: int | None = None,
    told: Callable[[int, int], None] = lambda done, wanted: None,
) -> tuple[list[Values], Drawn]:
    """Terms (terms, replications) of the first futures of each world, and what the first world drew in them.

    ``factors`` is how many are declared, ``toward`` the row of the job to whose end chains lead (None: the last end
    of all). ``told`` hears how many futures are done and wanted, from one thread at a time.
    """
    firsts = range(0, replications, GROUP)
    wanted, done, turn = replications * (len(worlds) + 1), 0, Lock()

    def work(task: int) -> Values | Drawn:
        nonlocal done
        number, part = divmod(task, len(firsts))
        first = firsts[part]
        count = min(GROUP, replications - first)
        made: Values | Drawn
        if number == len(worlds):
            made = _drawn(worlds[0], seed, first, count, factors, toward)
        else:
            made = joined_sums([worlds[number]], seed, first, count)[0].terms.sum(axis=(1, 2))
        with turn:
            done += count
            told(done, wanted)
        return made

    told(0, wanted)
    made = spread(threads)(work, range((len(worlds) + 1) * len(firsts)))
    terms = [part for part in made if not isinstance(part, Drawn)]
    drawn = [part for part in made if isinstance(part, Drawn)]
    n = len(firsts)
    return (
        [np.concatenate(terms[k * n : k * n + n], axis=1) for k in range(len(worlds))],
        Drawn(
            np.concatenate([part.factor for part in drawn], axis=1),
            np.concatenate([part.resource for part in drawn], axis=1),
            np.sum([part.activity_critical for part in drawn], axis=0),
            np.sum([part.resource_critical for part in drawn], axis=0),
        ),
    )


def _drawn(world: World, seed: int, first: int, count: int, factors: int, toward: int | None) -> Drawn:
    block = future(world, seed, first, GROUP)
    chain = critical(world, block, toward)[:, :count]
    resource = world.model.schedule.activity_resource
    n = world.model.enterprise.resource_role.size
    order, begins = _by_resource(resource)
    any_of = np.zeros((n, count), np.uint8)
    beyond = np.zeros((n, count))
    if order.size:
        rows = resource[order][begins]
        any_of[rows] = np.maximum.reduceat(chain[order], begins, axis=0)
        planned = np.zeros(resource.size, np.int64)
        planned[world.network.member_row] = world.network.member_work
        beyond[rows] = np.add.reduceat((block.work[:, :count] - planned[:, None])[order], begins, axis=0)
    return Drawn(
        factor_draws(world, seed, first, factors)[:, :count],
        beyond,
        chain.sum(axis=1, dtype=np.int64),
        any_of.sum(axis=1, dtype=np.int64),
    )


def factor_draws(world: World, seed: int, first: int, factors: int) -> Values:
    """What each declared factor drew in 64 futures: NaN for one that nothing loads on."""
    uid = world.luck.factor_uid
    z = np.empty((uid.size, GROUP), np.float32)
    factor_normals(np.uint64(seed), first, uid, z)
    out = np.full((factors, GROUP), np.nan)
    for f in range(factors):
        weights = factor_weights(world, f)
        if weights.any():
            out[f] = weights @ z / np.abs(weights).sum()
    return out


def critical(world: World, block: Future, toward: int | None = None) -> NDArray[np.uint8]:
    """1 where an activity is on a longest chain that ends with the last completion: (activities, lanes).

    ``toward``: with the last completion of that job. Work of jobs that do not take place is on none.
    """
    net = world.network
    alive = np.zeros(block.end.shape, np.bool_)
    alive[net.member_row] = True
    if block.absent.size:
        alive &= block.absent[world.activity_job] == 0
    wanted = alive if toward is None else alive & (world.activity_job == toward)[:, None]
    ends = np.where(wanted, block.end, np.iinfo(np.int64).min)
    last = ends.max(axis=0, initial=np.iinfo(np.int64).min)
    mark: NDArray[np.uint8] = (wanted & (ends == last)).astype(np.uint8)
    trace_back(net, world.anchor, block.not_before, block.absent, block.end, mark)
    mark[~alive] = 0
    return mark


def _by_resource(resource: NDArray[np.int32]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Rows of the schedule by resource, and where each resource that has any begins."""
    order = np.argsort(resource, kind="stable")
    return order, np.flatnonzero(np.diff(resource[order], prepend=-1))
