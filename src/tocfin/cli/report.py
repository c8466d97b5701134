"""``tocfin report``: everything about a plan in one file."""

from __future__ import annotations

from pathlib import Path

import click

from tocfin.cli import options
from tocfin.cli.output import vacant
from tocfin.cli.talk import Talk, chatter


@click.command("report")
@click.argument("sources", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="SOURCE...")
@click.option(
    "--out", required=True, type=click.Path(path_type=Path),
    help="What to write: NAME.html, NAME.xlsx, NAME.json, or a folder of Parquet files.",
)  # fmt: skip
@options.futures
@options.seed
@options.policy
@options.force
@chatter
@click.pass_obj
def command(
    talk: Talk,
    /,
    sources: tuple[Path, ...],
    out: Path,
    replications: int,
    seed: int | None,
    policy: str | None,
    force: bool,
) -> None:
    """Write a report about the first SOURCE (a scenario file or a data set), with the other scenarios beside it.

    The same figures, rounded once, whatever the form: one HTML file that works offline, a workbook, JSON, or Parquet
    tables for other tools.

    Example: tocfin report scenarios/base.toml scenarios/overtime.toml --out june.html
    """  # fmt: skip
    from tocfin.forecast.dossier import dossier
    from tocfin.report.bound import bound

    vacant(out, force)
    talk.forewarn()
    found = dossier(sources, replications=replications, policy=policy, seed=seed)
    talk.findings(found.card.findings)
    bound(found, out, force=force)
    talk.say(f"wrote {out}")
