"""Job shops and flexible job shops as columns, and the text formats in which the literature hands them round.

``.txt`` (job shop): ``jobs machines``, then a line per job of ``machine duration`` pairs, machines from 0; jobs may
have any number of operations and come back to a machine. ``.fjs`` (flexible): ``jobs machines``, then a line per job:
the number of operations and, for each, the number of choices and that many ``machine duration`` pairs, machines from 1.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tocfin.errors import DatasetError, Finding

Ints = NDArray[np.int32]
Lengths = NDArray[np.int64]

#: A sum of durations beyond this is refused: nothing in a search may overflow.
LONGEST = 2**60


class Shop(NamedTuple):
    """Operations of each job side by side in their sequence, each with the machines that can do it."""

    name: str
    n_machine: int
    job_first: Ints  # (jobs + 1) into operation_*
    choice_first: Ints  # (operations + 1) into choice_*
    choice_machine: Ints  # (choices) from 0
    choice_length: Lengths  # (choices)

    @property
    def n_operation(self) -> int:
        """How many operations there are."""
        return self.choice_first.size - 1


class ShopPlan(NamedTuple):
    """Where and when each operation runs."""

    machine: Ints  # (operations)
    start: Lengths  # (operations)
    end: Lengths  # (operations)

    @property
    def makespan(self) -> int:
        """When all is done."""
        return int(self.end.max(initial=0))


def read(path: str | Path) -> Shop:
    """The shop in an instance file; raises DatasetError with every fault, by line."""
    file = Path(path)
    faults: list[Finding] = []
    lines = _numbers(file, faults)
    flexible = file.suffix.lower() == ".fjs"
    jobs: list[list[list[tuple[int, int]]]] = []
    if not faults:
        n_job, n_machine = _head(file, lines, faults)
        for number, values in lines[1 : 1 + n_job]:
            jobs.append(_flexible(values) if flexible else _plain(values))
            for message in _wrong(jobs[-1], n_machine, 1 if flexible else 0):
                faults.append(_fault(file, number, message))
        if len(lines) - 1 != n_job and not faults:
            faults.append(_fault(file, 1, f"says {n_job:,} jobs; {len(lines) - 1:,} lines of jobs follow"))
    if faults:
        raise DatasetError(tuple(faults))
    return shop(file.stem, n_machine, jobs)


def shop(name: str, n_machine: int, jobs: list[list[list[tuple[int, int]]]]) -> Shop:
    """A shop from lists: jobs of operations of choices (machine, duration)."""
    operations = [choices for job in jobs for choices in job]
    pairs = [pair for choices in operations for pair in choices]
    return Shop(
        name,
        n_machine,
        _sums([len(job) for job in jobs]),
        _sums([len(choices) for choices in operations]),
        np.array([machine for machine, _ in pairs], np.int32),
        np.array([length for _, length in pairs], np.int64),
    )


def _sums(counts: list[int]) -> Ints:
    return np.concatenate([[0], np.cumsum(counts)]).astype(np.int32)


def _fault(file: Path, line: int, message: str) -> Finding:
    return Finding("error", "instance", file.stem, line, None, message, file=file.name)


def _numbers(file: Path, faults: list[Finding]) -> list[tuple[int, list[int]]]:
    """Lines that are not blank, as numbers with their line number."""
    lines: list[tuple[int, list[int]]] = []
    for number, text in enumerate(file.read_text("utf-8", errors="replace").splitlines(), 1):
        words = text.split()
        # the third number of a flexible instance's first line is an average and may be a fraction
        words = words[:2] if not lines else words
        odd = next((word for word in words if not (word.isascii() and word.isdigit() and len(word) <= 15)), None)
        if odd is not None:
            faults.append(_fault(file, number, f"'{odd[:40]}' is not a whole number ≥ 0 of at most 15 digits"))
        elif words:
            lines.append((number, [int(word) for word in words]))
    return lines


def _head(file: Path, lines: list[tuple[int, list[int]]], faults: list[Finding]) -> tuple[int, int]:
    if lines and len(lines[0][1]) == 2 and min(lines[0][1]) > 0:
        return lines[0][1][0], lines[0][1][1]
    faults.append(_fault(file, 1, "the first line must be the numbers of jobs and of machines, both above 0"))
    return 0, 0


def _plain(values: list[int]) -> list[list[tuple[int, int]]]:
    """``machine duration`` pairs; a number too many is an operation without choices."""
    pairs = list(zip(values[::2], values[1::2], strict=False))
    return [[pair] for pair in pairs] + [[]] * (len(values) % 2)


def _flexible(values: list[int]) -> list[list[tuple[int, int]]]:
    """Choices counted from machine 0; what does not add up is an operation without choices."""
    operations: list[list[tuple[int, int]]] = []
    at = 1
    while at < len(values):
        n = values[at]
        pairs = values[at + 1 : at + 1 + 2 * n]
        whole = len(pairs) == 2 * n
        operations.append([(pairs[i] - 1, pairs[i + 1]) for i in range(0, 2 * n, 2)] if whole else [])
        at += 1 + 2 * n
    return operations if values and len(operations) == values[0] else [*operations, []]


def _wrong(operations: list[list[tuple[int, int]]], n_machine: int, first: int) -> list[str]:
    if not all(operations) or not operations:
        return ["the numbers of this job do not add up: an operation lacks its machine or its duration"]
    found = []
    for choices in operations:
        for machine, length in choices:
            if not 0 <= machine < n_machine:
                found.append(f"machine {machine + first} is not one of {first} to {n_machine - 1 + first}")
            if length > LONGEST // 10**7:
                found.append(f"duration {length} is out of range")
    return found
