"""``tocfin stock``: projected balances and the first shortage, and the same warning in every command that reads."""

import json
from pathlib import Path
from shutil import copytree

from cli.conftest import Run


def test_stock_is_shown_by_item_and_by_day(tocfin: Run, plant: Path) -> None:
    found = json.loads(tocfin("stock", plant, "--item", "RM-BAR", "--format", "json").stdout)["stock"]
    assert [(row["plant"], row["opening"], row["short"], row["status"]) for row in found] == [
        ("ESS", 5200.0, None, "ok"),
        ("MKE", 2900.0, None, "ok"),
    ]
    for row in found:
        moved = sum(row[name] for name in ("opening", "receipts", "completions", "issues", "shipments"))
        assert row["closing"] == moved
        days = json.loads(tocfin("stock", plant, "--item", "RM-BAR", "--by", "day", "--format", "json").stdout)["stock"]
        assert [day for day in days if day["plant"] == row["plant"]][-1]["closing"] == row["closing"]


def test_a_shortage_has_a_date_a_quantity_and_a_place(tocfin: Run, plant: Path, tmp_path: Path) -> None:
    short = Path(copytree(plant, tmp_path / "short"))
    lines = (short / "supplies.csv").read_text("utf-8").splitlines()
    kept = [line for line in lines if ",RM-BAR,ESS-RAW," not in line]
    (short / "supplies.csv").write_text("\n".join(kept) + "\n", "utf-8")
    said = tocfin("check", short)
    assert "'RM-BAR' in plant 'ESS' is short from 2026-06-" in said.stderr + said.stdout
    row = json.loads(tocfin("stock", short, "--item", "RM-BAR", "--format", "json").stdout)["stock"][0]
    assert row["short_from"].startswith("2026-06-")
    assert row["short"] > 0 > row["lowest"]


def test_an_unknown_item_is_refused(tocfin: Run, plant: Path) -> None:
    assert tocfin("stock", plant, "--item", "RM-NONE").exit_code == 2
