"""The state of an installation for a reader."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tocfin.report.forms import Page
from tocfin.report.grid import Grid

NAMES = ("check", "seen", "fine")


def page(found: Sequence[Any]) -> Page:
    """``found`` is what `tocfin.forecast.health.examined` saw."""
    records = [{"check": one.name, "seen": one.seen, "fine": one.fine} for one in found]
    rows = tuple((one.name, one.seen, "" if one.fine else "WRONG") for one in found)
    wrong = sum(not one.fine for one in found)
    note = "all is well" if not wrong else f"{wrong} thing(s) are wrong; reinstall with the versions of constraints.txt"
    return Page(
        lambda: {"schema": 1, "fine": not wrong, "checks": records},
        lambda: records,
        NAMES,
        lambda: [Grid("tocfin doctor", ("what", "seen", ""), rows, notes=(note,))],
    )
