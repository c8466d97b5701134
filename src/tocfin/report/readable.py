"""What shows itself, in a notebook or by a plain ``print``: a data set and what is wrong with it.

``plot`` hands over plotly's own figure, which a notebook shows and a caller may change; it needs the extra ``report``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any, TypeVar

from tocfin import opening
from tocfin.dataset import Dataset
from tocfin.errors import Finding, UsageError
from tocfin.report import findings
from tocfin.report.booklet import Chart
from tocfin.report.grid import Grid, html, terminal

WIDTH = 160


class Readable:
    """Shows itself as grids, and its charts by name."""

    def grids(self) -> Sequence[Grid]:
        """What there is to read."""
        raise NotImplementedError

    def charts(self) -> Mapping[str, Chart]:
        """What there is to see."""
        raise NotImplementedError

    def plot(self, name: str | None = None) -> Any:
        """The chart called ``name``, by default the first, as a plotly Figure.

        Raises UsageError for a chart that there is not, naming those that there are.
        """
        from tocfin.report.charts import figure

        known = self.charts()
        if not known:
            raise UsageError("there is nothing to draw: no target over the whole horizon has a value")
        chosen = next(iter(known)) if name is None else name
        if chosen not in known:
            raise UsageError(f"there is no chart '{chosen}'; there are {', '.join(known)}")
        return figure(known[chosen])

    def _repr_html_(self) -> str:
        return html(self.grids())

    def __str__(self) -> str:
        return terminal(self.grids(), width=WIDTH, colour=False)


Kind = TypeVar("Kind", bound=Readable)


class Findings(tuple[Finding, ...]):
    """Findings as a table, errors first."""

    __slots__ = ()

    def _repr_html_(self) -> str:
        return html([self._grid()])

    def __str__(self) -> str:
        return findings.listing(self)

    def _grid(self) -> Grid:
        rows = tuple((one.grade, one.place, one.message, one.rule) for one in findings.in_order(self))
        return Grid("Findings", ("grade", "place", "what is wrong", "rule"), rows, notes=(findings.summary(self),))


class ReadableDataset(Readable, Dataset):
    """A Dataset that shows its tables and what is wrong with them; its plan as bars (`gantt`) and as `load`."""

    def grids(self) -> Sequence[Grid]:
        """Rows by table, or faults; control totals."""
        return findings.page(self).grids()

    def charts(self) -> Mapping[str, Chart]:
        """The plan, drums first. Raises DatasetError where the data set has errors."""
        from tocfin.forecast.gantt import gantt
        from tocfin.forecast.variants import asked_of
        from tocfin.report import timetable

        found = gantt(asked_of(self.require()).world)
        return {"gantt": timetable.bars(found), "load": timetable.heat(found)}


def read(source: str | Path | Mapping[str, Any]) -> ReadableDataset:
    """Read and check a data set: a folder, an ``.xlsx`` workbook, or a mapping of data frames.

    Never raises for bad content: everything wrong is in ``findings``; ``require`` raises it as a DatasetError.
    """
    found = opening.read(source)
    return readable(ReadableDataset, found, findings=Findings(found.findings))


def readable(kind: type[Kind], found: Any, **other: Any) -> Kind:
    """``found`` as the class that shows itself, with ``other`` values of some fields."""
    return kind(**{each.name: getattr(found, each.name) for each in fields(found)} | other)
