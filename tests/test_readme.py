"""README.md is true: its commands and its Python run, in one folder, in the order they stand there."""

import re
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner

from tocfin.cli import COMMANDS, main

README = (Path(__file__).parents[1] / "README.md").read_text("utf-8")
MAKEFILE = (Path(__file__).parents[1] / "Makefile").read_text("utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", README, re.DOTALL | re.MULTILINE)


def test_commands_and_python_of_the_readme_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    commands = [line.removeprefix("$ ") for block in blocks("console") for line in block.splitlines()]
    for command in commands:
        name, *words = shlex.split(command)
        shown = CliRunner().invoke(main, words)
        assert name == "tocfin"
        assert shown.exit_code == 0, f"{command}\n{shown.stderr}"
    for block in blocks("python"):
        exec(compile(block, "README.md", "exec"), {})  # noqa: S102  # running the page is the test
    assert "reconciled" in capsys.readouterr().out
    assert len(commands) >= 5


def test_the_readme_names_only_commands_and_make_targets_that_exist() -> None:
    assert set(re.findall(r"(?:`|\$ )tocfin ([a-z]+)", README)) <= set(COMMANDS)
    targets = re.findall(r"(?:^|`)make ([a-z]+)", README, re.MULTILINE)
    assert len(targets) >= 4
    assert all(f"\n{target}:" in MAKEFILE for target in targets)
