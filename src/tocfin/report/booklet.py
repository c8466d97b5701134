"""The one report model: sections of tables and charts with every number rounded once; HTML, XLSX and JSON render it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import fsum
from typing import Any

from tocfin.report.amounts import DECIMALS, adding, shown, spread

#: How a cell is to be taken: good, bad, in between, or neither.
TONES = ("", "good", "bad", "fair")
#: What a column tells of; each has a pattern of its own: outlined, solid, hatched.
KINDS = ("plan", "actual", "forecast")


@dataclass(frozen=True, slots=True)
class Cell:
    """``text`` is what a reader sees, ``value`` the same as a number rounded alike (or the text).

    ``note`` says more of it (the formula of a KPI); ``jump`` is the name of the table that it leads to.
    """

    text: str
    value: float | str | None = None
    tone: str = ""
    decimals: int = 2
    note: str = ""
    jump: str = ""


Row = tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Drawn:
    """What a workbook draws of a table: ``kind`` of chart, the column of names, those of values."""

    kind: str
    names: int
    values: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A table under a name that files and links may use; ``numeric`` columns are set to the right.

    In the columns ``sums`` the rows add up to ``total``, as shown. Pages show the first ``most`` rows and what all
    others come to; files for other programs hold every row. ``folded`` is shown on demand and not printed. ``kinds``
    says of columns whether they are plan, actual or forecast, ``choices`` what may be chosen in a column.
    """

    name: str
    title: str
    headings: tuple[str, ...]
    rows: tuple[Row, ...]
    numeric: frozenset[int] = frozenset()
    notes: tuple[str, ...] = ()
    total: Row = ()
    sums: frozenset[int] = frozenset()
    most: int | None = None
    folded: bool = False
    kinds: Mapping[int, str] = field(default_factory=dict)
    choices: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    drawn: Drawn | None = None

    def shortened(self, most: int | None = None) -> Table:
        """At most ``most`` rows (as many as its own where None), with what the others come to."""
        limit = self.most if most is None else most
        if limit is None or len(self.rows) <= limit:
            return self
        shown, left = self.rows[:limit], len(self.rows) - limit
        more = f"{left:,} more rows are in the forms .xlsx, .json and Parquet"
        if self.total:
            shown = (*shown, self._others(self.rows[limit:], left))
        return replace(self, rows=shown, notes=(*self.notes, more), most=None)

    def _others(self, rows: Sequence[Row], count: int) -> Row:
        cells = [text(f"{count:,} others"), *(Cell("") for _ in self.headings[1:])]
        for at in self.sums:
            values = [row[at].value for row in rows]
            known = [value for value in values if isinstance(value, int | float)]
            if len(known) == len(values):
                decimals = rows[0][at].decimals
                value = round(fsum(known), decimals) + 0.0
                cells[at] = Cell(f"{value:z,.{decimals}f}", value, "", decimals)
        return tuple(cells)


@dataclass(frozen=True, slots=True)
class Chart:
    """A picture: ``figure`` as plotly takes it, ``words`` what it says for those who do not see it.

    ``jump`` is the name of the table that a click leads to, where the clicked thing names none itself (``customdata``).
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


def text(value: str | None, tone: str = "", *, note: str = "", jump: str = "") -> Cell:
    """A cell of words."""
    return Cell(value or "", value, tone, note=note, jump=jump)


def number(value: float | None, unit: str = "", tone: str = "", missing: str = "not supplied") -> Cell:
    """A cell of one number, rounded half to even; ``missing`` where there is none."""
    if value is None or value != value:
        return Cell(missing)
    decimals = DECIMALS.get(unit, 2)
    return Cell(shown(value, unit), round(value, decimals) + 0.0, tone, decimals)


def additive(values: Sequence[float | None], total: float | None, unit: str = "") -> list[Cell]:
    """Cells of parts that a reader may add up to the cell of ``total``, as `adding` has them."""
    return [number(value, unit) for value in adding(values, total, unit)]


def amount_of(cell: Cell) -> float:
    """The number of a cell; 0 where it has none."""
    return float(cell.value) if isinstance(cell.value, int | float) else 0.0


def estimate(found: Any, unit: str = "") -> Cell:
    """A mean with the half-width of its interval."""
    plain = number(found.value, unit)
    return Cell(spread(found, unit), plain.value, "", plain.decimals)
