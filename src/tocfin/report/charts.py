"""Pictures as plotly takes them: plan outlined, futures hatched, good and bad by colour and in words.

Plain mappings, so that a report needs no chart library to be written; `figure` makes plotly's own object of one.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import accumulate
from typing import Any

from tocfin.dataset.text import instant
from tocfin.report.booklet import Chart

Spec = Mapping[str, Any]
#: Colours that hold on light and dark ground and for the colour-blind (Okabe and Ito); words say the same.
BLUE, ORANGE, GREEN, RED, GREY, SKY = "#0072b2", "#e69f00", "#009e73", "#d55e00", "#888888", "#56b4e9"
PLAN = {"color": "rgba(0,0,0,0)", "line": {"color": GREY, "width": 1.5}}


def figure(chart: Chart) -> Any:
    """The chart as a plotly Figure, for notebooks; needs the extra ``report``."""
    from plotly.graph_objects import Figure

    return Figure(dict(chart.figure))


def _layout(title: str, x: str, y: str, **more: Any) -> dict[str, Any]:
    axes = {"xaxis": {"title": {"text": x}}, "yaxis": {"title": {"text": y}}}
    return {"margin": {"l": 70, "r": 20, "t": 20, "b": 50}, "showlegend": True,
            "legend": {"orientation": "h", "y": -0.2}, "meta": {"title": title}, **axes, **more}  # fmt: skip


def _clean(values: Sequence[float]) -> list[float | None]:
    return [None if not math.isfinite(value) else round(float(value), 2) for value in values]


def fan(found: Any, currency: str, target: float | None) -> Chart:
    """Cumulative throughput of the plan, and the band of its futures."""
    at = [instant(int(second)) for second in found.at]
    band = [_clean(column) for column in found.band.T]
    pale, dark = "rgba(0,114,178,0.15)", "rgba(0,114,178,0.3)"
    line = {"mode": "lines", "x": at, "type": "scatter"}
    traces = [
        line | {"y": band[0], "line": {"width": 0}, "showlegend": False, "hoverinfo": "skip"},
        line | {"y": band[4], "line": {"width": 0}, "fill": "tonexty", "fillcolor": pale, "name": "9 of 10 futures"},
        line | {"y": band[1], "line": {"width": 0}, "showlegend": False, "hoverinfo": "skip"},
        line | {"y": band[3], "line": {"width": 0}, "fill": "tonexty", "fillcolor": dark, "name": "half of them"},
        line | {"y": band[2], "line": {"color": BLUE, "dash": "dot"}, "name": "middle of the futures"},
        line | {"y": _clean(found.plan), "line": {"color": GREY, "width": 2}, "name": "plan"},
    ]
    if target is not None:
        ends = {"x": [at[0], at[-1]], "y": [target, target], "line": {"color": RED, "dash": "dash"}, "name": "target"}
        traces.append(line | ends)
    low, middle, high = (band[k][-1] for k in (0, 2, 4))
    words = (
        f"By the close, 9 of 10 futures come to between {low:,.0f} and {high:,.0f} {currency}, half to {middle:,.0f}"
    )
    layout = _layout("fan", "", f"throughput so far, {currency}", hovermode="x unified")
    return Chart("fan", "Throughput to the close", {"data": traces, "layout": layout}, words)


def waterfall(name: str, title: str, steps: Sequence[tuple[str, float]], ends: tuple[str, float, str, float],
              currency: str, jump: str = "") -> Chart:  # fmt: skip
    """From one figure to another, step by step."""
    first, start, last, end = ends
    labels = [first, *(label for label, _ in steps), last]
    trace = {
        "type": "waterfall", "x": labels, "measure": ["absolute", *("relative" for _ in steps), "total"],
        "y": [start, *(amount for _, amount in steps), end], "connector": {"line": {"color": GREY, "width": 1}},
        "increasing": {"marker": {"color": GREEN}}, "decreasing": {"marker": {"color": RED}},
        "totals": {"marker": {"color": GREY}},
        "text": [f"{start:,.0f}", *(f"{a:+,.0f}" for _, a in steps), f"{end:,.0f}"],
        "textposition": "outside", "cliponaxis": False,
    }  # fmt: skip
    largest = sorted(steps, key=lambda step: -abs(step[1]))[:3]
    words = f"From {start:,.0f} to {end:,.0f} {currency}; most: " + ", ".join(f"{k} {a:+,.0f}" for k, a in largest)
    marks = list(accumulate((amount for _, amount in steps), initial=start))
    low, high = min([*marks, end]), max([*marks, end])
    room = 0.15 * max(high - low, 1.0)
    layout = _layout(name, "", currency, showlegend=False)
    layout["yaxis"] |= {"range": [low - room, high + room]}
    layout["xaxis"] |= {"automargin": True}
    return Chart(name, title, {"data": [trace], "layout": layout}, words, jump)


def intervals(name: str, title: str, rows: Sequence[tuple[str, float, float, float]], currency: str) -> Chart:
    """One difference a line with its interval; right of 0 is better."""
    reach = {"array": [high - value for _, value, _, high in rows], "arrayminus": [v - low for _, v, low, _ in rows]}
    trace = {
        "type": "scatter", "mode": "markers", "x": [row[1] for row in rows], "y": [row[0] for row in rows],
        "marker": {"size": 10, "color": [GREEN if row[1] > 0 else RED for row in rows]},
        "error_x": {"type": "data", "symmetric": False, "color": GREY, **reach},
    }  # fmt: skip
    zero = {"type": "line", "x0": 0, "x1": 0, "yref": "paper", "y0": 0, "y1": 1, "line": {"color": GREY, "dash": "dot"}}
    words = "; ".join(f"{label}: {value:+,.0f} ({low:+,.0f} to {high:+,.0f})" for label, value, low, high in rows)
    layout = _layout(name, f"net profit less the base's, {currency}", "", showlegend=False, shapes=[zero])
    layout["yaxis"] |= {"automargin": True, "autorange": "reversed"}
    return Chart(name, title, {"data": [trace], "layout": layout}, words)


def pareto(rows: Sequence[tuple[str, float | None, float]], currency: str) -> Chart:
    """Products by throughput per drum hour, and how much of all throughput they bring together."""
    rated = [(name, rate, made) for name, rate, made in rows if rate is not None]
    whole = sum(made for _, _, made in rated) or 1.0
    grown = accumulate(made for _, _, made in rated)
    bars = {
        "type": "bar", "x": [name for name, _, _ in rated], "y": _clean([rate or 0.0 for _, rate, _ in rated]),
        "marker": {"color": [RED if (rate or 0.0) <= 0 else BLUE for _, rate, _ in rated]}, "name": "per drum hour",
    }  # fmt: skip
    line = {
        "type": "scatter", "mode": "lines+markers", "x": bars["x"], "line": {"color": ORANGE},
        "y": [round(100 * so_far / whole, 1) for so_far in grown], "yaxis": "y2",
        "name": "share of throughput so far, %",
    }  # fmt: skip
    words = "Per drum hour: " + ", ".join(f"{name} {rate or 0.0:,.0f}" for name, rate, _ in rated[:5])
    layout = _layout("pareto", "", f"throughput per drum hour, {currency}/h")
    layout |= {"yaxis2": {"overlaying": "y", "side": "right", "range": [0, 105], "dtick": 20, "showgrid": False}}
    layout["margin"] = layout["margin"] | {"r": 50}
    return Chart("pareto", "What the drum should run", {"data": [bars, line], "layout": layout}, words)


def tornado(rows: Sequence[tuple[str, float]], currency: str) -> Chart:
    """By how much the spread of net profit shrinks where one part of the luck is off."""
    longest = list(reversed(rows))
    trace = {
        "type": "bar", "orientation": "h", "y": [name for name, _ in longest], "x": _clean([v for _, v in longest]),
        "marker": {"color": [GREEN if value < 0 else RED for _, value in longest], "pattern": {"shape": "/"}},
    }  # fmt: skip
    words = "; ".join(f"without {name} the spread changes by {value:+,.0f}" for name, value in rows[:4])
    layout = _layout("tornado", f"change of the P10 to P90 spread of net profit, {currency}", "", showlegend=False)
    layout["yaxis"] |= {"automargin": True}
    return Chart("tornado", "What makes net profit uncertain", {"data": [trace], "layout": layout}, words)
