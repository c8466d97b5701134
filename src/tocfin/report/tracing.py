"""A trace in every form: the formula with its numbers, the terms, the heaviest rows."""

from __future__ import annotations

from typing import Any

from tocfin.dataset.text import instant
from tocfin.report.amounts import adding, shown, worded
from tocfin.report.forms import Page
from tocfin.report.grid import Grid
from tocfin.tracing import Trace

NAMES = ("kpi", "side", "table", "row", "name", "sign", "amount")


def page(trace: Trace) -> Page:
    """The trace in every form."""
    return Page(lambda: _document(trace), lambda: _records(trace), NAMES, lambda: _grids(trace))


def _document(trace: Trace) -> dict[str, Any]:
    figure, (start, end) = trace.figure, trace.horizon
    return {
        "schema": 1,
        "dataset": trace.dataset,
        "policy": trace.policy.name,
        "currency": trace.currency,
        "horizon": {"start": instant(start), "end": instant(end)},
        "kpi": figure.kpi,
        "value": figure.value,
        "unit": figure.unit,
        "status": figure.status,
        "reason": figure.reason,
        "formula": trace.kpi.words,
        "arithmetic": arithmetic(trace),
        "terms": [{"side": t.side, "sign": t.sign, "term": t.name, "value": t.value} for t in trace.terms],
        "rows": [
            {"side": w.side, "table": w.table, "row": w.row, "key": w.key, "amount": w.amount} for w in trace.weights
        ],
        "others": {side: {"rows": count, "amount": amount} for side, (count, amount) in trace.others.items()},
    }


def _records(trace: Trace) -> list[dict[str, Any]]:
    parts: list[tuple[object, ...]] = [(t.side, "terms", None, t.name, t.sign, t.value) for t in trace.terms]
    parts += [(w.side, w.table, w.row, w.key, None, w.amount) for w in trace.weights]
    return [dict(zip(NAMES, (trace.figure.kpi, *part), strict=True)) for part in parts]


def arithmetic(trace: Trace) -> str:
    """The formula with its numbers, e.g. ``1,924,778.67 ÷ 1,676,528.20 = 1.1481``."""
    figure = trace.figure
    above, below = (trace.subtotal(side) for side in ("numerator", "denominator"))
    answer = worded(figure.value, figure.unit, figure.status, figure.reason)
    if not trace.kpi.denominator:
        signed = (_signed(term.sign, value) for term, value in zip(trace.terms, _values(trace), strict=True))
        parts = " ".join(signed).removeprefix("+ ")
        return f"{parts} = {answer}"
    scale = f"{trace.kpi.scale:g} × " if trace.kpi.scale != 1 else ""
    return f"{scale}{_amount(above)} ÷ {_amount(below)} = {answer}"


def _values(trace: Trace) -> list[float | None]:
    """Values of the terms as they are shown: with their signs they add up to their side."""
    found: list[float | None] = []
    for side in dict.fromkeys(term.side for term in trace.terms):
        terms = [term for term in trace.terms if term.side == side]
        signed = [None if term.value is None else term.sign * term.value for term in terms]
        amounts = adding(signed, trace.subtotal(side))
        found += [
            None if amount is None else term.sign * amount + 0.0 for term, amount in zip(terms, amounts, strict=True)
        ]
    return found


def _signed(sign: int, value: float | None) -> str:
    negative = (sign < 0) != ((value or 0.0) < 0)
    return f"{'−' if negative else '+'} {_amount(None if value is None else abs(value))}"


def _amount(value: float | None) -> str:
    return "not supplied" if value is None else shown(value, "")


def _grids(trace: Trace) -> list[Grid]:
    start, end = trace.horizon
    title = f"{trace.kpi.title}: {trace.dataset}, policy {trace.policy.name}, {instant(start)} to {instant(end)}"
    values = _values(trace)
    terms = tuple(
        (t.side, "−" if t.sign < 0 else "+", t.name, _amount(value))
        for t, value in zip(trace.terms, values, strict=True)
    )
    sums = tuple((side, "=", "", _amount(trace.subtotal(side))) for side in trace.others)
    rows, left = [], []
    for side, (count, rest) in trace.others.items():
        weights = [w for w in trace.weights if w.side == side]
        *amounts, other = adding([*(w.amount for w in weights), rest], trace.subtotal(side))
        lines = zip(weights, amounts, strict=True)
        rows += [(side, f"{w.table}:{w.row}", w.key, _amount(amount)) for w, amount in lines]
        left += [(side, f"{count:,} more", "", _amount(other))] if count else []
    return [
        Grid(title, ("formula", "with its numbers"), ((trace.kpi.words, arithmetic(trace)),)),
        Grid("Terms", ("side", "", "term", "amount"), terms + sums, frozenset({3})),
        Grid("Rows that weigh most", ("side", "row", "key", "amount"), (*rows, *left), frozenset({3})),
    ]
