"""The speed table of README.md is written, not typed."""

from __future__ import annotations

import json
import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2]
FOUND = {
    "machine": {"processor": "Abacus 9", "cores": 2},
    "rows": [
        {"name": "simulate", "activities": 100_000, "replications": 1_024, "threads": 1, "scenarios": 1, "ns": 12.5},
        {"name": "simpy", "activities": 100_000, "replications": 1, "threads": 1, "scenarios": 1, "ns": 5_000.0},
    ],
}


@pytest.fixture(scope="module")
def script() -> ModuleType:
    spec = spec_from_file_location("readme_table", ROOT / "benchmarks" / "readme_table.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_a_row_has_its_title_cost_and_rate_and_the_machine_is_named(script: ModuleType) -> None:
    text = script.section(FOUND)
    assert "| tocfin, shift calendars | 1 | 1 | 12.5 | 80,000,000 |" in text
    assert "| SimPy, shift calendars: a process for each job | 1 | 1 | 5,000.0 | 200,000 |" in text
    assert text.endswith("100,000 activities, 1,024 replications; processor Abacus 9, cores 2.")


def test_only_what_is_between_the_markers_changes_and_again_changes_nothing(script: ModuleType) -> None:
    page = f"before\n{script.BEGIN}\nold\n{script.END}\nafter\n"
    new = script.replaced(page, "new")
    assert new == f"before\n{script.BEGIN}\nnew\n{script.END}\nafter\n"
    assert script.replaced(new, "new") == new


@pytest.mark.parametrize("page", ["none", "{END}{BEGIN}", "{BEGIN}", "{BEGIN}{BEGIN}{END}"])
def test_a_page_without_its_markers_is_refused(script: ModuleType, page: str) -> None:
    with pytest.raises(ValueError, match="once"):
        script.replaced(page.format(BEGIN=script.BEGIN, END=script.END), "new")


def test_the_readme_has_the_markers_and_the_script_writes_there(
    script: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    readme, results = tmp_path / "README.md", tmp_path / "simulate.json"
    readme.write_text((ROOT / "README.md").read_text("utf-8"), "utf-8")
    results.write_text(json.dumps(FOUND))
    monkeypatch.setattr(script, "README", readme)
    monkeypatch.setattr(sys, "argv", ["readme_table.py", str(results)])
    script.main()
    assert "Abacus 9" in readme.read_text("utf-8")
