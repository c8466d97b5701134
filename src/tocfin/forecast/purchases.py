"""What can be bought for a resource and what it would bring: paired futures with and without it, return and payback."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import polars as pl

from tocfin.dataset.page import Page
from tocfin.errors import DatasetError, UsageError
from tocfin.forecast.invest import HOUR, REPLICATIONS, Effect, effects
from tocfin.forecast.variants import Asked, changed, failing_less, relieved, without_scrap
from tocfin.model.columns import Floats
from tocfin.scenarios.estimates import Estimate
from tocfin.scenarios.world import World

DAY = 86_400.0
#: Kind -> what it is: another machine with the shifts of the first, failures half as often, nothing bad, quick setups.
KINDS = {
    "unit": "a second unit, its hours paid as those of the first",
    "downtime": "failures half as often",
    "scrap": "no scrap",
    "setup": "setups in half the time",
}


@dataclass(frozen=True, slots=True)
class Purchase:
    """Something that can be bought; ``capital`` [money] and ``expense`` [money/day] None where nobody says."""

    resource: str
    kind: str
    capital: float | None = None
    expense: float | None = None


@dataclass(frozen=True, slots=True)
class PurchaseLine:
    """A purchase and what it does over the horizon. ``roi`` [1/yr] and ``payback`` [d] are None where no capital is
    known, the latter also where it never pays back.
    """

    purchase: Purchase
    effect: Effect
    roi: float | None
    payback: float | None


def purchases(path: str | Path) -> list[Purchase]:
    """The ``[[option]]`` rows of a TOML file: resource, kind, capital, expense_per_day.

    Raises DatasetError with every fault.
    """
    file = Path(path)
    page = Page(file.name)
    content = page.content(file)
    found = []
    if content is not None:
        page.keys(content, ("option",))
        for place, row in page.rows(content, "option", "option"):
            page.keys(row, ("resource", "kind", "capital", "expense_per_day"), place)
            page.needed(row, "resource", place, '"E-5AX"')
            page.needed(row, "kind", place, '"unit"')
            resource, kind = page.text(row, "resource", place), page.word(row, "kind", place, tuple(KINDS))
            capital, expense = (page.number(row, key, place, low=0.0) for key in ("capital", "expense_per_day"))
            if resource is not None and kind is not None:
                found.append(Purchase(resource, kind, capital, expense))
        if not found and not page.findings:
            page.fault("missing-key", "option", "is missing; write [[option]] with resource and kind")
    if page.findings:
        raise DatasetError(page.findings)
    return found


def all_for(question: Asked, resources: Sequence[str]) -> list[Purchase]:
    """Everything that can be bought for ``resources`` and would change something, without its price."""
    every = [Purchase(resource, kind) for resource in resources for kind in KINDS]
    return [one for one in every if _with(question, one) is not None]


def worth_of(question: Asked, bought: Sequence[Purchase], *, replications: int = REPLICATIONS) -> list[PurchaseLine]:
    """What each purchase does, the most net profit first, its daily expense taken off.

    Raises UsageError for a resource that is not there, or a purchase that would change nothing.
    """
    worlds = []
    for one in bought:
        if one.resource not in question.world.model.keys["resource"]:
            raise UsageError(f"resource '{one.resource}' is not in the data set")
        world = _with(question, one)
        if world is None:
            raise UsageError(f"{one.kind} of '{one.resource}' changes nothing: the plan has none of it there")
        worlds.append(world)
    found = effects([question.world, *worlds], question.seed, replications, question.rules) if worlds else []
    days = (question.plan.horizon_end - question.plan.clock) / DAY
    lines = [_line(one, effect, days) for one, effect in zip(bought, found, strict=True)]
    return sorted(lines, key=lambda line: (-line.effect.net_profit.value, line.purchase.resource, line.purchase.kind))


def _with(question: Asked, one: Purchase) -> World | None:
    """The world with a purchase; None where it would change nothing."""
    world, name = question.world, f"{one.kind} of {one.resource}"
    r = world.model.keys["resource"].to_list().index(one.resource)
    rows = world.model.schedule.activity_resource == r
    if not rows.any():
        return None
    if one.kind == "unit":
        more = pl.col("units").fill_null(1) + (pl.col("resource") == one.resource)
        return changed(question, name, resources=world.dataset.tables["resources"].with_columns(more.alias("units")))
    if one.kind == "downtime":
        return failing_less(world, r, 2.0, name)
    if one.kind == "scrap":
        return without_scrap(world, np.unique(world.activity_operation[rows]), name)
    share = np.where(rows, 0.5 * setup_share(world), 0.0)
    return relieved(world, share, name) if share.any() else None


def setup_share(world: World) -> Floats:
    """The part of each activity's planned work that is setup; 0 where the plan does not say."""
    hours = world.dataset.tables["operations"].select("operation", "setup_hours")
    keys = pl.DataFrame({"operation": world.model.keys["operation"]})
    setup = keys.join(hours, on="operation", how="left", maintain_order="left")["setup_hours"].fill_null(0.0).to_numpy()
    work = np.zeros(world.activity_operation.size)
    work[world.network.member_row] = world.network.member_work / HOUR
    share: Floats = np.divide(setup[world.activity_operation], work, out=np.zeros_like(work), where=work > 0)
    return np.minimum(share, 1.0)


def _line(one: Purchase, effect: Effect, days: float) -> PurchaseLine:
    if one.expense:
        more = one.expense * days
        effect = replace(
            effect,
            operating_expense=_moved(effect.operating_expense, more),
            net_profit=_moved(effect.net_profit, -more),
        )
    if one.capital:
        effect = replace(effect, investment=_moved(effect.investment, one.capital))
    gain = effect.net_profit.value / days
    roi = 365 * gain / one.capital if one.capital else None
    return PurchaseLine(one, effect, roi, one.capital / gain if one.capital and gain > 0 else None)


def _moved(estimate: Estimate, by: float) -> Estimate:
    return replace(estimate, value=estimate.value + by, low=estimate.low + by, high=estimate.high + by)
