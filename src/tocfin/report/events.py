"""Folded events for a reader: what happened on the shop floor, what it means, what to look at next; terms by period."""

from __future__ import annotations

from typing import Any, NamedTuple

from tocfin.dataset.text import instant
from tocfin.events.effects import TERMS
from tocfin.events.fold import OUTSIDE, Folded
from tocfin.report.amounts import shown, worded
from tocfin.report.forms import Page
from tocfin.report.grid import Grid

NAMES = ("period", "plant", "term", "amount", "unit")


class _Row(NamedTuple):
    """One kind of shop-floor event: the terms that say what happened, what it means, and what to look at."""

    kind: str
    types: tuple[str, ...]
    happened: str
    money: str
    inventory: str
    cost: str
    next: str


SHOP_FLOOR = (
    _Row("issue", ("material_issue",), "", "material_issued", "raw material falls, work in process rises",
         "truly variable cost once the job is sold", "issues above the requirement: scrap, or a wrong bill?"),
    _Row("labour", ("labour_booking",), "labour_hours", "labour_cost", "none: labour is not put into stock",
         "none new: the hours were paid by the calendar", "hours above plan on the drum"),
    _Row("scrap or rework", ("rework",), "scrap_qty", "scrap_cost", "work in process falls by what is scrapped",
         "material is lost, and rework takes hours again", "scrap after the drum: it loses throughput too"),
    _Row("completion", ("completion",), "good_qty", "finished_value", "work in process becomes finished goods",
         "none: throughput comes with the sale", "finished goods nobody has ordered"),
    _Row("downtime", ("downtime",), "downtime_hours", "downtime_cost", "work waits in front of the resource",
         "hours are paid and give nothing", "hours of the drum: they are lost to the whole plant"),
)  # fmt: skip


def page(folded: Folded, currency: str) -> Page:
    """What a journal amounts to, in every form."""
    return Page(
        lambda: _document(folded, currency), lambda: _records(folded, currency), NAMES, lambda: _grids(folded, currency)
    )


def _records(folded: Folded, currency: str) -> list[dict[str, Any]]:
    return [
        {"period": period, "plant": plant, "term": term, "amount": amount, "unit": _unit(term, currency)}
        for (period, plant, term), amount in folded.terms.items()
    ]


def _unit(term: str, currency: str) -> str:
    return currency if TERMS[term].unit == "money" else TERMS[term].unit


def _document(folded: Folded, currency: str) -> dict[str, Any]:
    return {
        "schema": 1,
        "events": folded.events,
        "repeated": folded.repeated,
        "reversed": folded.reversed,
        "counts": dict(folded.counts),
        "terms": _records(folded, currency),
        "unvalued": dict(folded.unvalued),
        "adjustments": [one._asdict() | {"recorded_at": instant(one.recorded_at)} for one in folded.adjustments],
        "orphans": [one._asdict() for one in folded.orphans],
    }


def _grids(folded: Folded, currency: str) -> list[Grid]:
    grids = [_shop_floor(folded, currency), _by_period(folded, currency)]
    if folded.adjustments:
        rows = tuple(
            (one.event_id, one.of, one.period, one.term, worded(one.amount, _unit(one.term, currency), "not_supplied"),
             instant(one.recorded_at))
            for one in folded.adjustments
        )  # fmt: skip
        heads = ("event", "belongs to", "booked in", "term", "amount", "recorded")
        grids.append(Grid("Adjustments: late for a closed period", heads, rows, frozenset({4})))
    if folded.orphans:
        lost = tuple((one.event_id, one.type, shown(one.amount, ""), one.reason) for one in folded.orphans)
        money = sum(one.amount or 0.0 for one in folded.orphans)
        note = f"{len(lost):,} event(s) land in no term; they state {shown(money, currency)} in all"
        grids.append(Grid("Orphans", ("event", "type", "amount", "why"), lost, frozenset({2}), (note,)))
    return grids


def _shop_floor(folded: Folded, currency: str) -> Grid:
    rows = []
    for row in SHOP_FLOOR:
        count = sum(folded.counts.get(kind, 0) for kind in row.types)
        amounts = [worded(folded.total(term), _unit(term, currency)) for term in (row.happened, row.money) if term]
        rows.append((row.kind, f"{count:,}", ", ".join(amounts), row.inventory, row.cost, row.next))
    notes = [
        f"{folded.events:,} events; {folded.repeated:,} arrived again and are ignored; {folded.reversed:,} reverse"
    ]
    notes += [f"{term}: the amount of {count:,} event(s) is not known" for term, count in folded.unvalued.items()]
    heads = ("event", "count", "what happened", "inventory", "cost", "look at next")
    return Grid("Shop floor", heads, tuple(rows), frozenset({1}), tuple(notes))


def _by_period(folded: Folded, currency: str) -> Grid:
    names = [period.name for period in folded.periods]
    used = {period for period, _, _ in folded.terms}
    columns = [name for name in (*names, OUTSIDE) if name in used]
    terms = [term for term in TERMS if any(term == known for _, _, known in folded.terms)]
    rows = tuple(
        (term, *(shown(folded.total(term, name), "") for name in columns), shown(folded.total(term), ""),
         _unit(term, currency))
        for term in terms
    )  # fmt: skip
    return Grid("Actuals by period", ("term", *columns, "total", "unit"), rows, frozenset(range(1, len(columns) + 2)))
