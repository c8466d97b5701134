"""Programs that take turns, so that all of them meet the same machine, and what each of them took."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple


class Took(NamedTuple):
    """The least of several runs: on the clock, and of processors [s]. Others on the machine change the latter less."""

    clock: float
    processor: float


def turns(
    programs: Mapping[str, Callable[[], Any]],
    runs: int,
    seconds: float = float("inf"),
    say: Callable[[str], None] = lambda line: None,
) -> dict[str, Took]:
    """Run every program once unseen (it compiles), then in turns: ``runs`` times, at least once, while time is left."""
    took: dict[str, list[Took]] = {name: [] for name in programs}
    say(f"running {len(programs)} programs once, unseen")
    for program in programs.values():
        program()
    began = time.perf_counter()
    for run in range(runs):
        if run and (time.perf_counter() - began) * (run + 1) / run > seconds:
            say(f"{run} rounds are all there is time for")
            break
        say(f"round {run + 1} of {runs}")
        for name, program in programs.items():
            took[name].append(timed(program))
    return {name: Took(*map(min, zip(*some, strict=True))) for name, some in took.items()}


def timed(program: Callable[[], Any]) -> Took:
    """One run."""
    began, used = time.perf_counter(), time.process_time()
    program()
    return Took(time.perf_counter() - began, time.process_time() - used)
