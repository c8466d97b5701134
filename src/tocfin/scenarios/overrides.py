"""A scenario applied to its base: tables are changed as text cells, then read and checked like any data set."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import replace
from typing import NamedTuple, cast

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tocfin.dataset import Dataset, Plan
from tocfin.dataset.imports.settle import storable
from tocfin.dataset.page import Page
from tocfin.dataset.write import plan_toml
from tocfin.opening import read
from tocfin.scenarios.provenance import BY, told
from tocfin.scenarios.spec import Scenario
from tocfin.scenarios.workbench import WORKLOAD, Workbench


class Applied(NamedTuple):
    """A base with a scenario's changes.

    ``dataset`` is checked like any data set; its findings name the override at fault, and a row that was in the
    base keeps its ``row``. ``activity_work`` (rows of activities) is what planned work is multiplied by.
    ``touched`` says by table which rows an override changed or added; tables that none touched are left out.
    """

    dataset: Dataset
    activity_work: NDArray[np.float64]
    touched: Mapping[str, NDArray[np.bool_]]


def apply(scenario: Scenario, base: Dataset) -> Applied:
    """``base`` with the overrides and then the additions of ``scenario``.

    Never raises for what a scenario says: whatever is wrong is a finding, and the data set is not ``ok`` then.
    Raises DatasetError when the base itself has errors. Control totals of a changed base do not hold any more and
    are dropped.
    """
    bench = Workbench(Page(scenario.file.name), dict(base.require().tables))
    for override in scenario.overrides:
        bench.override(override)
    for addition in scenario.additions:
        bench.add(addition)
    plan = _planned(scenario, base, bench.page)
    findings, tables = list(base.findings), bench.tables
    if bench.steps or plan != base.plan:
        plan = replace(plan, control_totals={})
        given = {name: _given(bench, name) for name in tables}
        again = read({"plan": tomllib.loads(plan_toml(replace(plan, boundaries=())))} | given)
        plan = replace(plan, periods=again.plan.periods if again.plan else plan.periods)
        rows = {name: frame["row"] for name, frame in tables.items()}
        findings = told(again.findings, base.findings, bench.cells, rows, bench.steps, scenario.file.name)
        tables = {name: again.tables[name].with_columns(row) for name, row in rows.items()}
    dataset = Dataset(scenario.name, base.path, plan, tables, (*bench.page.findings, *findings))
    touched = {name: (cells[BY] >= 0).to_numpy() for name, cells in bench.cells.items()}
    return Applied(dataset, _workload(bench), {name: rows for name, rows in touched.items() if rows.any()})


def _given(bench: Workbench, name: str) -> pl.DataFrame:
    """A table as the reader takes it: text where something was changed."""
    if name in bench.cells:
        return bench.cells[name].drop("row", BY, WORKLOAD, strict=False)
    return storable(name, bench.tables[name])


def _workload(bench: Workbench) -> NDArray[np.float64]:
    cells = bench.cells.get("activities")
    return np.ones(bench.tables["activities"].height) if cells is None else cells[WORKLOAD].to_numpy()


def _planned(scenario: Scenario, base: Dataset, page: Page) -> Plan:
    """The base's plan over the scenario's horizon, under its policy and from the state that it asks for."""
    plan = cast(Plan, base.plan)
    clock = plan.clock if scenario.clock is None else scenario.clock
    end = plan.horizon_end if scenario.horizon_end is None else scenario.horizon_end
    if end <= clock:
        message = "ends before it begins, taken together with that of the base; say both clock and horizon_end"
        page.fault("out-of-range", "horizon", message)
        return plan
    boundaries = plan.boundaries if scenario.boundaries is None else scenario.boundaries
    policy = scenario.policy or plan.policy
    progress = scenario.progress or plan.progress
    return replace(plan, clock=clock, horizon_end=end, boundaries=boundaries, policy=policy, progress=progress)
