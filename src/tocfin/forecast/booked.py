"""From T − OE, as tocfin measures it, to the operating profit of the ledger: what each booked amount differs by.

The ledger is the table ``actuals``: totals of KPIs and terms in the window, of which ``net_profit`` is the operating
profit (else throughput less operating expense, where both are booked). What no booked amount tells apart is a line of
its own, *not explained*: depreciation, stock at full cost and accruals that the data set knows nothing of.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, cast

import numpy as np
from numpy.typing import NDArray

from tocfin.dataset import Dataset, Plan
from tocfin.dataset.plan import Period
from tocfin.forecast.spans import listed_periods
from tocfin.forecast.totals import Posted, posted
from tocfin.kpi import KPIS, Policy, amount, chosen, evaluate
from tocfin.model.groups import Scope

UNKNOWN: Final = "not explained"
#: The two sides of T − OE, with their signs in it.
_PARTS: Final[Mapping[str, int]] = {"throughput": 1, "operating_expense": -1}


def booked(
    dataset: Dataset, terms: NDArray[np.float64], rules: Policy, plants: Sequence[str]
) -> dict[str, float] | str:
    """What each booked amount, and what is not explained, adds to T − OE; why not, where the ledger does not say.

    ``terms`` (terms) are those of T − OE over the horizon of the data set.
    """
    plan = cast(Plan, dataset.plan)
    names = dict.fromkeys((*_PARTS, "net_profit", *(term for name in _PARTS for _, term in _terms(name, rules))))
    told = {name: one for name in names if (one := _posted(dataset, plan, name, plants)) is not None}
    missing = [period for one in told.values() for period in one.missing]
    if missing:
        return f"insufficient data: no actual total of {', '.join(dict.fromkeys(missing))}"
    if "net_profit" not in told and not told.keys() >= _PARTS.keys():
        return "insufficient data: actuals hold no total of net_profit there, nor of throughput and operating expense"
    found: dict[str, float] = {}
    for name, sign in _PARTS.items():
        inner = {
            term: sign * factor * (told[term].value - float(amount(terms, term)))
            for factor, term in _terms(name, rules)
            if term in told
        }
        title = KPIS[name].title.lower()
        rest = sign * (told[name].value - _measured(name, terms, rules)) - sum(inner.values()) if name in told else 0.0
        found |= inner | ({f"rest of {title}" if inner else title: rest} if name in told else {})
    unknown = 0.0
    if "net_profit" in told:
        unknown = told["net_profit"].value - _measured("net_profit", terms, rules) - sum(found.values())
    return found | {UNKNOWN: unknown}


def _measured(name: str, terms: NDArray[np.float64], rules: Policy) -> float:
    return float(evaluate(KPIS[name], terms, rules).value)


def _terms(name: str, rules: Policy) -> list[tuple[int, str]]:
    """The signed terms of a KPI under a policy."""
    return list(chosen(KPIS[name].numerator, rules))


def _posted(dataset: Dataset, plan: Plan, name: str, plants: Sequence[str]) -> Posted | None:
    """The total of a figure in the horizon: that of everything, else the sum of all the plants that are looked at."""
    window = (plan.clock, plan.horizon_end)
    whole = Period("", *window, window[1], False)
    periods = [one for one in listed_periods(dataset) if window[0] <= one.start and one.end <= window[1]] or [whole]

    def of(plant: str | None) -> Posted | None:
        return posted(dataset.tables["actuals"], periods, name, Scope(plant=plant), window, window[1])

    if not plants and (total := of(None)) is not None:
        return total
    found = [of(plant) for plant in plants or dataset.tables["plants"]["plant"].to_list()]
    if not found or any(one is None for one in found):
        return None
    each = [one for one in found if one is not None]
    missing = tuple(dict.fromkeys(name for one in each for name in one.missing))
    return Posted(sum(one.value for one in each), min(one.until for one in each), missing)
