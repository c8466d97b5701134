"""What is said on stderr, so that stdout carries data and nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import click

from tocfin.errors import Finding


@dataclass
class Talk:
    """How much is said: -1 with ``-q`` (errors only), 0, 1 with ``-v`` (also what took how long)."""

    level: int = 0

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

    def findings(self, findings: Sequence[Finding]) -> None:
        """List findings, errors first; under ``-q`` only the errors."""
        from tocfin.report.findings import listing

        heard = [finding for finding in findings if self.level >= 0 or finding.grade == "error"]
        if heard:
            self.alarm(listing(heard))

    def forewarn(self) -> None:
        """Say why the first run of a version takes longer, before it does."""
        from tocfin.kernels.compile import cache_folder

        folder = cache_folder()
        if folder is None or next(folder.rglob("*.nbi"), None) is None:
            self.say("compiling the kernels, once per version; this takes some 20 seconds ...")
