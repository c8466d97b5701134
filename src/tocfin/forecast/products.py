"""Which products really drive the result: throughput per drum hour, and what each product's variability does.

Every column in money adds up to the plant's: products, and what belongs to none. Average costing stands beside it to
show where it would mislead; nothing is decided by it (kpi.md 2 and 3).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from tocfin.errors import UsageError
from tocfin.forecast.laid import HOUR, Laid, laid_out
from tocfin.forecast.variants import Asked, certain, ensemble, without_jobs
from tocfin.kpi import KPIS, evaluate, total
from tocfin.measure import sums
from tocfin.model.columns import IS_DRUM, Floats, Grouping
from tocfin.model.groups import GROUPS, grouping
from tocfin.model.openings import planned_work
from tocfin.scenarios.estimates import Estimate, mean

#: Futures unless told otherwise.
REPLICATIONS = 256


@dataclass(frozen=True, slots=True)
class ProductLine:
    """One product; ``product`` None is what belongs to none, and what no product causes.

    ``throughput``, ``drum_hours`` and ``rate`` (throughput per drum hour of its jobs with work on a drum) are those of
    the plan's KPIs, ``setup_hours`` the part of its work on drums that the plan calls setup. ``expected`` is throughput
    over the futures, ``variability`` what is lost to it where nothing varied (E[cost] − cost at the mean).
    ``rework`` is what one more per cent of bad pieces behind the drum costs: their material, and their drum hours at
    the plant's throughput per drum hour. ``disruption`` is what the other jobs would gain if it were not made.
    ``averaged`` is the margin by average costing: operating expense spread over hours of work. None where a part was
    not supplied.
    """

    product: str | None
    jobs: int
    quantity: float | None
    revenue: float | None
    throughput: float | None
    drum_hours: float | None
    rate: float | None
    setup_hours: float | None
    rework: float | None
    averaged: float | None
    expected: Estimate
    variability: Estimate
    disruption: Estimate | None

    def price(self, rate: float) -> float | None:
        """The price of one unit at which a drum hour earns ``rate``; None where the quantity is not known."""
        if self.revenue is None or self.throughput is None or self.drum_hours is None or not self.quantity:
            return None
        return (self.revenue - self.throughput + rate * self.drum_hours) / self.quantity


@dataclass(frozen=True)
class Products:
    """Products by throughput per drum hour, the best first, and the plant that they add up to.

    ``cost_per_hour`` is operating expense ÷ available hours of the drums (kpi.md 2, after ACCA).
    """

    lines: tuple[ProductLine, ...]
    plant: ProductLine
    cost_per_hour: float | None
    replications: int
    seed: int

    def accounting_ratio(self, line: ProductLine) -> float | None:
        """Throughput-accounting ratio: what a drum hour of it earns ÷ what a drum hour costs; above 1 it pays."""
        return line.rate / self.cost_per_hour if line.rate is not None and self.cost_per_hour else None


def products(question: Asked, *, replications: int = REPLICATIONS, disruption: bool = True) -> Products:
    """Products of a world over its futures; without ``disruption`` no product is left out to see what others gain.

    Raises UsageError where no job names a product.
    """
    world = question.world
    groups = grouping(world.model, "product")
    keys: list[str | None] = [*GROUPS["product"](world.model), None]
    if len(keys) == 1:
        raise UsageError("no job names a product; fill in jobs.product to see what each of them brings")
    made = groups.job_group
    left_out = [
        without_jobs(world, made == g, f"without {key}") for g, key in enumerate(keys[:-1]) if disruption
    ]  # fmt: skip
    terms = ensemble([world, *left_out], question.seed, replications, groups)
    terms += ensemble([certain(world, "certain")], question.seed, 1, groups)
    *futures, sure = (evaluate(KPIS["throughput"], one, question.rules).value for one in terms)
    laid = laid_out(world.dataset, question.rules.name, world.model)
    planned = _planned(laid, groups, question)
    lines = []
    for g, key in enumerate(keys):
        gained = None
        if disruption and key is not None:
            gained = mean(np.delete(futures[g + 1] - futures[0], g, axis=0).sum(axis=0))
        lines.append(_line(planned, g, key, futures[0][g], sure[g] - futures[0][g], gained))
    lost = (sure - futures[0]).sum(axis=0)
    whole = replace(_line(planned, slice(None), "plant", futures[0].sum(axis=0), lost, None), rate=planned.plant_rate)
    ranked = sorted(lines[:-1], key=lambda line: (-(np.inf if line.rate is None else line.rate), line.product or ""))
    return Products((*ranked, *lines[-1:]), whole, planned.cost_per_hour, replications, question.seed)


@dataclass(frozen=True)
class _Planned:
    """Amounts of the plan by group: products, then what belongs to none."""

    jobs: NDArray[np.int64]
    quantity: Floats
    revenue: Floats
    throughput: Floats
    drum_hours: Floats
    rate: Floats
    setup_hours: Floats
    rework: Floats
    averaged: Floats
    plant_rate: float | None
    cost_per_hour: float | None


def _planned(laid: Laid, groups: Grouping, question: Asked) -> _Planned:
    model, rules = laid.model, question.rules
    horizon = model.horizon._replace(edges=np.zeros(0, np.int64))
    terms = sums(model, groups, horizon)[0]
    whole = terms.sum(axis=0)
    rated, hours = KPIS["throughput_per_drum_hour"], total(KPIS["throughput_per_drum_hour"].denominator, terms, rules)
    rate, expense = (float(evaluate(kpi, whole, rules).value) for kpi in (rated, KPIS["operating_expense"]))
    available = float(total(KPIS["drum_utilization"].denominator, whole, rules))
    counted = laid.job_planned & (laid.job_end >= horizon.clock) & (laid.job_end < horizon.end)
    material = _by_group(np.where(counted, laid.material(), 0.0), groups)
    quantity = laid.frames["jobs"]["quantity"].fill_null(np.nan).to_numpy()
    return _Planned(
        jobs=np.bincount(groups.job_group[counted], minlength=groups.n - 1),
        quantity=_by_group(np.where(counted, quantity, 0.0), groups),
        revenue=_by_group(np.where(counted, model.enterprise.job_revenue, 0.0), groups),
        throughput=evaluate(KPIS["throughput"], terms, rules).value,
        drum_hours=hours,
        rate=evaluate(rated, terms, rules).value,
        setup_hours=_setups(laid, groups, counted),
        rework=0.01 * (material + hours * np.nan_to_num(rate)),
        averaged=evaluate(KPIS["throughput"], terms, rules).value - _spread(laid, groups, expense),
        plant_rate=None if np.isnan(rate) else rate,
        cost_per_hour=None if np.isnan(expense) or not available else expense / available,
    )


def _by_group(amounts: Floats, groups: Grouping) -> Floats:
    return np.bincount(groups.job_group, amounts, groups.n - 1).astype(np.float64)


def _setups(laid: Laid, groups: Grouping, counted: NDArray[np.bool_]) -> Floats:
    """Planned setup hours on drums of the jobs that are counted; NaN where an operation does not say."""
    setup = laid.frames["operations"]["setup_hours"].fill_null(np.nan).to_numpy()
    on_drum = (laid.model.enterprise.resource_role[laid.model.schedule.activity_resource] & IS_DRUM) > 0
    operation = np.unique(laid.activity_operation[on_drum & counted[laid.activity_job]])
    owner = laid.frames["operations"]["job_row"].to_numpy()[operation]
    return np.bincount(groups.job_group[owner], setup[operation], groups.n - 1).astype(np.float64)


def _spread(laid: Laid, groups: Grouping, expense: float) -> Floats:
    """Operating expense over groups by their hours of work inside the horizon; all of it to none where nobody works."""
    schedule, horizon = laid.model.schedule, laid.model.horizon
    inside = schedule._replace(
        activity_start=np.clip(schedule.activity_start, horizon.clock, horizon.end),
        activity_end=np.clip(schedule.activity_end, horizon.clock, horizon.end),
    )
    rows = np.flatnonzero(laid.model.enterprise.job_cancelled[laid.activity_job] == 0).astype(np.int32)
    seconds = planned_work(laid.model.enterprise, inside, laid.hours, rows).seconds
    hours = np.bincount(groups.job_group[laid.activity_job[rows]], np.asarray(seconds) / HOUR, groups.n - 1)
    share: Floats = hours / hours.sum() if hours.sum() else np.eye(hours.size)[-1]
    return expense * share


def _line(
    planned: _Planned, at: int | slice, key: str | None, futures: Floats, lost: Floats, disruption: Estimate | None
) -> ProductLine:
    def of(values: Floats) -> float | None:
        value = float(np.sum(values[at]))
        return None if np.isnan(value) else value

    return ProductLine(
        product=key,
        jobs=int(np.sum(planned.jobs[at])),
        quantity=of(planned.quantity),
        revenue=of(planned.revenue),
        throughput=of(planned.throughput),
        drum_hours=of(planned.drum_hours),
        rate=of(planned.rate),
        setup_hours=of(planned.setup_hours),
        rework=of(planned.rework),
        averaged=of(planned.averaged),
        expected=mean(futures),
        variability=mean(lost),
        disruption=disruption,
    )
