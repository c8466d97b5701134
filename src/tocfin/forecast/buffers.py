"""Buffers: how much is used up of the time that protects the drum and the shipping date, or of a stock.

Penetration is 100 × (buffer − what remains) ÷ buffer: below 33 green, to 66 yellow, above red, above 100 late; below 0
the work is early (kpi.md 2; Schragenheim in the Theory of Constraints Handbook, chapter 9). *Current* asks what remains
now (at the clock, or at the instant of a plan that is being worked on), *projected* what the plan leaves; of a stock,
the least that it will hold.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import cast

import numpy as np
import polars as pl

from tocfin.dataset import Dataset, Plan
from tocfin.dataset.stock import balances, lacking
from tocfin.errors import UsageError
from tocfin.forecast.laid import HOUR, Laid, laid_out
from tocfin.forecast.stocks import as_known
from tocfin.model.progress import present, progress

GREEN, YELLOW, LATE = 33.0, 66.0, 100.0


@dataclass(frozen=True, slots=True)
class BufferLine:
    """One protected thing: a job at the drum or on its way to the customer, or an item in stock.

    ``size`` is the whole buffer, ``remains`` what is left of it at the clock, ``projected`` what the plan leaves, all
    in ``unit`` (h, or the item's units); None where it cannot be told. ``throughput`` is that of the job.
    """

    kind: str
    scope: str
    job: str | None
    size: float
    unit: str
    remains: float | None
    projected: float | None
    throughput: float | None

    @property
    def current_percent(self) -> float | None:
        """How much of the buffer is used up at the clock."""
        return penetration(self.size, self.remains)

    @property
    def projected_percent(self) -> float | None:
        """How much of it the plan uses up."""
        return penetration(self.size, self.projected)

    @property
    def colour(self) -> str:
        """Of the projected penetration, else of the current one."""
        percent = self.projected_percent
        return colour(self.current_percent if percent is None else percent)


def penetration(size: float, remains: float | None) -> float | None:
    """Per cent of a buffer that is used up; None for a buffer of nothing, or where what remains is not known."""
    return None if remains is None or size <= 0 else 100.0 * (size - remains) / size


def colour(percent: float | None) -> str:
    """The zone of a penetration in per cent."""
    if percent is None:
        return "unknown"
    return "green" if percent < GREEN else "yellow" if percent <= YELLOW else "red" if percent <= LATE else "late"


def buffer_lines(dataset: Dataset, *, policy: str | None = None, laid: Laid | None = None) -> list[BufferLine]:
    """Every buffer of the table ``buffers`` beside what it protects, the most endangered first.

    Throughput is that of the whole job, whenever it ends. ``laid`` is the plan of now (`present`) laid out under the
    policy, where it is at hand. Raises UsageError where the data set has no buffers or one is about what is not there,
    DatasetError for a data set with errors.
    """
    known, given = _with_stock(dataset), dataset.tables["buffers"]
    if not given.height:
        raise UsageError("the data set has no buffers; list them in the table buffers (kind, scope, hours or quantity)")
    if laid is None:
        laid = laid_out(present(dataset), policy)
    _require_scopes(given, laid)
    shelves = _shelves(known) if "stock" in given["kind"] else None
    found: list[BufferLine] = []
    for kind, scope, hours, quantity in given.select("kind", "scope", "hours", "quantity").iter_rows():
        if shelves is not None and kind == "stock":
            found.append(_stock(known, shelves, scope, quantity))
        elif kind == "shipping":
            found += _shipping(laid, scope, hours)
        else:
            found += _drum(laid, scope, hours)
    return sorted(found, key=_danger)


def _danger(line: BufferLine) -> tuple[float, str, str, str]:
    percent = line.projected_percent
    used = line.current_percent if percent is None else percent
    return (np.inf if used is None else -used, line.kind, line.scope, line.job or "")


def _require_scopes(given: pl.DataFrame, laid: Laid) -> None:
    """Every row names what it protects, and how much of it; raises UsageError with the first that does not."""
    keys = laid.model.keys
    known = {"drum": keys["resource"], "shipping": keys["plant"], "stock": keys["product"]}
    words = {"drum": "resource", "shipping": "plant", "stock": "item"}
    for row, kind, scope, hours, quantity in given.select("row", "kind", "scope", "hours", "quantity").iter_rows():
        if scope not in known[kind]:
            raise UsageError(f"buffers:{row}: scope: '{scope}' is no {words[kind]} of the data set")
        size, column = (quantity, "quantity") if kind == "stock" else (hours, "hours")
        if size is None or size <= 0:
            raise UsageError(f"buffers:{row}: {column}: a {kind} buffer needs more than 0 of it")


def _with_stock(dataset: Dataset) -> Dataset:
    """``dataset`` with what is known by now, its stock still being that of the clock."""
    if cast(Plan, dataset.require().plan).progress is None:
        return dataset
    found = progress(dataset)
    operation = found.frames["activities"]["operation_row"].to_numpy().astype(np.int32)
    return as_known(found.dataset, found.model, found.standing, operation, found.schedule)


def _shelves(dataset: Dataset) -> tuple[pl.DataFrame, set[int]]:
    """What moves stock inside the horizon, and the kinds of stock that cannot be projected."""
    plan, tables = cast(Plan, dataset.plan), dataset.tables
    return balances(tables, plan).filter(pl.col("at") < plan.horizon_end), set(lacking(tables, plan))


def _stock(dataset: Dataset, shelves: tuple[pl.DataFrame, set[int]], item: str, size: float) -> BufferLine:
    """What all plants own of an item now, and the least from now on; None where nobody can tell."""
    plan, tables = cast(Plan, dataset.plan), dataset.tables
    blank = BufferLine("stock", item, None, size, "unit", None, None, None)
    rows, unknown = shelves[0].filter(pl.col("item") == item), shelves[1]
    told = unknown.isdisjoint(rows["kind"])
    if item not in tables["inventories"]["item"] or not (told or plan.now == plan.clock):
        return blank
    here = (pl.col("flow") == "opening") | (pl.lit(told) & (pl.col("at") < plan.now))
    now = float(rows.filter(here)["change"].sum())
    later = rows.filter(~here).sort("at").select("at", held=now + pl.col("change").cum_sum())
    ends = later.unique("at", keep="last")["held"].to_list()
    return replace(blank, remains=now, projected=min([now, *ends]) if told else None)


def _shipping(laid: Laid, plant: str, size: float) -> Iterator[BufferLine]:
    """Jobs of a plant that are planned and not finished: from their end, and from the clock, to the need date."""
    world, clock = laid.model.enterprise, laid.model.horizon.clock
    at = laid.model.keys["plant"].to_list().index(plant)
    names = laid.model.keys["job"].to_list()
    for j in np.flatnonzero((world.job_plant == at) & laid.job_open).tolist():
        need = int(world.job_need[j])
        yield BufferLine(
            "shipping", plant, names[j], size, "h", (need - clock) / HOUR, (need - int(laid.job_end[j])) / HOUR,
            laid.throughput(j),
        )  # fmt: skip


def _drum(laid: Laid, resource: str, size: float) -> Iterator[BufferLine]:
    """Operations that will start on a drum: from when what they wait for ends, and from the clock, to their start.

    What has arrived already needs no protection any more and is left out.
    """
    schedule, clock = laid.model.schedule, laid.model.horizon.clock
    r = laid.model.keys["resource"].to_list().index(resource)
    names = laid.model.keys["job"].to_list()
    arrival = arrivals(laid)
    rows = np.flatnonzero((schedule.activity_resource == r) & ~laid.activity_done & (schedule.activity_start >= clock))
    seen: set[int] = set()
    for a in rows[np.argsort(schedule.activity_start[rows], kind="stable")].tolist():
        o, j = int(laid.activity_operation[a]), int(laid.activity_job[a])
        if o in seen or not laid.job_open[j] or (o in arrival and arrival[o] <= clock):
            continue
        seen.add(o)
        start = int(schedule.activity_start[a])
        ready = arrival.get(o)
        yield BufferLine(
            "drum", resource, names[j], size, "h", (start - clock) / HOUR,
            None if ready is None else (start - ready) / HOUR, laid.throughput(j),
        )  # fmt: skip


def arrivals(laid: Laid) -> Mapping[int, int]:
    """When the last operation ends that each operation waits for [s]; those that wait for none are left out."""
    found: dict[int, int] = {}
    for before, after, lag in laid.chains():
        for ahead, behind, seconds in zip(before.tolist(), after.tolist(), lag.tolist(), strict=True):
            end = int(laid.operation_end[ahead]) + seconds
            found[behind] = max(found.get(behind, end), end)
    return found


@dataclass(frozen=True, slots=True)
class PlannedLoad:
    """Work that a drum still has: ``free`` is when it could begin something new [s], ``safe`` the earliest date to
    promise and ``release`` when to start such an order (S-DBR, Handbook chapter 9); None without a shipping buffer, or
    where the calendar ends first.
    """

    resource: str
    hours: float
    free: int | None
    safe: int | None
    release: int | None


def planned_loads(dataset: Dataset, *, laid: Laid | None = None) -> list[PlannedLoad]:
    """Planned load of every drum: hours of work on it that is not done, released or not, a batch once.

    ``laid`` is the plan of now (`present`) laid out, where it is at hand.
    """
    if laid is None:
        laid = laid_out(present(dataset), None)
    clock = laid.model.horizon.clock
    shipping = {
        scope: hours
        for kind, scope, hours in laid.frames["buffers"].select("kind", "scope", "hours").iter_rows()
        if kind == "shipping" and hours
    }
    found = []
    for r in laid.drums():
        seconds = laid.work_left(r)
        free = laid.free_after(r, clock, seconds)
        buffer = shipping.get(laid.plant_of(r))
        half = None if free is None or buffer is None else round(buffer * HOUR / 2)
        found.append(
            PlannedLoad(
                laid.model.keys["resource"][r], seconds / HOUR, free,
                None if free is None or half is None else free + half,
                None if free is None or half is None else max(clock, free - half),
            )
        )  # fmt: skip
    return sorted(found, key=lambda load: (-load.hours, load.resource))


def inventory_dollar_days(dataset: Dataset, *, policy: str | None = None) -> float | None:
    """Σ truly variable cost of each job × days from its first work until it may leave, inside the horizon.

    A job may leave at its need date, or when it ends if that is later (kpi.md 2: quantity × TVC × days held). None
    where material cost is not known.
    """
    laid = laid_out(present(dataset), policy)
    horizon, job = laid.model.horizon, np.flatnonzero(laid.job_planned)
    leave = np.maximum(laid.job_end[job], laid.model.enterprise.job_need[job])
    first, last = np.maximum(laid.job_start[job], horizon.clock), np.minimum(leave, horizon.end)
    held = laid.material()[job] * np.maximum(last - first, 0) / 86_400.0
    total = float(np.sum(held))
    return None if np.isnan(total) else total
