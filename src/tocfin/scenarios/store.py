"""A run on disk: terms of every replication as a Zarr v3 store that xarray opens, safe against crashes.

    run.zarr/zarr.json, terms/, job_on_time/, ...   arrays, one file per block and array
    run.zarr/tocfin/manifest.json                   what the run is
    run.zarr/tocfin/journal.jsonl                   what was committed: one signed line per block
    run.zarr/tocfin/lock                            who is writing

A block is written to hidden files, flushed, and then named in the journal; only after that do its files get the names
under which any reader of Zarr finds them. A killed writer leaves either all of a block or nothing of it.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from tocfin.errors import UsageError
from tocfin.scenarios.chunks import skeleton
from tocfin.scenarios.journal import ChangedRunError, Lock, StoreError, move, signed, sync, writing
from tocfin.scenarios.layout import layout_hash, require_run
from tocfin.scenarios.manifest import Dims, Manifest, differences, dumped
from tocfin.scenarios.places import OURS, attributes, folder, repeat
from tocfin.scenarios.stored import Run


def create(path: str | Path, manifest: Manifest, dims: Dims) -> Run:
    """A new run at ``path``, open for writing; it appears whole or not at all.

    Raises UsageError when something is there already.
    """
    place = Path(os.path.realpath(path))
    if os.path.lexists(place):
        raise UsageError(f"{path} exists already; resume that run, or choose another name")
    content = dumped(manifest, dims)
    files = skeleton(dims, attributes(manifest, dims, content))
    layouts = {array.name: layout_hash(json.loads(files[f"{array.name}/zarr.json"])) for array in dims.arrays}
    journal = signed({"layouts": layouts}).encode() + b"\n"
    files |= {f"{OURS}/manifest.json": content, f"{OURS}/journal.jsonl": journal, f"{OURS}/lock": b""}
    part = place.with_name(f".{place.name}.{secrets.token_hex(4)}.part")
    with writing(place):
        try:
            for name, data in files.items():
                (part / name).parent.mkdir(parents=True, exist_ok=True)
                (part / name).write_bytes(data)
            for array in dims.arrays:
                folder(part, array).mkdir(parents=True)
            repeat(part, {})
            for inner, _, names in os.walk(part, topdown=False):
                for name in (*names, ""):
                    sync(Path(inner, name))
            move(part, place)
        finally:
            shutil.rmtree(part, ignore_errors=True)
    return open_for_append(place, manifest, dims)


def open_for_append(path: str | Path, manifest: Manifest, dims: Dims) -> Run:
    """The run at ``path`` to be carried on by this process alone.

    Every committed block is checked; one that is damaged counts as not committed, so that it is made again. Raises
    ChangedRunError, with each difference, when the store was made from other inputs, seed or names; LockedStoreError
    when another process is writing; ForeignStoreError and DamagedStoreError as `open_run`.
    """
    place = Path(os.path.realpath(path))
    require_run(place)
    with writing(place):
        lock = Lock(place / OURS / "lock")
        try:
            run = Run(place, lock)
            changed = differences(dumped(manifest, dims), dumped(run.manifest, run.dims))
            if changed:
                raise ChangedRunError(
                    f"{path} was made from something else:\n"
                    + "\n".join(changed)
                    + "\nStart a new run under another name"
                )
            run.recover()
        except BaseException:
            lock.release()
            raise
    return run


def open_run(path: str | Path) -> Run:
    """The run at ``path`` for reading, while another process may be writing it.

    Raises ForeignStoreError for what is no run of tocfin, is in Zarr format 2 or uses codecs that may run code;
    DamagedStoreError where files contradict the manifest or the journal.
    """
    place = Path(os.path.realpath(path))
    require_run(place)
    return Run(place, None)


def merge(paths: Sequence[str | Path], out: str | Path) -> Run:
    """A new run at ``out`` with the blocks of all ``paths``: ranges of one run that were made in different places.

    Raises ChangedRunError, with each difference, when they are not the same run; StoreError when a block that several
    hold is not the same in all of them; UsageError when ``out`` is there already.
    """
    runs = [open_run(path) for path in paths]
    if not runs:
        raise UsageError("there is nothing to merge; name the stores that `tocfin simulate --block-range` made")
    for run in runs[1:]:
        changed = differences(dumped(runs[0].manifest, runs[0].dims), dumped(run.manifest, run.dims))
        if changed:
            told = "\n".join(changed)
            raise ChangedRunError(f"{run.path} is not of the same run as {runs[0].path} (here):\n{told}")
    blocks = sorted({block for run in runs for block in run.committed()})
    sources = {block: _agreed(block, [run for run in runs if block in run.committed()]) for block in blocks}
    merged = create(out, replace(runs[0].manifest, blocks=_range(runs)), runs[0].dims)
    try:
        for block, run in sources.items():
            merged.record(
                merged.write_files(block, {array.name: run.content(array.name, block) for array in run.dims.arrays})
            )
        if not merged.wanting:
            reasons = dict.fromkeys(run.why_stopped for run in runs if run.why_stopped)
            merged.finish("; ".join([f"merged from {len(runs)} stores", *reasons]))
    except BaseException:
        merged.close()
        shutil.rmtree(merged.path, ignore_errors=True)
        raise
    return merged


def _range(runs: Sequence[Run]) -> tuple[int, int] | None:
    ranges = [run.manifest.blocks or (0, run.dims.blocks) for run in runs]
    whole = min(first for first, _ in ranges), max(end for _, end in ranges)
    return None if whole == (0, runs[0].dims.blocks) else whole


def _agreed(block: int, holders: Sequence[Run]) -> Run:
    """One of those that hold ``block``, after a check that all hold the same numbers, bit for bit."""
    first = holders[0]
    for other in holders[1:]:
        for array in first.dims.arrays:
            ours, theirs = (run.read(array.name, blocks=[block]) for run in (first, other))
            if not np.array_equal(ours.view(np.int64), theirs.view(np.int64)):
                raise StoreError(
                    f"block {block} of {array.name} differs between {first.path} and {other.path}; the same run must"
                    " give the same bits. Compare the machines' package versions, and leave one of the two out"
                )
    return first
