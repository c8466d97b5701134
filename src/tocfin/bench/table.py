"""The table of ``tocfin bench``: what an activity costs in a replication, ours and the peers', on this machine."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec
from typing import Any, NamedTuple

from tocfin.bench.draws import Draws
from tocfin.bench.numpy_peer import NumPy
from tocfin.bench.plant import shop
from tocfin.bench.simpy_peer import SimPy, SimPyByResource
from tocfin.bench.told import told
from tocfin.bench.turns import Took, turns
from tocfin.bench.worlds import worlds
from tocfin.scenarios.run import simulate
from tocfin.scenarios.world import World
from tocfin.workers import available

SEED = 1
#: What is measured -> what a reader calls it.
TITLES = {
    "simulate": "tocfin, shift calendars",
    "simulate-no-calendars": "tocfin, no calendars",
    "draws": "drawing the durations alone",
    "numpy": "NumPy over all replications, no calendars",
    "numpy-calendars": "NumPy over all replications, shift calendars",
    "simpy": "SimPy, shift calendars: a process for each job",
    "simpy-by-resource": "SimPy, shift calendars: tuned by hand, a process for each resource",
}


class Row(NamedTuple):
    """``ns`` per activity, replication and scenario: of a processor on one thread, on the clock on more."""

    name: str
    activities: int
    replications: int
    threads: int
    scenarios: int
    ns: float


@dataclass(frozen=True)
class Size:
    """How much is measured: replications of one scenario, of ten, of NumPy and of SimPy; rounds, and their time."""

    activities: int
    replications: int
    of_ten: int
    of_numpy: int
    of_simpy: int
    runs: int
    seconds: float


FULL = Size(100_000, 1_024, 256, 1_024, 1, runs=5, seconds=240.0)
QUICK = Size(10_000, 512, 64, 1_024, 1, runs=3, seconds=20.0)


class Case(NamedTuple):
    """One row before it is measured."""

    name: str
    program: Callable[[], Any]
    replications: int
    threads: int = 1
    scenarios: int = 1

    @property
    def key(self) -> str:
        """Name, threads and scenarios: ``simulate 1x10``."""
        return f"{self.name} {self.threads}x{self.scenarios}"


def rows(size: Size, say: Callable[[str], None] = lambda line: None) -> list[Row]:
    """Measure everything at ``size``; ``say`` hears what is left out, and what is being done."""
    say(f"laying plans of {size.activities:,} activities")
    chosen = list(cases(size, say))
    took = turns({case.key: case.program for case in chosen}, size.runs, size.seconds, say)
    return [row(case, size.activities, took[case.key]) for case in chosen]


def row(case: Case, activities: int, took: Took) -> Row:
    """What a case took, per activity, replication and scenario."""
    seconds = took.processor if case.threads == 1 else took.clock
    ns = seconds * 1e9 / (activities * case.replications * case.scenarios)
    return Row(case.name, activities, case.replications, case.threads, case.scenarios, ns)


def cases(size: Size, say: Callable[[str], None]) -> Iterator[Case]:
    """The rows to measure, peers only where they are installed."""
    with_hours = worlds(shop(size.activities))
    yield from ours("simulate", with_hours, size)
    if available() > 1:
        yield Case("simulate", simulation(with_hours[:1], size.replications, 2), size.replications, threads=2)
    else:
        say("two threads are left out because this process may use one processor only")
    around_the_clock = worlds(shop(size.activities, calendars=False))
    yield from ours("simulate-no-calendars", around_the_clock, size)
    yield Case("draws", partial(Draws(with_hours[0]), size.replications, SEED), size.replications)
    for name, world in (("numpy", around_the_clock[0]), ("numpy-calendars", with_hours[0])):
        yield Case(name, partial(NumPy(told(world)), size.of_numpy, SEED), size.of_numpy)
    if find_spec("simpy") is None:
        say("simpy is left out because it is not installed: pip install 'tocfin[bench]'")
    else:
        for name, peer in (("simpy", SimPy), ("simpy-by-resource", SimPyByResource)):
            yield Case(name, partial(peer(told(with_hours[0])), size.of_simpy, SEED), size.of_simpy)


def ours(name: str, all_worlds: list[World], size: Size) -> Iterator[Case]:
    """One scenario, and ten under the same luck, on one thread."""
    for some, replications in ((all_worlds[:1], size.replications), (all_worlds, size.of_ten)):
        yield Case(name, simulation(some, replications, 1), replications, scenarios=len(some))


def simulation(some: list[World], replications: int, threads: int) -> Callable[[], Any]:
    """A run that keeps its result to itself."""
    return partial(simulate, some, SEED, replications, threads=threads)
