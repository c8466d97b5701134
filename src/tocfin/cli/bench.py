"""``tocfin bench``: what simulating costs on this machine, beside its peers."""

from __future__ import annotations

import click

from tocfin.cli import options
from tocfin.cli.bench_instance import command as instance
from tocfin.cli.output import deliver
from tocfin.cli.talk import Talk, chatter


@click.group("bench", invoke_without_command=True)
@click.option("--quick", is_flag=True, help="A smaller plant, under a minute; else up to ten.")
@options.form
@chatter
@click.pass_context
def command(ctx: click.Context, /, quick: bool, form: str) -> None:
    """Measure what an activity costs in one simulated future: ours, SimPy's and NumPy's.

    Peers are measured where they are installed: pip install 'tocfin[bench]'.

    Example: tocfin bench --quick
    """
    if ctx.invoked_subcommand is not None:
        return
    talk: Talk = ctx.obj
    from tocfin.bench.table import FULL, QUICK, rows
    from tocfin.report.speed import page

    talk.forewarn()
    deliver(page(rows(QUICK if quick else FULL, talk.say)), form)


command.add_command(instance)
