"""What taking one more order would do: net profit by paired futures, when it can be promised, whom it makes late."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from tocfin.forecast.invest import Effect, effects_of
from tocfin.forecast.laid import laid_out
from tocfin.forecast.new_order import NEW, Order, taken
from tocfin.forecast.variants import Asked, ensemble
from tocfin.kernels.draw import GROUP
from tocfin.scenarios.estimates import Estimate, Probability, Values, probability, quantile
from tocfin.scenarios.futures import future
from tocfin.scenarios.resolve import resolve
from tocfin.scenarios.run import simulate
from tocfin.scenarios.world import World, prepared

REPLICATIONS = 256
#: With what probability a date is kept that is promised.
SURE = (0.5, 0.8, 0.9, 0.95)


@dataclass(frozen=True, slots=True)
class Hit:
    """A job that would be on time less often with the order than without it."""

    job: str
    without: Probability
    having: Probability


@dataclass(frozen=True)
class Quote:
    """An order beside the plan without it.

    ``effect`` is with the order minus without it, ``better`` P(net profit rises), ``inside`` P(it ends inside the
    horizon), ``promise`` by probability the date that is kept so often [s]. ``break_even`` is the price at which
    expected net profit stays as it is; None where the order never ends inside the horizon.
    """

    order: Order
    like: str
    start: int
    end: int
    price: float
    effect: Effect
    better: Probability
    inside: Probability
    promise: Mapping[float, Estimate]
    break_even: float | None
    hits: tuple[Hit, ...]
    replications: int
    seed: int


def quoted(question: Asked, order: Order, *, replications: int = REPLICATIONS) -> Quote:
    """Place ``order`` into the gaps of the plan and simulate the plan with and without it, future by future.

    Raises UsageError as `tocfin.forecast.new_order.taken` does.
    """
    base = question.world
    laid = laid_out(base.dataset, question.rules.name)
    with_it = taken(base.dataset, laid, order)
    resolved, _ = resolve(question.uncertainty, with_it.dataset)
    world = prepared("with the order", with_it.dataset, resolved, start_policy=question.start_policy, base=base.dataset)
    terms = [one.sum(axis=0) for one in ensemble([base, world], question.seed, replications)]
    (effect,), gains = effects_of(terms, question.rules)
    ends = _ends(world, question.seed, replications)
    inside = probability(int(np.count_nonzero(ends < laid.model.horizon.end)), replications)
    return Quote(
        order=order,
        like=with_it.like,
        start=with_it.start,
        end=with_it.end,
        price=with_it.price,
        effect=effect,
        better=probability(int(np.count_nonzero(gains[0] > 0)), replications),
        inside=inside,
        promise=dict(zip(SURE, quantile(ends, SURE), strict=True)),
        break_even=with_it.price - effect.net_profit.value / inside.value if inside.value else None,
        hits=_hits(base, world, question.seed, replications),
        replications=replications,
        seed=question.seed,
    )


def _ends(world: World, seed: int, replications: int) -> Values:
    """When the order ends in each future [s]."""
    rows = np.flatnonzero(world.activity_job == world.model.keys["job"].to_list().index(NEW))
    parts = [future(world, seed, first, GROUP).end[rows].max(axis=0) for first in range(0, replications, GROUP)]
    return np.concatenate(parts)[:replications].astype(np.float64)


def _hits(base: World, world: World, seed: int, replications: int) -> tuple[Hit, ...]:
    """Jobs that are on time less often, the worst hit first."""
    without, having = (_on_time(one, seed, replications) for one in (base, world))
    hits = [
        Hit(job, before, having[job])
        for job, before in without.items()
        if before.n and having[job].count < before.count
    ]
    return tuple(sorted(hits, key=lambda hit: (hit.having.value - hit.without.value, hit.job)))


def _on_time(world: World, seed: int, replications: int) -> dict[str, Probability]:
    found = simulate([world], seed, replications)
    counts = zip(found.job_on_time[0].tolist(), found.job_present[0].tolist(), strict=True)
    return {
        job: probability(on_time, present)
        for job, (on_time, present) in zip(world.model.keys["job"].to_list(), counts, strict=True)
    }
