"""CSV to the letter: encoding, quoting, line ends, records, header (R19, R22, I1)."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from plant import TABLES, errors, places, told, write

from shared_data import shared_data
from tocfin.catalogue import BY_NAME
from tocfin.catalogue import TABLES as CATALOGUE
from tocfin.dataset import read
from tocfin.dataset.delimited import read_delimited

ITEMS = TABLES["items"]


def test_a_legal_folder_has_no_error_and_every_table_of_the_catalogue(tmp_path: Path) -> None:
    found = read(write(tmp_path / "tiny"))
    assert errors(found) == []
    assert found.ok
    assert found.require() is found
    assert found.name == "tiny"
    assert list(found.tables) == [table.name for table in CATALOGUE]
    for table in CATALOGUE:
        assert found.tables[table.name].columns == ["row", *table.names]


def test_keys_stay_text_and_rows_count_from_the_header(tmp_path: Path) -> None:
    jobs = read(write(tmp_path)).tables["jobs"]
    assert jobs["job"].to_list() == ["J1", "0012"]
    assert jobs["row"].to_list() == [2, 3]


def test_mini1_is_read_without_an_error() -> None:
    found = read(shared_data("mini1"))
    assert errors(found) == []
    assert found.tables["activities"].height == 12
    assert found.plan is not None
    assert found.plan.policy == "reconciled"


def test_a_byte_order_mark_and_either_line_end_change_nothing(tmp_path: Path) -> None:
    plain = read(write(tmp_path / "a")).tables["items"]
    marked = read(write(tmp_path / "b", tables={"items": b"\xef\xbb\xbf" + ITEMS.replace("\n", "\r\n").encode()}))
    unfinished = read(write(tmp_path / "c", tables={"items": ITEMS.rstrip("\n")}))
    assert plain.equals(marked.tables["items"])
    assert plain.equals(unfinished.tables["items"])


def test_blanks_and_quotes_belong_to_a_text(tmp_path: Path) -> None:
    text = 'item,name,item_type,cost\nRM," a ""b"", c ",RawMaterial,"30"\n" x","line 1\r\nline 2",Tool,1\nY,"",Tool,2\n'
    items = read(write(tmp_path, tables={"items": text})).tables["items"]
    assert items["item"].to_list() == ["RM", " x", "Y"]
    assert items["name"].to_list() == [' a "b", c ', "line 1\r\nline 2", None]
    assert items["row"].to_list() == [2, 3, 5]


@pytest.mark.parametrize(
    ("content", "place"),
    [
        (b"", "items.csv"),
        (b"item,item_type,cost\nRM\0,RawMaterial,30\n", "items.csv:2"),
        (b"item,item_type,cost\nRM,RawMaterial,30\nX\xff,Tool,1\n", "items.csv:3"),
        (ITEMS.encode("utf-16"), "items.csv:1"),
        (b"item,item_type,cost\rRM,RawMaterial,30\r", "items.csv:1"),
        (b"item,item_type,cost\nRM,RawMaterial,30\rX,Tool,1\n", "items.csv:2"),
        (b"item,item_type,cost\nRM,RawMaterial\n", "items.csv:2"),
        (b"item,item_type,cost\nRM,RawMaterial,30,1\n", "items.csv:2"),
        (b"item,item_type,cost\nRM,RawMaterial,30\n\n", "items.csv:3"),
        (b"item,item_type,cost\n\nRM,RawMaterial,30\n", "items.csv:2"),
        (b'item,item_type,cost\n"RM,RawMaterial,30\n', "items.csv:2"),
        (b'item,item_type,cost\n"R\nM",RawMaterial,30\n"X"y,Tool,1\n', "items.csv:4"),
        (b'item,item_type,cost\nR"M",RawMaterial,30\n', "items.csv:2"),
        (b'item,item_type,cost\nRM,"Raw"Material,30\n', "items.csv:2"),
        (b"item;item_type;cost\nRM;RawMaterial;30\n", "items.csv:1"),
    ],
)
def test_a_broken_file_is_one_finding_at_the_line_its_record_starts_on(
    tmp_path: Path, content: bytes, place: str
) -> None:
    messages = [message for message in told(tmp_path, items=content) if message.startswith("items")]
    assert len(messages) == 1
    assert messages[0].startswith(f"{place}: ")


@pytest.mark.parametrize(
    ("header", "place"),
    [
        ("item,item_type,cost,cost", "items.csv:1: cost"),
        ("item,item_type,cost,colour", "items.csv:1: colour"),
        ("item,item_type,cost,", "items.csv:1: column 4"),
        ("item,item_type,cost,Price", "items.csv:1: Price"),
        ("item,item_type,price,uom", "items.csv:1: cost"),
    ],
)
def test_a_header_fault_is_on_row_1_and_names_the_column(tmp_path: Path, header: str, place: str) -> None:
    assert places(told(tmp_path, items=f"{header}\nRM,RawMaterial,30,1\n")) == [place]


def test_an_unknown_column_names_the_nearest_known_one(tmp_path: Path) -> None:
    (message,) = told(tmp_path, items="item,item_type,cost,Price\nRM,RawMaterial,30,1\n")
    assert message.endswith("did you mean 'price'?")


def test_ragged_rows_do_not_make_references_to_their_table_dangle(tmp_path: Path) -> None:
    assert places(told(tmp_path, items="item,item_type,cost\nRM,RawMaterial,30,9\n")) == [
        "items.csv:2: has 4 field(s); the header has 3"
    ]


def test_a_table_may_have_a_header_only_but_plants_may_not(tmp_path: Path) -> None:
    assert told(tmp_path / "a", inventories="warehouse,item,on_hand_qty\n") == []
    (first, *_) = told(tmp_path / "b", plants=TABLES["plants"].splitlines()[0])
    assert first == "plants.csv: has no rows; it needs at least one plant"


def test_a_thousand_columns_are_one_finding(tmp_path: Path) -> None:
    header = ",".join(f"c{number}" for number in range(5_000))
    assert len(told(tmp_path, items=f"{header}\n")) == 1


def test_a_field_beyond_131072_characters_is_an_error(tmp_path: Path) -> None:
    long = "x" * 131_073
    messages = told(tmp_path, items=f"item,name,item_type,cost\nRM,{long},RawMaterial,1\nY,{long[1:]},Tool,1\n")
    assert places(messages) == ["items.csv:2: name"]


@pytest.mark.parametrize("character", ["\u202e", "\u200f", "\x07", "\x85", "\t"])
def test_characters_nobody_sees_are_kept_with_a_warning(tmp_path: Path, character: str) -> None:
    found = read(write(tmp_path, tables={"items": f"item,name,item_type,cost\nRM,a{character}b,RawMaterial,1\n"}))
    assert found.tables["items"]["name"].to_list() == [f"a{character}b"]
    assert [(f.grade, f.rule, f.row) for f in found.findings if f.rule == "control-character"] == [
        ("warning", "control-character", 2)
    ]


def test_a_hundred_errors_of_a_kind_are_told_and_the_rest_counted(tmp_path: Path) -> None:
    rows = "".join(f"I{number},Tool,x\n" for number in range(1_000))
    found = read(write(tmp_path, tables={"items": f"item,item_type,cost\nRM,RawMaterial,1\n{rows}"}))
    listed = [finding for finding in found.findings if finding.rule == "not-a-number"]
    assert len(listed) == 101
    assert sum(finding.count for finding in listed) == 1_000
    assert str(listed[-1]) == "items.csv: cost: and 900 more like it"


_PIECES = st.text(alphabet=st.sampled_from('ab", \r\né€'), max_size=6)


@given(rows=st.lists(st.tuples(_PIECES, _PIECES, _PIECES), max_size=8), end=st.sampled_from(["\n", "\r\n"]))
def test_what_a_csv_writer_writes_is_read_back_exactly(rows: list[tuple[str, ...]], end: str) -> None:
    file = io.StringIO()
    csv.writer(file, lineterminator=end, quoting=csv.QUOTE_ALL if end == "\n" else csv.QUOTE_MINIMAL).writerows(
        [("item", "name", "uom"), *rows]
    )
    raw = read_delimited(BY_NAME["items"], "items.csv", file.getvalue().encode())
    assert [finding.rule for finding in raw.findings] == ["missing-column", "missing-column"]
    assert [tuple(cell or "" for cell in row[1:]) for row in raw.frame.iter_rows()] == rows


@given(st.text(alphabet=st.sampled_from('ab",\r\n'), max_size=24))
def test_a_file_is_accepted_exactly_when_it_is_rfc_4180(body: str) -> None:
    raw = read_delimited(BY_NAME["items"], "items.csv", f"item,name\n{body}".encode())
    told = {finding.rule for finding in raw.findings} - {"missing-column"}
    expected = _rfc_4180(body)
    if expected is None or any(len(row) != 2 for row in expected):
        assert told
    else:
        assert not told
        assert [[cell or "" for cell in row[1:]] for row in raw.frame.iter_rows()] == expected


def _rfc_4180(text: str) -> list[list[str]] | None:
    """The records of ``text`` by the grammar of RFC 4180, one character at a time; None when it has none."""
    rows: list[list[str]] = []
    row: list[str] = []
    place = 0
    while place < len(text) or row:
        if text[place : place + 1] == '"':
            field, place = "", place + 1
            while (close := text.find('"', place)) >= 0 and text[close + 1 : close + 2] == '"':
                field, place = field + text[place : close + 1], close + 2
            if close < 0:
                return None
            field, place = field + text[place:close], close + 1
        else:
            start = place
            while place < len(text) and text[place] not in ',"\r\n':
                place += 1
            field = text[start:place]
        row.append(field)
        if text[place : place + 1] == ",":
            place += 1
            continue
        if text[place : place + 2] == "\r\n":
            place += 1
        if place < len(text) and text[place] != "\n":
            return None
        place += 1
        rows.append(row)
        row = []
    return rows
