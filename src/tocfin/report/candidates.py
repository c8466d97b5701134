"""Candidates of stored proposals, for a reader."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from tocfin.report.forms import Page
from tocfin.report.grid import Grid
from tocfin.report.rescheduled import NAMES
from tocfin.report.rescheduled import page as rescheduled


def page(places: Sequence[str], found: Sequence[tuple[Any, Any]]) -> Page:
    """``found`` is what `tocfin.reschedule.handover.reopened` gave for each of ``places``."""
    pages = [rescheduled(proof, source.dataset.plan.currency, objective=proof.measure) for source, proof in found]
    if len(pages) == 1:
        return pages[0]

    def documents() -> list[dict[str, Any]]:
        return [{"place": place} | one.document() for place, one in zip(places, pages, strict=True)]

    def records() -> list[dict[str, Any]]:
        return [{"place": place, **row} for place, one in zip(places, pages, strict=True) for row in one.records()]

    def grids() -> list[Grid]:
        return [
            replace(grid, title=f"{place}: {grid.title}")
            for place, one in zip(places, pages, strict=True)
            for grid in one.grids()
        ]

    return Page(documents, records, ("place", *NAMES), grids)
