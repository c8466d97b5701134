"""``tocfin report``: everything about a plan in one file."""

from __future__ import annotations

from pathlib import Path

import click

from tocfin.cli import options
from tocfin.cli.output import deliver, vacant
from tocfin.cli.talk import Talk, chatter


@click.command("report")
@click.argument("sources", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="SOURCE...")
@click.option(
    "--out", type=click.Path(path_type=Path),
    help="What to write: NAME.html, .xlsx, .json, .csv, .md, .txt, or a folder of Parquet files; else it is printed.",
)  # fmt: skip
@options.futures
@options.seed
@options.policy
@options.form
@options.force
@chatter
@click.pass_obj
def command(
    talk: Talk,
    /,
    sources: tuple[Path, ...],
    out: Path | None,
    form: str,
    replications: int,
    seed: int | None,
    policy: str | None,
    force: bool,
) -> None:
    """Write a report about the first SOURCE (a scenario file or a data set), with the other scenarios beside it.

    The same figures, rounded once, whatever the form: one HTML file that works offline, a workbook, JSON, CSV, a star
    of Parquet tables for other tools; without --out they are printed.

    Example: tocfin report scenarios/base.toml scenarios/overtime.toml --out june.html
    """  # fmt: skip
    from tocfin.forecast.dossier import dossier
    from tocfin.report.bound import bound, page
    from tocfin.report.sections import booklet

    vacant(out, force)
    talk.forewarn()
    found = dossier(sources, replications=replications, policy=policy, seed=seed)
    talk.findings(found.card.findings)
    if out is None:
        deliver(page(booklet(found)), form)
        return
    bound(found, out, force=force)
    talk.say(f"wrote {out}; open {out}")
