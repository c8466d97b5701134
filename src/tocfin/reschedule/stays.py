"""What must stay as it is planned, and why: read from the tables alone, for the problem's builder and for its judge."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

from tocfin.dataset import Dataset, Plan

#: Work that has begun or is done.
BEGUN = ("Started", "Finished")
HOUR = 3_600


@dataclass(frozen=True)
class Zones:
    """What must stay as planned beside history: work that starts before ``frozen_until``, and pinned jobs.

    Work that starts before ``slushy_until`` may move at the price of ``slushy_move_cost`` and
    ``slushy_move_cost_per_hour`` (plan.toml [reschedule]). With ``resources`` only loads that are wholly on these may
    move. Firm, released and started jobs that the present plan (or what becomes of it) ends in this period do so in
    every other plan, unless they are in ``may_defer``.
    """

    frozen_until: int | None = None
    pinned: tuple[str, ...] = ()
    resources: tuple[str, ...] = ()
    may_defer: tuple[str, ...] = ()
    slushy_until: int | None = None


def staying(dataset: Dataset, zones: Zones) -> dict[int, str]:
    """Rows of activities (by their row in the source) that stay, and by which rule.

    *history*: begun or done by the clock, or planned before it and not known to begin later; *frozen*; *pinned*;
    *only-resources*. What moves together stays together: rows of one activity, members of one batch on one resource.
    Rows of cancelled jobs are in no plan and not listed.
    """
    tables, clock = dataset.tables, int(cast(Plan, dataset.plan).clock)
    job = _jobs(tables)
    rows = [row for row in tables["activities"].iter_rows(named=True) if not job[row["operation"]]["cancelled"]]
    why = {row["row"]: rule for row in rows if (rule := _rule(row, job[row["operation"]]["job"], zones, clock))}
    for group in together(rows):
        if known := [why[row] for row in group if row in why]:
            why |= {row: why.get(row, known[0]) for row in group}
    return why


def _jobs(tables: Any) -> dict[str, dict[str, Any]]:
    """The job of each operation."""
    job = {row["job"]: row for row in tables["jobs"].iter_rows(named=True)}
    order = dict(tables["manufacturing_orders"].select("manufacturing_order", "job").iter_rows())
    return {key: job[order[of]] for key, of in tables["operations"].select("operation", "manufacturing_order").rows()}


def _rule(row: dict[str, Any], job: str, zones: Zones, clock: int) -> str:
    if begun(row, clock) or (row["start"] < clock and not _begins_later(row, clock)):
        return "history"
    if zones.frozen_until is not None and row["start"] < zones.frozen_until:
        return "frozen"
    if job in zones.pinned:
        return "pinned"
    return "only-resources" if zones.resources and row["resource"] not in zones.resources else ""


def begun(row: dict[str, Any], clock: int) -> bool:
    """Whether an activity had begun by the clock; what is reported to begin after it had not."""
    if row["actual_start"] is not None:
        return bool(row["actual_start"] < clock)
    return row["status"] in BEGUN or row["actual_end"] is not None


def _begins_later(row: dict[str, Any], clock: int) -> bool:
    return row["actual_start"] is not None and row["actual_start"] >= clock


def together(rows: list[dict[str, Any]]) -> list[list[int]]:
    """Rows that move together, joined by activity and by batch on a resource."""
    parent = {row["row"]: row["row"] for row in rows}

    def root(row: int) -> int:
        while parent[row] != row:
            parent[row] = parent[parent[row]]
            row = parent[row]
        return row

    first: dict[tuple[str, str, str], int] = {}
    for row in rows:
        keys = [("activity", row["operation"], row["activity"])]
        if row["batch"] is not None:
            keys.append(("batch", row["resource"], row["batch"]))
        for key in keys:
            parent[root(row["row"])] = root(first.setdefault(key, row["row"]))
    groups: dict[int, list[int]] = {}
    for row in rows:
        groups.setdefault(root(row["row"]), []).append(row["row"])
    return list(groups.values())


def attended(row: dict[str, Any], seconds: int) -> int:
    """Seconds of ``seconds`` that the resource works on an activity: its ``work_hours`` where these are fewer."""
    hours = row["work_hours"]
    return seconds if hours is None else min(seconds, round(HOUR * hours))
