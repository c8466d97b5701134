"""Pieces that several sections of a report use: names, figures, chances, a bridge as picture and table, its jobs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tocfin.kpi import KPIS
from tocfin.report import charts
from tocfin.report.amounts import shown, tied
from tocfin.report.booklet import Cell, Chart, Drawn, Table, additive, amount_of, number, text
from tocfin.report.definitions import spelled

#: Lines of a table on a page; files for other programs hold all.
SHOWN = 25
#: Steps of a bridge that are drawn one by one.
STEPS = 9
TONE = {"met": "good", "within_tolerance": "fair", "missed": "bad", "green": "good", "yellow": "fair", "red": "bad",
        "late": "bad"}  # fmt: skip


def short(name: str) -> str:
    """The title of a KPI without what follows its colon; a term in words."""
    return KPIS[name].title.partition(":")[0] if name in KPIS else name.replace("_", " ")


def named(name: str, policy: Any) -> Cell:
    """The name of a KPI, with its formula as the note."""
    if name not in KPIS:
        return text(short(name))
    kpi = KPIS[name]
    return text(short(name), note=f"{kpi.words}. {policy.name}: {spelled(kpi, policy)}")


def chance(share: float) -> str:
    """The tone of a probability of something good."""
    return "good" if share >= 0.8 else "fair" if share >= 0.5 else "bad"


def figure(one: Any) -> Cell:
    """A KPI's value, or why there is none."""
    if one.value is None:
        return text(one.status.replace("_", " "))
    return number(one.value, one.unit)


def figures_of(figures: Mapping[str, Any]) -> dict[str, Cell]:
    """Cells of KPIs; throughput less operating expense is net profit, as shown."""
    values = tied({name: one.value for name, one in figures.items()})
    return {name: figure(one) if one.value is None else number(values[name], one.unit) for name, one in figures.items()}


def steps(
    name: str, title: str, bridge: Any, ends: tuple[str, str], found: Any, behind: Any = None
) -> tuple[Table | Chart, ...]:
    """A bridge as a picture of its large steps, a table of all, to the cent, and the jobs ``behind`` them."""
    currency = found.card.currency
    if bridge.before is None or bridge.after is None:
        return (Table(name, title, ("step", currency), ((text(bridge.reason), Cell("")),), frozenset({1})),)
    moved = sorted((part for part in bridge.parts if part.amount), key=lambda part: -abs(part.amount))
    before, after = number(float(bridge.before)), number(float(bridge.after))
    amounts = additive([float(part.amount) for part in moved], amount_of(after) - amount_of(before))
    cells = dict(zip((part.term for part in moved), amounts, strict=True))
    jobs = _jobs(f"{name}-jobs", f"{title}: the jobs", cells, behind, currency)
    told = set(behind.terms) & set(cells) if jobs else set()
    leads = dict.fromkeys(told, f"{name}-jobs")
    drawn = [(_term(term), amount_of(cell), leads.get(term, "")) for term, cell in cells.items()]
    rest = sum(amount for _, amount, _ in drawn[STEPS:])
    drawn = drawn[:STEPS] + ([("all others", rest, "")] if rest else [])
    chart = charts.waterfall(
        f"{name}-bridge", title, drawn, (ends[0], amount_of(before), ends[1], amount_of(after)), currency,
        f"{name}-table",
    )  # fmt: skip
    rows = [(text(ends[0]), before)]
    rows += [(text(_term(term), jump=leads.get(term, "")), cell) for term, cell in cells.items()]
    notes = ("not explained: 0.00; the steps add up to the cent", *(("a step leads to its jobs",) if told else ()))
    table = Table(
        f"{name}-table", f"{title}, step by step", ("step", currency), tuple(rows), frozenset({1}), notes,
        total=(text(ends[1]), after), sums=frozenset({1}), drawn=Drawn("bar", 0, (1,)),
    )  # fmt: skip
    return (chart, table, jobs) if jobs else (chart, table)


def _jobs(name: str, title: str, cells: Mapping[str, Cell], behind: Any, currency: str) -> Table | None:
    """The jobs behind the steps of a bridge: each column adds up to its step as it is shown."""
    terms = [] if behind is None else [(at, term) for at, term in enumerate(behind.terms) if term in cells]
    if not terms:
        return None
    columns = [
        additive([*behind.amounts[:, at].tolist(), float(behind.rest[at])], amount_of(cells[term]))
        for at, term in terms
    ]
    labels = [*(text(job) for job in behind.jobs), text("not of one job")]
    rows = [(label, *cells_of) for label, *cells_of in zip(labels, *columns, strict=True)]
    if not any(cell.value for cell in rows[-1][1:]):
        rows.pop()
    heads = ("job", *(f"{_term(term)}, {currency}" for _, term in terms))
    at = frozenset(range(1, len(heads)))
    total = (text("the step"), *(cells[term] for _, term in terms))
    return Table(name, title, heads, tuple(rows), at, total=total, sums=at, most=SHOWN)


def _term(name: str) -> str:
    return name.removesuffix("_variable").replace("_", " ")


def signed(value: float, unit: str, tone: str = "") -> Cell:
    """A difference, with its sign."""
    plain = number(value, unit)
    sign = "+" if amount_of(plain) > 0 else ""
    return Cell(f"{sign}{shown(value, unit)}", plain.value, tone, plain.decimals)
