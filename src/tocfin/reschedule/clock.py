"""When a search must end: a wall clock that an interruption stops too, or a budget of work that is equal everywhere."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic
from typing import Any


class Clock:
    """Seconds that are left; ``work`` (moves per thread) instead of seconds makes a run that can be repeated."""

    def __init__(self, seconds: float, *, work: int | None = None, begun: float | None = None) -> None:
        self.begun = monotonic() if begun is None else begun
        self.seconds = seconds
        self.work = work
        self.kept = 0.0
        self._done, self._stopped = threading.Event(), threading.Event()
        self._listening = False

    @property
    def left(self) -> float:
        """Seconds that are left; endless with a budget of work, 0 when all is done or interrupted."""
        if self.interrupted or (self._done.is_set() and self.work is None):
            return 0.0
        return float("inf") if self.work is not None else max(self.begun + self.seconds - self.kept - monotonic(), 0.0)

    @property
    def interrupted(self) -> bool:
        """Whether somebody does not want to wait any longer."""
        return self._stopped.is_set()

    @property
    def elapsed(self) -> float:
        """Seconds since it began."""
        return monotonic() - self.begun

    def keep(self, seconds: float) -> None:
        """Set some seconds aside for what follows the search, half of all at most."""
        self.kept = min(seconds, self.seconds / 2)

    def part(self, share: float, *, left: float = 1.0) -> Clock:
        """A clock for the first ``share`` of all, of which the share ``left`` is left; it ends with this one too."""
        work = self.work and max(int(share * self.work), 1)
        return _Part(share / left * self.left if self.work is None else 0.0, work, self)

    def finish(self) -> None:
        """Nothing can be improved any more; a budget of work is used up all the same, so that runs stay equal."""
        self._done.set()

    @contextmanager
    def interruptible(self) -> Iterator[None]:
        """Inside, Ctrl-C ends the search and not the program: the best so far is returned; a second one ends both."""

        def stop(*_: Any) -> None:
            self._stopped.set()
            signal.signal(signal.SIGINT, before)

        if self._listening or threading.current_thread() is not threading.main_thread():
            yield
            return
        before = signal.signal(signal.SIGINT, stop)
        self._listening = True
        try:
            yield
        finally:
            self._listening = False
            signal.signal(signal.SIGINT, before)


class _Part(Clock):
    """A share of another clock."""

    def __init__(self, seconds: float, work: int | None, whole: Clock) -> None:
        super().__init__(seconds, work=work)
        self.whole, self._stopped = whole, whole._stopped

    @property
    def left(self) -> float:
        return min(super().left, self.whole.left)

    @contextmanager
    def interruptible(self) -> Iterator[None]:
        """As the whole's: who interrupts a part interrupts all of it."""
        with self.whole.interruptible():
            yield
