"""``tocfin buffers``: what is about to run out of its protection."""

from __future__ import annotations

from pathlib import Path

import click

from tocfin.cli import options
from tocfin.cli.output import deliver, opened, vacant
from tocfin.cli.talk import Talk, chatter


@click.command("buffers")
@options.dataset
@options.policy
@options.form
@options.out
@options.force
@chatter
@click.pass_obj
def command(talk: Talk, /, dataset: Path, policy: str | None, form: str, out: Path | None, force: bool) -> None:
    """Show how much of each buffer is used up, now and by the plan, with the throughput at stake, worst first.

    The table buffers says what protects a drum (hours), a plant's shipping (hours) or an item (quantity). Also the
    planned load of each drum with the earliest date to promise, and dollar days.

    Example: tocfin buffers plant
    """
    from tocfin.forecast.buffers import buffer_lines, inventory_dollar_days, planned_loads
    from tocfin.measure import measure
    from tocfin.report.buffers import page

    vacant(out, force)
    found = opened(dataset, talk)
    card = measure(found, policy=policy)
    lines, loads = buffer_lines(found, policy=policy), planned_loads(found)
    deliver(page(card, lines, loads, inventory_dollar_days(found, policy=policy)), form, out, force=force)
