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

#: Colours that hold on light and dark ground and for the colour-blind (Okabe and Ito); words say the same.
BLUE, ORANGE, GREEN, RED, GREY, SKY = "#0072b2", "#e69f00", "#009e73", "#d55e00", "#888888", "#56b4e9"
BLACK = "#4d4d4d"
#: Zones of a buffer, the worst first: colour and pattern.
ZONES = {"late": (BLACK, "x"), "red": (RED, "/"), "yellow": (ORANGE, "."), "green": (GREEN, ""), "unknown": (GREY, "")}
PLAN = {"color": "rgba(0,0,0,0)", "line": {"color": GREY, "width": 1.5}}


def figure(chart: Chart) -> Any:
    """The chart as a plotly Figure, for notebooks; needs the extra ``report``."""
    from plotly.graph_objects import Figure

    return Figure(dict(chart.figure))


def _layout(x: str, y: str, **more: Any) -> dict[str, Any]:
    axes = {"xaxis": {"title": {"text": x}}, "yaxis": {"title": {"text": y}}}
    return {"margin": {"l": 70, "r": 20, "t": 20, "b": 50}, "showlegend": True,
            "legend": {"orientation": "h", "y": -0.2}, **axes, **more}  # fmt: skip


def _clean(values: Sequence[float]) -> list[float | None]:
    return [None if not math.isfinite(value) else round(float(value), 2) for value in values]


def targets(rows: Sequence[tuple[str, float, float | None, tuple[float, float, float] | None, bool]]) -> Chart:
    """KPIs in per cent of their targets: (name, plan, actual to date, (P10, middle, P90), whether more is better).

    Plan is outlined, actual solid, forecast hatched; its colour says whether the middle future meets the target.
    """
    names = [name for name, *_ in rows]
    base = {"type": "bar", "orientation": "h", "y": names}
    edge = {"color": GREY, "width": 1.5}
    data: list[dict[str, Any]] = [
        base | {"x": _clean([plan for _, plan, *_ in rows]), "name": "plan", "marker": PLAN, "width": 0.75}
    ]
    told = [(name, future, up) for name, _, _, future, up in rows if future is not None]
    if told:
        middle = [future[1] for _, future, _ in told]
        good = [(value >= 100) == up or value == 100 for value, (_, _, up) in zip(middle, told, strict=True)]
        colours = [GREEN if one else RED for one in good]
        reach = {
            "type": "data", "symmetric": False, "color": GREY, "array": [f[2] - f[1] for _, f, _ in told],
            "arrayminus": [f[1] - f[0] for _, f, _ in told],
        }  # fmt: skip
        hatched = {"color": colours, "pattern": {"shape": "/", "fillmode": "replace", "fgcolor": colours, "size": 6},
                   "line": edge}  # fmt: skip
        data.append(
            base | {"y": [name for name, *_ in told], "x": _clean(middle), "name": "forecast, 8 of 10 futures",
                    "marker": hatched, "width": 0.5, "error_x": reach}
        )  # fmt: skip
    actual = [(name, value) for name, _, value, *_ in rows if value is not None and math.isfinite(value)]
    if actual:
        solid = {"y": [name for name, _ in actual], "x": _clean([value for _, value in actual]), "width": 0.25}
        data.append(base | solid | {"name": "actual to date", "marker": {"color": GREY}})
    mark = {"type": "line", "x0": 100, "x1": 100, "yref": "paper", "y0": 0, "y1": 1, "line": {"color": RED, "width": 2}}
    layout = _layout("% of the target", "", shapes=[mark])
    layout |= {"barmode": "overlay", "height": 150 + 52 * len(rows)}
    layout["yaxis"] |= {"automargin": True, "autorange": "reversed", "type": "category"}
    layout["xaxis"] |= {"rangemode": "tozero"}
    words = "; ".join(
        f"{name}: plan {plan:,.0f} %" + ("" if future is None else f", forecast {future[1]:,.0f} % of the target")
        for name, plan, _, future, _ in rows
    )
    words = f"Plan outlined, actual solid, forecast hatched. {words}"
    return Chart("against", "Against the targets", {"data": data, "layout": layout}, words, "targets-list")


def fan(found: Any, currency: str, target: float | None, last_decision: int | None, jump: str) -> Chart:
    """Cumulative throughput of the plan, what has happened, and the band of the futures, hatched."""
    at = [instant(int(second)) for second in found.at]
    band = [_clean(column) for column in found.band.T]
    pale, dark = "rgba(0,114,178,0.15)", "rgba(0,114,178,0.35)"
    line = {"mode": "lines", "x": at, "type": "scatter"}
    hatch = {"fillpattern": {"shape": "/", "size": 7, "solidity": 0.25, "fgcolor": BLUE, "bgcolor": pale}}
    traces = [
        line | {"y": band[0], "line": {"width": 0}, "showlegend": False, "hoverinfo": "skip"},
        line | hatch | {"y": band[4], "line": {"width": 0}, "fill": "tonexty", "name": "9 of 10 futures"},
        line | {"y": band[1], "line": {"width": 0}, "showlegend": False, "hoverinfo": "skip"},
        line | {"y": band[3], "line": {"width": 0}, "fill": "tonexty", "fillcolor": dark, "name": "half of them"},
        line | {"y": band[2], "line": {"color": BLUE, "dash": "dot"}, "name": "middle of the futures"},
        line | {"y": _clean(found.plan), "line": {"color": GREY, "width": 2}, "name": "plan"},
    ]
    actual = _clean(found.actual)
    if any(value is not None for value in actual):
        traces.append(line | {"y": actual, "line": {"color": ORANGE, "width": 4}, "name": "actual"})
    if target is not None:
        ends = {"x": [at[0], at[-1]], "y": [target, target], "line": {"color": RED, "dash": "dash"}, "name": "target"}
        traces.append(line | ends)
    low, middle, high = (band[k][-1] for k in (0, 2, 4))
    words = "By the close, the futures cannot be told: something that they need is not supplied"
    if low is not None and middle is not None and high is not None:
        words = (
            f"By the close, 9 of 10 futures come to between {low:,.0f} and {high:,.0f} {currency}, half to more than"
            f" {middle:,.0f}"
        )
    marks = [(at[-1], "close")]
    if last_decision is not None:
        marks.insert(0, (instant(last_decision), "last decision"))
        words += f"; a job begun after {instant(last_decision)} usually ends beyond the close"
    layout = _layout("", f"throughput so far, {currency}", hovermode="x unified")
    upright = {"type": "line", "yref": "paper", "y0": 0, "y1": 1, "line": {"color": GREY, "dash": "dot"}}
    layout["shapes"] = [upright | {"x0": when, "x1": when} for when, _ in marks]
    layout["annotations"] = [
        {"x": when, "y": 0.02, "yref": "paper", "text": name, "showarrow": False, "xanchor": "right", "textangle": -90,
         "yanchor": "bottom"}
        for when, name in marks
    ]  # fmt: skip
    return Chart("fan", "Throughput to the close", {"data": traces, "layout": layout}, words, jump)


def waterfall(name: str, title: str, steps: Sequence[tuple[str, float, str]], ends: tuple[str, float, str, float],
              currency: str, jump: str = "") -> Chart:  # fmt: skip
    """From one figure to another, step by step: (label, amount, name of the table that a click on it leads to)."""
    first, start, last, end = ends
    labels = [first, *(label for label, _, _ in steps), last]
    trace = {
        "type": "waterfall", "x": labels, "measure": ["absolute", *("relative" for _ in steps), "total"],
        "y": [start, *(amount for _, amount, _ in steps), end], "connector": {"line": {"color": GREY, "width": 1}},
        "customdata": ["", *(where for _, _, where in steps), ""],
        "increasing": {"marker": {"color": GREEN}}, "decreasing": {"marker": {"color": RED}},
        "totals": {"marker": {"color": GREY}},
        "text": [f"{start:,.0f}", *(f"{a:+,.0f}" for _, a, _ in steps), f"{end:,.0f}"],
        "textposition": "outside", "cliponaxis": False,
    }  # fmt: skip
    largest = sorted(steps, key=lambda step: -abs(step[1]))[:3]
    words = f"From {start:,.0f} to {end:,.0f} {currency}"
    words += "; most: " + ", ".join(f"{k} {a:+,.0f}" for k, a, _ in largest) if largest else ""
    marks = list(accumulate((amount for _, amount, _ in steps), initial=start))
    low, high = min([*marks, end]), max([*marks, end])
    room = 0.15 * max(high - low, 1.0)
    layout = _layout("", currency, showlegend=False)
    layout["yaxis"] |= {"range": [low - room, high + room]}
    layout["xaxis"] |= {"automargin": True, "type": "category"}
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
    layout = _layout(f"net profit less the base's, {currency}", "", showlegend=False, shapes=[zero])
    layout["yaxis"] |= {"automargin": True, "autorange": "reversed", "type": "category"}
    layout["height"] = 130 + 40 * len(rows)
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
    layout = _layout("", f"throughput per drum hour, {currency}/h")
    layout["xaxis"] |= {"type": "category"}
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
    layout = _layout(f"change of the P10 to P90 spread of net profit, {currency}", "", showlegend=False)
    layout["yaxis"] |= {"automargin": True, "type": "category"}
    return Chart("tornado", "What makes net profit uncertain", {"data": [trace], "layout": layout}, words)


def buffers(rows: Mapping[str, Mapping[str, tuple[int, float]]]) -> Chart:
    """What each buffer protects by zone: (how many, their throughput) of each zone of each buffer."""
    data = []
    for zone, (colour, shape) in ZONES.items():
        some = {name: zones[zone] for name, zones in rows.items() if zone in zones}
        if some:
            data.append({
                "type": "bar", "orientation": "h", "y": list(some), "x": [count for count, _ in some.values()],
                "name": zone, "text": [f"{count:,}" for count, _ in some.values()], "textposition": "inside",
                "marker": {"color": colour, "line": {"color": GREY, "width": 1}, "pattern": {"shape": shape}},
                "customdata": [f"{made:,.0f}" for _, made in some.values()],
                "hovertemplate": "%{y}, " + zone + ": %{x}, throughput at stake %{customdata}<extra></extra>",
            })  # fmt: skip
    told = [
        f"{name}: " + ", ".join(f"{zones[zone][0]:,} {zone}" for zone in ZONES if zone in zones)
        for name, zones in rows.items()
    ]
    layout = _layout("jobs, or items in stock", "", barmode="stack", height=150 + 40 * len(rows))
    layout["yaxis"] |= {"automargin": True, "type": "category", "autorange": "reversed"}
    words = "; ".join(told) + ". Green: less than 33 % of the buffer used, red: more than 66 %, late: all of it"
    return Chart("board", "Buffer board", {"data": data, "layout": layout}, words, "buffers-list")
