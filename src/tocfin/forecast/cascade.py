"""Targets of a period: which count, what is wrong with them, and whether children sum to their parents."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import Any, NamedTuple

import polars as pl

from tocfin.dataset import Dataset
from tocfin.dataset.plan import Period
from tocfin.dataset.text import instant
from tocfin.errors import Finding
from tocfin.forecast.scopes import shown
from tocfin.kpi import KPIS
from tocfin.model.groups import Scope
from tocfin.targets import SCOPES


class Gap(NamedTuple):
    """A parent target and the sum of its children; ``gap`` is what no child has taken over (0 where they agree)."""

    parent: str
    kpi: str
    target: float
    children: int
    total: float
    gap: float


def of_period(targets: pl.DataFrame, period: Period) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Targets whose own period lies in ``period``, and those that reach beyond it and cannot be judged in it."""
    touches = (pl.col("period_start") < period.end) & (pl.col("period_end") > period.start)
    inside = (pl.col("period_start") >= period.start) & (pl.col("period_end") <= period.end)
    return targets.filter(inside), targets.filter(touches & ~inside)


def faults(targets: pl.DataFrame, beyond: pl.DataFrame, dataset: Dataset) -> Iterator[Finding]:
    """What is wrong with the targets of a period: scopes without anything in them, and windows that overlap."""
    tables = dataset.tables
    departments = set(tables["resources"]["department"]) | set(tables["actuals"]["department"])
    made = set(tables["jobs"]["product"]) | set(tables["actuals"]["product"])
    for row in targets.iter_rows(named=True):
        if row["department"] is not None and row["department"] not in departments:
            yield _told(
                row,
                "unknown-scope",
                "department",
                f"'{row['department']}' is the department of no resource and no total",
            )
        if row["product"] is not None and row["product"] not in made:
            yield _told(row, "unknown-scope", "product", f"no job makes '{row['product']}': insufficient data")
    if beyond.height:
        first = beyond.row(0, named=True)
        frame = f"{instant(first['period_start'])[:10]} to {instant(first['period_end'])[:10]}"
        message = f"{beyond.height:,} targets reach beyond the period (the first: {frame}) and are not judged here"
        yield Finding("warning", "part-period", "targets", first["row"], "period_start", message, count=beyond.height)
    keys = ["kpi", *SCOPES, "version"]
    whole = pl.concat([targets, beyond])
    for _, group in whole.group_by(keys, maintain_order=True):
        windows = sorted(group.select("period_start", "period_end", "row").rows())
        for one, two in combinations(windows, 2):
            if two[0] < one[1] < two[1] and one[0] < two[0]:
                row = group.filter(pl.col("row") == two[2]).row(0, named=True)
                yield _told(row, "overlapping-targets", "period_start", f"overlaps the period of row {one[2]} in part")


def gaps(targets: pl.DataFrame) -> list[Gap]:
    """Every parent with its children: of a flow or stock they should sum to it.

    ``targets.parent`` names the KPI of the parent, or ``KPI/plant``, ``KPI/department`` and so on where the parent has
    a scope of its own: the scope that the parent's row has in the same period and version.
    """
    found = []
    rows = list(targets.iter_rows(named=True))
    for parent in rows:
        names = {parent["kpi"] if not any(_scope(parent)) else "", _name(parent)}
        children = [
            row
            for row in rows
            if row["parent"] in names - {""}
            and row is not parent
            and (row["period_start"], row["period_end"], row["version"])
            == (parent["period_start"], parent["period_end"], parent["version"])
        ]
        if children and (parent["kpi"] not in KPIS or KPIS[parent["kpi"]].kind != "ratio"):
            total = float(sum(row["target"] for row in children))
            gap = parent["target"] - total
            found.append(Gap(_name(parent), parent["kpi"], parent["target"], len(children), total, gap))
    return found


def _scope(row: dict[str, Any]) -> Sequence[str | None]:
    return [row[name] for name in SCOPES]


def _name(row: dict[str, Any]) -> str:
    """``throughput``, or ``throughput/plant ESS``."""
    scope = shown(Scope(*_scope(row)))
    return str(row["kpi"]) if scope == "all" else f"{row['kpi']}/{scope}"


def _told(row: dict[str, Any], rule: str, column: str, message: str) -> Finding:
    return Finding("warning", rule, "targets", row["row"], column, f"{row['kpi']}: {message}")
