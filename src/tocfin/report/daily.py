"""A day's work for a reader: what came of each step, and in which file."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tocfin.dataset.text import instant
from tocfin.forecast.moved import Move
from tocfin.forecast.scopes import WHOLE
from tocfin.report.amounts import shown
from tocfin.report.forms import Page
from tocfin.report.grid import Grid

NAMES = ("step", "outcome", "file")


def page(steps: Sequence[Any], title: str, as_of: int) -> Page:
    """``steps`` have a name, an outcome in words and a file, or None where there is none."""
    records = [{name: getattr(step, name) for name in NAMES} for step in steps]
    for record in records:
        record["file"] = None if record["file"] is None else str(record["file"])
    rows = tuple((str(one["step"]), str(one["outcome"]), str(one["file"] or "")) for one in records)
    document = {"schema": 1, "project": title, "as_of": instant(as_of), "steps": records}
    return Page(lambda: document, lambda: records, NAMES, lambda: [Grid(f"{title}, {instant(as_of)}", NAMES, rows)])


def change(moves: Sequence[Move], since: str, currency: str) -> str:
    """The last of ``moves`` of the whole business in a few words: by how much, and what most of that is."""
    one = [move for move in moves if move.scope == WHOLE][-1]
    words = f"expected {one.kpi.replace('_', ' ')} {one.after - one.before:+z,.2f} {currency} since {since}"
    if not one.causes:
        return f"{words}: nothing has changed"
    cause, amount = max(one.causes, key=lambda pair: abs(pair[1]))
    return f"{words}, most by {cause} ({shown(amount, currency)})"
