"""A run into a store: simulated block by block, each block committed when it is done."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import numpy as np

from tocfin.errors import Finding, UsageError
from tocfin.scenarios.ensemble import Floats, samples_of
from tocfin.scenarios.hands import Hands, threaded
from tocfin.scenarios.journal import UnfitWorkerError
from tocfin.scenarios.launch import STORED, Launch, targets_of
from tocfin.scenarios.spec import Draws
from tocfin.scenarios.stopping import Tolerance, judge, looks
from tocfin.scenarios.store import create, open_for_append
from tocfin.scenarios.stored import Run

#: KPIs that tolerances hold for unless told otherwise: those that the report leads with.
LEADING = ("throughput", "operating_expense", "net_profit", "throughput_per_drum_hour", "drum_utilization")


def run(
    launch: Launch,
    out: str | Path,
    draws: Draws,
    *,
    threads: int | None = None,
    hands: Hands | None = None,
    block_range: tuple[int, int] | None = None,
    resume: bool = False,
    block: int = STORED,
    told: Callable[[int, int], None] = lambda done, wanted: None,
) -> Run:
    """Simulate into the store at ``out`` and return it, closed for writing.

    Blocks (of ``block`` replications, a multiple of 64) that are there already are kept (``resume``); whatever stops
    this loses none that was committed. ``hands`` make the blocks instead of ``threads`` of this process; the bits do
    not depend on who does. ``told`` hears how many replications are done and wanted, one call at a time. Raises
    UsageError for a store that is there (without ``resume``), ChangedRunError for one that was made from other inputs,
    UnfitWorkerError when a worker would make another run; of that nothing is left behind.
    """
    exact = draws.replications is not None
    if block_range is not None and not exact:
        raise UsageError("a block range is a part of a fixed number of replications; give --replications too")
    dims = launch.dims(draws.replications or draws.cap, block)
    if block_range is not None and not 0 <= block_range[0] < block_range[1] <= dims.blocks:
        raise UsageError(f"block range {block_range[0]}:{block_range[1]} is not within 0:{dims.blocks}")
    manifest = launch.manifest(draws.seed, block_range)
    there = resume and Path(out).exists()
    hands = hands or threaded(launch, threads)
    with open_for_append(out, manifest, dims) if there else create(out, manifest, dims) as found:
        try:
            if exact:
                _fill(found, found.wanting, hands, told)
                if not found.wanting and not found.why_stopped:
                    found.finish(f"all {dims.replications:,} replications done")
            elif not found.why_stopped:
                _until_known(launch, found, draws, hands, told)
        except UnfitWorkerError:
            if not there and not found.committed():
                shutil.rmtree(found.path, ignore_errors=True)  # nothing was made, so the name is free again
            raise
    return found


def _fill(found: Run, blocks: Sequence[int], hands: Hands, told: Callable[[int, int], None]) -> None:
    dims = found.dims
    wanted = sum(dims.held(block) for block in blocks)
    done = 0

    def committed(block: int) -> None:
        nonlocal done
        done += dims.held(block)
        told(done, wanted)

    told(0, wanted)
    hands(found, blocks, committed)


def _until_known(launch: Launch, found: Run, draws: Draws, hands: Hands, told: Callable[[int, int], None]) -> None:
    """Look after 1,024, 2,048 ... replications whether every tolerance holds."""
    kpis = draws.kpis or LEADING
    wanted = [Tolerance(kpi, name, *size) for kpi in kpis for name, size in draws.tolerances.items()]
    targets = {world.name: targets_of(world.dataset) for world in launch.worlds}
    for look in looks(draws.cap):
        blocks = range(-(-look // found.dims.block))
        _fill(found, [block for block in blocks if block in found.wanting], hands, told)
        samples = [
            sample
            for name in found.dims.scenario
            for sample in samples_of(name, _totals(found, name, blocks, look), kpis, launch.rules, targets[name])
        ]
        able = [
            one for one in wanted if one.statistic != "P(target)" or all(one.kpi in some for some in targets.values())
        ]
        verdict = judge(samples, able, cap=draws.cap)
        if verdict.stop:
            found.finish(verdict.why)
            return


def _totals(found: Run, scenario: str, blocks: Iterable[int], n: int) -> Floats:
    totals: Floats = found.read("terms", scenario=scenario, blocks=blocks).sum(axis=(1, 2))[:, :n]
    return totals


def out_of_calendar(launch: Launch, found: Run) -> list[Finding]:
    """A warning per scenario in which some work outlasted its calendar and went on in elapsed time."""
    findings = []
    for scenario, world, stuck in zip(launch.scenarios, launch.worlds, found.read("stuck"), strict=True):
        rows, times = np.unique(stuck[stuck >= 0].astype(np.int64), return_counts=True)
        if not rows.size:
            continue
        row, n = int(rows[np.argmax(times)]), int(times.sum())
        keys, resource = world.model.keys, int(world.model.schedule.activity_resource[row])
        message = (
            f"in {n:,} of {stuck.size:,} futures of '{world.name}' work outlasts the calendar of its resource, mostly "
            f"'{keys['activity'][row]}' on '{keys['resource'][resource]}'; it went on in elapsed time. Give the "
            "resource hours beyond the plan"
        )
        findings.append(Finding("warning", "out-of-calendar", scenario.file.name, None, None, message, count=n))
    return findings
