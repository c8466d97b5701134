"""Kernels compiled ahead of what needs them: once per version and processor, a part on each core."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Sequence

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
    """Compile ``parts``: the first in this process, each other one in a process of its own at the same time."""
    command = [sys.executable, "-m", "tocfin", "warmup", "-q"]
    others = [subprocess.Popen([*command, part], stdout=subprocess.DEVNULL) for part in parts[1:]]  # noqa: S603  # own words
    try:
        PARTS[parts[0]]()
        _done(parts[0])
    except BaseException:
        for other in others:
            other.terminate()
        raise
    finally:
        for other in others:
            other.wait()


def _futures() -> None:
    from tocfin.bench.plant import shop
    from tocfin.bench.worlds import world
    from tocfin.examples import example_dataset
    from tocfin.examples.alternatives import shipped
    from tocfin.measure import measure
    from tocfin.scenarios.run import simulate

    simulate([world(shop(1_000))], 1, 1)  # first: what plans need too is compiled there meanwhile, and then kept
    dataset = example_dataset()
    measure(dataset)
    example, seed = shipped(dataset)
    simulate([example], seed, 1)


def _plans() -> None:
    from tocfin.examples import example_dataset
    from tocfin.reschedule.warmup import warm_plans

    warm_plans(example_dataset())


def _shops() -> None:
    from tocfin.reschedule.warmup import warm_shops

    warm_shops()


#: What is compiled together -> what has it compiled; the longest first.
PARTS: dict[str, Callable[[], None]] = {"futures": _futures, "plans": _plans, "shops": _shops}


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
