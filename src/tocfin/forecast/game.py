"""The value of a coalition of drivers: terms of the plant in which these stand as in B and all others as in A.

Structure (orders, routing, hours, confirmations, settings) is built once per state of it; work and starts are re-timed
in lanes, one lane per state; prices, quantities and rates are columns that are put in per coalition. None of the
drivers gives A and all of them give B, to the bit of the times and to rounding of the money.
"""

from __future__ import annotations

from collections import ChainMap, defaultdict
from collections.abc import Sequence
from functools import cached_property, lru_cache
from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tocfin.forecast.drivers import NAMES, PEOPLE
from tocfin.forecast.mixing import On, Pair
from tocfin.forecast.money import Columns, Money
from tocfin.forecast.quantities import Quantities
from tocfin.forecast.timing import ROW, Held, Times, held, measured, timed
from tocfin.kernels.block import sum_terms
from tocfin.kernels.slots import N_TERM
from tocfin.model.columns import IS_SUBCONTRACTOR
from tocfin.workers import spread

STRUCTURE = ("orders", "sequence", "calendar", "overtime", "downtime", "confirmations", "assumptions")
LANES = ("timing", "speed", "labour efficiency", "volume", "mix", "scrap")
Terms = NDArray[np.float64]
Floats = NDArray[np.float64]


class State(NamedTuple):
    """One state of the structure: its plan, and the times of every state of what moves them."""

    plan: Held
    money: Money
    work: Times  # (lanes, activities) [s]
    start: Times  # (lanes, activities) [s]
    end: Times


class Game:
    """Two data sets as a game between the drivers that differ; ``changed`` are these, in the order of DRIVERS."""

    def __init__(self, pair: Pair) -> None:
        self.pair = pair
        self.quantities = Quantities(pair)
        self._plans = {name: measured(side, pair.done) for name, side in (("a", pair.a), ("b", pair.b))}
        differing = set(pair.differing) - {"sequence"}
        differing -= self.quantities.explained(differing)
        self.changed: tuple[str, ...] = ()
        differing |= self._moving(frozenset(differing))
        self.changed = tuple(name for name in NAMES if name in differing)
        if self._rerouted() or self._out_of_order():
            self.changed = tuple(name for name in NAMES if name in differing | {"sequence"})

    @cached_property
    def plants(self) -> list[str]:
        """Plants of both sides, in the order of the rows that `terms` chooses."""
        keys: list[str] = self.pair.aligned["plants"]["plant"].sort().to_list()
        return keys

    @cached_property
    def lanes(self) -> tuple[str, ...]:
        """Drivers that move times without changing the structure."""
        return tuple(name for name in LANES if name in self.changed)

    def terms(self, coalitions: Sequence[On], plants: Sequence[int] = (), threads: int | None = None) -> Terms:
        """Terms (coalitions, terms) of the plants at these rows, all where none is given."""
        lanes = {c: self._lane(c) for c in coalitions}
        alike: dict[On, list[On]] = defaultdict(list)
        for c in coalitions:
            alike[frozenset(c) & frozenset(STRUCTURE)].append(c)
        structures = list(alike.items())

        def prepared(i: int) -> dict[On, tuple[State, Columns, Columns]]:
            """What the coalitions with one structure need; a state remembers, so one thread has it."""
            structure, mine = structures[i]
            state = self.state(structure)
            return {c: (state, *state.money.columns(frozenset(c), lanes[c], state.end[lanes[c]])) for c in mine}

        ready = dict(ChainMap(*spread(threads)(prepared, range(len(structures)))))

        def one(i: int) -> Terms:
            (state, entities, hours), lane = ready[coalitions[i]], lanes[coalitions[i]]
            model = state.plan.model
            schedule = model.schedule._replace(activity_start=state.start[lane], activity_end=state.end[lane], **hours)
            horizon = model.horizon._replace(edges=model.horizon.edges[:0])
            found = sum_terms(model.enterprise._replace(**entities), schedule, horizon, state.money.groups)[0]
            chosen: Terms = (found[list(plants)] if plants else found).sum(axis=0)
            return chosen

        found = spread(threads)(one, range(len(coalitions)))
        return np.stack(found) if found else np.zeros((0, N_TERM))

    def _lane(self, on: On) -> int:
        """Where the times of a coalition stand among the lanes of its state."""
        return sum(1 << b for b, name in enumerate(self.lanes) if name in on)

    @lru_cache(maxsize=128)  # noqa: B019  one game is explained and dropped
    def state(self, structure: On) -> State:
        """The state of the structure in which these of its drivers stand as in B."""
        side = "b" if "sequence" in structure else "a"
        plan = held(self.pair.mixed(structure), self.pair.done, self._plans[side])
        work, floors = self._lanes(plan, structure)
        start, end = timed(plan, work, floors)
        return State(plan, Money(self.pair, self.quantities, plan, structure), work.T, start, end)

    def hours(self, on: On, like: On, plants: Sequence[int] = ()) -> tuple[Floats, Floats]:
        """Hours of work by resource, with the drivers ``on``, of what ends inside the horizon with those in ``like``.

        Behind them what an hour costs: both (resources), subcontractors and other plants left out. The structure of
        both is the same.
        """
        state = self.state(on & frozenset(STRUCTURE))
        lanes = [self._lane(one) for one in (on, like)]
        model, end = state.plan.model, state.end[lanes[1]]
        enterprise, resource = model.enterprise, model.schedule.activity_resource
        counted = (end >= model.horizon.clock) & (end < model.horizon.end)
        counted &= ~state.plan.frames["activities"]["cancelled"].to_numpy()
        own = (enterprise.resource_role & IS_SUBCONTRACTOR) == 0
        own &= np.isin(enterprise.resource_plant, list(plants) or enterprise.resource_plant)
        seconds = np.bincount(resource, state.work[lanes[0]] * counted, own.size)
        entities, _ = state.money.columns(on, lanes[0], state.end[lanes[0]])
        cost = np.asarray(entities["resource_standard_cost"], np.float64)
        return np.where(own, seconds, 0.0) / 3_600, np.where(own, cost, 0.0)

    def _rerouted(self) -> bool:
        """Whether routing, batches or resources differ where both sides have the job."""
        routing = ("manufacturing_orders", "operations", "precedences")
        return any(self.pair.rerouted(name) for name in routing) or self.pair.moved()

    def _out_of_order(self) -> bool:
        """Whether B's times do not come out of A's order of work with all else as in B."""
        structure = frozenset(self.changed) & frozenset(STRUCTURE)
        plan = held(self.pair.mixed(structure), self.pair.done, self._plans["a"])
        rows = _Rows(self, plan, structure)
        work = np.rint(rows.seconds["b"]).astype(np.int64)
        start, end = timed(plan, work[:, None], np.ascontiguousarray(rows.floor["b"][:, None]))
        columns = (
            plan.frames["activities"].select(*ROW, "cancelled").with_columns(s=pl.Series(start[0]), e=pl.Series(end[0]))
        )
        there = columns.join(self.pair.b.tables["activities"].select(*ROW, "start", "end"), on=ROW, how="left")
        wrong = (pl.col("s") != pl.col("start")) | (pl.col("e") != pl.col("end"))
        return bool(there.filter(~pl.col("cancelled")).select(wrong.any()).item())

    def _moving(self, differing: On) -> set[str]:
        """Which of the drivers of times differ, on rows of A's plan or of B's."""
        found = {"volume", "mix", "scrap"} & differing
        near = 1 if found else 0  # quantities scale work to whole seconds
        for structure, side in ((frozenset[str](), "a"), (differing & frozenset(STRUCTURE) | {"sequence"}, "b")):
            rows = _Rows(self, held(self.pair.mixed(structure), self.pair.done, self._plans[side]), structure)
            longer = np.abs(rows.work_of("a", {"volume", "mix", "scrap"}) - rows.seconds["b"]) > near
            found |= {"labour efficiency"} if (longer & rows.people).any() else set()
            found |= {"speed"} if (longer & ~rows.people).any() else set()
            found |= {"timing"} if (rows.floor["a"] != rows.floor["b"]).any() else set()
        return found

    def _lanes(self, plan: Held, structure: On) -> tuple[Times, Times]:
        """Work and floors (activities, lanes) of every state of the drivers in ``lanes``."""
        rows = _Rows(self, plan, structure)
        work, floors = [], []
        for lane in range(1 << len(self.lanes)):
            on = {name for b, name in enumerate(self.lanes) if lane >> b & 1}
            speed, efficiency = (
                rows.work_of("b" if name in on else "a", on) for name in ("speed", "labour efficiency")
            )
            work.append(np.where(rows.people, efficiency, speed))
            floors.append(rows.floor["b" if "timing" in on else "a"])
        return np.ascontiguousarray(np.array(work).T), np.ascontiguousarray(np.array(floors).T)


class _Rows:
    """Rows of one plan as both sides know them; a row that one side does not have is there as on the other."""

    def __init__(self, game: Game, plan: Held, structure: On) -> None:
        activities = plan.frames["activities"]
        a, b = (_found(activities, game._plans[side]) for side in "ab")
        sides = {
            "a": {name: a[name].fill_null(b[name]) for name in a.columns},
            "b": {name: b[name].fill_null(a[name]) for name in b.columns},
        }
        elapsed = activities["end"] - activities["start"]
        self.seconds = {side: values["seconds"].fill_null(elapsed).to_numpy() for side, values in sides.items()}
        start = {side: values["start"].fill_null(activities["start"]).to_numpy() for side, values in sides.items()}
        tight = {side: values["tight"].fill_null(False).to_numpy() for side, values in sides.items()}
        self.floor = _floors(start, tight)
        kinds = activities.select("resource").join(
            plan.frames["resources"].select("resource", "resource_type"),
            on="resource",
            how="left",
            maintain_order="left",
        )
        self.people = kinds["resource_type"].is_in(list(PEOPLE)).to_numpy()
        self.factors = game.quantities.of_operations(activities["operation"])

    def work_of(self, side: str, on: On | set[str]) -> Times:
        """Seconds of work with a side's hours per unit, and the quantities and losses of the drivers ``on``."""
        factor = self.factors(side, on)
        whole: Times = np.rint(self.seconds[side] * factor).astype(np.int64)
        return whole


def _found(activities: pl.DataFrame, plan: pl.DataFrame) -> pl.DataFrame:
    """What a plan knows of rows; of one that is on another resource there, what it knows of the same activity."""
    names = ("seconds", "start", "tight")
    there = activities.select(ROW).join(plan.select(*ROW, *names), on=ROW, how="left", maintain_order="left")
    moved = plan.unique(ROW[:2], keep="first", maintain_order=True).select(*ROW[:2], *names)
    other = activities.select(ROW).join(moved, on=ROW[:2], how="left", maintain_order="left")
    return there.select(pl.col(name).fill_null(other[name]) for name in names)


def _floors(start: dict[str, Times], tight: dict[str, NDArray[np.bool_]]) -> dict[str, Times]:
    """Before when a row does not start, on either side: a tight start needs no floor, so it takes the other's."""
    a, b = start["a"], start["b"]
    least = np.minimum(a, b)
    both = tight["a"] & tight["b"]
    return {
        "a": np.where(both, least, np.where(tight["a"] & (b <= a), b, a)),
        "b": np.where(both, least, np.where(tight["b"] & (a <= b), a, b)),
    }
