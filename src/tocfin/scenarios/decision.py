"""An alternative put as a decision: what it gains, how sure that is, what it costs, who is hit."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from tocfin.kpi import KPIS, Policy, amount, chosen, evaluate
from tocfin.scenarios.ensemble import kpi_values, totals_of
from tocfin.scenarios.estimates import Values, cvar
from tocfin.scenarios.impact import Impact, impacts, stored
from tocfin.scenarios.paired import Difference, difference
from tocfin.scenarios.stored import Run

Verdict = Literal["better", "worse", "no difference", "not known"]
#: Share of futures that is meant by the worst.
TAIL = 0.05
#: A job is hit when it is at least this much later on average [d], or loses money.
NOTICED = 1e-3


@dataclass(frozen=True)
class Hit:
    """Those whose jobs an alternative makes later or poorer: how many jobs, days later in all, money [currency]."""

    who: str
    jobs: int
    late_days: float
    money: float


@dataclass(frozen=True)
class Decision:
    """``scenario`` against ``base``; all differences are scenario minus base over the same futures.

    ``gain`` is of net profit, ``throughput`` and ``expense`` are what it is made of (expected, the second less the
    third); ``costs`` are the parts of the latter by term, the largest first, ``tail`` how the mean of the worst 5 % of
    futures changes. ``late`` and ``early`` count jobs that end more, or less, late; ``hit`` names who bears it, by
    customer where customers are known, else by job; ``hit`` is None where the run holds no money by job.
    """

    scenario: str
    base: str
    currency: str
    gain: Difference
    verdict: Verdict
    throughput: float
    expense: float
    costs: tuple[tuple[str, float], ...]
    tail: float
    late: int
    early: int
    by: str
    hit: tuple[Hit, ...] | None


def decisions(run: Run, base: str, rules: Policy, customers: Mapping[str, str] | None = None) -> list[Decision]:
    """One decision for each scenario of ``run`` but ``base``; ``customers`` by job."""
    changed = impacts(run, base) if stored(run) else None
    before = totals_of(run, base)
    found = []
    for scenario in run.dims.scenario:
        if scenario != base:
            some = None if changed is None else [one for one in changed if one.scenario == scenario]
            found.append(_decision(run, scenario, base, before, rules, some, customers or {}))
    return found


def _decision(
    run: Run,
    scenario: str,
    base: str,
    before: Values,
    rules: Policy,
    changed: Sequence[Impact] | None,
    customers: Mapping[str, str],
) -> Decision:
    after = totals_of(run, scenario)
    profit = KPIS["net_profit"]
    ours, theirs = (kpi_values("net_profit", terms, rules) for terms in (after, before))
    gain = difference(ours, theirs, profit.polarity)
    sides = [
        [float(np.mean(evaluate(KPIS[name], terms.T, rules).value)) for terms in (after, before)]
        for name in ("throughput", "operating_expense")
    ]
    moved = (after - before).mean(axis=1)
    costs = [
        (term, sign * float(amount(moved, term))) for sign, term in chosen(KPIS["operating_expense"].numerator, rules)
    ]
    by, hit = _hit(changed, customers)
    listed = changed or ()
    return Decision(
        scenario, base, run.manifest.notes["currency"], gain, _verdict(gain),
        sides[0][0] - sides[0][1], sides[1][0] - sides[1][1],
        tuple(sorted((one for one in costs if one[1]), key=lambda one: -abs(one[1]))),
        cvar(ours, TAIL, profit.polarity).value - cvar(theirs, TAIL, profit.polarity).value,
        sum(one.late_days > NOTICED for one in listed), sum(one.late_days < -NOTICED for one in listed), by, hit,
    )  # fmt: skip


def _verdict(gain: Difference) -> Verdict:
    """Whether the interval of the mean difference says better or worse."""
    if gain.mean.refused:
        return "not known"
    return "better" if gain.mean.low > 0 else "worse" if gain.mean.high < 0 else "no difference"


def _hit(changed: Sequence[Impact] | None, customers: Mapping[str, str]) -> tuple[str, tuple[Hit, ...] | None]:
    """Who has jobs that end later or bring less, those who lose most first."""
    if changed is None:
        return "job", None
    suffering = [one for one in changed if one.late_days > NOTICED or one.money.value < -0.005]
    by = "customer" if any(customers.get(one.job) for one in suffering) else "job"
    groups: dict[str, list[Impact]] = defaultdict(list)
    for one in suffering:
        groups[one.job if by == "job" else customers.get(one.job) or "no customer named"].append(one)
    hit = [
        Hit(who, len(some), sum(one.late_days for one in some), sum(float(one.money.value) for one in some))
        for who, some in groups.items()
    ]
    return by, tuple(sorted(hit, key=lambda one: (np.nan_to_num(one.money), -one.late_days, one.who)))
