"""What luck does to a plant on average: each kind of it stands as on either side, in the same futures.

Kinds are named like the drivers whose figures they move: luck of durations is speed (labour efficiency where it is
people's), breakdowns and absence are downtime, late releases and late material timing, and so on.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import reduce
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tocfin.forecast.drivers import NAMES, PEOPLE
from tocfin.forecast.lived import STILL
from tocfin.forecast.sides import Side
from tocfin.scenarios.quiet import kept, uncertain, without_quantity
from tocfin.scenarios.run import joined_sums
from tocfin.scenarios.uncertainty import Rule, Uncertainty
from tocfin.scenarios.world import World

Terms = NDArray[np.float64]
#: The driver whose figures each uncertain quantity moves; hours of work belong to whoever works.
DRIVER_OF = {
    "duration": "speed", "breakdowns": "downtime", "absence": "downtime", "scrap": "scrap", "release": "timing",
    "material": "timing", "price": "price", "material_cost": "material price", "demand": "orders",
}  # fmt: skip
OF_PEOPLE = "duration of people"


class Futures(NamedTuple):
    """The futures in which two sides are compared: seed and number."""

    seed: int
    number: int


def alike(a: Uncertainty, b: Uncertainty) -> bool:
    """Whether two declarations say the same, whichever files they stand in."""
    return a.off == b.off and _said(a, a.rules) == _said(b, b.rules)


def terms_of(world: World, futures: Futures, plants: Sequence[int]) -> Terms:
    """Terms (futures, terms) of the plants at these rows of a world, all where none is given."""
    found = joined_sums([world], futures.seed, 0, futures.number)[0].terms
    chosen: Terms = (found[:, list(plants)] if plants else found).sum(axis=(1, 2)).T
    return chosen


class Chances:
    """The data of one side under every mixture of what is uncertain on two; ``kinds`` are the drivers that differ."""

    def __init__(self, side: Side, a: Uncertainty, b: Uncertainty) -> None:
        self._side, self._a, self._b = side, a, b
        #: Where one side has no luck at all, the world of the other loses kinds of its luck.
        self._full = side.world(b if alike(a, STILL) else a) if STILL in (a, b) else None
        self.quantities = self._differing()
        found = {_driver(name) for name in self.quantities}
        self.kinds = tuple(name for name in NAMES if name in found)

    def terms(self, coalitions: Iterable[frozenset[str]], futures: Futures, plants: Sequence[int]) -> Terms:
        """Terms (coalitions, futures, terms) with the kinds of each coalition as on the second side."""
        return np.stack([terms_of(self.world(on), futures, plants) for on in coalitions])

    def world(self, on: frozenset[str]) -> World:
        """The side's world with the kinds ``on`` as on the second side, all others as on the first."""
        theirs = {name for name in self.quantities if _driver(name) in on}
        if self._full is None:
            return self._side.world(merged(self._a, self._b, theirs))
        off = self.quantities - theirs if alike(self._a, STILL) else theirs
        return reduce(_without, sorted(off), self._full)

    def _differing(self) -> frozenset[str]:
        if self._full is not None:
            found = set(uncertain(self._full))
            if "duration" in found and (people := _people(self._full)).any():
                found = found - {"duration"} | {OF_PEOPLE} if people.all() else found | {OF_PEOPLE}
            return frozenset(found)
        return frozenset(
            name
            for name in DRIVER_OF
            if (name in self._a.off) != (name in self._b.off) or _rules(self._a, name) != _rules(self._b, name)
        )


def merged(a: Uncertainty, b: Uncertainty, theirs: Iterable[str]) -> Uncertainty:
    """What ``b`` declares of the quantities ``theirs``, and ``a`` of all others."""
    chosen = frozenset(theirs)
    rules = [one for one in a.rules if one.quantity not in chosen] + [one for one in b.rules if one.quantity in chosen]
    names = {factor.name for factor in a.factors}
    factors = (*a.factors, *(factor for factor in b.factors if factor.name not in names))
    return Uncertainty(factors, tuple(rules), (a.off - chosen) | (b.off & chosen))


def _driver(quantity: str) -> str:
    return "labour efficiency" if quantity == OF_PEOPLE else DRIVER_OF[quantity]


def _without(world: World, quantity: str) -> World:
    if quantity not in ("duration", OF_PEOPLE):
        return without_quantity(world, quantity)
    drawn = world.luck.duration
    people = _people(world)
    left = kept(drawn, people if quantity == "duration" else ~people)
    return replace(world, luck=world.luck._replace(duration=left))


def _people(world: World) -> NDArray[np.bool_]:
    """Of the activities whose duration is drawn, those of people."""
    kinds = world.dataset.tables["resources"].select("resource", "resource_type")
    resource = world.model.schedule.activity_resource[world.luck.duration.target]
    of = dict(kinds.rows())
    person = np.array([of[name] in PEOPLE for name in world.model.keys["resource"]], np.bool_)
    found: NDArray[np.bool_] = person[resource]
    return found


def _rules(one: Uncertainty, quantity: str) -> object:
    return _said(one, [rule for rule in one.rules if rule.quantity == quantity])


def _said(one: Uncertainty, rules: Iterable[Rule]) -> object:
    """Rules without where they stand, and the factors that they load on."""
    plain = [replace(rule, file="", place="") for rule in rules]
    used = {name for rule in plain for name in rule.factors}
    return plain, {factor for factor in one.factors if factor.name in used}
