"""Where a plan is tight: which starts follow from what they wait for, and which were chosen.

A start that is *tight* comes out of the ends before it and the hours of its resource; one that is *loose* has a gap
before it. Only loose starts are a choice of the planner that a change of timing can be about.
"""

from __future__ import annotations

from typing import NamedTuple, cast

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tocfin.dataset import Dataset, Plan
from tocfin.kernels.retime import LONG_AGO, retime
from tocfin.model.arrange import frozen
from tocfin.model.build import Model, arranged, build
from tocfin.model.network import Network, margin, network
from tocfin.model.openings import Planned

Times = NDArray[np.int64]
ROW = ("operation", "activity", "resource")


class Held(NamedTuple):
    """A data set as columns with what holds its plan together, whatever was confirmed so far."""

    model: Model
    frames: dict[str, pl.DataFrame]
    network: Network


def held(dataset: Dataset, done: pl.DataFrame, planned: pl.DataFrame | None = None) -> Held:
    """Columns and network of ``dataset``.

    Only rows of ``done`` (ROW) wait for nothing because they are over. ``planned`` (ROW, seconds, covered, tail)
    says how much work its rows are.
    """
    model = build(dataset, beyond=margin(dataset))
    frames = arranged(dataset.tables, cast(Plan, dataset.plan))
    over = done.select(ROW).with_columns(actual_end=pl.lit(model.horizon.clock, pl.Int64))
    activities = frames["activities"].drop("actual_end").join(over, on=ROW, how="left", maintain_order="left")
    known = None
    if planned is not None:
        found = activities.select(ROW).join(planned, on=ROW, how="left", maintain_order="left")
        known = Planned(
            found["seconds"].is_not_null().to_numpy(),
            pl.Series(found["seconds"] * found["covered"]).fill_null(0).to_numpy(),
            found["tail"].fill_null(0).to_numpy(),
        )
    net, _ = network(model, frames | {"activities": activities}, planned=known)
    return Held(model, frames, net)


def measured(dataset: Dataset, done: pl.DataFrame) -> pl.DataFrame:
    """Rows of the plan (ROW) with start, seconds of work, whether hours cover it, tail, and whether it is tight."""
    plan = held(dataset, done)
    net, schedule = plan.network, plan.model.schedule
    n = schedule.activity_start.size
    tight = _settled(plan, _tight(plan))
    columns = {name: np.zeros(n, np.int64) for name in ("seconds", "covered", "tail")}
    for name, values in (
        ("seconds", net.member_work),
        ("covered", (net.member_timeline > 0).astype(np.int64)),
        ("tail", net.member_tail),
    ):
        columns[name][net.member_row] = values
    live = np.zeros(n, np.bool_)
    live[net.member_row] = True
    return (
        plan.frames["activities"]
        .select(ROW)
        .with_columns(
            **{name: pl.Series(values) for name, values in columns.items()},
            start=pl.Series(schedule.activity_start),
            tight=pl.Series(tight),
            live=pl.Series(live),
        )
        .filter("live")
        .drop("live")
    )


def timed(plan: Held, work: Times, floors: Times) -> tuple[Times, Times]:
    """Starts and ends (lanes, activities) of a plan under ``work`` and ``floors`` (activities, lanes) [s]."""
    shape = work.shape
    start = np.repeat(plan.model.schedule.activity_start[:, None], shape[1], axis=1)
    end = np.repeat(plan.model.schedule.activity_end[:, None], shape[1], axis=1)
    net = plan.network._replace(member_floor=frozen(np.full(plan.network.member_row.size, LONG_AGO)))
    stuck = np.full(shape[1], -1, np.int32)
    retime(
        net, plan.model.schedule.activity_start, work, floors, np.zeros((0, 0), np.uint8), start, end, stuck
    )  # what finds no hours any more goes on in elapsed time, on both sides alike
    return frozen(np.ascontiguousarray(start.T)), frozen(np.ascontiguousarray(end.T))


def _tight(plan: Held) -> NDArray[np.bool_]:
    """Rows whose whole group would start when it does, were it only for what it waits for."""
    net, schedule = plan.network, plan.model.schedule
    planned = schedule.activity_start[net.member_row]
    ready = np.full(planned.size, LONG_AGO)
    waits = np.flatnonzero(np.diff(net.member_first_edge))
    if waits.size:
        edges = schedule.activity_end[net.edge_before] + net.edge_lag
        ready[waits] = np.maximum.reduceat(edges, net.member_first_edge[waits])
    bounds = net.group_first[:-1]
    delay = np.maximum.reduceat(ready - planned, bounds) if planned.size else ready
    at = planned + np.repeat(delay, np.diff(net.group_first))
    holds = _opened(net, at) == planned
    together = np.minimum.reduceat(holds, bounds) if planned.size else holds
    tight = np.zeros(schedule.activity_start.size, np.bool_)
    tight[net.member_row] = np.repeat(together, np.diff(net.group_first))
    return tight


def _opened(net: Network, at: Times) -> Times:
    """The first available second of each member's timeline from ``at`` on."""
    found = at.copy()
    for t in np.unique(net.member_timeline):
        low, high = net.opening_first[t], net.opening_first[t + 1]
        if low < high:
            mine = np.flatnonzero(net.member_timeline == t)
            o = np.searchsorted(net.opening_end[low:high], at[mine], side="right")
            inside = o < high - low
            opens = net.opening_start[low:high][np.minimum(o, high - low - 1)]
            found[mine] = np.where(inside, np.maximum(at[mine], opens), at[mine])
    return found


def _settled(plan: Held, tight: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Those of the tight rows with which the plan comes out as it is; what does not is a choice after all."""
    schedule, net = plan.model.schedule, plan.network
    work = np.zeros((tight.size, 1), np.int64)
    work[net.member_row, 0] = net.member_work
    for _ in range(20):
        floors = np.where(tight, LONG_AGO, schedule.activity_start)[:, None]
        start, end = timed(plan, work, floors)
        wrong = (start[0] != schedule.activity_start) | (end[0] != schedule.activity_end)
        if not wrong.any():
            return tight
        tight = tight & ~wrong
    return np.zeros_like(tight)
