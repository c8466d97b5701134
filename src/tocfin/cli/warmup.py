"""``tocfin warmup``: compile the kernels before they are needed."""

from __future__ import annotations

import click

from tocfin.cli import options
from tocfin.cli.ahead import LINE, PARTS, compiled
from tocfin.cli.talk import Talk, chatter


@click.command("warmup")
@click.argument("parts", nargs=-1, type=options.Word(tuple(PARTS)), metavar="[futures] [ordinary] [plans] [shops]")
@chatter
@click.pass_obj
def command(talk: Talk, parts: tuple[str, ...]) -> None:
    """Compile the kernels once per version, on several cores, and keep the machine code for later runs.

    Without arguments all of them: of KPIs and futures, of the futures of ordinary plants (no batches, nothing begun),
    of plans, and of job shops.

    Example: tocfin warmup
    """
    from time import perf_counter

    talk.say(LINE)
    begun = perf_counter()
    compiled(parts or tuple(PARTS))
    talk.say(f"ready after {perf_counter() - begun:.1f} s")
