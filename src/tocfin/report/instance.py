"""What a run on an instance of the literature found."""

from __future__ import annotations

from typing import Any, Protocol

from tocfin.report.forms import Page
from tocfin.report.grid import Grid

NAMES = ("name", "makespan", "lower_bound", "status", "seconds", "feasible")


class Ran(Protocol):
    """A result with these names as its attributes."""

    @property
    def name(self) -> str:
        """The instance."""


def page(found: Ran) -> Page:
    """The result in every form."""
    record: dict[str, Any] = {name: getattr(found, name) for name in NAMES}
    record["seconds"] = round(record["seconds"], 3)
    row = tuple(
        f"{value:,}" if isinstance(value, int) and value is not True else str(value) for value in record.values()
    )
    return Page(
        lambda: record, lambda: [record], NAMES, lambda: [Grid("Instance", NAMES, (row,), frozenset({1, 2, 4}))]
    )
