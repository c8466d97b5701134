"""Why a KPI differs between two states of a plant: by term, by driver and by whose it is, each adding up exactly."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import cast

import numpy as np
from numpy.typing import NDArray

from tocfin.bridge import DECIMALS, Bridge, bridge, nothing, settle, steps
from tocfin.dataset import Plan
from tocfin.errors import UsageError
from tocfin.forecast.drivers import DRIVERS, MOST_APART, NAMES
from tocfin.forecast.game import Game
from tocfin.forecast.mixing import Pair
from tocfin.forecast.shapley import attributed, coalitions
from tocfin.forecast.shares import groups_of
from tocfin.forecast.sides import Side, require_alike
from tocfin.kpi import KPIS, Kpi, Policy, evaluate, unit
from tocfin.measure import plant_terms, rules_of
from tocfin.model.build import build
from tocfin.model.groups import selected

BY = ("driver", "term", "plant", "product", "resource", "owner")
#: What actual hours hold together where no report tells it apart.
TOGETHER = ("speed", "labour efficiency", "downtime", "scrap")
LEADING = ("throughput", "operating_expense", "net_profit")
Terms = NDArray[np.float64]


@dataclass(frozen=True)
class Part:
    """One line of a bridge. ``status``: ok, no change, not observed (no actuals tell of it) or not separable."""

    name: str
    amount: Decimal | None
    status: str = "ok"
    note: str = ""


@dataclass(frozen=True)
class Explained:
    """One KPI: ``before`` plus the parts of each view is ``after``, to the last digit. ``reason``: why not."""

    kpi: str
    title: str
    unit: str
    before: Decimal | None
    after: Decimal | None
    views: dict[str, tuple[Part, ...]]
    reason: str | None = None

    def residual(self, view: str) -> Decimal:
        """What a view leaves unexplained: always 0."""
        if self.before is None or self.after is None:
            return Decimal(0)
        return self.after - self.before - sum((p.amount for p in self.views[view] if p.amount), Decimal(0))


@dataclass(frozen=True)
class Explanation:
    """What changed from ``a`` to ``b``; ``grouped`` where there were too many drivers to be played out one by one."""

    a: str
    b: str
    policy: Policy
    currency: str
    horizon: tuple[int, int]
    kpis: tuple[Explained, ...]
    grouped: bool


def explain(
    a: Side,
    b: Side,
    kpis: Sequence[str] = LEADING,
    *,
    by: Sequence[str] = ("term", "driver"),
    policy: str | None = None,
    plants: Sequence[str] = (),
    threads: int | None = None,
) -> Explanation:
    """Bridge ``kpis`` from ``a`` to ``b`` by every view of ``by`` (`BY`), of all plants or of ``plants``.

    By driver each amount is a Shapley value: the mean effect of switching this driver from A's state to B's, over all
    orders in which the drivers can be switched (with more than MOST_APART of them, over all orders that keep related
    ones together). Raises DatasetError for sides that do not compare, UsageError for an unknown KPI, view, policy or
    plant, and where the two plans are measured under different rules.
    """
    for name in kpis:
        if name not in KPIS:
            raise UsageError(f"'{name}' is not a KPI; `tocfin kpis` lists them: {', '.join(KPIS)}")
    for view in by:
        if view not in BY:
            raise UsageError(f"--by '{view}' is not one of {', '.join(BY)}")
    require_alike(a, b)
    plan = cast(Plan, a.dataset.plan)
    rules = rules_of(plan, policy)
    if rules.flags != rules_of(cast(Plan, b.dataset.plan), policy).flags:
        raise UsageError(f"{a.name} and {b.name} are measured under different rules; say --policy, and drop [policy]")
    models = [build(side.dataset) for side in (a, b)]
    shown = [selected(model, plants) for model in models]
    ends = [plant_terms(m, threads)[:, rows].sum(axis=(0, 1)) for m, rows in zip(models, shown, strict=True)]
    bridges = {name: bridge(KPIS[name], ends[0], ends[1], rules) for name in kpis}
    views: dict[str, dict[str, tuple[Part, ...]]] = {name: {} for name in kpis}
    grouped = False
    if "driver" in by:
        game, values, groups, grouped = _played(a, b, ends, plants, threads)
    for name, found in bridges.items():
        if found.reason is not None:
            continue
        for view in by:
            if view == "term":
                views[name][view] = tuple(Part(_label(p.side, p.term, KPIS[name]), p.amount) for p in found.parts)
            elif view == "driver":
                parts = _drivers(KPIS[name], found, game, values, groups, rules)
                views[name][view] = _unseen(parts, a.unseen | b.unseen)
            else:
                shares = groups_of(view, name, (a, b), models, shown, threads)
                views[name][view] = _shared(KPIS[name], found, shares, ends, rules)
    return Explanation(
        a=a.name,
        b=b.name,
        policy=rules,
        currency=plan.currency,
        horizon=(plan.clock, plan.horizon_end),
        kpis=tuple(
            Explained(n, KPIS[n].title, unit(KPIS[n], plan.currency), f.before, f.after, views[n], f.reason)
            for n, f in bridges.items()
        ),
        grouped=grouped,
    )


def _played(
    a: Side, b: Side, ends: Sequence[Terms], plants: Sequence[str], threads: int | None
) -> tuple[Game, Terms, list[list[int]], bool]:
    """The game with the terms of every coalition it needs; the ends are those of the sides themselves."""
    game = Game(Pair(a.dataset, b.dataset))
    groups, grouped = grouped_drivers(game.changed)
    masks = coalitions(groups)
    sets = [frozenset(name for i, name in enumerate(game.changed) if mask >> i & 1) for mask in masks.tolist()]
    rows = [i for i, plant in enumerate(game.plants) if plant in plants]
    terms = game.terms(sets[1:-1], rows, threads)
    return game, np.concatenate([ends[0][None], terms, ends[1][None]]), groups, grouped


def grouped_drivers(changed: Sequence[str]) -> tuple[list[list[int]], bool]:
    """Numbers of the drivers, one by one or, where there are more than MOST_APART, with those that are related."""
    if len(changed) <= MOST_APART:
        return [[i] for i in range(len(changed))], False
    of = {driver.name: driver.group for driver in DRIVERS}
    names = dict.fromkeys(of[name] for name in changed)
    return [[i for i, name in enumerate(changed) if of[name] == group] for group in names], True


def _drivers(
    kpi: Kpi, found: Bridge, game: Game, terms: Terms, groups: list[list[int]], rules: Policy
) -> tuple[Part, ...]:
    """Every driver: what it adds, or that it did not change."""
    if not game.changed:
        return tuple(Part(name, None, "no change") for name in NAMES)
    values = evaluate(kpi, terms, rules).value
    if np.isnan(values).any():
        whole = cast(Decimal, found.after) - cast(Decimal, found.before)
        mixed = next(reason for row in terms if (reason := nothing(kpi, row, rules)))
        return (Part("not separable", whole, "not separable", f"between the two states, {mixed}"),)
    amounts = attributed(groups, coalitions(groups), values)
    _, _, settled = settle(float(values[0]), float(values[-1]), amounts.tolist(), DECIMALS[kpi.kind == "ratio"])
    added = dict(zip(game.changed, settled, strict=True))
    return tuple(Part(name, added[name]) if name in added else Part(name, None, "no change") for name in NAMES)


def _unseen(parts: tuple[Part, ...], unseen: frozenset[str]) -> tuple[Part, ...]:
    """Drivers without actuals say so, and what is measured together with them is not separable from them."""
    if not unseen:
        return parts
    inside = [name for name in TOGETHER if name in unseen and name not in ("speed", "labour efficiency")]
    together = ("speed", "labour efficiency") if inside else ()
    mixed = [part for part in parts if part.name in together and part.amount]
    found = [
        replace(part, amount=None, status="not separable") if part in mixed
        else replace(part, amount=None, status="not observed") if part.name in unseen and not part.amount
        else part
        for part in parts
    ]  # fmt: skip
    if mixed:
        amount = sum((part.amount for part in mixed if part.amount), Decimal(0))
        names = ", ".join([*(part.name for part in mixed), *inside])
        found.append(Part("not separable", amount, "ok", f"{names}: actual hours hold all of them"))
    return tuple(found)


def _shared(
    kpi: Kpi, found: Bridge, shares: tuple[list[str], Terms, Terms], ends: Sequence[Terms], rules: Policy
) -> tuple[Part, ...]:
    keys, before, after = shares
    _, amounts = steps(kpi, before, after, rules, (ends[0], ends[1]))
    values = [float(evaluate(kpi, end, rules).value) for end in ends]
    _, _, settled = settle(values[0], values[1], amounts.sum(axis=-1).tolist(), DECIMALS[kpi.kind == "ratio"])
    return tuple(Part(key, amount) for key, amount in zip(keys, settled, strict=True))


def _label(side: str, term: str, kpi: Kpi) -> str:
    return f"{term} ({side})" if kpi.denominator else term
