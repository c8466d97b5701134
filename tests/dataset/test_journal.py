"""The events table of a data set: three forms of file, rows that come twice, rows about what the plan does not know."""

from __future__ import annotations

from pathlib import Path

import plant
import polars as pl
import pytest

from tocfin.dataset import read

HEAD = "event_id,type,occurred_at,recorded_at,plant,job,hours"
ROWS = [
    "E1,labour_booking,2026-06-01T10:00,2026-06-01T10:05Z,P1,J1,1.5",
    "E2,labour_booking,2026-06-01T11:00+02:00,2026-06-01T10:05Z,P1,0012,0.25",
]


def written(folder: Path, form: str, rows: list[str]) -> Path:
    place = plant.write(folder)
    text = "\n".join([HEAD, *rows]) + "\n"
    if form == "csv":
        (place / "events.csv").write_text(text, "utf-8")
        return place
    frame = pl.read_csv(text.encode(), infer_schema=False).with_columns(pl.col("hours").cast(pl.Float64))
    if form == "parquet":
        frame.write_parquet(place / "events.parquet")
    else:
        frame.write_ndjson(place / "events.jsonl")
    return place


@pytest.mark.parametrize("form", ["csv", "parquet", "jsonl"])
def test_events_read_alike_from_every_form(tmp_path: Path, form: str) -> None:
    found = read(written(tmp_path / "tiny", form, ROWS)).require().tables["events"]
    assert found.select("event_id", "occurred_at", "job", "hours").rows() == [
        ("E1", 1_780_300_800, "J1", 1.5),  # 10:00 in Berlin
        ("E2", 1_780_304_400, "0012", 0.25),
    ]


def test_a_row_that_comes_again_unchanged_is_no_fault_and_a_changed_one_is(tmp_path: Path) -> None:
    assert read(written(tmp_path / "a", "csv", [*ROWS, ROWS[0]])).ok
    changed = read(written(tmp_path / "b", "csv", [*ROWS, ROWS[0].replace("1.5", "1.6")]))
    assert plant.errors(changed) == ["events.csv:4: event_id: event_id 'E1' is already the key of row 2"]


def test_an_event_about_an_unknown_job_is_a_warning(tmp_path: Path) -> None:
    found = read(written(tmp_path / "a", "csv", [ROWS[0].replace("J1", "J9")]))
    assert found.ok
    assert "events.csv:2: job: 'J9' is not in jobs" in [str(finding) for finding in found.findings]


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("{", "events.jsonl:1: is not a line of JSON"),
        ("[1]", "events.jsonl:1: is '[1]', not an object"),
        ('{"event_id": "a", "event_id": "b"}', "a name is there twice"),
        ('{"evnt_id": "a"}', "events.jsonl:1: evnt_id: is not a column of events; did you mean 'event_id'?"),
        ('{"event_id": "a", "hours": NaN}', "NaN is not a number of JSON"),
        ('{"event_id": "a", "hours": "12,5"}', "events.jsonl:1: hours: '12,5' is not a number"),
    ],
)
def test_a_line_that_is_no_event_is_told_by_its_number(tmp_path: Path, line: str, told: str) -> None:
    place = plant.write(tmp_path / "tiny")
    (place / "events.jsonl").write_text(line + "\n", "utf-8")
    assert any(told in message for message in plant.errors(read(place))), plant.errors(read(place))
