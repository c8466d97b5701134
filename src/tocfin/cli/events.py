"""``tocfin events``: what the shop floor reported, folded."""

from __future__ import annotations

from pathlib import Path

import click

from tocfin.cli import options
from tocfin.cli.output import deliver, opened, vacant
from tocfin.cli.talk import Talk, chatter


@click.command("events")
@options.dataset
@options.form
@click.option("--out", type=click.Path(path_type=Path), help="Also write the data set with the state of the work.")
@options.force
@chatter
@click.pass_obj
def command(talk: Talk, /, dataset: Path, form: str, out: Path | None, force: bool) -> None:
    """Fold the events of DATASET into actual amounts by period, whatever their order and however often they came.

    Shows for each kind of shop-floor event what it means for inventory and cost, what came late for a closed period,
    and events that land in no term. --out writes the data set with quantities, times and statuses as reported.

    Example: tocfin events plant --format csv
    """
    from dataclasses import replace

    from tocfin.dataset.saving import save
    from tocfin.events import Journal, fold
    from tocfin.events.state import applied
    from tocfin.report.events import page

    vacant(out, force)
    found = opened(dataset, talk)
    journal = Journal()
    journal.add(found.tables["events"])
    assert found.plan is not None  # noqa: S101  # a data set without errors has a plan
    deliver(page(fold(journal, found.tables, found.plan), found.plan.currency), form)
    if out is not None:
        save(replace(found, tables=applied(journal, found.tables)), out, force=force)
        talk.say(f"wrote {out}: the data set with the state of the work")
