"""The example business once per session: as tables, as a written folder, and as the reference understands it."""

from __future__ import annotations

import csv
import tomllib
from pathlib import Path
from typing import Any

import pytest

from reference.capacity import Capacity
from reference.entities import World
from reference.world import build
from tocfin.dataset import Dataset, read
from tocfin.dataset.write import write
from tocfin.examples import example_dataset

Rows = list[dict[str, str]]


@pytest.fixture(scope="session")
def example() -> Dataset:
    return example_dataset()


@pytest.fixture(scope="session")
def folder(example: Dataset, tmp_path_factory: pytest.TempPathFactory) -> Path:
    plan = example.require().plan
    assert plan is not None
    return write(example.tables, plan, tmp_path_factory.mktemp("examples") / "business")


@pytest.fixture(scope="session")
def written(folder: Path) -> Dataset:
    return read(folder)


@pytest.fixture(scope="session")
def texts(folder: Path) -> tuple[dict[str, Any], dict[str, Rows]]:
    """plan.toml and the rows of every table, parsed by nothing of ours."""
    plan = tomllib.loads((folder / "plan.toml").read_text(encoding="utf-8"))
    tables = {}
    for path in folder.glob("*.csv"):
        with path.open(encoding="utf-8", newline="") as lines:
            tables[path.stem] = list(csv.DictReader(lines))
    return plan, tables


@pytest.fixture(scope="session")
def world(texts: tuple[dict[str, Any], dict[str, Rows]]) -> World:
    return build(*texts)


@pytest.fixture(scope="session")
def capacity(world: World) -> Capacity:
    return Capacity(world)
