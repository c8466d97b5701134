import polars as pl
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tocfin.dataset.text import day, escape_text, instant, spelled, unescape_text


@given(st.text())
@example("=1")
@example("'=1")
@example("'")
@example("''")
def test_unescaping_gives_back_what_was_escaped(text):
    assert unescape_text(escape_text(text)) == text


@pytest.mark.parametrize("risky", ["=1+1", "+1", "-1", "@cmd", "\tx", "\rx", "\nx", "'x", "＝1", "＠x"])
def test_a_text_that_looks_like_a_formula_is_escaped(risky):
    assert escape_text(risky) == f"'{risky}"


@pytest.mark.parametrize("plain", ["", "CNC-9", "1=1", " =1", "a'b"])
def test_other_texts_are_left_alone(plain):
    assert escape_text(plain) == plain
    assert unescape_text(plain) == plain


def test_a_leading_quote_that_hides_nothing_is_left_on_the_way_in():
    assert unescape_text("'tis") == "'tis"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "1970-01-01T00:00:00Z"), (-1, "1969-12-31T23:59:59Z"), (-62_135_596_800, "0001-01-01T00:00:00Z")],
)
def test_instants_are_spelled_in_utc_one_by_one_and_by_column(seconds, text):
    assert instant(seconds) == text
    assert pl.select(spelled(pl.lit(seconds, pl.Int64), "time")).item() == text


def test_dates_and_clock_times_are_spelled_as_the_reader_takes_them():
    assert day(-1) == "1969-12-31"
    assert pl.select(spelled(pl.lit(-1, pl.Int64), "date")).item() == "1969-12-31"
    assert pl.select(spelled(pl.lit(23_400, pl.Int64), "clock")).item() == "06:30"
