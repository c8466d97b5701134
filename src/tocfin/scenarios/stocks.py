"""What lies in stock and on the floor at later instants of each future: the movements of the plan at other times (R35).

Work that starts or ends at another time takes and makes its material then, a supply whose material is drawn late comes
late, a job that falls away moves nothing, and bad work takes its material once more. Stock counts at its standard cost,
whatever prices are drawn.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tocfin.kernels.draw import MATERIAL
from tocfin.model.build import Model
from tocfin.model.closing import JOB, N_KIND, OPERATION, ORDER, SUPPLY, Flows, with_capital
from tocfin.model.columns import NEVER, Floats, Instants
from tocfin.scenarios.futures import Draws, future
from tocfin.scenarios.luck import HOUR
from tocfin.scenarios.world import World

Times = NDArray[np.int64]


def stock_in_futures(
    world: World, flows: Flows, supplies: Sequence[str], seed: int, first: int, count: int, instants: Sequence[int]
) -> Floats:
    """What has moved by each instant in ``count`` futures from ``first`` on: (instants, plants, N_CHANGE, count).

    ``supplies`` are the keys of the supplies as they stand.
    """
    lanes = -(-count // 64) * 64
    block = future(world, seed, first, lanes)
    luck = Draws(world, seed, first, lanes)
    at = times(world.model, flows, block.start, block.end)
    at += _late(world, flows, supplies, luck)
    bad = luck.bad()
    again = None if not bad.size else bad * world.luck.rework.material[:, None]
    return moved(flows, world.model, at[:, :count], again, block.absent, instants)


def stock_as_timed(model: Model, flows: Flows, start: Instants, end: Instants, instants: Sequence[int]) -> Floats:
    """The same of one schedule without luck: (instants, plants, N_CHANGE, 1)."""
    at = times(model, flows, start[:, None], end[:, None])
    return moved(flows, model, at, None, np.zeros((0, 0), np.uint8), instants)


def times(model: Model, flows: Flows, start: Times, end: Times) -> Times:
    """When each movement takes place: (movements, lanes)."""
    enterprise, first = model.enterprise, model.schedule.operation_first_activity
    order = first[enterprise.order_first_operation]
    job = order[enterprise.job_first_order]
    at = np.repeat(flows.at[:, None], start.shape[1], axis=1)
    for by, ufunc, values, bounds in (
        (OPERATION, np.minimum, start, first), (ORDER, np.maximum, end, order), (JOB, np.maximum, end, job),
    ):  # fmt: skip
        rows = np.flatnonzero(flows.by == by)
        if rows.size:
            at[rows] = np.maximum(_over(ufunc, values, bounds)[flows.row[rows]], flows.clock)
    return at


def _over(ufunc: np.ufunc, values: Times, bounds: NDArray[Any]) -> Times:
    """``ufunc`` over the rows of each of the runs that ``bounds`` cut ``values`` into; NEVER for an empty run."""
    there = np.flatnonzero(np.diff(bounds) > 0)
    out = np.full((bounds.size - 1, values.shape[1]), NEVER)
    if there.size:
        out[there] = ufunc.reduceat(values[: bounds[-1]], bounds[there], axis=0)
    return out


def _late(world: World, flows: Flows, supplies: Sequence[str], luck: Draws) -> Any:
    """Seconds by which each supply comes late: (movements, lanes), or 0 where no material is drawn."""
    hours = luck.values(world.luck.material, MATERIAL, world.requirement_operation.size, 0.0)
    rows = np.flatnonzero(flows.by == SUPPLY)
    if not hours.size or not rows.size:
        return 0
    waits = {name: row for row, name in reversed(list(enumerate(world.requirement_supply))) if name is not None}
    out = np.zeros((flows.at.size, hours.shape[1]), np.int64)
    for row in rows.tolist():
        need = waits.get(supplies[int(flows.row[row])])
        if need is not None:
            out[row] = np.maximum(np.rint(hours[need] * HOUR), 0).astype(np.int64)
    return out


def moved(
    flows: Flows, model: Model, at: Times, again: Floats | None, absent: NDArray[np.uint8], instants: Sequence[int]
) -> Floats:
    """What has moved by each instant: (instants, plants, N_CHANGE, lanes) [money]; unknown kinds NaN."""
    n_plant, lanes = len(model.keys["plant"]), at.shape[1]
    extra = np.zeros((1, lanes)) if again is None else flows.more[:, None] * again[flows.spoils, :lanes]
    if again is not None:
        extra[flows.spoils < 0] = 0.0
    falls = np.zeros((flows.at.size, lanes), np.bool_)
    if absent.size:
        falls = (absent[flows.job, :lanes] > 0) & (flows.job[:, None] >= 0)
    change = np.where(falls, 0.0, flows.change[:, None] + extra)
    for place in range(flows.consigned.shape[0]):
        rows = np.flatnonzero(flows.place == place)
        whole = np.where(falls[rows], 0.0, flows.qty[rows, None] + (extra[rows] if again is not None else 0.0))
        change[rows] = _held(at[rows], whole, flows.owned[rows], flows.consigned[place])
    cell = flows.plant.astype(np.int64) * N_KIND + flows.kind  # in ascending order
    cells, begins = np.unique(cell, return_index=True)
    out = np.zeros((len(instants), n_plant * N_KIND, 2, lanes))
    for i, instant in enumerate(instants):
        gone = np.where(at < instant, change, 0.0)
        for basis in (0, 1):
            if cells.size:
                out[i, cells, basis] = np.add.reduceat(gone * flows.worth[:, basis, None], begins, axis=0)
    found: Floats = with_capital(flows, out.reshape(len(instants), n_plant, N_KIND, 2, lanes))
    return found


def _held(at: Times, qty: Floats, owned: NDArray[np.bool_], opening: Floats) -> Floats:
    """What each movement of one item in one plant changes of the owned stock, where some lies there on consignment.

    As in ``tocfin.dataset.stock.balances``: what goes out takes owned stock first, then what is not ours.
    """
    order = np.argsort(at * 2 + (qty < 0), axis=0, kind="stable")  # at one instant what comes in is there first
    own, foreign = (np.where(owned[:, None] == ours, qty, 0.0) for ours in (True, False))
    own, foreign = (np.take_along_axis(part, order, axis=0) for part in (own, foreign))
    own, foreign = opening[0] + own.cumsum(axis=0), opening[1] + foreign.cumsum(axis=0)
    used = np.maximum(np.minimum(min(opening[0], 0.0) - own, foreign), 0.0)
    held = own + np.maximum.accumulate(used, axis=0)
    change = np.diff(held, axis=0, prepend=np.full((1, held.shape[1]), opening[0]))
    out: Floats = np.empty_like(change)
    np.put_along_axis(out, order, change, axis=0)
    return out
