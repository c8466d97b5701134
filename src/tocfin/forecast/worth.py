"""What other values of an assumption are worth: net profit of the plan with them, less that of the plan as it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import polars as pl

from tocfin.dataset import Dataset
from tocfin.forecast.timing import ROW, Held, held, timed
from tocfin.kernels.block import sum_terms
from tocfin.kpi import KPIS, Policy, evaluate
from tocfin.measure import plant_terms
from tocfin.model.build import build
from tocfin.model.groups import grouping
from tocfin.scenarios.moves import WORK
from tocfin.scenarios.selection import chosen, selectable, widened
from tocfin.scenarios.spec import Override

#: Columns that no KPI of a plan reads: they move simulated futures only.
_FUTURE = {("operations", "scrap_rate"), ("resources", "mean_time_to_repair")}


def gains_of(dataset: Dataset, overrides: Sequence[Override | None], rules: Policy) -> list[float | None]:
    """Net profit that each override of one column adds; None for no override, and for what a plan does not show.

    Work that is not finished is re-timed in the order of the plan; NaN where net profit is not supplied.
    """
    working = [one for one in overrides if one is not None and WORK in one.cells]
    later = dict(zip(map(id, working), _retimed(dataset, working, rules), strict=True)) if working else {}
    still = _net_profit(dataset, rules)
    found: list[float | None] = []
    for one in overrides:
        if one is None or any((one.table, column) in _FUTURE for column in one.cells):
            found.append(None)
        elif id(one) in later:
            found.append(later[id(one)])
        else:
            found.append(_net_profit(_scaled(dataset, one), rules) - still)
    return found


def _retimed(dataset: Dataset, overrides: Sequence[Override], rules: Policy) -> list[float]:
    """Net profit that other work adds, all overrides side by side in lanes."""
    clock = dataset.plan.clock if dataset.plan else 0
    done = dataset.tables["activities"].filter(pl.col("actual_end") <= clock)
    plan = held(dataset, done)
    rows, schedule, net = plan.frames["activities"], plan.model.schedule, plan.network
    ended = done.select(*ROW, pl.lit(True).alias("over"))
    over = rows.select(ROW).join(ended, on=ROW, how="left", maintain_order="left")
    factors = [np.ones(rows.height), *(_factor(dataset, one, rows) for one in overrides)]
    work = np.zeros((rows.height, len(factors)), np.int64)
    left = over["over"].is_null().to_numpy()
    for lane, factor in enumerate(factors):
        scaled = np.where(left, factor, 1.0)[net.member_row] * net.member_work
        work[net.member_row, lane] = np.rint(scaled).astype(np.int64)
    floors = np.repeat(schedule.activity_start[:, None], len(factors), axis=1)
    start, end = timed(plan, work, np.ascontiguousarray(floors))
    profits = [_profit_of(plan, start[lane], end[lane], rules) for lane in range(len(factors))]
    return [profit - profits[0] for profit in profits[1:]]


def _profit_of(plan: Held, start: np.ndarray, end: np.ndarray, rules: Policy) -> float:
    model = plan.model
    schedule = model.schedule._replace(activity_start=start, activity_end=end)
    horizon = model.horizon._replace(edges=model.horizon.edges[:0])
    terms = sum_terms(model.enterprise, schedule, horizon, grouping(model, "plant"))[0].sum(axis=0)
    return float(evaluate(KPIS["net_profit"], terms, rules).value)


def _factor(dataset: Dataset, one: Override, rows: pl.DataFrame) -> np.ndarray:
    """What the work of every row is multiplied by."""
    at = chosen(widened(dataset.tables, one.table), one.where, selectable(one.table))
    picked = dataset.tables[one.table].filter(at).select(*ROW, pl.lit(float(one.cells[WORK])).alias("factor"))
    found = rows.select(ROW).join(picked, on=ROW, how="left", maintain_order="left")
    return found["factor"].fill_null(1.0).to_numpy()


def _scaled(dataset: Dataset, one: Override) -> Dataset:
    """The data set with one column of one table scaled, as the override says."""
    at = chosen(widened(dataset.tables, one.table), one.where, selectable(one.table))
    changed = [
        pl.when(at).then(pl.col(column) * factor).otherwise(pl.col(column)).alias(column)
        for column, factor in one.cells.items()
    ]
    return replace(dataset, tables={**dataset.tables, one.table: dataset.tables[one.table].with_columns(changed)})


def _net_profit(dataset: Dataset, rules: Policy) -> float:
    return float(evaluate(KPIS["net_profit"], plant_terms(build(dataset)).sum(axis=(0, 1)), rules).value)
