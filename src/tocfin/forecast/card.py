"""The run card of a report: what it was made from, so that it can be made again and signed."""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from time import time

from tocfin.dataset import Dataset
from tocfin.dataset.text import instant
from tocfin.forecast.variants import Asked
from tocfin.scenarios.estimates import Estimate

DAY = 86_400
#: Packages whose versions can move a number.
MAKERS = ("tocfin", "numpy", "numba", "polars")


def run_card(first: Asked, replications: int, sources: Sequence[str | Path], profit: Estimate) -> dict[str, str]:
    """What is behind the figures, in words. ``profit`` is the mean of net profit, whose sampling error is told."""
    plan, world = first.plan, first.world
    as_of = plan.clock if world.standing is None else world.standing.as_of
    now = int(time())
    error = "too few futures to tell" if profit.refused else f"± {profit.half_width:,.2f} {plan.currency} (95 %)"
    return {
        "sources": ", ".join(Path(source).name for source in sources),
        **{f"SHA-256 of {Path(one).name}": file_hash(Path(one)) for one in sources if Path(one).is_file()},
        "SHA-256 of the cells": content_hash(world.dataset)[:16],
        "policy": first.rules.name,
        "horizon": f"{instant(plan.clock)} to {instant(plan.horizon_end)}",
        "actual until": "nothing reported: futures start from the plan" if world.standing is None else instant(as_of),
        "as of": instant(as_of),
        "data age": _age(now - as_of),
        "replications": f"{replications:,}",
        "seed": str(first.seed),
        "sampling error of net profit": error,
        **{name: version(name) for name in MAKERS},
        "python": platform.python_version(),
        "made at": datetime.fromtimestamp(now, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
    }


def _age(seconds: int) -> str:
    days = abs(seconds) / DAY
    return f"{days:,.1f} days when this was made" if seconds >= 0 else f"as of {days:,.1f} days after this was made"


def file_hash(path: Path) -> str:
    """The first 16 digits of the SHA-256 of a file's bytes."""
    return hashlib.sha256(path.read_bytes()).hexdigest()[:16]


def content_hash(dataset: Dataset) -> str:
    """SHA-256 of the cells of a data set, whatever files they came from."""
    digest = hashlib.sha256()
    for name, table in sorted(dataset.tables.items()):
        digest.update(name.encode())
        digest.update(table.drop("row").write_csv().encode())
    return digest.hexdigest()
