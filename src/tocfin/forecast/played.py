"""What each driver adds to KPIs between two sides: games over their data, and over what is uncertain of them.

Where both sides are one state each, it is one game over their data. Where they meet the same luck, it is one game in
every future, and amounts are means over the futures. Where their luck differs too, data and luck are two groups: what
data add is the mean of the games under either luck, what luck adds the mean of the games on either side's data, which
is exact between the groups and inside each (Owen, 1977).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from tocfin.bridge import nothing
from tocfin.forecast.between import Between
from tocfin.forecast.chances import Chances, Futures, alike
from tocfin.forecast.drivers import DRIVERS, MOST_APART
from tocfin.forecast.game import Game
from tocfin.forecast.lived import STILL, Life, lives, planned
from tocfin.forecast.mixing import Pair
from tocfin.forecast.shapley import Groups, Masks, attributed, coalitions
from tocfin.forecast.sides import Side, window
from tocfin.kpi import KPIS, Policy, evaluate
from tocfin.measure import plant_terms
from tocfin.model.groups import selected
from tocfin.workers import spread

Terms = NDArray[np.float64]
Result = TypeVar("Result")
Amounts = dict[str, NDArray[np.float64]]  # by driver: (futures), or (1) where all are the same


class Solved(NamedTuple):
    """A game whose coalitions are valued: terms (coalitions, futures, terms), which stand as in ``masks``."""

    drivers: tuple[str, ...]
    groups: Groups
    masks: Masks
    terms: Terms
    grouped: bool

    def amounts(self, kpi: str, rules: Policy) -> Amounts | str:
        """What each driver adds to a KPI; why not, where it has no value between the two states."""
        if not self.drivers:
            return {}
        values = evaluate(KPIS[kpi], self.terms, rules).value
        if np.isnan(values).any():
            rows = self.terms.reshape(-1, self.terms.shape[-1])
            return next(reason for row in rows if (reason := nothing(KPIS[kpi], row, rules)))
        return dict(zip(self.drivers, attributed(self.groups, self.masks, values), strict=True))


class Played:
    """Two sides, in ``futures`` where they have any luck; over other periods each meets its own."""

    def __init__(
        self, a: Side, b: Side, rules: Policy, plants: Sequence[str], threads: int | None, futures: Futures
    ) -> None:
        self._sides, self.rules, self.plants = (a, b), rules, plants
        self.threads, self._futures = threads, futures
        self._lucks = (a.uncertainty, b.uncertainty)
        self.across = window(a) != window(b)
        self.same_luck = alike(*self._lucks)
        self._states: dict[tuple[int, int], list[Life]] = {}
        self._terms: dict[tuple[int, int], Terms] = {}

    def states(self, side: int, luck: int | None = None) -> list[Life]:
        """A side under its own luck or that of the other: one state, or as many as there are futures."""
        at = (side, side if luck is None or self.same_luck else luck)
        if at not in self._states:
            one, noise, futures = self._sides[side], self._lucks[at[1]], self._futures
            one_state = alike(noise, STILL)
            found = [planned(one.dataset)] if one_state else lives(one.world(noise), futures.seed, futures.number)
            self._states[at] = list(found)
        return self._states[at]

    def terms(self, side: int, luck: int | None = None) -> Terms:
        """Terms (futures, terms) of a side under its own luck or that of the other."""
        at = (side, side if luck is None or self.same_luck else luck)
        if at not in self._terms:
            models = [life.model for life in self.states(*at)]
            rows = selected(models[0], self.plants)
            found = [plant_terms(model, self.threads)[:, rows].sum(axis=(0, 1)) for model in models]
            self._terms[at] = np.stack(found)
        return self._terms[at]

    def amounts(self, kpi: str) -> Amounts | str:
        """What each driver that differs adds to ``kpi`` in every future, or why that cannot be told apart."""
        found: Amounts = {}
        for weight, games in self._solved:
            each = [game.amounts(kpi, self.rules) for game in games]
            for one in each:
                if isinstance(one, str):
                    return one
            for name in {name for one in each for name in one}:
                some = np.concatenate([one.get(name, np.zeros(1)) for one in each if isinstance(one, dict)])
                found[name] = found.get(name, np.zeros(1)) + weight * some
        return found

    @property
    def grouped(self) -> bool:
        """Whether there were too many drivers to be played out one by one."""
        return any(game.grouped for _, games in self._solved for game in games)

    @cached_property
    def _solved(self) -> list[tuple[float, list[Solved]]]:
        """Lists of games with their weight: those over data one for each future, those over luck alone."""
        if self.same_luck or self.across:
            return [(1.0, self._data(0))]
        if not Game(Pair(*(side.dataset for side in self._sides))).changed:
            return [(1.0, [self._luck(1)])]
        return [(0.5, games) for games in (self._data(0), self._data(1), [self._luck(0)], [self._luck(1)])]

    def _data(self, luck: int) -> list[Solved]:
        """Games over the data under the luck of one side."""
        return self.each(self._solve, luck)

    def each(self, play: Callable[[Game | Between, Terms, Terms, int | None], Result], luck: int = 1) -> list[Result]:
        """What ``play`` makes of the game over the data in every future, of its ends (terms) and of threads.

        Futures are those of one side's luck; over other periods each side meets its own.
        """
        under = None if self.across else luck
        sides = [self.states(side, under) for side in (0, 1)]
        ends = [self.terms(side, under) for side in (0, 1)]
        count = max(map(len, sides))

        def one(s: int) -> Result:
            a, b = (states[s % len(states)].dataset for states in sides)
            game = Between(a, b, self.plants) if self.across else Game(Pair(a, b))
            first, last = (end[s % len(end)] for end in ends)
            return play(game, first, last, self.threads if count == 1 else 1)

        return spread(self.threads if count > 1 else 1)(one, range(count))

    def valued(self, game: Game | Between, coalitions: Sequence[frozenset[str]], threads: int | None) -> Terms:
        """Terms (coalitions, terms) of the plants that are looked at."""
        if isinstance(game, Between):
            return game.terms(coalitions)
        return game.terms(coalitions, self.rows(game), threads)

    def rows(self, game: Game) -> list[int]:
        """The plants that are looked at, as a game has them."""
        return [i for i, plant in enumerate(game.plants) if plant in self.plants]

    def _solve(self, game: Game | Between, first: Terms, last: Terms, threads: int | None) -> Solved:
        groups, grouped = grouped_drivers(game.changed)
        masks = coalitions(groups)
        terms = self.valued(game, _named(game.changed, masks)[1:-1], threads)
        whole = np.concatenate([first[None], terms, last[None]]) if game.changed else first[None]
        return Solved(game.changed, groups, masks, whole[:, None], grouped)

    def _luck(self, side: int) -> Solved:
        """The game over the luck on the data of one side; its ends are those of the games over data."""
        chances = Chances(self._sides[side], *self._lucks)
        groups, grouped = grouped_drivers(chances.kinds)
        masks = coalitions(groups)
        model = self.states(side, 1)[0].model
        rows = selected(model, self.plants).tolist()
        ends = [self.terms(side, luck)[None] for luck in (0, 1)]
        inner = _named(chances.kinds, masks)[1:-1]
        parts = [ends[0], *(chances.terms([on], self._futures, rows) for on in inner), ends[1]]
        count = max(part.shape[1] for part in parts)
        terms = [np.broadcast_to(part, (1, count, part.shape[2])) for part in parts]
        return Solved(chances.kinds, groups, masks, np.concatenate(terms), grouped)


def _named(names: Sequence[str], masks: Masks) -> list[frozenset[str]]:
    return [frozenset(name for i, name in enumerate(names) if mask >> i & 1) for mask in masks.tolist()]


def grouped_drivers(changed: Sequence[str]) -> tuple[list[list[int]], bool]:
    """Numbers of the drivers, one by one or, where there are more than MOST_APART, with those that are related."""
    if len(changed) <= MOST_APART:
        return [[i] for i in range(len(changed))], False
    of = {driver.name: driver.group for driver in DRIVERS}
    names = dict.fromkeys(of[name] for name in changed)
    return [[i for i, name in enumerate(changed) if of[name] == group] for group in names], True
