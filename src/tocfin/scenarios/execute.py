"""A run into a store: simulated block by block on threads, each block committed when it is done."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from threading import Lock

import numpy as np

from tocfin.errors import Finding, UsageError
from tocfin.scenarios.ensemble import Floats, samples_of
from tocfin.scenarios.futures import Sums
from tocfin.scenarios.launch import STUCK, Launch, targets_of
from tocfin.scenarios.manifest import Dims
from tocfin.scenarios.run import joined_sums
from tocfin.scenarios.spec import Draws
from tocfin.scenarios.stopping import Tolerance, judge, looks
from tocfin.scenarios.store import create, open_for_append
from tocfin.scenarios.stored import Run
from tocfin.workers import spread

#: KPIs that tolerances hold for unless told otherwise: those that the report leads with.
LEADING = ("throughput", "operating_expense", "net_profit", "throughput_per_drum_hour", "drum_utilization")


def run(
    launch: Launch,
    out: str | Path,
    draws: Draws,
    *,
    threads: int | None = None,
    block_range: tuple[int, int] | None = None,
    resume: bool = False,
    told: Callable[[int, int], None] = lambda done, wanted: None,
) -> Run:
    """Simulate into the store at ``out`` and return it, closed for writing.

    Blocks that are there already are kept (``resume``); whatever stops this loses none that was committed. ``told``
    hears how many replications are done and wanted, from one thread at a time. Raises UsageError for a store
    that is there (without ``resume``), ChangedRunError for one that was made from other inputs.
    """
    exact = draws.replications is not None
    if block_range is not None and not exact:
        raise UsageError("a block range is a part of a fixed number of replications; give --replications too")
    dims = launch.dims(draws.replications or draws.cap)
    if block_range is not None and not 0 <= block_range[0] < block_range[1] <= dims.blocks:
        raise UsageError(f"block range {block_range[0]}:{block_range[1]} is not within 0:{dims.blocks}")
    manifest = launch.manifest(draws.seed, block_range)
    there = resume and Path(out).exists()
    with open_for_append(out, manifest, dims) if there else create(out, manifest, dims) as found:
        if exact:
            _fill(launch, found, draws.seed, found.wanting, threads, told)
            if not found.wanting and not found.why_stopped:
                found.finish(f"all {dims.replications:,} replications done")
        elif not found.why_stopped:
            _until_known(launch, found, draws, threads, told)
    return found


def _fill(
    launch: Launch,
    found: Run,
    seed: int,
    blocks: Sequence[int],
    threads: int | None,
    told: Callable[[int, int], None],
) -> None:
    dims = found.dims
    wanted = sum(dims.held(block) for block in blocks)
    done, turn = 0, Lock()

    def work(block: int) -> None:
        nonlocal done
        sums = joined_sums(launch.worlds, seed, block * dims.block, dims.held(block))
        found.commit_block(block, arrays(launch, dims, sums))
        with turn:
            done += dims.held(block)
            told(done, wanted)

    told(0, wanted)
    spread(threads)(work, blocks)


def _until_known(
    launch: Launch, found: Run, draws: Draws, threads: int | None, told: Callable[[int, int], None]
) -> None:
    """Look after 1,024, 2,048 ... replications whether every tolerance holds."""
    kpis = draws.kpis or LEADING
    wanted = [Tolerance(kpi, name, *size) for kpi in kpis for name, size in draws.tolerances.items()]
    targets = {world.name: targets_of(world.dataset) for world in launch.worlds}
    for look in looks(draws.cap):
        blocks = range(-(-look // found.dims.block))
        _fill(launch, found, draws.seed, [block for block in blocks if block in found.wanting], threads, told)
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


def arrays(launch: Launch, dims: Dims, sums: Sequence[Sums]) -> dict[str, Floats]:
    """Sums of one block as the store takes them; a job or resource that a scenario does not have is NaN."""
    found = {"terms": np.stack([part.terms for part in sums])}
    found[STUCK.name] = np.stack([part.stuck.astype(np.float64) for part in sums])
    for array in dims.extras:
        if array.name in found:
            continue
        axis = array.dims[1]
        places = {key: place for place, key in enumerate(getattr(dims, axis))}
        whole = np.full(dims.given(array, 0), np.nan)
        for at, (world, part) in enumerate(zip(launch.worlds, sums, strict=True)):
            rows = [places[key] for key in world.model.keys[axis].to_list()]
            sum_of = getattr(part, array.name)
            whole[at, rows] = sum_of if sum_of.ndim == whole.ndim - 1 else sum_of.sum(axis=-1)
        found[array.name] = whole
    return found


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
