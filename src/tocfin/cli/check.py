"""``tocfin check``: every fault of a data set."""

from __future__ import annotations

from pathlib import Path

import click

from tocfin.cli import options
from tocfin.cli.outcome import REFUSED
from tocfin.cli.output import deliver, vacant
from tocfin.cli.talk import Talk, chatter


@click.command("check")
@options.dataset
@options.form
@click.option(
    "--annotate",
    type=click.Path(path_type=Path),
    metavar="FILE.xlsx",
    help="Also write a copy of the tables with every fault marked in its cell.",
)
@options.force
@chatter
@click.pass_context
def command(ctx: click.Context, dataset: Path, form: str, annotate: Path | None, force: bool) -> None:
    """Find every fault of DATASET, by cell; exit with 2 when it cannot be used.

    Findings go to stderr in the form asked for; stdout has the tables and their rows when all is well.

    Example: tocfin check plant --annotate check.xlsx
    """
    from tocfin.dataset.annotate import write_annotated
    from tocfin.opening import read
    from tocfin.report.findings import page

    talk: Talk = ctx.obj
    vacant(annotate, force)
    found = read(dataset)
    report = page(found.name, {name: table.height for name, table in found.tables.items()}, found.findings)
    if form in {"table", "md"}:
        talk.findings(found.findings)
    if found.ok:
        deliver(report, form)
    elif form in {"json", "csv"}:
        talk.alarm(report.text(form))
    if annotate is not None:
        write_annotated(found, annotate, force=force)
        talk.say(f"wrote {annotate}: open it, every fault is marked in its cell")
    if not found.ok:
        ctx.exit(REFUSED)
