"""``tocfin doctor``: is this installation sound?"""

from __future__ import annotations

import click

from tocfin.cli import options
from tocfin.cli.output import deliver
from tocfin.cli.talk import Talk, chatter


@click.command("doctor")
@options.form
@chatter
@click.pass_obj
def command(talk: Talk, /, form: str) -> int:
    """Say which versions are at work, where machine code is kept, and whether a self-test comes out right.

    The self-test takes some seconds: the example plant on one thread and on all, and a future without luck beside the
    plan. Exits with 1 where something is wrong.

    Example: tocfin doctor
    """
    from tocfin.forecast.health import examined
    from tocfin.report.health import page

    talk.forewarn()
    found = examined()
    deliver(page(found), form)
    return 0 if all(one.fine for one in found) else 1
