"""The one place where threads are made. Kernels are serial; blocks of them run side by side."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

Result = TypeVar("Result")


def available() -> int:
    """Processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def spread(threads: int | None = None) -> Callable[[Callable[[int], Result], Iterable[int]], list[Result]]:
    """A function that runs work over block numbers on ``threads`` threads (default: all) and keeps their order."""
    n = available() if threads is None else max(threads, 1)

    def run(work: Callable[[int], Result], blocks: Iterable[int]) -> list[Result]:
        numbers = list(blocks)
        if n == 1 or len(numbers) < 2:
            return [work(block) for block in numbers]
        with ThreadPoolExecutor(min(n, len(numbers))) as pool:
            return list(pool.map(work, numbers))

    return run


@contextmanager
def looking(look: Callable[[], object], every: float = 0.05) -> Iterator[None]:
    """Call ``look`` every so many seconds while the block runs: for a library that does not look at a clock itself."""
    over = threading.Event()

    def watch() -> None:
        while not over.wait(every):
            look()

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield
    finally:
        over.set()
        watcher.join()
