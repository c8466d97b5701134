"""From a dossier to the booklet that every form of the report is rendered from. Rounds, and computes nothing else."""

from __future__ import annotations

from typing import Any

from tocfin.dataset.text import instant
from tocfin.kpi import KPIS
from tocfin.report import charts, timetable
from tocfin.report.booklet import Booklet, Cell, Chart, Section, Table, additive, estimate, number, text

#: Lines of a table on paper; files for other programs hold all.
SHOWN = 25
TONE = {"met": "good", "within_tolerance": "fair", "missed": "bad", "green": "good", "yellow": "fair", "red": "bad",
        "late": "bad"}  # fmt: skip


def booklet(found: Any) -> Booklet:
    """``found`` is what `tocfin.forecast.dossier.dossier` gathered."""
    card = found.card
    sections = [_targets(found), _scorecard(found), _close(found), _why(found)]
    sections += [_alternatives(found)] if found.alternatives else []
    sections += [_products(found)] if found.products else []
    sections += [_uncertainty(found), _plan(found)]
    sections += [_buffers(found)] if found.buffers else []
    sections += [_risks(found), _run(found)]
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
        figure, summary = card.figures[name], found.summaries[name]
        if figure.value is not None and summary.mean.value == summary.mean.value:
            low, high = summary.quantiles[0.10].value, summary.quantiles[0.90].value
            leads.append(
                f"{_short(name)}: the plan says {figure.value:,.0f} {currency}; futures come to"
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
        leads.append(f"Least likely: {_short(worst.line.kpi)} of {scope} ({worst.met}){owner}.")
    for one in found.alternatives:
        gain = one.differences["net_profit"]
        leads.append(
            f"{one.name}: {gain.mean.value:+,.0f} {currency} of net profit on average;"
            f" better in {gain.better} of futures."
        )
    return tuple(leads)


def _short(name: str) -> str:
    return KPIS[name].title.partition(":")[0] if name in KPIS else name.replace("_", " ")


def _targets(found: Any) -> Section:
    rows = []
    for one in found.goals:
        line = one.line
        period = "whole horizon" if line.period == found.card.horizon else _days(line.period)
        known = one.met is not None and one.met.n
        rows.append((
            text(_short(line.kpi)), text(", ".join(line.scope.values()) or "all"), text(period),
            number(line.value, line.unit), number(line.target, line.unit),
            number(line.difference, line.unit, _side(line)),
            text(line.status.replace("_", " "), TONE.get(line.status, "")),
            number(one.expected.value, line.unit) if known else text("not told by periods"),
            Cell(str(one.met), round(one.met.value, 4), _chance(one.met.value)) if known else text(""),
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


def _chance(share: float) -> str:
    return "good" if share >= 0.8 else "fair" if share >= 0.5 else "bad"


def _scorecard(found: Any) -> Section:
    card = found.card
    rows = []
    for name, figure in card.figures.items():
        other = card.other.figures[name] if card.other else figure
        summary = found.summaries.get(name)
        futures = [Cell("")] * 3
        if summary is not None:
            futures = [
                number(one.value, figure.unit)
                for one in (summary.quantiles[0.10], summary.quantiles[0.50], summary.quantiles[0.90])
            ]
        rows.append((
            text(KPIS[name].title.partition(":")[0]), text(figure.unit), _figure(figure), *futures,
            _figure(other) if other.value != figure.value else Cell(""),
        ))  # fmt: skip
    heads = ("KPI", "unit", "plan", "worse 1 in 10", "middle", "better 1 in 10", card.other.policy.name)
    notes = ("the last column is the other policy where it differs; `tocfin kpis` says why",)
    heads = ("KPI", "unit", "plan", "1 in 10 below", "middle of futures", "1 in 10 above", heads[-1])
    table = Table("scorecard", "All KPIs", heads, tuple(rows), frozenset({2, 3, 4, 5, 6}), notes)
    return Section("scorecard", "Scorecard", "What does the plan come to?", (table,))


def _figure(figure: Any) -> Cell:
    if figure.value is None:
        return text(figure.status.replace("_", " "))
    return number(figure.value, figure.unit)


def _close(found: Any) -> Section:
    whole = found.card.horizon
    target = next(
        (line.target for line in found.card.targets
         if line.kpi == "throughput" and not line.scope and line.period == whole and line.version == "budget"), None,
    )  # fmt: skip
    return Section("close", "To the close", "How sure is it?", (charts.fan(found.fan, found.card.currency, target),))


def _why(found: Any) -> Section:
    parts = _bridge("outlook", "From the plan to what is expected", found.outlook, ("plan", "expected"), found)
    return Section("why", "Why it differs", "What becomes of the plan's net profit?", parts)


def _bridge(name: str, title: str, bridge: Any, ends: tuple[str, str], found: Any) -> tuple[Table | Chart, ...]:
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


def _alternatives(found: Any) -> Section:
    rows = []
    for one in found.alternatives:
        for name, gap in one.differences.items():
            unit = found.card.figures[name].unit
            rows.append((
                text(one.name), text(_short(name)), text(unit), _figure(found.card.figures[name]),
                _figure(one.card.figures[name]), estimate(gap.mean, unit),
                Cell(str(gap.better), round(gap.better.value, 4), _chance(gap.better.value)),
            ))  # fmt: skip
    heads = ("scenario", "KPI", "unit", "base, plan", "scenario, plan", "expected difference", "chance to be better")
    notes = ("differences are taken future by future under the same luck; ± is the 95 % interval",)
    table = Table("alternatives", "Beside the base", heads, tuple(rows), frozenset({3, 4, 5, 6}), notes)
    gains = [(one.name, one.differences["net_profit"].mean) for one in found.alternatives]
    lines = [(name, gain.value, gain.low, gain.high) for name, gain in gains if gain.value == gain.value]
    chart = charts.intervals("differences", "Net profit against the base", lines, found.card.currency)
    contents: list[Table | Chart] = [chart, table]
    for one in found.alternatives:
        key = one.name.lower().replace(" ", "-")
        contents += _bridge(
            f"bridge-{key}", f"Plan: from the base to {one.name}", one.bridge, ("base", one.name), found
        )
        contents.append(_impact(one, key, found.card.currency))
    return Section(
        "alternatives", "Scenarios", "Which plan is better, how sure is it, and who is hit?", tuple(contents)
    )


def _impact(one: Any, key: str, currency: str) -> Table:
    rows = tuple(
        (
            text(job.job), Cell(f"{100 * job.on_time:+.1f}", round(100 * job.on_time, 1), _better(job.on_time)),
            Cell(f"{100 * job.inside:+.1f}", round(100 * job.inside, 1), _better(job.inside)),
            Cell(f"{job.hours:+.1f}", round(job.hours, 1)), number(job.money, "", _better(job.money)),
        )
        for job in one.jobs[:SHOWN]
    )  # fmt: skip
    more = (f"{len(one.jobs) - SHOWN:,} more jobs change",) if len(one.jobs) > SHOWN else ()
    heads = ("job", "on time, points", "in the horizon, points", "hours later", f"revenue less penalty, {currency}")
    return Table(f"jobs-{key}", f"Jobs that {one.name} changes", heads, rows, frozenset({1, 2, 3, 4}), more)


def _better(value: float) -> str:
    return "good" if value > 0 else "bad" if value < 0 else ""


def _products(found: Any) -> Section:
    lines, plant = found.products.lines, found.products.plant
    lines = [line for line in lines if line.jobs or line.product]
    columns = [
        additive([getattr(line, name) for line in lines], getattr(plant, name), unit)
        for name, unit in (("throughput", ""), ("drum_hours", "h"), ("averaged", ""))
    ]
    rows = [
        (text(line.product or "no product"), number(line.jobs, "", missing=""), made, hours,
         number(line.rate, missing="no drum"), number(found.products.accounting_ratio(line), missing=""), margin)
        for line, made, hours, margin in zip(lines, *columns, strict=True)
    ]  # fmt: skip
    rows = [(row[0], Cell(f"{line.jobs:,}", line.jobs, "", 0), *row[2:]) for row, line in zip(rows, lines, strict=True)]
    rows.append((
        text("plant"), Cell(f"{plant.jobs:,}", plant.jobs, "", 0), number(plant.throughput),
        number(plant.drum_hours, "h"), number(plant.rate, missing="no drum"), Cell(""), number(plant.averaged),
    ))  # fmt: skip
    heads = ("product", "jobs", "throughput", "drum hours", "per drum hour", "ratio", "average costing")
    notes = ("the ratio is what a drum hour of it earns for what one costs; average costing is shown to be compared",)
    table = Table("products", "Products by throughput per drum hour", heads, tuple(rows), frozenset(range(1, 7)), notes)
    chart = charts.pareto([(line.product or "", line.rate, line.throughput or 0.0) for line in lines],
                          found.card.currency)  # fmt: skip
    return Section("products", "Products", "What should the bottleneck run?", (chart, table))


def _uncertainty(found: Any) -> Section:
    rows = tuple((text(name), estimate(one.width), estimate(one.mean)) for name, one in found.swings)
    heads = ("without the noise of", "the spread changes by", "the mean moves by")
    notes = ("spread: from the worst 1 in 10 to the best 1 in 10 of net profit", "± is the 95 % interval")
    table = Table("swings", "Where the spread comes from", heads, rows, frozenset({1, 2}), notes)
    known = [(name, one.width.value) for name, one in found.swings if one.width.value == one.width.value]
    chart = charts.tornado(known, found.card.currency)
    return Section(
        "uncertainty", "Uncertainty", "Which assumption matters most?", (chart, table) if known else (table,)
    )


def _plan(found: Any) -> Section:
    contents: tuple[Table | Chart, ...] = (timetable.bars(found.gantt), timetable.heat(found.gantt))
    if found.loads:
        contents += (_loads(found),)
    return Section("plan", "The plan", "Where is the work?", contents)


def _loads(found: Any) -> Table:
    def when(at: int | None) -> Cell:
        return text("not known" if at is None else instant(at))

    rows = tuple(
        (text(load.resource), number(load.hours, "h"), when(load.free), when(load.safe)) for load in found.loads
    )
    heads = ("bottleneck", "hours still to do", "free from", "earliest date to promise")
    return Table("loads", "Planned load of the drums", heads, rows, frozenset({1}))


def _buffers(found: Any) -> Section:
    rows = tuple(
        (
            text(line.job or line.scope), text(line.kind), text(line.scope),
            text(line.colour, TONE.get(line.colour, "")), number(line.projected_percent, "%", missing="unknown"),
            number(line.current_percent, "%", missing="unknown"), number(line.throughput, missing="none"),
        )
        for line in found.buffers[:SHOWN]
    )  # fmt: skip
    more = (f"{len(found.buffers) - SHOWN:,} more",) if len(found.buffers) > SHOWN else ()
    heads = ("what", "buffer", "protects", "zone", "used by the plan, %", "used now, %", "throughput at stake")
    table = Table("buffers", "Buffers, the most endangered first", heads, rows, frozenset({4, 5, 6}), more)
    return Section("buffers", "Buffers", "What should be expedited?", (table,))


def _risks(found: Any) -> Section:
    owners = {line.scope["plant"]: line.owner for line in found.card.targets if line.scope.keys() == {"plant"}}
    rows = tuple(
        (
            text(job.job), text(job.plant),
            Cell(str(job.on_time), round(job.on_time.value, 4), _chance(job.on_time.value)),
            Cell(str(job.inside), round(job.inside.value, 4)), number(job.penalty), number(job.revenue),
            text(owners.get(job.plant)),
        )
        for job in found.at_risk[:SHOWN]
    )  # fmt: skip
    heads = ("job", "plant", "chance on time", "chance inside", "expected penalty", "revenue", "owner of the plant")
    more = (f"{len(found.at_risk) - SHOWN:,} more jobs are at risk",) if len(found.at_risk) > SHOWN else ()
    table = Table("risks", "Jobs that may be late, most revenue first", heads, rows, frozenset({2, 3, 4, 5}), more)
    return Section("risks", "At risk", "Who must do something?", (table,))


def _run(found: Any) -> Section:
    rows = tuple((text(name), text(value)) for name, value in found.run.items())
    warnings = [one for one in found.card.findings if one.grade == "warning"]
    contents: tuple[Table | Chart, ...] = (Table("run", "Run card", ("what", "value"), rows),)
    if warnings:
        told = tuple((text(one.table), text(one.message)) for one in warnings[:SHOWN])
        contents += (Table("warnings", "What the reader should know of the data", ("table", "warning"), told),)
    words = (
        ("throughput", "revenue less what is spent on the job itself: material, subcontracting, shipping, penalties"),
        ("operating expense", "what the business costs whether or not a job is made"),
        ("bottleneck, drum", "the resource that sets the pace; an hour lost there is lost for all"),
        ("futures", "simulations of the same plan in which work takes longer, machines fail, material is late"),
        ("1 in 10 below", "in one future of ten it comes out lower than this"),
        ("chance to meet it", "the share of futures in which the target is met"),
    )
    contents += (Table("words", "Words", ("word", "meaning"), tuple((text(a), text(b)) for a, b in words)),)
    return Section("run", "Run card", "What was this made from?", contents)
