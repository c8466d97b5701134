"""Plants for benchmarks of money: shops, read or made up, with seeded dates, penalties and the end of a period."""

from __future__ import annotations

import csv
import sys
import tempfile
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import polars as pl

from tocfin.dataset import Dataset, Plan
from tocfin.dataset.write import write
from tocfin.reschedule.shop import Shop, shop

TESTS = Path(__file__).resolve().parents[1] / "tests"
CLOCK = 1_780_272_000  # 2026-06-01T00:00:00Z
DAY = 86_400
#: Releases lie within this share of the load of the busiest machine; due dates this many times the job's work later.
RELEASED, DUE = 0.5, (1.5, 6.0)


class Terms(NamedTuple):
    """What is drawn for each job; times in seconds from the clock on."""

    release: Any
    need: Any
    penalty: Any  # [money/day]
    value: Any  # [money]
    carry: Any  # [money/day] of each of its operations


def made_shop(n_job: int, n_machine: int, n_step: int, seed: int) -> Shop:
    """A job shop: each job goes through ``n_step`` machines at random, 5 to 95 minutes each."""
    luck = np.random.default_rng(seed)
    jobs = [
        [[(int(k), int(60 * luck.integers(5, 96)))] for k in luck.permutation(n_machine)[:n_step]] for _ in range(n_job)
    ]
    return shop(f"made-{n_job * n_step}", n_machine, jobs)


def terms(one: Shop, seed: int) -> Terms:
    """Dates, penalties and values of the jobs of a shop."""
    luck = np.random.default_rng(seed)
    work = np.add.reduceat(one.choice_length, one.job_first[:-1])
    load = np.bincount(one.choice_machine, one.choice_length).max()
    n = work.size
    release = np.rint(luck.uniform(0, RELEASED * load, n)).astype(np.int64)
    need = release + np.rint(luck.uniform(*DUE, n) * work).astype(np.int64)
    penalty = luck.integers(1, 11, n) * 100.0
    return Terms(release, need, penalty, np.round(penalty * luck.uniform(5, 20, n), 2), luck.integers(0, 3, n) * 0.5)


def ends(one: Shop, told: Terms) -> tuple[Any, Any]:
    """Starts and ends of the operations when whatever could start first starts first."""
    free = np.zeros(one.n_machine, np.int64)
    at, ready = one.job_first[:-1].copy(), told.release.copy()
    start, end = (np.zeros(one.n_operation, np.int64) for _ in range(2))
    for _ in range(one.n_operation):
        open_still = np.flatnonzero(at < one.job_first[1:])
        begins = np.maximum(ready[open_still], free[one.choice_machine[at[open_still]]])
        j = open_still[np.argmin(begins)]
        x = at[j]
        start[x], end[x] = begins.min(), begins.min() + one.choice_length[x]
        free[one.choice_machine[x]] = ready[j] = end[x]
        at[j] += 1
    return start, end


def plant(one: Shop, told: Terms) -> Dataset:
    """The shop as a data set: open all day, first come first served; the period ends when half of that is done."""
    sys.path.insert(0, str(TESTS))
    from tables import tables

    start, end = ends(one, told)
    half = int(end.max()) // 2
    last = CLOCK + 4 * int(end.max()) + 30 * DAY
    owner = np.repeat(np.arange(one.job_first.size - 1), np.diff(one.job_first)).tolist()
    jobs = [
        {"job": f"J{j:05}", "revenue": float(told.value[j]), "late_penalty_per_day": float(told.penalty[j]),
         "need_date": CLOCK + int(told.need[j]), "release_date": CLOCK + int(told.release[j])}
        for j in range(told.need.size)
    ]  # fmt: skip
    content = tables(
        plants=[{"daily_operating_expense": 0.0, "invested_capital": 1.0}],
        resources=[{"resource": f"M{k:03}", "drum": k == 0, "standard_hourly_cost": 0.0, "overtime_hourly_cost": 0.0}
                   for k in range(one.n_machine)],
        capacity_intervals=[{"resource": f"M{k:03}", "start": CLOCK, "end": last} for k in range(one.n_machine)],
        jobs=jobs,
        manufacturing_orders=[{"manufacturing_order": job["job"], "job": job["job"]} for job in jobs],
    )  # fmt: skip
    number = np.arange(one.n_operation)
    key = [f"O{x:06}" for x in number.tolist()]
    order = [f"J{j:05}" for j in owner]
    operations = {"row": number + 2, "operation": key, "manufacturing_order": order, "sequence": number,
                  "carrying_cost_per_day": told.carry[owner]}  # fmt: skip
    resource = [f"M{k:03}" for k in one.choice_machine.tolist()]
    activities = {"row": number + 2, "activity": key, "operation": key, "resource": resource,
                  "start": CLOCK + start, "end": CLOCK + end}  # fmt: skip
    for name, columns in (("operations", operations), ("activities", activities)):
        schema = content[name].schema
        made = pl.DataFrame({c: pl.Series(c, v, dtype=schema[c]) for c, v in columns.items()})
        content[name] = pl.concat([content[name], made], how="diagonal")
    plan = Plan(one.name, CLOCK, CLOCK + half, "USD", boundaries=(CLOCK, CLOCK + half, CLOCK + 4 * half))
    return Dataset(one.name, None, Plan(**{**plan.__dict__, "exchange_rates": {"USD": 1.0}}), content, ())


def replanned(dataset: Dataset, start: Any, end: Any) -> pl.DataFrame:
    """The activities with other times [s from the clock], operation by operation."""
    return dataset.tables["activities"].with_columns(start=pl.Series(CLOCK + start), end=pl.Series(CLOCK + end))


def cost(dataset: Dataset, activities: pl.DataFrame, told: Terms) -> float:
    """Total cost by the exact reference of tests/: penalties, carrying, and the throughput that both periods lose."""
    sys.path.insert(0, str(TESTS))
    from reference import evaluate

    plan = dataset.plan
    assert plan is not None
    wide = Plan(**{**plan.__dict__, "horizon_end": plan.boundaries[-1]})
    with tempfile.TemporaryDirectory() as folder:
        place = write({**dataset.tables, "activities": activities}, wide, Path(folder) / "plan")
        page = tomllib.loads((place / "plan.toml").read_text())
        cells = {file.stem: _rows(file) for file in place.glob("*.csv")}
    figures: Mapping[str, Any] = evaluate(page, cells, "reconciled")
    names = ("net_profit", "wip_carrying_cost", "finished_goods_carrying_cost")
    profit, wip, finished = (float(figures[name].value) for name in names)
    return float(told.value.sum()) - profit + wip + finished


def _rows(file: Path) -> list[dict[str, str | None]]:
    with file.open(newline="", encoding="utf-8") as lines:
        return [{name: cell or None for name, cell in row.items()} for row in csv.DictReader(lines)]
