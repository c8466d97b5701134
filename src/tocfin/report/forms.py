"""One way to put any result into the form that was asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tocfin.report.grid import Grid, markdown, terminal
from tocfin.report.records import csv_text, json_text


@dataclass(frozen=True, slots=True)
class Page:
    """A result in every form; each is made only when it is asked for."""

    document: Callable[[], Any]
    records: Callable[[], Sequence[Mapping[str, Any]]]
    names: Sequence[str]
    grids: Callable[[], Sequence[Grid]]

    def text(self, form: str, *, width: int = 160, colour: bool = False) -> str:
        """The result as ``json``, ``csv``, ``md`` or ``table``; the latter ``width`` characters wide."""
        match form:
            case "json":
                return json_text(self.document())
            case "csv":
                return csv_text(self.records(), self.names)
            case "md":
                return markdown(self.grids())
            case _:
                return terminal(self.grids(), width=width, colour=colour)
