"""How wide the columns of a grid are in a terminal: no number and no word is ever cut, whatever the width.

A grid that is too wide becomes several below each other, each with the first column, which names the line.
"""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import NamedTuple

from rich.cells import cell_len

from tocfin.report.amounts import printable
from tocfin.report.grid import NARROWEST, Grid

#: Blanks and rules that a column brings with it, and the table with its first.
BESIDE, AROUND = 3, 1
#: A word longer than this may be folded: a path, a key of another system.
LONGEST_WORD = 40


class Laid(NamedTuple):
    """Some columns of a grid: which, and how wide."""

    columns: tuple[int, ...]
    widths: tuple[int, ...]


def laid(grid: Grid, width: int) -> list[Laid]:
    """The columns of ``grid`` in as many parts as ``width`` characters ask for."""
    if not grid.headings:
        return []
    least, natural = _sizes(grid)
    parts: list[list[int]] = [[0]]
    for at in range(1, len(grid.headings)):
        if len(parts[-1]) > 1 and _taken([least[one] for one in (*parts[-1], at)]) > width:
            parts.append([0])
        parts[-1].append(at)
    return [Laid(tuple(part), _filled(part, least, natural, width)) for part in parts]


def heading(text: str, width: int) -> str:
    """A heading on as many lines as it needs."""
    return "\n".join(line for part in text.split("\n") for line in textwrap.wrap(part, max(width, 1)) or [""])


def _sizes(grid: Grid) -> tuple[list[int], list[int]]:
    """Of each column the least width, in which no word is cut, and the width at which nothing is wrapped."""
    least, natural = [], []
    for at, title in enumerate(grid.headings):
        cells = [printable(row[at]) for row in grid.rows]
        whole = max((_line(cell) for cell in cells), default=0)
        most = max(whole, _line(title))
        narrowest = max([_word(title), *((whole,) if at in grid.numeric else map(_word, cells))])
        if at == 0:
            narrowest = max(narrowest, min(most, NARROWEST))
        least.append(narrowest)
        natural.append(max(most, narrowest))
    return least, natural


def _line(text: str) -> int:
    return max((cell_len(line) for line in text.split("\n")), default=0)


def _word(text: str) -> int:
    return max((min(cell_len(word), LONGEST_WORD) for word in text.split()), default=1)


def _taken(widths: Sequence[int]) -> int:
    return sum(widths) + BESIDE * len(widths) + AROUND


def _filled(part: Sequence[int], least: Sequence[int], natural: Sequence[int], width: int) -> tuple[int, ...]:
    """Widths of some columns: the least, and what is left of ``width`` to those that would have more, evenly."""
    widths = {at: least[at] for at in part}
    left = width - _taken([least[at] for at in part])
    if left < 0 and part:  # not even the first beside one more: what is longest is folded
        longest = max(part, key=lambda at: least[at])
        widths[longest] = max(1, widths[longest] + left)
    while left > 0 and (wanting := [at for at in part if widths[at] < natural[at]]):
        share = max(1, left // len(wanting))
        for at in wanting:
            more = min(share, natural[at] - widths[at], left)
            widths[at] += more
            left -= more
    return tuple(widths[at] for at in part)
