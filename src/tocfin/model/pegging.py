"""Which stock covers which work: what has to wait for a supply, and what for the order that makes its material.

Material from stock is allotted in order of planned start, within its plant: first what orders of the same job make,
then stock on hand (consigned stock too), then supplies by date, then what orders of other jobs leave in stock, by
their end. Sales from stock take their turn when they are due. Work whose plan starts before what it would wait for has
come does not wait for it (rulings R37), and is counted. The allotment is the plan's: in a scenario that moves supplies
each requirement keeps the supply that covers it in the base, so that a late one moves the work that waits for it alone.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tocfin.dataset.movements import issues, orders, shelf, supplied
from tocfin.model.columns import NEVER, Instants, Ints

Frames = Mapping[str, pl.DataFrame]
#: A requirement in words that hold in every version of a data set: operation, item, the how manieth of them.
Key = tuple[str, str, int]


@dataclass
class _Source:
    """Something that covers work: when it comes [s], how much of it is left, and which supply or order it is."""

    at: int
    left: float
    supply: str | None = None
    order: str | None = None


@dataclass
class _Need:
    """A requirement of an operation that is planned, and what covers it."""

    key: Key
    row: int  # of the material requirements
    start: int  # [s] planned
    order: str  # that it is for
    sources: list[_Source] = field(default_factory=list)
    short: bool = False  # nothing covers a part of it

    @property
    def in_time(self) -> bool:
        """Whether the plan waits for everything that covers it."""
        return all(source.at <= self.start for source in self.sources)


class Holds(NamedTuple):
    """What work waits for because of its material; rows are those of the model's tables."""

    operation_floor: Instants  # (operations) [s] when the last of its supplies comes; NEVER for none
    before: Ints  # (edges) operation that ends the order that makes the material
    after: Ints  # (edges) operation that takes it
    due: Instants  # (requirements) [s] when its last supply comes; NEVER: stock on hand covers it; see ``covered``
    supply: tuple[str | None, ...]  # (requirements) that last supply
    covered: NDArray[np.bool_]  # (requirements) by stock on hand and supplies alone, as far as anything is known
    violated: int  # requirements that the plan does not wait for


def holds(frames: Frames, clock: int, base: Frames | None = None) -> Holds:
    """What the work of a model waits for; ``frames`` are its tables (``tocfin.model.build.arranged``).

    With a ``base``, whose plan this is, supplies keep their turn there and only their dates are those of ``frames``.
    """
    turns = {} if base is None else dict(supplied(base, clock).select("supply", "at").iter_rows())
    if not _tracked(frames, clock):
        n, steps = frames["material_requirements"].height, frames["operations"].height
        none = np.zeros(0, np.int32)
        return Holds(np.full(steps, NEVER), none, none, np.full(n, NEVER), (None,) * n, np.zeros(n, np.bool_), 0)
    needs = list(_allotted(frames, clock, turns))
    kept = {need.key: need.in_time for need in _allotted(base, clock, {})} if base is not None else {}
    number = dict(frames["operations"].select("operation", "operation_row").iter_rows())
    ends = _last_steps(frames)
    floor = np.full(frames["operations"].height, NEVER)
    n = frames["material_requirements"].height
    due, covered = np.full(n, NEVER), np.zeros(n, np.bool_)
    supply: list[str | None] = [None] * n
    edges, violated = set(), 0
    dates = dict(supplied(frames, clock).select("supply", "at").iter_rows())
    for need in needs:
        operation = number[need.key[0]]
        holding = kept.get(need.key, need.in_time)
        bought = all(source.order is None for source in need.sources)
        covered[need.row] = bool(dates) and bought and holding and not need.short
        violated += not holding
        for source in need.sources:
            if source.supply is not None:
                at = dates.get(source.supply, source.at)
                if at >= due[need.row]:
                    due[need.row], supply[need.row] = at, source.supply
                if holding:
                    floor[operation] = max(floor[operation], at)
            elif source.order is not None and holding:
                edges |= {(before, operation) for before in ends[source.order]}
    pairs = np.array(sorted(edges), np.int32).reshape(-1, 2)
    return Holds(floor, pairs[:, 0].copy(), pairs[:, 1].copy(), due, tuple(supply), covered, violated)


def _allotted(frames: Frames, clock: int, turns: Mapping[str, int]) -> Iterator[_Need]:
    """Every requirement with what covers it; what nothing covers waits for nothing."""
    own, pools = _sources(frames, clock, turns)
    for place, need, job, quantity in _takers(frames, clock):
        left = quantity
        queues = [own.get((job, place[0]), []), pools.get(place, [])] if job is not None else [pools.get(place, [])]
        exact = 1e-9 * quantity
        for queue in queues:
            for source in queue:
                if need is not None and source.order == need.order:
                    continue  # nothing is made of itself
                taken = min(left, source.left)
                if taken > 0:
                    source.left -= taken
                    left -= taken
                    if need is not None and (source.supply or source.order):
                        need.sources.append(source)
                if left <= exact:
                    break
            queue[:] = [source for source in queue if source.left > 0] if queue and queue[0].left <= 0 else queue
            if left <= exact:
                break
        if need is not None:
            need.short = left > exact
            yield need


def _sources(
    frames: Frames, clock: int, turns: Mapping[str, int]
) -> tuple[dict[tuple[str, str], list[_Source]], dict[tuple[str, str], list[_Source]]]:
    """What orders make by (job, item), and what lies or comes into store by (item, plant), in the order of its turn."""
    pools: dict[tuple[str, str], list[_Source]] = defaultdict(list)
    houses = frames["warehouses"].select("warehouse", "plant")
    stock = (
        frames["inventories"].join(houses, on="warehouse").group_by("item", "plant").agg(pl.col("on_hand_qty").sum())
    )
    for item, plant, quantity in stock.iter_rows():
        pools[item, plant].append(_Source(clock, quantity))
    coming = supplied(frames, clock).select("supply", "item", "plant", "at", "qty").rows()
    for supply, item, plant, at, quantity in sorted(coming, key=lambda row: (turns.get(row[0], row[3]), row[0])):
        pools[item, plant].append(_Source(turns.get(supply, at), quantity, supply=supply))
    own: dict[tuple[str, str], list[_Source]] = defaultdict(list)
    made = orders(frames, clock).sort("end", "manufacturing_order")
    for order, job, item, plant, at, quantity, ships in made.select(
        "manufacturing_order", "job", "item", "plant", "end", "quantity", "ships"
    ).iter_rows():
        source = _Source(at, np.inf if quantity is None else quantity, order=order)
        own[job, item].append(source)
        if not ships and quantity is not None:
            pools[item, plant].append(source)
    for queue in pools.values():  # what is missing already is taken from what comes first
        while len(queue) > 1 and queue[0].left < 0:
            queue[1].left += queue.pop(0).left
    return own, pools


def _takers(frames: Frames, clock: int) -> Iterator[tuple[tuple[str, str], _Need | None, str | None, float]]:
    """What takes from stock in order of time: place, requirement (None: a sale), its job, quantity."""
    needs = frames["material_requirements"].with_row_index("need_row")
    needs = needs.with_columns(nth=pl.int_range(pl.len()).over("operation", "item", "requirement_type"))
    rows = issues({**frames, "material_requirements": needs}, clock)
    taken = rows.select(
        "item", "plant", "start", "operation", "nth", "need_row", "job", "left", "manufacturing_order"
    ).rows()
    sold = shelf(frames).drop_nulls("plant").select("item", "plant", "due", "demand", "qty").rows()
    events = [(row[2], 0, row[3], row[5], row) for row in taken] + [(row[2], 1, row[3], 0, row) for row in sold]
    for start, sale, _, _, row in sorted(events, key=lambda event: event[:4]):
        if sale:
            yield (row[0], row[1]), None, None, row[4]
        else:
            yield (row[0], row[1]), _Need((row[3], row[0], row[4]), row[5], start, row[8]), row[6], row[7]


def _tracked(frames: Frames, clock: int) -> bool:
    """Whether anything says where material comes from: supplies, or orders that make what others take from stock."""
    if frames["supplies"].height:
        return True
    wanted = issues(frames, clock)
    return wanted.join(orders(frames, clock), on="item", how="semi").height > 0


def _last_steps(frames: Frames) -> dict[str, list[int]]:
    """The operations that end each order: the last of its sequence that are planned."""
    planned = frames["operations"].join(frames["activities"].select("operation").unique(), on="operation", how="semi")
    last = planned.filter(pl.col("sequence") == pl.col("sequence").max().over("manufacturing_order"))
    found: dict[str, list[int]] = defaultdict(list)
    for order, row in last.select("manufacturing_order", "operation_row").iter_rows():
        found[order].append(row)
    return found
