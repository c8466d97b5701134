"""The one report model: sections of tables and charts with every number rounded once; HTML, XLSX and JSON render it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tocfin.report.amounts import DECIMALS, parts, shown, spread

#: How a cell is to be taken: good, bad, in between, or neither.
TONES = ("", "good", "bad", "fair")


@dataclass(frozen=True, slots=True)
class Cell:
    """``text`` is what a reader sees, ``value`` the same as a number rounded alike (or the text)."""

    text: str
    value: float | str | None = None
    tone: str = ""
    decimals: int = 2


@dataclass(frozen=True, slots=True)
class Table:
    """A table under a name that files and links may use; ``numeric`` columns are set to the right."""

    name: str
    title: str
    headings: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    numeric: frozenset[int] = frozenset()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Chart:
    """A picture: ``figure`` as plotly takes it, ``words`` what it says for those who do not see it.

    ``jump`` is the name of the table that a click leads to.
    """

    name: str
    title: str
    figure: Mapping[str, Any]
    words: str
    jump: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """One question and what answers it."""

    name: str
    title: str
    question: str
    contents: tuple[Table | Chart, ...]


@dataclass(frozen=True)
class Booklet:
    """A report. ``leads`` are the sentences of page 1."""

    title: str
    subtitle: str
    currency: str
    leads: tuple[str, ...]
    sections: tuple[Section, ...]
    document: Mapping[str, Any] = field(default_factory=dict)

    @property
    def tables(self) -> list[Table]:
        """Every table, in order."""
        return [one for section in self.sections for one in section.contents if isinstance(one, Table)]


def text(value: str | None, tone: str = "") -> Cell:
    """A cell of words."""
    return Cell(value or "", value, tone)


def number(value: float | None, unit: str = "", tone: str = "", missing: str = "not supplied") -> Cell:
    """A cell of one number, rounded half to even; ``missing`` where there is none."""
    if value is None or value != value:
        return Cell(missing)
    decimals = DECIMALS.get(unit, 2)
    return Cell(shown(value, unit), round(value, decimals) + 0.0, tone, decimals)


def additive(values: Sequence[float | None], total: float | None, unit: str = "") -> list[Cell]:
    """Cells of parts that a reader may add up to the cell of ``total``; rounded alone where one is not known."""
    known = [value for value in values if value is not None and value == value]
    if len(known) < len(values) or total is None or total != total:
        return [number(value, unit) for value in values]
    return [number(value, unit) for value in parts(known, total, DECIMALS.get(unit, 2))]


def estimate(found: Any, unit: str = "") -> Cell:
    """A mean with the half-width of its interval."""
    plain = number(found.value, unit)
    return Cell(spread(found, unit), plain.value, "", plain.decimals)
