"""``tocfin demo``: the example plant's scorecard, with no files involved."""

from __future__ import annotations

import click

from tocfin.cli import options
from tocfin.cli.output import deliver
from tocfin.cli.talk import Talk, chatter


@click.command("demo")
@options.policy
@options.by
@options.form
@chatter
@click.pass_obj
def command(talk: Talk, /, policy: str | None, by: str | None, form: str) -> None:
    """Print the scorecard of the example plant: two sites, 400 jobs, five weeks.

    Example: tocfin demo --by plant
    """
    from tocfin.examples import example_dataset
    from tocfin.measure import measure
    from tocfin.report.scorecard import page

    talk.forewarn()
    card = measure(example_dataset(), policy=policy, by=by)
    deliver(page(card), form)
