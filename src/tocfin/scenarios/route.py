"""The way of an ordinary plan through time, as ``tocfin.kernels.march`` reads it: work time, and who waits for whom.

All instants are int32 seconds after the clock. A plan is ordinary where every activity moves alone: on one resource,
in no batch. Any other goes through ``tocfin.kernels.retime``.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tocfin.kernels import march
from tocfin.kernels.march import FOLLOWS, NEVER_ENDS, ODD, ONE_WAIT
from tocfin.kernels.march_odd import LIMIT
from tocfin.kernels.retime import RESOURCE
from tocfin.kernels.vector import WIDE
from tocfin.model.arrange import frozen, owned, reordered
from tocfin.model.build import Model
from tocfin.model.columns import HAS_POTENTIAL, IS_ACTIVE, Bytes, Floats, Ints
from tocfin.model.network import Network


class Hours(NamedTuple):
    """Openings of every calendar and one that never ends behind them; clock 0 is open all the time.

    Behind each calendar are openings in which nothing is reached: ``march.NEAR`` of them may be read from any one on.
    ``open_end`` and ``open_reached`` have ``vector.WIDE`` more behind the last, which never end.
    """

    clock_first: Ints  # (clocks + 1) into open_*
    clock_last: Ints  # (clocks) the one that never ends
    clock_total: Ints  # (clocks) [s] available seconds in all
    open_start: Ints  # (openings)
    open_end: Ints  # (openings)
    open_done: Ints  # (openings) [s] work time at its start
    open_length: Ints  # (openings) [s]
    open_reached: Ints  # (openings) [s] work time at its end
    open_gap: Ints  # (openings) [s] since the end of the one before it
    open_base: Ints  # (openings) [s] what is added to work time in it to give the wall clock
    horizon_end: int


class Route(NamedTuple):
    """Members plant after plant, else in the order of ``Network``.

    Of a member's edges, those that are waited for on the wall clock come first.
    """

    member: Ints  # (members, N_MEMBER) what the kernel reads of each, as in ``tocfin.kernels.march``
    member_row: Ints
    member_place: Ints  # row of its times
    member_rank: Ints  # member of the network
    member_job: Ints
    member_resource: Ints
    member_kind: Bytes  # ODD, FOLLOWS
    member_clock: Ints  # 0: elapsed time
    member_near: Ints  # first opening that ends after the floor
    member_planned: Ints  # planned start
    member_floor: Ints
    member_floor_done: Ints  # [s] work time at the floor
    member_work: Floats  # [s]
    member_tail: Ints  # [s]
    member_load: Ints  # clock of its resource; -1 where it loads none
    member_load_first: Ints  # [s] work time at the clock, and at the end of the horizon
    member_load_last: Ints
    member_first_edge: Ints  # (members + 1)
    member_last_wait: Ints  # (members) edges from here on are told by FOLLOWS
    edge_before: Ints  # (edges) row of the schedule
    edge_place: Ints  # row of its times
    edge_lag: Ints  # [s]
    edge_kind: Bytes


def route(
    model: Model, network: Network, may_be_absent: Ints, plant: NDArray[Any], place: NDArray[np.int64]
) -> tuple[Route, Hours] | None:
    """The route of a plan, None where it is not ordinary; ``may_be_absent`` are rows of the jobs.

    ``plant`` (activities) is that of the job, ``place`` the row of times.
    """
    schedule, clock = model.schedule, model.horizon.clock
    if network.group_first.size - 1 != network.member_row.size or schedule.activity_batch.size:
        return None
    network, rank = plant_by_plant(model, network, plant)
    hours = _hours(network, clock, model.horizon.end)
    planned = schedule.activity_start[network.member_row] - clock
    floor = np.maximum(network.member_floor - clock, -LIMIT)
    spans = (planned, floor, network.member_work, network.member_tail, network.edge_lag)
    if hours is None or any(column.size and np.abs(column).max() >= LIMIT // 2 for column in spans):
        return None
    resource = schedule.activity_resource[network.member_row]
    role = model.enterprise.resource_role[resource]
    own = np.where(role & IS_ACTIVE, model.enterprise.resource_timeline[resource], 0)
    c = network.member_timeline
    near, floor_done = work_time(hours, c, floor)
    at, _ = work_time(hours, c, planned)
    closed = (hours.open_start[at] > planned) & (c > 0)
    odd = closed | (network.member_tail != 0) | (c != own) | np.isin(network.member_job, may_be_absent)
    follows, order, first, last = _edges(network, model, resource, odd)
    if _side_by_side(model, network, resource, role, follows):
        return None
    within = [
        np.minimum(work_time(hours, c, np.full(c.size, instant))[1], hours.clock_total[c])
        for instant in (0, hours.horizon_end)
    ]
    columns: dict[str, Any] = {
        "member_row": network.member_row,
        "member_place": place[network.member_row],
        "member_rank": rank,
        "member_job": network.member_job,
        "member_resource": resource,
        "member_kind": (odd * ODD + follows * FOLLOWS + (last - first[:-1] == 1) * ONE_WAIT).astype(np.uint8),
        "member_clock": c,
        "member_near": near,
        "member_planned": planned,
        "member_floor": floor,
        "member_floor_done": floor_done,
        "member_work": network.member_work.astype(np.float64),
        "member_tail": network.member_tail,
        "member_load": np.where(own > 0, own, -1),
        "member_load_first": np.where(own > 0, within[0], 0),
        "member_load_last": np.where(own > 0, within[1], 0),
        "member_first_edge": first,
        "member_last_wait": last,
        "edge_before": network.edge_before[order],
        "edge_place": place[network.edge_before[order]],
        "edge_lag": network.edge_lag[order],
        "edge_kind": network.edge_kind[order],
    }
    return packed({name: frozen(_narrow(column)) for name, column in columns.items()}, hours), hours


def plant_by_plant(model: Model, network: Network, plant: NDArray[Any]) -> tuple[Network, NDArray[np.int64]]:
    """The network with its members plant after plant, plants that wait for each other as one; which one each was.

    ``plant`` (activities) is that of the job. What is timed one after the other is near each other then.
    """
    part = together(model, plant, network)[plant[network.member_row]]
    rank = np.argsort(part, kind="stable")
    edges, _ = owned(network.member_first_edge, rank)
    return reordered(network, {"member": rank, "edge": edges}), rank


def together(model: Model, plant: NDArray[Any], way: Network | Route) -> Ints:
    """Part of each plant: the same for those of which one works on resources of the other, or waits for it."""
    on = model.enterprise.resource_plant[model.schedule.activity_resource]
    waits = np.repeat(plant[way.member_row], np.diff(way.member_first_edge))
    both = np.concatenate([np.stack([plant, on], 1), np.stack([waits, plant[way.edge_before]], 1)])
    leader = list(range(model.enterprise.plant_expense.size))

    def led(a: int) -> int:
        while leader[a] != a:
            a = leader[a]
        return a

    for a, b in np.unique(both, axis=0).tolist():
        low, high = sorted((led(a), led(b)))
        leader[high] = low
    _, part = np.unique([led(a) for a in range(len(leader))], return_inverse=True)
    return part.astype(np.int32)


def packed(columns: dict[str, Any], hours: Hours) -> Route:
    """The route of ``columns``, which are all others of it."""
    n, first = columns["member_row"].size, columns["member_first_edge"][:-1]
    before, lag = (np.append(columns[name], 0) for name in ("edge_place", "edge_lag"))
    edge = np.where(columns["member_kind"] & ONE_WAIT > 0, first, before.size - 1)
    fields = {
        march.PLACE: columns["member_place"],
        march.ROW: columns["member_row"],
        march.RANK: columns["member_rank"],
        march.RESOURCE: columns["member_resource"],
        march.KIND: columns["member_kind"],
        march.NEAR_FLOOR: columns["member_near"],
        march.FLOOR: columns["member_floor"],
        march.FLOOR_DONE: columns["member_floor_done"],
        march.WORK: columns["member_work"],
        march.LOAD_FIRST: columns["member_load_first"],
        march.LOAD_LAST: columns["member_load_last"],
        march.BEFORE: before[edge],
        march.LAG: lag[edge],
        march.FIRST_EDGE: first,
        march.LAST_WAIT: columns["member_last_wait"],
        march.TOTAL: hours.clock_total[columns["member_clock"]],
    }
    member = np.zeros((n, march.N_MEMBER), np.int32)
    for at, field in fields.items():
        member[:, at] = field
    return Route(frozen(member), **columns)


def _narrow(column: NDArray[Any]) -> NDArray[Any]:
    """Whole numbers of 32 bits."""
    return column.astype(np.int32) if column.dtype in (np.int64, np.int32) else column


def _hours(network: Network, clock: int, horizon_end: int) -> Hours | None:
    """None where an instant is too far from the clock."""
    starts, ends, dones, gaps, first, last, total = [], [], [], [], [0], [], []
    nothing = np.zeros(march.NEAR, np.int64)
    for t in range(network.opening_first.size - 1):
        rows = slice(network.opening_first[t], network.opening_first[t + 1])
        start, end = network.opening_start[rows] - clock, network.opening_end[rows] - clock
        if not start.size:
            start, end, done = np.array([-LIMIT]), np.array([NEVER_ENDS]), np.array([-LIMIT])
            total.append(int(NEVER_ENDS))
        else:
            done = np.concatenate([[0], np.cumsum(end - start)])
            start, end = np.append(start, end[-1]), np.append(end, NEVER_ENDS)
            total.append(int(done[-1]))
        gaps += [nothing[:1], start[1:] - end[:-1], nothing]
        starts += [start, nothing - LIMIT]
        ends += [end, nothing + NEVER_ENDS]
        dones += [done, nothing - 2 * LIMIT]
        last.append(first[-1] + start.size - 1)
        first.append(last[-1] + 1 + nothing.size)
    start, end, done, gap = (np.concatenate(parts).astype(np.int64) for parts in (starts, ends, dones, gaps))
    instants = np.concatenate([start, end[end != NEVER_ENDS], [horizon_end - clock]])
    if np.abs(instants[instants != -LIMIT]).max(initial=0) >= LIMIT // 2:
        return None
    length = np.minimum(end - start, NEVER_ENDS)
    reached = np.where(done < -LIMIT, -LIMIT, np.where(end == NEVER_ENDS, NEVER_ENDS, done + length))
    behind = np.full(WIDE, NEVER_ENDS)
    base = start - done
    end, reached = np.append(end, behind), np.append(reached, behind)
    columns: Any = (np.array(first), np.array(last), np.array(total), start, end, done, length, reached, gap, base)
    narrow: Any = [frozen(_narrow(column)) for column in columns]
    return Hours._make([*narrow, horizon_end - clock])


def work_time(hours: Hours, clock: Ints, instant: NDArray[Any]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """First opening of each row's clock that ends after the instant, and the work time at it."""
    opening = np.empty(clock.size, np.int64)
    for c in np.unique(clock):
        rows = np.flatnonzero(clock == c)
        low, high = hours.clock_first[c], hours.clock_first[c + 1]
        opening[rows] = low + np.searchsorted(hours.open_end[low:high], instant[rows], side="right")
    inside = np.clip(instant - hours.open_start[opening].astype(np.int64), 0, hours.open_length[opening])
    return opening, hours.open_done[opening] + inside


def _edges(
    network: Network, model: Model, resource: Ints, odd: NDArray[np.bool_]
) -> tuple[NDArray[np.bool_], NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Members that follow the one before them on their resource in work time, and edges with these behind the others.

    Returns (follows, order of the edges, first edge of each member, end of those that are waited for).
    """
    n = network.member_row.size
    place = _members_of(network, model.schedule.activity_start.size)
    ahead = ahead_on_resource(resource)
    owner = np.repeat(np.arange(n), np.diff(network.member_first_edge))
    before = place[network.edge_before]
    told = (network.edge_kind == RESOURCE) & (ahead[owner] == before) & (network.edge_lag == 0)
    told &= ~odd[owner] & ~odd[before] & (network.member_timeline[owner] == network.member_timeline[before])
    follows = np.zeros(n, np.bool_)
    follows[owner[told]] = True
    order = np.lexsort((np.arange(owner.size), told, owner))
    first = network.member_first_edge.astype(np.int64)
    return follows, order, first, first[1:] - np.bincount(owner[told], minlength=n)


def _members_of(network: Network, n_row: int) -> Ints:
    """Member of each of ``n_row`` rows of the schedule; -1 for none."""
    member = np.full(n_row, -1, np.int32)
    member[network.member_row] = np.arange(network.member_row.size, dtype=np.int32)
    return member


def ahead_on_resource(resource: Ints) -> NDArray[np.int64]:
    """Member before each one on its resource; -1 for none."""
    order = np.argsort(resource, kind="stable")
    ahead = np.full(resource.size, -1)
    same = resource[order][1:] == resource[order][:-1]
    ahead[order[1:][same]] = order[:-1][same]
    return ahead


def _side_by_side(model: Model, network: Network, resource: Ints, role: Bytes, follows: NDArray[np.bool_]) -> bool:
    """Whether a resource with potential overtime may do two things at once: what it uses of it is a union then."""
    ahead = ahead_on_resource(resource)
    free = (role & HAS_POTENTIAL > 0) & (ahead >= 0) & ~follows
    owner = np.repeat(np.arange(resource.size), np.diff(network.member_first_edge))
    place = _members_of(network, model.schedule.activity_start.size)
    waits = (ahead[owner] == place[network.edge_before]) & (network.edge_lag >= 0)
    free[owner[waits]] = False
    rows = network.member_row[free]
    early = model.schedule.activity_start[rows] < model.schedule.activity_end[network.member_row[ahead[free]]]
    return bool(early.any())
