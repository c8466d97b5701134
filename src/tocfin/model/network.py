"""What holds a plan together when its times move: who waits for whom, what moves together, how much work it is.

*Evaluate the order, not the clock times* (engine.md 1): the resource sequences of the plan are kept. An edge that the
plan itself violates is not enforced, and counted (rulings R37), so that without noise every plan comes out as it is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Literal, NamedTuple, cast

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tocfin.dataset import Dataset, Plan
from tocfin.model.arrange import first_rows, frozen
from tocfin.model.build import Model, arranged, build
from tocfin.model.columns import NEVER, Bytes, Instants, Ints, Schedule
from tocfin.model.edges import Edges, material_edges, operation_edges, overtaken, resource_edges
from tocfin.model.openings import Openings, Planned, Work, openings, planned_work
from tocfin.model.pegging import Holds, holds
from tocfin.model.standing import Standing, known

StartPolicy = Literal["as planned", "as soon as possible"]

#: Calendars reach at least this far beyond the plan: four weeks [s].
LEAST_MARGIN = 28 * 86_400


class Network(NamedTuple):
    """Groups of activities in an order in which everything that is waited for comes first.

    A *group* holds the activities that move together: the rows of one activity on several resources, the members of
    one batch. It starts later (or sooner) than planned by the largest delay that one of its members needs. Jobs that
    are cancelled have no rows here. ``edge_kind`` is SEQUENCE, PRECEDENCE, RESOURCE or SETUP of
    ``tocfin.model.edges``.
    """

    group_first: Ints  # (groups + 1) into member_*
    member_row: Ints  # (members) row of the schedule
    member_job: Ints  # (members) row of the jobs
    member_first_edge: Ints  # (members + 1) into edge_*
    edge_before: Ints  # (edges) row of the schedule that must end first
    edge_lag: Instants  # (edges) [s] least time between that end and this start; of SETUP edges available time
    edge_kind: Bytes  # (edges)
    member_floor: Instants  # (members) [s] never before: the planned start, or what the start policy allows
    member_release: Instants  # (members) [s] release of its job; NEVER for none, or where the plan starts sooner
    member_timeline: Ints  # (members) into opening_first; 0: not covered, elapsed time counts
    member_opening: Ints  # (members) first opening that ends after the planned start
    member_work: Instants  # (members) [s] available seconds of the plan, elapsed ones where it is not covered
    member_tail: Instants  # (members) [s] from the last second of work to the planned end
    opening_first: Ints  # (timelines + 1) into opening_*; timeline 0 is empty
    opening_start: Instants  # (openings) [s]
    opening_end: Instants  # (openings) [s]


def network(
    model: Model,
    frames: Mapping[str, pl.DataFrame],
    start_policy: StartPolicy = "as planned",
    planned: Planned | None = None,
    standing: Standing | None = None,
    material: Holds | None = None,
) -> tuple[Network, dict[str, int]]:
    """The network of a built model, and the number of edges by kind that are not enforced.

    ``frames`` are the model's tables (``tocfin.model.build.arranged``). The kinds are sequence, precedence, resource,
    setup, release and material (the plan violates them), together (between activities that move together) and cycle
    (groups that would wait for each other; the edge that closes the circle is dropped). Finished work waits for
    nothing. ``planned`` is what the hours of the base make of the same activities (``planned_in``), ``material`` what
    work waits for because of its material, by default as these tables allot it.

    With a ``standing`` (rulings R31) work that is done is no member: its times are known. What has begun goes on with
    what is left of it and waits only for its resource, where it comes before what has not; nothing else begins before
    ``standing.as_of``.
    """
    dropped: Counter[str] = Counter()
    done = finished(model, frames) if standing is None else standing.done
    begun = np.zeros(done.size, np.bool_) if standing is None else standing.begun
    live = ~frames["activities"]["cancelled"].to_numpy()
    rows = np.flatnonzero(live if standing is None else live & ~done).astype(np.int32)
    group = groups(model, rows, begun)
    material = material or holds(frames, model.horizon.clock)
    dropped["material"] += material.violated
    steps = np.concatenate([operation_edges(model, frames, dropped), material_edges(model, frames, material)])
    if standing is not None:
        steps = np.concatenate([steps, overtaken(steps, begun | done, done)])
    edges = np.concatenate(
        [steps[~begun[steps[:, 1]]], resource_edges(model, frames, rows, dropped, begun, _times(model, standing))]
    )
    edges = edges[~done[edges[:, 1]]]
    inside = group[edges[:, 0]] == group[edges[:, 1]]
    dropped["together"] += int(np.count_nonzero(inside))
    edges = edges[~inside]
    past = group[edges[:, 0]] < 0  # what is done is waited for too, but has no rank
    rank, open_edges = ranked(model, rows, group, edges[~past], dropped, begun)
    edges = np.concatenate([edges[past], open_edges])
    order = rows[np.lexsort((rows, rank[rows]))]
    place = np.full(group.size, -1, np.int32)
    place[order] = np.arange(order.size, dtype=np.int32)
    edges = edges[np.lexsort((edges[:, 0], place[edges[:, 1]]))]
    changes = np.flatnonzero(np.diff(rank[order], prepend=-1, append=-1))
    release = _release(model, frames, order, dropped, begun)
    hours = openings(model.enterprise)
    work = _work(model, hours, order, planned, standing)
    columns = {
        "group_first": (changes if order.size else np.zeros(1)).astype(np.int32),
        "member_row": order,
        "member_job": frames["activities"]["job_row"].to_numpy()[order].astype(np.int32),
        "member_first_edge": first_rows(place[edges[:, 1]], order.size),
        "edge_before": edges[:, 0].astype(np.int32),
        "edge_lag": edges[:, 2],
        "edge_kind": edges[:, 3].astype(np.uint8),
        "member_floor": np.maximum(
            _floor(model, order, release, done, start_policy, standing),
            _supplied(model, frames, order, material, done | begun),
        ),
        "member_release": release,
        "member_timeline": work.timeline,
        "member_opening": work.opening,
        "member_work": work.seconds,
        "member_tail": work.tail,
        **hours._asdict(),
    }
    return Network(**{name: frozen(column) for name, column in columns.items()}), {
        k: n for k, n in dropped.items() if n
    }


def _times(model: Model, standing: Standing | None) -> Schedule:
    return model.schedule if standing is None else known(model.schedule, standing)


def _work(model: Model, hours: Openings, order: Ints, planned: Planned | None, standing: Standing | None) -> Work:
    """Work of the members: as planned, or what is left of it."""
    work = planned_work(model.enterprise, model.schedule, hours, order, planned)
    if standing is None:
        return work
    begun = standing.begun[order]
    timeline = np.where(begun, standing.timeline[order], work.timeline)
    return Work(
        timeline,
        np.where(begun, hours.opening_first[timeline], work.opening),
        np.where(begun, standing.left[order], work.seconds),
        np.where(begun, standing.tail[order], work.tail),
    )


def groups(model: Model, rows: Ints, begun: NDArray[np.bool_] | None = None) -> Ints:
    """Group of every row of the schedule, named by the first of its rows; -1 for rows that are not in ``rows``.

    What has ``begun`` (activities) does not wait for what should move with it and has not.
    """
    schedule = model.schedule
    operation = np.repeat(
        np.arange(schedule.operation_first_activity.size - 1), np.diff(schedule.operation_first_activity)
    )
    same = (model.keys["activity"] == model.keys["activity"].shift()).fill_null(False).to_numpy()
    number = np.cumsum(~(same & (np.diff(operation, prepend=-1) == 0)))
    apart = np.zeros(rows.size, np.int64) if begun is None else begun[rows].astype(np.int64)
    unions = [np.unique(2 * number[rows] + apart, return_inverse=True)[1]]
    if schedule.activity_batch.size:
        batch = schedule.activity_batch[rows].astype(np.int64)
        alone = schedule.batch_first.size + np.arange(rows.size)
        unions.append(np.unique(2 * np.where(batch < 0, alone, batch) + apart, return_inverse=True)[1])
    label = np.arange(rows.size)
    while True:
        before = label
        for union in unions:
            least = np.full(rows.size, rows.size)
            np.minimum.at(least, union, label)
            label = least[union]
        if np.array_equal(before, label):
            break
    out = np.full(schedule.activity_start.size, -1, np.int32)
    out[rows] = rows[label]
    return out


def ranked(
    model: Model, rows: Ints, group: Ints, edges: Edges, dropped: Counter[str], begun: NDArray[np.bool_]
) -> tuple[NDArray[np.int64], Edges]:
    """Rank of every row's group, and the edges that are left once no group waits for itself.

    Groups rank by the earliest (start, end, row) of their rows, those that have begun first, but never before one that
    they wait for.
    """
    schedule = model.schedule
    order = rows[np.lexsort((rows, schedule.activity_end[rows], schedule.activity_start[rows], ~begun[rows]))]
    leaders, first = np.unique(group[order], return_index=True)
    rank = np.full(group.size, -1, np.int64)
    rank[leaders[np.argsort(first)]] = np.arange(leaders.size)
    rank[rows] = rank[group[rows]]
    before, after = rank[edges[:, 0]], rank[edges[:, 1]]
    if (before < after).all():
        return rank, edges
    order_of, open_edges = _depth_first(leaders.size, before, after)
    dropped["cycle"] += int(np.count_nonzero(~open_edges))
    place = np.empty(leaders.size, np.int64)
    place[order_of] = np.arange(leaders.size)
    rank[rows] = place[rank[rows]]
    return rank, edges[open_edges]


def _depth_first(n: int, before: NDArray[np.int64], after: NDArray[np.int64]) -> tuple[list[int], NDArray[np.bool_]]:
    """Groups so that each follows what it waits for, visited by rank; edges that would close a circle are False."""
    by_after = np.lexsort((before, after))
    source, first = before[by_after].tolist(), np.searchsorted(after[by_after], np.arange(n + 1)).tolist()
    kept = np.ones(before.size, np.bool_)
    cursor = first[:-1].copy()
    state = bytearray(n)  # 0 new, 1 waits for those before it, 2 placed
    order: list[int] = []
    for root in range(n):
        stack = [] if state[root] else [root]
        while stack:
            here = stack[-1]
            state[here] = 1
            while cursor[here] < first[here + 1]:
                ahead = source[cursor[here]]
                if state[ahead] == 0:
                    stack.append(ahead)
                    break
                if state[ahead] == 1:
                    kept[by_after[cursor[here]]] = False
                cursor[here] += 1
            else:
                state[here] = 2
                order.append(here)
                stack.pop()
    return order, kept


def _release(
    model: Model, frames: Mapping[str, pl.DataFrame], order: Ints, dropped: Counter[str], begun: NDArray[np.bool_]
) -> Instants:
    """Release of each row's job; NEVER where there is none, where the plan starts sooner or the work has begun."""
    job = frames["activities"]["job_row"].to_numpy()[order]
    release = frames["jobs"]["release_date"].fill_null(NEVER).to_numpy()[job]
    violated = model.schedule.activity_start[order] < release
    dropped["release"] += int(np.count_nonzero(violated))
    return np.where(violated | begun[order], NEVER, release)


def _floor(
    model: Model,
    order: Ints,
    release: Instants,
    done: NDArray[np.bool_],
    start_policy: StartPolicy,
    standing: Standing | None,
) -> Instants:
    """Never before: the planned start or what the policy allows; as of an instant, never before that either."""
    start = model.schedule.activity_start[order]
    if standing is not None:
        soon = np.maximum(release, standing.as_of) if start_policy == "as soon as possible" else start
        return np.where(standing.begun[order], standing.as_of, np.maximum(soon, standing.as_of))
    if start_policy == "as planned":
        return start
    return np.where(done[order], start, np.maximum(np.minimum(start, model.horizon.clock), release))


def _supplied(
    model: Model, frames: Mapping[str, pl.DataFrame], order: Ints, material: Holds, past: NDArray[np.bool_]
) -> Instants:
    """When the supplies that each row waits for have come; NEVER for none, and for what has begun or is done."""
    operation = frames["activities"]["operation_row"].to_numpy()[order]
    return np.where(past[order], NEVER, material.operation_floor[operation])


def planned_in(base: Dataset, frames: Mapping[str, pl.DataFrame]) -> Planned:
    """Work of the activities in ``frames`` by the hours of ``base``, where the base plans them at the same time.

    An activity that has moved to another resource is the work that it was on its first one.
    """
    there = arranged(base.tables, cast(Plan, base.plan))["activities"]
    model = build(base)
    rows = np.arange(there.height, dtype=np.int32)
    work = planned_work(model.enterprise, model.schedule, openings(model.enterprise), rows)
    columns = {"seconds": np.where(work.timeline > 0, work.seconds, 0), "tail": work.tail}
    same = ["operation", "activity", "start", "end"]
    there = there.select(*same, "resource").with_columns(**{name: pl.Series(c) for name, c in columns.items()})
    found = frames["activities"].select(*same, "resource")
    found = found.join(there, on=[*same, "resource"], how="left", maintain_order="left")
    moved = there.unique(same, keep="first", maintain_order=True).drop("resource")
    found = found.join(moved, on=same, how="left", maintain_order="left", suffix="_moved")
    seconds, tail = (found[name].fill_null(found[f"{name}_moved"]) for name in ("seconds", "tail"))
    return Planned(seconds.is_not_null().to_numpy(), seconds.fill_null(0).to_numpy(), tail.fill_null(0).to_numpy())


def finished(model: Model, frames: Mapping[str, pl.DataFrame]) -> NDArray[np.bool_]:
    """Activities that were finished at the clock: what happened is not uncertain and does not move."""
    ended = frames["activities"]["actual_end"].fill_null(np.iinfo(np.int64).max).to_numpy()
    done: NDArray[np.bool_] = ended <= model.horizon.clock
    return done


def margin(dataset: Dataset) -> int:
    """How far beyond the plan calendars should reach [s], so that work pushed right finds hours to be done in."""
    plan = cast(Plan, dataset.plan)
    work = dataset.tables["activities"].select("start", "end").drop_nulls()
    low = np.append(work["start"].to_numpy(), plan.clock).min()
    high = np.append(work["end"].to_numpy(), plan.horizon_end).max()
    return max(LEAST_MARGIN, int(high - low))
