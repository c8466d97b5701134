"""A data set to files, refused where it has errors."""

from __future__ import annotations

from pathlib import Path

from tocfin.dataset.tables import Dataset
from tocfin.dataset.write import write
from tocfin.errors import DatasetError


def save(dataset: Dataset, target: Path, *, force: bool = False) -> Path:
    """Write ``dataset`` as a folder of CSV files, or as a workbook where ``target`` ends in ``.xlsx``; see `write`.

    Raises DatasetError, and writes nothing, for a data set with errors.
    """
    plan = dataset.require().plan
    if plan is None:
        raise DatasetError(dataset.findings)
    return write(dataset.tables, plan, target, force=force)
