"""Who makes the blocks of a run: threads of this process, or the workers of a cluster."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from threading import Lock

import numpy as np

from tocfin.errors import UsageError
from tocfin.scenarios.ensemble import Floats
from tocfin.scenarios.futures import Sums
from tocfin.scenarios.launch import STUCK, Launch
from tocfin.scenarios.manifest import Dims
from tocfin.scenarios.run import joined_sums
from tocfin.scenarios.stored import Run
from tocfin.workers import spread

#: Makes and commits these blocks of a run, in any order, and says of each that it is committed, one at a time.
Hands = Callable[[Run, Sequence[int], Callable[[int], None]], None]


@contextmanager
def hired(launch: Launch, threads: int | None = None, cluster: str | None = None) -> Iterator[Hands]:
    """Threads of this process (all cores by default), or the workers of the ``cluster`` at an address.

    Raises UsageError for both at once, and where Dask is not installed; see `tocfin.scenarios.cluster` for more.
    """
    if cluster is None:
        yield threaded(launch, threads)
        return
    if threads is not None:
        raise UsageError("a cluster's workers have threads of their own; say --threads or --cluster, not both")
    try:
        from tocfin.scenarios.cluster import crew
    except ModuleNotFoundError as error:
        raise UsageError(f"a cluster needs Dask ({error}); pip install 'tocfin[cluster]'") from error
    with crew(cluster, launch) as hands:
        yield hands


def threaded(launch: Launch, threads: int | None = None) -> Hands:
    """Threads of this process."""

    def make(found: Run, blocks: Sequence[int], committed: Callable[[int], None]) -> None:
        turn = Lock()

        def work(block: int) -> None:
            found.commit_block(block, made(launch, found, block))
            with turn:
                committed(block)

        spread(threads)(work, blocks)

    return make


def made(launch: Launch, found: Run, block: int) -> dict[str, Floats]:
    """A block of a run as its store takes it."""
    dims = found.dims
    return arrays(launch, dims, joined_sums(launch.worlds, found.manifest.seed, block * dims.block, dims.held(block)))


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
