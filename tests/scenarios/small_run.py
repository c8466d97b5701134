"""A small run whose every number is a function of its block, and a writer of it that can be killed.

As a program (``python small_run.py PATH KILLS SEED``) it forks writers one after another, kills each with
SIGKILL at a random moment, and lets the last one finish.
"""

import os
import random
import signal
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tocfin.scenarios.manifest import Dims, Extra, Manifest
from tocfin.scenarios.store import create, open_for_append

DIMS = Dims(
    scenario=("base", "rush"),
    term=("revenue", "late_penalty", "jobs_ended"),
    term_units=("EUR", "EUR", "1"),
    plant=("Łódź", "P2"),
    period=((0, 86_400), (86_400, 172_800)),
    replications=4_470,
    block=64,
    job=("J1", "J2"),
    extras=(Extra("job_on_time", ("scenario", "job", "block"), "replications in which the job is on time"),),
)
MANIFEST = Manifest(
    inputs={"jobs.csv": "5e" * 32, "rush.toml": "7a" * 32},
    seed=7,
    generator="philox4x32-10 1",
    formulas="1",
    packages={"numpy": "2.4.6"},
    created_at="2026-01-01T00:00:00Z",
)


def block_of(block: int, dims: Dims = DIMS) -> Mapping[str, NDArray[np.float64]]:
    """What replication and block numbers alone decide, with an undefined value here and there."""
    found = {}
    for array in dims.arrays:
        rng = np.random.default_rng([block, len(array.name)])
        found[array.name] = rng.standard_normal(dims.given(array, block)).round(3)
    found["terms"][..., 5] = np.nan
    return found


def whole(name: str, blocks: tuple[int, ...] | range, dims: Dims = DIMS) -> NDArray[np.float64]:
    """An array as reading it must give it."""
    parts = [block_of(block, dims)[name] for block in blocks]
    return np.concatenate(parts, axis=-1) if name == "terms" else np.stack(parts, axis=-1)


def write(path: Path, may: int, told: int) -> None:
    """Create or carry on the run: a commit for every byte of ``may``, each of them said on ``told``."""
    run = open_for_append(path, MANIFEST, DIMS) if path.exists() else create(path, MANIFEST, DIMS)
    for block in run.wanting:
        os.read(may, 1)
        run.commit_block(block, block_of(block))
        os.write(told, b".")
    run.finish("all replications done")
    run.close()


def killed(
    path: Path, dice: random.Random, pace: float, writer: Callable[[Path, int, int], None] = write, most: int = 3
) -> float:
    """Start a writer and kill it at a random moment of its first to ``most``-th commit; returns seconds per commit."""
    may, allow = os.pipe()
    hear, told = os.pipe()
    child = os.fork()
    if child == 0:
        writer(path, may, told)
        os._exit(1)
    commits = dice.randrange(most)
    os.write(allow, b"." * (commits + 1))
    for _ in range(commits):
        first = time.perf_counter()
        os.read(hear, 1)
        pace = time.perf_counter() - first
    time.sleep(dice.uniform(0, 1.5 * pace))
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    for end in (may, allow, hear, told):
        os.close(end)
    return pace


if __name__ == "__main__":
    target, chance, last = Path(sys.argv[1]), random.Random(int(sys.argv[3])), 0.05
    for _ in range(int(sys.argv[2])):
        last = killed(target, chance, last)
    write(target, os.open("/dev/zero", os.O_RDONLY), os.open(os.devnull, os.O_WRONLY))
