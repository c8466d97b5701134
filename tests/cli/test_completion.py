"""Words that are completed, and mistyped ones that are told the nearest."""

import io
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from small_plant import small_plant
from tocfin.cli.completion import SHELLS
from tocfin.cli.output import deliver
from tocfin.report.forms import Page
from tocfin.report.grid import Grid

Run = Callable[..., Result]


@pytest.mark.parametrize("shell", SHELLS)
def test_a_shell_gets_its_script_on_stdout_and_the_place_for_it_on_stderr(tocfin: Run, shell: str) -> None:
    said = tocfin("completion", shell)
    assert said.exit_code == 0
    assert f"_TOCFIN_COMPLETE={shell}_complete" in said.stdout
    assert SHELLS[shell] in said.stderr


def test_the_script_is_read_by_its_shell(tocfin: Run) -> None:
    bash = shutil.which("bash")
    assert bash is not None
    script = tocfin("completion", "bash").stdout
    done = subprocess.run([bash, "-n"], input=script, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(
    ("typed", "told"), [("com", "compare"), ("kpi --pol", "--policy"), ("kpi --policy re", "reconciled")]
)
def test_commands_options_and_words_are_completed(typed: str, told: str) -> None:
    words = {
        "_TOCFIN_COMPLETE": "bash_complete",
        "COMP_WORDS": f"tocfin {typed}",
        "COMP_CWORD": str(len(typed.split())),
    }
    run = [sys.executable, "-c", "from tocfin.cli import main; main(prog_name='tocfin')"]
    done = subprocess.run(run, env=os.environ | words, capture_output=True, text=True, check=False, timeout=60)
    assert f"plain,{told}" in done.stdout.splitlines()


def test_the_nearest_word_kpi_scenario_and_plant_are_told(tocfin: Run, tmp_path: Path) -> None:
    files = small_plant(tmp_path)
    store = tmp_path / "run.zarr"
    assert tocfin("simulate", *files, "--out", store, "--replications", 16).exit_code == 0
    plant = tmp_path / "plant"
    for words, near in (
        (("kpi", plant, "--policy", "reconcild"), "Did you mean 'reconciled'?"),
        (("kpi", plant, "--by", "plnt"), "Did you mean 'plant'?"),
        (("completion", "bsh"), "Did you mean 'bash'?"),
        (("trace", "troughput", plant), "did you mean 'throughput'?"),
        (("compare", store, "--base", "bse"), "did you mean 'base'?"),
        (("compare", store, "--kpi", "net_proft"), "did you mean 'net_profit'?"),
        (("replay", store, "--replication", 1, "--scenario", "wld"), "did you mean 'wild'?"),
        (("kpi", plant, "--plnt", "x"), "--plant"),
    ):
        said = tocfin(*words)
        assert (said.exit_code, said.stdout) == (2, "")
        assert near in said.stderr, words


class Screen(io.StringIO):
    """A stdout that says it is a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(("wish", "coloured"), [("", True), ("1", False)])
def test_a_terminal_is_coloured_unless_no_color_is_set(
    monkeypatch: pytest.MonkeyPatch, wish: str, coloured: bool
) -> None:
    screen = Screen()
    monkeypatch.setenv("NO_COLOR", wish)
    monkeypatch.setattr("sys.stdout", screen)
    grid = Grid("t", ("status",), (("missed",),))
    deliver(Page(lambda: {}, lambda: [], (), lambda: [grid]), "table")
    assert ("\x1b" in screen.getvalue()) is coloured
