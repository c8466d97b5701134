"""``tocfin assumptions``: what was supplied or derived, and what it does to net profit."""

from __future__ import annotations

from pathlib import Path

import click

from tocfin.cli import options
from tocfin.cli.output import deliver, opened, vacant
from tocfin.cli.talk import Talk, chatter


@click.command("assumptions")
@options.dataset
@options.policy
@options.form
@options.out
@options.force
@chatter
@click.pass_obj
def command(talk: Talk, /, dataset: Path, policy: str | None, form: str, out: Path | None, force: bool) -> None:
    """List every value of DATASET that its source did not hold: what, from where, who, when, and its weight.

    The last columns say how net profit changes when the value is 10 % lower or higher. Costs that the declared basis
    of costs counts twice are told with their money.

    Example: tocfin assumptions plant --format csv
    """
    from tocfin.assumptions import register
    from tocfin.report.assumptions import page

    vacant(out, force)
    found = opened(dataset, talk)
    talk.forewarn()
    deliver(page(register(found, policy=policy)), form, out, force=force)
