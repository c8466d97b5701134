"""A plan as bars over time, and the load of resources by day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tocfin.dataset.text import instant
from tocfin.report.booklet import Chart
from tocfin.report.charts import BLUE, GREY, RED

#: Rows of the heat map; the rest is in the table.
MOST_ROWS = 60
SHADE = "rgba(230,159,0,0.3)"


def bars(found: Any) -> Chart:
    """The drums first; late jobs in colour and in words, overtime shaded, what stands behind them outlined."""
    place = {name: at for at, name in enumerate(found.resources)}
    data = [_overtime([one for one in found.overtime if one[0] in place], place)] if found.overtime else []
    ghosts = [bar for bar in found.bars if bar.ghost is not None and bar.ghost != (bar.start, bar.end)]
    if ghosts:
        spans = [(place[bar.resource], *bar.ghost) for bar in ghosts]
        data.append(_trace(spans, found.behind, "rgba(0,0,0,0)", GREY) | {"hoverinfo": "skip", "width": 0.9})
    for late, name, colour in ((False, "on time", BLUE), (True, "late", RED)):
        some = [bar for bar in found.bars if bar.late is late]
        if some:
            spans = [(place[bar.resource], bar.start, bar.end) for bar in some]
            told = {
                "text": [f"{bar.job}{' late' * late}" for bar in some], "customdata": [_told(bar) for bar in some],
                "textposition": "inside", "insidetextanchor": "start", "textangle": 0,
                "insidetextfont": {"color": "#ffffff", "size": 9},
                "hovertemplate": "%{customdata}<extra></extra>",
            }  # fmt: skip
            data.append(_trace(spans, name, colour, colour) | told)
    labels = [f"{name} (drum)" if name in found.drums else name for name in found.resources]
    layout = {
        "barmode": "overlay", "height": 140 + 22 * len(labels), "margin": {"l": 110, "r": 20, "t": 40, "b": 40},
        "uniformtext": {"mode": "hide", "minsize": 8}, "hovermode": "closest",
        "xaxis": {"type": "date"}, "legend": {"orientation": "h", "y": 1.0, "yanchor": "bottom"},
        "yaxis": {"tickmode": "array", "tickvals": list(range(len(labels))), "ticktext": labels, "range":
                  [len(labels) - 0.4, -0.6]},
    }  # fmt: skip
    late_jobs = sorted({bar.job for bar in found.bars if bar.late})
    words = (
        f"{len(found.bars):,} of {found.whole:,} activities on {len(labels)} resources; {len(late_jobs)} of their jobs"
        " are late"
    )
    words += f", {', '.join(late_jobs[:5])}{' and others' * (len(late_jobs) > 5)}" if late_jobs else ""
    words += "; what is not drawn is in the load by day" if len(found.bars) < found.whole else ""
    return Chart("gantt", "The plan, drums first", {"data": data, "layout": layout}, words)


def _trace(spans: Sequence[tuple[int, int, int]], name: str, fill: str, edge: str) -> dict[str, Any]:
    return {
        "type": "bar", "orientation": "h", "y": [at for at, _, _ in spans], "name": name,
        "base": [instant(start) for _, start, _ in spans], "x": [1_000 * (end - start) for _, start, end in spans],
        "marker": {"color": fill, "line": {"color": edge, "width": 0.5}}, "width": 0.8,
    }  # fmt: skip


def _overtime(spans: Sequence[tuple[str, int, int]], place: Mapping[str, int]) -> dict[str, Any]:
    """Overtime as a shade over the whole height of a row, behind everything."""
    drawn = _trace([(place[name], start, end) for name, start, end in spans], "overtime", SHADE, "rgba(0,0,0,0)")
    return drawn | {"width": 1.0, "hoverinfo": "skip"}


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
