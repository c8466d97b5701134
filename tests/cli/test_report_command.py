"""``tocfin report``: written whole, never over what is there, and refused with words."""

import json
from collections.abc import Callable
from pathlib import Path

from click.testing import Result

from small_plant import small_plant

Run = Callable[..., Result]


def test_scenarios_become_one_file(tocfin: Run, tmp_path: Path) -> None:
    files = small_plant(tmp_path)
    out = tmp_path / "report.json"
    said = tocfin("report", *files, "--out", out, "--replications", 32)
    assert (said.exit_code, said.stdout) == (0, "")
    assert "wrote" in said.stderr
    tables = {table["name"] for table in json.loads(out.read_text("utf-8"))["tables"]}
    assert {"scorecard-list", "alternatives-list", "risks-list", "run-card"} <= tables
    again = tocfin("report", *files, "--out", out, "--replications", 32)
    assert again.exit_code == 2
    assert "--force" in again.stderr


def test_an_unknown_form_is_refused(tocfin: Run, tmp_path: Path) -> None:
    said = tocfin("report", *small_plant(tmp_path), "--out", tmp_path / "report.docx", "--replications", 16)
    assert said.exit_code == 2
    assert ".xlsx" in said.stderr


def test_without_a_file_the_report_is_printed(tocfin: Run, tmp_path: Path) -> None:
    files = small_plant(tmp_path)
    said = tocfin("report", files[0], "--replications", 16)
    assert said.exit_code == 0
    assert "Throughput to the close" in said.stdout
    told = json.loads(tocfin("report", files[0], "--replications", 16, "--format", "json").stdout)
    assert {"scorecard-list", "run-card"} <= {table["name"] for table in told["tables"]}
