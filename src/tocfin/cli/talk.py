"""What is said on stderr, so that stdout carries data and nothing else."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import click

from tocfin.errors import Finding

F = TypeVar("F", bound=Callable[..., Any])


class Talk:
    """How much is said: -1 with ``-q`` (errors only), 0, 1 with ``-v`` (also what took how long).

    ``explains`` adds to findings what their rules mean.
    """

    def __init__(self, level: int = 0, *, explains: bool = False) -> None:
        self.level = level
        self.explains = explains

    def alarm(self, text: str) -> None:
        """Say what must be heard even under ``-q``."""
        click.echo(text, err=True)

    def say(self, text: str) -> None:
        """Say what the user should know."""
        if self.level >= 0:
            self.alarm(text)

    def detail(self, text: str) -> None:
        """Say what only a curious user asks for."""
        if self.level >= 1:
            self.alarm(text)

    def advise(self, words: Sequence[object], why: str = "") -> None:
        """Name the command to type next, ready to be copied into a shell."""
        self.say(advice(words, why))

    def findings(self, findings: Sequence[Finding]) -> None:
        """List findings, errors first; under ``-q`` only the errors."""
        from tocfin.report.findings import listing

        heard = [finding for finding in findings if self.level >= 0 or finding.grade == "error"]
        if heard:
            self.alarm(listing(heard))
        if heard and self.explains:
            from tocfin.report.rulebook import explanation

            self.alarm(f"\n{explanation(heard)}")

    def forewarn(self) -> None:
        """Say why the first run of a version takes longer, before it does."""
        from tocfin.kernels.compile import cache_folder

        folder = cache_folder()
        if folder is None or next(folder.rglob("*.nbi"), None) is None:
            self.say("compiling the kernels that are needed, once per version; this takes half a minute ...")


def advice(words: Sequence[object], why: str = "") -> str:
    """``next: tocfin check plant  # every fault by cell``: a line for a shell, with the program as it was called."""
    import shlex

    line = f"next: {shlex.join([_called(), *map(str, words)])}"
    return f"{line}  # {why}" if why else line


def _called() -> str:
    """How this program is called here: by its name where that is enough, else as it was."""
    import shutil
    from pathlib import Path

    given = sys.argv[0]
    if Path(given).name != "tocfin" or Path(shutil.which("tocfin") or "").resolve() == Path(given).resolve():
        return "tocfin"
    return given


def _louder(ctx: click.Context, param: click.Parameter, count: int) -> None:
    ctx.obj.level += count if param.name == "verbose" else -count


def _explaining(ctx: click.Context, param: click.Parameter, wanted: bool) -> None:
    ctx.obj.explains |= wanted


def chatter(command: F) -> F:
    """``-v``, ``-q`` and ``--explain``, on the group and on every command."""
    explain = click.option(
        "--explain", is_flag=True, expose_value=False, callback=_explaining,
        help="With every finding: what its rule means, and a row that is right.",
    )  # fmt: skip
    quiet = click.option(
        "-q", "--quiet", count=True, expose_value=False, callback=_louder, help="Say only what is wrong."
    )
    verbose = click.option("-v", "--verbose", count=True, expose_value=False, callback=_louder, help="Say more.")
    return verbose(quiet(explain(command)))
