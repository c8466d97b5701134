"""``tocfin merge``: block ranges made in different places become one run."""

from __future__ import annotations

from pathlib import Path

import click

from tocfin.cli.talk import Talk, chatter


@click.command("merge")
@click.argument("runs", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="RUN...")
@click.option("--out", required=True, type=click.Path(path_type=Path), help="Folder of the run that holds them all.")
@chatter
@click.pass_obj
def command(talk: Talk, /, runs: tuple[Path, ...], out: Path) -> None:
    """Join runs that `tocfin simulate --block-range` made of the same scenarios.

    Example: tocfin merge first.zarr second.zarr --out run.zarr
    """
    from tocfin.scenarios.store import merge

    with merge(runs, out) as found:
        talk.say(f"{out}: {found.replications().size:,} replications; {found.why_stopped or 'some blocks are missing'}")
