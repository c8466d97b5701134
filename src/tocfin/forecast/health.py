"""Is an installation sound? Versions, the place of machine code, and a self-test whose answers are known."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from time import perf_counter

import numpy as np

from tocfin.examples import example_dataset
from tocfin.examples.alternatives import shipped
from tocfin.forecast.variants import certain
from tocfin.kernels.block import sum_terms
from tocfin.kernels.compile import cache_folder
from tocfin.measure import measure
from tocfin.scenarios.resolve import resolve
from tocfin.scenarios.run import simulate
from tocfin.scenarios.uncertainty import Uncertainty
from tocfin.scenarios.world import prepared

PACKAGES = ("tocfin", "numpy", "numba", "polars", "xarray", "zarr", "numcodecs", "ortools", "click")
EXTRAS = {"report": ("jinja2", "plotly"), "cluster": ("distributed",), "bench": ("simpy", "duckdb")}
#: numcodecs before this one runs code from an untrusted store.
SAFE_CODECS = (0, 16, 6)


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at, what was seen, and whether it is as it should be."""

    name: str
    seen: str
    fine: bool = True


def examined() -> list[Check]:
    """Everything that can be wrong with an installation, looked at; raises nothing for what it finds."""
    return [*_versions(), *_places(), *_self_test()]


def _versions() -> Iterator[Check]:
    yield Check("Python", sys.version.split()[0], (3, 11) <= sys.version_info[:2] < (3, 14))
    for name in PACKAGES:
        found = _version(name)
        fine = found is not None
        if name == "numcodecs" and found is not None:
            fine = tuple(int(part) for part in found.split(".")[:3] if part.isdigit()) >= SAFE_CODECS
        yield Check(name, found or "missing", fine)
    for extra, names in EXTRAS.items():
        absent = [name for name in names if _version(name) is None]
        yield Check(f"extra {extra}", f"not installed: {', '.join(absent)}" if absent else "installed")


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _places() -> Iterator[Check]:
    folder = cache_folder()
    where = "no private folder for it: kernels are compiled in every process" if folder is None else str(folder)
    yield Check("machine code", where, folder is not None)
    kept = 0 if folder is None else sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
    yield Check("kept there", f"{kept / 1e6:,.1f} MB" if kept else "nothing yet; `tocfin warmup` fills it")
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    yield Check("threads", f"{cores} to use")


def _self_test() -> Iterator[Check]:
    """The example plant: the same bits for any threads, and without luck the plan itself."""
    for name, test in (
        ("one thread and all give the same bits", _alike),
        ("without luck a future is the plan", _planned),
    ):
        begun = perf_counter()
        yield Check(name, *_tried(test, begun))


def _tried(test: Callable[[], bool], begun: float) -> tuple[str, bool]:
    try:
        fine = test()
    except Exception as fault:  # a self-test says what it met, whatever it is
        return f"{type(fault).__name__}: {fault}", False
    return f"{'yes' if fine else 'no'}, in {perf_counter() - begun:.1f} s", fine


def _alike() -> bool:
    dataset = example_dataset()
    one, all_ = (measure(dataset, threads=threads).terms for threads in (1, None))
    world, seed = shipped(dataset)
    first, second = (simulate([world], seed, 128, threads=threads).terms for threads in (1, 2))
    return one == all_ and np.array_equal(first, second, equal_nan=True)


def _planned() -> bool:
    """A future in which everything goes as planned has the terms of the plan, to the bit."""
    dataset = example_dataset()
    world = prepared(dataset.name, dataset, resolve(Uncertainty(), dataset)[0])
    future = simulate([certain(world, "certain")], 1, 1).terms[0, ..., 0]
    model = world.model
    plan = sum_terms(model.enterprise, model.schedule, model.horizon, world.groups)
    return np.array_equal(future, plan.transpose(2, 1, 0), equal_nan=True)
