"""Speed of simulating: against SimPy, NumPy and our own draws, how it grows, and what memory it takes.

    python benchmarks/bench_simulate.py --json benchmarks/results/simulate.json

First every peer must compute the same distribution of all terms as we do; then the programs of ``tocfin bench`` take
turns. Ratios are of processor time on one thread, of the clock where two threads are compared. What peers are told, and
what they need not compute, is said in ``tocfin.bench.told``.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import subprocess
import sys
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from tocfin.bench.alike import MOST_ERRORS, apart
from tocfin.bench.draws import Draws
from tocfin.bench.numpy_peer import NumPy
from tocfin.bench.plant import shop
from tocfin.bench.simpy_peer import SimPy, SimPyByResource
from tocfin.bench.table import FULL, QUICK, SEED, Size, cases, row, simulation
from tocfin.bench.told import told
from tocfin.bench.turns import Took, turns
from tocfin.bench.worlds import CV, world
from tocfin.scenarios.run import replay, simulate
from tocfin.scenarios.world import World
from tocfin.workers import available

LADDER = (2_000, 20_000, 100_000, 1_000_000)
LADDER_WORK = 20_000_000  # activities times replications of one run
MEMORY_ACTIVITIES, MEMORY_REPLICATIONS = 20_000, (64, 512, 4_096)
MOST_GROWTH = 1.05
#: Ratio -> (its two rows, whether it must be at least or at most, how much).
TARGETS = {
    "SimPy / simulate": ("simpy 1x1", "simulate 1x1", "at least", 800.0),
    "SimPy tuned by hand / simulate": ("simpy-by-resource 1x1", "simulate 1x1", "at least", 800.0),
    "NumPy / simulate, no calendars": ("numpy 1x1", "simulate-no-calendars 1x1", "at least", 3.0),
    "NumPy / simulate, calendars": ("numpy-calendars 1x1", "simulate 1x1", "at least", 10.0),
    "simulate / draws": ("simulate 1x1", "draws 1x1", "at most", 3.0),
    "one thread / two": ("simulate 1x1", "simulate 2x1", "at least", 1.7),
    "ten scenarios / one": ("simulate 1x10", "simulate 1x1", "at most", 7.0),
    "ten scenarios / one, no calendars": ("simulate-no-calendars 1x10", "simulate-no-calendars 1x1", "at most", 4.0),
}


def assert_alike(activities: int = 2_000) -> dict[str, float]:
    """Peers and kernels compute one distribution; the largest distance of each peer in standard errors."""
    found = {}
    for name, calendars in (("calendars", True), ("no calendars", False)):
        plan = world(shop(activities, calendars=calendars))
        ours = simulate([plan], SEED, 4_096, threads=1).terms[0][:, :, :-1]
        ends = last_ends(plan, 256)
        simpy = ((one(told(plan)), 256) for one in (SimPy, SimPyByResource))
        for peer, n in ((NumPy(told(plan)), 2_048), *simpy):
            answer = peer(n, SEED)
            distances = [*apart(ours, answer.terms), *apart(ends, answer.last_end)]
            worst = max(float(np.nanmax(distance)) for distance in distances)
            assert worst <= MOST_ERRORS, f"{type(peer).__name__} computes something else: {worst:.1f} standard errors"
            found[f"{type(peer).__name__}, {name}"] = round(worst, 2)
    drawn = Draws(world(shop(activities)))(64, SEED)
    assert abs(drawn.mean() - 1) < MOST_ERRORS * CV / np.sqrt(64 * activities / 10), "drawn means are off"
    return found


def last_ends(plan: World, replications: int) -> np.ndarray:
    """When all work is done in each of our replications [s after the clock]."""
    clock = plan.model.horizon.clock
    return np.array([replay(plan, SEED, s).end.max() - clock for s in range(replications)], np.float64)


def ladder(sizes: tuple[int, ...], runs: int) -> list[dict[str, float]]:
    """ns per activity and replication at each size, on one thread."""
    steps = []
    for activities in sizes:
        plan = world(shop(activities))
        replications = max(64, LADDER_WORK // activities // 64 * 64)
        took = turns({"simulate": simulation([plan], replications, 1)}, runs)["simulate"]
        steps.append({"activities": activities, "replications": replications,
                      "ns": took.processor / activities / replications * 1e9})  # fmt: skip
    return steps


def memory() -> dict[int, float]:
    """Peak memory [MB] of processes that simulate ever more replications, a block at a time like a run into a store."""
    return {n: float(_said(["--peak", str(n)])) for n in MEMORY_REPLICATIONS}


def _said(words: list[str]) -> str:
    return subprocess.run([sys.executable, __file__, *words], check=True, capture_output=True, text=True).stdout


def peak(replications: int) -> float:
    """Peak memory [MB] of this process after so many replications."""
    plan = world(shop(MEMORY_ACTIVITIES))
    for block in range(replications // 64):
        simulate([plan], SEED, replications, threads=1, block_range=(block, block + 1))
    told = Path("/proc/self/status")  # what getrusage says of a process on Linux begins with what its parent had
    if told.exists():
        (line,) = (line for line in told.read_text().splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) * 1_024 / 1e6
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1_024) / 1e6


def measure(size: Size, say: Callable[[str], None]) -> dict[str, Any]:
    """Everything but the ladder, as it is written and printed."""
    alike = assert_alike()
    chosen = list(cases(size, say))
    took = turns({case.key: case.program for case in chosen}, size.runs, size.seconds, say)
    return {
        "machine": machine(),
        "rows": [row(case, size.activities, took[case.key])._asdict() for case in chosen],
        "ratios": ratios(took, {case.key: case.replications * case.scenarios for case in chosen}, size),
        "standard errors apart": alike,
    }


def ratios(took: dict[str, Took], futures: dict[str, int], size: Size) -> dict[str, float]:
    """What the targets speak of; ten scenarios count as ten, which one costs one of."""
    found = {}
    for name, (one, other, *_) in TARGETS.items():
        if one in took and other in took:
            kind = "clock" if "2x1" in other else "processor"
            costs = [getattr(took[key], kind) / futures[key] for key in (one, other)]
            found[name] = costs[0] / costs[1] * (10 if "1x10" in one else 1)
    return found


def machine() -> dict[str, Any]:
    """Where the figures come from."""
    lines = Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").exists() else []
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    packages = {name: version(name) for name in ("numba", "numpy", "simpy")}
    load = f"{os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "unknown"
    kind = (models or [platform.processor() or platform.machine()])[0]
    return {"processor": kind, "cores": available(), "load": load, "Python": platform.python_version(), **packages}


def tell(found: dict[str, Any]) -> None:
    """Print the figures."""
    print(", ".join(f"{name} {value}" for name, value in found["machine"].items()))
    print(f"peers are at most so many standard errors away: {found['standard errors apart']}")
    for one in found["rows"]:
        print(f"  {one['name']:24} {one['threads']} thread(s) {one['scenarios']:3} scenario(s) {one['ns']:10.2f} ns")
    for name, ratio in found["ratios"].items():
        _, _, sense, target = TARGETS[name]
        reached = ratio >= target if sense == "at least" else ratio <= target
        print(f"  {name:34} {ratio:8.2f}  {sense} {target:g}: {'reached' if reached else 'NOT reached'}")
    for step in found["ladder"]:
        print(f"  {step['activities']:>12,} activities x {step['replications']:>7,} replications {step['ns']:8.2f} ns")
    for replications, megabytes in found["memory"].items():
        print(f"  {replications:>12,} replications of {MEMORY_ACTIVITIES:,} activities: {megabytes:,.0f} MB at most")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--quick", action="store_true", help="a smaller plant")
    parser.add_argument("--largest", type=int, default=LADDER[-1], help="of the ladder")
    parser.add_argument("--json", type=Path, help="write the figures here too")
    parser.add_argument("--peak", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.peak:
        print(peak(options.peak))
        return
    found = measure(QUICK if options.quick else FULL, lambda line: print(line, file=sys.stderr))
    largest = min(options.largest, 20_000) if options.quick else options.largest
    found["ladder"] = ladder(tuple(size for size in LADDER if size <= largest), 3)
    found["memory"] = memory()
    tell(found)
    if options.json:
        options.json.write_text(json.dumps(found, indent=2) + "\n")
    grown = max(found["memory"].values()) / min(found["memory"].values())
    assert grown <= MOST_GROWTH, f"memory grows with replications: {found['memory']}"


if __name__ == "__main__":
    main()
