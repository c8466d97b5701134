"""What both peers start from, and how their answers are laid out and held against the kernel's.

The rule: outside the timing a peer gets the columns of the kernel as tables, with the row numbers that join them as
keys (an activity knows its operation, an operation its order, an order its job) and the kernel's own index columns
(the first row of each owner, the number of each batch); the expanded intervals of every resource; and a prefix table:
paid seconds of each resource so far at every boundary of its intervals, and whether it is paid from there on. Nothing
else: what a query wants beyond that (columns carried to other tables, filters, counts, sort keys, dense tables) it
makes inside the timing.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tocfin.examples import Coded
from tocfin.kernels.slots import N_TERM, TERM_NAMES
from tocfin.model.columns import IS_ACTIVE, IS_DRUM, IS_SUBCONTRACTOR, Enterprise, Horizon, Schedule

HOUR, DAY = 3_600, 86_400
ONLINE, OVERTIME, POTENTIAL, CLEANOUT = range(4)
#: Room for the codes of an instant: the number of edges that it has passed.
CODES = 8
MATERIAL = ("material_cost_all", "material_cost_all_variable", "material_cost_bought", "material_cost_bought_variable")
FLOOR = ("required", "required_variable", "issued", "issued_variable")
PARTS = ("revenue", *MATERIAL, "subcontract_cost_counted", "shipping_cost", "late_penalty")
STOCK_KINDS = ("raw_material", "wip", "finished_goods", "other_stock")
DAY_RULES = ("", "_used", "_cleanout", "_used_cleanout")

Table = dict[str, NDArray[Any]]


class Tables(NamedTuple):
    """Tables of columns; rows of a dense key stand in its order, all others in that of what they belong to.

    ``first_x`` and ``end_x`` bound the rows of table ``x`` that belong to a row.
    """

    edges: NDArray[np.int64]
    activity: Table
    operation: Table
    job_order: Table
    job: Table
    resource: Table
    segment: Table  # expanded intervals
    prefix: Table  # seconds paid before ``instant``, and whether paid from then on
    day: Table
    plant: Table
    stock: Table


def tables(coded: Coded, enterprise: Enterprise, schedule: Schedule, horizon: Horizon) -> Tables:
    """Everything that a peer may read."""
    assert (horizon.clock, horizon.end) == (horizon.edges[0], horizon.edges[-1]), "the queries lean on it"
    assert all(enterprise.resource_role & IS_ACTIVE), "the queries lean on it"
    assert schedule.activity_batch.size, "the queries lean on it"
    assert not np.isnan(enterprise.job_floor).any(), "the queries lean on it"
    assert not schedule.activity_actual_start.size + schedule.activity_work_hours.size, "nothing is reported yet"
    segment = _segments(enterprise)
    return Tables(
        edges=horizon.edges,
        activity={
            "operation": coded.activity_operation,
            "resource": schedule.activity_resource,
            "batch": schedule.activity_batch,
            "start": schedule.activity_start,
            "finish": schedule.activity_end,
        },
        operation={
            "operation": np.arange(coded.operation_order.size, dtype=np.int32),
            "job_order": coded.operation_order,
            "carrying": enterprise.operation_carrying,
            **_rows("activity", schedule.operation_first_activity),
        },
        job_order={
            "job_order": np.arange(coded.order_job.size, dtype=np.int32),
            "job": coded.order_job,
            "need": enterprise.order_need,
            **_rows("operation", enterprise.order_first_operation),
        },
        job=_jobs(enterprise),
        resource=_resources(enterprise),
        segment=segment,
        prefix=_prefix(enterprise, segment, horizon),
        day=_days(enterprise),
        plant={
            "plant": np.arange(enterprise.plant_expense.size, dtype=np.int32),
            "expense": enterprise.plant_expense,
            "capital": enterprise.plant_capital,
            "has_stock": enterprise.plant_capital_has_stock > 0,
        },
        stock={
            "plant": enterprise.stock_plant,
            "kind": enterprise.stock_kind,
            "value": enterprise.stock_value,
            "variable": enterprise.stock_value_variable,
        },
    )


def _rows(of: str, first: NDArray[np.int32]) -> Table:
    return {f"first_{of}": first[:-1], f"end_{of}": first[1:]}


def _jobs(enterprise: Enterprise) -> Table:
    return {
        "job": np.arange(enterprise.job_plant.size, dtype=np.int32),
        "plant": enterprise.job_plant,
        "cancelled": enterprise.job_cancelled > 0,
        "need": enterprise.job_need,
        "revenue": enterprise.job_revenue,
        "shipping_cost": enterprise.job_shipping,
        "penalty": enterprise.job_penalty,
        "own_subcontract": enterprise.job_subcontract,
        **{name: np.ascontiguousarray(enterprise.job_material[:, i]) for i, name in enumerate(MATERIAL)},
        **{name: np.ascontiguousarray(enterprise.job_floor[:, i]) for i, name in enumerate(FLOOR)},
        **_rows("job_order", enterprise.job_first_order),
    }


def _resources(enterprise: Enterprise) -> Table:
    role = enterprise.resource_role
    return {
        "resource": np.arange(role.size, dtype=np.int32),
        "plant": enterprise.resource_plant,
        "drum": role & IS_DRUM > 0,
        "subcontractor": role & IS_SUBCONTRACTOR > 0,
        "standard": enterprise.resource_standard_cost,
        "premium": enterprise.resource_overtime_cost,
    }


def _segments(enterprise: Enterprise) -> Table:
    """The expanded intervals of every resource, by resource and time."""
    first = enterprise.timeline_first
    low, high = first[enterprise.resource_timeline], first[enterprise.resource_timeline + 1]
    row = np.concatenate([np.arange(a, b) for a, b in zip(low, high, strict=True)])
    return {
        "resource": np.repeat(np.arange(low.size, dtype=np.int32), high - low),
        "start": enterprise.segment_start[row],
        "finish": enterprise.segment_end[row],
        "kind": enterprise.segment_kind[row],
    }


def _prefix(enterprise: Enterprise, segment: Table, horizon: Horizon) -> Table:
    """Seconds online and in overtime of either kind before each boundary; a first row that all instants follow."""
    n = enterprise.resource_plant.size
    everyone = np.arange(n, dtype=np.int32)
    resource = np.concatenate([everyone, segment["resource"], segment["resource"]])
    beginning = np.full(n, min(segment["start"].min(), horizon.clock) - 10_000 * DAY)
    instant = np.concatenate([beginning, segment["start"], segment["finish"]])
    order = np.lexsort((instant, resource))
    resource, instant = resource[order], instant[order]
    last = np.append((np.diff(resource) != 0) | (np.diff(instant) != 0), True)
    table = {"resource": resource[last], "instant": instant[last]}
    kind = segment["kind"]
    for name, paid in (("online", kind == ONLINE), ("overtime", (kind == OVERTIME) | (kind == POTENTIAL))):
        step = np.concatenate([np.zeros(n, np.int64), paid.astype(np.int64), -paid.astype(np.int64)])[order]
        rate = np.cumsum(step)
        so_far = np.concatenate([[0], np.cumsum(rate[:-1] * np.diff(instant))])
        so_far -= so_far[np.searchsorted(resource, resource)]
        table[name], table[f"{name}_rate"] = so_far[last], rate[last].astype(np.int8)
    return table


def _days(enterprise: Enterprise) -> Table:
    first, start = enterprise.plant_first_day, enterprise.day_start
    inner = np.concatenate([np.arange(a, b - 1) for a, b in pairwise(first)])
    plant = np.repeat(np.arange(first.size - 1, dtype=np.int32), np.diff(first) - 1)
    return {"plant": plant, "start": start[inner], "finish": start[inner + 1]}


def until(
    edges: NDArray[np.int64], code: NDArray[Any], rate: NDArray[np.float64], at: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Sum of rate x min(instant, edge) since the first edge, of groups (rows) and edges.

    ``rate`` and ``at`` are the sums of rate and of rate x instant of a group whose instants passed ``code`` edges.
    """
    since = edges - edges[0]
    return np.where(code[:, None] > np.arange(since.size), rate[:, None] * since, at[:, None])


class Answer:
    """Terms per period and plant, laid out as the kernel lays them out."""

    def __init__(self, t: Tables) -> None:
        n_period = t.edges.size - 1
        self.terms = np.zeros((n_period + 1, t.plant["plant"].size, N_TERM))
        self.period = np.concatenate([[n_period], np.arange(n_period), [n_period]])

    def add(self, rows: Table, **column: str | NDArray[Any]) -> None:
        """Add a column of ``rows`` to each term named; ``rows`` have a ``plant`` and, where it matters, a ``code``."""
        period = self.period[rows["code"]] if "code" in rows else np.full(rows["plant"].size, self.period[0])
        for term, values in column.items():
            added = rows[values] if isinstance(values, str) else values
            np.add.at(self.terms[:, :, TERM_NAMES.index(term)], (period, rows["plant"]), added)

    def spread(self, plant: NDArray[Any], term: str, so_far: NDArray[np.float64]) -> None:
        """Add what is gained from edge to edge; ``so_far`` (rows, edges) is the sum before each edge."""
        for k, gained in enumerate(np.diff(so_far, axis=1).T):
            np.add.at(self.terms[k, :, TERM_NAMES.index(term)], plant, gained)

    def close(self) -> NDArray[np.float64]:
        """The terms; of activities due, nobody said which ended in time."""
        due, adhered = (TERM_NAMES.index(name) for name in ("activities_due", "activities_adhered"))
        self.terms[:, :, adhered] = np.where(self.terms[:, :, due] > 0, np.nan, 0.0)
        return self.terms


def assert_equal(answer: NDArray[np.float64], kernel: NDArray[np.float64]) -> None:
    """Every term, period and plant to 1e-9 of the sum of its absolute amounts; NaN where the kernel says so."""
    carry, clamped = TERM_NAMES.index("fg_carry"), TERM_NAMES.index("fg_carry_clamped")
    scale = np.abs(kernel)
    scale[:, :, carry] = 2 * kernel[:, :, clamped] - kernel[:, :, carry]  # early and late goods, both positive
    wrong = ~(np.abs(answer - kernel) <= 1e-9 * scale) & ~(np.isnan(answer) & np.isnan(kernel))
    told = [
        f"{TERM_NAMES[i]}, period {k}, plant {p}: {answer[k, p, i]!r} instead of {kernel[k, p, i]!r}"
        for k, p, i in np.argwhere(wrong)[:20]
    ]
    assert not told, "\n".join(told)
