"""How a malformed data set is written down."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from malformed.base import Change, cell, every, longer, place, records


class Fault(NamedTuple):
    """One error that must be told: its place as the user reads it, its rule, and a word of its message.

    ``jobs.csv:2: revenue`` is the file, the row and the column; a fault of a whole file has neither of those.
    """

    place: str
    rule: str
    word: str


@dataclass(frozen=True)
class Case:
    """What is changed in the valid data set and every error that must be told of it.

    ``open`` is what the command is pointed at, in the folder of the test. With ``others``, errors may be told
    besides that follow from these.
    """

    name: str
    change: Change
    faults: tuple[Fault, ...]
    open: str = "plant"
    others: bool = False


def one(
    name: str, change: Change, at: str, rule: str, word: str, *, opened: str = "plant", others: bool = False
) -> Case:
    """A case with one fault."""
    return Case(name, change, (Fault(at, rule, word),), opened, others)


def of_cell(table: str, row: int, column: str, value: str, rule: str, word: str | None = None) -> Case:
    """One cell is changed and told of; unless said otherwise its value is in the message."""
    shown = repr(value) if len(value) <= 20 else value[:20]
    at = place(table, row, column)
    return one(f"{table}.{column} {shown}", cell(table, row, column, value), at, rule, value if word is None else word)


def of_cells(table: str, column: str, rule: str, *values: str) -> Case:
    """Further rows, each with one faulty cell of that column."""
    first = len(records(table)) + 1
    faults = (Fault(place(table, row, column), rule, value) for row, value in enumerate(values, first))
    return Case(f"{rule} in {table}.{column}", longer(table, column, values), tuple(faults))


def together(name: str, *cases: Case) -> Case:
    """The changes of several cases at once; every fault of each must be told."""
    return Case(name, every(*(case.change for case in cases)), tuple(fault for case in cases for fault in case.faults))
