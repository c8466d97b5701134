"""``tocfin bench``: what simulating costs on this machine, beside its peers."""

from __future__ import annotations

import click

from tocfin.cli import options
from tocfin.cli.output import deliver
from tocfin.cli.talk import Talk, chatter


@click.command("bench")
@click.option("--quick", is_flag=True, help="A smaller plant, under a minute; else up to ten.")
@options.form
@chatter
@click.pass_obj
def command(talk: Talk, /, quick: bool, form: str) -> None:
    """Measure what an activity costs in one simulated future: ours, SimPy's and NumPy's.

    Peers are measured where they are installed: pip install 'tocfin[bench]'.

    Example: tocfin bench --quick
    """
    from tocfin.bench.table import FULL, QUICK, rows
    from tocfin.report.speed import page

    talk.forewarn()
    deliver(page(rows(QUICK if quick else FULL, talk.say)), form)
