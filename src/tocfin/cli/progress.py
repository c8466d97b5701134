"""How far a long run is, on stderr: one line that is rewritten on a terminal, a line now and then elsewhere."""

from __future__ import annotations

import sys
from threading import Lock
from time import monotonic

from tocfin.cli.talk import Talk

EVERY = 0.2  # seconds between two lines on a terminal
SELDOM = 30.0  # and elsewhere


class Progress:
    """Called with what is done and wanted, from any thread."""

    def __init__(self, talk: Talk, what: str) -> None:
        self.talk, self.what = talk, what
        self.rewrites = sys.stderr.isatty() and talk.level >= 0
        self.turn = Lock()
        self.last = monotonic()
        self.first: tuple[int, float] | None = None  # what was done, and when: what went before was no work

    def __call__(self, done: int, wanted: int) -> None:
        """Say it, unless it was said just now."""
        with self.turn:
            now = monotonic()
            if not done:
                self.first = None
            elif self.first is None:
                self.first = done, now
            if now - self.last < (EVERY if self.rewrites else SELDOM) and done < wanted:
                return
            self.last = now
            line = f"{done:,} of {wanted:,} {self.what}"
            if self.first and self.first[0] < done < wanted:
                before, begun = self.first
                line += f", {(now - begun) * (wanted - done) / (done - before):,.0f} s left"
            if self.rewrites:
                sys.stderr.write(f"\r\x1b[K{line}" + ("\n" if done >= wanted else ""))
                sys.stderr.flush()
            elif done:
                self.talk.say(line)
