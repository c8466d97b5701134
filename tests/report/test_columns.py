"""Tables fit the terminal: parts below each other instead of a number or a word that is cut."""

import re

from hypothesis import given
from hypothesis import strategies as st

from tocfin.report.columns import LONGEST_WORD, laid
from tocfin.report.grid import Grid, terminal

words = st.text("abcdefgh", min_size=1, max_size=12)
phrases = st.lists(words, min_size=1, max_size=6).map(" ".join)
numbers = st.floats(-1e9, 1e9).map(lambda value: f"{value:,.2f}")


@st.composite
def grids(draw: st.DrawFn) -> Grid:
    columns = draw(st.integers(1, 9))
    numeric = frozenset(draw(st.sets(st.integers(1, columns), max_size=columns))) - {columns}
    headings = tuple(draw(st.lists(phrases, min_size=columns, max_size=columns)))
    row = st.tuples(*(numbers if at in numeric else phrases for at in range(columns)))
    return Grid(draw(phrases), headings, tuple(draw(st.lists(row, max_size=4))), numeric)


@given(grids(), st.integers(60, 200))
def test_every_word_and_every_number_is_whole_at_any_width(grid: Grid, width: int) -> None:
    drawn = terminal([grid], width=width, colour=False)
    assert max(map(len, drawn.split("\n"))) <= width
    shown = set(re.findall(r"[^\s─]+", drawn))
    assert {word for row in (grid.headings, *grid.rows) for cell in row for word in cell.split()} <= shown


@given(grids(), st.integers(20, 300))
def test_every_column_is_drawn_once_and_the_first_in_every_part(grid: Grid, width: int) -> None:
    parts = laid(grid, width)
    assert all(part.columns[0] == 0 for part in parts)
    assert sorted(at for part in parts for at in part.columns[1:]) == list(range(1, len(grid.headings)))


def test_a_table_that_fits_is_one_table() -> None:
    grid = Grid("t", ("KPI", "value"), (("Throughput", "1.00 EUR"),), frozenset({1}))
    assert terminal([grid], width=80, colour=False).count("t\n") == 1
    assert "(continued)" not in terminal([grid], width=24, colour=False)


def test_what_is_wider_than_the_terminal_is_folded_and_not_lost() -> None:
    key = "K" * (3 * LONGEST_WORD)
    drawn = terminal([Grid("t", ("key", "value"), ((key, "12.00"),), frozenset({1}))], width=40, colour=False)
    assert drawn.count("K") == len(key)
    assert "12.00" in drawn
