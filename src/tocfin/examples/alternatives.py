"""Scenarios for the example business: what planners compare most, to be read, run and changed."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from tocfin.dataset import Dataset
from tocfin.errors import DatasetError, UsageError
from tocfin.reschedule.source import Source, of_scenario
from tocfin.scenarios.overrides import apply
from tocfin.scenarios.resolve import resolve
from tocfin.scenarios.spec import load
from tocfin.scenarios.world import World, prepared

_SHIPPED = Path(__file__).parent / "scenarios"
_BASE = 'base = "plant"\n'


def write_scenarios(folder: str | Path, base: str | Path) -> list[Path]:
    """Write the shipped scenario files into ``folder``, for the example business that lies at ``base``.

    Each names ``base`` by its path from ``folder``; ``base.toml`` comes first. Raises UsageError, and writes nothing,
    where one of the files exists already.
    """
    place = Path(folder)
    files = sorted(_SHIPPED.glob("*.toml"), key=lambda file: (file.stem != "base", file.stem))
    targets = [place / file.name for file in files]
    for target in targets:
        if target.exists():
            raise UsageError(f"{target} exists already; choose another folder, or move it away")
    place.mkdir(parents=True, exist_ok=True)
    way = Path(os.path.relpath(base, place)).as_posix()
    for file, target in zip(files, targets, strict=True):
        text = file.read_text(encoding="utf-8")
        target.write_text(
            text.replace(_BASE, f"base = {json.dumps(way, ensure_ascii=False)}\n"), encoding="utf-8", newline="\n"
        )
    return targets


def shipped_source(dataset: Dataset, stem: str) -> Source:
    """The example business under one of the shipped scenarios, ready to be planned anew."""
    with TemporaryDirectory() as folder:
        place = Path(folder)
        (place / "plant").mkdir()
        write_scenarios(place / "scenarios", place / "plant")
        path = place / "scenarios" / f"{stem}.toml"
        scenario, findings = load(path)
        if scenario is None:
            raise DatasetError(findings)
        source = of_scenario(scenario, dataset, path)
    return replace(source, says=f"that of the example's scenario '{scenario.name}'")


def shipped(dataset: Dataset, stem: str = "base") -> tuple[World, int]:
    """The example business under one of the shipped scenarios, ready to be simulated, and the scenario's seed."""
    with TemporaryDirectory() as folder:
        place = Path(folder)
        (place / "plant").mkdir()
        write_scenarios(place / "scenarios", place / "plant")
        scenario, findings = load(place / "scenarios" / f"{stem}.toml")
    if scenario is None:
        raise DatasetError(findings)
    applied = apply(scenario, dataset)
    resolved, _ = resolve(scenario.uncertainty, applied.dataset.require())
    world = prepared(
        scenario.name,
        applied.dataset,
        resolved,
        activity_work=applied.activity_work,
        start_policy=scenario.start_policy,
        base=dataset if scenario.overrides or scenario.additions else None,
    )
    return world, scenario.draws.seed
