"""Parts of a plan that nothing joins: plants whose work and resources touch no other's.

What a scenario does to one part leaves the others as they are, to the bit, so only what differs is computed. A part is
told by its content, not by row numbers of calendars, so that a new calendar elsewhere changes nothing here.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from hashlib import blake2b
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tocfin.model.arrange import frozen, owned
from tocfin.model.columns import Ints
from tocfin.scenarios.luck import Drawn, picked
from tocfin.scenarios.route import Hours, Route, packed, together

if TYPE_CHECKING:
    from tocfin.scenarios.ordinary import Ordinary, Spans
    from tocfin.scenarios.world import World

Rows = NDArray[np.int64]

#: Columns that say where another column's rows are, or what of it: told by content instead.
_PLACES = {"resource_timeline", "resource_first_bucket"}
#: Columns of members that number edges or openings of the whole plan: told by what they stand for.
_NUMBERS = {"member_first_edge", "member_last_wait", "member_near"}


class Parts(NamedTuple):
    """Which part everything belongs to, and what each part is."""

    plant: Ints  # (plants) part
    job: Ints  # (jobs)
    resource: Ints  # (resources)
    member: Ints  # (members)
    content: tuple[bytes, ...]  # (parts) alike for parts that come to the same in every future


class Some(NamedTuple):
    """The members, draws and rows of some parts of a plan; all else is as in the whole."""

    route: Route
    drawn: Drawn
    sequence: Ints
    sequence_first: Rows
    jobs: Rows
    booked: Rows  # the jobs as the books have them
    plants: Rows
    resources: Rows


def parts(world: World, way: Route, hours: Hours, spans: Spans, constant: Any) -> Parts:
    """The parts of an ordinary world; one of all plants where amounts are not summed by plant."""
    model = world.model
    enterprise = model.enterprise
    n_plant = enterprise.plant_expense.size
    of_activity = enterprise.job_plant[world.activity_job]
    by_plant = bool((world.groups.plant_group == np.arange(n_plant)).all()) and world.groups.n == n_plant + 1
    plant = together(model, of_activity, way) if by_plant else np.zeros(n_plant, np.int32)
    job, resource = plant[enterprise.job_plant], plant[enterprise.resource_plant]
    member = job[way.member_job]
    axes = _axes(world, plant, job, resource)
    n_part = int(plant.max(initial=-1)) + 1
    common = f"{spans.clock} {spans.horizon_end} {hours.horizon_end} {world.groups.drum_hours_by_job}".encode()
    found = [blake2b(common + spans.bounds.tobytes(), digest_size=16) for _ in range(n_part)]
    for name, column, owner in _columns(world, way, hours, spans, constant, axes, member):
        order = np.argsort(owner, kind="stable")
        cuts = np.searchsorted(owner[order], np.arange(n_part + 1))
        ordered = np.ascontiguousarray(column[order])
        for p in range(n_part):
            rows = ordered[cuts[p] : cuts[p + 1]]
            found[p].update(f"{name}{rows.dtype}{rows.shape}".encode())
            found[p].update(rows.tobytes())
    return Parts(plant, job, resource, member, tuple(one.digest() for one in found))


def differing(ours: Parts, base: Parts) -> Rows | None:
    """Parts of a world that differ from those of another one; None where they are cut otherwise."""
    alike = len(ours.content) == len(base.content) and all(
        np.array_equal(mine, its) for mine, its in zip(ours[:4], base[:4], strict=True)
    )
    if not alike:
        return None
    return np.flatnonzero([mine != its for mine, its in zip(ours.content, base.content, strict=True)])


def some_of(plan: Ordinary, wanted: Rows) -> Some:
    """Only the ``wanted`` parts of a plan."""
    found, way = plan.parts, plan.route
    keep = np.isin(found.member, wanted)
    members = np.flatnonzero(keep)
    edges, first = owned(way.member_first_edge, members)
    columns: dict[str, Any] = {}
    for name, column in way._asdict().items():
        if name in ("member", "member_first_edge", "member_last_wait"):
            continue
        columns[name] = frozen(column[edges if name.startswith("edge_") else members])
    waits = way.member_last_wait[members] - way.member_first_edge[members]
    columns["member_first_edge"] = frozen(first.astype(np.int32))
    columns["member_last_wait"] = frozen((first[:-1] + waits).astype(np.int32))
    number, elements = np.cumsum(keep) - 1, np.flatnonzero(keep[plan.drawn.target])
    drawn = picked(plan.drawn, elements, number[plan.drawn.target[elements]])
    of_resource = np.repeat(found.resource, np.diff(plan.sequence_first))
    chosen = np.isin(of_resource, wanted)
    return Some(
        packed(columns, plan.hours),
        drawn,
        frozen(plan.sequence[chosen]),
        np.concatenate([[0], np.cumsum(chosen)])[plan.sequence_first],
        *(
            np.flatnonzero(np.isin(owner, wanted))
            for owner in (found.job, found.job[plan.books.job], found.plant, found.resource)
        ),
    )


def _axes(world: World, plant: Ints, job: Ints, resource: Ints) -> dict[str, Ints]:
    """Part of each row by the entity that names a column."""
    enterprise, schedule = world.model.enterprise, world.model.schedule
    order = np.repeat(job, np.diff(enterprise.job_first_order))
    operation = np.repeat(order, np.diff(enterprise.order_first_operation))
    return {
        "plant": plant,
        "job": job,
        "resource": resource,
        "order": order,
        "operation": operation,
        "activity": job[world.activity_job],
        "day": np.repeat(plant, np.diff(enterprise.plant_first_day)),
        "stock": plant[enterprise.stock_plant],
        "drum": job[schedule.drum_job],
        "subcontract": job[schedule.subcontract_job],
    }


def _columns(
    world: World, way: Route, hours: Hours, spans: Spans, constant: Any, axes: dict[str, Ints], member: Ints
) -> Iterator[tuple[str, NDArray[Any], Ints]]:
    """Every column that a future of the world hangs on, and the part of each of its rows."""
    model = world.model
    for table in (model.enterprise, model.schedule, spans):
        for name, column in table._asdict().items():
            owner = axes.get(name.partition("_")[0])
            if owner is None or name in _PLACES or not isinstance(column, np.ndarray) or not column.size:
                continue
            if column.shape[0] == owner.size + 1:
                column = np.diff(column)
            if column.shape[0] == owner.size:
                yield name, column, owner
    for name in ("job_grace", "job_cap", "job_scheduled"):
        yield name, getattr(world, name), axes["job"]
    yield "activity_work", world.activity_work, axes["activity"]
    yield "capacity", world.resource_capacity, axes["resource"]
    yield "timeline", _segments(world)[model.enterprise.resource_timeline], axes["resource"]
    yield "constant", np.ascontiguousarray(np.moveaxis(constant[:, : axes["plant"].size], 1, 0)), axes["plant"]
    clocks = _openings(hours)
    for name, column in way._asdict().items():
        if name.startswith("member_") and name not in _NUMBERS:
            is_clock = name in ("member_clock", "member_load")
            yield name, np.where(column >= 0, clocks[column], 0) if is_clock else column, member
    yield "near", way.member_near - hours.clock_first[way.member_clock], member
    yield "waits", way.member_last_wait - way.member_first_edge[:-1], member
    edges = np.repeat(member, np.diff(way.member_first_edge))
    for name in ("edge_before", "edge_place", "edge_lag", "edge_kind"):
        yield name, getattr(way, name), edges


def _segments(world: World) -> NDArray[np.uint64]:
    """What each timeline of the enterprise is."""
    enterprise = world.model.enterprise
    columns = (enterprise.segment_start, enterprise.segment_end, enterprise.segment_kind)
    return _contents(enterprise.timeline_first, columns)


def _openings(hours: Hours) -> NDArray[np.uint64]:
    """What each clock of the route is."""
    columns = (hours.open_start, hours.open_end, hours.open_done, hours.open_length, hours.open_gap)
    return _contents(hours.clock_first, columns)


def _contents(first: Ints, columns: Sequence[NDArray[Any]]) -> NDArray[np.uint64]:
    found = []
    for low, high in pairwise(first):
        content = blake2b(digest_size=8)
        for column in columns:
            content.update(column[low:high].tobytes())
        found.append(int.from_bytes(content.digest(), "little"))
    return np.array(found, np.uint64)
