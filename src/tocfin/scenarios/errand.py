"""What a worker in another process or on another host is sent to do for a run, and what it says of it.

Only paths, block numbers and journal lines travel. A worker reads the scenario files itself, refuses when they, the
run or its own packages are not those of the run, and writes its blocks into the store where everybody sees it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from threading import Lock
from time import perf_counter
from typing import NamedTuple

from tocfin.errors import TocfinError
from tocfin.scenarios.hands import made
from tocfin.scenarios.journal import UnfitWorkerError
from tocfin.scenarios.launch import Launch, packages, reopened
from tocfin.scenarios.places import manifest_file
from tocfin.scenarios.run import joined_sums
from tocfin.scenarios.store import open_run
from tocfin.scenarios.stored import Run


class Errand(NamedTuple):
    """A run by its path, the SHA-256 of its manifest, and the paths of its scenario files."""

    run: str
    identity: str
    files: tuple[str, ...]


class Answer(NamedTuple):
    """Journal lines of the blocks that were written, how long that took [s], and what went wrong, if something did."""

    lines: tuple[str, ...]
    seconds: float
    fault: str


def errand(found: Run, launch: Launch) -> Errand:
    """What to tell a worker about a run that is open for writing here."""
    files = tuple(str(scenario.file.resolve()) for scenario in launch.scenarios)
    return Errand(str(found.path), hashlib.sha256(manifest_file(found.path).read_bytes()).hexdigest(), files)


def unfit(task: Errand) -> str:
    """Why this worker cannot help with a run; empty when it can, and then it is ready to."""
    try:
        _opened(task)
    except (TocfinError, OSError) as error:
        return str(error)
    return ""


def written(task: Errand, blocks: Sequence[int]) -> Answer:
    """Make blocks and write them without committing them; the first that fails ends it, those before it count."""
    lines: list[str] = []
    begun = perf_counter()
    try:
        found, launch = _opened(task)
        begun = perf_counter()
        for block in blocks:
            lines.append(found.write_block(block, made(launch, found, block)))
    except (TocfinError, OSError) as error:
        return Answer(tuple(lines), perf_counter() - begun, str(error) or repr(error))
    return Answer(tuple(lines), perf_counter() - begun, "")


def warm(launch: Launch) -> None:
    """Compile every kernel, or load its machine code, before work is spread: cold starts side by side would race."""
    joined_sums(launch.worlds, 0, 0, 1)


_TURN = Lock()
#: The one run that this process works for; reading its files takes seconds, and a worker is sent many times.
_ready: dict[Errand, tuple[Run, Launch]] = {}


def _opened(task: Errand) -> tuple[Run, Launch]:
    with _TURN:
        said = _manifest(task)
        if task not in _ready:
            _require_packages(json.loads(said)["manifest"]["packages"])
            found = open_run(task.run)
            launch = reopened(found, task.files)
            warm(launch)
            _ready.clear()
            _ready[task] = found, launch
        return _ready[task]


def _manifest(task: Errand) -> bytes:
    """The manifest of the run, which must be there and be the one that the sender sees."""
    try:
        said = manifest_file(task.run).read_bytes()
    except OSError as error:
        why = f"it is not there ({error.strerror})"
    else:
        if hashlib.sha256(said).hexdigest() == task.identity:
            return said
        why = "another run is there"
    raise UnfitWorkerError(
        f"{task.run} is not seen by this worker: {why}. The run must lie in a folder that every worker shares, under"
        " the same path"
    )


def _require_packages(theirs: dict[str, str]) -> None:
    ours = packages()
    other = [
        f"{name} {ours.get(name, 'nothing')} here, {theirs.get(name, 'nothing')} in the run"
        for name in sorted({*ours, *theirs})
        if ours.get(name) != theirs.get(name)
    ]
    if other:
        raise UnfitWorkerError(f"this worker has other packages: {'; '.join(other)}. Install the same everywhere")
