"""Alternatives as decisions, above the tables they come from: what you gain, how sure, what it costs, who is hit."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import islice

from tocfin.report.amounts import parts, shown
from tocfin.report.forms import Page
from tocfin.report.grid import Grid
from tocfin.scenarios.decision import Decision, Verdict

#: Cost lines and names that are told one by one.
MOST_COSTS, MOST_HIT = 3, 5
HEADLINES: dict[Verdict, str] = {
    "better": "better than",
    "worse": "worse than",
    "no difference": "no telling it apart from",
    "not known": "too few futures to compare it with",
}


def first(page: Page, decisions: Sequence[Decision]) -> Page:
    """``page`` with the decisions above its tables, for readers; JSON and CSV stay as they are."""
    return Page(page.document, page.records, page.names, lambda: [*map(_grid, decisions), *page.grids()])


def _grid(one: Decision) -> Grid:
    title = f"{one.scenario}: {HEADLINES[one.verdict]} {one.base}"
    note = f"all figures: {one.scenario} minus {one.base}, expected over the same {one.gain.mean.n:,} futures"
    return Grid(title, ("", ""), tuple(_rows(one)), notes=(note,))


def _rows(one: Decision) -> Iterator[tuple[str, str]]:
    yield "What you lose" if one.gain.mean.value < 0 else "What you gain", _gain(one)
    yield "How sure", _sure(one)
    yield "What it costs", _costs(one)
    yield "Who is hit", _hit(one)


def _gain(one: Decision) -> str:
    profit = one.gain.mean.value
    if math.isnan(profit):
        return "net profit is not known: what it needs was not supplied; `tocfin check` says what"
    throughput, expense = parts([one.throughput, -one.expense], profit)
    made = f"{_signed(throughput)} throughput, {_signed(-expense)} operating expense"
    return f"{_signed(profit)} {one.currency} net profit ({made})"


def _sure(one: Decision) -> str:
    found = one.gain
    if found.mean.refused:
        return "not known: simulate more futures"
    between = f"on average between {_signed(found.mean.low)} and {_signed(found.mean.high)} (95 % interval)"
    chance = f"better in {found.better} of the futures"
    equal = f", equal in {found.ties:,}" if found.ties else ""
    tail = (
        f"the worst 1 in 20 outcomes are {shown(abs(one.tail), one.currency)} {'better' if one.tail > 0 else 'worse'}"
    )
    words = f"{between}; {chance}{equal}; {tail if one.tail else 'the worst 1 in 20 outcomes are the same'}"
    return f"{words}. More futures would say: --replications" if one.verdict == "no difference" else words


def _costs(one: Decision) -> str:
    if math.isnan(one.expense):
        return "not known: a cost was not supplied"
    if not one.costs:
        return "nothing: operating expense is the same"
    named = one.costs[:MOST_COSTS]
    rest = math.fsum(amount for _, amount in one.costs[MOST_COSTS:])
    amounts = parts([*(amount for _, amount in named), rest], one.expense)
    lines = [
        f"{_signed(amount)} {term.replace('_', ' ')}"
        for (term, _), amount in zip([*named, ("all else", rest)], amounts, strict=True)
        if amount
    ]
    return f"{_signed(one.expense)} {one.currency} operating expense ({', '.join(lines) or 'no line moves'})"


def _hit(one: Decision) -> str:
    if one.hit is None:
        return "not known: this run holds no money by job; simulate it again"
    count = f"{one.late:,} jobs become late or later, {one.early:,} less late"
    if not one.hit:
        return f"nobody: {count}"
    told = [
        f"{hit.who} ({hit.jobs:,} job{'s' if hit.jobs > 1 else ''}, {_signed(hit.late_days)} days late in all, "
        f"{_money(hit.money, one.currency)})"
        for hit in islice(one.hit, MOST_HIT)
    ]
    more = f" and {len(one.hit) - MOST_HIT:,} more" if len(one.hit) > MOST_HIT else ""
    return f"{count}; by {one.by}: {'; '.join(told)}{more}"


def _money(value: float, currency: str) -> str:
    return "money not supplied" if math.isnan(value) else f"{_signed(value)} {currency}"


def _signed(value: float) -> str:
    return f"{value:+z,.2f}"
