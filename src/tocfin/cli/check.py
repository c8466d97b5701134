"""``tocfin check``: every fault of a data set."""

from __future__ import annotations

from getpass import getuser
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tocfin.cli import options
from tocfin.cli.outcome import REFUSED
from tocfin.cli.output import deliver, vacant
from tocfin.cli.talk import Talk, chatter

if TYPE_CHECKING:
    from tocfin.dataset import Dataset


@click.command("check")
@options.dataset
@options.form
@click.option(
    "--annotate",
    type=click.Path(path_type=Path),
    metavar="FILE.xlsx",
    help="Also write a copy of the tables with every fault marked in its cell.",
)
@click.option("--set-aside", "reason", metavar="REASON", help="Move faulty rows and what depends on them aside.")
@click.option("--rejoin", is_flag=True, help="Put rows that were set aside, and mended, back where they stood.")
@click.option("--who", help="Who sets aside or puts back; your login when not given.")
@options.force
@chatter
@click.pass_context
def command(
    ctx: click.Context, dataset: Path, form: str, annotate: Path | None, reason: str | None, rejoin: bool,
    who: str | None, force: bool,
) -> None:  # fmt: skip
    """Find every fault of DATASET, by cell; exit with 2 when it cannot be used.

    Findings go to stderr in the form asked for; stdout has tables, rows and control totals when all is well.

    Example: tocfin check plant --annotate check.xlsx

    To close tonight and mend tomorrow: tocfin check plant --set-aside "row 118, asked the shop floor"
    """
    from tocfin.dataset.annotate import write_annotated
    from tocfin.report.findings import page

    talk: Talk = ctx.obj
    vacant(annotate, force)
    found = _revised(dataset, reason, rejoin, who)
    report = page(found)
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
    talk.advise(["kpi", dataset], "what the plan is worth")


def _revised(dataset: Path, reason: str | None, again: bool, who: str | None) -> Dataset:
    """The data set as it is, or after rows were set aside or put back."""
    from tocfin.dataset.setaside import rejoin, set_aside
    from tocfin.opening import read

    if reason is not None:
        return set_aside(dataset, reason, who or getuser(), read, rejoin=again)
    return rejoin(dataset, who or getuser(), read) if again else read(dataset)
