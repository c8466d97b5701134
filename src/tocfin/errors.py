"""What can be wrong with an input, said so that the owner of the spreadsheet can mend it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any, Literal

Grade = Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault at one place.

    ``grade`` is *error* (no number may be computed) or *warning* (the number stands, the reader should
    know). ``row`` is the line of the file on which the record starts, the header being line 1 (workbook:
    the sheet row; Parquet: record number + 1); a fault of a whole file has no row. ``rule`` is a stable
    slug such as ``dangling-key``. ``file`` is how the place is shown (``activities.csv``, ``plan.toml``,
    ``jobs``); ``count`` is more than 1 where one line stands for several like it.
    """

    grade: Grade
    rule: str
    table: str
    row: int | None
    column: str | None
    message: str
    file: str = ""
    value: str | None = None
    cell: str | None = None
    count: int = 1

    @property
    def place(self) -> str:
        """``activities.csv:118: resource``, or ``jobs!E3: revenue`` for a cell of a workbook."""
        name = self.file or self.table
        if self.cell:
            name = f"{name}!{self.cell}"
        elif self.row is not None:
            name = f"{name}:{self.row}"
        return f"{name}: {self.column}" if self.column else name

    def __str__(self) -> str:
        return f"{self.place}: {self.message}"

    def as_dict(self) -> dict[str, Any]:
        """The JSON form of the command contract."""
        return {key: value for key, value in asdict(self).items() if key not in {"file", "cell"}} | {
            "place": self.place
        }


class TocfinError(Exception):
    """Base of every error that tocfin raises on purpose; its text is meant for the user.

    ``next`` is the command to type next, as words, where whoever raised or passed it on knows one.
    """

    exit_code = 2
    next: tuple[str, ...] = ()


class UsageError(TocfinError):
    """The request cannot be carried out as worded (unknown name, path taken, option out of range)."""


class DatasetError(TocfinError):
    """The data set has errors; ``findings`` holds every one of them, warnings too."""

    def __init__(self, findings: Iterable[Finding]) -> None:
        self.findings = tuple(findings)
        errors = [finding for finding in self.findings if finding.grade == "error"]
        shown = "\n".join(str(finding) for finding in errors[:20])
        more = f"\n... and {len(errors) - 20} more" if len(errors) > 20 else ""
        super().__init__(f"{len(errors)} error(s) in the data set\n{shown}{more}")
