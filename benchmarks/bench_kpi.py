"""Speed of all terms: against reading the columns once, against Polars and DuckDB, and how cost grows.

    python benchmarks/bench_kpi.py --activities 10_000_000 --json out.json

Every answer is asserted equal. Runs of different programs take turns, so that all meet the same machine; figures
are medians. What a peer is given beforehand is the rule of ``peers_kpi``.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from coded import columns
from floor import assert_read, columns_read, read_by_table, read_once, sums
from peers_duckdb import DuckDB
from peers_kpi import POTENTIAL, Tables, assert_equal, tables
from peers_polars import Polars

from tocfin.examples import Coded, big_plant
from tocfin.kernels.block import sum_terms
from tocfin.workers import available, spread

LADDER = (10_000, 100_000, 1_000_000, 10_000_000)
TARGETS = {
    "kernel/floor": "at most 4",
    "building/kernel": "at most 20",
    "polars/kernel": "at least 8",
    "duckdb/kernel": "at least 8",
}
Columns = tuple[Any, Any, Any, Any]  # of coded.columns
Seconds = dict[str, float]


def turns(programs: dict[str, Callable[[], Any]], runs: int, check: Callable[[str, Any], None]) -> Seconds:
    """Median seconds of each program, and of processors in ``..._cpu``: what a busy machine changes less.

    Programs run one after the other, ``runs`` times, after one run unseen.
    """
    took: dict[str, list[float]] = {name + kind: [] for name in programs for kind in ("", "_cpu")}
    for run in range(runs + 1):
        for name, program in programs.items():
            began, used = time.perf_counter(), time.process_time()
            answer = program()
            seconds = (time.perf_counter() - began, time.process_time() - used)
            check(name, answer)
            if run:
                for kind, value in zip(("", "_cpu"), seconds, strict=True):
                    took[name + kind].append(value)
    return {name: statistics.median(values) for name, values in took.items()}


def kernels(built: Columns) -> dict[str, Callable[[], Any]]:
    """All terms, on one thread and on all."""
    return {"kernel_one": lambda: sum_terms(*built), "kernel_all": lambda: sum_terms(*built, spread())}


def against_floor(built: Columns, runs: int) -> Seconds:
    """Seconds of the kernel and of reading its columns once."""
    read = columns_read(built[0], built[1], built[3])
    expected, terms = sums(read), sum_terms(*built)

    def check(name: str, answer: Any) -> None:
        if name.startswith("floor"):
            assert_read(expected, answer)
        else:
            assert np.array_equal(answer, terms, equal_nan=True), "threads change the bits"

    floors = {"floor": lambda: read_once(read), "floor_by_table": lambda: read_once(read, read_by_table)}
    return turns(floors | kernels(built), runs, check)


def against_peers(coded: Coded, built: Columns, runs: int) -> tuple[Seconds, dict[str, float]]:
    """Seconds of the kernel and of both peers on all threads, and shares of the data."""
    terms = sum_terms(*built)
    t = tables(coded, *built[:3])
    programs = {"kernel_all": kernels(built)["kernel_all"], "polars": Polars(t), "duckdb": DuckDB(t)}
    return turns(programs, runs, lambda _, answer: assert_equal(answer, terms)), shares(coded, t)


def shares(coded: Coded, t: Tables) -> dict[str, float]:
    """What share of the activities is out of the ordinary, in %."""
    resource, start, finish = (t.activity[name] for name in ("resource", "start", "finish"))
    potential = {name: column[t.segment["kind"] == POTENTIAL] for name, column in t.segment.items()}
    wide = np.int64(1 << 40)
    start, finish = np.maximum(start, t.edges[0]), np.minimum(finish, t.edges[-1])
    ends = np.append(potential["resource"] * wide + potential["finish"], np.iinfo(np.int64).max)
    row = np.searchsorted(ends, resource * wide + start, side="right")
    touched = (start < finish) & (np.append(potential["resource"], -1)[row] == resource)
    touched &= np.append(potential["start"], 0)[row] < finish
    job = coded.order_job[coded.operation_order[coded.activity_operation]]
    share = {
        "on drums": t.resource["drum"][resource],
        "subcontracted": t.resource["subcontractor"][resource],
        "touching potential overtime": touched,
        "batched": t.activity["batch"] >= 0,
        "pausing over a night or longer": t.activity["finish"] - t.activity["start"] > 8 * 3_600,
        "of cancelled jobs": t.job["cancelled"][job],
    }
    return {name: round(100 * float(rows.mean()), 2) for name, rows in share.items()}


def ladder(sizes: list[int], runs: int) -> list[dict[str, float]]:
    """Nanoseconds per activity at each size."""
    steps = []
    for size in sizes:
        built = columns(big_plant(size))
        seconds = against_floor(built, runs)
        steps.append({"activities": size} | {name: took / size * 1e9 for name, took in seconds.items()})
    return steps


def measure(activities: int, runs: int, peer_runs: int) -> dict[str, Any]:
    """Everything, as it is written and printed."""
    coded = big_plant(activities)
    building = turns({"building": lambda: columns(coded)}, 2, lambda *_: None)
    built = columns(coded)
    alone = against_floor(built, runs) | building
    together, share = against_peers(coded, built, peer_runs)
    return {
        "activities": activities,
        "machine": machine(),
        "seconds": alone,
        "seconds_peers": together,
        "ratios": ratios(alone, together, ""),
        "ratios_cpu": ratios(alone, together, "_cpu"),
        "shares": share,
    }


def ratios(alone: Seconds, together: Seconds, kind: str) -> dict[str, float]:
    """What the targets speak of, and the kernel against the loop a table beside it."""
    kernel = alone[f"kernel_one{kind}"]
    peers = {f"{peer}/kernel": together[peer + kind] / together[f"kernel_all{kind}"] for peer in ("polars", "duckdb")}
    return {
        "kernel/floor": kernel / alone[f"floor{kind}"],
        "kernel/floor by table": kernel / alone[f"floor_by_table{kind}"],
        "building/kernel": alone[f"building{kind}"] / kernel,
        **peers,
    }


def machine() -> dict[str, Any]:
    return {
        "processors": available(),
        "polars threads": pl.thread_pool_size(),
        "load": os.getloadavg()[0] if hasattr(os, "getloadavg") else None,
        "python": platform.python_version(),
        **{name: version(name) for name in ("numba", "polars", "duckdb")},
    }


def tell(found: dict[str, Any]) -> None:
    """Print the figures."""
    print(f"{found['activities']:,} activities; " + ", ".join(f"{k} {v}" for k, v in found["machine"].items()))
    print("of all activities: " + ", ".join(f"{share:g} % {name}" for name, share in found["shares"].items()))
    for name, took in [*found["seconds"].items(), *found["seconds_peers"].items()]:
        print(f"  {name:16} {took:9.4f} s  {took / found['activities'] * 1e9:8.1f} ns/activity")
    print("ratios, of time and of processor time")
    for name, ratio in found["ratios"].items():
        print(f"  {name:22} {ratio:7.2f} {found['ratios_cpu'][name]:7.2f}  {TARGETS.get(name, '')}")
    print("activities, and ns for each: reading once, kernel on one thread, on all")
    for step in found["ladder"]:
        print(f"  {step['activities']:>12,} {step['floor']:8.2f} {step['kernel_one']:8.2f} {step['kernel_all']:8.2f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--activities", type=int, default=10_000_000)
    parser.add_argument("--quick", action="store_true", help="at most a million activities")
    parser.add_argument("--runs", type=int, default=5, help="of the kernel")
    parser.add_argument("--peer-runs", type=int, default=3)
    parser.add_argument("--json", type=Path, help="write the figures here too")
    options = parser.parse_args()
    activities = min(options.activities, 1_000_000) if options.quick else options.activities
    found = measure(activities, options.runs, options.peer_runs)
    found["ladder"] = ladder([size for size in LADDER if size <= activities], options.runs)
    tell(found)
    if options.json:
        options.json.write_text(json.dumps(found, indent=2) + "\n")


if __name__ == "__main__":
    main()
