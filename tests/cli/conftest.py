"""A data set on disk, written once by the command that users write it with."""

from collections.abc import Callable
from pathlib import Path
from shutil import copytree

import pytest
from click.testing import CliRunner, Result

from tocfin.cli import main

Run = Callable[..., Result]


@pytest.fixture(scope="session")
def tocfin() -> Run:
    """The command, in process: ``tocfin("kpi", path)``."""
    return lambda *words: CliRunner().invoke(main, [str(word) for word in words])


@pytest.fixture(scope="session")
def plant(tmp_path_factory: pytest.TempPathFactory, tocfin: Run) -> Path:
    """The example plant as a folder."""
    place = tmp_path_factory.mktemp("data") / "plant"
    assert tocfin("init", place).exit_code == 0
    return place


@pytest.fixture
def broken(tmp_path: Path, plant: Path) -> Path:
    """The example plant with one resource misspelt."""
    place = copytree(plant, tmp_path / "broken")
    lines = (place / "activities.csv").read_text("utf-8").splitlines()
    cells = lines[117].split(",")
    cells[lines[0].split(",").index("resource")] = "CNC-9"
    lines[117] = ",".join(cells)
    (place / "activities.csv").write_text("\n".join(lines) + "\n", "utf-8")
    return place
