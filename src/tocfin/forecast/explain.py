"""Why a KPI differs between two states of a plant: by term, by driver and by whose it is, each adding up exactly."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from math import fsum
from typing import cast

import numpy as np
from numpy.typing import NDArray

from tocfin.bridge import DECIMALS, nothing, settle, steps
from tocfin.dataset import Plan
from tocfin.dataset.findings import nearest
from tocfin.errors import UsageError
from tocfin.forecast.booked import booked
from tocfin.forecast.chances import Futures
from tocfin.forecast.classical import LINES, ORDER, SIGNS, variances
from tocfin.forecast.drivers import NAMES
from tocfin.forecast.played import Amounts, Played
from tocfin.forecast.shares import groups_of
from tocfin.forecast.sides import MOST, Side, require_alike, window
from tocfin.kpi import KPIS, Kpi, Policy, evaluate, unit
from tocfin.measure import rules_of
from tocfin.scenarios.estimates import mean

#: Views of every KPI; all views, of which two are of T − OE only.
SPLITS = ("driver", "term", "plant", "product", "resource", "owner")
BY = (*SPLITS, "variance", "ledger")
#: What actual hours hold together where no report tells it apart.
TOGETHER = ("speed", "labour efficiency", "downtime", "scrap")
LEADING = ("throughput", "operating_expense", "net_profit")
#: Futures over which a side with luck is explained, unless told otherwise.
FUTURES = 16
Terms = NDArray[np.float64]
Values = NDArray[np.float64]


@dataclass(frozen=True)
class Part:
    """One line of a bridge. ``status``: ok, no change, not observed (no actuals tell of it) or not separable.

    ``error`` is half of the 95 % interval of an amount that is a mean over futures.
    """

    name: str
    amount: Decimal | None
    status: str = "ok"
    note: str = ""
    error: float | None = None


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
    ends: tuple[str, str] | None = None  # what before and after are, where they are not the sides

    def residual(self, view: str) -> Decimal:
        """What a view leaves unexplained: always 0."""
        if self.before is None or self.after is None:
            return Decimal(0)
        return self.after - self.before - sum((p.amount for p in self.views[view] if p.amount), Decimal(0))


@dataclass(frozen=True)
class Explanation:
    """What changed from ``a`` to ``b``; ``grouped`` where there were too many drivers to be played out one by one.

    ``horizons`` are those of both sides. ``futures`` is over how many of them figures are means, 1 where each side is
    one state.
    """

    a: str
    b: str
    policy: Policy
    currency: str
    horizons: tuple[tuple[int, int], tuple[int, int]]
    kpis: tuple[Explained, ...]
    grouped: bool
    futures: int = 1


def explain(
    a: Side,
    b: Side,
    kpis: Sequence[str] = LEADING,
    *,
    by: Sequence[str] = ("term", "driver"),
    policy: str | None = None,
    plants: Sequence[str] = (),
    threads: int | None = None,
    replications: int = FUTURES,
) -> Explanation:
    """Bridge ``kpis`` from ``a`` to ``b`` by every view of ``by`` (`BY`), of all plants or of ``plants``.

    By driver each amount is a Shapley value: the mean effect of switching this driver from A's state to B's, over all
    orders in which the drivers can be switched (with more than MOST_APART of them, over all orders that keep related
    ones together). Where a side has luck, figures are means over its first ``replications`` futures, in which both
    sides meet the same draws. Raises DatasetError for sides that do not compare, UsageError for an unknown KPI, view,
    policy or plant, and where the two plans are measured under different rules.
    """
    rules = _checked(a, b, kpis, by, policy)
    lucks = [side.luck for side in (a, b) if side.luck is not None]
    count = min([replications, MOST, *(luck.most for luck in lucks)]) if lucks else 1
    played = Played(a, b, rules, plants, threads, Futures(lucks[0].seed if lucks else 0, count))
    ends = played.terms(0), played.terms(1)
    plan = cast(Plan, a.dataset.plan)
    found = [_explained(KPIS[name], ends, played, (a, b), by, rules, plan.currency) for name in kpis]
    if "ledger" in by:
        found += [_ledger(side, played.terms(at), rules, plants, plan.currency) for at, side in enumerate((a, b))]
    return Explanation(
        a=a.name,
        b=b.name,
        policy=rules,
        currency=plan.currency,
        horizons=(window(a), window(b)),
        kpis=tuple(found),
        grouped="driver" in by and played.grouped,
        futures=max(len(end) for end in ends),
    )


def _checked(a: Side, b: Side, kpis: Sequence[str], by: Sequence[str], policy: str | None) -> Policy:
    """The rules under which both sides are measured."""
    for name in kpis:
        if name not in KPIS:
            raise UsageError(f"'{name}' is not a KPI{nearest(name, tuple(KPIS))}; `tocfin kpis` lists them")
    for view in by:
        if view not in BY:
            raise UsageError(f"--by '{view}' is not one of {', '.join(BY)}")
    if "variance" in by and set(kpis) - set(SIGNS):
        raise UsageError(f"--by variance is of {', '.join(SIGNS)} only; name these with --kpi")
    require_alike(a, b)
    rules, other = (rules_of(cast(Plan, side.dataset.plan), policy) for side in (a, b))
    if rules.flags != other.flags:
        raise UsageError(f"{a.name} and {b.name} are measured under different rules; say --policy, and drop [policy]")
    return rules


def _explained(
    kpi: Kpi,
    ends: tuple[Terms, Terms],
    played: Played,
    sides: tuple[Side, Side],
    by: Sequence[str],
    rules: Policy,
    currency: str,
) -> Explained:
    reason = next(
        (f"{name}: {why}" for name, rows in zip(("before", "after"), ends, strict=True) for row in rows
         if (why := nothing(kpi, row, rules))), None,
    )  # fmt: skip
    about = Explained(kpi.name, kpi.title, unit(kpi, currency), None, None, {}, reason)
    if reason is not None:
        return about
    values = [evaluate(kpi, end, rules).value for end in ends]
    views = {}
    for view in by:
        if view == "ledger":
            continue
        if view == "term":
            names, amounts = steps(kpi, *ends, rules)
            found = {_label(*name, kpi): amounts[:, i] for i, name in enumerate(names)}
            views[view] = _settled(kpi, values, found)
        elif view == "driver":
            parts = _named(kpi, values, played.amounts(kpi.name), NAMES)
            views[view] = _unseen(parts, sides[0].unseen | sides[1].unseen)
        elif view == "variance":
            parts = _named(kpi, values, variances(played, kpi.name), LINES)
            unseen = sides[0].unseen | sides[1].unseen
            views[view] = tuple(_untold(part, unseen) for part in parts)
        else:
            views[view] = _settled(kpi, values, _shared(view, kpi, played, sides, rules))
    before, after, _ = settle(*_means(values), [float(np.mean(values[1] - values[0]))], DECIMALS[kpi.kind == "ratio"])
    return replace(about, before=before, after=after, views=views)


def _ledger(side: Side, terms: Terms, rules: Policy, plants: Sequence[str], currency: str) -> Explained:
    """From T − OE of a side to the operating profit that its ledger states."""
    kpi = KPIS["net_profit"]
    about = Explained(
        "ledger_operating_profit", f"{side.name}: from T − OE to ledger operating profit", currency, None, None, {},
        ends=("T − OE", "ledger operating profit"),
    )  # fmt: skip
    reason = nothing(kpi, terms.mean(axis=0), rules)
    found = reason or booked(side.dataset, terms.mean(axis=0), rules, plants)
    if isinstance(found, str):
        return replace(about, reason=found)
    start = float(evaluate(kpi, terms.mean(axis=0), rules).value)
    before, after, settled = settle(start, fsum([start, *found.values()]), list(found.values()), DECIMALS[False])
    parts = tuple(Part(name, one) for name, one in zip(found, settled, strict=True))
    return replace(about, before=before, after=after, views={"ledger": parts})


def _means(values: Sequence[Values]) -> tuple[float, float]:
    before, after = (mean(one).value for one in values)
    return before, after


def _settled(kpi: Kpi, values: Sequence[Values], amounts: Amounts) -> tuple[Part, ...]:
    """Means over the futures as whole ticks that add up, with their errors."""
    found = [mean(one) for one in amounts.values()]
    exact = [one.value for one in found]
    _, _, settled = settle(*_means(values), exact, DECIMALS[kpi.kind == "ratio"])
    return tuple(
        Part(name, amount, error=None if one.n < 2 else (one.high - one.low) / 2)
        for name, amount, one in zip(amounts, settled, found, strict=True)
    )


def _named(kpi: Kpi, values: Sequence[Values], amounts: Amounts | str, names: Sequence[str]) -> tuple[Part, ...]:
    """Every driver or variance: what it adds, or that it did not change."""
    if isinstance(amounts, str):
        before, after, _ = settle(
            *_means(values), [float(np.mean(values[1] - values[0]))], DECIMALS[kpi.kind == "ratio"]
        )
        return (Part("not separable", after - before, "not separable", f"between the two states, {amounts}"),)
    added = {part.name: part for part in _settled(kpi, values, amounts)}
    return tuple(added.get(name, Part(name, None, "no change")) for name in names)


def _unseen(parts: tuple[Part, ...], unseen: frozenset[str]) -> tuple[Part, ...]:
    """Drivers without actuals say so, and what is measured together with them is not separable from them."""
    if not unseen:
        return parts
    inside = [name for name in TOGETHER if name in unseen and name not in ("speed", "labour efficiency")]
    together = ("speed", "labour efficiency") if inside else ()
    mixed = [part for part in parts if part.name in together and part.amount]
    found = [
        replace(part, amount=None, error=None, status="not separable") if part in mixed
        else replace(part, amount=None, error=None, status="not observed") if part.name in unseen and not part.amount
        else part
        for part in parts
    ]  # fmt: skip
    if mixed:
        amount = sum((part.amount for part in mixed if part.amount), Decimal(0))
        names = ", ".join([*(part.name for part in mixed), *inside])
        found.append(Part("not separable", amount, "ok", f"{names}: actual hours hold all of them"))
    return tuple(found)


def _untold(part: Part, unseen: frozenset[str]) -> Part:
    """A variance that no report tells of, not even in part, is not observed."""
    nothing_told = set(ORDER.get(part.name, ("",))) <= unseen and not part.amount
    return replace(part, amount=None, error=None, status="not observed") if nothing_told else part


def _shared(view: str, kpi: Kpi, played: Played, sides: tuple[Side, Side], rules: Policy) -> Amounts:
    """What each plant, product, resource or owner adds in every future."""
    states, ends = [played.states(side) for side in (0, 1)], [played.terms(side) for side in (0, 1)]
    count = max(map(len, states))
    found: dict[str, Values] = {}
    for s in range(count):
        models = [some[s % len(some)].model for some in states]
        keys, before, after = groups_of(view, kpi.name, sides, models, played.plants, played.threads)
        _, amounts = steps(kpi, before, after, rules, (ends[0][s % len(ends[0])], ends[1][s % len(ends[1])]))
        for key, amount in zip(keys, amounts.sum(axis=-1).tolist(), strict=True):
            found.setdefault(key, np.zeros(count))[s] = amount
    return found


def _label(side: str, term: str, kpi: Kpi) -> str:
    return f"{term} ({side})" if kpi.denominator else term
