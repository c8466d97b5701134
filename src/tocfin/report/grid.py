"""The one shape of everything that is shown: a titled grid of texts, drawn for a terminal, Markdown or HTML."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Literal

from tocfin.report.amounts import printable

if TYPE_CHECKING:
    from rich.table import Table

    from tocfin.report.columns import Laid


@dataclass(frozen=True, slots=True)
class Grid:
    """A table for a reader: cells are texts that are already rounded, ``numeric`` columns are set to the right."""

    title: str
    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numeric: frozenset[int] = frozenset()
    notes: tuple[str, ...] = ()


NARROWEST = 32  # the first column names the line and is squeezed no further


def terminal(grids: Sequence[Grid], *, width: int, colour: bool) -> str:
    """The grids as drawn by rich, ``width`` characters wide; where one is wider its columns go below each other."""
    from rich.console import Console
    from rich.text import Text

    from tocfin.report.columns import laid

    paper = io.StringIO()
    console = Console(file=paper, width=width, force_terminal=colour, no_color=not colour, highlight=False)
    for grid in grids:
        parts = laid(grid, width)
        for number, part in enumerate(parts):
            title = f"{grid.title} (continued)" if number else grid.title
            console.print(Text(printable(title), "bold"))
            console.print(_drawn(grid, part))
        for note in grid.notes:
            console.print(Text(printable(note), "dim"))
    return "\n".join(line.rstrip() for line in paper.getvalue().rstrip().split("\n"))


def _drawn(grid: Grid, part: Laid) -> Table:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table
    from rich.text import Text

    from tocfin.report.columns import heading

    table = Table(box=SIMPLE_HEAD, show_header=any(grid.headings))
    for at, width in zip(*part, strict=True):
        justify: Literal["left", "right"] = "right" if at in grid.numeric else "left"
        table.add_column(Text(heading(grid.headings[at], width)), justify=justify, width=width, overflow="fold")
    for row in grid.rows:
        cells = [row[at] for at in part.columns]
        table.add_row(*(Text(printable(cell), _STYLES.get(cell, "")) for cell in cells))
    return table


_STYLES = {"missed": "bold red", "met": "green", "within tolerance": "yellow", "part of period": "dim"}


def markdown(grids: Sequence[Grid]) -> str:
    """The grids as Markdown tables."""
    return "\n\n".join(_markdown(grid) for grid in grids)


def _markdown(grid: Grid) -> str:
    rule = ["---:" if at in grid.numeric else "---" for at in range(len(grid.headings))]
    lines = [f"**{_plain(grid.title)}**", ""]
    lines += ["| " + " | ".join(map(_plain, row)) + " |" for row in (grid.headings, rule, *grid.rows)]
    lines += ["", *(f"{_plain(note)}  " for note in grid.notes)] if grid.notes else []
    return "\n".join(lines)


def _plain(text: str) -> str:
    words = printable(text).replace("\n", " ").replace("\\", "\\\\")
    for mark in "|*`[]<":
        words = words.replace(mark, "\\" + mark)
    return words


def html(grids: Sequence[Grid]) -> str:
    """The grids as HTML tables; every text is escaped."""
    return "\n".join(_html(grid) for grid in grids)


def _html(grid: Grid) -> str:
    def line(row: Sequence[str], tag: str) -> str:
        cells = "".join(
            f'<{tag} style="text-align:{"right" if at in grid.numeric else "left"}">{escape(printable(cell))}</{tag}>'
            for at, cell in enumerate(row)
        )
        return f"<tr>{cells}</tr>"

    body = "".join(line(row, "td") for row in grid.rows)
    notes = "".join(f"<p>{escape(printable(note))}</p>" for note in grid.notes)
    head = f"<thead>{line(grid.headings, 'th')}</thead>"
    return f"<table><caption>{escape(printable(grid.title))}</caption>{head}<tbody>{body}</tbody></table>{notes}"
