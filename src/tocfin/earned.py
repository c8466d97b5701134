"""Who earns the throughput: jobs by their purpose, sales from stock, deliveries in parts, as lines that add up.

Lines of jobs add up to the KPI throughput. Below it stand sales without a job (rulings R34) and quantities that were
delivered apart from the end of their job (R32): all of them are the throughput of what is delivered.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite

import numpy as np
from numpy.typing import NDArray

from tocfin.catalogue import PURPOSES
from tocfin.kernels.block import sum_terms
from tocfin.kpi import KPIS, SLOT, Policy, Sum, chosen, total
from tocfin.model.build import Model
from tocfin.model.columns import NEVER, Floats
from tocfin.model.groups import by_job
from tocfin.model.sales import Sales
from tocfin.scorecard import Line
from tocfin.workers import spread

#: Line -> what a reader calls it. Purposes come first; a line without a job or sale is left out.
TITLES = {
    "sale": "Jobs that are sold",
    "stock": "Jobs for stock",
    "rework": "Rework",
    "service": "Service",
    "prototype": "Prototypes",
    "transfer": "Transfers",
    "throughput": "Throughput",
    "from_stock": "Sales from stock",
    "into_stock": "Variable cost that jobs for stock leave in it",
    "parts_delivered": "Parts delivered of jobs that end later",
    "parts_before": "Parts delivered before, of jobs that end now",
    "delivered": "Throughput of what is delivered",
}
#: What lines add up to; every other line is a part.
TOTALS = ("throughput", "delivered")
#: Purposes whose product goes into stock: its variable cost counts when it is sold from there.
_KEPT = ("Stock", "Transfer")


def earned(
    model: Model, found: Sales, rules: Policy, plants: NDArray[np.int64], threads: int | None = None
) -> tuple[Line, ...]:
    """The lines of a model's horizon for some plants (rows); none where whole jobs that are sold are all there is.

    Sales from stock have no plant, so they are there only where all plants are.
    """
    if found.plain:
        return ()
    terms = _by_purpose(model, found, plants, threads)
    jobs = [
        _line(purpose.lower(), _known(total(KPIS["throughput"].numerator, row, rules)), int(row[SLOT["jobs_ended"]]))
        for purpose, row in zip(PURPOSES, terms, strict=True)
    ]
    shown = [line for name in TITLES for line in jobs if line.name == name and (line.count or name == "sale")]
    below = [
        *_shelf(model, found, plants),
        *_into_stock(terms, rules),
        *_parts(model, found, rules, plants),
    ]
    return (*shown, _total("throughput", shown), *below, _total("delivered", [*shown, *below]))


def _line(name: str, amount: float | None, count: int) -> Line:
    return Line(name, TITLES[name], amount, count)


def _known(value: float | NDArray[np.float64]) -> float | None:
    return float(value) + 0.0 if isfinite(value) else None


def _total(name: str, lines: Sequence[Line]) -> Line:
    amounts = [line.amount for line in lines]
    known = [amount for amount in amounts if amount is not None]
    return _line(name, sum(known) if len(known) == len(amounts) else None, sum(line.count for line in lines))


def _by_purpose(model: Model, found: Sales, plants: NDArray[np.int64], threads: int | None) -> NDArray[np.float64]:
    """Terms of jobs by purpose: (purposes, terms)."""
    n = len(PURPOSES)
    hidden = ~np.isin(model.enterprise.job_plant, plants)
    group = np.where(hidden, n, found.job_purpose).astype(np.int32)
    horizon = model.horizon._replace(edges=model.horizon.edges[:0])
    found_terms = sum_terms(model.enterprise, model.schedule, horizon, by_job(model, group, n), spread(threads))
    return np.asarray(found_terms[0], np.float64)


def _shelf(model: Model, found: Sales, plants: NDArray[np.int64]) -> list[Line]:
    now = _inside(model, found.shelf_at)
    if plants.size < model.enterprise.plant_expense.size or not now.any():
        return []
    return [_line("from_stock", _known((found.shelf_revenue - found.shelf_variable)[now].sum()), int(now.sum()))]


def _into_stock(terms: NDArray[np.float64], rules: Policy) -> list[Line]:
    """Material and subcontracting of jobs that end in stock were taken off above, and are taken off again when sold."""
    kept = terms[[PURPOSES.index(purpose) for purpose in _KEPT]].sum(axis=0)
    parts: Sum = tuple(
        (-sign, name)
        for sign, name in chosen(KPIS["throughput"].numerator, rules)
        if name.startswith(("material_cost", "subcontract_cost"))
    )
    count = int(kept[SLOT["jobs_ended"]])
    return [_line("into_stock", _known(total(parts, kept, rules)), count)] if count else []


def _inside(model: Model, at: NDArray[np.int64]) -> NDArray[np.bool_]:
    inside: NDArray[np.bool_] = (model.horizon.clock <= at) & (at < model.horizon.end)
    return inside


def _parts(model: Model, found: Sales, rules: Policy, plants: NDArray[np.int64]) -> list[Line]:
    """What was delivered in the horizon of jobs that do not end in it, less what was before of those that do."""
    share = found.job_delivered * _margin(model, rules)
    mine = np.isin(model.enterprise.job_plant, plants) & (found.job_delivered != 0)
    ends = _ends_inside(model)
    before = mine & ends & (found.job_shipped != NEVER) & (found.job_shipped < model.horizon.clock)
    now = mine & ~ends & _inside(model, found.job_shipped)
    lines = [("parts_delivered", now, share), ("parts_before", before, -share)]
    return [_line(name, _known(amount[rows].sum()), int(rows.sum())) for name, rows, amount in lines if rows.any()]


def _margin(model: Model, rules: Policy) -> Floats:
    """Revenue less material of each job, as the policy values it."""
    levels = ("all", "bought").index(rules.flags["material_levels"])
    variable = rules.flags["item_cost"] == "truly_variable"
    margin: Floats = model.enterprise.job_revenue - model.enterprise.job_material[:, 2 * levels + variable]
    return margin


def _ends_inside(model: Model) -> NDArray[np.bool_]:
    """Jobs that are scheduled and end in the horizon: those that throughput counts (kpi.md 1.1a)."""
    enterprise, schedule = model.enterprise, model.schedule
    first = schedule.operation_first_activity[enterprise.order_first_operation[enterprise.job_first_order]]
    end = np.full(first.size - 1, NEVER)
    some = np.flatnonzero(np.diff(first) > 0)
    if some.size:
        end[some] = np.maximum.reduceat(schedule.activity_end, first[some])
    empty = np.concatenate([[0], np.cumsum(np.diff(schedule.operation_first_activity) == 0)])
    operations = enterprise.order_first_operation[enterprise.job_first_order]
    whole = (np.diff(empty[operations]) == 0) & (enterprise.job_cancelled == 0)
    return np.asarray(whole & _inside(model, end), np.bool_)
