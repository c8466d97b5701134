"""One stored run: its blocks, how they are committed, and how they are read back."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from threading import Lock as Turn
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from tocfin.errors import UsageError
from tocfin.scenarios.chunks import Pieces
from tocfin.scenarios.journal import (
    DamagedStoreError,
    Journal,
    Lock,
    StoreError,
    checked,
    put,
    signed,
    writing,
)
from tocfin.scenarios.layout import metadata, require_layouts, require_shape, shown
from tocfin.scenarios.manifest import Extra
from tocfin.scenarios.places import OURS, final, folder, pending, read_manifest, repeat

Arrays = Mapping[str, NDArray[np.float64]]


class Run:
    """A stored run, made by `create`, `open_for_append` or `open_run`; several threads may commit blocks at a time."""

    def __init__(self, path: Path, lock: Lock | None) -> None:
        self.path = path
        self._lock = lock
        self._turn = Turn()
        self.manifest, self.dims = read_manifest(path)
        self._arrays = {array.name: array for array in self.dims.arrays}
        self._pieces = {
            array.name: Pieces(require_shape(path, array, self.dims), self.dims.piece(array))
            for array in self.dims.arrays
        }
        self._journal = Journal.read(path / OURS / "journal.jsonl")
        require_layouts(path, self._journal.layouts)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let other processes write; nothing is lost by not calling it."""
        if self._lock:
            self._lock.release()

    def committed(self) -> tuple[int, ...]:
        """Blocks that are there, in order; a reader of a running run sees those of when it was opened or refreshed."""
        return tuple(self._journal.blocks)

    def refresh(self) -> None:
        """See what was committed since."""
        self._journal = Journal.read(self._journal.path)

    @property
    def wanting(self) -> tuple[int, ...]:
        """Blocks of the manifest's range that are not there yet."""
        first, end = self.manifest.blocks or (0, self.dims.blocks)
        return tuple(block for block in range(first, end) if block not in self._journal.blocks)

    @property
    def why_stopped(self) -> str:
        """Why the run was declared finished; empty while it is not."""
        return self._journal.why_stopped

    def commit_block(self, block: int, arrays: Arrays) -> None:
        """Store a block for good: once this returns no crash takes it away.

        ``arrays``: every array of the dims, float64, shaped as ``dims.given``. Committing the same numbers again does
        nothing, other numbers for the same block raise StoreError.
        """
        self.record(self.write_block(block, arrays))

    def write_block(self, block: int, arrays: Arrays) -> str:
        """Write a block without committing it; returns the line that `record` takes.

        Needs no lock: workers in other processes and on other hosts call it on a run opened by `open_run`.
        """
        self._require_arrays(block, arrays)
        files = {}
        for name, array in self._arrays.items():
            given = arrays[name] if array.dims[-1] == "replication" else arrays[name][..., np.newaxis]
            files[name] = self._pieces[name].encoded(given)
        return self.write_files(block, files)

    def write_files(self, block: int, files: Mapping[str, bytes]) -> str:
        """As `write_block`, with what `content` gave for the same block of the same run."""
        with writing(self.path):
            for name, data in files.items():
                put(pending(self.path, self._arrays[name], block), data)
        told = {name: (hashlib.sha256(data).hexdigest(), len(data)) for name, data in files.items()}
        return signed({"block": block, "files": told})

    def record(self, line: str) -> int:
        """Commit what `write_block` wrote, here or in another process; returns the number of the block."""
        self._require_lock()
        block, files = self._line(line)
        self._require_range(block)
        with self._turn, writing(self.path):
            known = self._journal.blocks.get(block)
            if known is not None:
                self._require_same(block, known, files)
                return block
            self._require_written(block, files)
            was_stopped = self.why_stopped
            self._journal.append(line)
            for array in self._arrays.values():
                pending(self.path, array, block).replace(final(self.path, array, block))
            if was_stopped:
                self._publish()
        return block

    def finish(self, why: str) -> None:
        """Say why the run is complete, and cut the arrays to the blocks that are there."""
        self._require_lock()
        with self._turn, writing(self.path):
            self._journal.append(signed({"stopped": why}))
            self._publish()

    def read(
        self, name: str = "terms", *, scenario: str | None = None, blocks: Iterable[int] | None = None
    ) -> NDArray[np.float64]:
        """An array over the committed ``blocks`` (all by default), end to end along its last axis.

        With ``scenario`` of that one only, without its axis. Every file is checked against the journal before it
        is decoded; raises DamagedStoreError when one is not what was committed.
        """
        array = self._named(name)
        asked = self.committed() if blocks is None else tuple(blocks)
        absent = [block for block in asked if block not in self._journal.blocks]
        if absent:
            raise UsageError(f"{self.path} has no block {absent[0]}; it holds {len(self.committed())} blocks")
        place = None if scenario is None else self._position(array, scenario)
        lengths = [self.dims.given(array, block)[-1] if array.dims[-1] == "replication" else 1 for block in asked]
        ends = np.cumsum(lengths, dtype=np.int64)
        out = np.empty((*self.dims.shape(array)[0 if place is None else 1 : -1], sum(lengths)))
        for block, length, end in zip(asked, lengths, ends, strict=True):
            out[..., end - length : end] = self._part(array, block, place)[..., :length]
        return out

    def replications(self, blocks: Iterable[int] | None = None) -> NDArray[np.int64]:
        """The numbers of the replications along the last axis of what `read` returns."""
        asked = self.committed() if blocks is None else blocks
        firsts = [np.arange(self.dims.held(block)) + block * self.dims.block for block in asked]
        return np.concatenate([np.empty(0, np.int64), *firsts])

    def content(self, name: str, block: int) -> bytes:
        """The file of one committed block of an array, after a check that it is what was committed."""
        array = self._named(name)
        digest, size = self._journal.blocks[block][name]
        for file in (final, pending, final):  # the writer may be about to give it its name
            try:
                data = file(self.path, array, block).read_bytes()
            except OSError:
                continue
            if len(data) == size and hashlib.sha256(data).hexdigest() == digest:
                return data
        raise DamagedStoreError(
            f"{self.path}: block {block} of {name} is missing or damaged; resume the run to make it again"
        )

    def damaged(self) -> tuple[int, ...]:
        """Committed blocks of which a file is missing or is not what was committed."""
        return tuple(block for block in self.committed() if not self._whole(block))

    def recover(self) -> None:
        """Carry on after a crash: finish commits, strike damaged blocks out, remove what was never committed."""
        self._require_lock()
        for block in self.committed():
            for array in self._arrays.values():
                waiting = pending(self.path, array, block)
                if waiting.exists():
                    waiting.replace(final(self.path, array, block))
        for block in self.damaged():
            self._journal.append(signed({"dropped": block}))
        kept = {str(block) for block in self.committed()}
        for array in self._arrays.values():
            for file in folder(self.path, array).iterdir():
                if file.name not in kept:
                    file.unlink(missing_ok=True)  # a worker of a stopped run may still be at it
        for part in [*self.path.glob(".*.part"), *self.path.glob("*/.*.part")]:
            part.unlink(missing_ok=True)
        self._publish()

    def _publish(self) -> None:
        """Make the metadata say what the journal says: how many blocks there are, and why the run stopped."""
        finished = bool(self.why_stopped and self.committed())
        blocks = self.committed()[-1] + 1 if finished else self.dims.blocks
        for array in self._arrays.values():
            file = self.path / array.name / "zarr.json"
            said = metadata(file)
            if said["shape"] != (shape := list(self.dims.shape(array, blocks))):
                put(file, shown({**said, "shape": shape}))
        repeat(self.path, {"why_stopped": self.why_stopped})

    def _part(self, array: Extra, block: int, place: int | None) -> NDArray[np.float64]:
        try:
            return self._pieces[array.name].decoded(self.content(array.name, block), place)
        except (ValueError, RuntimeError, TypeError, KeyError) as error:
            raise DamagedStoreError(
                f"{self.path}: block {block} of {array.name} cannot be decoded ({error}); restore the store from a copy"
            ) from error

    def _whole(self, block: int) -> bool:
        try:
            for name in self._arrays:
                self.content(name, block)
        except (DamagedStoreError, KeyError):
            return False
        return True

    def _named(self, name: str) -> Extra:
        if name not in self._arrays:
            raise UsageError(f"{self.path} has no array '{name}'; it holds {', '.join(self._arrays)}")
        return self._arrays[name]

    def _position(self, array: Extra, scenario: str) -> int:
        if array.dims[0] != "scenario" or scenario not in self.dims.scenario:
            raise UsageError(f"{array.name} holds no scenario '{scenario}'; there are {', '.join(self.dims.scenario)}")
        return self.dims.scenario.index(scenario)

    def _line(self, line: str) -> tuple[int, dict[str, Any]]:
        try:
            said = checked(line)
            return int(said["block"]), {name: (told[0], told[1]) for name, told in said["files"].items()}
        except (ValueError, TypeError, KeyError) as error:
            raise StoreError(
                f"{self.path}: what a worker said of its block cannot be read; compute it again"
            ) from error

    def _require_lock(self) -> None:
        if self._lock is None:
            raise StoreError(f"{self.path} was opened for reading; open it with open_for_append to write")

    def _require_arrays(self, block: int, arrays: Arrays) -> None:
        self._require_range(block)
        if set(arrays) != set(self._arrays):
            raise StoreError(f"{self.path}: a block holds {', '.join(self._arrays)}, not {', '.join(arrays)}")
        for name, array in self._arrays.items():
            shape, given = self.dims.given(array, block), arrays[name]
            if given.shape != shape or given.dtype != np.float64:
                raise StoreError(f"{name} of block {block} is {given.dtype} {given.shape}; float64 {shape} is expected")

    def _require_range(self, block: int) -> None:
        first, end = self.manifest.blocks or (0, self.dims.blocks)
        if not first <= block < end:
            raise StoreError(f"{self.path} takes blocks {first} to {end - 1}; block {block} is none of them")

    def _require_written(self, block: int, files: Mapping[str, Any]) -> None:
        for name, array in self._arrays.items():
            file = pending(self.path, array, block)
            if name not in files or not file.is_file() or file.stat().st_size != files[name][1]:
                raise StoreError(f"{self.path}: block {block} of {name} was not written here; compute it again")

    def _require_same(self, block: int, known: Mapping[str, Any], files: Mapping[str, Any]) -> None:
        for array in self._arrays.values():
            pending(self.path, array, block).unlink(missing_ok=True)
        if known != files:
            raise StoreError(
                f"{self.path}: block {block} was computed twice with different numbers; the first ones are kept."
                " The same run must give the same bits: compare package versions of the workers"
            )
