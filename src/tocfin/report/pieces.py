"""Pieces that several sections of a report use: names, figures, chances, and a bridge as picture and table."""

from __future__ import annotations

from typing import Any

from tocfin.kpi import KPIS
from tocfin.report import charts
from tocfin.report.booklet import Cell, Chart, Table, additive, number, text

#: Lines of a table on paper; files for other programs hold all.
SHOWN = 25
TONE = {"met": "good", "within_tolerance": "fair", "missed": "bad", "green": "good", "yellow": "fair", "red": "bad",
        "late": "bad"}  # fmt: skip


def short(name: str) -> str:
    """The title of a KPI without what follows its colon; a term in words."""
    return KPIS[name].title.partition(":")[0] if name in KPIS else name.replace("_", " ")


def chance(share: float) -> str:
    """The tone of a probability of something good."""
    return "good" if share >= 0.8 else "fair" if share >= 0.5 else "bad"


def figure(one: Any) -> Cell:
    """A KPI's value, or why there is none."""
    if one.value is None:
        return text(one.status.replace("_", " "))
    return number(one.value, one.unit)


def steps(name: str, title: str, bridge: Any, ends: tuple[str, str], found: Any) -> tuple[Table | Chart, ...]:
    """A bridge as a picture of its large steps and a table of all, to the cent."""
    currency = found.card.currency
    if bridge.before is None or bridge.after is None:
        return (Table(name, title, ("step", currency), ((text(bridge.reason), Cell("")),), frozenset({1})),)
    moved = [part for part in bridge.parts if part.amount]
    moved.sort(key=lambda part: -abs(part.amount))
    steps = [(_term(part.term), float(part.amount)) for part in moved[:9]]
    rest = sum((float(part.amount) for part in moved[9:]), 0.0)
    steps += [("all others", rest)] if rest else []
    before, after = float(bridge.before), float(bridge.after)
    chart = charts.waterfall(
        f"{name}-bridge", title, steps, (ends[0], before, ends[1], after), currency, f"{name}-table"
    )
    amounts = additive([float(part.amount) for part in moved], after - before)
    rows = [(text(ends[0]), number(before))]
    rows += [(text(_term(part.term)), cell) for part, cell in zip(moved, amounts, strict=True)]
    rows.append((text(ends[1]), number(after)))
    notes = ("not explained: 0.00; the steps add up to the cent",)
    return chart, Table(
        f"{name}-table", f"{title}, step by step", ("step", currency), tuple(rows), frozenset({1}), notes
    )


def _term(name: str) -> str:
    return name.removesuffix("_variable").replace("_", " ")
