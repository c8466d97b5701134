"""``tocfin events``: effects and actuals on stdout, the state of the work as a data set."""

import json
from collections.abc import Callable
from pathlib import Path
from shutil import copytree

import pytest
from click.testing import Result

from tocfin.opening import read

Run = Callable[..., Result]


@pytest.fixture
def reported(tmp_path: Path, plant: Path) -> Path:
    """The example plant with a few events of its first activity."""
    place = copytree(plant, tmp_path / "reported")
    first = read(place).tables["activities"].row(0, named=True)
    common = {"occurred_at": "2026-06-01T10:00:00Z", "recorded_at": "2026-06-01T10:05:00Z", "plant": "NORD"}
    plants = read(place).tables["plants"]["plant"]
    common["plant"] = plants[0]
    rows = [
        {"event_id": "E1", "type": "labour_booking", "operation": first["operation"], "resource": first["resource"],
         "hours": 2.0},
        {"event_id": "E2", "type": "completion", "operation": first["operation"], "good_qty": 1e6},
        {"event_id": "E3", "type": "labour_booking", "hours": 1.0, "job": "nobody"},
    ]  # fmt: skip
    lines = [json.dumps(row | common) for row in [*rows, rows[0]]]
    (place / "events.jsonl").write_text("\n".join(lines) + "\n", "utf-8")
    return place


def test_events_are_folded_into_actuals_effects_and_orphans(tocfin: Run, reported: Path) -> None:
    found = json.loads(tocfin("events", reported, "--format", "json").stdout)
    assert (found["events"], found["repeated"], found["reversed"]) == (3, 1, 0)
    assert [orphan["event_id"] for orphan in found["orphans"]] == ["E3"]
    amounts = {row["term"]: row["amount"] for row in found["terms"]}
    assert amounts["labour_hours"] == 2.0
    assert amounts["good_qty"] == 1e6
    table = tocfin("events", reported).stdout
    for word in ("issue", "labour", "scrap or rework", "completion", "downtime", "Orphans", "Actuals by period"):
        assert word in table
    assert tocfin("events", reported, "--format", "csv").stdout.startswith("period,plant,term,amount,unit")


def test_the_state_of_the_work_is_written_as_a_data_set(tocfin: Run, reported: Path, tmp_path: Path) -> None:
    shown = tocfin("events", reported, "--out", tmp_path / "now")
    assert shown.exit_code == 0, shown.stderr
    now = read(tmp_path / "now").require()
    first = now.tables["activities"].row(0, named=True)
    assert (first["status"], first["actual_end"] - first["actual_start"]) == ("Finished", 7200)
    again = json.loads(tocfin("events", tmp_path / "now", "--format", "json").stdout)
    assert again["events"] == 3  # the journal goes with the data set, and folding again changes nothing
    assert read(tmp_path / "now").tables["operations"].equals(now.tables["operations"])


def test_a_changed_event_is_refused(tocfin: Run, reported: Path) -> None:
    path = reported / "events.jsonl"
    path.write_text(path.read_text("utf-8") + path.read_text("utf-8").splitlines()[0].replace("2.0", "3.0"), "utf-8")
    assert tocfin("events", reported).exit_code == 2
