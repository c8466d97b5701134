"""Files and folders that appear whole or not at all."""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tocfin.errors import UsageError

#: What a data set is made of: nothing else is ever removed with an old one.
_OURS = (".csv", ".parquet", ".jsonl")
_PLAN = "plan.toml"


@contextmanager
def appearing(target: str | Path, *, force: bool = False) -> Iterator[Path]:
    """A path beside ``target`` to write a file or a folder to; it is moved to ``target`` when the block ends well.

    All is flushed to disk before the move, so a crash leaves either nothing or the whole (and perhaps a
    hidden ``.part`` beside it). With ``force`` an old file is replaced, and an old data set folder is moved
    aside first and removed last. Raises UsageError when ``target`` exists without ``force``, holds anything
    that is not part of a data set, or cannot be written.
    """
    place = Path(os.path.realpath(target))
    _refuse(place, force)
    part = place.with_name(f".{place.name}.{secrets.token_hex(4)}.part")
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        yield part
        _flush(part)
        _refuse(place, force)
        _move(part, place)
    except OSError as error:
        raise UsageError(f"{target}: cannot be written: {error.strerror or error}") from error
    finally:
        _remove(part)


@contextmanager
def revised(folder: Path) -> Iterator[Path]:
    """A copy of ``folder`` to change; it takes the folder's place when the block ends well, whole or not at all."""
    place = Path(os.path.realpath(folder))
    part = place.with_name(f".{place.name}.{secrets.token_hex(4)}.part")
    try:
        shutil.copytree(place, part, symlinks=True)
        yield part
        for path in part.rglob("*"):
            if path.is_file():
                _sync(path)
        _move(part, place)
    except OSError as error:
        raise UsageError(f"{folder}: cannot be written: {error.strerror or error}") from error
    finally:
        _remove(part)


def _refuse(place: Path, force: bool) -> None:
    if not os.path.lexists(place):
        return
    if not force:
        raise UsageError(f"{place} exists already; choose another name, or say --force to replace it")
    if not place.is_dir():
        return
    strange = sorted(entry.name for entry in place.iterdir() if not _is_ours(entry))
    if strange:
        raise UsageError(
            f"{place} is not replaced because it holds {strange[0]!r}, which is no part of a data set;"
            " move it away or choose another name"
        )


def _is_ours(entry: Path) -> bool:
    return entry.is_file() and not entry.is_symlink() and (entry.name == _PLAN or entry.suffix.lower() in _OURS)


def _move(part: Path, place: Path) -> None:
    if part.is_dir() and os.path.lexists(place):
        old = place.with_name(f".{place.name}.{secrets.token_hex(4)}.old")
        place.rename(old)
        part.rename(place)
        _sync(place.parent)
        _remove(old)
    else:
        if place.is_dir():
            raise UsageError(f"{place} is a folder; a file cannot take its place")
        part.replace(place)
        _sync(place.parent)


def _flush(part: Path) -> None:
    for path in [*part.iterdir(), part] if part.is_dir() else [part]:
        _sync(path)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _remove(path: Path) -> None:
    """Take away what is not needed any more; what cannot be removed only wastes space."""
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        with suppress(OSError):
            path.unlink()
