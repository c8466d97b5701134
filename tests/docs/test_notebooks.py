"""The example notebooks run in a kernel of their own, show tables and pictures, and are kept without what they show."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

FOLDER = Path(__file__).parents[2] / "docs" / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))
PICTURE = "application/vnd.plotly.v1+json"


def opened(path: Path) -> Any:
    return nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]


def test_there_are_two() -> None:
    assert [path.stem for path in NOTEBOOKS] == ["first_look", "which_plan"]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_runs_and_is_kept_without_outputs(path: Path, tmp_path: Path) -> None:
    notebook = opened(path)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert not [cell for cell in code if cell.outputs or cell.execution_count]
    NotebookClient(notebook, timeout=300, resources={"metadata": {"path": str(tmp_path)}}).execute()
    shown = [output.data for cell in code for output in cell.outputs if "data" in output]
    tables = [data["text/html"] for data in shown if "<table" in data.get("text/html", "")]
    assert len(tables) >= 1
    assert sum(PICTURE in data for data in shown) >= 3
    assert not [output for cell in code for output in cell.outputs if output.output_type == "error"]
