"""The contract's KPIs in plain, exact Python: the independent twin that kernels and product are checked against.

Written from schema.md, kpi.md and rulings.md, never from the product's code. ``evaluate`` takes the parsed plan.toml
and rows of text cells; amounts are fractions, so what it says is exact.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal

from reference.entities import IllegalError, Tables, World
from reference.ledger import OUTSIDE, Entry, Ledger, period_key
from reference.sums import Sum, total
from reference.world import build

__all__ = ["FLAGS", "KPIS", "OUTSIDE", "IllegalError", "Value", "agrees", "evaluate", "policy_flags"]

Dimension = Literal["plant", "period", "job", "resource", "product"]

#: R21: flag -> word of the published policy, word of the reconciled one.
FLAGS = {
    "tpdh_hours": ("elapsed", "capacity"),
    "tpdh_jobs": ("all", "counted"),
    "subcontract_in": ("both", "throughput"),
    "subcontractor_cost": ("include", "exclude"),
    "potential_overtime": ("all", "used"),
    "cleanout_day": ("no", "yes"),
    "job_material": ("required", "issued"),
    "wip_carry_until": ("op_end", "mo_end"),
    "wip_carry_clip": ("no", "yes"),
    "fg_carry_clamp": ("no", "yes"),
    "item_cost": ("cost", "truly_variable"),
    "material_levels": ("all", "bought"),
    "capital_includes_inventory": ("ignore", "honour"),
}

#: KPIs that are stocks or built on one: no period has them until flows are known (R35).
STOCKS = frozenset(
    {
        "investment",
        "inventory_cost",
        "raw_material_inventory_cost",
        "wip_inventory_cost",
        "finished_goods_inventory_cost",
        "return_on_investment",
    }
)

KPIS = (
    "throughput", "operating_expense", "net_profit", "productivity", "return_on_investment", "investment",
    "inventory_cost", "raw_material_inventory_cost", "wip_inventory_cost", "finished_goods_inventory_cost",
    "throughput_per_drum_hour", "resource_online_cost", "resource_overtime_cost", "subcontract_cost",
    "wip_carrying_cost", "finished_goods_carrying_cost", "drum_utilization", "throughput_late",
    "throughput_dollar_days",
)  # fmt: skip


@dataclass(frozen=True)
class Value:
    """One KPI. ``scale`` bounds honest rounding: an answer is right within 1e-9 of it.

    ``cancelled`` marks a ratio whose denominator is 0 only because its amounts cancel: in floating point it may
    come out as anything.
    """

    value: Fraction | None
    status: Literal["ok", "undefined", "not_supplied", "not_projected"]
    scale: Fraction = Fraction(0)
    cancelled: bool = False


def agrees(expected: Value, value: float | None, status: str, tolerance: float = 1e-9) -> bool:
    """Does another implementation's answer agree with the exact one?"""
    if expected.cancelled and expected.status in {"ok", "undefined"}:
        return True
    if status != expected.status or (value is None) != (expected.value is None):
        return False
    if value is None or expected.value is None:
        return True
    return abs(Fraction(value) - expected.value) <= Fraction(tolerance) * expected.scale


def policy_flags(plan: Mapping[str, Any], policy: str | None = None) -> dict[str, str]:
    """The words in force: the given policy, else the plan's, else published; single flags of [policy] on top."""
    column = {"published": 0, "reconciled": 1}[policy or plan["plan"].get("policy", "published")]
    return {name: words[column] for name, words in FLAGS.items()} | dict(plan.get("policy", {}))


def _value(found: Sum) -> Value:
    return Value(found.value, "ok" if found.value is not None else "not_supplied", found.scale)


def _ratio(above: Sum, below: Sum) -> Value:
    if above.value is None or below.value is None:
        return Value(None, "not_supplied")
    cancelled = below.scale > 0 and abs(below.value) <= below.scale / 10**9
    if below.value == 0:
        return Value(None, "undefined", cancelled=cancelled)
    ratio = above.value / below.value
    return Value(ratio, "ok", (above.scale + abs(ratio) * below.scale) / abs(below.value), cancelled)


def _kpis(term: Callable[[str], Sum], drum_throughput: str) -> dict[str, Value]:
    """kpi.md 1.1 to 1.7 and 5, once."""
    throughput = term("throughput")
    expense = term("plant_expense") + term("online_cost") + term("overtime_cost") + term("subcontract_in_expense")
    raw, wip, finished = term("raw"), term("wip"), term("finished")
    inventory = term("job_material") + raw + wip + finished
    investment = inventory - term("inventory_in_capital") + term("capital")
    profit = throughput - expense
    return {
        "throughput": _value(throughput),
        "operating_expense": _value(expense),
        "net_profit": _value(profit),
        "productivity": _ratio(throughput, expense),
        "return_on_investment": _ratio(profit, investment),
        "investment": _value(investment),
        "inventory_cost": _value(inventory),
        "raw_material_inventory_cost": _value(raw),
        "wip_inventory_cost": _value(wip),
        "finished_goods_inventory_cost": _value(finished),
        "throughput_per_drum_hour": _ratio(term(drum_throughput), term("drum_hours")),
        "throughput_per_drum_hour_physical": _ratio(term(drum_throughput), term("physical_drum_hours")),
        "resource_online_cost": _value(term("online_cost")),
        "resource_overtime_cost": _value(term("overtime_cost")),
        "subcontract_cost": _value(term("subcontract_cost")),
        "wip_carrying_cost": _value(term("wip_carrying")),
        "finished_goods_carrying_cost": _value(term("finished_carrying")),
        "drum_utilization": _ratio(term("drum_used_hours") * Fraction(100), term("drum_raw_hours")),
        "throughput_late": _value(term("throughput_late")),
        "throughput_dollar_days": _value(term("throughput_dollar_days")),
    }


def _figures(world: World, flags: Mapping[str, str], entries: Iterable[Entry], by: str | None) -> dict[str, Value]:
    terms: dict[str, list[Sum]] = {}
    for entry in entries:
        terms.setdefault(entry.term, []).append(entry.sum)
        flagged = world.plants[entry.plant].capital_includes_inventory
        if flagged and flags["capital_includes_inventory"] == "honour" and entry.term in STOCK_TERMS:  # R27
            terms.setdefault("inventory_in_capital", []).append(entry.sum)
    numerator = "drum_throughput_of_drum" if by == "resource" else "drum_throughput"
    figures = _kpis(lambda name: total(terms.get(name, [])), numerator)
    if by in {"job", "product", "period"}:  # a batch belongs to several jobs at once
        del figures["throughput_per_drum_hour_physical"]
    if by in {"job", "product"}:
        del figures["drum_utilization"]
    if by == "period":
        figures |= {name: Value(None, "not_projected") for name in STOCKS}
    return figures


STOCK_TERMS = frozenset({"raw", "wip", "finished", "job_material"})


def _group_keys(world: World, by: Dimension, plants: Iterable[str]) -> list[str | None]:
    chosen = set(plants)
    jobs = [job for job in world.jobs.values() if job.plant.key in chosen]
    if by == "plant":
        return [key for key in world.plants if key in chosen]
    if by == "period":
        return [*(period_key(period) for period in world.periods), OUTSIDE]
    if by == "job":
        return [*(job.key for job in jobs), None]
    if by == "resource":
        return [*(key for key, resource in world.resources.items() if resource.plant.key in chosen), None]
    return [*dict.fromkeys(job.product for job in jobs if job.product is not None), None]


def evaluate(
    plan: Mapping[str, Any],
    tables: Tables,
    policy: str | None = None,
    plants: Iterable[str] | None = None,
    by: Dimension | None = None,
) -> dict[Any, Any]:
    """KPI name -> Value; with ``by``, group key -> the same (None: what belongs to no job, resource or product).

    Periods are named start/end in UTC, and ``outside`` is what lies in none of them. Raises IllegalError where the data
    set breaks a rule that would make a number a guess.
    """
    world, flags = build(plan, tables), policy_flags(plan, policy)
    chosen = set(world.plants) if plants is None else set(plants)
    entries = [entry for entry in Ledger(world, flags).entries if entry.plant in chosen]
    if by is None:
        return _figures(world, flags, entries, by)
    groups: dict[str | None, list[Entry]] = {key: [] for key in _group_keys(world, by, chosen)}
    for entry in entries:
        groups.setdefault(getattr(entry, by), []).append(entry)
    figures = {key: _figures(world, flags, members, by) for key, members in groups.items()}
    if by == "resource":  # throughput per drum hour is per drum (kpi.md 1.2g): what has no resource has none
        for name in ("throughput_per_drum_hour", "throughput_per_drum_hour_physical"):
            del figures[None][name]
    return figures
