"""``tocfin mix``: which products, and how many of each, when the constraint cannot make them all."""

from __future__ import annotations

from pathlib import Path

import click

from tocfin.cli import options
from tocfin.cli.output import deliver, opened
from tocfin.cli.talk import Talk, chatter


@click.command("mix")
@options.dataset
@options.seconds
@options.form
@chatter
@click.pass_obj
def command(talk: Talk, /, dataset: Path, seconds: float, form: str) -> None:
    """Find the product mix with the most net profit inside the horizon, beside the throughput ranking's answer.

    Example: tocfin mix plant
    """
    from tocfin.report.mix import page
    from tocfin.reschedule.mix import from_dataset

    found = opened(dataset, talk)
    currency = found.plan.currency if found.plan else ""
    deliver(page(from_dataset(found, seconds), currency), form)
