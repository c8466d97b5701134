"""KPIs as formulas over terms: one declared row each, for every policy.

A KPI is a signed sum of terms or a ratio of two sums; where a policy matters, a flag chooses the term. The same
rows evaluate one schedule or an array of them and print the definitions. Formulas: kpi.md 1 and 5, rulings R21.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from tocfin.catalogue import FLAGS, POLICIES
from tocfin.errors import UsageError
from tocfin.kernels.slots import TERM_NAMES

SLOT = {name: slot for slot, name in enumerate(TERM_NAMES)}
#: What moves in and out of stock inside the horizon, behind the terms that kernels sum. Where an array ends before
#: them nothing is known of it.
STOCK_TERMS = tuple(
    f"{kind}_change{basis}"
    for kind in ("raw_material", "wip", "finished_goods", "job_material", "capital_stock", "capital_job_material")
    for basis in ("", "_variable")
)
TERMS = (*TERM_NAMES, *STOCK_TERMS)
Kind = Literal["flow", "stock", "ratio"]


@dataclass(frozen=True)
class Policy:
    """A name and the word chosen for every flag."""

    name: str
    flags: Mapping[str, str]

    @property
    def other(self) -> str:
        """The policy that the scorecard shows beside this one."""
        return POLICIES[1 - POLICIES.index(self.name)]


def policy(name: str, overrides: Mapping[str, str] | None = None) -> Policy:
    """The policy called ``name`` with single flags replaced; raises UsageError for an unknown name, flag or word."""
    if name not in POLICIES:
        raise UsageError(f"policy '{name}' is not one of {', '.join(POLICIES)}")
    flags = {flag: words[POLICIES.index(name)] for flag, words in FLAGS.items()}
    for flag, word in (overrides or {}).items():
        if word not in FLAGS.get(flag, ()):
            raise UsageError(f"policy flag {flag} = '{word}' is not known; see `tocfin kpis`")
        flags[flag] = word
    return Policy(name, flags)


@dataclass(frozen=True)
class Pick:
    """The term that a flag chooses; a word without an entry chooses nothing."""

    flag: str
    by_word: Mapping[str, Entry]


Entry = str | Pick
Sum = tuple[tuple[int, Entry], ...]


@dataclass(frozen=True)
class Kpi:
    """One KPI: ``numerator`` alone, or ``scale`` x numerator / ``denominator``.

    ``unit`` holds ``money`` where the reporting currency stands. ``polarity`` is +1 where more is better, -1 where
    less is. ``kind``: a flow adds over time, plants and jobs; a stock adds over plants but never over time; a ratio
    is recomputed from its sums. ``words`` is the formula for people; ``why`` says why the policies differ.
    """

    name: str
    title: str
    symbol: str
    unit: str
    polarity: int
    kind: Kind
    words: str
    numerator: Sum
    denominator: Sum = ()
    below: str = ""  # what the denominator is called
    scale: float = 1.0
    why: str = ""
    source: str = "kpi.md 5"
    contract: bool = True
    stock: bool = False  # a ratio that holds a stock, so that it is not projected into later periods


def pick(flag: str, /, **by_word: Entry) -> Pick:
    """Let ``flag`` choose a term."""
    return Pick(flag, by_word)


def plus(*entries: Entry) -> Sum:
    """A sum of entries."""
    return tuple((1, entry) for entry in entries)


def minus(entries: Sum) -> Sum:
    """The same entries with the sign turned."""
    return tuple((-sign, entry) for sign, entry in entries)


def _valued(name: str) -> Pick:
    """A term in both valuations of items."""
    return pick("item_cost", cost=name, truly_variable=f"{name}_variable")


def _throughput(jobs: str = "") -> Sum:
    material = pick(
        "material_levels", all=_valued(f"{jobs}material_cost_all"), bought=_valued(f"{jobs}material_cost_bought")
    )
    subcontract = f"{jobs}subcontract_cost_counted"
    return plus(f"{jobs}revenue") + minus(
        plus(
            material,
            pick("subcontract_in", both=subcontract, throughput=subcontract),
            f"{jobs}shipping_cost",
            f"{jobs}late_penalty",
        )
    )


_T = _throughput()
_ONLINE = plus("online_cost", pick("subcontractor_cost", include="online_cost_subcontractor"))
_POTENTIAL = pick("potential_overtime", all="potential_cost", used="potential_used_cost")
_OVERTIME = plus(
    "overtime_cost",
    _POTENTIAL,
    pick("subcontractor_cost", include="overtime_cost_subcontractor"),
    pick(
        "subcontractor_cost",
        include=pick(
            "potential_overtime", all="potential_cost_subcontractor", used="potential_used_cost_subcontractor"
        ),
    ),
)
_PLANT = plus(
    pick(
        "cleanout_day",
        no=pick("potential_overtime", all="plant_expense", used="plant_expense_used"),
        yes=pick("potential_overtime", all="plant_expense_cleanout", used="plant_expense_used_cleanout"),
    )
)
_SUBCONTRACT_IN_OE = plus(pick("subcontract_in", both="subcontract_cost_all", operating_expense="subcontract_cost_all"))
_OE = _PLANT + _ONLINE + _OVERTIME + _SUBCONTRACT_IN_OE
_NP = _T + minus(_OE)
_RAW, _WIP, _FG = plus(_valued("raw_material")), plus(_valued("wip")), plus(_valued("finished_goods"))
_CLOSING_RAW = _RAW + plus(_valued("raw_material_change"))
_CLOSING_WIP = _WIP + plus(_valued("wip_change"))
_CLOSING_FG = _FG + plus(_valued("finished_goods_change"))
_FLOOR = pick("job_material", required=_valued("job_material_required"), issued=_valued("job_material_issued"))
_CLOSING_FLOOR = plus(_FLOOR, pick("job_material", issued=_valued("job_material_change")))
_INVENTORY = plus(_FLOOR) + _RAW + _WIP + _FG
_CLOSING_INVENTORY = _CLOSING_FLOOR + _CLOSING_RAW + _CLOSING_WIP + _CLOSING_FG
_IN_CAPITAL = (
    pick("capital_includes_inventory", honour=_valued("capital_stock")),
    pick(
        "capital_includes_inventory",
        honour=pick(
            "job_material",
            required=_valued("capital_job_material_required"),
            issued=_valued("capital_job_material_issued"),
        ),
    ),
)
_INVESTMENT = _INVENTORY + plus("invested_capital") + minus(plus(*_IN_CAPITAL))
_CHANGE_IN_CAPITAL = (
    pick("capital_includes_inventory", honour=_valued("capital_stock_change")),
    pick(
        "capital_includes_inventory",
        honour=pick("job_material", issued=_valued("capital_job_material_change")),
    ),
)
_CLOSING_INVESTMENT = _CLOSING_INVENTORY + plus("invested_capital") + minus(plus(*_IN_CAPITAL, *_CHANGE_IN_CAPITAL))
_DRUM_HOURS = pick(
    "tpdh_hours",
    elapsed=pick("tpdh_jobs", all="drum_elapsed_hours_all", counted="drum_elapsed_hours_counted"),
    capacity=pick("tpdh_jobs", all="drum_capacity_hours_all", counted="drum_capacity_hours_counted"),
)
_CARRY = pick(
    "wip_carry_until",
    op_end=pick("wip_carry_clip", no="wip_carry_op_end", yes="wip_carry_op_end_clipped"),
    mo_end=pick("wip_carry_clip", no="wip_carry_mo_end", yes="wip_carry_mo_end_clipped"),
)
_AVAILABLE = plus(
    "drum_available_hours",
    pick("potential_overtime", all="drum_potential_hours", used="drum_potential_used_hours"),
)

_ALL = (
    Kpi(
        "throughput", "Throughput", "T", "money", +1, "flow",
        "revenue − material − subcontract − shipping − late penalty of jobs that end in [clock, horizon end)",
        _T, why="material: every requirement at cost, or only what is bought, at truly variable cost",
    ),
    Kpi(
        "operating_expense", "Operating expense", "OE", "money", -1, "flow",
        "daily operating expense × operating days + online cost + overtime cost + subcontract",
        _OE, why="published counts subcontracting in T and again here, and pays potential overtime nobody worked",
    ),
    Kpi(
        "net_profit", "Net profit: T − OE (not ledger profit)", "NP", "money", +1, "flow",
        "throughput − operating expense", _NP, why="as throughput and operating expense", source="kpi.md 1.4",
    ),
    Kpi(
        "productivity", "Productivity", "T/OE", "1", +1, "ratio",
        "throughput ÷ operating expense", _T, _OE, "operating expense", why="as throughput and operating expense",
    ),
    Kpi(
        "return_on_investment", "Return on investment", "NP/I", "1", +1, "ratio",
        "net profit ÷ investment, for the horizon", _NP, _INVESTMENT, "investment",
        why="as net profit and investment", stock=True,
    ),
    Kpi(
        "investment", "Investment", "I", "money", -1, "stock",
        "inventory cost + invested capital", _INVESTMENT,
        why="as inventory cost; capital that already holds inventory is not given it again",
    ),
    Kpi(
        "inventory_cost", "Inventory cost", "", "money", -1, "stock",
        "material of jobs + raw material + WIP + finished goods inventory", _INVENTORY,
        why="published adds everything that jobs will need; reconciled what was issued to unfinished jobs",
    ),
    Kpi(
        "raw_material_inventory_cost", "Raw material inventory", "RM", "money", -1, "stock",
        "on hand × item cost of raw material in owned warehouses", _RAW, why="item cost or truly variable cost",
    ),
    Kpi(
        "wip_inventory_cost", "WIP inventory (stocked)", "WIP", "money", -1, "stock",
        "on hand × item cost of intermediates and subassemblies in owned warehouses", _WIP,
        why="item cost or truly variable cost",
    ),
    Kpi(
        "finished_goods_inventory_cost", "Finished goods inventory", "FG", "money", -1, "stock",
        "on hand × item cost of finished goods in owned warehouses", _FG, why="item cost or truly variable cost",
    ),
    Kpi(
        "throughput_per_drum_hour", "Throughput per bottleneck hour", "T/h", "money/h", +1, "ratio",
        "throughput of jobs with work on a drum ÷ drum hours", _throughput("drum_"), plus(_DRUM_HOURS), "drum hours",
        why="published divides by elapsed hours of all drum work, nights and later jobs too; "
        "reconciled by the capacity hours of the jobs in the numerator",
    ),
    Kpi(
        "resource_online_cost", "Resource online cost", "", "money", -1, "flow",
        "standard hourly cost × online and cleanout hours", _ONLINE,
        why="reconciled leaves out subcontractors: nobody pays for their idle shift",
    ),
    Kpi(
        "resource_overtime_cost", "Resource overtime cost", "", "money", -1, "flow",
        "overtime hourly cost × (overtime + potential overtime hours)", _OVERTIME,
        why="reconciled charges potential overtime only where work uses it, and no subcontractor",
    ),
    Kpi(
        "subcontract_cost", "Subcontract cost", "", "money", -1, "flow",
        "paid time of work on subcontractors, or the job's own subcontract cost",
        plus(
            pick(
                "subcontract_in",
                both="subcontract_cost_all",
                operating_expense="subcontract_cost_all",
                throughput="subcontract_cost_counted",
            )
        ),
        why="published: of every job with work; reconciled: of the jobs counted in throughput", source="kpi.md 1.3, R9",
    ),
    Kpi(
        "wip_carrying_cost", "WIP carrying cost", "", "money", -1, "flow",
        "days from the operation's start × its carrying cost per day", plus(_CARRY),
        why="published counts to the operation's end; reconciled to the order's end, inside the horizon",
    ),
    Kpi(
        "finished_goods_carrying_cost", "Finished goods carrying cost", "", "money", -1, "flow",
        "days from the order's end to its need date × carrying cost of its operations",
        plus(pick("fg_carry_clamp", no="fg_carry", yes="fg_carry_clamped")),
        why="published goes below 0 for late orders; reconciled counts early ones only", source="kpi.md 1.6",
    ),
    Kpi(
        "drum_utilization", "Bottleneck utilization", "", "%", +1, "ratio",
        "100 × capacity hours of work on drums ÷ capacity hours of drums", plus("drum_busy_hours"), _AVAILABLE,
        "drum capacity", 100.0, why="reconciled counts potential overtime as capacity only where it is used",
        source="kpi.md 1.7, R23",
    ),
    Kpi(
        "throughput_late", "Throughput of late jobs", "", "money", -1, "flow",
        "throughput of scheduled jobs that end after their need date", _throughput("late_"), why="as throughput",
        source="kpi.md 1.7",
    ),
    Kpi(
        "throughput_dollar_days", "Throughput dollar days", "TDD", "money*d", -1, "flow",
        "throughput of late jobs × days late", _throughput("late_days_"), why="as throughput", source="kpi.md 2",
    ),
    Kpi(
        "throughput_per_drum_hour_physical", "Throughput per physical bottleneck hour", "", "money/h", +1, "ratio",
        "throughput of jobs with work on a drum ÷ hours the drum is occupied by them, a batch once",
        _throughput("drum_"), plus("drum_physical_hours_counted"), "drum hours", why="as throughput",
        source="kpi.md 1.2c", contract=False,
    ),
    Kpi(
        "on_time_delivery", "On-time delivery", "OTD", "%", +1, "ratio",
        "100 × jobs that end in the horizon by their need date ÷ jobs that end in the horizon",
        plus("jobs_on_time"), plus("jobs_ended"), "number of jobs that end", 100.0, source="kpi.md 1.7", contract=False,
    ),
    Kpi(
        "past_due_revenue", "Past-due revenue", "", "money", -1, "stock",
        "revenue of jobs needed before the clock and not finished by then", plus("past_due_revenue"),
        source="kpi.md 1.7", contract=False,
    ),
    Kpi(
        "backlog_hours", "Backlog of the bottlenecks", "", "h", -1, "flow",
        "available hours of work on drums from the clock on, a batch once", plus("backlog_hours"),
        source="kpi.md 2, planned load", contract=False,
    ),
    Kpi(
        "schedule_adherence", "Schedule adherence", "", "%", +1, "ratio",
        "100 × activities that really ended by their planned end ÷ activities planned to end before the clock",
        plus("activities_adhered"), plus("activities_due"), "number of activities due", 100.0,
        source="kpi.md 3", contract=False,
    ),
    Kpi(
        "closing_raw_material_inventory_cost", "Closing raw material inventory", "", "money", -1, "stock",
        "raw material inventory + receipts − issues until the horizon's end, at item cost", _CLOSING_RAW,
        why="item cost or truly variable cost", source="R35", contract=False,
    ),
    Kpi(
        "closing_wip_inventory_cost", "Closing WIP inventory (stocked)", "", "money", -1, "stock",
        "WIP inventory + receipts + completions − issues until the horizon's end, at item cost", _CLOSING_WIP,
        why="item cost or truly variable cost", source="R35", contract=False,
    ),
    Kpi(
        "closing_finished_goods_inventory_cost", "Closing finished goods inventory", "", "money", -1, "stock",
        "finished goods inventory + receipts + completions − shipments until the horizon's end, at item cost",
        _CLOSING_FG, why="item cost or truly variable cost", source="R35", contract=False,
    ),
    Kpi(
        "closing_inventory_cost", "Closing inventory cost", "", "money", -1, "stock",
        "material of jobs + raw material + WIP + finished goods inventory at the horizon's end", _CLOSING_INVENTORY,
        why="as inventory cost", source="R35, R6", contract=False,
    ),
    Kpi(
        "closing_investment", "Closing investment", "", "money", -1, "stock",
        "inventory cost at the horizon's end + invested capital", _CLOSING_INVESTMENT, why="as investment",
        source="R35", contract=False,
    ),
    Kpi(
        "closing_return_on_investment", "Return on closing investment", "", "1", +1, "ratio",
        "net profit ÷ investment at the horizon's end", _NP, _CLOSING_INVESTMENT, "closing investment",
        why="as net profit and investment", source="R35", contract=False, stock=True,
    ),
)  # fmt: skip

#: What a stock at the clock becomes at a later instant (R35).
CLOSING = {name.removeprefix("closing_"): name for name in (kpi.name for kpi in _ALL) if name.startswith("closing_")}

#: Terms that are levels, not flows: what is there at the clock, and what moves from then on.
LEVELS = tuple(
    name.startswith(("job_material", "capital_", "invested_capital", "raw_material", "finished_goods", "other_stock"))
    or name in ("wip", "wip_variable")
    or name in STOCK_TERMS
    for name in TERMS
)


def with_levels(flows: NDArray[np.float64], levels: NDArray[np.float64]) -> NDArray[np.float64]:
    """Terms (..., terms) of a period whose stock is that of ``levels``: a ratio of both has its own period."""
    absent = np.full((*flows.shape[:-1], len(TERMS) - flows.shape[-1]), np.nan)
    found: NDArray[np.float64] = np.where(LEVELS, levels, np.concatenate([flows, absent], axis=-1))
    return found


#: Which cells make a term *not supplied* when they are empty; the first part of a term's name that fits decides.
_SUPPLIED_BY = {
    "raw_material_change": "supplies",
    "wip_change": "supplies, and the quantity of every order that makes such items",
    "finished_goods_change": "supplies, demands, and the quantity of every order that makes such items",
    "stock_change": "supplies, demands, and the quantity of every order",
    "revenue": "jobs.revenue",
    "shipping_cost": "jobs.shipping_cost",
    "late_penalty": "jobs.late_penalty_per_day",
    "subcontract_cost": "the hourly costs of subcontractors in resources",
    "carry": "operations.carrying_cost_per_day",
    "online_cost": "resources.standard_hourly_cost",
    "overtime_cost": "resources.overtime_hourly_cost",
    "potential": "resources.overtime_hourly_cost",
    "plant_expense": "plants.daily_operating_expense",
    "invested_capital": "plants.invested_capital",
    "adhered": "activities.actual_end",
}


def supplied_by(term: str) -> str:
    """The cells that a planner fills in to supply a term."""
    return next((cells for part, cells in _SUPPLIED_BY.items() if part in term), term)


KPIS: dict[str, Kpi] = {kpi.name: kpi for kpi in _ALL}


def chosen(formula: Sum, policy: Policy) -> Iterator[tuple[int, str]]:
    """The signed terms of a sum under a policy."""
    for sign, entry in formula:
        term: Entry | None = entry
        while isinstance(term, Pick):
            term = term.by_word.get(policy.flags[term.flag])
        if term is not None:
            yield sign, term


def policies_differ(kpi: Kpi) -> bool:
    """True when the two policies choose other terms for ``kpi``."""
    first, second = (policy(name) for name in POLICIES)
    return any(list(chosen(side, first)) != list(chosen(side, second)) for side in (kpi.numerator, kpi.denominator))


def total(formula: Sum, terms: NDArray[np.float64], policy: Policy) -> NDArray[np.float64]:
    """A sum over terms (..., terms); NaN where one of them was not supplied."""
    value = np.zeros(terms.shape[:-1])
    for sign, term in chosen(formula, policy):
        value = value + sign * amount(terms, term)
    return value


def amount(terms: NDArray[np.float64], term: str) -> NDArray[np.float64]:
    """One term of an array (..., terms); NaN where the array ends before it."""
    slot = SLOT[term] if term in SLOT else TERMS.index(term)
    known: NDArray[np.float64] = terms[..., slot] if slot < terms.shape[-1] else np.full(terms.shape[:-1], np.nan)
    return known


@dataclass(frozen=True)
class Values:
    """One KPI on an array of terms: NaN where it is *missing* (not supplied) or *undefined* (denominator 0)."""

    value: NDArray[np.float64]
    missing: NDArray[np.bool_]
    undefined: NDArray[np.bool_]


def evaluate(kpi: Kpi, terms: NDArray[np.float64], policy: Policy) -> Values:
    """``kpi`` on every schedule of ``terms`` (..., terms), whole arrays at a time."""
    value = total(kpi.numerator, terms, policy)
    missing = np.isnan(value)
    undefined = np.zeros(value.shape, np.bool_)
    if kpi.denominator:
        below = total(kpi.denominator, terms, policy)
        missing = missing | np.isnan(below)
        undefined = ~missing & (below == 0)
        value = kpi.scale * value / np.where(below == 0, np.nan, below)
    return Values(value, missing, undefined)


def unit(kpi: Kpi, currency: str) -> str:
    """The unit with the currency put in, e.g. ``USD/h``."""
    return kpi.unit.replace("money", currency)
