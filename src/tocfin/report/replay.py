"""One replayed future for a reader: its KPIs beside the plan's, or every activity with both of its times."""

from __future__ import annotations

from typing import Any

from tocfin.dataset.text import instant
from tocfin.kpi import KPIS, Policy
from tocfin.report.amounts import shown, worded
from tocfin.report.forms import Page
from tocfin.report.grid import Grid
from tocfin.scenarios.run import Replay

KPI_NAMES = ("kpi", "value", "unit", "status", "planned")
TIME_NAMES = (
    "activity", "operation", "job", "resource", "planned_start", "planned_end", "start", "end", "hours_late",
)  # fmt: skip
HOUR = 3_600


def kpi_page(future: Replay, rules: Policy, currency: str) -> Page:
    """KPIs of the future beside those of the plan."""
    planned = future.planned_figures(rules, currency)
    found = future.figures(rules, currency)
    records = [
        {"kpi": name, "value": one.value, "unit": one.unit, "status": one.status, "planned": planned[name].value}
        for name, one in found.items()
    ]
    rows = [
        (KPIS[name].title, worded(one.value, one.unit, one.status, one.reason), shown(planned[name].value, one.unit))
        for name, one in found.items()
    ]
    title = f"{future.world.name}, replication {future.replication}, policy {rules.name}"
    grid = Grid(title, ("KPI", "value", "planned"), tuple(rows), frozenset({1, 2}))
    return Page(lambda: records, lambda: records, KPI_NAMES, lambda: [grid])


def schedule_page(future: Replay) -> Page:
    """Every activity in the order of its planned start; without times where its job does not take place."""
    records = _activities(future)
    rows = [tuple("" if record[name] is None else _text(record[name]) for name in TIME_NAMES) for record in records]
    title = f"{future.world.name}, replication {future.replication}"
    return Page(
        lambda: records,
        lambda: records,
        TIME_NAMES,
        lambda: [Grid(title, TIME_NAMES, tuple(rows), frozenset({len(TIME_NAMES) - 1}))],
    )


def _text(value: Any) -> str:
    return shown(value, "h") if isinstance(value, float) else str(value)


def _activities(future: Replay) -> list[dict[str, Any]]:
    records = []
    for activity, operation, job, resource, planned, time in future.activities():
        late = None if time is None else (time[1] - planned[1]) / HOUR
        start, end = (None, None) if time is None else (instant(time[0]), instant(time[1]))
        names = (activity, operation, job, resource, instant(planned[0]), instant(planned[1]), start, end, late)
        records.append(dict(zip(TIME_NAMES, names, strict=True)))
    return records
