"""``tocfin state``: how far the work is as of an instant."""

from __future__ import annotations

from pathlib import Path

import click

from tocfin.catalogue import UNCONFIRMED
from tocfin.cli import options
from tocfin.cli.output import deliver, opened, vacant
from tocfin.cli.talk import Talk, chatter


@click.command("state")
@options.dataset
@click.option("--as-of", metavar="TIME", callback=options.instant, help="As of when; the plan's clock when not given.")
@click.option("--unconfirmed", type=options.Word(UNCONFIRMED), help="What becomes of work that is not confirmed.")
@options.form
@click.option("--out", type=click.Path(path_type=Path), help="Also write the data set with the times as of then.")
@options.force
@chatter
@click.pass_obj
def command(
    talk: Talk, /, dataset: Path, as_of: int | None, unconfirmed: str | None, form: str, out: Path | None, force: bool
) -> None:
    """Show how far the work of DATASET is, what is not confirmed, and what that is worth under either rule.

    What is done keeps its actual times, what has begun goes on with what is left of it, the rest follows. --out writes
    the data set with these times in place of the planned ones.

    Example: tocfin state plant --as-of 2026-06-15T12:00:00Z
    """
    from tocfin.dataset.saving import save
    from tocfin.model.progress import progress
    from tocfin.report.state import page
    from tocfin.unconfirmed import doubt

    vacant(out, force)
    found = progress(opened(dataset, talk), as_of, unconfirmed)  # type: ignore[arg-type]  # one of UNCONFIRMED
    talk.forewarn()
    deliver(page(found, doubt(found)), form)
    if out is not None:
        save(found.moved(), out, force=force)
        talk.say(f"wrote {out}: the data set as of then")
