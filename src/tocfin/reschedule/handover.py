"""A chosen plan on disk: a data set with the new activities, a scenario file beside it, and the list of changes."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import cast

from tocfin.dataset import Dataset, Plan
from tocfin.dataset.write import write
from tocfin.errors import UsageError
from tocfin.reschedule.impact import changes
from tocfin.reschedule.improve import Candidate


def handed_over(dataset: Dataset, chosen: Candidate, out: str | Path) -> Path:
    """Write ``out``: ``plan`` (a data set), ``scenario.toml`` (its base is that plan) and ``changes.csv``.

    The data set that was read is never touched. It appears whole or not at all; raises UsageError when ``out`` exists.
    """
    place = Path(out)
    if os.path.lexists(place):
        raise UsageError(f"{place} exists already; choose another name, a plan is never overwritten")
    part = place.with_name(f".{place.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    try:
        part.mkdir(parents=True)
        write({**dataset.tables, "activities": chosen.activities}, cast(Plan, dataset.plan), part / "plan")
        listed = changes(dataset, dataset.tables["activities"], chosen.activities)
        listed.write_csv(part / "changes.csv")
        (part / "scenario.toml").write_text(_scenario(chosen), encoding="utf-8", newline="\n")
        part.rename(place)
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return place


def _scenario(chosen: Candidate) -> str:
    lines = [
        f"# The plan called {chosen.name!r}: other times, sequences and resources; everything else is as it was read.",
        f"name = {json.dumps(f'rescheduled: {chosen.name}', ensure_ascii=False)}",
        'base = "plan"',
    ]
    return "\n".join(lines) + "\n"
