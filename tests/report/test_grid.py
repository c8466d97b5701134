"""Texts and numbers as a reader sees them."""

import csv
import io
import json
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocfin.errors import Finding
from tocfin.report.amounts import printable, shown, worded
from tocfin.report.findings import listing, summary
from tocfin.report.grid import Grid, html, markdown, terminal
from tocfin.report.records import csv_text, json_text

GRID = Grid(
    "a | title", ("KPI", "value"), (("<b>T</b> | x", "1.00"), ("\x1b[31mred", "-2.00")), frozenset({1}), ("so",)
)


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (0.125, "USD", "0.12"),
        (0.375, "USD", "0.38"),
        (2.675, "USD", "2.67"),
        (-0.001, "USD", "0.00"),
        (34250.0, "EUR", "34,250.00"),
        (1.8354769, "1", "1.8355"),
        (None, "USD", ""),
    ],
)
def test_numbers_are_rounded_once_half_to_even(value: float | None, unit: str, text: str) -> None:
    assert shown(value, unit) == text


def test_a_missing_number_is_a_word_and_never_zero() -> None:
    assert worded(None, "1", "undefined", "investment is 0") == "undefined: investment is 0"
    assert worded(None, "USD", "not_supplied") == "not supplied"
    assert worded(34250.0, "USD") == "34,250.00 USD"
    assert worded(0.0, "%") == "0.00 %"


@given(st.text())
def test_no_control_or_direction_character_reaches_a_terminal(text: str) -> None:
    steering = {char for char in printable(text) if unicodedata.category(char) in {"Cc", "Cf", "Cs"}}
    assert steering <= {"\n"}


def test_printable_leaves_ordinary_text_alone() -> None:
    assert printable("Düsseldorf − 12 °C") == "Düsseldorf − 12 °C"
    assert printable("\x1b[2J\u202e\r") == "\\x1b[2J\\u202e\\r"


def test_a_terminal_table_holds_every_cell_and_no_colour_unless_wanted() -> None:
    drawn = terminal([GRID], width=80, colour=False)
    assert "<b>T</b> | x" in drawn
    assert "\x1b" not in drawn
    assert "\x1b[1m" in terminal([GRID], width=80, colour=True)


def test_markdown_and_html_escape_what_a_cell_holds() -> None:
    assert "&lt;b&gt;T&lt;/b&gt; | x" in html([GRID])
    assert r"| \<b>T\</b> \| x | 1.00 |" in markdown([GRID])


def test_csv_escapes_formulas_and_keeps_numbers() -> None:
    text = csv_text([{"a": "=1+1", "b": -2.5}, {"a": "x,y", "b": None}], ("a", "b"))
    assert list(csv.reader(io.StringIO(text))) == [["a", "b"], ["'=1+1", "-2.5"], ["x,y", ""]]


def test_json_is_never_nan() -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        json_text({"value": float("nan")})
    assert json.loads(json_text({"ü": 0.1})) == {"ü": 0.1}


def test_findings_come_errors_first_with_counts_and_what_to_do_next() -> None:
    doubt = Finding("warning", "zero-cost", "items", 3, "cost", "is 0 and there is stock", "items.csv")
    fault = Finding(
        "error", "dangling-key", "activities", 118, "resource", "'CNC-9' is not in resources", "activities.csv"
    )
    more = Finding(
        "error", "dangling-key", "activities", None, "resource", "and 7 more like it", "activities.csv", count=7
    )
    lines = listing([doubt, fault, more]).splitlines()
    assert lines[0] == "activities.csv:118: resource: 'CNC-9' is not in resources"
    assert lines[2] == "items.csv:3: cost: is 0 and there is stock (warning)"
    assert lines[3] == "8 errors (8 dangling-key), 1 warning (1 zero-cost)"
    assert "tocfin check" in lines[4]
    assert summary([]) == "no findings"
