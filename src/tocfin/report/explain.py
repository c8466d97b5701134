"""A bridge in every form: both ends, the parts between them, and the residual of 0."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from tocfin.dataset.text import instant
from tocfin.forecast.explain import Explained, Explanation, Part
from tocfin.report.amounts import DECIMALS, adding, shown
from tocfin.report.forms import Page
from tocfin.report.grid import Grid

NAMES = ("kpi", "view", "part", "amount", "error", "status", "note")
VIEWS = {"term": "By term", "driver": "By driver", "plant": "By plant", "product": "By product",
         "resource": "By resource", "owner": "By owner",
         "variance": "Variances of standard costing", "ledger": "By what the ledger says"}  # fmt: skip
_MEAN = "means of {} futures in which both sides meet the same draws; ± is their 95 % interval"
_GROUPED = "more than 12 drivers changed, so related ones are taken together: exact between groups, and inside each"


def page(found: Explanation) -> Page:
    """The explanation in every form."""
    return Page(lambda: _document(found), lambda: _records(found), NAMES, lambda: _grids(found))


def _document(found: Explanation) -> dict[str, Any]:
    start, end = found.horizons[0]
    other = found.horizons[1]
    return {
        "schema": 1,
        "a": found.a,
        "b": found.b,
        "policy": found.policy.name,
        "currency": found.currency,
        "horizon": {"start": instant(start), "end": instant(end)},
        "horizon_b": {"start": instant(other[0]), "end": instant(other[1])},
        "futures": found.futures,
        "grouped": found.grouped,
        "kpis": [
            {
                "kpi": one.kpi,
                "unit": one.unit,
                "a": _number(one.before),
                "b": _number(one.after),
                "difference": _number(_difference(one)),
                "reason": one.reason,
                "views": {
                    view: {"parts": [_part(part) for part in parts], "residual": _number(one.residual(view))}
                    for view, parts in one.views.items()
                },
            }
            for one in found.kpis
        ],
    }


def _part(part: Part) -> dict[str, Any]:
    return {
        "part": part.name,
        "amount": _number(part.amount),
        "error": part.error,
        "status": part.status,
        "note": part.note or None,
    }


def _number(amount: Decimal | None) -> float | None:
    return None if amount is None else float(amount)


def _difference(one: Explained) -> Decimal | None:
    return None if one.before is None or one.after is None else one.after - one.before


def _records(found: Explanation) -> list[dict[str, Any]]:
    rows: list[tuple[object, ...]] = []
    for one in found.kpis:
        if one.reason:
            rows.append((one.kpi, "", "", None, None, "no value", one.reason))
        for view, parts in one.views.items():
            start, end = one.ends or (f"A: {found.a}", f"B: {found.b}")
            rows.append((one.kpi, view, start, one.before, None, "ok", ""))
            rows += [(one.kpi, view, part.name, part.amount, part.error, part.status, part.note) for part in parts]
            rows.append((one.kpi, view, end, one.after, None, "ok", ""))
            rows.append((one.kpi, view, "residual", one.residual(view), None, "ok", ""))
    return [dict(zip(NAMES, row, strict=True)) for row in rows]


def _grids(found: Explanation) -> list[Grid]:
    grids = []
    for one in found.kpis:
        about = one.title if one.ends else f"{one.title}: from {found.a} to {found.b}"
        where = f"policy {found.policy.name}, {_spans(found)}, in {one.unit}"
        if one.reason:
            grids.append(Grid(about, ("", ""), (("no value", one.reason),), notes=(where,)))
        for view in one.views:
            notes = (
                where,
                *([_MEAN.format(found.futures)] if found.futures > 1 else []),
                *([_GROUPED] if found.grouped and view == "driver" else []),
            )
            grids.append(
                Grid(f"{about}. {VIEWS[view]}", ("part", "amount", ""), _rows(found, one, view), frozenset({1}), notes)
            )
    return grids


def _rows(found: Explanation, one: Explained, view: str) -> tuple[tuple[str, str, str], ...]:
    """A, the parts that move it (largest first), B; then what did not change, in one line."""
    parts = one.views[view]
    moving = sorted((p for p in parts if p.amount), key=lambda p: -abs(float(p.amount or 0)))
    rest = [p for p in parts if not p.amount]
    start, end = one.ends or (found.a, found.b)
    rows = [(start, _shown(one.before, one), "")]
    amounts = adding([_number(p.amount) for p in moving], _rounded_change(one), one.unit)
    rows += [(p.name, _signed(amount, one), _said(p, one)) for p, amount in zip(moving, amounts, strict=True)]
    rows += [(end, _shown(one.after, one), ""), ("residual", _shown(one.residual(view), one), "")]
    for status in ("not observed", "no effect", "no change"):
        names = [p.name for p in rest if (p.status if p.amount is None else "no effect") == status]
        if names and view in ("driver", "variance"):
            rows.append((status, "", ", ".join(names)))
    return tuple(rows)


def _spans(found: Explanation) -> str:
    """Over what both sides are measured."""
    return " against ".join(f"{instant(start)} to {instant(end)}" for start, end in dict.fromkeys(found.horizons))


def _said(part: Part, one: Explained) -> str:
    """What is to be said of an amount: how sure it is, and its note."""
    error = f"± {shown(part.error, one.unit)}" if part.error else ""
    return ", ".join(text for text in (error, part.note if part.status == "ok" else _words(part)) if text)


def _words(part: Part) -> str:
    return f"{part.status}: {part.note}" if part.note else part.status


def _shown(amount: Decimal | None, one: Explained) -> str:
    """Money as cents, ratios as they are."""
    return shown(_number(amount), one.unit)


def _signed(amount: float | None, one: Explained) -> str:
    text = shown(amount, one.unit)
    return text if not text or text.startswith("-") else f"+{text}"


def _rounded_change(one: Explained) -> float | None:
    """From A to B as both are shown, which is what the parts add up to."""
    if one.before is None or one.after is None:
        return None
    decimals = DECIMALS.get(one.unit, 2)
    return round(float(one.after), decimals) - round(float(one.before), decimals)
