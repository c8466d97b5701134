"""Control totals for a reader: what the source states, what was read, what was set aside, what is missing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tocfin.dataset.controls import Control
from tocfin.report.amounts import shown
from tocfin.report.grid import Grid

NAMES = ("total", "source", "imported", "set_aside", "difference", "agrees")


def records(controls: Sequence[Control]) -> list[dict[str, Any]]:
    """One record per control total, in full."""
    return [
        {
            "total": control.name,
            "source": control.source,
            "imported": control.imported,
            "set_aside": control.set_aside,
            "difference": control.difference,
            "agrees": control.agrees,
        }
        for control in controls
    ]


def grid(controls: Sequence[Control]) -> Grid:
    """The control totals as a table; the last column says whether a total ties out."""
    rows = tuple(
        (record["total"], *(shown(record[name], "") for name in NAMES[1:5]), "yes" if record["agrees"] else "NO")
        for record in records(controls)
    )
    return Grid("Control totals", NAMES, rows, frozenset({1, 2, 3, 4}), (summary(controls),))


def summary(controls: Sequence[Control]) -> str:
    """``7 of 7 control totals tie out``."""
    agreeing = sum(control.agrees for control in controls)
    return f"{agreeing} of {len(controls)} control totals tie out"
