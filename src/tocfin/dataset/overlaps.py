"""Activities that use more machines of a resource than it has."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tocfin.dataset.listing import Faults, Row, Tables

_Ints = NDArray[np.int64]


class _Slots(NamedTuple):
    """What occupies one machine at a time, by resource and start: an activity, or a batch as one."""

    resource: _Ints
    start: _Ints
    end: _Ints
    place: _Ints  # row number in the frame of activities


def find(tables: Tables) -> Iterator[Faults]:
    """One finding per activity that starts while every unit of its resource is taken (rulings R33).

    Members of a batch on one resource share its time. Activities of cancelled jobs, of resources that are
    never short (``finite`` false) and without length are passed over.
    """
    units = tables["resources"].select(
        "resource", pl.col("units").fill_null(1), pl.col("finite").fill_null(True), code=pl.int_range(pl.len())
    )
    activities = tables["activities"].select("row", "activity", "operation", "resource", "start", "end", "batch")
    used = (
        of_live_jobs(tables, activities)
        .join(units.filter("finite").unique("resource", keep="first"), on="resource", maintain_order="left")
        .filter(pl.col("end") > pl.col("start"))
    )
    slots = _slots(used)
    limit = units["units"].to_numpy()
    beyond = _running_at_start(slots) >= limit[slots.resource]
    rows = used[slots.place[beyond]].with_columns(slot=np.flatnonzero(beyond))

    def say(row: Row) -> str:
        mine = slice(*np.searchsorted(slots.resource, [row["code"], row["code"] + 1]).tolist())
        begun = np.arange(mine.start, row["slot"])
        running = begun[slots.end[begun] > slots.start[row["slot"]]]
        other = used.row(int(slots.place[running[0]]), named=True)
        count, share = row["units"], _share_beyond(slots, mine, row["units"])
        whose = "which is one machine" if count == 1 else f"which has {count} units"
        return (
            f"overlaps activity {other['activity']!r} (row {other['row']}) on {row['resource']!r}, {whose};"
            f" {share:.1%} of the hours planned there are beyond it: move one of them, give both the same batch if"
            " they run together, or raise resources.units"
        )

    yield Faults("warning", "overlapping-activities", "activities", "start", rows, say)


def of_live_jobs(tables: Tables, activities: pl.DataFrame) -> pl.DataFrame:
    """Those of jobs that are not cancelled."""
    cancelled = tables["jobs"].filter("cancelled")
    if cancelled.is_empty():
        return activities
    orders = tables["manufacturing_orders"].join(cancelled, on="job", how="semi")
    operations = tables["operations"].join(orders, on="manufacturing_order", how="semi")
    return activities.join(operations, on="operation", how="anti", maintain_order="left")


def _slots(used: pl.DataFrame) -> _Slots:
    placed = used.select("code", "start", "end", "batch", place=pl.int_range(pl.len()))
    alone = placed.filter(pl.col("batch").is_null()).select("code", "start", "end", "place")
    together = placed.drop_nulls("batch").sort("code", "batch", "start", maintain_order=True)
    latest = pl.col("end").cum_max().shift().over("code", "batch")
    apart = latest.is_null() | (pl.col("start") >= latest)
    merged = together.group_by("code", "batch", apart.cum_sum().alias("part"), maintain_order=True).agg(
        pl.col("start").first(), pl.col("end").max(), pl.col("place").first()
    )
    slots = pl.concat([alone, merged.select("code", "start", "end", "place")])
    resource, start, end, place = (slots[name].to_numpy().astype(np.int64, copy=False) for name in slots.columns)
    order = np.argsort(_on_one_axis(resource, start, start, end), kind="stable")
    return _Slots(resource[order], start[order], end[order], place[order])


def _on_one_axis(resource: _Ints, times: _Ints, start: _Ints, end: _Ints) -> _Ints:
    """``times`` of all resources one after the other: resource, then time, as one number."""
    if not len(times):
        return times
    origin = start.min()
    return np.asarray(resource * (end.max() - origin + 1) + (times - origin))


def _running_at_start(slots: _Slots) -> _Ints:
    """How many earlier slots of the same resource still run when each slot starts."""
    resource, start, end, _ = slots
    started, ended = (_on_one_axis(resource, times, start, end) for times in (start, end))
    return np.arange(len(start)) - np.searchsorted(np.sort(ended), started, side="right")


def _share_beyond(slots: _Slots, mine: slice, units: int) -> float:
    """Share of a resource's planned hours that lies beyond its units."""
    start, end = slots.start[mine], slots.end[mine]
    times = np.concatenate([start, end])
    order = np.argsort(times, kind="stable")
    running = np.cumsum(np.repeat([1, -1], len(start))[order])
    beyond = np.maximum(running[:-1] - units, 0) * np.diff(times[order])
    return float(beyond.sum() / (end - start).sum())
