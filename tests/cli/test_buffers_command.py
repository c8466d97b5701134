"""``tocfin buffers`` on the example plant, in every form."""

import csv
import json
from collections.abc import Callable
from pathlib import Path
from shutil import copytree

from click.testing import Result

Run = Callable[..., Result]


def test_buffers_of_the_example_are_told_in_every_form(tocfin: Run, plant: Path) -> None:
    found = json.loads(tocfin("buffers", plant, "--format", "json").stdout)
    assert {(line["kind"], line["scope"]) for line in found["buffers"]} == {
        ("shipping", "ESS"), ("shipping", "MKE"), ("drum", "E-5AX"), ("drum", "M-GRIND"), ("stock", "RM-CAST-S"),
        ("stock", "RM-SOLENOID"),
    }  # fmt: skip
    used = [line["projected_used_percent"] for line in found["buffers"] if line["projected_used_percent"] is not None]
    assert found["buffers"][0]["projected_used_percent"] == max(used)
    assert [load["resource"] for load in found["planned_load"]] == ["E-5AX", "M-GRIND"]
    records = list(csv.DictReader(tocfin("buffers", plant, "--format", "csv").stdout.splitlines()))
    assert [row["job"] or None for row in records] == [line["job"] for line in found["buffers"]]
    table = tocfin("buffers", plant).stdout
    assert "the most endangered first" in table
    assert "E-5AX" in table


def test_a_data_set_without_buffers_says_what_to_do(tocfin: Run, plant: Path, tmp_path: Path) -> None:

    bare = copytree(plant, tmp_path / "bare")
    (bare / "buffers.csv").unlink()
    said = tocfin("buffers", bare)
    assert said.exit_code == 2
    assert "list them in the table buffers" in said.stderr
