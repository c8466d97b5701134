"""``tocfin init``: an example plant to start from."""

from __future__ import annotations

from pathlib import Path

import click

from tocfin.cli import options
from tocfin.cli.talk import Talk, chatter


@click.command("init")
@click.argument("target", metavar="DIR", type=click.Path(path_type=Path))
@click.option("--excel", is_flag=True, help="Write a workbook, with drop-downs and a data dictionary.")
@options.force
@chatter
@click.pass_obj
def command(talk: Talk, /, target: Path, excel: bool, force: bool) -> None:
    """Write an example plant that runs: a folder DIR of CSV files, or with --excel the workbook DIR/DIR.xlsx.

    A DIR that ends in .xlsx is the workbook itself.

    Example: tocfin init plant
    """
    from tocfin.dataset.saving import save
    from tocfin.examples import example_dataset

    if excel and target.suffix.lower() != ".xlsx":
        target = target / f"{target.name}.xlsx"
    place = save(example_dataset(), target, force=force)
    talk.say(f"wrote {place}; now try: tocfin check {place}, tocfin kpi {place}")
