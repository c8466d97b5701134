"""Candidates of a new plan: on paper and in many futures, term by term, and what the one that is proposed changes."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from tocfin.glossary import CHANCE_BETTER, WORST_20
from tocfin.report.amounts import adding, shown
from tocfin.report.forms import Page
from tocfin.report.grid import Grid

NAMES = (
    "plan", "rank", "objective", "net_profit_this", "net_profit_next", "net_profit", "gain", "feasible", "expected",
    "expected_low", "expected_high", "better", "worst", "refused",
)  # fmt: skip
KPIS = {"throughput": "throughput", "operating_expense": "operating expense", "net_profit": "net profit"}
WHEN = ("this", "next", "both")
SHOWN_JOBS = 15
#: Amounts of a term that are smaller than this are not shown in a table.
SMALLEST = 0.005


def page(proof: Any, currency: str, *, objective: str, seconds: float | None = None, why: Any = None) -> Page:
    """``proof`` is what `tocfin.reschedule.prove.proved` returned, ``why`` what `tocfin.reschedule.why.told` did."""
    base = proof.named(proof.reference)
    records = [_record(one, base, rank) for rank, one in enumerate(proof.proven, 1)]

    def document() -> dict[str, Any]:
        candidates = [
            record
            | {
                "goodwill": _number(sum(one.candidate.price.goodwill)),
                "missing": list(one.candidate.price.missing),
                "breaches": list(one.candidate.breaches),
                "terms": _terms(one),
                "bridge": bridge(one, base),
                "futures": _futures(one),
            }
            for record, one in zip(records, proof.proven, strict=True)
        ]
        told = {"rule": rule(proof), "reference": proof.reference, "replications": proof.replications}
        told |= {"seed": proof.seed, "uncertainty": proof.says, "measure": proof.measure}
        head = {"schema": 1, "objective": objective, "currency": currency, "seconds": seconds}
        found = head | {"best": proof.best.candidate.name, "proof": told, "candidates": candidates}
        return found if why is None else found | why.document()

    def grids() -> list[Grid]:
        more = [] if why is None else _why(why, currency)
        futures = _simulated(proof, currency, why is not None and why.interrupted)
        first = [_paper(proof, base, records, objective, currency), futures, _bridge(proof, base)]
        return [*first, *more, _every_term(proof)]

    return Page(document, lambda: records, NAMES, grids)


def with_plans(shown: Page, proof: Any, currency: str) -> Page:
    """``shown`` with the candidates of ``proof`` below it; CSV holds one table and stays as it is."""
    plans = page(proof, currency, objective=proof.measure)
    return Page(
        lambda: shown.document() | {"plans": plans.document()},
        shown.records,
        shown.names,
        lambda: [*shown.grids(), *list(plans.grids())[:3]],
    )


def rule(proof: Any) -> str:
    """The rule of the order, in words."""
    return (
        f"greatest expected difference to the {proof.reference} first, of plans that can be carried out and keep to "
        f"the risk: {proof.risk.told}"
    )


def _record(one: Any, base: Any, rank: int) -> dict[str, Any]:
    price, better = one.candidate.price, one.against["value"].better
    this, later = price.net_profit
    return {
        "plan": one.candidate.name,
        "rank": rank,
        "objective": _number(price.objective),
        "net_profit_this": _number(this),
        "net_profit_next": _number(later),
        "net_profit": _number(this + later),
        "gain": _number(price.objective - base.candidate.price.objective),
        "feasible": not one.candidate.breaches,
        "expected": _number(one.gain.value),
        "expected_low": _number(one.gain.low),
        "expected_high": _number(one.gain.high),
        "better": _number(better.value),
        "worst": _number(one.loss.value),
        "refused": one.refused,
    }


def _terms(one: Any) -> dict[str, dict[str, float | None]]:
    parts = one.candidate.price.parts
    return {name: _periods(this, later) for name, (this, later) in parts.items()}


def bridge(one: Any, base: Any) -> dict[str, dict[str, float | None]]:
    """What each term adds against the reference: this period, the next, both; ``objective`` is the sum of them."""
    found = {}
    for name, (this, later) in one.candidate.price.parts.items():
        before = base.candidate.price.parts.get(name, (0.0, 0.0))
        found[name] = _periods(this - before[0], later - before[1])
    return found


def _periods(this: float, later: float) -> dict[str, float | None]:
    return dict(zip(WHEN, (_number(this), _number(later), _number(this + later)), strict=True))


def _futures(one: Any) -> dict[str, Any]:
    found = {}
    for name, gap in one.against.items():
        found[name] = {
            "mean": _number(gap.mean.value), "low": _number(gap.mean.low), "high": _number(gap.mean.high),
            "better": _number(gap.better.value), "better_low": _number(gap.better.low),
            "better_high": _number(gap.better.high), "ties": gap.ties, "n": gap.mean.n,
        } | {f"P{round(100 * share)}": _number(at.value) for share, at in gap.quantiles.items()}  # fmt: skip
    found["value"] |= {"CVaR5": _number(one.loss.value)}
    return found


def _number(value: float) -> float | None:
    return value + 0.0 if math.isfinite(value) else None


def _paper(proof: Any, base: Any, records: Sequence[Mapping[str, Any]], objective: str, currency: str) -> Grid:
    names = ("plan", "objective", "net_profit_this", "net_profit_next", "net_profit", "gain", "feasible")
    headings = ("plan", "objective", "net profit, this period", "the next", "both", "gain", "can be carried out")
    rows = tuple(tuple(_shown(record[name]) for name in names) for record in records)
    unit = "" if objective == "makespan" else f" in {currency}"
    notes = [f"{objective}{unit}; gain is against the {base.candidate.name}; as proposed, see below"]
    notes += [f"{one.candidate.name}: {breach}" for one in proof.proven for breach in one.candidate.breaches[:1]]
    if any(goodwill := proof.best.candidate.price.goodwill):
        notes.append(f"{_shown(sum(goodwill))} of its late penalties is goodwill, not cash")
    return Grid("Candidates on paper", headings, rows, frozenset(range(1, 6)), tuple(notes))


def _simulated(proof: Any, currency: str, interrupted: bool) -> Grid:
    headings = (
        "plan", "expected difference", "± 95 %", "P10", "P90", CHANCE_BETTER, WORST_20,
        *KPIS.values(), "proposed",
    )  # fmt: skip
    rows = []
    for rank, one in enumerate(proof.proven, 1):
        gap = one.against["value"]
        interval = "too few" if gap.mean.refused else shown(gap.mean.half_width, "")
        name, same = one.candidate.name, one.candidate.name == proof.reference
        figures = ("reference", *[""] * 5) if same else (
            shown(gap.mean.value, ""), interval, shown(gap.quantiles[0.1].value, ""),
            shown(gap.quantiles[0.9].value, ""), str(gap.better), shown(one.loss.value, ""),
        )  # fmt: skip
        kpis = ("",) * 3 if same else tuple(_shown(_number(one.against[kpi].mean.value)) for kpi in KPIS)
        rows.append((name, *figures, *kpis, "no" if one.refused else str(rank)))
    fewer = "it was interrupted" if interrupted else "more --seconds make more"
    wanted = f" of the {proof.wanted:,} asked for; {fewer}" if proof.replications < proof.wanted else ""
    refused = [f"{one.candidate.name}: {one.refused}" for one in proof.proven if one.refused]
    notes = (
        *refused,
        f"{proof.replications:,} futures{wanted}, the same luck for all plans (seed {proof.seed}); uncertainty "
        f"{proof.says}",
        f"rule: {rule(proof)}",
        f"{proof.measure} in {currency}, this period and the next; worst 1 in 20: mean difference of the worst 5 % of "
        "futures; the last three are expected differences",
    )
    return Grid("The same plans in many futures", headings, tuple(rows), frozenset({1, 2, 3, 4, 5, 6, 7, 8, 9}), notes)


def _bridge(proof: Any, base: Any) -> Grid:
    rows = bridge_rows(bridge(proof.best, base))
    title = f"What changes on paper with '{proof.best.candidate.name}', against '{base.candidate.name}'"
    notes = (nothing_better(proof),) if proof.best is base else ()
    return Grid(title, ("term", "this period", "the next", "both"), tuple(rows), frozenset({1, 2, 3}), notes)


def nothing_better(proof: Any) -> str:
    """Why the reference itself comes first: nothing is expected to be better, or what is takes too much risk."""
    risky = [one for one in proof.proven if one.refused and not one.candidate.breaches and one.gain.low > 0]
    if not risky:
        return "no plan was found that is expected to be better"
    one = max(risky, key=lambda other: other.gain.value)
    name, gain = one.candidate.name, f"{one.gain.value:,.0f}"
    return f"no plan that keeps to the risk: '{name}' is expected to bring {gain}, but {one.refused} (see --risk)"


def bridge_rows(found: Mapping[str, Mapping[str, float | None]]) -> list[tuple[str, ...]]:
    """Terms that change, and their sum: columns add up to it and the periods to both, as they are shown."""
    names = [name for name, part in found.items() if any(abs(change or 0.0) >= SMALLEST for change in part.values())]
    columns = {}
    for when in WHEN[:2]:
        values = [found[name][when] for name in names]
        total = round(math.fsum(part[when] or 0.0 for part in found.values()), 2)
        columns[when] = [*adding(values, total), None if None in values else total]
    both = [None if None in pair else round(sum(pair), 2) for pair in zip(*columns.values(), strict=True)]
    lines = zip([*names, "sum"], *columns.values(), both, strict=True)
    return [(name, *(_shown(value) for value in values)) for name, *values in lines]


def _every_term(proof: Any) -> Grid:
    rows = [
        (one.candidate.name if not row else "", name, *(_shown(part[when]) for when in WHEN))
        for one in proof.proven
        for row, (name, part) in enumerate(
            (name, part) for name, part in _terms(one).items() if part["both"] is None or any(part.values())
        )
    ]
    return Grid("Every term of every candidate", ("plan", "term", "this period", "the next", "both"), tuple(rows),
                frozenset({2, 3, 4}))  # fmt: skip


def _why(why: Any, currency: str) -> list[Grid]:
    listed = tuple(
        (row["job"], row["what"], f"{row['moved']:,}", row["end_before"] or "", row["end_after"] or "",
         _shown(row["throughput_this"]), _shown(row["throughput_next"]))
        for row in why.jobs[:SHOWN_JOBS]
    )  # fmt: skip
    headings = ("job", "what", "moved", "ended", "ends", "throughput, this", "next")
    unrest = why.nervousness
    more = (
        f"{len(why.jobs):,} jobs are touched; money in {currency}",
        f"{unrest['other_start']:,.0f} of {unrest['activities']:,.0f} activities start at another time, by "
        f"{unrest['mean_hours']:,.1f} h on average; {unrest['other_resource']:,.0f} run on another resource",
    )
    return [
        Grid("Jobs with the most money", headings, listed, frozenset({2, 5, 6}), more),
        _overtime(why, currency),
        _binding(why, currency),
        _stuck(why, currency),
    ]


def _overtime(why: Any, currency: str) -> Grid:
    rows = tuple(
        (one.resource, str(one.intervals), shown(one.hours, "h"), shown(one.cost, ""),
         _left_out(why) if not one.looked else "needed" if one.gain is None else shown(one.gain, ""))
        for one in why.overtime
    )  # fmt: skip
    headings = ("resource", "intervals", "hours", f"cost [{currency}]", "return after cost")
    notes = ("return: what the plan is worth beyond the same sequence without these hours; needed: no room without",)
    return Grid("Potential overtime that is bought", headings, rows, frozenset({1, 2, 3, 4}), notes if rows else
                ("none",))  # fmt: skip


def _left_out(why: Any) -> str:
    return f"not computed: {'interrupted' if why.interrupted else 'no time left'}"


def _binding(why: Any, currency: str) -> Grid:
    rows = tuple(
        (one.resource, f"{100 * one.load:.1f} %",
         _left_out(why) if not one.looked else "no room for one" if one.value is None else shown(one.value, ""),
         one.day or "", "not supplied" if one.overtime_rate is None else shown(one.overtime_rate, ""))
        for one in why.binding
    )  # fmt: skip
    headings = ("resource", "load", f"one more hour [{currency}]", "on", "overtime rate")
    notes = ("the hour follows a shift on its best day, the sequence stays, and the hour is not paid yet",)
    return Grid("Resources that bind", headings, rows, frozenset({1, 2, 4}), notes)


def _stuck(why: Any, currency: str) -> Grid:
    rows = tuple(
        (one.job, one.need_date, one.end, one.alone or "", shown(one.at_stake, ""), one.because)
        for one in why.stuck[:SHOWN_JOBS]
    )
    headings = ("job", "needed", "ends", "at best", f"at stake [{currency}]", "because")
    notes = ("at best: with no other work that may move; at stake: late penalty, or throughput outside this period",)
    return Grid("What could not be improved", headings, rows, frozenset({4}), notes if rows else ("nothing is late",))


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if value is None:
        return "not supplied"
    return f"{round(value, 2) + 0.0:,.2f}" if isinstance(value, float) else str(value)
