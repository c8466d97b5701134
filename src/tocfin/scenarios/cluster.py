"""Blocks of a run made by the workers of a Dask cluster: the only module that knows Dask.

Dask runs what a scheduler sends and unpickles what comes back, so whoever holds the address of a scheduler can run code
on its workers and on its clients: use one that you trust, over ``tls://`` where the network is not yours.
"""

from __future__ import annotations

import asyncio
import logging
import signal
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from math import ceil
from queue import Empty, SimpleQueue
from time import monotonic
from urllib.parse import urlsplit

from distributed import CancelledError, Client, Future, KilledWorker, LocalCluster, Security, Worker, WorkerPlugin
from distributed.client import ClosedClientError
from distributed.comm.core import connect
from distributed.utils import silence_logging_cmgr

from tocfin.errors import UsageError
from tocfin.scenarios.errand import Answer, Errand, errand, unfit, warm, written
from tocfin.scenarios.journal import StoreError, UnfitWorkerError
from tocfin.scenarios.launch import Launch, packages
from tocfin.scenarios.stored import Run
from tocfin.workers import available

LASTS = 1.0  # seconds of a task, more or less: shorter ones are spent on talk, longer ones are lost with a worker
AHEAD = 2  # tasks per thread of the cluster: one in work and one that waits for it
REACH = 5.0  # seconds that a scheduler has to answer
PATIENCE = 60.0  # seconds without any worker
SAFE = "every block committed so far is safe, and --resume makes the rest"


@contextmanager
def crew(address: str, launch: Launch) -> Iterator[Crew]:
    """The workers at ``tcp://host:8786`` or ``tls://host:8786``; or ``local:4`` processes of this host, while it lasts.

    ``local`` is one process per core. TLS takes its certificates from Dask's configuration. Raises UsageError for what
    is no address, StoreError for a scheduler that does not answer or has no worker.
    """
    processes = _processes(address)
    with ExitStack() as closing:
        closing.enter_context(silence_logging_cmgr(logging.CRITICAL))  # what matters of it is told by errors
        if processes:
            warm(launch)  # before they start, so that they find the machine code
            address = closing.enter_context(local(processes)).scheduler_address
        client = closing.enter_context(_client(address))
        if processes:
            client.register_plugin(_Deaf())
        yield Crew(client, address, launch)


class Crew:
    """The workers of a cluster, whoever is there at a time: what a lost one had in work is made by another."""

    def __init__(self, client: Client, address: str, launch: Launch, lasts: float = LASTS) -> None:
        self.client, self.address, self.launch, self.lasts = client, address, launch, lasts
        self.pace = 0.0  # seconds that a block took last
        self.fit: set[tuple[Errand, str]] = set()
        self.ended: SimpleQueue[Future[Answer]] = SimpleQueue()

    def __call__(self, found: Run, blocks: Sequence[int], committed: Callable[[int], None]) -> None:
        """Have ``blocks`` of the run made, and commit each when it comes.

        Raises UnfitWorkerError, before there is any block, when a worker would make another run or does not see this
        one; StoreError when the cluster is lost or a worker cannot write.
        """
        if not blocks:
            return
        task = errand(found, self.launch)
        self._inspect(task)
        self.ended = SimpleQueue()  # what is left of a run that was stopped must not end up in this one
        waiting, running = deque(blocks), set[Future[Answer]]()
        while waiting or running:
            running |= self._sent(task, waiting, len(running))
            future, answer = self._next()
            running.discard(future)
            for line in answer.lines:
                committed(found.record(line))
            if answer.fault:
                raise StoreError(f"a worker of {self.address}: {answer.fault}")
            self.pace = answer.seconds / max(len(answer.lines), 1)

    def _inspect(self, task: Errand) -> None:
        """Make sure that every worker is fit and ready, the first one of each host ahead of the others."""
        with self._in_touch():
            new = [worker for worker in self.client.nthreads() if (task, worker) not in self.fit]
            first = list({urlsplit(worker).hostname: worker for worker in new}.values())
            said = {"the scheduler": self._asked_scheduler()}
            for turn in (first, [worker for worker in new if worker not in first]):
                if turn:
                    said |= self.client.run(_look, task, workers=turn, on_error="return")
        faults = [
            f"{who}: {_fault(answer)}" for who, answer in said.items() if answer and not isinstance(answer, OSError)
        ]
        if faults:
            more = f"\n... and {len(faults) - 5} more" if len(faults) > 5 else ""
            raise UnfitWorkerError("\n".join([f"the cluster at {self.address} cannot help:", *faults[:5]]) + more)
        self.fit.update((task, worker) for worker in new)

    def _asked_scheduler(self) -> Exception | None:
        """It unpickles what it hands on, so it needs tocfin too, whatever the version."""
        try:
            self.client.run_on_scheduler(packages)
        except (ImportError, AttributeError) as error:
            return error
        return None

    def _sent(self, task: Errand, waiting: deque[int], running: int) -> set[Future[Answer]]:
        """Give the cluster work ahead: tasks that last about as long as they should, smaller ones towards the end."""
        sent = set[Future[Answer]]()
        with self._in_touch():
            threads = self._threads()
            while waiting and running + len(sent) < AHEAD * threads:
                size = min(round(self.lasts / self.pace) if self.pace else 1, ceil(len(waiting) / threads))
                group = [waiting.popleft() for _ in range(max(size, 1))]
                future = self.client.submit(written, task, group, pure=False)
                future.add_done_callback(self.ended.put)
                sent.add(future)
        return sent

    def _threads(self) -> int:
        threads: int = sum(self.client.nthreads().values())
        return max(threads, 1)

    def _next(self) -> tuple[Future[Answer], Answer]:
        """The next task that ended, and what came of it."""
        until = monotonic() + PATIENCE
        while True:
            with self._in_touch():
                try:
                    future = self.ended.get(timeout=1.0)
                    return future, future.result(timeout=REACH)
                except Empty:
                    until = monotonic() + PATIENCE if self.client.nthreads() else until
                except TimeoutError:  # its worker was lost with the answer, so that it is made again
                    future.add_done_callback(self.ended.put)
            if monotonic() > until:
                raise StoreError(f"no worker is left at {self.address}; {SAFE}")

    @contextmanager
    def _in_touch(self) -> Iterator[None]:
        try:
            yield
        except KilledWorker as error:
            raise StoreError(
                f"the same blocks ended several workers of {self.address}, one after another; do they have enough"
                f" memory? In any case {SAFE}"
            ) from error
        except (OSError, CancelledError, ClosedClientError) as error:
            raise StoreError(f"the cluster at {self.address} is lost ({error or repr(error)}); {SAFE}") from error


def _fault(answer: str | Exception) -> str:
    if isinstance(answer, str):
        return answer
    return f"cannot run tocfin {packages()['tocfin']} ({answer!r}); install the same version there"


async def _look(task: Errand) -> str:
    """On a worker: see `unfit`, beside the loop that keeps it in touch with the scheduler."""
    return await asyncio.to_thread(unfit, task)


class _Deaf(WorkerPlugin):
    """Ctrl-C is for the client, which then ends its local workers; they share its terminal."""

    def setup(self, worker: Worker) -> None:
        signal.signal(signal.SIGINT, signal.SIG_IGN)


def _processes(address: str) -> int:
    """How many local processes are asked for; 0 for a scheduler elsewhere."""
    word, colon, number = address.partition(":")
    if word == "local" and not colon:
        return available()
    if word == "local" and number.isascii() and number.isdigit() and int(number):
        return int(number)
    try:
        place = urlsplit(address)
        if place.scheme in ("tcp", "tls") and place.hostname and place.port:
            return 0
    except ValueError:
        pass
    raise UsageError(f"'{address}' is no cluster; write tcp://host:8786, tls://host:8786, local or local:4")


def local(processes: int) -> LocalCluster:
    """A cluster of worker processes on this host that listens to this host only, on ports that are free."""
    return LocalCluster(
        n_workers=processes,
        threads_per_worker=1,
        processes=True,
        dashboard_address="127.0.0.1:0",
        scheduler_kwargs={"dashboard": False},
        memory_limit=0,  # a block needs little, and Dask's guess of a limit would end workers for nothing
        silence_logs=logging.CRITICAL,
    )


async def _greet(address: str, security: Security) -> None:
    """Dask's client waits forever for a peer that accepts a connection and says nothing."""
    arguments = security.get_connection_args("client")
    talk = await asyncio.wait_for(connect(address, timeout=REACH, **arguments), REACH)
    await talk.close()


@contextmanager
def _client(address: str) -> Iterator[Client]:
    security = Security()
    if address.startswith("tls:") and not security.get_connection_args("client").get("ssl_context"):
        raise UsageError(
            f"{address} needs certificates: say in Dask's configuration distributed.comm.tls where they are"
        )
    try:
        with ThreadPoolExecutor(1) as aside:  # this thread may have a loop of its own, as in a notebook
            aside.submit(asyncio.run, _greet(address, security)).result()
        client = Client(address, timeout=REACH, security=security, set_as_default=False)
    except Exception as error:  # a stranger at that port may say anything
        why = " ".join(str(error).split()) or "no answer in time"
        raise StoreError(f"no scheduler answers at {address} ({why}); nothing was written") from error
    with client:
        try:
            client.wait_for_workers(1, timeout=PATIENCE)
        except TimeoutError:
            raise StoreError(f"the scheduler at {address} has no worker; start some. Nothing was written") from None
        yield client
