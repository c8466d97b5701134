"""What goes wrong with a run from the command line: said in a sentence, exit code 2, and nothing committed is lost."""

from __future__ import annotations

import errno
import os
import socket
from pathlib import Path

import pytest

from conftest import Run
from small_plant import small_plant
from tocfin.scenarios import journal
from tocfin.scenarios.store import open_run

WANTED = ("--replications", 600, "--threads", 1)  # three blocks


@pytest.fixture
def scenario(tmp_path: Path) -> Path:
    return small_plant(tmp_path)[0]


@pytest.fixture
def made(scenario: Path, tmp_path: Path, tocfin: Run) -> Path:
    """A finished run."""
    result = tocfin("simulate", scenario, "--out", tmp_path / "run.zarr", *WANTED)
    assert result.exit_code == 0, result.stderr
    return tmp_path / "run.zarr"


def content(path: Path) -> dict[str, bytes]:
    """Everything in the store but who held its lock."""
    files = [file for file in path.rglob("*") if file.is_file() and file.name != "lock"]
    return {str(file.relative_to(path)): file.read_bytes() for file in files}


def block(path: Path, number: int) -> Path:
    """The file of one block of the terms."""
    return next(file for file in (path / "terms" / "c").rglob(str(number)) if file.is_file())


def test_a_full_disk_keeps_what_was_committed_and_the_run_goes_on_when_there_is_space(
    scenario: Path, made: Path, tocfin: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, real = made.with_name("full.zarr"), os.fsync

    def full(descriptor: int) -> None:
        if path.exists() and open_run(path).committed():
            raise OSError(errno.ENOSPC, "No space left on device")
        real(descriptor)

    words = ("simulate", scenario, "--out", path, *WANTED)
    with monkeypatch.context() as patch:
        patch.setattr(journal.os, "fsync", full)
        stopped = tocfin(*words)
    assert stopped.exit_code == 2
    assert "No space left on device. Every block committed so far is safe: free some space and resume" in stopped.stderr
    assert open_run(path).committed() == (0,)
    assert tocfin(*words, "--resume").exit_code == 0
    ours, theirs = open_run(path), open_run(made)
    assert [ours.content("terms", one) for one in range(3)] == [theirs.content("terms", one) for one in range(3)]


def test_a_damaged_block_is_not_read_and_is_made_again_on_resume(scenario: Path, made: Path, tocfin: Run) -> None:
    before = content(made)
    data = bytearray(block(made, 1).read_bytes())
    data[len(data) // 2] ^= 1
    block(made, 1).write_bytes(data)
    refused = tocfin("show", made)
    assert (refused.exit_code, refused.stdout) == (2, "")
    assert "block 1 of terms is missing or damaged; resume the run to make it again" in refused.stderr
    mended = tocfin("simulate", scenario, "--out", made, *WANTED, "--resume")
    assert mended.exit_code == 0, mended.stderr
    after = content(made)
    assert {name for name in before if before[name] != after[name]} == {"tocfin/journal.jsonl"}


@pytest.mark.parametrize(
    ("harm", "said"),
    [
        ("journal", "this line of the journal is damaged; restore the store from a copy"),
        ("manifest", "it is not the one that the run was made with; restore the store from a copy"),
        ("old", "is in Zarr format 2, which is not read because it can carry code"),
        ("codec", "is stored with codec 'pickle'"),
        ("other", "is no Zarr store: it has no zarr.json; was it made by `tocfin simulate`?"),
    ],
)
def test_a_damaged_or_foreign_store_is_refused_by_every_command_and_left_alone(
    scenario: Path, made: Path, tocfin: Run, harm: str, said: str
) -> None:
    spoil(made, harm)
    before = content(made)
    for words in (
        ("show", made),
        ("compare", made, "--base", "base"),
        ("replay", made, "--replication", 3),
        ("merge", made, "--out", made.with_name("merged.zarr")),
        ("simulate", scenario, "--out", made, *WANTED, "--resume"),
    ):
        refused = tocfin(*words)
        assert (refused.exit_code, refused.stdout) == (2, ""), words
        assert said in refused.stderr, words
    assert content(made) == before
    assert not made.with_name("merged.zarr").exists()


def spoil(path: Path, harm: str) -> None:
    book, said, layout = path / "tocfin" / "journal.jsonl", path / "tocfin" / "manifest.json", path / "terms/zarr.json"
    match harm:
        case "journal":
            book.write_text(book.read_text().replace('"block": 0', '"block": 2'))
        case "manifest":
            said.write_text(said.read_text().replace('"seed": 1', '"seed": 2'))
        case "old":
            (path / ".zgroup").write_text('{"zarr_format": 2}')
        case "codec":
            layout.write_text(layout.read_text().replace('"sharding_indexed"', '"pickle"'))
        case "other":
            (path / "zarr.json").unlink()


def test_a_run_whose_inputs_changed_is_not_resumed_and_the_difference_is_told(
    scenario: Path, made: Path, tocfin: Run
) -> None:
    block(made, 2).unlink()  # so that there is something to carry on
    before = content(made)
    jobs = scenario.parent / "plant" / "jobs.csv"
    jobs.write_text(jobs.read_text("utf-8").replace("1000", "1001", 1), "utf-8")
    refused = tocfin("simulate", scenario, "--out", made, *WANTED, "--resume")
    assert refused.exit_code == 2
    assert "was made from something else:\ninputs.plant/jobs.csv: " in refused.stderr
    assert "… in the store\nStart a new run under another name" in refused.stderr
    other = tocfin("simulate", scenario, "--out", made, *WANTED, "--resume", "--seed", 9)
    assert "seed: 9 here, 1 in the store" in other.stderr
    assert content(made) == before


def test_a_run_begun_with_threads_goes_on_with_a_cluster_and_back(scenario: Path, made: Path, tocfin: Run) -> None:
    once = content(made)
    words = ("simulate", scenario, "--out", made, "--replications", 600, "--resume")
    block(made, 0).unlink()
    result = tocfin(*words, "--cluster", "local:1")
    assert result.exit_code == 0, result.stderr
    assert "256 of 256 replications" in result.stderr
    block(made, 1).unlink()
    assert tocfin(*words).exit_code == 0
    after = content(made)
    assert {name for name in once if once[name] != after[name]} == {"tocfin/journal.jsonl"}


def test_a_cluster_that_is_not_there_is_a_sentence_and_nothing_is_written(
    scenario: Path, tmp_path: Path, tocfin: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tocfin.scenarios.cluster.REACH", 0.3)
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        address = f"tcp://127.0.0.1:{nobody.getsockname()[1]}"
        found = tocfin("simulate", scenario, "--out", tmp_path / "none.zarr", "--cluster", address)
    assert found.exit_code == 2
    assert f"Error: no scheduler answers at {address}" in found.stderr
    wrong = tocfin("simulate", scenario, "--out", tmp_path / "none.zarr", "--cluster", "localhost")
    assert wrong.exit_code == 2
    assert "'localhost' is no cluster; write tcp://host:8786, tls://host:8786, local or local:4" in wrong.stderr
    assert not (tmp_path / "none.zarr").exists()
