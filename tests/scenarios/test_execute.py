"""Runs into a store: the same numbers stopped and resumed, in halves, and looked at until they are known."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import killed_futures
import numpy as np
import pytest

from small_plant import small_plant
from tocfin.dataset.write import write
from tocfin.errors import DatasetError, UsageError
from tocfin.examples import example_dataset, write_scenarios
from tocfin.scenarios.ensemble import compared, job_lines, kpi_lines, resource_lines, rules_of
from tocfin.scenarios.execute import out_of_calendar, run
from tocfin.scenarios.hands import threaded
from tocfin.scenarios.journal import ChangedRunError
from tocfin.scenarios.launch import Launch, opened, replayed
from tocfin.scenarios.run import simulate
from tocfin.scenarios.spec import Draws
from tocfin.scenarios.store import merge, open_run
from tocfin.scenarios.stored import Run

FEW = Draws(seed=3, replications=600)  # three blocks, the last one not full


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("business")
    example = example_dataset()
    assert example.plan is not None
    write(example.tables, example.plan, folder / "plant")
    return write_scenarios(folder / "scenarios", folder / "plant")


@pytest.fixture(scope="module")
def launch(files: list[Path]) -> Launch:
    return opened([file for file in files if file.stem in ("base", "rush_order")])


@pytest.fixture(scope="module")
def whole(launch: Launch, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("runs") / "whole.zarr"
    run(launch, path, FEW, threads=1)
    return path


def same(one: Run, other: Run) -> None:
    for array in one.dims.arrays:
        ours, theirs = one.read(array.name), other.read(array.name)
        np.testing.assert_array_equal(ours.view(np.int64), theirs.view(np.int64))


def test_a_run_that_was_stopped_is_carried_on_to_the_same_bits(launch: Launch, whole: Path, tmp_path: Path) -> None:
    class StopError(Exception):
        pass

    def stopping(done: int, wanted: int) -> None:
        if done:
            raise StopError

    path = tmp_path / "stopped.zarr"
    with pytest.raises(StopError):
        run(launch, path, FEW, threads=1, told=stopping)
    assert open_run(path).committed() == (0,)
    with pytest.raises(UsageError, match="exists already"):
        run(launch, path, FEW, threads=1)
    heard: list[tuple[int, int]] = []
    run(launch, path, FEW, threads=2, resume=True, told=lambda done, wanted: heard.append((done, wanted)))
    assert (heard[0], heard[-1]) == ((0, 344), (344, 344))
    same(open_run(path), open_run(whole))
    assert open_run(path).why_stopped == "all 600 replications done"


def test_ranges_of_blocks_are_merged_into_the_whole(launch: Launch, whole: Path, tmp_path: Path) -> None:
    parts = [tmp_path / "first.zarr", tmp_path / "second.zarr"]
    for path, blocks in zip(parts, [(0, 1), (1, 3)], strict=True):
        run(launch, path, FEW, threads=1, block_range=blocks)
    once, part = open_run(whole), open_run(parts[1])
    for array in once.dims.arrays:
        np.testing.assert_array_equal(part.read(array.name), once.read(array.name, blocks=[1, 2]))
    with merge(parts, tmp_path / "both.zarr") as both:
        same(both, once)


def test_the_order_of_the_blocks_does_not_change_a_bit(launch: Launch, whole: Path, tmp_path: Path) -> None:
    order: list[int] = []

    def backwards(found: Run, blocks: Sequence[int], committed: Callable[[int], None]) -> None:
        def said(block: int) -> None:
            order.append(block)
            committed(block)

        threaded(launch, 1)(found, blocks[::-1], said)

    same(run(launch, tmp_path / "backwards.zarr", FEW, hands=backwards), open_run(whole))
    assert order == [2, 1, 0]


def test_twenty_kills_leave_the_futures_of_one_uninterrupted_run(tmp_path: Path) -> None:
    (scenario, _), path = small_plant(tmp_path), tmp_path / "killed.zarr"
    replications = 42 * 64  # every writer commits two blocks at most
    words = [killed_futures.__file__, scenario, path, replications, 20, 11]
    ended = subprocess.run(
        [sys.executable, "-W", "ignore::DeprecationWarning", *map(str, words)],  # of forking beside sleeping threads
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ended.returncode, ended.stderr) == (0, "")
    found, once = open_run(path), simulate(opened([scenario]).worlds, 3, replications, threads=1, block=128)
    np.testing.assert_array_equal(found.read("terms").view(np.int64), once.terms.view(np.int64))
    np.testing.assert_array_equal(found.read("job_late").sum(axis=-1)[0], once.job_late[0])
    assert len((path / "tocfin" / "journal.jsonl").read_bytes().splitlines()) == 1 + 42 + 1


def test_a_run_from_other_inputs_is_not_carried_on(launch: Launch, files: list[Path], whole: Path) -> None:
    with pytest.raises(ChangedRunError, match="seed: 4 here, 3 in the store"):
        run(launch, whole, Draws(seed=4, replications=600), resume=True)
    other = opened([file for file in files if file.stem in ("base", "overtime")])
    with pytest.raises(ChangedRunError, match=r"overtime\.toml"):
        run(other, whole, FEW, resume=True)


def test_a_run_stops_when_it_is_known_well_enough(launch: Launch, tmp_path: Path) -> None:
    draws = Draws(seed=3, tolerances={"mean": (0.05, 0.0)}, cap=4_096, kpis=("throughput",))
    found = run(launch, tmp_path / "known.zarr", draws)
    assert found.replications().size == 1_024
    assert found.why_stopped == "all 2 tolerances met at 1,024 replications"


def test_a_range_of_an_open_number_of_replications_is_refused(launch: Launch, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="fixed number of replications"):
        run(launch, tmp_path / "none.zarr", Draws(), block_range=(0, 1))
    with pytest.raises(UsageError, match="not within 0:3"):
        run(launch, tmp_path / "none.zarr", FEW, block_range=(0, 9))
    assert not (tmp_path / "none.zarr").exists()


def test_a_stored_future_is_replayed_from_its_files(whole: Path) -> None:
    found = open_run(whole)
    future, _, currency = replayed(found, 417, "rush order")
    assert currency == found.manifest.notes["currency"]
    np.testing.assert_array_equal(future.terms, found.read("terms", scenario="rush order")[..., 417])
    with pytest.raises(UsageError, match="no replication 600"):
        replayed(found, 600)


def test_a_run_says_what_it_is_about(whole: Path) -> None:
    found = open_run(whole)
    lines = {(line.scenario, line.kpi): line for line in kpi_lines(found, rules_of(found))}
    throughput = lines["base", "throughput"]
    assert throughput.summary.mean.n == 600
    assert throughput.target is not None
    assert throughput.summary.met is not None
    jobs = job_lines(found)
    known = {line.job for line in jobs if line.scenario == "base"}
    added = [line for line in jobs if line.job not in known]
    assert {line.scenario for line in added} == {"rush order"}
    assert all(540 < line.on_time.n <= 600 for line in added)  # two orders in a hundred fall away
    most = resource_lines(found)[0]
    assert 0 < most.constraint.value <= 1
    (one,) = compared(found, "base", ["throughput"], rules_of(found))
    assert one.differences["rush order"].mean.n == 600
    assert one.differences["rush order"].saving > 20


def test_work_that_outlasts_its_calendar_is_named(files: list[Path], tmp_path: Path) -> None:
    slow = files[0].parent / "slow.toml"
    lines = [f'name = "slow"\nbase = "{files[0].parent.parent / "plant"}"\noff = ["breakdowns", "scrap"]']
    lines += ['[[uncertainty.duration]]\nall = true\ndistribution = "constant"\nvalue = 40.0']
    slow.write_text("\n".join(lines), encoding="utf-8")
    certain = opened([slow])
    found = run(certain, tmp_path / "slow.zarr", Draws(replications=64), threads=1)
    (finding,) = out_of_calendar(certain, found)
    assert finding.count == 64
    assert "in 64 of 64 futures of 'slow' work outlasts the calendar of its resource, mostly '" in finding.message


def test_every_fault_of_every_scenario_is_told(files: list[Path], tmp_path: Path) -> None:
    broken = tmp_path / "broken.toml"
    broken.write_text(re.sub(r"cv = [\d.]+", "cv = -1", files[0].read_text("utf-8")), encoding="utf-8")
    with pytest.raises(DatasetError, match="cv"):
        opened([files[0], broken])
