"""The schedule as of an instant: what is done stays, what has begun goes on, the rest follows (rulings R31)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple, cast

import numpy as np
import polars as pl

from tocfin.dataset import Dataset, Plan
from tocfin.dataset.plan import Progress as Asked
from tocfin.dataset.plan import Unconfirmed
from tocfin.events import Journal
from tocfin.events.state import applied, untold
from tocfin.kernels.noise import stretch
from tocfin.kernels.retime import retime
from tocfin.model.arrange import frozen
from tocfin.model.build import Model, arranged, build
from tocfin.model.columns import Instants, Schedule
from tocfin.model.edges import HOUR
from tocfin.model.network import Network, StartPolicy, margin, network
from tocfin.model.openings import openings, planned_work
from tocfin.model.standing import BEGUN, DONE, TO_COME, Standing, standing


class Line(NamedTuple):
    """How much work is in one state."""

    state: str
    activities: int  # rows of the schedule
    hours: float  # [h] planned, available ones where the calendar gives any
    hours_left: float


@dataclass(frozen=True)
class Progress:
    """A data set at ``standing.as_of``.

    ``model`` holds the plan as it was made, ``schedule`` its times as they are known and, without any luck, expected:
    actual times of what is done, the actual start of what has begun, and everything else after what it waits for.
    Rows are those of the model; rows of cancelled jobs keep their planned times. ``dropped`` counts by kind the links
    that the plan itself does not keep to.
    """

    dataset: Dataset
    model: Model
    frames: Mapping[str, pl.DataFrame]
    standing: Standing
    network: Network
    dropped: Mapping[str, int]
    schedule: Schedule
    later: int = 0  # events that were recorded after that instant, and are not used

    def moved(self) -> Dataset:
        """The data set with these times in place of the planned ones: to be measured, or planned anew."""
        times = self.frames["activities"].select(
            "place", start=pl.Series(self.schedule.activity_start), end=pl.Series(self.schedule.activity_end)
        )
        table = self.dataset.tables["activities"]
        moved = table.with_columns(times.sort("place").drop("place"))
        return replace(self.dataset, tables={**self.dataset.tables, "activities": moved})

    def lines(self) -> list[Line]:
        """How much is done, has begun, and is still to come; without jobs that are cancelled."""
        at, model = self.standing, self.model
        rows = np.arange(at.state.size, dtype=np.int32)
        seconds = planned_work(model.enterprise, model.schedule, openings(model.enterprise), rows).seconds
        live = ~self.frames["activities"]["cancelled"].to_numpy()
        lines = []
        for name, state, left in (
            ("done", DONE, 0 * seconds),
            ("begun", BEGUN, at.left),
            ("to come", TO_COME, seconds),
        ):
            mine = live & (at.state == state)
            hours = [float(part[mine].sum()) / HOUR for part in (seconds, left)]
            lines.append(Line(name, int(mine.sum()), *hours))
        return lines


def progress(
    dataset: Dataset,
    as_of: int | None = None,
    unconfirmed: Unconfirmed | None = None,
    start_policy: StartPolicy = "as planned",
) -> Progress:
    """``dataset`` as of an instant [s UTC], by default that of its plan (``[progress]``), else its clock.

    Only what was recorded by then counts (``recorded_at`` of activities and events; what has none counts). Events are
    folded into the state first. Raises DatasetError for a data set with errors.
    """
    plan = cast(Plan, dataset.require().plan)
    said = plan.progress
    instant = plan.now if as_of is None else as_of
    rule = unconfirmed or ("not_done" if said is None else said.unconfirmed)
    later = int((dataset.tables["events"]["recorded_at"] > instant).sum())
    dataset = reported(dataset, instant)
    model = build(dataset, beyond=margin(dataset))
    frames = numbered(dataset.tables, plan)
    at = standing(model, frames, instant, rule)
    net, dropped = network(model, frames, start_policy, standing=at)
    return Progress(dataset, model, frames, at, net, dropped, expected(model, net, at), later)


def at_work(dataset: Dataset, as_of: int | None = None, unconfirmed: Unconfirmed = "not_done") -> Dataset:
    """``dataset`` as one that is being worked on: its futures start from the state of the work at ``as_of``."""
    plan = cast(Plan, dataset.plan)
    return replace(dataset, plan=replace(plan, progress=Asked(as_of, unconfirmed)))


def present(dataset: Dataset) -> Dataset:
    """``dataset`` as of the instant that its plan asks for (``[progress]``), which becomes its clock; else as it is."""
    plan = cast(Plan, dataset.require().plan)
    if plan.progress is None:
        return dataset
    found = progress(dataset)
    clock = max(plan.clock, found.standing.as_of)
    return replace(found.moved(), plan=replace(plan, clock=clock))


def reported(dataset: Dataset, as_of: int) -> Dataset:
    """``dataset`` with the state of the work that its events tell, as far as they were recorded by an instant [s]."""
    events = dataset.tables["events"]
    if not events.height:
        return dataset
    journal = Journal()
    journal.add(events.filter((pl.col("recorded_at") <= as_of) & (pl.col("occurred_at") <= as_of)))
    return replace(dataset, tables=applied(journal, untold(dataset.tables, events)))


def numbered(tables: Mapping[str, pl.DataFrame], plan: Plan) -> dict[str, pl.DataFrame]:
    """``tables`` as a model has them, with the row of the data set as ``place``."""
    return arranged({name: frame.with_columns(place=pl.int_range(pl.len())) for name, frame in tables.items()}, plan)


def anchors(schedule: Schedule, at: Standing | None) -> Instants:
    """From where each row of the schedule is moved: its planned start, or the instant at which begun work goes on."""
    if at is None:
        return schedule.activity_start
    return frozen(np.where(at.state == BEGUN, at.as_of, at.start))


def expected(model: Model, net: Network, at: Standing) -> Schedule:
    """The schedule without any luck: known times, and everything else after what it waits for."""
    planned = model.schedule
    start, end = at.start.reshape(-1, 1).copy(), at.end.reshape(-1, 1).copy()
    work = np.zeros(start.shape, np.int64)
    stretch(net.member_row, net.member_work, np.ones(start.shape), work)
    none, stuck = np.zeros((0, 0), np.int64), np.full(1, -1, np.int32)
    retime(net, anchors(planned, at), work, none, none.astype(np.uint8), start, end, stuck)
    begun = np.where(at.begun, at.start, start[:, 0])
    return planned._replace(activity_start=frozen(begun), activity_end=frozen(end[:, 0].copy()))
