"""From a model's rows to the loads of a search: how long each takes, where else it can run, what sets it up."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tocfin.errors import DatasetError, Finding
from tocfin.kernels.search_loads import Loads
from tocfin.model.arrange import first_rows
from tocfin.model.build import Model
from tocfin.model.columns import IS_ACTIVE, Ints, Schedule
from tocfin.model.edges import HOUR, Edges
from tocfin.model.openings import Work, openings, planned_work
from tocfin.model.pegging import Holds
from tocfin.model.setups import HOLE, Setups, setups
from tocfin.reschedule.room import rooms, segments

#: No deadline.
LATEST = np.int64(2**62)
#: Pairs of families without hours that are named.
MOST_HOLES = 5


class Members(NamedTuple):
    """Rows of the schedule by load: load ``x`` has the members ``first[x] : first[x + 1]``."""

    row: Ints  # (members)
    first: Ints  # (loads + 1)
    fixed: NDArray[np.bool_]  # (members)


def loaded(
    model: Model, frames: Mapping[str, pl.DataFrame], members: Members, edges: Edges, clock: int, material: Holds
) -> tuple[Loads, NDArray[np.int64]]:
    """The loads without deadlines, and what fixed work leaves of each unit (`tocfin.reschedule.room.Rooms`).

    Raises DatasetError where a setup between families that can meet on a resource is not given.
    """
    schedule, enterprise, (row, first, fixed) = model.schedule, model.enterprise, members
    work = _attended(planned_work(enterprise, schedule, openings(enterprise), row), schedule, members)
    start = schedule.activity_start[row]
    lead = np.repeat(np.minimum.reduceat(start, first[:-1]), np.diff(first))
    job = frames["activities"]["job_row"].to_numpy()[row]
    release = frames["jobs"]["release_date"].fill_null(clock).to_numpy()[job]
    operation = frames["activities"]["operation_row"].to_numpy()[row]
    release = np.maximum(release, material.operation_floor[operation])  # no sooner than its supplies
    choice_first, choice_resource, choice_seconds = _choices(model, frames, row, first, work.seconds)
    known = setups(frames)
    family = _families(model, frames, members, known)
    room = rooms(model, frames, row, fixed, family)
    loads = Loads(
        first_member=first,
        member_resource=schedule.activity_resource[row],
        member_seconds=np.array(work.seconds),
        member_offset=start - lead,
        member_tail=np.array(work.tail),
        member_timed=(work.timeline > 0).astype(np.uint8),
        before_first=first_rows(edges[:, 1].astype(np.int32), first.size - 1),
        before_load=edges[:, 0].astype(np.int32),
        before_lag=edges[:, 2].copy(),
        release=np.maximum(np.maximum.reduceat(release, first[:-1]), clock),
        deadline=np.full(first.size - 1, LATEST),
        choice_first=choice_first,
        choice_resource=choice_resource,
        choice_seconds=choice_seconds,
        member_family=family,
        resource_matrix=np.array(known.resource_matrix),
        setup_seconds=np.where(known.seconds == HOLE, LATEST // 2, known.seconds),
        setup_cost=np.nan_to_num(known.cost),
        **segments(model),
        unit_first=room.unit_first,
        block_first=room.block_first,
        block_start=room.block_start,
        block_end=room.block_end,
        block_family=room.block_family,
    )
    _without_holes(model, loads, known)
    return loads, room.unit_free


def _attended(work: Work, schedule: Schedule, members: Members) -> Work:
    """Free work takes its ``work_hours`` where these are fewer than the hours that the plan gives it."""
    if not schedule.activity_work_hours.size:
        return work
    asked = np.rint(HOUR * np.nan_to_num(schedule.activity_work_hours[members.row], nan=np.inf))
    fewer = (asked < work.seconds) & ~members.fixed
    seconds = np.where(fewer, np.where(fewer, asked, 0.0).astype(np.int64), work.seconds)
    return work._replace(seconds=seconds, tail=np.where(fewer, 0, work.tail))


def _families(model: Model, frames: Mapping[str, pl.DataFrame], members: Members, known: Setups) -> Ints:
    """Family of each member; members of one load on one resource (a batch) have that of the first of them."""
    row, first, _ = members
    family = known.operation_family[frames["activities"]["operation_row"].to_numpy()[row]].astype(np.int32)
    load = np.repeat(np.arange(first.size - 1), np.diff(first))
    key = load * model.enterprise.resource_role.size + model.schedule.activity_resource[row]
    _, lead, of = np.unique(key, return_index=True, return_inverse=True)
    out: Ints = family[lead[of]]
    return out


def _without_holes(model: Model, loads: Loads, known: Setups) -> None:
    """Raise DatasetError for setups that are not given between families that can meet."""
    choice = np.repeat(np.arange(loads.choice_first.size - 1), np.diff(loads.choice_first))
    resource = np.concatenate([loads.member_resource, loads.choice_resource])
    family = np.concatenate([loads.member_family, loads.member_family[loads.first_member[choice]]])
    found = []
    for r in np.flatnonzero(known.resource_matrix >= 0).tolist():
        some = np.unique(family[(resource == r) & (family >= 0)])
        one, other = np.nonzero(known.seconds[known.resource_matrix[r]][np.ix_(some, some)] == HOLE)
        if one.size:
            pairs = [f"{known.family[some[i]]} to {known.family[some[j]]}" for i, j in zip(one, other, strict=True)]
            more = f" and {len(pairs) - MOST_HOLES:,} more" if len(pairs) > MOST_HOLES else ""
            message = (
                f"no hours are given on {model.keys['resource'][r]!r} from {', from '.join(pairs[:MOST_HOLES])}{more}:"
                " enter them (0 where nothing is to be done)"
            )
            found.append(Finding("error", "setup-hole", "setups", None, "hours", message, file="setups"))
    if found:
        raise DatasetError(tuple(found))


def _choices(
    model: Model, frames: Mapping[str, pl.DataFrame], member_row: Ints, first: Ints, seconds: NDArray[np.int64]
) -> tuple[Ints, Ints, NDArray[np.int64]]:
    """Where else loads of one member can run: the present resource, then its alternatives that are active."""
    code = frames["resources"].select("resource", pl.int_range(pl.len(), dtype=pl.Int32).alias("code"))
    other = frames["alternatives"].join(code, on="resource", how="inner")
    active = (model.enterprise.resource_role & IS_ACTIVE) > 0
    found: dict[str, list[tuple[int, int]]] = {}
    for operation, resource, setup, run in other["operation", "code", "setup_hours", "run_hours"].iter_rows():
        if active[resource]:
            found.setdefault(operation, []).append((resource, round(HOUR * ((setup or 0.0) + (run or 0.0)))))
    operations = frames["activities"]["operation"].gather(member_row).to_list()
    counts, resources, lengths = np.zeros(first.size - 1, np.int64), [], []
    once = {key for key, n in frames["activities"]["operation"].value_counts().iter_rows() if n == 1}
    for x in np.flatnonzero(np.diff(first) == 1).tolist():
        m = int(first[x])
        present = int(model.schedule.activity_resource[member_row[m]])
        others = [pair for pair in found.get(operations[m], []) if pair[0] != present and operations[m] in once]
        if others:
            pairs = [(present, int(seconds[m])), *others]
            counts[x] = len(pairs)
            resources += [resource for resource, _ in pairs]
            lengths += [length for _, length in pairs]
    opens = np.concatenate([[0], np.cumsum(counts)]).astype(np.int32)
    return opens, np.array(resources, np.int32), np.array(lengths, np.int64)
