"""Throughput to the close, day by day: the plan's line, and the band of its futures around it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from tocfin.forecast.variants import Asked, ensemble
from tocfin.kernels.block import sum_terms
from tocfin.kpi import KPIS, evaluate
from tocfin.model.arrange import frozen
from tocfin.model.columns import Floats

DAY = 86_400
#: Quantiles of the band, from its lower edge to its upper.
SHARES = (0.05, 0.25, 0.5, 0.75, 0.95)
#: A horizon is cut into at most so many steps.
MOST = 120


@dataclass(frozen=True)
class Fan:
    """Cumulative throughput at the end of each step: ``at`` (steps) [s], ``plan`` (steps), ``band`` (steps, SHARES).

    NaN where a cell that it needs was not supplied.
    """

    at: NDArray[np.int64]
    plan: Floats
    band: Floats


def fan(question: Asked, replications: int) -> Fan:
    """The fan of a world over its futures; steps are days, or longer where the horizon has more than MOST of them."""
    world, horizon = question.world, question.world.model.horizon
    step = DAY * max(1, -(-(horizon.end - horizon.clock) // (DAY * MOST)))
    edges = np.append(np.arange(horizon.clock, horizon.end, step), horizon.end)
    model = world.model._replace(horizon=horizon._replace(edges=frozen(edges)))
    stepped = replace(world, model=model)
    terms = ensemble([stepped], question.seed, replications, steps=True)[0]
    planned = sum_terms(model.enterprise, model.schedule, model.horizon, world.groups)
    made, plan = (_grown(terms, question), _grown(planned[:, :, None], question)[:, 0])
    return Fan(edges[1:], plan, np.quantile(made, SHARES, axis=1).T)


def _grown(terms: Floats, question: Asked) -> Floats:
    """Cumulative throughput (steps, replications) of terms (steps + 1, groups, replications, terms)."""
    by_step = evaluate(KPIS["throughput"], terms[:-1].sum(axis=1), question.rules).value
    grown: Floats = np.cumsum(by_step, axis=0)
    return grown
