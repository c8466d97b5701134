"""The register of assumptions: what was supplied or derived, by whom, and what net profit it decides.

The effect of an assumption is what net profit becomes when its values are a tenth lower or higher and all else stays.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import NamedTuple, cast

from tocfin.catalogue import BY_NAME
from tocfin.dataset import Dataset, Plan
from tocfin.dataset.register import Entry, entries, scaled
from tocfin.errors import Finding
from tocfin.measure import measure
from tocfin.scorecard import Scorecard

SHARE = 0.1


class Assumption(NamedTuple):
    """One line of the register; ``lower`` and ``higher`` are changes of net profit, None where there is no number."""

    entry: Entry
    rows: int
    lower: float | None
    higher: float | None


@dataclass(frozen=True)
class Register:
    """All assumptions of a data set, its net profit, and costs that the declared basis counts twice."""

    dataset: str
    currency: str
    net_profit: float | None
    lines: tuple[Assumption, ...]
    findings: tuple[Finding, ...]


def register(dataset: Dataset, *, policy: str | None = None) -> Register:
    """The register of ``dataset`` with the effect of every number; raises DatasetError for one with errors."""
    plan = cast(Plan, dataset.require().plan)
    card = measure(dataset, policy=policy)
    base = card.figures["net_profit"].value
    lines = []
    for entry in entries(dataset.tables):
        effects = [_effect(dataset, entry, factor, base, policy) for factor in (1 - SHARE, 1 + SHARE)]
        lines.append(Assumption(entry, len(entry.rows), *effects))
    return Register(dataset.name, plan.currency, base, tuple(lines), tuple(counted_twice(plan, card)))


def _effect(dataset: Dataset, entry: Entry, factor: float, base: float | None, policy: str | None) -> float | None:
    column = BY_NAME[entry.table].column(entry.column)
    if base is None or column.kind != "number" or not entry.rows:
        return None
    changed = replace(dataset, tables=scaled(dataset.tables, entry, factor))
    value = measure(changed, policy=policy).figures["net_profit"].value
    return None if value is None else value - base


def counted_twice(plan: Plan, card: Scorecard) -> Iterator[Finding]:
    """Costs that are counted twice under the declared basis, with the money that is at stake."""
    terms, full = card.terms, plan.basis.get("item_cost") == "full"
    online = card.figures["resource_online_cost"].value or 0.0
    if full and online > 0:
        material = sum(value for name, value in terms.items() if re.fullmatch(r"material_cost_\w+", name))
        message = (
            f"items.cost is full standard cost, so labour is in the material of T ({material:,.2f}) and again in the"
            f" hourly cost of OE ({online:,.2f}): up to {min(material, online):,.2f} {plan.currency} is counted twice;"
            ' state truly_variable_cost, or basis.item_cost = "material"'
        )
        yield Finding("warning", "counted-twice", "plan", None, "basis.item_cost", message, file="plan.toml")
    expense = sum(value for name, value in terms.items() if name.startswith("plant_expense"))
    if plan.basis.get("hourly_rates") == "loaded" and expense > 0 and online > 0:
        message = (
            f"hourly rates are fully loaded, so overhead is in them ({online:,.2f}) and again in"
            f" daily_operating_expense: up to {min(expense, online):,.2f} {plan.currency} is counted twice; state cash"
            " labour rates, or leave the overhead out of daily_operating_expense"
        )
        yield Finding("warning", "counted-twice", "plan", None, "basis.hourly_rates", message, file="plan.toml")
