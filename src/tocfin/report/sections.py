"""From a dossier to the booklet that every form of the report is rendered from. Rounds, and computes nothing else."""

from __future__ import annotations

from typing import Any

from tocfin.dataset.text import instant
from tocfin.kpi import KPIS
from tocfin.report import charts, detail
from tocfin.report.booklet import Booklet, Cell, Section, Table, number, text
from tocfin.report.pieces import TONE, chance, figure, short, steps


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
        rows.append((
            text(short(line.kpi)), text(", ".join(line.scope.values()) or "all"), text(period),
            number(line.value, line.unit), number(line.target, line.unit),
            number(line.difference, line.unit, _side(line)),
            text(line.status.replace("_", " "), TONE.get(line.status, "")),
            number(one.expected.value, line.unit) if known else text("not told by periods"),
            Cell(str(one.met), round(one.met.value, 4), chance(one.met.value)) if known else text(""),
            text(line.owner),
        ))  # fmt: skip
    heads = (
        "KPI",
        "scope",
        "period",
        "plan",
        "target",
        "difference",
        "status",
        "expected",
        "chance to meet it",
        "owner",
    )
    notes = ("the plan is one future; expected and the chance are over many",)
    table = Table("targets", "Targets", heads, tuple(rows), frozenset({3, 4, 5, 7, 8}), notes)
    return Section("targets", "Targets", "Will we hit them, and who answers for it?", (table,))


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
    card, rows = found.card, []
    for name, kpi in card.figures.items():
        other, summary = card.other.figures[name], found.summaries.get(name)
        futures = [Cell("")] * 3
        if summary is not None:
            futures = [number(summary.quantiles[share].value, kpi.unit) for share in (0.10, 0.50, 0.90)]
        rows.append((
            text(short(name)), text(kpi.unit), figure(kpi), *futures,
            figure(other) if other.value != kpi.value else Cell(""),
        ))  # fmt: skip
    heads = ("KPI", "unit", "plan", "1 in 10 below", "middle of futures", "1 in 10 above", card.other.policy.name)
    notes = ("the last column is the other policy where it differs; `tocfin kpis` says why",)
    table = Table("scorecard", "All KPIs", heads, tuple(rows), frozenset({2, 3, 4, 5, 6}), notes)
    return Section("scorecard", "Scorecard", "What does the plan come to?", (table,))


def _close(found: Any) -> Section:
    whole = found.card.horizon
    target = next(
        (line.target for line in found.card.targets
         if line.kpi == "throughput" and not line.scope and line.period == whole and line.version == "budget"), None,
    )  # fmt: skip
    return Section("close", "To the close", "How sure is it?", (charts.fan(found.fan, found.card.currency, target),))


def _why(found: Any) -> Section:
    parts = steps("outlook", "From the plan to what is expected", found.outlook, ("plan", "expected"), found)
    return Section("why", "Why it differs", "What becomes of the plan's net profit?", parts)
