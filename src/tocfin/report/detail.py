"""The sections behind the first page: alternatives, products, uncertainty, plan, buffers, what is at risk, the run."""

from __future__ import annotations

from typing import Any

from tocfin.dataset.text import instant
from tocfin.glossary import WORDS
from tocfin.report import charts, timetable
from tocfin.report.booklet import Cell, Chart, Drawn, Section, Table, additive, estimate, number, text
from tocfin.report.pieces import SHOWN, TONE, chance, figures_of, named, signed, steps

#: Where the work on a job at risk stands; a reader chooses in the workbook, or writes on paper.
STATES = ("open", "in work", "done", "accepted")


def alternatives(found: Any) -> Section:
    """Scenarios beside the base: paired differences, bridges, the jobs that each changes."""
    rows = []
    base = figures_of(found.card.figures)
    for one in found.alternatives:
        theirs = figures_of(one.card.figures)
        for name, gap in one.differences.items():
            unit = found.card.figures[name].unit
            rows.append((
                text(one.name), named(name, found.card.policy), text(unit), base[name], theirs[name],
                estimate(gap.mean, unit), number(gap.mean.low, unit, missing="too few"),
                number(gap.mean.high, unit, missing="too few"),
                Cell(str(gap.better), round(gap.better.value, 4), chance(gap.better.value), 4),
            ))  # fmt: skip
    heads = ("scenario", "KPI", "unit", "base, plan", "scenario, plan", "expected difference", "from", "to",
             "chance to be better")  # fmt: skip
    notes = ("differences are taken future by future under the same luck; from … to is the 95 % interval of the mean",)
    kinds = {3: "plan", 4: "plan", 5: "forecast", 6: "forecast", 7: "forecast", 8: "forecast"}
    table = Table(
        "alternatives-list", "Beside the base", heads, tuple(rows), frozenset(range(3, 9)), notes, kinds=kinds
    )
    gains = [(one.name, one.differences["net_profit"].mean) for one in found.alternatives]
    lines = [(name, gain.value, gain.low, gain.high) for name, gain in gains if gain.value == gain.value]
    contents: list[Table | Chart] = [table]
    if lines:
        contents.insert(0, charts.intervals("differences", "Net profit against the base", lines, found.card.currency))
    for number_, one in enumerate(found.alternatives, 1):
        title = f"Expected net profit: from the base to {one.name}"
        contents += steps(f"bridge-{number_}", title, one.bridge, ("base", one.name), found, one.behind)
        contents.append(_impact(one, f"impact-{number_}", found.card.currency))
    return Section(
        "alternatives", "Scenarios", "Which plan is better, how sure is it, and who is hit?", tuple(contents)
    )


def _impact(one: Any, name: str, currency: str) -> Table:
    rows = tuple(
        (
            text(job.job), text(job.change), signed(100 * job.on_time, "%", _better(job.on_time)),
            signed(100 * job.inside, "%", _better(job.inside)), signed(job.hours, "h"),
            signed(job.money, "", _better(job.money)),
        )
        for job in one.jobs
    )  # fmt: skip
    heads = ("job", "change", "on time, points", "in the horizon, points", "hours later",
             f"revenue less penalty, {currency}")  # fmt: skip
    notes = ("expected over the futures, scenario less base",)
    return Table(name, f"Jobs that {one.name} changes", heads, rows, frozenset({2, 3, 4, 5}), notes, most=SHOWN)


def _better(value: float) -> str:
    return "good" if value > 0 else "bad" if value < 0 else ""


def products(found: Any) -> Section:
    """Products by throughput per drum hour; columns add up to the plant."""
    lines, plant = found.products.lines, found.products.plant
    lines = [line for line in lines if line.jobs or line.product]
    card = figures_of(found.card.figures)
    wholes = [card["throughput"].value, plant.drum_hours, plant.averaged]
    columns = [
        additive([getattr(line, name) for line in lines], whole, unit)
        for (name, unit), whole in zip(
            (("throughput", ""), ("drum_hours", "h"), ("averaged", "")), wholes, strict=True
        )
    ]  # fmt: skip
    rows = tuple(
        (text(line.product or "no product"), Cell(f"{line.jobs:,}", line.jobs, "", 0), made, hours,
         number(line.rate, missing="no drum"), number(found.products.accounting_ratio(line), missing=""), margin)
        for line, made, hours, margin in zip(lines, *columns, strict=True)
    )  # fmt: skip
    total = (
        text("plant"), Cell(f"{plant.jobs:,}", plant.jobs, "", 0), card["throughput"], number(plant.drum_hours, "h"),
        number(plant.rate, missing="no drum"), Cell(""), number(plant.averaged),
    )  # fmt: skip
    heads = ("product", "jobs", "throughput", "bottleneck hours", "per bottleneck hour", "ratio", "average costing")
    notes = ("the ratio is what a drum hour of it earns for what one costs; average costing is shown to be compared",)
    table = Table(
        "products-list", "Products by throughput per bottleneck hour", heads, rows, frozenset(range(1, 7)), notes,
        total=total, sums=frozenset({1, 2, 3, 6}), most=2 * SHOWN, drawn=Drawn("column", 0, (4,)),
    )  # fmt: skip
    chart = charts.pareto(
        [(line.product or "", line.rate, line.throughput or 0.0) for line in lines], found.card.currency
    )
    return Section("products", "Products", "What should the bottleneck run?", (chart, table))


def uncertainty(found: Any) -> Section:
    """Where the spread of net profit comes from."""
    rows = tuple((text(name.replace("_", " ")), estimate(one.width), estimate(one.mean)) for name, one in found.swings)
    heads = ("without the noise of", "the spread changes by", "the mean moves by")
    notes = ("spread: from the worst 1 in 10 to the best 1 in 10 of net profit", "± is the 95 % interval")
    table = Table(
        "swings", "Where the spread comes from", heads, rows, frozenset({1, 2}), notes, drawn=Drawn("bar", 0, (1,))
    )
    known = [
        (name.replace("_", " "), one.width.value) for name, one in found.swings if one.width.value == one.width.value
    ]
    chart = charts.tornado(known, found.card.currency)
    return Section(
        "uncertainty", "Uncertainty", "Which assumption matters most?", (chart, table) if known else (table,)
    )


def plan(found: Any) -> Section:
    """The plan as bars and as load, and what the drums have before them."""
    contents: tuple[Table | Chart, ...] = (timetable.bars(found.gantt), timetable.heat(found.gantt), _loaded(found))
    if found.loads:
        contents += (_loads(found),)
    return Section("plan", "The plan", "Where is the work?", contents)


def _loaded(found: Any) -> Table:
    """Load of resources in the plan and in the futures."""
    plan = found.gantt
    hours = {
        name: (float(work), float(free))
        for name, work, free in zip(plan.load_resources, plan.hours, plan.available, strict=True)
    }
    rows = []
    for line in found.loaded:
        work, free = hours.get(line.resource, (0.0, 0.0))
        share = None if line.share is None else 100 * line.share
        rows.append((
            text(f"{line.resource} (drum)" if line.resource in plan.drums else line.resource), text(line.plant),
            number(work, "h"), number(free, "h"), number(100 * work / free if free else None, "%", missing="no time"),
            number(share, "%", missing="no time"),
            Cell(str(line.most), round(line.most.value, 4), "", 4),
        ))  # fmt: skip
    heads = ("resource", "plant", "hours of work", "hours open", "load of the plan, %", "load of the futures, %",
             "chance to be loaded most")  # fmt: skip
    kinds = {2: "plan", 4: "plan", 5: "forecast", 6: "forecast"}
    return Table("resources", "Load of resources", heads, tuple(rows), frozenset(range(2, 7)), most=12, kinds=kinds)


def _loads(found: Any) -> Table:
    rows = tuple(
        (text(load.resource), number(load.hours, "h"), _when(load.free), _when(load.safe)) for load in found.loads
    )
    heads = ("bottleneck", "hours still to do", "free from", "earliest date to promise")
    return Table("loads", "Planned load of the bottlenecks", heads, rows, frozenset({1}))


def _when(at: int | None) -> Cell:
    return text("not known" if at is None else instant(at)[:16].replace("T", " "))


def buffers(found: Any) -> Section:
    """Buffers, the most endangered first."""
    rows = tuple(
        (
            text(line.job or line.scope), text(line.kind), text(line.scope),
            text(line.colour, TONE.get(line.colour, "")), number(line.projected_percent, "%", missing="unknown"),
            number(line.current_percent, "%", missing="unknown"), number(line.throughput, missing="none"),
        )
        for line in found.buffers
    )  # fmt: skip
    heads = ("what", "buffer", "protects", "zone", "used by the plan, %", "used now, %", "throughput at stake")
    table = Table("buffers-list", "Buffers, the most endangered first", heads, rows, frozenset({4, 5, 6}), most=SHOWN)
    board: dict[str, dict[str, tuple[int, float]]] = {}
    for line in found.buffers:
        zones = board.setdefault(f"{line.kind} {line.scope}", {})
        count, made = zones.get(line.colour, (0, 0.0))
        zones[line.colour] = (count + 1, made + (line.throughput or 0.0))
    contents = (charts.buffers(board), table) if board else (table,)
    return Section("buffers", "Buffers", "What should be expedited?", contents)


def risks(found: Any) -> Section:
    """Jobs that may be late: what is at stake, what comes next on which resource, and who answers for it."""
    rows = tuple(
        (
            text(job.job), text(job.plant), _when(job.need), _when(job.expected),
            Cell(str(job.on_time), round(job.on_time.value, 4), chance(job.on_time.value), 4),
            Cell(str(job.inside), round(job.inside.value, 4), "", 4), number(job.penalty), number(job.revenue),
            text("nothing left" if job.step is None else f"{job.step} on {job.resource}"),
            text("") if job.begins is None else _when(job.begins), text(job.owner or "nobody named"), text(STATES[0]),
        )
        for job in found.at_risk
    )  # fmt: skip
    heads = ("job", "plant", "needed", "expected", "chance on time", "chance inside", "expected penalty", "revenue",
             "next step", "planned for", "owner", "state")  # fmt: skip
    owners = tuple(dict.fromkeys(line.owner for line in found.card.targets if line.owner))
    choices = {11: STATES} | ({10: owners} if owners else {})
    notes = ("the owner is who answers for a target of the plant, else of all plants",)
    table = Table(
        "risks-list", "Jobs that may be late, most revenue first", heads, rows, frozenset({4, 5, 6, 7}), notes,
        most=SHOWN, choices=choices,
    )  # fmt: skip
    return Section("risks", "At risk", "Who must do something?", (table,))


def run(found: Any) -> Section:
    """What the report was made from, and what its words mean."""
    rows = tuple((text(name), text(value)) for name, value in found.run.items())
    warnings = [one for one in found.card.findings if one.grade == "warning"]
    contents: tuple[Table | Chart, ...] = (Table("run-card", "Run card", ("what", "value"), rows),)
    if warnings:
        told = tuple((text(one.table), text(one.message)) for one in warnings)
        title = "What the reader should know of the data"
        contents += (Table("warnings", title, ("table", "warning"), told, most=SHOWN),)
    contents += (Table("words", "Words", ("word", "meaning"), tuple((text(a), text(b)) for a, b in WORDS.items())),)
    return Section("run", "Run card", "What was this made from?", contents)
