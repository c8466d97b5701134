"""A plan as bars over time, and the load of resources by day."""

from __future__ import annotations

from typing import Any

from tocfin.dataset.text import instant
from tocfin.report.booklet import Chart
from tocfin.report.charts import BLUE, GREY, ORANGE, RED

#: Rows of the heat map; the rest is in the table.
MOST_ROWS = 60


def bars(found: Any) -> Chart:
    """The drums first; late jobs in colour and in words, overtime shaded, the alternative's times behind."""
    rows = list(found.resources)
    data = []
    ghosts = [bar for bar in found.bars if bar.ghost is not None and bar.ghost != (bar.start, bar.end)]
    if ghosts:
        spans = [(bar.resource, *bar.ghost) for bar in ghosts]
        data.append(_trace(spans, "in the alternative", "rgba(0,0,0,0)", GREY, [_told(bar) for bar in ghosts]))
    for late, name, colour in ((False, "on time", BLUE), (True, "late", RED)):
        some = [bar for bar in found.bars if bar.late is late]
        spans = [(bar.resource, bar.start, bar.end) for bar in some]
        if some:
            data.append(_trace(spans, name, colour, colour, [_told(bar) for bar in some]))
    shapes = [
        {"type": "rect", "xref": "x", "yref": "y", "x0": instant(start), "x1": instant(end), "layer": "below",
         "y0": rows.index(resource) - 0.45, "y1": rows.index(resource) + 0.45, "fillcolor": ORANGE, "opacity": 0.25,
         "line": {"width": 0}}
        for resource, start, end in found.overtime if resource in found.drums
    ]  # fmt: skip
    labels = [f"{name} (drum)" if name in found.drums else name for name in rows]
    layout = {
        "barmode": "overlay", "height": 120 + 22 * len(rows), "margin": {"l": 110, "r": 20, "t": 20, "b": 40},
        "xaxis": {"type": "date"}, "legend": {"orientation": "h", "y": 1.02}, "shapes": shapes, "hovermode": "closest",
        "yaxis": {"tickmode": "array", "tickvals": list(range(len(rows))), "ticktext": labels, "autorange": "reversed"},
    }  # fmt: skip
    number = {name: at for at, name in enumerate(rows)}
    for trace in data:
        trace["y"] = [number[name] for name in trace["y"]]
    n_late = len({bar.job for bar in found.bars if bar.late})
    words = (
        f"{len(found.bars):,} of {found.whole:,} activities on {len(rows)} resources; {n_late} of their jobs are late"
    )
    return Chart("gantt", "The plan, drums first", {"data": data, "layout": layout}, words)


def _trace(spans: list[tuple[str, int, int]], name: str, fill: str, edge: str, told: list[str]) -> dict[str, Any]:
    return {
        "type": "bar", "orientation": "h", "y": [resource for resource, _, _ in spans], "name": name,
        "base": [instant(start) for _, start, _ in spans], "x": [1_000 * (end - start) for _, start, end in spans],
        "marker": {"color": fill, "line": {"color": edge, "width": 0.5}}, "text": told, "textposition": "none",
        "hovertemplate": "%{text}<extra></extra>", "width": 0.8,
    }  # fmt: skip


def _told(bar: Any) -> str:
    what = f" ({bar.product})" if bar.product else ""
    return f"{bar.job}{what}, {bar.operation}<br>{instant(bar.start)} to {instant(bar.end)}{', job late' * bar.late}"


def heat(found: Any) -> Chart:
    """Load of resources by day, drums first."""
    names, load = found.load_resources[:MOST_ROWS], found.load[:MOST_ROWS]
    values = [[None if value != value else round(100 * float(value)) for value in row] for row in load]
    trace = {
        "type": "heatmap", "x": [instant(int(day))[:10] for day in found.load_days], "y": list(names), "z": values,
        "zmin": 0, "zmax": 100, "colorscale": "Cividis", "reversescale": True, "colorbar": {"title": {"text": "%"}},
        "hovertemplate": "%{y}, %{x}: %{z} %<extra></extra>",
    }  # fmt: skip
    layout = {
        "height": 120 + 16 * len(names), "margin": {"l": 110, "r": 20, "t": 20, "b": 40},
        "yaxis": {"autorange": "reversed", "type": "category", "dtick": 1}, "xaxis": {"type": "date"},
    }  # fmt: skip
    full = sum(value is not None and value >= 95 for row in values for value in row)
    words = f"{full:,} days of resources are loaded to 95 % or more"
    return Chart("load", "Load by day", {"data": [trace], "layout": layout}, words)
