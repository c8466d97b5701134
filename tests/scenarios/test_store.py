"""Runs on disk: what is committed comes back bit for bit, and everything else is an error that says what to do."""

import errno
import json
import os
import random
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import small_run
import xarray as xr
from small_run import DIMS, MANIFEST, block_of, whole

from tocfin.errors import TocfinError, UsageError
from tocfin.scenarios import journal
from tocfin.scenarios.journal import (
    ChangedRunError,
    DamagedStoreError,
    LockedStoreError,
    StoreError,
    signed,
)
from tocfin.scenarios.manifest import Dims, Extra
from tocfin.scenarios.store import create, merge, open_for_append, open_run
from tocfin.scenarios.stored import Run

SHORT = replace(DIMS, replications=250)  # 4 blocks, the last one not full
ALL = range(4)


def made(path: Path, blocks: Any = ALL, manifest: Any = MANIFEST, dims: Dims = SHORT) -> Path:
    """A run with some blocks; finished where it has all."""
    with create(path, manifest, dims) as run:
        for block in blocks:
            run.commit_block(block, block_of(block, dims))
        if not run.wanting:
            run.finish("all replications done")
    return path


def files(path: Path) -> dict[str, bytes]:
    """Everything below ``path`` that is not specific to who wrote it when."""
    found = {str(file.relative_to(path)): file.read_bytes() for file in path.rglob("*") if file.is_file()}
    return {name: data for name, data in found.items() if not name.startswith("tocfin/")}


def same(run: Run, name: str, blocks: Any, dims: Dims = SHORT) -> bool:
    """Equal bits, NaN included."""
    first, second = run.read(name), whole(name, blocks, dims)
    return first.shape == second.shape and bool(np.all(first.view(np.int64) == second.view(np.int64)))


def test_what_was_committed_comes_back_bit_for_bit(tmp_path: Path) -> None:
    run = open_run(made(tmp_path / "run.zarr", blocks=[2, 0, 3]))
    assert run.committed() == (0, 2, 3)
    assert run.wanting == (1,)
    assert same(run, "terms", (0, 2, 3))
    assert same(run, "job_on_time", (0, 2, 3))
    np.testing.assert_array_equal(run.read(scenario="rush", blocks=[3]), block_of(3, SHORT)["terms"][1])
    np.testing.assert_array_equal(run.replications([0, 3]), [*range(64), *range(192, 250)])
    assert run.read(blocks=[]).shape == (2, 3, 2, 2, 0)
    assert run.manifest == MANIFEST
    assert run.dims == SHORT


@pytest.mark.parametrize("value", [np.nan, 0.0])
def test_a_block_of_nothing_but_one_value_is_stored_too(tmp_path: Path, value: float) -> None:
    with create(tmp_path / "run.zarr", MANIFEST, SHORT) as run:
        for block in ALL:
            run.commit_block(block, {name: np.full_like(part, value) for name, part in block_of(block, SHORT).items()})
    found = open_run(tmp_path / "run.zarr")
    for array in SHORT.arrays:
        np.testing.assert_array_equal(found.read(array.name), np.full_like(whole(array.name, ALL, SHORT), value))
    assert np.array_equal(
        xr.open_zarr(tmp_path / "run.zarr")["terms"], np.full(SHORT.shape(SHORT.arrays[0]), value), True
    )


def test_a_reader_sees_later_commits_when_it_looks_again(tmp_path: Path) -> None:
    with create(tmp_path / "run.zarr", MANIFEST, SHORT) as writer:
        reader = open_run(writer.path)
        writer.commit_block(0, block_of(0))
        assert reader.committed() == ()
        reader.refresh()
        assert reader.committed() == (0,)


def test_blocks_written_by_workers_are_committed_by_the_one_that_holds_the_lock(tmp_path: Path) -> None:
    with create(tmp_path / "run.zarr", MANIFEST, SHORT) as writer:
        line = open_run(writer.path).write_block(1, block_of(1))
        assert open_run(writer.path).committed() == ()
        writer.record(line)
        assert same(open_run(writer.path), "terms", [1])
        with pytest.raises(StoreError, match="opened for reading"):
            open_run(writer.path).record(line)
        with pytest.raises(StoreError, match="was not written here"):
            writer.record(signed({"block": 2, "files": {"terms": ["ab", 3]}}))
        with pytest.raises(StoreError, match="cannot be read"):
            writer.record(line + " ")


def test_threads_may_commit_blocks_at_a_time_and_in_any_order(tmp_path: Path) -> None:
    with create(tmp_path / "run.zarr", MANIFEST, SHORT) as run, ThreadPoolExecutor(4) as threads:
        list(threads.map(lambda block: run.commit_block(block, block_of(block, SHORT)), (3, 1, 0, 2)))
        run.finish("all replications done")
    assert files(run.path) == files(made(tmp_path / "once.zarr"))


def test_a_block_computed_twice_must_be_the_same(tmp_path: Path) -> None:
    with create(tmp_path / "run.zarr", MANIFEST, SHORT) as run:
        run.commit_block(1, block_of(1))
        run.commit_block(1, block_of(1))
        with pytest.raises(StoreError, match="computed twice with different numbers"):
            run.commit_block(1, block_of(2))
        assert same(run, "terms", [1])


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda arrays: arrays | {"terms": arrays["terms"][..., 1:]}, "float64"),
        (lambda arrays: arrays | {"terms": arrays["terms"].astype(np.float32)}, "float32"),
        (lambda arrays: {"terms": arrays["terms"]}, "a block holds terms, job_on_time"),
    ],
)
def test_a_block_that_is_not_what_the_run_holds_is_refused(
    tmp_path: Path, change: Callable[[Any], Any], said: str
) -> None:
    with create(tmp_path / "run.zarr", MANIFEST, SHORT) as run:
        with pytest.raises(StoreError, match=said):
            run.commit_block(0, change(dict(block_of(0))))
        with pytest.raises(StoreError, match="takes blocks 0 to 3"):
            run.commit_block(4, block_of(0))


def test_names_that_are_not_there_are_told_from_those_that_are(tmp_path: Path) -> None:
    run = open_run(made(tmp_path / "run.zarr", blocks=[0]))
    with pytest.raises(UsageError, match="no array 'trems'; it holds terms, job_on_time"):
        run.read("trems")
    with pytest.raises(UsageError, match="no scenario 'calm'; there are base, rush"):
        run.read(scenario="calm")
    with pytest.raises(UsageError, match="no block 2"):
        run.read(blocks=[2])


def test_a_run_never_replaces_what_is_there(tmp_path: Path) -> None:
    (tmp_path / "run.zarr").mkdir()
    with pytest.raises(UsageError, match="exists already; resume"):
        create(tmp_path / "run.zarr", MANIFEST, SHORT)
    assert list(tmp_path.iterdir()) == [tmp_path / "run.zarr"]


def test_axes_without_names_are_refused() -> None:
    with pytest.raises(UsageError, match="a unit for every term"):
        replace(DIMS, term_units=())
    with pytest.raises(UsageError, match="cannot be laid out over resource, block"):
        replace(DIMS, extras=(Extra("load", ("resource", "block"), "hours"),))


def test_a_second_writer_is_told_who_the_first_one_is(tmp_path: Path) -> None:
    path = made(tmp_path / "run.zarr", blocks=[0])
    with open_for_append(path, MANIFEST, SHORT):
        with pytest.raises(LockedStoreError, match=f"being written by process {os.getpid()} on "):
            open_for_append(path, MANIFEST, SHORT)
        assert open_run(path).committed() == (0,)
    open_for_append(path, MANIFEST, SHORT).close()


def test_a_resumed_run_equals_one_in_one_go_and_can_go_on_after_its_end(tmp_path: Path) -> None:
    path = made(tmp_path / "run.zarr", blocks=[1])
    with open_for_append(path, MANIFEST, SHORT) as run:
        run.commit_block(0, block_of(0))
        run.finish("tolerances met")
        assert open_run(path).why_stopped == "tolerances met"
        for block in (2, 3):
            run.commit_block(block, block_of(block, SHORT))
        assert run.why_stopped == ""
        run.finish("all replications done")
    assert files(path) == files(made(tmp_path / "once.zarr"))


def test_a_run_made_from_something_else_is_not_resumed_and_each_difference_is_told(tmp_path: Path) -> None:
    path = made(tmp_path / "run.zarr", blocks=[0])
    other = replace(MANIFEST, seed=8, inputs={"jobs.csv": "00" * 32, "hot.toml": "7a" * 32}, formulas="2")
    with pytest.raises(ChangedRunError) as error:
        open_for_append(path, other, replace(SHORT, scenario=("base", "hot")))
    said = str(error.value).splitlines()
    assert said[1:-1] == [
        "dims.scenario: only here: hot; only there: rush",
        "inputs.hot.toml: 7a7a7a7a7a7a… here, nothing in the store",
        "inputs.jobs.csv: 000000000000… here, 5e5e5e5e5e5e… in the store",
        "inputs.rush.toml: nothing here, 7a7a7a7a7a7a… in the store",
        "seed: 8 here, 7 in the store",
    ]
    assert said[-1] == "Start a new run under another name"
    open_for_append(path, replace(MANIFEST, formulas="2", created_at="later", notes={"by": "me"}), SHORT).close()


@pytest.mark.parametrize("name", ["terms", "job_on_time"])
@pytest.mark.parametrize("harm", ["flip", "cut", "gone"])
def test_a_damaged_block_is_never_read_and_is_made_again_on_resume(tmp_path: Path, name: str, harm: str) -> None:
    path = made(tmp_path / "run.zarr")
    file = next(file for file in (path / name / "c").rglob("2"))
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    file.unlink()
    if harm != "gone":
        file.write_bytes(data if harm == "flip" else data[:-3])
    run = open_run(path)
    with pytest.raises(DamagedStoreError, match=f"block 2 of {name} is missing or damaged; resume"):
        run.read(name)
    assert run.damaged() == (2,)
    with open_for_append(path, MANIFEST, SHORT) as run:
        assert run.wanting == (2,)
        run.commit_block(2, block_of(2))
        run.finish("all replications done")
    assert files(path) == files(made(tmp_path / "once.zarr"))


def test_no_damage_anywhere_gives_a_wrong_number_or_a_traceback(tmp_path: Path) -> None:
    path, dice = made(tmp_path / "run.zarr"), random.Random(1)
    places = sorted(file for file in path.rglob("*") if file.is_file())
    told = 0
    for turn in range(200):
        file = dice.choice(places)
        good = file.read_bytes()
        at = dice.randrange(len(good) or 1)
        hurt = bytes([good[at] ^ 1 << dice.randrange(8)]) + good[at + 1 :] if good and turn % 4 else b""
        file.write_bytes(good[:at] + hurt)
        try:
            run = open_run(path)
            assert same(run, "terms", run.committed()), file
            assert same(run, "job_on_time", run.committed()), file
            assert run.manifest == MANIFEST
        except TocfinError:
            told += 1
        file.write_bytes(good)
    assert told > 80


def test_a_line_that_a_killed_writer_left_half_is_no_line(tmp_path: Path) -> None:
    path = made(tmp_path / "run.zarr", blocks=[0, 1])
    book = path / "tocfin" / "journal.jsonl"
    book.write_bytes(book.read_bytes()[:-20])
    assert open_run(path).committed() == (0,)
    with open_for_append(path, MANIFEST, SHORT) as run:
        run.commit_block(1, block_of(1))
    assert same(open_run(path), "terms", (0, 1))


def test_a_journal_line_with_another_checksum_is_damage(tmp_path: Path) -> None:
    path = made(tmp_path / "run.zarr", blocks=[0, 1])
    book = path / "tocfin" / "journal.jsonl"
    book.write_text(book.read_text().replace('"block": 0', '"block": 3'))
    with pytest.raises(DamagedStoreError, match=r"journal.jsonl:2: this line of the journal is damaged"):
        open_run(path)


def test_a_fault_of_the_disk_at_any_step_loses_nothing_that_was_committed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    once, start = files(made(tmp_path / "once.zarr")), made(tmp_path / "start.zarr", blocks=[0])
    steps = 0
    while True:
        copy = tmp_path / f"{steps}.zarr"
        shutil.copytree(start, copy)
        with open_for_append(copy, MANIFEST, SHORT) as run, full_disk(monkeypatch, steps):
            try:
                run.commit_block(1, block_of(1))
                break
            except StoreError as error:
                said = str(error)
        assert "No space left on device. Every block committed so far is safe: free some space and resume" in said
        assert open_run(copy).committed() in [(0,), (0, 1)]
        assert same(open_run(copy), "terms", open_run(copy).committed())
        with open_for_append(copy, MANIFEST, SHORT) as run:
            for block in run.wanting:
                run.commit_block(block, block_of(block, SHORT))
            run.finish("all replications done")
        assert files(copy) == once
        steps += 1
    assert steps > 10


@contextmanager
def full_disk(monkeypatch: pytest.MonkeyPatch, after: int) -> Iterator[None]:
    """The disk is full after some calls that write to it."""
    left = after

    def counted(real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any) -> Any:
            nonlocal left
            left -= 1
            if left < 0:
                raise OSError(errno.ENOSPC, "No space left on device")
            return real(*arguments)

        return call

    with monkeypatch.context() as patch:
        for name in ("fsync", "pwrite", "replace", "ftruncate"):
            patch.setattr(journal.os, name, counted(getattr(os, name)))
        yield


def test_files_are_on_disk_before_the_journal_names_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    order: list[str] = []
    real = os.fsync

    def noted(descriptor: int) -> None:
        order.append(Path(os.readlink(f"/proc/self/fd/{descriptor}")).name)
        real(descriptor)

    with create(tmp_path / "run.zarr", MANIFEST, replace(SHORT, extras=())) as run:
        monkeypatch.setattr(journal.os, "fsync", noted)
        run.commit_block(0, {"terms": block_of(0)["terms"]})
    assert order[0].endswith(".part")
    assert order[1:] == ["0", "journal.jsonl"]


def test_twenty_kills_leave_the_bits_of_one_uninterrupted_run_and_no_reader_sees_less_than_a_block(
    tmp_path: Path,
) -> None:
    path, script = tmp_path / "run.zarr", Path(small_run.__file__)
    environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1"}
    command = [sys.executable, str(script), str(path), "20", "11"]
    expected = whole("terms", range(DIMS.blocks))
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environment) as writer:
        looks = 0
        while writer.poll() is None:
            looks += seen_whole(path, expected)
        assert writer.stderr is not None
        assert (writer.returncode, writer.stderr.read()) == (0, "")
    assert looks
    run = open_run(path)
    assert same(run, "terms", range(DIMS.blocks), DIMS)
    assert files(path) == files(made(tmp_path / "once.zarr", range(DIMS.blocks), dims=DIMS))
    lines = (path / "tocfin" / "journal.jsonl").read_text().splitlines()
    assert len(lines) == 1 + DIMS.blocks + 1  # nothing that was committed was computed again


def seen_whole(path: Path, expected: np.ndarray[Any, Any]) -> bool:
    """Look at the run as tocfin does and as any reader of Zarr does: every block is all there or not at all.

    ``chunks=None``: Zarr takes a block's file in one go. Dask would fetch the scenarios of a block one after another,
    and a block committed in between is there in one of them only.
    """
    if not path.exists():
        return False
    run = open_run(path)
    blocks = run.committed()[-3:]
    assert np.array_equal(
        run.read(blocks=blocks),
        np.concatenate([expected[..., :0], *(_cut(expected, b) for b in blocks)], axis=-1),
        True,
    )
    terms = xr.open_zarr(path, chunks=None).terms
    for block in {*blocks, *(block + 1 for block in blocks)} & set(range(DIMS.blocks)):
        part = _cut(terms, block).to_numpy()
        assert np.isnan(part).all() or np.array_equal(part, _cut(expected, block), True)
    return True


def _cut(array: Any, block: int) -> Any:
    return array[..., block * DIMS.block : min((block + 1) * DIMS.block, DIMS.replications)]


def test_halves_made_elsewhere_merge_into_the_bits_of_the_whole(tmp_path: Path) -> None:
    first = made(tmp_path / "a.zarr", (0, 1), replace(MANIFEST, blocks=(0, 2)))
    second = made(tmp_path / "b.zarr", (1, 2, 3), replace(MANIFEST, blocks=(1, 4), created_at="later"))
    with merge([second, first], tmp_path / "out.zarr") as run:
        assert run.wanting == ()
        assert run.why_stopped == "merged from 2 stores; all replications done"
    ours, once = files(tmp_path / "out.zarr"), files(made(tmp_path / "once.zarr"))
    assert ours.keys() == once.keys()
    assert {name for name in ours if ours[name] != once[name]} == {"zarr.json"}  # its provenance


def test_ranges_with_a_hole_merge_into_a_run_that_can_be_resumed(tmp_path: Path) -> None:
    parts = [made(tmp_path / f"{b}.zarr", (b,), replace(MANIFEST, blocks=(b, b + 1))) for b in (0, 3)]
    with merge(parts, tmp_path / "out.zarr") as run:
        assert run.wanting == (1, 2)
        assert run.why_stopped == ""
    with open_for_append(tmp_path / "out.zarr", MANIFEST, SHORT) as run:
        run.commit_block(1, block_of(1))
    assert open_run(tmp_path / "out.zarr").committed() == (0, 1, 3)


def test_what_does_not_belong_together_is_not_merged(tmp_path: Path) -> None:
    first = made(tmp_path / "a.zarr", (0, 1), replace(MANIFEST, blocks=(0, 2)))
    foreign = made(tmp_path / "b.zarr", (2, 3), replace(MANIFEST, seed=8))
    with pytest.raises(ChangedRunError, match="seed: 7 here, 8 in the store"):
        merge([first, foreign], tmp_path / "out.zarr")
    with create(tmp_path / "c.zarr", MANIFEST, SHORT) as run:
        run.commit_block(1, block_of(2))
    with pytest.raises(StoreError, match="block 1 of terms differs between"):
        merge([first, tmp_path / "c.zarr"], tmp_path / "out.zarr")
    with pytest.raises(UsageError, match="nothing to merge"):
        merge([], tmp_path / "out.zarr")
    assert not (tmp_path / "out.zarr").exists()


def test_a_manifest_that_was_changed_by_hand_is_damage(tmp_path: Path) -> None:
    path = made(tmp_path / "run.zarr", blocks=[0])
    file = path / "tocfin" / "manifest.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | {"seed": 9}))
    with pytest.raises(DamagedStoreError, match="not the one that the run was made with"):
        open_run(path)
