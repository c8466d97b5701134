"""The example business in the middle of its period: one of its own futures, as far as the shop floor has reported it.

Most reports come within minutes, some days later and a few never; bookings are corrected, orders leave in parts, are
closed short or fall away. The same seed gives the same tables on every machine.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, cast

import numpy as np
import polars as pl

from tocfin.dataset import Dataset, Plan
from tocfin.events import Journal
from tocfin.events.state import applied
from tocfin.examples.alternatives import shipped
from tocfin.examples.business import CLOCK, CUSTOMERS
from tocfin.examples.frames import from_rows
from tocfin.model.progress import at_work
from tocfin.scenarios.futures import future
from tocfin.scenarios.world import World

HOUR, DAY = 3_600, 86_400
#: As of when: Wednesday noon of the third week.
MIDWAY = int(datetime(2026, 6, 17, 12, tzinfo=UTC).timestamp())
#: Percent of operations that are never reported, or days late.
NEVER_REPORTED, LATE_REPORTED = 2, 5
SCRAP = 0.006  # of a quantity
SLICE = 360  # seconds of the first booking, made when work begins
FOR_STOCK, CLOSED_SHORT = 4, 2  # jobs
STOPS, CORRECTED = 14, 6

Rows = list[dict[str, Any]]


@dataclass(frozen=True)
class Done:
    """One operation as it went: its rows of the schedule, when it began and ended."""

    operation: str
    job: str
    plant: str
    quantity: float
    rows: tuple[int, ...]
    start: int
    end: int


def midway(dataset: Dataset, as_of: int = MIDWAY, seed: int = 11) -> tuple[dict[str, Any], dict[str, pl.DataFrame]]:
    """Plan and tables of the example business ``dataset`` as of an instant [s]: statuses, quantities and events.

    Events that were recorded later are in the journal too, and not in the statuses. The plan asks for futures from the
    state of the work (``[progress]``).
    """
    rng = np.random.Generator(np.random.PCG64(seed))
    world, luck = shipped(at_work(dataset))
    block = future(world, luck + seed, 0, 64)
    gone = block.absent[:, 0] > 0 if block.absent.size else np.zeros(world.job_scheduled.size, np.bool_)
    todo = list(_operations(dataset, world, block.start[:, 0], block.end[:, 0]))
    n_open = pl.DataFrame(list(Counter(one.job for one in todo).items()), ["job", "open"], orient="row")
    jobs = dataset.tables["jobs"].sort("job").with_columns(gone=pl.Series(gone)).join(n_open, on="job", how="left")
    away = set(jobs.filter("gone")["job"])
    done = [one for one in todo if one.start <= as_of and one.job not in away]
    jobs = _for_stock(rng, jobs, {one.job for one in done}).sort("job")
    floor = _Floor(rng, world, dataset, block.work[:, 0], as_of)
    reports = [
        *(report for one in done for report in floor.reports(one)),
        *_shipments(rng, jobs, done, as_of),
        *_stops(rng, world, as_of),
        *_from_stock(_shelf(), as_of),
    ]
    events = _numbered(rng, reports)
    cancelled = pl.col("cancelled").fill_null(False) | pl.col("gone")
    jobs = jobs.with_columns(cancelled=cancelled, closed_short=pl.col("job").is_in(_short(jobs, events)))
    tables = dict(dataset.tables) | {
        "jobs": jobs.sort("row").select(dataset.tables["jobs"].columns),
        "demands": from_rows("demands", _shelf()),
        "events": from_rows("events", events),
    }
    journal = Journal()
    journal.add(tables["events"].filter(pl.col("recorded_at") <= as_of))
    return _plan(dataset, as_of), applied(journal, tables)


def _plan(dataset: Dataset, as_of: int) -> dict[str, Any]:
    plan = cast(Plan, dataset.plan)
    clock, end, now = (datetime.fromtimestamp(second, UTC) for second in (plan.clock, plan.horizon_end, as_of))
    rates = {name: rate for name, rate in plan.exchange_rates.items() if name != plan.currency}
    return {
        "plan": {"name": f"{plan.name}, half finished", "clock": clock, "horizon_end": end, "currency": plan.currency,
                 "policy": plan.policy},
        "periods": {"boundaries": [datetime.fromtimestamp(edge, UTC) for edge in plan.boundaries]},
        "exchange_rates": rates,
        "progress": {"as_of": now, "unconfirmed": "not_done"},
    }  # fmt: skip


def _operations(dataset: Dataset, world: World, start: Any, end: Any) -> Iterator[Done]:
    """Operations that were not done at the clock, as they went."""
    assert world.standing is not None  # noqa: S101  # `midway` asked for it
    open_rows = np.flatnonzero(~world.standing.done)
    keys = world.model.keys
    quantity = dict(dataset.tables["operations"].select("operation", "quantity").iter_rows())
    rows_of: dict[int, list[int]] = {}
    for row in np.setdiff1d(open_rows, world.apart).tolist():
        rows_of.setdefault(int(world.activity_operation[row]), []).append(row)
    for o, rows in rows_of.items():
        key, job = keys["operation"][o], int(world.activity_job[rows[0]])
        plant = keys["plant"][int(world.model.enterprise.job_plant[job])]
        first, last = min(int(start[row]) for row in rows), max(int(end[row]) for row in rows)
        yield Done(key, keys["job"][job], plant, quantity[key] or 1.0, tuple(rows), first, last)


def _for_stock(rng: np.random.Generator, jobs: pl.DataFrame, begun: set[str]) -> pl.DataFrame:
    """A few of the jobs that have begun fill the shelf: they earn nothing yet."""
    some = rng.choice(sorted(begun), FOR_STOCK, replace=False).tolist()
    shelf = pl.col("job").is_in(some)
    return jobs.with_columns(
        purpose=pl.when(shelf).then(pl.lit("Stock")).otherwise("purpose"),
        revenue=pl.when(shelf).then(0.0).otherwise("revenue"),
    )


class _Floor:
    """What the shop floor says of operations, and how late."""

    def __init__(self, rng: np.random.Generator, world: World, dataset: Dataset, work: Any, as_of: int) -> None:
        self.rng, self.world, self.work, self.as_of = rng, world, work, as_of
        self.resource: list[str] = world.model.keys["resource"].to_list()
        frame = dataset.tables["material_requirements"].filter(pl.col("requirement_type") == "FromStock")
        self.needs: dict[str, Rows] = {}
        for row in frame.filter(pl.col("issued_qty").fill_null(0.0) == 0).iter_rows(named=True):
            need = {"item": row["item"], "qty": row["required_qty"]}
            self.needs.setdefault(row["operation"], []).append(need)

    def reports(self, one: Done) -> Iterator[dict[str, Any]]:
        """Bookings of each resource, the issue of material and completions of one operation."""
        luck = int(self.rng.integers(100))
        if luck < NEVER_REPORTED:
            return
        in_time = luck >= NEVER_REPORTED + LATE_REPORTED
        lag = int(self.rng.integers(2, 30)) * 60 if in_time else int(self.rng.integers(1, 4)) * DAY
        base = {"plant": one.plant, "operation": one.operation, "job": one.job}
        for event in (*self._bookings(one), *self._completions(one)):
            yield base | {"recorded_at": event["occurred_at"] + lag} | event

    def _named(self, row: int) -> str:
        return self.resource[int(self.world.model.schedule.activity_resource[row])]

    def _bookings(self, one: Done) -> Iterator[dict[str, Any]]:
        for need in self.needs.get(one.operation, ()):
            yield {"type": "material_issue", "occurred_at": one.start} | need
        for row in one.rows:
            begins = {"type": "labour_booking", "occurred_at": one.start + SLICE, "resource": self._named(row)}
            yield begins | {"hours": SLICE / HOUR}
            if one.end <= self.as_of:
                rest = max(int(self.work[row]) - SLICE, 0)
                yield begins | {"occurred_at": one.end, "hours": round(rest / HOUR, 2)}

    def _completions(self, one: Done) -> Iterator[dict[str, Any]]:
        done = {"type": "completion", "occurred_at": one.end}
        if one.end <= self.as_of:
            scrap = float(self.rng.binomial(int(one.quantity), SCRAP))
            yield done | {"good_qty": one.quantity - scrap, "scrap_qty": scrap}
            if scrap and self.rng.integers(4) == 0:
                again = {"type": "rework", "occurred_at": one.end + HOUR, "resource": self._named(one.rows[0])}
                yield again | {"hours": 0.5, "reason": "dimension"}
        elif self.as_of - one.start > 2 * HOUR and self.rng.integers(2):
            share = (self.as_of - one.start) / (one.end - one.start)
            yield done | {"occurred_at": self.as_of - HOUR, "good_qty": float(int(one.quantity * share * 0.9))}


def _shipments(
    rng: np.random.Generator, jobs: pl.DataFrame, done: Sequence[Done], as_of: int
) -> Iterator[dict[str, Any]]:
    """Jobs that are complete leave a few hours later; of some others a part has left."""
    left = Counter(one.job for one in done if one.end <= as_of)
    ends = {one.job: one.end for one in sorted(done, key=lambda one: one.end) if one.end <= as_of}
    for row in jobs.iter_rows(named=True):
        job, quantity = row["job"], row["quantity"]
        if job not in ends or row["purpose"] == "Stock":
            continue
        complete = left[job] == row["open"]
        if not complete and rng.integers(12):
            continue
        at = ends[job] + int(rng.integers(2, 20)) * HOUR
        if at < as_of:
            part = quantity if complete else float(max(int(quantity) // 3, 1))
            base = {"plant": row["plant"], "job": job, "recorded_at": at + HOUR, "occurred_at": at}
            yield base | {"type": "shipment", "qty": part}
            if complete and at + DAY < as_of:
                later = {"occurred_at": at + DAY, "recorded_at": at + DAY}
                yield base | later | {"type": "invoice", "amount": row["revenue"]}


def _stops(rng: np.random.Generator, world: World, as_of: int) -> Iterator[dict[str, Any]]:
    """Breakdowns as they were reported."""
    model = world.model
    for r in rng.choice(len(model.keys["resource"]), STOPS).tolist():
        at = as_of - int(rng.integers(4, 16 * 24)) * HOUR
        yield {
            "type": "downtime", "plant": model.keys["plant"][int(model.enterprise.resource_plant[r])],
            "resource": model.keys["resource"][r], "occurred_at": at, "recorded_at": at + HOUR,
            "hours": float(rng.integers(1, 12)) / 2, "reason": "breakdown",
        }  # fmt: skip


def _shelf() -> Rows:
    """Order lines that are sold from stock."""
    clock = int(CLOCK.timestamp())
    lines = (("AP-28", 4, 690), ("SK-45", 30, 148), ("VB-2A", 12, 330), ("SK-100", 20, 189), ("AP-45", 6, 780))
    return [
        {"demand": f"D-{k + 1}", "item": item, "qty": float(quantity), "unit_price": float(price),
         "customer": CUSTOMERS[k], "due": clock + (3 + 6 * k) * DAY + 12 * HOUR}
        for k, (item, quantity, price) in enumerate(lines)
    ]  # fmt: skip


def _from_stock(lines: Rows, as_of: int) -> Iterator[dict[str, Any]]:
    for line in lines:
        if line["due"] < as_of:
            at = {"occurred_at": line["due"], "recorded_at": line["due"] + HOUR}
            yield {"type": "shipment", "plant": "ESS", "item": line["item"], "qty": line["qty"]} | at


def _numbered(rng: np.random.Generator, reports: Rows) -> Rows:
    """Events with their ids; a few bookings are taken back and made again with other hours."""
    events = [{"event_id": f"E{k:06}"} | report for k, report in enumerate(reports, 1)]
    booked = [event for event in events if event["type"] == "labour_booking"]
    for at in rng.choice(len(booked), CORRECTED, replace=False).tolist():
        wrong = booked[at]
        later = {"recorded_at": wrong["recorded_at"] + 2 * HOUR}
        events.append(wrong | later | {"event_id": f"{wrong['event_id']}-B", "hours": round(wrong["hours"] * 0.9, 2)})
        taken = ("type", "plant", "occurred_at")
        back = {name: wrong[name] for name in taken} | later
        events.append(back | {"event_id": f"{wrong['event_id']}-A", "reverses": wrong["event_id"]})
    return events


def _short(jobs: pl.DataFrame, events: Rows) -> list[str]:
    """Jobs of which a part has left and that will get no more."""
    wanted = dict(jobs.select("job", "quantity").iter_rows())
    parts = [event["job"] for event in events if event["type"] == "shipment" and event.get("job")]
    sent = {event["job"]: event["qty"] for event in events if event["type"] == "shipment" and event.get("job")}
    return sorted(job for job in parts if sent[job] < wanted[job])[:CLOSED_SHORT]
