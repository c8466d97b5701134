"""From a dossier to the booklet that every form of the report is rendered from. Rounds, and computes nothing else."""

from __future__ import annotations

from typing import Any

from tocfin.dataset.text import instant
from tocfin.earned import TOTALS
from tocfin.kpi import KPIS
from tocfin.report import charts, detail
from tocfin.report.booklet import Booklet, Cell, Chart, Drawn, Section, Table, additive, number, text
from tocfin.report.pieces import TONE, chance, figures_of, named, short, signed, steps


def booklet(found: Any) -> Booklet:
    """``found`` is what `tocfin.forecast.dossier.dossier` gathered."""
    card = found.card
    sections = [_targets(found), _scorecard(found), _close(found), _why(found)]
    sections += [detail.alternatives(found)] if found.alternatives else []
    sections += [detail.products(found)] if found.products else []
    sections += [detail.uncertainty(found), detail.plan(found)]
    sections += [detail.buffers(found)] if found.buffers else []
    sections += [detail.risks(found), detail.run(found)]
    start, end = card.horizon
    subtitle = (
        f"scenario {found.name}, {instant(start)[:10]} to {instant(end)[:10]}, policy {card.policy.name},"
        f" money in {card.currency}"
    )
    return Booklet(found.title, subtitle, card.currency, _leads(found), tuple(sections))


def _leads(found: Any) -> tuple[str, ...]:
    """What page 1 says in sentences."""
    card, currency = found.card, found.card.currency
    leads = []
    for name in ("throughput", "net_profit"):
        planned, summary = card.figures[name].value, found.summaries[name]
        if planned is not None and summary.mean.value == summary.mean.value:
            low, high = summary.quantiles[0.10].value, summary.quantiles[0.90].value
            leads.append(
                f"{short(name)}: the plan says {planned:,.0f} {currency}; futures come to"
                f" {summary.mean.value:,.0f} on average, and 8 of 10 of them to between {low:,.0f} and {high:,.0f}."
            )
    told = [one for one in found.goals if one.met is not None and one.met.n]
    unlikely = [one for one in told if one.met.value < 0.5]
    if told:
        leads.append(f"{len(unlikely)} of {len(told)} targets are more likely missed than met.")
    if unlikely:
        worst = min(unlikely, key=lambda one: one.met.value)
        scope = ", ".join(worst.line.scope.values()) or "all plants"
        owner = f", owned by {worst.line.owner}" if worst.line.owner else ""
        leads.append(f"Least likely: {short(worst.line.kpi)} of {scope} ({worst.met}){owner}.")
    for one in found.alternatives:
        gain = one.differences["net_profit"]
        leads.append(
            f"{one.name}: {gain.mean.value:+,.0f} {currency} of net profit on average;"
            f" better in {gain.better} of futures."
        )
    return tuple(leads)


def _targets(found: Any) -> Section:
    rows = []
    for one in found.goals:
        line = one.line
        period = "whole horizon" if line.period == found.card.horizon else _days(line.period)
        known = one.met is not None and one.met.n
        value, target = number(line.value, line.unit), number(line.target, line.unit)
        gap = Cell("not supplied")
        if isinstance(value.value, float) and isinstance(target.value, float):
            gap = signed(round(value.value - target.value, value.decimals), line.unit, _side(line))
        rows.append((
            named(line.kpi, found.card.policy), text(", ".join(line.scope.values()) or "all"), text(period),
            value, target, gap, text(line.status.replace("_", " "), TONE.get(line.status, "")),
            number(one.expected.value, line.unit) if known else text("not told by periods"),
            Cell(str(one.met), round(one.met.value, 4), chance(one.met.value), 4) if known else text(""),
            text(line.owner),
        ))  # fmt: skip
    heads = (
        "KPI", "scope", "period", "plan", "target", "difference", "status", "expected", "chance to meet it", "owner",
    )  # fmt: skip
    notes = ("the plan is one future; expected and the chance are over many",)
    kinds = {3: "plan", 7: "forecast", 8: "forecast"}
    table = Table("targets-list", "Targets", heads, tuple(rows), frozenset({3, 4, 5, 7, 8}), notes, kinds=kinds)
    chart = _against(found)
    return Section(
        "targets", "Targets", "Will we hit them, and who answers for it?", (chart, table) if chart else (table,)
    )


def _against(found: Any) -> Chart | None:
    """Targets of everything over the whole horizon, plan, actual and forecast in per cent of them."""
    rows = []
    for one in found.goals:
        line, summary = one.line, found.summaries.get(one.line.kpi)
        if line.scope or line.period != found.card.horizon or line.version != "budget" or not line.target > 0:
            continue
        if line.value is None:
            continue
        future = None
        if summary is not None and summary.mean.value == summary.mean.value:
            low, middle, high = (100 * summary.quantiles[share].value / line.target for share in (0.10, 0.50, 0.90))
            future = (low, middle, high)
        actual = found.actual.get(line.kpi)
        rows.append((
            short(line.kpi), 100 * line.value / line.target, None if actual is None else 100 * actual / line.target,
            future, KPIS[line.kpi].polarity > 0,
        ))  # fmt: skip
    unlike = list({name: row for row in rows if (name := row[0])}.values())
    return charts.targets(unlike) if unlike else None


def _days(period: tuple[int, int]) -> str:
    """``2026-06-01 to 06-08``, which a line does not break."""
    first, last = (instant(at)[:10] for at in period)
    short = last[5:] if first[:4] == last[:4] else last
    return f"{first}\u00a0to\u00a0{short}".replace("-", "\u2011")


def _side(line: Any) -> str:
    """Good or bad by the KPI's polarity."""
    kpi = KPIS.get(line.kpi)
    if kpi is None or not line.difference:
        return ""
    return "good" if line.difference * kpi.polarity > 0 else "bad"


def _scorecard(found: Any) -> Section:
    card, rows, known = found.card, [], found.as_of is not None
    mine, others = figures_of(card.figures), figures_of(card.other.figures)
    for name, kpi in card.figures.items():
        other, summary = card.other.figures[name], found.summaries.get(name)
        futures = [Cell("")] * 3
        if summary is not None:
            futures = [number(summary.quantiles[share].value, kpi.unit) for share in (0.10, 0.50, 0.90)]
        actual = [number(found.actual[name], kpi.unit) if name in found.actual else Cell("")] if known else []
        rows.append((
            named(name, card.policy), text(kpi.unit), mine[name], *actual, *futures,
            others[name] if (other.value, other.status) != (kpi.value, kpi.status) else Cell(""),
        ))  # fmt: skip
    heads = ["KPI", "unit", "plan", *(("actual to date",) if known else ()), "1 in 10 below", "middle of futures",
             "1 in 10 above", card.other.policy.name]  # fmt: skip
    kinds = dict(enumerate(("plan", *(("actual",) if known else ()), *["forecast"] * 3), 2))
    notes = (
        "plan outlined, actual solid, forecast hatched",
        "the last column is the other policy where it differs; `tocfin kpis` says why",
    )
    numeric = frozenset(range(2, len(heads)))
    table = Table("scorecard-list", "All KPIs", tuple(heads), tuple(rows), numeric, notes, kinds=kinds)
    contents = (table, *((_earned(card),) if card.lines else ()))
    return Section("scorecard", "Scorecard", "What does the plan come to?", contents)


def _earned(card: Any) -> Table:
    """Who earns the throughput: jobs by purpose, stock and parts, which add up to what is delivered."""
    lines = [line for line in card.lines if line.name not in TOTALS]
    whole = next(line for line in card.lines if line.name == "delivered")
    amounts = additive([line.amount for line in lines], whole.amount)
    rows = tuple(
        (text(line.title), amount, Cell(f"{line.count:,}", line.count, "", 0))
        for line, amount in zip(lines, amounts, strict=True)
    )
    total = (text(whole.title), number(whole.amount), Cell(f"{whole.count:,}", whole.count, "", 0))
    heads = ("line", card.currency, "jobs or lines")
    both = frozenset({1, 2})
    return Table("earned", "Who earns it", heads, rows, both, total=total, sums=both)


def _close(found: Any) -> Section:
    whole = found.card.horizon
    target = next(
        (line.target for line in found.card.targets
         if line.kpi == "throughput" and not line.scope and line.period == whole and line.version == "budget"), None,
    )  # fmt: skip
    one = found.fan
    known = found.as_of is not None
    columns = [one.plan, *((one.actual,) if known else ()), *one.band.T]
    rows = tuple(
        (text(instant(int(at))), *(number(float(column[k]), missing="") for column in columns))
        for k, at in enumerate(one.at)
    )
    heads = ("until", "plan", *(("actual",) if known else ()), "1 in 20 below", "1 in 4 below", "middle",
             "1 in 4 above", "1 in 20 above")  # fmt: skip
    kinds = dict(enumerate(("plan", *(("actual",) if known else ()), *["forecast"] * 5), 1))
    numeric = frozenset(range(1, len(heads)))
    table = Table(
        "close-list", f"Throughput so far, {found.card.currency}", heads, rows, numeric, folded=True, kinds=kinds,
        drawn=Drawn("line", 0, tuple(sorted(numeric))),
    )  # fmt: skip
    chart = charts.fan(one, found.card.currency, target, found.last_decision, table.name)
    return Section("close", "To the close", "How sure is it?", (chart, table))


def _why(found: Any) -> Section:
    title = "Net profit: from the plan to what is expected"
    parts = steps("outlook", title, found.outlook, ("plan", "expected"), found, found.behind)
    return Section("why", "Why it differs", "What becomes of the plan's net profit?", parts)
