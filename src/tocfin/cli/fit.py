"""``tocfin fit``: uncertainty from history."""

from __future__ import annotations

from pathlib import Path

import click

from tocfin.cli import options
from tocfin.cli.output import deliver, vacant
from tocfin.cli.talk import Talk, chatter


@click.command("fit")
@click.argument("source", type=click.Path(path_type=Path), metavar="DATASET|EVENTLOG")
@click.option("--out", required=True, type=click.Path(path_type=Path), help="File to write, e.g. uncertainty.toml.")
@click.option("--profile", help="Import profile of an event log: a shipped name or a .toml file.")
@click.option("--finance", type=click.Path(path_type=Path), help="TOML file with the calendars of an event log.")
@options.form
@options.force
@chatter
@click.pass_obj
def command(
    talk: Talk, /, source: Path, out: Path, profile: str | None, finance: Path | None, form: str, force: bool
) -> None:
    """Fit durations, common factors, breakdowns and scrap to the actual times of a data set or an event log.

    Prints each estimate with its standard error and goodness of fit; a scenario takes the file with
    [uncertainty] file = "uncertainty.toml". What there is too little history of is refused.

    Example: tocfin fit plant --out uncertainty.toml
    """
    from tocfin.report.fit import page
    from tocfin.scenarios.fit import fit

    vacant(out, force)
    talk.forewarn()
    found = fit(source, profile=profile, finance=finance)
    talk.findings(found.findings)
    found.write(out, force=force)
    deliver(page(found), form)
    talk.say(f'wrote {out}; a scenario takes it with [uncertainty] file = "{out.name}"')
