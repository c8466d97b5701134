"""The example business as a folder to work in: plant, scenarios and project file."""

from __future__ import annotations

import os
from pathlib import Path

from tocfin.dataset import Dataset
from tocfin.dataset.saving import save
from tocfin.errors import UsageError
from tocfin.examples.alternatives import write_scenarios

PROJECT = "project.toml"
_SHIPPED = Path(__file__).parent / PROJECT


def write_workplace(folder: str | Path, plant: Dataset) -> Path:
    """Write ``plant``, the shipped scenarios and a project file into ``folder``; the path of the latter.

    Raises UsageError, and writes nothing, where ``folder`` holds anything.
    """
    place = Path(folder)
    if os.path.lexists(place) and not (place.is_dir() and not any(place.iterdir())):
        raise UsageError(f"{place} exists already and is not empty; choose another name, or move it away")
    save(plant, place / "plant")
    write_scenarios(place / "scenarios", place / "plant")
    file = place / PROJECT
    file.write_text(_SHIPPED.read_text(encoding="utf-8"), encoding="utf-8", newline="\n")
    return file
