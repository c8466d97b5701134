"""Workers of a Dask cluster make the bits of one thread, whoever of them is lost, and refuse what is not theirs."""

from __future__ import annotations

import logging
import os
import random
import resource
import signal
import socket
import sys
import time
from collections import deque
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from distributed import Client, LocalCluster

from small_plant import small_plant
from tocfin.errors import UsageError
from tocfin.scenarios import cluster
from tocfin.scenarios.execute import run
from tocfin.scenarios.hands import Hands, hired
from tocfin.scenarios.journal import StoreError, UnfitWorkerError
from tocfin.scenarios.launch import Launch, opened
from tocfin.scenarios.spec import Draws
from tocfin.scenarios.store import open_run
from tocfin.scenarios.stored import Run

DRAWS = Draws(seed=3, replications=1_400)  # six blocks, the last one not full


@pytest.fixture(scope="module")
def launch(tmp_path_factory: pytest.TempPathFactory) -> Launch:
    return opened(small_plant(tmp_path_factory.mktemp("plant"))[:1])


@pytest.fixture(scope="module")
def whole(launch: Launch, tmp_path_factory: pytest.TempPathFactory) -> Run:
    return run(launch, tmp_path_factory.mktemp("runs") / "whole.zarr", DRAWS, threads=1)


@pytest.fixture(scope="module")
def two() -> Iterator[LocalCluster]:
    """Two worker processes."""
    with cluster.local(2) as found:
        yield found


@pytest.fixture
def client(two: LocalCluster) -> Iterator[Client]:
    with Client(two.scheduler_address, set_as_default=False) as found:
        yield found


@pytest.fixture
def hands(two: LocalCluster, launch: Launch) -> Iterator[Hands]:
    with hired(launch, cluster=two.scheduler_address) as found:
        yield found


def same(one: Run, other: Run) -> None:
    assert one.committed() == other.committed()
    for array in one.dims.arrays:
        for block in one.committed():
            assert one.content(array.name, block) == other.content(array.name, block)


def lines(path: Path) -> int:
    return len((path / "tocfin" / "journal.jsonl").read_bytes().splitlines())


def test_two_workers_write_what_one_thread_writes(launch: Launch, whole: Run, hands: Hands, tmp_path: Path) -> None:
    heard: list[tuple[int, int]] = []
    found = run(launch, tmp_path / "run.zarr", DRAWS, hands=hands, told=lambda *said: heard.append(said))
    same(found, whole)
    assert open_run(found.path).why_stopped == "all 1,400 replications done"
    assert [done for done, _ in heard] == sorted({done for done, _ in heard})
    assert (heard[0], heard[-1]) == ((0, 1_400), (1_400, 1_400))


def test_blocks_of_lost_workers_are_made_by_others(
    launch: Launch, whole: Run, hands: Hands, two: LocalCluster, tmp_path: Path
) -> None:
    dice, kills = random.Random(5), [300, 900]

    def told(done: int, wanted: int) -> None:
        if kills and done >= kills[0]:
            kills.pop(0)
            time.sleep(dice.uniform(0, 0.2))
            os.kill(dice.choice([worker.pid for worker in two.workers.values() if worker.pid]), signal.SIGKILL)

    found = run(launch, tmp_path / "run.zarr", DRAWS, hands=hands, told=told)
    assert not kills
    same(found, whole)
    assert lines(found.path) == 1 + 6 + 1  # nothing was committed twice
    two.wait_for_workers(2)


def test_a_run_that_was_interrupted_is_carried_on_with_and_without_a_cluster(
    launch: Launch, whole: Run, hands: Hands, tmp_path: Path
) -> None:
    def until(limit: int) -> object:
        def told(done: int, wanted: int) -> None:
            if done >= limit:
                raise KeyboardInterrupt

        return told

    path = tmp_path / "run.zarr"
    with pytest.raises(KeyboardInterrupt):
        run(launch, path, DRAWS, threads=1, told=until(256))
    with pytest.raises(KeyboardInterrupt):
        run(launch, path, DRAWS, hands=hands, resume=True, told=until(512))
    there = open_run(path).committed()
    assert len(there) >= 3
    run(launch, path, DRAWS, threads=1, resume=True)
    same(open_run(path), whole)
    assert lines(path) == 1 + 6 + 1


def test_tasks_last_about_a_second_and_get_smaller_towards_the_end() -> None:
    sent: list[list[int]] = []

    class Scheduler:
        def nthreads(self) -> dict[str, int]:
            return {"one": 1, "two": 1}

        def submit(self, work: object, task: object, blocks: list[int], *, pure: bool) -> Scheduler:
            sent.append(blocks)
            return Scheduler()

        def add_done_callback(self, call: object) -> None: ...

    crew, waiting = cluster.Crew(Scheduler(), "tcp://here:1", None), deque(range(100))
    sizes = []
    for pace in (0.0, 0.04, 0.04, 3.0):
        crew.pace = pace
        crew._sent(None, waiting, 0)
        sizes.append([len(blocks) for blocks in sent])
        sent.clear()
    assert sizes == [[1, 1, 1, 1], [25, 25, 23, 12], [6, 3, 1, 1], []]


def test_a_cluster_makes_its_range_of_blocks_and_looks_until_it_knows(
    launch: Launch, whole: Run, hands: Hands, tmp_path: Path
) -> None:
    part = run(launch, tmp_path / "part.zarr", DRAWS, hands=hands, block_range=(2, 5))
    assert part.committed() == (2, 3, 4)
    np.testing.assert_array_equal(part.read(), whole.read(blocks=(2, 3, 4)))
    loose = Draws(seed=3, tolerances={"mean": (0.5, 0.0)}, cap=4_096, kpis=("throughput",))
    known = run(launch, tmp_path / "known.zarr", loose, hands=hands)
    assert known.why_stopped == "all 1 tolerances met at 1,024 replications"


def test_workers_that_would_make_another_run_are_refused_with_the_difference(
    tmp_path: Path, two: LocalCluster, client: Client
) -> None:
    early = opened(small_plant(tmp_path)[:1])
    (tmp_path / "base.toml").write_text((tmp_path / "base.toml").read_text().replace("0.2", "0.3"))
    with hired(early, cluster=two.scheduler_address) as hands:
        with pytest.raises(UnfitWorkerError, match=r"tcp://.*\ninputs\.base\.toml: \w+… here, \w+… in the store"):
            run(early, tmp_path / "run.zarr", DRAWS, hands=hands)
        late = opened([tmp_path / "base.toml"])
        client.run(pretend, "0.0.1")
        with pytest.raises(UnfitWorkerError, match=r"other packages: numba 0\.0\.1 here, .* in the run"):
            run(late, tmp_path / "run.zarr", DRAWS, hands=hands)
        client.run(pretend, None)
    assert not (tmp_path / "run.zarr").exists()


def pretend(version: str | None) -> None:
    """Let this worker believe that its numba is another one."""
    from tocfin.scenarios import errand, launch

    errand._ready.clear()
    errand.packages = (lambda: launch.packages() | {"numba": version}) if version else launch.packages


def test_a_worker_that_cannot_write_ends_the_run_and_what_was_committed_stays(
    launch: Launch, whole: Run, hands: Hands, client: Client, tmp_path: Path
) -> None:
    path = tmp_path / "run.zarr"
    run(launch, path, DRAWS, threads=1)
    next((path / "terms" / "c").rglob("3")).unlink()
    client.run(small_files, 1)
    with pytest.raises(StoreError, match=r"a worker of tcp://.*: File too large\. Every block .* is safe"):
        run(launch, path, DRAWS, hands=hands, resume=True)
    client.run(small_files, resource.RLIM_INFINITY)
    assert len(open_run(path).committed()) == 5
    run(launch, path, DRAWS, hands=hands, resume=True)
    same(open_run(path), whole)


def small_files(size: int) -> None:
    """No file of this worker may be larger: what a full disk feels like."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))


def test_a_cluster_without_workers_or_that_goes_away_says_so(
    launch: Launch, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster, "PATIENCE", 0.1)
    path = tmp_path / "run.zarr"
    with LocalCluster(
        n_workers=0, processes=False, protocol="tcp", dashboard_address="127.0.0.1:0", silence_logs=logging.CRITICAL
    ) as empty:
        with (
            pytest.raises(StoreError, match=r"has no worker; start some"),
            hired(launch, cluster=empty.scheduler_address),
        ):
            raise AssertionError("there is nobody")
        monkeypatch.undo()
        empty.scale(1)

        def told(done: int, wanted: int) -> None:
            if done:
                empty.close()

        with (
            hired(launch, cluster=empty.scheduler_address) as hands,
            pytest.raises(StoreError, match=r"is lost \(.*\); every block committed so far is safe"),
        ):
            run(launch, path, DRAWS, hands=hands, told=told)
    assert open_run(path).committed()


def test_a_scheduler_that_does_not_answer_is_an_error_and_nothing_is_written(
    launch: Launch, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster, "REACH", 0.3)
    with socket.socket() as peer, ThreadPoolExecutor(1) as other:
        peer.bind(("127.0.0.1", 0))
        address = f"tcp://127.0.0.1:{peer.getsockname()[1]}"
        for turn in ("nobody listens", "somebody listens and says nothing", "somebody says something else"):
            if turn != "nobody listens":
                peer.listen()
            if turn == "somebody says something else":
                peer.accept()[0].close()  # the one before
                other.submit(stranger, peer)
            with pytest.raises(StoreError, match=f"no scheduler answers at {address}"), hired(launch, cluster=address):
                raise AssertionError(turn)


def stranger(peer: socket.socket) -> None:
    """Another kind of server."""
    with peer.accept()[0] as talk:
        talk.sendall(b"HTTP/1.0 400 Bad Request\r\n\r\n")


@pytest.mark.parametrize(
    "address", ["local:0", "local:x", "local:-1", "inproc://1", "127.0.0.1:8786", "tcp://host", ""]
)
def test_what_is_no_address_is_refused(launch: Launch, address: str) -> None:
    with pytest.raises(UsageError, match=r"is no cluster; write tcp://host:8786"), hired(launch, cluster=address):
        raise AssertionError("there is nobody")


def test_certificates_and_dask_must_be_there(launch: Launch, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UsageError, match="needs certificates"), hired(launch, cluster="tls://127.0.0.1:8786"):
        raise AssertionError("there is nobody")
    with pytest.raises(UsageError, match="not both"), hired(launch, threads=2, cluster="local"):
        raise AssertionError("there is nobody")
    monkeypatch.setitem(sys.modules, "distributed", None)
    monkeypatch.delitem(sys.modules, "tocfin.scenarios.cluster")
    with pytest.raises(UsageError, match=r"pip install 'tocfin\[cluster\]'"), hired(launch, cluster="local"):
        raise AssertionError("there is nobody")
