"""The front door: light, and never a traceback."""

import os
import subprocess
import sys

import click
import pytest
from click.testing import CliRunner

from tocfin.cli import COMMANDS, main
from tocfin.cli.outcome import settle
from tocfin.cli.talk import Talk
from tocfin.errors import DatasetError, Finding, UsageError

HEAVY = ("numba", "numpy", "xarray", "zarr", "ortools", "polars", "rich", "narwhals", "python_calamine", "xlsxwriter")
FINDING = Finding(
    "error", "dangling-key", "activities", 118, "resource", "'CNC-9' is not in resources", "activities.csv"
)


def python(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    run = [sys.executable, *words]
    return subprocess.run(run, capture_output=True, text=True, env=os.environ | environment, check=False, timeout=120)


def test_help_imports_nothing_heavy() -> None:
    shown = python("-X", "importtime", "-c", "from tocfin.cli import main; main(['--help'])")
    assert shown.returncode == 0
    imported = {line.rpartition("|")[2].strip().partition(".")[0] for line in shown.stderr.splitlines()}
    assert "click" in imported
    assert not imported & set(HEAVY)


def test_help_lists_every_command() -> None:
    shown = CliRunner().invoke(main, ["--help"])
    assert shown.exit_code == 0
    assert all(name in shown.stdout for name in COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help_with_an_example(name: str) -> None:
    shown = CliRunner().invoke(main, [name, "--help"])
    assert shown.exit_code == 0
    assert f"tocfin {name}" in shown.stdout.partition("Example:")[2]


@pytest.mark.parametrize(
    "words", [["nonsense"], ["kpi"], ["kpi", "x", "--policy", "mine"], ["--wrong"], ["kpi", "x", "--threads", "0"]]
)
def test_wrong_usage_exits_2_with_an_empty_stdout(words: list[str]) -> None:
    shown = CliRunner().invoke(main, words)
    assert (shown.exit_code, shown.stdout) == (2, "")
    assert "Error: " in shown.stderr


def raising(fault: BaseException) -> object:
    raise fault


@pytest.mark.parametrize(
    ("fault", "code", "words"),
    [
        (UsageError("plant P9 is not there"), 2, "Error: plant P9 is not there"),
        (DatasetError([FINDING]), 2, "activities.csv:118: resource: 'CNC-9' is not in resources"),
        (PermissionError(13, "Permission denied", "x.csv"), 2, "Error: x.csv: Permission denied"),
        (KeyboardInterrupt(), 130, "interrupted"),
        (click.Abort(), 130, "interrupted"),
        (ZeroDivisionError("by\nzero"), 1, "internal error: ZeroDivisionError: by zero (set TOCFIN_DEBUG=1"),
        (MemoryError(), 1, "internal error: MemoryError"),
        (BaseException("a panic of a compiled library"), 1, "internal error: BaseException: a panic"),
    ],
)
def test_every_end_has_its_exit_code_and_no_traceback(
    fault: BaseException, code: int, words: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TOCFIN_DEBUG", raising=False)
    assert settle(lambda: raising(fault), Talk()) == code
    said = capsys.readouterr()
    assert words in said.err
    assert "Traceback" not in said.err
    assert said.out == ""


def test_debug_shows_where_an_internal_error_came_from(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOCFIN_DEBUG", "1")
    assert settle(lambda: raising(ZeroDivisionError()), Talk()) == 1
    assert "Traceback" in capsys.readouterr().err


def test_quiet_says_errors_only(capsys: pytest.CaptureFixture[str]) -> None:
    doubt = Finding("warning", "negative-stock", "inventories", 3, "on_hand_qty", "is negative", "inventories.csv")
    quiet = Talk(-1)
    quiet.say("reading")
    quiet.findings([doubt, FINDING])
    said = capsys.readouterr().err
    assert "CNC-9" in said
    assert "negative" not in said
    assert "reading" not in said


def test_a_reader_that_stops_reading_is_no_crash() -> None:
    script = (
        "import os, sys; from tocfin.cli import main; import tocfin.cli.kpis as kpis;"
        "kpis.command.callback = lambda **_: [print('x' * 100_000, flush=True) for _ in range(100)];"
        "main(['kpis'])"
    )
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as run:
        assert run.stdout is not None
        assert run.stderr is not None
        run.stdout.read(1)
        run.stdout.close()
        assert run.wait(timeout=120) == 141
        assert run.stderr.read() == b""


@pytest.mark.parametrize("encoding", ["ascii", "utf-8"])
def test_a_name_that_a_terminal_cannot_show_ends_no_run(encoding: str) -> None:
    script = "from tocfin.cli import main; main(['kpi', '/nowhere/\\udcffDüsseldorf'])"
    shown = python("-c", script, PYTHONIOENCODING=encoding)
    assert (shown.returncode, shown.stdout) == (2, "")
    assert "/nowhere/" in shown.stderr
