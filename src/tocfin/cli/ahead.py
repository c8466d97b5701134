"""Kernels compiled ahead of what needs them: once per version and processor, a part on each core."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace

from tocfin.cli.talk import Talk

LINE = "compiling the kernels, once per version; this takes a minute or two ..."


def ready(talk: Talk, *parts: str) -> bool:
    """Have the kernels of ``parts`` compiled before a clock begins; True where that took its time now.

    What cannot be compiled ahead is compiled when it is needed.
    """
    missing = [part for part in parts if not _is_done(part)]
    if missing:
        talk.say(LINE)
        compiled(missing)
    return bool(missing)


def compiled(parts: Sequence[str]) -> None:
    """Compile ``parts``: those of worlds in this process, each other one in a process of its own at the same time."""
    mine = [part for part in parts if part in _WORLDS] or parts[:1]
    command = [sys.executable, "-m", "tocfin", "warmup", "-q"]
    others = [
        subprocess.Popen([*command, part], stdout=subprocess.DEVNULL)  # noqa: S603  # own words
        for part in parts
        if part not in mine
    ]
    try:
        for part in mine:
            PARTS[part]()
            _done(part)
    except BaseException:
        for other in others:
            other.terminate()
        raise
    finally:
        for other in others:
            other.wait()


def _futures() -> None:
    from tocfin.examples import example_dataset
    from tocfin.examples.alternatives import shipped
    from tocfin.measure import measure
    from tocfin.scenarios.run import simulate

    dataset = example_dataset()
    idle = {name: frame if name in _HOURS else frame.clear() for name, frame in dataset.tables.items()}
    measure(replace(dataset, tables=idle))  # hours, then luck, then work: plans need that too, and begin with it
    world, seed = shipped(dataset)
    simulate([world], seed, 1)
    measure(dataset)


def _ordinary() -> None:
    from tocfin.bench.plant import shop
    from tocfin.bench.worlds import world
    from tocfin.scenarios.run import simulate

    simulate([world(shop(1_000))], 1, 1)


def _plans() -> None:
    from tocfin.examples import example_dataset
    from tocfin.reschedule.warmup import warm_plans

    warm_plans(example_dataset())


def _shops() -> None:
    from tocfin.reschedule.warmup import warm_shops

    warm_shops()


#: What is compiled together -> what has it compiled. The futures of ordinary plants have kernels of their own.
PARTS: dict[str, Callable[[], None]] = {
    "futures": _futures,
    "ordinary": _ordinary,
    "plans": _plans,
    "shops": _shops,
}
#: Parts with kernels in common, which are compiled one after the other.
_WORLDS = ("futures", "ordinary")
#: What a plant without work has.
_HOURS = ("plants", "resources", "capacity_intervals", "calendars")


def _is_done(part: str) -> bool:
    """Whether machine code of ``part`` is kept, or cannot be kept at all."""
    from tocfin.kernels.compile import mark

    file = mark(part)
    return file is None or file.exists()


def _done(part: str) -> None:
    from tocfin.kernels.compile import mark

    file = mark(part)
    if file is not None:
        file.touch()
