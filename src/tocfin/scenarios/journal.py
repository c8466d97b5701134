"""Writing that survives a crash: files on disk before their names, lines with a checksum, one writer at a time."""

from __future__ import annotations

import errno
import fcntl
import hashlib
import json
import os
import secrets
import socket
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tocfin.errors import TocfinError

#: Name of an array -> SHA-256 and size of the file that holds its part of a block.
Files = Mapping[str, tuple[str, int]]


class StoreError(TocfinError):
    """A stored run cannot be read or written as asked."""


class DamagedStoreError(StoreError):
    """What is on disk is not what was committed."""


class ForeignStoreError(StoreError):
    """The folder is no run of tocfin, or one in a form that is not read for safety."""


class ChangedRunError(StoreError):
    """The stored run was made from something else; the text names each difference."""


class LockedStoreError(StoreError):
    """Another process is writing the run."""


class UnfitWorkerError(StoreError):
    """A worker does not see the run, or would make another one; the text names each difference."""


@dataclass
class Journal:
    """What was committed: block -> files, in the order of the blocks; and why the run stopped, if it did.

    ``layouts``: array -> hash of how its numbers are laid out.
    """

    path: Path
    layouts: Mapping[str, str] = field(default_factory=dict)
    blocks: dict[int, Files] = field(default_factory=dict)
    why_stopped: str = ""
    size: int = 0  # of the whole lines

    @classmethod
    def read(cls, path: Path) -> Journal:
        """Every whole line of the file; what a killed writer left of a last one is no line.

        Raises DamagedStoreError for a line that does not carry its own checksum.
        """
        journal = cls(path)
        content = path.read_bytes()
        journal.size = content.rfind(b"\n") + 1
        for number, line in enumerate(content[: journal.size].splitlines(), 1):
            try:
                journal._take(line.decode())
            except (ValueError, KeyError, TypeError) as error:
                raise DamagedStoreError(
                    f"{path}:{number}: this line of the journal is damaged; restore the store from a copy, or run again"
                ) from error
        return journal

    def append(self, line: str) -> None:
        """Add a line durably: once this returns the commit holds, before that it never happened."""
        data = line.encode() + b"\n"
        descriptor = os.open(self.path, os.O_WRONLY)
        try:
            os.ftruncate(descriptor, self.size)
            _write_all(descriptor, data, self.size)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        self.size += len(data)
        self._take(line)

    def _take(self, line: str) -> None:
        said = checked(line)
        match said:
            case {"block": int(block), "files": dict(files)}:
                self.blocks[block] = {name: (str(sha), int(size)) for name, (sha, size) in files.items()}
                self.blocks = dict(sorted(self.blocks.items()))
                self.why_stopped = ""
            case {"layouts": dict(layouts)}:
                self.layouts = layouts
            case {"dropped": int(block)}:
                self.blocks.pop(block, None)
            case {"stopped": str(why)}:
                self.why_stopped = why
            case _:
                raise ValueError(f"unknown line {line[:80]}")


def signed(said: Mapping[str, Any]) -> str:
    """A journal line: the SHA-256 of a JSON text, and the text."""
    body = json.dumps(said, sort_keys=True, ensure_ascii=False)
    return f"{hashlib.sha256(body.encode()).hexdigest()} {body}"


def checked(line: str) -> Any:
    """What a journal line says; raises ValueError when its checksum is another."""
    digest, _, body = line.partition(" ")
    if hashlib.sha256(body.encode()).hexdigest() != digest:
        raise ValueError("checksum")
    return json.loads(body)


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Turn what the system refuses (disk full, no permission, worn-out disk) into an error that says what to do."""
    try:
        yield
    except OSError as error:
        full = error.errno in {errno.ENOSPC, errno.EDQUOT}
        advice = "free some space" if full else "mend that"
        raise StoreError(
            f"{path}: cannot be written: {error.strerror or error}. Every block committed so far is safe:"
            f" {advice} and resume the run"
        ) from error


def put(path: Path, data: bytes) -> None:
    """A file that is whole and on disk when its name appears."""
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
        try:
            _write_all(descriptor, data, 0)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        move(part, path)
    except BaseException:
        with suppress(OSError):
            part.unlink()
        raise


def move(part: Path, place: Path) -> None:
    """Give a file its name, durably."""
    part.replace(place)
    sync(place.parent)


def sync(path: Path) -> None:
    """Flush a file or a folder to disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


class Lock:
    """The right to write a run, held by one process; the system takes it back when that process dies.

    The file says who holds it. Raises LockedStoreError, naming the owner, when another does.
    """

    def __init__(self, path: Path) -> None:
        self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o644)
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            owner = os.read(self._descriptor, 500).decode(errors="replace").strip() or "another process"
            os.close(self._descriptor)
            raise LockedStoreError(
                f"{path.parent.parent} is being written by {owner}; wait for it to end, or stop it and resume"
            ) from error
        since = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        os.ftruncate(self._descriptor, 0)
        os.pwrite(self._descriptor, f"process {os.getpid()} on {socket.gethostname()} since {since}\n".encode(), 0)

    def release(self) -> None:
        """Let others write; a second call does nothing."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1


def _write_all(descriptor: int, data: bytes, offset: int) -> None:
    view = memoryview(data)
    while view:
        written = os.pwrite(descriptor, view, offset)
        view, offset = view[written:], offset + written
