"""The sections behind the first page: alternatives, products, uncertainty, plan, buffers, what is at risk, the run."""

from __future__ import annotations

from typing import Any

from tocfin.dataset.text import instant
from tocfin.report import charts, timetable
from tocfin.report.booklet import Cell, Chart, Section, Table, additive, estimate, number, text
from tocfin.report.pieces import SHOWN, TONE, chance, figure, short, steps


def alternatives(found: Any) -> Section:
    """Scenarios beside the base: paired differences, bridges, the jobs that each changes."""
    rows = []
    for one in found.alternatives:
        for name, gap in one.differences.items():
            unit = found.card.figures[name].unit
            rows.append((
                text(one.name), text(short(name)), text(unit), figure(found.card.figures[name]),
                figure(one.card.figures[name]), estimate(gap.mean, unit),
                Cell(str(gap.better), round(gap.better.value, 4), chance(gap.better.value)),
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
        contents += steps(f"bridge-{key}", f"Plan: from the base to {one.name}", one.bridge, ("base", one.name), found)
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


def products(found: Any) -> Section:
    """Products by throughput per drum hour; columns add up to the plant."""
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


def uncertainty(found: Any) -> Section:
    """Where the spread of net profit comes from."""
    rows = tuple((text(name), estimate(one.width), estimate(one.mean)) for name, one in found.swings)
    heads = ("without the noise of", "the spread changes by", "the mean moves by")
    notes = ("spread: from the worst 1 in 10 to the best 1 in 10 of net profit", "± is the 95 % interval")
    table = Table("swings", "Where the spread comes from", heads, rows, frozenset({1, 2}), notes)
    known = [(name, one.width.value) for name, one in found.swings if one.width.value == one.width.value]
    chart = charts.tornado(known, found.card.currency)
    return Section(
        "uncertainty", "Uncertainty", "Which assumption matters most?", (chart, table) if known else (table,)
    )


def plan(found: Any) -> Section:
    """The plan as bars and as load, and what the drums have before them."""
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


def buffers(found: Any) -> Section:
    """Buffers, the most endangered first."""
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


def risks(found: Any) -> Section:
    """Jobs that may be late, with the owner of their plant."""
    owners = {line.scope["plant"]: line.owner for line in found.card.targets if line.scope.keys() == {"plant"}}
    rows = tuple(
        (
            text(job.job), text(job.plant),
            Cell(str(job.on_time), round(job.on_time.value, 4), chance(job.on_time.value)),
            Cell(str(job.inside), round(job.inside.value, 4)), number(job.penalty), number(job.revenue),
            text(owners.get(job.plant)),
        )
        for job in found.at_risk[:SHOWN]
    )  # fmt: skip
    heads = ("job", "plant", "chance on time", "chance inside", "expected penalty", "revenue", "owner of the plant")
    more = (f"{len(found.at_risk) - SHOWN:,} more jobs are at risk",) if len(found.at_risk) > SHOWN else ()
    table = Table("risks", "Jobs that may be late, most revenue first", heads, rows, frozenset({2, 3, 4, 5}), more)
    return Section("risks", "At risk", "Who must do something?", (table,))


def run(found: Any) -> Section:
    """What the report was made from, and what its words mean."""
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
